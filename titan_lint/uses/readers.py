"""What the other files of a project do with what this one has: import it, replace it, read its fields."""

from __future__ import annotations

import ast
import functools
import itertools
import os
import re

from titan_lint.code.forms import MAKING, last_name
from titan_lint.code.hooks import CALLED, HEARING, SPECIAL
from titan_lint.code.source import module_name
from titan_lint.code.stores import stored
from titan_lint.code.uses import fills
from titan_lint.code.walk import walk
from titan_lint.code.word_patterns import begun, listed
from titan_lint.uses.alternatives import IMPORTING, LISTING, imports, parts, ways
from titan_lint.uses.asking import expecting
from titan_lint.uses.awaited import taken
from titan_lint.uses.era import dotted_path
from titan_lint.uses.fields import asks
from titan_lint.uses.neighbours import SETTING, is_test

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Protocol

    from titan_lint.code.hooks import Hook
    from titan_lint.code.names import ClassInfo
    from titan_lint.code.program import Program
    from titan_lint.code.stores import Store


_SETTLED = (
    rb"""(?<![\w.-])["']?%s["']?[ \t]*[:=][ \t]*"""
    rb"""(?:"([^"\n$?]*)"|'([^'\n$?]*)'|([\w.+-]+|~)?[ \t]*(?=[,}\]#\r\n]|\Z))"""
)
"""A setting in YAML, JSON or TOML, but for what is worked out: ``${...}``, ``???``."""

_OPERATORS = rb"[-+*/|%@&^]|//|\*\*|<<|>>"
"""Those that stand in front of ``=`` where what is there is changed."""

_PROPERTY = rb"(?<![@\w.])(?:functools\.)?(?:cached_)?property\("


if TYPE_CHECKING:

    class Others(Protocol):
        """The other files of a file's project; where they are given parsed, ``None`` stands for one that is no Python."""

        module: str
        """The last part of the file's module name."""

        def ask_for(self, name: str) -> bool:
            """Whether one of them may ask the file for a name."""
            ...

        def having(self, *words: str) -> Iterable[Program | None]:
            """Those that have some words in them, parsed."""
            ...

        def match(self, word: str, patterns: tuple[bytes, ...], besides: bytes = b"") -> bool:
            """Whether in one of them one of some patterns is found that hold a word, or more often than another one."""
            ...

        def matching(self, word: str, patterns: tuple[bytes, ...]) -> Iterable[Program | None]:
            """Those in which one of some patterns is found that hold a word, parsed."""
            ...

        def running(self, word: str, patterns: tuple[bytes, ...]) -> Iterable[Program | None]:
            """As :meth:`matching`, of those that run together with the file."""
            ...

        def asking(
            self, fields: tuple[str, ...], holders: frozenset[str]
        ) -> Iterable[Program | None]:
            """Those whose texts may ask what goes by one of some names for one of some fields, parsed."""
            ...

        def stating(self, cls: str) -> Iterable[Program | None]:
            """Those that may define a class of a name, parsed."""
            ...

        def importing(self, path: str) -> Iterable[Program | None]:
            """The files with a statement that imports the module at a path, those beside it first, parsed."""
            ...

        def hooks(
            self, name: str, patterns: tuple[bytes, ...], *, or_decorated: bool = False
        ) -> tuple[Hook, ...]:
            """The hooks of a name in those with one of some patterns, or in which a function of the name is decorated."""
            ...

        def derived(self, cls: str) -> Collection[str]:
            """The names of all classes that may derive from one of a name, itself among them."""
            ...

        def settings(self) -> Iterable[bytes]:
            """What the files of settings hold that lie in the project."""
            ...


class Readers:
    """The files that may import from one file.

    Args:
        others: The other files of its project.

    Attributes:
        is_consulted: Whether anybody has asked yet.
    """

    def __init__(self, others: Others) -> None:
        self.is_consulted = False
        self._others = others
        self._module = others.module
        self._replaced: dict[str, bool] = {}
        self._asked_of: dict[tuple[tuple[str, ...], frozenset[str]], bool] = {}
        self._known_classes: dict[str, list[ClassInfo]] = {}

    def ask_for(self, name: str) -> bool:
        """Whether another file may ask for a name of the file's: import it, read it, replace it."""
        self.is_consulted = True
        return self._others.ask_for(name)

    def replace(self, name: str) -> bool:
        """Whether another file may put something into the place of a name of the file's, as tests do.

        A mock that takes whatever it is called with, in a file that never asks what that was, does not
        count.
        """
        self.is_consulted = True
        if name not in self._replaced:
            self._replaced[name] = replaced(
                self._others.having(self._module, name), self._module, name
            )
        return self._replaced[name]

    def mention(self, name: str) -> bool:
        """Whether another file may mean something of the file's by a name: it has the word, wherever."""
        self.is_consulted = True
        word = begun(re.escape(name).encode()) + rb"\b"
        return self._others.ask_for(name) or self._others.match(name, (word,))

    def name_field(self, field: str) -> bool:
        """Whether another file reads a field of that name from something, or passes it by keyword."""
        self.is_consulted = True
        name = re.escape(field).encode()
        given = begun(name) + rb"\s*=[^=]"
        return self._others.match(field, (rb"\.\s*%s\b" % name, _quoted(name), given))

    def read_field(self, field: str) -> bool:
        """Whether another file reads a field of that name from something, whatever it is."""
        self.is_consulted = True
        name = re.escape(field).encode()
        return self._others.match(field, (rb"\.\s*%s\b(?!\s*=[^=])" % name, _quoted(name)))

    def naming(self, function: str) -> Iterator[Program | None]:
        """The other files that may call a function by its name; ``None`` for one that is no Python."""
        self.is_consulted = True
        yield from self._others.matching(
            function, (rb"%s\b" % begun(re.escape(function).encode()),)
        )

    def expect_failure(self, path: str, fixtures: Collection[str]) -> bool:
        """Whether a ``conftest.py`` above a file, or a plugin, may mark its tests to fail.

        Args:
            path: The file.
            fixtures: The fixtures that a test asks for.
        """
        self.is_consulted = True
        return any(
            mark in ("", *fixtures)
            for program in self._others.matching("xfail", (rb"\bxfail\b",))
            if program is not None
            for mark in expecting(program, path)
        )

    def ask_of(self, fields: Iterable[str], holders: Collection[str]) -> bool:
        """Whether another file asks something for one of some fields; see :func:`titan_lint.uses.fields.asks`."""
        self.is_consulted = True
        asked = tuple(fields), frozenset(holders)
        if asked not in self._asked_of:
            self._asked_of[asked] = any(
                program is None or asks(program, *asked) for program in self._may_ask_of(*asked)
            )
        return self._asked_of[asked]

    def ask_beside(
        self, fields: Iterable[str], names: Iterable[str], own: Iterable[str] = ()
    ) -> bool:
        """Whether another file asks anything for one of some fields, and has something to do with some names.

        Args:
            fields: The fields.
            names: The names of functions, one of which it has in it.
            own: Names of the file in hand, one of which it has in it with that of the file's module.
        """
        self.is_consulted = True
        asked = tuple(fields)
        near = [_word(name) for name in sorted(names)]
        module = _word(self._module)
        held = [_word(name) for name in sorted(own)]
        return any(
            program is None
            or (
                (
                    any(word.search(program.source.text) for word in near)
                    or (
                        module.search(program.source.text) is not None
                        and any(word.search(program.source.text) for word in held)
                    )
                )
                and asks(program, asked, ())
            )
            for program in self._may_ask_of(asked, frozenset())
        )

    def _may_ask_of(
        self, fields: tuple[str, ...], holders: frozenset[str]
    ) -> Iterator[Program | None]:
        """The files whose texts may ask something for one of some fields."""
        if holders:
            yield from self._others.asking(fields, holders)
            return
        for field in fields:
            name = re.escape(field).encode()
            read, given = rb"\.\s*%s\b" % name, begun(name) + rb"\s*=[^=]"
            patterns = read, given, _quoted(name), rb"""%s["']""" % name
            yield from self._others.matching(field, patterns)

    def call(self, name: str) -> bool:
        """Whether another file calls something of that name on anything but ``super()``."""
        self.is_consulted = True
        called = rb"%s(?<=\.%s)(?<!super\(\)\.%s)\s*\(" % ((re.escape(name).encode(),) * 3)
        return self._others.match(name, (called,))

    def build(self, names: Sequence[str]) -> bool:
        """Whether another file builds something from a config with one of some arguments."""
        self.is_consulted = True
        passed = "|".join(map(re.escape, names)).encode()
        built = rb"\bbuild\([^()]*\b(?:%s)\s*=" % passed
        return self._others.match("build", (built,))

    def set_field(self, field: str) -> bool:
        """Whether another file may set a field of that name on something that it has from the file.

        It asks the file by its name; or it sets the field on what its own ``self`` holds, which may be derived
        from a class of the file elsewhere.
        """
        self.is_consulted = True
        held = rb"\n[ \t]+self(?:\.\w+)+\.%s\s*(?::[^=\n]+)?=[^=]" % re.escape(field).encode()
        return self._others.match(field, (held,)) or any(
            program is None or _sets(program, field)
            for program in self._others.having(self._module, field)
        )

    def imitate(self, name: str) -> bool:
        """Whether another file that imports from this one, a test above all, makes something with a member of that name.

        A stand-in is told from torchtitan's own by nobody who is handed it, and has the member under its old name alone.
        """
        self.is_consulted = True
        return any(
            program is None or imitates(program, name)
            for program in self._others.having(self._module, name)
        )

    def put(self, name: str, near: Iterable[str] | None = None, *, tests: bool = False) -> bool:
        """Whether another file that holds no tests may give something a member of that name, but for ``self``.

        Args:
            name: The member.
            near: Names of which such a file has one, for what that may be: of its class, or of a function that gets it.
            tests: Whether files that hold tests count, too.
        """
        self.is_consulted = True
        known = None if near is None else frozenset(near)
        word = re.escape(name).encode()
        # They begin with plain characters, to be found quickly.
        held = rb"\.%s(?<!\bself\.%s)\s*(?::[^=\n]+)?=[^=]" % (word, word)
        named = rb"setattr\((?<![.\w]setattr\()[^)\n]*%s" % _quoted(word)
        otherwise = rb"\b__setattr__\([^)\n]*%s" % _quoted(word)
        filled = rb"(?:\b__dict__|\bvars\([^()]*\))(?:\.update\([^)]*\b%s\s*=|\[%s\])" % (
            word,
            rb"""["']%s["']""" % word,
        )
        return any(
            program is None
            or (
                (tests or not is_test(program.source.path))
                and (known is None or not known.isdisjoint(_named_in(program)))
                # What is set on a class of torchtitan's itself is that one's: who replaces it is asked elsewhere.
                and any(
                    not store.is_own and dotted_path(program, store.owner) is None
                    for store in stored(program, name)
                )
            )
            for program in self._others.matching(name, (held, named, otherwise, filled))
        )

    def change(self, name: str, classes: Sequence[str] = ()) -> bool:
        """Whether another file may give something that is there already another member of that name.

        Args:
            name: The member.
            classes: The class that has it, and the bases of that, where they are known. One that derives from it makes
                its own instances otherwise; what is set on ``self`` in a class that has nothing to do with it is not its.
        """
        self.is_consulted = True
        word = re.escape(name).encode()
        held = rb"\.%s(?<=\.%s)\s*(?::[^=\n]+)?(?:%s)?=[^=]" % (word, word, _OPERATORS)
        named = rb"setattr\((?<![.\w]setattr\()[^)\n]*%s" % _quoted(word)
        return any(
            program is None
            or any(
                node.attr == name and isinstance(node.ctx, ast.Del)
                for node in program.bindings.attributes
            )
            or any(self._may_change(program, store, classes) for store in stored(program, name))
            for program in self._others.matching(
                name, (held, *listed(word), named, rb"\bdel\b[^\n]*\.%s\b" % word)
            )
        )

    def _may_change(self, program: Program, store: Store, classes: Sequence[str]) -> bool:
        own = program.class_of(store.node) if store.is_own else None
        if own is None:
            return True
        function = program.function(store.node)
        is_made = isinstance(function, ast.FunctionDef) and function.name in MAKING
        if not classes:
            return not is_made
        # Another class of the same name is another one.
        mine, *above = classes
        if mine in self._above(_bases_outside(program, own)):
            return True
        return not is_made and own.node.name in {*self._above(above)} - {mine}

    def _above(self, names: Iterable[str]) -> list[str]:
        """Some classes by the last parts of their names, and those from which they derive in other files."""
        found = list(dict.fromkeys(names))
        for name in found:
            bases = {last_name(base) for info in self._classes(name) for base in info.node.bases}
            found += sorted(bases.difference(found, ("",)))
        return found

    def give(self, name: str) -> bool:
        """Whether another file may give something a member of that name: it sets one, or registers it."""
        self.is_consulted = True
        word = re.escape(name).encode()
        held = rb"\.%s\s*(?::[^=\n]+)?=[^=]" % word
        named = rb"(?:add_module|register_\w+|setattr)\([^)]*%s" % _quoted(word)
        return self._others.match(name, (held, named))

    def hooks(self, name: str) -> tuple[Hook, ...]:
        """What runs in classes of other files by a name: a special method, a property."""
        self.is_consulted = True
        word = re.escape(name).encode()
        if name in SPECIAL:
            # A call of it on something, ``function.__get__(self)``, makes none.
            made = rb"%s(?<![.\w]%s)\s*\(" % (word, word)
            return self._others.hooks(name, (made, begun(word) + rb"\s*=(?!=)"))
        if name in HEARING:
            # It is called, or assigned to as an attribute.
            return self._others.hooks(name, (rb"\b%s\(|\.%s\s*=[^=]" % (word, word),))
        patterns: tuple[bytes, ...] = ()
        if name in CALLED:
            patterns = (rb"def\s+%s\b" % word,)
        elif self._others.match("property", (_PROPERTY,)):
            patterns = (rb"\n[ \t]+%s[ \t]*(?::[^=\n]+)?=[ \t]*[\w.]+\(" % word,)
        return self._others.hooks(name, patterns, or_decorated=True)

    def declared(self, cls: str, name: str) -> frozenset[str] | None:
        """The types that a class at a path declares a field with, or a base of it; ``None`` where one may have none.

        Classes are told by the last part of their name: it holds for all of the project's that are called so.
        """
        self.is_consulted = True
        found: set[str] = set()
        todo = [cls.rpartition(".")[2]]
        for called in todo:
            classes = self._classes(called) if called else []
            if not classes:
                return None
            for info in classes:
                if name in info.attributes or name in info.scope.bindings:
                    found |= _declared(info, name)
                elif not info.node.bases:
                    return None
                else:
                    todo += {last_name(base) for base in info.node.bases} - {*todo}
        return frozenset(found)

    def set_at(self, name: str) -> Sequence[Program]:
        """The other files that run with the file and may give something that goes by a name: also ``--attn-type``."""
        self.is_consulted = True
        word, option = re.escape(name).encode(), name.replace("_", "-")
        bound = begun(word) + rb"\s*(?:[:=](?!=)|,[^\n]*=(?!=))"
        found = self._run(name, bound, _quoted(word), rb"(?:def|as)\s+%s\b" % word)
        if option != name:
            more = self._run(option, rb"--%s\b" % re.escape(option).encode())
            found += [program for program in more if program not in found]
        return found

    def call_with(self, name: str) -> Sequence[Program]:
        """The other files that run with the file and may call something by a name, or hand it on to be called."""
        self.is_consulted = True
        word = re.escape(name).encode()
        return self._run(name, begun(word) + rb"(?<=%s)(?:\s*[(,)]|\s+as\b|[ \t]*[\r\n])" % word)

    def define(self, name: str) -> Sequence[Program]:
        """The other files that run with the file and define a function of a name."""
        self.is_consulted = True
        return self._run(name, rb"def\s+%s\b" % re.escape(name).encode())

    def equip(self, name: str) -> Sequence[Program]:
        """The other files that run with the file, have a name in them and something to do with attention."""
        self.is_consulted = True
        word = re.escape(name).encode()
        return [
            program
            for program in self._run(name, begun(word) + rb"(?<=%s)\b" % word)
            if program.mentions_torchtitan and "ttention" in program.source.text
        ]

    def state(self, cls: str) -> Sequence[ClassInfo]:
        """The classes of other files that go by a name."""
        self.is_consulted = True
        return self._classes(cls)

    def _run(self, name: str, *patterns: bytes) -> list[Program]:
        return [one for one in self._others.running(name, patterns) if one is not None]

    def derive(self, cls: str) -> Collection[str]:
        """The names of the classes that may derive from one of a name, itself among them."""
        self.is_consulted = True
        return self._others.derived(cls)

    def settle(self, name: str) -> Iterable[str]:
        """The plain values that files of settings give a setting of a name."""
        self.is_consulted = True
        pattern = re.compile(_SETTLED % re.escape(name).encode(), re.MULTILINE)
        found = {match for data in self._others.settings() for match in pattern.finditer(data)}
        return sorted(
            {(one[1] or one[2] or one[3] or b"").decode("utf-8", "replace") for one in found}
        )

    def _classes(self, called: str) -> list[ClassInfo]:
        if called not in self._known_classes:
            self._known_classes[called] = [
                info
                for program in self._others.stating(called)
                if program is not None
                for info in program.bindings.classes.values()
                if info.node.name == called
            ]
        return self._known_classes[called]

    def await_any(self, names: Iterable[str]) -> bool:
        """Whether other files import a name of the file's with care, and then use it.

        What they do with it runs only where the file can be imported.
        """
        self.is_consulted = True
        seen = {(self._module, name, False) for name in names}
        todo = sorted(seen)
        for module, name, is_careful in todo:
            for program in self._others.having(module, name):
                if program is None:
                    continue
                here = module_name(program.source.path)
                for way in taken(program, module, name):
                    careful = is_careful or way.careful
                    if careful and way.used:
                        return True
                    handed = (here, way.bound or name, careful)
                    if handed not in seen:
                        seen.add(handed)
                        todo.append(handed)
        return False

    def choose(self, path: str) -> bool:
        """Whether another file imports a module if it can, and else takes something else.

        Args:
            path: The path of the file, as those of the others are written.
        """
        self.is_consulted = True
        name = parts(path)[-1]
        word = re.escape(name).encode()
        if not self._others.match(name, tuple(way.replace(b"NAME", word) for way in _WITH_CARE)):
            return False
        todo = [(parts(path), _FAR)]
        seen = {parts(path)}
        for module, left in todo:
            for program in self._importing(module):
                if program is None:
                    continue
                how = ways(program, module, functools.partial(self._lists, module))
                if how.is_choice:
                    return True
                here = parts(program.source.path)
                if how.fails and left and here not in seen:
                    seen.add(here)
                    todo.append((here, left - 1))
        return False

    def bring_in(self, path: str) -> Iterator[tuple[Program, ast.AST] | None]:
        """The statements and calls of other files that may import a module; ``None`` for one that is not known.

        Args:
            path: The path of the file, as those of the others are written.
        """
        self.is_consulted = True
        module = parts(path)
        if not module or not module[-1].isidentifier():
            return
        named = rb"\b%s\b" % rb"[./]".join(map(re.escape, map(os.fsencode, module[-2:])))
        seen: set[Program | None] = set()
        is_found = False
        for found in (self._import_by_name(path), self._import_any(module)):
            for program in found:
                if program in seen:
                    continue
                seen.add(program)
                if program is None:
                    yield None
                    continue
                for site in imports(program, module, functools.partial(self._lists, module)):
                    is_found = True
                    yield program, site
            # Those that have it worked out what they import are many, and all of them have to be parsed.
            if not is_found:
                return
        if any(re.search(named, data) for data in self._others.settings()):
            yield None

    def _import_by_name(self, path: str) -> Iterator[Program | None]:
        """The files with a statement that imports a module, then those that may hand its name to a function which does."""
        yield from self._others.importing(path)
        word = re.escape(parts(path)[-1]).encode()
        for function in IMPORTING:
            yield from self._others.matching(function, (rb"%s(?<=[\"'.]%s)[\"']" % (word, word),))

    def _import_any(self, module: Sequence[str]) -> Iterator[Program | None]:
        """The files that import modules by names, as far as one may be that of a module."""
        is_listed = self._lists(module)
        word = re.escape(module[-1]).encode()
        for function in IMPORTING:
            # One that no text names is worked out of a part of its name, or is one of all in a folder.
            called = rb"%s\(\s*[rR]?[fF]" % function.encode()
            named = (begun(word) + rb"[\"']", called, *_LISTED)
            yield from self._others.matching(function, (function.encode(),) if is_listed else named)

    def _lists(self, module: Sequence[str]) -> bool:
        """Whether another file names a module in a text."""
        named = re.escape(".".join(module[-2:])).encode()
        return self._others.match(module[-1], (rb"""%s(?<=["'.]%s)["']""" % (named, named),))

    def _importing(self, module: Sequence[str]) -> Iterator[Program | None]:
        """The other files that may import a module, by their look."""
        name = module[-1]
        word = re.escape(name).encode()
        around = b"|".join(re.escape(part).encode() for part in module[-2:-1])
        patterns = (
            rb"\.%s\b(?<=[\s.]\.%s)" % (word, word),
            rb"(?:import|from)[ \t]+%s\b" % word,
            rb"from[ \t]+(?:\.+|[\w.]*\b(?:%s))[ \t]+import\b(?:[^\n(]*|[ \t]*\([^)]*)\b%s\b"
            % (around, word),
            *((rb"%s\.%s\b" % (around, word),) if around else ()),
        )
        seen: set[Program | None] = set()
        by_statement = self._others.matching(name, patterns)
        for program in itertools.chain(by_statement, self._import_any(module)):
            if program not in seen:
                seen.add(program)
                yield program

    def make(self, name: str, *, by_position: bool = False) -> bool:
        """Whether another file calls a name of the file's with what it unpacks: ``Parallelism(**given)``.

        Args:
            name: The name.
            by_position: Whether arguments by position count, too.
        """
        self.is_consulted = True
        word = begun(re.escape(name).encode())
        given = word + rb"\s*\([^()]*\*"
        if by_position:
            given += rb"|" + word + rb"\s*\(\s*(?!\w+\s*=[^=])[^)\s]"
        return self._others.ask_for(name) and self._others.match(name, (given,))

    def ask_its_name(self, name: str) -> bool:
        """Whether another file asks classes for their names, and has that of one: ``type(config).__name__ == "Training"``."""
        self.is_consulted = True
        return any(
            program is not None and asks_class_name(program)
            for program in self._others.matching(name, (_quoted(re.escape(name).encode()),))
        )

    def need_whole(self, functions: Iterable[str], fields: Collection[str]) -> bool:
        """Whether a function of another file needs more of what it is given than some fields: see :func:`needs_whole`."""
        self.is_consulted = True
        return any(
            program is not None and needs_whole(program, name, fields)
            for name in functions
            for program in self._others.matching(name, (rb"\bdef %s\(" % re.escape(name).encode(),))
        )

    def pass_by_name(self, method: str, keyword: str) -> bool:
        """Whether another file calls a method of a name with a keyword."""
        self.is_consulted = True
        return any(
            program is not None
            and any(
                word.arg == keyword for call in program.called(method) for word in call.keywords
            )
            for program in self._others.matching(method, (rb"\b%s\(" % method.encode(),))
        )

    def tell_apart(self, field: str, value: str, *callees: str) -> bool:
        """Whether other files may tell by a field whether it holds a value: they read the one, and name the other.

        Args:
            field: The field, such as ``spmd_backend``.
            value: The value.
            callees: What takes the value by position as well.
        """
        self.is_consulted = True
        name, text = re.escape(field).encode(), re.escape(value).encode()
        quoted = rb"""["']%s["']""" % text
        given = rb"(?:\b%s\s*(?::[^=\n]*)?=\s*%s)" % (name, quoted) + b"".join(
            rb"|(?:\b%s\(\s*%s)" % (callee.encode(), quoted) for callee in callees
        )
        return self.read_field(field) and self._others.match(value, (_quoted(text),), given)


_WITH_CARE = (
    rb"\n[ \t]+(?:from|import)[ \t][^\n]*(?<!\w)NAME\b",
    rb"\b(?:import_module|__import__|iter_modules|walk_packages)\(",
)
"""One that is imported in a block, or by a name that is worked out."""

_LISTED = tuple(begun(function.encode()) for function in LISTING)

_FAR = 1
"""Through how many files that import a module plainly it is followed who chooses between it and another one."""


def imitates(program: Program, name: str) -> bool:
    """Whether a file makes something with a member of a name: a mock, a namespace, or an instance of a class of its own."""
    for call in program.bindings.calls:
        made = program.bindings.of(call.func) if isinstance(call.func, ast.Name) else []
        callees = {binding.member for binding in made} | {last_name(call.func)}
        if not callees.isdisjoint(_STAND_INS) and any(
            word.arg == name
            or (word.arg is None and any(_begins(part, name) for part in walk(word.value)))
            for word in call.keywords
        ):
            return True
    if any(not store.is_own for store in stored(program, name)):
        return True
    return any(
        name in info.scope.bindings or name in info.attributes
        for info in program.bindings.classes.values()
    )


def _begins(node: ast.AST, name: str) -> bool:
    """Whether a text is a name, or a path that begins with it."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.partition(".")[0] == name
    )


_STAND_INS = frozenset(
    {
        *("SimpleNamespace", "Namespace", "Mock", "MagicMock", "AsyncMock", "NonCallableMock"),
        *("NonCallableMagicMock", "create_autospec", "namedtuple", "type", "make_dataclass"),
    }
)
"""What makes things that look like others."""


def asks_class_name(program: Program) -> bool:
    """Whether a file asks some class for its name."""
    return any(node.attr in CLASS_NAMES for node in program.reads)


CLASS_NAMES = frozenset({"__name__", "__qualname__"})


def needs_whole(program: Program, function: str, fields: Collection[str]) -> bool:
    """Whether a function of a name needs the dictionary of what it is given, or sets what is none of some fields.

    Args:
        program: The file.
        function: The name of the function.
        fields: The fields that what it is given has.
    """
    for node in program.of(ast.FunctionDef):
        if node.name != function:
            continue
        given = {
            one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        }
        for part in ast.walk(node):
            match part:
                case ast.Attribute(value=ast.Name(id=name), attr=attr, ctx=ctx) if name in given:
                    is_set = isinstance(ctx, ast.Store) and attr not in fields
                    if is_set or attr == "__dict__":
                        return True
                case ast.Call(func=called, args=[ast.Name(id=name), *others]) if name in given:
                    match last_name(called), others:
                        case (("vars" | "ref" | "proxy" | "finalize"), _):
                            return True
                        case "setattr", [ast.Constant(value=str() as text), *_]:
                            if text not in fields:
                                return True
                        case "setattr", _:
                            return True
                        case _:
                            pass
                case _:
                    pass
    return False


def _named_in(program: Program) -> frozenset[str]:
    """The names that a file defines, imports and reads."""
    return program.once(_names_in)


def _names_in(program: Program) -> frozenset[str]:
    found: set[str] = set()
    for node in program.nodes:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.add(name)
            case (
                ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.alias(name=name)
            ):
                found.add(name.rpartition(".")[2])
            case _:
                pass
    return frozenset(found)


def _bases_outside(program: Program, info: ClassInfo) -> list[str]:
    """The last parts of the names of what a class derives from beyond its file."""
    here = {one.node.name: one for one in program.bindings.classes.values()}
    todo, outside = [info], dict[str, None]()
    for one in todo:
        for name in map(last_name, one.node.bases):
            if name not in here:
                outside[name] = None
            elif here[name] not in todo:
                todo.append(here[name])
    return list(outside)


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


def _declared(info: ClassInfo, name: str) -> set[str]:
    """The last parts of the types that a class declares an attribute with; empty for none."""
    found: set[str] = set()
    for binding in (*info.scope.bindings.get(name, ()), *info.attributes.get(name, ())):
        annotation = binding.annotation
        if isinstance(annotation, ast.Subscript):
            annotation = annotation.value
        found.add("" if annotation is None else last_name(annotation))
    return found


def _quoted(text: bytes) -> bytes:
    """As :func:`begun`, for what stands in quotes."""
    return rb"""%s(?<=["']%s)["']""" % (text, text)


def _sets(program: Program, field: str) -> bool:
    """Whether a file sets a field of that name on something but its own ``self``, or may do so."""
    for node in program.bindings.attributes:
        if node.attr == field and isinstance(node.ctx, ast.Store):
            if not (isinstance(node.value, ast.Name) and node.value.id == "self"):
                return True
    return fills(program, field)


def replaced(programs: Iterable[Program | None], module: str, name: str) -> bool:
    """Whether one of some files may put something into the place of a module's name; ``None`` is no Python."""
    return any(program is None or _stubs(program, module, name) for program in programs)


def _stubs(program: Program, module: str, name: str) -> bool:
    """Whether a file may put something into a name of a module that does not take all that is passed."""
    asked = any(
        node.attr in _CALLED or node.attr.startswith("assert_")
        for node in program.bindings.attributes
    )
    for node in program.of(ast.Attribute, ast.Subscript, ast.Constant, ast.Call):
        match node:
            case ast.Attribute(attr=attr, ctx=ast.Store() | ast.Del()) if attr == name:
                return True
            case ast.Subscript(slice=ast.Constant(value=key), ctx=ast.Store()) if key == name:
                return True
            case ast.Constant(value=str() as text) if _names(text, module, name):
                call = program.parents[node]
                if asked or not isinstance(call, ast.Call) or not _takes_all(call, node):
                    return True
            case ast.Call() if last_name(node.func) in SETTING:
                if any(keyword.arg == name for keyword in node.keywords):
                    if last_name(node.func) == "multiple":
                        return True
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and argument.value == name:
                        if asked or not _takes_all(node, argument):
                            return True
            case _:
                pass
    return False


def _names(text: str, module: str, name: str) -> bool:
    """Whether a text is a dotted path to a name of a module: ``pkg.engine.Training``."""
    *owner, last = text.split(".")
    return last == name and module in owner


def _takes_all(call: ast.Call, target: ast.expr) -> bool:
    """Whether a call is ``patch(target)`` or ``patch.object(owner, target)`` that makes a mock by itself."""
    from titan_lint.code.patches import makes_mock

    return makes_mock(call) and call.args[-1] is target


_CALLED = frozenset({"call_args", "call_args_list", "mock_calls", "method_calls"})
