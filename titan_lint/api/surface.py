"""What torchtitan offers at one point in its history, and how to ask for it.

A `Surface` answers by dotted path: `lookup("torchtitan.train.Trainer.Config")` follows re-exports and
inheritance and gives a `Module`, `Class`, `Function` or `Variable`; an `External` for a name that is
there but belongs to another library; or `None` for one that isn't there at all. Whether `None` proves
anything depends on where it was asked: see ``Module.open`` and ``Class.open``.

The facts behind it are records, one dictionary per module, as ``extract`` writes them and ``bundle``
reads them. Everything is worked out on demand and remembered, so that a surface costs what is asked
of it.

Record of a module: ``members`` (name -> record), ``stars`` (modules imported with ``*``), ``all`` (what
``__all__`` lists), ``open`` (a reason why more names may exist). Record of a member, by its ``k``:

- ``f`` function: ``p`` parameters, ``r`` return annotation, ``d`` decorators, ``async``, ``variants``,
  ``values`` (parameter -> what is known of its legal values)
- ``c`` class: ``b`` bases, ``kw`` keywords, ``d`` decorators, ``m`` members, ``open``
- `v` value or attribute: `t` annotation, `v` source text, `items` of a dictionary, `x` where the value
  comes from, ``i`` set on instances only, ``cv`` marked ``ClassVar``
- ``p`` property: ``r`` return annotation, ``w`` whether it can be set
- ``a`` import: ``to`` absolute path; ``=`` another name for something: ``to`` as written
- any of them: ``tc`` when bound only under ``TYPE_CHECKING``
"""

from __future__ import annotations

import sys
from functools import cached_property, partial

from titan_lint.api import external, hints
from titan_lint.api.entities import (
    PARTIAL,
    Class,
    External,
    LookupScope,
    Module,
    Variable,
    is_dunder,
    is_private,
)
from titan_lint.api.signatures import KINDS, Function, Parameter, ParameterKind
from titan_lint.structs import Struct, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Protocol, TypeVar, TypeVarTuple

    from titan_lint.api.entities import Record
    from titan_lint.api.hints import Constant
    from titan_lint.api.signatures import Meaning

    T = TypeVar("T")
    Rest = TypeVarTuple("Rest")

    class Records(Protocol):
        """Source of the module records of one surface."""

        @property
        def names(self) -> Iterable[str]:
            """Dotted names of the modules that have a record."""
            ...

        def record(self, name: str) -> Record:
            """Record of the module called ``name``."""
            ...

        def modules_with(self, index: str, key: str) -> Iterable[str]:
            """Modules that one of :data:`INDEXES` leads to: all that have ``key``, and maybe others."""
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


class Provenance(Struct):
    """Where a surface comes from.

    Attributes:
        key: its name in the index: ``0.3.0``, or ``main@7cec16600``.
        kind: ``release``, ``main`` or ``tree`` (extracted from something on this machine).
        version: version of the release, or what the tree calls itself; not to be trusted for ``main``.
        commit: full commit identifier, when known.
        date: when it was released or committed, ISO 8601 with zone.
        day: the day from which a date means this surface.
        how: the way it was made.
        sha256: fingerprint of all its facts.
        source: digest of the files it was made from (``Tree.digest``).
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


class Homes(Struct):
    """Where things with one name live.

    Attributes:
        defined: canonical paths of public classes, functions and values with that name.
        public: for each of those the path to import it by: the nearest package around its module
            that re-exports it, else the canonical path.
        modules: modules with that name.
    """

    defined: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


_NOWHERE = sys.maxsize


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
        # What is being worked out, each with how many questions are around it, and the outermost of
        # them that was led back to since.
        self._open: dict[str, int] = {}
        self._led_back = _NOWHERE
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
        """Full commit identifier, ``None`` where it is not known."""
        return self.provenance.commit

    @property
    def date(self) -> str | None:
        """When it was released or committed, ISO 8601; ``None`` for a torchtitan from elsewhere."""
        return self.provenance.date

    @property
    def day(self) -> datetime.date | None:
        """The day from which a date means this surface; ``None`` where no date means it."""
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
        """Modules that one of :data:`INDEXES` leads to, sorted: all that have ``key``, maybe others."""
        return sorted(self._records.modules_with(index, key))

    def names_in(self, module: str) -> tuple[str, ...]:
        """Names bound in ``module`` at run time, in source order, then its submodules."""
        record = self.module_record(module)
        names = [n for n, m in record.get("members", {}).items() if not m.get("tc")]
        for star in record.get("stars", ()):
            names += [n for n in self.names_in(star) if not n.startswith("_")]
        names += self._submodules.get(module, ())
        return tuple(dict.fromkeys(names))

    def lookup(self, path: str) -> Module | Class | Function | Variable | External | None:
        """What the dotted ``path`` reaches, re-exports and inheritance followed; ``None`` if nothing."""
        if path in self._found:
            return self._found[path]
        return self.remembered(path, partial(self._lookup, path))

    def remembered(self, key: str, work: Callable[[], T]) -> T | None:
        """What ``work`` says, kept under ``key`` where it does not depend on what else is asked.

        ``None`` where that is being worked out already. A key that is no path, of which all may be
        looked up, has a space in it.
        """
        if key in self._found:
            return self._found[key]
        depth = self._open.get(key)
        if depth is not None:  # An import or base class that leads back to itself.
            self._led_back = min(self._led_back, depth)
            return None
        if not self._open and key in self._in_circle:
            return self._in_circle[key]
        depth = len(self._open)
        around, self._led_back = self._led_back, _NOWHERE
        self._open[key] = depth
        try:
            found = work()
        finally:
            del self._open[key]
            led_back = self._led_back
            self._led_back = around if led_back >= depth else min(around, led_back)
        if led_back > depth:
            self._found[key] = found
        elif led_back == depth:
            self._in_circle[key] = found
        return found

    def settled(self, work: Callable[[*Rest], T], *args: *Rest) -> tuple[T, bool]:
        """What ``work`` says, and whether it would say so whatever else is being worked out."""
        around, self._led_back = self._led_back, _NOWHERE
        try:
            found = work(*args)
        finally:
            led_back = self._led_back
            self._led_back = min(around, led_back)
        return found, led_back == _NOWHERE

    def resolve(self, path: str) -> str | None:
        """Canonical path of what ``path`` reaches: where it is defined, ``None`` if nothing is there."""
        found = self.lookup(path)
        if isinstance(found, External):
            return found.target
        return None if found is None else found.path

    def homes(self, name: str) -> Homes:
        """All places of public things called ``name``."""
        defined: dict[str, None] = {}
        for module in sorted(self._records.modules_with(NAMES, name)):
            if module not in self._files or is_private(module):
                continue
            path = f"{module}.{name}"
            found = self.lookup(path)
            if found is None or isinstance(found, External | Module):
                continue
            if found.path == path:
                defined[path] = None
            elif not is_private(found.path):
                defined[found.path] = None
        modules = sorted(
            m for m in self.modules if m.rpartition(".")[2] == name and not is_private(m)
        )
        places = sorted(defined)
        public = tuple(map(self.public_path, places))
        return Homes(tuple(places), public, tuple(modules))

    def public_path(self, canonical: str) -> str:
        """The path to import the thing at ``canonical`` by: as its packages offer it, or as it is."""
        module, _, name = canonical.rpartition(".")
        package = module.rpartition(".")[0]
        while package:
            offered = f"{package}.{name}"
            exports = self.module_record(package).get("all", (name,))
            is_offered = name in exports and not is_private(package)
            if is_offered and self.resolve(offered) == canonical:
                return offered
            package = package.rpartition(".")[0]
        return canonical

    def public(self) -> Iterator[tuple[str, Class | Function | Variable]]:
        """Every public thing defined at the top level of a public module, by canonical path."""
        for path, kind in self._public_paths():
            if kind not in "a=":
                found = self.lookup(path)
                if isinstance(found, Class | Function | Variable):
                    yield found.path, found

    def classes_in(self, module: str) -> Iterator[Class]:
        """Every class that is defined in a module, those inside classes included."""
        for name, record in self.module_record(module).get("members", {}).items():
            found = self.lookup(f"{module}.{name}") if record["k"] == "c" else None
            if isinstance(found, Class):
                yield from _with_inner(found)

    def derived(self, path: str) -> tuple[Class, ...]:
        """The class at ``path`` and all that derive from it, by module and in source order."""
        return self._deriving(path)[1]

    def modules_deriving(self, path: str) -> tuple[str, ...]:
        """Modules with the class at ``path`` or one that derives from it, sorted; others among them.

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
            if not is_private(module):
                for name, record in self.module_record(module).get("members", {}).items():
                    if not name.startswith("_") and not record.get("tc"):
                        yield f"{module}.{name}", record["k"]

    # Working out of records. Public because `Class` needs it too; callers want `lookup`.

    def _lookup(self, path: str) -> Module | Class | Function | Variable | External | None:
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
    ) -> Module | Class | Function | Variable | External | None:
        """The member `name` of `module`; stars are followed into modules that are not in `seen`."""
        seen.add(module)
        record = self.module_record(module)
        member = record.get("members", {}).get(name)
        if member is not None and not member.get("tc"):
            return self._entity(member, f"{module}.{name}", LookupScope(module))
        if f"{module}.{name}" in self.modules:
            return Module(f"{module}.{name}", self)
        if is_dunder(name) and name != "__all__":
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
        self, record: Record, path: str, scope: LookupScope
    ) -> Module | Class | Function | Variable | External | None:
        match record["k"]:
            case "a":
                return self._imported(record["to"], path)
            case "=":
                target = self.resolve_in(replace(scope, hidden=path), record["to"])
                if isinstance(target, External):
                    return External(path, target.target)
                if isinstance(target, Class | Function | Module) and not record.get("t"):
                    is_method = scope.class_ is not None and not record.get("i")
                    if is_method and isinstance(target, Function) and target.binding == "function":
                        # A function that a class body names is a method, as one written there.
                        return replace(target, binding="method")
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
    ) -> Module | Class | Function | Variable | External | None:
        root = target.partition(".")[0]
        if root not in self.modules:
            return External(path, target)
        return self.lookup(target)

    def resolve_in(
        self, scope: LookupScope, name: str
    ) -> Module | Class | Function | Variable | External | None:
        """What the dotted ``name`` means where it is written; ``None`` where that is not known."""
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

    def _head(
        self, scope: LookupScope, head: str
    ) -> Module | Class | Function | Variable | External | None:
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
    ) -> Module | Class | Function | Variable | External | None:
        """The member ``name`` of ``class_``, through its ancestors; ``None`` without one."""
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
        if is_dunder(name):
            return External(f"{class_.path}.{name}", f"object.{name}")
        return None

    def member_record(
        self, class_: Class, name: str
    ) -> Module | Class | Function | Variable | External | None:
        """The member ``name`` that ``class_`` itself defines; ``None`` without one."""
        path = f"{class_.path}.{name}"
        record = class_.own(name)
        if record is None or record.get("tc"):
            return None
        # Under a key of its own: `lookup` makes more of some paths, such as those of `build`.
        return self.remembered(
            f"{name} of {class_.path}",
            partial(self._entity, record, path, LookupScope(class_.module, class_.path)),
        )

    def _build(self, config: Class, written: Function) -> Function:
        """``Config.build`` as torchtitan wires it: it constructs the class that holds the ``Config``.

        ``Configurable.Config.build(**kwargs)`` forwards its keywords to the owner's constructor next
        to ``config=``; overriders with other parameters say themselves what they take.
        """
        owner = next((c.owner for c in config.mro if c.owner), None)
        if owner is None:
            return written
        returns = written.returns or (owner if written.annotation is None else None)
        forwards = [p.kind for p in written.parameters[1:]] == [ParameterKind.VAR_KEYWORD]
        made = self.lookup(owner)
        init = made.constructor() if isinstance(made, Class) else None
        if not forwards or init is None:
            return replace(written, path=f"{config.path}.build", returns=returns)
        rest = tuple(
            p if p.is_variadic else replace(p, kind=ParameterKind.KEYWORD_ONLY)
            for p in init.parameters
            if p.name != "config" and p.kind is not ParameterKind.VAR_POSITIONAL
        )
        # In early 2026 it filled in what the constructor leaves without a value, too.
        names = {p.name for p in rest}
        later = tuple(
            replace(p, kind=ParameterKind.KEYWORD_ONLY, default="...")
            for p in config.unset_fields
            if p.name not in names
        )
        last = next(
            (n for n, p in enumerate(rest) if p.kind is ParameterKind.VAR_KEYWORD), len(rest)
        )
        parameters = (written.parameters[0], *rest[:last], *later, *rest[last:])
        return replace(
            written,
            path=f"{config.path}.build",
            parameters=parameters,
            returns=returns,
            open=written.open or init.open,
        )

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

    def _meaning(self, scope: LookupScope, annotation: str) -> Meaning:
        shape = self._shape(scope, annotation)
        return self._class_path(scope, shape.instance), _choices(shape)

    def _function(self, record: Record, path: str, scope: LookupScope) -> Function:
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

    def _returns(self, scope: LookupScope, annotation: str | None) -> str | None:
        if annotation in ("Self", "typing.Self", "typing_extensions.Self"):
            return scope.class_
        return self._class_path(scope, self._shape(scope, annotation).instance)

    def _value(self, record: Record, path: str, scope: LookupScope) -> Variable:
        annotation = record.get("r") if record["k"] == "p" else record.get("t")
        shape = self._shape(scope, annotation)
        type_ = self._class_path(scope, shape.instance)
        if annotation is None and record.get("x"):
            type_ = self._inferred(record["x"], scope)
        items = record.get("items", {})
        return Variable(
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

    def _item(self, text: str, scope: LookupScope) -> str:
        if text.endswith(PARTIAL):
            function = self._item(text.removesuffix(PARTIAL), scope)
            return f"{function}{PARTIAL}" if function else ""
        if text.endswith("()"):
            type_ = self._inferred(text, scope)
            return f"{type_}()" if type_ else ""
        found = self.resolve_in(LookupScope(scope.module), text) if text else None
        return found.path if isinstance(found, Class | Function) else ""

    def _shape(self, scope: LookupScope, annotation: str | None) -> hints.Shape:
        """The shape of an annotation, aliases such as ``Backend = Literal["a", "b"]`` followed."""
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

    def _type_alias(self, scope: LookupScope, name: str) -> str | None:
        found = self.resolve_in(scope, name)
        if not isinstance(found, Variable) or found.is_instance:
            return None
        return found.source

    def _class_path(self, scope: LookupScope, name: str | None) -> str | None:
        if name is None:
            return None
        found = self.resolve_in(scope, name)
        return found.path if isinstance(found, Class) else None

    def _inferred(self, text: str, scope: LookupScope) -> str | None:
        """Type of the value that the chain ``text`` makes, as ``extract`` writes chains.

        A chain starts at a name of the module, at `self`, or at `<annotation>` for a variable of that
        type, and goes on with ``.attribute`` and ``()``.
        """
        current: Class | Function | Module | External | Variable | None
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
            current = self.resolve_in(LookupScope(scope.module), root)
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
                if instance and isinstance(current, Variable):
                    current = self.lookup(current.type) if current.type else None
                else:
                    instance = False
            elif isinstance(current, Variable) and current.type:
                holder = self.lookup(current.type)
                current = holder.member(step) if isinstance(holder, Class) else None
            else:
                return None
        if isinstance(current, Variable):
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


def _choices(shape: hints.Shape) -> tuple[Constant, ...]:
    if shape.choices and shape.optional and None not in shape.choices:
        return (*shape.choices, None)
    return shape.choices


def _padded(parameter: list[Any]) -> tuple[str, int, str | None, str | None]:
    name, kind, *texts = parameter
    annotation, default = (*texts, None, None)[:2]
    return name, kind, annotation, default


def _split_head(chain: str) -> tuple[str, str]:
    """The leading dotted name of ``chain``, and the rest from the first call on."""
    head, call, rest = chain.partition("(")
    return head, call + rest


def _steps(rest: str) -> Iterator[str]:
    """``.a()`` as ``a``, ``()``."""
    for part in rest.replace("()", ".()").split("."):
        if part:
            yield part
