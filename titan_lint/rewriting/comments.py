"""The comments of a file: which ones edits would lose."""

from __future__ import annotations

from collections import Counter

from titan_lint.rewriting.edits import apply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.code.source import Source
    from titan_lint.finding import Edit, Span


def comments_lost(source: Source, edits: Sequence[Edit], may_go: Sequence[Span]) -> list[str]:
    """The comments that edits take out and put in nowhere else.

    Args:
        source: The file.
        edits: Edits of it, which do not clash.
        may_go: Where comments stand that may go.
    """
    if not any("#" in source.text[edit.start : edit.end] for edit in edits):
        return []
    lost = Counter(
        text
        for start, text in comments(source.text)
        if not any(span.start <= start < span.end for span in may_go)
    )
    lost -= Counter(text for _, text in comments(apply(source.text, edits)))
    return list(lost.elements())


def comments(text: str) -> list[tuple[int, str]]:
    """Each comment of a text that is Python, with its offset."""
    import io
    import tokenize

    starts = [0]
    # Python's tokenizer knows line feeds, alone and behind a carriage return, and no other line ends.
    for line in io.StringIO(text, newline=""):
        starts.append(starts[-1] + len(line))
    found: list[tuple[int, str]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                found.append((starts[line - 1] + column, token.string))
    except (tokenize.TokenError, SyntaxError):
        # What is no Python is not written either way.
        return found
    return found
