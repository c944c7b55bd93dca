"""Which files of a project may have something of torchtitan's from others, found from those on that name it."""

from __future__ import annotations

from titan_lint.code.import_graph import imports
from titan_lint.code.screen import mentions_torchtitan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from titan_lint.code.import_graph import ImportGraph


class Importers:
    """The files of a project, by what they import.

    To ask each file where its imports lead to takes much longer than to go the other way, since few files name
    torchtitan.

    Args:
        paths: The files.
        find: Gives the file of the module that an import in a file means, as it is written there; ``None``
            where that is no module of the project, or may be one of several.
        read: Gives what a file holds; nothing where it cannot be read.
        graph: Tells which names may lead to torchtitan.
    """

    def __init__(
        self,
        paths: Sequence[str],
        find: Callable[[str, str], str | None],
        read: Callable[[str], bytes],
        graph: ImportGraph,
    ) -> None:
        self._find = find
        self._graph = graph
        self._sources: list[str] = []
        # By the last part of a module's name the files that import it, each with the module as it is written there.
        self._importing: dict[str, list[tuple[str, str]]] = {}
        # A module of the project has the name of a file or folder.
        parts = {part.removesuffix(".py") for path in paths for part in path.split("/")}
        parts.add("")
        for path in paths:
            data = read(path)
            if mentions_torchtitan(data) and graph.is_source(path):
                self._sources.append(path)
            for module in {module for one in imports(data, parts) for module in _meant(*one)}:
                last = module.rpartition(".")[2]
                self._importing.setdefault(last, []).append((path, module))

    def led(self) -> frozenset[str]:
        """The files of which :meth:`~titan_lint.code.import_graph.ImportGraph.follows` holds."""
        taking = dict.fromkeys(self._sources)
        asked: dict[str, bool] = {}
        for module in (todo := list(taking)):
            for path in self._of(module):
                if path in asked and path in taking:
                    continue
                if self._graph.takes(path, module):
                    if path not in asked:
                        asked[path] = self._graph.follows(path)
                    if path not in taking:
                        taking[path] = None
                        todo.append(path)
        return frozenset(path for path, is_led in asked.items() if is_led)

    def _of(self, module: str) -> Iterator[str]:
        """The files that import a module, or something from it."""
        *_, folder, name = module.split("/")
        # ``from . import x`` names the package that the file is in, or one around that, by dots alone.
        lasts = (folder, "") if name == "__init__.py" else (name.removesuffix(".py"),)
        for last in lasts:
            for path, written in self._importing.get(last, ()):
                if self._find(path, written) == module:
                    yield path


def _meant(module: str, member: str, bound: str) -> Iterator[str]:
    """The modules that an import may mean, as they are written."""
    if member:
        yield f"{module}{'' if module.endswith('.') else '.'}{member}"
        yield module
        return
    while module:
        yield module
        module = module.rpartition(".")[0]


def meant(data: bytes) -> dict[str, set[str]]:
    """The modules that a text may import, as they are written there, by the last part of their names."""
    found: dict[str, set[str]] = {}
    for one in imports(data):
        for module in _meant(*one):
            found.setdefault(module.rpartition(".")[2], set()).add(module)
    return found
