"""The folders of projects."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git")
"""What the folder of a project holds."""


class Roots:
    """The folders of the projects that directories are in, each found once.

    Args:
        look: Is told of each folder before it is looked at.
    """

    def __init__(self, look: Callable[[str], None] | None = None) -> None:
        self._look = look
        self._roots: dict[str, str | None] = {}
        self._packages: dict[str, str] = {}

    def of(self, directory: str) -> str:
        """The folder of the project that a directory is in: see :class:`~titan_lint.run.projects.Projects`."""
        if directory not in self._packages:
            self._packages[directory] = self._marked(directory) or self._outermost(directory)
        return self._packages[directory]

    def _marked(self, directory: str) -> str | None:
        """The nearest folder that is packaged or a repository."""
        if directory not in self._roots:
            parent = os.path.dirname(directory)
            if self._look is not None:
                self._look(directory)
            if any(os.path.exists(f"{directory}{os.sep}{mark}") for mark in _MARKS):
                self._roots[directory] = directory
            else:
                self._roots[directory] = None if parent == directory else self._marked(parent)
        return self._roots[directory]

    @staticmethod
    def _outermost(directory: str) -> str:
        """The outermost package; the folders around were looked at before.

        Folders between two packages may be packages without an ``__init__.py``.
        """
        found = current = directory
        while True:
            if os.path.exists(os.path.join(current, "__init__.py")):
                found = current
            parent = os.path.dirname(current)
            if parent == current:
                return found
            current = parent
