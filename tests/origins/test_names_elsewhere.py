"""What a name would stand for at another place of a file, which fixes ask for before they write it there."""

from __future__ import annotations

import ast

import pytest

from titan_lint.code.program import Program
from titan_lint.code.source import Source

SITE = "site()"


def bound_at(text: str, name: str) -> list[int]:
    """The lines whose bindings a name would have where the site is."""
    program = Program(Source("engine.py", text))
    (site,) = [call for call in program.of(ast.Call) if ast.unparse(call) == SITE]
    places = [program.span(binding.node).start for binding in program.bindings_at(site, name)]
    return sorted({program.source.line_of(place) for place in places})


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("x = 1\ndef f():\n    x = 2\n    site()\n", [3], id="its own function"),
        pytest.param("x = 1\ndef f():\n    x = 2\ndef g():\n    site()\n", [1], id="another one"),
        pytest.param(
            "x = 1\ndef f():\n    global x\n    x = 2\ndef g():\n    site()\n",
            [1, 4],
            id="another one that sets it for the module",
        ),
        pytest.param(
            "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    g()\n    site()\n",
            [2, 5],
            id="a function within that sets it for the one around",
        ),
        pytest.param(
            "class A:\n    def f(self, x):\n        y = lambda x: x\n        return site()\n",
            [2],
            id="a method, with another function in it",
        ),
    ],
)
def test_a_name_stands_for_what_may_have_bound_it_there(text: str, lines: list[int]):
    assert bound_at(text, "x") == lines
