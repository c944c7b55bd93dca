"""What a rule reports: a finding, its place in the file, and the fix it offers.

Offsets count code points in :attr:`titan_lint.source.Source.text`; lines and columns are derived
from them only when something is shown.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """How bad a finding is. Errors and warnings fail the run, infos do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Applicability(enum.StrEnum):
    """Whether a fix keeps what the code says (safe) or rests on a guess or loses a comment (unsafe)."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points, ``text[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace ``text[start:end]`` by ``content``."""

    start: int
    end: int
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend one finding. All of them are applied, or none.

    Attributes:
        applicability: See :class:`Applicability`.
        message: What the fix does, in the imperative.
        edits: What to change.
        imports: Names that the edits import, each with the path that it comes from. Two fixes that
            import different things under one name are never applied together.
    """

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...]
    imports: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong at one place.

    Attributes:
        code: The rule's code, such as ``TTN101``.
        name: The rule's name, such as ``missing-attn-backend``.
        severity: See :class:`Severity`.
        message: What is wrong, and what to do where no fix is offered.
        span: Where to point.
        statement: The whole statement around ``span``; a ``# noqa`` on any of its lines counts.
        fix: The fix, or ``None`` where the finding only explains.
        targets: Labels of the torchtitan versions where the finding holds.
    """

    code: str
    name: str
    severity: Severity
    message: str
    span: Span
    statement: Span
    fix: Fix | None = None
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileError:
    """A file that could not be read, decoded, parsed, or written.

    Attributes:
        path: The file, as it is shown.
        message: One clear sentence.
        line: 1-based line, or ``None`` when the trouble is with the whole file.
        column: 1-based column in code points, or ``None``.
    """

    path: str
    message: str
    line: int | None = None
    column: int | None = None
