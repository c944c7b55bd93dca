"""Where the file itself runs its functions: calls, also of what a function gives back, and reads of properties."""

from __future__ import annotations

import ast

from titan_lint.code.forms import MAKING, last_name
from titan_lint.code.values import Instance, LocalClass, LocalInstance, Unknown
from titan_lint.structs import Struct
from titan_lint.uses.conditions.truth import Truth
from titan_lint.uses.shapes import member_exists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import Binding, ClassInfo, FunctionNode
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File

_PROPERTIES = frozenset({"property", "cached_property"})
# Decorators under which a method is still run by those that call it, and by nobody else.
_PLAIN = frozenset({"staticmethod", "classmethod", "cache", "lru_cache", "wraps", "override"})
# Bases that call no method of what derives from them.
_QUIET = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "enum.Enum"})
# What may reach a name of a function that nothing mentions.
_LISTING = frozenset({"locals", "vars", "dir", "eval", "exec"})
_DEPTH = 8
"""Through how many names and functions what runs is followed."""


class Run(Struct, eq=False):
    """A place that runs a function of the file.

    Attributes:
        node: The call, or the read of a property.
        handed: Whether the function is only mentioned there, so that others may run it, at any time.
        replaced: Whether the name surely stands for something else there at the target.
    """

    node: ast.expr
    handed: bool = False
    replaced: bool = False


class Runs:
    """Where one file runs its own functions."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.program = file.program
        self._read: dict[str, list[ast.Attribute]] = {}
        for node in file.attributes:
            if isinstance(node.ctx, ast.Load):
                self._read.setdefault(node.attr, []).append(node)
        self._known: dict[FunctionNode, list[Run]] = {}

    def of(self, function: FunctionNode) -> list[Run]:
        """The places that run a function, but for those in itself; none where others may run it, too."""
        known = self._known.get(function)
        if known is None:
            found = list(self._of(function, 1, 0))
            known = [run for run in found if function not in self.program.ancestors(run.node)]
            self._known[function] = known
        return known

    def is_dead(self, function: FunctionNode) -> bool:
        """Whether a function in a function is never mentioned, so that nothing can run it."""
        around = self.program.function(function)
        if around is None or function in self.program.bindings.owners:
            return False
        if isinstance(function, ast.Lambda):
            match self.program.parents[function]:
                case ast.Assign(targets=[ast.Name(id=name) as node]):
                    pass
                case _:
                    return False
        else:
            name, node = function.name, function
            if function.decorator_list:
                return False
        mine = self._bindings(node, name)
        return (
            bool(mine) and not any(map(self.program.loads, mine)) and not self._lists_names(around)
        )

    def _lists_names(self, function: FunctionNode) -> bool:
        """Whether a function asks for all its names at once."""
        return any(
            isinstance(call.func, ast.Name)
            and call.func.id in _LISTING
            and function in self.program.ancestors(call)
            for call in self.file.calls
        )

    def _of(self, function: FunctionNode, calls: int, depth: int) -> Iterator[Run]:
        """The places that run what calling a function so many times runs."""
        owner = self.program.bindings.owners.get(function)
        if depth > _DEPTH:
            return
        if owner is not None and not isinstance(function, ast.Lambda):
            yield from self._of_method(owner, function, calls, depth)
        elif isinstance(function, ast.Lambda):
            yield from self._follow(function, calls, depth)
        else:
            for binding in self._bindings(function, function.name):
                yield from self._follow_loads(binding, calls, depth)

    def _follow_loads(self, binding: Binding, calls: int, depth: int) -> Iterator[Run]:
        """The places that run what a binding gives a name, which takes so many calls."""
        for load in self.program.loads(binding):
            if binding in self.file.once(Truth).live_bindings(load):
                yield from self._follow(load, calls, depth)
            else:
                yield Run(load, replaced=True)

    def _of_method(
        self,
        owner: ClassInfo,
        function: ast.FunctionDef | ast.AsyncFunctionDef,
        calls: int,
        depth: int,
    ) -> Iterator[Run]:
        name = function.name
        if name in MAKING:
            for cls in self.file.resolver.relatives(owner):
                for load in self.uses_of(cls.node):
                    yield from self._follow(load, calls, depth)
            return
        decorators = {last_name(_called(decorator)) for decorator in function.decorator_list}
        bases = self.file.resolver.foreign_bases(owner)
        if name.startswith("__") or not decorators <= _PLAIN | _PROPERTIES:
            return
        if not all(self._is_unknown_to(base, name) for base in {*bases} - _QUIET):
            return
        if any(self.program.loads(b) for b in owner.scope.bindings.get(name, ())):
            return  # the class body does something with it
        calls -= not decorators.isdisjoint(_PROPERTIES)
        for read in self._read.get(name, ()):
            if any(self._may_be(owner, value) for value in self.file.values(read.value)):
                yield from self._follow(read, calls, depth)

    def _is_unknown_to(self, base: str | None, name: str) -> bool:
        """Whether a class of torchtitan's, or that of tests, which calls what it has by name, surely has nothing by one."""
        if base == "unittest.TestCase":
            import unittest

            return not name.startswith("test") and not hasattr(unittest.TestCase, name)
        return (
            base is not None
            and base.startswith("torchtitan.")
            and member_exists(self.file, Instance(base), name) is False
        )

    def _may_be(self, owner: ClassInfo, value: Value) -> bool:
        """Whether a value may have the methods of a class."""
        match value:
            case LocalInstance(info=info) | LocalClass(info=info):
                return info in self.file.resolver.relatives(owner)
            case _:
                return isinstance(value, Unknown)

    def uses_of(self, cls: ast.ClassDef) -> list[ast.Name]:
        """Where a class of the file is named."""
        return [
            load
            for binding in self._bindings(cls, cls.name)
            for load in self.program.loads(binding)
        ]

    def _bindings(self, node: ast.AST, name: str) -> list[Binding]:
        """What binds a name to a function or a class of the file, where that stands."""
        bindings = self.program.bindings
        inside = self.program.function(node)
        scope = bindings.module if inside is None else bindings.scopes[inside]
        return [b for b in scope.bindings.get(name, ()) if node in (b.node, b.value)]

    def _follow(self, node: ast.expr, calls: int, depth: int) -> Iterator[Run]:
        """The places that run what an expression stands for, which takes so many calls."""
        parent = self.program.parents[node]
        while calls and isinstance(parent, ast.Call) and parent.func is node:
            node, calls = parent, calls - 1
            parent = self.program.parents[node]
        if not calls:
            yield Run(node)
            return
        function = self.program.function(node)
        match parent:
            case ast.Return() if function is not None:
                yield from self._of(function, calls + 1, depth + 1)
            case ast.Lambda(body=body) if body is node:
                yield from self._of(parent, calls + 1, depth + 1)
            case ast.Assign(targets=[ast.Name(id=name) as target]):
                yield from self._follow_name(name, target, node, calls, depth)
            case ast.Tuple() | ast.List() | ast.Set():
                yield from self._follow_held(parent, node, calls, depth)
            case ast.Call() if self.file.once(Truth).is_no_answer(parent, node):
                yield Run(node, replaced=True)
            case _:
                yield Run(parent if isinstance(parent, ast.Call) else node, handed=True)

    def _follow_held(self, held: ast.expr, node: ast.expr, calls: int, depth: int) -> Iterator[Run]:
        """As :meth:`_follow`, for what a collection holds: where a loop runs through it, or who it is handed to."""
        parent = self.program.parents[held]
        if isinstance(parent, ast.Starred):
            parent = self.program.parents[parent]
        match parent:
            case ast.For(iter=over, target=ast.Name(id=name) as target) if over is held:
                yield from self._follow_name(name, target, held, calls, depth)
            case ast.Call():
                yield Run(parent, handed=True)
            case ast.Assign(targets=[ast.Name(id=name)]) if depth <= _DEPTH:
                for binding in self._bindings(held, name):
                    for load in self.program.loads(binding):
                        yield from self._follow_held(load, node, calls, depth + 1)
            case _:
                yield Run(node, handed=True)

    def _follow_name(
        self, name: str, target: ast.Name, node: ast.expr, calls: int, depth: int
    ) -> Iterator[Run]:
        """As :meth:`_follow`, for what an assignment or a loop gives a name."""
        function = self.program.function(node)
        bindings = self.program.bindings
        scope = bindings.module if function is None else bindings.scopes[function]
        for binding in scope.bindings.get(name, ()):
            if target is binding.node or binding.value is node:
                yield from self._follow_loads(binding, calls, depth + 1)


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator
