"""TOML with places: what tomllib reads, and where in the text each key of it stands.

tomllib keeps no places, and what other libraries keep is the layout, and no places either. So a file is cut into
its statements, each the fewest lines that tomllib reads alone, and the whole must come to what tomllib reads of
the file.
"""

from __future__ import annotations

import re

from titan_lint.finding import Span
from titan_lint.structs import Struct
from titan_lint.typeguards import is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Path = tuple[str, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_ONE = re.compile(_PART)
# A header of an array of tables is none.
_KEY = re.compile(rf"[ \t]*(?:\[[ \t]*)?(?P<key>{_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*[=\]]")
_LINE = re.compile(r"[^\n]*(?:\n|\Z)")
_MOST_LINES = 200
"""Of one statement: each line more is read again with all those before it."""


class TomlError(Exception):
    """A text is no TOML, or none whose places can be told."""


class Header(Struct):
    """A line such as ``[training.dataloader]``.

    Attributes:
        path: The table that it begins.
        parts: The place of each part of the path.
        statement: The whole line, without its end.
    """

    path: Path
    parts: tuple[Span, ...]
    statement: Span


class Entry(Struct):
    """A key that has a value which is no table.

    Attributes:
        path: All of its path, with that of the table around it.
        value: The value, as tomllib reads it.
        header: The header above it; ``None`` at the top.
        parts: The place of each part of the key as it is written, without what the header says.
        place: The place of the value.
        statement: From the key's line to the end of its value's, without the line's end.
        is_inner: Whether it stands in an inline table, whose place is then ``parts``, ``place`` and ``statement``.
    """

    path: Path
    value: object
    header: Header | None
    parts: tuple[Span, ...]
    place: Span
    statement: Span
    is_inner: bool = False


class Document(Struct):
    """A TOML file without arrays of tables.

    Attributes:
        data: What tomllib reads.
        headers: Its headers, in order.
        entries: Its keys, in order.
    """

    data: Mapping[str, object]
    headers: tuple[Header, ...]
    entries: tuple[Entry, ...]


def load(text: str) -> Mapping[str, object]:
    """What a TOML text says.

    Raises:
        TomlError: It is none.
    """
    # Takes as long to import as most files to check.
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TomlError(str(error)) from error


def leaves(table: Mapping[str, object], at: Path = ()) -> Iterator[tuple[Path, object]]:
    """The keys of a table and of those in it whose value is no table."""
    for key, value in table.items():
        path = (*at, key)
        if is_table(value):
            yield from leaves(value, path)
        else:
            yield path, value


def read(text: str) -> Document:
    """A TOML text with its places.

    Raises:
        TomlError: It is none, has arrays of tables, or holds what cannot be placed.
    """
    data = load(text)
    headers: list[Header] = []
    entries: list[Entry] = []
    for start, end, said in _statements(text):
        match = _KEY.match(text, start)
        if match is None:
            raise TomlError("a key cannot be placed")
        at = match.start("key")
        parts = tuple(Span(at + m.start(), at + m.end()) for m in _ONE.finditer(match["key"]))
        statement = Span(start, end)
        path, value = _down(said, len(parts))
        if text[match.end() - 1] == "]":
            headers.append(Header(path, parts, statement))
            continue
        header = headers[-1] if headers else None
        path = (*(header.path if header is not None else ()), *path)
        place = _value(text, match.end(), end, value)
        if not is_table(value):
            entries.append(Entry(path, value, header, parts, place, statement))
            continue
        for inner, one in leaves(value, path):
            entries.append(Entry(inner, one, header, parts, place, statement, is_inner=True))
    if dict(leaves(data)) != {entry.path: entry.value for entry in entries}:
        raise TomlError("a key cannot be placed")
    return Document(data, tuple(headers), tuple(entries))


def _statements(text: str) -> Iterator[tuple[int, int, Mapping[str, object]]]:
    """The statements of a text: each with where it begins and ends, without the end of its last line, and what it says."""
    start, lines = 0, 0
    for match in _LINE.finditer(text):
        line = match.group().strip()
        if not lines and (not line or line.startswith("#")):
            start = match.end()
            continue
        lines += 1
        if lines > _MOST_LINES:
            raise TomlError("a statement of too many lines")
        end = match.end() - len(match.group()) + len(match.group().rstrip("\r\n"))
        try:
            said = load(text[start:end])
        except TomlError:
            continue
        yield start, end, said
        start, lines = match.end(), 0


def _down(table: Mapping[str, object], length: int) -> tuple[Path, object]:
    """The first key of a table that has one alone, through so many tables, and what is there."""
    path: list[str] = []
    value: object = table
    for _ in range(length):
        if not is_table(value):
            raise TomlError("a key cannot be placed")
        ((key, value),) = value.items()
        path.append(key)
    return tuple(path), value


def _value(text: str, start: int, end: int, value: object) -> Span:
    """The place of a value in the rest of its statement, which a comment may end."""
    start += len(text[start:end]) - len(text[start:end].lstrip(" \t"))
    stops = [m.start() for m in re.finditer("#", text[start:end])]
    for stop in stops:
        try:
            if load("x = " + text[start : start + stop])["x"] == value:
                end = start + stop
                break
        except TomlError:
            continue
    return Span(start, start + len(text[start:end].rstrip()))
