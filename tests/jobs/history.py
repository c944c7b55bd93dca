"""The job configs and launch scripts of torchtitan's own history, from 0.1.0 to the last job config that it had."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packages import cache_dir

URL = "https://github.com/pytorch/torchtitan"
FIRST, LAST = "f7084fc78", "9810191bb^"
"""The first commit is the one that 0.1.0 was made of; the last is the one before TOML went."""


@dataclass(frozen=True)
class File:
    """A version of a file.

    Attributes:
        path: Its path in the repository.
        commit: The last commit that had this version.
        text: What it says.
    """

    path: str
    commit: str
    text: str

    @property
    def name(self) -> str:
        """How a table calls it."""
        parts = Path(self.path).parts
        return "/".join(part for part in parts if part not in ("torchtitan", "train_configs"))


def clone() -> Path:
    """A clone of torchtitan's repository: the one that ``TITAN_LINT_TORCHTITAN_GIT`` names, or one in the cache.

    Where it cannot be had the test is skipped: it is no package, and an index may be all that can be reached.
    """
    named = os.environ.get("TITAN_LINT_TORCHTITAN_GIT")
    if named:
        return Path(named)
    target = cache_dir() / "torchtitan.git"
    if not target.is_dir():
        if os.environ.get("TITAN_LINT_OFFLINE"):
            pytest.skip("torchtitan's history is not in the cache, and TITAN_LINT_OFFLINE is set")
        aside = target.with_suffix(f".{os.getpid()}")
        done = subprocess.run(
            ["git", "clone", "--quiet", "--bare", "--filter=blob:none", URL, str(aside)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"torchtitan's history cannot be fetched: {done.stderr.strip()}")
        aside.rename(target)
    return target


def files() -> list[File]:
    """Every version of every job config, the newest first."""
    commits = _git("rev-list", f"{FIRST}~1..{LAST}", "--", "*.toml").split()
    found: dict[tuple[str, str], str] = {}
    for commit in commits:
        for line in _git("ls-tree", "-r", commit).splitlines():
            about, path = line.split("\t")
            if _is_job(path):
                found.setdefault((path, about.split()[2]), commit[:9])
    return [File(path, commit, _git("show", blob)) for (path, blob), commit in found.items()]


def last() -> list[File]:
    """The job configs that torchtitan had last."""
    commit = _git("rev-parse", LAST)[:9]
    listed = _git("ls-tree", "-r", "--name-only", LAST).splitlines()
    paths = [path for path in listed if _is_job(path)]
    return [File(path, commit, _git("show", f"{LAST}:{path}")) for path in paths]


_SCRIPTS = (".sh", ".slurm", ".yaml", ".yml", "Dockerfile", "Makefile", ".md")
_SHELL = re.compile(
    r"^[ \t]*```(?:bash|sh|shell)?[ \t]*\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL
)


def launches() -> list[File]:
    """Every version of every file that may hold commands; each block of shell in a page is a file of its own."""
    patterns = [f"*{ending}" for ending in _SCRIPTS]
    found: dict[tuple[str, str], str] = {}
    for commit in _git("rev-list", f"{FIRST}~1..{LAST}", "--", *patterns).split():
        for line in _git("ls-tree", "-r", commit).splitlines():
            about, path = line.split("\t")
            if path.endswith(_SCRIPTS):
                found.setdefault((path, about.split()[2]), commit[:9])
    files: list[File] = []
    for (path, blob), commit in found.items():
        text = _git("show", blob)
        if path.endswith(".md"):
            blocks = [f"# torchtitan\n{match[1]}" for match in _SHELL.finditer(text)]
        else:
            blocks = [text]
        files += [File(path, commit, block) for block in blocks]
    return files


def _is_job(path: str) -> bool:
    return path.endswith(".toml") and not path.endswith("pyproject.toml")


@functools.cache
def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", f"--git-dir={clone()}", *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout
