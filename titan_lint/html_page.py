"""A page of HTML that needs nothing else: light and dark, wide and narrow, on a screen and on paper."""

from __future__ import annotations

from html import escape

_STYLE = """
:root { color-scheme: light dark; --ink: #1c1e21; --paper: #fff; --line: #d8dce0; --soft: #f4f5f7;
  --good: #17663a; --bad: #b3261e; --dim: #5f6670 }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e6eb; --paper: #16181c; --line: #3a3f46;
  --soft: #1f2228; --good: #6fcf97; --bad: #ff8a80; --dim: #a0a7b2 } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem;
  color: var(--ink); background: var(--paper); overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.25; margin-bottom: .3rem }
h1.passed, h1.failed, h1.none { border-left: .4rem solid; padding-left: .7rem }
h2 { font-size: 1.2rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .5rem; text-align: left;
  vertical-align: top }
th { font-weight: 600; overflow-wrap: break-word }
.passed { color: var(--good) } .failed { color: var(--bad); font-weight: 600 }
.none { color: var(--dim) }
summary { cursor: pointer; font-weight: 600 }
code { font: .92em ui-monospace, monospace }
@media (max-width: 40rem) {
  tr, th, td { display: block; width: auto; border: 0; padding: .15rem 0 }
  tr { border-bottom: 1px solid var(--line); padding: .4rem 0 } tr.head { display: none }
  th { overflow-wrap: anywhere } td[data-label]::before { content: attr(data-label) ": "; color: var(--dim) }
}
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --line: #bbb; --soft: #fff;
    --good: #17663a; --bad: #b3261e; --dim: #555 }
  body { margin: 0; max-width: none; font-size: 11px }
  details::details-content { content-visibility: visible; display: block; height: auto }
  figure, tr { break-inside: avoid }
}
"""


def page(title: str, body: str, style: str = "") -> str:
    """The page.

    Args:
        title: What a browser's tab says, as plain text.
        body: HTML. A table's line of headings is of class ``head``, and each cell says its heading in
            ``data-label``, for narrow screens.
        style: CSS that is added to that of all pages.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}{style}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )
