"""Which torchtitan versions a tree fits, counted from what was found at each of them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from titan_lint.api import bundle
from titan_lint.finding import Applicability, Finding, Severity
from titan_lint.rules.ttn201_removed_import import UNKNOWN
from titan_lint.structs import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from titan_lint.api import Provenance
    from titan_lint.api.targets import Target


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
        notes: What was left undone, a sentence each.
    """

    fits: list[Fit]
    asked: bool = False
    files: int = 0
    notes: list[str] = field(default_factory=list[str])


def survey(
    targets: Sequence[Target],
    files: Iterable[Mapping[str, Sequence[Finding]]],
    *,
    asked: bool = False,
) -> Survey:
    """Count what was found.

    Args:
        targets: The torchtitans, in order.
        files: For each file that uses torchtitan what was found at each of them, and at those of its project's own,
            by the keys of their surfaces.
        asked: Whether these were asked for.
    """
    fits = {target.surface.key: _fit(target, asked=asked) for target in targets}
    result = Survey([], asked)
    for file in files:
        result.files += 1
        for key, findings in file.items():
            if key not in fits:
                point = bundle.load(key).provenance
                fits[key] = Fit(point, name(point))
            _count(fits[key], findings)
    result.fits = list(fits.values())
    return result


def _fit(target: Target, *, asked: bool) -> Fit:
    point = target.surface.provenance
    if asked:
        return Fit(point, target.label, reason="" if target.exact else target.reason)
    return Fit(point, name(point))


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
