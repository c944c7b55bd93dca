"""What a file itself puts into torchtitan's modules and classes, and into classes built on them.

A property set on a class, a function put on a module, a stub under ``sys.modules``: what a file adds is
there for it, whatever the target has. A file that reads a thing before it replaces it reads the
target's own.
"""

from __future__ import annotations

import ast
import functools
import sys

from titan_lint.api import Class
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
    from collections.abc import Iterable, Iterator

    from titan_lint.code.names import ClassInfo, FunctionNode
    from titan_lint.uses.file import File

_ANY = None
"""In the place of a name that is not known: it may be any."""

_SETTERS = frozenset({"setattr", "__setattr__", "object"})
_HOOKS = frozenset({"__getattr__", "__getattribute__"})
_CREATORS = ("__init__", "__new__", "__post_init__")
_LENIENT = frozenset({"create", "raising"})
_OF_MOCKS = frozenset({"return_value", "side_effect", "name"})
_IN_PLACE = frozenset({"update", "setdefault", "__setitem__", "setitem", "dict"})
# Metaclasses that add no members.
_METACLASSES = frozenset({Ref("abc.ABCMeta"), Ref("builtins.type"), Ref("enum.EnumMeta")})


class Added(Struct, eq=False):
    """One thing that is put somewhere.

    Attributes:
        owner: What it is put on: the path of a module or class, or a class of the file.
        name: Under which name; ``None`` where it may be any.
        node: The syntax that does it.
    """

    owner: str | ClassInfo
    name: str | None
    node: ast.expr


class Additions:
    """What one file adds, at one target."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.all = list(self._found())
        self._of: dict[str | ClassInfo, list[Added]] = {}
        for added in self.all:
            for owner in self._places(added):
                self._of.setdefault(owner, []).append(added)

    def _places(self, added: Added) -> set[str | ClassInfo]:
        """What something is put on, and what has it from elsewhere: a read tells the one path or the other."""
        owner, name = added.owner, added.name
        if not isinstance(owner, str):
            return {owner}
        surface = self.file.target.surface
        places: set[str | ClassInfo] = {surface.resolve(owner) or owner}
        defined = surface.resolve(f"{owner}.{name}") if owner and name else None
        if defined is not None:
            place, _, word = defined.rpartition(".")
            if word == name:
                places.add(place)
        return places

    # -- questions ----------------------------------------------------------------------------

    def at(self, path: str) -> list[Added]:
        """What may put something at a path, or at what it leads through."""
        found: list[Added] = []
        if not self.all:
            return found
        holder, _, name = path.rpartition(".")
        while holder:
            found += self._named(self._owners(holder), name)
            holder, _, name = holder.rpartition(".")
        return found + [a for a in self._of.get("", ()) if a.name == path.partition(".")[0]]

    def excuses(self, path: str, node: ast.AST) -> bool | None:
        """Whether what is read at a path may be something of the file's; ``None`` if it puts none."""
        found = self.at(path)
        if not found:
            return None
        return any(self._may_come_first(added, node) for added in found)

    def on_class(self, cls: str, name: str, node: ast.AST | None = None) -> bool:
        """Whether the file gives a class of torchtitan's a member, before ``node`` asks for it."""
        return bool(self.all) and any(
            node is None or self._may_come_first(added, node)
            for added in self._named(self._owners(cls), name)
        )

    def on_local(self, info: ClassInfo, name: str) -> bool:
        """Whether a class of the file gets a member by other ways than its body and methods."""
        resolver = self.file.resolver
        for cls in resolver.local_mro(info):
            if cls.scope.bindings.keys() & _HOOKS or self._named([cls], name):
                return True
            if any(map(self._may_add, cls.node.decorator_list)):
                return True
            for word in cls.node.keywords:
                if word.arg == "metaclass" and self.file.sole(word.value) not in _METACLASSES:
                    return True
        return any(base and self.on_class(base, name) for base in resolver.foreign_bases(info))

    def makes(self, cls: str) -> bool:
        """Whether the file replaces how instances of a class are made."""
        return bool(self.all) and any(self.on_class(cls, name) for name in _CREATORS)

    def _may_add(self, decorator: ast.expr) -> bool:
        """Whether a class's decorator is the file's own, which may add anything."""
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        return any(
            isinstance(value, LocalFunction | LocalClass) for value in self.file.values(called)
        )

    def _owners(self, path: str) -> list[str | ClassInfo]:
        """A module or class with those that it inherits from."""
        surface = self.file.target.surface
        found = surface.lookup(path)
        mro = [base.path for base in found.mro] if isinstance(found, Class) else []
        return [*dict.fromkeys([path, surface.resolve(path) or path, *mro])]

    def _named(self, owners: Iterable[str | ClassInfo], name: str) -> list[Added]:
        return [
            added
            for owner in owners
            for added in self._of.get(owner, ())
            if added.name in (name, _ANY) or added.name in _HOOKS
        ]

    def _may_come_first(self, added: Added, node: ast.AST) -> bool:
        """Whether something is put in its place before ``node`` asks for it."""
        program = self.file.program
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
        program = self.file.program
        found = [
            _position(call)
            for call in self.file.calls
            if program.function(call) is None
            and any(map(self._is_own, (call.func, *call.args, *(w.value for w in call.keywords))))
        ]
        for node in program.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found += [_position(d) for d in node.decorator_list if self._is_own(d)]
        return min(found, default=(sys.maxsize, 0))

    def _is_own(self, node: ast.expr) -> bool:
        """Whether something may be a function of the file's, or hold one."""
        return any(root(v) is None and not isinstance(v, Const) for v in self.file.values(node))

    # -- what there is ------------------------------------------------------------------------

    def _found(self) -> Iterator[Added]:
        for node in self.file.attributes:
            if isinstance(node.ctx, ast.Store):
                if not self._is_there(node.value, node.attr, node):
                    yield from self._put(node.value, [node.attr], node)
        for item in self.file.program.bindings.items:
            if isinstance(item.ctx, ast.Store):
                yield from self._items(item.value, self._texts(item.slice), item)
        for call in self.file.calls:
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
            and isinstance(self.file.program.parents[call], ast.withitem)
        )

    def _set(self, call: ast.Call) -> Iterator[Added]:
        match call.args:
            case [ast.Constant(value=str()) as path, _]:
                if any(word.arg in _LENIENT for word in call.keywords):
                    yield from self._by_path(path, call)
            case [owner, name, *_]:
                texts = [
                    text
                    for text in self._texts(name)
                    if not self._is_there(owner, text, call, name)
                ]
                yield from self._put(owner, texts, call)
            case _:
                pass

    def _is_there(
        self, owner: ast.expr, text: str | None, by: ast.expr, name: ast.expr | None = None
    ) -> bool:
        """Whether something is put only where it is missing, and the target has it."""
        if text is None or not is_fallback(self.file.program, by, owner, name or text):
            return False
        surface = self.file.target.surface
        found = list(self.file.values(owner))
        return bool(found) and all(
            isinstance(value, Ref) and surface.lookup(f"{value.path}.{text}") is not None
            for value in found
        )

    def _texts(self, node: ast.expr) -> list[str | None]:
        """What a name may be; for a parameter, what calls in the file hand over for it."""
        found: list[str | None] = []
        for value in self._owners_of(node):
            is_text = isinstance(value, Const) and isinstance(value.value, str)
            found.append(value.value if is_text else _ANY)  # type: ignore[attr-defined]
        return found

    def _by_path(self, node: ast.expr, by: ast.expr) -> Iterator[Added]:
        for text in self._texts(node):
            if text is not None and text.startswith("torchtitan."):
                holder, _, name = text.rpartition(".")
                yield Added(holder, name, by)

    def _put_many(self, owners: list[ast.expr], names: list[str], by: ast.expr) -> Iterator[Added]:
        for owner in owners[:1]:
            for text in self._texts(owner):
                if text is not None:
                    yield from (Added(text, name, by) for name in names)
            yield from self._put(owner, [*names], by)

    def _put(self, owner: ast.expr, names: Iterable[str | None], by: ast.expr) -> Iterator[Added]:
        names = list(names)
        for value in self._owners_of(owner):
            match value:
                case Ref(path=path) if path.partition(".")[0] == "torchtitan":
                    yield from (Added(path, name, by) for name in names)
                case LocalClass(info=info):
                    yield from (Added(info, name, by) for name in names)
                case LocalInstance(info=info) if not isinstance(by, ast.Attribute):
                    yield from (Added(info, name, by) for name in names)
                case Instance(cls=cls) if _ANY in names and cls.startswith("torchtitan."):
                    yield Added(cls, _ANY, by)
                case _:
                    pass

    def _owners_of(self, owner: ast.expr) -> list[Value]:
        """What an expression is; for a parameter, what calls in the file hand over for it."""
        found = list(self.file.values(owner))
        if not isinstance(owner, ast.Name):
            return found
        for binding in self.file.program.bindings.of(owner):
            if binding.kind is Kind.PARAMETER and binding.function is not None:
                found += self._handed(binding.function, binding.index)
        return found

    @functools.cached_property
    def _calls(self) -> dict[str, list[ast.Call]]:
        found: dict[str, list[ast.Call]] = {}
        for call in self.file.calls:
            found.setdefault(callee_name(call), []).append(call)
        return found

    def _handed(self, function: FunctionNode, index: int) -> Iterator[Value]:
        if index < 0 or isinstance(function, ast.Lambda):
            return
        for call in self._calls.get(function.name, ()):
            if len(call.args) <= index:
                continue
            if any(
                isinstance(v, LocalFunction) and v.node is function
                for v in self.file.values(call.func)
            ):
                argument = call.args[index]
                yield from self.file.values(
                    argument.value if isinstance(argument, ast.Starred) else argument
                )

    def _items(self, owner: ast.expr, keys: Iterable[str | None], by: ast.expr) -> Iterator[Added]:
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
                        yield Added(holder, name, by)
            case _:
                pass

    def _is_modules(self, node: ast.expr) -> bool:
        return node is _MODULES or Ref("sys.modules") in self.file.values(node)

    def _updated(self, call: ast.Call) -> Iterator[Added]:
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
        for value in (Collection(node),) if isinstance(node, ast.Dict) else self.file.values(node):
            match value:
                case Collection(node=ast.Dict(keys=keys)):
                    for key in keys:
                        found += [_ANY] if key is None else self._texts(key)
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
                made = bound_values(self.file.program, node)
                known = [value for value in made if isinstance(value, ast.DictComp | ast.Call)]
                if known and len(known) == len(made):
                    return [name for value in known for name in self._made_keys(value)]
            case _:
                pass
        return [_ANY]


_MODULES = ast.Attribute(value=ast.Name(id="sys", ctx=ast.Load()), attr="modules", ctx=ast.Load())
"""Stands for ``"sys.modules"`` in a string."""


def _position(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def is_put(file: File, node: ast.AST, *paths: str) -> bool:
    """Whether what is asked for at one of some paths may be something of the file's or the project's.

    Args:
        file: The file.
        node: What asks.
        paths: Dotted paths, such as ``torchtitan.trainer.Trainer.close``.
    """
    additions = file.once(Additions)
    own = [additions.excuses(path, node) for path in paths]
    if any(own):
        return True
    if False in own:
        return False
    return file.is_replaced(*paths, by=node)
