"""Which torchtitan versions a tree fits: each file parsed once, held against every surface."""

from __future__ import annotations

import datetime
import functools
from typing import TYPE_CHECKING

from titan_lint import rules
from titan_lint.api import Provenance, index
from titan_lint.api.targets import Target, parse
from titan_lint.check.lint import RuleFailure, lint_program
from titan_lint.check.suppress import suppress
from titan_lint.code.program import Program
from titan_lint.finding import Applicability, Finding, Severity
from titan_lint.rules.ttn201_removed_import import UNKNOWN
from titan_lint.structs import Struct, field
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from titan_lint.api.surface import Fork
    from titan_lint.code.source import Source

# Rules about the code and not about its fit: about comments, and about what is only a hint.
_ELSEWHERE = {"TTN901"}


class Fit(Struct, frozen=False):
    """How a tree fits one torchtitan.

    Attributes:
        point: The torchtitan.
        name: How a table calls it.
        errors: How many errors are found at it.
        warnings: How many warnings.
        unjudged: How many imports ask for what no torchtitan known here has.
        fixable: How many of the errors and warnings ``--fix`` repairs.
        unsafe: How many more ``--unsafe-fixes`` repairs.
        by_code: Errors and warnings of each rule.
        reason: Why it stands for what was asked for, where it is not exactly that.
    """

    point: Provenance
    name: str
    errors: int = 0
    warnings: int = 0
    unjudged: int = 0
    fixable: int = 0
    unsafe: int = 0
    by_code: dict[str, int] = field(default_factory=dict[str, int])
    reason: str = ""

    @property
    def fits(self) -> bool:
        """Whether nothing breaks or silently misbehaves at it, as far as all that is used is known."""
        return self.errors == 0 and self.unjudged == 0

    @property
    def is_release(self) -> bool:
        """Whether it is a release, or what the project calls one of its own torchtitan."""
        return self.point.kind in ("release", "fork")


class Survey(Struct, frozen=False):
    """The fit of a tree to every torchtitan known, oldest first, or to those that were asked for.

    Attributes:
        fits: One for each torchtitan.
        asked: Whether these were asked for.
        files: How many files use torchtitan.
        failures: Rules that broke.
        documents: How many documents use torchtitan, which are left out.
        job_configs: How many files may be job configs of torchtitan's, which are left out.
    """

    fits: list[Fit]
    asked: bool = False
    files: int = 0
    failures: list[tuple[str, RuleFailure]] = field(default_factory=list[tuple[str, RuleFailure]])
    documents: int = 0
    job_configs: int = 0


@functools.cache
def history() -> tuple[Provenance, ...]:
    """The bundled versions: main by day, each release where its branch left main.

    A release is dated by its publication, which is later than its code. It stands behind the last
    point of main before that day in the listing, and takes no part in the ranges of main.
    """
    return tuple(sorted(index().values(), key=lambda p: (p.day or datetime.date.min, p.date or "")))


@functools.cache
def _target(key: str, fork: Fork | None) -> Target:
    (target,) = parse(key, fork=fork)
    return target


def survey(
    sources: Iterable[tuple[Source, str | None]],
    codes: Sequence[str] | None = None,
    options: Callable[[Source], Options] = lambda source: Options(),
    asked: Callable[[Source], Sequence[Target]] | None = None,
    fork: Callable[[Source], Fork | None] = lambda source: None,
) -> Survey:
    """Hold files against every torchtitan known, or those that are asked for.

    Args:
        sources: The files that mention torchtitan, each with the package it belongs to.
        codes: The rules to run; all that are about a version by default.
        options: Gives what rules may ask of a file's surroundings.
        asked: Gives the torchtitans for a file; all that are known without it.
        fork: Gives what the project of a file tells of its own torchtitan, which its files are held against
            besides the bundled ones.

    Raises:
        SourceError: A file is no Python.
    """
    chosen = [code for code in codes or rules.names() if code not in _ELSEWHERE]
    fits = {} if asked else {point.key: Fit(point, name(point)) for point in history()}
    result = Survey([], asked is not None)
    for source, package in sources:
        result.files += 1
        program = Program(source)
        given = options(source)
        for target in _known(fork(source)) if asked is None else asked(source):
            key = target.surface.key
            if key not in fits:
                fits[key] = fit_of(target, asked=asked is not None)
            linted = lint_program(
                program,
                codes=chosen,
                targets=[target],
                options=given,
                package=package,
            )
            _count(fits[key], suppress(source, linted.findings, chosen))
            result.failures += [(source.path, failure) for failure in linted.failures]
    result.fits = list(fits.values())
    return result


def fit_of(target: Target, *, asked: bool) -> Fit:
    """Of a torchtitan that nothing was held against yet."""
    point = target.surface.provenance
    if not asked:
        return Fit(point, name(point))
    return Fit(point, target.label, reason="" if target.exact else target.reason)


@functools.cache
def _known(fork: Fork | None) -> tuple[Target, ...]:
    """All torchtitans that are known to a project."""
    own = () if fork is None else [surface.provenance for surface in fork.surfaces]
    return tuple(_target(point.key, fork) for point in (*history(), *own))


def _count(fit: Fit, findings: Iterable[Finding]) -> None:
    for finding in findings:
        if finding.severity is Severity.INFO:
            fit.unjudged += UNKNOWN in finding.key
            continue
        if finding.severity is Severity.ERROR:
            fit.errors += 1
        else:
            fit.warnings += 1
        fit.by_code[finding.code] = fit.by_code.get(finding.code, 0) + 1
        if finding.fix is not None:
            if finding.fix.applicability is Applicability.SAFE:
                fit.fixable += 1
            else:
                fit.unsafe += 1


def conclusion(survey: Survey) -> str:
    """One line: ``fits main of 2026-06-15 to 2026-08-17; no release``."""
    if survey.asked:
        fitting = [fit.name for fit in survey.fits if fit.fits]
        return f"fits {', '.join(fitting) or 'none of these'}"
    releases = [f.point.version for f in survey.fits if f.fits and f.is_release]
    main = [fit for fit in survey.fits if fit.point.kind == "main"]
    parts = [f"main of {text}" for text in _ranges(main)] or ["no main known here"]
    parts.append(_listed(releases) if releases else "no release")
    if releases and not any(fit.fits for fit in main):
        parts = [f"{_listed(releases)}; no main known here"]
    if not releases and not any(fit.fits for fit in main):
        best = min(survey.fits, key=lambda fit: (fit.errors, fit.unjudged))
        if not best.errors:
            noun = "name" if best.unjudged == 1 else "names"
            return (
                f"fits none for certain; nothing is wrong at {best.name} but for "
                f"{best.unjudged} {noun} that no torchtitan known here has"
            )
        noun = "error" if best.errors == 1 else "errors"
        return f"fits none; nearest is {best.name} with {best.errors} {noun}"
    return f"fits {'; '.join(parts)}"


def _listed(releases: Sequence[str]) -> str:
    noun = "release" if len(releases) == 1 else "releases"
    return f"{noun} {', '.join(releases)}"


def _ranges(main: Sequence[Fit]) -> list[str]:
    """Days of main at which a tree fits, up to the day before the next point that breaks it."""
    found: list[str] = []
    start: datetime.date | None = None
    for fit in main:
        day = fit.point.day
        if day is None:
            continue
        if fit.fits:
            start = start or day
        elif start is not None:
            found.append(_range(start, max(start, day - datetime.timedelta(days=1))))
            start = None
    if start is not None:
        found.append(f"{start} and later")
    return found


def _range(start: datetime.date, end: datetime.date) -> str:
    return str(start) if start == end else f"{start} to {end}"


def name(point: Provenance) -> str:
    """How a table calls a version: ``0.3.0``, ``main 2026-04-18 (7cec16600)``."""
    if point.kind != "main":
        return point.version
    return f"main {point.day} ({(point.commit or '')[:9]})"
