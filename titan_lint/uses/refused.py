"""Calls of torchtitan's that the target refuses: what a ``try`` behind one of them still holds is never run."""

from __future__ import annotations

import ast

from titan_lint.api import Class, Function
from titan_lint.code.values import Const, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from titan_lint.uses.file import File


def refused_before(file: File, block: Sequence[ast.stmt], node: ast.AST) -> list[str]:
    """What the target raises on the calls in a block before it gets to something in it, one that it refuses a message.

    Args:
        file: The file.
        block: The block. Only its own statements are looked at, not those in an ``if`` or a loop.
        node: What stands in it, or in something that it holds.

    Returns:
        ``TypeError`` for one with other arguments than it takes; for a value, what torchtitan says of it, with the
        exception in front where that is known.
    """
    start = _end(node)
    found = (
        _refusal(file, call)
        for statement in block
        if _start(statement) <= start
        for part in _evaluated(statement)
        for call in _calls(part)
        if _end(call) <= start and call is not node
    )
    return [message for message in found if message is not None]


def refused_in(file: File, statement: ast.stmt) -> tuple[ast.Call, str] | None:
    """The first call in a statement that the target refuses, with what it raises; ``None`` where it may take all."""
    if isinstance(statement, _SIMPLE):
        for call in _calls(statement):
            message = _refusal(file, call)
            if message is not None:
                return call, message
    return None


def read_in(statements: Iterable[ast.stmt]) -> Iterator[ast.Attribute]:
    """The attributes that are read wherever the simple ones among some statements run."""
    for statement in statements:
        if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.Return):
            todo: list[ast.AST] = [statement]
            while todo:
                node = todo.pop()
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                    yield node
                todo += [p for p in ast.iter_child_nodes(node) if not isinstance(p, LATER)]


def _evaluated(statement: ast.stmt) -> Iterator[ast.AST]:
    """What of a statement is evaluated in any case, and before anything that it holds."""
    match statement:
        case ast.For(iter=first) | ast.AsyncFor(iter=first) | ast.Match(subject=first):
            yield first
        case ast.If(test=first) | ast.While(test=first):
            yield first
        case ast.With(items=items) | ast.AsyncWith(items=items):
            yield items[0].context_expr
        case _ if isinstance(statement, _SIMPLE):
            yield statement
        case _:
            pass


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls in a statement that run where it does."""
    for part in ast.iter_child_nodes(node):
        if not isinstance(part, LATER):
            yield from _calls(part)
    if isinstance(node, ast.Call):
        yield node


def _start(node: ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)


def _refusal(file: File, call: ast.Call) -> str | None:
    """What a call raises that passes what torchtitan does not take, or leaves out what it asks for; ``None`` if it does not."""
    given = [word.arg for word in call.keywords]
    if None in given or any(isinstance(arg, ast.Starred) for arg in call.args):
        return None
    called = file.values(call.func)
    functions = [_called(file, value.path) for value in called if isinstance(value, Ref)]
    if not functions or len(functions) < len(called):
        return None
    said = [None if function is None else _refuses(file, function, call) for function in functions]
    return said[0] if None not in said else None


def _called(file: File, path: str) -> Function | None:
    """The signature of a function or class at a path, as a call of it sees it."""
    found = file.target.surface.lookup(path) if path.startswith("torchtitan.") else None
    if isinstance(found, Class):
        found = found.constructor()
    return found if isinstance(found, Function) and not found.open else None


def _refuses(file: File, function: Function, call: ast.Call) -> str | None:
    """What a function raises on a call; ``None`` where it may take it."""
    bound = dict(zip((p.name for p in function.positional), call.args, strict=False))
    bound |= {word.arg: word.value for word in call.keywords if word.arg is not None}
    parameters = {parameter.name: parameter for parameter in function.parameters}
    if (
        (len(call.args) > len(function.positional) and not function.takes_any_positional)
        or (not bound.keys() <= parameters.keys() and not function.takes_any_keyword)
        or any(one.required and one.name not in bound for one in function.parameters)
    ):
        return "TypeError"
    for name in bound.keys() & parameters.keys():
        value, parameter = file.sole(bound[name]), parameters[name]
        if isinstance(value, Const):
            message = parameter.refusal(value.value)
            if message is not None:
                return message or "it takes no such value"
    return None


_SIMPLE = ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.Assert
LATER = (
    ast.Lambda
    | ast.IfExp
    | ast.BoolOp
    | ast.ListComp
    | ast.SetComp
    | ast.DictComp
    | ast.GeneratorExp
)
"""What may run some of its parts later, or not at all."""
