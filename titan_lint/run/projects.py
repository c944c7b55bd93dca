"""Which files of a run were written together, and for which torchtitan.

One file tells little of the version that it was written for, and nothing of what another one puts in
the place of torchtitan's functions; the files of a project tell more. All of them count, whichever of
them a run is about. They are read for that only when a rule asks, and the answer depends on what they
say alone, now and at HEAD: not on their order, on how the work is spread, or on what is fixed meanwhile.
"""

from __future__ import annotations

import functools
import itertools
import os

from titan_lint.code.screen import LAUNCHER, mentions_torchtitan, names_job, runs_launcher
from titan_lint.code.source import module_name
from titan_lint.run.digest import digest
from titan_lint.run.discover import Contents, ReadError, below, read, relative
from titan_lint.run.programs import Programs
from titan_lint.run.roots import Roots
from titan_lint.uses.options import Around, of_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from titan_lint.code.hooks import Hook
    from titan_lint.code.import_graph import ImportGraph
    from titan_lint.code.program import Program
    from titan_lint.code.source import Source
    from titan_lint.config.settings import Settings
    from titan_lint.run.cache_key import Copies
    from titan_lint.run.discover import T
    from titan_lint.run.module_files import ModuleFiles
    from titan_lint.run.texts import LastTexts, Texts
    from titan_lint.uses.era import Era, Use
    from titan_lint.uses.neighbours import Neighbours, Said
    from titan_lint.uses.own_modules import Modules, OwnModules
    from titan_lint.uses.readers import Readers

_SETTINGS = (".yaml", ".yml", ".json", ".toml")
"""Files that may name what a program is to call."""

_LARGE = 1 << 20
"""Bytes from which on such a file holds data."""

_ALL = "all "
"""Begins a digest of all files, whatever they mention."""

_KEPT = 1_000_000
"""Characters of source from which on a run keeps no more parsed."""

_SINGLE = ("torchtitan.py", os.path.join("src", "torchtitan.py"))
"""Files that ``import torchtitan`` means where they lie in a project: they take the place of all of it."""

_FEW = 20
"""Up to how many files of a project are asked one by one what they import, where the others need not be read."""


class Projects:
    """The files around those of a run that mention torchtitan, by project.

    A project is the nearest folder around a file that is packaged or a repository; where there is
    none, such as for what is installed, it is the outermost package, with what lies beside that if this names it.

    Args:
        paths: Absolute paths of the files; those of a torchtitan itself are none of them.
        around: Absolute paths of all files of the run, whatever they mention.
        walked: The folders in which the run looked for files: of these it has all.
        settings: Those of the run, which say what else is looked at; where there are none, the files of
            the run are all there is.
        contents: What was read of the files before.
        programs: What was parsed of the files before.
        texts: What was read of the files before, in the place of ``contents``, and found in them.
        documents: Absolute paths of documents, which hear of a project that they are no part of.
    """

    def __init__(
        self,
        paths: Iterable[str] = (),
        around: Iterable[str] = (),
        walked: Iterable[str] = (),
        settings: Settings | None = None,
        contents: Contents | None = None,
        programs: Programs | None = None,
        texts: LastTexts | None = None,
        documents: Iterable[str] = (),
    ) -> None:
        self._last = texts
        if texts is not None:
            contents = texts.contents
            texts.contents.begin()
            texts.layout.begin()
        self._roots = Roots() if texts is None else texts.layout.roots
        self._files: dict[str, list[str]] = {}
        self._paths = frozenset(paths)
        for path in sorted(self._paths):
            self._files.setdefault(self.root(path), []).append(path)
        self._hearing = self._paths.union(documents)
        self._around = tuple(around)
        self._by_root: dict[str, list[str]] = {}
        self._walked = frozenset(walked)
        self._settings = settings
        self._contents = Contents() if contents is None else contents
        self._known: dict[str, tuple[list[str], list[str]]] = {}
        self._before: dict[str, bytes] = {}
        self._turn = ""
        self._texts: dict[str, Texts] = {}
        self._said: dict[str, Said] = {}
        self._eras: dict[str, Era] = {}
        self._heads: dict[str, tuple[Era | None, frozenset[str]]] = {}
        self._digests: dict[tuple[str, bool], str] = {}
        self._led: frozenset[str] = frozenset()
        self._programs = Programs(_KEPT) if programs is None else programs
        self._configured: dict[str, tuple[bytes, ...]] = {}
        self._launching: dict[str, Around] = {}
        self._hooks: dict[str, Mapping[str, tuple[Hook, ...]]] = {}
        self._meant: dict[str, Mapping[str, Collection[str]]] = {}
        self._jobs: dict[str, Around] = {}
        self._parts: dict[str, frozenset[str]] = {}

    def __getstate__(self) -> dict[str, object]:
        """Leave out what can be worked out again."""
        state: dict[str, object] = dict(vars(self))
        for name in ("_configured", "_eras", "_heads", "_hooks", "_meant", "_texts"):
            state[name] = {}
        for name in ("_modules", "_module_files", "_graph"):
            state.pop(name, None)
        return state

    def era(self, path: str) -> Era | None:
        """The versions that the project of a file was written for; ``None`` where it is in none."""
        if path not in self._paths:
            return None
        root = self.root(path)
        if root not in self._eras:
            from titan_lint.uses.era import Era

            self._eras[root] = Era(uses=lambda: _all(self._said_in(root)))
        return self._eras[root]

    def root(self, path: str) -> str:
        """The folder of a file's project."""
        return self._roots.of(os.path.dirname(path))

    def before_and_now(
        self, path: str, pinned: Callable[[], Sequence[str]], unwritten: Mapping[str, bytes]
    ) -> tuple[Era, Era]:
        """The versions that the project of a file fitted before anything was fixed, and fits now.

        Args:
            path: The file; its project was read before.
            pinned: Gives the index keys of the version that the project pins.
            unwritten: What files hold now that does not lie on disk, by path.
        """
        from titan_lint.uses.era import Era
        from titan_lint.uses.neighbours import said

        root = self.root(path)
        before = Era((), lambda: _all(self._said_in(root)), None, lambda: self.head(path), pinned)
        return before, Era(uses=lambda: _all(said(self._parsed(root, unwritten))))

    def whole(self, path: str) -> Projects:
        """These, as if the run had been asked for all files of a file's project."""
        root = self.root(path)
        users, around = self._members(root)
        projects = Projects(users, around, (root,), self._settings)
        projects._before, projects._said = self._before, self._said
        return projects

    def users(self, path: str) -> Sequence[str]:
        """The files of a file's project that mention torchtitan, in order of path."""
        return self._members(self.root(path))[0]

    def jobs(self, path: str, data: bytes) -> Around:
        """What the project of a file with these bytes does with jobs itself, in files that the run has not looked at."""
        root = self.root(path)
        own = self._launchers(root) if runs_launcher(data) else Around()
        return self._jobs_in(root) | own

    def _launchers(self, root: str) -> Around:
        """What the scripts of a project do that have the name of torchtitan's."""
        if root not in self._launching:
            # Takes longer to import than most files to check.
            from titan_lint.uses.launches import hands_on

            texts = [
                self._text(path)
                for path in self._named(root, (LAUNCHER,))
                if os.path.basename(path) == LAUNCHER
            ]
            self._launching[root] = Around(
                launches=any(map(names_job, texts)),
                takes=not all(hands_on(text.decode("utf-8", "replace")) for text in texts),
            )
        return self._launching[root]

    def _jobs_in(self, root: str) -> Around:
        if root in self._walked or self._settings is None:
            return Around()
        if root not in self._jobs:
            from titan_lint.run.cache_key import Copies

            copies = Copies()
            self._jobs[root] = Around()
            for other in self._members(root)[1]:
                if not copies.hold(other):
                    self._jobs[root] |= self._once(other, of_program)
        return self._jobs[root]

    def head(self, path: str) -> Era | None:
        """The versions that the project of a file was written for at HEAD.

        ``None`` where it is in no repository of git, or says now what it said there. A file that was
        not there may be written for another version than those that were.
        """
        root = self.root(path)
        if root not in self._heads:
            self._heads[root] = self._at_head(root, self._members(root)[0] or [path])
        era, there = self._heads[root]
        if era is None or path in there:
            return era
        from titan_lint.uses.era import Era

        return Era(project=era, whole=False)

    def _at_head(self, root: str, paths: list[str]) -> tuple[Era | None, frozenset[str]]:
        """The era that some files had at HEAD, where they say something else now, and who was there."""
        from titan_lint.run import head

        contents = head.contents(root, paths)
        there = frozenset(contents)
        if not contents or all(self._is_now(path, contents.get(path)) for path in paths):
            return None, there
        from titan_lint.uses.era import Era

        return Era(uses=lambda: self._used_at_head(root, contents)), there

    def neighbours(self, path: str) -> Neighbours | None:
        """The files of a file's project; ``None`` where it is in none."""
        if path not in self._hearing:
            return None
        from titan_lint.uses.neighbours import Neighbours, dotted_module

        root = self.root(path)
        return Neighbours(lambda: self._said_in(root), dotted_module(os.path.relpath(path, root)))

    def readers(self, path: str) -> Readers | None:
        """The files that may import from a file; ``None`` where the run knows of none."""
        if path not in self._paths:
            return None
        from titan_lint.run.beside import Beside
        from titan_lint.uses.readers import Readers

        return Readers(Beside(self, path))

    def importing(self, path: str) -> Iterator[str]:
        """The other files of a project with a statement that imports a module, those beside it first.

        None is looked at before somebody asks for it.
        """
        folder, name = os.path.split(path)
        last = os.path.basename(folder) if name == "__init__.py" else name.removesuffix(".py")
        others = self._having(path, last)
        for other in sorted(others, key=lambda one: (os.path.dirname(one) != folder, one)):
            if any(
                self._module_files.find(other, module) == path
                for module in self._imports_of(other).get(last, ())
            ):
                yield other

    def _imports_of(self, path: str) -> Mapping[str, Collection[str]]:
        """The modules that a file may import, as they are written there, by the last part of their names."""
        if path not in self._meant:
            from titan_lint.code.importers import meant

            self._meant[path] = meant(self._text(path))
        return self._meant[path]

    def hooks_of(self, path: str) -> Mapping[str, tuple[Hook, ...]]:
        """What runs in a file's classes, by name."""
        if path not in self._hooks:
            from titan_lint.code.hooks import hooks

            program = self.parsed(path)
            self._hooks[path] = {} if program is None else hooks(program)
        return self._hooks[path]

    def let_in(
        self,
        folders: Iterable[str],
        is_other: Callable[[str], bool],
        remembered: Callable[
            [str, str, Callable[[], list[str]]], list[str]
        ] = lambda root, user, find: find(),
    ) -> list[str]:
        """The files of the run that name torchtitan nowhere, and may have something of it from their projects.

        They hear of their projects from then on, though what a project says is what the others say.

        Args:
            folders: In which the run was asked for files.
            is_other: Whether a file is none of them, whatever it imports.
            remembered: Gives all such files of a project by its folder, and one of its files in the run that names
                torchtitan, for which it may have them looked for.
        """
        found: list[str] = []
        for root in dict.fromkeys((*self._files, *map(self._roots.of, folders))):
            is_walked = self._settings is None or root in self._walked
            users = self._files.get(root)
            if is_walked and users is None:
                continue
            self._turn_to(root)
            mine = [
                path
                for path in self._all_in(root)
                if path not in self._paths and not is_other(path)
            ]
            if not is_walked and len(mine) <= _FEW:
                found += filter(self._graph.follows, mine) if mine else ()
                continue
            find = functools.partial(self._led_in, root)
            led = frozenset(remembered(root, users[0], find) if users else find())
            found += [path for path in mine if path in led]
        self._led = frozenset(found)
        self._paths |= self._led
        self._hearing |= self._led
        return found

    def _turn_to(self, root: str) -> None:
        """Forget what was found out from the texts of another project, whose turn is over."""
        if root != self._turn:
            self._contents.drop(lambda path: self.root(path) != root)
            if self._turn:
                self._texts.clear()
                self._parts.clear()
                self._graph.forget()
            self._turn = root

    @property
    def parsed_size(self) -> int:
        """Characters of all that was parsed so far, in this process."""
        return self._programs.parsed_size

    def turn_to(self, path: str) -> None:
        """Let go of what is known of other projects than a file's: their turn is over."""
        root = self.root(path)
        self._turn_to(root)
        self._programs.drop(lambda other: self.root(other) != root)
        if "_modules" in vars(self):
            self._modules.make_room(root)

    def _led_in(self, root: str) -> list[str]:
        """The files of a project that may have something of torchtitan's from others of it, whatever they name."""
        from titan_lint.code.importers import Importers

        users, around = self._members(root)
        # Most projects that name it just speak of it.
        if not any(map(self._graph.is_source, users)):
            return []
        return sorted(Importers(around, self._module_files.find, self._text, self._graph).led())

    def own_modules(self, path: str) -> OwnModules | None:
        """The modules that a file may import from its project; ``None`` where it is in none."""
        if path not in self._hearing:
            return None
        from titan_lint.uses.own_modules import OwnModules

        root = self.root(path)
        self._turn_to(root)
        self._modules.make_room(root)
        return OwnModules(path, self._modules)

    @functools.cached_property
    def _module_files(self) -> ModuleFiles:
        if self._last is not None:
            return self._last.layout.module_files
        from titan_lint.run.module_files import ModuleFiles

        return ModuleFiles(self.root)

    @functools.cached_property
    def _graph(self) -> ImportGraph:
        from titan_lint.code.import_graph import ImportGraph, ModuleText

        find, size = self._module_files.find, self._size
        if self._last is None:
            return ImportGraph(find, lambda path: self._once(path, ModuleText), size)
        return ImportGraph(
            find,
            lambda path: self._once(path, ModuleText),
            size,
            self._last.layout.steps,
            lambda path: path not in self._before,
        )

    @functools.cached_property
    def _modules(self) -> Modules:
        from titan_lint.uses.neighbours import dotted_module
        from titan_lint.uses.own_classes import OwnClasses
        from titan_lint.uses.own_modules import Modules

        return Modules(
            self._module_files.find,
            self._text,
            self.parsed,
            self._may_replace,
            OwnClasses(
                self._module_files.find,
                self._is_outside,
                self.parsed,
                lambda path, name: self.texts_in(path).changing(path, name),
                lambda path, cls, name: self.texts_in(path).hiding(path, cls, name),
                lambda path, owner, name: self.texts_in(path).putting(owner, name),
                lambda path, name: self.run_in(path, self.texts_in(path).binding(name)),
                self.deriving,
                lambda path, cls: self.run_in(path, self.texts_in(path).handing(cls)),
                lambda path, name: self.run_in(path, self.texts_in(path).defining(name)),
                lambda path, name: self.run_in(path, self.texts_in(path).working_out(name)),
            ),
            lambda path: dotted_module(os.path.relpath(path, self.root(path))),
            self._graph,
            lambda path, name, holder: self.run_in(path, self.texts_in(path).filling(name, holder)),
            _KEPT,
        )

    def deriving(self, path: str, cls: str) -> tuple[list[str], frozenset[str]]:
        """As :meth:`Texts.deriving`, of the files that run together with one."""
        files, names = self.texts_in(path).deriving(cls)
        return self.run_in(path, files), names

    def run_in(self, path: str, others: Iterable[str]) -> list[str]:
        """Some files without copies of torchtitan, and without those that hold tests where another one holds none."""
        from titan_lint.uses.neighbours import is_test

        root = self.root(path)
        with_tests = is_test(os.path.relpath(path, root))
        return [
            other
            for other in others
            if (with_tests or not is_test(os.path.relpath(other, root)))
            and not self._copies.hold(other)
        ]

    @functools.cached_property
    def _copies(self) -> Copies:
        from titan_lint.run.cache_key import Copies

        return Copies()

    def _is_outside(self, path: str, module: str) -> bool:
        """Whether an import in a file certainly means no module of its project, wherever modules may be found."""
        from titan_lint.run.module_files import is_elsewhere

        top = module.partition(".")[0]
        if not top or is_elsewhere(top):
            return bool(top)
        root = self.root(path)
        if root not in self._parts:
            self._parts[root] = frozenset(
                part.removesuffix(".py")
                for other in self.texts_in(path).paths
                for part in os.path.relpath(other, root).split(os.sep)
            )
        return top not in self._parts[root]

    def _may_replace(self, path: str, name: str) -> bool:
        """Whether another file of a project may put something in the place of a file's name, or of the file."""
        from titan_lint.uses.neighbours import dotted_module
        from titan_lint.uses.readers import replaced

        module = module_name(path)
        dotted = f".{dotted_module(os.path.relpath(path, self.root(path)))}"
        if any(
            dotted.endswith(f".{text}") or f".{text}".endswith(dotted)
            for text in self.texts_in(path).displaced
        ):
            return True
        # Most files just use it: those need no parsing.
        others = self.texts_in(path).replacing(self._having(path, name, module), name)
        return replaced(map(self.parsed, others), module, name)

    def _text(self, path: str) -> bytes:
        """What a file held when the run began; nothing where it cannot be read."""
        try:
            return self._read(path)
        except ReadError:
            return b""

    def _once(self, path: str, ask: Callable[[bytes], T]) -> T:
        """What ``ask`` works out about what :meth:`_text` has of a file."""
        data = self._before.get(path)
        try:
            return self._contents.once(path, ask) if data is None else ask(data)
        except ReadError:
            return ask(b"")

    def _size(self, path: str) -> int:
        """How many bytes :meth:`_text` has of a file, where it can be read."""
        data = self._before.get(path)
        try:
            return os.path.getsize(path) if data is None else len(data)
        except OSError:
            return 0

    def texts_in(self, path: str) -> Texts:
        """The files of a file's project, to be asked what is in them."""
        root = self.root(path)
        self._turn_to(root)
        if root not in self._texts:
            from titan_lint.run.texts import Texts

            paths, last = self._members(root)[1], None
            if self._last is not None:
                last = self._last.of([path for path in paths if path not in self._before])
                paths = [path for path in paths if path in self._before]
            at_hand = self._contents.room > 0
            self._texts[root] = Texts(paths, self._read, last, at_hand=at_hand)
        return self._texts[root]

    def _having(self, path: str, *words: str) -> list[str]:
        """The other files of a file's project that have some words in them."""
        return [other for other in self.texts_in(path).having(*words) if other != path]

    def _matching(self, path: str, word: str, patterns: tuple[bytes, ...]) -> list[str]:
        """The other files of a file's project in which one of some patterns is found that hold a word."""
        return sorted(self.texts_in(path).matching(word, patterns) - {path})

    def parsed(self, path: str) -> Program | None:
        """A file parsed as it was when the run began; ``None`` where it is no Python."""
        from titan_lint.code.source import Source, SourceError

        try:
            return self._programs.parsed(path, Source.decode(relative(path), self._read(path)))
        except (ReadError, SourceError):
            return None

    def settings_in(self, root: str) -> tuple[bytes, ...]:
        """What the files of settings hold that lie in a project; large ones are data."""
        if root not in self._configured:
            found = sorted(self._named(root, _SETTINGS))
            self._configured[root] = tuple(
                self._text(path) for path in found if self._size(path) <= _LARGE
            )
        return self._configured[root]

    def _named(self, root: str, suffixes: tuple[str, ...]) -> list[str]:
        """The files of a project whose names end so."""
        if self._settings is None:
            return []
        return below(root, self._settings, lambda folder: self._roots.of(folder) == root, suffixes)

    def has_strangers(self, path: str) -> bool:
        """Whether a file lies beside one that is left out of every run, and may ask for anything."""
        directory = os.path.dirname(path)
        try:
            beside = os.listdir(directory)
        except OSError:
            return True
        known = self.texts_in(path).paths
        return any(
            other.endswith(".py") and os.path.join(directory, other) not in known
            for other in beside
        )

    def _all_in(self, root: str) -> list[str]:
        """All files of a project that the run has, whatever they mention; nobody asks in most runs."""
        if not self._by_root:
            folders: dict[str, list[str]] = {}
            for path in self._around:
                folders.setdefault(path.rpartition(os.sep)[0], []).append(path)
            for paths in folders.values():
                self._by_root.setdefault(self.root(paths[0]), []).extend(paths)
            for found in self._by_root.values():
                found.sort()
        return self._by_root.get(root, [])

    def program(self, path: str, source: Source) -> Program:
        """Parse a file, once for the check and for what others of its project ask, whichever comes first.

        Raises:
            SourceError: The file is no Python.
        """
        return self._programs.parsed(path, source)

    def remember(self, path: str, data: bytes) -> None:
        """Go on taking a file to hold what it holds now, though it is written anew, or is not on disk."""
        self._before.setdefault(path, data)

    def read(self, paths: Iterable[str]) -> None:
        """Read some files, and what their projects say, before other processes fix any of them."""
        for path in paths:
            if path in self._hearing:
                self._said_in(self.root(path))
                try:
                    self.remember(path, read(path))
                except ReadError:
                    continue

    def digest(self, path: str, digests: Mapping[str, str], *, everything: bool = False) -> str:
        """Digest what a file's project says.

        Args:
            path: The file.
            digests: Digests of the contents of files, by path; the same in every call.
            everything: Whether it is all that any file says, and not what those that mention torchtitan do.
        """
        if path not in self._hearing:
            return ""
        known = self.digest_in(self.root(path), digests, everything)
        # Files that are left out of every run are asked for as well.
        if not everything:
            return known
        configured = digest(b"\0".join(self.settings_in(self.root(path))))
        return f"{_ALL}{self.has_strangers(path)} {configured} {known}"

    def is_current(self, path: str, digests: Mapping[str, str], known: str) -> bool:
        """Whether :meth:`digest` of a file's project is what it was, of whichever files that was."""
        return known == self.digest(path, digests, everything=known.startswith(_ALL))

    def digest_in(self, root: str, digests: Mapping[str, str], everything: bool = True) -> str:
        """As :meth:`digest`, of the project in a folder, as far as files of Python tell."""
        if (root, everything) not in self._digests:
            from titan_lint.run import head

            files, known = self._members(root)[everything], head.commit(root)
            told = "\0".join(f"{file}\0{self._digest(file, digests)}" for file in files)
            told += "\0".join(self._in_packages(root))
            self._digests[root, everything] = digest(os.fsencode(f"{told}\0{known}"))
        return self._digests[root, everything]

    def _digest(self, path: str, digests: Mapping[str, str]) -> str:
        if path in self._paths or path in digests:
            return digests[path]
        try:
            return digest(self._read(path))
        except ReadError as error:
            return error.message

    def shared_root(self, path: str) -> str | None:
        """The folder of a file's project, where the run has other files of it; else ``None``."""
        if path not in self._paths:
            return None
        root = self.root(path)
        return root if path in self._led or len(self._files[root]) > 1 else None

    def _members(self, root: str) -> tuple[list[str], list[str]]:
        """The files of a project that mention torchtitan, and all of its files, in order of path."""
        if root not in self._known:
            users, around = self._files.get(root, []), self._all_in(root)
            if self._settings is not None and root not in self._walked:
                users, around = self._on_disk(root, users, around, self._settings)
            self._known[root] = users, around
        return self._known[root]

    def _on_disk(
        self, root: str, users: Sequence[str], around: Sequence[str], settings: Settings
    ) -> tuple[list[str], list[str]]:
        """As :meth:`_members`, where the run was asked for some of the files only."""
        from titan_lint.run.cache_key import Copies

        copies = Copies()
        found = {*around, *below(root, settings, lambda folder: self._roots.of(folder) == root)}
        mine = set(users)
        for path in found - mine:
            if self._once(path, mentions_torchtitan) and not copies.hold(path):
                mine.add(path)
        return sorted(mine), sorted(found)

    def _read(self, path: str) -> bytes:
        """What a file held when the run began.

        Raises:
            ReadError: It cannot be read.
        """
        data = self._before.get(path)
        return self._contents.read(path) if data is None else data

    def _is_now(self, path: str, content: bytes | None) -> bool:
        """Whether a file had a content when the run began."""
        try:
            return self._read(path) == content
        except ReadError:
            return False

    def _said_in(self, root: str) -> Said:
        if root not in self._said:
            from titan_lint.uses.neighbours import said, with_package

            self._said[root] = with_package(said(self._parsed(root)), self._in_packages(root))
        return self._said[root]

    def _in_packages(self, root: str) -> list[str]:
        """The files of a project in folders called ``torchtitan`` that are none, and those that tell its packages.

        A file that stands for all of torchtitan is the only one then.
        """
        start, inside = len(root) + 1, f"{os.sep}torchtitan{os.sep}"
        around = self._members(root)[1]
        single = [path for path in _SINGLE if os.path.join(root, path) in around]
        if single:
            return single
        own = [p[start:] for p in around if inside in p[start - 1 :] and not self._copies.hold(p)]
        if not own:
            return []
        return sorted({*own, *(p[start:] for p in around if p.endswith("__init__.py"))})

    def _used_at_head(self, root: str, contents: Mapping[str, bytes]) -> Iterator[Use]:
        """What files use at HEAD."""
        now = self._said_in(root).uses
        for path, content in contents.items():
            if self._is_now(path, content):
                yield from now.get(relative(path), ())
            elif b"torchtitan" in content:
                yield from _used_in(path, content)

    def _parsed(
        self, root: str, now: Mapping[str, bytes] | None = None
    ) -> Iterator[tuple[Program, bool, str]]:
        """The files of a project that can be read, whether they are tests, and their dotted names.

        Args:
            root: The project's folder.
            now: What files hold that does not lie on disk, where all are taken as they are by now, and not
                as they were when the run began.
        """
        from titan_lint.code.source import Source, SourceError
        from titan_lint.uses.neighbours import dotted_module, is_test

        # Files of another project, whose turn is over, would be kept for nothing.
        self._programs.drop(lambda path: self.root(path) != root)
        for path in self._members(root)[0]:
            try:
                data = self._read(path) if now is None else now.get(path) or read(path)
                program = self._programs.parsed(path, Source.decode(relative(path), data))
            except (ReadError, SourceError):
                continue
            short = os.path.relpath(path, root)
            yield program, is_test(short), dotted_module(short)


def _all(said: Said) -> Iterator[Use]:
    """What all files of a project use."""
    return itertools.chain.from_iterable(said.uses.values())


@functools.lru_cache(maxsize=64)
def _used_in(path: str, content: bytes) -> Sequence[Use]:
    """What a file of some content uses; nothing where that is no Python."""
    from titan_lint.code.program import Program
    from titan_lint.code.source import Source, SourceError
    from titan_lint.uses.era import uses

    try:
        return uses(Program(Source.decode(relative(path), content)))
    except SourceError:
        return ()
