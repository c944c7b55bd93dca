"""What stands at an import path, and whatever a file may have put there."""

from __future__ import annotations

import functools
import sys

from titan_lint.code.forms import is_torchtitans
from titan_lint.code.values import (
    ANYTHING,
    NOTHING,
    UNKNOWN,
    Attr,
    Bound,
    Instance,
    Item,
    LocalClass,
    LocalInstance,
    OwnClass,
    Partial,
    Ref,
    Result,
    Values,
    union,
)
from titan_lint.package_folder import PACKAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from titan_lint.code.elsewhere import Elsewhere
    from titan_lint.code.library import Modules, Types
    from titan_lint.code.patches import Patch, Patches
    from titan_lint.code.values import Value


class Imports:
    """What the import paths of one file lead to.

    Args:
        types: The API that star imports and places of patches are looked up in.
        package: Dotted name of the package that holds the file, for relative imports; ``None``
            where it is not known.
        patches: What the file puts in the place of something; by default nothing.
        modules: The modules of the file's own project; by default names of theirs stand for themselves.
        elsewhere: Tells what things of these modules are for the file.
        hear: Is told that what is asked rests on what these say.
    """

    def __init__(
        self,
        types: Types,
        package: str | None,
        patches: Callable[[], Patches] | None,
        modules: Modules | None,
        elsewhere: Elsewhere,
        hear: Callable[[], None],
    ) -> None:
        self._types = types
        self._package = package
        self._patches = patches
        self._modules = modules
        self._elsewhere = elsewhere
        self._hear = hear

    def at(self, path: str, node: ast.AST) -> Values:
        """The thing at an import path, and whatever else the file may have put there before ``node``."""
        found = ref(path)
        if self._patches is not None:
            patches = self._patches()
            for patch in patches.at(path):
                if self._is_idle(patch) or not patches.stands(patch, node):
                    continue
                return found | ANYTHING
        return self._own(*_split(path), node) or found

    def member(self, written: str, name: str, node: ast.AST) -> Values:
        """What a file imports from a module, which it may name by dots first."""
        module = self._module(written)
        if module is not None:
            return self.at(f"{module}.{name}", node)
        own = self._own(written, name, node)
        if own or self._modules is None:
            return own or ANYTHING
        path = self._modules.module(written, name)
        if path is None:
            return ANYTHING
        self._hear()
        return self.at(path, node)

    def starred(self, path: str, name: str, node: ast.AST) -> Values:
        """What a star import makes of ``name``; nothing where its module surely has none."""
        if self._modules is not None and self._modules.lacks(path, name):
            self._hear()
            return NOTHING
        own = self._own(path, name, node, starred=True)
        module = self._module(path)
        if own or module is None:
            return own or ANYTHING
        top = module.partition(".")[0]
        known = False if top in sys.stdlib_module_names else self._types.has_member(module, name)
        if known is None:
            return ANYTHING | self.at(f"{module}.{name}", node)
        return self.at(f"{module}.{name}", node) if known else NOTHING

    def _module(self, path: str) -> str | None:
        """An import statement's module as an absolute path."""
        level = len(path) - len(path.lstrip("."))
        if not level:
            return path
        if self._package is None:
            return None
        parts = self._package.split(".")
        if level > len(parts):
            return None
        base = parts[: len(parts) - level + 1]
        rest = path[level:]
        return ".".join([*base, rest] if rest else base)

    def _own(self, module: str, name: str, node: ast.AST, *, starred: bool = False) -> Values:
        """What a module of the project's own certainly binds to a name; nothing where that is not known.

        What the library does not have is the business of who imports it from there.
        """
        if self._modules is None or not module or module.partition(".")[0] in PACKAGES:
            return NOTHING
        found = self._modules.values(module, name, self._types, starred=starred)
        if found is None:
            return NOTHING
        self._hear()
        parts: list[Values] = []
        for value in self._elsewhere.here(*found):
            if self._may_be_patched(value):
                return NOTHING
            if type(value) is Ref and is_torchtitans(value.path):
                if self._types.has_member(*_split(value.path)) is not True:
                    return NOTHING
                parts.append(self.at(value.path, node))
            else:
                parts.append(Values((value,)))
        found = union(parts)
        return NOTHING if UNKNOWN in found else found

    def _may_be_patched(self, value: Value) -> bool:
        """Whether a module of the project may have got something else in the place of what it has from the library.

        Whether it is imported while a patch stands is told by no import but the first.
        """
        if self._patches is None:
            return False
        match value:
            case LocalClass(info=OwnClass(bases=bases)) | LocalInstance(info=OwnClass(bases=bases)):
                return any(base is not None and self._patches().at(base) for base in bases)
            case Ref(path=path) | Instance(cls=path) | Bound(cls=path):
                return is_torchtitans(path) and bool(self._patches().at(path))
            case Attr(owner=inner) | Item(owner=inner):
                return self._may_be_patched(inner)
            case Result(function=inner) | Partial(function=inner):
                return self._may_be_patched(inner)
            case _:
                return False

    def _is_idle(self, patch: Patch) -> bool:
        """Whether something is put only where it is missing, and is there."""
        return (
            patch.only_missing
            and isinstance(patch.owner, str)
            and patch.name is not None
            and self._types.has_member(patch.owner, patch.name) is True
        )


@functools.lru_cache(maxsize=16384)
def ref(path: str) -> Values:
    """The thing at an import path alone: made once, however often it is met."""
    return Values((Ref(path),))


def _split(path: str) -> tuple[str, str]:
    """A path's holder and its last name."""
    holder, _, name = path.rpartition(".")
    return holder, name
