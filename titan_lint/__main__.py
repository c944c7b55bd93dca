"""Start ``titan-lint``, or ``python -m titan_lint``."""

from __future__ import annotations

import gc
import os
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with its status."""
    _open_closed_streams()
    # What a check loads stays to its end; the garbage of checking is collected where files are checked.
    gc.disable()
    try:
        from titan_lint.cli.main import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        status = INTERRUPTED
    if status == INTERRUPTED:
        # An interrupt that passed through `exec`, as in the making of a dataclass, makes Python end
        # by the signal whatever was caught since; and there is nothing left to do.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    # Python looks for garbage once more before it ends, among all that was loaded.
    gc.freeze()
    sys.exit(status)


def _open_closed_streams() -> None:
    """Put the null device where a standard stream is closed; the next file opened would be there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


if __name__ == "__main__":
    main()
