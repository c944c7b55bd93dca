"""A survey as a table in a Parquet file, which databases and data frames read: a row a finding."""

from __future__ import annotations

import importlib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from titan_lint.survey.records import Broken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from titan_lint.survey.records import Record

_BATCH = 10_000
"""How many rows are kept until they are written."""


class ParquetError(Exception):
    """There is no pyarrow, or the file cannot be written; the message is one clear sentence."""


class Table:
    """A Parquet file in the making; it is whole once it is closed.

    Its columns are the fields of JSON Lines without ``patch``, and those of a finding in place of ``new``.
    A repository without a finding has one row, in which these are null.

    Args:
        path: The file.

    Raises:
        ParquetError: There is no pyarrow, or the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._arrow: Any = importlib.import_module("pyarrow")
            parquet: Any = importlib.import_module("pyarrow.parquet")
        except ImportError as error:
            raise ParquetError(
                "pyarrow is not installed; `pip install 'titan-lint[parquet]'` brings it"
            ) from error
        self._schema = _schema(self._arrow)
        self._rows: list[dict[str, Any]] = []
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise ParquetError(f"{path}: cannot be written: {error.strerror}") from error
        self._writer = parquet.ParquetWriter(self._file, self._schema)

    def add(self, record: Record) -> None:
        """Add what came of one repository."""
        self._rows += rows(record)
        if len(self._rows) >= _BATCH:
            self._flush()

    def close(self) -> None:
        """Write what is left, and end the file."""
        self._flush()
        self._writer.close()
        self._file.close()

    def _flush(self) -> None:
        self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._rows.clear()


def rows(record: Record) -> Iterator[dict[str, Any]]:
    """What came of one repository, by columns: a row a finding, and one where there is none."""
    found = record.as_json()
    del found["patch"]
    none = dict.fromkeys(field.name for field in fields(Broken))
    for finding in found.pop("new") or (none,):
        yield {**found, **finding}


def _schema(arrow: Any) -> Any:
    text, number, texts = arrow.string(), arrow.int64(), arrow.list_(arrow.string())
    return arrow.schema(
        {
            "schema": number,
            "state": text,
            "repository": text,
            "revision": text,
            "files": number,
            "before": number,
            "after": number,
            "gone": number,
            "unchecked": texts,
            "failure": text,
            "seconds": arrow.float64(),
            "path": text,
            "line": number,
            "column": number,
            "code": text,
            "severity": text,
            "message": text,
            "commits": texts,
            "left": arrow.bool_(),
        }
    )
