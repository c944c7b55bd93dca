"""scripts/gpu_report.py keeps stacks apart, and its steps can be resumed."""

from __future__ import annotations

import importlib
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
STACK: dict[str, Any] = {
    "torch": "2.13.0",
    "triton": "3.7.1",
    "nccl": "2.29.7",
    "devices": ["H200"],
}


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("gpu_report")


@pytest.fixture
def gpu_steps(report: Any) -> Any:
    return report.gpu_steps


def test_results_of_one_stack_go_together(report: Any, tmp_path: Path) -> None:
    report.keep_stack(tmp_path, STACK)
    report.keep_stack(tmp_path, STACK | {"devices": ["H200", "H200"]})


@pytest.mark.parametrize(
    ("name", "other"), [("torch", "2.11.0"), ("triton", "3.6.0"), ("nccl", "2.28.9")]
)
def test_results_of_another_stack_are_refused(
    report: Any, tmp_path: Path, name: str, other: str
) -> None:
    report.keep_stack(tmp_path, STACK)
    with pytest.raises(report.OtherStackError, match=f"{name} {STACK[name]}, here {other}"):
        report.keep_stack(tmp_path, STACK | {name: other})
    with pytest.raises(report.OtherStackError, match="devices"):
        report.keep_stack(tmp_path, STACK | {"devices": ["H100"]})


def test_only_stand_ins_that_were_put_in_are_named(report: Any, tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert report.stand_ins(log) == []
    log.write_text("no-autotune\nno-autotune\n", encoding="utf-8")
    (named,) = report.stand_ins(log)
    assert named.startswith("no-autotune: FlexAttention compiled without autotuning")


def python(gpu_steps: Any, name: str, code: str) -> Any:
    return gpu_steps.Step(name, [sys.executable, "-c", code])


def test_a_step_that_ended_is_not_run_again(gpu_steps: Any, tmp_path: Path) -> None:
    steps = [python(gpu_steps, "one", "print('ran')"), python(gpu_steps, "two", "exit(3)")]
    environment = dict(os.environ)
    assert not gpu_steps.Running(tmp_path, environment, 5).all(steps, 2)
    assert not gpu_steps.Running(tmp_path, environment, 5).all(steps, 2)
    assert (tmp_path / "one.txt").read_text(encoding="utf-8").split() == ["ran"]
    ended = json.loads((tmp_path / "steps.json").read_text(encoding="utf-8"))
    assert {name: step["status"] for name, step in ended.items()} == {"one": 0, "two": 3}


def test_a_step_cut_short_is_run_again(
    gpu_steps: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_steps, "STOP_SECONDS", 1)
    code = "import time; print('began', flush=True); time.sleep(60)"
    running = gpu_steps.Running(tmp_path, dict(os.environ), 3 / 60)
    assert not running.all([python(gpu_steps, "slow", code)], 1)
    assert running.ended == {}
    again = gpu_steps.Running(tmp_path, dict(os.environ), 5)
    assert again.all([python(gpu_steps, "slow", "print('ended')")], 1)
    log = (tmp_path / "slow.txt").read_text(encoding="utf-8")
    assert log.split()[-1] == "ended"


def test_one_gpu_gets_no_step_of_two_ranks(gpu_steps: Any, tmp_path: Path) -> None:
    def ranks(gpus: int) -> set[str]:
        made = gpu_steps.steps(tmp_path, gpus, 4, [])
        return {step.name for step in made if "--nproc-per-node" in step.command}

    assert ranks(1) == set()
    assert ranks(2) == {"ranks", "experts"}


def test_engines_are_files_that_offer_one_or_what_a_wheel_holds(
    report: Any, tmp_path: Path
) -> None:
    (tmp_path / "engines").mkdir()
    (tmp_path / "engines" / "one.py").write_text("# titan-lint: engine=make\n", encoding="utf-8")
    (tmp_path / "engines" / "parts.py").write_text("make = 1\n", encoding="utf-8")
    wheel = tmp_path / "plug-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("plug/engine.py", "make = 1\n")
    assert report.offered(tmp_path / "engines", tmp_path) == [str(tmp_path / "engines" / "one.py")]
    (tree,) = report.offered(wheel, tmp_path / "output")
    assert Path(tree, "plug", "engine.py").read_text(encoding="utf-8") == "make = 1\n"
    assert Path(tree).name == "plug-1.0-py3-none-any"


def test_the_newest_verl_is_driven_beside_its_original_and_found_without_an_adapter(
    gpu_steps: Any, tmp_path: Path
) -> None:
    wheels = [tmp_path / f"verl-{version}-py3-none-any.whl" for version in ("0.9.1", "0.8.0")]
    made = gpu_steps.steps(tmp_path, 1, 4, wheels, tmp_path / "older")
    original = f"--original={tmp_path / 'older'}"
    assert {step.name for step in made if original in step.command} == {"verl", "verl-experts"}
    (found,) = (step for step in made if step.name == gpu_steps.FOUND)
    assert str(wheels[0]) in found.command
    assert str(wheels[1]) not in found.command


@pytest.mark.parametrize("gpus", [1, 2])
def test_every_engine_is_verified_on_one_gpu_once(
    gpu_steps: Any, tmp_path: Path, gpus: int
) -> None:
    made = gpu_steps.steps(tmp_path, gpus, 4, [])
    files = [
        word
        for step in made
        if step.name.startswith("engines-")
        for word in step.command
        if word.endswith(".py") and "engines" in word
    ]
    offered = [
        str(file)
        for file in (SCRIPTS.parent / "fixtures" / "engines").glob("*.py")
        if "# titan-lint: engine=" in file.read_text(encoding="utf-8")
    ]
    assert sorted(files) == sorted(offered)
