"""What reaches a point of a file: the bindings of each name, joined where ways meet."""

from __future__ import annotations

import ast

from titan_lint.code.names import Binding, Bindings, ClassInfo, Env, FunctionNode, Kind, Reaching
from titan_lint.code.walk import FIELDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any


_NAMED_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NAMELESS = (ast.Constant, ast.Lambda)
_NAMING = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)


def stored_names(statements: Iterable[ast.AST]) -> set[str]:
    """The names that a block may bind, nested functions, classes and comprehensions left out."""
    found: set[str] = set()
    todo = list(statements)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                found.add(node.id)
        elif isinstance(node, _NAMED_SCOPES):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.comprehension):
            # Its targets are its own; a walrus in it is not.
            todo += [node.iter, *node.ifs]
        elif not isinstance(node, _NAMELESS):
            if isinstance(node, _NAMING) and node.name:
                found.add(node.name)
            elif isinstance(node, ast.MatchMapping) and node.rest:
                found.add(node.rest)
            for name in FIELDS[type(node)]:
                value: Any = getattr(node, name, None)
                if value.__class__ is list:
                    todo += value if None not in value else [v for v in value if v is not None]
                elif value is not None:
                    todo.append(value)
    return found


def extended(env: Env, bound: Mapping[str, Sequence[Binding]]) -> Env:
    """What may hold after some of ``bound`` was, or was not, bound."""
    return join(env, {name: tuple(found) for name, found in bound.items()}) or {}


def join(*environments: Env | None) -> Env | None:
    """What holds where ways meet; ``None`` where none of them gets there."""
    live = [env for env in environments if env is not None]
    if not live:
        return None
    first, *rest = live
    if not rest:
        return first
    joined = dict(first)
    for env in rest:
        for name, reaching in env.items():
            mine = joined.get(name)
            if mine is None:
                joined[name] = reaching
            elif mine is not reaching:
                joined[name] = tuple(dict.fromkeys(mine + reaching))
    return joined


class Point:
    """Where a walk is. ``env`` maps the current scope's names to what reaches; ``None`` after a jump."""

    def __init__(self, result: Bindings) -> None:
        self.result = result
        self.reach = result.reach
        self.scope = result.module
        self.env: Env = {}
        # In a class's body: what the function or module around it has, which runs it at once.
        self.around: Env = {}
        self.dead = False
        self.recorders: list[dict[str, list[Binding]]] = []
        self.function: FunctionNode | None = None
        self.owner: ClassInfo | None = None
        self.self_name: str | None = None
        # Inside an expression that may not be evaluated: the right side of ``and``, for one.
        self.maybe = 0

    def settle(self, *ends: Env | None) -> None:
        """Go on from where ways meet."""
        joined = join(*ends)
        if joined is None:
            self.dead = True
        else:
            self.env = joined

    def record(self) -> dict[str, list[Binding]]:
        """Write down what is bound from here on, until it is taken off ``recorders``."""
        recorder: dict[str, list[Binding]] = {}
        self.recorders.append(recorder)
        return recorder

    def run_elsewhere(self) -> None:
        """After code of another scope: names that it binds here may have changed, now or later."""
        for name in self.scope.shared:
            reaching, late = self.env.get(name, ()), self.scope.late(name)
            if late not in reaching:
                self.env[name] = (*reaching, late)

    def bind_parameter(
        self, function: FunctionNode, node: ast.arg, default: ast.expr | None, index: int
    ) -> None:
        """Bind a parameter of a function."""
        self.bind(
            node.arg,
            Binding(Kind.PARAMETER, node, default, node.annotation, function=function, index=index),
        )

    def bind_type_parameters(self, node: ast.stmt) -> None:
        """``def f[T]()`` and its like, from Python 3.12 on."""
        for parameter in getattr(node, "type_params", ()):
            self.bind(parameter.name, Binding(Kind.OPAQUE, parameter))

    def bind(self, name: str, binding: Binding) -> None:
        """Let a binding be what reaches, in the scope that the name belongs to."""
        home = self.scope.outside.get(name)
        scope = self.scope if home is None else home
        scope.bindings.setdefault(name, []).append(binding)
        for recorder in self.recorders:
            recorder.setdefault(name, []).append(binding)
        if home is not None:
            return
        reaching: Reaching = (binding,)
        if name in scope.shared:
            reaching = (binding, scope.late(name))
        if self.maybe:
            reaching = (*self.env.get(name, ()), *reaching)
        self.env[name] = reaching
