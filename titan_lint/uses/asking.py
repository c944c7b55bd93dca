"""The names that a file binds by asking torchtitan, for others to test: ``HAS_AMP = hasattr(utils, "amp")``."""

from __future__ import annotations

import ast

from titan_lint.code.forms import imports_torchtitan, is_torchtitans
from titan_lint.code.reaching import stored_names
from titan_lint.code.walk import walk
from titan_lint.uses.conditions.probes import PROBED, PROBES
from titan_lint.uses.era import dotted_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.program import Program

_PROBING = frozenset(path.rpartition(".")[2] for path in PROBES)


def asking(program: Program) -> frozenset[str]:
    """The names of a module's that rest on a question to torchtitan, and its functions that answer one.

    What a ``try`` binds rests on whether the import of torchtitan in it works.
    """
    found = {name for node in _questions(program) for name in _bound_by(program, node)}
    todo = list(found)
    while todo:
        name = todo.pop()
        for node in program.loaded(name):
            new = _bound_by(program, node) - found
            found |= new
            todo += new
    return frozenset(found)


def _questions(program: Program) -> Iterator[ast.AST]:
    for call in program.called(*_PROBING):
        if any(_is_torchtitan(program, argument) for argument in call.args[:1]):
            yield call
    for node in program.bindings.attributes:
        if node.attr in PROBED and dotted_path(program, node) is not None:
            yield node
    for statement in program.of(ast.Try):
        yield from filter(imports_torchtitan, statement.body)


def _is_torchtitan(program: Program, node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str() as path):
            return is_torchtitans(path)
        case _:
            return dotted_path(program, node) is not None


def _bound_by(program: Program, node: ast.AST) -> set[str]:
    """The names of the module's that the statement binds which holds a node, wherever in it."""
    child = node
    for parent in program.ancestors(node):
        match parent:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not _answers(parent):
                return set()
            case ast.ClassDef() if not isinstance(child, ast.Assign | ast.AnnAssign):
                return set()  # its instances do more than to answer
            case ast.Module():
                break
            case _:
                child = parent
    return stored_names([child])


def _answers(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(part, ast.Return) and part.value is not None for part in walk(function))
