"""The fixtures: clean ones stay unreported, engines are flagged, fixed, and then stay as they are."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.rules.cases import ATTENTION, ERRORS
from titan_lint.api import targets
from titan_lint.check.fix import fix
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.finding import Severity
from titan_lint.uses.options import Options

FIXTURES = Path(__file__).parents[2] / "fixtures"
CLEAN = sorted((FIXTURES / "clean").glob("*.py"))
# Those that lose the attention choice; engines of other eras have files of tests of their own.
ENGINES = sorted(
    p
    for p in (FIXTURES / "engines").glob("*.py")
    if not p.name.startswith("era_") and p.name != "engine_parts.py"
)
# What is left once fixed: a config that comes as a parameter cannot be traced to its call.
EXPLAINED = {"annotated_parameter.py": {"TTN103"}}


def read(path: Path) -> Source:
    return Source.decode(str(path), path.read_bytes())


def codes(source: Source, torchtitan: str, *, above_info: bool = True) -> set[str]:
    linted = lint(source, codes=ATTENTION, targets=targets.parse(torchtitan), options=Options())
    assert not linted.failures
    return {f.code for f in linted.findings if not above_info or f.severity is not Severity.INFO}


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.name)
def test_clean_fixture_stays_unreported(path: Path) -> None:
    assert codes(read(path), "0.3.0", above_info=False) == set()


def test_project_pinned_to_0_2_2_is_clean_there() -> None:
    path = FIXTURES / "clean" / "pinned_to_0_2_2" / "engine.py"
    assert codes(read(path), "0.2.2", above_info=False) == set()


@pytest.mark.parametrize("path", ENGINES, ids=lambda path: path.name)
def test_engine_is_flagged_fixed_and_then_right(path: Path) -> None:
    before = read(path)
    assert codes(before, "0.3.0") & set(ERRORS)
    fixed = fix(
        before, codes=ATTENTION, targets=targets.parse("0.3.0"), options=Options(), unsafe=False
    )
    assert fixed.refused is None
    ast.parse(fixed.source.text)
    assert "attn_backend=" in fixed.source.text
    assert codes(fixed.source, "0.3.0") == EXPLAINED.get(path.name, set())
    again = fix(
        fixed.source,
        codes=ATTENTION,
        targets=targets.parse("0.3.0"),
        options=Options(),
        unsafe=True,
    )
    assert again.source.text == fixed.source.text


@pytest.mark.parametrize("path", ENGINES, ids=lambda path: path.name)
@pytest.mark.parametrize("day", ["2026-02-23", "2026-03-15", "2026-03-30"])
def test_paths_were_right_while_configs_had_them(path: Path, day: str) -> None:
    assert codes(read(path), day) & {"TTN101", "TTN102", "TTN103", "TTN105"} == set()


@pytest.mark.parametrize("path", ENGINES, ids=lambda path: path.name)
def test_fixed_engine_is_right_at_later_targets_too(path: Path) -> None:
    fixed = fix(
        read(path), codes=ATTENTION, targets=targets.parse("0.3.0"), options=Options(), unsafe=False
    )
    for day in ("2026-05-01", "2026-06-10", "main"):
        left = codes(fixed.source, day) - EXPLAINED.get(path.name, set())
        assert left - ({"TTN106"} if path.name == "gpt_oss.py" else set()) == set(), day
