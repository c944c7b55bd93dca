"""Names that ``from torchtitan.x import *`` once brought, and no longer does."""

from __future__ import annotations

import ast
import builtins

from titan_lint.api import Module, history
from titan_lint.api.absence import missing_part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api import Surface
    from titan_lint.uses.file import File


def lost(file: File) -> Iterator[tuple[ast.Name, str]]:
    """The first use of each name that the file takes from a star import, with the path it had.

    Only where no star import of the file can bring the name now, all of them being torchtitan's, and
    exactly one of them brought it at another version.
    """
    if not any(alias.name == "*" for node in file.program.bindings.imports for alias in node.names):
        return
    told: set[str] = set()
    for name in file.program.of(ast.Name):
        if not isinstance(name.ctx, ast.Load):
            continue
        if name.id in told or hasattr(builtins, name.id):
            continue
        told.add(name.id)
        stars = file.program.bindings.scope_stars(name)
        paths = {f"{star.path}.{name.id}" for star in stars}
        surface = file.target.surface
        if all(missing_part(surface, path) == path for path in paths):
            brought = [path for path in paths if _brought(surface, path)]
            if len(brought) == 1:
                yield name, brought[0]


def _brought(surface: Surface, path: str) -> bool:
    """Whether the nearest version that has a path offers it to a star import."""
    presence = history.find(surface, path)
    if presence is None:
        return False
    module, _, name = path.rpartition(".")
    if not isinstance(presence.surface.lookup(module), Module):
        return False
    names = offered(presence.surface, module)
    return name in names if names is not None else not name.startswith("_")


def listed_in_vain(surface: Surface, module: str) -> str | None:
    """The path of what a module lists for star imports and does not have, which makes every one of them fail."""
    paths = (f"{module}.{name}" for name in offered(surface, module) or ())
    return next((path for path in paths if missing_part(surface, path) is not None), None)


def offered(surface: Surface, module: str) -> list[str] | None:
    """What a module lists for star imports in ``__all__``; ``None`` where it has no such list."""
    return surface.module_record(module).get("all")
