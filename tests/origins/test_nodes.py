"""The one walk over a file's tree that all rules share."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from titan_lint.file import Program
from titan_lint.source import Source

FILES = sorted(Path(__file__).parents[2].glob("titan_lint/**/*.py"))[::7]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_node_that_says_something_is_there_in_the_order_of_ast_walk(path: Path) -> None:
    program = Program(Source(path.name, path.read_text("utf-8")))
    kinds = ast.expr_context | ast.operator | ast.unaryop | ast.boolop
    assert program.nodes == [n for n in ast.walk(program.tree) if not isinstance(n, kinds)]
    for parent in program.nodes:
        for child in ast.iter_child_nodes(parent):
            assert isinstance(child, kinds | ast.cmpop) or program.parents[child] is parent
