"""What a file puts into modules and classes: assignments, ``setattr``, stubs of modules, ``mock`` and ``monkeypatch``.

A property set on a class, a function put on a module, a stub under ``sys.modules``. What is read before that
is what was there, and so is what is read once a patch is taken away again.
"""

from __future__ import annotations

import ast
import fnmatch
import functools

from titan_lint.code.fallback import is_fallback
from titan_lint.code.following import bound_values, follows
from titan_lint.code.forms import callee_name, decorator_names, is_torchtitans, last_name
from titan_lint.code.lifetimes import Lifetimes
from titan_lint.code.names import Kind
from titan_lint.code.uses import may_be_namespace
from titan_lint.code.values import (
    Collection,
    Const,
    Instance,
    LocalClass,
    LocalFunction,
    LocalInstance,
    Pattern,
    Ref,
    Value,
)
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from titan_lint.code.names import ClassInfo, FunctionNode
    from titan_lint.code.program import Program
    from titan_lint.code.values import Values

ANY = None
"""In the place of a name that is not known: it may be any."""

_SETTERS = ("setattr", "__setattr__", "object")
_REPLACERS = ("patch", "delattr", "multiple")
_IN_DICTIONARIES = ("setitem", "dict")
_IN_PLACE = ("update", "setdefault", "__setitem__", *_IN_DICTIONARIES)
_SPECIFIED = frozenset({"autospec", "spec", "spec_set", "wraps"})
"""Words with which a mock takes what the thing in whose place it is takes."""


class Patch(Struct, eq=False):
    """One thing that is put somewhere.

    Attributes:
        owner: What it is put on: the path of a module or class, or a class of the file.
        name: Under which name; ``None`` where it may be any.
        node: The syntax that does it.
        only_missing: Whether it is put there only where nothing is.
        on_object: Whether it is put on an object, whose class the owner is, and not on the class.
    """

    owner: str | ClassInfo
    name: str | None
    node: ast.expr
    only_missing: bool = False
    on_object: bool = False


class Patches:
    """What one file puts somewhere, and when.

    Args:
        program: The file.
        values: Gives all that an expression may be.
        canonical: Gives the path under which a re-exported thing is defined.
    """

    def __init__(
        self,
        program: Program,
        values: Callable[[ast.expr], Values],
        canonical: Callable[[str], str],
    ) -> None:
        self.program = program
        self._values = values
        self._canonical = canonical
        self._at: dict[str, list[Patch]] = {}
        self._lifetimes = Lifetimes(program, values)

    @functools.cached_property
    def all(self) -> list[Patch]:
        """All that the file puts somewhere."""
        return list(self._found())

    @functools.cached_property
    def _named(self) -> dict[str, list[Patch]]:
        """What is put on a module or class of another file, by its name."""
        found: dict[str, list[Patch]] = {}
        for patch in self.all:
            if isinstance(patch.owner, str) and not _is_vague(patch):
                found.setdefault(patch.name or "", []).append(patch)
        return found

    @functools.cached_property
    def _vague(self) -> list[Patch]:
        return [patch for patch in self.all if isinstance(patch.owner, str) and _is_vague(patch)]

    def stands(self, patch: Patch, node: ast.AST) -> bool:
        """Whether something may be in its place when ``node`` asks for it."""
        return self._lifetimes.reach(patch.node, node)

    def at(self, path: str) -> list[Patch]:
        """What is put at an import path, which may hold ``*`` for a part, or at what it leads through."""
        if path not in self._at:
            self._at[path] = list(self._find(path))
        return self._at[path]

    def may_put(self, classes: Sequence[ClassInfo], name: str) -> bool:
        """Whether something may be put under a name on one of some classes of the file."""
        return not self._puts_none((name,)) and any(
            patch.owner in classes and patch.name in (name, ANY) for patch in self.all
        )

    def _puts_none(self, names: Iterable[str]) -> bool:
        """Whether nothing is put under some names anywhere, as most files tell at no cost."""
        put = self.program.once(_set_names)
        return put is not None and put.isdisjoint(names)

    def _find(self, path: str) -> Iterator[Patch]:
        canonical = self._canonical
        is_known = "*" not in path
        if is_known and self._puts_none(path.split(".")):
            return
        while path:
            holder, _, name = path.rpartition(".")
            found = self._vague
            if is_known:
                found = [*self._named.get(name, ()), *found]
            else:
                found = [patch for named in self._named.values() for patch in named] + found
            for patch in found:
                assert isinstance(patch.owner, str)
                if _fits(name, patch.name) and _fits(canonical(holder), canonical(patch.owner)):
                    yield patch
            path = holder

    # -- what there is ------------------------------------------------------------------------

    def _found(self) -> Iterator[Patch]:
        for node in self.program.once(_set_attributes):
            missing = is_fallback(self.program, node, node.value, node.attr)
            yield from self._put(node.value, [node.attr], node, only_missing=missing)
        if self.program.once(_set_names) is not None:
            return
        for item in self.program.bindings.items:
            if isinstance(item.ctx, ast.Store):
                yield from self._items(item.value, self._texts(item.slice), item)
        yield from self._handed_on()
        yield from self._found_otherwise()
        for call in self.program.called(*_SETTERS, *_REPLACERS, *_IN_PLACE):
            name = callee_name(call)
            if any(word.arg in _SPECIFIED for word in call.keywords):
                continue
            if name in _SETTERS:
                yield from self._set(call, call.args)
                if name == "__setattr__" and _is_method_of_it(call):
                    yield from self._set(call, [call.func.value, *call.args])  # type: ignore[attr-defined]
            elif name == "multiple":
                names = [word.arg for word in call.keywords if word.arg]
                yield from self._put_many(call.args, names, call)
            elif name in {"patch", "delattr"} and call.args:
                yield from self._by_path(call.args[0], call)
            elif name in _IN_PLACE and isinstance(call.func, ast.Attribute):
                yield from self._updated(call)

    def _handed_on(self) -> Iterator[Patch]:
        """``partial(setattr, module)``: who is given a function that sets may call it with any name."""
        for given in self.program.loaded("setattr"):
            call = self.program.parents[given]
            if isinstance(call, ast.Call) and given in call.args:
                others = call.args[call.args.index(given) + 1 :]
                names = self._texts(others[1]) if len(others) > 1 else [ANY]
                for owner in others[:1]:
                    elements = getattr(owner, "elts", None)
                    for one in [owner] if elements is None else elements:
                        yield from self._put(one, names if elements is None else [ANY], call)

    def _found_otherwise(self) -> Iterator[Patch]:
        """What a finder of the file's own brings: modules under the names that the file has for them, and below."""
        for node in self.program.once(_finders):
            for name in self.program.of(ast.Constant):
                if isinstance(name.value, str) and is_torchtitans(name.value):
                    path = name.value.rstrip(".")
                    holder, _, last = path.rpartition(".")
                    yield Patch(path, ANY, node)
                    if holder:
                        yield Patch(holder, last, node)

    def _set(self, call: ast.Call, args: list[ast.expr]) -> Iterator[Patch]:
        match args:
            case [ast.Constant(value=str()) as path, _]:
                yield from self._by_path(path, call)
            case [owner, name, *_]:
                missing = is_fallback(self.program, call, owner, name)
                yield from self._put(owner, self._texts(name), call, only_missing=missing)
            case _:
                pass

    def _texts(self, node: ast.expr) -> list[str | None]:
        """What a name may be; for a parameter, what calls in the file hand over for it."""
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "__name__"
            and isinstance(node.value, ast.Name)
        ):
            made = [value for value in bound_values(self.program, node.value) if value is not None]
            names = [
                value.args[0]
                for value in made
                if isinstance(value, ast.Call) and callee_name(value) == "ModuleType" and value.args
            ]
            if names and len(names) == len(made):
                return [text for name in names for text in self._texts(name)]
        found: list[str | None] = []
        for value in self._owners_of(node):
            match value:
                case Const(value=str() as text) | Pattern(text=text):
                    found.append(text)
                case _:
                    found.append(ANY)
        return found

    def _by_path(self, node: ast.expr, by: ast.expr) -> Iterator[Patch]:
        for text in self._texts(node):
            if text is not None and "." in text:
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
                case Ref(path=path):
                    yield from (Patch(path, name, by, only_missing) for name in names)
                case LocalClass(info=info):
                    yield from (Patch(info, name, by) for name in names)
                case LocalInstance(info=info) if not isinstance(by, ast.Attribute):
                    yield from (Patch(info, name, by) for name in names)
                case Instance(cls=cls) if ANY in names:
                    yield Patch(cls, ANY, by, on_object=True)
                case _:
                    pass

    def _owners_of(self, owner: ast.expr) -> list[Value]:
        """What an expression is; for a parameter, what calls in the file hand over for it."""
        found = list(self._values(owner))
        if isinstance(owner, ast.Attribute) and owner.attr == "__class__":
            return [*map(_class_of, self._owners_of(owner.value))]
        if not isinstance(owner, ast.Name):
            return found
        for binding in self.program.bindings.of(owner):
            if binding.kind is Kind.PARAMETER and binding.function is not None:
                found += self._handed(binding.function, binding.index)
        return found

    def _handed(self, function: FunctionNode, index: int) -> Iterator[Value]:
        if index < 0 or isinstance(function, ast.Lambda):
            return
        for call in self.program.called(function.name):
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
        """``sys.modules["torchtitan.x"] = ...``, ``vars(module)["name"] = ...``, ``function.__globals__["name"] = ...``."""
        match owner:
            case ast.Attribute(value=inner, attr="__globals__"):
                for value in self._owners_of(inner):
                    if isinstance(value, Ref):
                        holder = self._canonical(value.path).rpartition(".")[0]
                        yield from (Patch(holder, name, by) for name in keys)
            case (
                ast.Call(func=ast.Name(id="vars"), args=[inner])
                | ast.Attribute(value=inner, attr="__dict__")
            ):
                yield from self._put(inner, keys, by)
            case ast.Attribute(attr="modules") | ast.Name() if self._is_modules(owner):
                for key in keys:
                    if key is not None:
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
        keys += [k for word in call.keywords if word.arg is None for k in self._keys(word.value)]
        for argument in rest[:1]:
            whole = call.func.attr in {"update", "dict"}
            keys += self._keys(argument) if whole else self._texts(argument)
        yield from self._items(owner, keys, call)

    @follows((ANY,))
    def _keys(self, node: ast.expr) -> Sequence[str | None]:
        """The keys of a dictionary that something is updated with; ``None`` for any."""
        match node:
            case ast.Dict(keys=keys, values=values):
                return [
                    name
                    for key, value in zip(keys, values, strict=True)
                    for name in (self._keys(value) if key is None else self._texts(key))
                ]
            case ast.DictComp(key=key):
                return self._texts(key)
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return [*self._keys(left), *self._keys(right)]
            case ast.Call(func=ast.Name(id="dict"), args=args, keywords=words):
                named = [name for given in args for name in self._firsts(given)]
                return [*named, *(word.arg for word in words)]
            case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[names, *_]):
                return self._elements(names)
            case ast.Name():
                return [
                    name
                    for value in bound_values(self.program, node)
                    for name in (self._keys(value) if value is not None else (ANY,))
                ]
            case _:
                found = self._values(node)
                return [
                    name
                    for value in found
                    for name in (
                        self._keys(value.node)
                        if isinstance(value, Collection) and value.node is not node
                        else (ANY,)
                    )
                ]

    def _firsts(self, node: ast.expr) -> Sequence[str | None]:
        """The keys that ``dict`` makes of what it is given: a dictionary, or pairs."""
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                pass
            case ast.ListComp(elt=part) | ast.GeneratorExp(elt=part):
                parts = [part]
            case ast.Call(func=ast.Name(id="zip"), args=[names, *_]):
                return self._elements(names)
            case _:
                return self._keys(node)
        found: list[str | None] = []
        for part in parts:
            match part:
                case ast.Tuple(elts=[first, _]) | ast.List(elts=[first, _]):
                    found += self._texts(first)
                case _:
                    found.append(ANY)
        return found

    def _elements(self, node: ast.expr) -> list[str | None]:
        """What a list or tuple of names holds."""
        found: list[str | None] = []
        for value in self._values(node):
            match value:
                case Collection(node=ast.List(elts=parts) | ast.Tuple(elts=parts)):
                    found += [text for part in parts for text in self._texts(part)]
                case _:
                    found.append(ANY)
        return found


def _set_names(program: Program) -> frozenset[str] | None:
    """The names of all that is put somewhere, where assignments to attributes are the only way; else ``None``.

    Most files tell by that alone that nothing is put at a path, at no cost.
    """
    if program.called(*_SETTERS, *_REPLACERS) or program.loaded("setattr"):
        return None
    if program.once(_finders):
        return None
    for call in program.called(*_IN_PLACE):
        if isinstance(call.func, ast.Attribute):
            is_dictionary = call.func.attr in _IN_DICTIONARIES
            if is_dictionary or may_be_namespace(program, call.func.value):
                return None
    if any(may_be_namespace(program, item.value) for item in program.bindings.items):
        return None
    return frozenset(node.attr for node in program.once(_set_attributes))


def _finders(program: Program) -> list[ast.Attribute]:
    """Where the file has a say in how modules are found."""
    return [
        node for node in program.bindings.attributes if node.attr in {"meta_path", "path_hooks"}
    ]


def _set_attributes(program: Program) -> list[ast.Attribute]:
    """The assignments to attributes, but for those of a method to what is its own."""
    return [
        node
        for node in program.bindings.attributes
        if not isinstance(node.ctx, ast.Load) and not _is_of_self(program, node.value)
    ]


def _is_method_of_it(call: ast.Call) -> bool:
    """Whether ``thing.__setattr__(name, value)`` is called on what is to have it."""
    return (
        len(call.args) == 2
        and isinstance(call.func, ast.Attribute)
        and callee_name(call.func.value) != "super"
    )


def _is_of_self(program: Program, node: ast.expr) -> bool:
    """Whether what is set is set on the ``self`` of a method, which is no other thing's place."""
    if not isinstance(node, ast.Name):
        return False
    bindings = program.bindings
    bound = bindings.of(node)
    if len(bound) != 1 or bound[0].kind is not Kind.PARAMETER or bound[0].index:
        return False
    function = bound[0].function
    return function in bindings.owners and "classmethod" not in decorator_names(function)


_MODULES = ast.Attribute(value=ast.Name(id="sys", ctx=ast.Load()), attr="modules", ctx=ast.Load())
"""Stands for ``"sys.modules"`` in a string."""


def _is_vague(patch: Patch) -> bool:
    """Whether it is not known in full where something is put."""
    return patch.name is None or "*" in f"{patch.owner}{patch.name}"


def _class_of(value: Value) -> Value:
    match value:
        case Instance(cls=cls):
            return Ref(cls)
        case LocalInstance(info=info):
            return LocalClass(info)
        case _:
            return value


def _fits(one: str, other: str | None) -> bool:
    """Whether two names or paths may be the same, of which parts may not be known."""
    if other is None:
        return True
    return fnmatch.fnmatchcase(one, other) or fnmatch.fnmatchcase(other, one)


def makes_mock(call: ast.Call) -> bool:
    """Whether ``patch(path)`` or ``patch.object(owner, name)`` makes a mock that takes whatever it is called with."""
    count = {"patch": 1, "object": 2}.get(callee_name(call))
    return len(call.args) == count and all(word.arg in _OF_MOCKS for word in call.keywords)


_OF_MOCKS = frozenset({"return_value", "name"})
