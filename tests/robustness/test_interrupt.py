"""Ctrl-C stops at once, says how far it came, and leaves nothing half done."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests import interrupts
from tests.robustness.command import FIXED, HIT, command, environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("fix", [(), ("--fix",)], ids=["check", "fix"])
def test_an_interrupt_stops_at_once(tmp_path: Path, jobs: int, fix: tuple[str, ...]) -> None:
    padding = "x = [1, 2, 3]\n" * 2_000
    names = [f"{number:03}.py" for number in range(150)]
    for name in names:
        (tmp_path / name).write_text(HIT + padding)
    running = subprocess.Popen(
        command("-v", f"-j{jobs}", *fix, "."),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Ctrl-C reaches the whole group.
        start_new_session=True,
        preexec_fn=interrupts.heed,
    )
    # Told before anything is read: Python itself has started by then.
    assert running.stderr is not None
    assert running.stderr.readline().startswith(b"Configuration: ")
    time.sleep(1)
    assert running.poll() is None, "too fast for this test"
    os.killpg(running.pid, signal.SIGINT)
    pressed = time.monotonic()
    stdout, stderr = running.communicate(timeout=20)
    assert time.monotonic() - pressed < 10
    assert running.returncode == 130
    assert stdout == b""
    last = stderr.decode().splitlines()[-1]
    assert re.fullmatch(r"Interrupted( after \d+ of 150 files)?\.", last), stderr
    assert b"Traceback" not in stderr
    for name in names:
        assert (tmp_path / name).read_text() in (HIT + padding, FIXED + padding)
    assert sorted(path.name for path in tmp_path.iterdir()) == names
