"""Whether anything may read a field of what a call makes."""

from __future__ import annotations

import ast

from titan_lint.api import Class, Function
from titan_lint.code.following import follows
from titan_lint.code.forms import callee_name, last_name
from titan_lint.code.stores import stored, whose
from titan_lint.code.walk import walk
from titan_lint.uses.conditions.truth import Truth
from titan_lint.uses.neighbours import read_paths
from titan_lint.uses.reads import may_be_asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api import Surface
    from titan_lint.api.changes.rows import DefaultChange
    from titan_lint.code.program import Program
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


def is_set_first(file: File, call: ast.Call, name: str) -> bool:
    """Whether a field of what a call makes is always set, or may be by a name worked out, before anything else is done.

    Args:
        file: The file.
        call: What makes a config: ``parallelism = ParallelismConfig()``, or as an argument of what makes another one.
        name: The field.
    """
    program = file.program
    made, held = call, list[str]()
    while isinstance(keyword := program.parents[made], ast.keyword) and keyword.arg:
        outer = program.parents[keyword]
        if not isinstance(outer, ast.Call):
            return False
        made, held = outer, [keyword.arg, *held]
    statement = program.parents[made]
    match statement:
        case (
            ast.Assign(targets=[ast.Name() | ast.Attribute() as target])
            | ast.AnnAssign(target=target)
        ):
            whole = _parts(target)
        case _:
            return False
    if whole is None:
        return False
    config = [*whole, *held]
    if not stored(program, name) and not program.called("setattr", "update"):
        return False
    block, at = program.place(statement)
    for later in block[at + 1 : at + 1 + _FAR]:
        if _sets(file, later, config, name):
            return True
        if any(_hands_on(program, node, whole, config) for node in walk(later)):
            return False
    return False


def is_set_by_function(file: File, call: ast.Call, name: str) -> bool:
    """Whether what a call makes goes straight to a function of the file or its project that may set a field of it.

    ``harden(ParallelismConfig())``, ``config = Trainer.Config(parallelism=ParallelismConfig())`` and ``harden(config)``.

    Args:
        file: The file.
        call: What makes a config.
        name: The field.
    """
    program = file.program
    made: ast.AST = call
    takers: set[str] = set()
    while isinstance(parent := program.parents[made], ast.keyword | ast.Call):
        if isinstance(parent, ast.Call) and parent.func is not made:
            takers.add(callee_name(parent))
        made = parent
    uses: Sequence[ast.expr] = ()
    match program.parents[made]:
        case ast.Assign(targets=[ast.Name() as target]):
            uses = program.loads_from(target)[:_FAR]
        case ast.Return() as statement if isinstance(
            maker := program.function(statement), ast.FunctionDef
        ):
            uses = program.called(maker.name)
        case _:
            pass
    for use in uses:
        taker = program.parents[use]
        if isinstance(taker, ast.Call) and use in taker.args:
            takers.add(callee_name(taker))
    if any(
        getattr(program.function(one.node), "name", None) in takers for one in stored(program, name)
    ):
        return True
    readers = file.options.readers
    return bool(takers) and readers is not None and readers.put(name, takers)


_FAR = 50
"""How many statements later a field is still looked for: to look at all behind each call costs the square."""


def _sets(file: File, statement: ast.stmt, config: list[str], name: str) -> bool:
    """Whether a statement sets a field, whatever happens, or one of a name worked out that may be it."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            return any(_parts(target) == [*config, name] for target in targets) and not any(
                isinstance(node, ast.Name) and node.id == config[0] for node in walk(value)
            )
        case ast.Expr(
            value=ast.Call(func=ast.Name(id="setattr"), args=[owner, ast.Constant(value=text), _])
        ):
            return text == name and _parts(owner) == config
        case ast.For() | ast.Expr():
            may_be_named = any(node.value == name for node in file.program.of(ast.Constant))
            may_be_named |= any(node.arg == name for node in file.program.of(ast.keyword))
            return may_be_named and any(_fills(node, config) for node in walk(statement))
        case _:
            return False


def _fills(node: ast.AST, config: list[str]) -> bool:
    """Whether fields whose names are worked out are set: by ``setattr``, or in the object's dictionary."""
    match node:
        case ast.Call(func=ast.Name(id="setattr"), args=[owner, ast.Name(), _]):
            return _parts(owner) == config
        case ast.Call(func=ast.Attribute(value=dictionary, attr="update")):
            owner = whose(dictionary)
            return owner is not None and _parts(owner) == config
        case _:
            return False


def _hands_on(program: Program, node: ast.AST, whole: list[str], config: list[str]) -> bool:
    """Whether a config, what holds it, or all of their fields go somewhere, as far as a name's use shows it."""
    if not isinstance(node, ast.Name) or node.id != whole[0]:
        return False
    path, top = [node.id], program.parents[node]
    while isinstance(top, ast.Attribute):
        path.append(top.attr)
        if isinstance(top.ctx, ast.Store):
            # Another field is set; what holds the config would be another one.
            return path == config[: len(path)]
        top = program.parents[top]
    if isinstance(top, ast.Call) and callee_name(top) == "setattr" and len(top.args) == 3:
        return path[: len(config)] != config
    common = min(len(path), len(config))
    return path[:common] == config[:common]


def _parts(node: ast.expr) -> list[str] | None:
    """The parts of a dotted name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [*reversed([*parts, node.id])] if isinstance(node, ast.Name) else None


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
