"""Which torchtitan each file is held against."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from titan_lint.api import targets as known
from titan_lint.api.targets import TargetError
from titan_lint.config.toml import ConfigError
from titan_lint.structs import replace
from titan_lint.uses.options import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api.pins.pin import Pin
    from titan_lint.api.surface import Fork
    from titan_lint.api.targets import Target
    from titan_lint.config.settings import Settings


class UnreadableError(ConfigError):
    """The project is a torchtitan itself, and cannot be read: nothing else may stand in for it.

    Attributes:
        package: Its folder.
    """

    def __init__(self, package: str, error: TargetError) -> None:
        super().__init__(str(error))
        self.package = package


class Targets:
    """The targets of a run.

    Attributes:
        main: What files are held against, unless they belong to a vendored torchtitan.
        options: What the rules may ask of the settings.

    Raises:
        ConfigError: What was asked for, by the user or by the project, is no known torchtitan.
        UnreadableError: The project is one, which cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        root = Path(settings.project)
        self._cache = Path(settings.cache_dir) if settings.cache_dir else None
        apart = settings.apart
        self._fork = fork = fork_of(settings)
        try:
            if apart and not settings.torchtitan:
                self.main: Sequence[Target] = known.everything(fork)
            elif settings.torchtitan:
                base = Path(settings.asked_from or Path.cwd())
                self.main = known.parse_all(
                    settings.torchtitan, base=base, cache=self._cache, fork=fork, partly=True
                )
            else:
                self.main = (known.default(root, cache=self._cache, fork=fork),)
        except TargetError as error:
            if not settings.torchtitan and (package := known.own_package(root)) is not None:
                raise UnreadableError(str(package), error) from error
            where = f"{settings.asked_by}: " if settings.torchtitan else ""
            raise ConfigError(f"{where}{error}") from error
        self._is_asked = apart or bool(settings.torchtitan)
        more = self._unknown_pin()
        if more:
            self.main = tuple(replace(target, reason=target.reason + more) for target in self.main)
        self._own = known.own_package(root)
        self._packages = Packages()
        self._vendored: dict[str, Sequence[Target] | TargetError] = {}
        self.options = Options(
            legacy_guard=settings.legacy_guard, written_for=written_for(settings)
        )

    def __reduce__(self) -> tuple[type[Targets], tuple[Settings]]:
        """Send only the settings to another process: surfaces are large."""
        return Targets, (self._settings,)

    @functools.cached_property
    def pinned(self) -> tuple[str, ...]:
        """See :func:`pinned_keys`."""
        return pinned_keys(self._settings)

    @functools.cached_property
    def _pin(self) -> Pin | None:
        return _exact_pin(self._settings)

    def _unknown_pin(self) -> str:
        """Say that a project is written for what is not known, where that would count."""
        if (
            not self._settings.torchtitan
            or self._settings.written_for
            or self._pin is None
            or self.pinned
        ):
            return ""
        told = self._pin.told(Path(self._settings.start))
        return f"; {told}, which is not or not yet known here"

    def of(self, path: str) -> Sequence[Target]:
        """Pick the targets of the file at an absolute path.

        A torchtitan that lies in the tree as a copy is its own target, unless others were asked for.

        Raises:
            TargetError: The copy cannot be read.
        """
        package = self._packages.folder(os.path.dirname(path))
        if package is None or self._is_asked or Path(package) == self._own:
            return self.main
        if package not in self._vendored:
            try:
                self._vendored[package] = known.parse(
                    package, cache=self._cache, fork=self._fork, partly=True
                )
            except TargetError as error:
                self._vendored[package] = error
        found = self._vendored[package]
        if isinstance(found, TargetError):
            raise found
        return found

    def is_own(self, path: str) -> bool:
        """Whether a file belongs to the torchtitan that it is held against."""
        return not self._is_asked and self._packages.folder(os.path.dirname(path)) is not None

    def package(self, path: str) -> str | None:
        """See :meth:`Packages.name`."""
        return self._packages.name(path)


class Packages:
    """The packages of torchtitan that lie in a tree, itself or as copies."""

    def __init__(self) -> None:
        self._folders: dict[str, str | None] = {}

    def name(self, path: str) -> str | None:
        """Name the package that a file of a torchtitan belongs to; ``None`` for any other file."""
        directory = os.path.dirname(path)
        folder = self.folder(directory)
        if folder is None:
            return None
        return os.path.relpath(directory, os.path.dirname(folder)).replace(os.sep, ".")

    def folder(self, directory: str) -> str | None:
        """Find the folder of the torchtitan that a directory is or lies in; ``None`` where it is in none."""
        if f"{os.sep}torchtitan{os.sep}" not in directory + os.sep:
            return None
        if directory not in self._folders:
            parent, name = os.path.split(directory)
            if name == "torchtitan" and known.vendored([Path(directory)]):
                self._folders[directory] = directory
            else:
                self._folders[directory] = self.folder(parent)
        return self._folders[directory]


def fork_of(settings: Settings) -> Fork | None:
    """What the project tells of its own torchtitan; ``None`` where it tells nothing.

    Raises:
        ConfigError: One of its files is wrong.
    """
    if not settings.surfaces and not settings.changes:
        return None
    from titan_lint.api.changes.records import DataError
    from titan_lint.api.fork import fork, read_changes, read_surface

    asked_by = settings.changes_asked_by
    try:
        rows = read_changes(settings.changes)
        asked_by = settings.surfaces_asked_by
        return fork([read_surface(path) for path in settings.surfaces], rows)
    except DataError as error:
        raise ConfigError(f"{asked_by}: {error}") from error


def named_surfaces(settings: Settings) -> dict[str, str]:
    """The files of the surfaces that a configuration has, by their names.

    Raises:
        ConfigError: One of its files is wrong.
    """
    from titan_lint.api.fork import read_surface

    found = fork_of(settings)
    return {} if found is None else {read_surface(path).version: path for path in settings.surfaces}


def pinned_keys(settings: Settings) -> tuple[str, ...]:
    """Index keys of the version that the project pins: two where it lies between known ones.

    Empty where it pins none, a range, or what is not known.
    """
    pin = _exact_pin(settings)
    return () if pin is None else known.keys_of(pin.target, fork_of(settings))


def _exact_pin(settings: Settings) -> Pin | None:
    from titan_lint.api.pins.find import pinned

    pin = pinned(Path(settings.project))
    # Whatever main is today says nothing of when the code was written.
    return None if pin is None or not pin.exact or pin.target == "main" else pin


def written_for(settings: Settings) -> str | None:
    """Index key of the version that the user says code was written for; ``None`` where nobody does.

    Raises:
        ConfigError: There is no such torchtitan.
    """
    if settings.written_for is None:
        return None
    try:
        return known.parse(settings.written_for, fork=fork_of(settings))[-1].surface.key
    except TargetError as error:
        raise ConfigError(f"{settings.era_asked_by}: {error}") from error
