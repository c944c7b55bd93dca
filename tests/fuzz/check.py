"""What must hold for any source: no crash, Python comes out, and only the edits change anything."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.fix import apply, choose, fix
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from random import Random

# TTN901 is made by the suppressions, which are not fuzzed here, and job configs are no Python.
CODES = tuple(code for code in rules.names() if code != "TTN901" and not rules.is_of_jobs(code))
FIXTURES = Path(__file__).parents[2] / "fixtures"
TARGETS = ["0.3.0", "0.3.0", "0.3.0", "0.2.2", "main", "2026-03-15", "2026-05-01", "2026-06-10"]


def seeds() -> list[str]:
    """The sources to start from: the fixtures, and what the rules show as bad."""
    texts = [
        path.read_text("utf-8")
        for folder in ("engines", "clean", "explained")
        for path in sorted((FIXTURES / folder).glob("*.py"))
    ]
    texts += [example.code for code in CODES for example in rules.rule(code).bad]
    return texts


def check(text: str, random: Random) -> Counter[str]:
    """Lint and fix ``text`` in a random way.

    Returns:
        Counts of what was seen.

    Raises:
        AssertionError: Something that must hold does not.
    """
    counts: Counter[str] = Counter(cases=1)
    chosen = targets.parse(random.choice(TARGETS))
    options = Options(legacy_guard=random.random() < 0.2)
    unsafe = random.random() < 0.5
    ending = random.choice(["\n", "\n", "\n", "\r\n", "\r"])
    if random.random() < 0.1:
        text = text.rstrip("\n")
    source = Source("fuzzed.py", text.replace("\n", ending))
    linted = lint(source, codes=CODES, targets=chosen, options=options)
    assert not linted.failures, linted.failures
    counts["findings"] = len(linted.findings)
    for finding in linted.findings:
        assert 0 <= finding.span.start < finding.span.end <= len(source.text)
    _, edits = choose(linted.findings, [], unsafe=unsafe)
    if edits:
        counts["fixed"] = 1
        after = apply(source.text, edits)
        _same_outside(source, after, [(e.start, e.end) for e in edits])
    result = fix(source, codes=CODES, targets=chosen, options=options, unsafe=unsafe)
    assert result.refused is None, result.refused
    assert not result.failures, result.failures
    ast.parse(result.source.text)
    again = fix(result.source, codes=CODES, targets=chosen, options=options, unsafe=unsafe)
    assert again.source.text == result.source.text, "a second fix changes the file"
    return counts


def _same_outside(source: Source, after: str, edits: list[tuple[int, int]]) -> None:
    """Every statement that no edit touches is there afterwards, as it was."""
    before = Counter(
        ast.dump(node)
        for node in _leaves(ast.parse(source.text))
        if not any(_touches(source, node, start, end) for start, end in edits)
    )
    now = Counter(ast.dump(node) for node in _leaves(ast.parse(after)))
    assert not before - now, "a statement outside the edits changed"


def _leaves(tree: ast.Module) -> list[ast.stmt]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        and not hasattr(node, "body")
        and not isinstance(node, ast.Match)
    ]


def _touches(source: Source, node: ast.stmt, start: int, end: int) -> bool:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    first = source.offset(node.lineno, node.col_offset)
    last = source.offset(node.end_lineno, node.end_col_offset)
    return start <= last and first <= end
