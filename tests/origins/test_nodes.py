"""The one walk over a file's tree that all rules share."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from titan_lint.code.program import Program
from titan_lint.code.source import Source
from titan_lint.code.walk import FIELDS, walk

FILES = sorted(Path(__file__).parents[2].glob("titan_lint/**/*.py"))[::7]

EVERYTHING = """
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
        case None | True: ...
    try: ...
    except* E as error: ...
    del x[1:2, ...], x.y
    return f"{a!r:>{b}} {c}", [m for n in o if p < q <= r is not s], (yield), (t := 1)
"""

SOURCES = {path.stem: path.read_text("utf-8") for path in FILES} | {"everything": EVERYTHING}


@pytest.mark.parametrize("name", SOURCES)
def test_every_node_that_says_something_is_there_in_the_order_of_ast_walk(name: str) -> None:
    program = Program(Source(name, SOURCES[name]))
    kinds = ast.expr_context | ast.operator | ast.unaryop | ast.boolop
    assert program.nodes == [n for n in ast.walk(program.tree) if not isinstance(n, kinds)]
    for parent in program.nodes:
        for child in ast.iter_child_nodes(parent):
            assert isinstance(child, kinds | ast.cmpop) or program.parents[child] is parent


def test_no_kind_of_node_has_a_walked_field_of_plain_values() -> None:
    plain = ("identifier", "int", "string", "constant")
    for kind in vars(ast).values():
        if isinstance(kind, type) and issubclass(kind, ast.AST) and kind._fields:
            # Its documentation is its grammar: `MatchSingleton(constant value)`.
            described = re.findall(r"(\w+)[?*]* (\w+)[,)]", kind.__doc__ or "")
            for type_, field in described:
                if type_ in plain:
                    assert field not in FIELDS[kind], kind


@pytest.mark.parametrize("name", SOURCES)
def test_fields_that_are_walked_hold_nodes(name: str) -> None:
    for node in Program(Source(name, SOURCES[name])).nodes:
        for field in FIELDS[type(node)]:
            value = getattr(node, field, None)
            for item in value if isinstance(value, list) else [value]:
                assert item is None or isinstance(item, ast.AST)


@pytest.mark.parametrize("name", SOURCES)
def test_walking_a_part_meets_what_walking_it_all_meets(name: str) -> None:
    program = Program(Source(name, SOURCES[name]))
    assert walk(program.tree) == program.nodes
    for statement in program.tree.body:
        # Python has one node of each comparison for all places.
        inside = [node for node in walk(statement)[1:] if not isinstance(node, ast.cmpop)]
        assert all(statement in program.ancestors(node) for node in inside)
