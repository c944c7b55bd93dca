"""What the text of a file tells of whether a member is set beside others, before the file is parsed."""

from __future__ import annotations

import ast
import re

import pytest

from titan_lint.code.word_patterns import listed

SET = (
    "a.x, b = f()",
    "(b, a.x) = f()",
    "[a.x, *b] = f()",
    "*a.x, b = f()",
    "(\n    a.x,\n    b,\n) = f()",
    "(\n    b,  # the first, of two: b\n    a.x,  # and x\n) = f()",
    "(\n    b,\n    a.x\n) = f()",
    "(a.x, (b, c)), d = f()",
    "((b, a.x),\n d) = f()",
    "a.x, b[0], c['k'], d[-1] = f()",
    "for a.x in b:\n    pass",
    "for a.x, b in c:\n    pass",
    "for b, a.x in c:\n    pass",
    "for (\n    a.x,\n    b,\n) in c:\n    pass",
    "d = [a.x for a.x in b]",
    "with f() as a.x:\n    pass",
    "with f() as (b, a.x):\n    pass",
    "with f() as (\n    b,\n    a.x,\n):\n    pass",
    "with f() as b.c.x, g():\n    pass",
)
NOT_SET = (
    "f(a.x)",
    "f(a.x, b)",
    "b = f(a.x)",
    "b = [a.x, c]\nd = 1",
    "f(a.x)\nb = 3",
    "f(\n    a.x,\n    b,\n)\nc = 3",
    "f(\n    b=1,\n    c=a.x,\n)",
    "b = a.x",
    "import b as c\nf(a.x)",
    "return_ = (a.x, a.y)\nfor b in return_:\n    pass",
)


@pytest.mark.parametrize("code", SET)
def test_a_member_that_is_set_beside_others_is_found(code: str) -> None:
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)]
    assert any(node.attr == "x" and isinstance(node.ctx, ast.Store) for node in nodes)
    assert any(re.search(pattern, code.encode()) for pattern in listed(b"x"))


@pytest.mark.parametrize("code", NOT_SET)
def test_what_only_hands_a_member_on_is_not_read_further(code: str) -> None:
    assert not any(re.search(pattern, code.encode()) for pattern in listed(b"x"))
