"""Which fields of a node of a syntax tree hold other nodes."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Fields that never hold a node with fields of its own, whatever the node. Together they are most of
# all fields, and looking into them is most of what a walk costs.
_PLAIN = frozenset(
    {
        *("arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs"),
        # A template's `str` is the source text of what it holds.
        *("level", "module", "op", "rest", "simple", "str", "type_comment"),
    }
)


_WITHOUT = (ast.Constant, ast.Global, ast.MatchSingleton, ast.Nonlocal, ast.TypeIgnore)


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The names of the fields, by the type of the node: filled in as types are met.

    Each holds a node or ``None``, or a list of these.
    """

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        names = () if kind in _WITHOUT else kind._fields
        # A `type` statement's name is a node, any other a string.
        plain = _PLAIN if kind.__name__ == "TypeAlias" else _PLAIN | {"name"}
        self[kind] = tuple(name for name in names if name not in plain)
        return self[kind]


FIELDS = _Fields()


def walk(node: ast.AST) -> list[ast.AST]:
    """A node and all below it, in the order of :func:`ast.walk`, at a third of its cost.

    Contexts and single operators, which have nothing to tell, are left out.
    """
    nodes = [node]
    for parent in nodes:
        for name in FIELDS[type(parent)]:
            value: Any = getattr(parent, name, None)
            if value.__class__ is list:
                nodes += (
                    value if None not in value else [item for item in value if item is not None]
                )
            elif value is not None:
                nodes.append(value)
    return nodes
