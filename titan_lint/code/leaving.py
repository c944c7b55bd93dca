"""Whether code is left, so that what stands behind it is not gone on to, as far as its own shape tells.

Which way a test goes at a target is not asked here; :mod:`titan_lint.uses.conditions.running` knows.
"""

from __future__ import annotations

import ast

from titan_lint.code.forms import callee_name
from titan_lint.code.names import FunctionNode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

JUMP = ast.Return | ast.Raise | ast.Break | ast.Continue
"""The statements that are never gone on from."""

ENDING = frozenset(
    {"_exit", "abort", "exit", "fail", "importorskip", "quit", "skip", "skipTest", "xfail"}
)
"""Calls that do not come back, by the last part of their name."""

SCOPES = FunctionNode | ast.ClassDef | ast.GeneratorExp
"""What is not run where it stands."""


def is_left(block: list[ast.stmt]) -> bool:
    """Whether the end of a block is surely never gone on from."""
    match block[-1:]:
        case [ast.Expr(ast.Call(func=ast.Attribute(value=ast.Name(id="sys"), attr="exit")))]:
            return True
        case [last]:
            return isinstance(last, JUMP)
        case _:
            return False


def may_be_left(statement: ast.AST) -> bool:
    """Whether a statement, or one in it, may leave its block or end the program."""
    return any(
        isinstance(node, JUMP) or (isinstance(node, ast.Call) and callee_name(node) in ENDING)
        for node in run_in(statement)
    )


def run_in(statement: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement but for those of the functions and classes in it."""
    todo = [statement]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, SCOPES):
            todo += ast.iter_child_nodes(node)
