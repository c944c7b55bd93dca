"""Scratch copies of a tree, as it is and as titan-lint rewrites it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from titan_lint.run.line_diff import unified
from titan_lint.verify.entry import python_files
from titan_lint.verify.process import python_command, python_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOT_COPIED = {
    ".git",
    ".hg",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".titan_lint_cache",
    ".titan_lint_survey",
    "__pycache__",
    "node_modules",
}
SIZE_LIMIT = 1 << 30
"""Most bytes copied; a tree above it is more likely a data directory than source."""


class TreeError(RuntimeError):
    """A tree cannot be copied or rewritten; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Trees:
    """A tree before and after its rewrite.

    Attributes:
        before: the copy as it was.
        after: the copy that titan-lint rewrote.
        diff: unified diff between them; empty when nothing was rewritten.
    """

    before: Path
    after: Path
    diff: str


def make_trees(
    root: Path,
    paths: Sequence[Path],
    scratch: Path,
    *,
    target: str,
    unsafe: bool,
    written_for: str = "",
) -> Trees:
    """Copy ``root`` twice and let titan-lint fix the second copy.

    Args:
        root: directory that engines are imported from; it is never changed.
        paths: what to rewrite, files or directories inside ``root``.
        scratch: an empty directory for the copies.
        target: the torchtitan version to rewrite for.
        unsafe: whether unsafe fixes are applied as well.
        written_for: the torchtitan version that the tree was written for; "" to infer it.

    Raises:
        TreeError: the tree is too large to copy, or titan-lint could not fix it.
    """
    _check_size(root)
    before, after = scratch / "before", scratch / "after"
    for copy in (before, after):
        shutil.copytree(root, copy, symlinks=True, ignore=_ignored)
    inside = [str(path.relative_to(root)) for path in paths]
    options = ["--fix", "--exit-zero", "--quiet", "--torchtitan", target]
    if unsafe:
        options.append("--unsafe-fixes")
    if written_for:
        options += ["--from", written_for]
    run = subprocess.run(
        python_command("-m", "titan_lint", *options, "--", *inside),
        cwd=after,
        env=python_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode not in (0, 1):
        raise TreeError(f"{root}: titan-lint --fix failed: {run.stderr.strip()}")
    return Trees(before, after, _diff(before, after))


def _ignored(directory: str, names: list[str]) -> set[str]:
    return {
        name
        for name in names
        if name in _NOT_COPIED or Path(directory, name, "pyvenv.cfg").exists()
    }


def _check_size(root: Path) -> None:
    size = 0
    for directory, names, files in os.walk(root):
        names[:] = set(names) - _ignored(directory, names)
        size += sum(Path(directory, file).lstat().st_size for file in files)
        if size > SIZE_LIMIT:
            raise TreeError(f"{root}: over {SIZE_LIMIT >> 20} MiB to copy; name a smaller path")


def _diff(before: Path, after: Path) -> str:
    lines: list[bytes] = []
    for new in python_files([after]):
        name = new.relative_to(after)
        names = f"before/{name}".encode(), f"after/{name}".encode()
        lines += unified(_lines(before / name), _lines(new), names)
    return b"".join(lines).decode()


def _lines(path: Path) -> list[bytes]:
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return [line.encode() for line in lines]
