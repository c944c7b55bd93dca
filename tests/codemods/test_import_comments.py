"""A comment in an import stays with its name, whatever comes or goes beside it."""

from __future__ import annotations

import ast

import pytest

from titan_lint.code.program import Program
from titan_lint.code.source import Source
from titan_lint.rewriting.edits import Refused
from titan_lint.rewriting.import_names import with_names


def changed(text: str, gone: tuple[str, ...] = (), new: tuple[str, ...] = ()) -> str:
    program = Program(Source("a.py", text))
    (statement,) = program.tree.body
    assert isinstance(statement, ast.ImportFrom)
    leaving = [alias for alias in statement.names if alias.name in gone]
    return with_names(program, statement, leaving, [(name, None) for name in new])


BLOCK = "from m import (\n    a,  # why a\n    b,{}\n)"


def test_a_comment_before_a_last_name_that_goes_stays() -> None:
    assert changed(BLOCK.format(""), gone=("b",)) == "from m import (\n    a,  # why a\n)"


def test_a_comment_behind_a_last_name_stays_with_it() -> None:
    wanted = "from m import (\n    a,  # why a\n    b,  # why b\n    c,\n)"
    assert changed(BLOCK.format("  # why b"), new=("c",)) == wanted


def test_a_comment_before_a_comma_that_would_go_leaves_no_way() -> None:
    text = "from m import (\n    a  # why\n    , b)"
    with pytest.raises(Refused):
        changed(text, gone=("b",))
    with pytest.raises(Refused):
        changed("from m import (\n    a,\n    b  # why\n    ,)", new=("c",))


def test_a_comment_behind_the_bracket_stays_there_alone() -> None:
    text = "from m import (  # why\n    a,\n)"
    assert changed(text, new=("b",)) == "from m import (  # why\n    a,\n    b,\n)"
    assert changed(text, new=("A",)) == "from m import (  # why\n    A,\n    a,\n)"


@pytest.mark.parametrize(
    ("text", "gone", "new"),
    [
        ("from m import (\n    a,\n    b  # why b\n)", ("b",), ()),
        ("from m import (\n    a,  # why a\n    b\n)", ("b",), ()),
        ("from m import (\n    a,\n    b  # why b\n)", (), ("c",)),
        ("from m import (\n    a,  # why a\n    b)", ("b",), ()),
        ("from m import (\n    a,\n    b,\n    # the end\n)", (), ("c",)),
        ("from m import (\n    a,\n    # on b\n    b,\n)", ("b",), ()),
    ],
)
def test_where_a_comment_has_no_place_nothing_is_changed(
    text: str, gone: tuple[str, ...], new: tuple[str, ...]
) -> None:
    with pytest.raises(Refused, match="a comment stands beside the imported name"):
        changed(text, gone, new)
