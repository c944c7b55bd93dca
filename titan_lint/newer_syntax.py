"""Which Python brought the syntax that the running one refuses, as far as that shows.

Nothing is parsed here: Python's own parser says where it stopped and why, and the text around that
place says what stands there. What fits nothing in :data:`_SYNTAX` is a mistake, or newer than that.
"""

from __future__ import annotations

import re
import sys

from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class _Syntax(Struct):
    """What a version of Python brought.

    Attributes:
        what: What needs it, in words; a general truth where the text may hold a mistake instead.
        since: The version.
        message: A pattern of what an older Python says of it.
        before: A pattern to be found in its line, up to the place of the error.
        rest: A pattern of what stands at that place.
        pep: The number of the proposal that describes it.
    """

    what: str
    since: tuple[int, int]
    pep: int
    message: str = ""
    before: str = ""
    rest: str = ""


_HEAD = r"^\s*(?:(?:async\s+)?def|class|type)\s+"
_FSTRING = r"\b(?i:f|fr|rf)['\"].*\{"
_IN_BRACES = "an f-string's own quotes, backslashes and lines in its braces need"
_SYNTAX: Sequence[_Syntax] = (
    _Syntax(
        "`except` of several types without parentheses needs",
        (3, 14),
        758,
        "multiple exception types must be parenthesized",
        # Behind `as` they are needed for ever.
        rest=r"(?![^:\n]*\bas\b)",
    ),
    _Syntax("a t-string needs", (3, 14), 750, "invalid syntax", r"\b(?i:t|tr|rt)$", "['\"]"),
    _Syntax(
        "a default of a type parameter needs",
        (3, 13),
        696,
        before=rf"{_HEAD}(?:\w+\s*)?$",
        rest=r"(?:\w+\s*)?\[(?:[^\[\]=]|\[[^\[\]]*\])*=(?!=)",
    ),
    _Syntax(
        "a default of a type parameter needs",
        (3, 13),
        696,
        before=rf"{_HEAD}\w+\s*\[(?:[^\[\]=]|\[[^\[\]]*\])*$",
        rest="=",
    ),
    _Syntax("a type parameter needs", (3, 12), 695, before=rf"{_HEAD}\w+\s*$", rest=r"\["),
    _Syntax(
        "a `type` statement needs", (3, 12), 695, "invalid syntax", r"^\s*type\s+$", r"\w+\s*[\[=]"
    ),
    _Syntax(
        "backslashes and comments in the braces of an f-string need",
        (3, 12),
        701,
        "f-string expression part cannot include",
    ),
    # An older Python stops at the first quote inside, and takes the rest for something else.
    _Syntax(_IN_BRACES, (3, 12), 701, "f-string: (?:unmatched|expecting)"),
    _Syntax(_IN_BRACES, (3, 12), 701, "un(?:matched|expected character)", before=_FSTRING),
    _Syntax(_IN_BRACES, (3, 12), 701, "unterminated string literal", rest=_FSTRING),
    _Syntax(_IN_BRACES, (3, 12), 701, "unterminated string literal", before=_FSTRING),
)
_FAR = 1000
"""How much of the text behind an error is looked at."""


def not_valid(error: SyntaxError, text: str) -> str:
    """What is wrong with a text that the running Python does not read, and which Python would, where it shows.

    Args:
        error: What it says of the text.
        text: The text of the file, with any line endings.
    """
    newer = newer_syntax(error, text.replace("\r\n", "\n").replace("\r", "\n"))
    running = f"read by Python {sys.version_info[0]}.{sys.version_info[1]}"
    return f"not valid Python: {error.msg or 'invalid syntax'} ({newer and newer + '; '}{running})"


def newer_syntax(
    error: SyntaxError, text: str, running: tuple[int, int] = sys.version_info[:2]
) -> str:
    """What newer syntax a text has at the place of an error, in words with its version.

    Args:
        error: What the running Python says of the text.
        text: The text of the file, with line feeds as its line endings.
        running: The version of the running Python.

    Returns:
        The words, such as "a t-string needs Python 3.14 (PEP 750)"; nothing where none shows.
    """
    lines = text.split("\n")
    if not error.lineno or not error.offset or error.lineno > len(lines):
        return ""
    line, column = lines[error.lineno - 1], error.offset - 1
    rest = "\n".join((line[column:], *lines[error.lineno : error.lineno + 20]))[:_FAR]
    for new in _SYNTAX:
        if (
            running < new.since
            and re.match(new.message, error.msg)
            and re.search(new.before, line[:column])
            and re.match(new.rest, rest)
        ):
            return f"{new.what} Python {new.since[0]}.{new.since[1]} (PEP {new.pep})"
    return ""
