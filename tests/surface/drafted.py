"""How many of the catalogue's rows would have been drafted: ``python -m tests.surface.drafted``.

Every bundled torchtitan is held against the next one. Of what differs and the catalogue explains, each
new form that a draft can have (a path, a keyword, a member) is compared with the catalogue's.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from titan_lint.api import bundle, history
from titan_lint.api.changes.drafts import drafted, explained
from titan_lint.api.changes.rows import ImportChange, KeywordChange, NewMember, NewPath, Rename
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
    main()
