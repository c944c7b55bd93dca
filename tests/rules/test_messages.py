"""Messages: one sentence that says what is wrong, with notes and help behind it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.changes.test_drift_rows import ROWS
from tests.packages import unpacked
from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check import jobs
from titan_lint.check.lint import lint
from titan_lint.code.source import Source, SourceError
from titan_lint.rules import words
from titan_lint.uses.options import Around, Options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from titan_lint.finding import Finding

FIXTURES = Path(__file__).parents[2] / "fixtures"
TARGETS = ("0.2.0", "0.3.0", "2026-04-18")


def findings(text: str, target: str, written_for: str | None = None) -> list[Finding]:
    try:
        linted = lint(
            Source("case.py", text),
            codes=tuple(rules.names()),
            targets=targets.parse_all(target.split()),
            options=Options(written_for=written_for),
        )
    except SourceError:
        return []
    return linted.findings


def in_job(text: str, target: str, ending: str) -> list[Finding]:
    return jobs.lint(
        Source(f"job{ending}", text),
        codes=tuple(rules.names()),
        targets=targets.parse_all(target.split()),
        around=Around(),
    ).findings


def in_tree(tree: Path) -> Iterable[Finding]:
    for path in sorted(tree.rglob("*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "torchtitan" in text:
            for target in TARGETS:
                yield from findings(text, target)


def hold(found: Iterable[Finding]) -> set[str]:
    """Hold each finding to its form; the rules that were seen."""
    seen: set[str] = set()
    for finding in found:
        seen.add(finding.code)
        message = finding.message
        assert len(message) <= words.LONGEST, message
        assert message.isprintable()
        outside = re.sub(r"`[^`]*`|'[^']*'", "", message)
        assert not outside.endswith("."), message
        assert "; " not in outside, message
        for kind, text in finding.details:
            assert text.isprintable(), text
            assert not text.endswith("."), text
            assert kind == "note" or text[0].isupper(), text
        if finding.fix is None and finding.severity == "error":
            assert finding.notes or finding.help, message
    return seen


def test_messages_of_fixtures_are_one_short_sentence() -> None:
    assert len(hold(in_tree(FIXTURES))) > 10


@pytest.mark.network
def test_messages_of_verl_are_one_short_sentence() -> None:
    assert "TTN102" in hold(in_tree(unpacked("verl", "0.7.1")))


def test_messages_of_every_rule_and_change_are_one_short_sentence() -> None:
    seen = hold(
        finding for row in ROWS for finding in findings(row.code, row.torchtitan, row.written_for)
    )
    for code in rules.names():
        for example in rules.rule(code).bad:
            if rules.is_of_jobs(code):
                ending = rules.rule(code).reads
                seen |= hold(in_job(example.code, example.torchtitan, ending))
            else:
                seen |= hold(findings(example.code, example.torchtitan, example.written_for))
    # Comments that suppress nothing are told by what comes after the rules.
    assert seen == set(rules.names()) - {"TTN901"}


def test_long_code_loses_its_middle() -> None:
    assert words.short("a" * 30) == "a" * 30
    text = words.short("begin" + "x" * 200 + "end")
    assert len(text) <= 56
    assert text.startswith("begin")
    assert text.endswith("end")
    assert "…" in text


def test_of_many_names_the_first_ones_are_given() -> None:
    assert words.naming("it takes", ["one", "two"], "now") == "it takes `one`, `two` now"
    many = [f"parameter_{n}" for n in range(9)]
    text = words.naming("it takes no", many, "at torchtitan 0.3.0")
    assert text.endswith("`parameter_4` and 4 more at torchtitan 0.3.0")
    assert len(text) <= words.LONGEST
    assert words.naming("it has", ["x" * 200, "y"], "now") == f"it has `{'x' * 200}` and 1 more now"
