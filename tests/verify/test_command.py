"""The command and the helper for tests, from end to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import UNTRACED

from .conftest import copy_with_parts, forked_probes, needs_torchtitan

ROOT = Path(__file__).parents[2]

pytestmark = needs_torchtitan

ATTACHED = "        self.attach("
ONE_LAYER = "        model_spec.model.layers = model_spec.model.layers[:1]\n"


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param(UNTRACED, id="untraced"),
        # That compiled functions are traced, as they are for a user, takes half as long again.
        pytest.param({}, id="traced", marks=pytest.mark.slow),
    ],
)
def test_command_line_from_end_to_end(environment: dict[str, str], tmp_path: Path) -> None:
    # Here alone probes are started as they are for a user.
    engine = copy_with_parts("getattr_guard", to=tmp_path / "tree", of="engines")
    file = engine / "getattr_guard.py"
    file.write_text(file.read_text("utf-8").replace(ATTACHED, f"{ONE_LAYER}{ATTACHED}"), "utf-8")
    page = tmp_path / "report.html"
    run = subprocess.run(
        [
            *(sys.executable, "-m", "titan_lint", "verify", str(file)),
            *("--device", "cpu", "--attn-type", "flex", "--attn-type", "sdpa"),
            *("--output-format", "json", "--report", str(page)),
        ],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    data = json.loads(run.stdout)
    flex, sdpa = data["runs"]
    assert "1 FlexAttention" in flex["checks"][1]["after"]["reason"]
    assert {check["after"]["outcome"] for check in flex["checks"]} == {"passed", "not applicable"}
    assert {check["after"]["outcome"] for check in sdpa["checks"]} == {"not applicable"}
    assert "sdpa is no longer supported" in sdpa["checks"][0]["after"]["reason"]
    assert run.returncode == 2, "sdpa was asked for and nothing of it could be checked"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_three_lines_keep_an_engine_under_test(tmp_path: Path) -> None:
    from titan_lint.verify.testing import assert_engine

    tree = copy_with_parts("right", to=tmp_path / "tree")
    with forked_probes():
        report = assert_engine("right:make_engine", path=tree, device="cpu", attn_types=["flex"])
    assert len(report.runs) == 1
    copy_with_parts("imports", to=tree)
    with forked_probes(), pytest.raises(AssertionError, match="KeyError: 'debugmodel_xxl'"):
        assert_engine("imports:make_engine", path=tree, device="cpu", attn_types=["flex"])
