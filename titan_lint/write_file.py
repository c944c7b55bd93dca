"""Write a file whole or not at all.

What is written lies beside the file first and is then renamed over it, so that a full disk, an error or
an interrupt leaves what was there. Files that people wrote are replaced by :mod:`titan_lint.run.replace`,
which also makes sure that nobody changed them meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import stat

TEMPORARY = ".tmp"
"""How the names of files in the making end."""


def write(
    path: str | os.PathLike[str], content: bytes, *, over: bool = True, through: bool = True
) -> None:
    """Write a file.

    The mode of what is there stays. What is there and no regular file, as ``/dev/stdout``, is written
    to and not replaced.

    Args:
        path: The file. Its folder is there.
        content: All that it will hold.
        over: Whether a file that is there is replaced.
        through: Whether the file is written that a link leads to, and not the link replaced. A cache in
            a tree that is only to be checked may hold links that lead out of it.

    Raises:
        FileExistsError: There is one, and it is not to be replaced.
        OSError: It cannot be written.
    """
    if not over and os.path.lexists(path):
        raise FileExistsError(f"{os.fspath(path)} exists")
    mode = 0o666
    if through:
        path = os.path.realpath(path)
        if os.path.exists(path):
            mode = os.stat(path).st_mode
            if not stat.S_ISREG(mode):
                with open(path, "wb") as file:
                    file.write(content)
                return
    aside = f"{path}.{os.urandom(6).hex()}{TEMPORARY}"
    # No link that lies in wait is followed. The umask takes its bits from a new file alone.
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, stat.S_IMODE(mode))
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        if over:
            os.replace(aside, path)
        else:
            # Unlike a rename it replaces nothing, whoever was faster.
            os.link(aside, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)


_BINARY = getattr(os, "O_BINARY", 0)
