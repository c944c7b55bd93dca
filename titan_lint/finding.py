"""What a rule reports: a finding, its place in the file, and the fix it offers.

Offsets count code points in :attr:`titan_lint.source.Source.text`; lines and columns are derived
from them only when something is shown.

A run over code that has not changed needs these classes, and `dataclasses` takes longer to import than
all of titan-lint that such a run uses. So they are written out.
"""

from __future__ import annotations

import enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Self


class Severity(enum.StrEnum):
    """How bad a finding is. Errors and warnings fail the run, infos do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Applicability(enum.StrEnum):
    """Whether a fix keeps what the code says (safe) or rests on a guess or loses a comment (unsafe)."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class _Value:
    """What is equal to anything of its class with the same parts, and is never changed."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()

    def _parts(self) -> tuple[object, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Value) and other.__class__ is self.__class__:
            return self._parts() == other._parts()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        parts = zip(self.__match_args__, self._parts(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={part!r}' for name, part in parts)})"

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), self._parts()


class Span(_Value):
    """A half-open range of code points, ``text[start:end]``."""

    __match_args__ = ("start", "end")
    __slots__ = __match_args__

    def __init__(self, start: int, end: int) -> None:
        self.start: Final = start
        self.end: Final = end


class Edit(_Value):
    """Replace ``text[start:end]`` by ``content``. Edits are ordered by place."""

    __match_args__ = ("start", "end", "content")
    __slots__ = __match_args__

    def __init__(self, start: int, end: int, content: str) -> None:
        self.start: Final = start
        self.end: Final = end
        self.content: Final = content

    def __lt__(self, other: Edit) -> bool:
        return (self.start, self.end, self.content) < (other.start, other.end, other.content)


class Fix(_Value):
    """Edits that mend one finding. All of them are applied, or none.

    Attributes:
        applicability: See :class:`Applicability`.
        message: What the fix does, in the imperative.
        edits: What to change.
        imports: Names that the edits import, each with the path that it comes from. Two fixes that
            import different things under one name are never applied together.
    """

    __match_args__ = ("applicability", "message", "edits", "imports")
    __slots__ = __match_args__

    def __init__(
        self,
        applicability: Applicability,
        message: str,
        edits: tuple[Edit, ...],
        imports: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.applicability: Final = applicability
        self.message: Final = message
        self.edits: Final = edits
        self.imports: Final = imports


class Finding(_Value):
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

    __match_args__ = ("code", "name", "severity", "message", "span", "statement", "fix", "targets")
    __slots__ = __match_args__

    def __init__(
        self,
        code: str,
        name: str,
        severity: Severity,
        message: str,
        span: Span,
        statement: Span,
        fix: Fix | None = None,
        targets: tuple[str, ...] = (),
    ) -> None:
        self.code: Final = code
        self.name: Final = name
        self.severity: Final = severity
        self.message: Final = message
        self.span: Final = span
        self.statement: Final = statement
        self.fix: Final = fix
        self.targets: Final = targets

    def at(self, targets: tuple[str, ...]) -> Finding:
        """The same finding, as one that holds at these targets."""
        return Finding(
            self.code,
            self.name,
            self.severity,
            self.message,
            self.span,
            self.statement,
            self.fix,
            targets,
        )

    def without_fix(self, message: str) -> Finding:
        """The same finding with no fix, and a message that says so."""
        return Finding(
            self.code,
            self.name,
            self.severity,
            message,
            self.span,
            self.statement,
            None,
            self.targets,
        )


class FileError(_Value):
    """A file that could not be read, decoded, parsed, or written.

    Attributes:
        path: The file, as it is shown.
        message: One clear sentence.
        line: 1-based line, or ``None`` when the trouble is with the whole file.
        column: 1-based column in code points, or ``None``.
    """

    __match_args__ = ("path", "message", "line", "column")
    __slots__ = __match_args__

    def __init__(
        self, path: str, message: str, line: int | None = None, column: int | None = None
    ) -> None:
        self.path: Final = path
        self.message: Final = message
        self.line: Final = line
        self.column: Final = column
