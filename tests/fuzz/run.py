"""Fuzz the rules and their fixes, and print the counts.

    python -m tests.fuzz.run [--cases 10000] [--seed 0] [SOURCE ...]

Sources beside the project's own fixtures, such as a checked-out engine, can be named.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

from tests.fuzz.check import check, seeds
from tests.fuzz.mutations import ANY, mutated


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("sources", nargs="*", type=Path)
    arguments = parser.parse_args()
    texts = seeds() + [path.read_text("utf-8") for path in arguments.sources] * 5
    counts: Counter[str] = Counter()
    failed: dict[str, int] = {}
    start = time.monotonic()
    for case in range(arguments.seed, arguments.seed + arguments.cases):
        random = Random(case)
        text = mutated(random.choice(texts), random, ANY)
        try:
            counts += check(text, random)
        except Exception as error:
            counts["failed"] += 1
            kind = f"{type(error).__name__}: {error}"[:200]
            if kind not in failed:
                print(f"case {case}: {kind}", file=sys.stderr)
                traceback.print_exc(limit=-3)
            failed[kind] = failed.get(kind, 0) + 1
    seconds = time.monotonic() - start
    for name in ("cases", "failed", "findings", "fixed"):
        print(f"{name}: {counts[name]}")
    print(f"seconds: {seconds:.0f}")
    for kind, count in sorted(failed.items(), key=lambda item: -item[1]):
        print(f"{count} x {kind}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
