"""What a surface consists of: modules, classes, functions with their parameters, and values.

The facts behind an entity are a record, a dictionary as :mod:`titan_lint.api.reading` describes it. What
an entity says of others, it asks of the surface that it belongs to.
"""

from __future__ import annotations

import ast

from titan_lint.api import external, hints
from titan_lint.api.signatures import Function, Parameter, ParameterKind
from titan_lint.structs import Struct, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from functools import cached_property
    from typing import Any, Protocol, TypeAlias, TypeVar, TypeVarTuple

    from titan_lint.api.hints import Constant

    T = TypeVar("T")
    Rest = TypeVarTuple("Rest")

    Record = dict[str, Any]

    Entity: TypeAlias = "Module | Class | Function | Variable | External"

    class Lookup(Protocol):
        """What an entity asks of the surface that it belongs to."""

        def module_record(self, name: str) -> Record:
            """Record of a module; an empty one for a namespace package."""
            ...

        def names_in(self, module: str) -> tuple[str, ...]:
            """Names bound in ``module`` at run time, in source order, then its submodules."""
            ...

        def lookup(self, path: str) -> Entity | None:
            """What the dotted ``path`` reaches; ``None`` where nothing does."""
            ...

        def remembered(self, key: str, work: Callable[[], T]) -> T | None:
            """What ``work`` says, kept under ``key``; ``None`` where it is being worked out already."""
            ...

        def settled(self, work: Callable[[*Rest], T], *args: *Rest) -> tuple[T, bool]:
            """What ``work`` says, and whether it would say so whatever else is being worked out."""
            ...

        def resolve_in(self, scope: LookupScope, name: str) -> Entity | None:
            """What the dotted ``name`` means where it is written; ``None`` where that is not known."""
            ...

        def member_of(self, class_: Class, name: str) -> Entity | None:
            """The member ``name`` of ``class_``, through its ancestors; ``None`` without one."""
            ...

        def member_record(self, class_: Class, name: str) -> Entity | None:
            """The member ``name`` that ``class_`` itself defines; ``None`` without one."""
            ...

        def parameter(
            self,
            scope: LookupScope,
            name: str,
            kind: ParameterKind,
            annotation: str | None,
            default: str | None,
            values: Record | None = None,
        ) -> Parameter:
            """A parameter from its texts, with what its guards say worked out."""
            ...


# Bases from outside torchtitan that bring no attribute a caller could mean and take no arguments.
_PLAIN_BASES = frozenset(
    {
        *("object", "abc.ABC", "typing.Generic", "typing.Protocol"),
        *("typing_extensions.Protocol", "collections.abc.Hashable"),
    }
)
_ABSTRACT_BASES = frozenset({"abc.ABC", "typing.Protocol", "typing_extensions.Protocol"})
_ABSTRACT = frozenset({"abstractmethod", "abstractproperty"})
_PROTOCOLS = ("typing.Protocol", "typing_extensions.Protocol")
_DATACLASS = "dataclasses.dataclass"
_FIELD = "dataclasses.field"
_CONFIGURABLE = "torchtitan.config.configurable.Configurable"


PARTIAL = "(...)"
"""What stands behind the path of a function to say that some of its arguments are bound."""


class Module(Struct):
    """A module or package, namespace packages included."""

    path: str
    surface: Lookup = field(repr=False, compare=False)

    @property
    def open(self) -> str:
        """Why names that are not listed may exist all the same; empty when there is no reason."""
        return self.surface.module_record(self.path).get("open", "")

    def member(self, name: str) -> Module | Class | Function | Variable | External | None:
        """What ``from <module> import <name>`` gives, submodules included; ``None`` where it fails."""
        return self.surface.lookup(f"{self.path}.{name}")

    @property
    def members(self) -> tuple[str, ...]:
        """Names bound in the module at run time, in source order, then submodules."""
        return self.surface.names_in(self.path)


class External(Struct):
    """A name that torchtitan binds but another library defines.

    Attributes:
        path: where it can be reached: ``torchtitan.trainer.nn``.
        target: what it is: ``torch.nn``.
    """

    path: str
    target: str


class Variable(Struct):
    """A module-level value, a class attribute, a dataclass field, an instance attribute or a property.

    Attributes:
        annotation: source text of the annotation.
        source: source text of the value where it is short.
        type: canonical path of the torchtitan class that it is an instance of, ``None`` in a union and
            whenever that isn't certain.
        class_: canonical path of the class, for ``type[...]``.
        item: canonical path of the class that a list, tuple or dictionary holds.
        choices: what ``Literal[...]`` allows, ``None`` included.
        keys: keys of a dictionary literal, in source order; empty when not all of them are known.
        items: for such a dictionary, what each key holds: the canonical path of a function, of a
            class, the class with ``()`` behind it for an instance, the function with ``(...)`` behind
            it for a ``functools.partial`` of it; empty text when unknown.
        is_property: whether it is computed by a property.
        is_instance: whether only instances have it, not the class itself.
        is_class: whether it is marked ``ClassVar``.
        base: where the annotation is a union of torchtitan classes, or an alias of one, canonical path of
            the nearest class that all of them are or derive from.
    """

    path: str
    annotation: str | None = None
    source: str | None = None
    type: str | None = None
    class_: str | None = None
    item: str | None = None
    choices: tuple[Constant, ...] = ()
    keys: tuple[str, ...] = ()
    items: Mapping[str, str] = field(default_factory=dict[str, str])
    is_property: bool = False
    is_settable: bool = True
    is_instance: bool = False
    is_class: bool = False
    base: str | None = None


if TYPE_CHECKING:
    _settled_property = cached_property
else:

    class _settled_property:  # noqa: N801 - stands where `cached_property` would
        """As `cached_property` of a class, but an answer that rests on an open question is not kept."""

        def __init__(self, work):
            self._work = work
            self._name = work.__name__
            self.__doc__ = work.__doc__

        def __get__(self, class_, owner):
            if class_ is None:
                return self
            found, is_settled = class_.surface.settled(self._work, class_)
            if is_settled:
                class_.__dict__[self._name] = found
            return found


class Class:
    """A class: its bases, members and how it is constructed."""

    def __init__(self, surface: Lookup, path: str, module: str, record: Record) -> None:
        self.surface = surface
        self.path = path
        self.module = module
        self._record = record

    def __repr__(self) -> str:
        return f"Class({self.path!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Class) and (self.path, self._record) == (other.path, other._record)

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def decorators(self) -> tuple[str, ...]:
        """Decorators as written."""
        return tuple(self._record.get("d", ()))

    @_settled_property
    def bases(self) -> tuple[str, ...]:
        """Canonical paths of the direct bases; those that cannot be told stay as written."""
        return tuple(base.path if isinstance(base, Class) else base for base in self._direct_bases)

    @_settled_property
    def _direct_bases(self) -> tuple[Class | str, ...]:
        return self.surface.remembered(f"bases of {self.path}", self._read_bases) or ()

    def _read_bases(self) -> tuple[Class | str, ...]:
        outer = self.path.rpartition(".")[0]
        scope = LookupScope(self.module, outer if outer != self.module else None, hidden=self.path)
        found: list[Class | str] = []
        for text in self._record.get("b", ()):
            name = hints.parse(text).instance or text
            entity = self.surface.resolve_in(scope, name)
            if isinstance(entity, Class):
                found.append(entity)
            elif isinstance(entity, External):
                found.append(entity.target)
            else:
                found.append(name)
        return tuple(found)

    @_settled_property
    def mro(self) -> tuple[Class, ...]:
        """The class and its ancestors inside torchtitan, in the order attributes are looked up."""
        return tuple(entry for entry in self._linear if isinstance(entry, Class))

    @_settled_property
    def _linear(self) -> tuple[Class | str, ...]:
        return _linearise(self, frozenset())[0]

    @_settled_property
    def external_bases(self) -> tuple[str, ...]:
        """Ancestors from other libraries, as torchtitan imports them: ``torch.nn.Module``."""
        return tuple(
            entry for entry in self._linear if isinstance(entry, str) and entry not in _PLAIN_BASES
        )

    @_settled_property
    def open(self) -> str:
        """Why attributes that are not listed may exist all the same; empty when there is no reason."""
        for base in self.external_bases:
            about = external.known().get(base)
            if about is None or about.open:
                return f"inherits from {base}"
        return self.dynamic

    @_settled_property
    def dynamic(self) -> str:
        """Why torchtitan itself may give it attributes that are not listed; empty without reason."""
        for ancestor in self.mro:
            reason = ancestor._record.get("open")
            if reason:
                return reason if ancestor is self else f"{ancestor.path}: {reason}"
        return ""

    @_settled_property
    def _dataclass(self) -> Mapping[str, bool] | None:
        """Arguments of the class's own ``@dataclass``, or ``None`` when it has none."""
        scope = LookupScope(self.module, None)
        for text in self.decorators:
            tree = hints.expression(text)
            call = tree if isinstance(tree, ast.Call) else None
            name = hints.dotted(call.func if call else tree) if tree is not None else None
            if name is None:
                continue
            entity = self.surface.resolve_in(scope, name)
            if isinstance(entity, External) and entity.target == _DATACLASS:
                return _flags(call)
        return None

    @property
    def is_dataclass(self) -> bool:
        """Whether it or an ancestor inside torchtitan is a dataclass."""
        return any(ancestor._dataclass is not None for ancestor in self.mro)

    @property
    def kw_only(self) -> bool:
        """Whether its own fields can only be given by keyword."""
        return bool((self._dataclass or {}).get("kw_only"))

    @property
    def slots(self) -> bool:
        """Whether setting an attribute that isn't declared raises ``AttributeError``."""
        return bool(self.mro) and all((c._dataclass or {}).get("slots") for c in self.mro)

    @_settled_property
    def abstract(self) -> tuple[str, ...]:
        """Names of the methods whose lack makes Python refuse to make an instance; empty where it makes one.

        What a base of another library may bring, or how it makes its instances, is not judged.
        """
        if _ABSTRACT_BASES.isdisjoint(self._linear) or self.dynamic:
            return ()
        bases = [external.known().get(base) for base in self.external_bases]
        if any(base is None for base in bases):
            return ()
        brought = {name for base in bases if base is not None for name in base.members}
        return tuple(
            name
            for name in self.members
            if isinstance(method := self.member(name), Function)
            and any(text.rpartition(".")[2] in _ABSTRACT for text in method.decorators)
            and name not in brought
            and not (bases and is_dunder(name))
        )

    @_settled_property
    def owner(self) -> str | None:
        """Path of the class that a ``Config`` nested in a ``Configurable`` configures; ``None`` for other classes."""
        outer, _, name = self.path.rpartition(".")
        if name != "Config" or not outer:
            return None
        owner = self.surface.lookup(outer)
        if isinstance(owner, Class) and owner.path == outer and owner.is_configurable:
            return owner.path
        return None

    @_settled_property
    def is_configurable(self) -> bool:
        """Whether ``Config.build()`` makes instances of it."""
        return any(ancestor.path == _CONFIGURABLE for ancestor in self.mro)

    def own(self, name: str) -> Record | None:
        """Record of the member that the class itself defines; ``None`` without one."""
        return self._record.get("m", {}).get(name)

    @property
    def own_members(self) -> tuple[str, ...]:
        """Names that the class itself defines, in source order."""
        return tuple(name for name, m in self._record.get("m", {}).items() if not m.get("tc"))

    @_settled_property
    def members(self) -> tuple[str, ...]:
        """Names of all members inside torchtitan's part of the ancestry."""
        return tuple(dict.fromkeys(name for c in self.mro for name in c.own_members))

    def member(self, name: str) -> Module | Class | Function | Variable | External | None:
        """The member called ``name``, through the ancestors; ``None`` when there is none.

        One that an ancestor from another library brings is an `External`. Where `open` gives a reason, `None` proves nothing.
        """
        return self.surface.member_of(self, name)

    @_settled_property
    def fields(self) -> tuple[Parameter, ...]:
        """Dataclass fields, inherited ones included, in the order that the constructor takes them."""
        return tuple(p for p, init in self._fields.values() if init)

    @_settled_property
    def unset_fields(self) -> tuple[Parameter, ...]:
        """Dataclass fields that the constructor leaves without a value: ``field(init=False)``."""
        return tuple(p for p, init in self._fields.values() if not init and p.default is None)

    @_settled_property
    def _fields(self) -> dict[str, tuple[Parameter, bool]]:
        found: dict[str, tuple[Parameter, bool]] = {}
        checks = next((r for c in self.mro if (r := c.own("__post_init__"))), None)
        values: Record = (checks or {}).get("values", {})
        for ancestor in reversed(self.mro):
            flags = ancestor._dataclass
            if flags is None:
                continue
            kw_only = flags.get("kw_only", False)
            for name, record in ancestor._record.get("m", {}).items():
                if record["k"] not in "v=" or not record.get("t") or record.get("cv"):
                    continue
                if record.get("i") == 2:  # Annotated in a method, so no field.
                    continue
                if hints.parse(record["t"]).instance in ("KW_ONLY", "dataclasses.KW_ONLY"):
                    kw_only = True
                    continue
                # A field that is declared again keeps its place.
                found[name] = ancestor._field(name, record, values.get(name), kw_only=kw_only)
        return found

    def _field(
        self, name: str, record: Record, values: Record | None, *, kw_only: bool
    ) -> tuple[Parameter, bool]:
        default = record.get("v")
        init = True
        call = self._field_call(record)
        if call is not None:
            default = _field_default(call) or (default if _has_factory(call) else None)
            flags = _flags(call)
            init, kw_only = flags.get("init", True), flags.get("kw_only", kw_only)
        elif default is None:
            default = self._inherited_default(name)
        parameter = self.surface.parameter(
            LookupScope(self.module, self.path),
            name,
            ParameterKind.KEYWORD_ONLY if kw_only else ParameterKind.POSITIONAL_OR_KEYWORD,
            record.get("t"),
            default,
            values,
        )
        return parameter, init

    def _field_call(self, record: Record) -> ast.Call | None:
        """The call of ``dataclasses.field`` that a class attribute is set to."""
        name, call, _ = (record.get("v") or "").partition("(")
        if not call or not all(map(str.isidentifier, name.split("."))):
            return None
        target = self.surface.resolve_in(LookupScope(self.module), name)
        if not isinstance(target, External) or target.target != _FIELD:
            return None
        tree = hints.expression(record["v"])
        return tree if isinstance(tree, ast.Call) else None

    def _inherited_default(self, name: str) -> str | None:
        """Default of a field that is declared again without one: the class attribute it inherits."""
        for ancestor in self.mro[1:]:
            record = ancestor.own(name)
            if record is None or not record.get("v"):
                continue
            if (ancestor._dataclass or {}).get("slots"):
                return None  # A slot took the attribute's place.
            call = ancestor._field_call(record)
            default = record["v"] if call is None else _field_default(call)
            if default is not None:
                return default
        return None

    def constructor(self) -> Function | None:
        """Signature of a call of the class, without `self`; `None` when torchtitan doesn't define it."""
        return self._constructor

    @_settled_property
    def _constructor(self) -> Function | None:
        reason = ""
        for entry in self._linear:
            if isinstance(entry, str):
                if entry in _PLAIN_BASES:
                    continue
                about = external.known().get(entry)
                if about is None or not about.takes_nothing:
                    return None
                return Function(self.path, (), returns=self.path)
            if any(base in _PROTOCOLS for base in entry.bases):
                return None
            if entry.own("__new__") is not None or "metaclass" in entry._record.get("kw", {}):
                return None
            init = self.surface.member_record(entry, "__init__")
            if isinstance(init, Function):
                bound = init.bound()
                return replace(bound, path=self.path, returns=self.path, open=bound.open or reason)
            if entry._dataclass is not None and entry._dataclass.get("init", True):
                if entry.external_bases:
                    reason = f"may have fields of {', '.join(entry.external_bases)}"
                ordered = sorted(entry.fields, key=lambda p: p.kind is ParameterKind.KEYWORD_ONLY)
                return Function(self.path, tuple(ordered), returns=self.path, open=reason)
        return Function(self.path, (), returns=self.path)


class LookupScope(Struct):
    """Where a name is looked up: a class's own body first, then the module.

    Attributes:
        hidden: path of the class that is being defined there, which its own bases cannot mean.
    """

    module: str
    class_: str | None = None
    hidden: str | None = None


def _flags(call: ast.Call | None) -> dict[str, bool]:
    """Keyword arguments of ``call`` that are written as ``True`` or ``False``."""
    return {
        keyword.arg: keyword.value.value
        for keyword in (call.keywords if call else ())
        if keyword.arg is not None
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, bool)
    }


def _field_default(call: ast.Call) -> str | None:
    """Source text of ``default=`` in a call of ``dataclasses.field``."""
    found = next((k.value for k in call.keywords if k.arg == "default"), None)
    return None if found is None else ast.unparse(found)


def _has_factory(call: ast.Call) -> bool:
    return any(keyword.arg == "default_factory" for keyword in call.keywords)


def _linearise(class_: Class, above: frozenset[str]) -> tuple[tuple[Class | str, ...], bool]:
    """C3 linearisation, with bases from elsewhere as leaves; depth first where C3 has no answer.

    Args:
        class_: The class.
        above: Paths of the classes whose bases led here, which are left out.

    Returns:
        The order, and whether it would be the same wherever one came from.
    """
    known = class_.__dict__.get("_linear")
    if known is not None and (not above or all(_path(entry) not in above for entry in known)):
        return known, True
    above = above | {class_.path}
    everywhere = True
    bases: list[Class | str] = []
    chains: list[list[Class | str]] = []
    direct, is_settled = class_.surface.settled(
        lambda: class_._direct_bases  # pyright: ignore[reportPrivateUsage]
    )
    everywhere = everywhere and is_settled
    for base in direct:
        if isinstance(base, str):
            chain = (base,)
        elif base.path in above:
            everywhere = False
            continue
        else:
            chain, same = _linearise(base, above)
            everywhere = everywhere and same
        bases.append(base)
        chains.append(list(chain))
    if len(chains) > 1:
        chains.append(bases)
    order: list[Class | str] = [class_]
    while chains := [chain for chain in chains if chain]:
        if len(chains) == 1:
            order += chains[0]
            break
        head = next(
            (c[0] for c in chains if not any(c[0] in chain[1:] for chain in chains)), chains[0][0]
        )
        order.append(head)
        chains = [[entry for entry in chain if entry != head] for chain in chains]
    linear = tuple(order)
    if everywhere:
        class_.__dict__["_linear"] = linear
    return linear, everywhere


def _path(entry: Class | str) -> str:
    return entry if isinstance(entry, str) else entry.path


def is_private(path: str) -> bool:
    """Whether a part of a dotted path begins with an underscore."""
    return any(part.startswith("_") for part in path.split("."))


def is_dunder(name: str) -> bool:
    """Whether it is one of Python's own names, which every module and class has a few of."""
    return name.startswith("__") and name.endswith("__")
