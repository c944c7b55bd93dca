"""The one place where this harness knows how titan-lint is called."""

from __future__ import annotations

import functools
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.fix import fix
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options
from titan_lint.uses.readers import Readers

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator
    from pathlib import Path

    from titan_lint.code.hooks import Hook
    from titan_lint.code.program import Program
    from titan_lint.finding import Obligation

TARGET = "0.3.0"

# TTN901 needs the suppressions of the command line.
CODES = tuple(code for code in rules.names() if code != "TTN901")


@dataclass(frozen=True)
class Outcome:
    """What fixing a text came to.

    Attributes:
        text: The text afterwards.
        fixed: Codes of the findings that were fixed, in order.
        remaining: Codes of what is left, and all that is said of it.
        refused: Why nothing was written, where the fixes were refused.
    """

    text: str
    fixed: tuple[str, ...]
    remaining: tuple[tuple[str, str], ...]
    refused: str | None


def fixed(
    text: str,
    *,
    unsafe: bool = False,
    written_for: str | None = None,
    target: str | tuple[str, ...] = TARGET,
) -> Outcome:
    """Apply the safe fixes (or, with ``unsafe``, all) to a text, as ``titan-lint --fix`` does.

    Raises:
        AssertionError: A rule broke.
    """
    done = fix(
        Source("program.py", text),
        codes=CODES,
        targets=_targets(target),
        options=Options(written_for=written_for),
        unsafe=unsafe,
    )
    assert not done.failures, done.failures
    remaining = tuple((finding.code, finding.said) for finding in done.remaining)
    return Outcome(
        done.source.text, tuple(finding.code for finding in done.fixed), remaining, done.refused
    )


def found(
    text: str, *, written_for: str | None = None, target: str = TARGET
) -> tuple[tuple[str, str], ...]:
    """Codes and messages of what titan-lint finds in a text."""
    linted = lint(
        Source("program.py", text),
        codes=CODES,
        targets=_targets(target),
        options=Options(written_for=written_for),
    )
    assert not linted.failures, linted.failures
    return tuple((finding.code, finding.message) for finding in linted.findings)


def statements(text: str, *, written_for: str | None = None) -> list[tuple[str, str]]:
    """Codes of what titan-lint finds in a text, each with the statement that it is found in."""
    linted = lint(
        Source("program.py", text),
        codes=CODES,
        targets=_targets(TARGET),
        options=Options(written_for=written_for),
    )
    return [
        (finding.code, text[finding.statement.start : finding.statement.end])
        for finding in linted.findings
    ]


class _Patching(Readers):
    """Other files that put something of their own in the place of everything."""

    def __init__(self) -> None:
        pass

    def ask_for(self, name: str) -> bool:
        return False

    def replace(self, name: str) -> bool:
        return True

    def hooks(self, name: str) -> tuple[Hook, ...]:
        return ()

    def bring_in(self, path: str) -> Iterator[tuple[Program, ast.AST] | None]:
        return iter(())

    def pass_by_name(self, method: str, keyword: str) -> bool:
        return False

    def tell_apart(self, field: str, value: str, *callees: str) -> bool:
        return False


def because(
    text: str, *, written_for: str | None = None, target: str = TARGET, patched: bool = False
) -> list[tuple[str, tuple[Obligation, ...]]]:
    """Codes of the fixes that are offered for a text, each with what is not shown.

    It may be ``patched`` by other files of its project.
    """
    linted = lint(
        Source("program.py", text),
        codes=CODES,
        targets=_targets(target),
        options=Options(written_for=written_for, readers=_Patching() if patched else None),
    )
    return [(finding.code, finding.fix.because) for finding in linted.findings if finding.fix]


@functools.cache
def _targets(target: str | tuple[str, ...]) -> tuple[targets.Target, ...]:
    return targets.parse_all([target] if isinstance(target, str) else target)


@functools.cache
def knows(version: str, path: str) -> bool:
    """Whether torchtitan at a version has what a dotted path names."""
    return _targets(version)[0].surface.lookup(path) is not None


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "titan_lint", *arguments],
        cwd=folder,
        capture_output=True,
        check=False,
    )
