"""Decoding and lines, in the short ways that nearly all files take, are what Python says."""

from __future__ import annotations

import io
import re
import tokenize

from hypothesis import given
from hypothesis import strategies as st

from titan_lint.code.source import Source, SourceError

PARTS = [
    *(b"\n", b"\r", b"\r\n", b"\t", b"\x0c", b" ", b"x = 1", b"\xe9", "é😀".encode(), b"\0"),
    *(b"\xef\xbb\xbf", b"# coding: latin-1", b"# -*- coding: utf-8 -*-", b"# coding: nope"),
    *(b"# vim: set fileencoding=cp1252 :", b"coding", b"\x85", "\u2028".encode(), b"\xed\xa0\x80"),
]
contents = st.lists(st.sampled_from(PARTS), max_size=8).map(b"".join)


@given(contents)
def test_a_file_is_decoded_as_python_does_it(data: bytes) -> None:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        expected = data.decode(encoding)
    except (SyntaxError, ValueError):
        expected = None
    try:
        source = Source.decode("a.py", data)
    except SourceError:
        assert expected is None
        return
    assert source.text == expected
    assert source.encode(source.text) == data


@given(st.text(st.sampled_from("ab é😀\r\n\t\x0c\x85\u2028")))
def test_lines_end_at_line_feeds_and_carriage_returns_alone(text: str) -> None:
    source = Source("a.py", text)
    ends = [match.end() for match in re.finditer(r"\r\n|\r|\n", text)]
    assert [source.line_start(n) for n in range(1, source.line_count + 1)] == [0, *ends]
    first = re.search(r"\r\n|\r|\n", text)
    assert source.line_ending == (first.group() if first else "\n")
