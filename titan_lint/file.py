"""One file under check, as the rules see it."""

from __future__ import annotations

import ast
import functools
import sys
import warnings

from titan_lint.finding import Span
from titan_lint.origins.bindings import Binding, Bindings, ClassInfo, FunctionNode
from titan_lint.origins.children import FIELDS
from titan_lint.origins.resolver import Resolver
from titan_lint.origins.values import UNKNOWN, Ref, Value, Values
from titan_lint.source import SourceError
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from titan_lint.attention.analysis import Attention
    from titan_lint.calls import Site
    from titan_lint.finding import Fix
    from titan_lint.imports.analysis import Imports
    from titan_lint.members.analysis import Members
    from titan_lint.rewrite import Rewrite
    from titan_lint.rules.base import Options
    from titan_lint.source import Source
    from titan_lint.surface.targets import Target
    from titan_lint.written_for import Era


class Program:
    """What a file says whatever torchtitan it meets: its tree, names, parents and places.

    Raises:
        SourceError: The text is no Python.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tree, self.has_fstring_places = parse(source)
        # What became of each rewrite that a rule asked for; other targets ask for the same ones.
        # Where one was refused, this says why.
        self.fixes: dict[Rewrite, Fix | str] = {}

    @functools.cached_property
    def bindings(self) -> Bindings:
        """Which assignments reach which uses.

        Raises:
            SourceError: The file is too deeply nested to be followed.
        """
        try:
            return Bindings(self.tree)
        except RecursionError as error:
            # From 3.14 on, Python's own parser goes deeper than anything that walks its trees.
            raise SourceError("nested too deeply to be checked") from error

    @functools.cached_property
    def mentions_torchtitan(self) -> bool:
        """Whether an import or a string names torchtitan: all provenance begins at one of these.

        A docstring that speaks of it is no such string.
        """
        docstrings: set[ast.expr] = set()
        for node in self.nodes:
            match node:
                case ast.Import(names=names):
                    if any(alias.name.partition(".")[0] == "torchtitan" for alias in names):
                        return True
                case ast.ImportFrom(module=str() as module):
                    if module.partition(".")[0] == "torchtitan":
                        return True
                case ast.Expr(value=ast.Constant() as text):
                    docstrings.add(text)
                case ast.Constant(value=str() as text):
                    if "torchtitan" in text and node not in docstrings:
                        return True
                case _:
                    pass
        return False

    @property
    def nodes(self) -> list[ast.AST]:
        """Every node in the order of :func:`ast.walk`, contexts and single operators left out."""
        return self._walked[0]

    @property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of every node of :attr:`nodes`."""
        return self._walked[1]

    @functools.cached_property
    def _walked(self) -> tuple[list[ast.AST], dict[ast.AST, ast.AST]]:
        # One walk for all that ask, without the generators that make `ast.walk` slow.
        nodes: list[ast.AST] = [self.tree]
        parents: dict[ast.AST, ast.AST] = {}
        for node in nodes:
            for name in FIELDS[type(node)]:
                value: Any = getattr(node, name, None)
                if value.__class__ is list:
                    for item in value:
                        if item is not None:
                            parents[item] = node
                            nodes.append(item)
                elif value is not None:
                    parents[value] = node
                    nodes.append(value)
        return nodes, parents

    def loads(self, binding: Binding) -> list[ast.Name]:
        """The loads that a binding can reach, in the order of :attr:`nodes`."""
        name = _bound_name(binding.node)
        if name is None:
            return self.uses.get(binding, [])
        return [node for node in self._loaded.get(name, ()) if binding in self.bindings.of(node)]

    @functools.cached_property
    def _loaded(self) -> dict[str, list[ast.Name]]:
        found: dict[str, list[ast.Name]] = {}
        for node in self.nodes:
            if type(node) is ast.Name and type(node.ctx) is ast.Load:
                found.setdefault(node.id, []).append(node)
        return found

    @functools.cached_property
    def uses(self) -> dict[Binding, list[ast.Name]]:
        """The loads that each binding can reach; for one binding, :meth:`loads` is quicker."""
        found: dict[Binding, list[ast.Name]] = {}
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                for binding in self.bindings.of(node):
                    found.setdefault(binding, []).append(node)
        return found

    @functools.cached_property
    def era(self) -> Era:
        """The versions that the file was written for, as far as it tells by itself."""
        from titan_lint.written_for import of_programs

        return of_programs(self)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around ``node``, nearest first."""
        current = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that holds ``node``, or ``node`` itself."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def function(self, node: ast.AST) -> FunctionNode | None:
        """The innermost function that runs ``node``; its decorators and defaults run outside."""
        child = node
        for ancestor in self.ancestors(node):
            if isinstance(ancestor, FunctionNode) and (
                isinstance(child, ast.stmt)
                or (isinstance(ancestor, ast.Lambda) and child is ancestor.body)
                or (isinstance(child, ast.arguments) and isinstance(node, ast.arg))
            ):
                return ancestor
            child = ancestor
        return None

    def class_of(self, node: ast.AST) -> ClassInfo | None:
        """The innermost class whose body holds ``node``."""
        child = node
        for ancestor in self.ancestors(node):
            if isinstance(ancestor, ast.ClassDef) and isinstance(child, ast.stmt):
                return self.bindings.classes[ancestor]
            child = ancestor
        return None

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The list of statements that ``statement`` stands in."""
        parent = self.parents[statement]
        for _, value in ast.iter_fields(parent):
            if isinstance(value, list) and statement in value:
                return value  # type: ignore[reportUnknownVariableType]
        raise ValueError("the statement stands in no block")

    def span(self, node: ast.AST, end: ast.AST | None = None) -> Span:
        """The code points that ``node`` takes up, up to the end of ``end`` if given."""
        last = end or node
        return Span(
            self.source.offset(node.lineno, node.col_offset),  # type: ignore[attr-defined]
            self.source.offset(last.end_lineno, last.end_col_offset),  # type: ignore[attr-defined]
        )

    def text(self, node: ast.AST) -> str:
        """The source text of ``node``, as written."""
        span = self.span(node)
        return self.source.text[span.start : span.end]


class File(Struct, frozen=False, eq=False, slots=False):
    """A file held against one torchtitan: what rules are given.

    Attributes:
        program: The file itself.
        target: The torchtitan that it must fit.
        options: What the user asked for.
        package: Dotted name of the package that holds the file, where it matters and is known.
        targets: All that the file must fit; empty where that is ``target`` alone.
    """

    program: Program
    target: Target
    options: Options
    package: str | None = None
    targets: tuple[Target, ...] = ()

    @functools.cached_property
    def resolver(self) -> Resolver:
        """What expressions are."""
        from titan_lint.origins.types import SurfaceTypes

        return Resolver(self.program.bindings, SurfaceTypes(self.target.surface), self.package)

    @functools.cached_property
    def attention(self) -> Attention:
        """What the file does about attention."""
        from titan_lint.attention.analysis import Attention

        return Attention(self)

    @functools.cached_property
    def imports(self) -> Imports:
        """The paths into torchtitan that the file asks for."""
        from titan_lint.imports.analysis import Imports

        return Imports(self)

    @functools.cached_property
    def members(self) -> Members:
        """The members of torchtitan's classes that the file asks for."""
        from titan_lint.members.analysis import Members

        return Members(self)

    @functools.cached_property
    def sites(self) -> list[Site]:
        """The calls of torchtitan's functions, methods and classes."""
        from titan_lint.calls import sites

        return sites(self)

    @functools.cached_property
    def era(self) -> Era:
        """The versions that the file was written for."""
        from titan_lint.written_for import Era

        if self.options.written_for is not None:
            return Era(self.options.written_for)
        return self.options.era or self.program.era

    @functools.cached_property
    def called(self) -> dict[str, list[ast.Call]]:
        """The calls of what certainly has one import path, by that path."""
        found: dict[str, list[ast.Call]] = {}
        for call in self.calls:
            value = self.sole(call.func)
            if isinstance(value, Ref):
                found.setdefault(value.path, []).append(call)
        return found

    @functools.cached_property
    def reached(self) -> dict[ast.stmt, bool]:
        """The statements that :func:`titan_lint.guards.reachable` was asked about, with its answers."""
        return {}

    def is_replaced(self, *paths: str) -> bool:
        """Whether the project puts something of its own at one of some paths into torchtitan."""
        neighbours = self.options.neighbours
        return neighbours is not None and neighbours.replace(self.target.surface, paths)

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
        from titan_lint.surface import bundle
        from titan_lint.surface.targets import Target, label_of

        if key not in self._others:
            label = label_of(bundle.index()[key])
            target = Target(bundle.load(key), label, "the code was written for it")
            self._others[key] = File(self.program, target, self.options, self.package)
        return self._others[key]

    def forget(self) -> None:
        """Let go of what was worked out, which holds the file in turn.

        A ring is freed by a garbage collection alone, which walks all that is alive; what is in no
        ring goes by itself.
        """
        for other in (*self._others.values(), *self.siblings):
            vars(other).clear()
        vars(self).clear()

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
        """The one thing that an expression is, else :data:`~titan_lint.origins.values.UNKNOWN`."""
        return self.resolver.sole

    def agrees(self, node: ast.expr, test: Callable[[Value], bool]) -> bool:
        """Whether ``test`` holds for everything that ``node`` may be."""
        found = self.values(node)
        return bool(found) and UNKNOWN not in found and all(map(test, found))


def _bound_name(node: ast.AST) -> str | None:
    """The name that the syntax of a binding binds; ``None`` where it may bind several."""
    match node:
        case ast.Name(id=name) | ast.arg(arg=name):
            return name
        case ast.alias(name=path, asname=name) if path != "*":
            return name or path.partition(".")[0]
        case _:
            return None


def parse(source: Source) -> tuple[ast.Module, bool]:
    """The syntax tree of a file, and whether it tells where in f-strings expressions stand.

    Raises:
        SourceError: The text is no Python, or too deeply nested to be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return ast.parse(source.text), sys.version_info >= (3, 12)
            except SyntaxError as error:
                from titan_lint.syntax import parse_newer

                return parse_newer(source.text, error), True
    except SyntaxError as error:
        from titan_lint.syntax import KNOWN

        message = error.msg or "invalid syntax"
        if message == "invalid syntax":
            # It may be a mistake, or newer than all that is known; nothing tells.
            message += f" (titan-lint reads {KNOWN})"
        line = min(error.lineno, source.line_count) if error.lineno else None
        raise SourceError(f"not valid Python: {message}", line, error.offset) from error
    except ValueError as error:
        raise SourceError(f"not valid Python: {error}") from error
    except (RecursionError, MemoryError) as error:
        # Python's parser has the second one, too, for what is nested too deeply.
        raise SourceError("nested too deeply to be parsed") from error
