"""Which tests have surely held, or failed, where an expression is evaluated, as far as its own function shows."""

from __future__ import annotations

import ast

from titan_lint.code.leaving import is_left
from titan_lint.code.names import FunctionNode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.program import Program

    Settled = tuple[ast.expr | ast.match_case, bool]


def settled(program: Program, node: ast.AST) -> Iterator[Settled]:
    """The tests that have held (true) or failed where a node is reached, the nearest first.

    Each is a part of a condition that is no ``and``, ``or`` or ``not`` itself, or the case of a ``match``.
    """
    child: ast.AST = node
    for parent in program.ancestors(node):
        if isinstance(parent, FunctionNode | ast.ClassDef):
            break
        if isinstance(child, ast.stmt):
            yield from _before(*program.place(child))
        yield from _around(parent, child)
        child = parent
    else:
        return
    if isinstance(child, ast.stmt):
        yield from _before(*program.place(child))


def settled_behind(block: list[ast.stmt]) -> Iterator[Settled]:
    """As :func:`settled`, where a block has run to its end."""
    return _before(block, len(block))


def passed(program: Program, node: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a node's own function that have run where it is reached, from the nearest block outwards."""
    child: ast.AST = node
    for parent in program.ancestors(node):
        if isinstance(child, ast.stmt):
            block, index = program.place(child)
            yield from block[:index]
        if isinstance(parent, FunctionNode | ast.ClassDef):
            break
        child = parent


def _around(parent: ast.AST, child: ast.AST) -> Iterator[Settled]:
    """What holds in a part of a node."""
    match parent:
        case ast.If(test=test, body=body, orelse=orelse):
            if child in body or child in orelse:
                yield from _parts(test, holds=child in body)
        case ast.While(test=test, body=body) if child in body:
            yield from _parts(test, holds=True)
        case ast.IfExp(test=test) if child is not test:
            yield from _parts(test, holds=child is parent.body)
        case ast.BoolOp(op=operator, values=values):
            for test in values[: values.index(child)]:  # type: ignore[arg-type]
                yield from _parts(test, holds=isinstance(operator, ast.And))
        case ast.comprehension(ifs=tests) if child in tests:
            for test in tests[: tests.index(child)]:  # type: ignore[arg-type]
                yield from _parts(test, holds=True)
        case (
            ast.ListComp(generators=over)
            | ast.SetComp(generators=over)
            | ast.GeneratorExp(generators=over)
            | ast.DictComp(generators=over)
        ) if child not in over:
            for test in (test for one in over for test in one.ifs):
                yield from _parts(test, holds=True)
        case ast.match_case(body=body) if child in body:
            yield parent, True
        case _:
            pass


def _before(block: list[ast.stmt], index: int) -> Iterator[Settled]:
    """What the statements before one in its block have seen to."""
    for before in block[:index]:
        match before:
            case ast.Assert(test=test):
                yield from _parts(test, holds=True)
            case ast.If(test=test, body=body, orelse=orelse):
                if is_left(body):
                    yield from _parts(test, holds=False)
                    yield from _before(orelse, len(orelse))
                elif is_left(orelse):
                    yield from _parts(test, holds=True)
                    yield from _before(body, len(body))
            case ast.Match(cases=cases):
                left = [case for case in cases if not is_left(case.body)]
                last = cases[-1]
                is_all = last.guard is None and isinstance(last.pattern, ast.MatchAs)
                if len(left) == 1 and is_all and left[0] is not last:
                    yield left[0], True
            case _:
                pass


def _parts(test: ast.expr, *, holds: bool) -> Iterator[Settled]:
    """The tests that have held or failed where one that is made of them has."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            yield from _parts(inner, holds=not holds)
        case ast.BoolOp(op=operator, values=values) if isinstance(operator, ast.And) is holds:
            for value in values:
                yield from _parts(value, holds=holds)
        case _:
            yield test, holds
