"""The literal that an expression is where nobody gives anything else, and those that it is in one branch or another."""

from __future__ import annotations

import ast
import re

from titan_lint.code.following import follows
from titan_lint.code.forms import argument, last_name
from titan_lint.code.names import Binding, Kind
from titan_lint.code.values import Collection, Const, Ref
from titan_lint.code.walk import walk
from titan_lint.uses.class_defaults import field_default, is_class_default
from titan_lint.uses.conditions.truth import Truth
from titan_lint.uses.guards import may_give, reachable
from titan_lint.uses.reads import may_be_asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.uses.file import File

_ENVIRONMENT = (Ref("os.environ.get"), Ref("os.getenv"))


@follows(None)
def fallback(file: File, node: ast.expr) -> Const | None:
    """What an expression is by default: that of ``os.environ.get``, of a parameter or field, or what stands behind ``or``.

    ``None`` without one, where that is no literal, or where the file may see to it that it never counts: it
    tests the value, sets the variable, always passes the argument, or gives it at other torchtitans alone.
    """
    match node:
        case ast.Name():
            match file.program.bindings.of(node):
                case [Binding(kind=Kind.PARAMETER | Kind.VALUE, value=ast.expr()) as binding]:
                    value = _behind(file, binding.value)
                    return value if value is not None and _is_untouched(file, binding) else None
                case _:
                    return None
        case ast.Call(args=[variable, otherwise], keywords=[]):
            key = file.sole(variable)
            if file.sole(node.func) not in _ENVIRONMENT or not isinstance(key, Const):
                return None
            named = [one for one in file.program.of(ast.Constant) if one.value == key.value]
            return _behind(file, otherwise) if len(named) == 1 else None
        case ast.BoolOp(op=ast.Or(), values=[*_, last]):
            return _behind(file, last)
        case ast.Attribute(attr=name):
            value = _behind(file, field_default(file, node))
            if value is None or not file.once(Truth).may_give(node, value.value):
                return None
            reads = (read for read in file.program.reads if read.attr == name)
            return None if any(_is_tested(file, read) for read in reads) else value
        case _:
            return None


@follows(())
def branches(file: File, node: ast.expr) -> tuple[tuple[ast.expr, Const], ...]:
    """The literals that an expression is in one branch or another, with where they stand.

    That is ``"a" if fast else "b"``, a name that an ``if`` binds either way, and what a loop runs through. Nothing where
    it is anything else, too, where the file tests the value, or where the condition may ask for a version.
    """
    match node:
        case ast.IfExp(test=test, body=body, orelse=orelse):
            if _may_ask_for_version(test):
                return ()
            parts = [_branch(file, part) for part in (body, orelse)]
        case ast.Name():
            bindings = file.program.bindings.of(node)
            if any(_is_tested(file, load) for one in bindings for load in file.program.loads(one)):
                return ()
            parts = [_bound(file, binding) for binding in bindings]
        case _:
            return ()
    return tuple(one for part in parts for one in part) if all(parts) else ()


def _branch(file: File, node: ast.expr) -> tuple[tuple[ast.expr, Const], ...]:
    """The literals that one branch gives."""
    value = file.sole(node) if isinstance(node, ast.Constant) else None
    if isinstance(value, Const):
        return ((node, value),) if reachable(file, node) else ()
    return branches(file, node)


def _bound(file: File, binding: Binding) -> tuple[tuple[ast.expr, Const], ...]:
    """The literals that one binding gives a name: an assignment in a branch, or a loop."""
    value = binding.value
    if value is None or binding.whole is not None:
        return ()
    match binding.kind, value:
        case Kind.VALUE, _:
            around = file.program.ancestors(binding.node)
            tests = [one.test for one in around if isinstance(one, ast.If | ast.While)]
            if any(_may_ask_for_version(test) for test in tests):
                return ()
            return _branch(file, value)
        case Kind.ELEMENT, ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return _each(file, parts)
        case Kind.ELEMENT, ast.Name():
            match file.sole(value):
                case Collection(node=ast.Tuple(elts=parts) | ast.List(elts=parts) as held) if (
                    _is_only_run_through(file, held)
                ):
                    return _each(file, parts)
                case _:
                    return ()
        case _:
            return ()


def _is_only_run_through(file: File, held: ast.expr) -> bool:
    """Whether loops alone have a list that a name is bound to, so that nothing changes it."""
    program = file.program
    match program.parents[held]:
        case ast.Assign(targets=[ast.Name() as name]) if not may_be_asked_for(file, name):
            pass
        case _:
            return False
    return all(
        isinstance(loop := program.parents[load], ast.For | ast.comprehension) and loop.iter is load
        for load in program.loads_from(name)
    )


def _each(file: File, parts: Sequence[ast.expr]) -> tuple[tuple[ast.expr, Const], ...]:
    found = [_branch(file, part) for part in parts]
    return tuple(one for part in found for one in part) if all(found) else ()


def _may_ask_for_version(test: ast.expr) -> bool:
    """Whether a condition may tell torchtitans apart, by what it asks or by what it is called."""
    return any(
        isinstance(part, ast.Name | ast.Attribute) and _VERSION.search(last_name(part))
        for part in walk(test)
    )


_VERSION = re.compile(
    r"old|legacy|new|compat|version|titan|has|support|since|before|after", re.IGNORECASE
)


def _behind(file: File, node: ast.expr | None) -> Const | None:
    if node is None:
        return None
    value = file.sole(node)
    if isinstance(value, Const) and not is_class_default(file, node):
        return value if may_give(file, node, value.value) else None
    return fallback(file, node)


def _is_untouched(file: File, binding: Binding) -> bool:
    """Whether a name has one value, which the file does not test, and which no caller in it always gives."""
    program = file.program
    if any(_is_tested(file, load) for load in program.loads(binding)):
        return False
    function = binding.function
    if function is None:
        return True
    if isinstance(function, ast.Lambda):
        return False
    assert isinstance(binding.node, ast.arg)
    owner = program.bindings.owners.get(function)
    name = owner.node.name if owner is not None and function.name == "__init__" else function.name
    index = binding.index - (owner is not None) if binding.index >= 0 else -1
    calls = program.called(name)
    return not calls or any(
        argument(call, index if index >= 0 else len(call.args), binding.node.arg) is None
        and not any(isinstance(given, ast.Starred) for given in call.args)
        and all(word.arg for word in call.keywords)
        for call in calls
    )


def _is_tested(file: File, load: ast.expr) -> bool:
    """Whether what runs may depend on a value."""
    child: ast.AST = load
    for around in file.program.ancestors(load):
        match around:
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                if test is child:
                    return True
            case ast.Assert() | ast.Compare() | ast.match_case():
                return True
            case ast.Match(subject=subject) if subject is child:
                return True
            case ast.comprehension():
                return True
            case ast.BoolOp(op=ast.And()):
                return True
            case ast.stmt():
                return False
            case _:
                pass
        child = around
    return False
