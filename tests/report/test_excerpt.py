"""The caret stands under what a finding is about."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from titan_lint.code.source import Source
from titan_lint.finding import Span
from titan_lint.report.excerpt import excerpt
from titan_lint.report.places import place


def drawn(text: str, part: str) -> list[str]:
    source = Source("a.py", text)
    at = text.index(part)
    lines = excerpt(source, place(source, Span(at, at + len(part))))
    return [f"{number:>3} | {code}".rstrip() for number, code, _ in lines]


def test_two_lines_around_are_shown_without_blank_edges() -> None:
    assert drawn("one\n\n\ntwo = f(x)\n\n\nthree\n", "f(x)") == [
        "  4 | two = f(x)",
        "    |       ^^^^",
    ]
    assert drawn("0\n1\n2\nf(x)\n4\n5\n6\n", "f(x)") == [
        "  2 | 1",
        "  3 | 2",
        "  4 | f(x)",
        "    | ^^^^",
        "  5 | 4",
        "  6 | 5",
    ]


def test_several_lines_get_a_bracket() -> None:
    assert drawn("a\nx = f(\n    1,\n)  # c\nb\n", "f(\n    1,\n)") == [
        "  1 |   a",
        "  2 | / x = f(",
        "  3 | |     1,",
        "  4 | | )  # c",
        "    | |_^",
        "  5 |   b",
    ]


def test_many_lines_are_folded() -> None:
    text = "f(\n" + "".join(f"    {number},\n" for number in range(30)) + ")\n"
    lines = drawn(text, text[:-1])
    assert len(lines) == 10
    assert lines[0] == "  1 | / f("
    assert lines[4] == "... | |"
    assert lines[-2:] == [" 32 | | )", "    | |_^"]


@pytest.mark.parametrize(
    "before", ["", "é", "😀", "日本", "e\u0301", "\t", "a\tb", "\x1b[31m", "\x00\x7f"]
)
def test_the_caret_allows_for_wide_combining_and_control_characters(before: str) -> None:
    line, caret = (shown.partition("| ")[2] for shown in drawn(f"{before}here + 1\n", "here"))
    assert width(line[: line.index("here")]) == len(caret) - len(caret.lstrip())
    assert caret.strip() == "^^^^"
    assert "\x1b" not in line
    assert "\t" not in line


def width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


@pytest.mark.parametrize("at", [0, 100, 100_000, 199_990])
def test_a_very_long_line_is_shown_around_the_finding(at: int) -> None:
    text = "x" * at + "here" + "x" * (200_000 - at)
    line, caret = (shown.partition("| ")[2] for shown in drawn(text, "here"))
    assert len(line) <= 130
    assert line.index("here") == caret.index("^")
    assert caret.strip() == "^^^^"


def test_the_end_of_a_file_can_be_pointed_at() -> None:
    source = Source("a.py", "x = 1\n")
    lines = excerpt(source, place(source, Span(6, 6)))
    assert lines[-1] == ("", "^", "^")


@given(st.text(max_size=80), st.data())
def test_no_text_breaks_the_drawing(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    source = Source("a.py", text)
    lines = excerpt(source, place(source, Span(start, end)))
    assert sum(kind == "^" for _, _, kind in lines) == 1
    for _, code, _ in lines:
        assert code.isprintable() or code == ""
