"""Where what a call makes goes: through names and functions of the file, and by which names to other files."""

from __future__ import annotations

import ast

from titan_lint.code.forms import callee_name, last_name
from titan_lint.code.hooks import HARMLESS_BUILTINS
from titan_lint.code.matching import match_call
from titan_lint.code.names import Kind
from titan_lint.code.values import LocalClass, LocalFunction, root
from titan_lint.structs import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from titan_lint.code.names import FunctionNode
    from titan_lint.code.program import Program
    from titan_lint.code.values import Value
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
        case ast.For(target=target) | ast.comprehension(target=target):
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
    program, values = file.program, file.values(call.func)
    if last_name(call.func) in HARMLESS_BUILTINS or (
        values and all(root(v) in _KEEPING for v in values)
    ):
        return
    for function in _taking(file, values):
        given = match_call(program.bindings, function, call).given
        for parameter, argument in given.items():
            if argument is part:
                _add(
                    found,
                    [
                        load
                        for load in program.loaded(parameter.arg)
                        if any(one.node is parameter for one in program.bindings.of(load))
                    ],
                )
    if name is not None and not all(isinstance(value, LocalFunction) for value in values):
        found.held.add(name)
    if not values or not all(isinstance(value, LocalFunction | LocalClass) for value in values):
        # A function that is handed along may be called with it: `pool.submit(show, config)`.
        found.through.update(_names(program, call.func))
        found.through.update(name for one in call.args for name in _imported(program, one))


def _taking(file: File, values: Iterable[Value]) -> Iterator[FunctionNode]:
    """The functions of the file that get the arguments of a call, which may be constructors."""
    for value in values:
        if isinstance(value, LocalFunction):
            yield value.node
        elif isinstance(value, LocalClass):
            for binding in value.info.scope.bindings.get("__init__", ()):
                if isinstance(binding.node, ast.FunctionDef):
                    yield binding.node


def _names(program: Program, called: ast.expr) -> Iterator[str]:
    """The names by which other files may define what is called."""
    match called:
        case ast.Name():
            yield from _imported(program, called)
            for binding in program.bindings.of(called):
                match binding.value:
                    # What another function gave is called.
                    case ast.Call(func=function) if binding.kind is Kind.VALUE:
                        yield callee_name(function)
                    case ast.Name() | ast.Attribute() as other if binding.kind is Kind.VALUE:
                        yield from _imported(program, other)
                    case _:
                        pass
        case ast.Attribute(attr=name):
            yield name
        case ast.Call(func=function):
            yield from _names(program, function)
        case _:
            pass


def _imported(program: Program, node: ast.expr) -> Iterator[str]:
    """The name in its module of what an import binds, or of what is read from a module."""
    match node:
        case ast.Name():
            for binding in program.bindings.of(node):
                if binding.kind in (Kind.FROM, Kind.STAR) and binding.member:
                    yield binding.member
        case ast.Attribute(attr=name, value=ast.Name() as owner):
            if any(one.kind is Kind.IMPORT for one in program.bindings.of(owner)):
                yield name
        case _:
            pass


def _add(found: Carried, places: Collection[ast.expr]) -> None:
    found.places += [place for place in places if place not in found.places]
