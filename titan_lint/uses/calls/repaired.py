"""Whether a class of the project's has its own way with an argument before torchtitan's class gets to look at it."""

from __future__ import annotations

import ast

from titan_lint.code.forms import last_name
from titan_lint.code.names import Kind
from titan_lint.code.values import LocalClass, LocalInstance
from titan_lint.code.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.names import ClassInfo
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File

_LOOKING = "__post_init__"
"""The method in which torchtitan's classes look at what they were given."""
_SETTING = frozenset({"__setattr__", "__getattribute__"})


def may_be_repaired(file: File, site: Site, name: str) -> bool:
    """Whether a class of the project's, of which a call makes or copies an instance, may change a field first.

    That is what its ``__post_init__`` does with the field before it calls that of the class above, if it does at all,
    and a property or a ``__setattr__`` of its own.
    """
    asked = [site.function, *site.call.args[:1]]
    owners = [value for node in asked for value in file.values(node)]
    return any(
        _may_change(cls, name)
        for value in owners
        if isinstance(value, LocalClass | LocalInstance)
        for cls, _ in file.resolver.written(value.info)
    )


def _may_change(cls: ClassInfo, name: str) -> bool:
    bound = cls.scope.bindings
    if any(one.kind is Kind.FUNCTION for one in bound.get(name, ())) or _SETTING & bound.keys():
        return True
    return any(_looks_later(one.node, name) for one in bound.get(_LOOKING, ()))


def _looks_later(function: ast.AST, name: str) -> bool:
    """Whether a ``__post_init__`` may change a field before the one above runs, or never gets to that for sure."""
    if not isinstance(function, ast.FunctionDef) or not function.args.args:
        return True
    own = function.args.args[0].arg
    for statement in function.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=called))) if called == _LOOKING:
                return False
            case _:
                pass
        attributes = [part for part in walk(statement) if isinstance(part, ast.Attribute)]
        asked = {id(one.value) for one in attributes}
        if any(
            last_name(one.value) == own
            and (one.attr in (name, "__dict__") or _is_called(one, statement))
            for one in attributes
        ) or any(
            isinstance(part, ast.Name) and part.id == own and id(part) not in asked
            for part in walk(statement)
        ):
            return True
        if any(isinstance(part, ast.Return) for part in walk(statement)):
            return True
    return True


def _is_called(attribute: ast.Attribute, statement: ast.stmt) -> bool:
    return any(isinstance(part, ast.Call) and part.func is attribute for part in walk(statement))
