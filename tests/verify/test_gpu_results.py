"""The page of measurements is made from what runs left, and mixes no stacks."""

from __future__ import annotations

import importlib
import json
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
    assert sorted(lines[4:]) == [
        "| alias | flex | 1 | nothing | nothing |  |",
        "| bfloat16, founding | flex | 1 | masks | nothing |  |",
        "| founding | flex | 2 | masks | nothing |  |",
    ]


def test_results_of_another_stack_are_refused(results: Any, tmp_path: Path) -> None:
    write(tmp_path, one=report("founding", True, []) | {"stack": STACK | {"torch": "2.11.0"}})
    with pytest.raises(ValueError, match=r"another stack: \{'torch': '2\.11\.0'\}"):
        results.gather(tmp_path)
