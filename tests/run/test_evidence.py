"""What told which torchtitan code was written for is not taken away without a word, in any order of fixes."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from tests.run.test_head import EVIDENCE, MOVED, OPEN, RELYING, commit, git, text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.projects import Ran, TitanLint

AT = ("--torchtitan", "0.3.0", "--output-format", "concise", "--select", "ALL", "--no-cache")
LINE = re.compile(r'write this in the configuration: (from = "[^"]+")')
TOML = "pyproject.toml"


def told(ran: Ran) -> list[str]:
    """The lines of configuration that a run asks for."""
    return LINE.findall(ran.err)


def keep(folder: Path, ran: Ran) -> None:
    """Write down what a run asks to be written down."""
    for line in told(ran)[:1]:
        (folder / TOML).write_text(f"[tool.titan-lint]\n{line}\n")


def found(titan_lint: TitanLint) -> list[str]:
    """The findings in a folder: files, places and codes."""
    lines = titan_lint(*AT).out.splitlines()
    return [match[0] for line in lines if (match := re.match(r"\S+\.py:\d+:\d+: TTN\d+", line))]


@pytest.fixture
def engine(project: Path) -> Path:
    (project / TOML).write_text("[tool.titan-lint]\n")
    (project / "moved.py").write_text(MOVED)
    (project / "open.py").write_text(OPEN)
    return project


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_takes_the_evidence_away_says_what_keeps_it(
    engine: Path, titan_lint: TitanLint, jobs: str
) -> None:
    before = found(titan_lint)
    ran = titan_lint(*AT, "--fix", "--ignore", "TTN304", "-j", jobs)
    assert len(told(ran)) == 1
    assert "open.py:3:7: TTN304" in before
    assert found(titan_lint) == []
    keep(engine, ran)
    assert found(titan_lint) == ["open.py:3:7: TTN304"]
    # Nothing is taken away any more.
    assert told(titan_lint(*AT, "--fix")) == []


@pytest.mark.parametrize(
    "how",
    [
        ("--quiet",),
        ("--output-format", "json"),
        ("--output-format", "sarif", "--output-file", "out.sarif"),
        ("--statistics",),
        ("--fix-only",),
    ],
)
def test_it_is_said_in_every_format(
    engine: Path, titan_lint: TitanLint, how: Sequence[str]
) -> None:
    assert told(titan_lint(*AT, "--fix", *how, "moved.py"))


def test_it_is_said_where_another_file_relies_on_it(engine: Path, titan_lint: TitanLint) -> None:
    before = found(titan_lint)
    ran = titan_lint(*AT, "--fix", "moved.py")
    assert told(ran)
    keep(engine, ran)
    assert found(titan_lint) == [line for line in before if "TTN304" in line]


def test_it_is_said_of_code_on_standard_input(engine: Path, titan_lint: TitanLint) -> None:
    assert told(titan_lint(*AT, "--fix", "-", "--stdin-filename", "moved.py", stdin=MOVED.encode()))


def test_nothing_is_said_where_nothing_relies_on_it(engine: Path, titan_lint: TitanLint) -> None:
    (engine / "open.py").unlink()
    assert told(titan_lint(*AT, "--fix", "moved.py")) == []


def test_nothing_is_said_of_a_diff(engine: Path, titan_lint: TitanLint) -> None:
    assert told(titan_lint(*AT, "--diff", "moved.py")) == []


def _engine(folder: Path, number: int) -> list[str]:
    """Write a small engine; the names of its files."""
    chance = random.Random(number)
    pieces = [*chance.sample(EVIDENCE, 2), *chance.sample(RELYING, 2)]
    chance.shuffle(pieces)
    (folder / TOML).write_text("[tool.titan-lint]\n")
    (folder / "whole.py").write_text("".join(pieces))
    for place, piece in enumerate(pieces):
        (folder / f"part{place}.py").write_text(piece)
    return sorted(path.name for path in folder.glob("*.py"))


NUMBERS = [0, 1, *(pytest.param(number, marks=pytest.mark.slow) for number in range(2, 4))]


@pytest.mark.parametrize("unsafe", [(), ("--unsafe-fixes",)])
@pytest.mark.parametrize("number", NUMBERS)
def test_without_git_files_fixed_one_by_one_come_to_one_text_and_the_same_findings(
    project: Path, titan_lint: TitanLint, unsafe: Sequence[str], number: int
) -> None:
    names = _engine(project, number)
    before = text(project)
    # The line that is asked for says what the code was written for in any order.
    keep(project, titan_lint(*AT, "--fix", *unsafe))
    titan_lint(*AT, "--fix", *unsafe)
    at_once, left = text(project), found(titan_lint)
    chance = random.Random(number)
    for _ in range(3):
        for name, content in before.items():
            (project / name).write_text(content)
        (project / TOML).write_text("[tool.titan-lint]\n")
        chance.shuffle(names)
        for name in names:
            keep(project, titan_lint(*AT, "--fix", *unsafe, name))
        titan_lint(*AT, "--fix", *unsafe)
        assert text(project) == at_once, names
        assert found(titan_lint) == left, names


@pytest.mark.parametrize("number", NUMBERS)
def test_in_a_checkout_files_fixed_one_by_one_come_to_the_same(
    project: Path, titan_lint: TitanLint, number: int
) -> None:
    names = _engine(project, number)
    commit(project)
    ran = titan_lint(*AT, "--fix")
    at_once, left = text(project), found(titan_lint)
    chance = random.Random(number)
    for _ in range(3):
        git(project, "checkout", "-q", ".")
        chance.shuffle(names)
        for name in names:
            titan_lint(*AT, "--fix", name)
        assert text(project) == at_once, names
        assert found(titan_lint) == left, names
    # What is committed is taken for what the code was written for, unless that is written down.
    keep(project, ran)
    commit(project)
    assert found(titan_lint) == left
