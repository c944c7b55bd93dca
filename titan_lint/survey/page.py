"""A survey as one HTML page that needs nothing else: tables to sort, and a map of who is hit by what."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from titan_lint import html_page
from titan_lint.report import pages
from titan_lint.survey import shown
from titan_lint.survey.records import STATES

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Sequence

    from titan_lint.survey.change import Change
    from titan_lint.survey.shown import Row, Shown

_STYLE = """
th button { all: unset; cursor: pointer } th button:focus-visible { outline: 2px solid }
th[aria-sort=ascending] button::after { content: " \\25b2" }
th[aria-sort=descending] button::after { content: " \\25bc" }
td.number { font-variant-numeric: tabular-nums }
.map { overflow-x: auto } .map table { width: auto } .map th, .map td { white-space: nowrap }
.map thead th { writing-mode: vertical-rl; transform: rotate(180deg) }
.map td { text-align: center; min-width: 1.6rem;
  background: color-mix(in srgb, #d63a3a calc(var(--hit, 0) * 1%), transparent) }
@media (max-width: 40rem) {
  .map tr { display: table-row } .map th, .map td { display: table-cell } .map td::before { content: none }
}
"""

_SCRIPT = """
for (const table of document.querySelectorAll("table.sortable"))
  table.querySelectorAll("th button").forEach((button, column) => button.addEventListener("click", () => {
    const head = button.closest("th"), down = head.ariaSort === "ascending";
    const value = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
    const order = (a, b) => value(a).localeCompare(value(b), undefined, { numeric: true });
    const rows = [...table.tBodies[0].rows].sort((a, b) => down ? order(b, a) : order(a, b));
    table.querySelectorAll("th").forEach(each => each.removeAttribute("aria-sort"));
    head.ariaSort = down ? "descending" : "ascending";
    table.tBodies[0].append(...rows);
  }));
"""


def html(survey: Shown, question: Change) -> str:
    """The verdict, the repositories, the commits of torchtitan, the map of both, and each new finding."""
    verdict, ordered, changes = survey.summary, survey.ordered, survey.changes
    broken = survey.states["broken"]
    body = [
        f'<h1 class="{"failed" if broken else "passed"}">{escape(verdict)}</h1>',
        f"<p>From torchtitan {escape(question.before)} to {escape(question.after)}.</p>",
        "<h2>Repositories</h2>",
        _sortable(
            ("repository", "result", "new", "by --fix", "left", "gone", "unchecked"),
            map(_repository, ordered),
        ),
    ]
    if changes:
        body += [
            "<h2>Commits of torchtitan</h2>",
            _sortable(
                ("commit", "repositories", "places", "left after --fix"),
                ([_Cell(_named(commit)), *map(_number, numbers)] for commit, *numbers in changes),
            ),
            "<h2>Who is hit by what</h2>",
            "<p>Places in each repository, by the commit that broke them.</p>",
            _map(ordered, [commit for commit, *_ in changes]),
            "<h2>Findings</h2>",
            *(_findings(row) for row in ordered if row.found),
        ]
    body.append(f"<script>{_SCRIPT}</script>")
    return html_page.page(f"titan-lint survey: {verdict}", "\n".join(body), _STYLE)


class _Cell(NamedTuple):
    """A cell of a table, in HTML, with further attributes of its ``td``."""

    html: str
    attributes: str = ""


def _sortable(head: Sequence[str], rows: Iterable[Sequence[_Cell]]) -> str:
    """A table whose headings sort it."""
    headings = "".join(f"<th><button>{escape(each)}</button></th>" for each in head)
    lines = [
        "<tr>"
        + "".join(
            f'<td data-label="{escape(label)}"{cell.attributes}>{cell.html}</td>'
            for label, cell in zip(head, row, strict=True)
        )
        + "</tr>"
        for row in rows
    ]
    return (
        f'<table class="sortable"><thead><tr class="head">{headings}</tr></thead>\n'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _repository(row: Row) -> list[_Cell]:
    classes = {"broken": "failed", "fits": "passed", "failed": "none"}
    rank, look = list(STATES).index(row.state), classes.get(row.state, "")
    said = f"{row.state}: {row.failure or STATES[row.state]}"
    return [
        _Cell(escape(row.repository)),
        _Cell(escape(said), f' data-value="{rank}" class="{look}"'),
        *map(_number, row.numbers),
    ]


def _number(number: int) -> _Cell:
    return _Cell(str(number), ' class="number"')


def _named(commit: str) -> str:
    """A commit with its address, or the word for none."""
    if commit == shown.UNKNOWN:
        return commit
    return f'<a href="{pages.commit(commit)}">{commit}</a>'


def _map(rows: Iterable[Row], commits: Sequence[str]) -> str:
    """Repositories down, commits across; the more places of a repository a commit breaks, the redder."""
    counts = {row.repository: row.places for row in rows if row.places}
    most = max(count for each in counts.values() for count in each.values())
    head = "".join(f"<th>{_named(commit)}</th>" for commit in commits)
    lines = [
        f"<tr><th>{escape(name)}</th>{''.join(_cell(each, commit, most) for commit in commits)}</tr>"
        for name, each in counts.items()
    ]
    return (
        f'<div class="map"><table><thead><tr><th></th>{head}</tr></thead>\n'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cell(places: Counter[str], commit: str, most: int) -> str:
    count = places[commit]
    if not count:
        return "<td></td>"
    return f'<td style="--hit: {20 + 60 * count / most:.0f}">{count}</td>'


def _findings(row: Row) -> str:
    rows = [
        [
            _Cell(f"{escape(each.path)}:{each.line}:{each.column}"),
            _Cell(each.code),
            _Cell(escape(each.message)),
            _Cell(", ".join(map(_named, each.commits)) or shown.UNKNOWN),
            _Cell("a person" if each.left else "--fix"),
        ]
        for each in row.found
    ]
    table = _sortable(("place", "rule", "what is wrong", "since", "repaired by"), rows)
    title = f"{escape(row.repository)} ({len(rows)})"
    return f"<details><summary>{title}</summary>{table}</details>"
