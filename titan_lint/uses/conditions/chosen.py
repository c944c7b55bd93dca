"""Functions of a table that the target never takes from it: ``{True: old, False: new}[hasattr(...)]``."""

from __future__ import annotations

import ast

from titan_lint.code.forms import callee_name
from titan_lint.code.names import Kind
from titan_lint.uses.conditions.doubt import Doubt
from titan_lint.uses.conditions.truth import Truth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File

Table = ast.Dict | ast.List | ast.Tuple


def is_passed_over(file: File, table: Table, element: ast.AST) -> bool:
    """Whether what stands in a table is kept there, and never looked up at the target, or perhaps not for a probe.

    Args:
        file: The file.
        table: The table, as it is written out.
        element: A part of it. What is not merely kept is evaluated in any case.
    """
    return not is_evaluated(element) and is_never_taken(file, table, element)


def is_never_taken(file: File, table: Table, element: ast.AST) -> bool:
    """Whether what stands in a table is never looked up there at the target, or perhaps not for a probe."""
    truth, doubt = file.once(Truth), file.once(Doubt)
    key = _key(truth, table, element)
    lookups = list(_lookups(file, table))
    if key is None or not lookups or None in lookups:
        return False
    for asked in lookups:
        assert asked is not None
        taken = truth.key(asked)
        if taken is None and not doubt.asks(asked):
            return False
        if taken is not None and taken.value == key[0]:
            return False
    return True


def is_evaluated(element: ast.AST) -> bool:
    """Whether more is done with something than to keep it for who may call it: no ``lambda``, ``partial`` or name."""
    is_partial = isinstance(element, ast.Call) and callee_name(element) == "partial"
    return not is_partial and not isinstance(element, ast.Lambda | ast.Name)


def _key(truth: Truth, table: Table, element: ast.AST) -> tuple[object] | None:
    """Under what an element of a table stands; ``None`` where that is not known."""
    if not isinstance(table, ast.Dict):
        return (table.elts.index(element),)  # type: ignore[arg-type]
    for key, value in zip(table.keys, table.values, strict=True):
        if value is element:
            found = truth.key(key) if key is not None else None
            return (found.value,) if found is not None else None
    return None


def _lookups(file: File, table: ast.expr) -> Iterator[ast.expr | None]:
    """By what a table is looked up; ``None`` for another use of it."""
    parent = file.program.parents[table]
    match parent:
        case ast.Subscript(value=value, slice=key, ctx=ast.Load()) if value is table:
            yield key
        case ast.Attribute(attr="get"):
            call = file.program.parents[parent]
            yield call.args[0] if isinstance(call, ast.Call) and call.args else None
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            function = file.program.function(parent)
            bindings = file.program.bindings
            scope = bindings.module if function is None else bindings.scopes[function]
            found = scope.bindings.get(name, [])
            if len(found) != 1 or found[0].kind is not Kind.VALUE:
                yield None
            for binding in found:
                for load in file.program.loads(binding):
                    yield from _lookups(file, load)
        case _:
            yield None
