"""Probes forked from a process that has imported torch and torchtitan already.

Importing them takes longer than most engines run, and models are built of their last layer. What a probe does
is the same; that a probe is a process of its own, started afresh by a command line, is tested in
``test_command.py`` and ``test_processes.py``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

from tests import forked
from tests.small_models import grouped_mm, with_few_layers

# Starting one process looks at all others, and no two threads may look at one.
_ONE_AT_A_TIME = threading.Lock()


class ForkedProbe:
    """What :class:`titan_lint.verify.process.Supervised` would be for the command of a probe.

    Of several ranks, each is forked, without the launcher that the command starts them by.
    """

    def __init__(
        self, command: list[str], *, cwd: str, env: dict[str, str], log: int, scratch: str
    ) -> None:
        *launcher, job_file = command
        one = [sys.executable, "-P", "-m", "titan_lint.verify.probe"]
        assert [*launcher[:2], *launcher[-2:]] == one
        ranks = int(launcher[launcher.index("--nproc-per-node") + 1]) if launcher != one else 1
        output = Connection(os.dup(log), readable=False)
        environments = [env] if ranks == 1 else [env | rank for rank in _of_ranks(ranks)]
        self._processes = [
            forked.process(_probe, job_file, cwd, each, output) for each in environments
        ]
        with output, _ONE_AT_A_TIME:
            for process in self._processes:
                process.start()

    def ended(self) -> bool:
        with _ONE_AT_A_TIME:
            return all(process.exitcode is not None for process in self._processes)

    def end(self) -> int | None:
        if not self.ended():
            for process in self._processes:
                assert process.pid is not None
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        while not self.ended():
            time.sleep(0.02)
        return next((process.exitcode for process in self._processes if process.exitcode), 0)


def _of_ranks(count: int) -> list[dict[str, str]]:
    """What `torch.distributed.run` says to each of its processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    together = {
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    return [{"RANK": str(n), "LOCAL_RANK": str(n), **together} for n in range(count)]


def _probe(job_file: str, cwd: str, env: dict[str, str], output: Connection) -> None:
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    with output, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    tempfile.tempdir = None
    import torch
    from torchtitan.models.common.decoder import Decoder

    from titan_lint.verify import probe

    # Read from the environment only when torch is imported.
    torch.set_num_threads(int(env["OMP_NUM_THREADS"]))
    assert env["TORCHDYNAMO_DISABLE"] == "1"
    torch._dynamo.config.disable = True
    torch._grouped_mm = grouped_mm
    Decoder.__init__ = with_few_layers(Decoder.__init__, 1)
    sys.argv = ["probe", job_file]
    probe.main()
