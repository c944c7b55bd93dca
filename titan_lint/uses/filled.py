"""What a file puts into the fields of configs that may be torchtitan's: no type is looked at then."""

from __future__ import annotations

import ast

from titan_lint.api import Class
from titan_lint.code.forms import callee_name, is_torchtitans, last_name
from titan_lint.code.names import qualified
from titan_lint.code.stores import stored, whose
from titan_lint.code.values import Instance, LocalClass, LocalInstance, Ref, Result
from titan_lint.structs import Struct
from titan_lint.uses.brought import ANY, brought, end
from titan_lint.uses.fields import COPYING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from titan_lint.api import Surface
    from titan_lint.code.library import Types
    from titan_lint.code.names import ClassInfo
    from titan_lint.code.program import Program
    from titan_lint.code.values import Value, Values


class Put(Struct):
    """Something that is put into a field.

    Attributes:
        value: What; ``None`` where that is not plain.
        is_sure: Whether it goes into what may be torchtitan's, and is not only handed to something else by that name.
        owner: The last part of how that is called, into which it goes; ``None`` where it makes that.
        made: The classes of which one has the field, where it is given to a new instance; none where that may be any.
    """

    value: ast.expr | None
    is_sure: bool
    owner: str | None = None
    made: tuple[Value, ...] = ()


class Filling:
    """What one file puts into fields.

    Args:
        program: The file.
        values: Tells what an expression of it may be.
        bases: Tells what a class outside torchtitan derives from beyond the project; ``None`` for what is not known.
        mro: Tells which classes of the project one of it has its attributes from, itself the first.
        types: The API of the target.
        surface: The same.
    """

    def __init__(
        self,
        program: Program,
        values: Callable[[ast.expr], Values],
        bases: Callable[[ClassInfo], Iterable[str | None]],
        mro: Callable[[ClassInfo], Sequence[ClassInfo]],
        types: Types,
        surface: Surface,
    ) -> None:
        self._program = program
        self._values = values
        self._bases = bases
        self._mro = mro
        self._derives = types.derives
        self._surface = surface
        self._found: dict[str, list[Put]] = {}

    def otherwise(
        self, field: str, classes: Sequence[str], holders: Values, holder: str | None = None
    ) -> bool:
        """Whether the file may put something into a field that is of none of some classes of torchtitan's.

        Args:
            field: The field.
            classes: The classes.
            holders: What that may be of which it is read.
            holder: The last part of how that is called of which another file reads it. What a file that names torchtitan
                nowhere puts into something else may be anything, and counts where it is known.
        """
        if field not in self._found:
            self._found[field] = list(self._puts(field))
        return any(
            (self._may_be_its(put, holder) or self._is_something(put.value))
            and not (put.value is not None and self._is_of(put.value, classes))
            and self._may_be_in(put, holders, is_here=holder is None)
            for put in self._found[field]
        )

    def _may_be_its(self, put: Put, holder: str | None) -> bool:
        """Whether something may be put into what may be torchtitan's."""
        is_near = holder is None or put.owner in (None, holder) or self._program.mentions_torchtitan
        return put.is_sure and is_near

    def _puts(self, field: str) -> Iterator[Put]:
        """What is put into a field: set, stored under its name in an object's dictionary, or given to a call."""
        program = self._program
        for store in stored(program, field):
            if not store.is_own:
                yield Put(store.value, is_sure=True, owner=last_name(store.owner))
        for call in program.bindings.calls:
            given = [value for name, value in self._given(call) if name == field]
            made = self._makes(call) if given else None
            for value in given:
                yield Put(value, made is not None, _copied(call), made or ())

    def _given(self, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
        """What a call is given by keywords, those of a dictionary that is unpacked among them."""
        for word in call.keywords:
            if word.arg is not None:
                yield word.arg, word.value
            else:
                yield from self._entries(word.value)
        if whose(getattr(call.func, "value", None)) is not None:
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

    def _makes(self, call: ast.Call) -> tuple[Value, ...] | None:
        """The classes of torchtitan's, or of the file's, of one of which a call makes something.

        Empty where it may be of any, or changes what is there; ``None`` where it makes nothing of these.
        """
        name = callee_name(call)
        if _copied(call) is not None:
            return ()
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")))):
                return () if name == "__init__" else None
            case ast.Call(args=[called, *_]) if name in _PARTIAL:
                return self._classes(called)
            case _:
                return self._classes(call.func)

    def _classes(self, node: ast.expr) -> tuple[Value, ...] | None:
        """As :meth:`_makes`, of what is called."""
        found = tuple(self._values(node))
        classes = tuple(
            made
            for made in found
            if isinstance(made, LocalClass)
            or (isinstance(made, Ref) and isinstance(self._surface.lookup(made.path), Class))
        )
        if not classes:
            return None
        return classes if len(classes) == len(found) else ()

    def _may_be_in(self, put: Put, holders: Values, *, is_here: bool) -> bool:
        """Whether what is put into a field may be in that of what it is read from, and not in another class's alone."""
        return (
            not put.made
            or not holders
            or any(self._may_be(made, one, is_here) for made in put.made for one in holders)
        )

    def _may_be(self, made: Value, holder: Value, is_here: bool) -> bool:
        """Whether a new instance of a class may be what something else is: of the same class, or of one above or below.

        Args:
            made: The class.
            holder: The other thing, as the file that reads it has it.
            is_here: Whether that file is this one.
        """
        match made, holder:
            case LocalClass(info=info), _ if any(
                "__new__" in own.scope.bindings for own in self._mro(info)
            ):
                return True  # What that gives may be anything.
            case Ref(path=path), Instance(cls=cls):
                return self._is_kin(path, cls)
            case LocalClass(info=info), Instance(cls=cls):
                return any(
                    base is None or self._may_be_above(base, cls) for base in self._bases(info)
                )
            case LocalClass(info=info), LocalInstance(info=other) if is_here:
                return info in self._mro(other) or other in self._mro(info)
            case Ref(path=path), LocalInstance(info=info) if is_here:
                # In a copy of torchtitan the file's class may be the one at the path, too.
                if any(end(path) == end(f".{qualified(own)}") for own in self._mro(info)):
                    return True
                found = self._surface.resolve(path) or path
                return any(base is None or self._derives(base, found) for base in self._bases(info))
            case _:
                return True

    def _may_be_above(self, base: str, cls: str) -> bool:
        """Whether what derives from a base of another file's may derive from a class of torchtitan's as well."""
        if isinstance(self._surface.lookup(base), Class):
            return self._is_kin(base, cls)
        return base.startswith("torchtitan") or ANY in brought(base)

    def _is_kin(self, one: str, other: str) -> bool:
        one, other = self._surface.resolve(one) or one, self._surface.resolve(other) or other
        return one == other or self._derives(one, other) or self._derives(other, one)

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
    owner = whose(getattr(call.func, "value", None))
    if owner is None and callee_name(call) in COPYING:
        owner = call.args[0] if call.args else getattr(call.func, "value", call.func)
    return None if owner is None else last_name(owner)


def _is_namespace(path: str) -> bool:
    return path in {"types.SimpleNamespace", "argparse.Namespace"}


_PARTIAL = frozenset({"partial", "partialmethod"})
_DEEP = 3
"""Through how many names a dictionary is followed that is unpacked."""
