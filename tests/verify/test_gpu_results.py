"""The page of measurements is made from what runs left, and mixes no stacks."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
STACK = {"torch": "2.13.0", "triton": "3.7.1", "nccl": "2.29.7", "devices": ["H200", "H200"]}


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("gpu_results")


def report(engine: str, failed_before: bool, options: list[str]) -> dict[str, Any]:
    outcome = "failed" if failed_before else "passed"
    check = {"name": "masks", "before": {"outcome": outcome}, "after": {"outcome": "passed"}}
    return {
        "date": "2026-12-01",
        "stack": STACK,
        "stand_ins": ["no-autotune: without autotuning"],
        "options": options,
        "runs": [{"engine": f"{engine}:make_engine", "attn_type": "flex", "checks": [check]}],
    }


def write(output: Path, **reports: dict[str, Any]) -> None:
    (output / "stack.json").write_text(json.dumps(STACK), encoding="utf-8")
    for name, content in reports.items():
        (output / name).mkdir()
        (output / name / "gpu.json").write_text(json.dumps(content), encoding="utf-8")


def test_engines_that_gave_the_same_are_one_row(results: Any, tmp_path: Path) -> None:
    write(
        tmp_path,
        one=report("founding", True, []),
        two=report("bfloat16", True, []),
        ranks=report("founding", True, ["--nproc-per-node", "2"]),
        clean=report("alias", False, []),
    )
    lines = results.table(results.gather(tmp_path)).splitlines()
    assert lines[0] == (
        "Measured 2026-12-01 on 2 H200: torch 2.13.0, Triton 3.7.1, NCCL 2.29.7. "
        "Stand-ins put in: `no-autotune`."
    )
    assert lines[2] == "### The engines of `fixtures/engines`"
    assert lines[6:] == [
        "| masks | nothing | flex | 1 | bfloat16, founding |",
        "| masks | nothing | flex | 2 | founding |",
        "| nothing | nothing | flex | 1 | alias |",
    ]


def driven(attn_type: str, setup: str = "one", **changes: Any) -> dict[str, Any]:
    """What the driver of verl's engine wrote down of one run."""
    return {
        "version": "0.9.1",
        "state": "plain fixes",
        "setup": setup,
        "compiled": False,
        "attn_type": attn_type,
        "ranks": 1,
        "stage": "checkpoint",
        "failure": "",
        "checks": {"documents": True},
        "leak": 0.0,
        "reference_error": 0.02,
        "loss_difference": None,
        "original_difference": None,
        "losses": [8.0, 4.0, 0.5],
        "torch_stand_ins": [],
    } | changes


def test_each_run_of_verl_is_a_row_and_each_failure_is_said(results: Any, tmp_path: Path) -> None:
    nothing = {"leak": None, "reference_error": None, "losses": []}
    lost = {"state": "shipped", "stage": "import", "failure": "ModuleNotFoundError: no x\nat y"}
    long = {"stage": "build", "failure": "ValueError: " + "word " * 40}
    runs = [
        driven("varlen", original_difference=0.0625),
        driven("flex", state="original"),
        driven("flex", **lost, **nothing),
        driven("varlen", **lost, **nothing),
        driven("flex", version="0.10.0"),
        driven("flex", "fsdp", ranks=2, loss_difference=0.25, compiled=True),
        driven("flex", "fsdp-spmd-types", ranks=2, **long, **nothing),
        driven("varlen", "tp", ranks=2, checks={"documents": False, "trains": False}, leak=0.5),
    ]
    write(tmp_path)
    (tmp_path / "verl.json").write_text(json.dumps({"runs": runs}), encoding="utf-8")
    lines = results.table(results.gather(tmp_path)).splitlines()
    assert lines[2] == "### verl's own engine"
    figures = "0 | 0.0200 | 8.000 to 0.500"
    assert lines[6:14] == [
        f"| 0.10.0 | `--fix` | one GPU | flex | no | passes | {figures} |  |  |",
        "| 0.9.1 | as shipped, on its own torchtitan | one GPU | flex | no | passes "
        f"| {figures} |  |  |",
        "| 0.9.1 | as shipped | one GPU | flex, varlen | no | fails: import |  |  |  |  |  |",
        f"| 0.9.1 | `--fix` | one GPU | varlen | no | passes | {figures} |  | 0.0625 |",
        f"| 0.9.1 | `--fix` | FSDP 2 | flex | yes | passes | {figures} | 0.2500 |  |",
        "| 0.9.1 | `--fix` | TP 2 | varlen | no | fails: documents, trains | 5.0e-01 | 0.0200 "
        "| 8.000 to 0.500 |  |  |",
        "| 0.9.1 | `--fix` | FSDP 2, `spmd_types` | flex | no | fails: build |  |  |  |  |  |",
        "",
    ]
    said = "\n".join(lines[14:])
    assert (
        "- import, `ModuleNotFoundError: no x`\n  - verl 0.9.1, as shipped, one GPU, flex, varlen"
        in said
    )
    assert "- documents\n  - verl 0.9.1, `--fix`, TP 2, varlen" in said
    assert " word ...`\n  - verl 0.9.1, `--fix`, FSDP 2, `spmd_types`, flex" in said


def test_all_states_and_setups_of_the_driver_have_a_name_in_the_table(results: Any) -> None:
    driver = (SCRIPTS.parent / "fixtures" / "verl" / "drive.py").read_text(encoding="utf-8")
    assert set(results.STATES) == set(
        re.findall(
            r'"([^"]+)"', "".join(re.findall(r"^(?:SHIPPED|PLAIN|ORIGINAL)\b.* = .*", driver, re.M))
        )
    )
    setups = driver[driver.index("SETUPS = {") :]
    setups = setups[: setups.index("\n}\n")]
    assert set(results.SETUPS) == set(re.findall(r'^    "([^"]+)": Setup\(', setups, re.M))


def test_engines_without_an_adapter_are_a_table_of_their_own(results: Any, tmp_path: Path) -> None:
    write(tmp_path, found=report("verl.engine", True, []), one=report("founding", True, []))
    lines = results.table(results.gather(tmp_path)).splitlines()
    assert lines[2] == "### Engines that need no adapter"
    assert lines[6] == "| masks | nothing | flex | 1 | verl.engine |"
    assert lines[8] == "### The engines of `fixtures/engines`"
    assert lines[12:] == ["| masks | nothing | flex | 1 | founding |"]


def test_what_takes_more_gpus_is_shown_from_the_last_time_that_there_were_as_many(
    results: Any, tmp_path: Path
) -> None:
    def measured(date: str, gpus: int, torch: str, *rows: int) -> dict[str, Any]:
        return {
            "date": date,
            "stack": STACK | {"torch": torch, "devices": ["H200"] * gpus},
            "stand_ins": [f"of-{date}"],
            "rows": [
                {"engine": date, "attention": "flex", "gpus": n, "before": [], "after": []}
                for n in rows
            ],
        }

    other = measured("1", 2, "2.14.0", 2)
    older, old = measured("2", 2, "2.13.0", 2), measured("3", 2, "2.13.0", 1, 2)
    newest = measured("4", 1, "2.13.0", 1)
    lines = results.table(newest, [older, old, other]).splitlines()
    assert lines[0] == (
        "Measured 4 on 1 H200, what takes more GPUs 3 on 2 H200: torch 2.13.0, Triton 3.7.1, "
        "NCCL 2.29.7. Stand-ins put in: `of-3`, `of-4`."
    )
    assert [line[-7:] for line in lines[6:]] == ["1 | 4 |", "2 | 3 |"]
    alone = results.table(newest, [other]).splitlines()
    assert alone[0].startswith("Measured 4 on 1 H200: torch")
    assert [line[-7:] for line in alone[6:]] == ["1 | 4 |"]


def test_results_of_another_stack_are_refused(results: Any, tmp_path: Path) -> None:
    write(tmp_path, one=report("founding", True, []) | {"stack": STACK | {"torch": "2.11.0"}})
    with pytest.raises(ValueError, match=r"another stack: \{'torch': '2\.11\.0'\}"):
        results.gather(tmp_path)
