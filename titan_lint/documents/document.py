"""A document, its page, its blocks, and the ways between them.

Nothing is tracked through a change: an edit of a block is written into the file, the file is read again, and
the block that is read must have the text that the edit makes. So a change that would be read as another one
is never made.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right

from titan_lint.code.forms import parsed
from titan_lint.code.source import Source, SourceError
from titan_lint.finding import Edit, Finding, Span
from titan_lint.rewriting.edits import apply
from titan_lint.structs import Struct, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Reader = Callable[[Source], "Read"]

_BOM = b"\xef\xbb\xbf"
_LINE = re.compile(r"(?<=\n)")


class Line(Struct):
    """A line of a block, and where it stands on the page.

    Attributes:
        text: What the block reads, line ending included.
        start: Offset on the page where the line begins.
        code: Offset where ``text`` begins, behind indentation, quotes and prompts.
        end: Offset behind the line ending.
        lead: What a new line beside it begins with.
        given: Whether the page has ``text`` there; what stands for something else is never changed.
        prompts: Whether it is written behind a prompt, ``>>>`` or ``...``.
        answered: Whether the output of an example follows, which must not be left alone.
    """

    text: str
    start: int
    code: int
    end: int
    lead: str = ""
    given: bool = True
    prompts: bool = False
    answered: bool = False


def gap(at: int) -> Line:
    """An empty line of a block between two parts of the page; no change reaches over it."""
    return Line("\n", at, at, at, given=False)


class Read(Struct):
    """What a reader makes of a file.

    Attributes:
        page: The text that findings point into.
        blocks: The lines of each program on it.
        strict: Whether a block that is no Python is a mistake, and not something else.
    """

    page: Source
    blocks: tuple[tuple[Line, ...], ...]
    strict: bool = False


class Document:
    """A file that holds programs.

    Attributes:
        file: The text of the file.
        page: The text that findings point into.
        blocks: The programs.
        strict: Whether a block that is no Python is a mistake.

    Raises:
        SourceError: The file is no such document.
    """

    def __init__(self, file: Source, reader: Reader) -> None:
        read = reader(file)
        self.file, self.page, self.strict = file, read.page, read.strict
        self._reader = reader
        self.blocks = [Block(self, index, lines) for index, lines in enumerate(read.blocks)]

    def changes(self, new: Document) -> list[tuple[str, bytes, bytes]]:
        """The parts that another state of the document changes: each with its name and what it was and is."""
        before, after = self.page.parts(), new.page.parts()
        return [
            (name, _encoded(text), _encoded(after[name]))
            for name, text in before.items()
            if after[name] != text
        ]

    def of(self, block: Source | None) -> Document:
        """The document that a block is in; this one where that is none."""
        return block.document if isinstance(block, Block) else self

    @property
    def data(self) -> bytes:
        """What the file holds."""
        return (_BOM if self.file.bom else b"") + self.file.text.encode()

    def edited(self, edits: Sequence[Edit]) -> Document:
        """The document with edits of its page.

        Raises:
            SourceError: It is none any more.
        """
        in_file = [self.page.edit_in_file(edit) for edit in edits]
        return Document(self.file.with_text(apply(self.file.text, in_file)), self._reader)


def decoded(path: str, data: bytes) -> Source:
    """The text of a document, which is UTF-8 whatever its first lines look like.

    Raises:
        SourceError: It is something else.
    """
    try:
        text = data.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(f"not valid utf-8: {error.reason}", line) from error
    return Source(path, text, bom=data.startswith(_BOM))


class Block(Source):
    """A program on a page.

    Attributes:
        document: The document that it is in.
        lines: Its lines, each of which ends with a line ending, but for the last one of a page.
    """

    __slots__ = ("_index", "document", "lines")

    def __init__(self, document: Document, index: int, lines: Sequence[Line]) -> None:
        super().__init__(document.page.path, "".join([line.text for line in lines]))
        self.document = document
        self.lines = lines
        self._index = index

    def edited(self, text: str, edits: Sequence[Edit]) -> Source:
        """See :meth:`Source.edited`."""
        found = [edit for edit in map(self.on_page, edits) if edit is not None]
        if len(found) < len(edits):
            raise SourceError("a fix would change more than the code")
        blocks = self.document.edited(sorted(set(found))).blocks
        if self._index >= len(blocks) or blocks[self._index].text != text:
            raise SourceError("what would be written is read as something else")
        return blocks[self._index]

    def takes(self, edit: Edit) -> bool:
        """See :meth:`Source.takes`."""
        return self.on_page(edit) is not None

    def line_in_file(self, line: int) -> str:
        """See :meth:`Source.line_in_file`."""
        page = self.document.page
        return page.line_text(page.line_of(self.lines[min(line, len(self.lines)) - 1].start))

    def place_on_page(self, offset: int) -> int:
        """The offset on the page of an offset in the block."""
        number, column = self._at(offset)
        if number == len(self.lines):
            return self.lines[-1].end
        line = self.lines[number]
        return min(line.code + column, line.end) if line.given else line.start

    def error_in_file(self, error: SourceError) -> SourceError:
        """What is wrong with the block, as of the file."""
        page = self.document.page
        at = self.place_on_page(self.line_start(min(error.line or 1, self.line_count)))
        line = page.line_of(at)
        cell = page.cell(line)
        where = f"cell {cell[0]}, line {line - cell[1] + 1}: " if cell else ""
        line, _ = page.file.position(page.offset_in_file(at))
        return SourceError(f"{where}{error.message}", line)

    def finding_on_page(self, finding: Finding) -> Finding:
        """A finding in the block as one of the page."""
        fix = finding.fix
        if fix is not None:
            edits = [edit for edit in map(self.on_page, fix.edits) if edit is not None]
            if len(edits) < len(fix.edits):
                finding, fix = finding.without_fix(), None
            else:
                fix = replace(fix, edits=tuple(sorted(edits)))
        return replace(
            finding,
            span=self.span_on_page(finding.span),
            statement=self.span_on_page(finding.statement),
            fix=fix,
        )

    def on_page(self, edit: Edit) -> Edit | None:
        """An edit of the block as one of the page; ``None`` where that would change more than code."""
        first, column = self._at(edit.start)
        last, end_column = self._at(edit.end)
        ends_line = edit.content.endswith("\n")
        if not column and not end_column and (ends_line or not edit.content):
            return self._whole_lines(edit, first, last)
        lines = self.lines
        if not end_column and last > first and ends_line:
            # The last line ending takes the place of the one that goes; what follows stays as it is.
            touched = lines[first:last]
            end, pieces = touched[-1].end, _pieces(edit.content)
        elif last < len(lines):
            touched = lines[first : last + 1]
            end = touched[-1].code + end_column
            pieces = [*_pieces(edit.content), *([""] if ends_line else [])]
        else:
            return None
        if not _are_together(touched):
            return None
        leads = self._leads(edit, touched[0], first, len(pieces))
        content = "".join([pieces[0], *map(_led, leads[1:], pieces[1:])]) if pieces else ""
        return _if_answer_stays(Edit(touched[0].code + column, end, content), touched)

    def _whole_lines(self, edit: Edit, first: int, last: int) -> Edit | None:
        lines = self.lines
        touched = lines[first:last]
        if touched:
            beside, start, end = touched[0], touched[0].start, touched[-1].end
        elif first < len(lines) and lines[first].given:
            beside = lines[first]
            start = end = beside.start
        elif first and lines[first - 1].given and lines[first - 1].text.endswith("\n"):
            beside = lines[first - 1]
            start = end = beside.end
        else:
            return None
        if not _are_together(touched):
            return None
        pieces = _pieces(edit.content)
        leads = self._leads(edit, beside, first, len(pieces))
        content = "".join(map(_led, leads, pieces))
        return _if_answer_stays(Edit(start, end, content, edit.imports), touched)

    def _leads(self, edit: Edit, beside: Line, first: int, count: int) -> list[str]:
        """What the lines of an edit begin with on the page."""
        if not beside.prompts:
            return [beside.lead] * count
        # A prompt begins each statement, and another one goes on with it.
        inner: set[int] = set()
        for statement in parsed(apply(self.text, [edit])) or ():
            begin = min(
                [node.lineno for node in getattr(statement, "decorator_list", ())],
                default=statement.lineno,
            )
            inner.update(range(begin + 1, (statement.end_lineno or begin) + 1))
        return [
            beside.lead + ("... " if first + 1 + index in inner else ">>> ")
            for index in range(count)
        ]

    def _at(self, offset: int) -> tuple[int, int]:
        """The 0-based line and column of an offset; behind the last line ending, the line after it."""
        starts = self._line_starts
        number = bisect_right(starts, offset) - 1
        return number, offset - starts[number]

    def span_on_page(self, span: Span) -> Span:
        """A part of the block as one of the page."""
        start = self.place_on_page(span.start)
        return Span(start, max(start, self.place_on_page(span.end)))


def on_page(program: Source, span: Span) -> tuple[Source, Span]:
    """A part of a program in the text that reports point into: the page that it stands on, or itself."""
    if isinstance(program, Block):
        return program.document.page, program.span_on_page(span)
    return program, span


def _pieces(content: str) -> list[str]:
    return [piece for piece in _LINE.split(content) if piece]


def _led(lead: str, piece: str) -> str:
    return lead + piece if piece.strip("\r\n") else lead.rstrip() + piece


def _are_together(lines: Sequence[Line]) -> bool:
    """Whether lines are code, one behind the other on the page too."""
    return all(line.given for line in lines) and all(
        one.end == other.start for one, other in itertools.pairwise(lines)
    )


def _if_answer_stays(edit: Edit, touched: Sequence[Line]) -> Edit | None:
    """An edit, unless it would take an example away and leave its output."""
    is_left = any(line.answered for line in touched) and not edit.content.strip("\n .>")
    return None if is_left and edit.end == touched[-1].end else edit


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
