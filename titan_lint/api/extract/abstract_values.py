"""What is known of a value without running the code that makes it: the values of the interpreter.

A value is a constant, something written out, a thing of torchtitan's, or unknown; one more is equal to
no constant that it is compared with. What is worked out from such values is certain, or unknown.
"""

from __future__ import annotations

import ast
import enum

from titan_lint.api import hints
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api.hints import Constant


class Known(Struct):
    """A literal; ``True`` and ``1`` are told apart."""

    type: type
    value: Constant


class Display(Struct):
    """A tuple, list or set written out."""

    items: tuple[Abstract, ...]


class Defined(Struct):
    """One of the functions, classes and dictionaries at these canonical paths.

    Attributes:
        partial: whether arguments that aren't known are bound already.
    """

    paths: tuple[str, ...]
    partial: bool = False


class _Special(enum.Enum):
    OTHER = enum.auto()
    """Equal to no literal that it is compared with."""
    UNKNOWN = enum.auto()


class Dictionary(Struct):
    """A dictionary with names for keys, as it is handed on with ``**``.

    Attributes:
        complete: whether there are no other keys.
    """

    items: tuple[tuple[str, Abstract], ...]
    complete: bool = True


Abstract = Known | Display | Defined | Dictionary | _Special

OTHER, UNKNOWN = _Special.OTHER, _Special.UNKNOWN


def constant(value: Constant) -> Known:
    """The literal that a constant is."""
    return Known(type(value), value)


def constant_of(node: ast.expr) -> Abstract:
    """The value of a module-level constant."""
    literal = hints.constant(node)
    if literal is not None:
        return constant(literal[0])
    match node:
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return Display(tuple(constant_of(item) for item in items))
        case ast.Call(func=ast.Name(id="frozenset" | "set" | "tuple"), args=[inner], keywords=[]):
            return constant_of(inner)
        case _:
            return UNKNOWN


def negated(truth: bool | None) -> bool | None:
    """The truth of the opposite; ``None`` for what is not known."""
    return None if truth is None else not truth


def any_of(truths: list[bool | None]) -> bool | None:
    """Whether one of several is true; ``None`` where that is not known."""
    if True in truths:
        return True
    return None if None in truths else False


def ordered(operator: ast.cmpop, left: Abstract, right: Abstract) -> bool | None:
    """What ``<`` and the like give; ``None`` where the numbers are not known."""
    if not (isinstance(left, Known) and isinstance(right, Known)):
        return None
    a, b = left.value, right.value
    if not (isinstance(a, int | float) and isinstance(b, int | float)):
        return None
    match operator:
        case ast.Lt():
            return a < b
        case ast.LtE():
            return a <= b
        case ast.Gt():
            return a > b
        case ast.GtE():
            return a >= b
        case _:
            return None


def in_common(one: Dictionary, other: Dictionary) -> Dictionary:
    """What two dictionaries have alike."""
    if one == other:
        return one
    theirs = dict(other.items)
    alike = tuple((name, value) for name, value in one.items if theirs.get(name) == value)
    return Dictionary(alike, complete=False)


def arithmetic(operator: ast.operator, left: Abstract, right: Abstract) -> Abstract:
    """What an operator makes of two integers."""
    if not (isinstance(left, Known) and isinstance(right, Known)):
        return UNKNOWN
    a, b = left.value, right.value
    if not (isinstance(a, int) and isinstance(b, int)):
        return UNKNOWN
    match operator:
        case ast.Add():
            return constant(a + b)
        case ast.Sub():
            return constant(a - b)
        case ast.Mult():
            return constant(a * b)
        case ast.FloorDiv() if b:
            return constant(a // b)
        case ast.Mod() if b:
            return constant(a % b)
        case _:
            return UNKNOWN
