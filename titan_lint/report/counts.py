"""How much was found."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.config.settings import Settings
    from titan_lint.json_documents import Statistics
    from titan_lint.run.outcome import Outcome


class Counts:
    """The numbers of a run.

    Attributes:
        left: By severity, the findings that are left.
        found: By severity, those and the ones that were fixed.
        fixed: How many were fixed.
        fixable: How many of those left ``--fix`` would fix, with the run's other options.
        hidden: How many more ``--unsafe-fixes`` would.
        failed: How many files could not be checked, or not be written.
        failing: How many of the findings left make the run fail.
    """

    __slots__ = ("failed", "failing", "fixable", "fixed", "found", "hidden", "left")

    def __init__(self) -> None:
        self.left = {"error": 0, "warning": 0, "info": 0}
        self.found = {"error": 0, "warning": 0, "info": 0}
        self.fixed = 0
        self.fixable = 0
        self.hidden = 0
        self.failed = 0
        self.failing = 0


def count(outcome: Outcome, settings: Settings) -> Counts:
    """Count the findings of a run."""
    counts = Counts()
    for file in outcome.files:
        counts.failed += bool(file.errors)
        for finding in file.fixed:
            counts.fixed += 1
            counts.found[finding.severity.value] += 1
        for finding in file.findings:
            counts.left[finding.severity.value] += 1
            counts.found[finding.severity.value] += 1
            if finding.fix is not None:
                if settings.unsafe_fixes or finding.fix.applicability.value == "safe":
                    counts.fixable += 1
                else:
                    counts.hidden += 1
    for severity, number in counts.left.items():
        counts.failing += number
        if severity == settings.fail_on:
            break
    return counts


def statistics(outcome: Outcome, settings: Settings) -> Statistics:
    """Count the findings left of each rule, the most frequent rule first."""
    from titan_lint.run.outcome import is_fixable

    rules: dict[str, tuple[str, int, int]] = {}
    for finding in outcome.findings:
        name, number, fixable = rules.get(finding.code, (finding.name, 0, 0))
        fixable += is_fixable(finding, unsafe=settings.unsafe_fixes)
        rules[finding.code] = (name, number + 1, fixable)
    ordered = sorted(rules.items(), key=lambda rule: (-rule[1][1], rule[0]))
    return [
        {"code": code, "name": name, "count": number, "fixable": fixable}
        for code, (name, number, fixable) in ordered
    ]
