"""The other files of a file's project, as questions about them are put to their texts."""

from __future__ import annotations

import os
import re

from titan_lint.code.source import module_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Protocol

    from titan_lint.code.hooks import Hook
    from titan_lint.code.program import Program
    from titan_lint.run.texts import Texts

    class Files(Protocol):
        """The files of a run by project, of which one is asked: see :class:`titan_lint.run.projects.Projects`."""

        def root(self, path: str) -> str:
            """The folder of a file's project."""
            ...

        def texts_in(self, path: str) -> Texts:
            """The files of a file's project, to be asked what is in them."""
            ...

        def parsed(self, path: str) -> Program | None:
            """A file parsed; ``None`` where it is no Python."""
            ...

        def run_in(self, path: str, others: Iterable[str]) -> list[str]:
            """Those of some files that run together with one."""
            ...

        def importing(self, path: str) -> Iterator[str]:
            """The other files with a statement that imports a module."""
            ...

        def hooks_of(self, path: str) -> Mapping[str, tuple[Hook, ...]]:
            """What runs in a file's classes, by name."""
            ...

        def deriving(self, path: str, cls: str) -> tuple[list[str], frozenset[str]]:
            """The files with classes that derive from one of a name, and the names of all that do."""
            ...

        def settings_in(self, root: str) -> tuple[bytes, ...]:
            """What the files of settings of a project hold."""
            ...

        def has_strangers(self, path: str) -> bool:
            """Whether a file lies beside one that is left out of every run."""
            ...


class Beside:
    """The files beside one of a project; see :class:`titan_lint.uses.readers.Others`.

    Args:
        projects: The files of the run, by project.
        path: The file.
    """

    def __init__(self, projects: Files, path: str) -> None:
        self._projects = projects
        self._path = path
        self.module = module_name(path)

    def ask_for(self, name: str) -> bool:
        """Whether one may ask the file for a name in it, or may do so unseen."""
        return self._projects.has_strangers(self._path) or any(
            self._is_configured(module, name)
            or self._asks_for(module, name)
            or self._asks_for_any(module)
            for module in self._handing_on()
        )

    def having(self, *words: str) -> Iterator[Program | None]:
        """Those that have some words in them, parsed; ``None`` for one that is no Python."""
        return self._parsed(self._texts.having(*words))

    def match(self, word: str, patterns: tuple[bytes, ...], besides: bytes = b"") -> bool:
        """Whether in one of them one of some patterns is found that hold a word, or more often than another one."""
        return bool(self._texts.matching(word, patterns, besides) - {self._path})

    def matching(self, word: str, patterns: tuple[bytes, ...]) -> Iterator[Program | None]:
        """Those in which one of some patterns is found that hold a word, parsed."""
        return self._parsed(self._matching(word, patterns))

    def running(self, word: str, patterns: tuple[bytes, ...]) -> Iterator[Program | None]:
        """As :meth:`matching`, of those that run together with the file."""
        return self._parsed(self._projects.run_in(self._path, self._matching(word, patterns)))

    def asking(self, fields: tuple[str, ...], holders: frozenset[str]) -> Iterator[Program | None]:
        """Those whose texts may ask what goes by one of some names for one of some fields, parsed."""
        return self._parsed(self._texts.asking(fields, holders))

    def stating(self, cls: str) -> Iterator[Program | None]:
        """Those that may define a class of a name, parsed."""
        return self._parsed(self._texts.stating(cls))

    def importing(self, path: str) -> Iterator[Program | None]:
        """The files with a statement that imports the module at a path, those beside it first, parsed."""
        return map(self._projects.parsed, self._projects.importing(os.path.abspath(path)))

    def hooks(
        self, name: str, patterns: tuple[bytes, ...], *, or_decorated: bool = False
    ) -> tuple[Hook, ...]:
        """The hooks of a name in those with one of some patterns, or in which a function of the name is decorated."""
        found = self._texts.matching(name, patterns) if patterns else frozenset[str]()
        decorated = self._texts.decorating(name) if or_decorated else ()
        return tuple(
            hook
            for other in sorted({*found, *decorated} - {self._path})
            for hook in self._projects.hooks_of(other).get(name, ())
        )

    def derived(self, cls: str) -> Collection[str]:
        """The names of all classes that may derive from one of a name, itself among them."""
        return self._projects.deriving(self._path, cls)[1]

    def settings(self) -> tuple[bytes, ...]:
        """What the files of settings hold that lie in the project."""
        return self._projects.settings_in(self._projects.root(self._path))

    @property
    def _texts(self) -> Texts:
        return self._projects.texts_in(self._path)

    def _matching(self, word: str, patterns: tuple[bytes, ...]) -> list[str]:
        return sorted(self._texts.matching(word, patterns) - {self._path})

    def _parsed(self, paths: Iterable[str]) -> Iterator[Program | None]:
        return (self._projects.parsed(path) for path in paths if path != self._path)

    def _asks_for(self, module: str, name: str) -> bool:
        """Whether one asks a module for a name."""
        from titan_lint.uses.asked_names import may_ask

        return any(
            program is None or may_ask(program, module, name)
            for program in self.having(module, name)
        )

    def _asks_for_any(self, module: str) -> bool:
        """Whether one may ask a module for names that are worked out."""
        from titan_lint.uses.asked_names import WHOLE, asks_for_any

        found = self.matching(module, WHOLE)
        return any(program is not None and asks_for_any(program, module) for program in found)

    def _handing_on(self) -> list[str]:
        """The last parts of the names of the file's module, and of those that hand on all names of it: ``import *``."""
        found = [self.module]
        for module in found:
            star = rb"[\s.]%s\s+import\s*\*" % re.escape(module).encode()
            for other in self._matching(module, (star,)):
                if module_name(other) not in found:
                    found.append(module_name(other))
        return found

    def _is_configured(self, module: str, name: str) -> bool:
        """Whether a file of settings names a module's name by its path: ``_target_: pkg.module.Name``."""
        module, name = re.escape(module), re.escape(name)
        pattern = re.compile(rf"(?<!\w){module}[.:]{name}(?!\w)".encode())
        return any(map(pattern.search, self.settings()))
