"""Names that a file puts into torchtitan's modules, and that nothing reads there.

``utils.maybe_enable_amp = mine`` never fails. Where torchtitan's own code does not ask for the name any
more, it does nothing.
"""

from __future__ import annotations

import ast

from titan_lint.api import Module, history
from titan_lint.api.absence import imports, missing_part
from titan_lint.code.stores import stores
from titan_lint.code.values import Const, Ref
from titan_lint.code.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File


def unread(file: File) -> Iterator[tuple[ast.expr, str]]:
    """What is put at a path that torchtitan had once, each with that path.

    Left out is what the file or its project asks for itself, and what it puts there only where it is
    missing.
    """
    for store in stores(file.program):
        node, name = store.node, store.name
        value = file.sole(store.owner) if store.is_assigned else None
        if not isinstance(value, Ref) or not value.path.startswith("torchtitan"):
            continue
        path = f"{value.path}.{name}"
        if (
            isinstance(file.target.surface.lookup(value.path), Module)
            and missing_part(file.target.surface, path) == path
            and (presence := history.find(file.target.surface, path)) is not None
            and presence.earlier
            and not is_asked_around(file, node, name)
            and not imports(file.target.surface, path)
            and not _is_read(file, path, name)
        ):
            yield node, path


def is_asked_around(file: File, node: ast.expr, name: str) -> bool:
    """Whether code around asks for the name first: it is put there for those who look for it."""
    child: ast.AST = node
    for parent in file.program.ancestors(node):
        match parent:
            case ast.If(test=test) | ast.IfExp(test=test):
                asked: list[ast.AST] = [test]
            case ast.Try(body=body, orelse=orelse) if child not in body:
                asked = [*body, *orelse]
            case ast.ExceptHandler():
                around = file.program.parents[parent]
                asked = [*around.body] if isinstance(around, ast.Try) else []
            case _:
                asked = []
        if any(_names(part, name) for inner in asked for part in walk(inner)):
            return True
        child = parent
    return False


def _names(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Constant(value=text):
            return text == name
        case ast.Attribute(attr=text) | ast.alias(name=text):
            return text == name
        case _:
            return False


def _is_read(file: File, path: str, name: str) -> bool:
    """Whether the file or its project asks for what stands at a path."""
    for node in file.attributes:
        if node.attr == name and isinstance(node.ctx, ast.Load):
            values = file.values(node.value)
            if any(not isinstance(v, Ref) or f"{v.path}.{name}" == path for v in values):
                return True
    for statement in file.program.bindings.imports:
        if isinstance(statement, ast.ImportFrom) and not statement.level:
            asked = {path, f"{path.rpartition('.')[0]}.*"}
            if any(f"{statement.module}.{alias.name}" in asked for alias in statement.names):
                return True
    for call in file.calls:
        # getattr(utils, "name") and the like
        if any(Const(name) in file.values(part) for part in call.args[1:2]):
            if not (isinstance(call.func, ast.Name) and call.func.id == "setattr"):
                return True
    neighbours = file.options.neighbours
    return neighbours is not None and neighbours.read(path)
