"""How many of the catalogue's rows would have been drafted: ``python -m tests.surface.drafted``.

Every bundled torchtitan is held against the next one. Of what differs and the catalogue explains, each
new form that a draft can have (a path, a keyword, a member) is compared with the catalogue's.

With ``--page`` the drafts of one step are written to docs/drafted.md, beside the rows that were written by hand.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from titan_lint.api import bundle, history
from titan_lint.api.changes.drafts import drafted, explained
from titan_lint.api.changes.rows import (
    DefaultChange,
    ImportChange,
    KeywordChange,
    NewMember,
    NewPath,
    Rename,
)
from titan_lint.api.diff import Effect, diff

if TYPE_CHECKING:
    from titan_lint.api import Surface
    from titan_lint.api.changes.rows import Change


def main() -> None:
    found: Counter[tuple[str, str]] = Counter()
    for before, after in pairwise(history.timeline()):
        old, new = bundle.load(before), bundle.load(after)
        for difference in diff(old, new):
            if difference.effect is Effect.ADDED:
                continue
            row = explained(difference, old, new)
            wanted = row and _new_form(row, difference.path)
            if wanted:
                draft = drafted(difference, old, new)
                has = draft and _new_form(draft, difference.path)
                state = (
                    "no new form" if not has else "right" if _same(has, wanted, new) else "wrong"
                )
                found[difference.about.value, state] += 1
    for (about, state), number in sorted(found.items()):
        print(f"{about:8}  {state:11}  {number:4}")


STEP = "0.3.0", "main@b5bcd76c6"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "drafted.md"
HEAD = """\
<!-- made by python -m tests.surface.drafted --page -->
# Drafts beside rows written by hand

What [`titan-lint api check-break`](api.md#what-a-change-of-torchtitan-breaks) drafts for the step from torchtitan 0.3.0
to main of 2026-08-21 (b5bcd76c6), if the catalogue knows nothing of it, beside the rows that were written for it by
hand. *Gone* is a row without a new form; *less* is a draft that lacks the new form that a person found.

"""


def page() -> str:
    """The drafts of a step, beside the catalogue's rows."""
    old, new = map(bundle.load, STEP)
    rows = ["| what differs | by hand | drafted | |", "| --- | --- | --- | --- |"]
    alone = 0
    found: Counter[str] = Counter()
    for difference in diff(old, new):
        if difference.effect is Effect.ADDED:
            continue
        row = explained(difference, old, new)
        draft = drafted(difference, old, new)
        if row is None:
            alone += draft is not None
            continue
        by_hand, mine = (_told(each, difference.path) for each in (row, draft))
        state = (
            ("none" if draft is None else "less")
            if by_hand != mine and (draft is None or mine == "gone")
            else "the same"
            if by_hand == mine or _same(by_hand.strip("`"), mine.strip("`"), new)
            else "another"
        )
        found[state] += 1
        what = f"`{difference.path}` {difference.text}".replace("|", "\\|")
        rows.append(f"| {what} | {row.id}: {by_hand} | {mine} | {state} |")
    counts = ", ".join(f"{number} {state}" for state, number in found.most_common())
    return (
        f"{HEAD}Of {found.total()} differences with a row the drafts are: {counts}. Another {alone} drafts are of what no row "
        "was written for, most of them parts of models and experiments.\n\n"
        + "\n".join(rows)
        + "\n"
    )


def _told(row: Change | None, path: str) -> str:
    """The new form of a row; what else it says where it has none."""
    if row is None:
        return ""
    form = _new_form(row, path)
    if form:
        return f"`{form}`"
    if isinstance(row, DefaultChange):
        return "another default"
    return "gone" if row.new is None else "values"


def _new_form(row: Change, path: str) -> str | None:
    match row.new:
        case NewPath():
            assert isinstance(row, ImportChange)
            old = next((old for old in row.old.paths if f"{path}.".startswith(f"{old}.")), path)
            return row.new.path + path[len(old) :]
        case Rename():
            assert isinstance(row, KeywordChange)
            return row.new.rename
        case NewMember():
            return row.new.name
        case _:
            return None


def _same(one: str, other: str, surface: Surface) -> bool:
    return one == other or surface.resolve(one) == surface.resolve(other) is not None


if __name__ == "__main__":
    if "--page" in sys.argv[1:]:
        PAGE.write_text(page(), "utf-8")
    else:
        main()
