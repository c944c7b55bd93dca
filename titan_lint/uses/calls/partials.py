"""What is done with what ``functools.partial`` binds by keyword: a later call may give something else."""

from __future__ import annotations

import ast

from titan_lint.code.values import Partial
from titan_lint.uses.reads import may_be_asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.values import Value
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


def is_overridden(file: File, site: Site, node: ast.expr, name: str) -> bool:
    """Whether a keyword that ``functools.partial`` binds is one that all calls in the file give anew, at least one of them.

    Args:
        file: The file.
        site: The call, of ``functools.partial`` or not.
        node: What is given.
        name: To which parameter.
    """
    if not _is_bound(site, node):
        return False
    uses = _uses(file, site.call)
    return bool(uses) and all(any(_gives(call, name) for call in use) for use in uses)


def may_be_overridden(file: File, site: Site, node: ast.expr) -> bool:
    """Whether a keyword that ``functools.partial`` binds may be given anew out of sight, and no call in sight leaves it."""
    if not _is_bound(site, node) or _uses(file, site.call):
        return False
    program = file.program
    match program.parents[site.call]:
        case ast.Assign(targets=[ast.Name() as target]):
            loads = program.loads_from(target)
            return may_be_asked_for(file, target) or any(
                not _is_called_with_nothing(program.parents[load]) for load in loads
            )
        case around:
            return not _is_called_with_nothing(around)


def _is_called_with_nothing(around: ast.AST) -> bool:
    """Whether what is handed over there is called with nothing: ``field(default_factory=make)``."""
    return isinstance(around, ast.keyword) and around.arg == "default_factory"


def _is_bound(site: Site, node: ast.expr) -> bool:
    return site.function is not site.call.func and node not in site.call.args


def _uses(file: File, made: ast.Call) -> list[list[ast.Call]]:
    """The calls of what a call of ``functools.partial`` makes and those that bind more of it, each with those that did before."""
    called = [(call, call.func) for call in file.calls]
    called += [(call, call.args[0]) for call in file.program.called("partial") if call.args]
    return [
        [call, *between]
        for call, function in called
        for value in file.values(function)
        if (between := _between(value, made)) is not None
    ]


def _between(value: Value, made: ast.Call) -> list[ast.Call] | None:
    """The calls that bind more of what a call of ``functools.partial`` makes; ``None`` where a value is not of that."""
    found: list[ast.Call] = []
    while isinstance(value, Partial):
        if value.call is made:
            return found
        if value.call is not None:
            found.append(value.call)
        value = value.function
    return None


def _gives(call: ast.Call, name: str) -> bool:
    return any(word.arg in (name, None) for word in call.keywords)
