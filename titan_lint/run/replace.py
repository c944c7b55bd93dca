"""Replace a file's content: the old bytes or the new ones are there at every moment, never a mix.

The new content is written to a temporary file beside the old one, which is then renamed over it. The
temporary's name depends on the file alone, and its writer holds a lock on it. So two runs cannot
replace one file at once, and what a killed run left behind is told from a file in the making: nobody
locks it. A signal that asks the process to end waits until the temporary is gone.
"""

from __future__ import annotations

import os
import stat

from titan_lint.run.digest import digest as digest_of

TEMPORARY = ".titan-lint-tmp"
"""How the names of files in the making end."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class ReplaceError(Exception):
    """The file was left as it is; the message is one clear sentence."""


def replace(path: str, old: bytes, new: bytes) -> None:
    """Write ``new`` to the file at ``path``, if it still holds ``old``.

    The mode, and where allowed the owner and extended attributes, stay. A symbolic link stays, too:
    the file it leads to is replaced. Another hard link to the file keeps the old content: package
    managers link installed files to a cache that all environments share.

    Raises:
        ReplaceError: It cannot be written, or is not what was read.
    """
    path = os.path.realpath(path)
    try:
        status = os.stat(path)
        # The superuser may write anything; a file marked read-only was meant to stay.
        if not status.st_mode & 0o222 or not os.access(path, os.W_OK):
            raise ReplaceError("the file is read-only; nothing was written")
        held = _hold_signals()
        try:
            _replace(path, old, new, status)
        finally:
            _heed_signals(held)
    except OSError as error:
        raise ReplaceError(f"cannot be written: {error.strerror or error}") from error


def _replace(path: str, old: bytes, new: bytes, status: os.stat_result) -> None:
    temporary = _temporary(path)
    descriptor = _create(temporary)
    try:
        with open(descriptor, "wb") as file:
            file.write(new)
            file.flush()
            _take_over(path, status, descriptor)
            # Otherwise a power failure could leave an empty file under the name.
            os.fsync(descriptor)
            with open(path, "rb") as current:
                if current.read() != old:
                    raise ReplaceError("the file changed while it was checked; nothing was written")
            if os.name == "nt":
                # Windows renames no open file, and needs no lock on it either.
                file.close()
            os.replace(temporary, path)
    except BaseException:
        _unlink(temporary)
        raise


def _hold_signals() -> set[int]:
    """Let signals wait, and tell which did before: one between two steps would leave the temporary to nobody."""
    # It takes long to import, and every run imports this module.
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        return set()
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ending))


def _heed_signals(held: set[int]) -> None:
    """Let no signals wait but those that did before."""
    import signal

    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def clean_up_after_writer(path: str) -> None:
    """Remove what a process that was killed while it replaced the file at ``path`` has left."""
    remove_stale(_temporary(os.path.realpath(path)))


def is_temporary(name: str) -> bool:
    """Whether a file of this name is one of :func:`replace`'s temporaries."""
    return name.endswith(TEMPORARY) and name.startswith(".") and len(name) == len(TEMPORARY) + 17


def remove_stale(path: str) -> None:
    """Remove a temporary unless its writer is still at work."""
    flags = os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return
    try:
        if (
            stat.S_ISREG(os.fstat(descriptor).st_mode)
            and _lock(descriptor)
            and _is_at(descriptor, path)
        ):
            _unlink(path)
    finally:
        os.close(descriptor)


def _temporary(path: str) -> str:
    directory, name = os.path.split(path)
    # The name itself plus a suffix could be longer than a file system allows.
    digest = digest_of(os.fsencode(name), 8)
    return os.path.join(directory, f".{digest}{TEMPORARY}")


def _create(temporary: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    for _ in range(3):
        try:
            descriptor = os.open(temporary, flags | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError:
            remove_stale(temporary)
            continue
        # In the moment before the lock, another run may take the file for left behind.
        if _lock(descriptor) and _is_at(descriptor, temporary):
            return descriptor
        os.close(descriptor)
    raise ReplaceError("another run is writing the file; nothing was written")


def _is_at(descriptor: int, path: str) -> bool:
    """Whether the open file is still the one that ``path`` names."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path, follow_symlinks=False))
    except OSError:
        return False


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:
        # On Windows a file that its writer holds open cannot be removed.
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _take_over(path: str, status: os.stat_result, descriptor: int) -> None:
    if hasattr(os, "fchown"):
        _if_allowed(lambda: os.fchown(descriptor, status.st_uid, status.st_gid))
        # After the owner: changing that clears the set-user-id bits.
        os.fchmod(descriptor, status.st_mode & 0o7777)
    if hasattr(os, "listxattr"):
        _if_allowed(lambda: _take_over_attributes(path, descriptor))


def _take_over_attributes(path: str, descriptor: int) -> None:
    for name in os.listxattr(path):
        os.setxattr(descriptor, name, os.getxattr(path, name))


def _unlink(path: str) -> None:
    _if_allowed(lambda: os.unlink(path))


def _if_allowed(act: Callable[[], object]) -> None:
    """Do something, unless the system is against it."""
    try:
        act()
    except OSError:
        return
