"""An interrupt that passed through ``exec`` still ends with exit status 130."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import titan_lint.cli.main

def run(argv):
    try:
        exec("raise KeyboardInterrupt")
    except KeyboardInterrupt:
        return 130

titan_lint.cli.main.run = run
from titan_lint.__main__ import main
main()
"""


def test_a_caught_interrupt_inside_exec_exits_130() -> None:
    assert subprocess.run([sys.executable, "-c", CODE], check=False).returncode == 130
