"""Run programs before and after their safe fixes, and print which fixes are wrong.

    python -m tests.meaning.run [--programs 30000] [--seed 0] [-j 2] [--keep FOLDER] [--kind KIND ...]
        [--real PROGRAMS]

Exits 1 where any safe fix is wrong. ``--keep`` writes the smallest example of each wrong kind into a
folder, before and after the fix.
"""

from __future__ import annotations

import argparse
import fnmatch
import multiprocessing
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.meaning.generate import KINDS, seeded
from tests.meaning.properties import Fixing, new_flaws, wrong
from tests.meaning.real import differences

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.meaning.program import Program

BATCH = 250


@dataclass
class Result:
    """What programs came to.

    Attributes:
        programs: How many were run, by kind.
        fixes: How many of them got a safe fix, by kind.
        wrong: How many of these are wrong, by kind and property.
        smallest: The smallest example of each: program, fixed program, and what is wrong.
        broken: What went wrong with the harness or with titan-lint itself.
        interrupted: Whether not all programs were run.
    """

    programs: Counter[str] = field(default_factory=Counter)
    fixes: Counter[str] = field(default_factory=Counter)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)
    smallest: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    interrupted: bool = False

    def add(self, other: Result) -> None:
        """Take in what other programs came to."""
        self.programs += other.programs
        self.fixes += other.fixes
        self.wrong += other.wrong
        self.broken += other.broken
        for key, example in other.smallest.items():
            self._keep(key, example)

    def note(self, kind: str, name: str, fixing: Fixing, problem: str) -> None:
        """Write down that a fix breaks a property."""
        self.wrong[kind, name] += 1
        self._keep((kind, name), (fixing.before, fixing.after, problem))

    def _keep(self, key: tuple[str, str], example: tuple[str, str, str]) -> None:
        if key not in self.smallest or len(example[0]) < len(self.smallest[key][0]):
            self.smallest[key] = example


def judged(kinds: list[str], numbers: range, fixed: Callable[[Program], Fixing] = Fixing) -> Result:
    """Make a program for each number, of the kinds in turn, fix it and judge the fix."""
    result = Result()
    fixings: list[tuple[str, Fixing]] = []
    for number in numbers:
        seed, which = divmod(number, len(kinds))
        kind = kinds[which]
        program = seeded(kind, seed)
        result.programs[kind] += 1
        try:
            compile(program.text, "program.py", "exec")
            fixing = fixed(program)
            if not fixing.changed:
                continue
            problems = wrong(fixing)
        except Exception as error:
            result.broken.append(
                f"{kind}, seed {seed}: {type(error).__name__}: {error}\n{program.text}"
            )
            continue
        result.fixes[kind] += 1
        fixings.append((kind, fixing))
        for name, problem in problems.items():
            result.note(kind, name, fixing, problem)
    if fixings:
        flaws = new_flaws([(fixing.before, fixing.after) for _, fixing in fixings])
        for (kind, fixing), flaw in zip(fixings, flaws, strict=True):
            if flaw:
                result.note(kind, "ruff", fixing, flaw)
    return result


def _judged(job: tuple[list[str], range]) -> Result:
    return judged(*job)


def run(kinds: list[str], programs: int, seed: int, jobs: int) -> Result:
    """Judge a number of programs, the first of each kind being that of the seed."""
    first = seed * len(kinds)
    work = [
        (kinds, range(start, min(start + BATCH, first + programs)))
        for start in range(first, first + programs, BATCH)
    ]
    result = Result()
    if jobs == 1:
        for job in work:
            result.add(_judged(job))
        return result
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        try:
            for part in pool.imap_unordered(_judged, work):
                result.add(part)
        except KeyboardInterrupt:
            print("interrupted: what follows is what was done up to here", file=sys.stderr)
            result.interrupted = True
    return result


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--programs", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    parser.add_argument(
        "--real", type=int, default=0, help="run so many programs on the real package, too"
    )
    parser.add_argument("--kind", action="append", help="a pattern of kinds, such as 'override/*'")
    arguments = parser.parse_args()
    patterns = arguments.kind or ["*"]
    kinds = [k for k in KINDS if any(fnmatch.fnmatchcase(k, p) for p in patterns)]
    if not kinds:
        parser.error(f"no kind is like {', '.join(patterns)}")
    start = time.monotonic()
    result = run(kinds, arguments.programs, arguments.seed, arguments.jobs)
    print(f"programs: {result.programs.total()} of {len(kinds)} kinds")
    print(f"safe fixes: {result.fixes.total()}")
    print(f"wrong safe fixes: {result.wrong.total()} of {len(result.wrong)} kinds")
    for (kind, name), count in sorted(result.wrong.items()):
        print(f"  {count:5} of {result.fixes[kind]:5} {kind}: {name}")
    print(f"broken: {len(result.broken)}")
    for text in result.broken[:5]:
        print(text, file=sys.stderr)
    different: list[str] = []
    if arguments.real:
        different = differences(arguments.real, arguments.seed)
        print(f"run on the real package: {arguments.real}, different there: {len(different)}")
        for text in different[:5]:
            print(text, file=sys.stderr)
    print(f"seconds: {time.monotonic() - start:.0f}")
    if arguments.keep:
        _write(arguments.keep, result)
    return 1 if result.wrong or result.broken or different or result.interrupted else 0


def _write(folder: Path, result: Result) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for (kind, name), (before, after, problem) in result.smallest.items():
        stem = f"{kind} {name}".replace("/", " ").replace(" ", "-")
        Path(folder, f"{stem}.before.py").write_text(before, "utf-8")
        Path(folder, f"{stem}.after.py").write_text(after, "utf-8")
        Path(folder, f"{stem}.txt").write_text(problem + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
