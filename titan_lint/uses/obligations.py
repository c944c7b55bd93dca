"""What must be shown before a rewrite is safe.

A fix is safe only where each obligation that it rests on is shown. Where one is not, the fix is unsafe
and names it, or is not offered. Each function here decides one obligation for one rewrite and answers in
doubt that it is not shown.
"""

from __future__ import annotations

import ast

from titan_lint.code import uses
from titan_lint.code.effects import Effects, is_private
from titan_lint.code.following import follows
from titan_lint.code.forms import MAKING, last_name
from titan_lint.code.names import Kind
from titan_lint.code.order import between, runs_after, runs_before
from titan_lint.code.values import (
    LocalClass,
    LocalInstance,
    Ref,
    root,
)
from titan_lint.code.walk import walk
from titan_lint.finding import Obligation
from titan_lint.rewriting.operations import RenameKeyword, ReplaceExpression
from titan_lint.uses import given_elsewhere
from titan_lint.uses.known_values import form_name, is_no_string, known_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program
    from titan_lint.rewriting.operations import Operation, Rewrite
    from titan_lint.uses.file import File

__all__ = [
    "Obligation",
    "beside_each_other",
    "calls_its_own",
    "changed_elsewhere",
    "compared_nowhere",
    "evaluated_there",
    "is_asked_for",
    "is_its_own",
    "never_changed",
    "same_value",
    "unchanged_between",
    "value_taken",
]


def effects(file: File) -> Effects:
    """What pieces of the file's code may do."""
    return Effects(file.program, file.resolver, file.options.readers)


def evaluated_there(
    file: File,
    form: ast.expr,
    site: ast.expr,
    entered: Callable[[ast.stmt], bool] = lambda _: False,
) -> bool:
    """Whether evaluating ``form`` where ``site`` stands evaluates nothing that was not before.

    It is on every path through ``site`` already, so that what it may raise is raised in any case. Local
    names are bound there or valid nowhere.

    Args:
        file: The file.
        form: An expression of the file.
        site: Where it is to be evaluated.
        entered: Tells the statements whose block the versions of old did enter.
    """
    if _is_bound_name(file, form):
        return True
    program = file.program
    if runs_before(program, form, site):
        return True
    # What a store gives is there only behind it.
    return not _is_store(form) and runs_after(program, form, site, entered)


def same_value(file: File, form: ast.expr, site: ast.expr) -> bool | None:
    """Whether ``form`` gives at ``site`` what it gives where it stands.

    Returns:
        ``True`` where nothing can change it in between, ``False`` where something in between sets what
        it reads, ``None`` where that is not shown.
    """
    if _is_set_between(file, form, site):
        return False
    form = _read(file, form) or form
    if _is_bound_name(file, form):
        return True
    nodes = between(file.program, form, site)
    if nodes is None or (_is_store(form) and not runs_before(file.program, form, site)):
        return None
    return True if file.once(effects).may_change(form, nodes) is None else None


def _sets(program: Program) -> dict[tuple[bool, object], list[ast.Attribute | ast.Subscript]]:
    """The attributes (true) and the items (false) that are set or deleted, by name and constant."""
    found: dict[tuple[bool, object], list[ast.Attribute | ast.Subscript]] = {}
    for node in (*program.bindings.attributes, *program.bindings.items):
        if isinstance(node.ctx, ast.Load):
            continue
        if isinstance(node, ast.Attribute):
            found.setdefault((True, node.attr), []).append(node)
        elif isinstance(node.slice, ast.Constant):
            found.setdefault((False, node.slice.value), []).append(node)
    return found


def _is_set_between(file: File, form: ast.expr, site: ast.expr) -> bool:
    """Whether an attribute or item that ``form`` reads is set anew between it and ``site``.

    In another function that is anywhere in the class, for attributes of anything but ``self``: when
    those are set is told by what the class calls.
    """
    program = file.program
    attributes = {part.attr for part in walk(form) if isinstance(part, ast.Attribute)}
    keys = {
        part.slice.value
        for part in walk(form)
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant)
    }
    keys |= {part.value for part in walk(form) if isinstance(part, ast.Constant)}
    first, last = sorted((form.lineno, site.lineno))
    here = program.function(site)
    together = program.function(form) is here
    sets = program.once(_sets)
    wanted = [*((True, name) for name in attributes | keys), *((False, key) for key in keys)]
    for node in (node for key in wanted for node in sets.get(key, ())):
        if together:
            if program.function(node) is here and first < node.lineno < last:
                return True
        elif not isinstance(file.sole(node.value), LocalInstance) and (
            program.class_of(node) is program.class_of(site) and program.class_of(site) is not None
        ):
            return True
    return False


def is_asked_for(file: File, binding: Binding, bound: str) -> bool:
    """Whether anything but the uses that are seen may ask for what an import binds, in any file.

    See :func:`titan_lint.code.uses.is_asked_for` for the file itself.
    """
    program = file.program
    if uses.is_asked_for(program, binding, bound):
        return True
    if program.function(binding.node) is not None or file.options.readers is None:
        return False
    return file.options.readers.ask_for(bound)


def unchanged_between(file: File, form: ast.expr, one: ast.expr, other: ast.expr) -> bool:
    """Whether an expression gives the same at two places, wherever it stands itself."""
    nodes = between(file.program, one, other)
    return nodes is not None and file.once(effects).may_change(form, nodes) is None


def _is_store(form: ast.expr) -> bool:
    return isinstance(getattr(form, "ctx", None), ast.Store)


def value_taken(
    file: File, form: ast.expr, taken: Iterable[str], refused: Iterable[object] = ()
) -> bool:
    """Whether all that any file tells of an expression's values are strings that the target takes.

    Nothing known is no objection: that is for the evidence to say.

    Args:
        file: The file.
        form: The expression.
        taken: The strings.
        refused: Those that the target refuses there: the file has none of them, by whichever way it may get there.
    """
    allowed = set(taken)

    def is_taken(value: object) -> bool:
        return isinstance(value, str) and value in allowed

    return (
        all(map(is_taken, known_values(file, form)))
        and not is_no_string(file, form)
        and given_elsewhere.are_all(file, form, is_taken)
        and file.once(_stated).isdisjoint(refused)
    )


def _stated(file: File) -> frozenset[str]:
    """The texts that a file has for more than to compare something with them, or to say something.

    The way from one to a setting may be hidden: ``build(*args)``, ``dict([("attn_type", "sdpa")])``.
    """
    program = file.program
    return frozenset(
        node.value
        for node in program.of(ast.Constant)
        if isinstance(node.value, str)
        and not isinstance(program.parents[node], ast.Expr | ast.MatchValue)
        and not any(isinstance(around, ast.Compare) for around in program.ancestors(node))
    )


def never_changed(file: File, form: ast.expr) -> bool:
    """Whether what ``form`` reads is set once, where objects are made, and never again, in any file.

    For an expression that is read in another function than the one it was used in before: whatever runs
    in between, nothing that the files show changes its value.
    """
    parts = [part for part in walk(form) if isinstance(part, ast.Attribute)]
    if len(parts) != sum(
        1 for part in walk(form) if not isinstance(part, ast.Name | ast.expr_context)
    ):
        return False  # items of dictionaries, getattr, get
    if file.once(effects).answers(form):
        return False
    names = {part.attr for part in parts}
    made: set[str] = set()
    for node in file.attributes:
        if node.attr == "__dict__":
            return False
        if node.attr not in names or isinstance(node.ctx, ast.Load):
            continue
        # Several classes of settings may each set their own.
        if not _is_made_there(file, node) or (node.attr in made and node.attr != form_name(form)):
            return False
        made.add(node.attr)
    if any(isinstance(call.func, ast.Name) and call.func.id in _SETTING for call in file.calls):
        return False
    return not any(changed_elsewhere(file, part) for part in parts)


def changed_elsewhere(file: File, part: ast.Attribute) -> bool:
    """Whether another file may set an attribute anew that one of this file reads."""
    readers = file.options.readers
    if readers is None:
        return False
    value = file.sole(part.value)
    if not isinstance(value, LocalInstance):
        return readers.change(part.attr)
    above = file.resolver.local_mro(value.info)
    names = (last_name(base) for info in above for base in info.node.bases)
    return readers.change(part.attr, [*(info.node.name for info in above), *names])


_SETTING = frozenset({"setattr", "delattr", "vars", "exec", "eval", "globals", "locals"})


def _is_made_there(file: File, node: ast.Attribute) -> bool:
    """Whether a store sets an attribute of ``self`` in a constructor, or on the way of one."""
    function = file.program.function(node)
    return (
        isinstance(node.value, ast.Name)
        and isinstance(function, ast.FunctionDef)
        and function.name in MAKING
        and isinstance(file.sole(node.value), LocalInstance)
    )


def compared_nowhere(
    file: File, name: str, value: object, *callees: str, own: bool = False
) -> bool:
    """Whether nobody asks for a value that gets a new name, or for the field that holds it.

    Args:
        file: The file; another one does not where it names but the field, or but the value.
        name: The field, such as ``spmd_backend``.
        value: The old value.
        callees: What takes the value by position as well.
        own: Whether the name is one that only such a field has, whatever it is read from.
    """
    asked = file.once(_asked_of_anything if own else _asked_of)
    if value in file.program.once(_compared) or name in asked:
        return False
    readers = file.options.readers
    if readers is None or not isinstance(value, str):
        return readers is None
    return not readers.tell_apart(name, value, *callees)


def calls_its_own(file: File, rewrite: Rewrite) -> bool:
    """Whether the calls that a rewrite changes call what the file imports, in every file's eyes.

    What another file puts there, such as a test's stub, need not take what is written for torchtitan.
    """
    return all(
        is_its_own(file, call)
        for operation in rewrite.operations
        if (call := _changed_call(file.program, operation)) is not None
    )


def is_its_own(file: File, call: ast.Call) -> bool:
    """Whether no other file puts something in the place of what a call calls, in this file or in torchtitan."""
    paths = [value.path for value in file.values(call.func) if isinstance(value, Ref)]
    if paths and file.is_replaced(*paths, by=call):
        return False
    readers = file.options.readers
    if readers is None:
        return True
    names: list[str] = []
    node = call.func
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return not (
        isinstance(node, ast.Name)
        and any(isinstance(b.node, ast.alias) for b in file.program.bindings.of(node))
        and any(map(readers.replace, (node.id, *names)))
    )


def _changed_call(program: Program, operation: Operation) -> ast.Call | None:
    """The call of which an operation changes what is called or passed."""
    changed = getattr(operation, "call", None)
    if isinstance(operation, RenameKeyword):
        changed = program.parents[operation.keyword]
    elif isinstance(operation, ReplaceExpression):
        changed = operation.node
    return changed if isinstance(changed, ast.Call) else None


def _compared(program: Program) -> set[object]:
    """The constants that the file compares with, matches or looks up by."""
    found: set[object] = set()
    for node in program.of(ast.Compare, ast.MatchValue, ast.Dict):
        match node:
            case ast.Compare():
                parts = [part for side in (node.left, *node.comparators) for part in walk(side)]
            case ast.MatchValue(value=part):
                parts = [part]
            case ast.Dict(keys=keys):
                parts = keys
            case _:
                continue
        found.update(part.value for part in parts if isinstance(part, ast.Constant))
    return found


def _asked_of(file: File) -> set[object]:
    """The names that the file reads from torchtitan's objects, or asks of anything as strings."""
    found: set[object] = set()
    for node in file.program.of(ast.Attribute, ast.Call):
        match node:
            case ast.Attribute(attr=attr, ctx=ast.Load()) if attr not in found:
                if any(root(value) == "torchtitan" for value in file.resolver.values(node.value)):
                    found.add(attr)
            case ast.Call(func=ast.Name(id="getattr" | "hasattr"), args=[_, asked, *_]):
                if isinstance(asked, ast.Constant):
                    found.add(asked.value)
            case _:
                pass
    return found


def _asked_of_anything(file: File) -> set[object]:
    """The names that the file reads from anything but its own objects, or has in strings and patterns."""
    found: set[object] = set()
    for node in file.program.of(ast.Attribute, ast.Constant, ast.MatchClass):
        match node:
            case ast.Attribute(attr=attr, ctx=ast.Load()) if attr not in found:
                values = file.resolver.values(node.value)
                if not values or not all(isinstance(v, LocalInstance | LocalClass) for v in values):
                    found.add(attr)
            case ast.Constant(value=str() as asked) if not _is_keyword(file.program, node):
                found.add(asked)
            case ast.MatchClass(kwd_attrs=names):
                found.update(names)
            case _:
                pass
    return found


def _is_keyword(program: Program, key: ast.Constant) -> bool:
    """Whether a constant names what a call is given: ``f(**{"key": value})``."""
    match program.parents[key]:
        case ast.Dict(keys=keys) as given if key in keys:
            return isinstance(program.parents[given], ast.keyword)
        case _:
            return False


def beside_each_other(file: File, one: ast.expr, other: ast.expr) -> bool:
    """Whether two calls of a function run together: each time the one is made, so is the other."""
    program = file.program
    return program.class_of(one) is program.class_of(other) and (
        (runs_before(program, one, other) and runs_after(program, other, one))
        or (runs_before(program, other, one) and runs_after(program, one, other))
        or program.statement(one) is program.statement(other)
    )


@follows(None)
def _read(file: File, form: ast.expr) -> ast.expr:
    """The expression that gives a local name its value, where only one does."""
    if isinstance(form, ast.Name) and is_private(file.program, form):
        bindings = file.program.bindings.of(form)
        if len(bindings) == 1 and bindings[0].kind is Kind.VALUE and bindings[0].value is not None:
            return _read(file, bindings[0].value) or form
    return form


def _is_bound_name(file: File, form: ast.expr) -> bool:
    """Whether an expression is a local name that no other function can bind, or a constant."""
    if isinstance(form, ast.Constant):
        return True
    if not isinstance(form, ast.Name):
        return False
    return is_private(file.program, form)
