"""The report of ``titan-lint verify`` as text for a terminal, plain or coloured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from titan_lint.verify.checks import CHECKS, MEANING, NOT_REACHED, Check, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.verify.verify import Run, VerifyReport

_WORDS = {Outcome.PASSED: "pass", Outcome.FAILED: "FAIL", Outcome.NOT_APPLICABLE: "-"}


def text_report(report: VerifyReport) -> str:
    """A table with one row per engine and attention type, then the reasons, then the sum."""
    lines = [*_table(report), "", *_reasons(report), "", summary(report)]
    return "\n".join(lines) + "\n"


def summary(report: VerifyReport) -> str:
    """What was run and how it ended, in one line."""
    environment = report.environment
    before = sum(bool(run.failed_before) for run in report.runs)
    after = sum(bool(run.failed_after) for run in report.runs)
    return (
        f"{len(report.runs)} runs on {environment.device} ({report.device}), "
        f"torch {environment.torch}, torchtitan {environment.torchtitan}: "
        f"{before} fail before the rewrite, {after} after."
    )


def _table(report: VerifyReport) -> list[str]:
    header = ["engine", "attn", *CHECKS]
    rows = [header]
    names = _names(report)
    for run in report.runs:
        cells = [_cell(before, after) for before, after in zip(run.before, run.after, strict=True)]
        rows.append([names[run.engine], run.attn_type, *cells])
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return [f"{'':{widths[0] + widths[1] + 4}}before > after", *lines]


def _cell(before: Check, after: Check) -> str:
    return f"{_WORDS[before.outcome]} > {_WORDS[after.outcome]}"


def _reasons(report: VerifyReport) -> Iterator[str]:
    """Each reason once, under its check, with the engines it holds for."""
    for index, name in enumerate(CHECKS):
        yield f"{name}: {MEANING[name]}"
        grouped: dict[tuple[str, Outcome, str], list[Run]] = {}
        for run in report.runs:
            for state, checks in (("before", run.before), ("after", run.after)):
                check = checks[index]
                if not check.reason.startswith(NOT_REACHED):
                    key = (state, check.outcome, check.reason)
                    grouped.setdefault(key, []).append(run)
        for state in ("before", "after"):
            for outcome in (Outcome.FAILED, Outcome.NOT_APPLICABLE, Outcome.PASSED):
                for (its_state, its_outcome, reason), runs in grouped.items():
                    if (its_state, its_outcome) == (state, outcome):
                        where = _engines(runs, report)
                        yield f"  {state:6} {outcome.value}: {reason}  [{where}]"


def _engines(runs: list[Run], report: VerifyReport) -> str:
    if len(runs) == len(report.runs):
        return "all"
    names = _names(report)
    shown = [f"{names[run.engine]} {run.attn_type}" for run in runs]
    if len(shown) <= 3:
        return ", ".join(shown)
    return f"{', '.join(shown[:2])} and {len(shown) - 2} more"


def _names(report: VerifyReport) -> dict[str, str]:
    """Short names of the engines: their module, where that is enough to tell them apart."""
    engines = {run.engine for run in report.runs}
    modules = [engine.partition(":")[0] for engine in engines]
    return {
        engine: module if modules.count(module) == 1 else engine
        for engine, module in zip(engines, modules, strict=True)
    }
