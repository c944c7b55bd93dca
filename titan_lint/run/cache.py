"""The cache: what was found in a file, as long as nothing that decides on it changes.

There is one JSON file for each combination of rules, settings, targets, Python and titan-lint. An
entry belongs to a path and holds the digest of the bytes that it was made from. A run reads the file
once and replaces it once at its end, together with what other runs wrote meanwhile; the worst that
runs side by side do to each other is to forget an entry. Anything unexpected in it is ignored.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

_FORMAT = 1
_KEPT = 16
"""How many combinations are kept, the latest used ones."""

_TAG = b"Signature: 8a477f597d28d172789f06886806bc55\n# This directory is a cache of titan-lint.\n"


class Cache:
    """The entries of one combination.

    Args:
        directory: Where the cache lies. It is made when there is something to write.
        project: Absolute directory that the paths of entries are relative to.
        key: The settings that decide on findings in all files.
    """

    def __init__(self, directory: str, project: str, key: str) -> None:
        digest = hashlib.blake2b(digest_size=16)
        for part in (str(_FORMAT), sys.version, stamp(), key):
            digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
        self._directory = directory
        self._project = project
        self._path = os.path.join(directory, digest.hexdigest() + ".json")
        self._entries = _read(self._path)
        self._fresh: dict[str, list[object]] = {}

    @staticmethod
    def digest(data: bytes, circumstances: str) -> str:
        """Digest a file's bytes together with all else that decides on its findings."""
        digest = hashlib.blake2b(data, digest_size=16)
        digest.update(circumstances.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def get(self, path: str, digest: str) -> list[object] | None:
        """Look up the encoded findings in the file at the absolute ``path``."""
        entry = self._entries.get(self._name(path))
        if not isinstance(entry, list):
            return None
        entry = cast("list[object]", entry)
        if len(entry) != 2 or entry[0] != digest or not isinstance(entry[1], list):
            return None
        return cast("list[object]", entry[1])

    def put(self, path: str, digest: str, findings: Sequence[object]) -> None:
        """Remember the encoded findings."""
        self._fresh[self._name(path)] = [digest, list(findings)]

    def save(self) -> None:
        """Write what is new. A cache that cannot be written is no error: it only saves time."""
        if not self._fresh or os.path.islink(self._directory):
            return
        with contextlib.suppress(OSError):
            _prepare(self._directory)
            entries = {
                name: entry
                for name, entry in _read(self._path).items()
                if name in self._fresh or os.path.exists(os.path.join(self._project, name))
            }
            entries.update(self._fresh)
            temporary = f"{self._path}.{os.getpid()}.tmp"
            document = json.dumps({"format": _FORMAT, "files": entries}, separators=(",", ":"))
            try:
                _create(temporary, document.encode("ascii"))
                os.replace(temporary, self._path)
            finally:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
            _prune(self._directory)

    def _name(self, path: str) -> str:
        prefix = self._project.rstrip(os.sep) + os.sep
        return path[len(prefix) :] if path.startswith(prefix) else path


def stamp() -> str:
    """Tell one installation from another of the same version, such as one under development."""
    parts: list[str] = []
    package = os.path.dirname(os.path.dirname(__file__))
    pending = [package, os.path.join(os.path.dirname(package), "codemods")]
    while pending:
        with contextlib.suppress(OSError), os.scandir(pending.pop()) as scan:
            for entry in scan:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != "__pycache__":
                        pending.append(entry.path)
                else:
                    status = entry.stat()
                    parts.append(f"{entry.path}:{status.st_size}:{status.st_mtime_ns}")
    return "\n".join(sorted(parts))


def clean(directory: str) -> bool:
    """Remove a cache; tell whether there was one.

    Only what :class:`Cache` writes is removed, so that a wrong directory costs nothing.
    """
    if os.path.islink(directory) or not os.path.isfile(os.path.join(directory, "CACHEDIR.TAG")):
        return False
    with os.scandir(directory) as scan:
        names = [entry.name for entry in scan if _is_ours(entry.name)]
    for name in [*names, ".gitignore", "CACHEDIR.TAG"]:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(directory, name))
    with contextlib.suppress(OSError):
        os.rmdir(directory)
    return True


def _is_ours(name: str) -> bool:
    stem = name.partition(".")[0]
    return len(stem) == 32 and name.endswith((".json", ".tmp"))


def _read(path: str) -> dict[str, object]:
    try:
        with open(path, "rb") as file:
            document: object = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict):
        return {}
    document = cast("dict[str, object]", document)
    files = document.get("files")
    if document.get("format") != _FORMAT or not isinstance(files, dict):
        return {}
    return cast("dict[str, object]", files)


def _prepare(directory: str) -> None:
    os.makedirs(directory, exist_ok=True)
    for name, content in ((".gitignore", b"*\n"), ("CACHEDIR.TAG", _TAG)):
        with contextlib.suppress(FileExistsError):
            _create(os.path.join(directory, name), content)


def _create(path: str, content: bytes) -> None:
    """Write a file that must not be there yet, so that no link in its place is followed."""
    with open(path, "xb") as file:
        file.write(content)


def _prune(directory: str) -> None:
    files: list[tuple[float, str]] = []
    with os.scandir(directory) as scan:
        for entry in scan:
            if _is_ours(entry.name):
                files.append((entry.stat(follow_symlinks=False).st_mtime, entry.path))
    files.sort(reverse=True)
    for age, (modified, path) in enumerate(files):
        is_left_behind = path.endswith(".tmp") and modified < time.time() - 3600
        if is_left_behind or (age >= _KEPT and path.endswith(".json")):
            with contextlib.suppress(OSError):
                os.unlink(path)
