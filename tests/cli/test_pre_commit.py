"""Both hooks, installed and run by pre-commit itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import CLEAN, FIXED, LEGACY

ROOT = Path(__file__).parents[2]
SHIPPED = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    ".pre-commit-hooks.yaml",
    "titan_lint",
    "codemods",
)


def git(directory: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(directory), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with what a hook is installed from, as it is in the working tree."""
    directory = tmp_path_factory.mktemp("hooks")
    for name in SHIPPED:
        ignored = shutil.ignore_patterns("__pycache__")
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, directory / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, directory / name)
    git(directory, "init", "-q")
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "-m", "hooks")
    return directory


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment where pre-commit keeps its installations for these tests."""
    home = tmp_path_factory.mktemp("pre-commit")
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, "PRE_COMMIT_HOME": str(home)}


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text(LEGACY)
    (tmp_path / "clean.py").write_text(CLEAN)
    (tmp_path / "pyproject.toml").write_text('[tool.titan-lint]\nexclude = ["old"]\n')
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "b.py").write_text(LEGACY)
    git(tmp_path, "add", "-A")
    return tmp_path


def run_hook(
    scratch: Path, hooks: Path, environment: dict[str, str], hook: str
) -> subprocess.CompletedProcess[str]:
    """Run one hook on all files; all share the installation that the first of them makes."""
    (scratch / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hooks}\n  rev: {git(hooks, 'rev-parse', 'HEAD')}\n  hooks: [{{id: {hook}}}]\n"
    )
    git(scratch, "add", ".pre-commit-config.yaml")
    command = [sys.executable, "-m", "pre_commit", "run", hook, "--all-files"]
    done = subprocess.run(
        command, cwd=scratch, env=environment, capture_output=True, text=True, check=False
    )
    if "Could not find a version that satisfies" in done.stdout and not os.environ.get("CI"):
        pytest.skip("the hooks' environment needs packages, and there is no network")
    return done


@pytest.mark.network
def test_the_checking_hook_fails_where_something_is_found(
    scratch: Path, hooks: Path, environment: dict[str, str]
) -> None:
    done = run_hook(scratch, hooks, environment, "titan-lint")
    assert done.returncode == 1, done.stdout
    assert "a.py:3:" in done.stdout
    assert "old/b.py" not in done.stdout
    assert (scratch / "a.py").read_text() == LEGACY
    (scratch / "a.py").write_text(FIXED)
    assert run_hook(scratch, hooks, environment, "titan-lint").returncode == 0


@pytest.mark.network
def test_the_fixing_hook_mends_and_fails_once(
    scratch: Path, hooks: Path, environment: dict[str, str]
) -> None:
    done = run_hook(scratch, hooks, environment, "titan-lint-fix")
    assert done.returncode == 1, done.stdout
    assert "files were modified by this hook" in done.stdout
    assert (scratch / "a.py").read_text() == FIXED
    assert (scratch / "old" / "b.py").read_text() == LEGACY
    git(scratch, "add", "-A")
    assert run_hook(scratch, hooks, environment, "titan-lint-fix").returncode == 0
