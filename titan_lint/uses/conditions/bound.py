"""What a name or an attribute is bound to at the target: not what never runs there, nor what is replaced."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod

from titan_lint.code.following import follows
from titan_lint.code.forms import imports_torchtitan, last_name, position
from titan_lint.code.names import Binding, Kind
from titan_lint.code.values import UNKNOWN, Const, LocalClass, LocalFunction, LocalInstance
from titan_lint.uses.conditions.frame import Frame, is_unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.conditions.running import Running
    from titan_lint.uses.file import File


class BoundNames(ABC):
    """What the names and attributes of one file are bound to at one target.

    Attributes:
        file: The file at the target.
        running: Which of its statements run for the tests.
    """

    file: File
    running: Running

    @abstractmethod
    def verdict(self, test: ast.expr) -> bool | None:
        """What a condition is at the target, ``None`` where that cannot be told."""

    @abstractmethod
    def elements(self, node: ast.expr) -> list[ast.expr] | None:
        """What the target may take of a collection that is filtered; ``None`` where that cannot be told."""

    def _kept_answers(self, node: ast.Attribute) -> list[Binding] | None:
        """What made an attribute of a class of the file's that keeps an answer.

        One that is ``True`` or ``False`` from the start is a setting, which others change.
        """
        bound = self.attribute_bindings(node)
        if not any(
            not isinstance(binding.value, ast.Constant | None)
            or is_property(binding.node)
            or (binding.value is not None and self._hangs_on_import(binding))
            for binding in bound
        ):
            return None
        live = [
            b for b in bound if not self.running.never_runs(self.file.program.statement(b.node))
        ]
        return live or None

    def attribute_bindings(self, node: ast.Attribute) -> list[Binding]:
        """What made an attribute of a class of the file's, or of an instance of one, with a name."""
        found: list[Binding] = []
        owners = self.file.values(node.value)
        if isinstance(node.value, ast.Attribute) and node.value.attr == "__class__":
            owners = self.file.values(node.value.value)
        for value in owners:
            match value:
                case LocalInstance(info=info, exact=exact):
                    found += self.file.resolver.attribute_bindings(info, node.attr, exact=exact)
                case LocalClass(info=info):
                    found += self.file.resolver.attribute_bindings(info, node.attr, instance=False)
                case _:
                    return []
        return found

    def _hangs_on_import(self, binding: Binding) -> bool:
        """Whether a constant is bound as an import of torchtitan works or fails."""
        around = next(
            (a for a in self.file.program.ancestors(binding.node) if isinstance(a, ast.Try)), None
        )
        return around is not None and any(map(imports_torchtitan, around.body))

    def given(self, node: ast.expr, frame: Frame) -> tuple[ast.expr, Frame] | None:
        """What a name stands for in a frame, and the frame of that; ``None`` for what is no such name."""
        if isinstance(node, ast.Name) and frame.given:
            for binding in self.file.program.bindings.of(node):
                if binding.node in frame.given:
                    return frame.given[binding.node]
        return None

    def live_bindings(self, name: ast.Name) -> list[Binding]:
        """What can have made a name at the target: not what it never runs, nor what it replaces."""
        program = self.file.program
        found = program.bindings.of(name)
        if not found or (len(found) == 1 and found[0].kind is Kind.PARAMETER):
            return found
        live = [b for b in found if not self._never_binds(b)]
        if len(live) < 2:
            return live
        for last in sorted(live, key=lambda b: position(b.node), reverse=True):
            if self._surely_binds(last):
                here = program.function(last.node)
                return [
                    b
                    for b in live
                    if b is last
                    or position(b.node) > position(last.node)
                    or program.function(b.node) is not here
                ]
        return live

    def sole_value(self, name: ast.Name) -> ast.expr | None:
        """The one expression that gives a name its value at the target; ``None`` for another name."""
        bound = self.live_bindings(name)
        if len(bound) != 1 or bound[0].kind is not Kind.VALUE or is_unpacked(bound[0]):
            return None
        return None if isinstance(bound[0].value, ast.Name) else bound[0].value

    @follows(True)
    def may_give(self, node: ast.expr, value: object) -> bool:
        """Whether the target gets to anything that makes an expression a constant, one that the file gives it."""
        made = self._made_of(node)
        if made is None:
            found = self.file.resolver.values(node)
            return UNKNOWN in found or Const(value) in found
        return any(part is None or self.may_give(part, value) for part in made)

    def _made_of(self, node: ast.expr) -> list[ast.expr | None] | None:
        """What an expression is made of at the target, ``None`` for what is no expression; ``None`` for itself."""
        match node:
            case ast.Name() if self.file.program.bindings.of(node):
                bound = self.live_bindings(node)
            case ast.Attribute() if bound := self.attribute_bindings(node):
                bound = [binding for binding in bound if not self._never_binds(binding)]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                chosen = self.verdict(test)
                return [body, orelse] if chosen is None else [body if chosen else orelse]
            case (
                ast.Call(func=ast.Name(id="next"), args=[kept, *others])
                | ast.Subscript(value=kept, slice=ast.Constant(value=int()) as others)
            ) if (found := self.elements(kept)) is not None:
                return [*found, *(others if isinstance(others, list) else ())]
            case ast.Call(func=function):
                called = [
                    v.node for v in self.file.values(function) if isinstance(v, LocalFunction)
                ]
                returns = self.file.program.bindings.returns
                given = [value for one in called for value in returns.get(one, ())]
                return [v for v in given if not self._is_passed_over(v)] if given else None
            case _:
                return None
        return [b.value if b.kind is Kind.VALUE and not is_unpacked(b) else None for b in bound]

    def _is_passed_over(self, node: ast.AST) -> bool:
        return self.running.never_runs(self.file.program.statement(node))

    def _never_binds(self, binding: Binding) -> bool:
        return binding.kind is not Kind.PARAMETER and self._is_passed_over(binding.node)

    def _surely_binds(self, binding: Binding) -> bool:
        """Whether the target always gets to a binding that stands in a block of its function."""
        program = self.file.program
        if binding.kind is Kind.PARAMETER:
            return False
        child: ast.AST = program.statement(binding.node)
        if isinstance(child, ast.Try | ast.TryStar | ast.For | ast.While | ast.AsyncFor):
            return False
        for parent in program.ancestors(child):
            match parent:
                case ast.Module() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    return True
                case ast.If(test=test, body=body):
                    answer = self.verdict(test)
                    if answer is None or (child in body) != answer:
                        return False
                case ast.With() | ast.AsyncWith():
                    pass
                case ast.ExceptHandler():
                    around = program.parents[parent]
                    if not (
                        isinstance(around, ast.Try)
                        and self.running.stops(around.body)
                        and parent is self.running.handler(around)
                    ):
                        return False
                case ast.Try(body=body, orelse=orelse, finalbody=finalbody):
                    if child in (*body, *orelse) and not self.running.work(body):
                        return False
                    if child not in (*body, *orelse, *finalbody, *parent.handlers):
                        return False
                case _:
                    return False
            child = parent
        return True


def is_property(function: ast.AST) -> bool:
    """Whether a function is asked for as an attribute."""
    return isinstance(function, ast.FunctionDef) and any(
        last_name(decorator) in {"property", "cached_property"}
        for decorator in function.decorator_list
    )
