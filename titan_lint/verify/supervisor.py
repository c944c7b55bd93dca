"""Run one command and leave nothing of it behind.

    python -m titan_lint.verify.supervisor SCRATCH COMMAND...

Standard input is a socket whose other end the caller holds. The command's exit status is written to
it, and when the caller closes it, or is gone for whatever reason, the command ends. With the command
end all processes that it started, also those in sessions of their own (on Linux, where the kernel
hands them to this process). A caller that is gone cannot remove ``SCRATCH``; then it is removed here.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys

END = b"end"
"""What a caller writes that ends the command and removes its scratch directory itself."""

_POLL_SECONDS = 0.05
_PR_SET_CHILD_SUBREAPER = 36
_MOST_ROUNDS = 200
"""How often processes are looked for that begin while others are ended."""


def main() -> int:
    """Run the command of the command line; always 0, its own status goes through the socket."""
    scratch, *command = sys.argv[1:]
    caller = socket.socket(fileno=os.dup(0))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The caller decides; a handler, unlike SIG_IGN, is not passed on to the command.
        signal.signal(number, _heed_not)
    _adopt_orphans()
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        sys.stderr.write(f"cannot start {command[0]}: {error.strerror}\n")
        return 0
    try:
        asked_to_end = _wait(child, caller)
    finally:
        _end_descendants()
    status = child.wait()
    if asked_to_end == b"":
        shutil.rmtree(scratch, ignore_errors=True)
    with contextlib.suppress(OSError):
        caller.sendall(f"{status}\n".encode())
    return 0


def _heed_not(number: int, frame: object) -> None:
    pass


def _adopt_orphans() -> None:
    """Become the parent of whatever the command's processes leave behind; only Linux knows this."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait(child: subprocess.Popen[bytes], caller: socket.socket) -> bytes | None:
    """Wait for the command or the caller: what the caller sent, None where the command ended."""
    with selectors.DefaultSelector() as selector:
        selector.register(caller, selectors.EVENT_READ)
        while child.poll() is None:
            if selector.select(_POLL_SECONDS):
                try:
                    return caller.recv(len(END))
                except OSError:
                    return b""
    return None


def _end_descendants() -> None:
    """Kill every process below this one, until there is none."""
    # Not at the top: who starts this process asks for its name without needing psutil.
    import psutil

    def runs(process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):
            return process.status() != psutil.STATUS_ZOMBIE
        return False

    this = psutil.Process()
    for _ in range(_MOST_ROUNDS):
        alive = [one for one in this.children(recursive=True) if runs(one)]
        if not alive:
            return
        for one in alive:
            with contextlib.suppress(psutil.Error):
                one.kill()
        psutil.wait_procs(alive, timeout=1)


if __name__ == "__main__":
    sys.exit(main())
