"""What a file puts into the fields of configs that may be torchtitan's: no type is looked at then."""

from __future__ import annotations

import ast

from titan_lint.api import Class
from titan_lint.code.forms import callee_name, is_torchtitans, last_name
from titan_lint.code.values import Instance, LocalClass, LocalInstance, Ref, Result
from titan_lint.structs import Struct
from titan_lint.uses.fields import COPYING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from titan_lint.api import Surface
    from titan_lint.code.library import Types
    from titan_lint.code.names import ClassInfo
    from titan_lint.code.program import Program
    from titan_lint.code.values import Values


class Put(Struct):
    """Something that is put into a field.

    Attributes:
        value: What; ``None`` where that is not plain.
        is_sure: Whether it goes into what may be torchtitan's, and is not only handed to something else by that name.
        owner: The last part of how that is called, into which it goes; ``None`` where it makes that.
    """

    value: ast.expr | None
    is_sure: bool
    owner: str | None = None


class Filling:
    """What one file puts into fields.

    Args:
        program: The file.
        values: Tells what an expression of it may be.
        bases: Tells what a class outside torchtitan derives from beyond the project; ``None`` for what is not known.
        types: The API of the target.
        surface: The same.
    """

    def __init__(
        self,
        program: Program,
        values: Callable[[ast.expr], Values],
        bases: Callable[[ClassInfo], Iterable[str | None]],
        types: Types,
        surface: Surface,
    ) -> None:
        self._program = program
        self._values = values
        self._bases = bases
        self._derives = types.derives
        self._surface = surface
        self._found: dict[str, list[Put]] = {}

    def otherwise(self, field: str, classes: Sequence[str], holder: str | None = None) -> bool:
        """Whether the file may put something into a field that is of none of some classes of torchtitan's.

        Args:
            field: The field.
            classes: The classes.
            holder: The last part of how that is called of which another file reads it. What a file that names torchtitan
                nowhere puts into something else may be anything, and counts where it is known.
        """
        if field not in self._found:
            self._found[field] = [put for name, put in self._puts(field) if name == field]
        return any(
            (self._may_be_its(put, holder) or self._is_something(put.value))
            and not (put.value is not None and self._is_of(put.value, classes))
            for put in self._found[field]
        )

    def _may_be_its(self, put: Put, holder: str | None) -> bool:
        """Whether something may be put into what may be torchtitan's."""
        is_near = holder is None or put.owner in (None, holder) or self._program.mentions_torchtitan
        return put.is_sure and is_near

    def _puts(self, field: str) -> Iterator[tuple[str, Put]]:
        program = self._program
        for node in program.bindings.attributes:
            if (
                node.attr == field
                and isinstance(node.ctx, ast.Store)
                and not (isinstance(node.value, ast.Name) and node.value.id == "self")
            ):
                match program.parents[node]:
                    case ast.Assign(value=value, targets=targets) if node in targets:
                        put = value
                    case ast.AnnAssign(value=value):
                        put = value
                    case _:
                        put = None
                yield node.attr, Put(put, is_sure=True, owner=last_name(node.value))
        for call in program.called("setattr", "__setattr__"):
            match call.args:
                case [owner, ast.Constant(value=str() as name), value]:
                    yield name, Put(value, is_sure=True, owner=last_name(owner))
                case _:
                    pass
        for item in program.bindings.items:
            owner = _whose(item.value) if isinstance(item.ctx, ast.Store) else None
            if owner is not None and isinstance(item.slice, ast.Constant):
                match program.parents[item]:
                    case ast.Assign(value=value, targets=[_]):
                        put = value
                    case _:
                        put = None
                yield str(item.slice.value), Put(put, is_sure=True, owner=last_name(owner))
        for call in program.bindings.calls:
            is_sure: bool | None = None
            for name, value in self._given(call):
                if name != field:
                    continue
                is_sure = self._makes(call) if is_sure is None else is_sure
                yield name, Put(value, is_sure, _copied(call))

    def _given(self, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
        """What a call is given by keywords, those of a dictionary that is unpacked among them."""
        for word in call.keywords:
            if word.arg is not None:
                yield word.arg, word.value
            else:
                yield from self._entries(word.value)
        if _whose(getattr(call.func, "value", None)) is not None:
            for given in call.args:
                yield from self._entries(given)

    def _entries(self, node: ast.expr, depth: int = 0) -> Iterator[tuple[str, ast.expr]]:
        """What a dictionary holds under keys that stand there."""
        match node:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield key.value, value
                    elif key is None:
                        yield from self._entries(value, depth)
            case ast.Call(func=ast.Name(id="dict"), args=given, keywords=words):
                for word in words:
                    if word.arg is not None:
                        yield word.arg, word.value
                for part in given:
                    yield from self._entries(part, depth)
            case ast.BinOp(left=left, right=right, op=ast.BitOr()):
                yield from self._entries(left, depth)
                yield from self._entries(right, depth)
            case ast.Name() if depth < _DEEP:
                for binding in self._program.bindings.of(node):
                    if binding.value is not None:
                        yield from self._entries(binding.value, depth + 1)
                for item in self._program.bindings.items:
                    # What is put into it later.
                    if isinstance(item.ctx, ast.Store) and last_name(item.value) == node.id:
                        match item.slice, self._program.parents[item]:
                            case ast.Constant(value=str() as key), ast.Assign(value=value):
                                yield key, value
                            case _:
                                pass
            case _:
                pass

    def _makes(self, call: ast.Call) -> bool:
        """Whether a call makes something of a class of torchtitan's, or of one that derives from it, or changes such."""
        name = callee_name(call)
        if _copied(call) is not None:
            return True
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")))):
                return name == "__init__"
            case ast.Call(args=[called, *_]) if name in _PARTIAL:
                return self._is_class(called)
            case _:
                return self._is_class(call.func)

    def _is_class(self, node: ast.expr) -> bool:
        return any(
            isinstance(made, LocalClass)
            or (isinstance(made, Ref) and isinstance(self._surface.lookup(made.path), Class))
            for made in self._values(node)
        )

    def _is_something(self, value: ast.expr | None) -> bool:
        """Whether a value is known to be an object of some class."""
        found = () if value is None else self._values(value)
        return bool(found) and all(
            isinstance(one, LocalInstance)
            or (
                isinstance(one, Result)
                and isinstance(one.function, Ref)
                and _is_namespace(one.function.path)
            )
            for one in found
        )

    def _is_of(self, value: ast.expr, classes: Sequence[str]) -> bool:
        """Whether a value is certainly of one of some classes of torchtitan's, or of one that derives from these, or ``None``."""
        if isinstance(value, ast.Constant):
            return value.value is None
        found = self._values(value)
        return bool(found) and all(
            (isinstance(one, Instance) and any(self._derives(one.cls, cls) for cls in classes))
            # What a torchtitan had that the target lacks is none of the project's.
            or (
                isinstance(one, Result)
                and isinstance(one.function, Ref)
                and is_torchtitans(one.function.path)
            )
            or (
                isinstance(one, LocalInstance)
                and any(
                    base is not None and self._derives(base, cls)
                    for base in self._bases(one.info)
                    for cls in classes
                )
            )
            for one in found
        )


def _copied(call: ast.Call) -> str | None:
    """How that is called which a call copies with other fields, or whose dictionary it changes; ``None`` for another call."""
    owner = _whose(getattr(call.func, "value", None))
    if owner is None and callee_name(call) in COPYING:
        owner = call.args[0] if call.args else getattr(call.func, "value", call.func)
    return None if owner is None else last_name(owner)


def _whose(node: ast.expr | None) -> ast.expr | None:
    """The object of whose members an expression is the dictionary: ``config.__dict__``, ``vars(config)``."""
    match node:
        case ast.Attribute(attr="__dict__", value=owner):
            return owner
        case ast.Call(func=ast.Name(id="vars"), args=[owner]):
            return owner
        case _:
            return None


def _is_namespace(path: str) -> bool:
    return path in {"types.SimpleNamespace", "argparse.Namespace"}


_PARTIAL = frozenset({"partial", "partialmethod"})
_DEEP = 3
"""Through how many names a dictionary is followed that is unpacked."""
