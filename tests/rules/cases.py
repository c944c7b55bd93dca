"""One rule on one piece of code: left alone, explained, or rewritten."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.fix import Fixed, fix
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from titan_lint.finding import Finding

ATTENTION = tuple(f"TTN10{n}" for n in range(1, 8))
ERRORS = ATTENTION[:6]


def found(
    code: str, text: str, torchtitan: str = "0.3.0", codes: tuple[str, ...] = ATTENTION
) -> list[Finding]:
    """What the rule of ``code`` says about a piece of code."""
    linted = lint(
        Source("case.py", textwrap.dedent(text)),
        codes=codes,
        targets=targets.parse(torchtitan),
        options=Options(),
    )
    assert not linted.failures
    return [finding for finding in linted.findings if finding.code == code]


def messages(code: str, text: str, torchtitan: str = "0.3.0") -> list[str]:
    """What the rule of ``code`` says, without the other rules beside it."""
    return [finding.said for finding in found(code, text, torchtitan, (code,))]


def fixed(
    text: str,
    torchtitan: str = "0.3.0",
    *,
    unsafe: bool = False,
    codes: tuple[str, ...] = ATTENTION,
    legacy_guard: bool = False,
) -> Fixed:
    """A piece of code after ``--fix``; a second ``--fix`` must change nothing."""
    options = Options(legacy_guard=legacy_guard)
    chosen = targets.parse(torchtitan)
    source = Source("case.py", textwrap.dedent(text))
    result = fix(source, codes=codes, targets=chosen, options=options, unsafe=unsafe)
    assert result.refused is None
    assert not result.failures
    ast.parse(result.source.text)
    again = fix(result.source, codes=codes, targets=chosen, options=options, unsafe=unsafe)
    assert again.source.text == result.source.text
    return result


def check_noop(code: str, text: str, torchtitan: str = "0.3.0") -> None:
    """The rule says nothing."""
    assert [f.said for f in found(code, text, torchtitan)] == []


def check_explained(code: str, text: str, torchtitan: str = "0.3.0") -> list[Finding]:
    """The rule reports, and offers no rewrite."""
    findings = found(code, text, torchtitan)
    assert findings
    assert all(finding.fix is None for finding in findings)
    assert fixed(text, torchtitan, unsafe=True, codes=(code,)).source.text == textwrap.dedent(text)
    return findings


def check_transformed(
    before: str, after: str, torchtitan: str = "0.3.0", *, unsafe: bool = False
) -> None:
    """``--fix`` makes ``after`` of ``before``; with ``unsafe``, only when unsafe fixes are asked for."""
    if unsafe:
        assert fixed(before, torchtitan).source.text == textwrap.dedent(before)
    assert fixed(before, torchtitan, unsafe=unsafe).source.text == textwrap.dedent(after)


def every_message(text: str, torchtitan: str = "0.3.0") -> list[str]:
    """All that any rule says about a piece of code, each message behind its code."""
    linted = lint(
        Source("case.py", textwrap.dedent(text)),
        codes=tuple(rules.names()),
        targets=targets.parse(torchtitan),
        options=Options(),
    )
    assert not linted.failures
    return [f"{finding.code} {finding.said}" for finding in linted.findings]
