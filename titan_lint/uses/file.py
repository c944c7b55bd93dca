"""One file under check, as the rules see it."""

from __future__ import annotations

import ast
import functools

from titan_lint.api import bundle
from titan_lint.api.targets import Target, label_of
from titan_lint.code.resolver import Resolver
from titan_lint.code.values import UNKNOWN, Ref, Value, Values
from titan_lint.structs import Struct, field, replace
from titan_lint.uses.era import Era, of_programs
from titan_lint.uses.types import SurfaceTypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from titan_lint.code.program import Program
    from titan_lint.code.source import Source
    from titan_lint.uses.options import Options

    T = TypeVar("T")


_FOLLOWED = 16
"""How many modules of the project are followed from one file."""


class File(Struct, frozen=False, eq=False, slots=False):
    """A file held against one torchtitan: what rules are given.

    Attributes:
        program: The file itself.
        target: The torchtitan that it must fit.
        options: What the user asked for.
        package: Dotted name of the package that holds the file, where it matters and is known.
        targets: All that the file must fit; empty where that is ``target`` alone.
        beside: The files that were come by through imports, by their paths.
        hearing: The file that hears of others, where in this one names are what the file says alone.
    """

    program: Program
    target: Target
    options: Options
    package: str | None = None
    targets: tuple[Target, ...] = ()
    beside: dict[str, File] = field(default_factory=dict, repr=False)
    hearing: File | None = None

    @functools.cached_property
    def resolver(self) -> Resolver:
        """What expressions are."""
        if self.hearing is not None:
            return self.hearing.resolver.alone()
        types = SurfaceTypes(self.target.surface, self.options.neighbours)
        return Resolver(self.program, types, self.package, modules=self.options.modules)

    @functools.cached_property
    def _asked(self) -> dict[object, Any]:
        return {}

    def once(self, ask: Callable[[File], T]) -> T:
        """What ``ask`` works out about the file, worked out once: ``file.once(Attention)``."""
        if ask not in self._asked:
            self._asked[ask] = ask(self)
        return self._asked[ask]

    @functools.cached_property
    def era(self) -> Era:
        """The versions that the file was written for."""
        if self.hearing is not None:
            return self.hearing.era
        if self.options.written_for is not None:
            return Era((self.options.written_for,))
        return (self.options.era or self.program.once(of_programs)).against(self.target.surface)

    @functools.cached_property
    def called(self) -> dict[str, list[ast.Call]]:
        """The calls of what certainly has one import path, by that path."""
        found: dict[str, list[ast.Call]] = {}
        for call in self.calls:
            value = self.sole(call.func)
            if isinstance(value, Ref):
                found.setdefault(value.path, []).append(call)
        return found

    def is_replaced(self, *paths: str, by: ast.AST | None = None, others: bool = False) -> bool:
        """Whether the project puts something of its own at one of some paths into torchtitan.

        Args:
            paths: The paths.
            by: What asks for it, where it matters that this may run too early.
            others: Whether only what other files put there counts.
        """
        neighbours = self.options.neighbours
        if neighbours is None:
            return False
        is_first = by is not None and self.program.function(by) is None
        imported = self._imported_before(by) if by is not None and is_first else None
        return neighbours.replace(self.target.surface, paths, imported, others=others)

    def _imported_before(self, node: ast.AST) -> list[str]:
        """The modules that import statements before a node name, as they are written."""
        found: list[str] = []
        line = self.program.statement(node).lineno
        for statement in self.program.bindings.imports:
            if statement.lineno < line:
                names = [alias.name for alias in statement.names]
                if isinstance(statement, ast.ImportFrom):
                    module = f"{statement.module}." if statement.module else ""
                    names = [module[:-1], *(f"{module}{name}" for name in names)]
                found += filter(None, names)
        return found

    def is_filled(self, path: str, key: str | None = None) -> bool:
        """Whether the project may put something of its own into a dictionary of torchtitan's.

        Args:
            path: The dictionary.
            key: Under which key; ``None`` for any.
        """
        neighbours = self.options.neighbours
        return neighbours is not None and neighbours.fill(self.target.surface, path, key)

    @property
    def hears_others(self) -> bool:
        """Whether any name of the file's comes from torchtitan through another file of the project."""
        modules = self.options.modules
        return modules is not None and bool(modules.brings)

    @functools.cached_property
    def alone(self) -> File:
        """The file where nothing is known of what other files of the project have from torchtitan."""
        return File(
            self.program, self.target, self.options, self.package, self.targets, hearing=self
        )

    @functools.cached_property
    def _others(self) -> dict[str, File]:
        return {}

    @functools.cached_property
    def siblings(self) -> list[File]:
        """The file held against the other targets that it must fit."""
        if self.hearing is not None:
            return [sibling.alone for sibling in self.hearing.siblings]
        return [
            File(self.program, target, self.options, self.package)
            for target in self.targets
            if target.surface.key != self.target.surface.key
        ]

    def at(self, key: str) -> File:
        """The file held against another known version."""
        if self.hearing is not None:
            return self.hearing.at(key).alone
        if key not in self._others:
            surface = bundle.load(key)
            label = label_of(surface.provenance)
            target = Target(surface, label, "the code was written for it")
            self._others[key] = File(self.program, target, self.options, self.package)
        return self._others[key]

    def imported(self, module: str, *, bare: bool = False) -> File | None:
        """The file of a module of the project that the file imports; ``None`` where that is not known.

        Files that import each other are held against the target once, however they are come by, and
        not more of them than a question may cost.

        Args:
            module: The module, as the file's import names it.
            bare: Whether it is wanted where it imports nothing itself, too.
        """
        modules = self.options.modules
        found = modules.imported(module, bare=bare) if modules is not None else None
        if modules is None or found is None:
            return None
        program, seen = found
        self.beside.setdefault(modules.path, self)
        if seen.path not in self.beside:
            if len(self.beside) > _FOLLOWED:
                return None
            options = replace(self.options, modules=seen, readers=None)
            self.beside[seen.path] = File(program, self.target, options, beside=self.beside)
        return self.beside[seen.path]

    @functools.cached_property
    def _apart(self) -> dict[Program, File]:
        return {}

    def apart(self, program: Program) -> File:
        """Another file of the project held against the target as if there were no others."""
        if program not in self._apart:
            from titan_lint.uses.options import Options

            self._apart[program] = File(program, self.target, Options())
        return self._apart[program]

    def forget(self) -> None:
        """Let go of what was worked out, which holds the file in turn.

        A ring is freed by a garbage collection alone, which walks all that is alive; what is in no
        ring goes by itself.
        """
        others = *self._others.values(), *self._apart.values(), *self.beside.values()
        if self.hearing is None:
            others = *others, *self.siblings
        for file in (*others, self):
            if "alone" in vars(file):
                file.alone.forget()
            if "resolver" in vars(file):
                file.resolver.forget()
            vars(file).clear()

    @property
    def source(self) -> Source:
        """The file's text."""
        return self.program.source

    @property
    def tree(self) -> ast.Module:
        """The file's syntax tree."""
        return self.program.tree

    @functools.cached_property
    def calls(self) -> list[ast.Call]:
        """Every call in the file."""
        return self.program.bindings.calls

    @functools.cached_property
    def attributes(self) -> list[ast.Attribute]:
        """Every attribute expression in the file, reads and writes."""
        return self.program.bindings.attributes

    @functools.cached_property
    def values(self) -> Callable[[ast.expr], Values]:
        """All that an expression may be, ``None`` left out where it may be something else too."""
        return self.resolver.choices

    @functools.cached_property
    def sole(self) -> Callable[[ast.expr], Value]:
        """The one thing that an expression is, else :data:`~titan_lint.code.values.UNKNOWN`."""
        return self.resolver.sole

    def agrees(self, node: ast.expr, test: Callable[[Value], bool]) -> bool:
        """Whether ``test`` holds for everything that ``node`` may be."""
        found = self.values(node)
        return bool(found) and UNKNOWN not in found and all(map(test, found))
