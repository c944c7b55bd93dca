"""The folders of projects."""

from __future__ import annotations

import os

from titan_lint.run.discover import ReadError, read

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
        """The outermost package, or the folder around it where a program beside it names it; all were looked at before.

        Folders between two packages may be packages without an ``__init__.py``.
        """
        found = current = directory
        while True:
            if os.path.exists(os.path.join(current, "__init__.py")):
                found = current
            parent = os.path.dirname(current)
            if parent == current:
                break
            current = parent
        around, name = os.path.split(found)
        return around if _may_be_project(around) and _is_named_beside(around, name) else found


def _may_be_project(folder: str) -> bool:
    """Whether a folder may be that of one project: not where many things lie that have nothing to do with each other."""
    above = os.path.dirname(folder)
    return (
        above != os.path.dirname(above)  # the root of the file system, and what lies right in it
        and folder != os.path.expanduser("~")
        and os.path.basename(folder) not in {"site-packages", "dist-packages"}
    )


def _is_named_beside(folder: str, package: str) -> bool:
    """Whether a program right in a folder names a package in it, as who imports from that does."""
    name = os.fsencode(package)
    try:
        with os.scandir(folder) as entries:
            beside = sorted(entry.path for entry in entries if entry.name.endswith(".py"))
        return any(name in read(path) for path in beside)
    except (OSError, ReadError):
        return False
