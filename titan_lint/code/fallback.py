"""What a file puts somewhere only where it is missing.

``if not hasattr(module, "Name"): module.Name = Ours`` and ``module.Name = getattr(module, "Name", Ours)`` change
nothing where the name is there.
"""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.program import Program


def is_fallback(program: Program, by: ast.AST, owner: ast.expr, name: ast.expr | str) -> bool:
    """Whether something is put somewhere only where nothing is there yet.

    Args:
        program: The file.
        by: What puts it there: an attribute that is set, or a call of ``setattr``.
        owner: The expression of what it is put on.
        name: Under which name, or the expression of that.
    """
    if isinstance(by, ast.Call):
        given = by.args[-1] if by.args else None
    else:
        parent = program.parents.get(by)
        given = parent.value if isinstance(parent, ast.Assign | ast.AnnAssign) else None
    if given is not None and _reads(given, owner, name):
        return True
    child = by
    for around in program.ancestors(by):
        match around:
            case ast.If(test=ast.UnaryOp(op=ast.Not(), operand=asked), body=body) if child in body:
                pass
            case ast.If(
                test=ast.Compare(
                    left=asked, ops=[ast.Is()], comparators=[ast.Constant(value=None)]
                ),
                body=body,
            ) if child in body:
                pass
            case ast.If(test=asked, orelse=orelse) if child in orelse:
                pass
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.ClassDef():
                return False
            case _:
                child = around
                continue
        if _reads(asked, owner, name):
            return True
        child = around
    return False


def _reads(node: ast.expr, owner: ast.expr, name: ast.expr | str) -> bool:
    """Whether a call asks something for a name: ``hasattr``, or ``getattr`` with a default."""
    match node:
        case (
            ast.Call(func=ast.Name(id="hasattr"), args=[asked, word], keywords=[])
            | ast.Call(func=ast.Name(id="getattr"), args=[asked, word, _], keywords=[])
        ):
            pass
        case _:
            return False
    if _shape(asked) != _shape(owner):
        return False
    if isinstance(name, str):
        return isinstance(word, ast.Constant) and word.value == name
    return _shape(word) == _shape(name)


def _shape(node: ast.expr) -> str:
    """What an expression reads, whether it is set or read itself."""
    return ast.dump(node).replace("ctx=Store()", "ctx=Load()")
