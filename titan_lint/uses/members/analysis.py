"""Every member of torchtitan's classes that a file asks for and the target lacks."""

from __future__ import annotations

import ast
import functools

from titan_lint.api import Class, changes, external
from titan_lint.api.changes.rows import AttributeChange
from titan_lint.api.paths import MODEL_CONFIG
from titan_lint.code.following import follows
from titan_lint.code.forms import NAMING, callee_name, put_by_name
from titan_lint.code.names import Kind
from titan_lint.code.order import is_set_from_itself
from titan_lint.code.plain_classes import fails_on_plain
from titan_lint.code.stores import stores
from titan_lint.code.values import (
    UNKNOWN,
    Instance,
    LocalClass,
    LocalInstance,
    Ref,
    Value,
    Values,
)
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses import derived
from titan_lint.uses.additions import Additions, is_put, is_set_elsewhere
from titan_lint.uses.conditions.old_only import works_as_meant
from titan_lint.uses.exact import is_exact
from titan_lint.uses.guards import live, reachable, verdict
from titan_lint.uses.imports.patched import patched, patched_of
from titan_lint.uses.imports.unread import is_asked_around
from titan_lint.uses.members.classes import (
    derived_have,
    find,
    find_in_field,
    has,
    has_slots,
    is_model_config,
    lacks,
)
from titan_lint.uses.neighbours import is_test
from titan_lint.uses.reads import keys, reads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from titan_lint.api.history import Presence
    from titan_lint.code.names import Binding, ClassInfo
    from titan_lint.uses.file import File

# Bases that bring nothing which torchtitan's classes had.
_HARMLESS = ("torchtitan.", "torch.nn.", "abc.", "typing.", "builtins.", "enum.")

# What members are asked of; for anything else a class is not known.
_WITH_MEMBERS = frozenset({Instance, LocalClass, LocalInstance, Ref})


class Lost(Struct, eq=False):
    """One place that asks for a member which the target lacks.

    Attributes:
        node: The attribute, the item of ``asdict`` or ``vars``, the call of ``getattr``, ``hasattr``, ``setattr`` or of
            an ``attrgetter``, or the string of a patch.
        owner: What it is asked of.
        name: The member.
        cls: Path of the class.
        presence: Where torchtitan has it.
        change: The row of the catalogue about it.
        probe: Whether the code expects that it may be missing.
        is_unread: Whether the file puts something there, which never fails and which nobody asks for.
    """

    node: ast.expr
    owner: ast.expr
    name: str
    cls: str
    presence: Presence
    change: AttributeChange | None
    probe: bool = False
    is_unread: bool = False


class Members:
    """The members of one file at one target."""

    def __init__(self, file: File) -> None:
        self.file = file

    @functools.cached_property
    def _additions(self) -> Additions:
        return self.file.once(Additions)

    @functools.cached_property
    def lost(self) -> list[Lost]:
        """All that is missing, guarded places left out."""
        return [*self._attributes(), *self._probes(), *self._patches(), *self._unread()]

    def _attributes(self) -> Iterator[Lost]:
        stores = (
            (node, node.value, node.attr)
            for node in self.file.attributes
            if isinstance(node.ctx, ast.Store)
        )
        setters = (
            (call, call.args[0], name.value)
            for call in self.file.program.called("setattr")
            if isinstance(call.func, ast.Name) and len(call.args) == 3
            for name in call.args[1:2]
            if isinstance(name, ast.Constant) and isinstance(name.value, str)
        )
        for node, owner, name in (*reads(self.file), *keys(self.file), *stores, *setters):
            found = self._asked(owner, name, node)
            if not found:
                continue
            match node:
                case ast.Attribute(ctx=ast.Store()):
                    is_set = not isinstance(self.file.program.parents[node], ast.AugAssign)
                case ast.Call():
                    is_set = callee_name(node) == "setattr"
                case _:
                    is_set = False
            if is_set and not self._is_refused(owner, found):
                continue
            if (
                not live(self.file, node, *self._failures(node, found))
                or _probed_around(self.file, node, owner, name)
                or any(is_put(self.file, node, f"{cls}.{name}") for cls in found)
                or self._hangs_on_own(owner, node)
            ):
                continue
            cls, presence = next(iter(found.items()))
            change = self._row(found, name)
            if change is None or not _is_second_choice(self.file, node, owner, change):
                yield Lost(node, owner, name, cls, presence, change)

    def _failures(self, node: ast.AST, classes: Iterable[str]) -> tuple[type[Exception], ...]:
        """What asking one of some classes for a member that it lacks raises."""
        if not isinstance(node, ast.Subscript):
            return (AttributeError,)
        if isinstance(node.value, ast.Call) and callee_name(node.value) != "vars":
            return (KeyError,)
        surface = self.file.target.surface
        has_none = any(has_slots(surface, cls) for cls in classes)  # no dictionary, that is
        return (KeyError, TypeError, AttributeError) if has_none else (KeyError,)

    def _hangs_on_own(self, owner: ast.expr, by: ast.expr) -> bool:
        """Whether something that ``owner`` is read from may be of a class that the file or the project replaced."""
        while isinstance(owner, ast.Attribute | ast.Call | ast.Subscript):
            owner = owner.func if isinstance(owner, ast.Call) else owner.value
            paths = [path for value in self.file.values(owner) for path in self._made_of(value)]
            if any(
                path.startswith("torchtitan.") and is_put(self.file, by, path) for path in paths
            ):
                return True
        return False

    def _made_of(self, value: Value) -> list[str]:
        """The paths of what a value is, is made of or derives from."""
        match value:
            case Ref(path=path) | Instance(cls=path):
                return [path]
            case LocalInstance(info=info) | LocalClass(info=info):
                return [base for base in self.file.resolver.foreign_bases(info) if base is not None]
            case _:
                return []

    def _probes(self) -> Iterator[Lost]:
        """``getattr`` with a default and ``hasattr``, for what the catalogue knows under a new name."""
        for call in self.file.calls:
            match call:
                case ast.Call(
                    func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str() as name), _]
                ):
                    pass
                case ast.Call(
                    func=ast.Name(id="hasattr"), args=[owner, ast.Constant(value=str() as name)]
                ):
                    pass
                case _:
                    continue
            found = self._asked(owner, name, call)
            change = self._row(found, name) if found else None
            if change is None:
                continue
            new = change.new.needed if change.new is not None else None
            if new is None or not reachable(self.file, call):
                continue
            if _has_alternative(self.file, call, new) or works_as_meant(self.file, call):
                continue
            yield Lost(call, owner, name, *next(iter(found.items())), change, probe=True)

    def _patches(self) -> Iterator[Lost]:
        """Members that a test replaces: ``mock.patch.object(Trainer, "close")``, or by its path."""
        surface = self.file.target.surface
        asked: list[tuple[ast.expr, ast.Constant, str, dict[str, Presence]]] = []
        for owner, node, name in patched_of(self.file):
            asked.append((owner, node, name, self._asked(owner, name, node)))
        for node, path, needed, _ in patched(self.file):
            if needed != path:
                continue
            holder, _, name = path.rpartition(".")
            cls = surface.lookup(holder)
            if isinstance(cls, Class) and lacks(surface, cls.path, name):
                presence = find(surface, cls.path, name)
                if presence is not None:
                    asked.append((node, node, name, {cls.path: presence}))
        for owner, node, name, found in asked:
            if (
                not found
                or not live(self.file, node, AttributeError)
                or any(is_put(self.file, node, f"{cls}.{name}") for cls in found)
            ):
                continue
            change = self._row(found, name)
            if change is not None and change.new is not None and change.new.code is not None:
                change = None  # Another form is nothing that can be replaced.
            cls, presence = next(iter(found.items()))
            yield Lost(node, owner, name, cls, presence, change)

    def _unread(self) -> Iterator[Lost]:
        """What is put on a class of torchtitan's, where neither that nor the project asks for it."""
        surface = self.file.target.surface
        for store in stores(self.file.program):
            node, owner, name = store.node, store.owner, store.name
            value = self.file.sole(owner) if store.is_assigned else None
            cls = surface.lookup(value.path) if isinstance(value, Ref) else None
            if not isinstance(cls, Class) or not lacks(surface, cls.path, name):
                continue
            presence = find(surface, cls.path, name)
            if (
                presence is not None
                and presence.earlier
                and not derived_have(surface, cls.path, name)
                and not is_asked_around(self.file, node, name)
                and not self._is_asked_for(name, node)
                and live(self.file, node, AttributeError)
            ):
                change = self._row({cls.path: presence}, name)
                yield Lost(node, owner, name, cls.path, presence, change, is_unread=True)

    def _is_asked_for(self, name: str, by: ast.expr) -> bool:
        """Whether the file, or another one of the project, asks anything for a name, or has a class with it."""
        program = self.file.program
        for node in program.nodes:
            match node:
                case ast.Attribute(attr=text, ctx=ast.Load()) if text == name:
                    return True
                case ast.FunctionDef(name=text) if text == name and node in program.bindings.owners:
                    return True
                case ast.Constant(value=text) if text == name and program.parents[node] is not by:
                    return True
                case _:
                    pass
        readers = self.file.options.readers
        return readers is not None and readers.name_field(name)

    def _row(self, found: dict[str, Presence], name: str) -> AttributeChange | None:
        """The one row about the member of all of some classes; ``None`` where they differ."""
        rows = [row(self.file, cls, name, presence) for cls, presence in found.items()]
        return rows[0] if all(other is rows[0] for other in rows) else None

    def _asked(self, owner: ast.expr, name: str, by: ast.expr) -> dict[str, Presence]:
        """The classes that lack ``name``, with where they have it; all that ``owner`` may be, ``by`` a node.

        One for each thing that it may be, in the order of the code. Empty where one of these may
        have the member after all.
        """
        surface = self.file.target.surface
        found: dict[str, Presence] = {}
        above = self._above(owner, name, by)
        values = self.file.values(owner) if above is None else Values(map(Ref, above))
        values = Values(value for value in values if not fails_on_plain(value, name))
        for value in values:
            if type(value) not in _WITH_MEMBERS:
                return {}
        for value in values:
            asked = self._classes(value, name, by)
            if not asked or not all(lacks(surface, cls, name) for cls in asked):
                return {}
            # Another class may have stood where this one is imported from.
            written = (value.path,) if isinstance(value, Ref) else ()
            had = [
                (cls, at)
                for cls in asked
                for path in dict.fromkeys((cls, *written))
                if (at := find(surface, path, name)) is not None
            ] or self._in_fields(owner, asked, name)
            if not had:
                return {}
            cls, presence = had[0]
            found.setdefault(cls, presence)
        if is_set_elsewhere(self.file, values, name) or self._may_be_given(values, found, name):
            return {}
        if all(is_exact(self.file, value) for value in values):
            return found
        if self.file.resolver.narrowing.is_very_class(owner):
            return found
        return {} if any(self._may_have(owner, cls, name) for cls in found) else found

    def _in_fields(
        self, owner: ast.expr, classes: Sequence[str], name: str
    ) -> list[tuple[str, Presence]]:
        """Where the field that ``owner`` was read from held a class with a member, which its class now never had."""
        field = self._field_of(owner)
        if field is None:
            return []
        surface = self.file.target.surface
        holders = [path for value in self.file.values(field.value) for path in self._made_of(value)]
        found = [find_in_field(surface, holder, field.attr, name) for holder in holders]
        return [(classes[0], at) for at in found if at is not None]

    def _field_of(self, owner: ast.expr) -> ast.Attribute | None:
        """The attribute that something was read from, at once or under a name; ``None`` for anything else."""
        if isinstance(owner, ast.Name):
            values = [binding.value for binding in self.file.program.bindings.of(owner)]
            owner = values[0] if len(values) == 1 and values[0] is not None else owner
        return owner if isinstance(owner, ast.Attribute) else None

    def _above(self, owner: ast.expr, name: str, by: ast.expr) -> list[str] | None:
        """For ``super()``, the one class of torchtitan's that it asks; ``None`` where it is none or not known.

        A class that is derived with another base beside this one may put that in between.
        """
        match owner:
            case ast.Call(func=ast.Name(id="super"), args=[], keywords=[]):
                pass
            case _:
                return None
        program, resolver = self.file.program, self.file.resolver
        function = program.function(by)
        info = program.bindings.owners.get(function) if function is not None else None
        if info is None or self._additions.on_local(info, name):
            return None
        between = resolver.local_mro(info)
        if any(len(other.node.bases) > 1 for other in between[:-1]) or any(
            name in other.scope.bindings or name in other.attributes for other in between[1:]
        ):
            return None
        bases = resolver.foreign_bases(info)
        is_last = all(
            len(other.node.bases) == 1 or info not in resolver.local_mro(other)
            for other in program.bindings.classes.values()
            if other not in between
        )
        if len(bases) != 1 or not is_last:
            return None
        return [
            base for base in bases if base is not None and base.startswith("torchtitan.")
        ] or None

    def _may_have(self, owner: ast.expr, cls: str, name: str) -> bool:
        """Whether an instance of a class that lacks ``name`` may be of another one that has it."""
        surface = self.file.target.surface
        core = cls == MODEL_CONFIG and self._is_of_models(owner)
        if derived_have(surface, cls, name, experiments=not core):
            return True
        if self._additions.all and not surface.is_whole:
            return True
        if derived.may_have(self.file, cls, name):
            return True
        if (field := self._field_of(owner)) is not None and derived.is_held_otherwise(
            self.file, field
        ):
            return True
        if self._additions.all and any(
            self._additions.on_class(other.path, name, owner) for other in surface.derived(cls)
        ):
            return True
        # What is declared as the config of one model is given that of another by plugins.
        if core or not is_model_config(surface, cls):
            return False
        neighbours = self.file.options.neighbours
        if has(surface, MODEL_CONFIG, name):
            return True
        return neighbours is not None and neighbours.configure(name)

    @follows(False)
    def _is_of_models(self, node: ast.expr) -> bool:
        """Whether a model config certainly comes from a registry in ``torchtitan.models``."""
        bindings: list[Binding] = []
        match node:
            case ast.Attribute(attr="model") if (specs := self.file.values(node.value)) and all(
                isinstance(spec, Instance) and spec.call is not None for spec in specs
            ):
                return all(self._calls_models(spec) for spec in specs)
            case ast.Attribute():
                owner = self.file.sole(node.value)
                if isinstance(owner, LocalInstance):
                    bindings = self.file.resolver.attribute_bindings(owner.info, node.attr)
            case ast.Name():
                bindings = self.file.program.bindings.of(node)
            case _:
                pass
        return bool(bindings) and all(
            b.value is not None and self._is_of_models(b.value) for b in bindings
        )

    def _calls_models(self, spec: Value) -> bool:
        assert isinstance(spec, Instance)
        assert spec.call is not None
        return self.file.agrees(
            spec.call.func, lambda v: isinstance(v, Ref) and v.path.startswith("torchtitan.models.")
        )

    def _classes(self, value: Value, name: str, by: ast.expr) -> list[str]:
        """The classes of torchtitan that an attribute of ``value`` is looked up in."""
        match value:
            case Instance(cls=cls) if cls.startswith("torchtitan."):
                return [] if self._is_made_here(cls, name, by) else [cls]
            case LocalInstance(info=info) | LocalClass(info=info):
                resolver = self.file.resolver
                if not all(map(self._is_made_of_itself, resolver.attribute_bindings(info, name))):
                    return []
                if self._additions.on_local(info, name) or self._is_given(info, name):
                    return []
                if isinstance(value, LocalInstance) and not value.exact:
                    if derived.may_have_below(self.file, info, name):
                        return []
                bases = resolver.foreign_bases(info)
                known = [base for base in bases if base is not None and base.startswith(_HARMLESS)]
                if len(known) < len(bases) or self._set_by_name & {name, None}:
                    return []
                others = external.known()
                if any(base in others and name in others[base].members for base in known):
                    return []
                return [base for base in known if base.startswith("torchtitan.")]
            case Ref(path=path) if path.startswith("torchtitan.") and "*" not in path:
                found = self.file.target.surface.lookup(path)
                if not isinstance(found, Class) or self._additions.on_class(found.path, name, by):
                    return []
                return [found.path]
            case _:
                return []

    def _is_made_here(self, cls: str, name: str, node: ast.expr) -> bool:
        """Whether the file itself gives instances of a class the member."""
        is_closed = self._is_closed(cls)
        if (name in self._set_by_name and not is_closed) or self._additions.on_class(
            cls, name, node
        ):
            return True
        if not is_closed and any(
            isinstance(value, Instance) and value.cls == cls
            for owner in self._stored.get(name, ())
            for value in self.file.values(owner)
        ):
            return True
        resolver = self.file.resolver
        return any(
            (name in info.attributes or name in info.scope.bindings)
            and any(
                base is not None and resolver.types.derives(base, cls)
                for base in resolver.foreign_bases(info)
            )
            for info in self.file.program.bindings.classes.values()
        )

    def _is_given(self, info: ClassInfo, name: str) -> bool:
        """Whether the file sets a member on an instance of a class of its own, wherever it is made."""
        relatives = self.file.resolver.relatives(info)
        return any(
            isinstance(value, LocalInstance) and value.info in relatives
            for owner in self._stored.get(name, ())
            for value in self.file.values(owner)
        )

    def _may_be_given(self, values: Values, classes: Iterable[str], name: str) -> bool:
        """Whether a member may be set on an instance that a function is given: by one of the file, or in another file."""
        own = [value for value in values if isinstance(value, LocalInstance | LocalClass)]
        # What is put on a class was asked by its path.
        if not own and (
            all(isinstance(value, Ref) for value in values) or all(map(self._is_closed, classes))
        ):
            return False
        if any(
            binding.kind is Kind.PARAMETER and UNKNOWN in self.file.values(owner)
            for owner in self._stored.get(name, ())
            if isinstance(owner, ast.Name)
            for binding in self.file.program.bindings.of(owner)
        ):
            return True
        resolver = self.file.resolver
        relatives = {other for value in own for other in resolver.relatives(value.info)}
        if any(
            isinstance(value, LocalInstance | LocalClass) and value.info in relatives
            for call in self._naming.get(name, ())
            for argument in call.args
            for value in self.file.values(argument)
        ):
            return True
        readers = self.file.options.readers
        if readers is None:
            return False
        # A class in another one is named by both.
        near = {cls.removesuffix(".Config").rpartition(".")[2] for cls in classes}
        near.update(other.node.name for other in relatives if other.node.name != "Config")
        for call in self.file.program.bindings.calls if relatives else ():
            if any(
                isinstance(value, LocalInstance | LocalClass) and value.info in relatives
                for argument in call.args
                for value in self.file.values(argument)
            ):
                near.add(callee_name(call))
        return readers.put(name, near, tests=is_test(self.file.source.path))

    @functools.cached_property
    def _naming(self) -> dict[str, list[ast.Call]]:
        """The calls that pass something by a name, with what may get a member of that name: ``fill(self, steps=3)``."""
        found: dict[str, list[ast.Call]] = {}
        for call in self.file.program.bindings.calls:
            for keyword in call.keywords if call.args else ():
                if keyword.arg is not None:
                    found.setdefault(keyword.arg, []).append(call)
        return found

    def _is_made_of_itself(self, binding: Binding) -> bool:
        """Whether a class of the file's sets a member only from what it is already."""
        program, node = self.file.program, binding.node
        return isinstance(node, ast.Attribute) and is_set_from_itself(program, node)

    def _is_refused(self, owner: ast.expr, classes: Iterable[str]) -> bool:
        """Whether setting a member raises: an instance has slots, a class takes what it is given."""
        on_class = any(isinstance(value, Ref) for value in self.file.values(owner))
        return not on_class and all(map(self._is_closed, classes))

    def _is_closed(self, cls: str) -> bool:
        """Whether setting a member that a class does not declare raises ``AttributeError``."""
        return has_slots(self.file.target.surface, cls)

    @functools.cached_property
    def _stored(self) -> dict[str, list[ast.expr]]:
        stored: dict[str, list[ast.expr]] = {}
        for node in self.file.attributes:
            if isinstance(node.ctx, ast.Store) and not is_set_from_itself(self.file.program, node):
                stored.setdefault(node.attr, []).append(node.value)
        return stored

    @functools.cached_property
    def _set_by_name(self) -> set[str | None]:
        """The names by which the file gives something a member; ``None`` for one that a module registers unwritten."""
        return {
            found[1]
            for call in self.file.program.called(*NAMING)
            if (found := put_by_name(call)) is not None
            and (found[1] is not None or callee_name(call) != "setattr")
            # ``monkeypatch.setattr`` asks for what it replaces, unless it is told not to.
            and not (
                isinstance(call.func, ast.Attribute)
                and call.func.attr == "setattr"
                and not any(word.arg == "raising" for word in call.keywords)
            )
        }


def row(file: File, cls: str, name: str, presence: Presence) -> AttributeChange | None:
    """The catalogue's row about a member of a class or its ancestors; ``None`` without one."""
    if not presence.earlier:
        return None
    surface = file.target.surface
    found = surface.lookup(cls)
    paths = {cls, *(base.path for base in found.mro)} if isinstance(found, Class) else {cls}
    for change in changes.of_kind(AttributeChange, surface.fork):
        if name in change.old.names:
            about = {surface.resolve(path) or path for path in change.old.classes}
            if paths & about:
                return change
    return None


def _probed_around(file: File, node: ast.expr, read_of: ast.expr, read: str) -> bool:
    """Whether a condition around the read of an attribute asks for the very same one first."""
    asked = ast.dump(read_of)
    for parent in file.program.ancestors(node):
        tests: list[ast.expr] = []
        match parent:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                tests = [test]
            case ast.BoolOp(values=values):
                tests = values
            case ast.comprehension(ifs=conditions):
                tests = conditions
            case _:
                pass
        for test in tests:
            if verdict(file, test) is not None:
                continue  # the answer is known, and leads here
            for part in walk(test):
                match part:
                    case ast.Call(
                        func=ast.Name(id="hasattr" | "getattr"),
                        args=[owner, ast.Constant(value=name), *_],
                    ) if part is not node and name == read and ast.dump(owner) == asked:
                        return True
                    case _:
                        pass
    return False


def _is_second_choice(file: File, node: ast.expr, owner: ast.expr, change: AttributeChange) -> bool:
    """Whether the function around a read of a lost member asks the same thing for its successor, too."""
    new = change.new.needed if change.new is not None else None
    if new is None:
        return False
    around, asked = file.program.function(node) or file.tree, ast.dump(owner)
    return any(
        ast.dump(call.args[0]) == asked
        and (file.program.function(call) or file.tree) is around
        and node not in walk(call)
        for call in file.once(_asked_with_default).get(new, ())
    )


def _asked_with_default(file: File) -> dict[str, list[ast.Call]]:
    """The calls of ``getattr`` with a default, by the name that they ask for."""
    found: dict[str, list[ast.Call]] = {}
    for call in file.calls:
        match call:
            case ast.Call(
                func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str() as name), _]
            ):
                found.setdefault(name, []).append(call)
            case _:
                pass
    return found


def _has_alternative(file: File, call: ast.Call, wanted: str) -> bool:
    """Whether the code around a probe also asks for the new member."""
    around = file.program.function(call) or file.tree
    for node in walk(around):
        match node:
            case ast.Attribute(attr=name) | ast.Constant(value=name) if name == wanted:
                return True
            case _:
                pass
    return False


def missing_behind(file: File, lost: Lost) -> str | None:
    """The first member further on in the chain that what takes a lost member's place lacks, too.

    ``self.job_config.job``: ``self.config`` takes the place of the first, and has no ``job``. A rename of
    the first alone would leave an error that nothing reports any more.
    """
    name = lost.change.new.name if lost.change is not None and lost.change.new is not None else None
    types = file.resolver.types
    cls = types.attribute(lost.cls, name) if name is not None else None
    node: ast.AST = lost.node
    while cls is not None and cls.startswith("torchtitan."):
        parent = file.program.parents.get(node)
        if not isinstance(parent, ast.Attribute) or parent.value is not node:
            return None
        if lacks(file.target.surface, cls, parent.attr):
            return parent.attr
        node, cls = parent, types.attribute(cls, parent.attr)
    return None
