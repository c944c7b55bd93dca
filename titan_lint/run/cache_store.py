"""Write the cache, keep it small, and remove it."""

from __future__ import annotations

import contextlib
import json
import os
import time

from titan_lint.run.cache import FORMAT, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEPT = 16
"""How many combinations are kept, the latest written ones."""

_STALE = 3600
"""Seconds after which a temporary file's writer is gone for sure."""

_TAG = "CACHEDIR.TAG"
_OWN_FILES = {
    ".gitignore": b"*\n",
    # https://bford.info/cachedir/
    _TAG: b"Signature: 8a477f597d28d172789f06886806bc55\n# A cache of titan-lint.\n",
}


def save(
    directory: str,
    path: str,
    prefix: str,
    fresh: Mapping[str, object],
    targets: Sequence[tuple[str, str, str]],
) -> None:
    """Add entries to a cache file. One that cannot be written is no error: it only saves time.

    Args:
        directory: The cache; made if absent.
        path: The cache file.
        prefix: Start of the absolute paths that entries are named without.
        fresh: The new entries.
        targets: What the run held files against.
    """
    if os.path.islink(directory):
        return
    with contextlib.suppress(OSError):
        prepare(directory)
        known, _ = read(path)
        entries = {name: entry for name, entry in known.items() if os.path.exists(prefix + name)}
        entries.update(fresh)
        document = {"format": FORMAT, "targets": list(targets), "files": entries}
        temporary = f"{path}.{os.getpid()}.tmp"
        try:
            _create(temporary, json.dumps(document, separators=(",", ":")).encode("ascii"))
            os.replace(temporary, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
        _prune(directory)


def prepare(directory: str) -> None:
    """Make the directory, ignored by git and marked for backup programs.

    Raises:
        OSError: It cannot be made.
    """
    os.makedirs(directory, exist_ok=True)
    for name, content in _OWN_FILES.items():
        with contextlib.suppress(FileExistsError):
            _create(os.path.join(directory, name), content)


def clean(directory: str) -> bool:
    """Remove a cache; tell whether there was one.

    Only what titan-lint writes is removed, so that a wrong directory costs nothing.
    """
    if os.path.islink(directory) or not os.path.isfile(os.path.join(directory, _TAG)):
        return False
    surfaces = os.path.join(directory, "surfaces")
    for inner, ends in ((surfaces, (".pack", ".tmp")), (directory, (".json", ".tmp", *_OWN_FILES))):
        if os.path.isdir(inner) and not os.path.islink(inner):
            with os.scandir(inner) as scan:
                paths = [entry.path for entry in scan if entry.name.endswith(ends)]
            for path in paths:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
            with contextlib.suppress(OSError):
                os.rmdir(inner)
    return True


def _create(path: str, content: bytes) -> None:
    # In exclusive mode no link that lies in wait is followed.
    with open(path, "xb") as file:
        file.write(content)


def _prune(directory: str) -> None:
    files: list[tuple[float, str]] = []
    with os.scandir(directory) as scan:
        for entry in scan:
            if entry.name.endswith((".json", ".tmp")):
                files.append((entry.stat(follow_symlinks=False).st_mtime, entry.path))
    files.sort(reverse=True)
    old = [
        path
        for modified, path in files
        if path.endswith(".tmp") and time.time() - modified > _STALE
    ]
    old += [path for _, path in files if path.endswith(".json")][_KEPT:]
    for path in old:
        with contextlib.suppress(OSError):
            os.unlink(path)
