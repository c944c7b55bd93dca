"""From a name to what it was bound to: one binding, several, and circles."""

from __future__ import annotations

import ast
from itertools import pairwise

from tests.rules.cases import messages
from titan_lint.code.following import bound_value, bound_values, follows
from titan_lint.code.program import Program
from titan_lint.code.source import Source


def asked(text: str) -> tuple[Program, ast.Name]:
    """A program, and the name that its last line loads."""
    program = Program(Source("case.py", text))
    last = program.tree.body[-1]
    assert isinstance(last, ast.Expr)
    assert isinstance(last.value, ast.Name)
    return program, last.value


def shown(values: list[ast.expr | None]) -> list[str]:
    return [ast.unparse(value) if value is not None else "" for value in values]


def test_the_value_of_the_one_binding_that_reaches_a_name() -> None:
    program, name = asked("x = 1\nx = 2\nx\n")
    assert bound_value(program, name) is bound_values(program, name)[0]
    assert shown(bound_values(program, name)) == ["2"]


def test_several_bindings_have_a_value_each_and_none_together() -> None:
    program, name = asked("x = 1\nif y:\n    x = 2\nx\n")
    assert sorted(shown(bound_values(program, name))) == ["1", "2"]
    assert bound_value(program, name) is None


def test_an_import_binds_to_no_expression() -> None:
    program, name = asked("import x\nx\n")
    assert bound_values(program, name) == [None]
    assert bound_value(program, name) is None


@follows(otherwise=-1)
def length(program: Program, node: ast.expr) -> int:
    """How many names lead from one to the value that it was bound to in the end."""
    if not isinstance(node, ast.Name):
        return 0
    found = [length(program, v) for v in bound_values(program, node) if v is not None]
    return 1 + max(found, default=0)


def test_a_chain_is_followed_to_its_end_and_a_circle_is_left() -> None:
    assert length(*asked("a = 1\nb = a\nc = b\nc\n")) == 3
    assert length(*asked("a = b = 1\nwhile y:\n    a = b\n    b = a\na\n")) > 0
    program, name = asked("while y:\n    a = a\na\n")
    assert length(program, name) == length(program, name)


def test_a_chain_without_end_is_given_up() -> None:
    names = [f"n{i}" for i in range(60)]
    text = "n0 = 1\n" + "".join(f"{later} = {name}\n" for name, later in pairwise(names))
    assert length(*asked(f"{text}n5\n")) == 6
    assert length(*asked(f"{text}n59\n")) < 20


def test_what_many_ways_lead_to_is_asked_about_once() -> None:
    count = 0

    @follows(otherwise=None)
    def visit(program: Program, node: ast.expr) -> None:
        nonlocal count
        count += 1
        if isinstance(node, ast.Name):
            for value in bound_values(program, node):
                visit(program, value) if value is not None else None
        elif isinstance(node, ast.BinOp):
            visit(program, node.left)
            visit(program, node.right)

    lines = "".join(f"    x = x + x\n    if y{i}:\n        x = x - x\n" for i in range(12))
    visit(*asked(f"x = 1\nwhile z:\n{lines}x\n"))
    assert count < 200


def test_a_version_that_a_loop_parses_again_is_no_literal() -> None:
    text = (
        "import torchtitan\nfrom packaging.version import Version\n"
        "while more:\n    if Version(torchtitan.__version__) < wanted:\n        break\n"
        "    wanted = Version(wanted)\n"
    )
    assert messages("TTN404", text) == messages("TTN404", text.replace("more", "True"))
