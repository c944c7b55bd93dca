"""Processes forked from one that has imported torch and torchtitan already, which takes ten seconds.

What a program does there is what it would do in a process of its own; it begins with more in ``sys.modules``,
and functions that torchtitan compiles run as they are.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from multiprocessing import forkserver
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

UNTRACED = {"TORCHDYNAMO_DISABLE": "1"}
"""What an environment says where nothing is to be compiled: that takes a minute, and comes to the same."""

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
        "tests.small_models",
    ]
)


def process(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A process that is to run a function, not yet started."""
    # Read by torch when it is imported.
    with pytest.MonkeyPatch.context() as patch:
        for name, value in UNTRACED.items():
            patch.setenv(name, value)
        forkserver.ensure_running()
    return _CONTEXT.Process(target=target, args=arguments, daemon=True)


def output(program: str | Path, given: str = "", path: tuple[Path, ...] = ()) -> str:
    """What a program prints that runs with the torchtitan that is installed.

    Args:
        program: its text, or the file that holds it.
        given: its standard input.
        path: folders that it finds modules in, before all others.

    Raises:
        AssertionError: it fails; the message holds what it wrote on standard error.
    """
    with tempfile.TemporaryDirectory() as scratch:
        streams = [Path(scratch, name) for name in ("in", "out", "err")]
        streams[0].write_text(given, "utf-8")
        child = process(_run, program, dict(os.environ), list(map(str, path)), streams)
        child.start()
        child.join()
        assert child.exitcode == 0, streams[2].read_text("utf-8", "replace")
        return streams[1].read_text("utf-8")


def _run(
    program: str | Path, environment: dict[str, str], path: list[str], streams: list[Path]
) -> None:
    given, *written = streams
    with given.open() as stream:
        os.dup2(stream.fileno(), 0)
    for number, each in enumerate(written, 1):
        with each.open("w") as stream:
            os.dup2(stream.fileno(), number)
    # `multiprocessing` has closed the one it had.
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = path
    text = program if isinstance(program, str) else program.read_text("utf-8")
    main = sys.modules["__main__"] = ModuleType("__main__")
    exec(compile(text, "program.py", "exec", dont_inherit=True), vars(main))
