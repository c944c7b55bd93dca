"""What spares files the full check never hides a finding from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.robustness.command import CALL, HIT, IMPORT, ROOT
from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.lint import lint, lint_program
from titan_lint.check.suppress import suppress
from titan_lint.code.program import Program
from titan_lint.code.screen import may_match
from titan_lint.code.source import Source, SourceError
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.finding import Finding

CODES = tuple(rules.names())
RUN = [code for code in CODES if code != "TTN901"]


def screened(data: bytes) -> list[Finding]:
    """The findings as a run makes them."""
    if not may_match(data, CODES):
        return []
    source = Source.decode("x.py", data)
    found = lint(source, codes=CODES, targets=targets.parse("0.3.0"), options=Options())
    return suppress(source, found.findings, CODES)


def unscreened(data: bytes) -> list[Finding]:
    """The findings when every rule looks at every file."""
    source = Source.decode("x.py", data)
    program = Program(source)
    program.__dict__["mentions_torchtitan"] = True
    found = lint_program(program, codes=CODES, targets=targets.parse("0.3.0"), options=Options())
    return suppress(source, found.findings, CODES)


def same(data: bytes) -> int:
    try:
        expected = unscreened(data)
    except SourceError:
        return 0
    assert screened(data) == expected
    return len(expected)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "fixtures").rglob("*.py")), ids=lambda path: path.name
)
def test_fixtures_give_the_same_findings_unscreened(path: Path) -> None:
    same(path.read_bytes())


def test_our_own_code_gives_the_same_findings_unscreened() -> None:
    for path in sorted((ROOT / "titan_lint" / "run").glob("*.py")):
        same(path.read_bytes())


LINES = st.sampled_from(
    [
        *(IMPORT, CALL, "import torchtitan", "import torchtitan.models as m", "from . import x"),
        *("import importlib", "m = importlib.import_module('torchtitan.models.llama3')"),
        *("m.model_registry('8B_varlen')", "m.llama3.model_registry('8B_varlen')"),
        *(
            "'''torchtitan'''",
            "# torchtitan",
            "x = 1  # noqa: TTN105",
            "x = 1  # noqa",
            "# noqa: ttn101",
        ),
        *("name = 'torchtitan'", "m = importlib.import_module(f'{name}.models.llama3')"),
        *("def f(c): return model_registry(c.flavor), masks(attn_type=c.attn_type)", "x = 'ATTN'"),
    ]
)


@settings(max_examples=150)
@given(st.lists(LINES, max_size=8))
def test_mixed_lines_give_the_same_findings_unscreened(lines: list[str]) -> None:
    same("\n".join(lines).encode())


def test_a_name_that_is_put_together_from_parts_is_not_seen() -> None:
    """As docs/not-seen.md says: no file is parsed that has the word nowhere, and has nothing of it from others."""
    text = "import importlib\nm = importlib.import_module('torch' + 'titan.models.llama3')\n"
    data = f"{text}m.model_registry('8B_varlen')\n".encode()
    assert len(unscreened(data)) == 1
    assert screened(data) == []


def test_there_is_something_to_hide() -> None:
    assert same(HIT.encode()) > 0
    assert same(b"x = 1  # noqa: TTN105\n") == 1
