"""Draw programs, execute them on every release, and hold titan-lint's verdicts against that.

    python -m tests.agreement.run [--programs 2000] [--seed 0] [-j 2] [--pairs A:B ...]
        [--site RELEASE=FOLDER ...] [--skip PREFIX ...] [--json FILE] [--keep FOLDER] [--page]

``--programs`` are drawn for each release that is a first of a pair; each is executed on that release and
on the second ones. ``--site`` names the folder that holds a release's ``torchtitan``; without it the wheel
is fetched with pip, once. ``--skip`` leaves out modules whose names begin so. ``--keep`` writes an example
of each kind of disagreement into a folder, and ``--page`` writes ``docs/agreement.md``. Exits 1 where
anything disagrees.

On a machine without pip or network, from a checkout that lies there, with a Python that has LibCST, torch,
torchdata and what torchtitan imports (``pip install -e .[test]`` makes one), four folders
take the place of the wheels. Where there is a network:

    for r in 0.2.0 0.2.1 0.2.2 0.3.0; do
        pip download --no-deps --dest wheels torchtitan==$r
        python -m zipfile -e wheels/torchtitan-$r-*.whl sites/$r
    done

Each then holds ``torchtitan`` and its ``dist-info``, which tells programs the version, and stands before
the environment's own torchtitan. Carry ``sites`` over (12 MB), and there:

    python -m tests.agreement.run --site 0.2.0=sites/0.2.0 --site 0.2.1=sites/0.2.1
        --site 0.2.2=sites/0.2.2 --site 0.3.0=sites/0.3.0 --programs 10000 -j 16 --page

A point of main that is bundled takes part where ``--site`` says where its tree is, under its key, with a
``dist-info`` that tells the version which main calls itself:

    git -C CHECKOUT archive b5bcd76c6 torchtitan | tar -x -C sites/main
    mkdir sites/main/torchtitan-0.2.2.dist-info
    printf 'Name: torchtitan\\nVersion: 0.2.2\\n' > sites/main/torchtitan-0.2.2.dist-info/METADATA
    python -m tests.agreement.run --site main@b5bcd76c6=sites/main
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.agreement.classes import Case, class_of
from tests.agreement.oracle import RELEASES, Oracle, Result, missing, site_of
from tests.agreement.programs import Program, program
from tests.agreement.verdicts import BROKEN, Fixed, Said, fixed, said
from titan_lint.api import bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROUND = 1000
EXAMPLES = 3
Pair = tuple[str, str]

AGREE, FALSE_ALARM, PASSED_OVER, BROKE = "agree", "false alarm", "passed over", "broken"
UNDECIDED = "undecided"
# What these say of an argument shows in the function's body, which a program with a stop never enters.
ABOUT_VALUES = ("TTN106", "TTN401", "TTN405")


@dataclass
class Counts:
    """What the programs of one release came to on another one.

    Attributes:
        numbers: Counts by what they count.
        out_of_reach: Disagreements by design, by class.
        after_fix: Those that only a fix made, by class; once for each kind of fix.
        undecided: The undecided by what decides them.
        kinds: Disagreements by outcome, kind of use, surrounding and code.
        examples: Some of each.
    """

    numbers: Counter[str] = field(default_factory=Counter[str])
    out_of_reach: Counter[str] = field(default_factory=Counter[str])
    after_fix: Counter[str] = field(default_factory=Counter[str])
    undecided: Counter[str] = field(default_factory=Counter[str])
    kinds: Counter[str] = field(default_factory=Counter[str])
    examples: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def disagree(self, outcome: str, kind: str, example: str) -> None:
        """Note a disagreement."""
        self.numbers[outcome] += 1
        kind = f"{outcome} | {kind}"
        self.kinds[kind] += 1
        kept = self.examples.setdefault(kind, [])
        if len(kept) < EXAMPLES:
            kept.append(example)
        elif len(example) < max(map(len, kept)):
            kept[max(range(len(kept)), key=lambda n: len(kept[n]))] = example


def is_named(program: Program, release: str, findings: Sequence[Said]) -> bool:
    """Whether an error or a warning is about what the program uses.

    At a point of main, which goes by an old version, that is the comparison of the version, too.
    """
    if bundle.index()[release].kind == "main" and program.surrounding == "version":
        if any(finding.code == "TTN404" for finding in findings):
            return True
    words = {*program.use.words, *program.use.module.split(".")[1:]}
    words |= set(program.use.name.split("."))
    return any(
        finding.counts and any(word and word in finding.message for word in words)
        for finding in findings
    )


def is_undecided(program: Program, result: Result) -> bool:
    """Whether what became of a program says nothing of torchtitan's API.

    A package is not there, or its stand-in is no base of a class; a body met placeholders; or a backend asks for other
    hardware, whether the program takes that error or not.
    """
    return bool(
        result.missing
        or (program.use.stop and result.inner)
        or "metaclass conflict" in result.error
        or (_HARDWARE in program.main and (result.works or _REFUSED in result.error))
    )


_HARDWARE, _REFUSED = "'flex_flash'", "is only supported on"


def judged(
    program: Program,
    release: str,
    result: Result,
    findings: Sequence[Said],
    parts: dict[str, Result],
) -> tuple[str, str]:
    """How a verdict stands to what became of a program: outcome, and class by design."""
    if any(finding.severity == BROKEN for finding in findings):
        return BROKE, ""
    if is_undecided(program, result):
        return UNDECIDED, ""
    errors = [finding for finding in findings if finding.severity == "error"]
    if program.use.stop and any(finding.code in ABOUT_VALUES for finding in errors):
        return UNDECIDED, ""
    # The stop stands in `build`, which takes anything: what it makes is not entered.
    if program.use.stop and errors and all(".build`" in finding.message for finding in errors):
        return UNDECIDED, ""
    if result.works and errors:
        return FALSE_ALARM, class_of(Case(program, release, result, findings, parts))
    if not result.works and not is_named(program, release, findings):
        return PASSED_OVER, class_of(Case(program, release, result, findings, parts))
    return AGREE, ""


# Work of other processes.


def _ready(release: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    del release


def _draw(job: tuple[str, range, tuple[str, ...]]) -> list[Program]:
    release, numbers, modules_there = job
    return [program(release, number, modules_there) for number in numbers]


def _say(job: tuple[list[Program], str]) -> list[tuple[Said, ...]]:
    programs, release = job
    return [said(one, release) for one in programs]


def _fix(job: tuple[list[Program], str, bool]) -> list[Fixed]:
    programs, release, unsafe = job
    return [fixed(one, release, unsafe=unsafe) for one in programs]


def _chunks(items: Sequence[Any], size: int = 50) -> list[Any]:
    return [items[start : start + size] for start in range(0, len(items), size)]


class Agreement:
    """A run over several pairs of releases."""

    def __init__(
        self,
        pairs: Sequence[Pair],
        sites: dict[str, Path],
        jobs: int,
        skipped: tuple[str, ...] = (),
        modules: Sequence[str] | None = None,
    ) -> None:
        self.pairs = list(pairs)
        self.jobs = jobs
        self.counts = {pair: Counts() for pair in pairs}
        self.drawn: Counter[str] = Counter()
        releases = sorted({release for pair in pairs for release in pair})
        # The other processes start before the oracles, whose pipes they must not hold open.
        self._pool = multiprocessing.get_context("spawn").Pool(jobs, _ready, ("",))
        self.oracles = {r: Oracle(r, site_of(r, sites)) for r in releases}
        firsts = {first for first, _ in pairs}
        self.there: dict[str, tuple[str, ...]] = {}
        asked = {
            r: sorted(
                m
                for first in firsts
                for m in bundle.load(first).modules
                if m.startswith("torchtitan.")
                and (modules is None or m in modules)
                and not (skipped and m.startswith(skipped))
            )
            for r in releases
        }
        for release in releases:
            self.oracles[release].ask({"import": sorted(set(asked[release]))})
        for release in releases:
            self.there[release] = tuple(self.oracles[release].answer()["imported"])

    def close(self) -> None:
        """End all processes."""
        for oracle in self.oracles.values():
            oracle.close()
        self._pool.terminate()
        self._pool.join()

    def run(self, release: str, numbers: range) -> None:
        """Judge the programs of a release that have these numbers."""
        seconds = [second for first, second in self.pairs if first == release]
        work = [(release, part, self.there[release]) for part in _chunks(numbers)]
        programs = [one for part in self._pool.map(_draw, work, 1) for one in part]
        self.drawn[release] += len(programs)
        at_home = self.oracles[release].run(programs, self.jobs)
        programs = [one for one, result in zip(programs, at_home, strict=True) if result.works]
        for second in seconds:
            self.oracles[second].ask(
                {"programs": [one.job() for one in programs], "jobs": max(1, self.jobs // 2)}
            )
        words = {
            second: self._pool.map_async(_say, [(p, second) for p in _chunks(programs)], 1)
            for second in seconds
        }
        for second in seconds:
            results = self.oracles[second].results()
            findings = [one for part in words[second].get() for one in part]
            self._judge((release, second), programs, results, findings)

    def _judge(
        self,
        pair: Pair,
        programs: Sequence[Program],
        results: Sequence[Result],
        findings: Sequence[tuple[Said, ...]],
    ) -> None:
        counts = self.counts[pair]
        oracle = self.oracles[pair[1]]
        parts = self._parts(oracle, programs)
        to_fix: list[tuple[Program, Result]] = []
        for one, result, found in zip(programs, results, findings, strict=True):
            outcome, by_design = judged(one, pair[1], result, found, parts.get(one.number, {}))
            counts.numbers["programs"] += 1
            counts.numbers[result.outcome] += 1
            if outcome == UNDECIDED:
                counts.numbers[UNDECIDED] += 1
                counts.undecided[result.missing or "the body of a function"] += 1
            elif by_design:
                counts.out_of_reach[by_design] += 1
            elif outcome != AGREE:
                kind = f"{one.use.kind} | {one.surrounding}"
                if outcome == FALSE_ALARM:
                    codes = {s.code for s in found if s.severity == "error"}
                    kind += f" | {' '.join(sorted(codes))}"
                counts.disagree(outcome, kind, shown(one, result, found))
            if outcome != UNDECIDED and any(finding.fixable for finding in found):
                to_fix.append((one, result))
        for unsafe in (False, True):
            self._fixed(counts, pair[1], to_fix, unsafe=unsafe)

    def _parts(self, oracle: Oracle, programs: Sequence[Program]) -> dict[int, dict[str, Result]]:
        asked = [
            (one.number, name, part)
            for one in programs
            if one.is_project
            for name, part in one.parts().items()
        ]
        results = oracle.run([part for _, _, part in asked], self.jobs)
        found: dict[int, dict[str, Result]] = {}
        for (number, name, _), result in zip(asked, results, strict=True):
            found.setdefault(number, {})[name] = result
        return found

    def _fixed(
        self,
        counts: Counts,
        release: str,
        cases: Sequence[tuple[Program, Result]],
        *,
        unsafe: bool,
    ) -> None:
        label = "--fix --unsafe-fixes" if unsafe else "--fix"
        programs = [one for one, _ in cases]
        work = [(part, release, unsafe) for part in _chunks(programs)]
        done = [one for part in self._pool.map(_fix, work, 1) for one in part]
        changed = [
            (one.with_files(after.files), before, after, one)
            for (one, before), after in zip(cases, done, strict=True)
            if after.files != dict(one.files)
        ]
        oracle = self.oracles[release]
        results = oracle.run([one for one, _, _, _ in changed], self.jobs)
        parts = self._parts(oracle, [one for one, _, _, _ in changed])
        for (one, before, after, original), result in zip(changed, results, strict=True):
            counts.numbers[f"{label}: changed"] += 1
            if result.works:
                counts.numbers[f"{label}: works"] += 1
            elif is_undecided(one, result):
                counts.numbers[f"{label}: undecided"] += 1
            elif any(finding.counts for finding in after.left) and not before.works:
                counts.numbers[f"{label}: reported"] += 1
            elif not before.works and (
                by_design := class_of(
                    Case(one, release, result, after.left, parts.get(one.number, {}))
                )
            ):
                counts.numbers[f"{label}: out of reach"] += 1
                counts.after_fix[by_design] += 1
            else:
                kind = f"{one.use.kind} | {one.surrounding}"
                counts.disagree(
                    f"{label}: {'broken' if before.works else 'silent'}",
                    kind,
                    f"{shown(original, before, ())}\n=== after {label}\n"
                    f"{shown(one, result, after.left)}",
                )


def shown(one: Program, result: Result, findings: Iterable[Said]) -> str:
    """A program for people: its files, what became of it, what was said."""
    lines = [
        f"# {one.release} {one.number}: {one.use.kind} | {one.reach} | {one.keep} | {one.place}"
        f" | {one.surrounding}"
    ]
    for name, text in one.files:
        lines += [f"# --- {name}.py", text.rstrip()]
    lines.append(f"# {result.outcome} {result.error}".rstrip())
    lines += [f"# {said.code} {said.severity} {said.message}" for said in findings]
    return "\n".join(lines) + "\n"


def record(
    agreement: Agreement, seconds: float, programs: int, seed: int, skipped: Sequence[str]
) -> dict[str, Any]:
    """All counts, for a file."""
    used = sum(
        usage.ru_utime + usage.ru_stime
        for usage in (
            resource.getrusage(resource.RUSAGE_SELF),
            resource.getrusage(resource.RUSAGE_CHILDREN),
        )
    )
    return {
        "programs": programs,
        "seed": seed,
        "skip": list(skipped),
        "jobs": agreement.jobs,
        "python": sys.version.split()[0],
        "seconds": round(seconds),
        "cpu_seconds": round(used),
        "drawn": dict(agreement.drawn),
        "pairs": {
            f"{first}:{second}": {
                "numbers": dict(counts.numbers),
                "out of reach": dict(counts.out_of_reach),
                "out of reach after a fix": dict(counts.after_fix),
                "undecided": dict(counts.undecided.most_common()),
                "kinds": dict(counts.kinds.most_common()),
            }
            for (first, second), counts in agreement.counts.items()
        },
    }


def main() -> int:
    """Run the command; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--programs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--pairs", nargs="*", default=[])
    parser.add_argument("--site", action="append", default=[], metavar="RELEASE=FOLDER")
    parser.add_argument("--skip", action="append", default=[], metavar="PREFIX")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--page", action="store_true")
    given = parser.parse_args()
    reason = missing()
    if reason:
        print(reason, file=sys.stderr)
        return 2
    pairs = [tuple(text.split(":", 1)) for text in given.pairs]
    sites = {name: Path(folder) for name, _, folder in (s.partition("=") for s in given.site)}
    if not pairs:
        every = dict.fromkeys([*RELEASES, *sites])
        pairs = [(first, second) for first in every for second in every if first != second]
    start = time.monotonic()
    agreement = Agreement(pairs, sites, given.jobs, tuple(given.skip))  # type: ignore[arg-type]
    first_number = given.seed * 1_000_000
    try:
        for begin in range(0, given.programs, ROUND):
            end = min(begin + ROUND, given.programs)
            for release in dict.fromkeys(first for first, _ in pairs):
                agreement.run(release, range(first_number + begin, first_number + end))
                print(f"{release}: {end} of {given.programs}", file=sys.stderr, flush=True)
    finally:
        agreement.close()
    made = record(agreement, time.monotonic() - start, given.programs, given.seed, given.skip)
    if given.json:
        given.json.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    if given.keep:
        _keep(given.keep, agreement)
    if given.page:
        from tests.agreement.page import write

        write(made)
    return _summary(agreement, made)


def _summary(agreement: Agreement, made: dict[str, Any]) -> int:
    wrong: Counter[str] = Counter()
    for (first, second), counts in agreement.counts.items():
        print(
            f"{first} -> {second}: {dict(counts.numbers)} {dict(counts.out_of_reach)}"
            f" {dict(counts.after_fix)} {dict(counts.undecided)}"
        )
        wrong += counts.kinds
    for kind, count in wrong.most_common(60):
        print(f"{count:6} {kind}")
    print(f"{made['seconds']} s, {made['cpu_seconds']} CPU s")
    return int(bool(wrong))


def _keep(folder: Path, agreement: Agreement) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for (first, second), counts in agreement.counts.items():
        text = ""
        for kind, count in counts.kinds.most_common():
            text += f"########## {count} {kind}\n" + "\n".join(counts.examples[kind]) + "\n"
        Path(folder, f"{first}-{second}.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
