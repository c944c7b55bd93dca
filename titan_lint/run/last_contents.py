"""What files hold, for checks that follow upon each other: read again where it may have changed."""

from __future__ import annotations

import os
import time

from titan_lint.run.discover import Contents, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from titan_lint.run.discover import T

    # What tells a file's states apart: device, file, size in bytes, when it was written and changed in nanoseconds.
    State = tuple[int, ...]


class LastContents(Contents):
    """What files held when the current check first read them.

    Attributes:
        changes: Grows with each reading that gave anything else than the one before, or that was not kept.
    """

    def __init__(self) -> None:
        super().__init__()
        self.room = _KEPT
        self.changes = 0
        self._states: dict[str, State | None] = {}
        self._current: set[str] = set()
        self._told: dict[str, dict[object, Any]] = {}

    def begin(self) -> None:
        """Begin the next check: what it asks for is looked at again."""
        self._current.clear()
        if self.room <= 0:
            self._kept.clear()
            self._states.clear()
            self._told.clear()
            self.room = _KEPT

    def read(self, path: str) -> bytes:
        """As :func:`~titan_lint.run.discover.read`."""
        if path not in self._current:
            # Before it is read: what is written meanwhile is seen the next time.
            state = _state(path)
            if state is None or state != self._states.get(path):
                return self._read(path, state)
            self._current.add(path)
        return self._kept[path]

    def drop(self, is_left: Callable[[str], bool]) -> None:
        """Keep all: the next check asks for it."""

    def once(self, path: str, ask: Callable[[bytes], T]) -> T:
        """As of :class:`Contents`, worked out once as long as the file holds the same."""
        data = self.read(path)
        if path not in self._current:
            return ask(data)
        told = self._told.get(path)
        if told is None:
            told = self._told[path] = {}
        if ask not in told:
            told[ask] = ask(data)
        return told[ask]

    def _read(self, path: str, state: State | None) -> bytes:
        is_settled = state is not None and _is_settled(state)
        before = self._kept.pop(path, None)
        self._states.pop(path, None)
        self.room += 0 if before is None else len(before)
        try:
            data = read(path)
        except BaseException:
            self.changes += 1
            self._told.pop(path, None)
            raise
        if data != before or self.room <= 0:
            self.changes += 1
            self._told.pop(path, None)
        if self.room > 0:
            self.keep(path, data)
            self._states[path] = state if is_settled else None
            self._current.add(path)
        return data


def _state(path: str) -> State | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def settled_state(folder: str) -> State | None:
    """The state of a folder; ``None`` where that may not tell what is put into it from now on, none for no folder."""
    state = _state(folder)
    return () if state is None else state if _is_settled(state) else None


def _is_settled(state: State) -> bool:
    """Whether what is written to a file from now on shows in its state: clocks of file systems are coarse."""
    return time.time_ns() - max(state[3:]) > _COARSE


_COARSE = 2_000_000_000
"""Nanoseconds."""

_KEPT = 20_000_000
"""Bytes; what was found in them takes some times as much memory."""
