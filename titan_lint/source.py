"""A Python file as bytes and as text, with exact ways back and forth.

The text keeps every line ending, tab and form feed of the file, so that an edit changes nothing
but what it says. The byte-order mark is set aside and put back.
"""

from __future__ import annotations

import codecs
import functools
import io
import re
import tokenize
from bisect import bisect_right
from dataclasses import dataclass

LARGEST = 10_000_000
"""The most bytes that a file may have: checking it takes about 1.6 GB of memory and 12 seconds."""

_LINE_END = re.compile(r"\r\n|\r|\n")


class SourceError(Exception):
    """The bytes are no Python source text. ``line`` is 1-based, or ``None``."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Source:
    """The text of one file.

    Attributes:
        path: How the file is named in messages.
        text: The decoded text, line endings as they are, without byte-order mark.
        encoding: The codec's name for writing back.
        bom: Whether the file begins with a UTF-8 byte-order mark.
    """

    path: str
    text: str
    encoding: str = "utf-8"
    bom: bool = False

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
        bom = data.startswith(codecs.BOM_UTF8)
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except SyntaxError as error:
            raise SourceError(f"the encoding cannot be determined: {error.msg}", 1) from error
        except (LookupError, ValueError) as error:
            # From 3.14 on, the first line is decoded to find out.
            raise SourceError(f"the encoding cannot be used: {error}", 1) from error
        if bom:
            encoding, data = "utf-8", data[len(codecs.BOM_UTF8) :]
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise SourceError(f"not valid {encoding}: {error.reason}", line) from error
        except (LookupError, ValueError) as error:
            raise SourceError(f"the encoding {encoding!r} cannot be used: {error}", 1) from error
        return cls(path, text, encoding, bom)

    def encode(self, text: str) -> bytes:
        """The file's bytes with ``text`` as its content.

        Raises:
            SourceError: The file's encoding cannot express the text.
        """
        try:
            data = text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise SourceError(f"the fix cannot be written as {self.encoding}: {error}") from error
        return codecs.BOM_UTF8 + data if self.bom else data

    def with_text(self, text: str) -> Source:
        """The same file with other content."""
        return Source(self.path, text, self.encoding, self.bom)

    @functools.cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @functools.cached_property
    def line_ending(self) -> str:
        """The line ending to write: the first one of the file, a line feed where there is none."""
        match = _LINE_END.search(self.text)
        return match.group() if match else "\n"

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
