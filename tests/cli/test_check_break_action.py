"""The action for torchtitan's own pull requests: its steps, run as GitHub's runner runs them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_action import IDENTITY, ROOT, git, outputs, step

yaml = pytest.importorskip("yaml")

TEXT = (ROOT / "check-break" / "action.yml").read_text()
ACTION: dict[str, Any] = yaml.safe_load(TEXT)
STEPS: dict[str, dict[str, Any]] = {
    each["id"]: each for each in ACTION["runs"]["steps"] if "id" in each
}

BEFORE = "class Trainer:\n    def run(self, steps: int = 1) -> None: ...\n"
AFTER = "class Trainer:\n    def run(self, count: int = 1) -> None: ...\n"


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A torchtitan with a commit on main and one on a branch, and a runner's temporary folder."""
    work, remote = tmp_path / "work", tmp_path / "remote.git"
    git(tmp_path, "init", "-q", "--bare", str(remote))
    (work / "torchtitan" / "distributed").mkdir(parents=True)
    git(work, "init", "-q", "-b", "main")
    git(work, "remote", "add", "origin", remote.as_uri())
    for folder in (work / "torchtitan", work / "torchtitan" / "distributed"):
        (folder / "__init__.py").write_text("")
    commit(work, BEFORE)
    git(work, "push", "-q", "origin", "main")
    git(work, "checkout", "-q", "-b", "topic")
    commit(work, AFTER)
    installed = tmp_path / "temp" / "titan-lint" / "bin" / "titan-lint"
    installed.parent.mkdir(parents=True)
    installed.write_text(f'#!/bin/sh\nexec {sys.executable} -m titan_lint "$@"\n')
    installed.chmod(0o755)
    return tmp_path


def commit(work: Path, text: str) -> None:
    (work / "torchtitan" / "train.py").write_text(text)
    git(work, "add", "-A")
    git(work, *IDENTITY, "commit", "-q", "-m", "a change")


def check(runner: Path, base: str = "main", repositories: str = "") -> Any:
    return step(runner, "check", STEPS, BASE=base, REPOSITORIES=repositories)


def test_what_breaks_is_in_the_summary_and_rows_are_drafted(runner: Path) -> None:
    done = check(runner)
    assert done.returncode == 0, done.stderr
    told = outputs(runner)
    assert told["status"] == "1"
    report = (runner / "summary").read_text()
    assert report == Path(told["report"]).read_text()
    assert "`torchtitan.train.Trainer.run" in report
    assert any(Path(told["rows"]).iterdir())
    assert step(runner, "verdict", STEPS, STATUS=told["status"]).returncode == 1
    assert git(runner / "work", "status", "--porcelain") == ""
    assert git(runner / "work", "worktree", "list").count("\n") == 1


def test_a_change_that_breaks_nothing_is_a_green_job(runner: Path) -> None:
    commit(runner / "work", BEFORE)
    assert check(runner).returncode == 0
    assert outputs(runner)["status"] == "0"
    assert step(runner, "verdict", STEPS, STATUS="0").returncode == 0


def test_repositories_that_break_are_told(runner: Path) -> None:
    (runner / "caller").mkdir()
    (runner / "caller" / "engine.py").write_text(
        "from torchtitan.train import Trainer\n\nTrainer().run(steps=3)\n"
    )
    listed = runner / "repos.toml"
    listed.write_text('[[repository]]\npath = "caller"\n[[repository]]\npath = "away"\n')
    done = check(runner, repositories=str(listed))
    assert done.returncode == 0, done.stderr
    report = (runner / "summary").read_text()
    assert "**Breaks 1 of 1 repository" in report
    assert "- away: " in report


def test_a_base_that_is_not_there_fails_the_job(runner: Path) -> None:
    assert check(runner, base="no-such-branch").returncode != 0
    assert not (runner / "output").exists()


def test_the_report_is_the_comment(runner: Path) -> None:
    (runner / "path").mkdir()
    stand_in = runner / "path" / "gh"
    stand_in.write_text('#!/bin/sh\necho "$@"\n')
    stand_in.chmod(0o755)
    done = step(runner, "comment", STEPS, NUMBER="7", REPORT="/report.md")
    assert done.stdout.startswith("pr comment 7 --repo owner/engine --edit-last")
    assert done.stdout.endswith("--body-file /report.md\n")


def test_every_input_is_used_and_no_expression_stands_in_a_script() -> None:
    for name, given in ACTION["inputs"].items():
        assert given["description"]
        assert f"inputs.{name}" in TEXT
    for each in STEPS.values():
        assert each["shell"] == "bash"
        assert "${{" not in each["run"]
