"""What a file takes with care from a module that may fail to be imported.

``try: from compat import Theirs`` and ``except ImportError:``: while ``compat`` asks torchtitan for what is gone,
nothing runs that uses ``Theirs``. Once its import is mended, all of that runs.
"""

from __future__ import annotations

import ast

from titan_lint.code.forms import callee_name, imports_torchtitan, swallowed
from titan_lint.code.uses import bindings_of, is_asked_about
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.program import Program

_IMPORTING = ("importorskip", "import_module", "__import__")


class Taken(Struct):
    """One way in which a file takes a name from a module.

    Attributes:
        bound: The name that it has in the file; ``None`` where it is an attribute there.
        careful: Whether the file goes on where the import fails.
        used: Whether the file does more than to ask whether it is there.
    """

    bound: str | None
    careful: bool
    used: bool


def taken(program: Program, module: str, name: str) -> Iterator[Taken]:
    """How a file takes a name from a module.

    Args:
        program: The file.
        module: The last part of the module's name.
        name: The name.
    """
    read = name in program.once(_read)
    bindings = program.once(bindings_of)
    uses = program.once(_uses_torchtitan)
    for statement in program.bindings.imports:
        origin = statement.module or "" if isinstance(statement, ast.ImportFrom) else ""
        for alias in statement.names:
            if origin.rpartition(".")[2] == module and alias.name in (name, "*"):
                more = uses and _starts_more(program, statement)
                if alias.name == "*":
                    used = more or any(node.id == name for node in program.of(ast.Name))
                    yield Taken(name, _is_careful(program, statement), used)
                    continue
                loads = program.loads(bindings[alias]) if alias in bindings else []
                used = more or any(not is_asked_about(program, load) for load in loads)
                yield Taken(alias.asname or name, _is_careful(program, statement), used)
            elif alias.name.rpartition(".")[2] == module and read:
                yield Taken(None, _is_careful(program, statement), used=True)
    for call in program.called(*_IMPORTING) if read else ():
        if call.args and _names(call.args[0], module):
            skips = callee_name(call) == "importorskip"
            yield Taken(None, skips or _is_careful(program, call), used=True)


def _read(program: Program) -> frozenset[str]:
    """The names of the attributes that a file has anything to do with."""
    return frozenset(node.attr for node in program.bindings.attributes)


def _starts_more(program: Program, statement: ast.stmt) -> bool:
    """Whether more of a file that uses torchtitan runs only where an import of it succeeds, whatever that brings.

    ``try: from compat import *; HAS = True``, and then ``if HAS: mock.patch("torchtitan.x.Y")``.
    """
    return _is_careful(program, statement) and any(
        _is_asked(program, beside) for beside in _beside(program, statement)
    )


def _uses_torchtitan(program: Program) -> bool:
    """Whether a file names a part of torchtitan itself, by an import or a path in a text."""
    return any(
        isinstance(node.value, str) and node.value.startswith("torchtitan.")
        for node in program.of(ast.Constant)
    ) or any(imports_torchtitan(statement) for statement in program.bindings.imports)


def _beside(program: Program, statement: ast.stmt) -> Iterator[ast.stmt]:
    """What runs in a ``try`` or ``with`` only where an import in it succeeds, but for other imports."""
    match program.parents[statement]:
        case ast.Try(body=body, orelse=orelse):
            found = [*body, *orelse]
        case ast.With(body=body):
            found = body
        case _:
            found = []
    yield from (one for one in found if not isinstance(one, ast.Import | ast.ImportFrom | ast.Pass))


def _is_asked(program: Program, statement: ast.stmt) -> bool:
    """Whether a statement does more than to bind names that nobody reads."""
    match statement:
        case ast.Assign(targets=targets, value=ast.Constant()) if all(
            isinstance(target, ast.Name) for target in targets
        ):
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            return any(
                node.id in names and isinstance(node.ctx, ast.Load) for node in program.of(ast.Name)
            )
        case ast.AugAssign(target=ast.Name(id="__all__")) | ast.Expr(value=ast.Constant()):
            return False
        case (
            ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="__all__"))))
            | ast.Assign(targets=[ast.Name(id="__all__")])
        ):
            return False
        case _:
            return True


def _names(node: ast.expr, module: str) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.rpartition(".")[2] == module
    )


def _is_careful(program: Program, node: ast.AST) -> bool:
    """Whether something around a node may go on where it raises."""
    child = node
    for parent in program.ancestors(node):
        match parent:
            case ast.Try(body=body, handlers=[_, *_]) if child in body:
                return True
            case ast.With(items=items, body=body) if child in body:
                if any(swallowed(item.context_expr) is not None for item in items):
                    return True
            case _:
                pass
        child = parent
    return False
