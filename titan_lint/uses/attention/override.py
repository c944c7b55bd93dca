"""Attempts to set the attention backend on a config that the registry has built.

``spec.model.layer.attention.attn_backend = x`` worked from 2026-02-23 to 2026-03-30. Behind a
guard such as ``hasattr(spec.model, "layer")`` it has done nothing since.
"""

from __future__ import annotations

import ast

from titan_lint.api.changes import facts
from titan_lint.api.paths import MODEL_CONFIG
from titan_lint.code.following import follows
from titan_lint.code.forms import last_name
from titan_lint.code.hooks import HARMLESS_BUILTINS, ITERATING_BUILTINS
from titan_lint.code.names import Binding, Kind
from titan_lint.code.order import between
from titan_lint.code.values import (
    Attr,
    Instance,
    LocalFunction,
    LocalInstance,
    Ref,
    Value,
    root,
)
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses import derived
from titan_lint.uses.exact import is_exact
from titan_lint.uses.guards import takes, verdict
from titan_lint.uses.members.classes import derived_have, find
from titan_lint.uses.obligations import effects
from titan_lint.uses.types import SurfaceTypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from titan_lint.code.names import FunctionNode
    from titan_lint.code.program import Program
    from titan_lint.uses.attention.registry import Registry
    from titan_lint.uses.file import File


class Override(Struct, eq=False, slots=False):
    """One assignment to a backend path that the target does not have.

    Attributes:
        target: The expression assigned to (or the ``setattr`` call).
        value: What is assigned.
        guard: The ``if`` or ``try`` that keeps it from failing; ``None`` where it stands bare.
        remove: The statement to take out with it.
        calls: The registry calls that made the config, where they can all be told.
        lossy: Whether the statement to remove does more than set the backend.
        conditions: What else decides whether the override is made, once the config is built.
    """

    target: ast.expr
    value: ast.expr
    guard: ast.If | ast.Try | None
    remove: ast.stmt
    calls: tuple[ast.Call, ...]
    lossy: bool
    conditions: tuple[ast.AST, ...] = ()

    @property
    def dead(self) -> bool:
        """Whether it silently does nothing, rather than fail."""
        return self.guard is not None


def is_stale(file: File, value: Value) -> bool:
    """Whether a value is an attention setting on a path that the target does not have."""
    if not isinstance(value, Attr) or root(value) != "torchtitan":
        return False
    if value.name not in facts.attention().settings.stale:
        return False
    types = file.resolver.types
    assert isinstance(types, SurfaceTypes)
    return types.exists(value) is False and _on_config(file, value)


def _on_config(file: File, value: Attr) -> bool:
    """Whether the path starts at a model spec, a model's config or a trainer, none of them derived."""
    first = value
    while isinstance(first.owner, Attr):
        first = first.owner
    owner = first.owner
    if not isinstance(owner, Instance) or not owner.cls.startswith("torchtitan."):
        return False
    presence = find(file.target.surface, owner.cls, first.name)
    if presence is not None and not presence.earlier:
        return False  # it is not stale, but still to come
    if not is_exact(file, owner) and derived.may_have(file, owner.cls, first.name):
        return False
    # The configs of all models are looked through already where one may be meant.
    return owner.cls == MODEL_CONFIG or not derived_have(
        file.target.surface, owner.cls, first.name, experiments=False
    )


def overrides(file: File, registries: list[Registry]) -> list[Override]:
    """All overrides of a file, in order of the text."""
    calls = {entry.call for entry in registries}
    found = [
        override
        for target, value in _assignments(file)
        if (override := _override(file, target, value, calls)) is not None
    ]
    return sorted(found, key=lambda o: (o.target.lineno, o.target.col_offset))


def may_take_effect(file: File) -> bool:
    """Whether the file sets attention at a path that an open module of the target may have."""
    return not file.target.surface.is_whole and any(
        owner is not None
        and name in facts.attention().settings.names
        and not file.agrees(owner, lambda v, name=name: is_stale(file, Attr(v, name)))
        for owner, name in (_split(target) for target, _ in _assignments(file))
    )


def _assignments(file: File) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Attributes that are assigned, and what is assigned to them."""
    names = facts.attention().settings.names
    for node in file.attributes:
        if isinstance(node.ctx, ast.Store) and node.attr in names:
            statement = file.program.statement(node)
            if isinstance(statement, ast.Assign) and statement.targets == [node]:
                if file.agrees(node.value, lambda v: root(v) == "torchtitan"):
                    yield node, statement.value
    for call in file.calls:
        match call:
            case ast.Call(func=ast.Name(id="setattr"), args=[_, _, value]):
                if isinstance(file.program.parents[call], ast.Expr):
                    yield call, value
            case _:
                pass


def _override(
    file: File, target: ast.expr, value: ast.expr, registries: set[ast.Call]
) -> Override | None:
    owner, name = _split(target)
    if owner is None or name not in facts.attention().settings.names:
        return None
    if not file.agrees(owner, lambda v: is_stale(file, Attr(v, name))):
        return None
    statement = file.program.statement(target)
    guard, remove, alive = _guard(file, statement)
    if alive:
        return None
    calls = tuple(_makers(file, owner, registries))
    lossy = guard is not None and not _only_sets(file, guard, statement)
    conditions = tuple(node for call in calls for node in _conditions(file, statement, call))
    return Override(target, value, guard, remove, calls, lossy, conditions)


def _conditions(file: File, statement: ast.stmt, call: ast.Call) -> Iterator[ast.AST]:
    """What may keep ``statement`` from running once ``call`` has run, at a target that has the path."""
    program = file.program
    around = {*program.ancestors(call)}
    for parent in program.ancestors(statement):
        if parent in around or isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            break
        match parent:
            case ast.If(test=test):
                yield from _undecided(file, test)
            case ast.For() | ast.AsyncFor() | ast.While() | ast.Match() | ast.ExceptHandler():
                yield parent
            case _:
                pass
    here, there = program.function(statement), program.function(call)
    if here is not there:
        yield from _unless_called(file, here, call)
        return
    for node in program.once(_jumps).get(here, ()):
        if call.lineno < node.lineno < statement.lineno:
            yield next((a.test for a in program.ancestors(node) if isinstance(a, ast.If)), node)


def _jumps(program: Program) -> dict[FunctionNode | None, list[ast.stmt]]:
    """What leaves a function, or a loop in it, by the function."""
    found: dict[FunctionNode | None, list[ast.stmt]] = {}
    for node in program.of(ast.Return, ast.Continue, ast.Break):
        found.setdefault(program.function(node), []).append(node)
    return found


def _undecided(file: File, test: ast.expr) -> Iterator[ast.AST]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for part in test.values:
            yield from _undecided(file, part)
    elif verdict(file, test) is None:
        yield test


def _unless_called(file: File, function: ast.AST | None, call: ast.Call) -> Iterator[ast.AST]:
    """The function of an override, unless the call's function runs it in any case."""
    program = file.program
    there = program.function(call)
    name = getattr(function, "name", "")
    if isinstance(there, ast.FunctionDef | ast.AsyncFunctionDef):
        for statement in there.body:
            match statement:
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr=called))) if called == name:
                    return
                case ast.Expr(value=ast.Call(func=ast.Name(id=called))) if called == name:
                    return
                case _:
                    pass
    if function is not None:
        yield function


def _split(target: ast.expr) -> tuple[ast.expr | None, str]:
    match target:
        case ast.Attribute(value=owner, attr=name):
            return owner, name
        case ast.Call(args=[owner, ast.Constant(value=str() as name), _]):
            return owner, name
        case _:
            return None, ""


def _guard(file: File, statement: ast.stmt) -> tuple[ast.If | ast.Try | None, ast.stmt, bool]:
    """The outermost guard that hides the failure, what to remove, and whether it has a live side."""
    guard: ast.If | ast.Try | None = None
    remove: ast.stmt = statement
    child: ast.AST = statement
    for parent in file.program.ancestors(statement):
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            break
        if isinstance(parent, ast.If) and child in parent.body:
            if verdict(file, parent.test) is False:
                if parent.orelse:
                    return None, statement, True
                guard = remove = parent
        elif isinstance(parent, ast.If) and child in parent.orelse:
            if verdict(file, parent.test) is True and parent.body:
                return None, statement, True
        elif isinstance(parent, ast.Try) and child in parent.body:
            swallowing = [h for h in parent.handlers if takes(file, h.type, AttributeError)]
            if swallowing:
                if parent.orelse or not all(_does_nothing(file, h) for h in parent.handlers):
                    return None, statement, True
                if parent.finalbody or len(parent.body) > 1:
                    return parent, statement, False
                guard = remove = parent
        elif isinstance(parent, ast.ExceptHandler):
            return None, statement, True
        child = parent
    return guard, remove, False


def asks_config(file: File, test: ast.AST, depth: int = 0) -> bool:
    """Whether a test asks something that is built, a spec or a config, whether it has a member, be it in a function or under a name."""
    for part in walk(test):
        match part:
            case ast.Call(
                func=ast.Name(id="hasattr" | "getattr" | "vars" | "dir"), args=[asked, *_]
            ):
                if not file.agrees(asked, lambda v: isinstance(v, Ref)):
                    return True
            case ast.Call(func=function) if depth < _ASKING and any(
                asks_config(file, value.node, depth + 1)
                for value in file.values(function)
                if isinstance(value, LocalFunction)
            ):
                return True
            case ast.Name(ctx=ast.Load()) if depth < _ASKING and any(
                asks_config(file, binding.value, depth + 1)
                for binding in file.program.bindings.of(part)
                if binding.kind is Kind.VALUE and binding.value is not None
            ):
                return True
            case _:
                pass
    return False


_ASKING = 3
"""Through how many names and functions a test is followed."""


def inside(file: File, node: ast.AST, guard: ast.stmt) -> Iterator[ast.AST]:
    """The nodes around an override, up to its guard: what else decides on it is a condition of its own."""
    for around in file.program.ancestors(node):
        yield around
        if around is guard:
            return


def takes_failure(file: File, node: ast.AST, value: ast.expr) -> bool:
    """Whether a ``try`` takes what reading a value raises where there is no such name, attribute or item."""
    if not isinstance(node, ast.Try):
        return False
    raised = {
        failure
        for part in walk(value)
        if not (isinstance(part, ast.Name) and _is_there_before(file, part))
        for failure in _RAISED.get(type(part), ())
    }
    return any(takes(file, handler.type, kind) for handler in node.handlers for kind in raised)


_RAISED: dict[type[ast.AST], tuple[type[Exception], ...]] = {
    ast.Attribute: (AttributeError,),
    ast.Name: (NameError,),
    ast.Subscript: (KeyError, IndexError, TypeError),
}


def _is_there_before(file: File, name: ast.Name) -> bool:
    """Whether a name is bound by its own function, or by the module above it."""
    program = file.program
    here = program.function(name)
    return any(
        program.function(binding.node) is here
        or isinstance(binding.node, ast.arg)
        or (binding.node in program.parents and _is_above(program, binding.node, name))
        for binding in program.bindings.of(name)
    )


def _is_above(program: Program, node: ast.AST, name: ast.Name) -> bool:
    statement = node if isinstance(node, ast.stmt) else program.statement(node)
    return program.parents[statement] is program.tree and statement.lineno < name.lineno


def is_used_before(file: File, overrides: Sequence[Override], call: ast.Call) -> bool:
    """Whether something makes use of a built config before one of its overrides sets the backend.

    It may be copied or built from by then. To ask for something, to log it, and to give it another name
    or put it into a config is no such use.

    Args:
        file: The file.
        overrides: The overrides, all in the function of the call.
        call: The call that builds the config.
    """
    inside = {node for override in overrides for node in walk(override.remove)}
    placed = sorted(overrides, key=lambda o: (o.target.lineno, o.target.col_offset))
    # What is between the call and the others is between it and the first or the last of them, too.
    furthest = dict.fromkeys((placed[0].target, placed[-1].target))
    return any(
        isinstance(node, ast.Name | ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and node not in inside
        and call in _makers(file, node, {call})
        and not _only_names(file, node)
        for target in furthest
        for node in between(file.program, call, target) or ()
    )


def _only_names(file: File, node: ast.expr) -> bool:
    """Whether what is read from a config is but asked for, logged, or given another name."""
    parents = file.program.parents
    part, parent = node, parents[node]
    while isinstance(parent, ast.Attribute | ast.keyword):
        part, parent = parent, parents[parent]
    match parent:
        case ast.Call(func=func) if func is part:
            return False
        case ast.Call(func=ast.Name(id=name)) if name in HARMLESS_BUILTINS - ITERATING_BUILTINS:
            return True
        case ast.Call(func=func):
            return last_name(func) == "Config" or file.once(effects).logs(parent)
        case ast.Assign() | ast.AnnAssign() | ast.NamedExpr() | ast.Expr() | ast.FormattedValue():
            return True
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp() | ast.BinOp() | ast.If() | ast.IfExp():
            return True
        case _:
            return False


def is_kept_alive(file: File, value: ast.expr) -> bool:
    """Whether a value is set on a path that the target does not have, and something else is done if that fails."""
    parent = file.program.parents[value]
    return (
        isinstance(parent, ast.Assign)
        and parent.value is value
        and any(
            isinstance(target, ast.Attribute)
            and file.agrees(target.value, lambda v, name=target.attr: is_stale(file, Attr(v, name)))
            for target in parent.targets
        )
    )


def _does_nothing(file: File, handler: ast.ExceptHandler) -> bool:
    """Whether a handler only passes, or only logs; any other call may be the way that works."""
    return all(isinstance(s, ast.Pass) or _logs(file, s, aloud=True) for s in handler.body)


def _logs(file: File, statement: ast.stmt, *, aloud: bool = False) -> bool:
    """Whether a statement writes to a log, or is a comment in the form of a string.

    Args:
        file: The file.
        statement: The statement.
        aloud: Whether it may print, too.
    """
    match statement:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="print")) as call) if aloud:
            found = file.once(effects)
            return all(found.acts(a) is None for a in (*call.args, *call.keywords))
        case ast.Expr(value=ast.Call() as call):
            return file.once(effects).logs(call)
        case _:
            return False


def _only_sets(file: File, guard: ast.If | ast.Try, statement: ast.stmt) -> bool:
    """Whether a guarded block does nothing but the assignment, or talk about it."""
    for node in walk(guard):
        if isinstance(node, ast.If) and not _only_asks(file, guard, node.test):
            return False
        if not isinstance(node, ast.stmt) or node in (guard, statement):
            continue
        if not isinstance(node, ast.Pass | ast.If) and not _logs(file, node):
            return False
    return True


def _only_asks(file: File, guard: ast.If | ast.Try, test: ast.expr) -> bool:
    """Whether a test does nothing, but for giving a name that the guard alone uses its value."""
    acting = file.once(effects).acts(test)
    if not isinstance(acting, ast.NamedExpr):
        return acting is None
    inside = set(walk(guard))
    loads = file.program.loads_from(acting.target)
    return (
        bool(loads)
        and all(load in inside for load in loads)
        and file.once(effects).acts(acting.value) is None
    )


@follows(())
def _makers(file: File, node: ast.expr, registries: set[ast.Call]) -> Sequence[ast.Call]:
    """The registry calls whose result a config path starts from; empty where one is not known."""
    match node:
        case ast.Call() if node in registries:
            return [node]
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, *_]):
            return _makers(file, owner, registries)
        case ast.Attribute():
            bindings = _self_bindings(file, node)
            if bindings:
                return _all_makers(file, bindings, registries)
            return _makers(file, node.value, registries)
        case ast.Name():
            return _all_makers(file, file.program.bindings.of(node), registries)
        case _:
            return []


def _self_bindings(file: File, node: ast.Attribute) -> list[Binding]:
    value = file.sole(node.value)
    if not isinstance(value, LocalInstance):
        return []
    return file.resolver.attribute_bindings(value.info, node.attr)


def _all_makers(file: File, bindings: list[Binding], registries: set[ast.Call]) -> list[ast.Call]:
    found: list[ast.Call] = []
    for binding in bindings:
        if binding.kind is Kind.DECLARED:
            continue
        if binding.kind is not Kind.VALUE or binding.value is None:
            return []
        if isinstance(binding.value, ast.Constant) and binding.value.value is None:
            continue
        calls = _makers(file, binding.value, registries)
        if not calls:
            return []
        found += calls
    return list(dict.fromkeys(found))
