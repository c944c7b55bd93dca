"""What a file stores in attributes: ``owner.name = value``, ``setattr(owner, "name", value)``, in ``vars(owner)``."""

from __future__ import annotations

import ast

from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import FunctionNode
    from titan_lint.code.program import Program


HOOKS = frozenset({"__getattr__", "__getattribute__"})
"""Methods that give attributes, whichever they are."""

CREATING = frozenset({"__init__", "__new__"})
"""Methods that may set attributes of a new instance."""


class Store(Struct):
    """One place where an attribute is set.

    Attributes:
        node: The attribute, or the call of ``setattr``.
        owner: On what it is set.
        name: Its name.
        value: What it is set to; ``None`` where that is not plain: in a loop, with ``+=``, by unpacking.
        is_assigned: Whether it is set once and for all: by an assignment without an annotation, or by Python's own
            ``setattr``, and not by a fixture's.
    """

    node: ast.expr
    owner: ast.expr
    name: str
    value: ast.expr | None = None
    is_assigned: bool = True

    @property
    def is_own(self) -> bool:
        """Whether it is set on a method's ``self``."""
        return isinstance(self.owner, ast.Name) and self.owner.id == "self"


def stores(program: Program) -> list[Store]:
    """Where a file sets attributes."""
    return program.once(_stores)


def stored(program: Program, name: str) -> list[Store]:
    """Where a file sets an attribute of a name."""
    return program.once(_by_name).get(name, [])


def put_on(program: Program, function: FunctionNode) -> list[ast.expr]:
    """What a function is set on as an attribute; nothing where it goes by its name, and that is used otherwise, too."""
    if isinstance(function, ast.Lambda):
        return []
    held = program.once(_by_value)
    around = program.function(function)
    bindings = program.bindings
    scope = bindings.module if around is None else bindings.scopes[around]
    made = scope.bindings.get(function.name, ())
    loads = [load for one in made if one.node is function for load in program.loads(one)]
    found = [held[load] for load in loads if load in held]
    return [store.owner for store in found] if len(found) == len(loads) else []


def _by_value(program: Program) -> dict[ast.expr, Store]:
    """Where attributes are set for good, by what they are set to."""
    return {s.value: s for s in stores(program) if s.value is not None and s.is_assigned}


def _by_name(program: Program) -> dict[str, list[Store]]:
    found: dict[str, list[Store]] = {}
    for store in stores(program):
        found.setdefault(store.name, []).append(store)
    return found


def _stores(program: Program) -> list[Store]:
    found: list[Store] = []
    for node in program.bindings.attributes:
        if isinstance(node.ctx, ast.Store):
            parent, value = program.parents[node], None
            match parent:
                case ast.Assign(targets=targets) if node in targets:
                    value = parent.value
                case ast.AnnAssign():
                    value = parent.value
                case _:
                    pass
            is_assigned = isinstance(parent, ast.Assign)
            found.append(Store(node, node.value, node.attr, value, is_assigned))
    for call in program.called("setattr", "__setattr__"):
        match call.args:
            case [owner, ast.Constant(value=str() as name), value]:
                is_builtin = isinstance(call.func, ast.Name)
                found.append(Store(call, owner, name, value, is_assigned=is_builtin))
            case _:
                pass
    return found + list(_stored_in_dictionaries(program))


def _stored_in_dictionaries(program: Program) -> Iterator[Store]:
    """``vars(owner)["name"] = value``, ``owner.__dict__.update(name=value)``."""
    for item in program.bindings.items:
        owner = whose(item.value) if isinstance(item.ctx, ast.Store) else None
        match item.slice:
            case ast.Constant(value=str() as name) if owner is not None:
                parent = program.parents[item]
                is_plain = isinstance(parent, ast.Assign) and parent.targets == [item]
                value = parent.value if isinstance(parent, ast.Assign) and is_plain else None
                yield Store(item, owner, name, value, is_assigned=False)
            case _:
                pass
    for call in program.called("update"):
        owner = whose(call.func.value) if isinstance(call.func, ast.Attribute) else None
        if owner is not None:
            for word in call.keywords:
                if word.arg is not None:
                    yield Store(call, owner, word.arg, word.value, is_assigned=False)


def whose(node: ast.expr | None) -> ast.expr | None:
    """The object of whose members an expression is the dictionary: ``config.__dict__``, ``vars(config)``."""
    match node:
        case ast.Attribute(value=owner, attr="__dict__"):
            return owner
        case ast.Call(func=ast.Name(id="vars"), args=[owner]):
            return owner
        case _:
            return None


def set_on_first(program: Program, value: ast.expr | None) -> list[Store]:
    """Where a function of the file, by its name, sets attributes on what it gets first."""
    firsts = {function: function.args.args[0].arg for function in _named(program, value)}
    return [
        store
        for store in (stores(program) if firsts else ())
        if isinstance(store.owner, ast.Name)
        and (around := program.function(store.node)) in firsts
        and store.owner.id == firsts[around]
    ]


def names_on_first(program: Program, value: ast.expr | None) -> frozenset[str] | None:
    """The attributes of :func:`set_on_first`; ``None`` where these may be any.

    Args:
        program: The file.
        value: What stands for the function: another thing than the name of one may set anything, and so may one that
            hands on what it gets, but for what it replaces: ``original = Trainer.__init__``, ``original(self, config)``.
    """
    made = program.bindings.of(value) if isinstance(value, ast.Name) else []
    functions = _named(program, value)
    if not made or len(functions) < len(made):
        return None
    for function in functions:
        first = function.args.args[0].arg
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id == first:
                match program.parents.get(node):
                    case ast.Attribute(attr=name) if name != "__dict__":
                        pass
                    case ast.Call(func=called) if _is_original(program, called):
                        pass
                    case _:
                        return None
    return frozenset(store.name for store in set_on_first(program, value))


def _named(
    program: Program, value: ast.expr | None
) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of the file that a name stands for, which take something."""
    bindings = program.bindings.of(value) if isinstance(value, ast.Name) else []
    return [
        binding.node
        for binding in bindings
        if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef)
        and binding.node.args.args
    ]


def _is_original(program: Program, called: ast.expr) -> bool:
    """Whether what is called was read from a class: the method that another one takes the place of."""
    bindings = program.bindings.of(called) if isinstance(called, ast.Name) else []
    return bool(bindings) and all(
        isinstance(binding.value, ast.Attribute) and binding.value.attr.startswith("__")
        for binding in bindings
    )
