"""The files that are open in an editor, with the text that is in its window.

pygls keeps documents, too, but ends lines wherever Python does, at form feeds and at separators that the
protocol takes for characters like any other: after the first edit behind one its text is not the editor's.
"""

from __future__ import annotations

from lsprotocol import types
from pygls.uris import to_fs_path

from titan_lint.code.source import Source
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from titan_lint.finding import Edit, Span

_MARK = "\ufeff"


class Document(Struct, eq=False):
    """A file as it is in a window. An edit makes a new one.

    Attributes:
        uri: How the editor names it.
        version: The editor's count of its edits.
        source: Its text. Findings point into what stands behind a byte-order mark, if it begins with one.
        encoding: What the columns of its positions count.
    """

    uri: str
    version: int
    source: Source
    encoding: types.PositionEncodingKind | str

    @classmethod
    def opened(
        cls, item: types.TextDocumentItem, encoding: types.PositionEncodingKind | str
    ) -> Document:
        """The document that an editor opens."""
        return cls(item.uri, item.version, Source(to_fs_path(item.uri) or "", item.text), encoding)

    @property
    def path(self) -> str | None:
        """Its absolute path; ``None`` where it is no file, or none yet."""
        return self.source.path or None

    @property
    def text(self) -> str:
        """Its text."""
        return self.source.text

    def changed(
        self, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]
    ) -> Document:
        """The document after some edits, each of which is about what the one before made."""
        document = self
        for change in changes:
            text = change.text
            if isinstance(change, types.TextDocumentContentChangePartial):
                start = document.offset(change.range.start)
                end = max(start, document.offset(change.range.end))
                text = document.text[:start] + text + document.text[end:]
            source = self.source.with_text(text)
            document = Document(self.uri, version, source, self.encoding)
        return document

    def offset(self, position: types.Position) -> int:
        """Where in the text a position is; one that is behind the end of a line is at its end."""
        line = position.line + 1
        if line > self.source.line_count:
            return len(self.text)
        start, text = self.source.line_start(line), self.source.line_text(line)
        if text.isascii():
            return start + min(position.character, len(text))
        return start + _characters(text, position.character, self._size)

    def position(self, offset: int) -> types.Position:
        """The position of an offset in the text."""
        line = self.source.line_of(offset)
        before = self.text[self.source.line_start(line) : offset]
        column = len(before) if before.isascii() else sum(map(self._size, before))
        return types.Position(line - 1, column)

    def range(self, span: Span | Edit) -> types.Range:
        """Where a finding's span, or an edit, is."""
        mark = len(self.mark)
        return types.Range(self.position(span.start + mark), self.position(span.end + mark))

    @property
    def mark(self) -> str:
        """The byte-order mark that it begins with; empty for none."""
        return _MARK if self.text.startswith(_MARK) else ""

    def towards(self, text: str) -> list[types.TextEdit]:
        """The edits, line by line, that make another text of it."""
        from titan_lint.run.line_diff import LineMatcher

        starts = [self.source.line_start(line + 1) for line in range(self.source.line_count)]
        starts.append(len(self.text))
        old, new = _lines(self.source), _lines(self.source.with_text(text))
        return [
            types.TextEdit(
                types.Range(self.position(starts[i]), self.position(starts[j])), "".join(new[k:m])
            )
            for what, i, j, k, m in LineMatcher(old, new).get_opcodes()
            if what != "equal"
        ]

    @property
    def _size(self) -> Callable[[str], int]:
        return _SIZES.get(self.encoding, _in_utf16)


def _in_utf16(character: str) -> int:
    return 2 if character > "\uffff" else 1


def _in_utf8(character: str) -> int:
    return len(character.encode("utf-8", "surrogatepass"))


_SIZES: dict[str, Callable[[str], int]] = {
    types.PositionEncodingKind.Utf8: _in_utf8,
    types.PositionEncodingKind.Utf16: _in_utf16,
    types.PositionEncodingKind.Utf32: len,
}


def _lines(source: Source) -> list[str]:
    """The lines of a text, with their endings."""
    return [
        source.text[source.line_start(line) : source.line_end(line)]
        for line in range(1, source.line_count + 1)
    ]


def _characters(text: str, units: int, size: Callable[[str], int]) -> int:
    """How many whole characters at the beginning of a text come to at most so many units."""
    for number, character in enumerate(text):
        units -= size(character)
        if units < 0:
            return number
    return len(text)
