"""Which fields of a node of a syntax tree hold other nodes."""

from __future__ import annotations

import ast

# Fields that never hold a node with fields of its own, whatever the node. Together they are most of
# all fields, and looking into them is most of what a walk costs.
_PLAIN = frozenset(
    {
        *("arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "level"),
        *("module", "op", "simple", "type_comment"),
    }
)


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The names of the fields, by the type of the node: filled in as types are met."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        names = () if kind is ast.Constant else kind._fields
        self[kind] = tuple(name for name in names if name not in _PLAIN)
        return self[kind]


FIELDS = _Fields()
