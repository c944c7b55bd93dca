"""The report of ``titan-lint verify`` as one HTML page that needs nothing else."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from titan_lint.verify.checks import CHECKS, MEANING, Check, Outcome
from titan_lint.verify.text import summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from titan_lint.verify.verify import Run, VerifyReport

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem;
  color: #1c1e21; background: #fff }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #d8dce0; padding: .35rem .5rem; text-align: left;
  vertical-align: top }
th { font-weight: 600; white-space: nowrap }
.passed { color: #17663a } .failed { color: #b3261e; font-weight: 600 } .none { color: #6b7280 }
details { margin: .6rem 0 } summary { cursor: pointer; font-weight: 600 }
pre { overflow-x: auto; background: #f6f7f8; padding: .8rem; font: 13px/1.4 ui-monospace, monospace }
.add { color: #17663a } .del { color: #b3261e }
svg { max-width: 36rem; width: 100%; height: auto }
@media (prefers-color-scheme: dark) {
  body { color: #e4e6eb; background: #16181c } th, td { border-color: #3a3f46 }
  pre { background: #1f2228 } .passed, .add { color: #6fcf97 } .failed, .del { color: #ff8a80 }
  .none { color: #9aa1ac } svg text { fill: #e4e6eb }
}
"""

_CLASSES = {Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.NOT_APPLICABLE: "none"}


def html_report(report: VerifyReport) -> str:
    """The table, each run's reasons, the loss curves and the diff, on one page."""
    diffs = [
        f"<details><summary>Rewrite of {escape(root)}</summary>{_diff(diff)}</details>"
        for root, diff in report.diffs.items()
        if diff
    ]
    body = [
        "<h1>titan-lint verify</h1>",
        f"<p>{escape(summary(report))}</p>",
        "<p>Each cell: before the rewrite, then after it.</p>",
        _table(report),
        "<h2>Engines</h2>",
        *(_run(run) for run in report.runs),
        "<h2>Rewrite</h2>",
        *(diffs or ["<p>Nothing was rewritten.</p>"]),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>titan-lint verify</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _table(report: VerifyReport) -> str:
    head = "".join(f'<th title="{escape(MEANING[name])}">{name}</th>' for name in CHECKS)
    rows = [
        f"<tr><td>{escape(run.engine)}</td><td>{escape(run.attn_type)}</td>"
        + "".join(
            f"<td>{_mark(before)}<br>{_mark(after)}</td>"
            for before, after in zip(run.before, run.after, strict=True)
        )
        + "</tr>"
        for run in report.runs
    ]
    return (
        f"<table><tr><th>engine</th><th>attention</th>{head}</tr>\n" + "\n".join(rows) + "</table>"
    )


def _mark(check: Check) -> str:
    return (
        f'<span class="{_CLASSES[check.outcome]}" title="{escape(check.reason)}">'
        f"{check.outcome.value}</span>"
    )


def _run(run: Run) -> str:
    rows = [
        f"<tr><th>{before.name}</th>"
        + "".join(f"<td>{_mark(c)}<br>{escape(c.reason)}</td>" for c in (before, after))
        + "</tr>"
        for before, after in zip(run.before, run.after, strict=True)
    ]
    tails = [
        f"<h4>{state}: last lines</h4><pre>{escape(seen.failure.tail)}</pre>"
        for state, seen in (("before", run.seen_before), ("after", run.seen_after))
        if seen.failure is not None and seen.failure.tail
    ]
    curves = {
        state: seen.training.losses
        for state, seen in (("before", run.seen_before), ("after", run.seen_after))
        if seen.training is not None
    }
    return (
        f"<details><summary>{escape(run.engine)} with {escape(run.attn_type)}</summary>"
        "<table><tr><th></th><th>before</th><th>after</th></tr>"
        + "".join(rows)
        + "</table>"
        + (loss_curves(curves) if curves else "")
        + "".join(tails)
        + "</details>"
    )


def loss_curves(curves: Mapping[str, Sequence[float]]) -> str:
    """Losses per step as an SVG figure, one line for each state that was trained."""
    width, height, margin = 560.0, 220.0, 44.0
    values = [loss for losses in curves.values() for loss in losses if abs(loss) < 1e30]
    low, high = min(values, default=0.0), max(values, default=1.0)
    span = (high - low) or 1.0
    steps = max(map(len, curves.values()))
    colours = {"before": "#b3261e", "after": "#17663a"}

    def x(step: int) -> float:
        return margin + (width - 2 * margin) * step / max(1, steps - 1)

    def y(loss: float) -> float:
        return height - margin - (height - 2 * margin) * (loss - low) / span

    lines = "".join(
        f'<polyline fill="none" stroke="{colours[state]}" stroke-width="2" points="'
        + " ".join(f"{x(i):.1f},{y(v):.1f}" for i, v in enumerate(losses) if abs(v) < 1e30)
        + f'"/><text x="{width - margin + 4:.0f}" y="{18 + 16 * index}" '
        f'fill="{colours[state]}" font-size="12" text-anchor="end">{state}</text>'
        for index, (state, losses) in enumerate(curves.items())
    )
    axes = (
        f'<path d="M{margin} {margin} V{height - margin} H{width - margin}" '
        'fill="none" stroke="currentColor"/>'
        f'<text x="{margin - 6}" y="{margin + 4}" font-size="12" text-anchor="end">{high:.2f}</text>'
        f'<text x="{margin - 6}" y="{height - margin + 4}" font-size="12" text-anchor="end">'
        f"{low:.2f}</text>"
        f'<text x="{width / 2}" y="{height - 12}" font-size="12" text-anchor="middle">'
        f"step 1 to {steps}</text>"
        f'<text x="{margin}" y="20" font-size="12">loss</text>'
    )
    return f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img">{axes}{lines}</svg>'


def _diff(diff: str) -> str:
    lines: list[str] = []
    for line in diff.splitlines():
        kind = {"+": "add", "-": "del"}.get(line[:1], "")
        text = escape(line)
        lines.append(f'<span class="{kind}">{text}</span>' if kind else text)
    return "<pre>" + "\n".join(lines) + "</pre>"
