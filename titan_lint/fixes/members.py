"""The rewrite of a member that goes by another name or form, or by none."""

from __future__ import annotations

import ast

from titan_lint.finding import Applicability, Obligation, unless
from titan_lint.rewriting.operations import (
    Operation,
    RemoveStatements,
    ReplaceExpression,
    Rewrite,
    UnwrapWith,
)
from titan_lint.uses.members.classes import has, lacks
from titan_lint.uses.obligations import is_builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api.changes.rows import AttributeChange
    from titan_lint.uses.file import File
    from titan_lint.uses.members.analysis import Lost


def rewrite(file: File, lost: Lost) -> Rewrite | None:
    """The rewrite that the catalogue knows for a lost member; ``None`` where there is none."""
    change, node = lost.change, lost.node
    if change is None or change.applicability is None or lost.probe:
        return None
    if not isinstance(node, ast.Attribute):
        return None
    new = change.new
    if new is None:
        return None
    surfaces = [other.target.surface for other in (file, *file.siblings)]
    if new.unwrap:
        gone = all(lacks(surface, lost.cls, lost.name) for surface in surfaces)
        return _unwrapped(file, node, change) if gone else None
    needed = new.needed
    if needed is None or not all(has(surface, lost.cls, needed) for surface in surfaces):
        return None
    owner = file.program.text(node.value)
    if new.name is not None:
        code = f"{owner}.{new.name}"
    elif new.code is not None and isinstance(node.ctx, ast.Load):
        code = new.code.format(owner=owner)
        if not _is_only_read(file, node) or not _means_builtins(file, new.code):
            return None
    else:
        return None
    return _rewrite(f"Write `{' '.join(code.split())}`", ReplaceExpression(node, code), change)


def _is_only_read(file: File, node: ast.Attribute) -> bool:
    """Whether the file sets no attribute of that name: what is set would not be read any more."""
    return not any(
        other.attr == node.attr and not isinstance(other.ctx, ast.Load) for other in file.attributes
    )


def _means_builtins(file: File, code: str) -> bool:
    """Whether the functions that a row's code calls by name mean what they do in Python."""
    tree = ast.parse(code.format(owner="owner").strip())
    called = [call.func for call in ast.walk(tree) if isinstance(call, ast.Call)]
    return all(is_builtin(file, name.id) for name in called if isinstance(name, ast.Name))


def _unwrapped(file: File, node: ast.Attribute, change: AttributeChange) -> Rewrite | None:
    """A context manager that is gone, taken off the block that it encloses."""
    program = file.program
    parent = program.parents[node]
    message = f"Remove `{' '.join(program.text(node).split())}`"
    if isinstance(parent, ast.withitem) and parent.optional_vars is None:
        statement = program.parents[parent]
        if isinstance(statement, ast.With | ast.AsyncWith):
            item = statement.items.index(parent)
            return _rewrite(message, UnwrapWith(statement, item), change)
    if (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Attribute)
        and parent.func.attr == "enter_context"
        and isinstance(program.parents[parent], ast.Expr)
    ):
        return _rewrite(message, RemoveStatements((program.statement(parent),)), change)
    return None


def _rewrite(message: str, operation: Operation, change: AttributeChange) -> Rewrite:
    return Rewrite(
        message, (operation,), unless(change.applicability is Applicability.SAFE, Obligation.STATED)
    )
