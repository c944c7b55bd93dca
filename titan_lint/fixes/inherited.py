"""Whether classes that derive from one can be made, and keep what others ask of them, when another takes its place."""

from __future__ import annotations

import ast
import sys

from titan_lint.api import Class, Function, history
from titan_lint.api.changes import moves
from titan_lint.code.forms import callee_name
from titan_lint.code.values import (
    UNKNOWN,
    Attr,
    Instance,
    Item,
    LocalClass,
    LocalInstance,
    Ref,
    Result,
    root,
)
from titan_lint.uses import derived
from titan_lint.uses.compared import written_out
from titan_lint.uses.guards import live
from titan_lint.uses.members.classes import find, has_slots, lacks, never_had
from titan_lint.uses.readers import needs_whole
from titan_lint.uses.reads import reads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from titan_lint.api import Surface
    from titan_lint.code.names import ClassInfo
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File


def keeps_order(file: File, old: str, new: str) -> bool:
    """Whether classes that derive from one have an order of bases when another takes its place.

    ``class Model(nn.Module, ModelProtocol)`` has none once the second is a module itself.

    Args:
        file: The file.
        old: The path that the class is gone from.
        new: The path of the class that takes its place.
    """
    cls = file.target.surface.lookup(new)
    if not isinstance(cls, Class):
        return True
    above = {base.path for base in cls.mro if base is not cls} | set(cls.external_bases)
    if "torch.nn.Module" in above:
        above |= {"torch.nn.modules.module.Module", "torch.nn.modules.Module"}
    for bases in _orders(file):
        is_behind = False
        for base in bases:
            values = file.values(base)
            if is_behind and any(_derives(file, value, old) for value in values):
                return False
            is_behind |= any(isinstance(value, Ref) and value.path in above for value in values)
    return True


def _orders(file: File) -> Iterator[list[ast.expr]]:
    """What may be the bases of a class, in their order: those of a statement, and tuples like them."""
    for node in file.program.of(ast.ClassDef, ast.Tuple):
        if isinstance(node, ast.ClassDef):
            yield [part for base in node.bases for part in written_out(file, base)]
        elif not _tells_types(file.program.parents[node]):
            yield node.elts


def _tells_types(parent: ast.AST) -> bool:
    """Whether classes in a tuple have no order: they are those of a hint or of ``isinstance``."""
    match parent:
        case ast.Subscript() | ast.ExceptHandler():
            return True
        case ast.Call(func=ast.Name(id="isinstance" | "issubclass")):
            return True
        case _:
            return False


def _derives(file: File, value: Value, path: str) -> bool:
    """Whether a class is that of a path, or one of the file's that derives from it."""
    if isinstance(value, LocalClass):
        return path in file.resolver.foreign_bases(value.info)
    return isinstance(value, Ref) and value.path == path


def keeps_fields(file: File, nodes: Sequence[ast.expr], old: str, new: str) -> bool:
    """Whether what is made of derived classes is still made so, and has the fields that are asked for.

    A class that derives from a config is made and read in any file, and nothing there tells where a
    field came from. One that makes its instances its own way shows what it passes on.

    Args:
        file: The file.
        nodes: Uses of the class.
        old: The path that it is gone from.
        new: The path of the class that takes its place.
    """
    below_it = [
        (below, node)
        for node in nodes
        if isinstance(below := file.program.parents[node], ast.ClassDef) and node in below.bases
    ]
    if below_it and has_slots(file.target.surface, new):
        others = [base for below, node in below_it for base in below.bases if base is not node]
        if any(_brings_slots(file, base) for base in others):
            return False  # Two bases with slots of their own have no common layout.
    constructors = _constructors(file, old, new)
    if constructors is None:
        return True
    gone, wanted = _lost(*constructors)
    took, takes = constructors
    for below, _ in below_it:
        info = file.program.bindings.classes[below]
        own = info.scope.bindings
        if len(takes.positional) < len(took.positional) and _gives_by_position(file, info):
            return False
        if "__init__" in own or "__new__" in own:
            continue
        if any(name not in own for name in wanted):
            return False
        if any(_is_named(file, name) for name in gone if name not in own):
            return False
    return True


def _brings_slots(file: File, base: ast.expr) -> bool:
    """Whether a class that another one derives from has slots at the target, where torchtitan's is in its new place."""
    surface = file.target.surface
    for value in file.values(base):
        match value:
            case Ref(path=path):
                home = moves.home(surface, path) if surface.lookup(path) is None else None
                if has_slots(surface, path if home is None else home.path):
                    return True
            case LocalClass(info=info):
                for cls in file.resolver.local_mro(info):
                    if "__slots__" in cls.scope.bindings or any(
                        isinstance(one, ast.Call)
                        and any(word.arg == "slots" for word in one.keywords)
                        for one in cls.node.decorator_list
                    ):
                        return True
            case _:
                pass
    return False


def may_miss_dictionary(file: File, old: str, new: str) -> bool:
    """Whether the file may ask an instance for its dictionary, or a weak reference, which a class with slots has not.

    Args:
        file: The file.
        old: The path that the class is gone from.
        new: The path of the class that takes its place.
    """
    if not _gets_slots(file, old, new):
        return False
    if any(any(map(_is_unknown, file.values(owner))) for owner in _whole_reads(file)):
        return True
    handed = {
        callee_name(call)
        for call in file.program.bindings.calls
        for given in (*call.args, *(word.value for word in call.keywords))
        if any(_becomes(file, value, old, new) is not None for value in file.values(given))
    }
    cls = file.target.surface.lookup(new)
    constructor = cls.constructor() if isinstance(cls, Class) else None
    fields = [p.name for p in constructor.parameters] if constructor is not None else []
    readers = file.options.readers
    return any(needs_whole(file.program, name, fields) for name in handed) or (
        readers is not None and readers.need_whole(sorted(handed), fields)
    )


def _is_unknown(value: Value) -> bool:
    """Whether nothing tells of which class a value is: it was read from something, or a function returned it."""
    return value is UNKNOWN or (
        isinstance(value, Attr | Item | Result) and root(value) not in sys.stdlib_module_names
    )


def _gets_slots(file: File, old: str, new: str) -> bool:
    """Whether instances of a class had a dictionary where it was last there, and have none once another takes its place."""
    surface = file.target.surface
    before = last_class(surface, old) if has_slots(surface, new) else None
    return before is not None and not before.slots


def _whole_reads(file: File) -> Iterator[ast.expr]:
    """What is asked for its dictionary, or for a weak reference to it."""
    for node in file.program.bindings.attributes:
        if node.attr == "__dict__":
            yield node.value
    for call in file.program.called("vars", "ref", "proxy", "finalize"):
        match call:
            case ast.Call(args=[owner, *_]) if file.sole(call.func) in _WHOLE:
                yield owner
            case _:
                pass


_WHOLE = (
    Ref("builtins.vars"),
    *(Ref(f"weakref.{name}") for name in ("ref", "proxy", "finalize")),
)
"""What needs a dictionary of an instance, or room for weak references."""


def last_class(surface: Surface, path: str) -> Class | None:
    """A class where it was last there; ``None`` where that is not known, or it is none."""
    presence = history.find(surface, path)
    cls = presence.surface.lookup(path) if presence is not None else None
    return cls if isinstance(cls, Class) else None


def _constructors(file: File, old: str, new: str) -> tuple[Function, Function] | None:
    """How a class was made where it was last there, and is made now; ``None`` where that is not known."""
    surface = file.target.surface
    before, after = last_class(surface, old), surface.lookup(new)
    if before is None or not isinstance(after, Class):
        return None
    took, takes = before.constructor(), after.constructor()
    return None if took is None or takes is None else (took, takes)


def _lost(took: Function, takes: Function) -> tuple[list[str], list[str]]:
    """What a constructor takes no more, and what it wants from now on."""
    gone = [] if takes.takes_any_keyword else _names(took, without=takes)
    wanted = [name for name in _names(takes, without=took) if _is_required(takes, name)]
    return gone, wanted


def _gives_by_position(file: File, info: ClassInfo) -> bool:
    """Whether a derived class is given by position what its base takes by keyword only, where no rule can tell.

    It hands on what it unpacks; or its own fields take the places of those of the base, and something else is meant.
    """
    resolver, readers = file.resolver, file.options.readers
    below = resolver.relatives(info)
    has_fields = any("dataclass" in map(callee_name, one.node.decorator_list) for one in below)
    for call in file.program.bindings.calls:
        is_unpacked = any(isinstance(given, ast.Starred) for given in call.args)
        if not is_unpacked and not (has_fields and call.args):
            continue
        if callee_name(call) == "__init__":
            if is_unpacked and file.program.class_of(call) in below:
                return True
        elif any(
            isinstance(value, LocalClass) and value.info in below
            for value in file.values(call.func)
        ):
            return True
    return readers is not None and any(
        readers.make(one.node.name, by_position=has_fields) for one in below
    )


def _names(function: Function, without: Function) -> list[str]:
    return [
        parameter.name
        for parameter in function.parameters
        if not parameter.is_variadic and without.parameter(parameter.name) is None
    ]


def _is_required(function: Function, name: str) -> bool:
    parameter = function.parameter(name)
    return parameter is not None and parameter.required


def _is_named(file: File, field: str) -> bool:
    """Whether the file or its project has a field's name where it may mean one."""
    for node in file.program.of(ast.Attribute, ast.keyword, ast.Constant):
        match node:
            case (
                ast.Attribute(attr=name) | ast.keyword(arg=name) | ast.Constant(value=str() as name)
            ) if name == field:
                return True
            case _:
                pass
    readers = file.options.readers
    return readers is not None and readers.name_field(field)


def keeps_members(file: File, old: str, new: str) -> bool:
    """Whether what is of a class, or of a class in a module, has each member in its new place that is read of it.

    A member that a known version has lost is reported behind the new import. One that none ever had would
    fail there, and nothing would say so; unless the class lacked it before, too, and one that derives from it brings
    it: what is read is of that one, in either place.

    Args:
        file: The file.
        old: The path of the class or module that is gone.
        new: The path of what takes its place.
    """
    # Names that one statement imports ask for each other's.
    known = file.once(_kept)
    if (old, new) not in known:
        known[old, new] = _keeps_members(file, old, new)
    return known[old, new]


def _kept(_: File) -> dict[tuple[str, str], bool]:
    """What :func:`keeps_members` was asked about, with its answers."""
    return {}


def _keeps_members(file: File, old: str, new: str) -> bool:
    surface = file.target.surface
    for node, owner, name in reads(file):
        for value in file.values(owner):
            cls = _becomes(file, value, old, new)
            if cls is None or not lacks(surface, cls, name) or find(surface, cls, name) is not None:
                continue
            own = value.info if isinstance(value, LocalInstance) else None
            if own is not None and file.resolver.attribute_bindings(own, name):
                continue
            if _is_of_derived(file, value, old, cls, name):
                continue
            if live(file, node, AttributeError):
                return False
    return not (
        _gets_slots(file, old, new)
        and any(
            _becomes(file, value, old, new) is not None
            and live(file, owner, AttributeError, TypeError)
            for owner in _whole_reads(file)
            for value in file.values(owner)
        )
    )


def _becomes(file: File, value: Value, old: str, new: str) -> str | None:
    """The class that something is an instance of once ``new`` takes the place of ``old``."""
    match value:
        case Instance(cls=cls) | Result(function=Ref(path=cls)) if cls == old or cls.startswith(
            f"{old}."
        ):
            return file.target.surface.resolve(new + cls.removeprefix(old))
        case LocalInstance(info=info):
            bases = file.resolver.foreign_bases(info)
            return file.target.surface.resolve(new) if bases == [old] else None
        case Attr(owner=owner, name=name):
            holder = _becomes(file, owner, old, new)
            return file.resolver.types.attribute(holder, name) if holder is not None else None
        case _:
            return None


def _is_of_derived(file: File, value: Value, old: str, cls: str, name: str) -> bool:
    """Whether a member was never that of the class itself, and a class that derives from it has it at the target."""
    was = _was(file, value, old)
    if was is None:
        return False
    path, *fields = was
    surface = file.target.surface
    found = surface.lookup(cls)
    below = surface.derived(cls) if isinstance(found, Class) else ()
    return never_had(surface, path, tuple(fields), name) and (
        any(other.member(name) is not None for other in below)
        or any(derived.bring(file, one, name) for one in (cls, *(() if fields else (path,))))
    )


def _was(file: File, value: Value, old: str) -> tuple[str, ...] | None:
    """The class that something was declared to be of, or where it was read from, with the fields on the way.

    ``None`` for what may be of that very class: a call made it.
    """
    match value:
        case Instance(cls=cls, call=None):
            return (cls,)
        case Attr(owner=LocalInstance(info=info), name=name):
            return (old, name) if file.resolver.foreign_bases(info) == [old] else None
        case Attr(owner=owner, name=name):
            holder = _was(file, owner, old)
            return None if holder is None else (*holder, name)
        case _:
            return None
