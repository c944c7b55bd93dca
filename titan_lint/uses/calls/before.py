"""What a call called where the code was written for, and another path led there."""

from __future__ import annotations

from titan_lint.api.paths import signature
from titan_lint.uses.members.classes import then

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api import Function
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


def before_move(file: File, there: File, site: Site) -> list[Function]:
    """The signatures at a version of what is called, where that went by another path: a fix has renamed it since."""
    surface, other = file.target.surface, there.target.surface
    paths = [callee.path if callee.cls is None else callee.cls.path for callee in site.callees]
    was = [
        [made for old in then(surface, other, path) if (made := signature(other, old)) is not None]
        for path in paths
    ]
    return [function for found in was for function in found] if all(was) else []
