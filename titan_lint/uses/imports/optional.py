"""Imports that may fail, always do, and would work under another path.

``except ImportError: LRSchedulersContainer = None`` makes a feature optional. Where the module has moved, the
feature is gone without a word.
"""

from __future__ import annotations

import ast

from titan_lint.code.forms import callee_name, is_torchtitans, swallowed
from titan_lint.code.uses import is_asked_about
from titan_lint.code.values import root
from titan_lint.code.walk import walk
from titan_lint.finding import Applicability
from titan_lint.uses.guards import reachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api.changes.moves import Home
    from titan_lint.code.names import Binding
    from titan_lint.uses.file import File

_TALK = frozenset({"debug", "info", "warning", "warn", "warning_once", "print", "log", "exception"})


def is_lost(file: File, statement: ast.stmt, binding: Binding, home: Home) -> bool:
    """Whether what an import would bring is missed at the target, and nothing takes its place.

    Args:
        file: The file.
        statement: The import, which fails at the target.
        binding: What it binds.
        home: Where the same thing is now.
    """
    if home.applicability is not Applicability.SAFE or not reachable(file, statement):
        return False
    if not _is_left_out(file, statement) or _is_known(file, home):
        return False
    loads = file.program.loads(binding)
    asked = [load for load in loads if is_asked_about(file.program, load)]
    if len(asked) == len(loads):
        return False  # It tells the version, and is not needed itself.
    return all(_decides(file, load) and not _has_another_way(file, load) for load in asked)


def _decides(file: File, load: ast.Name) -> bool:
    """Whether an answer is used at once, and not kept for elsewhere."""
    child: ast.AST = load
    for parent in file.program.ancestors(load):
        match parent:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                return child is test
            case ast.Assert():
                return True
            case ast.stmt():
                return False
            case _:
                child = parent
    return False


def _is_left_out(file: File, statement: ast.stmt) -> bool:
    """Whether all that happens where an import fails is that its names are ``None``, or not there."""
    match file.program.parents[statement]:
        case ast.Try(body=body, handlers=[handler], orelse=[], finalbody=[]):
            names = {bound for part in body for bound in _bound(part)}
            return all(isinstance(part, ast.Import | ast.ImportFrom) for part in body) and all(
                _does_nothing(part, names) for part in handler.body
            )
        case ast.With(body=body, items=[item]) if swallowed(item.context_expr) is not None:
            return all(isinstance(part, ast.Import | ast.ImportFrom) for part in body)
        case _:
            return False


def _bound(statement: ast.stmt) -> list[str]:
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return []
    return [alias.asname or alias.name for alias in statement.names]


def _does_nothing(statement: ast.stmt, names: set[str]) -> bool:
    match statement:
        case ast.Pass():
            return True
        case ast.Assign(targets=targets, value=ast.Constant(value=None)):
            return all(isinstance(target, ast.Name) and target.id in names for target in targets)
        case ast.Expr(value=ast.Call() as call):
            return callee_name(call) in _TALK
        case _:
            return False


def _is_known(file: File, home: Home) -> bool:
    """Whether the file asks for the same thing at its new place, too."""
    for statement in file.program.bindings.imports:
        if isinstance(statement, ast.ImportFrom):
            if any(f"{statement.module}.{a.name}" == home.path for a in statement.names):
                return True
        elif any(alias.name == home.path for alias in statement.names):
            return True
    return any(
        node.attr == home.path.rpartition(".")[2]
        and any(root(value) == "torchtitan" for value in file.values(node.value))
        for node in file.attributes
    )


def _has_another_way(file: File, load: ast.Name) -> bool:
    """Whether a test of a name, or what follows one, leads to something else of torchtitan's."""
    around = file.program.function(load) or file.tree
    return any(
        isinstance(node, ast.Call | ast.Attribute | ast.ImportFrom)
        and _is_torchtitan(file, node, load.id)
        and reachable(file, node)
        for node in walk(around)
    )


def _is_torchtitan(file: File, node: ast.Call | ast.Attribute | ast.ImportFrom, name: str) -> bool:
    if isinstance(node, ast.ImportFrom):
        return is_torchtitans(node.module or "") and name not in _bound(node)
    if any(isinstance(part, ast.Name) and part.id == name for part in walk(node)):
        return False
    return any(root(value) == "torchtitan" for value in file.values(node))
