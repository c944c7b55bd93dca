"""Parameters that a call leaves out, and whose default has another meaning than it had."""

from __future__ import annotations

import functools

from titan_lint.api import bundle, history
from titan_lint.api.paths import signature
from titan_lint.structs import Struct
from titan_lint.uses.calls.before import before_move
from titan_lint.uses.calls.binding import ABSENT
from titan_lint.uses.calls.signatures import callees
from titan_lint.uses.guards import reachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from titan_lint.api import Function
    from titan_lint.api.changes.rows import DefaultChange
    from titan_lint.api.surface import Fork
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


class Changed(Struct):
    """What leaving a parameter out comes to, as the text of a literal.

    Attributes:
        before: What it came to at all versions that the code was written for, as the target says it.
        now: What it comes to at the target.
        was: The defaults that there were at these versions, :data:`~titan_lint.uses.calls.binding.ABSENT` for none.
    """

    before: str
    now: str
    was: tuple[str, ...]


def changed(file: File, site: Site, row: DefaultChange) -> Changed | None:
    """How the default of a row's parameter changed; ``None`` where it did not, or nothing tells."""
    era = file.era
    if not era.keys or era.includes(file.target.surface):
        return None
    now = _sole(_meaning(row, callee.function) for callee in site.callees)
    return None if now is None else _changed(file, site, row, now)


def certain(file: File, row: DefaultChange, before: str) -> bool:
    """Whether the code was certainly written for the old default.

    The version was named; or all uses together fit versions of which every one has the old default, the
    default changed once in all the time, and nothing that lies between two known versions leaves a doubt
    about it: the code may have been written for a commit that is not among them.

    Args:
        file: The file.
        row: The change.
        before: What the default meant, as :func:`changed` says.
    """
    era = file.era
    if era.asked:
        return True
    if not era.is_whole:
        return False
    fork = file.target.surface.fork
    keys = history.timeline(fork)
    meant = _story(row, fork)
    first = next((n for n, key in enumerate(keys) if meant.get(key, before) != before), None)
    if first is None:
        return False
    last = max(keys.index(key) for key in era.keys)
    if last + 1 < first:
        return True
    return last + 1 == first and (bundle.load(keys[first]).commit or "").startswith(row.commit)


# The catalogue has few rows, and each is asked about many calls.
@functools.lru_cache(maxsize=256)
def _story(row: DefaultChange, fork: Fork | None) -> dict[str, str | None]:
    """What leaving the parameter out came to at each known version that has what the row is about."""
    found: dict[str, str | None] = {}
    for key in history.timeline(fork):
        functions = (signature(bundle.load(key), path) for path in row.old.of)
        meanings = [_meaning(row, function) for function in functions if function is not None]
        if meanings:
            found[key] = _sole(meanings)
    return found


def _changed(file: File, site: Site, row: DefaultChange, now: str) -> Changed | None:
    """As :func:`changed`, given what leaving the parameter out comes to at the target."""
    # What went by another path then is not reached there under its name of today, and counts.
    meant: dict[frozenset[str | None], list[tuple[File | None, frozenset[str]]]] = {}
    for there in map(file.at, file.era.keys):
        functions = [callee.function for callee in callees(there, site.function)]
        moved = [] if functions else before_move(file, there, site)
        functions += moved
        said = frozenset(_meaning(row, function) for function in functions)
        was = frozenset(_default(row, function) or "" for function in functions)
        meant.setdefault(said, []).append((None if moved else there, was))
    if meant.keys() == {frozenset((now,))}:
        # Whichever of them counts, nothing changed.
        return None
    found: set[str | None] = set()
    had: set[str] = set()
    for said, versions in meant.items():
        # A version that gets somewhere else does not count: the call is written for others. To tell takes the most.
        if any(there is None or reachable(there, site.call) for there, _ in versions):
            found |= said
            had.update(*(was for _, was in versions))
            if not said or len(found) > 1:
                return None
    before = _sole(found)
    return None if before is None or before == now else Changed(before, now, tuple(sorted(had)))


def _default(row: DefaultChange, function: Function) -> str | None:
    """The default of a row's parameter; ``ABSENT`` where there is no such parameter, ``None`` where it has none."""
    parameter = function.parameter(row.old.parameter)
    return ABSENT if parameter is None else parameter.default


def _meaning(row: DefaultChange, function: Function) -> str | None:
    """What a signature's default comes to; ``None`` where the row cannot tell."""
    default = None if function.open else _default(row, function)
    if default is None:
        return None
    return row.old.means.get(default, None if default == ABSENT else default)


def _sole(values: Iterable[str | None]) -> str | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None
