"""What a call called where the code was written for, and another path led there."""

from __future__ import annotations

from titan_lint.api.changes import moves
from titan_lint.api.paths import signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api import Function
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


def before_move(file: File, there: File, site: Site) -> list[Function]:
    """The signatures at a version of what is called, where that went by another path: a fix has renamed it since."""
    surface, then = file.target.surface, there.target.surface
    paths = [callee.cls.path for callee in site.callees if callee.cls is not None]
    was = [
        [made for old in moves.origins(surface, path) if (made := signature(then, old)) is not None]
        for path in paths
    ]
    if len(paths) < len(site.callees) or not all(was):
        return []
    return [function for found in was for function in found]
