"""Run probes in processes of their own, with a limit on time, and turn a crash into a result."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from titan_lint.verify import supervisor
from titan_lint.verify.job import TAIL_LINES, Job
from titan_lint.verify.observation import Failure, Observation

POLL_SECONDS = 0.05
LOG_BYTES = 1 << 16
"""How much of the end of an engine's output is kept."""

OBSERVATION_BYTES = 1 << 26
"""Most bytes of one observation; what is longer is not one."""

_END_SECONDS = 10.0
"""How long the end of an engine's processes is waited for."""


class Interrupted(Exception):  # noqa: N818 - no error: somebody asked for it
    """The run was asked to end; nothing of it is left running."""


def run_probe(
    job: Job,
    *,
    timeout: float,
    ranks: int = 1,
    threads: int = 0,
    ending: threading.Event | None = None,
) -> list[list[Observation]]:
    """Run a job to its end, in as many processes as crashes make necessary.

    Args:
        job: what to run; its ``output`` and ``keep`` are in a directory of this run alone.
        timeout: most seconds that one attention type may take.
        ranks: how many processes share the run, one per device; more than one go through
            ``torch.distributed.run``.
        threads: threads that Torch may compute with; 0 leaves it the choice.
        ending: set when the run is to end at once.

    Returns:
        For each attention type of the job, in order, the observation of each rank.

    Raises:
        Interrupted: ``ending`` was set.
    """
    seen: dict[str, list[Observation]] = {}
    remaining: list[str] = job.attn_types
    while remaining:
        try:
            seen |= _run_once(
                replace(job, attn_types=remaining),
                timeout,
                ranks,
                threads,
                ending or threading.Event(),
            )
        except OSError as error:  # the disk is full, the directory was removed
            seen[remaining[0]] = [not_started(remaining[0], error)] * ranks
        remaining = [attn_type for attn_type in remaining if attn_type not in seen]
    return [seen[attn_type] for attn_type in job.attn_types]


def not_started(attn_type: str, error: OSError) -> Observation:
    """What there is to say of a run for which the machine had no room, or no directory."""
    failure = Failure("import", "the process", f"could not be started: {error}")
    return Observation(attn_type, failure=failure)


def python_command(*arguments: str) -> list[str]:
    """A command that runs this Python, with nothing of the working directory importable."""
    return [sys.executable, "-P", *arguments]


def python_environment() -> dict[str, str]:
    """The environment in which such a command finds this very titan-lint."""
    package_root = str(Path(__file__).resolve().parents[2])
    paths = [package_root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


class Supervised:
    """A command that runs under :mod:`titan_lint.verify.supervisor`.

    Args:
        command: the command.
        cwd: the directory that it runs in.
        env: its environment.
        log: descriptor that takes its output.
        scratch: what its supervisor removes if this process is gone.
    """

    def __init__(
        self, command: list[str], *, cwd: str, env: dict[str, str], log: int, scratch: str
    ) -> None:
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(_END_SECONDS)
        with theirs:
            self._process = subprocess.Popen(
                python_command("-m", supervisor.__name__, scratch, *command),
                cwd=cwd,
                env=env,
                stdin=theirs.fileno(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ended(self) -> bool:
        """Whether the command has ended, and all that it started."""
        return self._process.poll() is not None

    def end(self) -> int | None:
        """End the command and all that it started, where they still run.

        Returns:
            Its exit status, a negative signal's number where one killed it; None where the engine
            killed its supervisor.
        """
        with self._socket:
            with contextlib.suppress(OSError):
                self._socket.sendall(supervisor.END)
            status = b""
            with contextlib.suppress(OSError):
                status = self._socket.recv(16)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_SECONDS)
        self._process.kill()
        self._process.wait()
        return int(status) if status else None


class _Output:
    """What a run writes, read while it is written: its log's end, and the last observations.

    The observations come through named pipes, one a rank: an engine that fills the disk, or removes
    its directory, takes none back.
    """

    def __init__(self, files: list[Path]) -> None:
        for file in files:
            file.unlink(missing_ok=True)
            os.mkfifo(file)
        log, self.log_writer = os.pipe()
        self._log = bytearray()
        self._lines = [bytearray() for _ in files]
        self.seen: list[dict[str, Observation]] = [{} for _ in files]
        self._selector = selectors.DefaultSelector()
        self._descriptors = [log]
        self._selector.register(log, selectors.EVENT_READ, None)
        for rank, file in enumerate(files):
            # For reading and writing: a pipe whose last writer is gone would always be ready.
            descriptor = os.open(file, os.O_RDWR | os.O_NONBLOCK)
            self._descriptors.append(descriptor)
            self._selector.register(descriptor, selectors.EVENT_READ, rank)
        os.set_blocking(log, False)

    @property
    def done(self) -> int:
        """How many observations have come to their end."""
        return sum(one.done for seen in self.seen for one in seen.values())

    @property
    def tail(self) -> str:
        """The last lines of the log."""
        lines = self._log.decode("utf-8", errors="replace").rstrip().splitlines()
        return "\n".join(lines[-TAIL_LINES:])

    def read(self, seconds: float) -> bool:
        """Read what there is, waiting so long for it; whether there was any."""
        any_new = False
        for key, _ in self._selector.select(seconds):
            with contextlib.suppress(BlockingIOError):
                new = os.read(key.fd, 1 << 16)
                if new:
                    any_new = True
                    self._take(key.data, new)
                else:  # the log's last writer is gone; it would be ready forever
                    self._selector.unregister(key.fd)
        return any_new

    def _take(self, rank: int | None, new: bytes) -> None:
        if rank is None:
            self._log += new
            del self._log[:-LOG_BYTES]
            return
        lines = self._lines[rank]
        lines += new
        *whole, rest = lines.split(b"\n") if b"\n" in new else (lines,)
        self._lines[rank] = bytearray(rest) if len(rest) < OBSERVATION_BYTES else bytearray()
        for line in whole:
            with contextlib.suppress(ValueError, TypeError, KeyError):
                observation = Observation.from_json(json.loads(line))
                self.seen[rank][observation.attn_type] = observation

    def close_log(self) -> None:
        """Leave the log to those that write it."""
        if self.log_writer >= 0:
            os.close(self.log_writer)
            self.log_writer = -1

    def close(self) -> None:
        self.close_log()
        self._selector.close()
        for descriptor in self._descriptors:
            os.close(descriptor)


def _run_once(
    job: Job, timeout: float, ranks: int, threads: int, ending: threading.Event
) -> dict[str, list[Observation]]:
    """Run until the job's end, or until an attention type ends the process or breaks its device."""
    path = Path(job.output)
    files = [path] if ranks == 1 else [Path(f"{path}.{rank}") for rank in range(ranks)]
    job_file = path.with_suffix(".job.json")
    job.save(job_file)
    launcher = (
        []
        if ranks == 1
        else ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(ranks)]
    )
    output = _Output(files)
    try:
        process = Supervised(
            python_command(*launcher, "-m", "titan_lint.verify.probe", str(job_file)),
            cwd=job.root,
            env=_environment(path.parent, threads),
            log=output.log_writer,
            scratch=str(path.parent),
        )
        output.close_log()
        try:
            timed_out = _wait(process, output, timeout, ending)
        finally:
            status = process.end()
        if ending.is_set():
            raise Interrupted
        until = time.monotonic() + _END_SECONDS
        while output.read(0) and time.monotonic() < until:
            pass
    finally:
        output.close()
    finished: dict[str, list[Observation]] = {}
    for attn_type in job.attn_types:
        ranks_seen = [by_type.get(attn_type) for by_type in output.seen]
        if all(one is not None and one.done for one in ranks_seen):
            finished[attn_type] = [one for one in ranks_seen if one is not None]
            continue
        if finished and ranks_seen == [None] * ranks:
            break  # never begun: the one before it left a process in which nothing can be run
        end = f"took over {timeout:g} s" if timed_out else _describe(status)
        finished[attn_type] = [
            one if one is not None and one.done else _cut_short(attn_type, one, end, output.tail)
            for one in ranks_seen
        ]
        break
    return finished


def _environment(scratch: Path, threads: int) -> dict[str, str]:
    """The environment of an engine, whose temporary files go with its own scratch directory."""
    environment = python_environment()
    if threads:
        environment.setdefault("OMP_NUM_THREADS", str(threads))
    temporary = scratch / "tmp"
    temporary.mkdir(exist_ok=True)
    # What one engine had compiled serves the next.
    environment.setdefault("TORCHINDUCTOR_CACHE_DIR", str(scratch.parent / "compiled"))
    return environment | {"TMPDIR": str(temporary)}


def _wait(process: Supervised, output: _Output, timeout: float, ending: threading.Event) -> bool:
    """Wait for the process; true when an attention type took longer than the timeout."""
    finished = -1
    deadline = 0.0
    while not process.ended() and not ending.is_set():
        if output.done != finished:
            finished = output.done
            deadline = time.monotonic() + timeout
        if time.monotonic() > deadline:
            return True
        output.read(POLL_SECONDS)
    return False


def _cut_short(attn_type: str, seen: Observation | None, end: str, tail: str) -> Observation:
    observation = seen or Observation(attn_type=attn_type)
    observation.failure = Failure(observation.stage, "the process", end, tail)
    return observation


def _describe(status: int | None) -> str:
    if status is None:
        return "ended together with its supervisor"
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with exit status {status}"
