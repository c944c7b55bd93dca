"""All that a GPU machine can show of titan-lint, as steps that run side by side and can be resumed.

Used by `scripts/gpu_report.py OUTPUT --everything`. Each step writes its own results as it goes;
OUTPUT/steps.json says which have ended. Started again with the same OUTPUT, only the others run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
REPORT = [sys.executable, "-u", str(ROOT / "scripts" / "gpu_report.py")]
DRIVE = [sys.executable, "-u", str(ROOT / "fixtures" / "verl" / "drive.py")]
ON_SEVERAL_RANKS = ("real_trainer", "era_verl_0_7_1", "era_verl_0_8_0", "founding")
WITH_EXPERTS = "era_2026_07"
EXPERTS_WRITTEN_FOR = "2026-07-15"
# Driving verl's engine is a test as well; here it is several steps.
DRIVEN = [
    "--deselect",
    "tests/verify/test_verl_engine.py::test_only_the_rewritten_engine_trains",
]
NEWEST = "0.9.1"
"""The newest release of verl."""
FOUND = "found"
"""The step of engines that have no adapter written for them."""
TYPES = ["--attn-type", "flex", "--attn-type", "varlen"]
STOP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One command.

    Attributes:
        name: its name, and that of its log.
        command: what is run, from the project's root.
        gpu: the GPU that it alone sees; None where it sees all.
    """

    name: str
    command: list[str]
    gpu: int | None = None


def steps(
    output: Path, gpus: int, jobs: int, wheels: list[Path], original: Path | None = None
) -> list[Step]:
    """The steps, the most telling first.

    Args:
        output: the directory for all results.
        gpus: how many GPUs there are; what needs two is left out with one.
        jobs: engines side by side on each GPU.
        wheels: verl's wheels, where PyPI cannot be reached.
        original: the directory of the torchtitan that the newest verl was written for.
    """
    given = [f"--wheel={wheel.resolve()}" for wheel in wheels]
    few = str(max(1, jobs // 2))
    drive = [*DRIVE, *given, f"--gpus={gpus}", f"--jobs={few}"]
    newest = [*drive, "--version", NEWEST]
    if original is not None:
        newest.append(f"--original={original.resolve()}")
    setups = ["fsdp", "tp", "fsdp-spmd-types", "fsdp-full-dtensor"] if gpus > 1 else []
    engines = sorted(
        file
        for file in (ROOT / "fixtures" / "engines").glob("*.py")
        if "# titan-lint: engine=" in file.read_text(encoding="utf-8")
    )
    report = ["--unsafe-fixes", *TYPES, "--jobs", str(jobs)]
    made = [
        Step(
            "verl",
            [*newest, "--setup", "one", "--compile", "both", f"--json={output / 'verl.json'}"],
        ),
    ]
    if setups:
        made.append(
            Step(
                "verl-setups",
                [
                    *newest,
                    *(word for setup in ("one", *setups) for word in ("--setup", setup)),
                    f"--json={output / 'verl-setups.json'}",
                ],
            )
        )
    # Experts spread over GPUs need a default that only the version written for tells.
    dated = [*newest, "--from", EXPERTS_WRITTEN_FOR, "--setup", "moe"]
    made.append(
        Step(
            "verl-experts",
            [
                *(*dated, *(["--setup", "ep"] if gpus > 1 else [])),
                f"--json={output / 'verl-experts.json'}",
            ],
        )
    )
    if gpus > 1:
        several = [*report[:-1], few, "--nproc-per-node", str(gpus)]
        files = [str(file) for file in engines if file.stem in ON_SEVERAL_RANKS]
        experts = [str(file) for file in engines if file.stem == WITH_EXPERTS]
        made += [
            Step("ranks", [*REPORT, str(output / "ranks"), *files, *several]),
            Step(
                "experts",
                [
                    *(*REPORT, str(output / "experts"), *experts, *several),
                    *("--from", EXPERTS_WRITTEN_FOR),
                ],
            ),
        ]
    # What `titan-lint verify` makes of a release as it is unpacked.
    made += [
        Step(
            FOUND,
            [*REPORT, str(output / FOUND), str(wheel.resolve()), *TYPES, "--jobs", "1"],
            gpus - 1,
        )
        for wheel in wheels
        if f"-{NEWEST}-" in wheel.name
    ]
    tests = ["-m", "pytest", "-m", "gpu", "-v", "-rs", "-n", few, "--dist", "loadfile"]
    made.append(
        Step(
            "tests",
            [sys.executable, "-u", *tests, "-p", "no:cacheprovider", *DRIVEN, "tests/verify"],
        )
    )
    # In parts also on one GPU: what the end of the time cuts short is run anew.
    parts = max(gpus, 2)
    made += [
        Step(
            f"engines-{part}",
            [*REPORT, str(output / f"engines-{part}"), *map(str, engines[part::parts]), *report],
            part % gpus,
        )
        for part in range(parts)
    ]
    before = ["--version", "0.9.0", "--compile", "both"]
    older = ["--version", "0.8.0", "--version", "0.7.1"]
    for name, words in {"verl-before": before, "verl-older": older}.items():
        made.append(Step(name, [*drive, *words, f"--json={output / f'{name}.json'}"]))
    return made


class Running:
    """Runs steps, and ends those under way when the time is over."""

    def __init__(self, output: Path, environment: dict[str, str], minutes: float) -> None:
        self.output = output
        self.environment = environment
        self.deadline = time.monotonic() + 60 * minutes
        self.lock = threading.Lock()
        self.ended: dict[str, dict[str, Any]] = {}
        if self._file.is_file():
            self.ended = json.loads(self._file.read_text(encoding="utf-8"))

    @property
    def _file(self) -> Path:
        return self.output / "steps.json"

    def all(self, wanted: list[Step], at_once: int) -> bool:
        """Run what has not ended yet; true when every step has ended with status 0."""
        left = [step for step in wanted if step.name not in self.ended]
        with ThreadPoolExecutor(at_once) as pool:
            for done in as_completed([pool.submit(self.one, step) for step in left]):
                done.result()
        return all(self.ended.get(step.name, {"status": 1})["status"] == 0 for step in wanted)

    def one(self, step: Step) -> None:
        """Run a step to its end, or to the end of the time, when it counts as not run."""
        left = self.deadline - time.monotonic()
        if left <= STOP_SECONDS:
            print(f"{step.name}: no time left", flush=True)
            return
        environment = dict(self.environment)
        if step.gpu is not None:
            environment["CUDA_VISIBLE_DEVICES"] = str(step.gpu)
        start = time.monotonic()
        with (self.output / f"{step.name}.txt").open("ab") as log:
            process = subprocess.Popen(
                step.command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                status = process.wait(left - STOP_SECONDS)
            except subprocess.TimeoutExpired:
                print(f"{step.name}: cut short", flush=True)
                return
            finally:
                # Children first get the chance to end their own: they lead sessions of their own.
                for ending in (signal.SIGINT, signal.SIGKILL):
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, ending)
                    if process.poll() is None:
                        with suppress(subprocess.TimeoutExpired):
                            process.wait(STOP_SECONDS / 2)
        seconds = round(time.monotonic() - start)
        print(f"{step.name}: exit status {status} after {seconds} s", flush=True)
        with self.lock:
            self.ended[step.name] = {"status": status, "seconds": seconds}
            self._file.write_text(json.dumps(self.ended, indent=1), encoding="utf-8")
