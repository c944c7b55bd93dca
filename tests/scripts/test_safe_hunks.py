"""The script that counts the safe hunks which are still made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .load import script

if TYPE_CHECKING:
    import pytest

safe_hunks = script("safe_hunks")
ROOT = Path(__file__).resolve().parents[2]
BEFORE = ["import a", "", "", "", "", "", "", "", "", "f(x=1)"]


def test_a_hunk_is_kept_where_all_its_lines_are_made_in_whatever_hunks() -> None:
    both = list(safe_hunks.hunks(BEFORE, ["import b", *BEFORE[1:-1], "f()"]))
    (second,) = safe_hunks.hunks(BEFORE, [*BEFORE[:-1], "f()"])
    (other,) = safe_hunks.hunks(BEFORE, [*BEFORE[:-1], "f(y=1)"])
    assert len(both) == 2
    assert safe_hunks.is_kept(second, both)
    assert not safe_hunks.is_kept(both[0], [second])
    assert not safe_hunks.is_kept(other, both)


def test_a_checkout_keeps_all_hunks_of_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "use.py").write_text(
        "from torchtitan.config.job_config import Training\n\nTraining()\n"
    )
    safe_hunks.main([str(ROOT), str(ROOT), str(tmp_path), "--lost"])
    assert capsys.readouterr().out.splitlines()[-1] == "all: 1 hunks, 1 kept"
