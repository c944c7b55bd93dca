"""Draw what a program prints in colors as an SVG: text that stays text, on a dark terminal."""

from __future__ import annotations

import re
from html import escape

WIDTH, HEIGHT, MARGIN = 7.85, 18, 14
"""Of a character, of a line, around them; in pixels."""

PAPER, INK = "#1e1f22", "#d5d7da"
COLORS = {"31": "#f47067", "32": "#6bc46d", "33": "#e0b23d", "34": "#6cb6ff", "36": "#5fc4c9"}
"""What a terminal's colors are here, by their numbers; bold is 1."""

_PAINTED = re.compile(r"\x1b\[([\d;]*)m")
_LINK = re.compile(r"\x1b\]8;;.*?\x1b\\")


def svg(printed: str) -> str:
    """Draw the text.

    Raises:
        KeyError: It has a color that is not in :data:`COLORS`.
    """
    lines = _LINK.sub("", printed).rstrip().split("\n")
    longest = max(len(_PAINTED.sub("", line)) for line in lines)
    width, height = round(longest * WIDTH + 2 * MARGIN), len(lines) * HEIGHT + 2 * MARGIN
    drawn = "\n".join(
        f'<text x="{MARGIN}" y="{MARGIN + HEIGHT * number + 13}" xml:space="preserve">{_spans(line)}</text>'
        for number, line in enumerate(lines)
    )
    font = "font: 13px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<style>text {{ {font}; fill: {INK}; white-space: pre }}</style>
<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>
{drawn}
</svg>
"""


def _spans(line: str) -> str:
    parts = _PAINTED.split(line)
    # Text stands at even places, and before each but the first the codes that it is painted by.
    codes = ["", *parts[1::2]]
    return "".join(_span(text, _style(code)) for text, code in zip(parts[::2], codes, strict=True))


def _style(codes: str) -> str:
    named = [code for code in codes.split(";") if code not in ("", "0")]
    styles = ['font-weight="bold"' if code == "1" else f'fill="{COLORS[code]}"' for code in named]
    return " ".join(styles)


def _span(text: str, style: str) -> str:
    shown = escape(text, quote=False)
    return f"<tspan {style}>{shown}</tspan>" if style and text else shown
