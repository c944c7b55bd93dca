"""The reports of a run, and the command that writes them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from titan_lint.commands.verify import verify as command
from titan_lint.verify import verify as runner
from titan_lint.verify.checks import CHECKS
from titan_lint.verify.page import html_report, loss_curves
from titan_lint.verify.text import text_report

from .conftest import copy_with_parts, needs_torchtitan

if TYPE_CHECKING:
    from titan_lint.verify.verify import Report

ROOT = Path(__file__).parents[2]


VOID = {"meta", "br", "path", "polyline"}


class Page(HTMLParser):
    """Collects what an HTML page refers to and checks that its tags close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.references: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [v or "" for k, v in attrs if k in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@needs_torchtitan
def test_text_shows_each_engine_before_and_after(engines: Report) -> None:
    text = text_report(engines)
    row = next(
        line for line in text.splitlines() if line.startswith("founding") and "varlen" in line
    )
    assert re.split(r"\s{2,}", row)[2:5] == ["pass > pass", "FAIL > pass", "FAIL > pass"]
    assert all(f"\n{name}: " in text for name in CHECKS)
    assert "asked for VarlenAttention, the model has 6 FlexAttention" in text
    assert text.rstrip().endswith("fail before the rewrite, 1 after.")


@needs_torchtitan
def test_page_needs_nothing_else_and_closes_its_tags(mutations: Report) -> None:
    page = Page(html_report(mutations))
    assert page.open == []
    assert page.references == []
    assert "one document's tokens move the other's logits" in page.text


@needs_torchtitan
def test_page_shows_diff_and_loss_curves(engines: Report, mutations: Report) -> None:
    assert "+        model_spec = model_module.model_registry(" in Page(html_report(engines)).text
    assert html_report(mutations).count("<svg") == sum(
        bool(run.seen_before.training or run.seen_after.training) for run in mutations.runs
    )


@needs_torchtitan
def test_json_holds_every_check_of_every_run(engines: Report) -> None:
    data = json.loads(json.dumps(engines.to_json()))
    assert data["version"] == 1
    assert {run["attn_type"] for run in data["runs"]} == {"flex", "varlen"}
    for run in data["runs"]:
        assert [check["name"] for check in run["checks"]] == list(CHECKS)


def test_loss_curve_of_a_flat_or_broken_run_is_still_a_figure() -> None:
    for losses in ([5.0, 5.0], [5.0, float("nan"), float("inf")], [3.0]):
        figure = loss_curves({"after": losses})
        assert "nan" not in figure
        assert "inf" not in figure


def test_text_in_a_page_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    from titan_lint.verify.verify import Report

    report = Report("cpu", {"device": "<x>", "torch": "2", "torchtitan": "0.3.0"})
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


@needs_torchtitan
def test_command_line_from_end_to_end(tmp_path: Path) -> None:
    engine = copy_with_parts("getattr_guard", to=tmp_path / "tree", of="engines")
    page = tmp_path / "report.html"
    run = subprocess.run(
        [
            *(sys.executable, "-m", "titan_lint", "verify", str(engine / "getattr_guard.py")),
            *("--device", "cpu", "--attn-type", "flex", "--attn-type", "sdpa"),
            *("--output-format", "json", "--report", str(page)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    data = json.loads(run.stdout)
    flex, sdpa = data["runs"]
    assert {check["after"]["outcome"] for check in flex["checks"]} == {"passed", "not applicable"}
    assert {check["after"]["outcome"] for check in sdpa["checks"]} == {"not applicable"}
    assert "sdpa is no longer supported" in sdpa["checks"][0]["after"]["reason"]
    assert run.returncode == 2, "sdpa was asked for and nothing of it could be checked"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


@needs_torchtitan
def test_three_lines_keep_an_engine_under_test(tmp_path: Path) -> None:
    from titan_lint.verify.testing import assert_engine

    tree = copy_with_parts("getattr_guard", to=tmp_path / "tree", of="engines")
    report = assert_engine("getattr_guard:make_engine", path=tree, device="cpu")
    assert len(report.runs) == 2
    copy_with_parts("documents", to=tree)
    with pytest.raises(AssertionError, match="one document's tokens move the other's logits"):
        assert_engine("documents:make_engine", path=tree, device="cpu", attn_types=("flex",))
