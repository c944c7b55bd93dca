"""The examples that each rule carries are true: they are its documentation and its tests."""

from __future__ import annotations

import ast
import tomllib

import pytest

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check import jobs
from titan_lint.check.fix import fix
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.finding import Applicability
from titan_lint.uses.options import Around, Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.rules.base import Example, Rule

CODES = [code for code in rules.names() if code != "TTN901"]


def examples(kind: str) -> list[object]:
    return [
        pytest.param(rules.rule(code), example, id=f"{code}-{index}-{example.about[:30]}")
        for code in CODES
        for index, example in enumerate(getattr(rules.rule(code), kind))
    ]


def run(rule: Rule, example: Example, text: str, *, unsafe: bool, codes: list[str] | None = None):
    if rule.reads != ".py":
        return jobs.fix(
            Source(f"example{rule.reads}", text),
            codes=codes or CODES,
            targets=targets.parse_all(example.torchtitan.split()),
            around=Around(),
            unsafe=unsafe,
        )
    return fix(
        Source("example.py", text),
        codes=codes or CODES,
        targets=targets.parse_all(example.torchtitan.split()),
        options=Options(written_for=example.written_for),
        unsafe=unsafe,
    )


def findings(rule: Rule, example: Example):
    where = targets.parse_all(example.torchtitan.split())
    if rule.reads != ".py":
        source = Source(f"example{rule.reads}", example.code)
        linted = jobs.lint(source, codes=CODES, targets=where, around=Around())
    else:
        source = Source("example.py", example.code)
        options = Options(written_for=example.written_for)
        linted = lint(source, codes=CODES, targets=where, options=options)
    assert not linted.failures
    return linted.findings


@pytest.mark.parametrize(("rule", "example"), examples("bad"))
def test_bad_example_is_flagged(rule: Rule, example: Example) -> None:
    found = [f for f in findings(rule, example) if f.code == rule.code]
    assert found
    assert all(f.said for f in found)


@pytest.mark.parametrize(("rule", "example"), examples("good"))
def test_good_example_is_left_alone(rule: Rule, example: Example) -> None:
    assert [f.said for f in findings(rule, example) if f.code == rule.code] == []


@pytest.mark.parametrize(("rule", "example"), examples("bad"))
def test_fix_makes_what_the_example_says(rule: Rule, example: Example) -> None:
    if example.fixed is None:
        assert all(f.fix is None for f in findings(rule, example) if f.code == rule.code)
        return
    fixed = run(rule, example, example.code, unsafe=True)
    assert fixed.refused is None
    assert fixed.source.text == example.fixed
    if rule.reads != ".sh":
        (tomllib.loads if rule.reads == ".toml" else ast.parse)(fixed.source.text)


@pytest.mark.parametrize(("rule", "example"), examples("bad"))
def test_safe_fixes_are_applied_without_asking(rule: Rule, example: Example) -> None:
    if example.fixed is None:
        return
    fixed = run(rule, example, example.code, unsafe=False, codes=[rule.code])
    if example.safe:
        assert fixed.source.text != example.code
    else:
        assert fixed.source.text == example.code
        offered = [f for f in findings(rule, example) if f.code == rule.code and f.fix]
        assert any(f.fix and f.fix.applicability is Applicability.UNSAFE for f in offered)


@pytest.mark.parametrize(("rule", "example"), examples("bad"))
def test_fixing_twice_changes_nothing_more(rule: Rule, example: Example) -> None:
    once = run(rule, example, example.code, unsafe=True).source.text
    twice = run(rule, example, once, unsafe=True)
    assert twice.source.text == once
    assert not twice.fixed


@pytest.mark.parametrize(("rule", "example"), examples("bad"))
@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_fix_keeps_line_endings(rule: Rule, example: Example, ending: str) -> None:
    if example.fixed is None or (rule.reads != ".py" and ending == "\r"):
        return  # Neither TOML nor shell has such a line ending.
    fixed = run(rule, example, example.code.replace("\n", ending), unsafe=True)
    assert fixed.source.text == example.fixed.replace("\n", ending)


def test_every_rule_documents_itself() -> None:
    for code in rules.names():
        rule = rules.rule(code)
        doc = type(rule).__doc__ or ""
        for section in ("## What it does", "## Why is this bad?", "## Fix safety"):
            assert section in doc, f"{code} lacks {section}"
        assert rule.bad, f"{code} has no bad example"
        assert rule.good, f"{code} has no good example"
