"""Fields that are walked hold nodes, and no node is left out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from titan_lint.file import Program
from titan_lint.origins.children import FIELDS, walk
from titan_lint.source import Source

SOURCES = {
    path.name: path.read_text("utf-8")
    for path in [*Path(__file__).parent.glob("*.py"), *Path(ast.__file__).parent.glob("a*.py")]
}
SOURCES["everything"] = """
global_ = 1
def f(a, /, b=1, *c, d, e: int = 2, **g) -> None:
    global global_
    def h():
        nonlocal a
    x = {**g, "k": lambda *, v, w=1: v}
    async def i():
        async with a as b, c: ...
        async for j in k: ...
        await l
    match a:
        case {"k": [1, *rest], **others} | C(1, name=2) as whole if b: ...
        case None: ...
    try: ...
    except* E as error: ...
    del x[1:2, ...], x.y
    return f"{a!r:>{b}} {c}", [m for n in o if p < q <= r is not s], (yield), (t := 1)
"""


@pytest.mark.parametrize("name", SOURCES)
def test_a_walk_meets_every_node_with_its_parent(name: str) -> None:
    program = Program(Source(name, SOURCES[name]))
    skipped = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
    wanted = [node for node in ast.walk(program.tree) if not isinstance(node, skipped)]
    assert program.nodes == wanted
    for node in wanted:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, skipped):
                assert program.parents[child] is node
        for field in FIELDS[type(node)]:
            value = getattr(node, field, None)
            for item in value if isinstance(value, list) else [value]:
                assert item is None or isinstance(item, ast.AST)


@pytest.mark.parametrize("name", SOURCES)
def test_walking_a_part_meets_what_walking_it_all_meets(name: str) -> None:
    program = Program(Source(name, SOURCES[name]))
    assert walk(program.tree) == program.nodes
    for statement in program.tree.body:
        inside = walk(statement)
        assert all(statement in program.ancestors(node) for node in inside[1:])
