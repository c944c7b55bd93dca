"""The long tries of docs/robustness.md: whole trees, and 200 kills.

    python -m tests.robustness.run trees DIRECTORY...
    python -m tests.robustness.run kills

``trees`` checks every Python file of the directories twice: as a run would, and with every screen
off. It fails where the two differ, where something is no line of its own, or where a finding stands in
a file that does not name torchtitan.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from titan_lint import rules
from titan_lint.config import Settings
from titan_lint.file import Program
from titan_lint.lint import lint, lint_program
from titan_lint.rules.base import Options
from titan_lint.run import files
from titan_lint.screen import may_match
from titan_lint.source import Source, SourceError
from titan_lint.suppress import suppress
from titan_lint.surface import targets

CODES = tuple(rules.names())


def trees(directories: list[str]) -> None:
    """Check directories with and without screening, and print a Markdown row of each."""
    target = targets.parse("0.3.0")
    print("| tree | files | pass the byte screen | not Python | findings | differences |")
    print("|---|---|---|---|---|---|")
    for directory in directories:
        settings = Settings()
        settings.paths = (directory,)
        settings.respect_gitignore = False
        read = passed = refused = found = 0
        wrong: list[str] = []
        for path in files.discover(settings).paths:
            data = files.read(path)
            read += 1
            passes = may_match(data, CODES)
            passed += passes
            try:
                source = Source.decode(path, data)
                program = Program(source)
            except SourceError as error:
                refused += 1
                if "\n" in error.message or not error.message:
                    wrong.append(f"{path}: {error.message!r}")
                continue
            try:
                program.__dict__["mentions_torchtitan"] = True
                linted = lint_program(program, codes=CODES, targets=target, options=Options())
                everything = suppress(source, linted.findings, CODES)
                screened = []
                if passes:
                    linted = lint(source, codes=CODES, targets=target, options=Options())
                    screened = suppress(source, linted.findings, CODES)
            except RecursionError:
                refused += 1
                continue
            found += len(screened)
            if everything != screened or linted.failures:
                wrong.append(f"{path}: {linted.failures or 'screening hides findings'}")
            if everything and b"torchtitan" not in data:
                wrong.append(f"{path}: a finding without torchtitan")
        print(
            f"| {Path(directory).name} | {read} | {passed} | {refused} | {found} | {len(wrong)} |",
            flush=True,
        )
        for line in wrong:
            print(line, file=sys.stderr)


def kills(times: int) -> None:
    """Kill ``--fix`` at random moments, and print what was left."""
    from tests.robustness.kills import kill_at_random_moments

    with tempfile.TemporaryDirectory() as directory:
        print(kill_at_random_moments(Path(directory), times=times, files=15, seed=1))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["trees", *directories] if directories:
            trees(directories)
        case ["kills", *rest]:
            kills(int(rest[0]) if rest else 200)
        case _:
            sys.exit(__doc__)
