"""What checks have in common that follow upon each other, as those of an editor."""

from __future__ import annotations

import functools

from titan_lint.code.source import Source, SourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from titan_lint.run.programs import Programs
    from titan_lint.run.texts import LastTexts


class Session:
    """Checks that follow upon each other.

    What a check reads and parses of other files, and what it finds in their texts, is kept for the next one, and
    counts there as long as they hold the same. One check is to be over before the next begins.

    Attributes:
        opened: Texts by the absolute paths of files, which are taken to hold these and not what lies on disk.
    """

    def __init__(self, opened: Mapping[str, str] | None = None) -> None:
        self.opened = opened or {}

    @functools.cached_property
    def programs(self) -> Programs:
        """The files that were parsed."""
        from titan_lint.run.programs import Programs

        return Programs(_KEPT)

    @functools.cached_property
    def texts(self) -> LastTexts:
        """The texts of the files that were read."""
        from titan_lint.run.last_contents import LastContents
        from titan_lint.run.last_layout import LastLayout
        from titan_lint.run.texts import LastTexts

        contents = LastContents()
        return LastTexts(contents, LastLayout(contents))


def encoded(text: str) -> bytes:
    """The bytes of a file with this text, in the encoding that its first lines declare."""
    head = "\n".join(text.split("\n", 2)[:2])
    try:
        return text.encode(Source.decode("", head.encode("ascii", "ignore")).encoding)
    except (SourceError, UnicodeEncodeError):
        # What is wrong with it is said where it is read.
        return text.encode("utf-8", "surrogatepass")


_KEPT = 1_000_000
"""Characters of source."""
