"""Patterns that find words in the bytes of files."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def begun(word: bytes) -> bytes:
    """The pattern of a word of which nothing stands before it; it begins with that, to be found quickly."""
    return rb"%s(?<!\w%s)" % (word, word)


def changed(data: bytes, name: bytes) -> Iterator[int]:
    """Where classes of a name stand that may be given other attributes."""
    for at in _words(data, name):
        behind = _BEHIND.match(data, at + len(name))
        if behind is None:
            continue
        form = behind.lastgroup or ""
        if form == "put":
            yield at
        elif form == "path":
            # What is patched by its path stands in a module; else it is an annotation.
            if data[at - 1 : at] not in {b"'", b'"'}:
                yield at
        elif form == "other":
            if _is_put_on(data, behind[form]):
                yield at
        else:
            before = _BEFORE[form].search(data[max(at - _LINE, 0) : at])
            if before is not None and (form != "end" or _is_put_on(data, before[1])):
                yield at


def _is_put_on(data: bytes, name: bytes) -> bool:
    """Whether something is put on what goes by a name."""
    return any(_PUT.match(data, at + len(name)) for at in _words(data, name))


def _words(data: bytes, name: bytes) -> Iterator[int]:
    """Where a word begins that is a name, or begins with it."""
    at = data.find(name)
    while at >= 0:
        if not at or not _WORD.match(data, at - 1):
            yield at
        at = data.find(name, at + len(name))


_SET = (
    # An attribute that is set, or changed in place.
    rb"\.[\w.]+\s*(?:(?::[^=\n]+)?=[^=]|(?:[-+*/|&^%@]|//|\*\*|<<|>>)=)"
    # In front of a colon stands the key of a dictionary, and no attribute.
    rb"|\s*,\s*[\"']\w+[\"'](?!\s*:)"
)
_WORD = re.compile(rb"\w")
_PUT = re.compile(_SET)
_BEHIND = re.compile(
    rb"(?P<put>%s)|(?P<path>\.\w+[\"'])|(?P<handed>\s*,)|(?P<part>\.\w)"
    rb"|[ \t]+as[ \t]+(?P<other>\w+)|(?P<end>[ \t]*(?:[\r\n#]|$))" % _SET
)
_BEFORE = {
    "handed": re.compile(rb"(?:set|del)attr(?:__)?\(\s*(?:[\w.]+\.)?$"),
    "part": re.compile(rb"\bdel\b[^\n;]*$"),
    "end": re.compile(rb"(\w+)[ \t]*=[ \t]*(?:\w+\.)*$"),
}
"""What stands before the name, by what stands behind it."""

_LINE = 160
"""Bytes before a name that are looked at."""
