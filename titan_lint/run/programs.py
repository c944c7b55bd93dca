"""Files that were parsed, kept for who asks next."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from titan_lint.code.program import Program
    from titan_lint.code.source import Source


class Programs:
    """Files parsed, each kept as it was last, as long as these are not too many.

    Args:
        room: Characters of source from which on no more is kept, at a hundred bytes of memory each.

    Attributes:
        parsed_size: Characters of all that was parsed so far.
    """

    def __init__(self, room: int) -> None:
        self.parsed_size = 0
        self._room = room
        self._kept: dict[str, Program] = {}
        self._held = 0

    def __reduce__(self) -> tuple[type[Programs], tuple[int]]:
        """Another process parses for itself."""
        return Programs, (self._room,)

    def parsed(self, path: str, source: Source) -> Program:
        """Parse a file, or take what was parsed of the same text.

        Raises:
            SourceError: The file is no Python.
        """
        kept = self._kept.get(path)
        if kept is not None and kept.source.text == source.text:
            return kept
        from titan_lint.code.program import Program

        program = Program(source)
        self.parsed_size += len(source.text)
        if kept is not None:
            self._held -= len(kept.source.text)
            del self._kept[path]
        if self._held < self._room:
            self._kept[path] = program
            self._held += len(source.text)
        return program

    def drop(self, is_left: Callable[[str], bool]) -> None:
        """Forget the files whose turn is over."""
        self._kept = {path: kept for path, kept in self._kept.items() if not is_left(path)}
        self._held = sum(len(kept.source.text) for kept in self._kept.values())
