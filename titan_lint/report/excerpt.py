"""The lines of a finding, with a mark under what it is about."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.source import Source
    from titan_lint.report.places import Place

_CONTEXT = 2
_WIDTH = 120
_LONGEST = 9
"""Lines of a finding that are shown in full; of a longer one, its first and last ones."""


def excerpt(source: Source, place: Place) -> list[tuple[str, str, str]]:
    """Show a place with two lines around it.

    Returns:
        Lines in three parts, left to right: the line number or nothing, the code with what shows the
        extent of a finding over several lines, and whether that is code (``""``) or a mark (``"^"``).
    """
    last = place.end_line
    if place.end_column == 1 and last > place.line:
        last -= 1
    first = max(1, place.line - _CONTEXT)
    end = min(source.line_count, last + _CONTEXT)
    while first < place.line and not source.line_text(first).strip():
        first += 1
    while end > last and not source.line_text(end).strip():
        end -= 1
    if last == place.line:
        return _single(source, place, first, end)
    return _several(source, place, first, last, end)


def _single(source: Source, place: Place, first: int, end: int) -> list[tuple[str, str, str]]:
    text = source.line_text(place.line)
    stop = place.end_column if place.end_line == place.line else len(text) + 1
    # A window on a very long line, with the finding in it.
    left = max(0, place.column - 1 - _WIDTH // 3) if len(text) > _WIDTH else 0
    lines: list[tuple[str, str, str]] = []
    for line in range(first, end + 1):
        lines.append((str(line), _cut(source.line_text(line), left), ""))
        if line == place.line:
            before = _shown(text[left : place.column - 1])
            marked = _shown(text[place.column - 1 : min(stop - 1, left + _WIDTH)])
            dots = 1 if left else 0
            mark = " " * (dots + _columns(before)) + "^" * max(1, _columns(marked))
            lines.append(("", mark, "^"))
    return lines


def _several(
    source: Source, place: Place, first: int, last: int, end: int
) -> list[tuple[str, str, str]]:
    lines: list[tuple[str, str, str]] = []
    hidden = range(0)
    if last - place.line + 1 > _LONGEST:
        hidden = range(place.line + _LONGEST // 2, last - _LONGEST // 2 + 1)
    for line in range(first, end + 1):
        if line in hidden:
            if line == hidden.start:
                lines.append(("...", "|", ""))
            continue
        side = "/ " if line == place.line else "| " if place.line < line <= last else "  "
        text = source.line_text(line)
        lines.append((str(line), (side + _cut(text, 0)).rstrip(), ""))
        if line == last:
            stop = place.end_column - 1 if place.end_line == last else len(text)
            width = min(_columns(_shown(text[: max(1, stop)])), _WIDTH)
            lines.append(("", "|" + "_" * width + "^", "^"))
    return lines


def _cut(text: str, left: int) -> str:
    shown = _shown(text[left : left + _WIDTH])
    return ("…" if left and text else "") + shown + ("…" if len(text) > left + _WIDTH else "")


def _shown(text: str) -> str:
    """Make code harmless to a terminal: tabs as spaces, what is not printable as a sign for it."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _sign(char) for char in text)


def _sign(char: str) -> str:
    if char == "\t":
        return "    "
    code = ord(char)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


def _columns(text: str) -> int:
    """Count the columns that a text takes up on a terminal."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
