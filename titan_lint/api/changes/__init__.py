"""The catalogue of changes: what stands for an old form of torchtitan's API.

A surface tells that something is gone, or that a default is another one. What to write instead is
told here, one row a change, with the commit that made it. A row never asks for a version: it
applies where the target lacks the old form and has the new one, and both are looked up in the
target's surface. The rows are data, in ``data/*.json``, one file a kind, read as the records of
:mod:`titan_lint.api.changes.rows`; where the shape of the code changes, a row names a module of
``titan_lint/fixes/calls`` that builds the rewrite.
"""

from __future__ import annotations

from pathlib import Path

from titan_lint.api import data_package
from titan_lint.api.changes.records import DataError, WrongValueError, load, read
from titan_lint.api.changes.rows import KINDS
from titan_lint.typeguards import is_list, is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from titan_lint.api.changes.rows import Change
    from titan_lint.api.data_package import Root
    from titan_lint.api.surface import Fork

    C = TypeVar("C", bound=Change)

DATA = Path(__file__).with_name("data")

_loaded: dict[type[Change], tuple[Any, ...]] = {}


def of_kind(kind: type[C], fork: Fork | None = None) -> tuple[C, ...]:
    """The rows of one kind, those of a fork first, each ordered by day and id.

    The catalogue's file is read when it is asked for first.
    """
    if kind not in _loaded:
        _loaded[kind] = load_rows(kind, data_package.file(f"changes/data/{kind.file}.json"))
    return _loaded[kind] if fork is None else (*fork.rows.get(kind, ()), *_loaded[kind])


def catalogue() -> tuple[Change, ...]:
    """All rows, ordered by day and id."""
    rows = [row for kind in KINDS for row in of_kind(kind)]
    return tuple(sorted(rows, key=lambda row: (row.day, row.id)))


def load_rows(kind: type[C], path: Root) -> tuple[C, ...]:
    """The rows in a file, ordered by day and id.

    Raises:
        DataError: A row is not of the kind. The message names the file, the row, its id and the key.
    """
    value = load(path)
    rows = value.get("rows") if is_table(value) and len(value) == 1 else None
    if not is_list(rows):
        raise DataError(f"{path.name}: not an object with `rows`, an array, and nothing else")
    return read_rows(kind, rows, path.name)


def read_rows(
    kind: type[C],
    rows: Sequence[object],
    place: str,
    row_of: Callable[[type[C], object], C] | None = None,
) -> tuple[C, ...]:
    """Some rows, ordered by day and id.

    Args:
        kind: What they are.
        rows: What they are read from.
        place: What messages call the place where they stand.
        row_of: Reads one in place of :func:`read_row`.

    Raises:
        DataError: A row is not of the kind. The message names the place, the row, its id and the key.
    """
    found: list[C] = []
    for number, row in enumerate(rows, 1):
        try:
            found.append((row_of or read_row)(kind, row))
        except WrongValueError as wrong:
            id_ = f" ({row['id']})" if is_table(row) and "id" in row else ""
            raise wrong.said(f"{place}, row {number}{id_}") from None
    return tuple(sorted(found, key=lambda row: (row.day, row.id)))


def read_row(kind: type[C], value: object) -> C:
    """One row; its new form is read as its ``reshape`` says.

    Raises:
        WrongValueError: It is not of the kind.
    """
    if not is_table(value) or "reshape" not in value:
        row = read(kind, value)
        if row.new is not None and type(row.new) in kind.reshapes.values():
            raise WrongValueError("missing `reshape`, which says how to write `new`")
        return row
    reshape = value["reshape"]
    if not isinstance(reshape, str) or reshape not in kind.reshapes:
        known = ", ".join(f"`{name}`" for name in kind.reshapes) or "none"
        raise WrongValueError(f"{reshape!r} is unknown; known are {known}", "reshape")
    form = kind.reshapes[reshape]
    if form is None:
        return read(kind, value)
    if "new" not in value:
        raise WrongValueError("missing `new`, which `reshape` is about")
    try:
        new = read(form, value["new"])
    except WrongValueError as wrong:
        wrong.where.append("new")
        raise
    return read(kind, {**value, "new": new})
