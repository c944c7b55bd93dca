"""Time, CPU and memory of a command and all processes that it starts."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Command:
    """What to run.

    Attributes:
        label: How the table calls it.
        arguments: The command line.
        cwd: Where to run it.
        verify: Raises unless the exit status, and what was printed, show that the work was done.
        prepare: Lays the tree out anew before each run; not timed.
        runs: How many runs are timed; the table shows their median. At least five, or one.
    """

    label: str
    arguments: Sequence[str | Path]
    cwd: Path
    verify: Callable[[int, str], None]
    prepare: Callable[[], object] = lambda: None
    runs: int = 9


@dataclass(frozen=True)
class Measured:
    """Seconds of wall and CPU time (median), and the peak of proportional set size in MB."""

    wall: float
    cpu: float
    memory: float
    slowest: float
    runs: int


def environment() -> dict[str, str]:
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if name not in left_out}


def measure(*commands: Command) -> list[Measured]:
    """Run each once to warm up and to check the output, then for the time, and once for the memory.

    The timed runs go round, one of each command after the other: a machine that is slow for a while
    is so for all of them. What is to run only once is measured and checked in that one run.
    """
    repeated = [command for command in commands if command.runs > 1]
    for command in repeated:
        _verified(command)
    times: dict[str, list[tuple[float, float]]] = {command.label: [] for command in repeated}
    for number in range(max((command.runs for command in repeated), default=0)):
        for command in repeated:
            if number < command.runs:
                times[command.label].append(_timed(command))
    return [
        _summary(command, times[command.label]) if command.runs > 1 else _once(command)
        for command in commands
    ]


def _timed(command: Command) -> tuple[float, float]:
    """Seconds of wall and CPU time of one run."""
    command.prepare()
    started = time.perf_counter()
    process = _start(command, subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return wall, usage.ru_utime + usage.ru_stime


def _summary(command: Command, times: Sequence[tuple[float, float]]) -> Measured:
    walls, cpus = zip(*times, strict=True)
    command.prepare()
    memory = _sample(command, subprocess.DEVNULL, 0.002)
    return Measured(
        statistics.median(walls), statistics.median(cpus), memory, max(walls), command.runs
    )


def _once(command: Command) -> Measured:
    """Measure all of it in one run: over a minute, taking a sample now and then costs nothing."""
    command.prepare()
    before = os.times()
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        memory = _sample(command, output, 0.1, command.verify)
    wall = time.perf_counter() - started
    after = os.times()
    cpu = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    return Measured(wall, cpu, memory, wall, 1)


def _verified(command: Command) -> None:
    command.prepare()
    with tempfile.TemporaryFile() as output:
        status = _start(command, output).wait()
        output.seek(0)
        command.verify(status, output.read().decode("utf-8", "replace"))


def _start(command: Command, output: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command.arguments,
        cwd=command.cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def _sample(
    command: Command,
    output: Any,
    interval: float,
    verify: Callable[[int, str], None] | None = None,
) -> float:
    """Run, and sample the tree's proportional set size; return its peak in MB."""
    process = _start(command, output)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _proportional(process.pid))
        time.sleep(interval)
    if verify is not None:
        output.seek(0)
        verify(process.returncode, output.read().decode("utf-8", "replace"))
    return peak / 1000


def _proportional(pid: int) -> int:
    total = 0
    pending = [pid]
    while pending:
        current = pending.pop()
        try:
            for line in Path(f"/proc/{current}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
            for task in Path(f"/proc/{current}/task").iterdir():
                pending += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return total
