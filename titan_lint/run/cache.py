"""The cache: what was found in a file, as long as nothing that decides on it changes.

There is one JSON file for each combination of rules, settings, targets, Python and titan-lint. An
entry belongs to a path and holds the digest of the bytes that it was made from, and where it rests on
the other files of its project, a digest of theirs. A run reads the file
once and replaces it once at its end, together with what other runs wrote meanwhile; the worst that
runs side by side do to each other is to forget an entry. Anything unexpected in it is ignored.

Reading is on the way of every run over code that has not changed, so this module imports little;
writing is in :mod:`titan_lint.run.cache_store`.
"""

from __future__ import annotations

import os
import sys

from titan_lint import regular
from titan_lint.run.digest import digest
from titan_lint.untyped import is_list, is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = 2


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

    def get(self, path: str, digest: str, project: str) -> list[object] | None:
        """Look up the encoded findings in a file.

        Args:
            path: Its absolute path.
            digest: Its digest.
            project: The digest of its project.
        """
        entry = self._entries.get(self._name(path))
        if not is_list(entry) or len(entry) != 3 or entry[0] != digest:
            return None
        findings = entry[2]
        if entry[1] not in (None, project):
            return None
        return findings if is_list(findings) else None

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
            from titan_lint.run.cache_store import save

            save(self._directory, self._path, self._prefix, self._fresh, targets)

    def _name(self, path: str) -> str:
        return path.removeprefix(self._prefix)


def stamp() -> bytes:
    """Tell one installation from another of the same version, such as one under development."""
    parts: list[str] = []
    package = os.path.dirname(os.path.dirname(__file__))
    pending = [package, os.path.join(os.path.dirname(package), "codemods")]
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
        document: object = json.loads(regular.read(path))
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
