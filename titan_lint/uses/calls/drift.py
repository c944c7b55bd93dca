"""Positional arguments that bind otherwise than where the code was written for."""

from __future__ import annotations

import functools

from titan_lint.api import bundle, history
from titan_lint.api.changes.rows import PositionalChange
from titan_lint.api.paths import signature
from titan_lint.api.signatures import KINDS, ParameterKind
from titan_lint.code.values import root
from titan_lint.structs import Struct
from titan_lint.uses.calls import callables, certain
from titan_lint.uses.calls.before import before_move
from titan_lint.uses.calls.signatures import callees

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from titan_lint.api import Parameter
    from titan_lint.api.entities import Record
    from titan_lint.api.surface import Fork
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


class Displaced(Struct):
    """One positional argument that lands elsewhere.

    Attributes:
        index: Its position.
        argument: The argument.
        meant: The parameter that it was for, under its present name; ``None`` where not known.
        now: The parameter that it binds to at the target, ``None`` where there is no place for it.
        change: The row of the catalogue that says so, where names alone would not.
    """

    index: int
    argument: ast.expr
    meant: str | None
    now: str | None
    change: PositionalChange | None = None


class Drift(Struct):
    """What became of a call's positional arguments.

    Attributes:
        moved: Those that land elsewhere.
        meant: Present names of the parameters that all positional arguments were for, by position;
            empty where the version that the code was written for is not known.
        written: What they were called then; empty as ``meant`` is.
        limit: How many positional arguments the target takes.
    """

    moved: tuple[Displaced, ...]
    meant: tuple[str, ...]
    written: tuple[str, ...]
    limit: int


def drift(file: File, site: Site) -> Drift | None:
    """What became of the positional arguments of a call; ``None`` where all is well or not known."""
    positional = site.arguments.positional
    if not positional or any(callee.function.open for callee in site.callees):
        return None
    here = [_names(callee.function.positional) for callee in site.callees]
    now = _common_start(here)
    limit = max(map(len, here))
    surplus = certain(
        file,
        site,
        lambda function: (
            not function.open
            and not function.takes_any_positional
            and len(function.positional) < len(positional)
        ),
    )
    past = _past(file, site)
    rows = _explained(file, site)
    moved: list[Displaced] = []
    for index, argument in enumerate(positional):
        meant = past.names[index] if past is not None and index < len(past.names) else None
        if index >= limit:
            if surplus:
                moved.append(Displaced(index, argument, meant, None))
        elif index < len(now) and meant is not None and past is not None and meant != now[index]:
            row = rows.get((past.written[index], now[index]))
            elsewhere = any(c.function.parameter(meant) for c in site.callees)
            is_other = (
                index in past.plain
                and all(c.function.positional[index].type is not None for c in site.callees)
                and not any(root(value) == "torchtitan" for value in file.values(argument))
            )
            if row is not None or elsewhere or is_other or now[index] in past.known:
                moved.append(Displaced(index, argument, meant, now[index], row))
    if not moved:
        return None
    if past is None:
        return Drift(tuple(moved), (), (), limit)
    return Drift(tuple(moved), past.names, past.written, limit)


def _common_start(signatures: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The positional parameters on which all that a call may call agree."""
    agreed: list[str] = []
    for names in zip(*signatures, strict=False):
        if len(set(names)) > 1:
            break
        agreed.append(names[0])
    return tuple(agreed)


class _Past(Struct):
    """The positional parameters of old.

    Attributes:
        names: As they are called now.
        written: As they were called then.
        known: All names of then.
        plain: The positions at which a number or a text was taken, and nothing else.
    """

    names: tuple[str, ...]
    written: tuple[str, ...]
    known: frozenset[str]
    plain: frozenset[int]


def _past(file: File, site: Site) -> _Past | None:
    """What the versions that the code was written for agree on; ``None`` where nothing follows."""
    count = len(site.arguments.positional)
    era = file.era
    if era.asked and era.includes(file.target.surface):
        return None
    surface = file.target.surface
    fork = surface.fork
    if all(
        # What is gone from there is another one in its new place.
        surface.lookup(path) is not None and _constant(path, count, fork)
        for callee in site.callees
        for path in (callee.written or callee.path,)
    ):
        return None
    if not era.keys or era.includes(file.target.surface):
        return None
    agreed: tuple[str, ...] | None = None
    known: set[str] = set()
    plain = set(range(count))
    for key in era.keys:
        there = file.at(key)
        found = [callee.function for callee in callees(there, site.function)]
        found = found or before_move(file, there, site)
        if not found:
            return None
        for function in found:
            names = _names(function.positional)[:count]
            if function.open or len(names) < count or agreed not in (None, names):
                return None
            agreed = names
            known |= {p.name for p in function.parameters}
            plain &= {
                index
                for index, parameter in enumerate(function.positional)
                if parameter.annotation in _PLAIN
            }
    if agreed is None:
        return None
    renamed = callables.renamed(surface, site)
    names = tuple(renamed.get(name, name) for name in agreed)
    return _Past(names, agreed, frozenset(known), frozenset(plain))


_PLAIN = frozenset({"bool", "float", "int", "str"})
"""Annotations of what no class of torchtitan's can be given for."""


@functools.lru_cache(maxsize=4096)
def _constant(path: str, count: int, fork: Fork | None) -> bool:
    """Whether all known versions have a callable, and agree on its first positional parameters."""
    if bundle.load(history.timeline(fork)[0]).lookup(path) is None:
        return False  # It may have come from elsewhere.
    written = history.definitions(path) if fork is None else None
    if written is not None and len({_positional_names(record) for record in written}) == 1:
        return True
    found = {
        # A method's own first parameter may be given, or be what it is called on.
        _names(function.positional)[: count + (function.binding == "method")]
        for key in history.timeline(fork)
        if (function := signature(bundle.load(key), path)) is not None
    }
    return len(found) == 1


def _positional_names(record: Record) -> tuple[str, ...]:
    """The names of the positional parameters in a function's record."""
    kinds = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)
    return tuple(name for name, kind, *_ in record.get("p", ()) if KINDS[kind] in kinds)


def _names(parameters: tuple[Parameter, ...]) -> tuple[str, ...]:
    return tuple(parameter.name for parameter in parameters)


def _explained(file: File, site: Site) -> dict[tuple[str, str], PositionalChange]:
    """Old and new name of parameters that took another thing under one position."""
    return {
        (old, new): row
        for row in callables.rows(file.target.surface, PositionalChange, site)
        if row.new is not None
        for old, new in row.new.parameters.items()
    }
