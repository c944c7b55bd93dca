"""Calls of torchtitan's that the target refuses: what a ``try`` behind one of them still holds is never run."""

from __future__ import annotations

import ast

from titan_lint.api import Class, Function
from titan_lint.code.values import Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from titan_lint.uses.file import File


def refused_before(file: File, block: Sequence[ast.stmt], node: ast.AST) -> bool:
    """Whether the target refuses a call with ``TypeError`` in a block before it gets to something in it.

    Args:
        file: The file.
        block: The block. Only its own statements are looked at, not those in an ``if`` or a loop.
        node: What stands in it, or in something that it holds.
    """
    start = _end(node)
    return any(
        _is_refused(file, call)
        for statement in block
        if isinstance(statement, _SIMPLE) and _start(statement) <= start
        for call in _calls(statement)
        if _end(call) <= start and call is not node
    )


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls in a statement that run where it does."""
    for part in ast.iter_child_nodes(node):
        if not isinstance(part, _LATER):
            yield from _calls(part)
    if isinstance(node, ast.Call):
        yield node


def _start(node: ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)


def _is_refused(file: File, call: ast.Call) -> bool:
    """Whether a call passes what a function or class of torchtitan's does not take, or leaves out what it asks for."""
    given = [word.arg for word in call.keywords]
    if None in given or any(isinstance(arg, ast.Starred) for arg in call.args):
        return False
    functions = [
        _called(file, value.path) for value in file.values(call.func) if isinstance(value, Ref)
    ]
    return (
        bool(functions)
        and len(functions) == len(file.values(call.func))
        and all(
            function is not None and not _takes(function, len(call.args), given)
            for function in functions
        )
    )


def _called(file: File, path: str) -> Function | None:
    """The signature of a function or class at a path, as a call of it sees it."""
    found = file.target.surface.lookup(path) if path.startswith("torchtitan.") else None
    if isinstance(found, Class):
        found = found.constructor()
    return found if isinstance(found, Function) and not found.open else None


def _takes(function: Function, count: int, given: Sequence[str | None]) -> bool:
    """Whether a function takes so many positional arguments, and some keywords."""
    by_place = [parameter.name for parameter in function.positional[:count]]
    if count > len(function.positional) and not function.takes_any_positional:
        return False
    if not function.takes_any_keyword and any(
        function.parameter(name or "") is None for name in given
    ):
        return False
    return all(
        not parameter.required or parameter.name in (*by_place, *given)
        for parameter in function.parameters
    )


_SIMPLE = ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.Assert
_LATER = (
    ast.Lambda
    | ast.IfExp
    | ast.BoolOp
    | ast.ListComp
    | ast.SetComp
    | ast.DictComp
    | ast.GeneratorExp
)
"""What may run some of its parts later, or not at all."""
