"""Packages that have attention backends and layers of their own, and nothing of torchtitan's."""

from __future__ import annotations

import pytest

from tests.packages import unpacked
from tests.rules.cases import ATTENTION
from titan_lint.api import targets
from titan_lint.check.lint import lint_program
from titan_lint.code.program import Program
from titan_lint.code.screen import may_match
from titan_lint.code.source import Source, SourceError
from titan_lint.uses.options import Options

pytestmark = pytest.mark.network


@pytest.mark.parametrize(
    "name",
    ["transformers", "diffusers", pytest.param("sglang", marks=pytest.mark.slow), "peft"],
)
def test_nothing_is_reported(name: str) -> None:
    """Screening aside: every file that mentions attention or registries is looked at."""
    asked = 0
    for path in sorted(unpacked(name).rglob("*.py")):
        data = path.read_bytes()
        words = (b"attn_backend", b"attn_type", b"model_registry", b"torchtitan")
        if not may_match(data, ATTENTION) and not any(word in data for word in words):
            continue
        try:
            program = Program(Source.decode(str(path), data))
        except SourceError:
            continue
        asked += 1
        linted = lint_program(
            program,
            codes=[*ATTENTION, "TTN301", "TTN302", "TTN303", "TTN304", "TTN401"],
            targets=targets.parse("0.3.0"),
            options=Options(),
            package="a.package",
        )
        assert not linted.failures, path
        assert [f.message for f in linted.findings] == [], path
    assert asked > 0 or name == "peft"
