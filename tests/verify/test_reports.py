"""The reports of a run, and the command that writes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from titan_lint.cli.verify import verify as command
from titan_lint.verify import verify as runner
from titan_lint.verify.page import html_report, loss_curves

from .conftest import needs_torchtitan

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]


def test_loss_curve_of_a_flat_or_broken_run_is_still_a_figure() -> None:
    for losses in ([5.0, 5.0], [5.0, float("nan"), float("inf")], [3.0]):
        figure = loss_curves({"after": losses})
        assert "nan" not in figure
        assert "inf" not in figure


def test_text_in_a_page_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    from titan_lint.verify.verify import VerifyReport

    report = VerifyReport("cpu", {"device": "<x>", "torch": "2", "torchtitan": "0.3.0"})
    report.diffs["a&b"] = "+<script>alert(1)</script>\n"
    page = html_report(report)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_without_the_extra_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner.importlib.util, "find_spec", lambda name: None)
    result = CliRunner().invoke(command, [str(tmp_path)])
    assert result.exit_code == 2
    assert "titan-lint[verify]" in result.stderr


@needs_torchtitan
def test_nothing_on_offer_is_trouble(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--device", "cpu", str(tmp_path)])
    assert result.exit_code == 2
    assert "titan-lint: engine=make_engine" in result.stderr
