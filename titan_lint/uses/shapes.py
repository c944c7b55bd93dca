"""What code learns of torchtitan when it asks for the shape of something: its names, one by one."""

from __future__ import annotations

import ast

from titan_lint.api import Class, Function, Module
from titan_lint.api.entities import is_dunder
from titan_lint.api.paths import expand
from titan_lint.api.signatures import ParameterKind
from titan_lint.code.values import Attr, Bound, Instance, LocalClass, LocalInstance, Ref, Value
from titan_lint.structs import Struct
from titan_lint.uses.flavors.dictionaries import dictionary
from titan_lint.uses.members.classes import lacks
from titan_lint.uses.types import SurfaceTypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from titan_lint.uses.file import File


class Names(Struct, eq=False):
    """A set of names that is asked about: parameters, fields, members, keys.

    Attributes:
        has: Whether a name is among them; ``None`` where that is not known.
        are_things: Whether what stands under a name is never ``None`` or false.
        count: How many there are; ``None`` where that is not known.
    """

    has: Callable[[str], bool | None]
    are_things: bool = False
    count: int | None = None

    def at_least(self) -> Names:
        """These and others that are not known."""
        return Names(lambda name: True if self.has(name) else None)

    def some(self) -> Names:
        """Some of these, which ones is not known."""
        return Names(lambda name: False if self.has(name) is False else None)

    def unsure_of_values(self) -> Names:
        """These, where what stands under a name may be ``None``."""
        return Names(self.has, count=self.count)

    @staticmethod
    def either(parts: list[Names]) -> Names:
        """All of some sets together."""

        def has(name: str) -> bool | None:
            found = {part.has(name) for part in parts}
            return True if True in found else None if None in found else False

        return Names(has)


class Shapes:
    """The shapes that one file asks for at one target."""

    def __init__(self, file: File) -> None:
        self.file = file

    def parameters(self, functions: Iterable[Value], *, keyword_only: bool | None = None) -> Names:
        """The parameters of what ``inspect.signature`` is given.

        Where the model is not known and some registries have a parameter, a guard sorts them: on its
        other side stand those that lack it.
        """
        found: list[Function | None] = []
        for value in functions:
            found += self._functions(value)

        def has(name: str) -> bool | None:
            answers: set[bool | None] = set()
            for function in found:
                if function is None:
                    answers.add(None)
                    continue
                parameter = function.parameter(name)
                if parameter is None:
                    answers.add(None if function.open else False)
                elif keyword_only is None:
                    answers.add(True)
                else:
                    answers.add((parameter.kind is ParameterKind.KEYWORD_ONLY) is keyword_only)
            return True if True in answers else answers.pop() if len(answers) == 1 else None

        counts = {
            None if function is None or function.open else len(function.parameters)
            for function in found
        }
        count = counts.pop() if len(counts) == 1 and keyword_only is None else None
        return Names(has, are_things=True, count=count)

    def _functions(self, value: Value) -> list[Function | None]:
        surface = self.file.target.surface
        match value:
            case Ref(path=path) if path.startswith("torchtitan"):
                found: list[Function | None] = []
                path = path.removesuffix(".__init__")
                for full in expand(surface, path):
                    entity = surface.lookup(full)
                    if isinstance(entity, Class):
                        # A protocol cannot be called, and still shows what it declares.
                        init = entity.member("__init__") if entity.abstract else None
                        declared = init.bound() if isinstance(init, Function) else None
                        found.append(entity.constructor() or declared)
                    else:
                        found.append(entity if isinstance(entity, Function) else None)
                return found or [None]
            case Bound(cls=cls, name=name):
                owner = surface.lookup(cls)
                member = owner.member(name) if isinstance(owner, Class) else None
                return [member.bound() if isinstance(member, Function) else None]
            case LocalClass(info=info):
                bases = self.file.resolver.foreign_bases(info)
                if self.file.resolver.attribute_bindings(info, "__init__", exact=True):
                    return [None]
                if len(bases) == 1 and bases[0] is not None:
                    return self._functions(Ref(bases[0]))
                return [None]
            case _:
                return [None]

    def fields(self, values: Iterable[Value]) -> Names:
        """The names of dataclasses' fields."""
        return self._of_classes(values, self._is_field, are_things=True)

    def hints(self, values: Iterable[Value]) -> Names:
        """The names that ``get_type_hints`` gives of classes and functions."""
        values = list(values)
        if all(isinstance(v, Ref) and isinstance(self._lookup(v), Function) for v in values):
            return self.parameters(values)
        return self._of_classes(values, self._is_field, are_things=True)

    def members(self, values: Iterable[Value], *, own: bool = False) -> Names:
        """What ``dir`` lists, or with ``own`` what ``vars`` holds."""
        held = list(values)

        def has(name: str) -> bool | None:
            answers = {self._has_member(value, name, own=own) for value in held}
            return answers.pop() if len(answers) == 1 else None

        return Names(has)

    def _has_member(self, value: Value, name: str, *, own: bool) -> bool | None:
        found = member_exists(self.file, value, name)
        if found and own and not isinstance(value, Ref):
            return True if self._is_field(value, name) else None
        if found and own and isinstance(cls := self._lookup(value), Class):
            member = cls.member(name)
            where = getattr(member, "path", "") if member is not None else ""
            return True if where == f"{cls.path}.{name}" else None
        return found

    def held(self, values: Iterable[Value]) -> Names | None:
        """The keys of a dictionary of flavors; ``None`` for anything else."""
        found = list(values)
        if not found:
            return None
        for value in found:
            if not isinstance(value, Ref) or self._keys(value) is None:
                return None

        def has(name: str) -> bool | None:
            answers = {name in (self._keys(value) or ()) for value in found}
            return answers.pop() if len(answers) == 1 else None

        return Names(has, are_things=True)

    def _keys(self, value: Value) -> tuple[str, ...] | None:
        surface = self.file.target.surface
        table = dictionary(surface, value.path) if isinstance(value, Ref) else None
        return table.keys if table is not None else None

    def choices(self, values: Iterable[Value], name: str) -> Names | None:
        """The literals that the annotation of a field or parameter lists; ``None`` where it lists none."""
        listed: list[tuple[object, ...]] = []
        for value in values:
            functions = self._functions(value)
            for function in functions:
                parameter = function.parameter(name) if function is not None else None
                if parameter is None or not parameter.choices:
                    return None
                listed.append(parameter.choices)
        if not listed:
            return None

        def has(text: str) -> bool | None:
            answers = {text in choices for choices in listed}
            return answers.pop() if len(answers) == 1 else None

        return Names(has)

    def _of_classes(
        self, values: Iterable[Value], ask: Callable[[Value, str], bool | None], *, are_things: bool
    ) -> Names:
        found = list(values)

        def has(name: str) -> bool | None:
            answers = {ask(value, name) for value in found}
            return answers.pop() if len(answers) == 1 else None

        return Names(has, are_things)

    def _lookup(self, value: Value) -> object:
        match value:
            case Ref(path=path) | Instance(cls=path) if path.startswith("torchtitan"):
                return self.file.target.surface.lookup(path)
            case _:
                return None

    def _is_field(self, value: Value, name: str) -> bool | None:
        if isinstance(value, LocalClass | LocalInstance):
            own = member_exists(self.file, value, name)
            return False if own is False else None
        cls = self._lookup(value)
        if not isinstance(cls, Class):
            return None
        constructor = cls.constructor()
        if constructor is not None and constructor.parameter(name) is not None:
            return True if cls.is_dataclass else None
        return False if lacks(self.file.target.surface, cls.path, name) else None


def member_exists(file: File, value: Value, name: str) -> bool | None:
    """Whether ``hasattr`` finds a member of something of torchtitan's, or of a class built on it.

    ``None`` where that is not known.
    """
    types = file.resolver.types
    assert isinstance(types, SurfaceTypes)
    match value:
        case Ref(path=path):
            return _path_has(file, path, name)
        case Instance(cls=cls):
            found = types.exists(Attr(value, name))
            if found:
                # What some model's config has, the one at hand may lack.
                owner = file.target.surface.lookup(cls)
                has_it = not isinstance(owner, Class) or owner.member(name) is not None
                return True if has_it else None
            if found is None and lacks(file.target.surface, cls, name):
                return False
            return found
        case Attr():
            return types.exists(Attr(value, name))
        case LocalInstance(info=info) | LocalClass(info=info):
            resolver = file.resolver
            own = resolver.attribute_bindings(info, name, instance=isinstance(value, LocalInstance))
            bases = resolver.foreign_bases(info)
            if any(isinstance(b.node, ast.FunctionDef | ast.ClassDef) for b in own):
                return True
            if not bases or None in bases:
                return None
            answers = {
                member_exists(file, Instance(base), name) if base is not None else None
                for base in bases
            }
            if True in answers:
                return True
            # What a method sets may not be there yet.
            return answers.pop() if len(answers) == 1 and not own else None
        case _:
            return None


def _path_has(file: File, path: str, name: str) -> bool | None:
    """As :func:`member_exists`, for what an import path names."""
    surface = file.target.surface
    owner = surface.lookup(path) if "*" not in path else None
    found = SurfaceTypes(surface).exists(Ref(f"{path}.{name}"))
    if owner is not None and name in _OF_OBJECTS:
        return True
    if isinstance(owner, Class | Function | Module) and is_dunder(name):
        return True if found or name in _OF_EVERYTHING else None
    if found is None and isinstance(owner, Class) and lacks(surface, owner.path, name):
        return False
    return found


# What all objects have, and what modules, functions and classes have beside that.
_OF_OBJECTS = frozenset({"__doc__", "__class__"})
_OF_EVERYTHING = frozenset({"__name__", "__dict__"})
