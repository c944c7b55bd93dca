"""What a run imports: start-up is most of what a run costs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import CLEAN, FIXED, LEGACY
from titan_lint.cli.main import COMMANDS

LIBRARIES = {"click", "libcst", "griffe", "pathspec", "packaging", "torch", "torchtitan"}
MOVED = "from torchtitan.components.lr_scheduler import (\n    LRSchedulersContainer,\n)\n"
HEAVY = {*LIBRARIES, "ast", "asyncio", "concurrent.futures", "dataclasses", "json", "logging"}
HEAVY |= {"inspect", "multiprocessing", "pathlib", "re", "tokenize", "tomllib", "typing", "urllib"}
HEAVY |= {"titan_lint.finding", "titan_lint.check.lint", "titan_lint.api"}


def imported(*arguments: str) -> set[str]:
    """The modules that a run of the command line imports, beyond those of Python itself."""
    code = (
        "import sys; before = set(sys.modules)\n"
        "from titan_lint.__main__ import main\n"
        f"sys.argv = ['titan-lint', *{arguments!r}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.stdout.flush()\n"
        "print(*(set(sys.modules) - before), file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    return set(done.stderr.split())


def test_a_run_without_a_hit_imports_next_to_nothing(project: Path) -> None:
    Path("pyproject.toml").write_text('[project]\nname = "p"\n')
    Path("a.py").write_text(CLEAN)
    Path(".gitignore").write_text("__pycache__/\n*.py[cod]\n.venv/\n/dist\n")
    for arguments in ([], ["a.py"], ["--fix", "a.py"], ["-q", "--select=TTN1", "."]):
        assert imported(*arguments) & HEAVY == set()


def test_linting_needs_none_of_the_libraries(project: Path) -> None:
    Path("a.py").write_text(FIXED)
    assert imported("--no-cache") & LIBRARIES <= {"packaging"}
    Path("a.py").write_text(LEGACY)
    assert imported("--no-cache") & LIBRARIES <= {"packaging"}


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["--output-format=concise"], ["--output-format=github"], ["--output-format=gitlab"]),
        *(["--output-format=junit"], ["--statistics"], ["--add-noqa"]),
    ],
)
def test_a_run_that_neither_writes_nor_shows_edits_does_not_import_libcst(
    project: Path, arguments: list[str]
) -> None:
    Path("a.py").write_text(LEGACY)
    Path("b.py").write_text(MOVED)
    assert "libcst" not in imported("--no-cache", *arguments)


@pytest.mark.parametrize(
    "arguments", [["--output-format=json"], ["--output-format=sarif"], ["--diff"], ["--fix"]]
)
def test_a_run_that_writes_or_shows_edits_imports_libcst(
    project: Path, arguments: list[str]
) -> None:
    Path("a.py").write_text(LEGACY)
    Path("b.py").write_text(MOVED)
    assert "libcst" in imported("--no-cache", *arguments)
    assert (Path("a.py").read_text() == FIXED) == (arguments == ["--fix"])


def test_a_report_without_edits_in_the_cache_is_none_for_a_report_with_them(project: Path) -> None:
    Path("a.py").write_text(LEGACY)
    assert "libcst" not in imported()
    assert "libcst" in imported("--output-format=json")
    assert imported("--output-format=json") & {"libcst", "titan_lint.check.lint"} == set()
    assert "libcst" in imported("--fix")
    assert Path("a.py").read_text() == FIXED


def test_linting_does_not_import_what_takes_as_long_as_a_file(project: Path) -> None:
    # Reading TOML, and a pin in it, needs some of these.
    Path("pyproject.toml").unlink()
    Path("a.py").write_text(LEGACY)
    assert imported("--no-cache") & {"dataclasses", "inspect", "typing", "traceback"} == set()


def test_what_did_not_change_is_reported_without_linting(project: Path) -> None:
    Path("a.py").write_text(LEGACY)
    imported()
    again = imported()
    assert again & LIBRARIES == set()
    assert (
        again & {"titan_lint.check.lint", "titan_lint.api", "difflib", "pathlib", "traceback"}
        == set()
    )
    assert again & {"dataclasses", "inspect", "tokenize", "_hashlib", "unicodedata"} == set()
    assert "titan_lint.report.excerpt" in again


@pytest.mark.parametrize("command", ["rule"])
def test_a_command_imports_only_its_own(project: Path, command: str) -> None:
    modules = imported(command, "TTN901")
    commands = {f"titan_lint.cli.{name}" for name in COMMANDS}
    assert modules & commands == {f"titan_lint.cli.{command}"}
    assert not modules & {"libcst", "griffe", "torch", "titan_lint.run.driver"}
