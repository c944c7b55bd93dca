"""Where what a call makes goes: through names and functions of the file, and by which names to other files."""

from __future__ import annotations

import ast

from titan_lint.code.forms import last_name
from titan_lint.code.hooks import HARMLESS_BUILTINS
from titan_lint.code.matching import match_call
from titan_lint.code.values import LocalClass, LocalFunction, root
from titan_lint.structs import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from titan_lint.uses.file import File

_MOST = 64
"""How many places of one thing are looked at."""

_KEEPING = frozenset({"torchtitan", "logging"})
"""What asks no other file's questions about what it is handed."""


class Carried(Struct, frozen=False):
    """Where something goes.

    Attributes:
        places: The expressions of the file that are it, or hold it.
        held: The attributes and keywords under which others have it.
        own: The names of the file's own that give it to who imports them.
        through: The names of what it is handed to that is none of the file's.
    """

    places: list[ast.expr]
    held: set[str] = field(default_factory=set[str])
    own: set[str] = field(default_factory=set[str])
    through: set[str] = field(default_factory=set[str])


def is_asked(file: File, made: ast.expr, fields: Collection[str]) -> bool:
    """Whether something may be asked for one of some fields where nothing tells what it is: in a function, in another file.

    Args:
        file: The file.
        made: The call that makes it.
        fields: The fields.
    """
    found = carried(file, made)
    parents = file.program.parents
    if len(found.places) > _MOST or any(
        isinstance(reader := parents[place], ast.Attribute)
        and reader.attr in fields
        and not file.agrees(place, lambda _: True)
        for place in found.places
    ):
        return True
    readers = file.options.readers
    if readers is None:
        return False
    own = [name for name in sorted(found.own) if readers.ask_for(name)]
    return (bool(found.held) and readers.ask_of(fields, found.held)) or (
        bool(found.through or own) and readers.ask_beside(fields, found.through, own)
    )


def carried(file: File, *made: ast.expr, with_parts: bool = False) -> Carried:
    """Where expressions go, as far as the file tells.

    Args:
        file: The file.
        made: The expressions.
        with_parts: Whether what is read from them counts, too: ``spec.model``.
    """
    found = Carried([*made])
    for place in found.places:
        if len(found.places) > _MOST:
            break
        _go_on(file, place, found, with_parts=with_parts)
    return found


def _go_on(file: File, place: ast.expr, found: Carried, *, with_parts: bool) -> None:
    """Add where one place of something leads to."""
    program = file.program
    part, parent = place, program.parents[place]
    while isinstance(parent, _HOLDING) or (
        with_parts and isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is part
    ):
        part, parent = parent, program.parents[parent]
    match parent:
        case ast.keyword(arg=name):
            _hand(file, program.parents[parent], part, name, found)
        case ast.Call(func=function) if function is not part:
            _hand(file, parent, part, None, found)
        case (
            ast.Assign(targets=targets)
            | ast.AnnAssign(target=targets)
            | ast.NamedExpr(target=targets)
        ):
            for target in targets if isinstance(targets, list) else [targets]:
                _store(file, target, found)
        case ast.Return() | ast.Yield():
            function = program.function(parent)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                found.own.add(function.name)
                _add(found, program.called(function.name))
        case _:
            pass


_HOLDING = (
    ast.IfExp | ast.BoolOp | ast.Starred | ast.Await | ast.List | ast.Tuple | ast.Set | ast.Dict
)


def _store(file: File, target: ast.expr, found: Carried) -> None:
    program = file.program
    match target:
        case ast.Name(id=name):
            _add(found, program.loads_from(target))
            if program.function(target) is None:
                found.own.add(name)
        case ast.Attribute(attr=name):
            found.held.add(name)
            loads = [node for node in program.reads if node.attr == name]
            _add(found, loads)
        case _:
            pass


def _hand(file: File, call: ast.AST, part: ast.expr, name: str | None, found: Carried) -> None:
    """Add where an argument of a call goes."""
    if not isinstance(call, ast.Call):
        return
    called = last_name(call.func)
    values = file.values(call.func)
    if called in HARMLESS_BUILTINS or (values and all(root(v) in _KEEPING for v in values)):
        return
    for value in values:
        if isinstance(value, LocalFunction):
            given = match_call(file.program.bindings, value.node, call).given
            for parameter, argument in given.items():
                if argument is part:
                    _add(
                        found,
                        [
                            load
                            for load in file.program.loaded(parameter.arg)
                            if any(b.node is parameter for b in file.program.bindings.of(load))
                        ],
                    )
    if not values or not all(isinstance(value, LocalFunction | LocalClass) for value in values):
        found.through.add(called)
        if name is not None:
            found.held.add(name)


def _add(found: Carried, places: Collection[ast.expr]) -> None:
    found.places += [place for place in places if place not in found.places]
