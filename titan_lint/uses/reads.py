"""Attributes that a file reads, in whichever form it writes that."""

from __future__ import annotations

import ast

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
    for node in file.attributes:
        if isinstance(node.ctx, ast.Load):
            yield node, node.value, node.attr
    for call in file.calls:
        match call:
            case ast.Call(
                func=ast.Name(id="getattr") as function,
                args=[owner, ast.Constant(value=str() as name)],
                keywords=[],
            ) if not isinstance(owner, ast.Starred) and file.sole(function) == _GETATTR:
                yield call, owner, name
            case _:
                pass
