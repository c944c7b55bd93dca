"""Which file of a project an import means."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class ModuleFiles:
    """The files of modules, looked for where Python would find them once a project is installed or run.

    Args:
        root: Gives the folder of a file's project.
        look: Is told of each folder before it is looked at.
    """

    def __init__(
        self, root: Callable[[str], str], look: Callable[[str], None] | None = None
    ) -> None:
        self._root = root
        self._look = look
        self._found: dict[tuple[str, str], str | None] = {}
        self._listed: dict[str, frozenset[str]] = {}
        self._folders: dict[str, list[str]] = {}
        self._packages: dict[str, bool] = {}

    def find(self, path: str, module: str) -> str | None:
        """The file of the module that an import means.

        Args:
            path: The file that imports.
            module: The module as it is written there; relative ones begin with dots.

        Returns:
            ``None`` where that is no module of the file's project, or may be one of several.
        """
        key = path.rpartition(os.sep)[0], module
        if key not in self._found:
            found = {
                file
                for file in self._candidates(path, module)
                if self._root(file) == self._root(path)
            }
            self._found[key] = found.pop() if len(found) == 1 else None
        return self._found[key]

    def _candidates(self, path: str, module: str) -> Iterator[str]:
        names = module.lstrip(".")
        level = len(module) - len(names)
        parts = names.split(".") if names else []
        folder = os.path.dirname(path)
        if level:
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            folders = [folder]
        elif is_elsewhere(parts[0]):
            return
        else:
            if folder not in self._folders:
                self._folders[folder] = self._searched(path)
            folders = self._folders[folder]
        for base in dict.fromkeys(folders):
            *holders, last = [base, *parts]
            if not parts:
                yield from self._having(base, "__init__.py")
            # What is in a module that is one file has no files.
            elif parts[0] in (there := self._list(base)) or (
                len(parts) == 1 and f"{parts[0]}.py" in there
            ):
                holder = os.path.join(*holders)
                yield from self._having(holder, f"{last}.py")
                # Most members of modules are no modules: what is no folder is not looked into.
                if last in self._list(holder):
                    yield from self._having(os.path.join(holder, last), "__init__.py")

    def _searched(self, path: str) -> list[str]:
        """The folders from which a project's modules may be imported."""
        root, folder = self._root(path), os.path.dirname(path)
        # That of a script, or that which holds the outermost package.
        while self._is_package(folder) and os.path.dirname(folder) != folder:
            folder = os.path.dirname(folder)
        # A project that nothing else marks is a package itself.
        around = [os.path.dirname(root)] if self._is_package(root) else []
        return [root, os.path.join(root, "src"), folder, *around]

    def _is_package(self, folder: str) -> bool:
        if folder not in self._packages:
            if self._look is not None:
                self._look(folder)
            # Some hold a thousand others: to list them all would take longer than all else that one file needs.
            self._packages[folder] = (
                "__init__.py" in self._listed[folder]
                if folder in self._listed
                else os.path.exists(os.path.join(folder, "__init__.py"))
            )
        return self._packages[folder]

    def _having(self, folder: str, name: str) -> Iterator[str]:
        if name in self._list(folder):
            yield os.path.join(folder, name)

    def _list(self, folder: str) -> frozenset[str]:
        if folder not in self._listed:
            if self._look is not None:
                self._look(folder)
            try:
                self._listed[folder] = frozenset(os.listdir(folder))
            except OSError:
                self._listed[folder] = frozenset()
        return self._listed[folder]


def is_elsewhere(top: str) -> bool:
    """Whether modules of a package are those of Python or torchtitan, whatever a project has."""
    return top in sys.stdlib_module_names or top == "torchtitan"
