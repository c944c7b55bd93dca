"""Which names an expression holds that was asked of something of torchtitan's: fields, parameters, members."""

from __future__ import annotations

import ast

from titan_lint.code.names import FunctionNode, Kind
from titan_lint.code.values import LocalFunction, Ref, Value, Values
from titan_lint.uses.conditions.frame import DEPTH, OUTSIDE, Frame, is_unpacked
from titan_lint.uses.shapes import Names, Shapes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from titan_lint.uses.conditions.frame import Answers


class HeldNames:
    """The names that the expressions of one file hold: ``fields(cls)``, ``signature(f).parameters``."""

    def __init__(self, truth: Answers) -> None:
        self.file = truth.file
        self.truth = truth
        self.shapes = Shapes(truth.file)

    def names(self, node: ast.expr, frame: Frame = OUTSIDE) -> Names | None:
        """The names that an expression holds, asked of something of torchtitan's; ``None`` for anything else."""
        found = self.truth.once(self._find_names, node, frame)
        return found if isinstance(found, Names) else None

    def _find_names(self, node: ast.expr, frame: Frame) -> Names | None:
        given = self.truth.given(node, frame)
        if given is not None:
            return self.names(*given)
        match node:
            case ast.Name():
                bound = self.truth.live_bindings(node)
                if len(bound) != 1 or bound[0].kind is not Kind.VALUE or bound[0].value is None:
                    pass
                elif not is_unpacked(bound[0]):
                    inner = self.names(bound[0].value, frame)
                    if inner is not None:
                        return inner
                return self.shapes.held(self.truth.values(node, frame))
            case ast.NamedExpr(value=value):
                return self.names(value, frame)
            case ast.BinOp(op=ast.Add() | ast.BitOr(), left=left, right=right):
                both = [self.names(left, frame), self.names(right, frame)]
                known = [names for names in both if names is not None]
                return Names.either(known) if len(known) == 2 else None
            case ast.Attribute(value=owner, attr=attr):
                return self._of_attribute(owner, attr, frame) or self.shapes.held(
                    self.truth.values(node, frame)
                )
            case ast.Subscript(value=owner):
                return self._of_item(owner, node.slice, frame) or self.shapes.held(
                    self.truth.values(node, frame)
                )
            case ast.Call():
                return self._of_call(node, frame)
            case (
                ast.SetComp(elt=elt, generators=[over])
                | ast.ListComp(elt=elt, generators=[over])
                | ast.GeneratorExp(elt=elt, generators=[over])
                | ast.DictComp(key=elt, generators=[over])
            ):
                names = self.named_in(elt, over, frame)
                return names.some() if names is not None and over.ifs else names
            case (
                ast.Set(elts=[ast.Starred(value=inner)])
                | ast.List(elts=[ast.Starred(value=inner)])
                | ast.Tuple(elts=[ast.Starred(value=inner)])
            ):
                return self.names(inner, frame)
            case _:
                return None

    def named_in(self, elt: ast.expr, over: ast.comprehension, frame: Frame) -> Names | None:
        """The names that a comprehension takes from what it runs through; ``None`` where they are not known."""
        match elt, over.target:
            case ast.Name(id=used), ast.Name(id=bound) if used == bound:
                return self.names(over.iter, frame)
            case ast.Attribute(value=ast.Name(id=used), attr="name"), ast.Name(id=bound) if (
                used == bound
            ):
                return self._objects(over.iter, frame)
            case ast.Name(id=used), ast.Tuple(elts=[ast.Name(id=bound), _]) if used == bound:
                match over.iter:
                    case ast.Call(func=ast.Attribute(value=owner, attr="items"), args=[]):
                        return self.names(owner, frame)
                    case _:
                        pass
            case _:
                pass
        return None

    def _objects(self, node: ast.expr, frame: Frame) -> Names | None:
        """What fields or parameters are called: ``fields(cls)``, ``signature(f).parameters.values()``."""
        given = self.truth.given(node, frame)
        if given is not None:
            return self._objects(*given)
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="values"), args=[]):
                return self.names(owner, frame)
            case ast.Call(func=function, args=[cls]):
                for value in self.truth.values(function, frame):
                    if value == Ref("dataclasses.fields"):
                        return self.shapes.fields(self.truth.values(cls, frame))
                    if isinstance(value, Ref) and value.path in {
                        *("builtins.list", "builtins.tuple", "builtins.set", "builtins.iter"),
                    }:
                        return self._objects(cls, frame)
                    return None
            case ast.Name() if (value := self.truth.sole_value(node)) is not None:
                return self._objects(value, frame)
            case _:
                pass
        return None

    def _of_attribute(self, owner: ast.expr, attr: str, frame: Frame) -> Names | None:
        match attr:
            case "parameters" if (function := self._signed(owner, frame)) is not None:
                return self.shapes.parameters(function)
            case "args" | "kwonlyargs" if (function := self._spec(owner, frame)) is not None:
                return self.shapes.parameters(function, keyword_only=attr == "kwonlyargs")
            case "co_varnames":
                match owner:
                    case ast.Attribute(value=function, attr="__code__"):
                        # The function's own variables are among them, which nobody knows.
                        return self.shapes.parameters(self.truth.values(function, frame)).at_least()
                    case _:
                        return None
            case "__dataclass_fields__":
                return self.shapes.fields(self.truth.values(owner, frame))
            case "__annotations__":
                return self.shapes.hints(self.truth.values(owner, frame)).at_least()
            case "__dict__":
                return self.shapes.members(self.truth.values(owner, frame), own=True)
            case _:
                return None

    def _of_item(self, owner: ast.expr, key: ast.expr, frame: Frame) -> Names | None:
        match key:
            case ast.Slice():
                names = self.names(owner, frame)
                return names.some() if names is not None else None
            case ast.Constant(value=0):
                function = self._spec(owner, frame)
                return self.shapes.parameters(function) if function is not None else None
            case _:
                return None

    def _signed(self, node: ast.expr, frame: Frame) -> Values | None:
        """The functions whose ``inspect.signature(...)`` an expression is."""
        return self._asked_of(node, frame, ("inspect.signature", "inspect.Signature.from_callable"))

    def _spec(self, node: ast.expr, frame: Frame) -> Values | None:
        return self._asked_of(node, frame, ("inspect.getfullargspec", "inspect.getargspec"))

    def _asked_of(self, node: ast.expr, frame: Frame, by: tuple[str, ...]) -> Values | None:
        for _ in range(DEPTH):
            given = self.truth.given(node, frame)
            if given is not None:
                node, frame = given
                continue
            match node:
                case ast.Call(func=function, args=[asked, *_]):
                    called = self.truth.values(function, frame)
                    if any(isinstance(v, Ref) and v.path in by for v in called):
                        return self.truth.values(asked, frame)
                    inner = self._sole_return(called)
                    if inner is None:
                        return None
                    local, value = inner
                    node, frame = value, Frame(self.truth.arguments(local, node, frame))
                case ast.Name():
                    bound = self.truth.live_bindings(node)
                    if len(bound) != 1 or bound[0].value is None or is_unpacked(bound[0]):
                        return None
                    node = bound[0].value
                case _:
                    return None
        return None

    def _sole_return(self, called: Iterable[Value]) -> tuple[FunctionNode, ast.expr] | None:
        found = list(called)
        if len(found) != 1 or not isinstance(found[0], LocalFunction):
            return None
        function = found[0].node
        if function in self.file.program.bindings.generators:
            return None
        if isinstance(function, ast.Lambda):
            return function, function.body
        returns = self.file.program.bindings.returns.get(function, [])
        return (function, returns[0]) if len(returns) == 1 else None

    def _of_call(self, node: ast.Call, frame: Frame) -> Names | None:
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="keys" | "copy"), args=[]):
                return self.names(owner, frame)
            case ast.Call(func=function, args=[asked, *_]):
                pass
            case _:
                asked, function = None, node.func
        called = self.truth.values(function, frame)
        for value in called:
            match value:
                case Ref(
                    path="builtins.set"
                    | "builtins.list"
                    | "builtins.tuple"
                    | "builtins.frozenset"
                    | "builtins.sorted"
                    | "builtins.dict"
                    | "builtins.iter"
                ) if asked is not None:
                    return self.names(asked, frame)
                case Ref(path="builtins.vars") if asked is not None:
                    return self.shapes.members(self.truth.values(asked, frame), own=True)
                case Ref(path="dataclasses.asdict") if asked is not None:
                    return self.shapes.fields(self.truth.values(asked, frame)).unsure_of_values()
                case Ref(path="builtins.dir") if asked is not None:
                    return self.shapes.members(self.truth.values(asked, frame))
                case Ref(
                    path="typing.get_type_hints"
                    | "typing_extensions.get_type_hints"
                    | "inspect.get_annotations"
                ) if asked is not None:
                    return self.shapes.hints(self.truth.values(asked, frame))
                case Ref(path="typing.get_args" | "typing_extensions.get_args") if (
                    asked is not None
                ):
                    return self._choices(asked, frame)
                case _:
                    break
        inner = self._sole_return(called)
        if inner is not None:
            local, returned = inner
            return self.names(returned, Frame(self.truth.arguments(local, node, frame)))
        return None

    def _choices(self, node: ast.expr, frame: Frame) -> Names | None:
        """What ``get_args`` gives of one field's annotation."""
        given = self.truth.given(node, frame)
        if given is not None:
            return self._choices(*given)
        match node:
            case ast.Name():
                value = self.truth.sole_value(node)
                return None if value is None else self._choices(value, frame)
            case ast.Attribute(value=inner, attr="type" | "annotation"):
                return self._choices(inner, frame)
            case ast.Subscript(value=owner, slice=key):
                pass
            case _:
                return None
        text = self.truth.text(key, frame)
        asked = self._typed(owner, frame)
        return self.shapes.choices(asked, text) if asked is not None and text is not None else None

    def _typed(self, node: ast.expr, frame: Frame) -> Values | None:
        """The classes whose type hints, by name, an expression is."""
        match node:
            case ast.Attribute(value=owner, attr="__annotations__" | "__dataclass_fields__"):
                return self.truth.values(owner, frame)
            case ast.Attribute(value=owner, attr="parameters"):
                return self._signed(owner, frame)
            case _:
                return self._asked_of(
                    node,
                    frame,
                    (
                        "typing.get_type_hints",
                        "typing_extensions.get_type_hints",
                        "inspect.get_annotations",
                    ),
                )
