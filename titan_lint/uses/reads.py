"""Attributes that a file reads, in whichever form it writes that, and names that others may read of it."""

from __future__ import annotations

import ast

from titan_lint.code.names import FunctionNode
from titan_lint.code.uses import is_asked_for
from titan_lint.code.values import Const, Ref, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File

_GETATTR = Ref("builtins.getattr")
_ATTRGETTER = Ref("operator.attrgetter")
_ASDICT = Ref("dataclasses.asdict")


def reads(file: File) -> Iterator[tuple[ast.Attribute | ast.Call, ast.expr, str]]:
    """Each read that fails where the attribute is missing: its node, what it is asked of, the name.

    That is ``owner.name``, ``getattr(owner, "name")`` without a default, and the first part of what
    ``operator.attrgetter("name")`` is made for where that is called with the owner.
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
    if file.program.called("attrgetter"):
        yield from _got(file)


def _got(file: File) -> Iterator[tuple[ast.Call, ast.expr, str]]:
    for call in file.calls:
        match call, file.sole(call.func):
            case (
                ast.Call(args=[ast.expr() as owner], keywords=[]),
                Result(function=function, call=ast.Call(args=names)),
            ) if function == _ATTRGETTER and not isinstance(owner, ast.Starred):
                for name in map(file.sole, names):
                    if isinstance(name, Const) and isinstance(name.value, str):
                        yield call, owner, name.value.partition(".")[0]
            case _:
                pass


def keys(file: File) -> Iterator[tuple[ast.Subscript, ast.expr, str]]:
    """Each read of an item that fails where a field is missing: its node, what the field is asked of, the name.

    That is ``asdict(owner)["name"]``, also where the dictionary has a name and nothing is put into it.
    """
    if not file.program.called("asdict"):
        return
    for node in file.program.of(ast.Subscript):
        match file.sole(node.value), file.sole(node.slice):
            case (
                Result(function=function, call=ast.Call(args=[owner], keywords=[])),
                Const(value=str() as name),
            ) if function == _ASDICT and isinstance(node.ctx, ast.Load):
                if not file.resolver.mutations.is_mutated(node.value):
                    yield node, owner, name
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
