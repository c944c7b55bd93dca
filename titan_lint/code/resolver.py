"""From an expression to its values, worked out on demand and remembered."""

from __future__ import annotations

import ast
import builtins
import functools
import sys

from titan_lint.code.forms import argument, callee_name, last_name
from titan_lint.code.names import Binding, ClassInfo, FunctionNode, Kind
from titan_lint.code.patches import Patch, Patches
from titan_lint.code.rounds import Rounds
from titan_lint.code.texts import combined, text_of, without_placeholders
from titan_lint.code.values import (
    ANYTHING,
    NONE,
    NOTHING,
    UNKNOWN,
    Attr,
    Bound,
    Collection,
    Const,
    Instance,
    Item,
    LocalClass,
    LocalFunction,
    LocalInstance,
    Partial,
    Pattern,
    Ref,
    Result,
    Unknown,
    Value,
    Values,
    root,
    union,
)
from titan_lint.code.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVarTuple

    from titan_lint.code.library import Modules, Types
    from titan_lint.code.program import Program

    _Rest = TypeVarTuple("_Rest")

_NONE = Values((NONE,))

_PASS_THROUGH = {
    "copy.copy": 0,
    "copy.deepcopy": 0,
    "dataclasses.replace": 0,
    "builtins.staticmethod": 0,
    "typing.cast": 1,
    "typing_extensions.cast": 1,
}
_OPTIONAL = {"typing.Optional", "typing_extensions.Optional"}
_WRAPPERS = {
    "typing.Annotated",
    "typing_extensions.Annotated",
    "typing.Final",
    "typing.ClassVar",
    "typing.Required",
    "typing.NotRequired",
}
# Decorators that leave what a call gives as it is.
_TRANSPARENT = {
    "builtins.staticmethod",
    "builtins.classmethod",
    "builtins.property",
    "functools.cache",
    "functools.cached_property",
    "functools.lru_cache",
    "functools.wraps",
    "abc.abstractmethod",
    "contextlib.contextmanager",
    "torch.no_grad",
    "torch.inference_mode",
    "torch.compiler.disable",
    "typing.final",
    "typing.override",
    "typing_extensions.final",
    "typing_extensions.override",
}
_IMPLICIT_CLASSMETHODS = {"__new__", "__init_subclass__", "__class_getitem__"}
_MUTATORS = {
    *("append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "setdefault"),
    *("add", "discard", "sort", "reverse", "__setitem__"),
}


class Resolver:
    """Answers what expressions of one file are.

    Args:
        program: The file.
        types: The API that typed attributes and results are looked up in.
        package: Dotted name of the package that holds the file, for relative imports; ``None``
            where it is not known.
        patched: Whether what the file puts in the place of something counts.
        modules: The modules of the file's own project; by default names of theirs stand for themselves.
    """

    def __init__(
        self,
        program: Program,
        types: Types,
        package: str | None = None,
        *,
        patched: bool = True,
        modules: Modules | None = None,
    ) -> None:
        self.program = program
        self.bindings = program.bindings
        self.types = types
        self.package = package
        self._patched = patched
        self._modules = modules
        self._rounds = Rounds()
        self._known = self._rounds.known
        # The bases of classes, and all the derived ones, once no open question bears on them.
        self._mros: dict[ClassInfo, tuple[ClassInfo, ...]] = {}
        self._all_derived: dict[ClassInfo, list[ClassInfo]] | None = None

    def values(self, node: ast.expr) -> Values:
        """All that ``node`` may be; :data:`UNKNOWN` among them where there is a gap."""
        known = self._known.get(node)
        if known is None:
            try:
                known = self._plain(node)
            except RecursionError:
                known = self._known[node] = ANYTHING
        if known is None:
            known = self._rounds.solve(node, self._evaluate)
        return known or ANYTHING

    def bound(self, binding: Binding) -> Values:
        """All that a binding may have bound."""
        known = self._known.get(binding)
        if known is None:
            if binding.kind in _PLAIN_KINDS:
                known = self._known[binding] = self._follow(binding)
            else:
                known = self._rounds.solve(binding, self._follow)
        return known

    def _plain(self, node: ast.expr) -> Values | None:
        """What ``node`` may be where that rests on nothing open; ``None`` where it may."""
        known = self._known.get(node)
        if known is None and self._is_plain(node):
            known = self._known[node] = self._evaluate(node)
        return known

    def _is_plain(self, node: ast.expr) -> bool:
        """Whether what ``node`` may be rests on nothing open: no circle to look out for.

        Most expressions are literals, imported names, their attributes and calls of those: they are
        evaluated without the rounds, at a fraction of the cost.
        """
        if isinstance(node, ast.Name):
            for binding in self.bindings.of(node):
                if binding not in self._known and binding.kind not in _PLAIN_KINDS:
                    return False
            return True
        if isinstance(node, ast.Attribute):
            owner = self._plain_owner(node.value)
            return owner is not None and not (
                isinstance(owner, Result) and owner.function == _NAMESPACE
            )
        if isinstance(node, ast.Call):
            function = self._plain_owner(node.func)
            if function is None or isinstance(function, Unknown):
                return False
            return not (isinstance(function, Ref) and function.path in _SPECIAL)
        return type(node) in _LITERALS

    def _plain_owner(self, node: ast.expr) -> Value | None:
        """The one thing that ``node`` is, if its parts and calls rest on nothing but it."""
        values = self._plain(node)
        if values is None or len(values) != 1:
            return None
        (value,) = values
        return value if type(value) in _PLAIN_OWNERS else None

    def choices(self, node: ast.expr) -> Values:
        """As :meth:`values`, without the ``None`` that a guarded name also may be."""
        found = self._known.get(node) or self.values(node)
        return found - _NONE if len(found) > 1 and NONE in found else found

    def sole(self, node: ast.expr) -> Value:
        """The one thing that ``node`` is, else :data:`UNKNOWN`."""
        found = self.choices(node)
        return next(iter(found)) if len(found) == 1 else UNKNOWN

    # -- expressions --------------------------------------------------------------------------

    def _evaluate(self, node: ast.expr) -> Values:
        match node:
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._each(node.value, self._attribute, node.attr, node)
            case ast.Call():
                return self._each(node.func, self._call, node)
            case ast.Subscript():
                return self._each(node.value, self._item, node)
            case ast.Constant(value=str() | bytes() | int() | float() | None as value):
                return Values((Const(value),))
            case ast.JoinedStr():
                return self._joined(node)
            case ast.BinOp(op=ast.Add()):
                return self._concatenated(node)
            case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str() as text)):
                return Values((Pattern(without_placeholders(text)),))
            case ast.IfExp():
                return self.values(node.body) | self.values(node.orelse)
            case ast.BoolOp():
                return union(map(self.values, node.values))
            case ast.NamedExpr() | ast.Await():
                return self.values(node.value)
            case ast.Lambda():
                return Values((LocalFunction(node),))
            case ast.Dict() | ast.List() | ast.Tuple() | ast.Set():
                return Values((Collection(node),))
            case _:
                return ANYTHING

    def _each(
        self, node: ast.expr, step: Callable[[Value, *_Rest], Values], *rest: *_Rest
    ) -> Values:
        """What ``step`` makes of all that ``node`` may be."""
        values = self.choices(node)
        if len(values) == 1:
            (value,) = values
            return step(value, *rest)
        return union(step(value, *rest) for value in values)

    def _name(self, node: ast.Name) -> Values:
        bindings = self.bindings.of(node)
        if len(bindings) == 1:
            return self.bound(bindings[0])
        if not bindings:
            stars = self.bindings.scope_stars(node)
            starred = union(self._starred(star.path, node.id, star.node) for star in stars)
            if starred:
                return starred
            if node.id in _BUILTINS:
                return _ref(f"builtins.{node.id}")
            return ANYTHING
        return union(map(self.bound, bindings))

    def _follow(self, binding: Binding) -> Values:
        match binding.kind:
            case Kind.VALUE if binding.value is not None:
                found = self.values(binding.value)
                if binding.annotation is None:
                    return found
                return self._declared(found, binding.annotation)
            case Kind.DECLARED if binding.annotation is not None:
                return self.annotated(binding.annotation)
            case Kind.IMPORT:
                return self._put(binding.path, binding.node)
            case Kind.FROM:
                return self._imported(binding.path, binding.member, binding.node)
            case Kind.STAR:
                return self._starred(binding.path, binding.member, binding.node)
            case Kind.FUNCTION if isinstance(binding.node, FunctionNode):
                if all(map(self._is_transparent, getattr(binding.node, "decorator_list", ()))):
                    return Values((LocalFunction(binding.node),))
                return ANYTHING
            case Kind.CLASS if isinstance(binding.node, ast.ClassDef):
                return Values((LocalClass(self.bindings.classes[binding.node]),))
            case Kind.PARAMETER:
                return self._parameter(binding)
            case Kind.ELEMENT if binding.value is not None:
                return self._element(binding.value)
            case _:
                return ANYTHING

    def _module(self, path: str) -> str | None:
        """An import statement's module as an absolute path."""
        level = len(path) - len(path.lstrip("."))
        if not level:
            return path
        if self.package is None:
            return None
        parts = self.package.split(".")
        if level > len(parts):
            return None
        base = parts[: len(parts) - level + 1]
        rest = path[level:]
        return ".".join([*base, rest] if rest else base)

    def _imported(self, written: str, name: str, node: ast.AST) -> Values:
        """What a file imports from a module, which it may name by dots first."""
        module = self._module(written)
        if module is not None:
            return self._put(f"{module}.{name}", node)
        path = self._origin(written, name)
        if path is None and self._modules is not None:
            path = self._modules.module(written, name)
        return ANYTHING if path is None else self._put(path, node)

    def _origin(self, module: str, name: str) -> str | None:
        """The path in the library of a name of the project's own, where the library has that."""
        if self._modules is None or not module or module.startswith("torchtitan"):
            return None
        path = self._modules.origin(module, name)
        if path is None or self.types.has_member(*_split(path)) is not True:
            return None
        return path

    def _starred(self, path: str, name: str, node: ast.AST) -> Values:
        """What a star import makes of ``name``; nothing where its module surely has none."""
        module = self._module(path)
        if module is None:
            return ANYTHING
        top = module.partition(".")[0]
        known = False if top in sys.stdlib_module_names else self.types.has_member(module, name)
        if known is None:
            return ANYTHING | self._put(f"{module}.{name}", node)
        return self._put(f"{module}.{name}", node) if known else NOTHING

    @functools.cached_property
    def patches(self) -> Patches:
        """What the file puts in the place of something, each place taken for what it is called."""
        plain = Resolver(
            self.program, self.types, self.package, patched=False, modules=self._modules
        )
        return Patches(self.program, plain.choices, self.types.canonical)

    def _put(self, path: str, node: ast.AST) -> Values:
        """The thing at an import path, and whatever else the file may have put there before ``node``."""
        found = _ref(path)
        if self._patched:
            for patch in self.patches.at(path):
                if self._is_idle(patch) or not self.patches.stands(patch, node):
                    continue
                return found | ANYTHING
        origin = self._origin(*_split(path))
        return found if origin is None else self._put(origin, node)

    def _is_idle(self, patch: Patch) -> bool:
        """Whether something is put only where it is missing, and is there."""
        return (
            patch.only_missing
            and isinstance(patch.owner, str)
            and patch.name is not None
            and self.types.has_member(patch.owner, patch.name) is True
        )

    def _declared(self, found: Values, annotation: ast.expr) -> Values:
        """What is known of a value, or of its declared type where that says more."""
        if any(map(_is_mock, found)):
            return found
        vague = Values(v for v in found if isinstance(v, Unknown | Result | Attr | Item))
        if not vague and (len(found) > 1 or NONE not in found):
            return found
        declared = self.annotated(annotation)
        if UNKNOWN in declared:
            return found
        return (found - vague) | declared

    def _is_transparent(self, decorator: ast.expr) -> bool:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(called, ast.Attribute) and called.attr in {"setter", "deleter", "getter"}:
            return True
        value = self.sole(called)
        return isinstance(value, Ref) and value.path in _TRANSPARENT

    def _parameter(self, binding: Binding) -> Values:
        function = binding.function
        if function is not None and binding.index == 0 and not isinstance(function, ast.Lambda):
            owner = self.bindings.owners.get(function)
            if owner is not None:
                names = {d.id for d in function.decorator_list if isinstance(d, ast.Name)}
                if "classmethod" in names or function.name in _IMPLICIT_CLASSMETHODS:
                    return Values((LocalClass(owner),))
                if "staticmethod" not in names:
                    return Values((LocalInstance(owner),))
        if binding.annotation is not None:
            return self._fixture(binding) or self.annotated(binding.annotation)
        return ANYTHING

    def _fixture(self, binding: Binding) -> Values:
        """What a fixture of the file gives a test that declares it as something else."""
        function, node = binding.function, binding.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return NOTHING
        assert isinstance(node, ast.arg)
        made = self.bindings.module.bindings.get(node.arg, [])
        for other in (one.node for one in made):
            if isinstance(other, ast.FunctionDef) and other is not function:
                if "fixture" in map(callee_name, other.decorator_list):
                    found = union(map(self.values, self.bindings.returns.get(other, ())))
                    if any(map(_is_mock, found)) or other in self.bindings.generators:
                        return ANYTHING
        return NOTHING

    def _element(self, iterable: ast.expr) -> Values:
        found = ANYTHING if self.is_mutated(iterable) else NOTHING
        for value in self.choices(iterable):
            match value:
                case Collection(node=ast.Dict(keys=keys)):
                    for key in keys:
                        found |= self.values(key) if key is not None else ANYTHING
                case Collection(node=node):
                    for element in getattr(node, "elts", ()):
                        found |= self.values(element)
                case _:
                    return ANYTHING
        return found

    # -- annotations --------------------------------------------------------------------------

    def annotated(self, node: ast.expr) -> Values:
        """An instance of what an annotation names; optional types count as the type itself."""
        match node:
            case ast.Constant(value=str() as text):
                return self._quoted(text, node)
            case ast.Constant(value=None):
                return Values((NONE,))
            case ast.BinOp(op=ast.BitOr()):
                return self.annotated(node.left) | self.annotated(node.right)
            case ast.Subscript():
                outer = self.sole(node.value)
                if isinstance(outer, Ref):
                    if outer.path in _OPTIONAL:
                        return self.annotated(node.slice) | _NONE
                    if outer.path == "typing.Union" and isinstance(node.slice, ast.Tuple):
                        return union(map(self.annotated, node.slice.elts))
                    if outer.path in _WRAPPERS:
                        inner = node.slice
                        if isinstance(inner, ast.Tuple) and inner.elts:
                            inner = inner.elts[0]
                        return self.annotated(inner)
                    if outer.path in {"builtins.type", "typing.Type"}:
                        return self.values(node.slice)
                return self._each(node, self._instance)
            case ast.Name() | ast.Attribute() | ast.Call() | ast.IfExp():
                return self._each(node, self._instance)
            case _:
                return ANYTHING

    def _instance(self, cls: Value) -> Values:
        match cls:
            case Ref(path=path):
                return Values((Instance(self.types.canonical(path)),))
            case LocalClass(info=info):
                return Values((LocalInstance(info),))
            case _:
                return ANYTHING

    def _quoted(self, text: str, node: ast.Constant) -> Values:
        """A quoted annotation, its names looked up as the module sees them at its end."""
        try:
            parsed = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ANYTHING
        for part in walk(parsed):
            if isinstance(part, ast.Name):
                bindings = self.bindings.free(self.bindings.module, part.id)
                found = union(map(self.bound, bindings))
                if not bindings and part.id in _BUILTINS:
                    found = _ref(f"builtins.{part.id}")
                self._known[part] = found or ANYTHING
        return self.annotated(parsed)

    # -- attributes ---------------------------------------------------------------------------

    def _attribute(self, value: Value, name: str, node: ast.expr) -> Values:
        match value:
            case Ref(path=path):
                return self._put(f"{path}.{name}", node)
            case Instance(cls=cls):
                return self._instance_attribute(cls, value, name)
            case LocalInstance(info=info, exact=exact):
                return self._local_attribute(info, name, instance=True, exact=exact)
            case LocalClass(info=info):
                return self._local_attribute(info, name, instance=False, exact=True)
            case Bound(cls=cls, name=method):
                declared = self.types.attribute(cls, method)
                if declared is not None:
                    return self._instance_attribute(declared, Instance(declared), name)
                return Values((Attr(value, name),))
            case Result(function=function, call=call) if function == _NAMESPACE:
                return self._namespace_attribute(call, name)
            case Attr() | Item() | Result() | Partial():
                return Values((Attr(value, name),))
            case _:
                return ANYTHING

    def _namespace_attribute(self, call: ast.Call | None, name: str) -> Values:
        """What a ``SimpleNamespace`` was made with, as long as nothing in the file sets it anew."""
        for word in call.keywords if call is not None else ():
            if word.arg == name and not self._may_be_set(name):
                return self.values(word.value)
        return ANYTHING

    def _may_be_set(self, name: str) -> bool:
        """Whether the file sets an attribute of a name on anything, or attributes whose names are not known."""
        return name in self._stores or self._fills_by_name

    @functools.cached_property
    def _fills_by_name(self) -> bool:
        """Whether the file sets attributes by names that it works out, or in their owner's dictionary."""
        if any(node.attr == "__dict__" for node in self.bindings.attributes):
            return True
        for call in self.bindings.calls:
            match call:
                case ast.Call(func=ast.Name(id="vars"), args=[_]):
                    return True
                case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(), _]):
                    pass
                case ast.Call(func=ast.Name(id="setattr")):
                    return True
                case _:
                    pass
        return False

    @functools.cached_property
    def _stores(self) -> set[str]:
        """The names under which the file sets attributes."""
        found = {
            node.attr for node in self.bindings.attributes if not isinstance(node.ctx, ast.Load)
        }
        for call in self.bindings.calls:
            match call:
                case ast.Call(args=[_, ast.Constant(value=str() as name), *_]):
                    found.add(name)
                case ast.Call(args=[ast.Constant(value=str() as path), *_]) if "." in path:
                    found.add(path.rpartition(".")[2])
                case _:
                    pass
        return found

    def _instance_attribute(self, cls: str, value: Value, name: str) -> Values:
        declared = self.types.attribute(cls, name)
        if declared is not None:
            return Values((Instance(declared),))
        if self.types.has_method(cls, name):
            made = value.call if isinstance(value, Instance) else None
            return Values((Bound(cls, name, made),))
        return Values((Attr(Instance(cls) if isinstance(value, Instance) else value, name),))

    def _local_attribute(
        self, info: ClassInfo, name: str, *, instance: bool, exact: bool
    ) -> Values:
        bindings = self.attribute_bindings(info, name, instance=instance, exact=exact)
        found = union(map(self._class_member, bindings))
        for binding in bindings:
            if UNKNOWN in found and binding.annotation is not None:
                found = self._declared(found, binding.annotation)
        if found:
            return found
        for base in self.foreign_bases(info):
            if base is None:
                found |= ANYTHING
            elif instance:
                found |= self._kept_by(base, info, name)
            else:
                found |= _ref(f"{base}.{name}")
        return found or ANYTHING

    def _kept_by(self, base: str, info: ClassInfo, name: str) -> Values:
        """An attribute that a base class keeps: as it declares it, or as it is handed on to it."""
        declared = self._instance_attribute(base, Instance(base), name)
        handed = self._handed_on(info, name)
        narrower = all(
            isinstance(value, Instance)
            and any(
                isinstance(d, Instance) and self.types.derives(value.cls, d.cls) for d in declared
            )
            for value in handed
        )
        return handed if handed and narrower else declared | handed

    def _handed_on(self, info: ClassInfo, name: str) -> Values:
        """What a class takes in the place of an attribute's declared type, and its base keeps.

        ``def __init__(self, config: WiderConfig)`` hands on a config that may have more to it.
        """
        for cls in self.local_mro(info):
            for binding in cls.scope.bindings.get("__init__", ()):
                if not isinstance(binding.node, ast.FunctionDef):
                    continue
                for parameter in self.bindings.scopes[binding.node].bindings.get(name, ()):
                    if parameter.kind is Kind.PARAMETER and parameter.annotation is not None:
                        return self.annotated(parameter.annotation)
        return NOTHING

    def _class_member(self, binding: Binding) -> Values:
        node = binding.node
        if isinstance(node, ast.FunctionDef):
            kinds = {callee_name(d) for d in node.decorator_list}
            if kinds & {"property", "cached_property"}:
                return self._returned(node)
            if kinds & {"setter", "deleter", "overload"}:
                return NOTHING
        return self.bound(binding)

    def attribute_bindings(
        self, info: ClassInfo, name: str, *, instance: bool = True, exact: bool = False
    ) -> list[Binding]:
        """All in the file that can have made an attribute of a class or its instance.

        Args:
            info: The class.
            name: The attribute.
            instance: Whether what is set on ``self`` counts.
            exact: Whether it is this very class, not one derived from it.
        """
        mro = self.local_mro(info)
        derived = [] if exact else self.relatives(info)[len(mro) :]
        found: list[Binding] = []
        if instance:
            for cls in (*mro, *derived):
                found += cls.attributes.get(name, ())
        nearest = next((c for c in mro if name in c.scope.bindings), None)
        for cls in (nearest, *derived):
            if cls is not None:
                found += cls.scope.bindings.get(name, ())
        return found

    def relatives(self, info: ClassInfo) -> list[ClassInfo]:
        """The class, its bases and then the classes derived from it, all of the same file."""
        return list(dict.fromkeys((*self.local_mro(info), *self._derived.get(info, ()))))

    def local_mro(self, info: ClassInfo) -> tuple[ClassInfo, ...]:
        """The class and its bases of the same file, nearest first."""
        known = self._mros.get(info)
        if known is not None:
            return known
        found = {info: None}
        todo = [info]
        is_final = True
        for cls in todo:
            for base in cls.node.bases:
                value = self.sole(base)
                is_final = is_final and base in self._known
                if isinstance(value, LocalClass) and value.info not in found:
                    found[value.info] = None
                    todo.append(value.info)
        mro = tuple(found)
        if is_final:
            self._mros[info] = mro
        return mro

    @property
    def _derived(self) -> dict[ClassInfo, list[ClassInfo]]:
        """Each class of the file with those of the file that derive from it, itself among them."""
        if self._all_derived is not None:
            return self._all_derived
        derived: dict[ClassInfo, list[ClassInfo]] = {}
        classes = self.bindings.classes.values()
        for other in classes:
            for cls in self.local_mro(other):
                derived.setdefault(cls, []).append(other)
        if len(self._mros) == len(classes):
            self._all_derived = derived
        return derived

    def foreign_bases(self, info: ClassInfo) -> list[str | None]:
        """Import paths of the bases that other files define; ``None`` for one that is not known."""
        found: list[str | None] = []
        for cls in self.local_mro(info):
            for base in cls.node.bases:
                value = self.sole(base)
                if isinstance(value, Ref):
                    found.append(self.types.canonical(value.path))
                elif not isinstance(value, LocalClass):
                    found.append(None)
        return found

    # -- subscripts ---------------------------------------------------------------------------

    def _item(self, value: Value, node: ast.Subscript) -> Values:
        key = self.sole(node.slice)
        match value:
            case Collection():
                found = self._collection_item(value, key)
                return found | ANYTHING if self.is_mutated(node.value) else found
            case Ref() if root(value) == "builtins":
                return ANYTHING
            case Ref(path="sys.modules") if isinstance(key, Const) and isinstance(key.value, str):
                return self._put(key.value, node)
            case Ref() | Attr() | Item() | Result() | Instance() | Bound():
                text = key.value if isinstance(key, Const) else None
                return Values((Item(value, text if isinstance(text, str) else None),))
            case _:
                return ANYTHING

    @functools.cached_property
    def _mutated(self) -> set[str]:
        """Names of variables and attributes whose items the file changes somewhere."""
        owners = [item.value for item in self.bindings.items]
        owners += [
            call.func.value
            for call in self.bindings.calls
            if isinstance(call.func, ast.Attribute) and call.func.attr in _MUTATORS
        ]
        return {last_name(owner) for owner in owners}

    def is_mutated(self, node: ast.expr) -> bool:
        """Whether the file changes the items of a variable or attribute of that name somewhere."""
        name = last_name(node)
        return bool(name) and name in self._mutated

    def _collection_item(self, value: Collection, key: Value) -> Values:
        node = value.node
        if isinstance(node, ast.Dict):
            if isinstance(key, Const):
                for name, item in zip(node.keys, node.values, strict=True):
                    if isinstance(name, ast.Constant) and name.value == key.value:
                        return self.values(item)
            if None in node.keys or not node.values:
                return ANYTHING
            return union(map(self.values, node.values))
        if isinstance(node, ast.List | ast.Tuple) and node.elts:
            if isinstance(key, Const) and isinstance(key.value, int):
                try:
                    return self.values(node.elts[key.value])
                except IndexError:
                    return ANYTHING
            return union(map(self.values, node.elts))
        return ANYTHING

    # -- calls --------------------------------------------------------------------------------

    def _call(self, function: Value, node: ast.Call) -> Values:
        match function:
            case Ref(path="importlib.import_module"):
                return self._import_module(node)
            case Ref(path="builtins.__import__") if argument(node, 3, "fromlist") is not None:
                return self._import_module(node)
            case Ref(path="builtins.object.__new__") if len(node.args) == 1:
                return self._each(node.args[0], self._call, node)
            case Ref(path="builtins.__import__" | "builtins.super"):
                return ANYTHING
            case Ref(path="builtins.getattr") if len(node.args) >= 2:
                return self._getattr(node)
            case Ref(path="functools.partial") if node.args:
                return Values(
                    UNKNOWN if isinstance(value, Unknown) else Partial(value, node)
                    for value in self.choices(node.args[0])
                )
            case Ref(path="builtins.type") if len(node.args) == 1:
                return self._each(node.args[0], _class_of)
            case Ref(path=path) if path in _PASS_THROUGH and len(node.args) > _PASS_THROUGH[path]:
                index = _PASS_THROUGH[path]
                found = self.values(node.args[index])
                if index and UNKNOWN in found:
                    return self.annotated(node.args[0])
                return found
            case Ref(path=path):
                canonical = self.types.canonical(path)
                if self.types.is_class(canonical):
                    return Values((Instance(canonical, node),))
                result = self.types.result(canonical)
                if result is not None:
                    return Values((Instance(result, node),))
                return Values((Result(Ref(canonical), node),))
            case Bound(cls=cls, name=name):
                result = self.types.result(f"{cls}.{name}")
                if result is not None:
                    return Values((Instance(result, node),))
                return Values((Result(function, node),))
            case LocalClass(info=info):
                return Values((LocalInstance(info, exact=True),))
            case LocalFunction(node=local):
                return self._returned(local)
            case Partial(function=inner):
                return self._call(inner, node)
            case Attr() | Item() | Result() | Instance():
                return Values((Result(function, node),))
            case _:
                return self._string_method(node)

    def _returned(self, function: FunctionNode) -> Values:
        if function in self.bindings.generators:
            return ANYTHING
        found = union(map(self.values, self.bindings.returns.get(function, ()))) or ANYTHING
        if not isinstance(function, ast.Lambda) and function.returns is not None:
            return self._declared(found, function.returns)
        return found

    def _import_module(self, node: ast.Call) -> Values:
        name = argument(node, 0, "name")
        if name is None:
            return ANYTHING
        found = NOTHING
        for value in self.choices(name):
            path = text_of(value)
            if path is None:
                return ANYTHING
            if path.startswith("."):
                package = argument(node, 1, "package")
                anchor = text_of(self.sole(package)) if package is not None else None
                if anchor is None:
                    return ANYTHING
                path = anchor + path
            parts = path.split(".")
            if "*" in parts[0] or not all(parts):
                return ANYTHING
            # A part that is only half known may be any name.
            found |= self._put(".".join("*" if "*" in part else part for part in parts), node)
        return found

    def _getattr(self, node: ast.Call) -> Values:
        found = NOTHING
        for name in self.choices(node.args[1]):
            if not isinstance(name, Const) or not isinstance(name.value, str):
                return ANYTHING
            found |= self._each(node.args[0], self._attribute, name.value, node)
        if len(node.args) > 2:
            found |= self.values(node.args[2])
        return found

    def _string_method(self, node: ast.Call) -> Values:
        """``"...{}".format(x)``, and ``d.get(k)`` on a dictionary that the file writes out."""
        function = node.func
        if last_name(function) in _MOCKS:
            return Values((Result(Ref(f"unittest.mock.{last_name(function)}"), node),))
        if not isinstance(function, ast.Attribute):
            return ANYTHING
        owner = self.sole(function.value)
        if function.attr == "format" and isinstance(owner, Const) and isinstance(owner.value, str):
            return Values((Pattern(without_placeholders(owner.value)),))
        if function.attr == "get" and isinstance(owner, Collection) and node.args:
            found = self._collection_item(owner, self.sole(node.args[0]))
            if self.is_mutated(function.value):
                found |= ANYTHING
            return found | (self.values(node.args[1]) if len(node.args) > 1 else _NONE)
        return ANYTHING

    # -- strings ------------------------------------------------------------------------------

    def _joined(self, node: ast.JoinedStr) -> Values:
        parts: list[list[str]] = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append([str(part.value)])
            else:
                assert isinstance(part, ast.FormattedValue)
                parts.append(self._texts(part.value) if part.format_spec is None else ["*"])
        return combined(parts)

    def _concatenated(self, node: ast.BinOp) -> Values:
        left, right = self._texts(node.left), self._texts(node.right)
        if left == right == ["*"]:
            return ANYTHING
        return combined([left, right])

    def _texts(self, node: ast.expr) -> list[str]:
        found = [text_of(value) for value in self.choices(node)]
        if not found or None in found:
            return ["*"]
        return sorted(text for text in found if text is not None)


@functools.lru_cache(maxsize=16384)
def _ref(path: str) -> Values:
    """The thing at an import path alone: made once, however often it is met."""
    return Values((Ref(path),))


def _split(path: str) -> tuple[str, str]:
    """A path's holder and its last name."""
    holder, _, name = path.rpartition(".")
    return holder, name


def _class_of(value: Value) -> Values:
    match value:
        case Instance(cls=cls):
            return _ref(cls)
        case LocalInstance(info=info):
            return Values((LocalClass(info),))
        case _:
            return ANYTHING


def _is_mock(value: Value) -> bool:
    """Whether a value stands in for another, whatever it is declared as."""
    while isinstance(value, Result):
        value = value.function
    return isinstance(value, Ref) and value.path in _STAND_INS


_BUILTINS = frozenset(dir(builtins))
_MOCKS = frozenset(
    {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "create_autospec"}
)
_STAND_INS = frozenset(
    {
        *(f"{library}.{name}" for library in ("unittest.mock", "mock") for name in _MOCKS),
        "types.SimpleNamespace",
    }
)
# What is the same whatever the names in it stand for.
_LITERALS = frozenset(
    {
        *(ast.Constant, ast.Lambda, ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Compare),
        *(ast.UnaryOp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Starred),
    }
)
_NAMESPACE = Ref("types.SimpleNamespace")
# What has attributes and calls that are told by it alone.
_PLAIN_OWNERS = frozenset({Ref, Attr, Item, Result, Unknown})
# What a call of gives that is told by its arguments.
_SPECIAL = frozenset(
    {
        *("importlib.import_module", "builtins.__import__", "builtins.super", "builtins.getattr"),
        *("functools.partial", "builtins.type", *_PASS_THROUGH),
    }
)
_PLAIN_KINDS = (Kind.FROM, Kind.IMPORT, Kind.OPAQUE, Kind.CONTEXT)
