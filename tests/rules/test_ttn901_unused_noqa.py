"""TTN901: suppression comments that suppress nothing, and what the fix leaves of them."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.suppress.test_suppress import finding
from titan_lint.check.suppress import suppress
from titan_lint.code.source import Source
from titan_lint.finding import Finding, Severity

CODES = ("TTN101", "TTN102", "TTN901")


def unused(text: str, codes: tuple[str, ...] = CODES) -> list[Finding]:
    return suppress(Source("f.py", text), [], codes)


def fixed(text: str) -> str:
    """The text with TTN901's fixes."""
    source = Source("f.py", text)
    while found := suppress(source, [], CODES):
        fix = found[-1].fix
        assert fix is not None
        (edit,) = fix.edits
        changed = source.text[: edit.start] + edit.content + source.text[edit.end :]
        assert changed != source.text
        source = source.with_text(changed)
    return source.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f()  # noqa: TTN101\n", "Unused `noqa` directive (unused: `TTN101`)"),
        (
            "f()  # noqa: TTN101, TTN999\n",
            "Unused `noqa` directive (unused: `TTN101`; unknown: `TTN999`)",
        ),
        ("# titan-lint: noqa: TTN102\n", "Unused `noqa` directive (unused: `TTN102`)"),
    ],
)
def test_an_unused_code_is_reported(text: str, message: str) -> None:
    (found,) = unused(text)
    assert (found.code, found.said) == ("TTN901", message)
    assert found.severity is Severity.WARNING


def test_a_code_listed_twice_is_reported_once_though_it_is_of_use() -> None:
    source = Source("f.py", "f()  # noqa: TTN101, TTN101\n")
    (found,) = suppress(source, [finding(source, "f()")], CODES)
    assert found.said == "Unused `noqa` directive (duplicated: `TTN101`)"


@pytest.mark.parametrize(
    "text",
    [
        "f()  # noqa\n",
        "f()  # noqa: E501\n",
        "f()  # noqa: TTN901, TTN101\n",
        "# titan-lint: noqa\n",
        "f()  # noqa: TTN103\n",
        's = "# noqa: TTN101"\n',
    ],
    ids=["bare", "other tool", "TTN901 itself", "bare for the file", "rule not selected", "string"],
)
def test_what_may_be_of_use_is_not_reported(text: str) -> None:
    assert unused(text) == []


def test_nothing_is_unused_where_the_rule_is_off() -> None:
    assert unused("f()  # noqa: TTN101\n", ("TTN101",)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f()  # noqa: TTN101\n", "f()\n"),
        ("f()  # noqa: TTN101", "f()"),
        ("f()\t# noqa: TTN101\r\ng()\r\n", "f()\r\ng()\r\n"),
        ("f()  # noqa: E501, TTN101\n", "f()  # noqa: E501\n"),
        ("f()  # noqa: TTN101, E501\n", "f()  # noqa: E501\n"),
        ("f()  # noqa: TTN101,E501 TTN102\n", "f()  # noqa: E501\n"),
        ("f()  # noqa: TTN101 because of this\n", "f()  # because of this\n"),
        ("f()  # why  # noqa: TTN101\n", "f()  # why\n"),
        ("f()  # noqa: TTN101  # type: ignore\n", "f()  # type: ignore\n"),
        ("f()  # noqa: E501 # noqa: TTN101\n", "f()  # noqa: E501\n"),
        ("f()\n    # titan-lint: noqa: TTN101\ng()\n", "f()\ng()\n"),
        ("é = '😀'  # noqa: TTN101\n", "é = '😀'\n"),
    ],
)
def test_the_fix_removes_the_code_and_nothing_else(text: str, expected: str) -> None:
    assert fixed(text) == expected


codes = st.lists(
    st.sampled_from(["TTN101", "TTN102", "TTN999", "E501", "F401"]),
    min_size=1,
    max_size=5,
    unique=True,
)


@given(
    codes=codes,
    separator=st.sampled_from([",", ", ", " "]),
    before=st.sampled_from(["", "# why ", "# type: ignore "]),
    after=st.sampled_from(["", " reason", " # pragma: no cover"]),
    ending=st.sampled_from(["\n", "\r\n", ""]),
)
def test_the_fix_keeps_code_other_tools_codes_and_words(
    codes: list[str], separator: str, before: str, after: str, ending: str
) -> None:
    text = f"f( )  {before}# noqa: {separator.join(codes)}{after}{ending}"
    after_fix = fixed(text)
    assert ast.dump(ast.parse(after_fix)) == ast.dump(ast.parse(text))
    for code in codes:
        assert (code in after_fix) == (not code.startswith("TTN"))
    for words in (before, after):
        assert words.strip() in after_fix
    assert after_fix.startswith("f( )")
    assert after_fix.endswith(ending)
