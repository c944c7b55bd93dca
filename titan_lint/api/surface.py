"""What torchtitan offers at one point in its history, and how to ask for it.

A `Surface` answers by dotted path: `lookup("torchtitan.train.Trainer.Config")` follows re-exports and
inheritance and gives a `Module`, `Class`, `Function` or `Value`; an `External` for a name that is
there but belongs to another library; or `None` for one that isn't there at all. Whether `None` proves
anything depends on where it was asked: see `Module.open` and `Class.open`.

The facts behind it are records, one dictionary per module, as `extract` writes them and `bundle`
reads them. Everything is worked out on demand and remembered, so that a surface costs what is asked
of it.

Record of a module: `members` (name -> record), `stars` (modules imported with `*`), `all` (what
`__all__` lists), `open` (a reason why more names may exist). Record of a member, by its `k`:

- `f` function: `p` parameters, `r` return annotation, `d` decorators, `async`, `variants`,
  `values` (parameter -> what is known of its legal values)
- `c` class: `b` bases, `kw` keywords, `d` decorators, `m` members, `open`
- `v` value or attribute: `t` annotation, `v` source text, `items` of a dictionary, `x` where the value
  comes from, `i` set on instances only, `cv` marked `ClassVar`
- `p` property: `r` return annotation, `w` whether it can be set
- `a` import: `to` absolute path; `=` another name for something: `to` as written
- any of them: `tc` when bound only under `TYPE_CHECKING`
"""

from __future__ import annotations

import ast
import enum
from functools import cached_property, partial

from titan_lint.api import external, hints
from titan_lint.api.hints import Constant
from titan_lint.structs import Struct, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, Protocol, TypeVar

    T = TypeVar("T")

    # The class that an annotation names, and the literals that it allows.
    Meaning = tuple[str | None, tuple[Constant, ...]]

    Record = dict[str, Any]

    class Records(Protocol):
        """Source of the module records of one surface."""

        @property
        def names(self) -> Iterable[str]:
            """Dotted names of the modules that have a record."""
            ...

        def record(self, name: str) -> Record:
            """Record of the module called `name`."""
            ...

        def modules_with(self, index: str, key: str) -> Iterable[str]:
            """Modules that one of :data:`INDEXES` leads to: all that have `key`, and maybe others."""
            ...


# What a pack keeps of a surface besides its records: each index leads from a key to modules.
NAMES = "names"
"""By a name: the modules that bind it at their top level."""
MEMBERS = "members"
"""By a name: the modules with a class, or a class in a class, that defines a member of that name."""
BASES = "bases"
"""By the canonical path of a class: the modules with a class that names it among its bases, be it only
as a member of another class."""

INDEXES = (NAMES, MEMBERS, BASES)
"""What surfaces are indexed by; see :mod:`titan_lint.api.indexes`."""

Entity = "Module | Class | Function | Value | External"

# Bases from outside torchtitan that bring no attribute a caller could mean and take no arguments.
_PLAIN_BASES = frozenset(
    {
        *("object", "abc.ABC", "typing.Generic", "typing.Protocol"),
        *("typing_extensions.Protocol", "collections.abc.Hashable"),
    }
)
_PROTOCOLS = ("typing.Protocol", "typing_extensions.Protocol")
_DATACLASS = "dataclasses.dataclass"
_FIELD = "dataclasses.field"
_CONFIGURABLE = "torchtitan.config.configurable.Configurable"


PARTIAL = "(...)"
"""What stands behind the path of a function to say that some of its arguments are bound."""


class Kind(enum.StrEnum):
    """How a parameter takes its argument, in the words of `inspect`."""

    POSITIONAL_ONLY = "positional_only"
    POSITIONAL_OR_KEYWORD = "positional_or_keyword"
    VAR_POSITIONAL = "var_positional"
    KEYWORD_ONLY = "keyword_only"
    VAR_KEYWORD = "var_keyword"


KINDS = tuple(Kind)
"""The kinds in the order that records number them."""


class Provenance(Struct):
    """Where a surface comes from.

    Attributes:
        key: its name in the index: `0.3.0`, or `main@7cec16600`.
        kind: `release`, `main` or `tree` (extracted from something on this machine).
        version: version of the release, or what the tree calls itself; not to be trusted for `main`.
        commit: full commit identifier, when known.
        date: when it was released or committed, ISO 8601 with zone.
        day: the day from which a date means this surface.
        how: the way it was made.
        sha256: fingerprint of all its facts.
        source: digest of the files it was made from (`Tree.digest`).
    """

    key: str
    kind: str
    version: str
    commit: str | None = None
    date: str | None = None
    day: datetime.date | None = None
    how: str = ""
    sha256: str = ""
    source: str = ""


class Parameter(Struct, slots=False):
    """One parameter of a function or constructor.

    Attributes:
        default: source text of the default, `None` when there is none.
        annotation: source text of the annotation.
        accepts: every literal that passes the guards of the functions it reaches, when those reject
            all else; `None` when that isn't known. A literal in here may still be refused for
            reasons outside the code, such as the hardware.
        rejected: literals that certainly raise, with the message.
        meaning: works out `type` and `choices`, which few ask for.
    """

    name: str
    kind: Kind
    default: str | None = None
    annotation: str | None = None
    accepts: tuple[Constant, ...] | None = None
    rejected: Mapping[Constant, str] = field(default_factory=dict[Constant, str])
    meaning: Callable[[], Meaning] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def _meant(self) -> Meaning:
        return self.meaning() if self.meaning is not None else (None, ())

    @property
    def type(self) -> str | None:
        """Canonical path of the torchtitan class that the annotation names."""
        return self._meant[0]

    @property
    def choices(self) -> tuple[Constant, ...]:
        """What `Literal[...]` allows, `None` included; empty when not restricted so."""
        return self._meant[1]

    @property
    def is_variadic(self) -> bool:
        """Whether this is `*args` or `**kwargs`."""
        return self.kind in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)

    @property
    def required(self) -> bool:
        """Whether a call has to give it."""
        return self.default is None and not self.is_variadic


class Module(Struct):
    """A module or package, namespace packages included."""

    path: str
    surface: Surface = field(repr=False, compare=False)

    @property
    def open(self) -> str:
        """Why names that are not listed may exist all the same; empty when there is no reason."""
        return self.surface.module_record(self.path).get("open", "")

    def member(self, name: str) -> Module | Class | Function | Value | External | None:
        """What `from <module> import <name>` gives, submodules included."""
        return self.surface.lookup(f"{self.path}.{name}")

    @property
    def members(self) -> tuple[str, ...]:
        """Names bound in the module at run time, in source order, then submodules."""
        return self.surface.names_in(self.path)


class External(Struct):
    """A name that torchtitan binds but another library defines.

    Attributes:
        path: where it can be reached: `torchtitan.trainer.nn`.
        target: what it is: `torch.nn`.
    """

    path: str
    target: str


class Function(Struct):
    """A function, method or constructor.

    Attributes:
        parameters: in the order of the signature; a method's `self` is among them, until `bound()`.
        returns: canonical path of the torchtitan class that the return annotation names.
        annotation: source text of the return annotation.
        binding: `function`, `method`, `staticmethod` or `classmethod`.
        open: why arguments beyond the parameters may be accepted, or the parameters be others; empty
            when there is no reason.
    """

    path: str
    parameters: tuple[Parameter, ...]
    returns: str | None = None
    annotation: str | None = None
    decorators: tuple[str, ...] = ()
    binding: str = "function"
    is_async: bool = False
    open: str = ""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter called `name`."""
        return next((p for p in self.parameters if p.name == name), None)

    @property
    def positional(self) -> tuple[Parameter, ...]:
        """Parameters that a positional argument can bind to, without `*args`."""
        kinds = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD)
        return tuple(p for p in self.parameters if p.kind in kinds)

    @property
    def takes_any_keyword(self) -> bool:
        """Whether there is a `**kwargs`."""
        return any(p.kind is Kind.VAR_KEYWORD for p in self.parameters)

    @property
    def takes_any_positional(self) -> bool:
        """Whether there is an `*args`."""
        return any(p.kind is Kind.VAR_POSITIONAL for p in self.parameters)

    def bound(self) -> Function:
        """The signature as a caller on an instance (or on the class, for a classmethod) sees it."""
        if self.binding not in ("method", "classmethod"):
            return self
        parameters = self.parameters
        if parameters and not parameters[0].is_variadic:
            parameters = parameters[1:]
        return replace(self, parameters=parameters, binding="function")


class Value(Struct):
    """A module-level value, a class attribute, a dataclass field, an instance attribute or a property.

    Attributes:
        annotation: source text of the annotation.
        source: source text of the value where it is short.
        type: canonical path of the torchtitan class that it is an instance of, `None` in a union and
            whenever that isn't certain.
        class_: canonical path of the class, for `type[...]`.
        item: canonical path of the class that a list, tuple or dictionary holds.
        choices: what `Literal[...]` allows, `None` included.
        keys: keys of a dictionary literal, in source order; empty when not all of them are known.
        items: for such a dictionary, what each key holds: the canonical path of a function, of a
            class, the class with `()` behind it for an instance, the function with `(...)` behind
            it for a `functools.partial` of it; empty text when unknown.
        is_property: whether it is computed by a property.
        is_instance: whether only instances have it, not the class itself.
        is_class: whether it is marked `ClassVar`.
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
            found, is_settled = class_.surface.settled(partial(self._work, class_))
            if is_settled:
                class_.__dict__[self._name] = found
            return found


class Class:
    """A class: its bases, members and how it is constructed."""

    def __init__(self, surface: Surface, path: str, module: str, record: Record) -> None:
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
        return self.surface.remembered(f"{self.path}()", self._read_bases) or ()

    def _read_bases(self) -> tuple[Class | str, ...]:
        outer = self.path.rpartition(".")[0]
        scope = Scope(self.module, outer if outer != self.module else None, hidden=self.path)
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
        """Ancestors from other libraries, as torchtitan imports them: `torch.nn.Module`."""
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
        """Arguments of the class's own `@dataclass`, or `None` when it has none."""
        scope = Scope(self.module, None)
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
        """Whether setting an attribute that isn't declared raises `AttributeError`."""
        return bool(self.mro) and all((c._dataclass or {}).get("slots") for c in self.mro)

    @_settled_property
    def owner(self) -> str | None:
        """For a `Config` nested in a `Configurable`: path of the class that it configures."""
        outer, _, name = self.path.rpartition(".")
        if name != "Config" or not outer:
            return None
        owner = self.surface.lookup(outer)
        if isinstance(owner, Class) and owner.path == outer and owner.is_configurable:
            return owner.path
        return None

    @_settled_property
    def is_configurable(self) -> bool:
        """Whether `Config.build()` makes instances of it."""
        return any(ancestor.path == _CONFIGURABLE for ancestor in self.mro)

    def own(self, name: str) -> Record | None:
        """Record of the member that the class itself defines."""
        return self._record.get("m", {}).get(name)

    @property
    def own_members(self) -> tuple[str, ...]:
        """Names that the class itself defines, in source order."""
        return tuple(name for name, m in self._record.get("m", {}).items() if not m.get("tc"))

    @_settled_property
    def members(self) -> tuple[str, ...]:
        """Names of all members inside torchtitan's part of the ancestry."""
        return tuple(dict.fromkeys(name for c in self.mro for name in c.own_members))

    def member(self, name: str) -> Module | Class | Function | Value | External | None:
        """The member called `name`, through the ancestors; `None` when there is none.

        One that an ancestor from another library brings is an `External`. Where `open` gives a reason, `None` proves nothing.
        """
        return self.surface.member_of(self, name)

    @_settled_property
    def fields(self) -> tuple[Parameter, ...]:
        """Dataclass fields, inherited ones included, in the order that the constructor takes them."""
        return tuple(p for p, init in self._fields.values() if init)

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
            Scope(self.module, self.path),
            name,
            Kind.KEYWORD_ONLY if kw_only else Kind.POSITIONAL_OR_KEYWORD,
            record.get("t"),
            default,
            values,
        )
        return parameter, init

    def _field_call(self, record: Record) -> ast.Call | None:
        """The call of `dataclasses.field` that a class attribute is set to."""
        name, call, _ = (record.get("v") or "").partition("(")
        if not call or not all(map(str.isidentifier, name.split("."))):
            return None
        target = self.surface.resolve_in(Scope(self.module), name)
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
                return None
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
                ordered = sorted(entry.fields, key=lambda p: p.kind is Kind.KEYWORD_ONLY)
                return Function(self.path, tuple(ordered), returns=self.path, open=reason)
        return Function(self.path, (), returns=self.path)


class Homes(Struct):
    """Where things with one name live.

    Attributes:
        defined: canonical paths of public classes, functions and values with that name.
        public: for each of those the path to import it by: the nearest package around its module
            that re-exports it, else the canonical path.
        reexported: all further paths that it can be imported from, imports for a module's own use
            among them.
        modules: modules with that name.
    """

    defined: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    reexported: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


class Scope(Struct):
    """Where a name is looked up: a class's own body first, then the module.

    Attributes:
        hidden: path of the class that is being defined there, which its own bases cannot mean.
    """

    module: str
    class_: str | None = None
    hidden: str | None = None


class Surface:
    """The API of one torchtitan."""

    def __init__(self, provenance: Provenance, records: Records) -> None:
        self.provenance = provenance
        self._records = records
        self._found: dict[str, Any] = {}
        # What leads back to itself while it is worked out is nothing there. An answer that rests on
        # that holds for the question that was asked, and for no other: it is not kept. One that led
        # back to itself alone is kept for when nothing else is being worked out.
        self._in_circle: dict[str, Any] = {}
        self._busy: set[str] = set()
        self._cut: set[str] = set()
        self._derived: dict[str, tuple[tuple[str, ...], tuple[Class, ...]]] = {}

    def __repr__(self) -> str:
        return f"Surface({self.key!r})"

    @property
    def key(self) -> str:
        """Its name in the index."""
        return self.provenance.key

    @property
    def version(self) -> str:
        """Version that the source calls itself."""
        return self.provenance.version

    @property
    def commit(self) -> str | None:
        """Full commit identifier, when known."""
        return self.provenance.commit

    @property
    def date(self) -> str | None:
        """When it was released or committed, ISO 8601."""
        return self.provenance.date

    @property
    def day(self) -> datetime.date | None:
        """The day from which a date means this surface."""
        return self.provenance.day

    @property
    def how(self) -> str:
        """The way it was made."""
        return self.provenance.how

    @cached_property
    def modules(self) -> frozenset[str]:
        """Dotted names of all modules and packages, namespace packages included."""
        found = set(self._records.names)
        new = found
        while new:
            new = {name.rpartition(".")[0] for name in new} - found - {""}
            found |= new
        return frozenset(found)

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(self._records.names)

    @cached_property
    def _submodules(self) -> dict[str, tuple[str, ...]]:
        children: dict[str, list[str]] = {}
        for name in sorted(self.modules):
            parent, _, last = name.rpartition(".")
            children.setdefault(parent, []).append(last)
        return {parent: tuple(names) for parent, names in children.items()}

    def module_record(self, name: str) -> Record:
        """Record of a module; an empty one for a namespace package."""
        return self._records.record(name) if name in self._files else {}

    def modules_with(self, index: str, key: str) -> list[str]:
        """Modules that one of :data:`INDEXES` leads to, sorted: all that have `key`, maybe others."""
        return sorted(self._records.modules_with(index, key))

    def names_in(self, module: str) -> tuple[str, ...]:
        """Names bound in `module` at run time, in source order, then its submodules."""
        record = self.module_record(module)
        names = [n for n, m in record.get("members", {}).items() if not m.get("tc")]
        for star in record.get("stars", ()):
            names += [n for n in self.names_in(star) if not n.startswith("_")]
        names += self._submodules.get(module, ())
        return tuple(dict.fromkeys(names))

    def lookup(self, path: str) -> Module | Class | Function | Value | External | None:
        """What the dotted `path` reaches, re-exports and inheritance followed; `None` if nothing."""
        if path in self._found:
            return self._found[path]
        return self.remembered(path, partial(self._lookup, path))

    def remembered(self, key: str, work: Callable[[], T]) -> T | None:
        """What `work` says, kept under `key` where it does not depend on what else is asked.

        `None` where that is being worked out already.
        """
        if key in self._found:
            return self._found[key]
        if key in self._busy:  # An import or base class that leads back to itself.
            self._cut.add(key)
            return None
        if not self._busy and key in self._in_circle:
            return self._in_circle[key]
        self._busy.add(key)
        around, self._cut = self._cut, set()
        try:
            found = work()
        finally:
            self._busy.discard(key)
            cut = self._cut
            self._cut = around | (cut - {key})
        if not cut:
            self._found[key] = found
        elif cut == {key}:
            self._in_circle[key] = found
        return found

    def settled(self, work: Callable[[], T]) -> tuple[T, bool]:
        """What `work` says, and whether it would say so whatever else is being worked out."""
        around, self._cut = self._cut, set()
        try:
            found = work()
        finally:
            cut = self._cut
            self._cut = around | cut
        return found, not cut

    def resolve(self, path: str) -> str | None:
        """Canonical path of what `path` reaches: where it is defined, `None` if nothing is there."""
        found = self.lookup(path)
        if isinstance(found, External):
            return found.target
        return None if found is None else found.path

    def homes(self, name: str) -> Homes:
        """All places of public things called `name`."""
        defined: dict[str, None] = {}
        others: dict[str, None] = {}
        for module in sorted(self._records.modules_with(NAMES, name)):
            if module not in self._files or _is_private(module):
                continue
            path = f"{module}.{name}"
            found = self.lookup(path)
            if found is None or isinstance(found, External | Module):
                continue
            if found.path == path:
                defined[path] = None
            else:
                others[path] = None
                if not _is_private(found.path):
                    defined[found.path] = None
        modules = sorted(
            m for m in self.modules if m.rpartition(".")[2] == name and not _is_private(m)
        )
        places = sorted(defined)
        public = tuple(map(self.public_path, places))
        return Homes(tuple(places), public, tuple(others), tuple(modules))

    def public_path(self, canonical: str) -> str:
        """The path to import the thing at `canonical` by: as its packages offer it, or as it is."""
        module, _, name = canonical.rpartition(".")
        package = module.rpartition(".")[0]
        while package:
            offered = f"{package}.{name}"
            exports = self.module_record(package).get("all", (name,))
            is_offered = name in exports and not _is_private(package)
            if is_offered and self.resolve(offered) == canonical:
                return offered
            package = package.rpartition(".")[0]
        return canonical

    def public(self) -> Iterator[tuple[str, Class | Function | Value]]:
        """Every public thing defined at the top level of a public module, by canonical path."""
        for path, kind in self._public_paths():
            if kind not in "a=":
                found = self.lookup(path)
                if isinstance(found, Class | Function | Value):
                    yield found.path, found

    def classes_in(self, module: str) -> Iterator[Class]:
        """Every class that is defined in a module, those inside classes included."""
        for name, record in self.module_record(module).get("members", {}).items():
            found = self.lookup(f"{module}.{name}") if record["k"] == "c" else None
            if isinstance(found, Class):
                yield from _with_inner(found)

    def derived(self, path: str) -> tuple[Class, ...]:
        """The class at `path` and all that derive from it, by module and in source order."""
        return self._deriving(path)[1]

    def modules_deriving(self, path: str) -> tuple[str, ...]:
        """Modules with the class at `path` or one that derives from it, sorted; others among them.

        Where a class has another class as its member, the module has that one too.
        """
        return self._deriving(path)[0]

    def _deriving(self, path: str) -> tuple[tuple[str, ...], tuple[Class, ...]]:
        cls = self.lookup(path)
        if not isinstance(cls, Class):
            return (), ()
        if cls.path not in self._derived:
            modules = {cls.module: list(self.classes_in(cls.module))}
            found = {cls.path: cls}
            pending = [cls]
            for known in pending:
                for module in (cls.module, *self.modules_with(BASES, known.path)):
                    if module not in modules:
                        modules[module] = list(self.classes_in(module))
                    for other in modules[module]:
                        if other.path not in found and cls in other.mro:
                            found[other.path] = other
                            pending.append(other)
            classes = (c for module in sorted(modules) for c in modules[module] if c.path in found)
            self._derived[cls.path] = tuple(sorted(modules)), tuple(classes)
        return self._derived[cls.path]

    def public_classes(self) -> Iterator[Class]:
        """The classes among what :meth:`public` gives; nothing else is worked out."""
        for path, kind in self._public_paths():
            if kind == "c":
                found = self.lookup(path)
                if isinstance(found, Class):
                    yield found

    def _public_paths(self) -> Iterator[tuple[str, str]]:
        """Public names of public modules, each with the kind of its record."""
        for module in sorted(self._files):
            if not _is_private(module):
                for name, record in self.module_record(module).get("members", {}).items():
                    if not name.startswith("_") and not record.get("tc"):
                        yield f"{module}.{name}", record["k"]

    # Working out of records. Public because `Class` needs it too; callers want `lookup`.

    def _lookup(self, path: str) -> Module | Class | Function | Value | External | None:
        parent, _, name = path.rpartition(".")
        if not parent:
            return Module(path, self) if path in self.modules else None
        holder = self.lookup(parent)
        if (
            path in self.modules
            and isinstance(holder, Module)
            and holder.path == parent
            and parent not in self._records.modules_with(NAMES, name)
        ):
            # Nothing else has the name, so the package need not be read.
            return Module(path, self)
        if isinstance(holder, Module):
            return self._module_member(holder.path, name, set())
        if isinstance(holder, Class):
            return self.member_of(holder, name)
        if isinstance(holder, External):
            return External(path, f"{holder.target}.{name}")
        # A package may bind the name of a submodule to something in it, as `torchtitan.config` does
        # with `override`. Importing from the submodule works all the same.
        return self._module_member(parent, name, set()) if parent in self.modules else None

    def _module_member(
        self, module: str, name: str, seen: set[str]
    ) -> Module | Class | Function | Value | External | None:
        """The member `name` of `module`; stars are followed into modules that are not in `seen`."""
        seen.add(module)
        record = self.module_record(module)
        member = record.get("members", {}).get(name)
        if member is not None and not member.get("tc"):
            return self._entity(member, f"{module}.{name}", Scope(module))
        if f"{module}.{name}" in self.modules:
            return Module(f"{module}.{name}", self)
        if _is_special(name) and name != "__all__":
            return External(f"{module}.{name}", f"types.ModuleType.{name}")
        if not name.startswith("_"):
            for star in record.get("stars", ()):
                holder = self.lookup(star)
                source = holder.path if isinstance(holder, Module) else star
                if source in self.modules and source not in seen:
                    found = self._module_member(source, name, seen)
                    if found is not None:
                        return found
        return None

    def _entity(
        self, record: Record, path: str, scope: Scope
    ) -> Module | Class | Function | Value | External | None:
        match record["k"]:
            case "a":
                return self._imported(record["to"], path)
            case "=":
                target = self.resolve_in(replace(scope, hidden=path), record["to"])
                if isinstance(target, External):
                    return External(path, target.target)
                if isinstance(target, Class | Function | Module) and not record.get("t"):
                    return target
                return self._value(record, path, scope)
            case "c":
                return Class(self, path, scope.module, record)
            case "f":
                return self._function(record, path, scope)
            case _:
                return self._value(record, path, scope)

    def _imported(
        self, target: str, path: str
    ) -> Module | Class | Function | Value | External | None:
        root = target.partition(".")[0]
        if root not in self.modules:
            return External(path, target)
        return self.lookup(target)

    def resolve_in(
        self, scope: Scope, name: str
    ) -> Module | Class | Function | Value | External | None:
        """What the dotted `name` means where it is written."""
        head, _, rest = name.partition(".")
        found = self._head(scope, head)
        for part in rest.split(".") if rest else ():
            if isinstance(found, Module):
                found = self.lookup(f"{found.path}.{part}")
            elif isinstance(found, Class):
                found = self.member_of(found, part)
            elif isinstance(found, External):
                found = External(f"{found.path}.{part}", f"{found.target}.{part}")
            else:
                return None
        return found

    def _head(self, scope: Scope, head: str) -> Module | Class | Function | Value | External | None:
        if scope.class_ is not None:
            path = f"{scope.class_}.{head}"
            holder = self.lookup(scope.class_)
            if path != scope.hidden and isinstance(holder, Class):
                record = holder.own(head)
                if record is not None and record.get("i") != 2:
                    return self.member_record(holder, head)
        path = f"{scope.module}.{head}"
        record = self.module_record(scope.module)
        member = record.get("members", {}).get(head)
        if member is not None and path != scope.hidden:
            if member["k"] == "a":  # Under `TYPE_CHECKING` too: annotations may name it.
                return self._imported(member["to"], path)
            return self.lookup(path)
        if member is None and record.get("stars"):
            return self.lookup(path)
        return External(head, head) if head in _BUILTIN_BASES else None

    def member_of(
        self, class_: Class, name: str
    ) -> Module | Class | Function | Value | External | None:
        """The member `name` of `class_`, through its ancestors."""
        for ancestor in class_.mro:
            if ancestor.own(name) is None:
                continue
            found = self.member_record(ancestor, name)
            if name == "build" and isinstance(found, Function):
                return self._build(class_, found)
            return found
        for base in class_.external_bases:
            about = external.known().get(base)
            if about is not None and name in about.members:
                return External(f"{class_.path}.{name}", f"{base}.{name}")
        if _is_special(name):
            return External(f"{class_.path}.{name}", f"object.{name}")
        return None

    def member_record(
        self, class_: Class, name: str
    ) -> Module | Class | Function | Value | External | None:
        """The member `name` that `class_` itself defines."""
        path = f"{class_.path}.{name}"
        record = class_.own(name)
        if record is None or record.get("tc"):
            return None
        # Under a key of its own: `lookup` makes more of some paths, such as those of `build`.
        return self.remembered(
            f"{class_.path}:{name}",
            partial(self._entity, record, path, Scope(class_.module, class_.path)),
        )

    def _build(self, config: Class, written: Function) -> Function:
        """`Config.build` as torchtitan wires it: it constructs the class that holds the `Config`.

        `Configurable.Config.build(**kwargs)` forwards its keywords to the owner's constructor next
        to `config=`; overriders with other parameters say themselves what they take.
        """
        owner = next((c.owner for c in config.mro if c.owner), None)
        if owner is None:
            return written
        returns = written.returns or (owner if written.annotation is None else None)
        forwards = [p.kind for p in written.parameters[1:]] == [Kind.VAR_KEYWORD]
        made = self.lookup(owner)
        init = made.constructor() if isinstance(made, Class) else None
        if not forwards or init is None:
            return replace(written, path=f"{config.path}.build", returns=returns)
        rest = tuple(
            p if p.is_variadic else replace(p, kind=Kind.KEYWORD_ONLY)
            for p in init.parameters
            if p.name != "config" and p.kind is not Kind.VAR_POSITIONAL
        )
        parameters = (written.parameters[0], *rest)
        return replace(
            written,
            path=f"{config.path}.build",
            parameters=parameters,
            returns=returns,
            open=written.open or init.open,
        )

    def parameter(
        self,
        scope: Scope,
        name: str,
        kind: Kind,
        annotation: str | None,
        default: str | None,
        values: Record | None = None,
    ) -> Parameter:
        """A parameter from its texts, with what its guards say worked out."""
        values = values or {}
        accepts = values.get("accepts")
        return Parameter(
            name,
            kind,
            default,
            annotation,
            None if accepts is None else tuple(accepts),
            dict(values.get("rejects", ())),
            None if annotation is None else partial(self._meaning, scope, annotation),
        )

    def _meaning(self, scope: Scope, annotation: str) -> Meaning:
        shape = self._shape(scope, annotation)
        return self._class_path(scope, shape.instance), _choices(shape)

    def _function(self, record: Record, path: str, scope: Scope) -> Function:
        values = record.get("values", {})
        parameters = tuple(
            self.parameter(scope, name, KINDS[kind], annotation, default, values.get(name))
            for name, kind, annotation, default in map(_padded, record.get("p", ()))
        )
        decorators = tuple(record.get("d", ()))
        binding = "function" if scope.class_ is None else "method"
        for decorator in decorators:
            if decorator in ("staticmethod", "classmethod"):
                binding = decorator
        if path.endswith(".__new__"):
            binding = "classmethod"
        annotation = record.get("r")
        return Function(
            path,
            parameters,
            self._returns(scope, annotation),
            annotation,
            decorators,
            binding,
            bool(record.get("async")),
            "defined more than once, with other parameters" if record.get("variants") else "",
        )

    def _returns(self, scope: Scope, annotation: str | None) -> str | None:
        if annotation in ("Self", "typing.Self", "typing_extensions.Self"):
            return scope.class_
        return self._class_path(scope, self._shape(scope, annotation).instance)

    def _value(self, record: Record, path: str, scope: Scope) -> Value:
        annotation = record.get("r") if record["k"] == "p" else record.get("t")
        shape = self._shape(scope, annotation)
        type_ = self._class_path(scope, shape.instance)
        if annotation is None and record.get("x"):
            type_ = self._inferred(record["x"], scope)
        items = record.get("items", {})
        return Value(
            path,
            annotation,
            record.get("v"),
            type_,
            self._class_path(scope, shape.class_),
            self._class_path(scope, shape.item),
            _choices(shape),
            tuple(items),
            {key: self._item(text, scope) for key, text in items.items()},
            is_property=record["k"] == "p",
            is_settable=record["k"] != "p" or bool(record.get("w")),
            is_instance=bool(record.get("i")),
            is_class=bool(record.get("cv")),
        )

    def _item(self, text: str, scope: Scope) -> str:
        if text.endswith(PARTIAL):
            function = self._item(text.removesuffix(PARTIAL), scope)
            return f"{function}{PARTIAL}" if function else ""
        if text.endswith("()"):
            type_ = self._inferred(text, scope)
            return f"{type_}()" if type_ else ""
        found = self.resolve_in(Scope(scope.module), text) if text else None
        return found.path if isinstance(found, Class | Function) else ""

    def _shape(self, scope: Scope, annotation: str | None) -> hints.Shape:
        """The shape of an annotation, aliases such as `Backend = Literal["a", "b"]` followed."""
        if annotation is None:
            return hints.Shape()
        shape = hints.parse(annotation)
        for _ in range(3):
            if shape.instance is None:
                break
            alias = self._type_alias(scope, shape.instance)
            if alias is None:
                break
            inner = hints.parse(alias)
            shape = replace(inner, optional=inner.optional or shape.optional)
        return shape

    def _type_alias(self, scope: Scope, name: str) -> str | None:
        found = self.resolve_in(scope, name)
        if not isinstance(found, Value) or found.is_instance:
            return None
        return found.source

    def _class_path(self, scope: Scope, name: str | None) -> str | None:
        if name is None:
            return None
        found = self.resolve_in(scope, name)
        return found.path if isinstance(found, Class) else None

    def _inferred(self, text: str, scope: Scope) -> str | None:
        """Type of the value that the chain `text` makes, as `extract` writes chains.

        A chain starts at a name of the module, at `self`, or at `<annotation>` for a variable of that
        type, and goes on with `.attribute` and `()`.
        """
        current: Class | Function | Module | External | Value | None
        instance = False
        if text.startswith("<"):
            root, _, rest = text[1:].partition(">")
            current = self.resolve_in(scope, hints.parse(root).instance or "")
            instance = True
        elif text == "self" or text.startswith(("self.", "self(")):
            rest = text[4:]
            current = self.lookup(scope.class_) if scope.class_ else None
            instance = True
        else:
            root, rest = _split_head(text)
            current = self.resolve_in(Scope(scope.module), root)
        for step in _steps(rest):
            if step == "()":
                if isinstance(current, Class) and not instance:
                    instance = True
                    continue
                if not isinstance(current, Function) or current.is_async:
                    return None
                current = self.lookup(current.returns) if current.returns else None
                instance = True
                continue
            if isinstance(current, Module):
                current = current.member(step)
            elif isinstance(current, Class):
                current = current.member(step)
                if instance and isinstance(current, Value):
                    current = self.lookup(current.type) if current.type else None
                else:
                    instance = False
            elif isinstance(current, Value) and current.type:
                holder = self.lookup(current.type)
                current = holder.member(step) if isinstance(holder, Class) else None
            else:
                return None
        if isinstance(current, Value):
            return current.type
        return current.path if isinstance(current, Class) and instance else None


_BUILTIN_BASES = frozenset(
    {
        *("object", "dict", "list", "tuple", "set", "str", "int", "float", "type"),
        *("Exception", "BaseException", "ValueError", "RuntimeError", "TypeError", "KeyError"),
        *("NotImplementedError", "property", "staticmethod", "classmethod"),
    }
)


def _with_inner(cls: Class) -> Iterator[Class]:
    yield cls
    for name in cls.own_members:
        record = cls.own(name)
        member = cls.member(name) if record is not None and record["k"] == "c" else None
        if isinstance(member, Class):
            yield from _with_inner(member)


def _is_private(path: str) -> bool:
    return any(part.startswith("_") for part in path.split("."))


def _is_special(name: str) -> bool:
    """Whether it is one of Python's own names, which every module and class has a few of."""
    return name.startswith("__") and name.endswith("__")


def _choices(shape: hints.Shape) -> tuple[Constant, ...]:
    if shape.choices and shape.optional and None not in shape.choices:
        return (*shape.choices, None)
    return shape.choices


def _padded(parameter: list[Any]) -> tuple[str, int, str | None, str | None]:
    name, kind, *texts = parameter
    annotation, default = (*texts, None, None)[:2]
    return name, kind, annotation, default


def _flags(call: ast.Call | None) -> dict[str, bool]:
    """Keyword arguments of `call` that are written as `True` or `False`."""
    return {
        keyword.arg: keyword.value.value
        for keyword in (call.keywords if call else ())
        if keyword.arg is not None
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, bool)
    }


def _field_default(call: ast.Call) -> str | None:
    """Source text of `default=` in a call of `dataclasses.field`."""
    found = next((k.value for k in call.keywords if k.arg == "default"), None)
    return None if found is None else ast.unparse(found)


def _has_factory(call: ast.Call) -> bool:
    return any(keyword.arg == "default_factory" for keyword in call.keywords)


def _split_head(chain: str) -> tuple[str, str]:
    """The leading dotted name of `chain`, and the rest from the first call on."""
    head, call, rest = chain.partition("(")
    return head, call + rest


def _steps(rest: str) -> Iterator[str]:
    """`.a()` as `a`, `()`."""
    for part in rest.replace("()", ".()").split("."):
        if part:
            yield part


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
