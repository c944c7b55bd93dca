"""What a rule reports: a finding, its place in the file, and the fix it offers.

Offsets count code points in :attr:`titan_lint.code.source.Source.text`; lines and columns are derived
from them only when something is shown.
"""

from __future__ import annotations

import enum

from titan_lint.structs import Struct, field, replace


class Severity(enum.StrEnum):
    """How bad a finding is. Errors and warnings fail the run, infos do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Applicability(enum.StrEnum):
    """Whether a fix keeps what the code says (safe) or rests on a guess or loses a comment (unsafe)."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Obligation(enum.StrEnum):
    """What a rewrite rests on; see :mod:`titan_lint.uses.obligations`.

    A fix is safe where all its obligations are shown. The ones that are not make it unsafe, and are named.
    """

    EVALUATED_THERE = "evaluated-there"
    SAME_VALUE = "same-value"
    VALUE_TAKEN = "value-taken"
    MEANT_FOR_IT = "meant-for-it"
    NO_OTHER_EFFECT = "no-other-effect"
    COMMENTS_STAY = "comments-stay"
    WHOLE_RENAME = "whole-rename"
    STATED = "stated"

    @property
    def meaning(self) -> str:
        """What is to be shown, in one sentence."""
        return _MEANINGS[self]


_MEANINGS = {
    Obligation.EVALUATED_THERE: "the expression is evaluated there already, whatever path is taken",
    Obligation.SAME_VALUE: "nothing can change its value between the two places",
    Obligation.VALUE_TAKEN: "each value that it may have is one that the target takes there",
    Obligation.MEANT_FOR_IT: "the setting belongs to the object of this call, and to no other; no test puts another there",
    Obligation.NO_OTHER_EFFECT: "what goes away does nothing but what takes its place",
    Obligation.COMMENTS_STAY: "no comment is lost",
    Obligation.WHOLE_RENAME: "all that goes by the old name or type is changed together",
    Obligation.STATED: "the code, the project or the user states what is meant",
}


def unless(shown: bool, obligation: Obligation) -> tuple[Obligation, ...]:
    """The obligation as one that is not shown, unless it is."""
    return () if shown else (obligation,)


class Span(Struct):
    """A half-open range of code points, ``text[start:end]``."""

    start: int
    end: int


class Edit(Struct):
    """Replace ``text[start:end]`` by ``content``. Edits are ordered by place.

    Attributes:
        imports: Whether it is a new import statement: made once, it serves all fixes that ask for
            it. Not kept in the cache.
    """

    start: int
    end: int
    content: str
    imports: bool = field(default=False, compare=False)

    def __lt__(self, other: Edit) -> bool:
        return (self.start, self.end, self.content) < (other.start, other.end, other.content)


class Fix(Struct):
    """Edits that fix one finding. All of them are applied, or none.

    Attributes:
        applicability: See :class:`Applicability`.
        message: What the fix does, in the imperative.
        edits: What to change; empty where the fix is planned alone.
        imports: Names that the edits import, each with the path that it comes from. Two fixes that
            import different things under one name are never applied together.
        because: The obligations that are not shown, which make the fix unsafe.
    """

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...]
    imports: tuple[tuple[str, str], ...] = ()
    because: tuple[Obligation, ...] = ()


class Finding(Struct):
    """One thing that is wrong at one place.

    Attributes:
        code: The rule's code, such as ``TTN101``.
        name: The rule's name, such as ``missing-attn-backend``.
        severity: See :class:`Severity`.
        message: What is wrong, in one sentence.
        span: Where to point.
        statement: The whole statement around ``span``; a ``# noqa`` on any of its lines counts.
        fix: The fix, or ``None`` where the finding only explains.
        targets: Labels of the torchtitan versions where the finding holds.
        key: What is asked, and of what: findings of one rule with one key say the same thing of other
            places. Not kept in the cache.
        notes: Since when, for which versions, why: a sentence each.
        help: What to do, in the imperative, where no fix does it.
    """

    code: str
    name: str
    severity: Severity
    message: str
    span: Span
    statement: Span
    fix: Fix | None = None
    targets: tuple[str, ...] = ()
    key: tuple[str, ...] = field(default=(), compare=False)
    notes: tuple[str, ...] = ()
    help: str = ""

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """What there is to say behind the message, each sentence behind ``note`` or ``help``."""
        advice = self.help if self.fix is None else self.fix.message
        found = [("note", note) for note in self.notes]
        if advice:
            found.append(("help", advice))
        if self.fix is not None and self.fix.applicability is Applicability.UNSAFE:
            found.append(("note", "This is an unsafe fix and may change what the code means"))
        return tuple(found)

    @property
    def where(self) -> str:
        """What a report of several torchtitans adds to the message; empty where that names the only one itself."""
        if not self.targets or (len(self.targets) == 1 and self.targets[0] in self.message):
            return ""
        return f" (at {', '.join(self.targets)})"

    @property
    def said(self) -> str:
        """The message, the notes and the help of a finding in one line."""
        return "; ".join(filter(None, (self.message, *self.notes, self.help)))

    def at(self, targets: tuple[str, ...]) -> Finding:
        """The same finding, as one that holds at these targets."""
        return replace(self, targets=targets)

    def without_fix(self, *notes: str) -> Finding:
        """The same finding with no fix, whose advice stays."""
        advice = self.help if self.fix is None else self.fix.message
        return replace(self, notes=(*self.notes, *notes), help=advice, fix=None)


class FileError(Struct):
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
