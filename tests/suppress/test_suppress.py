"""What suppressions do to findings, and what TTN901 says of those that do nothing."""

from __future__ import annotations

import pytest

from titan_lint.check.suppress import suppress
from titan_lint.code.source import Source
from titan_lint.finding import Finding, Severity, Span

CODES = ("TTN101", "TTN102", "TTN901")


def finding(source: Source, statement: str, code: str = "TTN101", part: str = "") -> Finding:
    """A finding in the statement with this text."""
    start = source.text.index(statement)
    at = start + statement.index(part or statement)
    return Finding(
        code,
        "a-name",
        Severity.ERROR,
        "message",
        Span(at, at + len(part or statement)),
        Span(start, start + len(statement)),
    )


def kept(
    text: str, statement: str, code: str = "TTN101", codes: tuple[str, ...] = CODES
) -> list[str]:
    source = Source("f.py", text)
    return [found.code for found in suppress(source, [finding(source, statement, code)], codes)]


@pytest.mark.parametrize("line", [1, 2, 3])
@pytest.mark.parametrize("comment", ["# noqa", "# noqa: TTN101", "# noqa: E501, TTN101"])
def test_a_comment_on_any_line_of_the_statement_counts(line: int, comment: str) -> None:
    lines = ["f(", "    1,", "    )"]
    lines[line - 1] += f"  {comment}"
    source = Source("f.py", "before()\n" + "\n".join(lines) + "\nafter()\n")
    start = source.text.index("f(")
    end = source.text.index("    )") + len("    )")
    found = Finding("TTN101", "n", Severity.ERROR, "m", Span(start, start + 1), Span(start, end))
    assert suppress(source, [found], CODES) == []


@pytest.mark.parametrize("text", ["# noqa\nf()\n", "f()\n# noqa: TTN101\n", "f()\ng()  # noqa\n"])
def test_a_comment_on_another_line_does_not(text: str) -> None:
    assert "TTN101" in kept(text, "f()")


def test_another_rules_code_suppresses_nothing_and_is_unused() -> None:
    assert kept("f()  # noqa: TTN102\n", "f()") == ["TTN101", "TTN901"]


def test_a_file_is_suppressed_from_anywhere_in_it() -> None:
    assert kept("f()\n\n\n# titan-lint: noqa\n", "f()") == []
    assert kept("f()\n\n\n# titan-lint: noqa: TTN101\n", "f()") == []
    assert kept("f()\n\n\n# titan-lint: noqa: TTN102\n", "f()") == ["TTN101", "TTN901"]
