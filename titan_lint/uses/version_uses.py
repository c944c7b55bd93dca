"""What the answer of a version test is used for."""

from __future__ import annotations

import ast

from titan_lint.code.following import follows
from titan_lint.code.forms import callee_name, is_torchtitans
from titan_lint.code.leaving import may_be_left
from titan_lint.code.names import Kind
from titan_lint.code.values import LocalFunction, root
from titan_lint.code.walk import walk
from titan_lint.uses.reads import may_be_asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.file import File

_SKIPPING = frozenset({"skipif", "skipIf", "skipUnless"})


@follows(False)
def decides_api(file: File, node: ast.expr) -> bool:
    """Whether code that uses torchtitan goes by an answer: which way it takes, or if it goes on at all.

    What is only shown, logged or handed to something else decides nothing. An answer that others may
    ask for, from a module, an object or a function, may decide anything.
    """
    parent = file.program.parents[node]
    match parent:
        case (
            ast.If(test=test, body=body, orelse=orelse)
            | ast.While(test=test, body=body, orelse=orelse)
        ) if test is node:
            ways = [*body, *orelse]
            return any(map(may_be_left, ways)) or any(_uses_torchtitan(file, way) for way in ways)
        case ast.IfExp(test=test, body=body, orelse=orelse) if test is node:
            return any(_uses_torchtitan(file, way) for way in (body, orelse)) or decides_api(
                file, parent
            )
        case ast.BoolOp(values=values):
            others = [value for value in values if value is not node]
            return any(_uses_torchtitan(file, value) for value in others) or decides_api(
                file, parent
            )
        case ast.UnaryOp() | ast.Compare() | ast.NamedExpr() | ast.IfExp():
            return decides_api(file, parent)
        case ast.Assert():
            return True
        case ast.Assign(targets=[ast.Name() as target]):
            return _name_decides(file, target)
        case ast.Return():
            return _calls_decide(file, parent)
        case ast.Call(func=ast.Name(id="bool")):
            return decides_api(file, parent)
        case ast.Call() | ast.keyword():
            call = parent if isinstance(parent, ast.Call) else file.program.parents[parent]
            if not isinstance(call, ast.Call):
                return True
            return callee_name(call) in _SKIPPING or _is_torchtitan(file, call.func)
        case ast.Expr() | ast.FormattedValue() | ast.Dict() | ast.List() | ast.Tuple():
            return False
        case _:
            return True


def _name_decides(file: File, target: ast.Name) -> bool:
    loads = file.program.loads_from(target)
    if not loads:
        return may_be_asked_for(file, target)
    return any(decides_api(file, load) for load in loads)


def _calls_decide(file: File, statement: ast.Return) -> bool:
    function = file.program.function(statement)
    calls = [
        call
        for call in file.calls
        if callee_name(call) == getattr(function, "name", "")
        and any(isinstance(v, LocalFunction) and v.node is function for v in file.values(call.func))
    ]
    return not calls or any(decides_api(file, call) for call in calls)


def _uses_torchtitan(file: File, node: ast.AST) -> bool:
    """Whether anything in a way is torchtitan's, or bound to what the tests of others ask."""
    for part in walk(node):
        match part:
            case ast.ImportFrom(module=str() as module, level=0) if _is_of(module):
                return True
            case ast.Import(names=names) if any(_is_of(alias.name) for alias in names):
                return True
            case ast.Name(ctx=ast.Store()) if _is_flag(file, part):
                return True
            case ast.Name(ctx=ast.Load()) | ast.Attribute() if _is_torchtitan(file, part):
                return True
            case ast.FunctionDef() | ast.ClassDef():
                return True  # One of two forms of the same thing.
            case _:
                pass
    return False


def _is_flag(file: File, target: ast.Name) -> bool:
    """Whether a name is set in one way or another, and asked for later."""
    return any(
        binding.kind is Kind.VALUE
        and binding.node is target
        and isinstance(binding.value, ast.Constant)
        for binding in file.program.uses
    )


def _is_of(module: str) -> bool:
    return is_torchtitans(module)


def _is_torchtitan(file: File, node: ast.expr) -> bool:
    return any(root(value) == "torchtitan" for value in file.values(node))
