"""The last part of the name that something is called by, or decorated with."""

from __future__ import annotations

import ast

import pytest

from titan_lint.code.forms import callee_name, last_name


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "name"),
    [("f", "f"), ("a.b.f", "f"), ("g().f", "f"), ("f()", ""), ("f[0]", ""), ("'f'", "")],
)
def test_the_last_part_of_a_dotted_name(text: str, name: str) -> None:
    assert last_name(expression(text)) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("f(1)", "f"), ("a.f(1)", "f"), ("f", "f"), ("f(1)(2)", ""), ("f[0](1)", "")],
)
def test_a_call_has_the_name_of_what_it_calls(text: str, name: str) -> None:
    assert callee_name(expression(text)) == name
