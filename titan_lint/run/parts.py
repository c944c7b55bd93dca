"""Which files of a run have the same configuration and the same pin.

A file's pin is the nearest one at or above it, up to the root of its repository. To read pins and surfaces
takes longer than a run over a tree that has not changed. So what a part of a run is held against is worked
out only when it is asked for, and parts are told apart by the files that it rests on.
"""

from __future__ import annotations

import functools
import os

from titan_lint.run import cache_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.config.nearest import Nearest
    from titan_lint.config.settings import Settings
    from titan_lint.run.cache_key import Copies
    from titan_lint.run.targets import Targets

_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg")
"""What the folder of a project holds: a torchtitan in it is the project itself."""


class _Place:
    """Where the pin of some files may stand.

    Attributes:
        folders: The folders at and above theirs that may pin a torchtitan, the nearest one first.
        top: The last folder that was looked at.
        seen: What there is in all of them that may pin one.
    """

    __slots__ = ("folders", "seen", "top")

    def __init__(self, folders: tuple[str, ...], top: str, seen: bytes) -> None:
        self.folders = folders
        self.top = top
        self.seen = seen


class Part:
    """The files of a run with the same configuration and the same pin.

    Attributes:
        configured: The settings of their configuration.
    """

    def __init__(self, configured: Settings, run: Settings, place: _Place) -> None:
        self.configured = configured
        self._run = run
        self._place = place

    @functools.cached_property
    def settings(self) -> Settings:
        """The settings, whose project is the folder with the pin that counts."""
        return self.configured.with_project(self._project())

    @functools.cached_property
    def targets(self) -> Targets:
        """What the files are held against.

        Raises:
            ConfigError: What the user or the configuration asks for is no known torchtitan.
        """
        from titan_lint.run.targets import Targets

        return Targets(self.settings)

    @property
    def folder(self) -> str:
        """The folder that says what the files are held against."""
        if not self.configured.torchtitan:
            return self.settings.project
        return self.configured.asked_from or self._run.project

    def key(self) -> bytes | None:
        """See :func:`cache_key.of_targets`."""
        return cache_key.of_targets(self.configured, self._place.seen)

    def _project(self) -> str:
        from pathlib import Path

        from titan_lint.api.pins.find import pinned
        from titan_lint.api.targets import own_package

        place, project = self._place, self._run.project
        for folder in place.folders:
            is_project = folder == project or _is_marked(folder)
            if (is_project and own_package(Path(folder))) or pinned(Path(folder)):
                return folder
        # Where nothing is pinned, any folder without a pin will do, and one for all files is best.
        return (
            project
            if f"{project}{os.sep}".startswith(place.top.rstrip(os.sep) + os.sep)
            else place.top
        )


class Parts:
    """The parts of a run.

    Args:
        nearest: The settings for each folder.
        copies: The copies of torchtitan in the tree.
    """

    def __init__(self, nearest: Nearest, copies: Copies) -> None:
        self.nearest = nearest
        self._copies = copies
        self._places: dict[str, _Place] = {}
        self._known: dict[tuple[Settings, _Place], Part] = {}
        self._by_directory: dict[str, Part] = {}

    def of(self, path: str) -> Part:
        """The part that the file at an absolute path belongs to.

        Raises:
            ConfigError: Its configuration is wrong.
        """
        directory = os.path.dirname(path)
        part = self._by_directory.get(directory)
        if part is None:
            key = self.nearest.of(directory), self._place(directory)
            if key not in self._known:
                self._known[key] = Part(key[0], self.nearest.run, key[1])
            part = self._by_directory[directory] = self._known[key]
        return part

    def _place(self, directory: str) -> _Place:
        known = self._places.get(directory)
        if known is None:
            parent = os.path.dirname(directory)
            seen = self._seen(directory)
            if parent == directory or os.path.isdir(os.path.join(directory, ".git")):
                known = _Place((directory,) if seen else (), directory, seen)
            else:
                known = self._place(parent)
                if seen:
                    known = _Place(
                        (directory, *known.folders), known.top, seen + b"\0" + known.seen
                    )
            self._places[directory] = known
        return known

    def _seen(self, directory: str) -> bytes:
        """What there is in a folder that may pin a torchtitan, or be one."""
        seen = cache_key.pinning_files(directory, self._copies)
        if directory == self.nearest.run.project or _is_marked(directory):
            for package in cache_key.own(directory):
                seen += (os.fsencode(package), self._copies.state(package).encode())
        return b"\0".join(seen)


def _is_marked(folder: str) -> bool:
    return any(os.path.exists(os.path.join(folder, mark)) for mark in _MARKS)
