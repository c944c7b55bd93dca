"""Which commit of torchtitan's main took something away, or changed what a callable asks for.

The rows of the catalogue say more of what they are about. This answers for all else, and only for what is bundled:
``scripts/build_causes.py`` reads every commit of main between the first and the newest bundled one.
"""

from __future__ import annotations

import functools
import json

from titan_lint.api import bundle, data_package, history
from titan_lint.api.changes import facts
from titan_lint.api.entities import Class
from titan_lint.api.paths import expand, signature
from titan_lint.api.signatures import Function
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from titan_lint.api.surface import Surface

NAME = "data/causes.json"
FILE = data_package.OWN / NAME
"""The file that comes with titan-lint."""


class Cause(Struct):
    """A commit of main.

    Attributes:
        commit: Its first nine digits.
        day: Its own day, ``2026-02-23``.
    """

    commit: str
    day: str


def of_absence(surface: Surface, path: str, had: Surface) -> Cause | None:
    """What took a path away.

    Args:
        surface: The torchtitan that lacks the path.
        path: A dotted path; ``*`` stands for one part that may be any.
        had: One before it that has the path.
    """
    paths = expand(had, path) if "*" in path else (path,)
    found = {_of_absence(surface, one, had) for one in paths}
    return found.pop() if len(found) == 1 else None


def of_going(surface: Surface, path: str, gone: history.Presence) -> Cause | None:
    """What took a path away, when it went: what it was in may have moved, or gone, later.

    Args:
        surface: The torchtitan that lacks the path.
        path: As with :func:`of_absence`.
        gone: Where the path was before.
    """
    if not gone.earlier or _commits_in(surface.key) is None:
        return None
    holder, _, name = path.rpartition(".")
    then = holder
    if surface.lookup(holder) is not None and gone.since.lookup(holder) is None:
        then = history.path_at(gone.since, holder) or holder
    found = of_absence(gone.since, f"{then}.{name}", gone.surface)
    if found is None and gone.since.provenance.kind == "release":
        # A release may lack what main had at its branch and lost only later.
        found = of_absence(surface, path, gone.surface)
    return found


def of_parameter(surface: Surface, callable_: str, name: str) -> Cause | None:
    """What took a parameter or a field from what is at a path, or made it one that has to be given by name or at all."""
    return _of_change(surface, callable_, name)


def of_order(surface: Surface, callable_: str) -> Cause | None:
    """What gave the parameters or fields of what is at a path another order or number."""
    return _of_change(surface, callable_, "")


@functools.lru_cache(maxsize=128)
def between(old: str, new: str) -> frozenset[str]:
    """The commits of main, nine digits each, that come with a torchtitan and that another one has not.

    Args:
        old: The key of the one without them; one that is not bundled has none.
        new: The key of the one with them; one that is not bundled has all.
    """
    return frozenset(commit[:9] for commit in _order()[_commits_in(old) or 0 : _commits_in(new)])


def has(surface: Surface, commit: str) -> bool:
    """Whether a torchtitan may have a commit, of which nine digits are given; it has not where main tells so."""
    return commit[:9] in between("", surface.key) or commit[:9] not in between("", "")


def falls_between(commit: str, day: str, old: Surface, new: Surface) -> bool:
    """Whether a commit comes with one torchtitan and not with one before it; of other repositories only days tell.

    Args:
        commit: Its first nine digits.
        day: Its own day, ``2026-02-23``.
        old: The torchtitan without it.
        new: The one with it.
    """
    if commit[:9] in between("", ""):
        return commit[:9] in between(old.key, new.key)
    last = new.day
    return last is None or day <= last.isoformat()


def _of_absence(surface: Surface, path: str, had: Surface) -> Cause | None:
    parts = path.split(".")
    parents = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    there = next((i for i, one in enumerate(parents) if surface.lookup(one) is None), None)
    if there is None:
        return None
    # The thing itself, or before it the last of what held it.
    found = min(_numbers(surface, parents[there:], had), default=None)
    if found is None and there:
        holder, name = parents[there - 1], parts[there]
        places = [f"{one}.{name}" for one in (holder, history.path_at(had, holder)) if one]
        places = [*places, *filter(None, map(had.resolve, places))]
        # What went with all that it is in, which came back without it.
        keys = [*places, *(place.rpartition(".")[0] for place in places)]
        found = next(iter(_numbers(surface, keys, had)), None)
    return _commit(found)


@functools.lru_cache(maxsize=1024)
def _of_change(surface: Surface, path: str, name: str) -> Cause | None:
    return of_difference(surface, path, name, lambda function: _taken(function, name))


def of_difference(
    surface: Surface, path: str, name: str, seen: Callable[[Function | None], object]
) -> Cause | None:
    """The last commit that changed a parameter of a callable, or the order of all; that moved it, where it came with that.

    Args:
        surface: The torchtitan that has the callable.
        path: Where it has it.
        name: The parameter; empty for the order of all.
        seen: What is asked of the callable, ``None`` where there was none: what differs from what was before is the change.
    """
    newer, now = surface, path
    for key in reversed(history.timeline()[: history.position(surface)]):
        older = bundle.load(key)
        before = history.path_at(older, now)
        if before is None:
            return None
        if seen(signature(older, before)) != seen(signature(newer, now)):
            paths = dict.fromkeys((*_callables(newer, now), *_callables(older, before)))
            found = _numbers(newer, [f"{one}({name})" for one in paths], older)
            return _commit(found[0]) if found else _of_absence(newer, before, older)
        newer, now = older, before
    return None


def _taken(function: Function | None, name: str) -> tuple[object, ...] | None:
    """How a callable takes a parameter, or what it takes by position."""
    if function is None:
        return None
    if not name:
        return tuple(parameter.name for parameter in function.positional)
    parameter = function.parameter(name)
    return parameter and (parameter.required, parameter in function.positional)


def _callables(surface: Surface, path: str) -> Iterator[str]:
    """The paths that facts about a callable may be told of: those of a class are of what it has its fields from."""
    found = surface.lookup(path)
    if isinstance(found, Class):
        for one in found.mro:
            yield from (one.path, f"{one.path}.__init__")
    elif isinstance(found, Function):
        yield found.path


def _numbers(surface: Surface, keys: Iterable[str], had: Surface) -> list[int]:
    """Of each key that has some, the last commit that a surface has, and that the one which had it has not."""
    since, until = _commits_in(had.key), _commits_in(surface.key)
    if until is None or since is None:
        return []
    each = (
        [number for number in _causes().get(key, ()) if since <= number < until] for key in keys
    )
    return [numbers[-1] for numbers in each if numbers]


def _commit(number: int | None) -> Cause | None:
    """The commit at a place in main's history."""
    if number is None:
        return None
    commit = _order()[number]
    return Cause(commit[:9], bundle.commits()[commit])


@functools.lru_cache(maxsize=1)
def _order() -> tuple[str, ...]:
    return tuple(bundle.commits())


@functools.lru_cache(maxsize=1)
def _causes() -> dict[str, tuple[int, ...]]:
    """By what went or changed, the places of its commits in main's history."""
    told: dict[str, dict[str, list[str]]] = json.loads(
        data_package.file(NAME).read_text(encoding="utf-8")
    )
    numbers = {commit: number for number, commit in enumerate(_order())}
    found: dict[str, tuple[int, ...]] = {}
    for commit, modules in told.items():
        for module, names in modules.items():
            for name in names:
                key = f"{module}.{name}"
                found[key] = (*found.get(key, ()), numbers[commit])
    return found


def _commits_in(key: str) -> int | None:
    """How many commits of main a bundled surface has; ``None`` of any other one."""
    point = bundle.index().get(key)
    branch = facts.branches().releases.get(key)
    if branch is not None:
        point = bundle.index().get(branch.after)
    if point is None or point.commit is None or point.commit[:10] not in bundle.commits():
        return None
    return _order().index(point.commit[:10]) + 1
