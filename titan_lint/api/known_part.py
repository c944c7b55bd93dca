"""What can be told of a torchtitan of one's own without reading it: as much of it as is known already.

A module whose file a bundled torchtitan has byte for byte says what it says there. All other modules are open: what
they hold may be anything, as what another library holds, and so may all that derives from it. Nothing may be said to
be nowhere that the text of an open module has a word for.
"""

from __future__ import annotations

import ast
import itertools
import re
from functools import cached_property

from titan_lint.api import bundle
from titan_lint.api.entities import External, LookupScope, Module, is_dunder
from titan_lint.api.surface import NAMES, Homes, Provenance, Surface
from titan_lint.package_folder import PACKAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from titan_lint.api.entities import Class, Record, Variable
    from titan_lint.api.extract.tree import Tree
    from titan_lint.api.signatures import Function
    from titan_lint.api.surface import Fork

_OPEN = "it is not read"
_UNKNOWN = "?"
"""The kind of a member that may be anything."""
_WORD = re.compile(r"[^\W\d]\w*")
_PATH = re.compile(r"\b(?:torchtitan|torchtitan_recipes)(?:\.\w+)*")
_RELATIVE = re.compile(r"^\s*from\s+(\.+)([\w.]*)", re.MULTILINE)
_FILLED = re.compile(r"(\w+)\s*(?:\[|\.\s*(?:clear|pop|popitem|setdefault|update)\b)")
_BY_STRINGS = frozenset({"globals", "vars", "setattr", "exec", "__dict__", "__getattr__"})
"""Words of a module that may bind a name without writing it as one."""


class KnownPart(Surface):
    """The API of a torchtitan of which some modules are open."""

    def __init__(
        self, provenance: Provenance, records: KnownRecords, fork: Fork | None = None
    ) -> None:
        super().__init__(provenance, records, fork)
        self._part = records

    def seen_from(self, fork: Fork | None, key: str | None = None) -> Surface:
        """See :meth:`Surface.seen_from`."""
        seen = super().seen_from(fork, key)
        return KnownPart(seen.provenance, self._part, fork)

    @property
    def is_whole(self) -> bool:
        """See :attr:`Surface.is_whole`."""
        return not self._part.open

    def tells(self, path: str) -> bool:
        """See :meth:`Surface.tells`."""
        found = self.lookup(path)
        if isinstance(found, Module):
            return found.path not in self._part.open
        return not (isinstance(found, External) and is_own(found.target))

    def may_add(self, *names: str) -> bool:
        """See :meth:`Surface.may_add`."""
        return not self._part.words.isdisjoint(names)

    def rests_on_open(self, module: str) -> bool:
        """See :meth:`Surface.rests_on_open`."""
        return not self._part.rests_on_known(module)

    def homes(self, name: str) -> Homes:
        """See :meth:`Surface.homes`; none where an open module may be one."""
        return Homes() if self.may_add(name) else super().homes(name)

    def _entity(
        self, record: Record, path: str, scope: LookupScope
    ) -> Module | Class | Function | Variable | External | None:
        if record["k"] == _UNKNOWN:
            return External(path, path)
        return super()._entity(record, path, scope)

    def _module_member(
        self, module: str, name: str, seen: set[str]
    ) -> Module | Class | Function | Variable | External | None:
        path = f"{module}.{name}"
        if module not in self._part.open or (is_dunder(name) and name != "__all__"):
            return super()._module_member(module, name, seen)
        if path in self.modules and not self._part.may_bind(module, name):
            return Module(path, self)
        return External(path, path)


def is_own(path: str) -> bool:
    """Whether a path leads into torchtitan."""
    return path.partition(".")[0] in PACKAGES


class KnownRecords:
    """The records of the modules that are known, as ``Surface`` reads them, and the texts of all.

    Args:
        tree: The torchtitan.

    Attributes:
        near: Key of the bundled torchtitan that has most of its files.
        open: The modules that are not known, which the tree has.
    """

    def __init__(self, tree: Tree) -> None:
        self._texts = {name: content for name, _, content in tree.modules()}
        keys = list(bundle.index())
        self._have = have = _surfaces_with(tree.digests())
        shared = dict.fromkeys(range(len(keys)), 0)
        for numbers in have.values():
            for number in numbers:
                shared[number] += 1
        near = max(shared, key=lambda number: (shared[number], -self._more(number), number))
        self.near = keys[near]
        self._numbers = {
            name: near if near in numbers else numbers[-1] for name, numbers in have.items()
        }
        self._records: dict[str, Record] = {}
        self._is_settled = False
        self.open = frozenset(self._texts) - self._numbers.keys()
        more = self.open
        while more:
            # What is open opens what derives from it, all of that module.
            surface = KnownPart(Provenance("", "tree", ""), self)
            more = {name for name in self._numbers if _derives_from_open(surface, name)}
            self.open |= more
            for name in more:
                del self._numbers[name]
        self._is_settled = True

    def _more(self, number: int) -> int:
        """How many modules a bundled surface has that the tree lacks."""
        return len(bundle.pack().modules_of(number).keys() - self._texts.keys())

    @property
    def names(self) -> Iterable[str]:
        """Dotted names of all modules."""
        return self._texts

    def record(self, name: str) -> Record:
        """Record of one module."""
        if name not in self._numbers:
            return {"members": {}, "open": _OPEN}
        number, pack = self._numbers[name], bundle.pack()
        record = pack.record(name, pack.modules_of(number)[name])
        if not self._is_settled:
            return record
        if name not in self._records:
            members = {
                each: self._sure(f"{name}.{each}", member, number)
                for each, member in record["members"].items()
            }
            record = {**record, "members": members}
            self._records[name] = record
        return self._records[name]

    def modules_with(self, index: str, key: str) -> Iterable[str]:
        """Modules that one of ``titan_lint.api.surface.INDEXES`` leads to."""
        found = [m for m in bundle.pack().modules_with(index, key) if m in self._numbers]
        if index == NAMES:
            found += [m for m in self.open if self.may_bind(m, key)]
        return found

    @cached_property
    def words(self) -> frozenset[str]:
        """All that the texts of open modules have that may be a name."""
        texts = (self._texts[name].decode("utf-8", "replace") for name in self.open)
        return frozenset(itertools.chain.from_iterable(map(_WORD.findall, texts)))

    def may_bind(self, module: str, name: str) -> bool:
        """Whether an open module may bind a name at its top level, other than to the submodule of that name."""
        bound = self._bound.get(module)
        if bound is None and module not in self._bound:
            text = self._texts[module].decode("utf-8", "replace")
            bound = self._bound[module] = _names(module, text)
        return bound is None or name in bound

    @cached_property
    def _bound(self) -> dict[str, frozenset[str] | None]:
        return {}

    def _sure(self, path: str, record: Record, number: int, *, top: bool = True) -> Record:
        """A member of a module as a bundled surface has it, without what rests on what is not known.

        Who does not know that a function refuses values would have it called with them, so one at the top level of a
        module may then be anything.
        """
        if "m" in record:
            inner = {
                name: self._sure(f"{path}.{name}", member, number, top=False)
                for name, member in record["m"].items()
            }
            return {**record, "m": inner}
        if "values" not in record or self._is_as_asked(path, number):
            return record
        if top:
            return {"k": _UNKNOWN}
        return {key: value for key, value in record.items() if key != "values"}

    def _is_as_asked(self, path: str, number: int) -> bool:
        """Whether the modules are as they were from which a bundled surface read what values a function accepts."""
        pack = bundle.pack()
        asked = pack.asked_for_values(path, number)
        around = {module.rpartition(".")[0] for module in asked} - {""}
        there = pack.modules_of(number)
        return bool(asked) and all(
            self._is_of(module, number) and self._mutated.isdisjoint(self._values(module, number))
            for module in {*asked, *(each for each in around if each in there)}
        )

    def _is_of(self, module: str, number: int) -> bool:
        """Whether a module is known, and has the file that a bundled surface has."""
        return module in self._numbers and number in self._have[module]

    def rests_on_known(self, module: str) -> bool:
        """Whether all modules that a known one names are known, and those that they name."""
        seen = {module}
        pending = [module]
        for name in pending:
            if name not in self._numbers:
                return False
            text = self._texts[name].decode("utf-8", "replace")
            for path in {*_PATH.findall(text), *self._relative(name, text)}:
                parts = path.split(".")
                named = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
                words = self._below.get(path, frozenset[str]()).intersection(_WORD.findall(text))
                new = {*named, *(f"{path}.{word}" for word in words)} & self._texts.keys()
                pending += new - seen
                seen |= new
        return True

    def _relative(self, module: str, text: str) -> Iterator[str]:
        """The modules that the relative imports of a text name."""
        own = module if module in self._below else module.rpartition(".")[0]
        for dots, rest in _RELATIVE.findall(text):
            holder = own.split(".")
            holder = holder[: len(holder) - len(dots) + 1]
            yield ".".join([*holder, *filter(None, [rest])])

    @cached_property
    def _below(self) -> dict[str, set[str]]:
        """By a package: the names of the modules in it."""
        found: dict[str, set[str]] = {}
        for name in self._texts:
            holder, _, last = name.rpartition(".")
            found.setdefault(holder, set()).add(last)
        return found

    @cached_property
    def _mutated(self) -> frozenset[str]:
        """Names into which open modules may store items."""
        texts = (self._texts[name].decode("utf-8", "replace") for name in self.open)
        return frozenset(itertools.chain.from_iterable(map(_FILLED.findall, texts)))

    def _values(self, module: str, number: int) -> frozenset[str]:
        """Names of the values in a module, those of its classes included."""
        if module not in self._named:
            pack = bundle.pack()
            pending = [pack.record(module, pack.modules_of(number)[module])["members"]]
            found: set[str] = set()
            for members in pending:
                for name, record in members.items():
                    if record["k"] in "v=":
                        found.add(name)
                    pending += [record["m"]] if "m" in record else []
            self._named[module] = frozenset(found)
        return self._named[module]

    @cached_property
    def _named(self) -> dict[str, frozenset[str]]:
        return {}


def _surfaces_with(digests: Mapping[str, str]) -> dict[str, list[int]]:
    """The numbers of the bundled surfaces that have each file; files that none has are left out."""
    pack = bundle.pack()
    found: dict[str, list[int]] = {}
    for name, digest in digests.items():
        numbers = [n for n, known in enumerate(pack.sources_of(name)) if known == digest]
        if numbers:
            found[name] = numbers
    return found


def _derives_from_open(surface: KnownPart, module: str) -> bool:
    """Whether a module takes all names of an open one, or has a class with an open one among its bases."""
    for star in surface.module_record(module).get("stars", ()):
        if not surface.tells(star):
            return True
    return any(is_own(base) for cls in surface.classes_in(module) for base in cls.external_bases)


def _names(module: str, text: str) -> frozenset[str] | None:
    """The names that a module may bind; ``None`` where it may bind any.

    A submodule that is imported from the module itself is bound to its own name, as it is anyway.
    """
    try:
        top = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not _BY_STRINGS.isdisjoint(_WORD.findall(text)):
        return None
    found: set[str] = set()
    for node in ast.walk(top):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.Import(names=names):
                found |= {alias.asname or alias.name.partition(".")[0] for alias in names}
            case ast.ImportFrom(names=names):
                if any(alias.name == "*" for alias in names):
                    return None
                is_itself = node.module == module or (node.level == 1 and node.module is None)
                found |= {
                    alias.asname or alias.name
                    for alias in names
                    if not is_itself or alias.asname not in (None, alias.name)
                }
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
            case ast.MatchMapping(rest=str(name)):
                found.add(name)
            case ast.ExceptHandler(name=str(name)):
                found.add(name)
            case _:
                pass
    return frozenset(found)
