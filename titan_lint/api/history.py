"""Where a path was before and after: questions that go through all known surfaces.

Those are the bundled ones and, behind them all, those of a fork.
"""

from __future__ import annotations

import functools
import itertools

from titan_lint.api import bundle
from titan_lint.api.entities import Module
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api.entities import Record
    from titan_lint.api.surface import Fork, Provenance, Surface


class Presence(Struct):
    """Where a path that one surface lacks is to be found.

    Attributes:
        surface: The nearest known surface that has it, those before the asking one first.
        earlier: Whether that one comes before: the path was removed. Otherwise it is still to come.
        since: Where it is for the first time gone again, or there; the asking surface itself where
            nothing lies between.
    """

    surface: Surface
    earlier: bool
    since: Surface


@functools.cache
def timeline(fork: Fork | None = None) -> tuple[str, ...]:
    """Keys of all bundled surfaces in order of their code, by day, and of those of a fork behind them.

    A release that was branched off stands behind the point of main that it left, although it was
    published later.
    """
    from titan_lint.api.changes import facts

    index = bundle.index()
    order = {key: number for number, key in enumerate(index)}
    branched = {
        key: branch.after
        for key, branch in facts.branches().releases.items()
        if key in index and branch.after in index
    }

    def place(key: str) -> tuple[str, int, bool]:
        point = branched.get(key, key)
        return str(index[point].day), order[point], key in branched

    own = () if fork is None else fork.surfaces
    return (*sorted(index, key=place), *(surface.key for surface in own))


def position(surface: Surface) -> int:
    """Where a surface stands in :func:`timeline`; one that is not in it stands behind all."""
    keys = timeline(surface.fork)
    return keys.index(surface.key) if surface.key in keys else len(keys)


def nearest(surface: Surface) -> Iterator[tuple[str, bool]]:
    """Keys of the other known surfaces, those before one first, nearest first; and whether each is before it.

    Code is mostly older than what it is held against.
    """
    keys, here = timeline(surface.fork), position(surface)
    yield from ((key, True) for key in reversed(keys[:here]))
    yield from ((key, False) for key in keys[here + 1 :])


@functools.lru_cache(maxsize=1024)
def find(surface: Surface, path: str) -> Presence | None:
    """The nearest known surface that has ``path``, which ``surface`` lacks; ``None`` if none has.

    ``*`` in a path stands for one part that may be any.
    """
    after = surface
    for key, earlier in nearest(surface):
        other = bundle.load(key)
        if _has(other, path):
            return Presence(other, earlier, after if earlier else other)
        after = other
    return None


class Stay(Struct):
    """How long known surfaces around one have what it has.

    Attributes:
        first: The first one from which on all have it; ``None`` where none before lacks it.
        gone: The first one after it that lacks it; ``None`` where none does.
    """

    first: Surface | None
    gone: Surface | None


@functools.lru_cache(maxsize=1024)
def stay(surface: Surface, path: str) -> Stay:
    """How long a path stays that ``surface`` has."""
    keys, here = timeline(surface.fork), position(surface)
    first: Surface | None = surface
    for key in reversed(keys[:here]):
        other = bundle.load(key)
        if not _has(other, path):
            break
        first = other
    else:
        first = None
    later = map(bundle.load, keys[here + 1 :])
    return Stay(first, next((other for other in later if not _has(other, path)), None))


def _has(surface: Surface, path: str) -> bool:
    from titan_lint.api.paths import expand

    return bool(expand(surface, path))


@functools.lru_cache(maxsize=1024)
def definitions(path: str) -> tuple[Record, ...] | None:
    """The records of a function, or of a method, in all bundled surfaces that have it; each once.

    ``None`` where the records alone do not tell: a surface has something else at ``path``, or has it
    from elsewhere, imported or inherited.
    """
    module, *names = split(path)
    found: dict[int, Record] = {}
    for key in timeline():
        surface = bundle.load(key)
        holder = surface.lookup(module)
        if holder is None:
            continue
        record = surface.module_record(module)
        if holder != Module(module, surface) or record.get("stars"):
            return None
        members: Record = record.get("members", {})
        if names[0] not in members and f"{module}.{names[0]}" not in surface.modules:
            continue
        for name in names:
            if name not in members and record.get("k") == "c" and not record.get("b"):
                break
            record = members.get(name)
            if record is None or record["k"] not in "cf" or record.get("tc"):
                return None
            members = record.get("m", {})
        else:
            if record["k"] != "f":
                return None
            found[id(record)] = record
    return tuple(found.values())


def split(path: str) -> list[str]:
    """The module that a path begins with in some bundled surface, and the names that follow."""
    known = bundle.pack().module_names
    names: list[str] = []
    while path not in known and "." in path:
        path, _, name = path.rpartition(".")
        names.insert(0, name)
    return [path, *names]


def path_at(other: Surface, path: str) -> str | None:
    """Where a surface has what another one has at a path, as far as the name tells: there, or at the nearest place.

    A member is looked for in the class that the path names, which may inherit it.
    """
    module, *names = split(path)
    if not names:
        return other.resolve(path)
    name, *rest = names
    if other.lookup(path) is not None:
        found = other.resolve(f"{module}.{name}")
        return None if found is None else ".".join((found, *rest))
    near: dict[int, list[str]] = {}
    for home in other.homes(name).defined:
        pairs = zip(home.split("."), path.split("."), strict=False)
        shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
        near.setdefault(shared, []).append(home)
    nearest = near[max(near)] if near else []
    return ".".join((nearest[0], *rest)) if len(nearest) == 1 else None


@functools.lru_cache(maxsize=1024)
def was_defined(surface: Surface, path: str) -> bool:
    """Whether a known surface before ``surface`` has ``path`` as a definition, no re-export."""
    keys = timeline(surface.fork)[: position(surface)]
    return any(bundle.load(key).resolve(path) == path for key in reversed(keys))


@functools.lru_cache(maxsize=1024)
def has_below(path: str, fork: Fork | None) -> bool:
    """Whether any known surface has a module below a path."""
    own = () if fork is None else fork.surfaces
    names = itertools.chain(bundle.pack().module_names, *(surface.modules for surface in own))
    return any(name.startswith(f"{path}.") for name in names)


@functools.lru_cache(maxsize=1024)
def ever(path: str, fork: Fork | None = None) -> bool:
    """Whether any known surface has a path; ``*`` in it stands for one part that may be any."""
    return any(_has(bundle.load(key), path) for key in reversed(timeline(fork)))


def newest_of_main() -> Provenance:
    """The newest known point of main."""
    index = bundle.index()
    return index[next(key for key in reversed(timeline()) if index[key].kind == "main")]


def like(main: Provenance) -> tuple[str, ...]:
    """Versions that a point of main is like: one behind the release that it comes after, and the next release."""
    index, keys = bundle.index(), timeline()
    here = keys.index(main.key) if main.key in keys else len(keys)
    before = [key for key in keys[:here] if index[key].kind == "release"]
    after = [key for key in keys[here:] if index[key].kind == "release"]
    return (
        *(f"{index[key].version}.999" for key in before[-1:]),
        *(index[key].version for key in after[:1]),
    )
