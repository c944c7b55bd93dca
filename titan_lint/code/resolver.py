"""From an expression to its values, worked out on demand and remembered."""

from __future__ import annotations

import ast
import functools

from titan_lint.code import fixtures
from titan_lint.code.annotations import BUILTINS, MOCKS, Annotations, is_mock
from titan_lint.code.answers import NAMESPACE, ONLY_NONE, PASS_THROUGH
from titan_lint.code.classes import Classes
from titan_lint.code.contents import Contents
from titan_lint.code.elsewhere import Elsewhere
from titan_lint.code.forms import argument, callee_name, is_torchtitans, last_name
from titan_lint.code.imported import Imports, ref
from titan_lint.code.mutations import Mutations
from titan_lint.code.names import Binding, ClassInfo, FunctionNode, Kind
from titan_lint.code.narrowing import Narrowing
from titan_lint.code.patches import Patches
from titan_lint.code.plain_classes import fails_on_plain
from titan_lint.code.stores import put_on
from titan_lint.code.texts import (
    concatenated,
    formatted,
    joined,
    text_of,
    without_placeholders,
)
from titan_lint.code.uses import is_only_read
from titan_lint.code.values import (
    ANYTHING,
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
    OwnBinding,
    OwnClass,
    OwnFunction,
    Partial,
    Pattern,
    Ref,
    Result,
    Row,
    Series,
    Unknown,
    Value,
    Values,
    root,
    union,
)
from titan_lint.structs import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.library import Modules, Types
    from titan_lint.code.program import Program

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
    "contextlib.asynccontextmanager",
    "torch.no_grad",
    "torch.inference_mode",
    "torch.compiler.disable",
    "typing.final",
    "typing.override",
    "typing_extensions.final",
    "typing_extensions.override",
}
_IMPLICIT_CLASSMETHODS = {"__new__", "__init_subclass__", "__class_getitem__"}


_PLAIN_ENUMS = frozenset({"enum.Enum", "enum.StrEnum", "builtins.str"})
_VALUING = frozenset({"__init__", "__new__", "_value_", "value"})
"""What gives a member of an enum another value than the literal that it is assigned."""


class Resolver(Classes):
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
        super().__init__(program, types, modules)
        self.package = package
        self._patched = patched
        self.imports = Imports(
            types,
            package,
            (lambda: self.patches) if patched else None,
            modules,
            Elsewhere(lambda: self.bindings.imports[0]),
            self.hear,
        )
        self.annotations = Annotations(self, types)
        # The same at all versions.
        self.mutations = program.once(Mutations)
        self.narrowing = Narrowing(self, self.annotations.instance)
        self._contents = Contents(self, self.mutations, self.returned)

    # -- expressions --------------------------------------------------------------------------

    def _evaluate(self, node: ast.expr) -> Values:
        match node:
            case ast.Name():
                return self.narrowing.narrowed(node, self._name(node))
            case ast.Attribute(attr="value", value=ast.Attribute() as member) if (
                known := self._of_member(member)
            ):
                return known
            case ast.Attribute():
                found = self.each(node.value, self._attribute, node.attr, node) or ANYTHING
                return self.narrowing.narrowed(node, found)
            case ast.Call():
                return self.each(node.func, self._call, node)
            case ast.Subscript():
                return self.each(node.value, self._item, node)
            case ast.Constant(value=str() | bytes() | int() | float() | None as value):
                return Values((Const(value),))
            case ast.JoinedStr():
                return joined(node, self.choices)
            case ast.BinOp(op=ast.Add()):
                return concatenated(node, self.choices)
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
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return Values((Collection(node),))
            case _:
                return ANYTHING

    def _name(self, node: ast.Name) -> Values:
        bindings = self.bindings.of(node)
        if len(bindings) == 1:
            return self.bound(bindings[0])
        if not bindings:
            stars = self.bindings.scope_stars(node)
            starred = union(self.imports.starred(star.path, node.id, star.node) for star in stars)
            if starred:
                return starred
            if node.id in BUILTINS:
                return ref(f"builtins.{node.id}")
            return ANYTHING
        return union(map(self.bound, bindings))

    def _follow(self, binding: Binding) -> Values:
        match binding.kind:
            case Kind.VALUE if binding.value is not None:
                found = self.values(binding.value)
                if binding.annotation is None:
                    return found
                return self.annotations.declared(found, binding.annotation)
            case Kind.DECLARED if binding.annotation is not None:
                return self.annotations.annotated(binding.annotation)
            case Kind.IMPORT:
                return self.imports.at(binding.path, binding.node)
            case Kind.FROM:
                return self.imports.member(binding.path, binding.member, binding.node)
            case Kind.STAR:
                return self.imports.starred(binding.path, binding.member, binding.node)
            case Kind.FUNCTION if isinstance(binding.node, FunctionNode):
                if all(map(self._is_transparent, getattr(binding.node, "decorator_list", ()))):
                    return Values((LocalFunction(binding.node),))
                return ANYTHING
            case Kind.CLASS if isinstance(binding.node, ast.ClassDef):
                return Values((LocalClass(self.bindings.classes[binding.node]),))
            case Kind.PARAMETER:
                return self._parameter(binding)
            case Kind.ELEMENT if binding.value is not None:
                return self._contents.elements(binding.value)
            case Kind.CONTEXT if binding.value is not None:
                return self._contents.entered(binding.value)
            case Kind.PART if binding.whole is not None:
                return self._contents.part(
                    self.bound(binding.whole), binding.index, binding.whole.value
                )
            case Kind.OPAQUE if isinstance(binding, OwnBinding):
                return binding.values()
            case _:
                return ANYTHING

    @functools.cached_property
    def patches(self) -> Patches:
        """What the file puts in the place of something, each place taken for what it is called."""
        return Patches(self.program, self._unpatched.choices, self.types.canonical)

    @functools.cached_property
    def _unpatched(self) -> Resolver:
        return Resolver(self.program, self.types, self.package, patched=False, modules=self.modules)

    def alone(self) -> Resolver:
        """The same where nothing is heard of other files; what rests on none of them is not worked out again."""
        made = Resolver(self.program, self.types, self.package, patched=self._patched)
        unpatched = vars(self).get("_unpatched")
        if unpatched is None or not unpatched.heard:
            made.known.update(self.known)
        if unpatched is not None:
            vars(made)["_unpatched"] = unpatched.alone()
        return made

    def forget(self) -> None:
        """Let go of what was worked out, by parts that hold the resolver in turn."""
        unpatched = vars(self).get("_unpatched")
        vars(self).clear()
        if unpatched is not None:
            unpatched.forget()

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
            elif binding.annotation is None:
                return self._instance_of_owner(function)
        if binding.annotation is None:
            return ANYTHING
        declared = self.annotations.annotated(binding.annotation)
        return (
            ANYTHING
            if self._gets_stand_ins(binding, declared)
            else self._fixture(binding) or declared
        )

    def _instance_of_owner(self, function: FunctionNode) -> Values:
        """What a function gets first that is put on classes outside the file, ``Trainer.step = f``, and used in no other way."""
        classes = {self.sole(owner) for owner in put_on(self.program, function)}
        paths = {self.types.canonical(cls.path) for cls in classes if isinstance(cls, Ref)}
        if len(paths) != 1 or len(classes) != sum(isinstance(cls, Ref) for cls in classes):
            return ANYTHING
        (path,) = paths
        return Values((Instance(path),)) if self.types.is_class(path) else ANYTHING

    def _fixture(self, binding: Binding) -> Values:
        """What a fixture gives a test that declares it as something else, be it one of a ``conftest.py``."""
        function, node = binding.function, binding.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return NOTHING
        assert isinstance(node, ast.arg)
        if not self.program.once(fixtures.holds_tests):
            return NOTHING
        handed = [*fixtures.handed(function, node.arg)]
        if handed:
            return NOTHING if all(one and self._is_of_library(one) for one in handed) else ANYTHING
        is_other = self.gives_stand_in(node.arg, but=function)
        if is_other is None and self.modules is not None:
            is_other = self.modules.give_stand_in(node.arg, self.types)
        return ANYTHING if is_other else NOTHING

    def gives_stand_in(self, name: str, *, but: FunctionNode | None = None) -> bool | None:
        """Whether what the file gives tests as a fixture may be of none of the library's classes; ``None`` for no such fixture."""
        found = [
            one for one in self.program.once(fixtures.declared).get(name, ()) if one is not but
        ]
        if found:
            given = (value for one in found for value in fixtures.given(self.program, one))
            return not all(value is not None and self._is_of_library(value) for value in given)
        for module, member in fixtures.sources(self.program, name):
            if self.modules is not None:
                answer = self.modules.give_stand_in(member, self.types, module)
                if answer is not None:
                    return answer
        return None

    def _is_of_library(self, node: ast.expr) -> bool:
        """Whether an expression certainly is of a class of the library's, or of one that is built on such a class."""
        values = self.values(node)
        return bool(values) and all(
            isinstance(value, Instance)
            or (isinstance(value, LocalInstance) and bool(self.foreign_bases(value.info)))
            for value in values
        )

    def _gets_stand_ins(self, binding: Binding, declared: Values) -> bool:
        """Whether all that the file hands over for a parameter stands for what it is declared as: mocks, fakes."""
        function, node = binding.function, binding.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        assert isinstance(node, ast.arg)
        name, index = function.name, binding.index
        owner = self.bindings.owners.get(function)
        if owner is not None:
            name = owner.node.name if name == "__init__" else name
            index -= "staticmethod" not in map(callee_name, function.decorator_list)
        handed = [
            given
            for call in self.program.called(name)
            if (given := argument(call, index if index >= 0 else len(call.args), node.arg))
        ]
        return bool(handed) and all(
            any(is_mock(v) or self._is_fake(v, declared) for v in self.values(given))
            for given in handed
        )

    def _is_fake(self, value: Value, declared: Values) -> bool:
        """Whether a value is of a class that the file builds on nothing else, not on what it is declared as either."""
        if not isinstance(value, LocalInstance) or self.foreign_bases(value.info):
            return False
        classes = self.local_mro(value.info)
        return not any(isinstance(one, LocalInstance) and one.info in classes for one in declared)

    # -- attributes ---------------------------------------------------------------------------

    def _of_member(self, member: ast.Attribute) -> Values:
        """The literal that a member of an enum of the project's has for its value; nothing where that may be another."""
        for owner in self.values(member.value):
            if not isinstance(owner, LocalClass) or isinstance(owner.info, OwnClass):
                return NOTHING
            classes = self.local_mro(owner.info)
            bases = self.foreign_bases(owner.info)
            if not self.is_enum(owner.info) or not _PLAIN_ENUMS.issuperset(bases):
                return NOTHING
            if any(
                cls.node.keywords
                or {*map(callee_name, cls.node.decorator_list)} - {"unique"}
                or not cls.scope.bindings.keys().isdisjoint(_VALUING)
                for cls in classes
            ):
                return NOTHING
        if self.mutations.may_be_set("_value_"):
            return NOTHING
        found = self.values(member)
        return found if all(isinstance(value, Const) for value in found) else NOTHING

    def _attribute(self, value: Value, name: str, node: ast.expr) -> Values:
        match value:
            case Ref(path=path):
                return self.imports.at(f"{path}.{name}", node)
            case Instance() if fails_on_plain(value, name):
                return NOTHING
            case Instance(cls=cls):
                return self._instance_attribute(cls, value, name)
            case LocalInstance(info=info, exact=exact):
                return self.attribute_of(info, name, instance=True, exact=exact)
            case LocalClass(info=info):
                return self.attribute_of(info, name, instance=False, exact=True)
            case Bound(cls=cls, name=method):
                declared = self.types.attribute(cls, method)
                if declared is not None:
                    return self._instance_attribute(declared, Instance(declared), name)
                return Values((Attr(value, name),))
            case Result(function=function, call=call) if function == NAMESPACE:
                return self._namespace_attribute(call, name)
            case Attr() | Item() | Result() | Partial():
                return Values((Attr(value, name),))
            case _:
                return ANYTHING

    def _namespace_attribute(self, call: ast.Call | None, name: str) -> Values:
        """What a ``SimpleNamespace`` was made with, as long as nothing in the file sets it anew."""
        for word in call.keywords if call is not None else ():
            if word.arg == name and not self.mutations.may_be_set(name):
                return self.values(word.value)
        return ANYTHING

    def _instance_attribute(self, cls: str, value: Value, name: str) -> Values:
        declared = self.types.attribute(cls, name)
        if declared is not None:
            return Values((Instance(declared),))
        if self.types.has_method(cls, name):
            made = value.call if isinstance(value, Instance) else None
            return Values((Bound(cls, name, made),))
        return Values((Attr(value, name),))

    def attribute_of(self, info: ClassInfo, name: str, *, instance: bool, exact: bool) -> Values:
        """What an attribute of a class or its instance may be; see :meth:`attribute_bindings`."""
        bindings = self.attribute_bindings(info, name, instance=instance, exact=exact)
        # A declaration alone binds nothing: what is put there says more.
        given = union(self._class_member(b) for b in bindings if b.kind is not Kind.DECLARED)
        if given and UNKNOWN not in given and given != ONLY_NONE:
            is_class = any(b.kind is Kind.CLASS for b in bindings)
            return (
                given | ANYTHING
                if is_class and self._may_be_put(info, name, instance=instance)
                else given
            )
        found = union(map(self._class_member, bindings))
        for binding in bindings:
            if UNKNOWN in found and binding.annotation is not None:
                found = self.annotations.declared(found, binding.annotation)
        if self._may_be_put(info, name, instance=instance):
            return found | ANYTHING
        if found:
            return found
        if instance and name == "build" and any(map(_is_wired, self.local_mro(info))):
            return ANYTHING
        for cls in self.local_mro(info):
            for declared in self._inherited(cls, name, instance=instance):
                found |= self._kept(declared, info, name) if instance else declared
        return found or ANYTHING

    def _may_be_put(self, info: ClassInfo, name: str, *, instance: bool) -> bool:
        """Whether an attribute of a class may be something that no statement of its body makes it."""
        classes = self.local_mro(info)
        if instance and any("__getattribute__" in cls.scope.bindings for cls in classes):
            return True
        return self._patched and self.patches.may_put(classes, name)

    def _inherited(self, cls: ClassInfo, name: str, *, instance: bool) -> Iterator[Values]:
        """What the bases of a class that other files define make of an attribute."""
        if isinstance(cls, OwnClass):
            yield cls.attribute(name, instance)
            return
        for base in self.bases_outside(cls):
            if base is None:
                yield ANYTHING
            elif instance:
                found = self._instance_attribute(base, Instance(base), name)
                alone = all(len(one.node.bases) == 1 for one in self.relatives(cls))
                yield Values(
                    replace(value, inherited=True) if alone and isinstance(value, Bound) else value
                    for value in found
                )
            else:
                yield ref(f"{base}.{name}")

    def _kept(self, declared: Values, info: ClassInfo, name: str) -> Values:
        """An attribute that a base class keeps: as it declares it, or as it is handed on to it."""
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
                        return self.annotations.annotated(parameter.annotation)
        return NOTHING

    def _class_member(self, binding: Binding) -> Values:
        node = binding.node
        if isinstance(node, ast.FunctionDef):
            kinds = {callee_name(d) for d in node.decorator_list}
            if kinds & {"property", "cached_property"}:
                return self.returned(node)
            if kinds & {"setter", "deleter", "overload"}:
                return NOTHING
        return self.bound(binding)

    # -- subscripts ---------------------------------------------------------------------------

    def _item(self, value: Value, node: ast.Subscript) -> Values:
        key = self.sole(node.slice)
        match value:
            case Collection() | Series() | Row():
                return self._contents.item(value, node)
            case Ref() if root(value) == "builtins":
                return ANYTHING
            case Ref(path="sys.modules") if isinstance(key, Const) and isinstance(key.value, str):
                return self.imports.at(key.value, node)
            case Ref() | Attr() | Item() | Result() | Instance() | Bound():
                text = key.value if isinstance(key, Const) else None
                return Values((Item(value, text if isinstance(text, str) else None),))
            case _:
                return ANYTHING

    # -- calls --------------------------------------------------------------------------------

    def _makes_bare(self, path: str) -> bool:
        """Whether a function makes an instance of a class and fills nothing in: ``object.__new__``."""
        return path.endswith(".__new__") and self.types.canonical(path) in (
            "builtins.object.__new__",
            "object.__new__",
        )

    def _are_below(self, values: Values, above: Values) -> bool:
        """Whether things are instances of classes that derive from those of others, each from one of them."""
        return bool(values) and all(
            isinstance(value, Instance)
            and any(
                isinstance(base, Instance) and self.types.derives(value.cls, base.cls)
                for base in above
            )
            for value in values
        )

    def _call(self, function: Value, node: ast.Call) -> Values:
        match function:
            case Ref(path="importlib.import_module"):
                return self._import_module(node)
            case Ref(path="builtins.__import__") if argument(node, 3, "fromlist") is not None:
                return self._import_module(node)
            case Ref(path=path) if len(node.args) == 1 and self._makes_bare(path):
                return self.each(node.args[0], self._call, node)
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
                return self.each(node.args[0], _class_of)
            case Ref(path=path) if path in PASS_THROUGH and len(node.args) > PASS_THROUGH[path]:
                index = PASS_THROUGH[path]
                found = self.values(node.args[index])
                # What a function of torchtitan's gives without a type is what it is cast to.
                if index and any(value is UNKNOWN or _is_untyped(value) for value in found):
                    cast = self.annotations.annotated(node.args[0])
                    return found if UNKNOWN in cast and UNKNOWN not in found else cast
                # So is what is only declared as a base of that.
                if index and all(map(_is_declared, found)):
                    cast = self.annotations.annotated(node.args[0])
                    return cast if self._are_below(cast, found) else found
                return found
            case OwnFunction(returned=returned) if UNKNOWN not in (found := returned()):
                return found
            case Ref(path=path):
                made = self._contents.built_in(path, node)
                if made is not None:
                    return made
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
                if any("__new__" in cls.scope.bindings for cls in self.local_mro(info)):
                    return ANYTHING
                return Values((LocalInstance(info, exact=True),))
            case LocalFunction(node=local):
                return self.returned(local)
            case Partial(function=inner):
                return self._call(inner, node)
            case Item(owner=Ref(path=path), key=key) if (
                result := self.types.held_result(path, key)
            ) is not None and is_only_read(self.program, path.rpartition(".")[2]):
                return Values((Instance(result, node),))
            case Attr() | Item() | Result() | Instance():
                return Values((Result(function, node),))
            case _:
                return self._string_method(node)

    def returned(self, function: FunctionNode) -> Values:
        """What a call of a function of the file returns."""
        if function in self.bindings.generators:
            found = self._contents.yielded(function)
        else:
            found = union(map(self.values, self.bindings.returns.get(function, ()))) or ANYTHING
        if not isinstance(function, ast.Lambda) and function.returns is not None:
            found = self.annotations.declared(found, function.returns)
        return self._contents.managed(function, found)

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
            found |= self.imports.at(".".join("*" if "*" in part else part for part in parts), node)
        return found

    def _getattr(self, node: ast.Call) -> Values:
        found = NOTHING
        for name in self.choices(node.args[1]):
            if not isinstance(name, Const) or not isinstance(name.value, str):
                return ANYTHING
            found |= self.each(node.args[0], self._attribute, name.value, node)
        if len(node.args) > 2:
            found |= self.values(node.args[2])
        return found or ANYTHING

    def _string_method(self, node: ast.Call) -> Values:
        """``"...{}".format(x)``, and the methods of containers."""
        function = node.func
        if last_name(function) in MOCKS:
            return Values((Result(Ref(f"unittest.mock.{last_name(function)}"), node),))
        if not isinstance(function, ast.Attribute):
            return ANYTHING
        owner = self.sole(function.value)
        if function.attr == "format" and isinstance(owner, Const) and isinstance(owner.value, str):
            return formatted(owner.value, node, self.choices)
        return self._contents.method(node) or ANYTHING


def _is_wired(info: ClassInfo) -> bool:
    """Whether a class is the ``Config`` in the body of another one, which ``build`` then makes, with its arguments."""
    return info.node.name == "Config" and isinstance(info.outer.node, ast.ClassDef)


def _class_of(value: Value) -> Values:
    match value:
        case Instance(cls=cls):
            return ref(cls)
        case LocalInstance(info=info):
            return Values((LocalClass(info),))
        case _:
            return ANYTHING


def _is_untyped(value: Value) -> bool:
    """Whether a value is what a function or field of torchtitan's gives that does not say what that is."""
    match value:
        case Result(function=Attr()) | Item(owner=Attr()):
            return True
        case Result(function=Ref(path=path) | Bound(cls=path)):
            return is_torchtitans(path)
        case _:
            return False


def _is_declared(value: Value) -> bool:
    """Whether a value is of a class of which it may also be a derived one: nothing made it here."""
    return isinstance(value, Instance) and value.call is None
