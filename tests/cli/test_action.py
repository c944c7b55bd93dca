"""The action for GitHub: its steps, run as its runner runs them, without GitHub."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.projects import CLEAN, FIXED, LEGACY

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: dict[str, dict[str, Any]] = {
    step["id"]: step for step in ACTION["runs"]["steps"] if "id" in step
}


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A repository on a branch, with a remote, and a runner's temporary folder that has titan-lint."""
    work, remote = tmp_path / "work", tmp_path / "remote.git"
    work.mkdir()
    git(tmp_path, "init", "-q", "--bare", str(remote))
    git(work, "init", "-q", "-b", "topic")
    git(work, "remote", "add", "origin", str(remote))
    (work / "package").mkdir()
    (work / "package" / "a.py").write_text(LEGACY)
    (work / ".gitignore").write_text(".titan_lint_cache\n")
    git(work, "add", "-A")
    git(work, *IDENTITY, "commit", "-q", "-m", "first")
    bin = tmp_path / "temp" / "titan-lint" / "bin"
    bin.mkdir(parents=True)
    installed = bin / "titan-lint"
    installed.write_text(f'#!/bin/sh\nexec {sys.executable} -m titan_lint "$@"\n')
    installed.chmod(0o755)
    return tmp_path


IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


def git(directory: Path, *arguments: str) -> str:
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def step(
    runner: Path, name: str, steps: dict[str, dict[str, Any]] = STEPS, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run one step, with the environment of a runner and that of the step as its expressions give it."""
    assert set(steps[name].get("env", {})) <= {*env, "GH_TOKEN"}
    runner_env = {
        "RUNNER_TEMP": str(runner / "temp"),
        "GITHUB_WORKSPACE": str(runner / "work"),
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_STEP_SUMMARY": str(runner / "summary"),
        "GITHUB_REPOSITORY": "owner/engine",
        "GITHUB_HEAD_REF": "topic",
        "PATH": f"{runner / 'path'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", steps[name]["run"]],
        cwd=runner / "work",
        env={**os.environ, **runner_env, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def outputs(runner: Path) -> dict[str, str]:
    lines = (runner / "output").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_findings_are_annotations_sarif_and_a_summary(runner: Path) -> None:
    done = step(runner, "check", ARGS="--torchtitan 0.3.0 'package'")
    assert done.returncode == 0, done.stderr
    assert "::error title=titan-lint (TTN105),file=package/a.py,line=3," in done.stdout
    assert "Found 1 error, against torchtitan 0.3.0 (as asked)" in done.stderr
    told = outputs(runner)
    assert told["status"] == "1"
    (run,) = json.loads(Path(told["sarif"]).read_text())["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["TTN105"]
    assert "### TTN105 legacy-flavor" in (runner / "summary").read_text()
    assert step(runner, "verdict", STATUS=told["status"]).returncode == 1


def test_nothing_found_is_a_green_job(runner: Path) -> None:
    (runner / "work" / "package" / "a.py").write_text(CLEAN)
    assert step(runner, "check", ARGS="").returncode == 0
    assert outputs(runner)["status"] == "0"
    assert step(runner, "verdict", STATUS="0").returncode == 0


def test_arguments_are_words_and_no_commands(runner: Path) -> None:
    step(runner, "check", ARGS="--torchtitan 0.3.0 $(touch pwned) `touch pwned`; touch pwned")
    assert not (runner / "work" / "pwned").exists()
    assert outputs(runner)["status"] == "2"


def test_fixes_are_committed_and_pushed_once(runner: Path) -> None:
    for _ in range(2):
        done = step(runner, "fix", ARGS="--torchtitan 0.3.0")
        assert done.returncode == 0, done.stderr
    assert git(runner / "remote.git", "show", "topic:package/a.py") == FIXED
    assert git(runner / "remote.git", "rev-list", "--count", "topic") == "2\n"


def test_nothing_is_committed_to_a_merge_that_is_checked_out(runner: Path) -> None:
    git(runner / "work", "checkout", "-q", "--detach")
    done = step(runner, "fix", ARGS="--torchtitan 0.3.0")
    assert done.returncode == 1
    assert "::error title=titan-lint::to commit fixes" in done.stdout
    assert git(runner / "remote.git", "branch") == ""
    assert (runner / "work" / "package" / "a.py").read_text() == LEGACY


def test_the_comment_holds_the_table_of_compat(runner: Path) -> None:
    (runner / "path").mkdir()
    stand_in = runner / "path" / "gh"
    stand_in.write_text('#!/bin/sh\necho "$@"\n')
    stand_in.chmod(0o755)
    done = step(runner, "comment", NUMBER="7")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pr comment 7 --repo owner/engine --edit-last")
    body = (runner / "temp" / "titan-lint-comment.md").read_text()
    assert "| torchtitan | verdict |" in body


@pytest.mark.network
@pytest.mark.slow
def test_it_installs_itself_from_its_own_checkout(runner: Path) -> None:
    shutil.rmtree(runner / "temp" / "titan-lint")
    done = step(runner, "install", ACTION_PATH=str(ROOT))
    if "No matching distribution" in done.stderr and not os.environ.get("CI"):
        pytest.skip("what it needs cannot be installed here")
    assert done.returncode == 0, done.stderr
    assert (runner / "temp" / "titan-lint" / "bin" / "titan-lint").exists()
    assert outputs(runner)["version"].startswith("0.")


def test_every_input_is_described_and_used_and_no_expression_stands_in_a_script() -> None:
    text = (ROOT / "action.yml").read_text()
    for name, given in ACTION["inputs"].items():
        assert given["description"]
        assert f"inputs.{name}" in text
    for each in STEPS.values():
        assert each["shell"] == "bash"
        assert "${{" not in each["run"]
