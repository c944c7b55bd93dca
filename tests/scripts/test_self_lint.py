"""`scripts/self_lint.py`: what is no slip is named, and so is a slip that is not found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from .load import script

self_lint = script("self_lint")
ROOT = Path(__file__).resolve().parents[2]


def test_what_is_no_slip_and_what_is_missing_is_named() -> None:
    found = self_lint.expected("0.3.0")
    gone = min(found)
    found = found - Counter({gone: 1}) + Counter({("a.py", "TTN201", "torchtitan.x"): 1})
    assert list(self_lint.differences(found, "0.3.0")) == [
        "no slip: a.py: TTN201, torchtitan.x (1)",
        f"not found: {gone[0]}: {gone[1]}, {gone[2]} (1)",
    ]


def test_a_span_holds_its_ends_and_what_lies_between() -> None:
    held = [v for v in self_lint.versions() if self_lint.covers("0.2.2 7c8fc3f54..adbaa061c", v)]
    assert held == ["0.2.2", "7c8fc3f54", "261819688", "adbaa061c"]


def test_a_finding_is_counted_by_what_its_message_is_about(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from torchtitan.components.loss import nothing_of_the_kind\n")
    found = self_lint.self_lint(tmp_path, "0.3.0")
    about = "torchtitan.components.loss.nothing_of_the_kind"
    assert found == Counter({("a.py", "TTN201", about): 1})


def test_every_slip_is_at_a_version_that_is_there() -> None:
    for slip in self_lint.SLIPS:
        assert any(self_lint.covers(slip.at, version) for version in self_lint.versions())


def test_the_page_is_current() -> None:
    assert (ROOT / "docs" / "self-lint.md").read_text("utf-8") == self_lint.page()
