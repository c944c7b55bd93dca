"""Patterns that find words in the bytes of files."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def begun(word: bytes) -> bytes:
    """The pattern of a word of which nothing stands before it; it begins with that, to be found quickly."""
    return rb"%s(?<!\w%s)" % (word, word)


def listed(word: bytes) -> tuple[bytes, bytes]:
    """The patterns of a member of something that is set with others: ``a.x, b = ...``, ``for a.x, b in``, ``as (a.x, b)``."""
    # In one line, or in brackets over several ones, with comments.
    others = rb"(?:[\w\s.,*()\[\]'\"-]|#[^\n]*)*"
    behind = rb"[,)\]](?:[^\n=]*(?:\bin\b|=(?!=))|%s[)\]][ \t]*(?:=(?!=)|in\b))" % others
    return (
        rb"\.%s(?<=\.%s)\s*(?:in\b|%s)" % (word, word, behind),
        rb"%s[ \t]*(?:[ \t][\w \t.,*]*|[(\[][\w\s.,*]*)\.%s\b" % (begun(b"as"), word),
    )


def may_ask(data: bytes, fields: Collection[str], holders: Collection[str]) -> bool:
    """Whether what goes by one of some names may be asked for a field, or a name that is given such a thing.

    Args:
        data: What a file holds.
        fields: The names of the fields: one is read, named in a text, or given anew to a copy.
        holders: The names, in whatever path: ``optimizer`` is that of ``config.optimizer``.
    """
    field = b"|".join(re.escape(field).encode() for field in fields)
    held = b"|".join(re.escape(holder).encode() for holder in holders)
    names: set[bytes] = set()
    # What stands before is looked at where something is found: to begin with any word takes ten times as long.
    for pattern in (
        rb"\.[\s\\]*(?:%s|evolve|replace|__replace__)\b" % field,
        rb",\s*[\"'](?:%s)[\"']" % field,
    ):
        for found in re.finditer(pattern, data):
            end = found.start()
            before = _OBJECT.search(data, max(end - _LINE, 0), end)
            names.update(before.groups() if before else ())
    if re.search(rb"\b(?:%s)\s*=(?!=)" % field, data):
        # What is copied stands first, in front of what is given anew; a text is no config.
        for pattern in (rb"replace\s*\(\s*([^=\"']+)=", rb"evolve\s*\(\s*([^=\"']+)="):
            for given in re.findall(pattern, data):
                names.update(re.findall(rb"\w+", given))
    if any(holder.encode() in names for holder in holders):
        return True
    return any(_may_be_given(data, name, held) for name in sorted(names))


def _may_be_given(data: bytes, name: bytes, held: bytes) -> bool:
    """Whether a name may be given something, or a part of it, that goes by names of a pattern."""
    if re.search(rb"(?:%s)[\s)\\]*\bas\s+\(?%s\b" % (held, name), data):
        return True
    # It may be one of several targets: ``a = b = config.optimizer``, ``a, b = ...``.
    target = rb"%s(?<![\w.]%s)(?:\s*(?=[=:,)\]])[^\n]*?=|[^\n=]*?\bin\b)" % (name, name)
    value = re.compile(rb"\b(?:%s)\b" % held)
    return any(
        value.search(data, found.start(), _end(data, found.end()))
        for found in re.finditer(target, data)
    )


def _end(data: bytes, at: int) -> int:
    """Where a statement ends that goes on from somewhere: at the first line that is not open, by its look."""
    while (end := data.find(b"\n", at)) >= 0:
        line = data[at:end]
        if not any(part.rstrip().endswith(_OPEN) for part in (line, line.partition(b"#")[0])):
            if not _CLOSING.match(data, end):
                return end
        at = end + 1
    return len(data)


def binds(data: bytes, name: bytes) -> bool:
    """Whether a name may be bound in a class, or on ``self``."""
    for at in _words(data, name):
        end = at + len(name)
        if _WORD.match(data, end):
            continue
        line = data[max(data.rfind(b"\n", 0, at), 0, at - _LINE) : at]
        if _DEFINED.search(line) or (_OWN.search(line) and _TARGET.match(data, end)):
            return True
    return False


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


def put(data: bytes, name: bytes) -> Iterator[bytes]:
    """The members of what goes by a name in whose places something may be put."""
    for at in _words(data, name):
        end = at + len(name)
        member = _MEMBER.match(data, end)
        if member is None and _SETTING.search(data, max(at - _LINE, 0), at):
            member = _NAMED.match(data, end)
        if member is not None:
            yield member[1]


def hands(data: bytes, name: bytes) -> bool:
    """Whether what has a name may be handed to a call, alone or in a tuple, or be put into one."""
    for at in _words(data, name):
        if _HANDED.match(data, at + len(name)) is None:
            continue
        before = data[max(at - _LINE, 0) : at]
        depth = 0
        for place in range(len(before) - 1, -1, -1):
            sign = before[place]
            if sign in b")]}":
                depth += 1
            elif sign in b"([{":
                depth -= 1
            if depth < 0:
                if sign != ord("("):
                    break
                depth = 0
                opened = _OPENED.search(before, 0, place)
                called = b"" if opened is None else opened[0]
                # A default is what a function is handed.
                if called.startswith(b"def ") and _DEFAULT.search(before) is not None:
                    return True
                if called in _TAKING or called.startswith((b"class ", b"def ")):
                    break
                if called or (place and before[:place].rstrip().endswith((b"=", b")"))):
                    return True
    return False


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


_OBJECT = re.compile(rb"(\w+)(?:[\s)\\]|#[^\n]*\n)*$")
"""The last word of an object, with all that may stand between it and the dot behind it."""

_OPEN = tuple(bytes((sign,)) for sign in b"([{,=\\+-*/|&%@")
"""With which a line ends that goes on in the next one."""

_CLOSING = re.compile(rb"\s*(?:[\])}.+\-*/|&%@]|(?:and|or|if|else|in|for)\b)")
"""How a line begins that goes on from the one before."""

_HANDED = re.compile(rb"\s*[,)]")
_DEFAULT = re.compile(rb"=\s*(?:\w+\.)*$")
_OPENED = re.compile(rb"(?:(?:class|def)\s+)?\w+\s*$")
"""What stands before a parenthesis that is a call's, or that of a function's or class's statement."""

_TAKING = frozenset({b"import", b"isinstance", b"issubclass", b"except", b"cast", b"raises"})
"""What makes no class of one that is in its parenthesis."""

_SET = (
    # An attribute that is set, or changed in place.
    rb"\.[\w.]+\s*(?:(?::[^=\n]+)?=[^=]|(?:[-+*/|&^%@]|//|\*\*|<<|>>)=)"
    # In front of a colon stands the key of a dictionary, and no attribute.
    rb"|\s*,\s*[\"']\w+[\"'](?!\s*:)"
)
_WORD = re.compile(rb"\w")
_DEFINED = re.compile(rb"\b(?:def|class)\s+$")
_OWN = re.compile(rb"\bself\.$|\n[ \t]+$")
_TARGET = re.compile(rb"\s*(?:[:,]|=(?!=))")
_PUT = re.compile(_SET)
_MEMBER = re.compile(rb"\s*\.\s*(\w+)\s*(?::[^=\n]+)?=[^=]")
_SETTING = re.compile(rb"setattr\(\s*(?:[\w.]+\.)?\Z")
_NAMED = re.compile(rb"\s*,\s*[\"'](\w+)[\"']")
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
