"""What an expression is at the target where it is one literal: a word for the version, a count."""

from __future__ import annotations

import ast

from titan_lint.code.names import Binding, Kind
from titan_lint.code.values import Const, LocalClass, Value
from titan_lint.uses.conditions.frame import is_unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.conditions.frame import Answers, Frame


class Constants:
    """The literals that the expressions of one file are at one target."""

    def __init__(self, truth: Answers) -> None:
        self.file = truth.file
        self.truth = truth

    def of(self, node: ast.expr, frame: Frame) -> Const | None:
        """The one literal that an expression is at the target."""
        found = self.truth.once(self._find_constant, node, frame)
        return found if isinstance(found, Const) else None

    def _find_constant(self, node: ast.expr, frame: Frame) -> Const | None:
        match node:
            case ast.Constant(value=value):
                return Const(value)
            case ast.Name():
                given = self.truth.given(node, frame)
                if given is not None:
                    return self.of(*given)
                bound = self.truth.live_bindings(node)
                if not bound or any(
                    b.kind is not Kind.VALUE or b.value is None or is_unpacked(b) for b in bound
                ):
                    return None
                found = [self.of(b.value, frame) for b in bound if b.value is not None]
                return found[0] if all(f is not None and f == found[0] for f in found) else None
            case ast.IfExp(test=test, body=body, orelse=orelse):
                chosen = self.truth.is_true(test, frame)
                return None if chosen is None else self.of(body if chosen else orelse, frame)
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name, default]):
                if self.truth.has(owner, name, frame) is False:
                    return self.of(default, frame)
                return None
            case ast.Call(func=ast.Name(id="object"), args=[], keywords=[]):
                return Const((node,))  # what stands for "missing"
            case ast.Attribute(value=owner, attr=name):
                return self._member(self.file.sole(owner), name)
            case _:
                return None

    def _member(self, cls: Value | None, name: str) -> Const | None:
        """The constant that a class of the file's own holds; of an enum, what tells it from the others."""
        if not isinstance(cls, LocalClass):
            return None
        is_enum = self.file.resolver.is_enum(cls.info)
        match cls.info.scope.bindings.get(name):
            case [Binding(value=ast.Constant(value=value))]:
                return Const((cls.info, value) if is_enum else value)
            case [Binding(value=ast.Call())] if is_enum:
                return Const((cls.info, name))
            case _:
                return None

    def number(self, node: ast.expr, frame: Frame) -> int | None:
        """The whole number that an expression is at the target, written out or counted."""
        found = self.truth.once(self._find_number, node, frame)
        return found if isinstance(found, int) else None

    def _find_number(self, node: ast.expr, frame: Frame) -> int | None:
        given = self.truth.given(node, frame)
        if given is not None:
            return self.number(*given)
        match node:
            case ast.Constant(value=int() as value) if not isinstance(value, bool):
                return value
            case ast.Call(func=ast.Name(id="len"), args=[inner], keywords=[]):
                return self.truth.count(inner, frame)
            case ast.Name() if (value := self.truth.sole_value(node)) is not None:
                return self.number(value, frame)
            case _:
                return None
