"""What an expression is at the target where it is one literal: a word for the version, a count."""

from __future__ import annotations

import ast

from titan_lint.api import Class
from titan_lint.code.forms import is_torchtitans
from titan_lint.code.names import Binding, Kind
from titan_lint.code.values import Const, LocalClass, Ref, Value
from titan_lint.uses.conditions.frame import OUTSIDE, is_unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api import Parameter
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
                text = self.truth.text(name, frame)
                if self.truth.has(owner, name, frame) is False:
                    return self.of(default, frame)
                return self._default(owner, text, frame) if text is not None else None
            case ast.JoinedStr(values=parts):
                return self._joined(parts, frame)
            case ast.Call(func=ast.Name(id="object"), args=[], keywords=[]):
                return Const((node,))  # what stands for "missing"
            case ast.Attribute(value=owner, attr=name):
                return self._member(self.file.sole(owner), name) or self._default(
                    owner, name, frame
                )
            case ast.Subscript(value=ast.Call(func=function, args=[owner]), slice=key):
                if self.file.sole(function) != Ref("dataclasses.asdict"):
                    return None
                text = self.truth.text(key, frame)
                return self._default(owner, text, frame) if text is not None else None
            case _:
                return None

    def _joined(self, parts: list[ast.expr], frame: Frame) -> Const | None:
        """The text of an f-string of which all parts are known."""
        texts: list[str] = []
        for part in parts:
            match part:
                case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                    found = self.of(value, frame)
                case _:
                    found = self.of(part, frame)
            if found is None or not isinstance(found.value, str):
                return None
            texts.append(found.value)
        return Const("".join(texts))

    def _default(self, owner: ast.expr, name: str, frame: Frame) -> Const | None:
        """What a field is where nobody gives it another value: ``Config().field``."""
        cls = self._made(owner, name, frame)
        parameter = self._field(cls, name)
        if cls is None or parameter is None or parameter.default is None:
            return None
        if self.truth.may_be_put(f"{cls.path}.{name}"):
            return None
        try:
            return Const(ast.literal_eval(parameter.default))
        except (ValueError, SyntaxError):
            return None

    def _field(self, cls: Class | None, name: str) -> Parameter | None:
        """What a constructor takes a field as; ``None`` where there is no such field."""
        constructor = cls.constructor() if cls is not None else None
        return constructor.parameter(name) if constructor is not None else None

    def asks_for_default(self, node: ast.expr) -> bool:
        """Whether an expression reads what a field of torchtitan's is by default."""
        match node:
            case ast.Attribute(value=owner, attr=name):
                return self._field(self._made(owner, name, OUTSIDE), name) is not None
            case _:
                return False

    def _made(self, owner: ast.expr, name: str, frame: Frame) -> Class | None:
        """The dataclass that an expression is, or makes one of without giving a field."""
        given = self.truth.given(owner, frame)
        if given is not None:
            return self._made(given[0], name, given[1])
        match owner:
            case ast.Call(func=made, args=[], keywords=words):
                if any(word.arg in (None, name) for word in words):
                    return None
            case ast.Name() if (value := self.truth.sole_value(owner)) is not None:
                return self._made(value, name, frame) if self._is_only_read(owner) else None
            case _:
                made = owner
        match list(self.truth.values(made, frame)):
            case [Ref(path=path)] if is_torchtitans(path):
                cls = self.file.target.surface.lookup(path)
                return cls if isinstance(cls, Class) and cls.is_dataclass else None
            case _:
                return None

    def _is_only_read(self, node: ast.Name) -> bool:
        """Whether nothing is done with what a name stands for but reading its attributes."""
        program = self.file.program
        return all(
            isinstance(read := program.parents[load], ast.Attribute)
            and isinstance(read.ctx, ast.Load)
            for binding in program.bindings.of(node)
            for load in program.loads(binding)
        )

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
