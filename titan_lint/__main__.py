"""Start ``titan-lint``, or ``python -m titan_lint``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        from titan_lint.cli import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    main()
