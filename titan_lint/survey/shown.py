"""A survey as a table, as Markdown and as JSON Lines; :mod:`titan_lint.survey.page` is one as HTML."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from titan_lint.report import tables
from titan_lint.report.markdown import link
from titan_lint.survey.records import STATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from titan_lint.survey.records import Broken, Record
    from titan_lint.survey.users import Used

_HEAD = ("repository", "", "new", "by --fix", "left", "gone", "unchecked")
_NUMBERS = frozenset((2, 3, 4, 5, 6))
UNKNOWN = "no commit named"
"""What stands for the commit of a finding whose rule cites none."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is shown of one repository.

    Attributes:
        repository: Its name.
        state: What became of it.
        numbers: How much is new, repaired by ``--fix``, left by it, gone, and unchecked.
        failure: Why there is no answer about it.
        places: How many places each torchtitan commit breaks.
        found: What is new, where it is shown one by one.
    """

    repository: str
    state: str
    numbers: tuple[int, int, int, int, int]
    failure: str
    places: Counter[str] | None
    found: tuple[Broken, ...]


class Shown:
    """What is shown of a survey, gathered as it comes: no more of a repository is kept than that.

    Args:
        each: Whether all repositories are listed, and not those alone that a change concerns.
        findings: Whether what is new is shown one by one.

    Attributes:
        states: How many repositories came to each state.
        rows: The repositories that are listed.
    """

    def __init__(self, *, each: bool = True, findings: bool = False) -> None:
        self._each = each
        self._findings = findings
        self.states: Counter[str] = Counter()
        self.rows: list[Row] = []
        self._hit: Counter[str] = Counter()
        self._places: Counter[str] = Counter()
        self._left: Counter[str] = Counter()

    def add(self, record: Record) -> None:
        """Take in what came of a repository."""
        state = record.state
        self.states[state] += 1
        here = _places(record.new) if record.new else None
        if here is not None:
            self._hit.update(here.keys())
            self._places += here
            self._left += _places(each for each in record.new if each.left)
        if self._each or record.failure or here is not None:
            left = sum(each.left for each in record.new)
            new = len(record.new)
            numbers = (new, new - left, left, record.gone, len(record.unchecked))
            found = record.new if self._findings else ()
            self.rows.append(Row(record.repository, state, numbers, record.failure, here, found))

    @property
    def summary(self) -> str:
        """``Breaks 7 of 300 repositories; 5 are repaired by --fix; 2 could not be surveyed.``."""
        states = self.states
        known = states.total() - states["failed"]
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

    @property
    def ordered(self) -> list[Row]:
        """The repositories by what became of them, worst first, and by name."""
        ranks = {state: rank for rank, state in enumerate(STATES)}
        return sorted(self.rows, key=lambda row: (ranks[row.state], row.repository))

    @property
    def changes(self) -> list[tuple[str, int, int, int]]:
        """The torchtitan commits that break something: how many repositories, places, and places left after ``--fix``."""
        found = [
            (commit, self._hit[commit], count, self._left[commit])
            for commit, count in self._places.items()
        ]
        return sorted(found, key=lambda each: (-each[1], -each[2], each[0]))


def _places(found: Iterable[Broken]) -> Counter[str]:
    """How many places each torchtitan commit breaks."""
    return Counter(commit for each in found for commit in each.commits or (UNKNOWN,))


def text(survey: Shown) -> str:
    """The survey as tables for a terminal."""
    rows = [list(_HEAD), *map(_row, survey.ordered)]
    parts = [tables.aligned(rows, _NUMBERS)]
    if survey.changes:
        head = ["torchtitan commit", "repositories", "places", "left after --fix"]
        cells = [[commit, *map(str, numbers)] for commit, *numbers in survey.changes]
        parts.append(tables.aligned([head, *cells], frozenset((1, 2, 3))))
    failures = [f"{row.repository}: {row.failure}" for row in survey.ordered if row.failure]
    if failures:
        parts.append("\n".join(["Not surveyed:", *failures]))
    return "\n\n".join([*parts, survey.summary])


def markdown(survey: Shown) -> str:
    """The survey as a comment on a pull request of torchtitan: who breaks, by which commit."""
    lines = [f"**{survey.summary}**", ""]
    hit = [row for row in survey.ordered if row.failure or row.places]
    if hit:
        lines += tables.markdown(_HEAD[:5], [_row(row)[:5] for row in hit])
    if survey.changes:
        head = ("torchtitan commit", "repositories", "places", "left after `--fix`")
        cells = [[_linked(commit), *map(str, numbers)] for commit, *numbers in survey.changes]
        lines += ["", *tables.markdown(head, cells)]
    failures = [f"- {row.repository}: {row.failure}" for row in survey.ordered if row.failure]
    if failures:
        lines += ["", "Not surveyed:", "", *failures]
    return "\n".join(lines)


def _row(row: Row) -> list[str]:
    """A repository's name, its state, and its numbers; empty for none."""
    return [row.repository, row.state, *(str(number or "") for number in row.numbers)]


def json_lines(records: Iterable[Record]) -> str:
    """A record a line, as :meth:`Record.as_json` has it."""
    return "\n".join(json.dumps(record.as_json()) for record in records)


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
