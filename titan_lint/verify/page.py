"""The report of ``titan-lint verify`` as one HTML page that needs nothing else."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from titan_lint import html_page
from titan_lint.verify import plots
from titan_lint.verify.checks import CHECKS, MEANING, Check, Figure, Outcome
from titan_lint.verify.text import summary
from titan_lint.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.verify.observation import MaskPicture, Observation
    from titan_lint.verify.verify import Run, VerifyReport

_STYLE = """
th small { display: block; font-weight: 400; color: var(--dim) }
.checks th:first-child { width: 26% } .checks td { width: 37% }
ul { list-style: none; margin: .2rem 0 0; padding: 0 } .figures { font-variant-numeric: tabular-nums }
details { margin: .8rem 0; border-top: 2px solid var(--line); padding-top: .5rem }
.plots { display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; margin: .8rem 0 }
figure { margin: 0; max-width: 100% } figcaption { font-size: .85rem; max-width: 17rem }
figure.absent { width: 15rem; min-height: 6rem; color: var(--dim); font-size: .85rem;
  border: 1px dashed var(--line); padding: .6rem; box-sizing: border-box }
figure.absent figcaption { color: var(--ink); margin-bottom: .4rem }
svg { max-width: 100%; height: auto; stroke-linejoin: round; stroke-linecap: butt }
svg text { fill: currentColor; font-family: system-ui, sans-serif }
pre { overflow-x: auto; background: var(--soft); padding: .8rem;
  font: 13px/1.4 ui-monospace, monospace; overflow-wrap: normal }
.add { color: var(--good) } .del { color: var(--bad) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem } dt { font-weight: 600 }
dd { margin: 0 }
@media (max-width: 40rem) {
  .checks th:first-child, .checks td { width: auto }
  pre { white-space: pre-wrap; overflow-wrap: anywhere } dl { display: block }
}
@media print { pre { white-space: pre-wrap; overflow-wrap: anywhere } }
"""

_CLASSES = {Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.NOT_APPLICABLE: "none"}
_SIGNS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_APPLICABLE: "–"}
_OPEN_RUNS = 4
"""Most runs whose sections all start open; of more only those that fail after the rewrite do."""


def html_report(report: VerifyReport) -> str:
    """The verdict, then each run's checks with figures and pictures, the diff, and what was run.

    Raises:
        ModuleNotFoundError: matplotlib, which draws the pictures, is not installed.
    """
    outcome, verdict = _verdict(report)
    diffs = [
        f"<details open><summary>Rewrite of {escape(root)}</summary>{_diff(diff)}</details>"
        for root, diff in report.diffs.items()
        if diff
    ]
    body = [
        f'<h1 class="{_CLASSES[outcome]}">{escape(verdict)}</h1>',
        f"<p>{escape(summary(report))}</p>",
        _overview(report),
        "<h2>Checks</h2>",
        *(_run(run, number, report) for number, run in enumerate(report.runs)),
        "<h2>Rewrite</h2>",
        *(diffs or ["<p>Nothing was rewritten.</p>"]),
        "<h2>What was run</h2>",
        _what_was_run(report),
    ]
    return html_page.page(f"titan-lint verify: {verdict}", "\n".join(body), _STYLE)


def _verdict(report: VerifyReport) -> tuple[Outcome, str]:
    """The report in one sentence."""
    failing = sum(bool(run.failed_after) for run in report.runs)
    if failing:
        return Outcome.FAILED, f"{failing} of {len(report.runs)} runs fail after the rewrite"
    unproven = sum(not run.proven for run in report.runs)
    if unproven or not report.runs:
        return (
            Outcome.NOT_APPLICABLE,
            f"Nothing could be checked in {unproven} of {len(report.runs)} runs",
        )
    return Outcome.PASSED, "Every check that applies passes after the rewrite"


def _overview(report: VerifyReport) -> str:
    rows = [
        f'<tr><th><a href="#run-{number}">{escape(run.engine)}</a></th>'
        f'<td data-label="attention">{escape(run.attn_type)}</td>'
        f'<td data-label="before">{_in_words(run.before)}</td>'
        f'<td data-label="after">{_in_words(run.after)}</td></tr>'
        for number, run in enumerate(report.runs)
    ]
    return (
        '<table><tr class="head"><th>engine</th><th>attention</th><th>before the rewrite</th>'
        "<th>after the rewrite</th></tr>\n" + "\n".join(rows) + "</table>"
    )


def _in_words(checks: list[Check]) -> str:
    """The checks that failed by name, else how many passed; then how many did not apply."""
    names = {
        outcome: [check.name for check in checks if check.outcome is outcome] for outcome in Outcome
    }
    failed, passed = names[Outcome.FAILED], names[Outcome.PASSED]
    left = len(names[Outcome.NOT_APPLICABLE])
    words = [f'<span class="failed">✗ {", ".join(failed)}</span>'] if failed else []
    if passed:
        words.append(f'<span class="passed">✓ {len(passed)} of {len(CHECKS)}</span>')
    if left:
        words.append(f'<span class="none">– {left} not applicable</span>')
    return " ".join(words)


def _run(run: Run, number: int, report: VerifyReport) -> str:
    rows = [
        f"<tr><th>{before.name}<small>{escape(MEANING[before.name])}</small></th>"
        f'<td data-label="before">{_check(before)}</td>'
        f'<td data-label="after">{_check(after)}</td></tr>'
        for before, after in zip(run.before, run.after, strict=True)
    ]
    tails = [
        f"<h4>{state}: last lines</h4><pre>{escape(seen.failure.tail)}</pre>"
        for state, seen in (("before", run.seen_before), ("after", run.seen_after))
        if seen.failure is not None and seen.failure.tail
    ]
    opened = " open" if len(report.runs) <= _OPEN_RUNS or run.failed_after else ""
    return (
        f'<details id="run-{number}"{opened}>'
        f"<summary>{escape(run.engine)} with {escape(run.attn_type)}</summary>"
        + _plots(run, f"run-{number}")
        + '<table class="checks"><tr class="head"><th>check</th><th>before</th><th>after</th></tr>'
        + "".join(rows)
        + "</table>"
        + "".join(tails)
        + "</details>"
    )


def _check(check: Check) -> str:
    figures = "".join(f"<li>{_figure(figure)}</li>" for figure in check.figures)
    return (
        f'<span class="{_CLASSES[check.outcome]}">{_SIGNS[check.outcome]} {check.outcome.value}'
        f"</span> {escape(check.reason)}"
        + (f'<ul class="figures">{figures}</ul>' if figures else "")
    )


def _figure(figure: Figure) -> str:
    """A figure and its bound, as "leak 0 ≤ 7.6e-05"."""
    if figure.holds:
        sign = ">" if figure.above else "≤"
    else:
        sign = "not above" if figure.above else "not ≤"
    said = f"{figure.what} {_number(figure.value)} {sign} {_number(figure.bound)}"
    return escape(said) if figure.holds else f'<span class="failed">{escape(said)}</span>'


def _number(value: float) -> str:
    return f"{value:.3g}" if value == 0 or abs(value) >= 0.01 else f"{value:.1e}"


def _plots(run: Run, name: str) -> str:
    """The pictures of a run; where there is nothing to show, why."""
    states = {"before": run.seen_before, "after": run.seen_after}
    checks = {"before": run.before, "after": run.after}
    drawn: list[str] = []
    due = run.seen_after.due or run.seen_before.due
    if due is not None:
        drawn.append(_mask(due, "Mask that is due", f"{name}-due"))
        for state, seen in states.items():
            for index, mask in enumerate(seen.built):
                title = " ".join(filter(None, (f"Mask built {state}:", mask.name, mask.kind)))
                drawn.append(_mask(mask, title, f"{name}-{state}-mask-{index}"))
            if not seen.built:
                drawn.append(_absent(f"Mask built {state}", checks[state], "masks"))
    masks, drawn = drawn, []
    if any(seen.documents and seen.documents.influence for seen in states.values()):
        for state, seen in states.items():
            title = f"Influence of documents on each other {state}"
            if seen.documents is not None and seen.documents.influence:
                drawn.append(_influence(seen, checks[state], title, f"{name}-{state}"))
            else:
                drawn.append(_absent(title, checks[state], "documents"))
    drawn += _training(states, name)
    return "".join(
        f'<div class="plots">{"".join(figures)}</div>' for figures in (masks, drawn) if figures
    )


def _mask(mask: MaskPicture, title: str, name: str) -> str:
    held = ""
    if mask.kind:
        words = [
            f"{count:,} pairs {what}"
            for count, what in ((mask.beyond, "too many"), (mask.short, "fewer"))
            if count
        ]
        held = f" ({', '.join(words) or 'equal to it'})"
    svg = plots.mask_plot(tuple(mask.cells), mask.tokens)
    return _drawn(svg, f"{title}{held}", name)


def _influence(seen: Observation, checks: list[Check], title: str, name: str) -> str:
    assert seen.documents is not None
    documents = next(check for check in checks if check.name == "documents")
    bounds = [figure.bound for figure in documents.figures if figure.what == "leak"]
    svg = plots.influence_plot(
        plots.matrix(seen.documents.influence), bounds[0] if bounds else None
    )
    at_most = f" (one on another at most {_number(bounds[0])})" if bounds else ""
    return _drawn(svg, title + at_most, name)


def _training(states: dict[str, Observation], name: str) -> Iterator[str]:
    trained = {state: seen.training for state, seen in states.items() if seen.training is not None}
    if not trained:
        return
    curves = tuple((state, tuple(training.losses)) for state, training in trained.items())
    gaps = [
        f"; {state}: no number at {missing} of {len(losses)} steps"
        for state, losses in curves
        if (missing := sum(not math.isfinite(loss) for loss in losses))
    ]
    yield _drawn(plots.loss_plot(curves), "Loss on one fixed batch" + "".join(gaps), name)
    speed = tuple((state, training.tokens_per_second) for state, training in trained.items())
    yield _drawn(plots.bars_plot("tokens per second", speed), "Throughput", f"{name}-speed")
    memory = tuple((state, t.peak_memory / (1 << 20)) for state, t in trained.items())
    if any(peak for _, peak in memory):
        yield _drawn(plots.bars_plot("MiB", memory), "Peak memory of the device", f"{name}-memory")


def _drawn(svg: str, caption: str, name: str) -> str:
    said = escape(caption)
    return f"<figure><figcaption>{said}</figcaption>{plots.placed(svg, name, said)}</figure>"


def _absent(title: str, checks: list[Check], name: str) -> str:
    """A picture that could not be made, with the reason of the check that says why."""
    check = next(check for check in checks if check.name == name)
    return (
        f'<figure class="absent"><figcaption>{escape(title)}</figcaption>'
        f'None: <span class="{_CLASSES[check.outcome]}">{escape(check.reason)}</span></figure>'
    )


def _what_was_run(report: VerifyReport) -> str:
    environment = report.environment
    stand_ins = sorted(
        {
            name
            for run in report.runs
            for name in (*run.seen_before.stand_ins, *run.seen_after.stand_ins)
        }
    )
    facts = {
        "Command": f"<code>{escape(report.command)}</code>" if report.command else "",
        "Date": escape(report.date),
        "Device": escape(f"{environment.device} ({report.device})"),
        "Versions": escape(
            f"titan-lint {__version__}, torch {environment.torch}, torchtitan "
            f"{environment.torchtitan}, Python {environment.python}"
        ),
        "Stand-ins": escape(", ".join(f"{name}, computed densely" for name in stand_ins) or "none"),
    }
    return (
        "<dl>"
        + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items() if value)
        + "</dl>"
    )


def _diff(diff: str) -> str:
    lines: list[str] = []
    for line in diff.splitlines():
        kind = {"+": "add", "-": "del"}.get(line[:1], "")
        text = escape(line)
        lines.append(f'<span class="{kind}">{text}</span>' if kind else text)
    return "<pre>" + "\n".join(lines) + "</pre>"
