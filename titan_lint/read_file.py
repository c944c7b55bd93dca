"""Read regular files, and nothing else.

A tree to be checked may hold anything under any name: opening a FIFO waits for a writer, and a link to
a device may never come to an end.
"""

from __future__ import annotations

import errno
import os
import stat

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def read(path: str | os.PathLike[str]) -> bytes:
    """Read a file.

    Raises:
        OSError: It cannot be read, or is no regular file.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, f"{kind(status.st_mode)}, not a regular file")
        data = os.read(descriptor, status.st_size + 1)
        if len(data) != status.st_size:
            # It grew just now, or is larger than one read may be.
            while more := os.read(descriptor, 1 << 24):
                data += more
    finally:
        os.close(descriptor)
    return data


def kind(mode: int) -> str:
    """Name what is no regular file."""
    for test, name in (
        (stat.S_ISFIFO, "a FIFO"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a character device"),
        (stat.S_ISBLK, "a block device"),
        (stat.S_ISDIR, "a directory"),
    ):
        if test(mode):
            return name
    return "a special file"
