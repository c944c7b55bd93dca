"""The cache: what was found in a file, as long as nothing that decides on it changes.

There is one JSON file for each combination of rules, settings, targets, Python and titan-lint. An
entry belongs to a path and holds the digest of the bytes that it was made from, and where it rests on
the other files of its project, a digest of theirs. A run reads the file
once and replaces it once at its end, together with what other runs wrote meanwhile; the worst that
runs side by side do to each other is to forget an entry. Anything unexpected in it is ignored.

Reading is on the way of every run over code that has not changed, so what only writing needs is
imported there.
"""

from __future__ import annotations

import contextlib
import os
import sys

from titan_lint import newer_data, read_file
from titan_lint.cache_folder import OWN_FILES, TAG, prepare
from titan_lint.run.digest import digest
from titan_lint.typeguards import is_list, is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FORMAT = 3

_KEPT = 16
"""How many combinations are kept, the latest written ones."""

_STALE = 3600
"""Seconds after which a temporary file's writer is gone for sure."""


class Cache:
    """The entries of one combination.

    Args:
        directory: Where the cache lies. It is made when there is something to write.
        project: Absolute directory that the paths of entries are relative to.
        key: The settings that decide on findings in all files.

    Attributes:
        targets: Key, label and reason of each target of the run that wrote the entries; empty where
            there was none.
    """

    def __init__(self, directory: str, project: str, key: bytes) -> None:
        parts = (str(FORMAT).encode(), sys.version.encode(), stamp(), key)
        name = digest(b"\0".join(parts))
        self._directory = directory
        self._path = os.path.join(directory, f"{name}.json")
        self._prefix = project.rstrip(os.sep) + os.sep
        self._entries, self.targets = read(self._path)
        self._fresh: dict[str, object] = {}

    @staticmethod
    def digest(content: str, circumstances: str) -> str:
        """Digest the digest of a file's bytes together with what else decides on its findings."""
        return digest(os.fsencode(f"{content} {circumstances}"))

    def get(self, path: str, digest: str, is_current: Callable[[str], bool]) -> list[object] | None:
        """Look up the encoded findings in a file; ``None`` where they are not known, or of another content.

        Args:
            path: Its absolute path.
            digest: Its digest.
            is_current: Tells whether a digest of its project is that of today.
        """
        entry = self._entries.get(self._name(path))
        if not is_list(entry) or len(entry) != 3 or entry[0] != digest:
            return None
        _, project, findings = entry
        if not is_list(findings):
            return None
        if project is not None and not (isinstance(project, str) and is_current(project)):
            return None
        return findings

    def put(
        self, path: str, digest: str, findings: Sequence[object], project: str | None = None
    ) -> None:
        """Remember the encoded findings in a file.

        Args:
            path: Its absolute path.
            digest: Its digest.
            findings: The encoded findings.
            project: The digest of its project, where they rest on it.
        """
        self._fresh[self._name(path)] = [digest, project, list(findings)]

    def save(self, targets: Sequence[tuple[str, str, str]]) -> None:
        """Write what is new, if anything is."""
        if self._fresh:
            _save(self._directory, self._path, self._prefix, self._fresh, targets)

    def _name(self, path: str) -> str:
        return path.removeprefix(self._prefix)


def stamp() -> bytes:
    """Tell one installation from another of the same version, such as one under development, and its data."""
    parts: list[str] = [newer_data.stamp()]
    package = os.path.dirname(os.path.dirname(__file__))
    pending = [package]
    while pending:
        try:
            with os.scandir(pending.pop()) as scan:
                for entry in scan:
                    if not entry.is_dir(follow_symlinks=False):
                        status = entry.stat()
                        parts.append(f"{entry.path}:{status.st_size}:{status.st_mtime_ns}")
                    elif entry.name != "__pycache__":
                        pending.append(entry.path)
        except OSError:
            continue
    return os.fsencode("\n".join(sorted(parts)))


def read(path: str) -> tuple[dict[str, object], list[tuple[str, str, str]]]:
    """Read the entries and the targets of a cache file; nothing where it isn't one."""
    import json

    try:
        document: object = json.loads(read_file.read(path))
    except (OSError, ValueError, RecursionError):
        return {}, []
    if not is_table(document) or document.get("format") != FORMAT:
        return {}, []
    entries, listed = document.get("files"), document.get("targets")
    if not is_table(entries) or not is_list(listed):
        return {}, []
    targets: list[tuple[str, str, str]] = []
    for target in listed:
        match target:
            case [str(key), str(label), str(reason)]:
                targets.append((key, label, reason))
            case _:
                return {}, []
    return entries, targets


def _save(
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
    import json

    from titan_lint import write_file

    if os.path.islink(directory):
        return
    with contextlib.suppress(OSError):
        prepare(directory)
        known, _ = read(path)
        entries = {name: entry for name, entry in known.items() if os.path.exists(prefix + name)}
        entries.update(fresh)
        document = {"format": FORMAT, "targets": list(targets), "files": entries}
        data = json.dumps(document, separators=(",", ":")).encode("ascii")
        write_file.write(path, data, through=False)
        _prune(directory)


def clean(directory: str) -> bool:
    """Remove a cache; tell whether there was one.

    Only what titan-lint writes is removed, so that a wrong directory costs nothing.
    """
    if os.path.islink(directory) or not os.path.isfile(os.path.join(directory, TAG)):
        return False
    surfaces = os.path.join(directory, "surfaces")
    for inner, ends in ((surfaces, (".pack", ".tmp")), (directory, (".json", ".tmp", *OWN_FILES))):
        if os.path.isdir(inner) and not os.path.islink(inner):
            with os.scandir(inner) as scan:
                paths = [entry.path for entry in scan if entry.name.endswith(ends)]
            for path in paths:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
            with contextlib.suppress(OSError):
                os.rmdir(inner)
    return True


def _prune(directory: str) -> None:
    import time

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
