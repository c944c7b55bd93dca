"""A Python file as bytes and as text, with exact ways back and forth.

The text keeps every line ending, tab and form feed of the file, so that an edit changes nothing
but what it says. The byte-order mark is set aside and put back.
"""

from __future__ import annotations

import os
from bisect import bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from titan_lint.finding import Edit

LARGEST = 10_000_000
"""The most bytes that a file may have: checking it takes about 1.6 GB of memory and 12 seconds."""

_BOM = b"\xef\xbb\xbf"


def module_name(path: str) -> str:
    """The last part of the name of a file's module; of a package that of its folder."""
    directory, name = os.path.split(path)
    name = name.rpartition(".")[0] or name
    return os.path.split(directory)[1] if name == "__init__" else name


class SourceError(Exception):
    """The bytes are no Python source text. ``line`` is 1-based, or ``None``."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class Source:
    """The text of one file.

    Attributes:
        path: How the file is named in messages.
        text: The decoded text, line endings as they are, without byte-order mark.
        encoding: The codec's name for writing back.
        bom: Whether the file begins with a UTF-8 byte-order mark.
    """

    __slots__ = ("_starts", "bom", "encoding", "path", "text")

    def __init__(self, path: str, text: str, encoding: str = "utf-8", bom: bool = False) -> None:
        self.path = path
        self.text = text
        self.encoding = encoding
        self.bom = bom
        self._starts: list[int] | None = None

    @classmethod
    def decode(cls, path: str, data: bytes) -> Source:
        """Decode a file's bytes the way Python does (PEP 263).

        Raises:
            SourceError: The coding cookie is unknown, the bytes do not fit it, or there are more
                than :data:`LARGEST`.
        """
        if len(data) > LARGEST:
            raise SourceError(
                f"too large to be checked: {len(data):,} bytes, of at most {LARGEST:,}; "
                "a file that is no code can be excluded"
            )
        bom = data.startswith(_BOM)
        content = data.removeprefix(_BOM)
        if not _may_declare(content):
            try:
                return cls(path, content.decode(), "utf-8", bom)
            except UnicodeDecodeError:
                pass  # What is said of it depends on where.
        encoding = _declared(data)
        if bom:
            encoding = "utf-8"
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise SourceError(f"not valid {encoding}: {error.reason}", line) from error
        except (LookupError, ValueError) as error:
            raise SourceError(f"the encoding {encoding!r} cannot be used: {error}", 1) from error
        return cls(path, text, encoding, bom)

    def is_exact(self, data: bytes) -> bool:
        """Whether the text, written back, gives the bytes that it was decoded from."""
        try:
            return self.encode(self.text) == data
        except SourceError:
            return False

    def encode(self, text: str) -> bytes:
        """The file's bytes with ``text`` as its content, read again to be sure.

        Raises:
            SourceError: The file's encoding cannot express the text, or what it makes of it would be
                read as another text: a coding line that moved, an encoding with escapes.
        """
        try:
            data = text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise SourceError(f"the fix cannot be written as {self.encoding}: {error}") from error
        if self.bom:
            data = _BOM + data
        # Where nothing declares an encoding, UTF-8 is read as what was written.
        if self.encoding != "utf-8" or _may_declare(data):
            try:
                same = Source.decode(self.path, data).text == text
            except SourceError:
                same = False
            # Python looks for line feeds in the bytes.
            if not same or data.count(b"\n") != text.count("\n"):
                raise SourceError(f"what is written as {self.encoding} is read as something else")
        return data

    def with_text(self, text: str) -> Source:
        """The same file with other content."""
        return Source(self.path, text, self.encoding, self.bom)

    def edited(self, text: str, edits: Sequence[Edit]) -> Source:
        """The same file with the text that edits make of its own.

        Raises:
            SourceError: The edits cannot be made where the text stands.
        """
        return self.with_text(text)

    def takes(self, edit: Edit) -> bool:
        """Whether an edit can be made where the text stands."""
        return True

    @property
    def file(self) -> Source:
        """The text of the file itself, where this one is read out of it."""
        return self

    def offset_in_file(self, offset: int) -> int:
        """The offset in the file's text of an offset in this one."""
        return offset

    def edit_in_file(self, edit: Edit) -> Edit:
        """The edit of the file's text that makes an edit of this one."""
        return edit

    def error_in_file(self, error: SourceError) -> SourceError:
        """What is wrong with this text, with its place in the file."""
        return error

    def cell(self, line: int) -> tuple[int, int] | None:
        """The number of the cell that the 1-based ``line`` is in, and the cell's first line; ``None`` for a text without cells."""
        return None

    def parts(self) -> dict[str, str]:
        """The texts that people see apart, by what stands behind the path to name them: the cells of a notebook."""
        return {"": self.text}

    def part(self, cell: int | None) -> Source:
        """The text that the lines of a cell are counted in; this one where there are no cells."""
        return self

    def line_in_file(self, line: int) -> str:
        """The line around the 1-based ``line`` where the text stands, without its line ending."""
        return self.line_text(line)

    @property
    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = [0, *_line_ends(self.text)]
        return self._starts

    @property
    def line_ending(self) -> str:
        """The line ending to write: the first one of the file, a line feed where there is none."""
        end = next(_line_ends(self.text), 0)
        return "\r\n" if self.text[:end].endswith("\r\n") else self.text[end - 1 : end] or "\n"

    @property
    def line_count(self) -> int:
        """How many lines there are; the empty rest after a last line ending counts as one."""
        return len(self._line_starts)

    def line_start(self, line: int) -> int:
        """Offset of the first code point of the 1-based ``line``."""
        return self._line_starts[line - 1]

    def line_end(self, line: int) -> int:
        """Offset just after the 1-based ``line``, its line ending included."""
        return self._line_starts[line] if line < len(self._line_starts) else len(self.text)

    def line_text(self, line: int) -> str:
        """The 1-based ``line`` without its line ending."""
        return self.text[self.line_start(line) : self.line_end(line)].rstrip("\r\n")

    def line_of(self, offset: int) -> int:
        """The 1-based line that holds ``offset``."""
        return bisect_right(self._line_starts, offset)

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and 1-based column in code points."""
        line = self.line_of(offset)
        return line, offset - self._line_starts[line - 1] + 1

    def offset(self, line: int, utf8_column: int) -> int:
        """Offset of what ``ast`` calls ``(lineno, col_offset)``: a line and UTF-8 bytes into it."""
        start = self._line_starts[line - 1]
        if self.text.isascii():
            return start + utf8_column
        text = self.text[start : start + utf8_column]
        if text.isascii():
            return start + utf8_column
        return start + len(
            text.encode("utf-8", "surrogatepass")[:utf8_column].decode("utf-8", "ignore")
        )


def _may_declare(data: bytes) -> bool:
    """Whether the first two lines may declare an encoding, or need a closer look."""
    return b"\0" in data or any(b"coding" in line for line in data.split(b"\n", 2)[:2])


def _declared(data: bytes) -> str:
    """The encoding that a file declares; ``tokenize`` takes long to import, and few files need it."""
    import io
    import tokenize

    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError as error:
        raise SourceError(f"the encoding cannot be determined: {error.msg}", 1) from error
    except (LookupError, ValueError) as error:
        # From 3.14 on, the first line is decoded to find out.
        raise SourceError(f"the encoding cannot be used: {error}", 1) from error


def _line_ends(text: str) -> Iterator[int]:
    """Find the offsets just after a carriage return with a line feed, or either of them."""
    if "\r" in text:
        import re

        yield from (match.end() for match in re.finditer(r"\r\n?|\n", text))
        return
    end = text.find("\n") + 1
    while end:
        yield end
        end = text.find("\n", end) + 1
