"""A parameter is what the call gives it, its default where the call leaves it out, and unknown in all other cases."""

from __future__ import annotations

import ast

import pytest

from titan_lint.code.matching import match_call
from titan_lint.code.program import Program
from titan_lint.code.source import Source

FUNCTION = "def f(first, /, a, b=1, *rest, k=2, **more): ...\n"
METHODS = """\
class C:
    def f(self, a, b=1): ...
    def __init__(self, a, b=1): ...
    @staticmethod
    def g(a, b=1): ...
    @classmethod
    def h(cls, a): ...
"""


def matched(text: str, name: str) -> dict[str, str]:
    """What the parameters of a function stand for in the last call of a text; a default in parentheses."""
    program = Program(Source("code.py", text))
    (function,) = (
        node
        for node in ast.walk(program.tree)
        if isinstance(node, ast.FunctionDef) and node.name == name
    )
    call = program.tree.body[-1]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    found = match_call(program.bindings, function, call.value)
    given = {parameter.arg: ast.unparse(value) for parameter, value in found.given.items()}
    assert not {*found.given} & {*found.defaults}
    return given | {p.arg: f"({ast.unparse(value)})" for p, value in found.defaults.items()}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("f(x, y)", {"first": "x", "a": "y", "b": "(1)", "k": "(2)"}),
        ("f(x, y, z, k=w)", {"first": "x", "a": "y", "b": "z", "k": "w"}),
        ("f(x, b=z, a=y)", {"first": "x", "a": "y", "b": "z", "k": "(2)"}),
        ("f(x, y, 0, 3, 4)", {"first": "x", "a": "y", "b": "0", "k": "(2)"}),
        # By its name the first goes into ``more``, as what no parameter is called.
        ("f(x, y, first=z, other=w)", {"first": "x", "a": "y", "b": "(1)", "k": "(2)"}),
        # What stands behind a star is at a place that nobody knows; no star gives what needs a name.
        ("f(x, *ys)", {"first": "x", "k": "(2)"}),
        ("f(*xs, y)", {"k": "(2)"}),
        ("f(*xs, b=z)", {"b": "z", "k": "(2)"}),
        ("f(x, y, **options)", {"first": "x", "a": "y"}),
        ("f(x, y, k=w, **options)", {"first": "x", "a": "y", "k": "w"}),
    ],
)
def test_arguments_are_matched_as_python_does(call: str, expected: dict[str, str]) -> None:
    assert matched(FUNCTION + call, "f") == expected


@pytest.mark.parametrize(
    ("call", "name", "expected"),
    [
        ("C().f(x)", "f", {"a": "x", "b": "(1)"}),
        ("C().f(b=x)", "f", {"b": "x"}),
        ("C().g(x)", "g", {"a": "x", "b": "(1)"}),
        ("C(x)", "__init__", {"a": "x", "b": "(1)"}),
        ("C.__init__(c, x)", "__init__", {"self": "c", "a": "x", "b": "(1)"}),
        ("C.f(c, x)", "f", {"self": "c", "a": "x", "b": "(1)"}),
        ("C.g(x)", "g", {"a": "x", "b": "(1)"}),
        ("C.h(x)", "h", {"a": "x"}),
        # Bound or not: that is not told where only a name is called.
        ("bound(x)", "f", {}),
        ("bound(b=x)", "f", {"b": "x"}),
        ("bound(x)", "g", {"a": "x", "b": "(1)"}),
    ],
)
def test_a_method_has_its_first_argument_already(
    call: str, name: str, expected: dict[str, str]
) -> None:
    assert matched(METHODS + call, name) == expected
