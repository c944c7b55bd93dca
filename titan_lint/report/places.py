"""Places of findings, as reports give them."""

from __future__ import annotations

import functools
import os

from titan_lint.run.digest import digest
from titan_lint.run.discover import relative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from titan_lint.code.source import Source
    from titan_lint.finding import Edit, Finding, Span
    from titan_lint.run.outcome import FileOutcome, Outcome


_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


class Place:
    """A part of a file: 1-based lines, 1-based columns in code points; the end is exclusive.

    Attributes:
        cell: In a notebook the 1-based number of the cell that lines are counted in; else ``None``.
    """

    __slots__ = ("cell", "column", "end_column", "end_line", "line")

    def __init__(
        self, line: int, column: int, end_line: int, end_column: int, cell: int | None = None
    ) -> None:
        self.cell = cell
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column

    def __str__(self) -> str:
        """Where it begins, as reports write it behind a path."""
        begin = f"{self.line}:{self.column}"
        return begin if self.cell is None else f"cell {self.cell}:{begin}"


class Placed:
    """A finding with what reports need besides.

    Attributes:
        finding: The finding.
        source: The text that it points into.
        path: The file's path, relative to here where it is below; see :func:`clean`.
        place: Where in the file, as people count; in a notebook, by cell.
        in_file: Where in the text of the file itself; in a notebook, that of its JSON.
        fingerprint: Tells the finding from all others of the report; stays when lines move.
    """

    __slots__ = ("finding", "fingerprint", "in_file", "path", "place", "source")

    def __init__(
        self,
        finding: Finding,
        source: Source,
        path: str,
        place: Place,
        in_file: Place,
        fingerprint: str,
    ) -> None:
        self.in_file = in_file
        self.finding = finding
        self.source = source
        self.path = path
        self.place = place
        self.fingerprint = fingerprint


def place(source: Source, span: Span | Edit) -> Place:
    """Find the lines and columns of a range of offsets, by cell where there are cells."""
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    cell = source.cell(line)
    if cell is None:
        return Place(line, column, end_line, end_column)
    number, first = cell
    return Place(line - first + 1, column, end_line - first + 1, end_column, number)


def in_file(source: Source, span: Span) -> Place:
    """Find the lines and columns of a range of offsets in the text of the file itself."""
    offsets = map(source.offset_in_file, (span.start, span.end))
    line, column, end_line, end_column = (
        number for offset in offsets for number in source.file.position(offset)
    )
    return Place(line, column, end_line, end_column)


def placed(outcome: Outcome) -> Iterator[Placed]:
    """Go through all findings, ordered by path and place."""
    for file in outcome.files:
        yield from _in_file(file)


def clean(path: str) -> str:
    """Make a path valid Unicode, its other bytes as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace").replace(os.sep, "/")


def in_repository(path: str) -> str:
    """The path that a code host knows a file by: seen from the root of the repository, where it is in one.

    The root is where the host's runner says that it is, else the nearest folder above this one with a
    ``.git``.
    """
    from pathlib import Path

    here = Path.cwd()
    absolute = os.path.normpath(here / path)
    for root in _roots(here, tuple(map(os.environ.get, _ROOTS))):
        if Path(absolute).is_relative_to(root):
            return os.path.relpath(absolute, root)
    return os.path.relpath(path)


@functools.lru_cache(maxsize=1)
def _roots(here: Path, named: tuple[str | None, ...]) -> list[Path]:
    """Where a repository around a folder may begin, looked for once for all findings of a report."""
    from pathlib import Path

    around = (here, *here.parents)
    return [*map(Path, filter(None, named)), *(f for f in around if (f / ".git").exists())]


def _in_file(file: FileOutcome) -> Iterator[Placed]:
    source = file.source
    if source is None:
        return
    path = relative(file.path)
    seen: dict[str, int] = {}
    for finding in file.findings:
        line = source.line_text(source.line_of(finding.span.start))
        known_by = "\0".join((finding.code, path.replace(os.sep, "/"), " ".join(line.split())))
        made = digest(os.fsencode(known_by), 8)
        seen[made] = seen.get(made, 0) + 1
        # Equal lines, and findings on one line, are told apart by their order.
        fingerprint = f"{made}:{seen[made]}"
        where = place(source, finding.span)
        raw = where if where.cell is None else in_file(source, finding.span)
        yield Placed(finding, source, path, where, raw, fingerprint)
