"""What a file puts into modules and classes: assignments, ``setattr``, stubs of modules, ``mock`` and ``monkeypatch``.

A property set on a class, a function put on a module, a stub under ``sys.modules``. What is read before that
is what was there.
"""

from __future__ import annotations

import ast
import functools
import sys

from titan_lint.code.fallback import is_fallback
from titan_lint.code.following import bound_values
from titan_lint.code.forms import callee_name, last_name
from titan_lint.code.names import Kind
from titan_lint.code.values import (
    Collection,
    Const,
    Instance,
    LocalClass,
    LocalFunction,
    LocalInstance,
    Ref,
    Value,
    root,
)
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from titan_lint.code.names import ClassInfo, FunctionNode
    from titan_lint.code.program import Program
    from titan_lint.code.values import Values

ANY = None
"""In the place of a name that is not known: it may be any."""

_SETTERS = frozenset({"setattr", "__setattr__", "object"})
_LENIENT = frozenset({"create", "raising"})
_OF_MOCKS = frozenset({"return_value", "side_effect", "name"})
_IN_PLACE = frozenset({"update", "setdefault", "__setitem__", "setitem", "dict"})


class Patch(Struct, eq=False):
    """One thing that is put somewhere.

    Attributes:
        owner: What it is put on: the path of a module or class, or a class of the file.
        name: Under which name; ``None`` where it may be any.
        node: The syntax that does it.
        only_missing: Whether it is put there only where nothing is.
    """

    owner: str | ClassInfo
    name: str | None
    node: ast.expr
    only_missing: bool = False


class Patches:
    """What one file puts somewhere, and when.

    Args:
        program: The file.
        values: Gives all that an expression may be.
    """

    def __init__(self, program: Program, values: Callable[[ast.expr], Values]) -> None:
        self.program = program
        self._values = values
        self.all = list(self._found())

    def may_come_first(self, added: Patch, node: ast.AST) -> bool:
        """Whether something is put in its place before ``node`` asks for it."""
        program = self.program
        here = program.function(node)
        if isinstance(added.node, ast.Call) and self._is_mock(added.node):
            # It is taken away after the block, but what was imported there is kept.
            block = program.parents[program.parents[added.node]]
            if program.function(block) is not here:
                return block in program.ancestors(node)
        if program.function(added.node) is not here:
            # What an import evaluates before it runs any function of the file comes first for sure.
            return here is not None or _position(node) > self._first_own_call
        statement = program.statement(added.node)
        around = {statement, *program.ancestors(statement)}
        own = program.statement(node)
        if statement is own:
            return False
        if any(isinstance(a, ast.For | ast.While) for a in around & {*program.ancestors(own)}):
            return True
        return statement.lineno < own.lineno

    @functools.cached_property
    def _first_own_call(self) -> tuple[int, int]:
        """Where the import of the file may run one of its own functions for the first time."""
        program = self.program
        found = [
            _position(call)
            for call in self.program.bindings.calls
            if program.function(call) is None
            and any(map(self._is_own, (call.func, *call.args, *(w.value for w in call.keywords))))
        ]
        for node in program.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found += [_position(d) for d in node.decorator_list if self._is_own(d)]
        return min(found, default=(sys.maxsize, 0))

    def _is_own(self, node: ast.expr) -> bool:
        """Whether something may be a function of the file's, or hold one."""
        return any(root(v) is None and not isinstance(v, Const) for v in self._values(node))

    # -- what there is ------------------------------------------------------------------------

    def _found(self) -> Iterator[Patch]:
        for node in self.program.bindings.attributes:
            if isinstance(node.ctx, ast.Store):
                missing = is_fallback(self.program, node, node.value, node.attr)
                yield from self._put(node.value, [node.attr], node, only_missing=missing)
        for item in self.program.bindings.items:
            if isinstance(item.ctx, ast.Store):
                yield from self._items(item.value, self._texts(item.slice), item)
        for call in self.program.bindings.calls:
            name = callee_name(call)
            if name in _SETTERS:
                yield from self._set(call)
            elif name == "multiple":
                names = [word.arg for word in call.keywords if word.arg]
                yield from self._put_many(call.args, names, call)
            elif name in {"patch", "delattr"} and call.args:
                if any(word.arg in _LENIENT for word in call.keywords) or self._is_mock(call):
                    yield from self._by_path(call.args[0], call)
            elif name in _IN_PLACE and isinstance(call.func, ast.Attribute):
                yield from self._updated(call)

    def _is_mock(self, call: ast.Call) -> bool:
        """Whether ``with patch(path):`` puts a mock there that takes whatever it is asked."""
        return (
            callee_name(call) == "patch"
            and len(call.args) == 1
            and all(word.arg in _OF_MOCKS for word in call.keywords)
            and isinstance(self.program.parents[call], ast.withitem)
        )

    def _set(self, call: ast.Call) -> Iterator[Patch]:
        match call.args:
            case [ast.Constant(value=str()) as path, _]:
                if any(word.arg in _LENIENT for word in call.keywords):
                    yield from self._by_path(path, call)
            case [owner, name, *_]:
                missing = is_fallback(self.program, call, owner, name)
                yield from self._put(owner, self._texts(name), call, only_missing=missing)
            case _:
                pass

    def _texts(self, node: ast.expr) -> list[str | None]:
        """What a name may be; for a parameter, what calls in the file hand over for it."""
        found: list[str | None] = []
        for value in self._owners_of(node):
            is_text = isinstance(value, Const) and isinstance(value.value, str)
            found.append(value.value if is_text else ANY)  # type: ignore[attr-defined]
        return found

    def _by_path(self, node: ast.expr, by: ast.expr) -> Iterator[Patch]:
        for text in self._texts(node):
            if text is not None and text.startswith("torchtitan."):
                holder, _, name = text.rpartition(".")
                yield Patch(holder, name, by)

    def _put_many(self, owners: list[ast.expr], names: list[str], by: ast.expr) -> Iterator[Patch]:
        for owner in owners[:1]:
            for text in self._texts(owner):
                if text is not None:
                    yield from (Patch(text, name, by) for name in names)
            yield from self._put(owner, [*names], by)

    def _put(
        self,
        owner: ast.expr,
        names: Iterable[str | None],
        by: ast.expr,
        *,
        only_missing: bool = False,
    ) -> Iterator[Patch]:
        names = list(names)
        for value in self._owners_of(owner):
            match value:
                case Ref(path=path) if path.partition(".")[0] == "torchtitan":
                    yield from (Patch(path, name, by, only_missing) for name in names)
                case LocalClass(info=info):
                    yield from (Patch(info, name, by) for name in names)
                case LocalInstance(info=info) if not isinstance(by, ast.Attribute):
                    yield from (Patch(info, name, by) for name in names)
                case Instance(cls=cls) if ANY in names and cls.startswith("torchtitan."):
                    yield Patch(cls, ANY, by)
                case _:
                    pass

    def _owners_of(self, owner: ast.expr) -> list[Value]:
        """What an expression is; for a parameter, what calls in the file hand over for it."""
        found = list(self._values(owner))
        if not isinstance(owner, ast.Name):
            return found
        for binding in self.program.bindings.of(owner):
            if binding.kind is Kind.PARAMETER and binding.function is not None:
                found += self._handed(binding.function, binding.index)
        return found

    @functools.cached_property
    def _calls(self) -> dict[str, list[ast.Call]]:
        found: dict[str, list[ast.Call]] = {}
        for call in self.program.bindings.calls:
            found.setdefault(callee_name(call), []).append(call)
        return found

    def _handed(self, function: FunctionNode, index: int) -> Iterator[Value]:
        if index < 0 or isinstance(function, ast.Lambda):
            return
        for call in self._calls.get(function.name, ()):
            if len(call.args) <= index:
                continue
            if any(
                isinstance(v, LocalFunction) and v.node is function for v in self._values(call.func)
            ):
                argument = call.args[index]
                yield from self._values(
                    argument.value if isinstance(argument, ast.Starred) else argument
                )

    def _items(self, owner: ast.expr, keys: Iterable[str | None], by: ast.expr) -> Iterator[Patch]:
        """``sys.modules["torchtitan.x"] = ...``, ``vars(module)["name"] = ...``."""
        match owner:
            case (
                ast.Call(func=ast.Name(id="vars"), args=[inner])
                | ast.Attribute(value=inner, attr="__dict__")
            ):
                yield from self._put(inner, keys, by)
            case ast.Attribute(attr="modules") | ast.Name() if self._is_modules(owner):
                for key in keys:
                    if key is not None and key.partition(".")[0] == "torchtitan":
                        holder, _, name = key.rpartition(".")
                        yield Patch(holder, name, by)
            case _:
                pass

    def _is_modules(self, node: ast.expr) -> bool:
        return node is _MODULES or Ref("sys.modules") in self._values(node)

    def _updated(self, call: ast.Call) -> Iterator[Patch]:
        assert isinstance(call.func, ast.Attribute)
        if call.func.attr in {"setitem", "dict"}:
            if not call.args or (
                call.func.attr == "dict" and last_name(call.func.value) != "patch"
            ):
                return
            owner, rest = call.args[0], call.args[1:]
            if isinstance(owner, ast.Constant) and owner.value == "sys.modules":
                owner = _MODULES
        else:
            owner, rest = call.func.value, call.args
        keys: list[str | None] = [word.arg for word in call.keywords if word.arg]
        for argument in rest[:1]:
            whole = call.func.attr in {"update", "dict"}
            keys += self._keys(argument) if whole else self._texts(argument)
        yield from self._items(owner, keys, call)

    def _keys(self, node: ast.expr) -> list[str | None]:
        """The keys of a dictionary that something is updated with; ``None`` for any."""
        found: list[str | None] = []
        for value in (Collection(node),) if isinstance(node, ast.Dict) else self._values(node):
            match value:
                case Collection(node=ast.Dict(keys=keys)):
                    for key in keys:
                        found += [ANY] if key is None else self._texts(key)
                case _:
                    found += self._made_keys(node)
        return found

    def _made_keys(self, node: ast.expr) -> list[str | None]:
        """As :meth:`_keys`, for ``{name: x for name in names}``, ``dict(a=1)`` and what is not known."""
        match node:
            case ast.DictComp(key=key):
                return self._texts(key)
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=words):
                return [word.arg for word in words]
            case ast.Name():
                made = bound_values(self.program, node)
                known = [value for value in made if isinstance(value, ast.DictComp | ast.Call)]
                if known and len(known) == len(made):
                    return [name for value in known for name in self._made_keys(value)]
            case _:
                pass
        return [ANY]


_MODULES = ast.Attribute(value=ast.Name(id="sys", ctx=ast.Load()), attr="modules", ctx=ast.Load())
"""Stands for ``"sys.modules"`` in a string."""


def _position(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
