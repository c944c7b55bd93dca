"""What of torchtitan a piece of a file stands for, since when it is there, and what it became."""

from __future__ import annotations

from titan_lint.api import described, history
from titan_lint.api.changes import moves
from titan_lint.api.paths import expand
from titan_lint.api.targets import label_of
from titan_lint.rules import words
from titan_lint.structs import Struct
from titan_lint.uses.named import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api.surface import Surface
    from titan_lint.finding import Span
    from titan_lint.uses.file import File


class Name(Struct):
    """What a piece of a text stands for at a torchtitan.

    Attributes:
        span: The piece.
        torchtitan: How messages call the torchtitan.
        path: The path of what it stands for there, or of the class that it is an instance of.
        is_instance: Whether it is an instance of what is at ``path``.
        lines: What is at ``path``, as ``titan-lint api show`` says it; empty where nothing is.
        notes: Since when it is there, when it goes away, what it became: a sentence each.
    """

    span: Span
    torchtitan: str
    path: str
    is_instance: bool
    lines: tuple[str, ...]
    notes: tuple[str, ...]


def names(file: File, offset: int) -> Iterator[Name]:
    """What stands at an offset of a file's text, at the file's target."""
    found = named(file, offset)
    if found is None:
        return
    surface, label = file.target.surface, file.target.label
    for is_instance, paths in (False, found.paths), (True, found.made):
        for pattern in paths:
            there = [path for path in expand(surface, pattern) if surface.tells(path)]
            for path in there:
                lines = tuple(described.lines(surface, path))
                yield Name(found.span, label, path, is_instance, lines, _stay(surface, path))
            if not expand(surface, pattern) and history.ever(pattern, surface.fork):
                notes = _became(surface, label, pattern)
                yield Name(found.span, label, pattern, is_instance, (), notes)


def _stay(surface: Surface, path: str) -> tuple[str, ...]:
    """Since when a path is there, and what becomes of it."""
    stay = history.stay(surface, path)
    since = f"all known have it from {label_of(stay.first.provenance)} on" if stay.first else ""
    since = since or "every torchtitan known here before has it"
    later = stay.gone
    return (since, *(_became(later, label_of(later.provenance), path) if later else ()))


def _became(surface: Surface, label: str, path: str) -> tuple[str, ...]:
    """What is known of a path that a surface lacks."""
    message, notes = words.missing_at(surface, label, path)
    home = moves.home(surface, path)
    return (message, *notes, *([f"at {label} it is `{home.path}`"] if home else []))
