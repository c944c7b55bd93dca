"""Where data on torchtitan is kept that is newer than what came with titan-lint.

It is one file in the user's cache, which `titan-lint api update` writes: all projects have it, and all processes
find it. Asked before a run reads anything else, so nothing is imported here that takes time.
"""

from __future__ import annotations

import os

from titan_lint import cache_folder

VARIABLE = "TITAN_LINT_DATA"
"""Names another folder to keep it in; empty for none, so that only what came with titan-lint counts."""

LATER = "later than all that is known here"
"""What the reason of a target says where what was asked for may be another torchtitan."""


def folder() -> str | None:
    """The folder of the file; ``None`` where none is wanted."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return os.path.abspath(named) if named else None
    return cache_folder.of_user()


def file() -> str | None:
    """The file; ``None`` where none is wanted. It need not be there."""
    kept = folder()
    return None if kept is None else os.path.join(kept, "torchtitan-data.zip")


def stamp() -> str:
    """Tell one state of the file from another."""
    path = file()
    try:
        status = os.stat(path or "")
    except OSError:
        return ""
    return f"{path}:{status.st_size}:{status.st_mtime_ns}"
