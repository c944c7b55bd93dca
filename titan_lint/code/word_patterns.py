"""Patterns that find words in the bytes of files."""

from __future__ import annotations


def begun(word: bytes) -> bytes:
    """The pattern of a word of which nothing stands before it; it begins with that, to be found quickly."""
    return rb"%s(?<!\w%s)" % (word, word)


def changes(name: bytes) -> tuple[bytes, ...]:
    """Patterns of what may give a class of some name other attributes; the name stands in each match."""
    # Most classes are called as others end: ``Config``.
    word = begun(name)
    put = rb"\.[\w.]+\s*(?:(?::[^=\n]+)?=[^=]|(?:[-+*/|&^%@]|//|\*\*|<<|>>)=)"
    set_on = rb"%s|\s*,\s*[\"']" % put
    return (
        rb"%s%s" % (word, put),
        # In front of a colon stands the key of a dictionary, and no attribute.
        rb"%s\s*,\s*[\"']\w+[\"'](?!\s*:)" % word,
        rb"(?:setattr|delattr|__setattr__|__delattr__)\(\s*(?:[\w.]+\.)?%s\s*," % word,
        rb"\bdel[ \t(]+(?:[\w.]+\.)?%s\.\w" % word,
        # What is patched by its path stands in a module; else it is an annotation.
        rb"%s(?<![\"']%s)\.\w+[\"']" % (word, name),
        # It may go by another name.
        rb"(?s)%s[ \t]+as[ \t]+(\w+)\b(?=.*\b\1(?:%s))" % (word, set_on),
        rb"(?s)\b(\w+)[ \t]*=[ \t]*(?:\w+\.)*%s[ \t]*[\r\n](?=.*\b\1(?:%s))" % (word, set_on),
    )
