"""The settings for each folder of a run: as with ruff, those of the nearest configuration at or above it."""

from __future__ import annotations

import os

from titan_lint.config.settings import nested
from titan_lint.config.toml import find_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.config.settings import Settings


class Nearest:
    """The settings for each folder below the one that a run starts in.

    Args:
        settings: Those of the run. Where its command line names a configuration, or none is to be read,
            they are those of every folder.

    Attributes:
        run: The settings of the run.
    """

    def __init__(self, settings: Settings) -> None:
        self.run = settings
        self._known = {settings.start: settings}
        self._is_fixed = any(settings.given.get(name) for name in ("config", "isolated"))

    @property
    def several(self) -> bool:
        """Whether a folder that was asked for has a configuration of its own."""
        return any(settings is not self.run for settings in self._known.values())

    def of(self, directory: str) -> Settings:
        """The settings for the files in a directory, by its absolute path.

        Raises:
            ConfigError: The configuration is wrong.
        """
        if self._is_fixed:
            return self.run
        known = self._known.get(directory)
        if known is None:
            parent = os.path.dirname(directory)
            if parent == directory:
                return self.run
            found = find_in(directory)
            known = self.of(parent) if found is None else nested(self.run, *found)
            self._known[directory] = known
        return known
