"""Code with known findings, and a way to run the command line on it in this process."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from titan_lint.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    TitanLint = Callable[..., "Ran"]

LEGACY = """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B_varlen")
"""
"""One finding, TTN105, an error with a safe fix, at line 3, column 23."""

FIXED = LEGACY.replace('"8B_varlen"', '"8B", attn_backend="varlen"')

BARE = """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B")
"""
"""One finding, TTN107, an info."""

UNSUPPORTED = """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="sdpa")
"""
"""One finding, TTN106, an error without a fix."""

CLEAN = "x = 1\n"


@dataclass
class Ran:
    """What a run came to."""

    status: int
    out: str
    err: str
    raw: bytes


def runner(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> TitanLint:
    """Make a function that runs the command line."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfdbinary.readouterr()
        status = main.run([str(argument) for argument in arguments])
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = capfdbinary.readouterr()
        return Ran(status, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"), out)

    return run
