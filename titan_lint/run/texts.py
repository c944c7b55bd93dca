"""Which files of a project have some words in them, asked of their bytes."""

from __future__ import annotations

import os
import re

from titan_lint.run.discover import ReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SPACED = bytes(c if bytes((c,)).isalnum() or c == ord("_") else ord(" ") for c in range(256))
"""For :meth:`bytes.translate`: what is in no word becomes a space. A regular expression takes ten times as long."""


class Texts:
    """The files of a project, read once for all that is asked of them.

    Most runs ask about one module and what comes from it: the first word that is asked for is looked for
    alone, and the words of the files that have it are kept. With the second one, those of all files are.

    Args:
        paths: The files, in order.
        read: Gives what a file held when the run began; raises :class:`ReadError` where it cannot be read.
    """

    def __init__(self, paths: Sequence[str], read: Callable[[str], bytes]) -> None:
        self.paths = frozenset(paths)
        self._ordered = paths
        self._read = read
        self._screen: bytes | None = None
        self._index: dict[bytes, list[int]] | None = None
        self._matching: dict[tuple[str, bytes, bytes], frozenset[str]] = {}

    def having(self, *texts: str) -> list[str]:
        """The files that have all words of some texts in them, in order.

        What is no ASCII parts words, so that there may be more of them than have the texts.
        """
        words = b" ".join(map(os.fsencode, texts)).translate(_SPACED).split()
        if not words:
            return list(self._ordered)
        index = self._words(words[0])
        found = set(index.get(words[0], ()))
        for word in words[1:]:
            found.intersection_update(index.get(word, ()))
        return [self._ordered[at] for at in sorted(found)]

    def matching(self, text: str, pattern: bytes, besides: bytes = b"") -> frozenset[str]:
        """The files in which a pattern is found, or more often than another one.

        Args:
            text: What is in every match of the pattern.
            pattern: A regular expression.
            besides: Another one; nothing for none.
        """
        key = text, pattern, besides
        if key not in self._matching:
            self._matching[key] = frozenset(
                path
                for path in self.having(text)
                if len(re.findall(pattern, data := self._bytes(path)))
                > (len(re.findall(besides, data)) if besides else 0)
            )
        return self._matching[key]

    def _words(self, wanted: bytes) -> dict[bytes, list[int]]:
        """By word the numbers of the files that have it, as far as they have the wanted word."""
        if self._index is None or self._screen not in (b"", wanted):
            # Everything has the empty word.
            self._screen = wanted if self._index is None else b""
            self._index = {}
            for at, path in enumerate(self._ordered):
                data = self._bytes(path)
                if self._screen in data:
                    for word in set(data.translate(_SPACED).split()):
                        self._index.setdefault(word, []).append(at)
        return self._index

    def _bytes(self, path: str) -> bytes:
        """What a file held; nothing where it cannot be read."""
        try:
            return self._read(path)
        except ReadError:
            return b""
