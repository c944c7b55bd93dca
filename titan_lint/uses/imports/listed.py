"""Tables of modules and names in them that a loop imports from: ``for module, name in TABLE``."""

from __future__ import annotations

import ast

from titan_lint.code.forms import argument
from titan_lint.code.names import Kind
from titan_lint.code.values import Collection, Ref
from titan_lint.code.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import Binding
    from titan_lint.uses.file import File

_IMPORT = Ref("importlib.import_module")
_GETATTR = Ref("builtins.getattr")

# What may leave a loop, or do one thing for one pair and another for the next.
_TELLING = (
    *(ast.Break, ast.Continue, ast.Return, ast.Raise, ast.Yield, ast.YieldFrom, ast.If, ast.IfExp),
    *(ast.While, ast.Match, ast.Try, ast.TryStar, ast.BoolOp, ast.Compare),
)
Pair = tuple[ast.Constant, ast.Constant]


def pairs(file: File, call: ast.Call) -> Iterator[Pair]:
    """The modules and the names that ``getattr(import_module(module), name)`` is surely called with, one after the other.

    A loop that tells its pairs apart, or may end before its time, says nothing.
    """
    match call:
        case ast.Call(func=function, args=[ast.expr() as holder, ast.Name() as name], keywords=[]):
            pass
        case _:
            return
    module = _imported(file, holder)
    if module is None or file.sole(function) != _GETATTR:
        return
    first, second = _sole(file, module), _sole(file, name)
    if first is None or second is None or first.whole is None or first.whole is not second.whole:
        return
    whole = first.whole
    if (first.index, second.index) != (0, 1) or whole.kind is not Kind.ELEMENT:
        return
    if whole.value is None or not _runs_through(file, whole, call):
        return
    yield from _rows(file, whole.value)


def _imported(file: File, holder: ast.expr) -> ast.Name | None:
    """The variable of ``import_module(variable)``, also where the module has a name."""
    if isinstance(holder, ast.Name):
        binding = _sole(file, holder)
        if binding is None or binding.kind is not Kind.VALUE or binding.value is None:
            return None
        holder = binding.value
    if not isinstance(holder, ast.Call) or file.sole(holder.func) != _IMPORT:
        return None
    named = argument(holder, 0, "name")
    is_plain = len(holder.args) + len(holder.keywords) == 1
    return named if isinstance(named, ast.Name) and is_plain else None


def _sole(file: File, name: ast.Name) -> Binding | None:
    bindings = file.program.bindings.of(name)
    return bindings[0] if len(bindings) == 1 else None


def _runs_through(file: File, whole: Binding, call: ast.Call) -> bool:
    """Whether each pair gets to the call: nothing in the loop depends on which one it is, or leaves it."""
    program = file.program
    around = next(
        (
            node
            for node in program.ancestors(whole.node)
            if isinstance(node, ast.For | ast.ListComp | ast.SetComp | ast.DictComp)
        ),
        None,
    )
    if around is None or program.function(call) is not program.function(around):
        return False
    parts = [node for node in walk(around) if node is not around]
    return call in parts and not any(
        isinstance(node, _TELLING) or (isinstance(node, ast.comprehension) and node.ifs)
        for node in parts
    )


def _rows(file: File, table: ast.expr) -> Iterator[Pair]:
    """The pairs of a table that is written out and never changed."""
    match table:
        case ast.Call(func=ast.Attribute(value=owner, attr="items"), args=[], keywords=[]):
            table = owner
        case _:
            owner = None
    match file.sole(table):
        case Collection(node=ast.Dict(keys=keys, values=held)) if owner is not None:
            rows: list[tuple[ast.expr | None, ast.expr]] = list(zip(keys, held, strict=True))
        case Collection(node=ast.List(elts=elements) | ast.Tuple(elts=elements)) if owner is None:
            rows = []
            for element in elements:
                match element:
                    case ast.Tuple(elts=[module, name]) | ast.List(elts=[module, name]):
                        rows.append((module, name))
                    case _:
                        return
        case _:
            return
    if file.resolver.mutations.is_mutated(table):
        return
    for module, name in rows:
        match module, name:
            case ast.Constant(value=str() as one), ast.Constant(value=str()) if one.startswith(
                "torchtitan."
            ):
                yield module, name
            case _:
                pass
