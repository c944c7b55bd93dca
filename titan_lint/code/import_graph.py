"""Which names of a project's modules may lead to torchtitan, told from the texts of the modules alone.

A name leads there if it is imported from torchtitan, through any number of modules; if a class of that name
derives from one that leads there; if a function or value of that name is defined with one that does; and if it
is defined in a module that imports from torchtitan. So much is read to tell which modules are worth parsing,
and no more: only what stands at the margin binds a name for certain.
"""

from __future__ import annotations

import functools

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Container, Iterable, Iterator

    # A module's file and a name in it.
    Name = tuple[str, str]
    # The names that one may come from, each with what it costs to go on there.
    Step = list[tuple[Name, int]]

_DEFINING = 2
"""Through how many modules that import nothing from torchtitan functions and values are followed."""

_ROOM = 400_000
"""Bytes of modules from which on a file is taken to import nothing that leads to torchtitan.

Most files that do so have it from the first module that they import, or the second. A few packages import all of
a thousand modules, for everybody who asks them for a name.
"""


class ImportGraph:
    """The names of modules, each with those that it may come from.

    Args:
        find: Gives the file of the module that an import in a file means, as it is written there; ``None``
            where that is no module of the file's project, or may be one of several.
        read: Gives what a file's text tells; that of nothing where it cannot be read.
        size: Gives how many bytes a file has, without reading it.
        lasting: Holds what names of modules come from that was found before, and takes what is found.
        is_lasting: Whether what a file's names come from is of those.
    """

    def __init__(
        self,
        find: Callable[[str, str], str | None],
        read: Callable[[str], ModuleText],
        size: Callable[[str], int],
        lasting: dict[Name, Step | None] | None = None,
        is_lasting: Callable[[str], bool] = lambda path: False,
    ) -> None:
        self._find = find
        self._read = read
        self._size = functools.cache(size)
        self._texts: dict[str, ModuleText] = {}
        self._followed: dict[str, bool] = {}
        self._led: dict[Name, bool] = {}
        self._steps: dict[Name, Step | None] = {}
        self._lasting: dict[Name, Step | None] = {} if lasting is None else lasting
        self._is_lasting = is_lasting
        # Names that lead nowhere, with how many modules were left to look at.
        self._dead: dict[Name, int] = {}

    def forget(self) -> None:
        """Let go of all that was read; it is read again for who asks."""
        for known in (self._texts, self._followed, self._led, self._steps, self._dead):
            known.clear()

    def follows(self, path: str) -> bool:
        """Whether a file imports something of its project's that may lead to torchtitan.

        That is looked for in the modules that it imports, then in those that these have it from, and so on, as
        long as they are not too much to read. What was asked before makes no difference.
        """
        if path not in self._followed:
            self._followed[path] = self._follows(path)
        return self._followed[path]

    def _follows(self, path: str) -> bool:
        room = _Room(self._size)
        if not all(map(room.holds, filter(None, self.stars(path)))):
            return False
        left: dict[Name, int] = {}
        # Most of what is too much shows before all modules are found.
        for name in self._brought(path):
            if name[0] != path and not room.holds(name[0]):
                return False
            left[name] = _DEFINING
        seen: dict[Name, int] = {}
        while left:
            if not all(room.holds(other) for other, _ in left if other != path):
                return False
            further: dict[Name, int] = {}
            for name, more in left.items():
                if more <= seen.get(name, -1):
                    continue
                seen[name] = more
                step = self._stepped(name)
                if step is None:
                    return True
                for other, cost in step:
                    if cost <= more:
                        further[other] = max(more - cost, further.get(other, 0))
            left = further
        return False

    def _brought(self, path: str) -> Iterator[Name]:
        """The names of modules of the project that a file imports, and those that it reads from modules."""
        text = self._text(path)
        for imported in text.imports.values():
            yield from self._asked(path, imported, text.data)

    def is_source(self, path: str) -> bool:
        """Whether a module has anything from torchtitan itself."""
        return self._text(path).is_source

    def takes(self, path: str, module: str) -> bool:
        """Whether a file imports something from a module that may lead to torchtitan, or all that it has."""
        return module in self.stars(path) or any(
            other == module and self.leads(other, name) for other, name in self._brought(path)
        )

    def stars(self, path: str) -> Iterator[str | None]:
        """The modules of the project of which a file imports all."""
        return (self._find(path, module) for module in self._text(path).stars)

    def leads(self, path: str, name: str) -> bool:
        """Whether a module's name may lead to torchtitan."""
        key = path, name
        if key not in self._led:
            self._led[key] = self._search(key)
        return self._led[key]

    def lacks(self, path: str, name: str) -> bool:
        """Whether a module certainly has no such name."""
        text = self._text(path)
        return name.encode() not in text.data and not text.stars and not text.is_lazy

    def imports_any(self, path: str) -> bool:
        """Whether a file imports anything."""
        return bool(self._text(path).imports)

    def imported(self, path: str, name: str) -> tuple[str, str] | None:
        """The module, and the member of it or none, that one import alone binds to a name; ``None`` if there are others."""
        match self._text(path).imports.get(name):
            case [(module, member, bound)]:
                return (name, "") if bound != name else (module, member)
            case _:
                return None

    def _search(self, start: Name) -> bool:
        seen: dict[Name, int] = {}
        via: dict[Name, Name | None] = {}
        todo: list[tuple[Name, int, Name | None]] = [(start, _DEFINING, None)]
        while todo:
            name, left, asking = todo.pop()
            if left <= max(seen.get(name, -1), self._dead.get(name, -1)):
                continue
            seen[name], via[name] = left, asking
            step = self._stepped(name)
            if step is None or (left == _DEFINING and self._led.get(name)):
                # So does each on the way that had as far to go: classes that derive from each other.
                on: Name | None = name
                while on is not None:
                    if seen[on] == _DEFINING:
                        self._led[on] = True
                    on = via[on]
                return True
            todo += ((other, left - cost, name) for other, cost in step if cost <= left)
        for name, left in seen.items():
            self._dead[name] = max(left, self._dead.get(name, -1))
        return False

    def _stepped(self, name: Name) -> Step | None:
        steps = self._lasting if self._is_lasting(name[0]) else self._steps
        if name not in steps:
            steps[name] = [] if self.lacks(*name) else self._step(*name)
        return steps[name]

    def _step(self, path: str, name: str) -> Step | None:
        """The names that one may come from; ``None`` where it leads to torchtitan."""
        text = self._text(path)
        head = text.heads.get(name)
        if head is not None:
            if text.is_source:
                return None
            return [(other, 0) for other in self._used(path, text, name, head)]
        body = text.bodies.get(name)
        if body is not None:
            if text.is_source:
                return None
            used = self._used(path, text, name, body)
            return [(other, int(other[0] != path)) for other in used]
        imported = text.imports.get(name, ())
        if names_torchtitan(imported) or (text.is_lazy and text.is_source):
            return None
        found = [(other, 0) for other in self._asked(path, imported)]
        if any(module.partition(".")[0] == "torchtitan" for module in text.stars):
            return None
        found += [(other, 0) for other in self._starred(path, name)]
        if text.is_lazy:
            every = (self._asked(path, one) for one in text.imports.values())
            found += [(other, 0) for some in every for other in some]
        return found

    def _used(self, path: str, text: ModuleText, name: str, part: bytes) -> Iterator[Name]:
        """The names that a part of a module uses to define one."""
        asked = words(part)
        asked.discard(name)
        for word in asked & text.names:
            if word in text.imports:
                yield from self._asked(path, text.imports[word], part)
            else:
                yield path, word
        for word in asked - text.names if text.stars else ():
            yield from self._starred(path, word)

    def _asked(
        self, path: str, imported: Iterable[Imported], part: bytes | None = None
    ) -> Iterator[Name]:
        """The names of modules of the project that imports bring; those that a part reads from imported modules."""
        for module, member, bound in imported:
            found = self._find(path, module)
            if member == "*":
                if found is not None and part is not None:
                    yield from ((found, word) for word in self._had(found, words(part)))
                continue
            if member and found is not None and found != path:
                yield found, member
            if part is None:
                continue
            if member:
                inner = self._find(path, f"{module}{'' if module.endswith('.') else '.'}{member}")
                if inner is not None and inner != path:
                    yield from ((inner, word) for word in _read_from(part, bound))
                continue
            while module:
                found = self._find(path, module)
                if found is not None and found != path:
                    yield from ((found, word) for word in _read_from(part, bound))
                if "." not in bound:
                    break
                module, bound = module.rpartition(".")[0], bound.rpartition(".")[0]

    def _starred(self, path: str, name: str) -> Iterator[Name]:
        """The modules of the project of which a file imports all, as far as they may have a name."""
        for module in self._text(path).stars:
            found = self._find(path, module)
            if found is not None:
                yield found, name

    def _had(self, path: str, asked: set[str]) -> set[str]:
        """Those of some names that a module may have."""
        text = self._text(path)
        if text.stars or text.is_lazy:
            return asked
        found = {name for name in asked if name.encode() in text.data}
        return found and found & text.names

    def _text(self, path: str) -> ModuleText:
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]


Imported = tuple[str, str, str]
"""A module, the member that is imported from it, or none, and the dotted name that stands for it then."""


class _Room:
    """How much may still be read for one file."""

    def __init__(self, size: Callable[[str], int]) -> None:
        self._size = size
        self._left = _ROOM
        self._held: set[str] = set()

    def holds(self, path: str) -> bool:
        """Whether there is room for one more file, or it is held already."""
        if path not in self._held:
            self._held.add(path)
            self._left -= self._size(path)
        return self._left >= 0


class ModuleText:
    """What the text of a module tells; each part is worked out once it is asked for.

    Attributes:
        data: The text.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data

    @functools.cached_property
    def imports(self) -> dict[str, list[Imported]]:
        """What the module imports, wherever, by the names that are bound."""
        found: dict[str, list[Imported]] = {}
        for one in imports(self.data):
            found.setdefault(one[2].partition(".")[0], []).append(one)
        return found

    @functools.cached_property
    def stars(self) -> list[str]:
        """The modules of which it imports all."""
        # Most texts have none, and are not looked through for that.
        if b"import *" not in self.data:
            return []
        return [module for module, _, _ in self.imports.get("*", ())]

    @functools.cached_property
    def is_lazy(self) -> bool:
        """Whether the module works out its names when they are asked for."""
        return b"\ndef __getattr__" in self.data

    @functools.cached_property
    def is_source(self) -> bool:
        """Whether it has anything from torchtitan itself."""
        return b"torchtitan" in self.data and (
            any(map(names_torchtitan, self.imports.values()))
            or b"import_module" in self.data
            or b"__import__" in self.data
        )

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """All names that it imports or defines."""
        return frozenset((*self.imports, *self.heads, *self.bodies))

    @functools.cached_property
    def heads(self) -> dict[str, bytes]:
        """By the name of a class at the margin what stands between that and the body."""
        return self._defined[0]

    @functools.cached_property
    def bodies(self) -> dict[str, bytes]:
        """By name the other statements at the margin that define it."""
        return self._defined[1]

    @functools.cached_property
    def _defined(self) -> tuple[dict[str, bytes], dict[str, bytes]]:
        heads: dict[str, bytes] = {}
        bodies: dict[str, bytes] = {}
        for statement in _statements(self.data):
            match statement[:200].translate(_SPACED).split(None, 3):
                case [b"class", name, *_]:
                    heads[name.decode()] = statement.partition(b":")[0]
                case [b"async", b"def", name, *_] | [b"def", name, *_] | [name, *_]:
                    word = name.decode()
                    bodies[word] = bodies.get(word, b"") + statement
                case _:
                    pass
        return heads, bodies


def names_torchtitan(imported: Iterable[Imported]) -> bool:
    """Whether one of some imports is from torchtitan."""
    return any(module.partition(".")[0] == "torchtitan" for module, _, _ in imported)


def _statements(data: bytes) -> list[bytes]:
    """The statements of a text's margin."""
    # What a long string says at the margin is none.
    if _QUOTES in data:
        parts = data.split(_QUOTES)
        parts[1::2] = [part.replace(b"\n", b" ") for part in parts[1::2]]
        data = _QUOTES.join(parts)
    return _margin().split(data)


@functools.cache
def _margin() -> re.Pattern[bytes]:
    """Where a statement of the margin begins."""
    # Most files that are checked alone, as a hook does, come to an end before: a third of a start goes into this import.
    import re

    return re.compile(rb"\n(?=[^ \n\t\r)\]}#\"'])")


_QUOTES = b'"""'
_SPACED = bytes(c if bytes((c,)).isalnum() or c == ord("_") else ord(" ") for c in range(256))


def words(data: bytes) -> set[str]:
    """The words of a text that are ASCII."""
    return set(data.translate(_SPACED).decode().split())


def _ends(data: bytes, text: bytes) -> Iterator[int]:
    """Where some words end that stand in a text, and no longer ones that begin with them."""
    at = data.find(text)
    while at >= 0:
        at += len(text)
        if not data[at : at + 1].isalnum() and data[at : at + 1] != b"_":
            yield at
        at = data.find(text, at)


def _read_from(data: bytes, owner: str) -> set[str]:
    """The names that a text reads from what goes by a dotted name."""
    found: set[str] = set()
    text = owner.encode() + b"."
    at = data.find(text)
    while at >= 0:
        at += len(text)
        found.update(data[at : at + 100].partition(b".")[0].translate(_SPACED).decode().split()[:1])
        at = data.find(text, at)
    return found


def imports(data: bytes, tops: Container[str] | None = None) -> Iterator[Imported]:
    """What the import statements of a text bind.

    Args:
        data: The text.
        tops: What the modules may begin with that are asked for, which is nothing for relative ones; ``None``
            for any.
    """
    if b"\\" in data:
        data = data.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    for at in _ends(data, b"import"):
        start = data.rfind(b"\n", 0, at) + 1
        start = max(start, data.rfind(b";", start, at) + 1, data.rfind(b":", start, at) + 1)
        match data[start : at - len(b"import")].split():
            case []:
                source = ""
            case [b"from", *parts]:
                source = _name(b"".join(parts))
                if tops is not None and source.partition(".")[0] not in tops:
                    continue
            case _:
                continue
        for part in _listed(data, at).split(b","):
            match part.split():
                case [first, b"as", last]:
                    name, bound = _name(first), _name(last)
                case [first]:
                    name = bound = _name(first)
                case _:
                    continue
            if name and source:
                yield source, name, bound
            elif name and (tops is None or name.partition(".")[0] in tops):
                yield name, "", bound


def _name(data: bytes) -> str:
    """What names a module or something in it; empty for what is no such name."""
    text = data.decode("utf-8", "replace")
    return text if text == "*" or text.replace(".", "_").isidentifier() else ""


def _listed(data: bytes, at: int) -> bytes:
    """What an import statement lists, which may go over several lines in parentheses."""
    lines: list[bytes] = []
    while True:
        end = data.find(b"\n", at)
        lines.append(data[at : end if end >= 0 else len(data)].partition(b"#")[0])
        if end < 0 or not lines[0].lstrip().startswith(b"(") or b")" in lines[-1]:
            break
        at = end + 1
    text = b" ".join(lines).partition(b")")[0].partition(b";")[0]
    return text.strip().removeprefix(b"(")
