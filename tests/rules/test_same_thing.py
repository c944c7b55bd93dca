"""Findings are the same by their key, fixes share an edit that says it is an import; texts decide nothing."""

from __future__ import annotations

import pytest

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.all_targets import withhold
from titan_lint.check.fix import choose
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.finding import Applicability, Edit, Finding, Fix, Severity, Span
from titan_lint.uses.options import Options

CODES = [code for code in rules.names() if code != "TTN901" and not rules.is_of_jobs(code)]


@pytest.mark.parametrize("code", CODES)
def test_every_finding_of_a_rule_has_a_key_of_texts(code: str) -> None:
    found = [
        finding
        for example in rules.rule(code).bad
        for finding in lint(
            Source("example.py", example.code),
            codes=[code],
            targets=targets.parse_all(example.torchtitan.split()),
            options=Options(written_for=example.written_for),
        ).findings
    ]
    assert found
    for finding in found:
        assert finding.key
        assert all(isinstance(part, str) for part in finding.key)


def finding(message: str, key: str, target: str, *, fix: Fix | None = None, at: int = 0) -> Finding:
    span = Span(at, at + 1)
    return Finding(
        "TTN301", "unknown-keyword", Severity.ERROR, message, span, span, fix, (target,), (key,)
    )


FIX = Fix(Applicability.SAFE, "Write `b`", (Edit(0, 1, "b"),))


def fixed_code_has(key: str) -> Finding:
    """What becomes of a fix after which another target has a finding with ``key``."""
    found = [finding("wrong", "old", "0.3.0", fix=FIX), finding("one text", "other", "0.2.2", at=2)]
    after = [finding("another text", key, "0.2.2", at=2)]
    return withhold(Source("a.py", "a\nc\n"), found, lambda _: after)[0]


def test_a_finding_in_other_words_under_one_key_is_no_harm() -> None:
    assert fixed_code_has("other").fix is FIX


def test_a_finding_under_another_key_is_harm() -> None:
    assert fixed_code_has("new").fix is None


@pytest.mark.parametrize(("imports", "together"), [(True, 2), (False, 1)])
def test_fixes_share_an_insertion_only_where_it_is_an_import(imports: bool, together: int) -> None:
    shared = Edit(0, 0, '"import this"\n', imports)
    found = [
        finding(
            "wrong",
            "key",
            "0.3.0",
            fix=Fix(Applicability.SAFE, "Write `b`", (shared, Edit(at, at + 1, "b"))),
            at=at,
        )
        for at in (5, 9)
    ]
    chosen, _ = choose(found, [], unsafe=False)
    assert len(chosen) == together
