"""What torchtitan offers at one point in its history, and how to ask for it.

A `Surface` answers by dotted path: `lookup("torchtitan.train.Trainer.Config")` follows re-exports and
inheritance and gives a `Module`, `Class`, `Function` or `Variable`; an `External` for a name that is
there but belongs to another library; or `None` for one that isn't there at all. Whether `None` proves
anything depends on where it was asked: see ``Module.open`` and ``Class.open``.

The facts behind it are records, one dictionary per module, as ``extract`` writes them and ``bundle``
reads them; :mod:`titan_lint.api.reading` describes them. Everything is worked out on demand and remembered,
so that a surface costs what is asked of it.
"""

from __future__ import annotations

import sys
from functools import cached_property, partial

from titan_lint.api.entities import (
    Class,
    External,
    LookupScope,
    Module,
    Variable,
    is_dunder,
    is_private,
)
from titan_lint.api.reading import Reading
from titan_lint.api.signatures import Function
from titan_lint.structs import Struct, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, TypeVar, TypeVarTuple

    from titan_lint.api.changes.rows import Change
    from titan_lint.api.reading import Records
    from titan_lint.json_documents import KindName

    T = TypeVar("T")
    Rest = TypeVarTuple("Rest")


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
        kind: ``release``, ``main``, ``tree`` (extracted from something on this machine) or ``fork``.
        version: version of the release, or what the tree calls itself; not to be trusted for ``main``.
        commit: full commit identifier, when known.
        date: when it was released or committed, ISO 8601 with zone.
        day: the day from which a date means this surface.
        how: the way it was made.
        sha256: fingerprint of all its facts.
        source: digest of the files it was made from (``Tree.digest``).
        broken: modules that are there and cannot be imported, by torchtitan's own fault
            (:func:`titan_lint.api.absence.broken`); only known of a bundled one.
    """

    key: str
    kind: KindName
    version: str
    commit: str | None = None
    date: str | None = None
    day: datetime.date | None = None
    how: str = ""
    sha256: str = ""
    source: str = ""
    broken: tuple[str, ...] = ()


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


class Fork(Struct, eq=False, frozen=False):
    """A torchtitan of the user's own, which goes its own way.

    The surfaces that code is held against know it: what lies before and behind one are the bundled ones, and then these.

    Attributes:
        surfaces: What it offered, in order of time.
        rows: What changed, in the catalogue's words, by kind.
    """

    surfaces: tuple[Surface, ...] = ()
    rows: Mapping[type[Change], tuple[Any, ...]] = field(default_factory=dict)


_NOWHERE = sys.maxsize


class Surface(Reading):
    """The API of one torchtitan.

    Attributes:
        provenance: Where it comes from.
        fork: The torchtitan of the user's own that is known besides the bundled ones; ``None`` without one.
    """

    def __init__(self, provenance: Provenance, records: Records, fork: Fork | None = None) -> None:
        super().__init__(records)
        self.provenance = provenance
        self.fork = fork
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

    def seen_from(self, fork: Fork | None, key: str | None = None) -> Surface:
        """The same, where a fork is known, or under another key."""
        made_from = self.provenance if key is None else replace(self.provenance, key=key)
        return Surface(made_from, self._records, fork)

    @property
    def is_whole(self) -> bool:
        """Whether all of its modules are known. Those that are not are open, as those of other libraries are."""
        return True

    def tells(self, path: str) -> bool:
        """Whether it can say what is at ``path``: it is in no open module, nor comes out of one."""
        del path
        return True

    def may_add(self, *names: str) -> bool:
        """Whether an open module may define one of some names, in a class of it or at its top level."""
        del names
        return False

    def rests_on_open(self, module: str) -> bool:
        """Whether what ``module`` names may come out of an open one."""
        del module
        return False

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
    def _submodules(self) -> dict[str, tuple[str, ...]]:
        children: dict[str, list[str]] = {}
        for name in sorted(self.modules):
            parent, _, last = name.rpartition(".")
            children.setdefault(parent, []).append(last)
        return {parent: tuple(names) for parent, names in children.items()}

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


def _with_inner(cls: Class) -> Iterator[Class]:
    yield cls
    for name in cls.own_members:
        record = cls.own(name)
        member = cls.member(name) if record is not None and record["k"] == "c" else None
        if isinstance(member, Class):
            yield from _with_inner(member)
