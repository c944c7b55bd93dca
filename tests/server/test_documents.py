"""The text that the server has is the editor's, whatever is in it and whatever its columns count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from tests.projects import LEGACY
from tests.server.editor import CONFIG, Editor, seen
from titan_lint.code.source import Source
from titan_lint.finding import Span
from titan_lint.server.documents import Document

if TYPE_CHECKING:
    from pathlib import Path

UTF8, UTF16, UTF32 = (
    types.PositionEncodingKind.Utf8,
    types.PositionEncodingKind.Utf16,
    types.PositionEncodingKind.Utf32,
)
CODECS = {UTF8: ("utf-8", 1), UTF16: ("utf-16-le", 2), UTF32: ("utf-32-le", 4)}

encodings = st.sampled_from([UTF8, UTF16, UTF32])
texts = st.text(st.sampled_from("ab\u00e9\u65e5\U0001f600\r\n\f\x0b\x85\u2028"), max_size=12)


def document(text: str, encoding: types.PositionEncodingKind = UTF16) -> Document:
    return Document("file:///a.py", 1, Source("/a.py", text), encoding)


def position(text: str, offset: int, encoding: types.PositionEncodingKind) -> types.Position:
    """The position of an offset as the protocol words it: lines end at ``\\n``, ``\\r\\n`` and ``\\r`` alone."""
    before = text[:offset]
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    codec, size = CODECS[encoding]
    return types.Position(len(lines) - 1, len(lines[-1].encode(codec)) // size)


def between(text: str, offset: int) -> bool:
    """Whether an offset is between the two characters of one line ending, where no position is."""
    return text[offset - 1 : offset + 1] == "\r\n" and offset > 0


@given(texts, encodings)
def test_positions_and_offsets_lead_to_each_other(text: str, encoding: types.PositionEncodingKind):
    opened = document(text, encoding)
    for offset in range(len(text) + 1):
        if not between(text, offset):
            assert opened.position(offset) == position(text, offset, encoding)
            assert opened.offset(opened.position(offset)) == offset


@given(texts, st.lists(st.tuples(texts, st.integers(0), st.integers(0)), max_size=4), encodings)
def test_edits_one_after_the_other_make_the_text_of_the_editor(
    text: str, edits: list[tuple[str, int, int]], encoding: types.PositionEncodingKind
):
    opened, changes, expected = document(text, encoding), [], text
    for new, first, second in edits:
        at = sorted(number % (len(expected) + 1) for number in (first, second))
        if any(between(expected, offset) for offset in at):
            continue
        start, end = (position(expected, offset, encoding) for offset in at)
        changes.append(types.TextDocumentContentChangePartial(types.Range(start, end), new))
        expected = expected[: at[0]] + new + expected[at[1] :]
    changed = opened.changed(2, changes)
    assert (changed.text, changed.uri) == (expected, opened.uri)


def test_a_position_beyond_a_line_is_at_its_end_and_one_beyond_the_text_at_the_end_of_that():
    opened = document("a\u00e9\r\nb")
    assert opened.offset(types.Position(0, 99)) == 2
    assert opened.offset(types.Position(1, 99)) == 5
    assert opened.offset(types.Position(7, 0)) == 5


def test_a_position_inside_a_character_is_in_front_of_it():
    assert document("\U0001f600x").offset(types.Position(0, 1)) == 0
    assert document("\u65e5x", UTF8).offset(types.Position(0, 2)) == 0


def test_all_of_a_text_may_be_replaced():
    changed = document("a\n").changed(2, [types.TextDocumentContentChangeWholeDocument("b\n")])
    assert (changed.text, changed.version) == ("b\n", 2)


def test_findings_do_not_count_a_byte_order_mark():
    where = document("\ufeffab").range(Span(0, 1))
    assert where == types.Range(types.Position(0, 1), types.Position(0, 2))


@pytest.mark.asyncio
async def test_a_session_counts_as_the_editor_asks(tmp_path: Path):
    editor = await CONFIG.start()
    assert isinstance(editor, Editor)
    begun = await editor.start(encodings=[UTF8, UTF16])
    assert begun.capabilities.position_encoding == UTF8
    wide = "'\U0001f600\u00e9'; "
    path = tmp_path / "engine.py"
    (found,) = seen(await editor.open(path, LEGACY.replace("spec =", f"{wide}spec =")))
    shift = len(wide.encode())
    assert (found[2], found[3]) == (22 + shift, 33 + shift)
    found = await editor.type(path, (2, shift), (2, shift), "x")
    assert seen(found)[0][2:] == (23 + shift, 34 + shift)
    assert await editor.end() == 0


@given(texts, texts, encodings)
def test_edits_line_by_line_lead_from_one_text_to_another(
    text: str, other: str, encoding: types.PositionEncodingKind
):
    opened = document(text, encoding)
    edits = sorted(opened.towards(other), key=lambda edit: edit.range.start, reverse=True)
    changes = [types.TextDocumentContentChangePartial(e.range, e.new_text) for e in edits]
    assert opened.changed(2, changes).text == other
