"""Types of torchtitan's attributes and results, read from the surface of the target."""

from __future__ import annotations

from titan_lint.api import Class, Function, Module, Surface, Variable
from titan_lint.api.entities import PARTIAL, External
from titan_lint.api.paths import MODEL_CONFIG, expand, model_configs
from titan_lint.code.forms import is_torchtitans

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code import values
    from titan_lint.uses.neighbours import Neighbours


class SurfaceTypes:
    """The :class:`~titan_lint.code.library.Types` of one surface.

    What is declared as the base of all model configs is looked up in the models' own config
    classes too; it counts where those that have it agree.

    Args:
        surface: The API of the target.
        neighbours: What other files of the project put into torchtitan; nothing without them.
    """

    def __init__(self, surface: Surface, neighbours: Neighbours | None = None) -> None:
        self.surface = surface
        self._neighbours = neighbours

    @property
    def key(self) -> str:
        """See :class:`~titan_lint.code.library.Types`."""
        return self.surface.key

    def canonical(self, path: str) -> str:
        """See :class:`~titan_lint.code.library.Types`."""
        if "*" in path or not path.startswith("torchtitan"):
            return path
        return self.surface.resolve(path) or path

    def is_class(self, path: str) -> bool:
        """See :class:`~titan_lint.code.library.Types`."""
        return isinstance(self._lookup(path), Class)

    def derives(self, cls: str, base: str) -> bool:
        """See :class:`~titan_lint.code.library.Types`."""
        found = self._lookup(cls)
        return isinstance(found, Class) and (
            base in found.external_bases or any(ancestor.path == base for ancestor in found.mro)
        )

    def result(self, path: str) -> str | None:
        """See :class:`~titan_lint.code.library.Types`."""
        if not path.startswith("torchtitan"):
            return None
        results = {
            found.returns if isinstance(found, Function) else None
            for found in map(self.surface.lookup, expand(self.surface, path))
        }
        return results.pop() if len(results) == 1 else None

    def held_result(self, path: str, key: str | None) -> str | None:
        """See :class:`~titan_lint.code.library.Types`."""
        results: set[str | None] = set()
        for full in expand(self.surface, path):
            table = self.surface.lookup(full)
            if not isinstance(table, Variable) or not table.items or self._is_own(full, key):
                return None
            held = table.items.values() if key is None else [table.items.get(key, "")]
            results |= {self.result(function.removesuffix(PARTIAL)) for function in held}
        return results.pop() if len(results) == 1 else None

    def _is_own(self, table: str, key: str | None) -> bool:
        """Whether the project may put a dictionary there, or something into it."""
        return self._neighbours is not None and (
            self._neighbours.fill(self.surface, table, key)
            or self._neighbours.replace(self.surface, (table,), None)
        )

    def attribute(self, cls: str, name: str) -> str | None:
        """See :class:`~titan_lint.code.library.Types`."""
        types = {
            (member.type or member.base) if isinstance(member, Variable) else None
            for member in self._members(cls, name)
        }
        return types.pop() if len(types) == 1 else None

    def has_method(self, cls: str, name: str) -> bool:
        """See :class:`~titan_lint.code.library.Types`."""
        found = self._members(cls, name)
        return bool(found) and all(isinstance(member, Function) for member in found)

    def has_member(self, module: str, name: str) -> bool | None:
        """See :class:`~titan_lint.code.library.Types`."""
        found = self._lookup(module)
        if not isinstance(found, Module):
            return None
        path = f"{module}.{name}"
        if self.surface.lookup(path) is not None:
            # What is in an open module may be there, and may not.
            return True if self.surface.tells(path) else None
        return None if found.open else False

    def _lookup(self, path: str) -> object:
        return self.surface.lookup(path) if path.startswith("torchtitan") else None

    def _members(self, cls: str, name: str) -> list[object]:
        found = self._lookup(cls)
        if not isinstance(found, Class):
            return []
        member = found.member(name)
        if member is not None:
            return [member]
        if cls == MODEL_CONFIG:
            members = [config.member(name) for config in model_configs(self.surface)]
            known: list[object] = [member for member in members if member is not None]
            # The config of a model in an open module may have it too, as another thing.
            return [*known, External(name, name)] if self.surface.may_add(name) else known
        return []

    def exists(self, value: values.Value) -> bool | None:
        """Whether an attribute, module member or import is there; ``None`` where that is not sure."""
        from titan_lint.code.values import Attr, Bound, Instance, Ref

        match value:
            case Ref(path=path) if is_torchtitans(path):
                return self._path_exists(path)
            case Bound(cls=cls, name=name):
                return True if self._members(cls, name) else None
            case Instance():
                return True
            case Attr(owner=Instance(cls=cls), name=name):
                if self._members(cls, name):
                    return True
                found = self._lookup(cls)
                if not isinstance(found, Class) or _open(found):
                    return None
                return False
            case Attr(owner=owner):
                return False if self.exists(owner) is False else None
            case _:
                return None

    def _path_exists(self, path: str) -> bool | None:
        if expand(self.surface, path):
            # With part of the path not known, some module has it: enough to say "maybe".
            return True if "*" not in path and self.surface.tells(path) else None
        owner = path.rpartition(".")[0]
        if not owner:
            return None
        found = self.surface.lookup(owner) if "*" not in owner else None
        if isinstance(found, Class):
            return None if found.open else False
        if found is not None and getattr(found, "open", ""):
            return None
        return False


def _open(cls: Class) -> bool:
    """Whether instances may have more attributes than the surface knows."""
    return bool(cls.open)
