"""Whether an expression can be written at another place of the file.

A fix passes an expression of the caller's at a call where it did not stand before. It must be bound
there already, mean the same, and not be set on the way.
"""

from __future__ import annotations

import ast

from titan_lint.code.names import Binding, ClassInfo, Kind
from titan_lint.code.order import runs_before
from titan_lint.code.values import LocalInstance
from titan_lint.code.walk import walk
from titan_lint.uses.obligations import same_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.program import Program
    from titan_lint.uses.file import File

_CONSTRUCTORS = {"__init__", "__post_init__", "__new__", "setUp", "setup_method"}


def valid_at(file: File, form: ast.expr, site: ast.expr) -> bool:
    """Whether ``form`` can be evaluated where ``site`` stands, and is the same there as far as is shown."""
    text = file.program.text(form)
    if "\n" in text or "\r" in text or not _is_plain(form) or _position_unknown(file, form):
        return False
    names = [part for part in walk(form) if isinstance(part, ast.Name)]
    return (
        all(_name_valid_at(file, name, site) for name in names)
        and same_value(file, form, site) is not False
    )


def _is_plain(form: ast.expr) -> bool:
    """Whether an expression only reads: names, attributes, items, ``getattr`` and ``get``."""
    match form:
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute(value=inner) | ast.Subscript(value=inner, slice=ast.Constant()):
            return _is_plain(inner)
        case ast.Call(func=ast.Name(id="getattr"), args=args, keywords=[]):
            return all(map(_is_plain, args))
        case ast.Call(func=ast.Attribute(attr="get", value=owner), args=args, keywords=[]):
            return _is_plain(owner) and all(map(_is_plain, args))
        case _:
            return False


def _position_unknown(file: File, form: ast.expr) -> bool:
    """Python before 3.12 does not tell where in an f-string an expression stands."""
    return not file.program.has_fstring_places and any(
        isinstance(ancestor, ast.JoinedStr) for ancestor in file.program.ancestors(form)
    )


def _nodes_at(program: Program, site: ast.expr, name: str) -> frozenset[ast.AST]:
    """The nodes that would have made ``name`` at ``site``; see :meth:`Program.bindings_at`."""
    function = program.function(site)
    if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        scope = program.bindings.scopes[function]
        found = scope.bindings.get(name, [])
        if len(found) == 1 and found[0].kind is Kind.PARAMETER and name not in scope.shared:
            for ancestor in program.ancestors(site):
                if ancestor is function:
                    # A parameter that nothing else binds: no walk through the file is needed.
                    return frozenset((found[0].node,))
                if isinstance(ancestor, _SCOPES):
                    break
    return frozenset(binding.node for binding in program.bindings_at(site, name))


_SCOPES = (*(ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),)


def _name_valid_at(file: File, name: ast.Name, site: ast.expr) -> bool:
    program = file.program
    there = program.function(site)
    bindings = program.bindings.of(name)
    at_site = _nodes_at(program, site, name.id)
    if at_site == frozenset(binding.node for binding in bindings):
        # What the function of the site binds itself must be bound by then.
        return all(
            _bound_before(file, binding, site)
            for binding in bindings
            if there is None or program.function(binding.node) is there
        ) and _self_ready(file, name, site)
    # Another method of the class: only ``self`` is shared.
    value = file.sole(name)
    if not isinstance(value, LocalInstance) or there is None or isinstance(there, ast.Lambda):
        return False
    owner = program.bindings.owners.get(there)
    positional = [*there.args.posonlyargs, *there.args.args]
    return (
        owner is not None
        and bool(positional)
        and at_site == frozenset[ast.AST]((positional[0],))
        and positional[0].arg == name.id
        and value.info in file.resolver.relatives(owner)
        and _self_ready(file, name, site)
    )


def _bound_before(file: File, binding: Binding, site: ast.expr) -> bool:
    """Whether a binding is surely made before ``site`` is evaluated."""
    if isinstance(binding.node, ast.arg):
        return True
    return runs_before(file.program, binding.node, site)


def _statement(file: File, node: ast.AST) -> ast.stmt:
    return node if isinstance(node, ast.stmt) else file.program.statement(node)


def _self_ready(file: File, name: ast.Name, site: ast.expr) -> bool:
    """Whether the attribute of ``self`` that a form begins with is set before ``site``."""
    program, resolver = file.program, file.resolver
    parent = program.parents.get(name)
    value = file.sole(name)
    if not isinstance(value, LocalInstance) or not isinstance(parent, ast.Attribute):
        return True
    here, there = program.function(name), program.function(site)
    relatives = resolver.relatives(value.info)
    stores = [b for cls in relatives for b in cls.attributes.get(parent.attr, ())]
    in_body = any(
        b.kind is not Kind.DECLARED or not stores
        for cls in relatives
        for b in cls.scope.bindings.get(parent.attr, ())
    )
    inside = [b for b in stores if program.function(b.node) is there]
    if inside:
        return any(_bound_before(file, b, site) for b in inside)
    if in_body:
        return True
    setters = {f.name for b in stores if (f := _method(file, b.node)) is not None}
    mine = there.name if isinstance(there, ast.FunctionDef | ast.AsyncFunctionDef) else ""
    if here is there and not _called_between(file, site, name, setters, relatives):
        return True
    if mine in _CONSTRUCTORS:
        # Another method, or a base class, sets it: it must have run by then.
        wanted = setters or _CONSTRUCTORS
        return any(
            called in wanted or _calls(relatives, called) & wanted
            for called, call in _self_calls(there)
            if runs_before(program, call, site)
        )
    constructed = [b for b in stores if (f := _method(file, b.node)) and f.name in _CONSTRUCTORS]
    if stores and not constructed:
        return False
    return not any(_may_run_before(file, binding, mine, relatives) for binding in constructed)


def _method(file: File, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    function = file.program.function(node)
    return None if isinstance(function, ast.Lambda) else function


def _may_run_before(file: File, binding: Binding, method: str, relatives: list[ClassInfo]) -> bool:
    """Whether the constructor calls ``method`` before it sets the attribute."""
    constructor = file.program.function(binding.node)
    made = _statement(file, binding.node)
    return any(
        call.lineno < made.lineno and (called == method or method in _calls(relatives, called))
        for called, call in _self_calls(constructor)
    )


def _called_between(
    file: File, one: ast.expr, other: ast.expr, wanted: set[str], relatives: list[ClassInfo]
) -> bool:
    """Whether a method among ``wanted`` runs between two places of a function."""
    first, last = sorted((one.lineno, other.lineno))
    wanted = wanted or _CONSTRUCTORS
    return any(
        first <= call.lineno <= last
        and (called in wanted or bool(_calls(relatives, called) & wanted))
        for called, call in _self_calls(file.program.function(one))
    )


def _self_calls(function: ast.AST | None) -> Iterator[tuple[str, ast.Call]]:
    """Methods that a function calls on ``self`` or ``super()``."""
    if function is None:
        return
    for node in walk(function):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                yield name, node
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name)):
                yield name, node
            case _:
                pass


def _calls(relatives: list[ClassInfo], method: str) -> set[str]:
    """The methods that a method calls on ``self``, and those that they call."""
    found: set[str] = set()
    todo = [method]
    while todo:
        name = todo.pop()
        for cls in relatives:
            for binding in cls.scope.bindings.get(name, ()):
                fresh = {called for called, _ in _self_calls(binding.node)} - found
                found |= fresh
                todo += fresh
    return found
