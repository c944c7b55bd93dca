"""A survey as a table, as Markdown and as JSON Lines; :mod:`titan_lint.survey.page` is one as HTML."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from titan_lint.report import tables
from titan_lint.report.markdown import link
from titan_lint.survey.records import STATES, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from titan_lint.survey.users import Used

_HEAD = ("repository", "", "new", "by --fix", "left", "gone", "unchecked")
_NUMBERS = frozenset((2, 3, 4, 5, 6))
UNKNOWN = "no commit named"
"""What stands for the commit of a finding whose rule cites none."""


def summary(records: Sequence[Record]) -> str:
    """``Breaks 7 of 300 repositories; 5 are repaired by --fix; 2 could not be surveyed.``."""
    states = Counter(record.state for record in records)
    known = len(records) - states["failed"]
    broken = states["broken"] + states["fixed"]
    noun = "repository" if known == 1 else "repositories"
    parts = [f"Breaks {broken} of {known} {noun}"]
    if broken:
        parts.append(f"--fix repairs {states['fixed']} of them")
    if states["already broken"]:
        parts.append(f"{states['already broken']} broken before")
    if states["failed"]:
        parts.append(f"{states['failed']} not surveyed")
    return "; ".join(parts) + "."


def ordered(records: Iterable[Record]) -> list[Record]:
    """Records by what became of them, worst first, and by name."""
    ranks = {state: rank for rank, state in enumerate(STATES)}
    return sorted(records, key=lambda record: (ranks[record.state], record.repository))


def changes(records: Iterable[Record]) -> list[tuple[str, int, int, int]]:
    """The torchtitan commits that break something: how many repositories, places, and places left after ``--fix``."""
    hit: Counter[str] = Counter()
    all_places: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for record in records:
        here = places(record)
        hit.update(here.keys())
        all_places += here
        left += places(record, left=True)
    found = [(commit, hit[commit], count, left[commit]) for commit, count in all_places.items()]
    return sorted(found, key=lambda each: (-each[1], -each[2], each[0]))


def places(record: Record, *, left: bool = False) -> Counter[str]:
    """How many places of a repository each torchtitan commit breaks; those alone that ``--fix`` leaves if ``left``."""
    return Counter(
        commit
        for each in record.new
        if each.left or not left
        for commit in each.commits or (UNKNOWN,)
    )


def text(records: Sequence[Record]) -> str:
    """The survey as tables for a terminal."""
    rows = [list(_HEAD), *map(row, ordered(records))]
    parts = [tables.aligned(rows, _NUMBERS)]
    by_change = changes(records)
    if by_change:
        head = ["torchtitan commit", "repositories", "places", "left after --fix"]
        cells = [[commit, *map(str, numbers)] for commit, *numbers in by_change]
        parts.append(tables.aligned([head, *cells], frozenset((1, 2, 3))))
    failures = [f"{r.repository}: {r.failure}" for r in ordered(records) if r.failure]
    if failures:
        parts.append("\n".join(["Not surveyed:", *failures]))
    return "\n\n".join([*parts, summary(records)])


def markdown(records: Sequence[Record]) -> str:
    """The survey as a comment on a pull request of torchtitan: who breaks, by which commit."""
    lines = [f"**{summary(records)}**", ""]
    hit = [r for r in ordered(records) if r.state in ("broken", "fixed", "failed") or r.new]
    if hit:
        lines += tables.markdown(_HEAD[:5], [row(record)[:5] for record in hit])
    by_change = changes(records)
    if by_change:
        head = ("torchtitan commit", "repositories", "places", "left after `--fix`")
        lines += ["", *tables.markdown(head, [[_linked(c), *map(str, n)] for c, *n in by_change])]
    failures = [f"- {r.repository}: {r.failure}" for r in ordered(records) if r.failure]
    if failures:
        lines += ["", "Not surveyed:", "", *failures]
    return "\n".join(lines)


def json_lines(records: Iterable[Record]) -> str:
    """A record a line, as :meth:`Record.as_json` has it."""
    return "\n".join(json.dumps(record.as_json()) for record in records)


def row(record: Record) -> list[str]:
    """A repository's name, its state, and its numbers; empty for none."""
    if record.failure:
        return [record.repository, record.state, "", "", "", "", ""]
    left = sum(each.left for each in record.new)
    numbers = (len(record.new), len(record.new) - left, left, record.gone, len(record.unchecked))
    return [record.repository, record.state, *(str(number or "") for number in numbers)]


def users(answers: Sequence[Used]) -> str:
    """Who uses a name: a row a place, and how many there are."""
    rows = [
        [answer.repository, str(use), use.name + _DOUBT[use.certain]]
        for answer in answers
        for use in answer.uses
    ]
    parts: list[str] = (
        [tables.aligned([["repository", "place", "reached as"], *rows], frozenset())]
        if rows
        else []
    )
    failures = [f"{answer.repository}: {answer.failure}" for answer in answers if answer.failure]
    if failures:
        parts.append("\n".join(["Not asked:", *failures]))
    asked = len(answers) - len(failures)
    using = sum(bool(answer.uses) for answer in answers)
    noun = "repository uses" if asked == 1 else "repositories use"
    places = "place" if len(rows) == 1 else "places"
    parts.append(f"{using} of {asked} {noun} it, in {len(rows)} {places}.")
    return "\n\n".join(parts)


_DOUBT = {True: "", False: " (maybe)"}


def _linked(commit: str) -> str:
    return commit if commit == UNKNOWN else link(commit, commit)
