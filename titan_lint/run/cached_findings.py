"""Findings as JSON values, and back: what the cache knows of a file."""

from __future__ import annotations

from titan_lint.finding import Applicability, Edit, Finding, Fix, Obligation, Severity, Span
from titan_lint.run.discover import relative
from titan_lint.run.outcome import FileOutcome
from titan_lint.typeguards import is_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Sequence


def outcome_of(
    path: str, data: bytes, codes: Container[str], record: Sequence[object]
) -> FileOutcome | None:
    """Make the outcome of a file from what :func:`encode` wrote of its findings.

    Args:
        path: The file.
        data: Its bytes.
        codes: The rules that findings may be of.
        record: The encoded findings, which may be anything.

    Returns:
        The outcome, or ``None`` where ``record`` does not fit.
    """
    if not record:
        return FileOutcome(path)
    from titan_lint import documents
    from titan_lint.code.source import SourceError

    try:
        source = documents.page(relative(path), data)
        findings = [_decode(value, len(source.text)) for value in record]
    except (SourceError, TypeError, ValueError):
        return None
    if any(finding.code not in codes for finding in findings):
        return None
    return FileOutcome(path, source, findings)


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
            [obligation.value for obligation in fix.because],
        ],
        list(finding.targets),
        list(finding.notes),
        finding.help,
    ]


def _decode(value: object, length: int) -> Finding:
    code, name, severity, message, places, fix, targets, notes, advice = _list(value)
    span_start, span_end, statement_start, statement_end = _offsets(places, length)
    return Finding(
        code=_text(code),
        name=_text(name),
        severity=Severity(_text(severity)),
        message=_text(message),
        span=Span(span_start, span_end),
        statement=Span(statement_start, statement_end),
        fix=None if fix is None else _fix(fix, length),
        targets=tuple(_text(target) for target in _list(targets)),
        notes=tuple(_text(note) for note in _list(notes)),
        help=_text(advice),
    )


def _fix(value: object, length: int) -> Fix:
    applicability, message, listed, because = _list(value)
    edits: list[Edit] = []
    for edit in _list(listed):
        start, end, content = _list(edit)
        first, last = _offsets([start, end], length)
        edits.append(Edit(first, last, _text(content)))
    return Fix(
        Applicability(_text(applicability)),
        _text(message),
        tuple(edits),
        because=tuple(Obligation(_text(name)) for name in _list(because)),
    )


def _list(value: object) -> list[object]:
    if not is_list(value):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _offsets(value: object, length: int) -> list[int]:
    offsets: list[int] = []
    for offset in _list(value):
        if not isinstance(offset, int) or not 0 <= offset <= length:
            raise ValueError
        offsets.append(offset)
    return offsets
