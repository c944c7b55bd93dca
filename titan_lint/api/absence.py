"""What a surface proves to be absent."""

from __future__ import annotations

from titan_lint.api import Module
from titan_lint.api.entities import is_dunder
from titan_lint.api.paths import modules_like

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api import Surface

# Surfaces leave out the tests that torchtitan ships in some places.
_NOT_KNOWN = "tests"


def missing_part(surface: Surface, path: str) -> str | None:
    """The shortest part of an import path that is certainly not there.

    Args:
        surface: The torchtitan that is asked.
        path: A dotted path; ``*`` stands for one part that may be any name.

    Returns:
        The part, such as ``torchtitan.components.lr_scheduler``; ``None`` where nothing is missing
        or nothing can be proven. Members of classes are not judged here.
    """
    if "*" in path:
        return _missing_everywhere(surface, path)
    if not path.startswith("torchtitan"):
        return None
    parts = path.split(".")
    if parts[0] != "torchtitan" or _NOT_KNOWN in parts:
        return None
    for count in range(1, len(parts) + 1):
        part = ".".join(parts[:count])
        found = surface.lookup(part)
        if found is None and part not in surface.modules:
            return (
                part if _closed(surface, ".".join(parts[: count - 1]), parts[count - 1]) else None
            )
        if found is not None and not isinstance(found, Module):
            return None
    return None


def _closed(surface: Surface, module: str, name: str) -> bool:
    found = surface.lookup(module)
    return isinstance(found, Module) and not found.open and not is_dunder(name)


def _missing_everywhere(surface: Surface, pattern: str) -> str | None:
    """As :func:`missing_part` where some parts are not known: no module that fits may have it."""
    parts = pattern.split(".")
    first = parts.index("*")
    before = missing_part(surface, ".".join(parts[:first]))
    if before is not None:
        return before
    last = len(parts) - parts[::-1].index("*")
    modules = modules_like(surface, ".".join(parts[:last]))
    rest = parts[last:]
    if not rest or not modules:
        return None
    missing = [missing_part(surface, f"{module}.{rest[0]}") for module in modules]
    return ".".join(parts[: last + 1]) if None not in missing else None
