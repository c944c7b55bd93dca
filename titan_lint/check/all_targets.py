"""Fixes where code must fit several torchtitans: what helps at one must not break at another."""

from __future__ import annotations

from collections import Counter

from titan_lint.code.source import SourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from titan_lint.code.source import Source
    from titan_lint.finding import Finding, Fix

    Said = tuple[str, tuple[str, ...]]
    Lint = Callable[[Source], Sequence[Finding]]


def withhold(source: Source, findings: Sequence[Finding], lint: Lint) -> list[Finding]:
    """Take back the fixes that do harm at another target than the one that they are made for.

    What a fix brings out at its own target is for the next pass. At the others, it must bring out
    nothing that it does not bring out there, too.

    Args:
        source: The file.
        findings: All that was found in it.
        lint: Finds what is wrong in a changed file, at all targets.
    """
    before = _by_target(findings)
    known: dict[Fix, dict[str, Counter[Said]]] = {}

    def harm(fix: Fix, made_for: str) -> Iterator[tuple[str, str]]:
        if fix not in known:
            from titan_lint.rewriting.edits import apply

            try:
                found = lint(source.with_text(apply(source.text, fix.edits)))
            except SourceError:
                return  # Fixing refuses it, and says why.
            known[fix] = _by_target(found)
        after = known[fix]
        fresh = {label: counts - before.get(label, Counter()) for label, counts in after.items()}
        for label, counts in fresh.items():
            if label != made_for:
                for code, _ in counts - fresh.get(made_for, Counter()):
                    yield code, label

    kept: list[Finding] = []
    for finding in findings:
        harmed = sorted(set(harm(finding.fix, finding.targets[0]))) if finding.fix else []
        if harmed:
            code, label = harmed[0]
            finding = finding.without_fix(
                f"no fix is offered: the fixed code would have {code} at {label} "
                f"(`titan-lint rule {code}` explains it)"
            )
        kept.append(finding)
    return kept


def _by_target(findings: Iterable[Finding]) -> dict[str, Counter[Said]]:
    """How often each thing is said of each target, whatever the place and whoever else it holds for."""
    found: dict[str, Counter[Said]] = {}
    for finding in findings:
        for label in finding.targets:
            found.setdefault(label, Counter())[finding.code, finding.key] += 1
    return found
