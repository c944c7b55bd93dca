"""Registry calls of functions that one call of the file runs: the choice may stand with the caller."""

from __future__ import annotations

import ast

from titan_lint.code.matching import match_call
from titan_lint.code.names import Kind
from titan_lint.structs import replace
from titan_lint.uses.attention.registry import registry
from titan_lint.uses.runs import Runs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.attention.registry import Registry
    from titan_lint.uses.file import File


def handed_in(file: File) -> list[Registry]:
    """The calls of a parameter which the one caller of the function gives a registry, in order of the text."""
    found: list[Registry] = []
    for call in file.calls:
        given = _given(file, call.func)
        if given is not None and (entry := registry(file, call, given)) is not None:
            found.append(entry)
    return sorted(found, key=lambda entry: (entry.call.lineno, entry.call.col_offset))


def at_caller(file: File, entry: Registry) -> Registry | None:
    """The call that gets what a registry gives, where a function only hands it on to its one caller."""
    function = file.program.function(entry.call)
    statement = file.program.parents[entry.call]
    if not isinstance(function, ast.FunctionDef) or not isinstance(statement, ast.Return):
        return None
    call = _only_run(file, function)
    if call is None:
        return None
    flavor = entry.flavor
    return replace(entry, call=call, flavor=flavor and (_given(file, flavor) or flavor))


def _given(file: File, node: ast.expr) -> ast.expr | None:
    """What the one call that runs a function gives a parameter of it."""
    bindings = file.program.bindings.of(node) if isinstance(node, ast.Name) else []
    if len(bindings) != 1 or bindings[0].kind is not Kind.PARAMETER:
        return None
    function, parameter = bindings[0].function, bindings[0].node
    call = _only_run(file, function)
    if call is None or function is None or not isinstance(parameter, ast.arg):
        return None
    return match_call(file.program.bindings, function, call).given.get(parameter)


def _only_run(file: File, function: ast.AST | None) -> ast.Call | None:
    """The one call that runs a function of the module, as far as the file goes."""
    if (
        not isinstance(function, ast.FunctionDef)
        or function.decorator_list
        or file.program.parents[function] is not file.program.tree
    ):
        return None
    runs = file.once(Runs).of(function)
    if len(runs) != 1 or runs[0].handed or runs[0].replaced:
        return None
    return runs[0].node if isinstance(runs[0].node, ast.Call) else None
