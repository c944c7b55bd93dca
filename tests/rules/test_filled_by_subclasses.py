"""Class attributes that a base class declares and its subclasses fill."""

from __future__ import annotations

import pytest

from tests.rules.cases import messages

BASE = """\
from typing import Any, Callable
from torchtitan.models.qwen3 import model_registry as registry

"""
FILLED = """\
class Engine:
    registry: {declared}
    flavor = {flavor}

    def build(self):
        return self.registry(self.flavor, attn_backend="flex")


class Qwen(Engine):
    registry = {registry}
"""


@pytest.mark.parametrize(
    "declared", ["Callable", "Callable[..., Any]", "Any", "'Callable'", "object"]
)
def test_what_a_subclass_puts_in_the_place_of_a_declaration_is_called(declared: str) -> None:
    made = FILLED.format(declared=declared, flavor="'9B'", registry="staticmethod(registry)")
    assert len(messages("TTN402", BASE + made)) == 1


@pytest.mark.parametrize(
    ("flavor", "filled"),
    [
        ("'8B'", "staticmethod(registry)"),
        ("'9B'", "staticmethod(other)"),
        ("other", "staticmethod(registry)"),
        ("'9B'", "staticmethod(registry) if other else staticmethod(other)"),
    ],
)
def test_what_a_subclass_may_put_there_is_not_judged(flavor: str, filled: str) -> None:
    made = FILLED.format(declared="Callable", flavor=flavor, registry=filled)
    assert messages("TTN402", BASE + made) == []
