"""Which places of a function surely run before or after another."""

from __future__ import annotations

import ast
import textwrap

import pytest

from titan_lint.code.order import between, runs_after, runs_before
from titan_lint.code.program import Program
from titan_lint.code.source import Source


def places(code: str) -> tuple[Program, ast.AST, ast.AST]:
    """The program, the expression ``read.it`` and the call ``build()``."""
    program = Program(Source("example.py", textwrap.dedent(code)))
    (node,) = [n for n in program.nodes if isinstance(n, ast.Attribute) and n.attr == "it"]
    (site,) = [
        n
        for n in program.nodes
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "build"
    ]
    return program, node, site


@pytest.mark.parametrize(
    "code",
    [
        "def f(read):\n    x = read.it\n    build()\n",
        "def f(read):\n    x = read.it\n    if x:\n        build()\n",
        "def f(read):\n    if read.it:\n        build()\n",
        "def f(read):\n    build(read.it)\n",
        "def f(read):\n    for x in read.it:\n        pass\n    build()\n",
        "def f(read):\n    while True:\n        x = read.it\n        build()\n",
        "def f(read):\n    try:\n        x = read.it\n        build()\n    except KeyError:\n        pass\n",
        "x = read.it\nbuild()\n",
    ],
)
def test_what_runs_on_every_way_to_a_place_runs_before_it(code: str) -> None:
    assert runs_before(*places(code))


@pytest.mark.parametrize(
    "code",
    [
        "def f(read):\n    build()\n    x = read.it\n",
        "def f(read):\n    if a:\n        x = read.it\n    build()\n",
        "def f(read):\n    x = a and read.it\n    build()\n",
        "def f(read):\n    x = read.it if a else None\n    build()\n",
        "def f(read):\n    try:\n        x = read.it\n    except KeyError:\n        pass\n    build()\n",
        "def f(read):\n    for y in z:\n        x = read.it\n    build()\n",
        "def f(read):\n    with m:\n        x = read.it\n    build()\n",
        "def f(read):\n    x = lambda: read.it\n    build()\n",
        "def f(read):\n    x = [read.it for y in z]\n    build()\n",
        "def f(read):\n    assert read.it\n    build()\n",
        "def f(read):\n    match a:\n        case 1:\n            x = read.it\n    build()\n",
        "def f(read):\n    x = read.it\ndef g():\n    build()\n",
        "def f(read):\n    if a:\n        x = read.it\n    else:\n        build()\n",
        "def f(read):\n    if build(a and read.it):\n        pass\n",
    ],
)
def test_what_some_way_leaves_out_does_not_surely_run_before(code: str) -> None:
    assert not runs_before(*places(code))


@pytest.mark.parametrize(
    "code",
    [
        "def f(read):\n    build()\n    x = read.it\n",
        "def f(read):\n    if a:\n        build()\n    x = read.it\n",
        "def f(read):\n    build()\n    if read.it:\n        return\n",
        "def f(read):\n    try:\n        build()\n        x = read.it\n    except KeyError:\n        pass\n",
    ],
)
def test_what_runs_on_every_way_on_from_a_place_runs_after_it(code: str) -> None:
    assert runs_after(*places(code))


@pytest.mark.parametrize(
    "code",
    [
        "def f(read):\n    x = read.it\n    build()\n",
        "def f(read):\n    build()\n    if a:\n        return\n    x = read.it\n",
        "def f(read):\n    build()\n    if a:\n        raise ValueError\n    x = read.it\n",
        "def f(read):\n    build()\n    sys.exit()\n    x = read.it\n",
        "def f(read):\n    build()\n    if a:\n        x = read.it\n",
        "def f(read):\n    while b:\n        build()\n        if a:\n            continue\n        x = read.it\n",
        "def f(read):\n    build()\n    yield\n    x = read.it\n",
        "async def f(read):\n    build()\n    await a\n    x = read.it\n",
        "def f(read):\n    build()\n    with m:\n        pass\n    x = read.it\n",
        "def f(read):\n    if a:\n        build()\n    else:\n        x = read.it\n",
    ],
)
def test_what_some_way_on_leaves_out_does_not_surely_run_after(code: str) -> None:
    assert not runs_after(*places(code))


def test_a_block_that_is_known_to_be_entered_counts_as_entered() -> None:
    program, node, site = places("def f(read):\n    build()\n    if a:\n        x = read.it\n")
    assert runs_after(program, node, site, lambda statement: isinstance(statement, ast.If))


def test_between_two_places_runs_all_of_the_statements_that_hold_them() -> None:
    program, node, site = places(
        "def f(read):\n    first()\n    a(build())\n    b()\n    c(d(), read.it)\n    last()\n"
    )
    nodes = between(program, site, node)
    assert nodes is not None
    called = {n.func.id for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    # What is done with the later one's value is done after it.
    assert called == {"a", "b", "d"}


def test_between_places_of_two_functions_anything_may_run() -> None:
    program, node, site = places("def f(read):\n    build()\ndef g(read):\n    x = read.it\n")
    assert between(program, node, site) is None
