"""What tests let through of an attention choice where a model is built: ``if attn_type != "flex": raise``."""

from __future__ import annotations

import ast

from titan_lint.code.matching import match_call
from titan_lint.code.settled import passed, settled, settled_behind
from titan_lint.code.values import Const, LocalFunction
from titan_lint.uses.attention.choice import identity
from titan_lint.uses.attention.registry import default
from titan_lint.uses.compared import listed, taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.code.names import FunctionNode
    from titan_lint.code.settled import Settled
    from titan_lint.uses.attention.choice import Key
    from titan_lint.uses.attention.registry import Registry
    from titan_lint.uses.file import File

_MAKING = ("__init__", "__post_init__")


def is_held_to_default(file: File, entry: Registry, keys: Iterable[Key]) -> bool:
    """Whether tests before a call let no choice through but the one that it comes to anyway.

    Args:
        file: The file.
        entry: The call, which passes no backend.
        keys: The choices around it, as :func:`titan_lint.uses.attention.choice.identity` tells them.
    """
    defaults = {default(parameter) for parameter in entry.parameters if parameter is not None}
    held: dict[Key, frozenset[object]] = {}
    for key, values in _held(file, entry.call):
        held[key] = values & held.get(key, values)
    return len(defaults) == 1 and all(key in held and held[key] <= defaults for key in keys)


def _held(file: File, site: ast.AST) -> Iterator[tuple[Key, frozenset[object]]]:
    """The choices that tests hold to some values where a call stands."""
    program = file.program
    node: ast.AST = site
    while True:
        yield from _said(file, settled(program, node))
        for statement in passed(program, node):
            yield from _said_by_call(file, statement)
            yield from _set_right(file, statement)
        function = program.function(node)
        if function is None:
            break
        node = function
    info = program.class_of(site)
    for cls in file.resolver.local_mro(info) if info is not None else ():
        for name in _MAKING:
            for binding in cls.scope.bindings.get(name, ()):
                if isinstance(binding.node, ast.FunctionDef):
                    yield from _said(file, settled_behind(binding.node.body))
                    for statement in binding.node.body:
                        yield from _said_by_call(file, statement)


def _said(file: File, tests: Iterator[Settled]) -> Iterator[tuple[Key, frozenset[object]]]:
    for test, holds in tests:
        for asked, values in _values(file, test, holds=holds):
            key = identity(file, asked)
            constants = [file.sole(value) for value in values]
            known = [value.value for value in constants if isinstance(value, Const)]
            if key is not None and len(known) == len(constants):
                yield key, frozenset(known)


def _values(
    file: File, test: ast.expr | ast.match_case, *, holds: bool
) -> Iterator[tuple[ast.expr, list[ast.expr]]]:
    """The expressions that a test holds to some values, with these."""
    match test:
        case ast.match_case(pattern=pattern):
            match = file.program.parents[test]
            values = list(taken(pattern))
            if isinstance(match, ast.Match) and values:
                yield match.subject, values
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            if isinstance(op, ast.Eq | ast.Is) is holds and isinstance(
                op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot
            ):
                yield from ((left, [right]), (right, [left]))
            elif isinstance(op, ast.In) is holds and isinstance(op, ast.In | ast.NotIn):
                values = listed(file, right)
                if values:
                    yield left, values
        case _:
            pass


def _set_right(file: File, statement: ast.stmt) -> Iterator[tuple[Key, frozenset[object]]]:
    """What a choice is behind a test that sets it where it is not: ``if attn_type != "flex": attn_type = "flex"``."""
    match statement:
        case ast.If(test=test, body=[*_, ast.Assign(targets=[target], value=made)], orelse=[]):
            given = [made]
        case ast.While(test=test, body=[*_, ast.Assign(targets=[target])], orelse=[]):
            given = []
        case _:
            return
    for asked, values in _values(file, test, holds=False):
        if ast.unparse(asked) != ast.unparse(target):
            continue
        constants = [file.sole(value) for value in (*values, *given)]
        known = frozenset(value.value for value in constants if isinstance(value, Const))
        if len([value for value in constants if isinstance(value, Const)]) == len(constants):
            for key in _keys_behind(file, asked, target):
                yield key, known


def _keys_behind(file: File, asked: ast.expr, target: ast.expr) -> Iterator[Key]:
    """The keys of a choice before and behind a statement that may set it."""
    key = identity(file, asked)
    if key is not None:
        yield key
    if isinstance(asked, ast.Name) and isinstance(target, ast.Name):
        before = file.program.bindings.of(asked)
        function = file.program.function(target)
        scope = file.program.bindings.scopes.get(function) if function is not None else None
        own = scope.bindings.get(target.id, ()) if scope is not None else ()
        after = [binding for binding in own if binding.node is target]
        yield ("bindings", *sorted(id(binding) for binding in {*before, *after}))


def _said_by_call(file: File, statement: ast.stmt) -> Iterator[tuple[Key, frozenset[object]]]:
    """What a function of the file's that a statement only calls has seen to of what it is given."""
    match statement:
        case ast.Expr(ast.Call() as call):
            pass
        case _:
            return
    value = file.sole(call.func)
    if not isinstance(value, LocalFunction) or isinstance(value.node, ast.Lambda):
        return
    given = _given(file, value.node, call)
    for key, values in _said(file, settled_behind(value.node.body)):
        if key[0] != "binding" or key[1] not in given:
            yield key, values
        elif (argument := given[key[1]]) is not None and (own := identity(file, argument)):
            yield (*own, *key[2:]), values


def _given(file: File, function: FunctionNode, call: ast.Call) -> dict[object, ast.expr | None]:
    """What a call hands over for the names that a function binds, by their bindings; ``None`` for the others."""
    matched = match_call(file.program.bindings, function, call)
    scope = file.program.bindings.scopes[function]
    return {
        id(binding): matched.of(binding.node)
        for bindings in scope.bindings.values()
        for binding in bindings
    }
