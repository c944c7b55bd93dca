"""Where projects and their modules lie, for checks that follow upon each other: looked for again where it may have changed."""

from __future__ import annotations

import os

from titan_lint.run.discover import ReadError
from titan_lint.run.last_contents import settled_state
from titan_lint.run.module_files import ModuleFiles
from titan_lint.run.roots import Roots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.import_graph import Name, Step
    from titan_lint.run.last_contents import LastContents, State


class LastLayout:
    """What was found out from the names in folders, and the texts of modules, as long as these are the same.

    Args:
        contents: Gives what files hold.

    Attributes:
        roots: The folders of projects.
        module_files: The files of modules.
        steps: What names of modules come from, as what lies on disk tells.
    """

    def __init__(self, contents: LastContents) -> None:
        self._contents = contents
        self._forget()

    def begin(self) -> None:
        """Begin the next check, after that of the contents."""
        is_same = all(
            state is not None and settled_state(folder) == state
            for folder, state in self._folders.items()
        )
        for path in {path for path, _ in self.steps}:
            try:
                self._contents.read(path)
            except ReadError:
                is_same = False
        if not is_same or self._contents.changes != self._changes or len(self.steps) > _STEPS:
            self._forget()

    def _forget(self) -> None:
        self._folders: dict[str, State | None] = {}
        self.roots = Roots(self._look)
        self.module_files = ModuleFiles(self._root, self._look)
        self.steps: dict[Name, Step | None] = {}
        self._changes = self._contents.changes

    def _root(self, path: str) -> str:
        return self.roots.of(os.path.dirname(path))

    def _look(self, folder: str) -> None:
        """Take note of a folder, before it is looked at."""
        if folder not in self._folders:
            self._folders[folder] = settled_state(folder)


_STEPS = 20_000
"""How many are kept: what is typed has other names from one check to the next."""
