"""Annotations that name a type by another name of the file's own."""

from __future__ import annotations

import pytest

from tests.rules.cases import messages

BASE = """\
from typing import Optional, TypeVar, Union
from torchtitan.trainer import Trainer

"""


@pytest.mark.parametrize(
    ("setup", "kind"),
    [
        ("Kind = Union[Trainer, None]", "Kind"),
        ("Kind = Trainer | None", "Kind"),
        ("Kind = Optional[Trainer]", "Kind"),
        ("Kind = Trainer | None\nOther = Kind | None", "Other"),
        ("Kind = list[Trainer]", "Kind"),
        ("Kind = TypeVar('Kind', bound=Trainer)", "Kind"),
        ("Kind = TypeVar('Kind', bound='Trainer')", "Kind"),
    ],
)
def test_a_type_goes_by_another_name(setup: str, kind: str) -> None:
    read = "x[0]" if "list" in setup else "x"
    text = f"{BASE}{setup}\ndef run(x: {kind}):\n    return {read}.job_config\n"
    assert len(messages("TTN203", text)) == 1


@pytest.mark.parametrize(
    "setup",
    [
        "Kind = Union[Trainer, Other]",
        "Kind = TypeVar('Kind')",
        "Kind = TypeVar('Kind', Trainer, int)",
        "Kind = make('Kind', bound=Trainer)",
        "Kind = Trainer | None\nif other: Kind = Other",
        "Kind = Kind | None",
        "def one():\n    global Kind, Other\n    Kind = Other | None\n    Other = Kind | None",
    ],
)
def test_another_name_that_may_be_another_type_is_left_alone(setup: str) -> None:
    assert messages("TTN203", f"{BASE}{setup}\ndef run(x: Kind):\n    return x.job_config\n") == []
