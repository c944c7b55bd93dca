"""Run probes in processes of their own, with a limit on time, and turn a crash into a result."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import titan_lint
from titan_lint.verify.observation import Failure, Observation
from titan_lint.verify.probe import TAIL_LINES, Job

POLL_SECONDS = 0.05


def run_probe(
    job: Job, *, timeout: float, ranks: int = 1, threads: int = 0
) -> list[list[Observation]]:
    """Run a job to its end, in as many processes as crashes make necessary.

    Args:
        job: what to run; its ``output`` and ``keep`` are in a directory of this run alone.
        timeout: most seconds that one attention type may take.
        ranks: how many processes share the run, one per device; more than one go through
            ``torch.distributed.run``.
        threads: threads that Torch may compute with; 0 leaves it the choice.

    Returns:
        For each attention type of the job, in order, the observation of each rank.
    """
    seen: dict[str, list[Observation]] = {}
    remaining: list[str] = job.attn_types
    while remaining:
        seen |= _run_once(replace(job, attn_types=remaining), timeout, ranks, threads)
        remaining = [attn_type for attn_type in remaining if attn_type not in seen]
    return [seen[attn_type] for attn_type in job.attn_types]


def python_command(*arguments: str) -> list[str]:
    """A command that runs this Python, with nothing of the working directory importable."""
    return [sys.executable, "-P", *arguments]


def python_environment() -> dict[str, str]:
    """The environment in which such a command finds this very titan-lint."""
    package_root = str(Path(titan_lint.__file__).resolve().parent.parent)
    paths = [package_root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


def _run_once(job: Job, timeout: float, ranks: int, threads: int) -> dict[str, list[Observation]]:
    """Run until the job's end, or until an attention type ends the process or breaks its device."""
    output = Path(job.output)
    files = [output] if ranks == 1 else [Path(f"{output}.{rank}") for rank in range(ranks)]
    for file in files:
        file.write_text("", encoding="utf-8")
    job_file = output.with_suffix(".job.json")
    job.save(job_file)
    launcher = (
        []
        if ranks == 1
        else ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(ranks)]
    )
    log_file = output.with_suffix(".log")
    environment = python_environment()
    if threads:
        environment.setdefault("OMP_NUM_THREADS", str(threads))
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            python_command(*launcher, "-m", "titan_lint.verify.probe", str(job_file)),
            cwd=job.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            timed_out = _wait(process, files, timeout)
        finally:
            _kill_session(process)
    seen = [_read(file) for file in files]
    finished: dict[str, list[Observation]] = {}
    for attn_type in job.attn_types:
        ranks_seen = [by_type.get(attn_type) for by_type in seen]
        if all(one is not None and one.done for one in ranks_seen):
            finished[attn_type] = [one for one in ranks_seen if one is not None]
            continue
        if finished and ranks_seen == [None] * ranks:
            break  # never begun: the one before it left a process in which nothing can be run
        end = f"took over {timeout:g} s" if timed_out else _describe(process.returncode)
        finished[attn_type] = [
            one if one is not None and one.done else _cut_short(attn_type, one, end, log_file)
            for one in ranks_seen
        ]
        break
    return finished


def _wait(process: subprocess.Popen[bytes], files: list[Path], timeout: float) -> bool:
    """Wait for the process; true when an attention type took longer than the timeout."""
    finished = -1
    deadline = 0.0
    while process.poll() is None:
        now_finished = sum(file.read_text(encoding="utf-8").count('"done": true') for file in files)
        if now_finished != finished:
            finished = now_finished
            deadline = time.monotonic() + timeout
        if time.monotonic() > deadline:
            return True
        time.sleep(POLL_SECONDS)
    return False


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it started, compile workers for example."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read(file: Path) -> dict[str, Observation]:
    """The last observation of each attention type; a last line cut short is left out."""
    seen: dict[str, Observation] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            observation = Observation.from_json(json.loads(line))
            seen[observation.attn_type] = observation
    return seen


def _cut_short(attn_type: str, seen: Observation | None, end: str, log_file: Path) -> Observation:
    observation = seen or Observation(attn_type=attn_type)
    lines = log_file.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
    tail = "\n".join(lines[-TAIL_LINES:])
    observation.failure = Failure(observation.stage, "the process", end, tail)
    return observation


def _describe(returncode: int | None) -> str:
    if returncode is None:
        return "ended for an unknown reason"
    if returncode < 0:
        return f"was killed by {signal.Signals(-returncode).name}"
    return f"ended with exit status {returncode}"
