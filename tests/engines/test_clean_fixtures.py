"""Code that is right, or about something else, stays unreported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.projects import run_here

from .conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

CLEAN = ROOT / "fixtures" / "clean"
# The directory below is pinned to another version and judged at that.
RIGHT_AT_0_3_0 = sorted(CLEAN.glob("*.py"))
OTHER_PROJECTS = {
    "bert_probing",
    "diffusion_attention",
    "megatron_config",
    "mlops_registry",
    "own_layer_config",
    "quoted_code",
    "vllm_registration",
}


def findings(*paths: Path, options: tuple[str, ...] = ()) -> list[dict[str, str]]:
    run = run_here("--output-format", "json", "--exit-zero", *options, *map(str, paths), cwd=ROOT)
    assert run.status == 0, run.err
    return json.loads(run.out)["findings"]


def test_nothing_above_info_in_code_that_is_right() -> None:
    found = findings(*RIGHT_AT_0_3_0, options=("--torchtitan", "0.3.0"))
    assert [(f["path"], f["code"], f["message"]) for f in found if f["severity"] != "info"] == []


@pytest.mark.parametrize("name", sorted(OTHER_PROJECTS))
def test_nothing_at_all_in_code_of_other_projects(name: str) -> None:
    assert findings(CLEAN / f"{name}.py", options=("--torchtitan", "0.3.0")) == []


def test_nothing_in_a_tree_pinned_to_the_version_it_was_written_for() -> None:
    assert [f for f in findings(CLEAN / "pinned_to_0_2_2") if f["severity"] != "info"] == []


def test_no_fix_touches_code_that_is_right() -> None:
    run = run_here("--diff", "--torchtitan", "0.3.0", *map(str, RIGHT_AT_0_3_0), cwd=ROOT)
    assert run.out == ""
