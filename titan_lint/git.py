"""Ask git, without running anything of the repository's: no filter, hook or monitor, and nothing is fetched."""

from __future__ import annotations

import os

_SECONDS = 20
"""After which git is not waited for any longer."""


def ask(root: str, *command: str, given: str = "") -> bytes:
    """Run a command of git; what it says is empty where it cannot.

    Args:
        root: The folder to run it in.
        *command: Its name and its arguments.
        given: What it reads on standard input.
    """
    import subprocess

    # A hook's own variables name another index and folder than the ones that lie here.
    mine = ("GIT_CEILING_DIRECTORIES", "GIT_EXEC_PATH", "GIT_TRACE")
    known = {k: v for k, v in os.environ.items() if k in mine or not k.startswith("GIT_")}
    known |= {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    safe = ("git", "--no-replace-objects", "-c", "core.fsmonitor=false")
    try:
        done = subprocess.run(
            [*safe, *command],
            cwd=root,
            env=known,
            input=os.fsencode(given),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return b""
    return done.stdout if done.returncode == 0 else b""
