"""The pass takes whatever Python's own parser takes, and stays cheap beside it."""

from __future__ import annotations

import ast
import cProfile
import gc
import sysconfig
import time
from pathlib import Path

import pytest

from tests.origins.reveal import Api
from titan_lint.code.linking import linked
from titan_lint.code.program import Program
from titan_lint.code.resolver import Resolver
from titan_lint.code.source import Source, SourceError

LIBRARY = Path(sysconfig.get_path("stdlib"))
# The test files that hold all of the grammar, the odd corners first.
GRAMMAR = [
    *("grammar", "patma", "named_expressions", "fstring", "scope", "syntax", "unpack_ex"),
    *("generators", "coroutines", "decorators", "except_star", "type_comments", "unparse"),
    *("type_params", "type_aliases", "lambda", "listcomps", "super", "global", "with"),
]


def library_files() -> list[Path]:
    files = sorted(LIBRARY.glob("*.py"))
    files += [path for name in GRAMMAR if (path := LIBRARY / "test" / f"test_{name}.py").is_file()]
    return files


def test_every_file_of_the_standard_library_resolves() -> None:
    files = library_files()
    assert len(files) > 100
    asked = 0
    for path in files:
        try:
            program = Program(Source.decode(str(path), path.read_bytes()))
        except SourceError:
            continue
        resolver = Resolver(program, Api(), "some.package")
        for call in program.bindings.calls:
            assert resolver.values(call.func)
            asked += 1
        for node in program.bindings.attributes[::3]:
            assert resolver.values(node.value)
    assert asked > 10_000


def test_the_pass_costs_less_than_parsing() -> None:
    texts = [path.read_text("utf-8") for path in library_files()[:60]]
    gc.collect()
    gc.disable()
    try:
        parse = follow = 0.0
        for text in texts:
            start = time.process_time()
            tree = ast.parse(text)
            middle = time.process_time()
            linked(tree)
            parse, follow = parse + middle - start, follow + time.process_time() - middle
    finally:
        gc.enable()
    assert follow < 1.5 * parse


@pytest.mark.parametrize(
    "code",
    [
        "x = " + " + ".join(["'a'"] * 2000),
        "x = a" + ".b" * 900,
        "x = f" + "()" * 800,
        "x = " + "(" * 80 + "1" + ")" * 80,
        "x = " + "not " * 900 + "y",
        "if a: pass\n" + "elif a: pass\n" * 900,
        "x = " + "lambda: " * 60 + "0",
        "x = " + "[" * 90 + "]" * 90,
        "a" + " = a" * 3000 + " = 1",
        "\n".join("    " * n + f"def f{n}(self):" for n in range(90)) + "\n" + "    " * 90 + "pass",
        "\n".join("    " * n + f"class C{n}:" for n in range(90)) + "\n" + "    " * 90 + "pass",
        "\n".join(" " * n + "for x in x:" for n in range(19)) + "\n" + " " * 19 + "x = x",
        "\n".join(" " * n + "try:" for n in range(19))
        + "\n"
        + " " * 19
        + "pass\n"
        + "\n".join(" " * n + "finally: x = x" for n in reversed(range(19))),
    ],
    ids=lambda code: code[:20],
)
def test_deep_nesting_is_followed_or_refused(code: str) -> None:
    try:
        program = Program(Source("deep.py", code))
    except SourceError as error:
        assert "nested too deeply" in error.message
        return
    resolver = Resolver(program, Api())
    for node in ast.walk(program.tree):
        if isinstance(node, ast.expr):
            assert resolver.values(node)


def test_wide_branching_is_at_most_quadratic() -> None:
    def steps(width: int) -> int:
        """Python functions called while the bindings are worked out: exact on any machine."""
        names = "\n".join(f"n{i} = {i}" for i in range(width))
        branches = "\n".join(f"if c{i}: n{i} = {i}" for i in range(width))
        tree = ast.parse(f"{names}\n{branches}")
        profile = cProfile.Profile()
        profile.runcall(linked, tree)
        return sum(entry.callcount for entry in profile.getstats())

    assert steps(400) < 4**2 * steps(100)


def test_names_that_go_round_in_circles_end() -> None:
    code = """
a = b
b = a
for x in x:
    x = y
    y = x
class A(A):
    def f(self):
        self.p = self.q
        self.q = self.p
        return self.f().g(self.p)
def f():
    return f()
"""
    program = Program(Source("code.py", code))
    resolver = Resolver(program, Api())
    for node in ast.walk(program.tree):
        if isinstance(node, ast.expr):
            resolver.values(node)


def test_answers_do_not_depend_on_the_order_of_asking() -> None:
    code = """
import titan
class A:
    def __init__(self):
        self.p = self.q
    def f(self):
        self.q = self.p or titan.Spec()
        self.p = titan.Spec()
        return self.q
a = A().f()
b = a.model
for b in (a, b):
    a = b
"""
    program = Program(Source("code.py", code))
    nodes = [n for n in ast.walk(program.tree) if isinstance(n, ast.expr)]
    forwards = Resolver(program, Api())
    one = {node: forwards.values(node) for node in nodes}
    backwards = Resolver(program, Api())
    other = {node: backwards.values(node) for node in reversed(nodes)}
    assert {ast.unparse(n): one[n] for n in nodes} == {ast.unparse(n): other[n] for n in nodes}


def test_what_goes_round_for_ever_does_not_depend_on_where_one_enters() -> None:
    code = """
def f(x: str, parts):
    final = x.split("a")[0]
    for a, b in parts:
        final = final.replace(a, b)
    return final
"""
    program = Program(Source("code.py", code))
    nodes = [n for n in ast.walk(program.tree) if isinstance(n, ast.expr)]
    forwards, backwards = Resolver(program, Api()), Resolver(program, Api())
    one = {node: forwards.values(node) for node in nodes}
    other = {node: backwards.values(node) for node in reversed(nodes)}
    assert [ast.unparse(n) for n in nodes if one[n] != other[n]] == []
