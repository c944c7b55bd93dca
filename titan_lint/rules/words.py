"""How rules word what they say.

A message is one sentence of at most :data:`LONGEST` characters that says what is wrong, at which
torchtitan. What is known besides, since when and why, are notes; what to do is the help. Three words tell
what is missing: it is *gone*, it is *not there yet*, or it is *not in any known* torchtitan. That one never had it
nobody knows: main had a past before the first known point, and has one between two.
"""

from __future__ import annotations

from titan_lint.api import causes, history
from titan_lint.api.changes import moves
from titan_lint.api.targets import label_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Sequence

    from titan_lint.api import Provenance, Surface
    from titan_lint.api.causes import Cause
    from titan_lint.api.changes.facts import Commit, JobKeyChange, JobMove
    from titan_lint.api.changes.rows import Change
    from titan_lint.uses.file import File

LONGEST = 120

_CODE = 56


def code(file: File, node: ast.AST, most: int = _CODE) -> str:
    """A piece of the user's code in backticks, on one line; the middle of a long one is left out."""
    return f"`{short(' '.join(file.program.text(node).split()), most)}`"


def short(text: str, most: int = _CODE) -> str:
    """A text without its middle, where it is long."""
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def naming(before: str, names: Sequence[str], after: str) -> str:
    """A message with names in it; of more than fit, the first ones and how many more there are."""
    quoted = [f"`{name}`" for name in names]
    for number in range(len(quoted), 0, -1):
        more = f" and {len(quoted) - number} more" if number < len(quoted) else ""
        text = f"{before} {', '.join(quoted[:number])}{more} {after}"
        if len(text) <= LONGEST or number == 1:
            return text
    return f"{before} {after}"


def since(change: Change) -> str:
    """When a change came, and what it is: ``since 2026-02-23 (torchtitan commit 9810191bb): ...``."""
    return f"{when(change)}: {change.note}" if change.note else when(change)


def when(change: Change | Commit | JobKeyChange | JobMove | Cause) -> str:
    """When a change came: ``since 2026-02-23 (torchtitan commit 9810191bb)``."""
    repository: str = getattr(change, "repository", "torchtitan")
    return f"since {change.day} ({repository} commit {change.commit})"


def missing(file: File, path: str) -> tuple[str, tuple[str, ...]]:
    """The message and the notes about a path of torchtitan that the target lacks and another one has."""
    return missing_at(file.target.surface, file.target.label, path)


def missing_at(surface: Surface, label: str, path: str) -> tuple[str, tuple[str, ...]]:
    """As :func:`missing`, at a surface that messages call ``label``."""
    change = moves.explanation(surface, path)
    presence = history.find(surface, path)
    gone = f"`{path}` is gone at {label}"
    if presence is None:
        return gone, (since(change),) if change is not None else ()
    where = found_in(presence.surface.provenance, earlier=presence.earlier)
    if not presence.earlier:
        return f"`{path}` is not there yet at {label}", (where,)
    cause = causes.of_going(surface, path, presence)
    if change is not None and took_away(change, cause, presence):
        return gone, (since(change),)
    return gone, (where, *since_gone(cause), *became(change))


def took_away(change: Change, cause: Cause | None, gone: history.Presence) -> bool:
    """Whether a change is what took something away, and not about what became of it, or of what it was in, later.

    Args:
        change: The row of the catalogue.
        cause: The commit that took it away, where that is known.
        gone: Where it was before.
    """
    if cause is not None:
        return cause.commit == change.commit[:9]
    return causes.falls_between(change.commit, change.day, gone.surface, gone.since)


def became(change: Change | None) -> tuple[str, ...]:
    """What a change says of something that had gone before, or that goes by another name since."""
    if change is None or not change.note:
        return ()
    repository: str = getattr(change, "repository", "torchtitan")
    return (f"{change.note} ({repository} commit {change.commit} of {change.day})",)


def since_gone(cause: Cause | None) -> tuple[str, ...]:
    """Since when something is gone, where that is known: ``gone since 2026-02-23 (torchtitan commit 9810191bb)``."""
    return (f"gone {when(cause)}",) if cause is not None else ()


def found_in(point: Provenance, *, earlier: bool) -> str:
    """Where something is that the target lacks: ``it was last in torchtitan 0.2.2``.

    Which commit brought what is still to come is not known: it came between two torchtitans that are.
    """
    return f"it was last in {label_of(point)}" if earlier else first_with(point)


def first_with(point: Provenance, verb: str = "has") -> str:
    """Where something is still to come: ``the first known here that has it is torchtitan main of ...``."""
    return f"the first known here that {verb} it is {label_of(point)}"


def option_in(
    surface: Surface, point: Provenance, path: tuple[str, ...], *, earlier: bool
) -> tuple[str, ...]:
    """Where a key or an option is that the target lacks, and since when it is gone where that is known."""
    from titan_lint.api import job_configs  # Only what is about jobs needs it.

    cause = job_configs.cause(surface, point, path) if earlier else None
    return (found_in(point, earlier=earlier), *since_gone(cause))


def gone_or_to_come(point: Provenance, *, earlier: bool, cause: Cause | None = None) -> str:
    """As :func:`found_in`, where the message does not tell which of the two it is, nor what took it away."""
    state = "gone" if earlier else "not there yet"
    if cause is not None:
        state = f"{state} {when(cause)}"
    return f"it is {state}: {found_in(point, earlier=earlier)}"


LATER = "Require a torchtitan that has it, or test for it first"
"""What to do about something that is not there yet."""


def near(name: str, known: Iterable[str]) -> str:
    """What to do about a name that no torchtitan has: the one that may have been meant; empty where none is near."""
    import difflib

    close = difflib.get_close_matches(name, [*known], 1)
    return f"Did you mean `{close[0]}`?" if close else ""


UNKNOWN = "no torchtitan known here has it"
"""What is said of something that is neither gone nor to come: between two known points it may have been there."""

UNREAD = "nothing there reads what is put in its place"
"""What is said of something that is put at a path which is gone."""
