"""A folder that titan-lint keeps something in between runs: ignored by git, and marked for backup programs."""

from __future__ import annotations

import os

TAG = "CACHEDIR.TAG"
OWN_FILES = {
    ".gitignore": b"*\n",
    # https://bford.info/cachedir/
    TAG: b"Signature: 8a477f597d28d172789f06886806bc55\n# A cache of titan-lint.\n",
}


def of_user() -> str:
    """The folder for what all projects of a user share. It need not be there."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser(os.path.join("~", ".cache"))
    return os.path.join(home, "titan-lint")


def holds_other_files(directory: str) -> bool:
    """Whether a folder is none of titan-lint's, and not empty."""
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    # The first of a cache's files to be made, and the one that marks it as such.
    return TAG not in names and names not in ([], [".gitignore"])


def prepare(directory: str) -> None:
    """Make a folder and what marks it.

    Raises:
        OSError: It cannot be made.
    """
    import contextlib

    os.makedirs(directory, exist_ok=True)
    for name, content in OWN_FILES.items():
        # In exclusive mode no link that lies in wait is followed.
        with (
            contextlib.suppress(FileExistsError),
            open(os.path.join(directory, name), "xb") as file,
        ):
            file.write(content)
