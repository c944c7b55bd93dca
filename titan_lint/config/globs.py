"""Patterns of the configuration, matched as ruff matches them.

A pattern without a slash is held against the last part of a path (``build``, ``test_*.py``), and any
pattern against the whole path, seen from the directory of its configuration (``tests/data/*``). ``*``
also matches slashes.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from re import Pattern

_MAGIC = frozenset("*?[")


class Globs:
    """A set of patterns.

    Args:
        patterns: The patterns, each with the absolute directory that it is relative to.
    """

    __slots__ = ("_names", "_paths", "_regex", "patterns")

    def __init__(self, patterns: Iterable[tuple[str, str]]) -> None:
        self.patterns = tuple(patterns)
        names: set[str] = set()
        paths: set[str] = set()
        wild: list[str] = []
        for directory, pattern in self.patterns:
            pattern = pattern.rstrip("/") or "/"
            # `join` leaves an absolute pattern as it is.
            whole = os.path.normpath(os.path.join(directory, pattern))
            if _MAGIC.isdisjoint(pattern):
                paths.add(whole)
                if "/" not in pattern:
                    names.add(pattern)
                continue
            base = "" if os.path.isabs(pattern) else _escape(directory.rstrip("/")) + "/"
            wild.append(base + pattern.removeprefix("./"))
            if "/" not in pattern:
                wild.append("*/" + pattern)
        self._names = frozenset(names)
        self._paths = frozenset(paths)
        self._regex = _compile(wild) if wild else None

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def match(self, path: str, name: str) -> bool:
        """Whether the absolute ``path``, whose last part is ``name``, matches."""
        if name in self._names or path in self._paths:
            return True
        return self._regex is not None and self._regex.match(path) is not None


def mistake(pattern: str) -> str | None:
    """What is wrong with a pattern: an open bracket, or a range that runs backwards; ``None`` if nothing is."""
    at = pattern.find("[")
    while at >= 0:
        start = at + 2 if pattern[at + 1 : at + 2] == "!" else at + 1
        # A closing bracket in the first place stands for itself.
        end = pattern.find("]", start + 1)
        if end < 0:
            return "`[` is never closed; write `[[]` for the bracket itself"
        place = start
        while place + 2 < end:
            if pattern[place + 1] != "-":
                place += 1
                continue
            if pattern[place] > pattern[place + 2]:
                return f"the range `{pattern[place : place + 3]}` runs backwards"
            place += 3
        at = pattern.find("[", end + 1)
    return None


def _compile(patterns: Iterable[str]) -> Pattern[str]:
    import fnmatch
    import re

    return re.compile("|".join(f"(?:{fnmatch.translate(pattern)})" for pattern in patterns))


def _escape(path: str) -> str:
    return "".join(f"[{char}]" if char in _MAGIC else char for char in path)
