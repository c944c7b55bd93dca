"""One file's text as Python reads it, whatever torchtitan it meets."""

from __future__ import annotations

import ast
import functools
import itertools
import sys
import warnings

from titan_lint.code.forms import callee_name, is_torchtitans
from titan_lint.code.linking import Look, linked
from titan_lint.code.names import Binding, Bindings, ClassInfo, FunctionNode
from titan_lint.code.source import SourceError
from titan_lint.code.walk import FIELDS
from titan_lint.finding import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeVar

    from titan_lint.code.source import Source

    T = TypeVar("T")
    N = TypeVar("N", bound=ast.AST)


class Program:
    """What a file says whatever torchtitan it meets: its tree, names, parents and places.

    Raises:
        SourceError: The text is no Python.
    """

    has_fstring_places = sys.version_info >= (3, 12)
    """Whether the tree tells where in f-strings expressions stand."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tree = parse(source)
        self._asked: dict[object, Any] = {}
        self._looks: dict[ast.expr, Look] = {}

    def once(self, ask: Callable[[Program], T]) -> T:
        """What ``ask`` works out about the program, worked out once for all targets."""
        if ask not in self._asked:
            self._asked[ask] = ask(self)
        return self._asked[ask]

    @functools.cached_property
    def bindings(self) -> Bindings:
        """Which assignments reach which uses.

        Raises:
            SourceError: The file is too deeply nested to be followed.
        """
        try:
            return linked(self.tree)
        except RecursionError as error:
            # From 3.14 on, Python's own parser goes deeper than anything that walks its trees.
            raise SourceError("nested too deeply to be checked") from error

    def bindings_at(self, site: ast.expr, name: str) -> list[Binding]:
        """The bindings that can have made ``name``, were it loaded where ``site`` is evaluated.

        They are those that :meth:`Bindings.of` gives for a name that stands there; empty for builtins
        and unknowns.
        """
        look = self._looks.get(site)
        if look is None:
            functions = {n for n in self.ancestors(site) if isinstance(n, FunctionNode)}
            around = None if self.of(ast.Global, ast.Nonlocal) else functions
            look = self._looks[site] = Look(self.tree, site, around)
        return look.bindings(name)

    @functools.cached_property
    def mentions_torchtitan(self) -> bool:
        """Whether an import or a string names torchtitan: all provenance begins at one of these.

        A docstring that mentions it is no such string.
        """
        docstrings: set[ast.expr] = set()
        for node in self.nodes:
            match node:
                case ast.Import(names=names):
                    if any(is_torchtitans(alias.name) for alias in names):
                        return True
                case ast.ImportFrom(module=str() as module):
                    if is_torchtitans(module):
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

    def of(self, *kinds: type[N]) -> Sequence[N]:
        """The nodes of some types, type by type, each in the order of :attr:`nodes`."""
        found = [self._by_type.get(kind, ()) for kind in kinds]
        return found[0] if len(found) == 1 else list(itertools.chain.from_iterable(found))

    @functools.cached_property
    def _by_type(self) -> dict[type, list[Any]]:
        found: dict[type, list[Any]] = {}
        for node in self.nodes:
            found.setdefault(type(node), []).append(node)
        return found

    def called(self, *names: str) -> list[ast.Call]:
        """The calls of what goes by some last names, name by name, each in the order of the calls."""
        return [call for name in names for call in self._by_callee.get(name, ())]

    @functools.cached_property
    def _by_callee(self) -> dict[str, list[ast.Call]]:
        found: dict[str, list[ast.Call]] = {}
        for call in self.bindings.calls:
            found.setdefault(callee_name(call), []).append(call)
        return found

    @functools.cached_property
    def reads(self) -> list[ast.Attribute]:
        """The attributes that are loaded."""
        return [node for node in self.bindings.attributes if isinstance(node.ctx, ast.Load)]

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
        return [node for node in self.loaded(name) if binding in self.bindings.of(node)]

    def loads_from(self, target: ast.Name) -> list[ast.Name]:
        """The loads that what one target binds can reach, in the order of :attr:`nodes`."""
        return [
            node
            for node in self.loaded(target.id)
            if any(binding.node is target for binding in self.bindings.of(node))
        ]

    def loaded(self, name: str) -> Sequence[ast.Name]:
        """The loads of a name, whatever it is bound to, in the order of :attr:`nodes`."""
        return self._loaded.get(name, ())

    @functools.cached_property
    def _loaded(self) -> dict[str, list[ast.Name]]:
        found: dict[str, list[ast.Name]] = {}
        for node in self.of(ast.Name):
            if type(node.ctx) is ast.Load:
                found.setdefault(node.id, []).append(node)
        return found

    @functools.cached_property
    def uses(self) -> dict[Binding, list[ast.Name]]:
        """The loads that each binding can reach; for one binding, :meth:`loads` is quicker."""
        found: dict[Binding, list[ast.Name]] = {}
        for node in self.of(ast.Name):
            if isinstance(node.ctx, ast.Load):
                for binding in self.bindings.of(node):
                    found.setdefault(binding, []).append(node)
        return found

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

    def taker(self, node: ast.expr) -> ast.Call | None:
        """The call that an expression is an argument of; ``None`` for another one."""
        parent = self.parents[node]
        if isinstance(parent, ast.keyword):
            parent = self.parents[parent]
        return parent if isinstance(parent, ast.Call) and parent.func is not node else None

    def function(self, node: ast.AST) -> FunctionNode | None:
        """The innermost function that runs ``node``; decorators and defaults run outside. ``None`` in the module."""
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
        """The innermost class whose body holds ``node``; ``None`` outside of classes."""
        child = node
        for ancestor in self.ancestors(node):
            if isinstance(ancestor, ast.ClassDef) and isinstance(child, ast.stmt):
                return self.bindings.classes[ancestor]
            child = ancestor
        return None

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The list of statements that ``statement`` stands in."""
        return self.place(statement)[0]

    def place(self, statement: ast.stmt) -> tuple[list[ast.stmt], int]:
        """The list of statements that ``statement`` stands in, and where in it.

        To look for it in the list each time would cost the square of its length.
        """
        if statement not in self._places:
            parent = self.parents[statement]
            for name in FIELDS[type(parent)]:
                value: Any = getattr(parent, name, None)
                if value.__class__ is list:
                    self._places.update((item, (value, index)) for index, item in enumerate(value))
        return self._places[statement]

    @functools.cached_property
    def _places(self) -> dict[ast.AST, tuple[list[ast.stmt], int]]:
        return {}

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


def _bound_name(node: ast.AST) -> str | None:
    """The name that the syntax of a binding binds; ``None`` where it may bind several."""
    match node:
        case ast.Name(id=name) | ast.arg(arg=name):
            return name
        case ast.alias(name=path, asname=name) if path != "*":
            return name or path.partition(".")[0]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case _:
            return None


def parse(source: Source) -> ast.Module:
    """The syntax tree of a file, as the running Python reads it.

    Raises:
        SourceError: The text is no Python of that version, or too deeply nested to be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source.text)
    except SyntaxError as error:
        raise _not_valid(source, error) from error
    except ValueError as error:
        raise SourceError(f"not valid Python: {error}") from error
    except (RecursionError, MemoryError) as error:
        # Python's parser has the second one, too, for what is nested too deeply.
        raise SourceError("nested too deeply to be parsed") from error


def _not_valid(source: Source, error: SyntaxError) -> SourceError:
    from titan_lint.newer_syntax import not_valid

    line = min(error.lineno, source.line_count) if error.lineno else None
    return SourceError(not_valid(error, source.text), line, error.offset)
