"""Whether anything may read a field of what a call makes."""

from __future__ import annotations

import ast

from titan_lint.code.following import follows
from titan_lint.code.names import FunctionNode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.file import File


@follows(True)
def may_be_read(file: File, node: ast.expr, name: str) -> bool:
    """Whether something may read a field of a name of what an expression makes, or be given all of it.

    A config of which a function reads other fields, and that goes nowhere else, keeps this one to itself.
    """
    parent = file.program.parents[node]
    match parent:
        case ast.Attribute(attr=attr, ctx=ast.Load()):
            above = file.program.parents[parent]
            is_called = isinstance(above, ast.Call) and above.func is parent
            return attr == name or is_called or attr.startswith("__")
        case ast.Attribute() | ast.Expr():
            return False  # another field is set, or nothing comes of it
        case ast.Assign(targets=[ast.Name() as target]):
            around = file.program.ancestors(parent)
            scope = next((a for a in around if isinstance(a, FunctionNode | ast.ClassDef)), None)
            if scope is None or isinstance(scope, ast.ClassDef):
                return True  # others may ask for it
            loads = [
                load
                for binding, found in file.program.uses.items()
                if binding.node is target
                for load in found
            ]
            return any(may_be_read(file, load, name) for load in loads)
        case _:
            return True
