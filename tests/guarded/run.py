"""Check correct programs against every release, and print what is said about them.

    python -m tests.guarded.run [--programs 1000] [--seed 0] [--execute]

``--execute`` also runs each program on the torchtitan that is installed: it must load. Exits 1 where any
program is flagged, or does not load.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
from importlib.metadata import version
from typing import Any

from tests.guarded.generate import RELEASES, program
from tests.rules.cases import every_message


def flagged(seeds: range) -> list[tuple[int, str, str]]:
    """What is said about the programs of some seeds: seed, release, message."""
    return [
        (seed, release, message)
        for seed in seeds
        for release in RELEASES
        for message in every_message(program(seed), release)
    ]


def failing(seeds: range) -> list[tuple[int, str]]:
    """The programs that do not load on the torchtitan that is installed."""
    found: list[tuple[int, str]] = []
    modules = dict(sys.modules)
    for seed in seeds:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                space: dict[str, Any] = {"__name__": "guarded"}
                exec(compile(program(seed), f"{seed}.py", "exec"), space)
                for name, thing in space.items():
                    if name.startswith("use"):
                        thing()
        except (Exception, SystemExit) as error:
            if not isinstance(error, SystemExit | AssertionError):
                found.append((seed, repr(error)))
        for name in [name for name in sys.modules if name not in modules and "gone" in name]:
            del sys.modules[name]
    return found


def main() -> int:
    """Run what the command line asks for; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--execute", action="store_true")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.programs)
    found = flagged(seeds)
    for seed, release, message in found:
        print(f"seed {seed} at {release}: {message}")
    wrong = sorted({seed for seed, _, _ in found})
    print(f"{len(seeds)} programs at {', '.join(RELEASES)}: {len(wrong)} flagged")
    broken = failing(seeds) if given.execute else []
    for seed, error in broken:
        print(f"seed {seed}: {error}")
    if given.execute:
        print(f"{len(seeds)} programs run on {version('torchtitan')}: {len(broken)} fail")
    return int(bool(wrong or broken))


if __name__ == "__main__":
    sys.exit(main())
