"""From an expression to its values, worked out on demand and remembered."""

from __future__ import annotations

import ast
import itertools
from typing import TYPE_CHECKING, Protocol

from titan_lint.origins.bindings import Binding, Bindings, ClassInfo, FunctionNode, Kind
from titan_lint.origins.values import (
    NONE,
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
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_ANYTHING: Values = frozenset((UNKNOWN,))
_NOTHING: Values = frozenset()
# More ways than this to reach an expression say nothing any more.
_MANY = 24

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


class Types(Protocol):
    """What the resolver asks of a library's API."""

    def canonical(self, path: str) -> str:
        """The path under which a re-exported thing is defined; ``path`` itself if not known."""
        ...

    def is_class(self, path: str) -> bool:
        """Whether ``path`` names a class."""
        ...

    def result(self, path: str) -> str | None:
        """The class of what calling the function, method or attribute ``path`` returns."""
        ...

    def attribute(self, cls: str, name: str) -> str | None:
        """The class of an instance's attribute, where it is declared."""
        ...

    def has_method(self, cls: str, name: str) -> bool:
        """Whether instances of ``cls`` have a method ``name``."""
        ...


class Resolver:
    """Answers what expressions of one file are.

    Args:
        bindings: The file's names.
        types: The API that typed attributes and results are looked up in.
        package: Dotted name of the package that holds the file, for relative imports; ``None``
            where it is not known.
    """

    def __init__(self, bindings: Bindings, types: Types, package: str | None = None) -> None:
        self.bindings = bindings
        self.types = types
        self.package = package
        self._values: dict[ast.expr, Values] = {}
        self._bound: dict[Binding, Values] = {}
        self._active: set[ast.expr | Binding] = set()
        # What was asked for again while it was being worked out. An answer found on the way
        # from there lacks a part, and is not remembered.
        self._cut: set[ast.expr | Binding] = set()

    def values(self, node: ast.expr) -> Values:
        """All that ``node`` may be; :data:`UNKNOWN` among them where there is a gap."""
        known = self._values.get(node)
        if known is not None:
            return known
        if node in self._active:
            self._cut.add(node)
            return _NOTHING
        self._active.add(node)
        try:
            found = self._evaluate(node)
        except RecursionError:
            found = _ANYTHING
        finally:
            self._active.discard(node)
            self._cut.discard(node)
        if len(found) > _MANY:
            found = _ANYTHING
        if not self._cut:
            self._values[node] = found
        return found

    def choices(self, node: ast.expr) -> Values:
        """As :meth:`values`, without the ``None`` that a guarded name also may be."""
        found = self.values(node)
        return found - {NONE} if len(found) > 1 else found

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
                return self._each(node.value, lambda value: self._attribute(value, node.attr))
            case ast.Call():
                return self._each(node.func, lambda value: self._call(value, node))
            case ast.Subscript():
                return self._each(node.value, lambda value: self._item(value, node.slice))
            case ast.Constant(value=str() | bytes() | int() | float() | None as value):
                return frozenset((Const(value),))
            case ast.JoinedStr():
                return self._joined(node)
            case ast.BinOp(op=ast.Add()):
                return self._concatenated(node)
            case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str() as text)):
                return frozenset((Pattern(_without_placeholders(text)),))
            case ast.IfExp():
                return self.values(node.body) | self.values(node.orelse)
            case ast.BoolOp():
                return frozenset().union(*(self.values(value) for value in node.values))
            case ast.NamedExpr() | ast.Await():
                return self.values(node.value)
            case ast.Lambda():
                return frozenset((LocalFunction(node),))
            case ast.Dict() | ast.List() | ast.Tuple() | ast.Set():
                return frozenset((Collection(node),))
            case _:
                return _ANYTHING

    def _each(self, node: ast.expr, step: _Step) -> Values:
        found: set[Value] = set()
        for value in self.choices(node):
            found |= step(value)
        return frozenset(found)

    def _name(self, node: ast.Name) -> Values:
        bindings = self.bindings.of(node)
        if not bindings:
            stars = self.bindings.scope_stars(node)
            if stars:
                return frozenset(
                    value
                    for star in stars
                    for value in self._member(self._module(star.path), node.id)
                )
            if node.id in _BUILTINS:
                return frozenset((Ref(f"builtins.{node.id}"),))
            return _ANYTHING
        found: set[Value] = set()
        for binding in bindings:
            found |= self.bound(binding)
        return frozenset(found)

    def bound(self, binding: Binding) -> Values:
        """All that a binding may have bound."""
        known = self._bound.get(binding)
        if known is not None:
            return known
        if binding in self._active:
            self._cut.add(binding)
            return _NOTHING
        self._active.add(binding)
        try:
            found = self._follow(binding)
        finally:
            self._active.discard(binding)
            self._cut.discard(binding)
        if not self._cut:
            self._bound[binding] = found
        return found

    def _follow(self, binding: Binding) -> Values:
        match binding.kind:
            case Kind.VALUE if binding.value is not None:
                found = self.values(binding.value)
                if UNKNOWN in found and binding.annotation is not None:
                    return self.annotated(binding.annotation)
                return found
            case Kind.DECLARED if binding.annotation is not None:
                return self.annotated(binding.annotation)
            case Kind.IMPORT:
                return frozenset((Ref(binding.path),))
            case Kind.FROM:
                return self._member(self._module(binding.path), binding.member)
            case Kind.FUNCTION if isinstance(binding.node, FunctionNode):
                return frozenset((LocalFunction(binding.node),))
            case Kind.CLASS if isinstance(binding.node, ast.ClassDef):
                return frozenset((LocalClass(self.bindings.classes[binding.node]),))
            case Kind.PARAMETER:
                return self._parameter(binding)
            case Kind.ELEMENT if binding.value is not None:
                return self._element(binding.value)
            case Kind.CONTEXT if binding.value is not None:
                return _ANYTHING
            case _:
                return _ANYTHING

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

    def _member(self, module: str | None, name: str) -> Values:
        if module is None:
            return _ANYTHING
        return frozenset((Ref(f"{module}.{name}"),))

    def _parameter(self, binding: Binding) -> Values:
        function = binding.function
        if function is not None and binding.index == 0 and not isinstance(function, ast.Lambda):
            owner = self.bindings.owners.get(function)
            if owner is not None:
                names = {d.id for d in function.decorator_list if isinstance(d, ast.Name)}
                if "classmethod" in names:
                    return frozenset((LocalClass(owner),))
                if "staticmethod" not in names:
                    return frozenset((LocalInstance(owner),))
        if binding.annotation is not None:
            return self.annotated(binding.annotation)
        return _ANYTHING

    def _element(self, iterable: ast.expr) -> Values:
        found: set[Value] = set()
        for value in self.choices(iterable):
            match value:
                case Collection(node=ast.Dict(keys=keys)):
                    for key in keys:
                        found |= self.values(key) if key is not None else _ANYTHING
                case Collection(node=node):
                    for element in getattr(node, "elts", ()):
                        found |= self.values(element)
                case _:
                    return _ANYTHING
        return frozenset(found)

    # -- annotations --------------------------------------------------------------------------

    def annotated(self, node: ast.expr) -> Values:
        """An instance of what an annotation names; optional types count as the type itself."""
        match node:
            case ast.Constant(value=str() as text):
                return self._quoted(text, node)
            case ast.Constant(value=None):
                return frozenset((NONE,))
            case ast.BinOp(op=ast.BitOr()):
                return self.annotated(node.left) | self.annotated(node.right)
            case ast.Subscript():
                outer = self.sole(node.value)
                if isinstance(outer, Ref):
                    if outer.path in _OPTIONAL:
                        return self.annotated(node.slice) | {NONE}
                    if outer.path == "typing.Union" and isinstance(node.slice, ast.Tuple):
                        return frozenset().union(*map(self.annotated, node.slice.elts))
                    if outer.path in _WRAPPERS:
                        inner = node.slice
                        if isinstance(inner, ast.Tuple) and inner.elts:
                            inner = inner.elts[0]
                        return self.annotated(inner)
                    if outer.path in {"builtins.type", "typing.Type"}:
                        return self.values(node.slice)
                return _ANYTHING
            case ast.Name() | ast.Attribute():
                found: set[Value] = set()
                for value in self.choices(node):
                    match value:
                        case Ref(path=path):
                            found.add(Instance(self.types.canonical(path)))
                        case LocalClass(info=info):
                            found.add(LocalInstance(info))
                        case _:
                            found.add(UNKNOWN)
                return frozenset(found)
            case _:
                return _ANYTHING

    def _quoted(self, text: str, node: ast.Constant) -> Values:
        """A quoted annotation, its names looked up as the module sees them at its end."""
        try:
            parsed = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return _ANYTHING
        for part in ast.walk(parsed):
            if isinstance(part, ast.Name):
                bindings = self.bindings.free(self.bindings.module, part.id)
                found: set[Value] = set()
                for binding in bindings:
                    found |= self.bound(binding)
                if not bindings and part.id in _BUILTINS:
                    found.add(Ref(f"builtins.{part.id}"))
                self._values[part] = frozenset(found) or _ANYTHING
        return self.annotated(parsed)

    # -- attributes ---------------------------------------------------------------------------

    def _attribute(self, value: Value, name: str) -> Values:
        match value:
            case Ref(path=path):
                return frozenset((Ref(f"{path}.{name}"),))
            case Instance(cls=cls):
                return self._instance_attribute(cls, value, name)
            case LocalInstance(info=info):
                return self._local_attribute(info, name, instance=True)
            case LocalClass(info=info):
                return self._local_attribute(info, name, instance=False)
            case Bound(cls=cls, name=method):
                declared = self.types.attribute(cls, method)
                if declared is not None:
                    return self._instance_attribute(declared, Instance(declared), name)
                return frozenset((Attr(value, name),))
            case Attr() | Item() | Result() | Partial():
                return frozenset((Attr(value, name),))
            case _:
                return _ANYTHING

    def _instance_attribute(self, cls: str, value: Value, name: str) -> Values:
        declared = self.types.attribute(cls, name)
        if declared is not None:
            return frozenset((Instance(declared),))
        if self.types.has_method(cls, name):
            return frozenset((Bound(cls, name),))
        return frozenset((Attr(Instance(cls) if isinstance(value, Instance) else value, name),))

    def _local_attribute(self, info: ClassInfo, name: str, *, instance: bool) -> Values:
        found: set[Value] = set()
        for cls in self.local_mro(info):
            bindings = [
                *(cls.attributes.get(name, ()) if instance else ()),
                *cls.scope.bindings.get(name, ()),
            ]
            for binding in bindings:
                if isinstance(binding.node, ast.FunctionDef) and _is_property(binding.node):
                    for value in self.bindings.returns.get(binding.node, ()):
                        found |= self.values(value)
                else:
                    found |= self.bound(binding)
            if found:
                return frozenset(found)
        for base in self.foreign_bases(info):
            if base is None:
                found.add(UNKNOWN)
            elif instance:
                found |= self._instance_attribute(base, Instance(base), name)
            else:
                found.add(Ref(f"{base}.{name}"))
        return frozenset(found) or _ANYTHING

    def local_mro(self, info: ClassInfo) -> list[ClassInfo]:
        """The class and its bases of the same file, nearest first."""
        found = [info]
        for cls in found:
            for base in cls.node.bases:
                value = self.sole(base)
                if isinstance(value, LocalClass) and value.info not in found:
                    found.append(value.info)
        return found

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

    def _item(self, value: Value, key: ast.expr) -> Values:
        if isinstance(value, Collection):
            return self._collection_item(value, self.sole(key))
        if isinstance(value, Ref) and root(value) == "builtins":
            return _ANYTHING
        if isinstance(value, Ref | Attr | Item | Result | Instance | Bound):
            constant = self.sole(key)
            text = constant.value if isinstance(constant, Const) else None
            return frozenset((Item(value, text if isinstance(text, str) else None),))
        return _ANYTHING

    def _collection_item(self, value: Collection, key: Value) -> Values:
        node = value.node
        if isinstance(node, ast.Dict):
            if isinstance(key, Const):
                for name, item in zip(node.keys, node.values, strict=True):
                    if isinstance(name, ast.Constant) and name.value == key.value:
                        return self.values(item)
            if None in node.keys or not node.values:
                return _ANYTHING
            return frozenset().union(*(self.values(item) for item in node.values))
        if isinstance(node, ast.List | ast.Tuple) and node.elts:
            if isinstance(key, Const) and isinstance(key.value, int):
                try:
                    return self.values(node.elts[key.value])
                except IndexError:
                    return _ANYTHING
            return frozenset().union(*(self.values(item) for item in node.elts))
        return _ANYTHING

    # -- calls --------------------------------------------------------------------------------

    def _call(self, function: Value, node: ast.Call) -> Values:
        match function:
            case Ref(path="importlib.import_module" | "builtins.__import__"):
                return self._import_module(node)
            case Ref(path="builtins.getattr") if len(node.args) >= 2:
                return self._getattr(node)
            case Ref(path="functools.partial") if node.args:
                return frozenset(
                    UNKNOWN if isinstance(value, Unknown) else Partial(value, node)
                    for value in self.choices(node.args[0])
                )
            case Ref(path="builtins.type") if len(node.args) == 1:
                return self._each(node.args[0], _class_of)
            case Ref(path=path) if path in _PASS_THROUGH and len(node.args) > _PASS_THROUGH[path]:
                index = _PASS_THROUGH[path]
                found = self.values(node.args[index])
                if index and found & _ANYTHING:
                    return self.annotated(node.args[0])
                return found
            case Ref(path="builtins.super") if not node.args:
                return _ANYTHING
            case Ref(path=path):
                canonical = self.types.canonical(path)
                if self.types.is_class(canonical):
                    return frozenset((Instance(canonical, node),))
                result = self.types.result(canonical)
                if result is not None:
                    return frozenset((Instance(result, node),))
                return frozenset((Result(Ref(canonical), node),))
            case Bound(cls=cls, name=name):
                result = self.types.result(f"{cls}.{name}")
                if result is not None:
                    return frozenset((Instance(result, node),))
                return frozenset((Result(function, node),))
            case LocalClass(info=info):
                return frozenset((LocalInstance(info),))
            case LocalFunction(node=local):
                return self._returned(local)
            case Partial(function=inner):
                return self._call(inner, node)
            case Attr(owner=Collection() as collection, name="get") if node.args:
                return self._collection_item(collection, self.sole(node.args[0]))
            case Attr() | Item() | Result() | Instance():
                return frozenset((Result(function, node),))
            case _:
                return self._string_method(node)

    def _returned(self, function: FunctionNode) -> Values:
        if function in self.bindings.generators:
            return _ANYTHING
        found: set[Value] = set()
        for value in self.bindings.returns.get(function, ()):
            found |= self.values(value)
        if (not found or UNKNOWN in found) and not isinstance(function, ast.Lambda):
            if function.returns is not None:
                return self.annotated(function.returns)
        return frozenset(found) or _ANYTHING

    def _import_module(self, node: ast.Call) -> Values:
        name = _argument(node, 0, "name")
        if name is None:
            return _ANYTHING
        found: set[Value] = set()
        for value in self.choices(name):
            path = _text(value)
            if path is None:
                return _ANYTHING
            if path.startswith("."):
                package = _argument(node, 1, "package")
                anchor = _text(self.sole(package)) if package is not None else None
                if anchor is None:
                    return _ANYTHING
                path = anchor + path
            parts = path.split(".")
            if "*" in parts[0] or not all(parts):
                return _ANYTHING
            # A part that is only half known may be any name.
            found.add(Ref(".".join("*" if "*" in part else part for part in parts)))
        return frozenset(found)

    def _getattr(self, node: ast.Call) -> Values:
        found: set[Value] = set()
        for name in self.choices(node.args[1]):
            if not isinstance(name, Const) or not isinstance(name.value, str):
                return _ANYTHING
            attribute = name.value
            found |= self._each(node.args[0], lambda value: self._attribute(value, attribute))  # noqa: B023
        if len(node.args) > 2:
            found |= self.values(node.args[2])
        return frozenset(found)

    def _string_method(self, node: ast.Call) -> Values:
        """``"...{}".format(x)``, and ``d.get(k)`` on a dictionary that the file writes out."""
        function = node.func
        if not isinstance(function, ast.Attribute):
            return _ANYTHING
        owner = self.sole(function.value)
        if function.attr == "format" and isinstance(owner, Const) and isinstance(owner.value, str):
            return frozenset((Pattern(_without_placeholders(owner.value)),))
        if function.attr == "get" and isinstance(owner, Collection) and node.args:
            found = self._collection_item(owner, self.sole(node.args[0]))
            return found | (self.values(node.args[1]) if len(node.args) > 1 else {NONE})
        return _ANYTHING

    # -- strings ------------------------------------------------------------------------------

    def _joined(self, node: ast.JoinedStr) -> Values:
        parts: list[list[str]] = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append([str(part.value)])
            else:
                assert isinstance(part, ast.FormattedValue)
                parts.append(self._texts(part.value) if part.format_spec is None else ["*"])
        return _patterns(parts)

    def _concatenated(self, node: ast.BinOp) -> Values:
        left, right = self._texts(node.left), self._texts(node.right)
        if left == right == ["*"]:
            return _ANYTHING
        return _patterns([left, right])

    def _texts(self, node: ast.expr) -> list[str]:
        found = [_text(value) for value in self.choices(node)]
        if not found or None in found:
            return ["*"]
        return sorted(text for text in found if text is not None)


class _Step(Protocol):
    def __call__(self, value: Value, /) -> Iterable[Value]: ...


def _class_of(value: Value) -> Values:
    match value:
        case Instance(cls=cls):
            return frozenset((Ref(cls),))
        case LocalInstance(info=info):
            return frozenset((LocalClass(info),))
        case _:
            return _ANYTHING


def _text(value: Value) -> str | None:
    match value:
        case Const(value=str() as text):
            return text
        case Pattern(text=text):
            return text
        case _:
            return None


def _patterns(parts: list[list[str]]) -> Values:
    count = 1
    for choices in parts:
        count *= len(choices)
    if count > _MANY:
        parts = [choices if len(choices) == 1 else ["*"] for choices in parts]
    return frozenset(
        Pattern(text) if "*" in text else Const(text)
        for text in ("".join(combination) for combination in itertools.product(*parts))
    )


def _without_placeholders(text: str) -> str:
    """A format string with ``*`` for what is put in."""
    import re

    return re.sub(r"\{[^{}]*\}|%(\(\w+\))?[sdr]", "*", text)


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    if len(call.args) > position and not any(
        isinstance(argument, ast.Starred) for argument in call.args[: position + 1]
    ):
        return call.args[position]
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return None


def _is_property(node: ast.FunctionDef) -> bool:
    return any(
        (isinstance(d, ast.Name) and d.id in {"property", "cached_property"})
        or (isinstance(d, ast.Attribute) and d.attr == "cached_property")
        for d in node.decorator_list
    )


_BUILTINS = frozenset(
    "getattr hasattr setattr type super isinstance issubclass len list dict tuple set str int "
    "float bool staticmethod classmethod property print range enumerate zip vars dir open object "
    "__import__ callable iter next map filter sorted min max sum any all repr".split()
)
