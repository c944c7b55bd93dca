"""Literals that a file compares what a config's field holds with: ``==``, ``in``, ``match``."""

from __future__ import annotations

import ast

from titan_lint.code.values import Attr, Collection, Const, Instance
from titan_lint.structs import Struct
from titan_lint.uses.conditions.truth import Truth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File


class Compared(Struct, eq=False):
    """One literal that a field is compared with.

    Attributes:
        node: The literal, as written.
        value: What it is.
        fields: What may be compared with it: paths of torchtitan's classes and names of their fields, at
            least one.
    """

    node: ast.expr
    value: object
    fields: tuple[tuple[str, str], ...]


def compared(file: File) -> Iterator[Compared]:
    """The literals with which a file compares what certainly is a field of a class of torchtitan's."""
    asks_for_default = file.once(Truth).constants.asks_for_default
    for asked, node in _pairs(file):
        value = file.sole(node)
        # Who asks a config of his own making what a field is there asks for the version.
        if not isinstance(value, Const) or asks_for_default(asked):
            continue
        fields: list[tuple[str, str]] = []
        values = file.values(asked)
        for field in values:
            match field:
                case Attr(owner=Instance(cls=cls), name=name) if cls.startswith("torchtitan."):
                    fields.append((cls, name))
                case _:
                    pass
        if fields and len(fields) == len(values):
            yield Compared(node, value.value, tuple(fields))


def _pairs(file: File) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each expression that is compared, with what it is compared with."""
    for node in file.program.of(ast.Compare):
        sides = (node.left, *node.comparators)
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if isinstance(operator, ast.Eq | ast.NotEq):
                yield from ((left, right), (right, left))
            elif isinstance(operator, ast.In | ast.NotIn):
                yield from ((left, literal) for literal in listed(file, right))
    for node in file.program.of(ast.Match):
        for case in node.cases:
            yield from ((node.subject, literal) for literal in taken(case.pattern))


def listed(file: File, node: ast.expr) -> list[ast.expr]:
    """The members of a tuple, list or set that is written out and never changed; empty for anything else."""
    match file.sole(node):
        case Collection(node=ast.Tuple(elts=found) | ast.List(elts=found) | ast.Set(elts=found)):
            return [] if file.resolver.mutations.is_mutated(node) else found
        case _:
            return []


def written_out(file: File, argument: ast.expr) -> list[ast.expr]:
    """The arguments that one of a call brings: ``*args`` those of a tuple or list that is written out."""
    if isinstance(argument, ast.Starred):
        return listed(file, argument.value) or [argument]
    return [argument]


def taken(pattern: ast.pattern) -> Iterator[ast.expr]:
    """The values that a pattern takes, where it takes some."""
    match pattern:
        case ast.MatchValue(value=value):
            yield value
        case ast.MatchOr(patterns=patterns):
            for one in patterns:
                yield from taken(one)
        case ast.MatchAs(pattern=ast.pattern() as inner):
            yield from taken(inner)
        case _:
            pass
