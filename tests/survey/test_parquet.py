"""A survey as Parquet: a row a finding, as pyarrow reads it back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.survey.test_survey import GONE, LEFT, MOVED, checkout
from titan_lint.survey import parquet
from titan_lint.survey.records import Broken, Record

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

BROKEN = Broken("a.py", 1, 2, "TTN202", "error", "gone", ("203f9a806", "9810191bb"), left=True)
RECORDS = (
    Record("two", "c0ffee", 3, ("b.py: no",), "", 0.5, 1, 2, (BROKEN, BROKEN), 1, "--- a\n"),
    Record("none", files=7),
    Record("lost", failure="took longer than 4 s"),
)


def read(path: Path) -> list[dict[str, Any]]:
    tables = pytest.importorskip("pyarrow.parquet")
    return tables.read_table(str(path)).to_pylist()


def written(path: Path, *records: Record) -> list[dict[str, Any]]:
    pytest.importorskip("pyarrow")
    table = parquet.Table(path)
    for record in records:
        table.add(record)
    table.close()
    return read(path)


def test_rows_say_what_json_lines_say(tmp_path: Path) -> None:
    found = written(tmp_path / "found", *RECORDS)
    for record in RECORDS:
        mine = [row for row in found if row["repository"] == record.repository]
        expected = record.as_json()
        del expected["patch"]
        new = expected.pop("new")
        assert len(mine) == max(1, len(new))
        for row, finding in zip(mine, new or [dict.fromkeys(BROKEN.__slots__)], strict=True):
            said = {key: list(v) if isinstance(v, tuple) else v for key, v in finding.items()}
            assert row == {**expected, "unchecked": list(record.unchecked), **said}


def test_rows_of_a_survey_without_repositories_have_columns(tmp_path: Path) -> None:
    assert written(tmp_path / "found") == []


def test_no_row_is_lost_or_doubled_where_rows_are_written_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_BATCH", 2)
    found = written(tmp_path / "found", *(Record(str(n)) for n in range(5)))
    assert [row["repository"] for row in found] == ["0", "1", "2", "3", "4"]


def test_the_command_writes_parquet(tmp_path: Path, titan_lint: TitanLint) -> None:
    pytest.importorskip("pyarrow")
    checkout(tmp_path / "trees" / "a", engine=GONE + MOVED + LEFT)
    checkout(tmp_path / "trees" / "b", engine="import math\n")
    ran = survey(titan_lint, tmp_path, "--output-file", str(tmp_path / "found"))
    assert ran.status == 1
    found = {(r["repository"], r["line"], r["code"], r["left"]) for r in read(tmp_path / "found")}
    assert found == {("a", 2, "TTN202", False), ("a", 3, "TTN201", True), ("b", None, None, None)}


def survey(titan_lint: TitanLint, folder: Path, *words: str) -> Any:
    kept = ("--cache-dir", str(folder / "kept"), "--output-format", "parquet")
    targets = ("--before", "0.2.2", "--after", "0.3.0")
    return titan_lint("survey", str(folder / "trees"), *targets, *kept, *words)


def test_what_is_missing_is_said_before_repositories_are_looked_at(
    tmp_path: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout(tmp_path / "trees" / "a", engine=MOVED)
    assert "needs --output-file" in survey(titan_lint, tmp_path).err
    nowhere = survey(titan_lint, tmp_path, "--output-file", str(tmp_path / "no" / "found"))
    assert "found: cannot be written: No such file or directory" in nowhere.err
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ran = survey(titan_lint, tmp_path, "--output-file", str(tmp_path / "found"))
    assert ran.err == (
        "error: pyarrow is not installed; `pip install 'titan-lint[parquet]'` brings it\n"
    )
    assert not (tmp_path / "kept" / "records").exists()
