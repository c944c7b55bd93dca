"""What is said about a path that is gone."""

from __future__ import annotations

from titan_lint.api import history
from titan_lint.api.changes import moves
from titan_lint.api.targets import label_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api.changes.rows import Change
    from titan_lint.uses.file import File


def gone(file: File, path: str) -> str:
    """``"``torchtitan.x`` is gone at torchtitan 0.3.0 (since 2026-08-18, 203f9a806)"``."""
    surface, label = file.target.surface, file.target.label
    change = moves.explanation(surface, path)
    presence = history.find(surface, path) if "*" not in path else None
    if change is None and presence is not None and not presence.earlier:
        return f"`{path}` is not there yet at {label}: it comes with {_label(presence.surface)}"
    if change is not None:
        when = f" (since {change.day}, {change.commit})"
    elif presence is not None:
        when = f" (last in {_label(presence.surface)})"
    else:
        when = ""
    return f"`{path}` is gone at {label}{when}"


def unread(file: File, path: str) -> str:
    """What is said of something that is put at a path which is gone."""
    return f"{gone(file, path)}, and nothing there reads what is put in its place"


def with_note(text: str, change: Change | None) -> str:
    """A message with the catalogue's sentence behind it."""
    return f"{text}: {change.note}" if change is not None and change.note else text


def _label(surface: object) -> str:
    from titan_lint.api import Surface

    assert isinstance(surface, Surface)
    return label_of(surface.provenance)
