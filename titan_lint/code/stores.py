"""What a file stores in attributes: ``owner.name = value``, ``setattr(owner, "name", value)``, ``object.__setattr__``."""

from __future__ import annotations

import ast

from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.program import Program


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
    return found
