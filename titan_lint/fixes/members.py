"""The rewrite of a member that goes by another name or form, or by none."""

from __future__ import annotations

import ast

from titan_lint.code import uses
from titan_lint.code.forms import callee_name
from titan_lint.code.order import is_set_from_itself
from titan_lint.code.walk import walk
from titan_lint.finding import Applicability, Obligation, unless
from titan_lint.rewriting.operations import (
    Operation,
    RemoveStatements,
    ReplaceExpression,
    Rewrite,
    UnwrapWith,
)
from titan_lint.structs import replace
from titan_lint.uses.members.analysis import Members, missing_behind
from titan_lint.uses.members.classes import has, lacks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api.changes.rows import AttributeChange
    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program
    from titan_lint.uses.file import File
    from titan_lint.uses.members.analysis import Lost


def rewrite(file: File, lost: Lost) -> Rewrite | None:
    """The rewrite that the catalogue knows for a lost member; ``None`` where there is none."""
    change, node = lost.change, lost.node
    if change is None or change.applicability is None or lost.probe or lost.is_unread:
        return None
    if not isinstance(node, ast.Attribute) or callee_name(lost.owner) == "super":
        return None  # The method around it goes by the old name, too.
    new = change.new
    if new is None or _is_kept_apart(file, lost.name):
        return None
    surfaces = [other.target.surface for other in (file, *file.siblings)]
    if new.unwrap:
        gone = all(lacks(surface, lost.cls, lost.name) for surface in surfaces)
        return _unwrapped(file, node, change) if gone else None
    needed = new.needed
    if needed is None or not all(has(surface, lost.cls, needed) for surface in surfaces):
        return None
    if missing_behind(file, lost) is not None:
        return None
    owner = file.program.text(node.value)
    if new.name is not None:
        code = f"{owner}.{new.name}"
    elif (
        new.code is not None
        and isinstance(node.ctx, ast.Load)
        # A pattern may have a call alone of a class.
        and not isinstance(file.program.parents[node], ast.MatchValue)
        and _means_what_it_says(file, new.code)
    ):
        code = new.code.format(owner=owner)
    else:
        return None
    made = _rewrite(f"Write `{' '.join(code.split())}`", ReplaceExpression(node, code), change)
    if new.name is not None:
        behind = tuple(ReplaceExpression(other, code) for other in _behind(file, node))
        made = replace(made, operations=(*made.operations, *behind))
    readers = file.options.readers
    is_whole = not _is_left(file, lost.name, read_only=new.name is None) and not (
        readers is not None and readers.imitate(lost.name)
    )
    return replace(made, because=(*made.because, *unless(is_whole, Obligation.WHOLE_RENAME)))


def _behind(file: File, node: ast.Attribute) -> Iterator[ast.Attribute]:
    """Other reads of a member that run only where one in a test of theirs has run, and that nothing is said of.

    ``hasattr(self.model_args, "x") and self.model_args.x``: for the target all that is behind the test is never run,
    until its own read goes by the new name.
    """
    reported = {lost.node for lost in file.once(Members).lost}
    text, bound = ast.unparse(node), _bound(file, node)
    if bound is None:
        return
    yield from (
        other
        for part in _after_test(file.program, node)
        for other in walk(part)
        if isinstance(other, ast.Attribute)
        and other.attr == node.attr
        and isinstance(other.ctx, ast.Load)
        and other not in reported
        and ast.unparse(other) == text
        # Under the same name it may be something else by then.
        and _bound(file, other) == bound
    )


def _bound(file: File, node: ast.expr) -> set[Binding] | None:
    """What binds the name that a chain of attributes begins with; ``None`` where it begins with something else."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return set(file.program.bindings.of(node)) if isinstance(node, ast.Name) else None


def _after_test(program: Program, node: ast.AST) -> Iterator[ast.AST]:
    """What runs only where an expression in a test has run."""
    child, always = node, True
    for parent in program.ancestors(node):
        match parent:
            case ast.BoolOp(op=op, values=values):
                at = next(at for at, value in enumerate(values) if value is child)
                yield from values[at + 1 :]
                if at and isinstance(op, ast.Or):
                    return
                always = always and not at
            case ast.IfExp(test=test, body=body) if test is child:
                yield body
            case ast.If(test=test) | ast.While(test=test) if test is child:
                yield from parent.body
                if always and isinstance(parent, ast.If):
                    block, at = program.place(parent)
                    yield from block[at + 1 :]
                return
            case ast.Assert(test=test) if test is child:
                block, at = program.place(parent)
                yield from block[at + 1 :] if always else ()
                return
            case ast.expr() if not isinstance(parent, ast.Lambda | ast.IfExp | _Comprehension):
                pass
            case _:
                return
        child = parent


_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def _is_kept_apart(file: File, name: str) -> bool:
    """Whether a member is set from what it is by a statement that goes on using the old name for it."""
    reported = {lost.node for lost in file.once(Members).lost}
    return any(
        node.attr == name
        and isinstance(node.ctx, ast.Store)
        and node not in reported
        and is_set_from_itself(file.program, node)
        for node in file.attributes
    )


def _means_what_it_says(file: File, template: str) -> bool:
    """Whether the names in what is to be written, ``len`` above all, mean in the file what is built in."""
    owner = "_"
    names = {
        node.id
        for node in walk(ast.parse(template.format(owner=owner), mode="eval"))
        if isinstance(node, ast.Name) and node.id != owner
    }
    return all(uses.is_builtin(file.program, name) for name in names)


def _is_left(file: File, name: str, *, read_only: bool) -> bool:
    """Whether a member goes on being set, or asked for, by its old name where it is read by the new one.

    Args:
        file: The file.
        name: The old name.
        read_only: Whether only reads can be written anew.
    """
    if any(
        node.value == name and not isinstance(file.program.parents[node], ast.Expr)
        for node in file.program.of(ast.Constant)
    ):
        return True
    return read_only and any(
        node.attr == name and not isinstance(node.ctx, ast.Load) for node in file.attributes
    )


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
