"""The reports of a run, and the command that writes them."""

from __future__ import annotations

import json
import math
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from packaging.requirements import Requirement

from titan_lint.cli.verify import verify as command
from titan_lint.verify import plots
from titan_lint.verify import verify as runner
from titan_lint.verify.checks import judge
from titan_lint.verify.document import Environment
from titan_lint.verify.observation import Failure, MaskPicture, Observation, Training
from titan_lint.verify.page import html_report
from titan_lint.verify.verify import Run, VerifyReport

from .conftest import needs_torchtitan
from .pages import Page
from .test_checks import GROUP, observation

ENVIRONMENT = Environment("3.12.3", "2.13.0", "0.3.0", "x", cuda=False)


def test_loss_of_a_flat_or_broken_run_is_still_a_picture() -> None:
    for losses in ((5.0, 5.0), (5.0, float("nan"), float("inf")), (3.0,), (float("nan"),)):
        picture = plots.loss_plot((("after", losses),))
        assert "nan" not in picture.lower()
        assert "inf" not in picture.lower()
        assert picture.count("<use ") > 0


def test_pictures_are_the_same_each_time_and_take_the_colour_of_the_page() -> None:
    for draw in (
        lambda: plots.mask_plot(("90", "59"), 4),
        lambda: plots.influence_plot(((1.4, 6e-3), (0.0, float("nan"))), 6e-5),
        lambda: plots.bars_plot("MiB", (("before", 0.0), ("after", 3.0))),
    ):
        picture = draw()
        for plot in (plots.mask_plot, plots.influence_plot, plots.bars_plot):
            plot.cache_clear()
        assert draw() == picture
        assert "currentColor" in picture
        assert not re.search("#000000|<metadata|<!--|font-family", picture)


def test_pictures_in_one_page_keep_their_names_apart() -> None:
    picture = plots.mask_plot(("90", "59"), 4)
    one, other = (plots.placed(picture, name, "a mask") for name in ("one", "other"))
    names = [set(re.findall(r'\bid="([^"]+)"', placed)) for placed in (one, other)]
    assert names[0]
    assert not names[0] & names[1]
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', one))
    assert used
    assert used <= names[0]


def test_without_matplotlib_a_page_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("titan_lint.cli.verify._matplotlib_is_missing", lambda: True)
    monkeypatch.setattr(runner, "verify", lambda *_, **__: pytest.fail("something was run"))
    result = CliRunner().invoke(command, ["--report", str(tmp_path / "page.html"), str(tmp_path)])
    assert result.exit_code == 2
    assert "matplotlib: install titan-lint[verify]" in result.stderr


def test_page_says_the_command_as_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = VerifyReport("cpu", ENVIRONMENT, date="2026-11-28 12:00 UTC")
    monkeypatch.setattr(runner, "verify", lambda *_, **__: report)
    page = str(tmp_path / "a page.html")
    CliRunner().invoke(
        command, ["e.py", "--unsafe-fixes", "--attn-type", "flex", "--report", page, "--seed", "3"]
    )
    text = Page(Path(page).read_text(encoding="utf-8")).text
    assert (
        f"titan-lint verify e.py --attn-type flex --seed 3 --unsafe-fixes --report '{page}'" in text
    )
    assert "2026-11-28 12:00 UTC" in text
    assert "Nothing could be checked in 0 of 0 runs" in text


def test_json_is_as_its_schema_says_and_has_no_number_that_json_has_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = Training([8.0, math.nan, math.inf], [], [], [GROUP], [GROUP], 100, 1e3, 0)
    picture = MaskPicture("", "BlockMask", 24, ["9"])
    trained = observation(training=training, due=picture, built=[picture], seconds={"train": 1.0})
    broken = Observation("flex", failure=Failure("import", "ImportError", "no module", "at line 1"))
    checks = [judge(seen, device="cpu") for seen in (broken, trained)]
    run = Run("engine", "e.py", "flex", True, *checks, broken, trained)
    report = VerifyReport("cpu", ENVIRONMENT, [run], {"e.py": "-a\n+b\n"}, date="today")
    monkeypatch.setattr(runner, "verify", lambda *_, **__: report)
    text = CliRunner().invoke(command, ["--output-format=json", str(tmp_path)]).stdout

    def refuse(name: str) -> None:
        pytest.fail(f"{name} is no JSON")

    document = json.loads(text, parse_constant=refuse)
    schema = Path(__file__).parents[2] / "docs" / "schemas" / "verify.json"
    jsonschema.Draft7Validator(json.loads(schema.read_text("utf-8"))).validate(document)
    assert document["runs"][0]["training"]["after"]["losses"] == [8.0, None, None]
    assert document["runs"][0]["failure"]["before"]["kind"] == "ImportError"


def test_text_in_a_page_is_escaped() -> None:
    report = VerifyReport("cpu", replace(ENVIRONMENT, device="<x>"))
    report.diffs["a&b"] = "+<script>alert(1)</script>\n"
    page = html_report(report)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("there", ["2.11.0+cu130", "2.13.0+cpu", "2.13.0", "2.14.1"])
def test_extra_keeps_a_torch_that_is_there(there: str) -> None:
    text = Path(__file__).parents[2].joinpath("pyproject.toml").read_text(encoding="utf-8")
    extra = tomllib.loads(text)["project"]["optional-dependencies"]["verify"]
    (wanted,) = (asked for asked in map(Requirement, extra) if asked.name == "torch")
    assert there in wanted.specifier


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
