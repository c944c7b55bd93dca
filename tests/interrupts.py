"""How a process that a test starts takes an interrupt, whatever the test run itself was started with.

A shell starts what runs in the background with SIGINT ignored, and every process below inherits that.
Python then installs no handler of its own, so that no ``KeyboardInterrupt`` is ever raised. Give
these functions as ``preexec_fn``, for nothing but a POSIX system.
"""

from __future__ import annotations

import signal


def heed() -> None:
    """Let an interrupt do in the new process what it does to a command in the foreground.

    So does a hangup, which ``nohup`` has ignored.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def ignore() -> None:
    """Start the new process as a shell starts a command in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
