"""Which comments are suppressions, and which codes they list."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from titan_lint.check.suppress import directives
from titan_lint.code.source import Source

ALL = "ALL"


def read(comment: str) -> list[str | list[str]]:
    """The directives in a comment: ``ALL``, or the list of codes."""
    found = directives(Source("f.py", f"x = 1  {comment}\n"))
    return [[code for code, _ in directive.codes] or ALL for directive in found]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# noqa", [ALL]),
        ("#noqa", [ALL]),
        ("# NOQA", [ALL]),
        ("# NoQa", [ALL]),
        ("# noqa because it is fine", [ALL]),
        ("# noqa # pragma: no cover", [ALL]),
        ("# noqa: TTN101", [["TTN101"]]),
        ("#noqa:TTN101", [["TTN101"]]),
        ("# noqa : TTN101", [["TTN101"]]),
        ("# noqa: ttn101", [["TTN101"]]),
        ("# NOQA: Ttn101", [["TTN101"]]),
        ("# noqa: E501, TTN101", [["E501", "TTN101"]]),
        ("# noqa: E501 TTN101", [["E501", "TTN101"]]),
        ("# noqa: E501,,TTN101,", [["E501", "TTN101"]]),
        ("# noqa: TTN101 because of issue 42", [["TTN101"]]),
        ("# noqa: TTN101 see bug42", [["TTN101"]]),
        ("# noqa: TTN101.", [["TTN101"]]),
        ("# type: ignore # noqa: TTN101", [["TTN101"]]),
        ("# noqa: E501 # noqa: TTN101", [["E501"], ["TTN101"]]),
        ("# titan-lint: noqa: TTN101", [["TTN101"]]),
        ("# noqa:", []),
        ("# noqa: because", []),
        ("# noqa-TTN101", []),
        ("# noqaTTN101", []),
        ("# see noqa: TTN101", []),
        ("# ruff: noqa: TTN101", []),
        ("# flake8: noqa", []),
    ],
)
def test_a_comment_is_read_as_its_writer_means_it(comment: str, expected: list[object]) -> None:
    assert read(comment) == expected


FORMS = [
    *("# noqa", "#noqa", "# NoQA", "# noqa:F401", "#noqa:F401", "# noqa: F401", "# noqa : F401"),
    *("# noqa:\tF401", "# noqa: E501, F401", "# noqa: E501 F401", "# noqa:E501,,F401"),
    *("# noqa: F401 because", "# noqa: F401, because", "# noqa because: F401", "# noqa - F401"),
    *("# text # noqa: F401", "# text#noqa: F401", "## noqa: F401", "#   noqa: F401"),
    *("# type: ignore # noqa: F401", "# noqa # noqa: E501", "# noqa: F401# x", "# noqa#x"),
    *("# noqa (F401)", "# noqa:E501F401", "# noqa: E501 , F401", "#\tnoqa", "# noqa:\u00a0F401"),
    *("# noqa:", "# noqa: E501", "# noqa: because F401", "# noqa-F401", "# noqaF401", "# xnoqa"),
    *("# text noqa: F401", "#: noqa: F401", "# noqa, F401", "# noqa!", "# nosec noqa"),
    *("# ruff: noqa: F401", "# flake8: noqa: F401", "# noqa: F4", "# noqa: E501-F401"),
]


def test_other_tools_codes_are_read_as_ruff_reads_them(tmp_path: Path) -> None:
    for number, form in enumerate(FORMS):
        (tmp_path / f"f{number:03}.py").write_text(f"import os  {form}\n", encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select=F401"]
    done = subprocess.run(
        [*command, "--output-format=json", "."], cwd=tmp_path, capture_output=True, check=False
    )
    reported = {Path(entry["filename"]).name for entry in json.loads(done.stdout)}
    assert reported, done.stderr
    for number, form in enumerate(FORMS):
        by_ruff = f"f{number:03}.py" not in reported
        by_us = any(codes == ALL or "F401" in codes for codes in read(form))
        assert by_us == by_ruff, form


def test_code_lists_count_in_comments_only() -> None:
    text = '''\
x = """
# noqa: TTN101
"""
y = "# noqa"  # noqa: TTN102
f"{x}  # noqa: TTN103"
'''
    found = directives(Source("f.py", text))
    assert [code for directive in found for code, _ in directive.codes] == ["TTN102"]


def test_what_stands_alone_holds_for_the_file_and_what_follows_code_does_not() -> None:
    text = (
        "# titan-lint: noqa: TTN101\n\nif x:\n    # titan-lint: noqa\n    y()  # titan-lint: noqa\n"
    )
    found = directives(Source("f.py", text))
    assert [directive.whole_file for directive in found] == [True, True, False]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_places_are_exact_whatever_ends_a_line(ending: str) -> None:
    text = ending.join(["é = '😀'  # é 😀 noqa", "f(", "    1)  # é # noqa: E1, TTN101", ""])
    source = Source("f.py", text)
    (directive,) = directives(source)
    (_, first), (_, second) = directive.codes
    assert source.text[first.start : first.end] == "E1"
    assert source.text[second.start : second.end] == "TTN101"
    assert source.text[directive.span.start : directive.span.end] == "# noqa: E1, TTN101"
    assert source.line_of(directive.span.start) == 3


def test_a_file_that_cannot_be_tokenized_keeps_what_came_before() -> None:
    text = 'x = 1  # noqa: TTN101\ny = """\n# noqa: TTN102\n'
    assert [d.codes[0][0] for d in directives(Source("f.py", text))] == ["TTN101"]


code = st.from_regex(r"[A-Z]{1,4}[0-9]{1,4}", fullmatch=True)


@given(
    codes=st.lists(code, min_size=1, max_size=5),
    separator=st.sampled_from([",", ", ", " ", " , ", ",,", "\t"]),
    head=st.sampled_from(["# noqa:", "#noqa: ", "# NOQA : ", "# text # noqa:"]),
    tail=st.sampled_from(["", " ", ", ", " because", " # more", " é 😀"]),
)
def test_all_listed_codes_are_found_at_their_places(
    codes: list[str], separator: str, head: str, tail: str
) -> None:
    source = Source("f.py", f"é = '# noqa: X1'  {head}{separator.join(codes)}{tail}\n")
    (directive,) = directives(source)
    assert [listed for listed, _ in directive.codes] == codes
    for listed, span in directive.codes:
        assert source.text[span.start : span.end] == listed


@given(st.text(max_size=60))
def test_no_comment_breaks_the_reader(text: str) -> None:
    comment = "# noqa" + "".join(char for char in text if char not in "\r\n\f\0")
    for directive in directives(Source("f.py", f"x = 1  {comment}\n")):
        assert directive.comment.start <= directive.span.start < directive.span.end
        assert directive.span.end <= directive.comment.end


@pytest.mark.skipif(sys.version_info < (3, 12), reason="older Pythons refuse such strings")
@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('x = f"{a["# noqa: TTN101"]}"\n', []),
        ('x = f"{a["# noqa: TTN101"]}"  # noqa: TTN102\n', ["TTN102"]),
        ('x = f"{\n    a["k"]  # noqa: TTN101\n}"\n', ["TTN101"]),
        ('x = f"{f"{b}  # noqa: TTN101"}"  # noqa: TTN102\n', ["TTN102"]),
        ('x = f"""{a["""k"""]}\n# noqa: TTN101"""\n', []),
    ],
)
def test_newer_strings_are_read_as_newer_python_reads_them(text: str, codes: list[str]) -> None:
    found = directives(Source("f.py", "é = 1\r\n" + text.replace("\n", "\r\n")))
    assert [code for directive in found for code, _ in directive.codes] == codes


def test_a_comment_is_found_behind_what_is_no_token() -> None:
    source = Source("f.py", "x = 'é'  # noqa: TTN101\n\f\ny = 1 \\\n  # noqa: TTN102\n")
    found = directives(source)
    assert [source.text[d.span.start : d.span.end] for d in found] == [
        "# noqa: TTN101",
        "# noqa: TTN102",
    ]
