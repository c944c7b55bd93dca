"""The two parsers of the command line agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from titan_lint.cli import arguments, main

if TYPE_CHECKING:
    from titan_lint.cli.arguments import Values

VALUES = ["x", "0.3.0", "a.py", "json", "full", "3", "-3", "", "--fix", "a,b", "é", "-"]

words = st.one_of(
    st.sampled_from(VALUES),
    st.sampled_from([flag for option in arguments.OPTIONS for flag in option.flags]),
    st.builds(
        "{}={}".format,
        st.sampled_from([flag for option in arguments.OPTIONS for flag in option.flags]),
        st.sampled_from(VALUES),
    ),
    st.sampled_from(["--", "-qv", "-j4", "-ofile", "--help", "--version", "--bogus", "-x", "--js"]),
)


def by_click(words: list[str]) -> Values | None:
    found: Values = {}
    try:
        main.check_command(found).main([*words], prog_name="titan-lint", standalone_mode=False)
    except click.ClickException:
        return None
    return found or None


@given(st.lists(words, max_size=6))
def test_what_is_parsed_quickly_is_what_click_makes_of_it(words: list[str]) -> None:
    quick = arguments.quick(words)
    if quick is not None:
        assert quick == by_click(words)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["a.py", "--fix", "b.py"],
        ["--select", "TTN1", "--select=TTN2,TTN3", "-q", "-q", "--", "--fix"],
        ["--output-format", "json", "-o", "f", "-j", "4", "-n", "-e", "-"],
        ["--torchtitan", "0.2.2", "--torchtitan=0.3.0", "--from", "0.2.2", "-v"],
    ],
)
def test_plain_command_lines_need_no_click(words: list[str]) -> None:
    assert arguments.quick(words) == by_click(words) is not None


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["-qv"], ["-j4"], ["--js", "x"], ["-j"]]
)
def test_anything_else_is_left_to_click(words: list[str]) -> None:
    assert arguments.quick(words) is None


def test_every_option_is_in_the_help_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--help"]) == 0
    shown = capsys.readouterr().out
    for option in arguments.OPTIONS:
        assert option.flags[0] in shown
    for command, explanation in main.COMMANDS.items():
        assert command in shown
        assert explanation in shown


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    from titan_lint import __version__

    assert main.run(["--version"]) == 0
    assert capsys.readouterr().out == f"titan-lint {__version__}\n"
