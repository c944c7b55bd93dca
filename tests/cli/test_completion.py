"""Shells ask how a command line may go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from titan_lint.cli import arguments, main

if TYPE_CHECKING:
    from tests.projects import TitanLint


def offered(titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch, words: str) -> set[str]:
    monkeypatch.setenv("_TITAN_LINT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    lines = titan_lint().out.splitlines()
    return {line.partition(",")[2] for line in lines if line.startswith("plain,")}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("titan-lint co", {"compat", "completion", "convert"}),
        ("titan-lint --output-format j", {"json", "junit"}),
        ("titan-lint check --color a", {"auto", "always"}),
        ("titan-lint api d", {"diff"}),
        ("titan-lint api -h", {"-h"}),
        ("titan-lint src/ --add", {"--add-noqa"}),
    ],
)
def test_commands_options_and_values_are_offered(
    words: str, expected: set[str], titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offered(titan_lint, monkeypatch, words) == expected


def test_nothing_is_left_out(titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered(titan_lint, monkeypatch, "titan-lint ") >= set(main.COMMANDS)
    flags = {option.flags[0] for option in arguments.OPTIONS}
    assert offered(titan_lint, monkeypatch, "titan-lint --") >= flags


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_titan_lint(shell: str, titan_lint: TitanLint) -> None:
    ran = titan_lint("completion", shell)
    assert ran.status == 0
    assert f"_TITAN_LINT_COMPLETE={shell}_complete" in ran.out
