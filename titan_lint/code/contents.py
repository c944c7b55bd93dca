"""What is in containers and tuples, and what iterators and context managers give."""

from __future__ import annotations

import ast

from titan_lint.code.answers import ELEMENT, ONLY_NONE, SAME_ELEMENTS
from titan_lint.code.forms import callee_name
from titan_lint.code.values import (
    ANYTHING,
    NOTHING,
    UNKNOWN,
    Collection,
    Const,
    LocalFunction,
    LocalInstance,
    Manager,
    Ref,
    Result,
    Row,
    Series,
    Unknown,
    Values,
    union,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from titan_lint.code.classes import Classes
    from titan_lint.code.mutations import Mutations
    from titan_lint.code.names import FunctionNode
    from titan_lint.code.values import Value

_MANAGING = frozenset({"contextmanager", "asynccontextmanager"})
_HANDED_THROUGH = frozenset({"contextlib.closing", "contextlib.aclosing", "contextlib.nullcontext"})
_ENTERING = frozenset({"enter_context", "enter_async_context", "enterContext"})


class Contents:
    """What the containers of one file hold, and what its iterators and context managers give.

    Args:
        answers: What its expressions may be.
        mutations: Which containers it changes.
        returned: What calling a function of the file gives.
    """

    def __init__(
        self, answers: Classes, mutations: Mutations, returned: Callable[[FunctionNode], Values]
    ) -> None:
        self._answers = answers
        self._mutations = mutations
        self._returned = returned

    # -- one by one ---------------------------------------------------------------------------

    def elements(self, iterable: ast.expr) -> Values:
        """What running through ``iterable`` gives."""
        found = union(map(self._elements_of, self._answers.choices(iterable)))
        return found | ANYTHING if self._may_differ(iterable) else found

    def _elements_of(self, value: Value) -> Values:
        match value:
            case Series(elements=elements):
                return elements
            case Row(parts=parts):
                return union(parts)
            case Collection(node=ast.Dict(keys=keys)):
                return union(self._answers.values(k) if k is not None else ANYTHING for k in keys)
            case Collection(node=ast.DictComp(key=key)):
                return self._answers.values(key)
            case Collection(node=ast.List(elts=held) | ast.Tuple(elts=held) | ast.Set(elts=held)):
                return union(map(self._answers.values, held))
            case Collection(
                node=ast.ListComp(elt=e) | ast.SetComp(elt=e) | ast.GeneratorExp(elt=e)
            ):
                return self._answers.values(e)
            case _:
                return ANYTHING

    def part(self, whole: Values, index: int, taken_from: ast.expr | None) -> Values:
        """What unpacking gives at ``index``.

        Args:
            whole: What is unpacked.
            index: The position in it.
            taken_from: The expression that is unpacked, or whose elements are.
        """
        found = union(self._part(value, index) for value in whole)
        return found | ANYTHING if taken_from and self._may_differ(taken_from) else found

    def _part(self, value: Value, index: int) -> Values:
        match value:
            case Row(parts=parts) | Collection(node=ast.Tuple(elts=parts) | ast.List(elts=parts)):
                if index >= len(parts) or _is_spread(parts):
                    return ANYTHING
                part = parts[index]
                return part if isinstance(part, Values) else self._answers.values(part)
            case _:
                return self._elements_of(value)

    def item(self, value: Series | Row | Collection, node: ast.Subscript) -> Values:
        """What subscripting a container gives."""
        if isinstance(node.slice, ast.Slice):
            return Values((value,)) if isinstance(value, Series) else ANYTHING
        found = self._at(value, self._answers.sole(node.slice))
        return found | ANYTHING if self._may_differ(node.value) else found

    def _at(self, value: Value, key: Value) -> Values:
        match value:
            case Series(elements=elements, items=items):
                return elements if items is None else items
            case Collection(node=ast.Dict(keys=keys, values=held)):
                if isinstance(key, Const):
                    for name, item in zip(keys, held, strict=True):
                        if isinstance(name, ast.Constant) and name.value == key.value:
                            return self._answers.values(item)
                if None in keys or not held:
                    return ANYTHING
                return union(map(self._answers.values, held))
            case Collection(node=ast.DictComp(value=held)):
                return self._answers.values(held)
            case Row(parts=parts) | Collection(node=ast.List(elts=parts) | ast.Tuple(elts=parts)):
                if not isinstance(key, Const) or not isinstance(key.value, int):
                    return self._elements_of(value) or ANYTHING
                if not -len(parts) <= key.value < len(parts) or _is_spread(parts):
                    return ANYTHING
                part = parts[key.value]
                return part if isinstance(part, Values) else self._answers.values(part)
            case Collection(node=ast.ListComp()):
                return self._elements_of(value)
            case _:
                return ANYTHING

    def _may_differ(self, node: ast.expr) -> bool:
        """Whether a container that the file writes out may hold more than it was written with."""
        return self._mutations.is_mutated(node) and not all(
            isinstance(value, Row) or (isinstance(value, Series) and value.is_declared)
            for value in self._answers.choices(node)
        )

    # -- calls --------------------------------------------------------------------------------

    def built_in(self, path: str, call: ast.Call) -> Values | None:
        """What a function of the standard library makes of containers; ``None`` for another function."""
        given = call.args
        if not given or any(isinstance(one, ast.Starred) for one in given):
            return None
        if path in SAME_ELEMENTS:
            found = self.elements(given[0])
        elif path == "builtins.enumerate":
            found = _row([ANYTHING, self.elements(given[0])])
        elif path == "builtins.zip":
            found = _row(list(map(self.elements, given)))
        elif path in ELEMENT:
            return self.elements(given[0]) | union(map(self._answers.values, given[1:]))
        else:
            return None
        return _series(found) if is_told(found) else None

    def method(self, call: ast.Call) -> Values | None:
        """What a method of a container gives, or ``stack.enter_context``; ``None`` for another call."""
        function = call.func
        if not isinstance(function, ast.Attribute):
            return None
        owner, name = function.value, function.attr
        if name in _ENTERING and len(call.args) == 1:
            return self.entered(call.args[0])
        held = self._answers.choices(owner)
        if not held or not all(isinstance(value, Series | Row | Collection) for value in held):
            return None
        found = union(self._called(value, name, call) for value in held)
        return found | ANYTHING if self._may_differ(owner) else found

    def _called(self, value: Value, name: str, call: ast.Call) -> Values:
        key = self._answers.sole(call.args[0]) if call.args else UNKNOWN
        match name:
            case "get" if call.args:
                default = union(map(self._answers.values, call.args[1:])) or ONLY_NONE
                return self._at(value, key) | default
            case "pop" | "popleft" | "setdefault" | "__getitem__":
                return self._at(value, key) | union(map(self._answers.values, call.args[1:]))
            case "copy" if not isinstance(value, Collection):
                return Values((value,))
            case "keys" | "__iter__":
                return _series(self._elements_of(value))
            case "values":
                return _series(self._at(value, UNKNOWN))
            case "items":
                return _series(self._pairs(value))
            case _:
                return ANYTHING

    def _pairs(self, value: Value) -> Values:
        """The keys of a dictionary with what it holds under them."""
        values = self._answers.values
        match value:
            case Collection(node=ast.Dict(keys=keys, values=held)):
                return union(
                    _row([values(key), values(item)]) if key is not None else ANYTHING
                    for key, item in zip(keys, held, strict=True)
                )
            case _:
                return _row([self._elements_of(value), self._at(value, UNKNOWN)])

    # -- functions that yield, and managers ---------------------------------------------------

    def yielded(self, function: FunctionNode) -> Values:
        """What calling a function that yields gives."""
        found = NOTHING
        for node in self._answers.bindings.generators[function]:
            if isinstance(node, ast.YieldFrom):
                found |= self.elements(node.value)
            else:
                found |= self._answers.values(node.value) if node.value is not None else ONLY_NONE
        return _series(found)

    def managed(self, function: FunctionNode, result: Values) -> Values:
        """What calling a function gives, its ``@contextmanager`` heeded."""
        decorators = getattr(function, "decorator_list", ())
        if not any(callee_name(decorator) in _MANAGING for decorator in decorators):
            return result
        return union(
            Values((Manager(value.elements),)) if isinstance(value, Series) else ANYTHING
            for value in result
        )

    def entered(self, manager: ast.expr) -> Values:
        """What ``with manager as name`` binds."""
        return union(map(self._entered, self._answers.choices(manager)))

    def _entered(self, value: Value) -> Values:
        match value:
            case Manager(entered=found):
                return found
            case Result(function=Ref(path=path), call=ast.Call(args=[inner])) if (
                path in _HANDED_THROUGH
            ):
                return self._answers.choices(inner)
            case LocalInstance(info=info):
                return (
                    union(
                        self._returned(made.node) if isinstance(made, LocalFunction) else ANYTHING
                        for name in ("__enter__", "__aenter__")
                        for binding in self._answers.attribute_bindings(info, name, instance=False)
                        for made in self._answers.bound(binding)
                    )
                    or ANYTHING
                )
            case _:
                return ANYTHING


def _is_spread(parts: Sequence[object]) -> bool:
    return any(isinstance(part, ast.Starred) for part in parts)


def _series(elements: Values) -> Values:
    """Something that gives certain things one by one; anything where nothing is known of them."""
    return Values((Series(elements),)) if is_told(elements) else ANYTHING


def _row(parts: list[Values]) -> Values:
    return Values((Row(tuple(parts)),)) if any(map(is_told, parts)) else ANYTHING


def is_told(values: Iterable[Value]) -> bool:
    """Whether anything is known of what may be something."""
    return any(not isinstance(value, Unknown) for value in values)
