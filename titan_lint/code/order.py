"""Which places of a function run in which order, as far as the shape of the code shows it.

Python has no jumps but ``return``, ``raise``, ``break`` and ``continue``: of two statements of one block
the first runs before the second, and the second runs after the first unless something between them
leaves the block. What an expression raises of itself is left out: it ends the program either way.
"""

from __future__ import annotations

import ast

from titan_lint.code.leaving import SCOPES, may_be_left, run_in
from titan_lint.code.names import FunctionNode
from titan_lint.code.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from titan_lint.code.program import Program

_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_HANDS_OVER = ast.Yield | ast.YieldFrom | ast.Await | ast.With | ast.AsyncWith | ast.AsyncFor


def runs_before(program: Program, node: ast.AST, site: ast.AST) -> bool:
    """Whether ``node`` has surely been evaluated whenever ``site`` is.

    Args:
        program: The file.
        node: An expression or a statement.
        site: An expression or a statement, of the same function for a positive answer.
    """
    if _is_within(program, node, site):
        # A part of an expression is evaluated before the whole.
        return _always(program, node, site)
    around = next(_statements(program, node), None)
    if around is not None and around is not next(_statements(program, site), None):
        if _is_within(program, site, around):
            # The head of a statement is evaluated before its blocks.
            return _always(program, node, around)
    met = _meeting(program, node, site)
    if met is None:
        return False
    block, first, last = met
    return first < last and _always(program, node, block[first])


def runs_after(
    program: Program,
    node: ast.AST,
    site: ast.AST,
    transparent: Callable[[ast.stmt], bool] = lambda _: False,
) -> bool:
    """Whether ``node`` is surely evaluated after ``site`` was, unless the program fails.

    Args:
        program: The file.
        node: An expression or a statement.
        site: An expression or a statement, of the same function for a positive answer.
        transparent: Tells the statements whose block is known to be entered.
    """
    met = _meeting(program, site, node)
    if met is None:
        return False
    block, first, last = met
    return (
        first < last
        and _always(program, node, block[last], transparent)
        and not any(_leaves(statement) for statement in block[first:last])
        and not any(_leaves(part) for part in _before(program, node, block[last]))
    )


def is_unconditional(program: Program, node: ast.AST) -> bool:
    """Whether ``node`` is evaluated whenever its function's body runs to where it stands."""
    statements = list(_statements(program, node))
    return bool(statements) and _always(program, node, statements[-1])


def is_set_from_itself(program: Program, target: ast.Attribute) -> bool:
    """Whether the statement that sets an attribute always reads it first: it fails where there is none."""
    match program.parents.get(target):
        case ast.AugAssign():
            return True
        case ast.Assign(value=ast.expr() as value) | ast.AnnAssign(value=ast.expr() as value):
            same = [
                part
                for part in walk(value)
                if isinstance(part, ast.Attribute) and part.attr == target.attr
            ]
            # Most read no attribute of that name, whoever is asked for it.
            owner = ast.dump(target.value) if same else ""
            return any(
                ast.dump(part.value) == owner and _always(program, part, value) for part in same
            )
        case _:
            return False


def between(program: Program, one: ast.AST, other: ast.AST) -> list[ast.AST] | None:
    """The nodes that may run between two places of one function, whichever comes first.

    The statements that hold the two count as a whole, but for the nodes that are part of either, and for
    what the later one's statement does only with its value. ``None`` where the places have no block in
    common, so that anything may run.
    """
    met = _meeting(program, one, other)
    later = other
    if met is None:
        if program.statement(one) is not program.statement(other):
            return None
        statements: Sequence[ast.AST] = (program.statement(one),)
    else:
        block, first, last = met
        later = other if first < last else one
        statements = block[min(first, last) : max(first, last) + 1]
    left_out = {*walk(one), *walk(other)}
    if met is not None:
        left_out |= set(_with_its_value(program, later))
    return [node for statement in statements for node in walk(statement) if node not in left_out]


def _with_its_value(program: Program, node: ast.AST) -> Iterator[ast.AST]:
    """What a statement does once a part of it is evaluated: calls around it, and targets of its own."""
    for parent in program.ancestors(node):
        if isinstance(parent, ast.Assign | ast.AnnAssign):
            targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            for target in targets:
                yield from walk(target)
        if isinstance(parent, ast.stmt):
            return
        yield parent


def _meeting(
    program: Program, one: ast.AST, other: ast.AST
) -> tuple[list[ast.stmt], int, int] | None:
    """The innermost block that holds both places in different statements, and their indices there."""
    mine, theirs = list(_statements(program, one)), list(_statements(program, other))
    while mine and theirs and mine[-1] is theirs[-1]:
        mine.pop()
        theirs.pop()
    if not mine or not theirs:
        return None
    block = program.block(mine[-1])
    if theirs[-1] not in block:
        return None
    return block, block.index(mine[-1]), block.index(theirs[-1])


def _statements(program: Program, node: ast.AST) -> Iterator[ast.stmt]:
    """The statements around a place, innermost first, up to its function's body."""
    if isinstance(node, ast.stmt):
        yield node
    for parent in program.ancestors(node):
        if isinstance(parent, FunctionNode | ast.ClassDef):
            return
        if isinstance(parent, ast.stmt):
            yield parent


def _is_within(program: Program, node: ast.AST, site: ast.AST) -> bool:
    return any(parent is site for parent in program.ancestors(node))


def _always(
    program: Program,
    node: ast.AST,
    whole: ast.AST,
    transparent: Callable[[ast.stmt], bool] = lambda _: False,
) -> bool:
    """Whether evaluating ``whole``, of which ``node`` is a part, always evaluates ``node``."""
    child = node
    if child is whole:
        return True
    for parent in program.ancestors(node):
        if not _evaluates(parent, child) and not (
            isinstance(parent, ast.stmt) and transparent(parent)
        ):
            return False
        if parent is whole:
            return True
        child = parent
    return False


def _evaluates(parent: ast.AST, child: ast.AST) -> bool:
    """Whether a node always evaluates one right in it."""
    match parent:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return child is test
        case ast.Assert():
            return False  # not under -O
        case ast.BoolOp(values=[first, *_]):
            return child is first
        case ast.Compare(left=left, comparators=[first, *_]):
            return child in (left, first)
        case ast.For(iter=iterable) | ast.AsyncFor(iter=iterable):
            return child is iterable
        case ast.With(items=[first, *_]) | ast.AsyncWith(items=[first, *_]):
            return child is first  # a manager may swallow what the block raises
        case ast.withitem():
            return True
        case ast.Try(finalbody=last) | ast.TryStar(finalbody=last):
            return child in last
        case ast.Match(subject=subject):
            return child is subject
        case _ if isinstance(parent, _COMPREHENSIONS):
            return child is parent.generators[0]
        case ast.comprehension(iter=iterable):
            return child is iterable
        case _ if isinstance(parent, SCOPES):
            return False
        case _:
            return not isinstance(parent, ast.ExceptHandler | ast.match_case)


def _leaves(statement: ast.AST) -> bool:
    """Whether a statement may leave its block, or hand over to others that never come back."""
    return may_be_left(statement) or any(
        isinstance(node, _HANDS_OVER) for node in run_in(statement)
    )


def _before(program: Program, node: ast.AST, statement: ast.stmt) -> Iterator[ast.AST]:
    """What runs in a statement before a part of it: the statements before it in its blocks."""
    for around in _statements(program, node):
        if around is statement:
            return
        block = program.block(around)
        yield from block[: block.index(around)]
