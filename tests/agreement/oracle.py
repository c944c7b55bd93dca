"""The releases themselves: what becomes of a program on each."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.packages import unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tests.agreement.programs import Program

RELEASES = ("0.2.0", "0.2.1", "0.2.2", "0.3.0")
WORKER = Path(__file__).with_name("worker.py")


def missing() -> str:
    """Why no program can be executed here; empty where they can be."""
    absent = [name for name in ("torch", "torchdata") if importlib.util.find_spec(name) is None]
    return f"{' and '.join(absent)} not installed here" if absent else ""


def site_of(release: str, given: Mapping[str, Path]) -> Path:
    """The directory that holds the ``torchtitan`` of a release, and nothing else of weight.

    What it needs is taken from the running Python's environment, one for all releases.
    """
    return given[release] if release in given else unpacked("torchtitan", release)


@dataclass(frozen=True)
class Result:
    """What became of a program on one release.

    Attributes:
        outcome: ``works``, ``fails``, ``hangs`` or ``dies``.
        error: Type and message of the error that ended it.
        missing: A package other than torchtitan whose absence is behind that error.
        inner: Whether the error comes from torchtitan's own code, below the program's last line.
        broken: Whether the module that it uses is there, and asks torchtitan itself for what is not.
    """

    outcome: str
    error: str = ""
    missing: str = ""
    inner: bool = False
    broken: bool = False

    @property
    def works(self) -> bool:
        """Whether the program came to its end."""
        return self.outcome == "works"


class Oracle:
    """One release in a process of its own, which imports it once."""

    def __init__(self, release: str, site: Path) -> None:
        self.release = release
        environment = os.environ | {
            "OMP_NUM_THREADS": "1",
            "CUDA_VISIBLE_DEVICES": "",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HF_HUB_OFFLINE": "1",
        }
        # A program that reads the version finds the one of its site.
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(WORKER), str(site)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def ask(self, request: dict[str, Any]) -> None:
        """Hand over a request; `answer` waits for what comes of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for the answer to the oldest request."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process of torchtitan {self.release} is gone")
        return json.loads(line)

    def imported(self, modules: Sequence[str]) -> list[str]:
        """Import modules once for all programs; those that could be."""
        self.ask({"import": list(modules)})
        return self.answer()["imported"]

    def run(self, programs: Sequence[Program], jobs: int = 1) -> list[Result]:
        """What becomes of programs."""
        self.ask({"programs": [program.job() for program in programs], "jobs": jobs})
        return self.results()

    def results(self) -> list[Result]:
        """The answer to a request to run programs."""
        return [Result(**result) for result in self.answer()["results"]]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
