"""The literal that an expression is where nobody gives anything else."""

from __future__ import annotations

import ast

from titan_lint.code.following import follows
from titan_lint.code.forms import argument
from titan_lint.code.names import Binding, Kind
from titan_lint.code.values import Const, Ref
from titan_lint.uses.guards import may_give

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.file import File

_ENVIRONMENT = (Ref("os.environ.get"), Ref("os.getenv"))


@follows(None)
def fallback(file: File, node: ast.expr) -> Const | None:
    """What an expression is by default: that of ``os.environ.get``, of a parameter, or what stands behind ``or``.

    ``None`` without one, where that is no literal, or where the file may see to it that it never counts: it
    tests the value, sets the variable, always passes the argument, or gives it at other torchtitans alone.
    """
    match node:
        case ast.Name():
            match file.program.bindings.of(node):
                case [Binding(kind=Kind.PARAMETER | Kind.VALUE, value=ast.expr()) as binding]:
                    value = _behind(file, binding.value)
                    return value if value is not None and _is_untouched(file, binding) else None
                case _:
                    return None
        case ast.Call(args=[variable, otherwise], keywords=[]):
            key = file.sole(variable)
            if file.sole(node.func) not in _ENVIRONMENT or not isinstance(key, Const):
                return None
            named = [one for one in file.program.of(ast.Constant) if one.value == key.value]
            return _behind(file, otherwise) if len(named) == 1 else None
        case ast.BoolOp(op=ast.Or(), values=[*_, last]):
            return _behind(file, last)
        case _:
            return None


def _behind(file: File, node: ast.expr | None) -> Const | None:
    if node is None:
        return None
    value = file.sole(node)
    if isinstance(value, Const):
        return value if may_give(file, node, value.value) else None
    return fallback(file, node)


def _is_untouched(file: File, binding: Binding) -> bool:
    """Whether a name has one value, which the file does not test, and which no caller in it always gives."""
    program = file.program
    if any(_is_tested(file, load) for load in program.loads(binding)):
        return False
    function = binding.function
    if function is None:
        return True
    if isinstance(function, ast.Lambda):
        return False
    assert isinstance(binding.node, ast.arg)
    owner = program.bindings.owners.get(function)
    name = owner.node.name if owner is not None and function.name == "__init__" else function.name
    index = binding.index - (owner is not None) if binding.index >= 0 else -1
    calls = program.called(name)
    return not calls or any(
        argument(call, index if index >= 0 else len(call.args), binding.node.arg) is None
        and not any(isinstance(given, ast.Starred) for given in call.args)
        and all(word.arg for word in call.keywords)
        for call in calls
    )


def _is_tested(file: File, load: ast.expr) -> bool:
    """Whether what runs may depend on a value."""
    child: ast.AST = load
    for around in file.program.ancestors(load):
        match around:
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                if test is child:
                    return True
            case ast.Assert() | ast.Compare() | ast.match_case():
                return True
            case ast.Match(subject=subject) if subject is child:
                return True
            case ast.comprehension():
                return True
            case ast.BoolOp(op=ast.And()):
                return True
            case ast.stmt():
                return False
            case _:
                pass
        child = around
    return False
