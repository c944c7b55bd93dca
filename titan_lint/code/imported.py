"""What stands at an import path, and whatever a file may have put there."""

from __future__ import annotations

import functools
import sys

from titan_lint.code.values import ANYTHING, NOTHING, Ref, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from titan_lint.code.library import Modules, Types
    from titan_lint.code.patches import Patch, Patches


class Imports:
    """What the import paths of one file lead to.

    Args:
        types: The API that star imports and places of patches are looked up in.
        package: Dotted name of the package that holds the file, for relative imports; ``None``
            where it is not known.
        patches: What the file puts in the place of something; by default nothing.
        modules: The modules of the file's own project; by default names of theirs stand for themselves.
    """

    def __init__(
        self,
        types: Types,
        package: str | None,
        patches: Callable[[], Patches] | None,
        modules: Modules | None,
    ) -> None:
        self._types = types
        self._package = package
        self._patches = patches
        self._modules = modules

    def at(self, path: str, node: ast.AST) -> Values:
        """The thing at an import path, and whatever else the file may have put there before ``node``."""
        found = ref(path)
        if self._patches is not None:
            patches = self._patches()
            for patch in patches.at(path):
                if self._is_idle(patch) or not patches.stands(patch, node):
                    continue
                return found | ANYTHING
        origin = self._origin(*_split(path))
        if origin is None:
            return found
        # Whether the module is imported while a patch stands is told by no import but the first.
        is_patched = self._patches is not None and bool(self._patches().at(origin))
        return self.at(origin, node) | (ANYTHING if is_patched else NOTHING)

    def member(self, written: str, name: str, node: ast.AST) -> Values:
        """What a file imports from a module, which it may name by dots first."""
        module = self._module(written)
        if module is not None:
            return self.at(f"{module}.{name}", node)
        path = self._origin(written, name)
        if path is None and self._modules is not None:
            path = self._modules.module(written, name)
        return ANYTHING if path is None else self.at(path, node)

    def starred(self, path: str, name: str, node: ast.AST) -> Values:
        """What a star import makes of ``name``; nothing where its module surely has none."""
        module = self._module(path)
        if module is None:
            return ANYTHING
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

    def _origin(self, module: str, name: str) -> str | None:
        """The path in the library of a name of the project's own, where the library has that."""
        if self._modules is None or not module or module.startswith("torchtitan"):
            return None
        path = self._modules.origin(module, name)
        if path is None or self._types.has_member(*_split(path)) is not True:
            return None
        return path

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
