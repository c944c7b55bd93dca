"""Classes of the project's that derive from one of torchtitan's: what is declared as that may be one of these."""

from __future__ import annotations

import ast

from titan_lint.api import Class
from titan_lint.code.forms import last_name
from titan_lint.uses.era import dotted_path
from titan_lint.uses.neighbours import is_test

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import ClassInfo
    from titan_lint.code.program import Program
    from titan_lint.uses.file import File


def may_have(file: File, cls: str, name: str) -> bool:
    """Whether a class of the project's that derives from a class of torchtitan's has a member of some name itself.

    Args:
        file: The file that asks. What only tests derive counts for tests alone.
        cls: Path of torchtitan's class at the target.
        name: The member: a method, a field, an attribute.
    """
    return any(_derives(file, program, info, cls) for program, info in _having(file, name))


def may_hold(file: File, holder: str, field: str, cls: str) -> bool:
    """Whether a class of the project's declares a field of a class of torchtitan's anew, with another type.

    Args:
        file: The file that asks.
        holder: Path of torchtitan's class that has the field.
        field: The field.
        cls: Path of the class of what it holds at the target. A type that derives from that is none other:
            :func:`may_have` tells what it adds.
    """
    return any(
        _derives(file, program, info, holder)
        and not all(
            _is_of(file, program, annotation, cls) for annotation in _annotations(info, field)
        )
        for program, info in _having(file, field)
    )


def _having(file: File, name: str) -> Iterator[tuple[Program, ClassInfo]]:
    """The classes of the project's that have a member of some name themselves, the file's own first."""
    for info in file.program.bindings.classes.values():
        if name in info.scope.bindings or name in info.attributes:
            yield file.program, info
    readers = file.options.readers
    if readers is not None:
        in_test = is_test(file.program.source.path)
        for program, info in readers.having_member(name):
            if in_test or not is_test(program.source.path):
                yield program, info


def _derives(file: File, program: Program, info: ClassInfo, cls: str) -> bool:
    """Whether a class derives from one of torchtitan's, as far as its bases' names tell."""
    seen = {id(info)}
    todo = [(program, info)]
    for home, one in todo:
        for base in one.node.bases:
            node = base.value if isinstance(base, ast.Subscript) else base
            path = dotted_path(home, node)
            if path is not None and _is_kind_of(file, path, cls):
                return True
            if path is None:
                named = _called(file, home, last_name(node))
                if not named and last_name(node) == cls.rpartition(".")[2]:
                    return True  # By way of a module of the project's.
                new = [each for each in named if id(each[1]) not in seen]
                seen |= {id(each[1]) for each in new}
                todo += new
    return False


def _called(file: File, home: Program, name: str) -> list[tuple[Program, ClassInfo]]:
    """The classes that a name in a file may mean: the file's own, else those of others that are called so."""
    own = [
        (home, info) for info in home.bindings.classes.values() if name and info.node.name == name
    ]
    readers = file.options.readers
    return own or (readers.classes(name) if readers is not None and name else [])


def _is_kind_of(file: File, path: str, cls: str) -> bool:
    """Whether what a path leads to at the target is a class of torchtitan's, or derives from it."""
    surface = file.target.surface
    found = surface.lookup(path)
    if not isinstance(found, Class):
        # Where it is moved, its name is all that is left.
        return path.rpartition(".")[2] == cls.rpartition(".")[2]
    return any(base.path == cls for base in found.mro)


def _annotations(info: ClassInfo, field: str) -> list[ast.expr | None]:
    bindings = (*info.scope.bindings.get(field, ()), *info.attributes.get(field, ()))
    return [binding.annotation for binding in bindings]


def _is_of(file: File, program: Program, annotation: ast.expr | None, cls: str) -> bool:
    """Whether an annotation names a class, or one that derives from it."""
    if annotation is None:
        return False
    path = dotted_path(program, annotation)
    if path is not None:
        return _is_kind_of(file, path, cls)
    named = _called(file, program, last_name(annotation))
    return bool(named) and all(_derives(file, home, info, cls) for home, info in named)
