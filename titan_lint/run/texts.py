"""Which files of a project have some words in them, asked of their bytes."""

from __future__ import annotations

import functools
import os
import re

from titan_lint.code.word_patterns import begun, binds, changed, hands, listed, may_ask, put
from titan_lint.run.discover import ReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from titan_lint.run.last_contents import LastContents
    from titan_lint.run.last_layout import LastLayout

_FEW = 40
"""Up to how many classes that may derive from one are looked for where they are handed to calls, beside that one."""

_SPACED = bytes(c if bytes((c,)).isalnum() or c == ord("_") else ord(" ") for c in range(256))
"""For :meth:`bytes.translate`: what is in no word becomes a space. A regular expression takes ten times as long."""


_CLASS = re.compile(rb"class[ \t]+(\w+)[ \t]*(?:\[[^\n]*\][ \t]*)?(?:\(([^)]*)\)|:)")
"""A class with its bases, if it has any. That it is one is not sure: it may stand in a text."""

_DECORATED = re.compile(
    rb"\n[ \t]*(?:@[^\n]*(?:\n[ \t]*(?:#[^\n]*)?)*|\)[ \t]*(?:#[^\n]*)?)"
    rb"\n[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)"
)
"""A function behind a decorator, which may go over several lines."""

_ASSIGNED = re.compile(rb"=[ \t]*(?:\w+\.)*([A-Z_]\w*)[ \t]*[\r\n#]")
"""What may be a class, as it is assigned to something."""

_SCANS = 24
"""How many words are looked for alone in what is at hand: an index of all words costs about as much."""

_READING_SCANS = 8
"""As :data:`_SCANS`, where files are read again for each."""

_DISPLACING = (rb"\.\s*modules\b", rb"\bfrom\s+sys\s+import\b", rb"[\"']modules[\"']")
_LOOKING_UP = (
    rb"\.modules(?:\s*\(|\.(?:get|items|values|keys|copy)\(|\s*\[[^\[\]\n]*\]\s*[.)\]\n])"
    rb"|\bin\s+sys\.modules\b(?!\s*[\[.])"
)
"""Uses of ``sys.modules``, and those which put nothing there; ``modules()`` is also a method of torch's modules."""


class Texts:
    """The files of a project, and what is asked of their texts, each answer found once for all who ask.

    Most runs ask about few words: these are looked for one by one. Those that ask about many make an
    index of all words.

    Args:
        paths: The files, in order of path.
        read: Gives what a file held when the run began; raises :class:`ReadError` where it cannot be read.
        others: The other files of the project, which may have been asked before.
        at_hand: Whether reading a file again takes no time.
    """

    def __init__(
        self,
        paths: Sequence[str],
        read: Callable[[str], bytes],
        others: Texts | None = None,
        *,
        at_hand: bool = True,
    ) -> None:
        self._mine = frozenset(paths)
        self._ordered = paths
        self._read = read
        self._others = others
        # All words of a few files are soon found.
        self._scans = 0 if others is not None else _SCANS if at_hand else _READING_SCANS
        self._deriving: dict[str, tuple[list[str], frozenset[str]]] = {}
        self._handing: dict[str, list[str]] = {}
        self._changed: dict[str, frozenset[str]] = {}
        self._bound: dict[tuple[str, str], bool] = {}
        self._replacing: dict[tuple[str, str], bool] = {}
        self._put: dict[str, set[bytes]] = {}
        self._words: dict[bytes, list[str]] = {}
        self._has_all = False
        self._asking: dict[tuple[tuple[str, ...], frozenset[str]], list[str]] = {}
        self._matching: dict[tuple[str, tuple[bytes, ...], bytes], frozenset[str]] = {}

    @functools.cached_property
    def paths(self) -> frozenset[str]:
        """All of the files."""
        return self._mine if self._others is None else self._mine | self._others.paths

    def having(self, *texts: str) -> list[str]:
        """The files that have all words of some texts in them, in order.

        What is no ASCII parts words, so that there may be more of them than have the texts.
        """
        mine = self._having(*texts)
        return mine if self._others is None else sorted((*mine, *self._others.having(*texts)))

    def _having(self, *texts: str) -> list[str]:
        words = b" ".join(map(os.fsencode, texts)).translate(_SPACED).split()
        if not words:
            return list(self._ordered)
        found = self._having_word(words[0])
        for word in words[1:]:
            if self._has_all or word in self._words:
                others = frozenset(self._having_word(word))
                found = [path for path in found if path in others]
            else:
                found = [path for path in found if _has(self._bytes(path), word)]
        return found

    def _having_word(self, word: bytes) -> list[str]:
        """The files that have a word in them, in order."""
        if word in self._words or self._has_all:
            return self._words.get(word, [])
        if not self._is_scanned():
            self._words, self._has_all = self._index(), True
            return self._words.get(word, [])
        found = [path for path in self._ordered if _has(self._bytes(path), word)]
        self._words[word] = found
        return found

    def matching(
        self, text: str, patterns: tuple[bytes, ...], besides: bytes = b""
    ) -> frozenset[str]:
        """The files in which one of some patterns is found, or found more often than another one.

        Args:
            text: What is in every match of the patterns.
            patterns: Regular expressions. One that begins with plain characters is found much quicker.
            besides: Another one; nothing for none.
        """
        key = text, patterns, besides
        if key not in self._matching:
            self._matching[key] = frozenset(
                path for path, data in self._with(text) if _is_in(data, patterns, besides)
            )
        mine = self._matching[key]
        return mine if self._others is None else mine | self._others.matching(*key)

    @functools.cached_property
    def displaced(self) -> frozenset[str]:
        """The modules in whose places files may put something: ``sys.modules["a.b"]``; the last parts of names count."""
        mine = frozenset(
            os.fsdecode(name)
            for _, data in self._with("modules")
            if b"sys" in data and _is_in(data, _DISPLACING, _LOOKING_UP)
            for name in re.findall(rb"""["'][.]*([\w.]*\w)["']""", data)
        )
        return mine if self._others is None else mine | self._others.displaced

    def changing(self, path: str, name: str) -> list[str]:
        """The files beside another one that may give a class of a name other attributes, whichever they mean."""
        return sorted(self._changing(name) - {path})

    def _changing(self, name: str) -> frozenset[str]:
        if name not in self._changed:
            word = name.encode()
            self._changed[name] = frozenset(
                path for path, data in self._with(name) if any(True for _ in changed(data, word))
            )
        mine = self._changed[name]
        return mine if self._others is None else mine | self._others._changing(name)

    def hiding(self, path: str, cls: str, name: str) -> tuple[list[str], frozenset[str]]:
        """The files beside another one that may derive a class from one of a name, and bind an attribute in that.

        Args:
            path: The other file.
            cls: The name of the class, whichever it is.
            name: The attribute.

        Returns:
            The files, in order, and the names of all classes that may derive from it.
        """
        files, names = self._derived(cls)
        return [other for other in files if other != path and self._binds(other, name)], names

    def binding(self, name: str) -> list[str]:
        """The files in which something may bind a name in a class or on ``self``, in order."""
        return [path for path in self.having(name) if self._binds(path, name)]

    def working_out(self, name: str) -> list[str]:
        """The files of :meth:`binding` in which a class may have a base that a call or a table gives, in order."""
        return [
            path
            for path in self.having(name)
            if _works_out(self._bytes(path)) and self._binds(path, name)
        ]

    def deriving(self, cls: str) -> tuple[list[str], frozenset[str]]:
        """The files that may derive a class from one of a name, in order, and the names of all classes that may."""
        return self._derived(cls)

    def handing(self, cls: str) -> list[str]:
        """The files that may hand a class of a name, or one that may derive from it, to a call, in order."""
        if cls not in self._handing:
            _, names = self._derived(cls)
            found: dict[str, None] = {}
            for name in sorted(names) if len(names) <= _FEW else (cls,):
                word = name.encode()
                for path in self.matching(name, (rb"%s\s*[,)]" % re.escape(word),)):
                    if path not in found and hands(self._bytes(path), word):
                        found[path] = None
            self._handing[cls] = sorted(found)
        return self._handing[cls]

    def filling(self, field: str, holder: str) -> list[str]:
        """The files that may put something into a field of a name, in order.

        Args:
            field: The field.
            holder: How what has it is called where it is read. A file that names torchtitan nowhere calls it so, too, in
                the same line, or puts an object there that it makes.
        """
        word, held = re.escape(field).encode(), re.escape(holder).encode()
        patterns = (
            rb"%s\s*(?::[^=\n()]+)?=(?!=)" % begun(word),
            *listed(word),
            rb"%s(?<=[\"']%s)[\"']\s*[,:\]]" % (word, word),
        )
        # What begins with plain characters is found much quicker.
        near = re.compile(rb"%s\b[^\n]*\b%s\b" % (begun(held), word))
        made = re.compile(
            rb"%s(?<=\.%s)\s*(?::[^=\n()]+)?=\s*(?:\w+\.)*_?[A-Z]\w*\(" % (word, word)
        )
        return sorted(
            path
            for path in self.matching(field, patterns)
            if b"torchtitan" in (data := self._bytes(path))
            or near.search(data)
            or made.search(data)
        )

    def asking(self, fields: tuple[str, ...], holders: frozenset[str]) -> list[str]:
        """The files that may ask what goes by one of some names for one of some fields, in order."""
        key = fields, holders
        if key not in self._asking:
            named = {path for name in sorted(holders) for path in self._having(name)}
            self._asking[key] = sorted(
                path for path in named if may_ask(self._bytes(path), fields, holders)
            )
        mine = self._asking[key]
        return mine if self._others is None else sorted((*mine, *self._others.asking(*key)))

    def defining(self, name: str) -> list[str]:
        """The files that may define a function or class of a name, or give it to another one, in order."""
        word = name.encode()
        return sorted(
            self.matching(
                name, (rb"(?:def|class)[ \t]+%s\b" % word, rb"%s[ \t]*=[ \t]*lambda\b" % word)
            )
        )

    def replacing(self, paths: Iterable[str], name: str) -> list[str]:
        """The files among some in which a name may be put into something, and is not just used."""
        return [path for path in paths if self._replaces(path, name)]

    def _replaces(self, path: str, name: str) -> bool:
        if self._others is not None and path not in self._mine:
            return self._others._replaces(path, name)
        if (path, name) not in self._replacing:
            word = re.escape(name).encode()
            data = self._bytes(path)
            # One after the other: what begins with plain characters is found much quicker.
            self._replacing[path, name] = bool(
                re.search(rb"%s(?:[\"']|\s*=(?!=))" % word, data)
                or re.search(rb"\.\s*%s\b(?!\s*[(.\[])" % word, data)
            )
        return self._replacing[path, name]

    def putting(self, owner: str, name: str) -> bool:
        """Whether a file may put something in the place of the member of what goes by another name."""
        if owner not in self._put:
            word = owner.encode()
            self._put[owner] = {name for _, data in self._with(owner) for name in put(data, word)}
        is_put = name.encode() in self._put[owner]
        return is_put or (self._others is not None and self._others.putting(owner, name))

    def _binds(self, path: str, name: str) -> bool:
        """Whether something in a file may bind a name in a class or on ``self``."""
        if self._others is not None and path not in self._mine:
            return self._others._binds(path, name)
        if (path, name) not in self._bound:
            self._bound[path, name] = binds(self._bytes(path), name.encode())
        return self._bound[path, name]

    def stating(self, cls: str) -> list[str]:
        """The files that may have a class statement of a name, in order."""
        mine = self._classes.get(cls.encode(), [])
        return mine if self._others is None else sorted((*mine, *self._others.stating(cls)))

    @functools.cached_property
    def _classes(self) -> dict[bytes, list[str]]:
        """By their names the files of classes."""
        found: dict[bytes, list[str]] = {}
        for path in self._ordered:
            for name in {name for name, _ in _CLASS.findall(self._bytes(path))}:
                found.setdefault(name, []).append(path)
        return found

    def decorating(self, name: str) -> list[str]:
        """The files in which a function of a name is decorated, as far as that is seen, in order."""
        mine = self._decorated.get(name.encode(), [])
        return mine if self._others is None else sorted((*mine, *self._others.decorating(name)))

    @functools.cached_property
    def _decorated(self) -> dict[bytes, list[str]]:
        """By their names the files of decorated functions."""
        found: dict[bytes, list[str]] = {}
        for path in self._ordered:
            for name in set(_DECORATED.findall(self._bytes(path))):
                found.setdefault(name, []).append(path)
        return found

    def _derived(self, cls: str) -> tuple[list[str], frozenset[str]]:
        """The files with classes that derive from one of a name, through any number of classes, and their names."""
        if cls not in self._deriving:
            found: dict[str, None] = {}
            names = {cls.encode(): None}
            todo = list(names)
            for name in todo:
                for derived, path in self._having_base(name):
                    if path:
                        found[path] = None
                    if derived not in names:
                        names[derived] = None
                        todo.append(derived)
            self._deriving[cls] = sorted(found), frozenset(map(os.fsdecode, names))
        return self._deriving[cls]

    def _having_base(self, name: bytes) -> Sequence[tuple[bytes, str]]:
        """The classes that name another one as a base, each with its file; other names of it, with none."""
        mine = self._bases.get(name, ())
        return mine if self._others is None else (*mine, *self._others._having_base(name))

    @functools.cached_property
    def _bases(self) -> dict[bytes, list[tuple[bytes, str]]]:
        """By the last part of a name the classes that name it as a base, each with its file; other names with none."""
        found: dict[bytes, list[tuple[bytes, str]]] = {}
        for path in self._ordered:
            data = self._bytes(path)
            for name, bases in _CLASS.findall(data):
                for base in set(bases.translate(_SPACED).split()):
                    found.setdefault(base, []).append((name, path))
            for name, other in _other_names(data):
                if name and other and name != other:
                    found.setdefault(name, []).append((other, ""))
        return found

    def _with(self, text: str) -> Iterator[tuple[str, bytes]]:
        """The files that may have a text in them, and what they hold."""
        wanted = text.encode()
        if wanted in self._words or self._has_all or not self._is_scanned():
            for path in self._having(text):
                yield path, self._bytes(path)
            return
        for path in self._ordered:
            data = self._bytes(path)
            if wanted in data:
                yield path, data

    def _is_scanned(self) -> bool:
        """Whether one more word is looked for alone."""
        self._scans -= 1
        return self._scans >= 0

    def _index(self) -> dict[bytes, list[str]]:
        """By word the files that have it, in order."""
        index: dict[bytes, list[str]] = {}
        for path in self._ordered:
            words = set(self._bytes(path).translate(_SPACED).split())
            if not index:
                index.update({word: [path] for word in words})
                continue
            for word in words:
                index.setdefault(word, []).append(path)
        return index

    def _bytes(self, path: str) -> bytes:
        """What a file held; nothing where it cannot be read."""
        try:
            return self._read(path)
        except ReadError:
            return b""

    @property
    def answers(self) -> int:
        """How many answers were found."""
        kept = (self._matching, self._deriving, self._handing, self._changed, self._bound)
        return sum(map(len, (*kept, self._replacing, self._asking, self._put)))


def _has(data: bytes, word: bytes) -> bool:
    """Whether a word stands in a text, and not just as a part of longer ones."""
    return word in data and re.search(rb"%s(?!\w)" % begun(word), data) is not None


def _is_in(data: bytes, patterns: tuple[bytes, ...], besides: bytes) -> bool:
    """Whether one of some patterns is found in a text, or more often than another one."""
    if not besides:
        return any(re.search(pattern, data) for pattern in patterns)
    found = sum(len(re.findall(pattern, data)) for pattern in patterns)
    return found > len(re.findall(besides, data))


def _other_names(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What a text gives another name, by an import or an assignment, and that name."""
    before, *rest = data.split(b" as ")
    for after in rest:
        yield (
            before[-_LONGEST:].translate(_SPACED).rpartition(b" ")[2],
            after[:_LONGEST].translate(_SPACED).partition(b" ")[0],
        )
        before = after
    for found in _ASSIGNED.finditer(data):
        before = data[max(found.start() - _LONGEST, 0) : found.start()].rstrip(b" \t")
        yield found[1], before.translate(_SPACED).rpartition(b" ")[2]


def _works_out(data: bytes) -> bool:
    """Whether a class may have a base that a call or a table gives, at once or under a name."""
    for found in _BASES.finditer(data):
        for base in found[1].split(b","):
            word = base.strip()
            if b"(" in word or b'["' in word or b"['" in word:
                return True
            is_name = word.replace(b"_", b"").isalnum()
            if is_name and re.search(rb"%s[ \t]*=[ \t]*[\w.]+[(\[]" % word, data):
                return True
    return False


_BASES = re.compile(rb"class[ \t]+\w+[ \t]*\(([^:]*)\):")
_LONGEST = 80
"""Characters of a name, of which longer ones are not looked for."""


class LastTexts:
    """The texts of the project that was asked last, with what was asked of them, as long as its files hold the same.

    Args:
        contents: Gives what files hold.
        layout: Where projects and their modules lie.
    """

    def __init__(self, contents: LastContents, layout: LastLayout) -> None:
        self.contents = contents
        self.layout = layout
        self._texts: Texts | None = None
        self._state: tuple[Sequence[str], int] | None = None

    def of(self, paths: Sequence[str]) -> Texts:
        """Some files, in order of path, none of which is taken to hold anything but what lies on disk."""
        for path in paths:
            try:
                self.contents.read(path)
            except ReadError:
                continue
        state = paths, self.contents.changes
        if self._texts is None or state != self._state or self._texts.answers > _ANSWERS:
            self._texts, self._state = Texts(paths, self.contents.read), state
        return self._texts


_ANSWERS = 20_000
"""How many are kept: what is typed has other names from one check to the next."""
