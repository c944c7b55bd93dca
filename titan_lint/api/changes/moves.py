"""Where something lives now that has left its old path: by the catalogue, else by likeness."""

from __future__ import annotations

import functools

from titan_lint.api import Module, bundle, causes, changes, history
from titan_lint.api.changes.rows import ImportChange
from titan_lint.api.likeness import SAME, alike
from titan_lint.api.paths import expand
from titan_lint.finding import Applicability
from titan_lint.structs import Struct, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api import Surface

_HOPS = 6
_EXPERIMENTS = "torchtitan.experiments."


class Home(Struct):
    """The new place of something.

    Attributes:
        path: The path to reach it by: the module, the name, and the rest.
        module: The module to import from; for a module, the package that holds it.
        name: What to import from the module.
        rest: What follows the name, with its dot: ``.Config``.
        applicability: Whether it is certainly the same thing.
        change: The row of the catalogue that says so.
    """

    path: str
    module: str
    name: str
    rest: str = ""
    applicability: Applicability = Applicability.SAFE
    change: ImportChange | None = None


@functools.lru_cache(maxsize=1024)
def home(surface: Surface, path: str) -> Home | None:
    """The one public place where ``surface`` has what ``path`` used to be; ``None`` without one."""
    for written in _spellings(surface, path):
        found = _by_catalogue(surface, written)
        if found is not None:
            return found if surface.tells(found.path) else None
    found = _by_likeness(surface, path)
    return found if found is None or surface.tells(found.path) else None


@functools.lru_cache(maxsize=1024)
def explanation(surface: Surface, path: str) -> ImportChange | None:
    """The row that tells what became of ``path``, the last one of several moves; ``None`` without one."""
    for written in _spellings(surface, path):
        last = _last_row(surface, written, elsewhere=written != path)
        if last is not None:
            return last
    return None


@functools.lru_cache(maxsize=1024)
def origins(surface: Surface, path: str) -> tuple[str, ...]:
    """The old paths whose things became what ``surface`` has at ``path``, by the catalogue."""
    wanted = surface.resolve(path) or path
    found: list[str] = []
    for old in _renamed_to(surface, wanted.rpartition(".")[2]):
        at = _by_catalogue(surface, old)
        if at is not None and surface.resolve(at.path) == wanted:
            found.append(old)
    return tuple(found)


def _renamed_to(surface: Surface, name: str) -> list[str]:
    """The old paths of rows that lead to a name, one after the other."""
    rows = changes.of_kind(ImportChange, surface.fork)
    found: dict[str, None] = {}
    names, seen = {name}, set[str]()
    while names:
        seen |= names
        before = [
            old
            for row in rows
            if row.new is not None and row.new.path.rpartition(".")[2] in names
            for old in row.old.paths
        ]
        found.update(dict.fromkeys(before))
        names = {old.rpartition(".")[2] for old in before} - seen
    return list(found)


def _spellings(surface: Surface, path: str) -> Iterator[str]:
    """A path as written, and the one under which it was defined when it was last there.

    None where it is still to come: the catalogue is about what is gone.
    """
    presence = history.find(surface, path)
    if presence is None or presence.earlier:
        yield path
    if presence is not None and presence.earlier:
        canonical = presence.surface.resolve(path)
        if canonical is not None and canonical != path:
            yield canonical


def _rows(surface: Surface, path: str) -> Iterator[tuple[ImportChange, str, str]]:
    """The rows about a path or what holds it: row, old path, and the rest; the closest first."""
    found: list[tuple[int, ImportChange, str, str]] = []
    for row in changes.of_kind(ImportChange, surface.fork):
        for old in row.old.paths:
            if path == old or path.startswith(f"{old}."):
                found.append((-len(old), row, old, path[len(old) :]))
    found.sort(key=lambda entry: entry[0])
    for _, row, old, rest in found:
        yield row, old, rest


def _gone_rows(surface: Surface, path: str) -> Iterator[tuple[ImportChange, str]]:
    """As :func:`_rows`, without those whose old form is still there: they are about a later time."""
    for row, old, rest in _rows(surface, path):
        if surface.lookup(old) is None:
            yield row, rest


def _last_row(surface: Surface, path: str, *, elsewhere: bool) -> ImportChange | None:
    """The row about what became of a path last.

    Of what is imported from elsewhere, a row about that place says nothing once the thing had left it.
    """
    last: ImportChange | None = None
    seen: set[str] = set()
    while path not in seen:
        seen.add(path)
        for row, rest in _gone_rows(surface, path):
            if elsewhere and rest and row.new is None and not _was_there(path, row):
                continue
            if row is not last:
                last = row
                path = f"{row.new.path}{rest}" if row.new is not None else path
                break
    return last


@functools.lru_cache(maxsize=1024)
def _was_there(path: str, row: ImportChange) -> bool:
    """Whether a path was there when a row's commit came, as far as the last torchtitan without it tells."""
    commit = row.commit[:9]
    keys = [key for key in history.timeline() if commit in causes.between(key, "")]
    return not keys or bool(expand(bundle.load(keys[-1]), path))


def _by_catalogue(
    surface: Surface, path: str, hops: int = _HOPS, seen: frozenset[str] = frozenset()
) -> Home | None:
    for row, rest in _gone_rows(surface, path):
        if row.new is None or row.applicability is None:
            # What the closest row explains, a row about the whole module does not move.
            return None
        new = f"{row.new.path}{rest}"
        if new in seen:
            continue
        if not surface.tells(new):
            return None
        if surface.lookup(new) is not None:
            found = _split(surface, _newest(surface, new))
            if rest and not _offered(surface, found):
                continue
        else:
            found = _by_catalogue(surface, new, hops - 1, seen | {path}) if hops else None
        if found is not None:
            unsafe = Applicability.UNSAFE in (row.applicability, found.applicability)
            applicability = Applicability.UNSAFE if unsafe else Applicability.SAFE
            return replace(found, applicability=applicability, change=found.change or row)
    return None


def _offered(surface: Surface, home: Home) -> bool:
    """Whether a module has a thing for others: not one that it imports for its own use."""
    path = f"{home.module}.{home.name}"
    canonical = surface.resolve(path)
    return canonical is not None and path in (canonical, surface.public_path(canonical))


def _newest(surface: Surface, path: str) -> str:
    """The path that later rows give to the same thing, where the surface has both."""
    for row, _, rest in _rows(surface, path):
        new = f"{row.new.path}{rest}" if row.new is not None else ""
        if new and surface.resolve(new) == surface.resolve(path) is not None:
            return new
    return path


def _split(surface: Surface, path: str) -> Home:
    """A path that is there, split into the module to import from and the rest."""
    module = path.rpartition(".")[0]
    while module not in surface.modules:
        module = module.rpartition(".")[0]
    name, _, rest = path[len(module) + 1 :].partition(".")
    return Home(path, module, name, f".{rest}" if rest else "")


# Without a row: what was the same thing from each surface to the next.


def _by_likeness(surface: Surface, path: str) -> Home | None:
    presence = history.find(surface, path)
    if presence is None:
        return None
    keys = history.timeline(surface.fork)
    start, end = history.position(presence.surface), history.position(surface)
    step = 1 if end > start else -1
    old = current = presence.surface.resolve(path)
    thing = presence.surface.lookup(path)
    sure = True
    between = [bundle.load(keys[n]) for n in range(start + step, end, step)]
    before = presence.surface
    for later in (*between, surface):
        if current is None or not current.startswith("torchtitan."):
            return None
        if later.lookup(current) is None:
            moved = _same_thing(before, later, current, thing)
            if moved is None:
                return None
            current, score = moved
            sure = sure and score >= SAME
        current, thing, before = later.resolve(current), later.lookup(current), later
    if current is None or old is None or current == path:
        return None
    if current.startswith(_EXPERIMENTS) and not old.startswith(_EXPERIMENTS):
        sure = False
    if not isinstance(thing, Module):
        current = surface.public_path(current)
    applicability = Applicability.SAFE if sure else Applicability.UNSAFE
    return replace(_split(surface, current), applicability=applicability)


def _same_thing(
    before: Surface, surface: Surface, path: str, thing: object
) -> tuple[str, float] | None:
    """The one path at which a surface has something of the same name that is like ``thing``.

    What was there beside it before is another thing.
    """
    found = alike(surface, path.rpartition(".")[2], thing)
    if len(found) != 1:
        return None
    place, score = found.popitem()
    return None if before.resolve(place) == place else (place, score)
