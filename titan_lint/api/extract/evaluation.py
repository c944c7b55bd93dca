"""The values of expressions, in a function that is run with what is known of its arguments."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod

from titan_lint.api import hints
from titan_lint.api.entities import PARTIAL, Class, Variable
from titan_lint.api.extract.abstract_values import (
    OTHER,
    UNKNOWN,
    Abstract,
    Defined,
    Dictionary,
    Display,
    Known,
    any_of,
    arithmetic,
    constant,
    constant_of,
    negated,
    ordered,
)
from titan_lint.api.extract.bodies import assigned_in
from titan_lint.api.extract.frame import Arguments, Ending, Frame, RaisedError
from titan_lint.api.signatures import Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from titan_lint.api.surface import Surface

ROUNDS = 8
"""Rounds of a loop over a known range that are run."""


class Evaluation(ABC):
    """What expressions are in functions of one torchtitan; a class that derives from it runs the functions."""

    def __init__(self, surface: Surface, mutated: Set[str]) -> None:
        self.surface = surface
        self._mutated = mutated
        self._mentioned: dict[Known, None] = {}

    @abstractmethod
    def call(self, path: str, given: Mapping[str, Abstract]) -> Ending:
        """Run the function at ``path`` with what is known of its arguments."""

    @abstractmethod
    def follows(self, path: str) -> bool:
        """Whether calling the function at ``path`` runs the body that is there."""

    def _apply(self, callee: Abstract, arguments: Arguments) -> None:
        """Call ``callee``; raises ``RaisedError`` when whichever function it is certainly raises."""
        if not isinstance(callee, Defined):
            return
        if callee.partial:
            arguments.complete = False
        messages = [self._apply_one(path, arguments) for path in callee.paths]
        if messages and messages[0] is not None and None not in messages:
            raise RaisedError(messages[0])

    def _apply_one(self, path: str, arguments: Arguments) -> str | None:
        target = self.surface.lookup(path)
        if isinstance(target, Function):
            if not self.follows(path) or target.is_async:
                return None
            function = target.bound() if target.binding == "classmethod" else target
            return self.call(path, arguments.bind(function)).raises
        if isinstance(target, Class):
            return self._construct(target, arguments)
        return None

    def _construct(self, class_: Class, arguments: Arguments) -> str | None:
        constructor = class_.constructor()
        if constructor is None or constructor.open:
            return None
        given = arguments.bind(constructor)
        itself = Defined((class_.path,))
        for ancestor in class_.mro:
            if ancestor.own("__init__") is not None:
                path = f"{ancestor.path}.__init__"
                if not self.follows(path):
                    return None
                return self.call(path, {**given, "self": itself}).raises
            if ancestor.own("__post_init__") is not None:
                path = f"{ancestor.path}.__post_init__"
                if not class_.is_dataclass or not self.follows(path):
                    return None
                fields = {f"self.{name}": value for name, value in given.items()}
                return self.call(path, {**fields, "self": itself}).raises
        return None

    def _items(self, iterable: ast.expr, frame: Frame) -> Sequence[Abstract]:
        """The first items of ``iterable``, as many as there certainly are."""
        match iterable:
            case ast.Call(func=ast.Name(id="range"), args=arguments) if "range" not in frame.locals:
                bounds = [self._evaluate(argument, frame) for argument in arguments]
                numbers = [
                    b.value for b in bounds if isinstance(b, Known) and isinstance(b.value, int)
                ]
                if not numbers or len(numbers) != len(bounds) or 0 in numbers[2:]:
                    return ()
                return [constant(number) for number in range(*numbers)[:ROUNDS]]
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner]):
                items = self._items(inner, frame)
                return [Display((constant(n), item)) for n, item in enumerate(items)]
            case _:
                value = self._evaluate(iterable, frame)
                return value.items if isinstance(value, Display) else ()

    def _bind_target(self, target: ast.expr, value: Abstract, frame: Frame) -> None:
        match target:
            case ast.Name(id=name):
                frame.variables[name] = value
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner == frame.self_name:
                frame.variables[f"{owner}.{name}"] = value
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))) if (
                isinstance(holder := frame.variables.get(name), Dictionary)
            ):
                items = {**dict(holder.items), key: value}
                frame.variables[name] = Dictionary(tuple(items.items()), holder.complete)
            case ast.Tuple(elts=targets) | ast.List(elts=targets) if (
                isinstance(value, Display)
                and len(value.items) == len(targets)
                and not any(isinstance(t, ast.Starred) for t in targets)
            ):
                for inner, item in zip(targets, value.items, strict=True):
                    self._bind_target(inner, item, frame)
            case _:
                for node in ast.walk(target):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        frame.variables[node.id] = UNKNOWN
                    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                        frame.variables[hints.dotted(node) or ""] = UNKNOWN
                    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
                        frame.variables[node.value.id] = UNKNOWN

    def _text(self, node: ast.expr, frame: Frame) -> str:
        """The message that ``node`` makes, as far as it is known, with names for what isn't."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.JoinedStr(values=parts):
                return "".join(self._text(part, frame) for part in parts)
            case ast.FormattedValue(value=value):
                known = self._evaluate(value, frame)
                return str(known.value) if isinstance(known, Known) else f"{{{ast.unparse(value)}}}"
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._text(left, frame) + self._text(right, frame)
            case _:
                return ""

    # Expressions.

    def _evaluate(self, node: ast.expr, frame: Frame) -> Abstract:
        """The value of ``node``; raises ``RaisedError`` when evaluating it certainly does."""
        literal = hints.constant(node)
        if literal is not None:
            return constant(literal[0])
        match node:
            case ast.Name():
                return self._name(node.id, frame)
            case ast.Attribute():
                return self._attribute(node, frame)
            case ast.Call():
                return self._called(node, frame)
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                truth = self._truth(node, frame)
                if isinstance(node, ast.BoolOp) or truth is None:
                    return UNKNOWN
                return constant(truth)
            case ast.IfExp():
                truth = self._truth(node.test, frame)
                if truth is not None:
                    return self._evaluate(node.body if truth else node.orelse, frame)
                values = {self._maybe(node.body, frame), self._maybe(node.orelse, frame)}
                return values.pop() if len(values) == 1 else UNKNOWN
            case ast.Subscript():
                return self._subscript(node, frame)
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                values = tuple(self._evaluate(item, frame) for item in items)
                if any(isinstance(item, ast.Starred) for item in items):
                    return UNKNOWN
                return Display(values)
            case ast.ListComp() | ast.SetComp():
                self._comprehension(node.elt, node.generators, frame)
            case ast.DictComp():
                self._comprehension(node.value, node.generators, frame)
            case ast.Dict():
                return self._mapping(node, frame)
            case ast.BinOp():
                return arithmetic(
                    node.op, self._evaluate(node.left, frame), self._evaluate(node.right, frame)
                )
            case ast.Lambda() | ast.GeneratorExp():
                pass
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                frame.variables[name] = found = self._evaluate(value, frame)
                return found
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._evaluate(child, frame)
        return UNKNOWN

    def _mapping(self, node: ast.Dict, frame: Frame) -> Abstract:
        items: dict[str, Abstract] = {}
        complete = True
        for key, value in zip(node.keys, node.values, strict=True):
            found = self._evaluate(value, frame)
            name = UNKNOWN if key is None else self._evaluate(key, frame)
            if isinstance(name, Known) and isinstance(name.value, str):
                items[name.value] = found
            elif key is None and isinstance(found, Dictionary):
                items.update(found.items)
                complete &= found.complete
            else:
                return UNKNOWN
        return Dictionary(tuple(items.items()), complete)

    def _maybe(self, node: ast.expr, frame: Frame) -> Abstract:
        """Evaluate what may not be evaluated at all."""
        try:
            return self._evaluate(node, frame)
        except RaisedError:
            return UNKNOWN

    def _name(self, name: str, frame: Frame) -> Abstract:
        if name in frame.locals or name in frame.variables:
            return frame.variables.get(name, UNKNOWN)
        return self._global(name, frame)

    def _attribute(self, node: ast.Attribute, frame: Frame) -> Abstract:
        name = hints.dotted(node)
        if name is None:
            self._evaluate(node.value, frame)
            return UNKNOWN
        if name in frame.variables:
            return frame.variables[name]
        root, _, rest = name.partition(".")
        if root == frame.self_name and frame.self_class is not None and "." not in rest:
            return self._defined(f"{frame.self_class.path}.{rest}")
        if root in frame.locals:
            holder = frame.variables.get(root, UNKNOWN)
            if isinstance(holder, Defined) and len(holder.paths) == 1:
                return self._defined(f"{holder.paths[0]}.{rest}")
            return UNKNOWN
        return self._global(name, frame)

    def _global(self, name: str, frame: Frame) -> Abstract:
        found = self.surface.resolve_in(frame.scope, name)
        if isinstance(found, Class | Function | Variable):
            return self._defined(found.path)
        return UNKNOWN

    def _defined(self, path: str) -> Abstract:
        found = self.surface.lookup(path)
        if isinstance(found, Class | Function):
            return Defined((found.path,))
        if isinstance(found, Variable) and not found.is_instance:
            if found.path.rpartition(".")[2] in self._mutated:
                return UNKNOWN
            if found.keys:
                return Defined((found.path,))
            tree = hints.expression(found.source) if found.source else None
            if tree is not None and isinstance(self.surface.lookup(_parent(found.path)), Class):
                return UNKNOWN  # A class attribute: instances and subclasses may have another.
            return constant_of(tree) if tree is not None else UNKNOWN
        return UNKNOWN

    def _called(self, node: ast.Call, frame: Frame) -> Abstract:
        callee = self._evaluate(node.func, frame)
        arguments = self._arguments(node, frame)
        match node.func:
            case ast.Name(id="dict") if "dict" not in frame.locals and not node.args:
                return Dictionary(tuple(arguments.keywords.items()), arguments.complete)
            case ast.Attribute(value=ast.Name(id=owner)) if owner == frame.self_name:
                self._apply_method(callee, arguments, frame)
            case _:
                self._apply(callee, arguments)
        self._forget_mappings(node, frame)
        return UNKNOWN

    def _arguments(self, node: ast.Call, frame: Frame) -> Arguments:
        arguments = Arguments([], {})
        for argument in node.args:
            value = self._evaluate(argument, frame)
            if isinstance(argument, ast.Starred):
                arguments.complete = False
                break
            arguments.positional.append(value)
        for keyword in node.keywords:
            value = self._evaluate(keyword.value, frame)
            if keyword.arg is not None:
                arguments.keywords[keyword.arg] = value
            elif isinstance(value, Dictionary):
                arguments.keywords.update(value.items)
                arguments.complete &= value.complete
            else:
                arguments.complete = False
        return arguments

    def _forget_mappings(self, node: ast.Call, frame: Frame) -> None:
        """A call may change a dictionary that it is given or that it is a method of."""
        given = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        for expression in (*given, *node.args):
            name = hints.dotted(expression)
            if name is not None and isinstance(frame.variables.get(name), Dictionary):
                frame.forget([name])

    def _apply_method(self, callee: Abstract, arguments: Arguments, frame: Frame) -> None:
        """Call a method on the instance whose class is known exactly; anything else goes unfollowed."""
        if not isinstance(callee, Defined) or frame.self_class is None:
            frame.forget_self()
            return
        function = self.surface.lookup(callee.paths[0])
        path = callee.paths[0]
        if isinstance(function, Function) and self.follows(path):
            prefix = f"{frame.self_name}."
            own = {
                f"self.{name.removeprefix(prefix)}": value
                for name, value in frame.variables.items()
                if name.startswith(prefix)
            }
            given = arguments.bind(function.bound())
            itself = Defined((frame.self_class.path,))
            result = self.call(path, {**given, **own, "self": itself})
            if result.raises is not None:
                raise RaisedError(result.raises)
        frame.forget_self()

    def _subscript(self, node: ast.Subscript, frame: Frame) -> Abstract:
        holder = self._evaluate(node.value, frame)
        key = self._evaluate(node.slice, frame)
        if isinstance(holder, Dictionary) and isinstance(key, Known):
            return dict(holder.items).get(str(key.value), UNKNOWN)
        if not isinstance(holder, Defined) or len(holder.paths) != 1:
            return UNKNOWN
        value = self.surface.lookup(holder.paths[0])
        if not isinstance(value, Variable) or not value.keys:
            return UNKNOWN
        present = [k for k in value.keys if self._equal(key, constant(k)) is not False]
        if not present:
            shown = repr(key.value) if isinstance(key, Known) else "not one of its keys"
            raise RaisedError(f"KeyError: {shown}")
        paths = [value.items[k] for k in present]
        if not all(paths) or any(path.endswith("()") for path in paths):
            return UNKNOWN
        bare = dict.fromkeys(path.removesuffix(PARTIAL) for path in paths)
        return Defined(tuple(bare), partial=any(path.endswith(PARTIAL) for path in paths))

    def _comprehension(
        self, element: ast.expr, generators: list[ast.comprehension], frame: Frame
    ) -> None:
        first = generators[0]
        self._evaluate(first.iter, frame)
        if len(generators) > 1 or first.ifs:
            return
        inner = frame.copy()
        inner.locals |= assigned_in(first.target)
        for item in self._items(first.iter, frame)[:ROUNDS]:
            self._bind_target(first.target, item, inner)
            self._evaluate(element, inner)

    # Conditions: true, false, or not known.

    def _truth(self, node: ast.expr, frame: Frame) -> bool | None:
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                truth = self._truth(operand, frame)
                return None if truth is None else not truth
            case ast.BoolOp(op=op, values=values):
                return self._all_or_any(isinstance(op, ast.And), values, frame)
            case ast.Compare():
                return self._compare(node, frame)
            case _:
                value = self._evaluate(node, frame)
                if isinstance(value, Known):
                    return bool(value.value)
                if isinstance(value, Display):
                    return bool(value.items)
                return None

    def _all_or_any(self, conjunction: bool, values: list[ast.expr], frame: Frame) -> bool | None:
        """``and`` / ``or``: operands behind an unknown one may not be evaluated."""
        unknown = False
        for value in values:
            try:
                truth = self._truth(value, frame)
            except RaisedError:
                if unknown:
                    return None
                raise
            if truth is (not conjunction):
                return truth
            unknown |= truth is None
        return None if unknown else conjunction

    def _compare(self, node: ast.Compare, frame: Frame) -> bool | None:
        operands = [node.left, *node.comparators]
        values = [self._evaluate(operand, frame) for operand in operands]
        results: list[bool | None] = []
        for operator, left, right in zip(node.ops, values, values[1:], strict=False):
            results.append(self._compared(operator, left, right))
        if False in results:
            return False
        return None if None in results else True

    def _compared(self, operator: ast.cmpop, left: Abstract, right: Abstract) -> bool | None:
        match operator:
            case ast.Eq() | ast.Is():
                return self._equal(left, right)
            case ast.NotEq() | ast.IsNot():
                return negated(self._equal(left, right))
            case ast.In():
                return self._contains(right, left)
            case ast.NotIn():
                return negated(self._contains(right, left))
            case _:
                return ordered(operator, left, right)

    def _equal(self, left: Abstract, right: Abstract) -> bool | None:
        if isinstance(left, Known) and isinstance(right, Known):
            return left.value == right.value
        if OTHER in (left, right):
            known = right if left is OTHER else left
            if isinstance(known, Known):
                self._mentioned[known] = None
                return False
        return None

    def _contains(self, container: Abstract, item: Abstract) -> bool | None:
        if isinstance(container, Display):
            return any_of([self._equal(item, member) for member in container.items])
        if isinstance(container, Dictionary) and isinstance(item, Known):
            present = any(name == item.value for name, _ in container.items)
            return True if present else (False if container.complete else None)
        if isinstance(container, Defined) and len(container.paths) == 1:
            value = self.surface.lookup(container.paths[0])
            if isinstance(value, Variable) and value.keys:
                return any_of([self._equal(item, constant(key)) for key in value.keys])
        return None


def _parent(path: str) -> str:
    return path.rpartition(".")[0]
