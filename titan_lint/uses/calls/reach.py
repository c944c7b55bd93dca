"""Whether anything may read a field of what a call makes."""

from __future__ import annotations

import ast

from titan_lint.api import Class, Function
from titan_lint.code.following import follows
from titan_lint.code.forms import last_name
from titan_lint.uses.conditions.truth import Truth
from titan_lint.uses.neighbours import read_paths
from titan_lint.uses.reads import may_be_asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api import Surface
    from titan_lint.api.changes.rows import DefaultChange
    from titan_lint.uses.file import File


_ASKING = frozenset({"getattr", "hasattr", "asdict"})
"""What gives a part of what it is handed, and keeps nothing of it."""


def has_reader(file: File, row: DefaultChange) -> bool:
    """Whether the project uses what reads the parameter of a row, at the target or where it was before."""
    readers = row.old.read_by
    if not readers:
        return True
    neighbours = file.options.neighbours
    asked = {*read_paths(file.program), *(neighbours.paths if neighbours is not None else ())}
    surfaces = (file.target.surface, file.at(file.era.keys[-1]).target.surface)
    return any(_leads_to(surface, path, readers) for surface in surfaces for path in sorted(asked))


def _leads_to(surface: Surface, path: str, readers: tuple[str, ...]) -> bool:
    """Whether a path is that of a reader, of a class that inherits from one, or of what makes its config."""
    found = surface.lookup(path)
    if isinstance(found, Function) and found.returns is not None:
        found = surface.lookup(found.returns) or found
    if isinstance(found, Class):
        paths = [base.path for base in found.mro]
    elif isinstance(found, Function):
        paths = [found.path]
    else:
        return False
    known = [surface.resolve(reader) for reader in readers]
    return any(path == one or path.startswith(f"{one}.") for path in paths for one in known if one)


@follows(True)
def may_be_read(file: File, node: ast.expr, name: str) -> bool:
    """Whether something may read a field of a name of what an expression makes, or be given all of it.

    A config of which a function reads other fields, and that goes nowhere else, keeps this one to itself.
    """
    parent = file.program.parents[node]
    match parent:
        case ast.Attribute(attr=attr, ctx=ast.Load()):
            above = file.program.parents[parent]
            is_called = isinstance(above, ast.Call) and above.func is parent
            if attr == name and isinstance(above, ast.Compare):
                # Who asks a config of his own making what a field is there asks for the version.
                return not file.once(Truth).constants.asks_for_default(parent)
            return attr == name or is_called or attr.startswith("__")
        case ast.Call(func=function, args=[asked, *_]) if asked is node and (
            last_name(function) in _ASKING
        ):
            return not isinstance(file.program.parents[parent], ast.Compare | ast.Subscript)
        case ast.Attribute() | ast.Expr():
            return False  # another field is set, or nothing comes of it
        case ast.Assign(targets=[ast.Name() as target]):
            if may_be_asked_for(file, target):
                return True
            return any(may_be_read(file, load, name) for load in file.program.loads_from(target))
        case _:
            return True
