"""Attributes that a file reads, in whichever form it writes that, and names that others may read of it."""

from __future__ import annotations

import ast

from titan_lint.code.names import FunctionNode
from titan_lint.code.uses import is_asked_for
from titan_lint.code.values import Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File

_GETATTR = Ref("builtins.getattr")


def reads(file: File) -> Iterator[tuple[ast.Attribute | ast.Call, ast.expr, str]]:
    """Each read that fails where the attribute is missing: its node, what it is asked of, the name.

    That is ``owner.name``, and ``getattr(owner, "name")`` without a default.
    """
    for node in file.program.reads:
        yield node, node.value, node.attr
    for call in file.program.called("getattr"):
        match call:
            case ast.Call(
                func=ast.Name(id="getattr") as function,
                args=[owner, ast.Constant(value=str() as name)],
                keywords=[],
            ) if not isinstance(owner, ast.Starred) and file.sole(function) == _GETATTR:
                yield call, owner, name
            case _:
                pass


def may_be_asked_for(file: File, target: ast.Name) -> bool:
    """Whether others may ask for what a name is bound to: of a class, or of a module in another file.

    Where nothing is known of other files, they may.
    """
    around = file.program.ancestors(target)
    scope = next((node for node in around if isinstance(node, FunctionNode | ast.ClassDef)), None)
    if scope is not None:
        return isinstance(scope, ast.ClassDef)
    readers = file.options.readers
    bindings = file.program.bindings.module.bindings.get(target.id, ())
    return (
        readers is None
        or any(is_asked_for(file.program, binding, target.id) for binding in bindings)
        or readers.mention(target.id)
    )
