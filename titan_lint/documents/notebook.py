"""Jupyter notebooks: the code cells as one page and one program, and the JSON that they are written in.

What is changed is changed inside the strings of ``source``; all else of the file, how it is indented and
escaped, stays byte for byte.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right

from titan_lint.code.source import LARGEST, Source, SourceError
from titan_lint.documents.document import Line, Read, gap
from titan_lint.documents.magics import read_cell
from titan_lint.finding import Edit
from titan_lint.structs import Struct, field
from titan_lint.typeguards import is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SPACE = re.compile(r"[ \t\n\r]*")
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_CHARACTER = re.compile(rf"{_PAIR}|\\u[0-9a-fA-F]{{4}}|\\.|.", re.DOTALL)
_LINE = re.compile(r"(?<=\n)")
_DECODER = json.JSONDecoder(strict=False)


class Part(Struct):
    """One string of a cell's source.

    Attributes:
        value: What it says.
        start: Offset in the file behind its opening quote.
        end: Offset of its closing quote.
    """

    value: str
    start: int
    end: int


class Cell(Struct, frozen=False):
    """A code cell.

    Attributes:
        number: Its 1-based place among all cells of the notebook.
        parts: Its source, in order.
        between: What stands in the file between two strings; ``None`` where the source is one string.
        start: Offset on the page where it begins.
        starts: Offset on the page where each part begins.
        line: Its first line on the page.
    """

    number: int
    parts: list[Part]
    between: str | None
    start: int = 0
    starts: list[int] = field(default_factory=list[int])
    line: int = 0

    @property
    def text(self) -> str:
        """The source."""
        return "".join([part.value for part in self.parts])


def read_notebook(file: Source) -> Read:
    """Read a notebook.

    Raises:
        SourceError: It is no notebook, or one of before 2015.
    """
    try:
        cells, is_python = _read(file.text)
    except json.JSONDecodeError as error:
        raise SourceError(f"no notebook: {error.msg}", error.lineno, error.colno) from error
    except (RecursionError, ValueError) as error:
        raise SourceError(f"no notebook: {error}") from error
    page = Page(file, cells if is_python else [])
    if len(page.text) > LARGEST:
        raise SourceError(f"too large to be checked: {len(page.text):,} characters of code")
    lines: list[Line] = []
    for cell in page.cells:
        start = cell.start
        for line, shown in read_cell(_lines(_closed(cell.text))):
            end = start + len(line)
            if shown is not None:
                lines.append(Line(shown, start, start, end, given=shown is line))
            start = end
        lines.append(gap(start))
    return Read(page, (tuple(lines),) if lines else (), strict=True)


class Page(Source):
    """The code cells of a notebook, an empty line behind each.

    Attributes:
        cells: The cells.
    """

    __slots__ = ("_cell_lines", "_cell_starts", "_file", "cells")

    def __init__(self, file: Source, cells: Sequence[Cell]) -> None:
        texts: list[str] = []
        start, line = 0, 1
        for cell in cells:
            cell.start, cell.line, cell.starts = start, line, []
            for part in cell.parts:
                cell.starts.append(start)
                start += len(part.value)
            text = _closed(cell.text) + "\n"
            texts.append(text)
            start = cell.start + len(text)
            line += Source("", text).line_count - 1
        super().__init__(file.path, "".join(texts))
        self.cells = cells
        self._file = file
        self._cell_starts = [cell.start for cell in cells]
        self._cell_lines = [cell.line for cell in cells]

    @property
    def file(self) -> Source:
        """See :attr:`Source.file`."""
        return self._file

    def cell(self, line: int) -> tuple[int, int] | None:
        """See :meth:`Source.cell`."""
        at = bisect_right(self._cell_lines, line) - 1
        return (self.cells[at].number, self.cells[at].line) if at >= 0 else None

    def parts(self) -> dict[str, str]:
        """See :meth:`Source.parts`."""
        return {f":cell {cell.number}": _closed(cell.text) for cell in self.cells}

    def part(self, cell: int | None) -> Source:
        """See :meth:`Source.part`."""
        found = (one for one in self.cells if one.number == cell)
        return Source(self.path, next((_closed(one.text) for one in found), ""))

    def offset_in_file(self, offset: int) -> int:
        """See :meth:`Source.offset_in_file`."""
        cell = self._around(offset)
        index = bisect_right(cell.starts, offset) - 1
        part = cell.parts[index]
        rest = offset - cell.starts[index]
        if rest >= len(part.value):
            return part.end
        literal = self._file.text[part.start : part.end]
        if "\\" not in literal:
            return part.start + rest
        ends = (match.end() for match in _CHARACTER.finditer(literal))
        return part.start + next((end for count, end in enumerate(ends, 1) if count == rest), 0)

    def edit_in_file(self, edit: Edit) -> Edit:
        """See :meth:`Source.edit_in_file`."""
        cell = self._around(edit.start)
        text = cell.text
        last = cell.start + len(text)
        start, end, content = edit.start, edit.end, edit.content
        if end > last:
            # The last line has no line ending in the cell, only on the page.
            content = content.removesuffix("\n")
            if start > last:
                content = "\n" + content
            elif not content and start > cell.start and re.search(r"[^\n]\n\Z", self.text[:start]):
                # Nor has the one before, from now on; an empty one would be none without.
                start -= 1
            start, end = min(start, last), last
        if cell.between is None:
            written = self._escaped(content)
        else:
            pieces = [self._escaped(piece) for piece in _LINE.split(content)]
            if end == last and len(pieces) > 1 and not pieces[-1]:
                del pieces[-1]
            if start == last and start > cell.start and text.endswith("\n"):
                pieces.insert(0, "")
            written = f'"{cell.between}"'.join(pieces)
        first = self.offset_in_file(start)
        if end == last and not content and start in cell.starts[1:]:
            # All strings from here on go, and not only what they say.
            first = cell.parts[cell.starts.index(start) - 1].end
        return Edit(first, self.offset_in_file(end), written)

    def _around(self, offset: int) -> Cell:
        """The cell that an offset is in, or behind which it stands."""
        return self.cells[max(bisect_right(self._cell_starts, offset) - 1, 0)]

    def _escaped(self, text: str) -> str:
        """Text as the file writes it inside of a string."""
        return json.dumps(text, ensure_ascii=self._file.text.isascii())[1:-1]


def _closed(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _lines(text: str) -> list[str]:
    source = Source("", text)
    return [
        text[source.line_start(line) : source.line_end(line)]
        for line in range(1, source.line_count)
    ]


def _read(text: str) -> tuple[list[Cell], bool]:
    """The code cells of a notebook, and whether it is one of Python."""
    found: list[Cell] = []
    is_notebook, language = False, "python"
    for key, at in _members(text, _skip(text, 0)):
        if key == "cells":
            is_notebook = True
            for number, cell in enumerate(_items(text, at), 1):
                read = _cell(text, cell, number)
                if read is not None:
                    found.append(read)
        elif key == "metadata":
            language = _language(_DECODER.raw_decode(text, at)[0]) or language
        elif key == "worksheets":
            raise ValueError(
                "it is of an old format; `jupyter nbconvert --to notebook` brings it up to date"
            )
    if not is_notebook:
        raise ValueError("there are no cells")
    return found, language.lower().startswith(("python", "ipython"))


def _language(metadata: object) -> str:
    """The language that a notebook says it is in; empty where it says none."""
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        table = metadata.get(key) if is_table(metadata) else None
        value = table.get(name) if is_table(table) else None
        if isinstance(value, str):
            return value
    return ""


def _cell(text: str, at: int, number: int) -> Cell | None:
    """The cell whose table begins at ``at``; ``None`` where it holds no code."""
    kind: object = None
    parts: list[Part] = []
    between: str | None = None
    for key, place in _members(text, at):
        if key == "cell_type":
            kind = _DECODER.raw_decode(text, place)[0]
        elif key == "source":
            listed = text[place : place + 1] == "["
            parts = [_part(text, item) for item in (_items(text, place) if listed else [place])]
            between = None
            if listed and len(parts) > 1:
                between = text[parts[0].end + 1 : parts[1].start - 1]
            elif listed and parts:
                blank = " " if text[place - 1] == " " else ""
                between = "," + (text[place + 1 : parts[0].start - 1] or blank)
    return Cell(number, parts, between) if kind == "code" and parts else None


def _part(text: str, at: int) -> Part:
    value, end = _value(text, at)
    if not isinstance(value, str):
        raise json.JSONDecodeError("expected a string", text, at)
    return Part(value, at + 1, end - 1)


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """The keys of a table, and where their values begin."""
    for place in _elements(text, at, "{}"):
        key, end = _value(text, place)
        colon = _skip(text, end)
        if not isinstance(key, str) or text[colon : colon + 1] != ":":
            raise json.JSONDecodeError("expected a key and `:`", text, place)
        yield key, _skip(text, colon + 1)


def _items(text: str, at: int) -> Iterator[int]:
    """Where the items of a list begin."""
    return _elements(text, at, "[]")


def _elements(text: str, at: int, brackets: str) -> Iterator[int]:
    opening, closing = brackets
    if text[at : at + 1] != opening:
        raise json.JSONDecodeError(f"expected `{opening}`", text, at)
    place = _skip(text, at + 1)
    if text[place : place + 1] == closing:
        return
    while True:
        yield place
        if opening == "{":
            _, place = _value(text, place)
            place = _skip(text, _skip(text, place) + 1)
        _, place = _value(text, place)
        place = _skip(text, place)
        mark = text[place : place + 1]
        if mark == closing:
            return
        if mark != ",":
            raise json.JSONDecodeError(f"expected `,` or `{closing}`", text, place)
        place = _skip(text, place + 1)


def _value(text: str, at: int) -> tuple[object, int]:
    return _DECODER.raw_decode(text, at)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
