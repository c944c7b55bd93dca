"""One file under check, as the rules see it."""

from __future__ import annotations

import ast
import functools

from titan_lint.api import bundle
from titan_lint.api.targets import Target, label_of
from titan_lint.code.forms import is_torchtitans
from titan_lint.code.resolver import Resolver
from titan_lint.code.values import (
    UNKNOWN,
    LocalClass,
    LocalInstance,
    OwnClass,
    Ref,
    Value,
    Values,
    root,
)
from titan_lint.code.walk import walk
from titan_lint.structs import Struct, field, replace
from titan_lint.uses.era import Era, of_programs
from titan_lint.uses.types import SurfaceTypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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
    """

    program: Program
    target: Target
    options: Options
    package: str | None = None
    targets: tuple[Target, ...] = ()
    beside: dict[str, File] = field(default_factory=dict, repr=False)

    @functools.cached_property
    def resolver(self) -> Resolver:
        """What expressions are."""
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

    def is_replaced(self, *paths: str, by: ast.AST | None = None) -> bool:
        """Whether the project puts something of its own at one of some paths into torchtitan.

        Args:
            paths: The paths.
            by: What asks for it, where it matters that this may run too early.
        """
        neighbours = self.options.neighbours
        if neighbours is None:
            return False
        is_first = by is not None and self.program.function(by) is None
        imported = self._imported_before(by) if by is not None and is_first else None
        return neighbours.replace(self.target.surface, paths, imported)

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

    @functools.cached_property
    def _alone(self) -> Resolver:
        """What expressions are by what the file says alone."""
        return Resolver(
            self.program, SurfaceTypes(self.target.surface, self.options.neighbours), self.package
        )

    @functools.cached_property
    def _doubting(self) -> Resolver:
        """What expressions are where whatever may be in the way of what other files say is."""
        from titan_lint.uses.own_modules import Unsaid

        types = SurfaceTypes(self.target.surface, self.options.neighbours)
        return Resolver(self.program, types, self.package, modules=Unsaid())

    @property
    def hears_others(self) -> bool:
        """Whether any name of the file's comes from torchtitan through another file of the project."""
        modules = self.options.modules
        return modules is not None and bool(modules.brings)

    def is_through_others(self, node: ast.AST) -> bool:
        """Whether it takes other files of the project to tell what the statement around a node is about."""
        # What is handed to a call tells nothing of that, unless it is torchtitan's.
        handed = (*node.args, *node.keywords) if isinstance(node, ast.Call) else ()
        besides = {part for argument in handed for part in walk(argument)}
        return self._derives_otherwise(node, self._alone) or any(
            isinstance(part, ast.expr)
            and (found := self.values(part)) != self._alone.choices(part)
            and any(
                root(value) == "torchtitan"
                or (part not in besides and _builds_on_torchtitan(value))
                for value in found
            )
            for part in walk(self.program.statement(node))
        )

    def rests_on_doubts(self, node: ast.AST) -> bool:
        """Whether what is said of a node may be in vain where other files of the project are in the way of it."""
        modules = self.options.modules
        if modules is None or not (modules.brings or modules.rests_on_doubts):
            return False
        statement = self.program.statement(node)
        tests = (getattr(one, "test", None) for one in self.program.ancestors(statement))
        return self._derives_otherwise(node, self._doubting) or any(
            isinstance(part, ast.expr)
            and not isinstance(getattr(part, "ctx", None), ast.Store | ast.Del)
            and any(
                value is not UNKNOWN and root(value) in (None, "torchtitan")
                for value in self.values(part)
            )
            and self.values(part) != self._doubting.choices(part)
            for whole in (statement, *filter(None, tests))
            for part in walk(whole)
        )

    def _derives_otherwise(self, node: ast.AST, others: Resolver) -> bool:
        """Whether a class around a node has other bases of torchtitan's for another resolver."""
        statement = self.program.statement(node)
        return any(
            _torchtitans(self.resolver.foreign_bases(info))
            != _torchtitans(others.foreign_bases(info))
            for ancestor in (statement, *self.program.ancestors(statement))
            if isinstance(ancestor, ast.ClassDef)
            for info in (self.program.bindings.classes[ancestor],)
        )

    @functools.cached_property
    def _others(self) -> dict[str, File]:
        return {}

    @functools.cached_property
    def siblings(self) -> list[File]:
        """The file held against the other targets that it must fit."""
        return [
            File(self.program, target, self.options, self.package)
            for target in self.targets
            if target.surface.key != self.target.surface.key
        ]

    def at(self, key: str) -> File:
        """The file held against another bundled version."""
        if key not in self._others:
            label = label_of(bundle.index()[key])
            target = Target(bundle.load(key), label, "the code was written for it")
            self._others[key] = File(self.program, target, self.options, self.package)
        return self._others[key]

    def imported(self, module: str) -> File | None:
        """The file of a module of the project that the file imports; ``None`` where that is not known.

        Files that import each other are held against the target once, however they are come by, and
        not more of them than a question may cost.
        """
        modules = self.options.modules
        found = modules.imported(module) if modules is not None else None
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

    def forget(self) -> None:
        """Let go of what was worked out, which holds the file in turn.

        A ring is freed by a garbage collection alone, which walks all that is alive; what is in no
        ring goes by itself.
        """
        for file in (*self._others.values(), *self.beside.values(), *self.siblings, self):
            for made in map(vars(file).get, ("resolver", "_alone", "_doubting")):
                if made is not None:
                    made.forget()
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


def _torchtitans(paths: Sequence[str | None]) -> list[str]:
    """Those of some import paths that are torchtitan's."""
    return [path for path in paths if path is not None and is_torchtitans(path)]


def _builds_on_torchtitan(value: Value) -> bool:
    """Whether something is, or is made of, a class of another file that derives from torchtitan's."""
    match value:
        case LocalClass(info=OwnClass(bases=bases)) | LocalInstance(info=OwnClass(bases=bases)):
            return bool(_torchtitans(bases))
        case _:
            return False
