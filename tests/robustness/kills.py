"""Kill ``--fix`` at random moments, and look at what is left."""

from __future__ import annotations

import random
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.robustness.command import FIXED, HIT, command, environment

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Kills:
    """What came of it.

    Attributes:
        killed: Runs that were killed before their end.
        came_to_end: Runs that were faster.
        mid_work: Killed runs that left some files fixed and others not.
        with_temporary: Killed runs that left a temporary behind.
        broken: Files that were neither old nor new.
        left_after_next_run: Temporaries that the next run did not remove.
    """

    killed: int = 0
    came_to_end: int = 0
    mid_work: int = 0
    with_temporary: int = 0
    broken: list[str] = field(default_factory=list[str])
    left_after_next_run: list[str] = field(default_factory=list[str])


def kill_at_random_moments(directory: Path, *, times: int, files: int, seed: int) -> Kills:
    """Start ``--fix`` over a fresh tree, kill it, look, and run it once more: ``times`` kills.

    Half of the runs are given two processes. The moments are spread over the time from start to end
    that a first run takes.
    """
    chance = random.Random(seed)
    told = Kills()
    # Large enough for a write to take a while.
    padding = "# padding\n" * 5_000
    old, new = (HIT + padding).encode(), (FIXED + padding).encode()
    tree = directory / "tree"
    tree.mkdir()
    names = [f"{number:03}.py" for number in range(files)]

    def lay_out() -> None:
        for name in names:
            (tree / name).write_bytes(old)

    def start(jobs: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command("--fix", "-q", f"-j{jobs}", "."),
            cwd=tree,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    lay_out()
    started = time.monotonic()
    assert start(1).wait() == 0
    whole = time.monotonic() - started
    while told.killed < times:
        lay_out()
        process = start(1 + (told.killed + told.came_to_end) % 2)
        try:
            process.wait(whole * chance.uniform(0.05, 1.0))
            told.came_to_end += 1
        except subprocess.TimeoutExpired:
            # The first process alone: the others have to notice.
            process.kill()
            process.wait()
            told.killed += 1
        _settle(process.pid)
        contents = [(tree / name).read_bytes() for name in names]
        told.broken += [
            name for name, content in zip(names, contents, strict=True) if content not in (old, new)
        ]
        told.mid_work += old in contents and new in contents
        told.with_temporary += len([*tree.iterdir()]) > files
        assert start(1).wait() == 0
        told.left_after_next_run += [p.name for p in tree.iterdir() if p.name not in names]
        told.broken += [name for name in names if (tree / name).read_bytes() != new]
    return told


def _settle(session: int) -> None:
    """Wait until the killed run's other processes are gone."""
    from pathlib import Path

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        alive = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                alive.append(status)
        if not alive:
            return
        time.sleep(0.01)
    raise AssertionError("processes of a killed run live on")
