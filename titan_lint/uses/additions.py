"""What a file itself puts into torchtitan's modules and classes, and into classes built on them.

A property set on a class, a function put on a module, a stub under ``sys.modules``: what a file adds is
there for it, whatever the target has. A file that reads a thing before it replaces it reads the
target's own.
"""

from __future__ import annotations

import ast
import functools

from titan_lint.api import Class
from titan_lint.code.forms import callee_name, last_name
from titan_lint.code.names import Kind
from titan_lint.code.values import (
    Const,
    Instance,
    LocalClass,
    LocalFunction,
    LocalInstance,
    Ref,
    Value,
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
            owner = added.owner
            if isinstance(owner, str):
                owner = file.target.surface.resolve(owner) or owner
            self._of.setdefault(owner, []).append(added)

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

    def on_class(self, cls: str, name: str) -> bool:
        """Whether the file gives a class of torchtitan's a member."""
        return bool(self.all) and bool(self._named(self._owners(cls), name))

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
        if program.function(added.node) is not program.function(node):
            return True
        statement = program.statement(added.node)
        around = {statement, *program.ancestors(statement)}
        own = program.statement(node)
        if statement is own:
            return False
        if any(isinstance(a, ast.For | ast.While) for a in around & {*program.ancestors(own)}):
            return True
        return statement.lineno < own.lineno

    # -- what there is ------------------------------------------------------------------------

    def _found(self) -> Iterator[Added]:
        for node in self.file.attributes:
            if isinstance(node.ctx, ast.Store):
                yield from self._put(node.value, [node.attr], node)
        for item in self.file.program.bindings.items:
            if isinstance(item.ctx, ast.Store):
                yield from self._items(item.value, [item.slice], item)
        for call in self.file.calls:
            name = callee_name(call)
            if name in _SETTERS:
                yield from self._set(call)
            elif name == "multiple":
                names = [word.arg for word in call.keywords if word.arg]
                yield from self._put_many(call.args, names, call)
            elif name in {"patch", "delattr"} and call.args:
                if any(word.arg in _LENIENT for word in call.keywords):
                    yield from self._by_path(call.args[0], call)
            elif name in _IN_PLACE and isinstance(call.func, ast.Attribute):
                yield from self._updated(call)

    def _set(self, call: ast.Call) -> Iterator[Added]:
        match call.args:
            case [ast.Constant(value=str()) as path, _]:
                if any(word.arg in _LENIENT for word in call.keywords):
                    yield from self._by_path(path, call)
            case [owner, name, *_]:
                texts = self._texts(name)
                yield from self._put(owner, texts, call)
            case _:
                pass

    def _texts(self, node: ast.expr) -> list[str | None]:
        found: list[str | None] = []
        for value in self.file.values(node):
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

    def _items(self, owner: ast.expr, keys: Iterable[ast.expr], by: ast.expr) -> Iterator[Added]:
        """``sys.modules["torchtitan.x"] = ...``, ``vars(module)["name"] = ...``."""
        match owner:
            case (
                ast.Call(func=ast.Name(id="vars"), args=[inner])
                | ast.Attribute(value=inner, attr="__dict__")
            ):
                for key in keys:
                    yield from self._put(inner, self._texts(key), by)
            case ast.Attribute(attr="modules") | ast.Name() if self._is_modules(owner):
                for key in keys:
                    for text in self._texts(key):
                        if text is not None and text.partition(".")[0] == "torchtitan":
                            holder, _, name = text.rpartition(".")
                            yield Added(holder, name, by)
            case _:
                pass

    def _is_modules(self, node: ast.expr) -> bool:
        return Ref("sys.modules") in self.file.values(node)

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
        if owner is _MODULES:
            yield from self._modules(rest, call)
            return
        keys: list[ast.expr] = []
        for argument in rest[:1]:
            keys += _keys(argument) if call.func.attr in {"update", "dict"} else [argument]
        keys += [ast.Constant(word.arg) for word in call.keywords if word.arg]
        yield from self._items(owner, [key for key in keys if not _made_up(key)], call)
        for key in keys:
            if _made_up(key):
                yield from self._items_named(owner, str(getattr(key, "value", "")), call)

    def _items_named(self, owner: ast.expr, name: str, by: ast.expr) -> Iterator[Added]:
        match owner:
            case (
                ast.Call(func=ast.Name(id="vars"), args=[inner])
                | ast.Attribute(value=inner, attr="__dict__")
            ):
                yield from self._put(inner, [name], by)
            case _:
                pass

    def _modules(self, rest: list[ast.expr], by: ast.expr) -> Iterator[Added]:
        for argument in rest[:1]:
            for key in _keys(argument):
                for text in self._texts(key):
                    if text is not None and text.partition(".")[0] == "torchtitan":
                        holder, _, name = text.rpartition(".")
                        yield Added(holder, name, by)


_MODULES = ast.Name(id="sys.modules", ctx=ast.Load())


def _keys(node: ast.expr) -> list[ast.expr]:
    return [key for key in node.keys if key is not None] if isinstance(node, ast.Dict) else []


def _made_up(node: ast.expr) -> bool:
    """Whether a constant stands for a keyword, and in no text."""
    return isinstance(node, ast.Constant) and not hasattr(node, "lineno")


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
    return file.is_replaced(*paths)
