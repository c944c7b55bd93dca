"""The long tries of docs/robustness.md: whole trees, and 200 kills.

    python -m tests.robustness.run trees DIRECTORY...
    python -m tests.robustness.run kills

``trees`` checks every Python file of the directories twice: as a run would, and with every screen
off. It names each file where the two differ, where a file that is no Python gets more or less than one
line, where a finding stands in a file that does not name torchtitan, or where the rules take longer
than two seconds; and exits 1 where there is one.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.lint import lint, lint_program
from titan_lint.check.suppress import UNUSED, suppress
from titan_lint.code.program import Program
from titan_lint.code.screen import may_match
from titan_lint.code.source import Source, SourceError
from titan_lint.config.nearest import Nearest
from titan_lint.config.settings import Settings
from titan_lint.run import discover
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from titan_lint.finding import Finding

CODES = tuple(rules.names())
TARGETS = targets.parse("0.3.0")
SLOW = 2.0
"""Seconds of processor time from which on a file is named."""


def trees(directories: list[str]) -> bool:
    """Check directories with and without screening, and print a Markdown row of each.

    Returns:
        Whether all was as it should be.
    """
    print("| tree | files | pass the byte screen | not Python | findings | slowest | wrong |")
    print("|---|---|---|---|---|---|---|")
    as_it_should_be = True
    for directory in directories:
        settings = Settings()
        settings.paths = (directory,)
        settings.respect_gitignore = False
        read = passed = refused = found = 0
        slowest = 0.0
        wrong: list[str] = []
        for path in discover.discover(Nearest(settings)).paths:
            data = discover.read(path)
            read += 1
            passed += may_match(data, CODES)
            # As a run does between files, so that one file does not pay for another's garbage.
            gc.collect(0)
            started = time.process_time()
            try:
                number, complaint = _compare(path, data)
            except SourceError as error:
                refused += 1
                number, complaint = 0, None
                if "\n" in error.message or not error.message:
                    complaint = f"no line of its own: {error.message!r}"
            except RecursionError:
                refused += 1
                number, complaint = 0, None
            seconds = time.process_time() - started
            slowest = max(slowest, seconds)
            if seconds > SLOW:
                complaint = complaint or f"{seconds:.1f} seconds for {len(data):,} bytes"
            found += number
            if complaint is not None:
                wrong.append(complaint)
                print(f"{path}: {complaint}", file=sys.stderr, flush=True)
        print(
            f"| {Path(directory).name} | {read} | {passed} | {refused} | {found} "
            f"| {slowest:.1f} s | {len(wrong)} |",
            flush=True,
        )
        as_it_should_be &= not wrong
    return as_it_should_be


def _compare(path: str, data: bytes) -> tuple[int, str | None]:
    """How many findings a run would show in a file, and what is wrong with that."""
    source = Source.decode(path, data)
    program = Program(source)
    program.__dict__["mentions_torchtitan"] = True
    linted = lint_program(program, codes=CODES, targets=TARGETS, options=Options())
    everything = suppress(source, linted.findings, CODES)
    screened: list[Finding] = []
    if linted.failures:
        return 0, f"{linted.failures}"
    if may_match(data, CODES):
        linted = lint(source, codes=CODES, targets=TARGETS, options=Options())
        screened = suppress(source, linted.findings, CODES)
    if everything != screened:
        return len(screened), "screening hides findings"
    # A suppression of a rule of ours that suppresses nothing is found anywhere.
    if b"torchtitan" not in data and any(finding.code != UNUSED for finding in everything):
        return len(screened), "a finding without torchtitan"
    return len(screened), None


def kills(times: int) -> None:
    """Kill ``--fix`` at random moments, and print what was left."""
    from tests.robustness.kills import kill_at_random_moments

    with tempfile.TemporaryDirectory() as directory:
        print(kill_at_random_moments(Path(directory), times=times, files=15, seed=1))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["trees", *directories] if directories:
            sys.exit(0 if trees(directories) else 1)
        case ["kills", *rest]:
            kills(int(rest[0]) if rest else 200)
        case _:
            sys.exit(__doc__)
