"""What a surface proves to be absent."""

from __future__ import annotations

from titan_lint.api import Module
from titan_lint.api.entities import is_dunder
from titan_lint.api.paths import modules_like
from titan_lint.api.surface import NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

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


def breaks(surface: Surface, path: str) -> bool:
    """Whether an import of a path runs into a module that is there, and that torchtitan itself broke."""
    return _within(path, surface.provenance.broken)


def imports(surface: Surface, path: str) -> bool:
    """Whether a module of torchtitan imports what would stand at a path, be it there or not."""
    name = path.rpartition(".")[2]
    members = (
        surface.module_record(module).get("members", {}).get(name, {})
        for module in surface.modules_with(NAMES, name)
    )
    return any(member.get("k") == "a" and member.get("to") == path for member in members)


def asked_in_vain(surface: Surface, path: str) -> tuple[str, ...]:
    """Why an import of a path runs into a module that torchtitan itself broke.

    Returns:
        The modules that are imported one by the other, and what the last one of them asks for and none has; nothing
        where :func:`breaks` does not hold.
    """
    parts = path.split(".")
    tops = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    first = next((top for top in tops if top in surface.provenance.broken), None)
    todo: list[tuple[str, ...]] = [(first,)] if first is not None else []
    seen = {first}
    for chain in todo:
        paths = [*_imported(surface, chain[-1])]
        lost = next((path for path in paths if missing_part(surface, path) is not None), None)
        if lost is not None:
            return (*chain, lost)
        for module in filter(None, (_module_of(surface, path) for path in paths)):
            if module not in seen:
                seen.add(module)
                todo.append((*chain, module))
    return ()


def _module_of(surface: Surface, path: str) -> str | None:
    """The module that an import of a path loads last."""
    while path and path not in surface.modules:
        path = path.rpartition(".")[0]
    return path or None


def broken(surface: Surface) -> tuple[str, ...]:
    """The modules whose import asks another module of torchtitan for what that does not have.

    Those that import such a module are among them, those below such a package are not. It reads all of
    the surface: :attr:`titan_lint.api.surface.Provenance.broken` keeps what it says of a bundled one.
    """
    imported = {module: [*_imported(surface, module)] for module in sorted(surface.modules)}
    found = {
        module
        for module, paths in imported.items()
        if any(missing_part(surface, path) is not None for path in paths)
    }
    more = found
    while more:
        more = {
            module
            for module, paths in imported.items()
            if not _within(module, found) and any(_within(path, found) for path in paths)
        }
        found = found | more
    return tuple(sorted(m for m in found if not _within(m.rpartition(".")[0], found)))


def _imported(surface: Surface, module: str) -> Iterator[str]:
    record = surface.module_record(module)
    yield from record.get("stars", ())
    for member in record.get("members", {}).values():
        if member["k"] == "a" and not member.get("tc"):
            yield member["to"]


def _within(path: str, modules: Collection[str]) -> bool:
    """Whether a path is one of some modules or below one."""
    parts = path.split(".")
    return any(".".join(parts[:count]) in modules for count in range(1, len(parts) + 1))


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
