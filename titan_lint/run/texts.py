"""Which files of a project have some words in them, asked of their bytes."""

from __future__ import annotations

import functools
import os
import re

from titan_lint.code.word_patterns import begun
from titan_lint.run.discover import ReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from titan_lint.run.last_contents import LastContents
    from titan_lint.run.last_layout import LastLayout

_SPACED = bytes(c if bytes((c,)).isalnum() or c == ord("_") else ord(" ") for c in range(256))
"""For :meth:`bytes.translate`: what is in no word becomes a space. A regular expression takes ten times as long."""


_CLASS = re.compile(rb"class[ \t]+(\w+)[ \t]*(?:\(([^)]*)\)|:)")
"""A class with its bases, if it has any. That it is one is not sure: it may stand in a text."""

_BOUND = rb"\b(?:def|class)\s+%s\b|(?:\bself\.|\n[ \t]+)%s\b\s*(?:[:,]|=[^=])"
"""With which a name may be bound in a class or on ``self``."""

_SCANS = 8
"""How many words are looked for alone: all words of all files cost about as much."""

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
    """

    def __init__(
        self, paths: Sequence[str], read: Callable[[str], bytes], others: Texts | None = None
    ) -> None:
        self._mine = frozenset(paths)
        self._ordered = paths
        self._read = read
        self._others = others
        # All words of a few files are soon found.
        self._scans = 0 if others is None else _SCANS
        self._deriving: dict[str, frozenset[str]] = {}
        self._bound: dict[tuple[str, str], bool] = {}
        self._indexes: dict[bytes, dict[bytes, list[str]]] = {}
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
        index = self._index(words[0])
        first, *others = (index.get(word, []) for word in words)
        kept = [frozenset(other) for other in others]
        return [path for path in first if all(path in other for other in kept)]

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
                path
                for path, data in self._with(text)
                if sum(len(re.findall(pattern, data)) for pattern in patterns)
                > (len(re.findall(besides, data)) if besides else 0)
            )
        mine = self._matching[key]
        return mine if self._others is None else mine | self._others.matching(*key)

    @functools.cached_property
    def displaced(self) -> frozenset[str]:
        """The modules in whose places files may put something: ``sys.modules["a.b"]``; the last parts of names count."""
        mine = frozenset(
            os.fsdecode(name)
            for path in self.matching("modules", _DISPLACING, _LOOKING_UP) & self._mine
            if b"sys" in (data := self._bytes(path))
            for name in re.findall(rb"""["'][.]*([\w.]*\w)["']""", data)
        )
        return mine if self._others is None else mine | self._others.displaced

    def may_change(self, path: str, name: str) -> bool:
        """Whether a file beside another one may give a class of that other attributes."""
        # Most classes are called as others end: ``Config``.
        word = begun(name.encode())
        patterns = (
            rb"%s\.[\w.]+\s*(?::[^=\n]+)?=[^=]" % word,
            # In front of a colon stands the key of a dictionary, and no attribute.
            rb"%s\s*,\s*[\"']\w+[\"'](?!\s*:)" % word,
            rb"setattr\(\s*(?:[\w.]+\.)?%s\s*," % word,
            # What is patched by its path stands in a module; else it is an annotation.
            rb"%s(?<![\"']%s)\.\w+[\"']" % (word, name.encode()),
            rb"(?s)%s[ \t]+as[ \t]+(\w+)\b.*\b\1(?:\.[\w.]+\s*(?::[^=\n]+)?=[^=]|\s*,\s*[\"'])"
            % word,
        )
        return bool(self.matching(name, patterns) - {path})

    def hide(self, path: str, cls: str, name: str) -> bool:
        """Whether a file beside another one may derive a class from its class, and bind an attribute in that.

        Args:
            path: The other file.
            cls: The name of its class: it holds for all that are called so.
            name: The attribute.
        """
        return any(
            self._binds(other, name) for other in sorted(self._derived(cls)) if other != path
        )

    def _binds(self, path: str, name: str) -> bool:
        """Whether something in a file may bind a name in a class or on ``self``."""
        if self._others is not None and path not in self._mine:
            return self._others._binds(path, name)
        key = path, name
        if key not in self._bound:
            data, word = self._bytes(path), re.escape(name.encode())
            self._bound[key] = word in data and bool(re.search(_BOUND % (word, word), data))
        return self._bound[key]

    def _derived(self, cls: str) -> frozenset[str]:
        """The files with classes that derive from one of a name, through any number of classes."""
        if cls not in self._deriving:
            found: dict[str, None] = {}
            names = [cls.encode()]
            for name in names:
                for derived, path in self._having_base(name):
                    found[path] = None
                    if derived not in names:
                        names.append(derived)
            self._deriving[cls] = frozenset(found)
        return self._deriving[cls]

    def _having_base(self, name: bytes) -> Sequence[tuple[bytes, str]]:
        """The classes that name another one as a base, each with its file."""
        mine = self._bases.get(name, ())
        return mine if self._others is None else (*mine, *self._others._having_base(name))

    @functools.cached_property
    def _bases(self) -> dict[bytes, list[tuple[bytes, str]]]:
        """By the last part of a name the classes that name it as a base, each with its file."""
        found: dict[bytes, list[tuple[bytes, str]]] = {}
        for path in self._ordered:
            classes = [
                (name, set(bases.translate(_SPACED).split()))
                for name, bases in _CLASS.findall(self._bytes(path))
            ]
            # A class of the same name that the file has itself is another one, unless it derives from that.
            mine = {name for name, bases in classes if name not in bases}
            for name, bases in classes:
                for base in bases - mine:
                    found.setdefault(base, []).append((name, path))
        return found

    def _with(self, text: str) -> Iterator[tuple[str, bytes]]:
        """The files that may have a text in them, and what they hold."""
        wanted = text.encode()
        if wanted in self._indexes or not self._is_scanned():
            for path in self._having(text):
                yield path, self._bytes(path)
            return
        for path in self._ordered:
            data = self._bytes(path)
            if wanted in data:
                yield path, data

    def _is_scanned(self) -> bool:
        """Whether one more word is looked for alone."""
        self._scans += 1
        return self._scans <= _SCANS

    def _index(self, wanted: bytes) -> dict[bytes, list[str]]:
        """By word the files that have it, as far as they have the wanted word."""
        # Everything has the empty word.
        for screen in (b"", wanted):
            if screen in self._indexes:
                return self._indexes[screen]
        screen = wanted if self._is_scanned() else b""
        index = self._indexes[screen] = {}
        for path in self._ordered:
            data = self._bytes(path)
            if screen in data:
                for word in set(data.translate(_SPACED).split()):
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
        return len(self._matching) + len(self._deriving) + len(self._bound)


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
