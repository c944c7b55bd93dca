"""Findings as JSON values, for the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from titan_lint.finding import Applicability, Edit, Finding, Fix, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Container


def encode(finding: Finding) -> list[object]:
    """Write a finding as lists, strings and numbers."""
    fix = finding.fix
    return [
        finding.code,
        finding.name,
        finding.severity.value,
        finding.message,
        [finding.span.start, finding.span.end, finding.statement.start, finding.statement.end],
        fix
        and [
            fix.applicability.value,
            fix.message,
            [[edit.start, edit.end, edit.content] for edit in fix.edits],
        ],
        list(finding.targets),
    ]


def decode(value: object, codes: Container[str], length: int) -> Finding | None:
    """Read what :func:`encode` wrote.

    Args:
        value: The value, which may be anything.
        codes: The rules that the finding may be of.
        length: The number of code points in the file.

    Returns:
        The finding, or ``None`` where ``value`` describes none.
    """
    try:
        code, name, severity, message, places, fix, targets = cast("list[object]", value)
        span_start, span_end, statement_start, statement_end = _numbers(places, length)
        finding = Finding(
            code=_text(code),
            name=_text(name),
            severity=Severity(severity),
            message=_text(message),
            span=Span(span_start, span_end),
            statement=Span(statement_start, statement_end),
            fix=None if fix is None else _fix(fix, length),
            targets=tuple(_text(target) for target in cast("list[object]", targets)),
        )
    except (TypeError, ValueError):
        return None
    return finding if finding.code in codes else None


def _fix(value: object, length: int) -> Fix:
    applicability, message, edits = cast("list[object]", value)
    read: list[Edit] = []
    for edit in cast("list[object]", edits):
        start, end, content = cast("list[object]", edit)
        first, last = _numbers([start, end], length)
        read.append(Edit(first, last, _text(content)))
    return Fix(Applicability(applicability), _text(message), tuple(read))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _numbers(value: object, length: int) -> list[int]:
    numbers: list[int] = []
    for number in cast("list[object]", value):
        if not isinstance(number, int) or not 0 <= number <= length:
            raise ValueError
        numbers.append(number)
    return numbers
