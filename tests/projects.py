"""Code with known findings, and a way to run the command line on it in this process."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from titan_lint.cli import main
from titan_lint.library import lint_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

    from titan_lint.finding import Finding

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


def found_in(folder: Path, files: dict[str, str]) -> list[Finding]:
    """Write a project, and give what is found in it at 0.3.0, file by file."""
    (folder / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "0"\n')
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = lint_paths(folder, torchtitan="0.3.0", no_cache=True, jobs=1)
    return [finding for file in done.files for finding in file.findings]


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


def run_here(*arguments: str, cwd: Path) -> Ran:
    """Run the command line in this process, with streams and a directory as those of a program.

    What takes more than a minute fails, be it in a call of the system.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        streams = _written_to("stdout", out), _written_to("stderr", err)
        with contextlib.chdir(cwd), _ends(60), streams[0], streams[1]:
            try:
                status = main.run(arguments)
            except SystemExit as ended:
                assert isinstance(ended.code, int)
                status = ended.code
        raw, said = ((file.seek(0), file.read())[1] for file in (out, err))
    return Ran(
        status, raw.decode("utf-8", "replace"), said.decode("utf-8", "backslashreplace"), raw
    )


@contextlib.contextmanager
def _ends(seconds: int) -> Iterator[None]:
    """Fail what takes longer, be it in a call of the system."""

    def fail(*_: object) -> None:
        raise TimeoutError("the run hangs")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _written_to(name: str, file: IO[bytes]) -> Iterator[None]:
    """Let a standard stream write into a file, as it is laid out for a program."""
    descriptor, errors = {"stdout": (1, "strict"), "stderr": (2, "backslashreplace")}[name]
    before, kept = getattr(sys, name), os.dup(descriptor)
    before.flush()
    os.dup2(file.fileno(), descriptor)
    try:
        with open(descriptor, "w", encoding="utf-8", errors=errors, closefd=False) as stream:
            setattr(sys, name, stream)
            yield
    finally:
        setattr(sys, name, before)
        os.dup2(kept, descriptor)
        os.close(kept)
