"""Probes forked from a process that has imported torch and torchtitan already.

Importing them takes longer than most engines run. What a probe does is the same; that a probe is a
process of its own, started afresh by a command line, is tested in ``test_command.py`` and
``test_processes.py``.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import io

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "torch",
        "torch.nn.attention.flex_attention",
        "torchtitan.components.optimizer",
        "torchtitan.models.llama3",
        "torchtitan.trainer",
        "titan_lint.verify.probe",
        "titan_lint.verify.reference",
    ]
)
# Starting one process looks at all others, and no two threads may look at one.
_ONE_AT_A_TIME = threading.Lock()


class ForkedProbe:
    """What ``subprocess.Popen`` would be for the command of a probe."""

    def __init__(
        self,
        command: list[str],
        *,
        cwd: str,
        env: dict[str, str],
        stdout: io.BufferedWriter,
        **options: Any,
    ) -> None:
        assert command[:-1] == [sys.executable, "-P", "-m", "titan_lint.verify.probe"]
        assert options == {
            "stdin": subprocess.DEVNULL,
            "stderr": stdout,
            "start_new_session": True,
        }
        self._process = _CONTEXT.Process(
            target=_probe, args=(command[-1], cwd, env, stdout.name), daemon=True
        )
        with _ONE_AT_A_TIME:
            self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        with _ONE_AT_A_TIME:
            return self._process.exitcode

    def wait(self) -> int:
        while self.poll() is None:
            time.sleep(0.02)
        assert self.returncode is not None
        return self.returncode

    @property
    def returncode(self) -> int | None:
        return self.poll()


def _probe(job_file: str, cwd: str, env: dict[str, str], log: str) -> None:
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    with Path(log).open("ab") as output, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    import torch

    from titan_lint.verify import probe

    # Read from the environment only when torch is imported.
    torch.set_num_threads(int(env["OMP_NUM_THREADS"]))
    assert env["TORCHDYNAMO_DISABLE"] == "1"
    torch._dynamo.config.disable = True
    sys.argv = ["probe", job_file]
    probe.main()


STAND_IN = SimpleNamespace(Popen=ForkedProbe, DEVNULL=subprocess.DEVNULL)
"""What of the ``subprocess`` module starting a probe needs."""
