"""Places of findings, as reports give them."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, NamedTuple

from titan_lint.run.files import relative

if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.finding import Edit, Finding, Span
    from titan_lint.run.outcome import FileOutcome, Outcome
    from titan_lint.source import Source


class Place(NamedTuple):
    """A part of a file: 1-based lines, 1-based columns in code points; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Placed(NamedTuple):
    """A finding with what reports need besides.

    Attributes:
        finding: The finding.
        source: The text that it points into.
        path: The file's path, relative to here where it is below; see :func:`clean`.
        place: Where in the file.
        fingerprint: Tells the finding from all others of the report; stays when lines move.
    """

    finding: Finding
    source: Source
    path: str
    place: Place
    fingerprint: str


def place(source: Source, span: Span | Edit) -> Place:
    """Find the lines and columns of a range of offsets."""
    return Place(*source.position(span.start), *source.position(span.end))


def placed(outcome: Outcome) -> Iterator[Placed]:
    """Go through all findings, ordered by path and place."""
    for file in outcome.files:
        yield from _in_file(file)


def clean(path: str) -> str:
    """Make a path valid Unicode, its other bytes as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace").replace(os.sep, "/")


def _in_file(file: FileOutcome) -> Iterator[Placed]:
    source = file.source
    if source is None:
        return
    path = relative(file.path)
    seen: dict[str, int] = {}
    for finding in file.findings:
        line = source.line_text(source.line_of(finding.span.start))
        known_by = "\0".join((finding.code, path.replace(os.sep, "/"), " ".join(line.split())))
        digest = hashlib.blake2b(os.fsencode(known_by), digest_size=8).hexdigest()
        seen[digest] = seen.get(digest, 0) + 1
        # Equal lines, and findings on one line, are told apart by their order.
        fingerprint = f"{digest}:{seen[digest]}"
        yield Placed(finding, source, path, place(source, finding.span), fingerprint)
