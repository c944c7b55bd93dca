"""Edits: making them small, telling whether they clash, and applying them."""

from __future__ import annotations

from titan_lint.finding import Edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Refused(Exception):  # noqa: N818 (a word that says it)
    """A rewrite cannot be made here. The message says why."""


def trimmed(start: int, old: str, new: str) -> Edit:
    """The edit that makes ``new`` of ``old``, which begins at ``start``, without what they share."""
    limit = min(len(old), len(new))
    head = 0
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Edit(start + head, start + len(old) - tail, new[head : len(new) - tail])


def clash(one: Edit, other: Edit) -> bool:
    """Whether two edits touch the same text, or insert at the same place."""
    if one.start == other.start and (one.start == one.end or other.start == other.end):
        return one.start == one.end and other.start == other.end
    return one.start < other.end and other.start < one.end


def touch(one: Edit, other: Edit) -> bool:
    """Whether two edits clash or meet, so that one made for a text may not fit after the other.

    Two findings that each take a comma for theirs, or remove an argument behind which the other adds
    one, are right only one after the other.
    """
    return clash(one, other) or one.end == other.start or other.end == one.start


def apply(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with edits that do not clash."""
    parts: list[str] = []
    position = 0
    for edit in sorted(edits):
        parts += [text[position : edit.start], edit.content]
        position = edit.end
    parts.append(text[position:])
    return "".join(parts)
