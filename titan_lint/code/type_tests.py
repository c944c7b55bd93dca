"""Where a file tests things for their class."""

from __future__ import annotations

import ast

from titan_lint.code.forms import last_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.program import Program

Fact = tuple[ast.expr, ast.expr, bool]
"""What was asked, for which class or classes, and whether it is of them."""


def tested(program: Program) -> frozenset[str]:
    """The last names of all that the file tests for its class."""
    nodes = [call.args[0] for call in program.called("isinstance") if len(call.args) == 2]
    for node in program.of(ast.Compare):
        nodes += [asked for asked, _, _ in of_types(node, holds=True)]
    nodes += [node.subject for node in program.of(ast.Match)]
    return frozenset(map(last_name, nodes)) - {""}


def of_types(test: ast.Compare, *, holds: bool) -> Iterator[Fact]:
    """What a comparison of types says of a thing: ``type(x) is C``."""
    match test:
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[asked], keywords=[]),
            ops=[ast.Is() | ast.Eq()],
            comparators=[kind],
        ) if holds:
            yield asked, kind, True
        case _:
            pass
