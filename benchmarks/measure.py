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
        runs: How many runs are timed; the table shows their median.
    """

    label: str
    arguments: Sequence[str | Path]
    cwd: Path
    verify: Callable[[int, str], None]
    prepare: Callable[[], object] = lambda: None
    runs: int = 5


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


def measure(command: Command) -> Measured:
    """Run once to warm up and to check the output, then for the time, and once for the memory.

    What is to run only once is measured and checked in that one run.
    """
    if command.runs == 1:
        return _once(command)
    _verified(command)
    walls: list[float] = []
    cpus: list[float] = []
    for _ in range(command.runs):
        command.prepare()
        started = time.perf_counter()
        process = _start(command, subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        walls.append(time.perf_counter() - started)
        cpus.append(usage.ru_utime + usage.ru_stime)
        process.returncode = os.waitstatus_to_exitcode(status)
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
