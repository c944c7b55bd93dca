"""Findings made by hand, for tests of reports."""

from __future__ import annotations

from pathlib import Path

from titan_lint.code.source import Source
from titan_lint.finding import Applicability, Edit, FileError, Finding, Fix, Severity, Span
from titan_lint.run.outcome import FileOutcome, Judged, Outcome

TARGET = ("0.3.0", "torchtitan 0.3.0", "as asked")


def finding(
    text: str,
    part: str,
    *,
    code: str = "TTN105",
    severity: Severity = Severity.ERROR,
    message: str = "the message",
    fix: str | None = None,
    safe: bool = True,
    nth: int = 0,
) -> Finding:
    """A finding at ``part`` of ``text``, whose fix replaces it."""
    at = -1
    for _ in range(nth + 1):
        at = text.index(part, at + 1)
    span = Span(at, at + len(part))
    offered = None
    if fix is not None:
        applicability = Applicability.SAFE if safe else Applicability.UNSAFE
        offered = Fix(applicability, "Fix it", (Edit(span.start, span.end, fix),))
    return Finding(
        code, "legacy-flavor", severity, message, span, span, offered, ("torchtitan 0.3.0",)
    )


def file(
    name: str, text: str, *findings: Finding, errors: tuple[FileError, ...] = ()
) -> FileOutcome:
    """What came of a file below the current directory."""
    return FileOutcome(str(Path.cwd() / name), Source(name, text), findings, errors)


def outcome(*files: FileOutcome) -> Outcome:
    """What came of a run."""
    return Outcome(len(files), files, [Judged("/p", [TARGET])])
