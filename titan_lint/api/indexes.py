"""Where in a surface to look for something, worked out once, when the surface is packed.

Each index leads from a key to the modules that have it, so that a question about all classes reads few
modules. It may name too many modules, never too few.
"""

from __future__ import annotations

from titan_lint.api.entities import Class
from titan_lint.api.surface import BASES, INDEXES, MEMBERS, NAMES, Provenance, Surface

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from titan_lint.api.entities import Record


def build(modules: Mapping[str, Record]) -> dict[str, dict[str, set[str]]]:
    """All indexes of one surface.

    Args:
        modules: Its records by module.
    """
    found: dict[str, dict[str, set[str]]] = {index: {} for index in INDEXES}
    surface = Surface(Provenance("", "tree", ""), InMemory(modules))

    def add(index: str, key: str, module: str) -> None:
        found[index].setdefault(key, set()).add(module)

    for module, record in modules.items():
        for name in record.get("members", ()):
            add(NAMES, name, module)
        for path, members in _classes(module, record):
            classes = [path]
            for name, member in members.items():
                add(MEMBERS, name, module)
                if member["k"] in "=a":
                    classes.append(f"{path}.{name}")
            for cls in map(surface.lookup, classes):
                for base in cls.bases if isinstance(cls, Class) else ():
                    add(BASES, base, module)
    return found


def _classes(module: str, record: Record) -> Iterator[tuple[str, Record]]:
    """The classes of a module, those in classes included: the path, and the records of the members."""
    pending = [(module, record.get("members", {}))]
    while pending:
        holder, members = pending.pop()
        for name, member in members.items():
            if member["k"] == "c":
                pending.append((f"{holder}.{name}", member.get("m", {})))
                yield pending[-1]


class InMemory:
    """Records of one surface in memory, as :class:`~titan_lint.api.surface.Surface` reads them.

    Args:
        modules: The records by module; more may come.
    """

    def __init__(self, modules: Mapping[str, Record]) -> None:
        self.modules = modules

    @property
    def names(self) -> Iterable[str]:
        """Dotted names of all modules."""
        return self.modules

    def record(self, name: str) -> Record:
        """Record of one module."""
        return self.modules[name]

    def modules_with(self, index: str, key: str) -> Iterable[str]:
        """Modules that an index of :mod:`titan_lint.api.indexes` leads to."""
        if index != NAMES:
            return self.modules  # Working it out would ask all modules.
        return [m for m, record in self.modules.items() if key in record.get("members", {})]
