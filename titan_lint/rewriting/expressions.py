"""One expression in the place of another."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.program import Program
    from titan_lint.rewriting.operations import ReplaceExpression

_ATOMS = (
    ast.Name,
    ast.Attribute,
    ast.Call,
    ast.Subscript,
    ast.Constant,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
)
_DELIMITED = (ast.Assign, ast.AnnAssign, ast.Return, ast.Expr, ast.keyword, ast.Call)


def replacement(program: Program, operation: ReplaceExpression) -> str:
    """The text to put where the node stands, in parentheses where it would bind differently."""
    parsed = ast.parse(operation.code.strip(), mode="eval").body
    if isinstance(parsed, _ATOMS):
        return operation.code
    parent = program.parents[operation.node]
    alone = isinstance(parent, _DELIMITED) and not (
        isinstance(parent, ast.Call) and parent.func is operation.node
    )
    return operation.code if alone else f"({operation.code})"
