"""What the catalogue says about calls: the rows about a function, method or class.

What the kinds of rows say is told in :mod:`titan_lint.api.changes.rows`.
"""

from __future__ import annotations

import fnmatch
import functools

from titan_lint.api import Class, bundle, causes, changes, history
from titan_lint.api.changes.rows import CallChange, KeywordChange
from titan_lint.api.paths import signature
from titan_lint.structs import Struct
from titan_lint.uses.calls.binding import missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeVar

    from titan_lint.api import Function, Provenance, Surface
    from titan_lint.api.causes import Cause
    from titan_lint.api.surface import Fork
    from titan_lint.uses.calls import Callee, Site

    K = TypeVar("K", bound=CallChange)


def rows(surface: Surface, kind: type[K], site: Site) -> list[K]:
    """The rows of a kind that are about everything that a call may call, oldest first."""
    per_callee = [
        _rows_of(surface, kind, callee.path, callee.written, callee.cls) for callee in site.callees
    ]
    return [
        row
        for row in per_callee[0]
        if isinstance(row, kind) and all(row in others for others in per_callee[1:])
    ]


# A project calls the same few things again and again.
@functools.lru_cache(maxsize=4096)
def _rows_of(
    surface: Surface, kind: type[CallChange], path: str, written: str, cls: Class | None
) -> tuple[CallChange, ...]:
    table, patterns = _table(surface, kind)
    names = _names(surface, path, written, cls)
    found = [row for name in names for row in table.get(name, ())]
    found += [
        row
        for pattern, row in patterns
        if any(fnmatch.fnmatchcase(name, pattern) for name in names)
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda row: (row.day, row.id)))


def rows_of_class(surface: Surface, kind: type[K], cls: Class) -> list[K]:
    """The rows of a kind that are about a class or one that it inherits from, oldest first."""
    table, _ = _table(surface, kind)
    found = [row for ancestor in cls.mro for row in table.get(ancestor.path, ())]
    return sorted(
        (row for row in dict.fromkeys(found) if isinstance(row, kind)),
        key=lambda row: (row.day, row.id),
    )


def rows_of_method(surface: Surface, kind: type[K], cls: Class, name: str) -> list[K]:
    """The rows of a kind that are about a class's method or the one that it overrides."""
    table, _ = _table(surface, kind)
    found = [row for ancestor in cls.mro for row in table.get(f"{ancestor.path}.{name}", ())]
    return sorted(
        (row for row in dict.fromkeys(found) if isinstance(row, kind)),
        key=lambda row: (row.day, row.id),
    )


@functools.cache
def methods(kind: type[CallChange], fork: Fork | None) -> frozenset[str]:
    """Names of the functions and methods that rows of a kind are about: a look that costs nothing."""
    return frozenset(
        path.rpartition(".")[2] for row in changes.of_kind(kind, fork) for path in row.old.of
    )


def _names(surface: Surface, path: str, written: str, cls: Class | None) -> list[str]:
    """The paths under which a row may be about something: its own, and those it inherits from."""
    found = [path, written]
    if cls is not None:
        found += [ancestor.path for ancestor in cls.mro]
    owner, _, name = path.rpartition(".")
    holder = surface.lookup(owner)
    if isinstance(holder, Class):
        found += [f"{ancestor.path}.{name}" for ancestor in holder.mro]
    return list(dict.fromkeys(filter(None, found)))


@functools.lru_cache(maxsize=256)
def _table(
    surface: Surface, kind: type[CallChange]
) -> tuple[dict[str, list[CallChange]], list[tuple[str, CallChange]]]:
    """The rows of a kind by the paths that the surface has for what they are about."""
    table: dict[str, list[CallChange]] = {}
    patterns: list[tuple[str, CallChange]] = []
    for row in changes.of_kind(kind, surface.fork):
        for path in row.old.of:
            if "*" in path:
                patterns.append((path, row))
                continue
            for name in {path, surface.resolve(path) or path}:
                table.setdefault(name, []).append(row)
    return table, patterns


def renamed(surface: Surface, site: Site) -> dict[str, str]:
    """Old keyword names that the catalogue knows under a new one, which all signatures have."""
    return {
        old: row.rename
        for row in rows(surface, KeywordChange, site)
        if row.rename is not None
        and all(callee.function.parameter(row.rename) for callee in site.callees)
        for old in row.old.keywords
    }


def under_old_name(surface: Surface, site: Site) -> frozenset[str]:
    """The parameters whose argument a call passes, or may pass, under the name that they had before."""
    passed = site.arguments.names | site.before.names
    return frozenset(new for old, new in renamed(surface, site).items() if old in passed)


def is_old_form(surface: Surface, site: Site, change: str) -> bool:
    """Whether a call passes a keyword that a change of the catalogue took away."""
    return any(
        row.id == change and not site.arguments.names.isdisjoint(row.old.keywords)
        for row in rows(surface, KeywordChange, site)
    )


@functools.cache
def renamed_at_all(fork: Fork | None) -> frozenset[str]:
    """Keyword names that the catalogue knows under a new one anywhere: a look that costs nothing."""
    return frozenset(
        old
        for row in changes.of_kind(KeywordChange, fork)
        if row.rename is not None
        for old in row.old.keywords
    )


def has_needs(surface: Surface, row: CallChange) -> bool:
    """Whether the target has all that the new form of a row asks for."""
    return all(_has(surface, need) for need in row.needs)


def _has(surface: Surface, need: str) -> bool:
    path, _, parameter = need.partition(":")
    if not parameter:
        return surface.lookup(path) is not None and surface.tells(path)
    function = signature(surface, path)
    return function is not None and function.parameter(parameter) is not None


class ParameterPresence(Struct):
    """Where a parameter that a target lacks is to be found.

    Attributes:
        earlier: Whether an earlier torchtitan had it: it was removed.
        since: The first bundled version without it, or for one still to come the first with it.
    """

    earlier: bool
    since: Provenance


def presence(surface: Surface, site: Site, name: str) -> ParameterPresence | None:
    """Where the parameter ``name`` is, which a call at ``surface`` cannot give; ``None`` nowhere."""
    paths = tuple(
        dict.fromkeys(
            path
            for callee in site.callees
            for path in (callee.written, callee.named, callee.path)
            if path
        )
    )
    return _presence(surface, paths, name)


def cause(surface: Surface, site: Site, name: str = "") -> Cause | None:
    """What made everything that a call may call take a parameter no more.

    Args:
        surface: The torchtitan where it is so.
        site: The call.
        name: The parameter; empty for the order or the number of all.
    """
    if not name:
        return _agreed(causes.of_order(surface, _named(callee)) for callee in site.callees)
    return _agreed(causes.of_parameter(surface, _named(callee), name) for callee in site.callees)


def cause_of_requirement(surface: Surface, site: Site, name: str) -> Cause | None:
    """What made everything that a call may call ask for a parameter which the call does not give."""

    def lacks(function: Function | None, callee: Callee) -> bool:
        if function is not None and callee.asked:
            function = function.bound()
        return function is not None and any(p.name == name for p in missing(site, function))

    return _agreed(
        causes.of_difference(surface, _named(callee), name, functools.partial(lacks, callee=callee))
        for callee in site.callees
    )


def _named(callee: Callee) -> str:
    """The path of what is called: of a class, its own."""
    return callee.cls.path if callee.cls is not None else callee.named


def _agreed(causes_: Iterable[Cause | None]) -> Cause | None:
    found = set(causes_)
    return found.pop() if len(found) == 1 else None


@functools.lru_cache(maxsize=1024)
def _presence(surface: Surface, paths: tuple[str, ...], name: str) -> ParameterPresence | None:
    keys, here = history.timeline(surface.fork), history.position(surface)
    then = paths
    for number in range(here - 1, -1, -1):
        older = bundle.load(keys[number])
        # What it was called there, from each torchtitan to the one before; the name may have come back.
        then = tuple(history.path_at(older, path) or path for path in then)
        if _takes(keys[number], (*paths, *then), name):
            after = keys[number + 1] if number + 1 < len(keys) else surface.key
            point = bundle.load(after) if after in keys else surface
            return ParameterPresence(True, point.provenance)
    for number in range(here + 1, len(keys)):
        if _takes(keys[number], paths, name):
            return ParameterPresence(False, bundle.load(keys[number]).provenance)
    return None


@functools.lru_cache(maxsize=1024)
def once_allowed(surface: Surface, paths: tuple[str, ...], name: str, value: object) -> bool:
    """Whether a version before ``surface`` lists a value among the choices of a parameter."""
    keys = history.timeline(surface.fork)[: history.position(surface)]
    for key in keys:
        for path in paths:
            function = signature(bundle.load(key), path)
            parameter = function.parameter(name) if function is not None else None
            if parameter is not None and any(
                type(choice) is type(value) and choice == value for choice in parameter.choices
            ):
                return True
    return False


def _takes(key: str, paths: Iterable[str], name: str) -> bool:
    surface = bundle.load(key)
    found = (signature(surface, path) for path in paths)
    return any(function and function.parameter(name) for function in found)
