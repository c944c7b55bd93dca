"""A baseline: findings that were there already and are not reported again.

A finding is known by its rule, its file, and its line without indentation and spacing, so moving code
around wakes no old finding. Each entry has a count: a second finding on an equal line is new.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, cast

from titan_lint import read_file, write_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from titan_lint.code.source import Source
    from titan_lint.finding import Finding
    from titan_lint.run.outcome import FileOutcome

_VERSION = 1


class BaselineError(Exception):
    """The file cannot be read, or is no baseline."""


class Baseline:
    """The recorded findings.

    Attributes:
        directory: What the paths in it are relative to, the directory of the baseline file.
        counts: How often each finding, by path, code and line, was there.
    """

    def __init__(self, directory: str, counts: dict[tuple[str, str, str], int]) -> None:
        self.directory = directory
        self.counts = counts

    @classmethod
    def read(cls, path: str) -> Baseline:
        """Read a file.

        Raises:
            BaselineError: It cannot be read, or is no baseline.
        """
        try:
            document: object = json.loads(read_file.read(path))
        except OSError as error:
            raise BaselineError(f"{path}: cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise BaselineError(f"{path}: no baseline of titan-lint: {error}") from error
        counts: dict[tuple[str, str, str], int] = {}
        try:
            read = cast("dict[str, object]", document)
            if read["version"] != _VERSION:
                raise BaselineError(
                    f"{path}: made by another titan-lint; record it anew with `--write-baseline`"
                )
            for entry in cast("list[dict[str, object]]", read["findings"]):
                name, code, line, count = (entry[key] for key in ("path", "code", "line", "count"))
                if not (isinstance(name, str) and isinstance(code, str) and isinstance(line, str)):
                    raise TypeError
                if not isinstance(count, int):
                    raise TypeError
                counts[name, code, line] = count
        except (TypeError, KeyError, AttributeError) as error:
            raise BaselineError(f"{path}: no baseline of titan-lint") from error
        return cls(os.path.dirname(os.path.abspath(path)), counts)

    def without(self, path: str, source: Source, findings: Sequence[Finding]) -> Baseline:
        """What is left of it for the rest of a file in part of which these were found."""
        known = Counter(_key(self.directory, path, source, finding) for finding in findings)
        return Baseline(self.directory, {k: n - known[k] for k, n in self.counts.items()})

    def unknown(self, path: str, source: Source, findings: Sequence[Finding]) -> list[Finding]:
        """Leave out the findings that are recorded; of several alike, the first ones."""
        left = dict(self.counts)
        kept: list[Finding] = []
        for finding in findings:
            key = _key(self.directory, path, source, finding)
            if left.get(key, 0) > 0:
                left[key] -= 1
            else:
                kept.append(finding)
        return kept


def write(path: str, files: Iterable[FileOutcome]) -> int:
    """Record all findings; return how many.

    Raises:
        OSError: The file cannot be written.
    """
    directory = os.path.dirname(os.path.abspath(path))
    counts = Counter(
        _key(directory, file.path, file.source, finding)
        for file in files
        if file.source is not None
        for finding in file.findings
    )
    document = {
        "version": _VERSION,
        "findings": [
            {"path": name, "code": code, "line": line, "count": count}
            for (name, code, line), count in sorted(counts.items())
        ],
    }
    write_file.write(path, f"{json.dumps(document, indent=2)}\n".encode())
    return counts.total()


def _key(directory: str, path: str, source: Source, finding: Finding) -> tuple[str, str, str]:
    name = os.path.relpath(path, directory).replace(os.sep, "/")
    line = source.line_in_file(source.line_of(finding.span.start))
    return name, finding.code, " ".join(line.split())
