"""What titan-lint says of a program: in this process, one file or a project."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.agreement.programs import MAIN
from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.fix import fix
from titan_lint.check.lint import RuleFailure, lint
from titan_lint.code.source import Source
from titan_lint.config.settings import Settings
from titan_lint.finding import Finding, Severity
from titan_lint.run import driver
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from tests.agreement.programs import Program

# TTN901 needs the suppressions of the command line.
BROKEN = "broken"
CODES = tuple(code for code in rules.names() if code != "TTN901")


@dataclass(frozen=True)
class Said:
    """One finding.

    Attributes:
        code: The rule's code.
        severity: ``error``, ``warning`` or ``info``; `BROKEN` where the rule itself broke.
        message: What it says.
        text: The statement that it is about.
        fixable: ``safe`` or ``unsafe`` where it has a fix, else empty.
        file: The module that it is in.
    """

    code: str
    severity: str
    message: str
    text: str
    fixable: str = ""
    file: str = MAIN

    @property
    def counts(self) -> bool:
        """Whether it fails the run."""
        return self.severity in (Severity.ERROR, Severity.WARNING)


@dataclass(frozen=True)
class Fixed:
    """What fixing came to: the program's files, and what is left to say about them."""

    files: dict[str, str]
    left: tuple[Said, ...]


def said(program: Program, release: str) -> tuple[Said, ...]:
    """What titan-lint finds in a program, held against a release."""
    if not program.is_project:
        source = Source("main.py", program.main)
        linted = lint(source, codes=CODES, targets=_targets(release), options=Options())
        found = [_said(finding, program.main) for finding in linted.findings]
        return tuple(found + [_broken(failure) for failure in linted.failures])
    with tempfile.TemporaryDirectory() as folder:
        return _in_folder(program, release, Path(folder), fixes=False, unsafe=False).left


def fixed(program: Program, release: str, *, unsafe: bool) -> Fixed:
    """What is left after the safe fixes, or all."""
    if not program.is_project:
        source = Source("main.py", program.main)
        done = fix(source, codes=CODES, targets=_targets(release), options=Options(), unsafe=unsafe)
        text = done.source.text
        left = [_said(finding, text) for finding in done.remaining]
        return Fixed({MAIN: text}, tuple(left + [_broken(failure) for failure in done.failures]))
    with tempfile.TemporaryDirectory() as folder:
        return _in_folder(program, release, Path(folder), fixes=True, unsafe=unsafe)


def _in_folder(program: Program, release: str, folder: Path, *, fixes: bool, unsafe: bool) -> Fixed:
    for name, text in program.files:
        Path(folder, f"{name}.py").write_text(text, "utf-8")
    settings = Settings()
    settings.paths, settings.project = (str(folder),), str(folder)
    settings.codes, settings.torchtitan = CODES, (release,)
    settings.respect_gitignore = False
    settings.fix, settings.unsafe_fixes = fixes, unsafe
    settings.jobs = 1
    outcome = driver.run(settings, lambda: b"", lambda done, total: None)
    found: list[Said] = []
    for file in outcome.files:
        found += [Said("", BROKEN, text, "") for text in file.tracebacks]
        for finding in file.findings:
            assert file.source is not None
            module = Path(file.path).stem
            found.append(replace(_said(finding, file.source.text), file=module))
    files = {name: Path(folder, f"{name}.py").read_text("utf-8") for name, _ in program.files}
    return Fixed(files, tuple(found))


def _broken(failure: RuleFailure) -> Said:
    return Said(failure.code, BROKEN, repr(failure.error), "")


def _said(finding: Finding, text: str) -> Said:
    statement = text[finding.statement.start : finding.statement.end]
    fixable = finding.fix.applicability.value if finding.fix is not None else ""
    return Said(finding.code, finding.severity.value, finding.said, statement, fixable)


@functools.cache
def _targets(release: str) -> tuple[targets.Target, ...]:
    return targets.parse(release)
