"""Parameters that a call leaves out, and whose default has another meaning than it had."""

from __future__ import annotations

import functools

from titan_lint.api import bundle, history
from titan_lint.api.paths import signature
from titan_lint.structs import Struct
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
        before: What it came to at all versions that the code was written for.
        now: What it comes to at the target.
    """

    before: str
    now: str


def changed(file: File, site: Site, row: DefaultChange) -> Changed | None:
    """How the default of a row's parameter changed; ``None`` where it did not, or nothing tells."""
    era = file.era
    if not era.keys or era.includes(file.target.surface):
        return None
    now = _sole(_meaning(row, callee.function) for callee in site.callees)
    before = None if now is None else _before(file, site, row, now)
    if now is None or before is None or now == before:
        return None
    return Changed(before, now)


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


def _before(file: File, site: Site, row: DefaultChange, now: str) -> str | None:
    meant: dict[frozenset[str | None], list[File]] = {}
    for there in map(file.at, file.era.keys):
        said = frozenset(_meaning(row, callee.function) for callee in callees(there, site.function))
        meant.setdefault(said, []).append(there)
    if meant.keys() == {frozenset((now,))}:
        # Whichever of them counts, nothing changed.
        return now
    found: set[str | None] = set()
    for said, files in meant.items():
        # A version that gets somewhere else does not count: the call is written for others. To tell takes the most.
        if any(reachable(there, site.call) for there in files):
            found |= said
            if not said or len(found) > 1:
                return None
    return _sole(found)


def _meaning(row: DefaultChange, function: Function) -> str | None:
    """What a signature's default comes to; ``None`` where the row cannot tell."""
    parameter = function.parameter(row.old.parameter)
    means = row.old.means
    if function.open:
        return None
    if parameter is None:
        return means.get(ABSENT)
    if parameter.default is None:
        return None
    return means.get(parameter.default, parameter.default)


def _sole(values: Iterable[str | None]) -> str | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None
