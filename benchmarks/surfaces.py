"""What surfaces cost: their size, and the time to load one in a fresh process.

    python benchmarks/surfaces.py [--runs N]

Prints the median of CPU and wall milliseconds for importing the modules, for loading a surface up to
its first answer, and for what a file with many uses of torchtitan asks.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """
import json, time
# What the rest of titan-lint has imported by then.
import ast, dataclasses, enum, functools, json, pathlib
marks = [(time.process_time(), time.perf_counter())]
def mark():
    marks.append((time.process_time(), time.perf_counter()))
from titan_lint.api import Class, load
mark()
surface = load("0.3.0")
surface.lookup("torchtitan.models.llama3.model_registry")
mark()
for path in (
    "torchtitan.trainer.Trainer", "torchtitan.trainer.Trainer.Config",
    "torchtitan.config.ParallelismConfig", "torchtitan.config.TrainingConfig",
    "torchtitan.components.optimizer.OptimizersContainer.Config",
    "torchtitan.components.optimizer.LRSchedulersContainer.Config",
    "torchtitan.components.checkpoint.CheckpointManager.Config",
    "torchtitan.distributed.ParallelDims",
):
    found = surface.lookup(path)
    assert isinstance(found, Class) and found.members
    found.constructor()
mark()
load("0.2.2").lookup("torchtitan.train.Trainer")
mark()
print(json.dumps(marks))
"""
STEPS = (
    "import",
    "load a surface, first answer",
    "eight classes with members and constructors",
    "a second surface, first answer",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=11)
    count = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as bytecode:
        # As installed: with bytecode, which the first run writes.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        runs = [measure(environment) for _ in range(count + 1)][1:]
    data = ROOT / "titan_lint" / "surface" / "data"
    for file in sorted(data.iterdir()):
        print(f"{file.name:16} {file.stat().st_size:>9,} bytes")
    for step, name in enumerate(STEPS):
        cpu, wall = (statistics.median(run[step][kind] for run in runs) for kind in (0, 1))
        print(f"{name:44} {cpu:5.1f} ms CPU  {wall:5.1f} ms wall")


def measure(environment: dict[str, str]) -> list[tuple[float, float]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    marks = json.loads(done.stdout)
    return [
        ((after[0] - before[0]) * 1e3, (after[1] - before[1]) * 1e3)
        for before, after in itertools.pairwise(marks)
    ]


if __name__ == "__main__":
    main()
