"""Rows that the catalogue lacks for a change of torchtitan, drafted from the two surfaces.

A draft is what a machine can tell: that something moved (one like it, of the same name, is elsewhere),
that a parameter gave way to another at its position, that a default is another one. Whether the new form
means the same, and the sentence that explains it, are for a person.
"""

from __future__ import annotations

from titan_lint.api.changes import moves, of_kind
from titan_lint.api.changes.records import key_of
from titan_lint.api.changes.rows import (
    AttributeChange,
    CallChange,
    Change,
    DefaultChange,
    ImportChange,
    KeywordChange,
    NewPath,
    OldDefault,
    OldKeywords,
    OldMember,
    OldPaths,
    OldPositional,
    OldWithout,
    PositionalChange,
    Rename,
    ReplacedChange,
    RequiredChange,
    ValueChange,
)
from titan_lint.api.diff import About, Effect, diff
from titan_lint.api.entities import Class
from titan_lint.api.likeness import SAME, likeness
from titan_lint.finding import Applicability
from titan_lint.structs import Struct, defaults
from titan_lint.typeguards import is_tuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from titan_lint.api.diff import Difference
    from titan_lint.api.surface import Surface
    from titan_lint.json_documents import Drafts


class Break(Struct):
    """A difference that code may break by.

    Attributes:
        difference: What differs.
        row: The row of the catalogue that is about it; ``None`` where it has none.
        draft: The row that may be written for it; ``None`` where it has one, and where nothing can be drafted.
    """

    difference: Difference
    row: Change | None
    draft: Change | None


def breaks(old: Surface, new: Surface, *, commit: str = "", day: str = "") -> Iterator[Break]:
    """What of the public API a change of torchtitan moves, removes, or gives another meaning.

    Args:
        old: The API before the change.
        new: The API after it.
        commit: The torchtitan commit that drafts cite.
        day: Its day, ISO 8601.
    """
    for difference in diff(old, new):
        if difference.effect is Effect.ADDED:
            continue
        row = explained(difference, old, new)
        draft = drafted(difference, old, new, commit, day) if row is None else None
        yield Break(difference, row, draft)


def explained(difference: Difference, old: Surface, new: Surface) -> Change | None:
    """The row of the catalogue that is about a difference; ``None`` without one."""
    path, parameter = _parts(difference)
    if difference.about is About.PATH:
        return moves.explanation(new, path) or _replaced(path, old, new)
    if difference.about is About.MEMBER:
        owner, _, name = path.rpartition(".")
        return next(
            (
                row
                for row in of_kind(AttributeChange, new.fork)
                if name in row.old.names and _is_about(row.old.classes, owner, old, new)
            ),
            None,
        )
    kinds = _KINDS.get(difference.about, ())
    rows = (
        row for kind in kinds for row in of_kind(kind, new.fork) if parameter in _parameters(row)
    )
    return next((row for row in rows if _is_about(row.old.of, path, old, new)), None)


_KINDS: dict[About, tuple[type[CallChange], ...]] = {
    About.KEYWORD: (KeywordChange, PositionalChange),
    About.REQUIRED: (RequiredChange,),
    About.DEFAULT: (DefaultChange,),
    About.VALUES: (ValueChange,),
    About.POSITION: (PositionalChange,),
}


def _parts(difference: Difference) -> tuple[str, str]:
    """The path of what is called, and the parameter; empty where the difference is about no parameter."""
    path, _, rest = difference.path.partition("(")
    return path, rest.removesuffix(")")


def _parameters(row: CallChange) -> tuple[str, ...]:
    match row.old:
        case OldKeywords():
            return row.old.keywords
        case OldPositional():
            # Such a difference is about a call, not a parameter.
            return (*row.old.parameters, "")
        case _:
            parameter: str = getattr(row.old, "parameter", "")
            return (parameter,)


def _replaced(path: str, old: Surface, new: Surface) -> ReplacedChange | None:
    rows = of_kind(ReplacedChange, new.fork)
    return next((row for row in rows if old.resolve(path) in map(old.resolve, row.old.of)), None)


def _is_about(paths: tuple[str, ...], path: str, old: Surface, new: Surface) -> bool:
    """Whether one of these is what a path leads to, or a class that it derives from."""
    things = {surface.resolve(each) for surface in (old, new) for each in paths} - {None}
    for surface in (old, new):
        owner, _, name = path.rpartition(".")
        if surface.resolve(path) in things:
            return True
        thing, held = surface.lookup(path), surface.lookup(owner)
        if isinstance(thing, Class) and any(base.path in things for base in thing.mro):
            return True
        if isinstance(held, Class) and any(f"{base.path}.{name}" in things for base in held.mro):
            return True
    return False


def drafted(
    difference: Difference, old: Surface, new: Surface, commit: str = "", day: str = ""
) -> Change | None:
    """The row that may be written for a difference; ``None`` where nothing can be drafted."""
    path, parameter = _parts(difference)
    match difference.about:
        case About.PATH:
            return _moved(path, difference.new, old, new, commit, day)
        case About.MEMBER:
            owner, _, name = path.rpartition(".")
            return AttributeChange("", commit, day, OldMember((owner,), (name,)))
        case About.KEYWORD if difference.new is not None:
            return KeywordChange(
                "",
                commit,
                day,
                OldKeywords((path,), (parameter,)),
                Rename(difference.new),
                # The same position does not make it the same thing.
                applicability=Applicability.UNSAFE,
                reshape="rename",
            )
        case About.KEYWORD:
            return KeywordChange("", commit, day, OldKeywords((path,), (parameter,)))
        case About.REQUIRED:
            return RequiredChange("", commit, day, OldWithout((path,), parameter))
        case About.DEFAULT:
            return DefaultChange("", commit, day, OldDefault((path,), parameter))
        case _:
            return None


def _moved(
    path: str, home: str | None, old: Surface, new: Surface, commit: str, day: str
) -> ImportChange:
    if home is None:
        return ImportChange("", commit, day, OldPaths((path,)))
    sure = likeness(old.lookup(path), new.lookup(home)) >= SAME
    applicability = Applicability.SAFE if sure else Applicability.UNSAFE
    return ImportChange("", commit, day, OldPaths((path,)), NewPath(home), applicability)


def files(rows: Iterable[Change]) -> dict[str, Drafts]:
    """Rows as files of the catalogue have them: by name of the file, what is to be written as JSON."""
    found: dict[str, Drafts] = {}
    for row in rows:
        found.setdefault(f"{row.file}.json", {"rows": []})["rows"].append(_json(row))
    return found


def _json(value: object) -> Any:
    if isinstance(value, Struct):
        left_out = defaults(type(value))
        given = {name: getattr(value, name) for name in value.__fields__}
        return {
            key_of(name): _json(each)
            for name, each in given.items()
            if each is not None and (name not in left_out or each != left_out[name])
        }
    return [_json(each) for each in value] if is_tuple(value) else value
