"""What an editor shows of a name when the pointer rests on it."""

from __future__ import annotations

import textwrap

from lsprotocol import types

from titan_lint import library

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.library import Name
    from titan_lint.server.documents import Document

_MOST = 4
"""How many things a name is shown to be that may be one of many."""


def hover(
    document: Document, position: types.Position, session: library.Session
) -> types.Hover | None:
    """What stands at a position; ``None`` where that is nothing of torchtitan's."""
    try:
        offset = document.offset(position) - len(document.mark)
        names = library.describe(document.text, offset, document.path, session=session)
    except library.ConfigError:
        # It is said on the first line.
        return None
    if not names:
        return None
    shown = ["\n".join(_lines(name)) for name in names[:_MOST]]
    if len(names) > _MOST:
        shown.append(f"and {len(names) - _MOST} more")
    markdown = types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(shown))
    return types.Hover(markdown, document.range(names[0].span))


def _lines(name: Name) -> Iterator[str]:
    an_instance = "an instance of " if name.is_instance else ""
    yield f"**{name.torchtitan}**: {an_instance}`{name.path}`"
    if name.lines:
        text = textwrap.dedent("\n".join(name.lines))
        yield f"\n```python\n{text}\n```"
    yield ""
    yield from (f"- {note}" for note in name.notes)
