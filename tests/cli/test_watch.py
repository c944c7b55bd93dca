"""``--watch`` checks again when a file changes, and ends when interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests import interrupts
from tests.projects import FIXED, LEGACY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint


def test_a_change_is_checked_and_an_interrupt_ends_it(project: Path) -> None:
    pytest.importorskip("watchfiles")
    (project / "a.py").write_text(LEGACY)
    command = [sys.executable, "-m", "titan_lint", "check", "--watch", "--output-format=concise"]
    with subprocess.Popen(
        command,
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=interrupts.heed,
    ) as process:
        # Whatever goes wrong, the test ends.
        guard = threading.Timer(60, process.kill)
        guard.start()
        assert process.stdout is not None
        seen = ""
        for line in process.stdout:
            seen += line
            if line.startswith("Watching") and "TTN105" in seen and "All checks" not in seen:
                # What starts to watch may miss what changes meanwhile.
                touch = threading.Timer(1, (project / "a.py").write_text, [FIXED])
                touch.start()
            if "All checks passed!" in line:
                process.send_signal(signal.SIGINT)
        guard.cancel()
    assert process.returncode == 130
    assert seen.index("TTN105") < seen.index("All checks passed!")


def test_without_watchfiles_it_says_what_to_install(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    ran = titan_lint("--watch")
    assert ran.status == 2
    assert ran.err == "error: `--watch` needs watchfiles: install titan-lint[watch]\n"
