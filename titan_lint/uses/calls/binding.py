"""Which parameter of a signature each argument of a call binds to."""

from __future__ import annotations

from titan_lint.code.values import Const

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from titan_lint.api import Function, Parameter
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File

ABSENT = "absent"
"""Stands for an argument that is not passed, and for a default that is not there."""


def bound(site: Site, function: Function) -> dict[str, ast.expr]:
    """The arguments that certainly bind to parameters, by the parameters' names."""
    found: dict[str, ast.expr] = {}
    if site.arguments.positional:
        rest = function.positional[len(site.before.positional) :]
        for parameter, argument in zip(rest, site.arguments.positional, strict=False):
            found[parameter.name] = argument
    if site.arguments.keywords:
        names = {parameter.name for parameter in function.parameters}
        for name, keyword in site.arguments.keywords.items():
            if name in names:
                found[name] = keyword.value
    return found


def may_pass(site: Site, function: Function, name: str) -> bool:
    """Whether a call passes the parameter ``name``, or may do so."""
    parts = (site.before, site.arguments)
    if not site.complete:
        return True
    for part in parts:  # Asked for every parameter of every callee: no generator.
        if name in part.names or part.more_keywords:
            return True
    names = [parameter.name for parameter in function.positional]
    if name not in names:
        return False
    count = sum(len(part.positional) for part in parts)
    return any(part.more_positional for part in parts) or names.index(name) < count


def missing(site: Site, function: Function) -> list[Parameter]:
    """The parameters that have to be given and certainly are not."""
    if function.open:
        return []
    return [p for p in function.parameters if p.required and not may_pass(site, function, p.name)]


def literal(file: File, node: ast.expr | None) -> str | None:
    """An argument as the text of a literal, :data:`ABSENT` without one; ``None`` for anything else."""
    if node is None:
        return ABSENT
    value = file.sole(node)
    return repr(value.value) if isinstance(value, Const) else None
