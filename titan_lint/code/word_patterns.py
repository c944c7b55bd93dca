"""Patterns that find words in the bytes of files."""

from __future__ import annotations


def begun(word: bytes) -> bytes:
    """The pattern of a word of which nothing stands before it; it begins with that, to be found quickly."""
    return rb"%s(?<!\w%s)" % (word, word)
