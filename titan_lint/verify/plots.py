"""The pictures of a report, as SVG to stand in a page: text stays text, black is the page's ink."""

from __future__ import annotations

import importlib
import io
import math
import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

COLOURS = {"before": "#c8641e", "after": "#2f7fd1"}
"""Colour of each state, told apart from a light and from a dark page."""

_ALLOWED = (47, 127, 209)
_BEYOND = "#d63a3a"
_FAINTEST = 1e-6
"""The influence from which on a cell has colour; it is full at 1."""

Matrix = tuple[tuple[float, ...], ...]
Curve = tuple[str, tuple[float, ...]]
"""A state and its loss at each step."""


def matrix(rows: Sequence[Sequence[float]]) -> Matrix:
    """Rows as a value that the drawn pictures are kept under."""
    return tuple(tuple(row) for row in rows)


@cache
def mask_plot(cells: tuple[str, ...], tokens: int) -> str:
    """Which keys each query sees.

    Args:
        cells: a digit for each cell, queries down and keys across: from 0 for no pair to 9 for all.
        tokens: tokens along one side.
    """
    numpy: Any = importlib.import_module("numpy")
    picture = numpy.zeros((len(cells), len(cells), 4), dtype=numpy.uint8)
    picture[..., :3] = _ALLOWED
    picture[..., 3] = numpy.array([[int(cell) * 255 // 9 for cell in row] for row in cells])
    figure, axes = _figure(2.7, 2.55)
    axes.imshow(picture, interpolation="none", extent=(0, tokens, tokens, 0))
    axes.set(xlabel="key", ylabel="query")
    return _svg(figure)


@cache
def influence_plot(influence: Matrix, bound: float | None) -> str:
    """How far each document's tokens move each document's logits.

    Args:
        influence: relative change of the logits of one document (column) for the tokens of one
            (row).
        bound: most that a document may move another; None where there is no such bound.
    """
    patches: Any = importlib.import_module("matplotlib.patches")
    count = len(influence)
    figure, axes = _figure(2.7, 2.55)
    for row, values in enumerate(influence):
        for column, value in enumerate(values):
            beyond = row != column and bound is not None and not value <= bound
            cell = patches.Rectangle(
                (column, row),
                1,
                1,
                facecolor=(*(part / 255 for part in _ALLOWED), _strength(value)),
                edgecolor=_BEYOND if beyond else "black",
                linewidth=3 if beyond else 0.6,
                zorder=3 if beyond else 2,
                gid=f"influence-{row + 1}-{column + 1}",
                clip_on=False,
            )
            axes.add_patch(cell)
            said = f"{value:.2f}" if value >= 0.1 else f"{value:.1e}" if value else "0"
            axes.text(
                column + 0.5,
                row + 0.5,
                f"{said}\nleak" if beyond else said,
                ha="center",
                va="center",
                fontsize=10,
                fontweight="bold" if beyond else "normal",
                zorder=4,
            )
    middles = [number + 0.5 for number in range(count)]
    names = [str(number + 1) for number in range(count)]
    axes.set(xlim=(0, count), ylim=(count, 0), aspect="equal")
    axes.set_xticks(middles, names)
    axes.set_yticks(middles, names)
    axes.set(xlabel="document moved", ylabel="document changed")
    return _svg(figure)


def _strength(value: float) -> float:
    """How opaque the cell of a figure is: by its order of magnitude, and never hiding its text."""
    if not value > _FAINTEST:
        return 0.0
    return min(1.0, 1 - math.log10(min(value, 1.0)) / math.log10(_FAINTEST)) * 0.6


@cache
def loss_plot(curves: tuple[Curve, ...]) -> str:
    """Loss of each step, one line for each state that was trained; what is no number is a gap."""
    ticker: Any = importlib.import_module("matplotlib.ticker")
    figure, axes = _figure(4.2, 2.55)
    for state, losses in curves:
        axes.plot(
            range(1, len(losses) + 1),
            # A gap in the line, also for what no axis can hold.
            [loss if abs(loss) < 1e30 else math.nan for loss in losses],
            color=COLOURS[state],
            # Where both are the same, the first still shows around the second.
            linewidth=3.6 if state == "before" else 1.4,
            marker="o",
            markersize=5 if state == "before" else 2.5,
            label=state,
            gid=f"loss-{state}",
        )
    axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    axes.set(xlabel="step", ylabel="loss", xlim=(0.5, max(len(c) for _, c in curves) + 0.5))
    axes.legend(frameon=False)
    return _svg(figure)


@cache
def bars_plot(unit: str, bars: tuple[tuple[str, float], ...]) -> str:
    """A figure of each state as a bar, from zero."""
    figure, axes = _figure(3.4, 0.75 + 0.35 * len(bars))
    states = [state for state, _ in bars]
    drawn = axes.barh(states, [v for _, v in bars], color=[COLOURS[state] for state in states])
    for state, bar in zip(states, drawn, strict=True):
        bar.set_gid(f"bar-{state}")
    axes.bar_label(drawn, fmt=" {:,.4g}", fontsize=9)
    axes.set(xlabel=unit, xlim=(0, 1.3 * max(v for _, v in bars) or 1))
    axes.invert_yaxis()
    return _svg(figure)


def placed(svg: str, prefix: str, label: str) -> str:
    """A picture under names of its own, so that many may stand in one page.

    Args:
        svg: as one of this module's functions drew it.
        prefix: put before each of its ids.
        label: what it shows, for who does not see it.
    """
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    svg = re.sub(r'href="#', f'href="#{prefix}-', svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def _figure(width: float, height: float) -> tuple[Any, Any]:
    """A figure of a size in inches, with its axes."""
    figure = importlib.import_module("matplotlib.figure").Figure((width, height), layout="tight")
    axes: Any = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Any) -> str:
    matplotlib: Any = importlib.import_module("matplotlib")
    written = io.StringIO()
    # The same picture has the same ids each time, and its text can be found and read aloud.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "titan-lint"}):
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(written, format="svg", transparent=True, metadata=nothing)
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    # The page has one such rule, and one font, for all pictures.
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r" font-family: [^;\"]*;?", "", svg)
    svg = re.sub(r"[ \t]*\n[ \t]*", "\n", svg)
    return svg.replace("#000000", "currentColor")
