"""Attributes that a file reads, in whichever form it writes that, and names that others may read of it."""

from __future__ import annotations

import ast

from titan_lint.code.names import FunctionNode
from titan_lint.code.uses import is_asked_for
from titan_lint.code.values import Const, Ref, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from titan_lint.uses.file import File

_GETATTR = Ref("builtins.getattr")
_ATTRGETTER = Ref("operator.attrgetter")
_ASDICT = Ref("dataclasses.asdict")
_VARS = Ref("builtins.vars")
_READING = frozenset(
    {"print", "dict", "len", "str", "repr", "sorted", "list", "set", "tuple", "iter"}
)


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

    That is ``asdict(owner)["name"]``, also where the dictionary has a name and nothing is put into it, and
    ``vars(owner)["name"]`` or ``owner.__dict__["name"]`` where the file only reads such dictionaries.
    """
    yield from _of_own_dictionaries(file)
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


def _of_own_dictionaries(file: File) -> Iterator[tuple[ast.Subscript, ast.expr, str]]:
    """The items of the dictionaries that hold the attributes of things, if the file does nothing but read these."""
    dictionaries: list[tuple[ast.expr, ast.expr]] = [
        (node, node.value) for node in file.program.bindings.attributes if node.attr == "__dict__"
    ]
    for call in file.program.called("vars"):
        if file.sole(call.func) != _VARS or len(call.args) != 1 or call.keywords:
            return
        dictionaries.append((call, call.args[0]))
    parents = file.program.parents
    if not all(_is_only_read(parents, dictionary) for dictionary, _ in dictionaries):
        return
    for dictionary, owner in dictionaries:
        match parents[dictionary]:
            case ast.Subscript(slice=key) as node if node.value is dictionary:
                name = file.sole(key)
                if isinstance(name, Const) and isinstance(name.value, str):
                    yield node, owner, name.value
            case _:
                pass


def _is_only_read(parents: Mapping[ast.AST, ast.AST], dictionary: ast.expr) -> bool:
    """Whether a dictionary is only asked for what it holds where it stands, and nobody else gets it."""
    match parents[dictionary]:
        case ast.Subscript(ctx=ast.Load()) | ast.Compare() | ast.FormattedValue() | ast.For():
            return True
        case ast.Attribute(attr="get" | "items" | "keys" | "values" | "copy"):
            return True
        case ast.keyword(arg=None) | ast.Dict() | ast.comprehension():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in _READING
        case _:
            return False


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
