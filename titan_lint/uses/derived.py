"""Classes of the project's that derive from one of torchtitan's: what is declared as that may be one of these."""

from __future__ import annotations

import ast

from titan_lint.api import Class
from titan_lint.code.forms import last_name
from titan_lint.code.stores import stored
from titan_lint.code.values import Instance, LocalClass, Ref
from titan_lint.uses.brought import ANY, brought, end, names
from titan_lint.uses.exact import is_exact
from titan_lint.uses.filled import Filling
from titan_lint.uses.made import classes_in, decorated_by, made, makers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from titan_lint.code.names import ClassInfo
    from titan_lint.uses.file import File


def exists(file: File, cls: str) -> bool:
    """Whether the project derives a class from one of torchtitan's, tests apart."""
    modules = file.options.modules
    return cls in file.once(_own) or (modules is not None and modules.give(_ends(file, cls), ANY))


def may_have(file: File, cls: str, name: str) -> bool:
    """Whether an instance of a class of torchtitan's may be of one of the project's that has a member of its own.

    Args:
        file: The file that asks. What only tests derive counts for tests alone.
        cls: Path of torchtitan's class at the target.
        name: The member: a method, a field, an attribute.
    """
    if not {name, ANY}.isdisjoint(file.once(_own).get(cls, ())):
        return True
    modules = file.options.modules
    if modules is not None and modules.give(_ends(file, cls), name):
        return True
    return _is_set(file, name) and exists(file, cls)


def bring(file: File, cls: str, name: str) -> bool:
    """Whether a class that the project derives from one of torchtitan's certainly has a member of its own.

    Args:
        file: The file that asks.
        cls: Path of torchtitan's class, at any torchtitan.
        name: The member.
    """
    resolver, modules = file.resolver, file.options.modules
    return any(
        _binds(info, name) and cls in resolver.foreign_bases(info)
        for info in file.program.bindings.classes.values()
    ) or (modules is not None and modules.bring(_ends(file, cls), name))


def _is_set(file: File, name: str) -> bool:
    """Whether anybody sets a member from outside on what may be of a class of the project's, or on that class."""
    readers = file.options.readers
    return any(
        not store.is_own
        and not (
            (found := file.values(store.owner)) and all(isinstance(one, Instance) for one in found)
        )
        for store in stored(file.program, name)
    ) or (readers is not None and readers.put(name))


def may_have_below(file: File, cls: ClassInfo, name: str) -> bool:
    """As :func:`may_have`, of a class of the project's: whether one that derives from it may have a member itself."""
    resolver = file.resolver
    known = resolver.local_mro(cls)
    for other in resolver.relatives(cls)[len(known) :]:
        if any(_binds(one, name) for one in resolver.local_mro(other) if one not in known):
            return True
    modules = file.options.modules
    return modules is not None and modules.hide(cls, name)


def may_hold(file: File, holder: str, field: str, cls: str) -> bool:
    """Whether a class of the project's declares a field of a class of torchtitan's anew, with another type.

    Args:
        file: The file that asks.
        holder: Path of torchtitan's class that has the field.
        field: The field.
        cls: Path of the class of what it holds at the target. A type that derives from that is none other:
            :func:`may_have` tells what it adds.
    """
    modules = file.options.modules
    if modules is not None:
        return modules.hold_otherwise(_ends(file, holder), field, _ends(file, cls))
    # Alone, a file's own classes are known by what they bind.
    return field in file.once(_own).get(holder, ())


def is_held_otherwise(file: File, read: ast.expr) -> bool:
    """Whether one of the fields that a chain of attributes goes through may hold something of another type.

    A class declares it so, as :func:`may_hold` tells, or the file puts it there: no type is looked at then.
    """
    if isinstance(read, ast.Name):
        given = [binding.value for binding in file.program.bindings.of(read)]
        read = given[0] if len(given) == 1 and given[0] is not None else read
    while isinstance(read, ast.Attribute):
        for holder in file.values(read.value):
            if isinstance(holder, Instance) and not is_exact(file, holder):
                held = [one.cls for one in file.values(read) if isinstance(one, Instance)]
                if any(may_hold(file, holder.cls, read.attr, cls) for cls in held):
                    return True
        if _is_put_otherwise(file, read):
            return True
        read = read.value
    return False


def _is_put_otherwise(file: File, read: ast.Attribute) -> bool:
    """Whether the project may put something into a field that is of none of the classes which the field is read as."""
    held = [one.cls for one in file.values(read) if isinstance(one, Instance)]
    if not held:
        return False
    holders = file.values(read.value)
    if file.once(_filling).otherwise(read.attr, held, holders):
        return True
    # What others put on the project's own objects is asked where their classes are.
    of = sorted({one.cls for one in holders if isinstance(one, Instance)})
    if not of:
        return False
    key = read.attr, last_name(read.value), *held, "", *of
    known = file.once(_filled)
    if key not in known:
        known[key] = _is_filled_elsewhere(file, read, held)
    return known[key]


def _filled(_: File) -> dict[tuple[str, ...], bool]:
    """What is known of fields, by their names, those of what has them, the classes that they are read as, and of what."""
    return {}


def _is_filled_elsewhere(file: File, read: ast.Attribute, held: Sequence[str]) -> bool:
    """As :func:`_is_put_otherwise`, of the other files of the project."""
    modules, types, surface = file.options.modules, file.resolver.types, file.target.surface
    holder = last_name(read.value)
    return modules is not None and any(
        Filling(home.program, home.values, home.bases, home.mro, types, surface).otherwise(
            read.attr, held, file.values(read.value), holder
        )
        for home in modules.fill(read.attr, holder, types)
    )


def _filling(file: File) -> Filling:
    resolver = file.resolver
    bases, mro = resolver.foreign_bases, resolver.local_mro
    return Filling(file.program, file.values, bases, mro, resolver.types, file.target.surface)


def _own(file: File) -> dict[str, set[str]]:
    """By path the classes of torchtitan's from which the file derives one, with the names of all that this brings."""
    found: dict[str, set[str]] = {}
    resolver, program = file.resolver, file.program
    by = program.once(makers)
    for info in program.bindings.classes.values():
        above = _above(file, resolver.foreign_bases(info))
        if above:
            own = resolver.local_mro(info)
            brings = [names(program, one) for one in own]
            brings += [by[word] for word in decorated_by(program, info) if word in by]
            for base in resolver.foreign_bases(info):
                brings.append(frozenset((ANY,)) if base is None else brought(base))
            for path in above:
                found.setdefault(path, set()).update(*brings)
        # What is worked out from classes may derive from any of them, and bring anything.
        for base in info.node.bases:
            if not isinstance(base, ast.Name | ast.Attribute | ast.Subscript):
                for path in _above(file, _classes_of(file, classes_in(program, base, 1))):
                    found.setdefault(path, set()).update((ANY, *names(program, info)))
    for call in made(program):
        brings = [by[word] for word in call.by if word in by] if call.by else [call.names]
        if brings:
            for path in _above(file, _classes_of(file, call.bases)):
                found.setdefault(path, set()).update(*brings)
    return found


def _above(file: File, bases: Iterable[str | None]) -> list[str]:
    """The paths of the classes of torchtitan's that some are, and of those from which they derive."""
    surface = file.target.surface
    known = [surface.lookup(base) for base in bases if base is not None]
    found = [one.path for base in known if isinstance(base, Class) for one in base.mro]
    return list(dict.fromkeys(found))


def _classes_of(file: File, named: Iterable[ast.expr]) -> Iterator[str | None]:
    """The paths of the classes outside the file that some names stand for, or from which these derive."""
    for node in named:
        for value in file.values(node):
            if isinstance(value, Ref):
                yield value.path
            elif isinstance(value, LocalClass):
                yield from file.resolver.foreign_bases(value.info)


def _binds(info: ClassInfo, name: str) -> bool:
    return name in info.scope.bindings or name in info.attributes


def _ends(file: File, cls: str) -> str:
    """The ends of the paths of a class of torchtitan's, and of those that it derives from it, with spaces between.

    A class goes by several paths. One that stands in another one is told by the name of that, too.
    """
    found = file.target.surface.lookup(cls)
    derived = file.target.surface.derived(cls) if isinstance(found, Class) else ()
    return " ".join(dict.fromkeys(end(path) for path in (cls, *(one.path for one in derived))))
