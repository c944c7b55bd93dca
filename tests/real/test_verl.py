"""verl as published: the release with the bug, and the one in which its maintainers fixed it."""

from __future__ import annotations

import ast
import difflib
from pathlib import Path

import pytest

from tests.packages import unpacked
from tests.rules.cases import ATTENTION, ERRORS
from titan_lint.api import targets
from titan_lint.check.fix import Fixed, fix
from titan_lint.check.lint import lint
from titan_lint.code.source import Source, SourceError
from titan_lint.finding import Finding, Severity
from titan_lint.uses.options import Options

pytestmark = pytest.mark.network

ENGINE = "verl/workers/engine/torchtitan/transformer_impl.py"


def read(path: Path) -> Source:
    return Source.decode(str(path), path.read_bytes())


def findings(source: Source) -> list[Finding]:
    try:
        linted = lint(source, codes=ATTENTION, targets=targets.parse("0.3.0"), options=Options())
    except SourceError:
        return []
    assert not linted.failures
    return linted.findings


def fixed(source: Source) -> Fixed:
    return fix(source, codes=ATTENTION, targets=targets.parse("0.3.0"), options=Options())


@pytest.fixture(scope="module")
def engine() -> Source:
    return read(unpacked("verl", "0.7.1") / ENGINE)


@pytest.fixture(scope="module")
def theirs() -> Source:
    return read(unpacked("verl", "0.8.0") / ENGINE)


def test_the_three_places_are_found(engine: Source) -> None:
    places = [(f.code, engine.line_of(f.span.start)) for f in findings(engine)]
    assert places == [("TTN101", 110), ("TTN103", 114), ("TTN102", 599)]


def test_nothing_else_in_the_package_is_reported_above_info(engine: Source) -> None:
    root = unpacked("verl", "0.7.1")
    asked = 0
    for path in sorted(root.rglob("*.py")):
        if path == Path(engine.path):
            continue
        asked += 1
        loud = [f for f in findings(read(path)) if f.severity is not Severity.INFO]
        assert loud == [], path
    assert asked > 300


def test_safe_fixes_mend_all_three(engine: Source) -> None:
    result = fixed(engine)
    assert result.refused is None
    text = result.source.text
    ast.parse(text)
    assert "model_registry(torchtitan_flavor, attn_backend=self.engine_config.attn_type)" in text
    assert "layer.attention" not in text
    assert "attn_type = self.engine_config.attn_type\n" in text
    assert not [f for f in result.remaining if f.code in ERRORS]


def test_a_second_run_changes_nothing(engine: Source) -> None:
    once = fixed(engine).source
    again = fixed(once)
    assert again.source.text == once.text
    assert not again.fixed


def hunks(before: str, after: str) -> list[tuple[list[str], list[str]]]:
    """The lines taken out and put in, hunk by hunk."""
    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [(old[a:b], new[c:d]) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal"]


def test_the_hunks_are_those_of_verls_maintainers(engine: Source, theirs: Source) -> None:
    mine = hunks(engine.text, fixed(engine).source.text)
    lines = theirs.text.splitlines()
    assert len(mine) >= 2
    for gone, new in mine:
        # What is put in stands in 0.8.0 as it is, and what is taken out is gone there.
        for line in new:
            assert line in lines
        for line in gone:
            if line.strip() and line.strip() not in {"attn_type = self.engine_config.attn_type"}:
                assert line not in lines or line in new, line


def test_the_fixed_release_is_clean() -> None:
    root = unpacked("verl", "0.8.0")
    asked = 0
    for path in sorted(root.rglob("*.py")):
        asked += 1
        assert [f for f in findings(read(path)) if f.code in ERRORS] == [], path
    assert asked > 300
