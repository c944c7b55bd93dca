"""New code from nothing: calls and lists laid out as black and ruff lay them out, and a module's imports.

What LibCST makes has no layout of its own beyond one line; here nothing is kept and all is written.
"""

from __future__ import annotations

import math

from titan_lint.structs import Struct
from titan_lint.typeguards import is_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Expression: TypeAlias = "str | Call | Items"

WIDTH = 88
_INDENT = 4


class Call(Struct):
    """A call.

    Attributes:
        function: What is called, as it is written.
        arguments: The arguments, each with its keyword; an empty one stands for none.
    """

    function: str
    arguments: tuple[tuple[str, Expression], ...]


class Items(Struct):
    """A list.

    Attributes:
        items: What is in it.
    """

    items: tuple[Expression, ...]


def laid_out(expression: Expression, indent: int = 0, taken: int = 0) -> str:
    """The text of an expression.

    Args:
        expression: What to write.
        indent: How far the line that it begins on is indented.
        taken: How much of that line is taken by other text, the indent not counted.
    """
    if isinstance(expression, str):
        return expression
    flat = _flat(expression)
    if indent + taken + len(flat) <= WIDTH:
        return flat
    opening, parts, closing = _parts(expression)
    if not parts:
        return flat
    inner = indent + _INDENT
    lines = [
        # The comma that follows takes a place, too.
        f"{' ' * inner}{before}{laid_out(part, inner, len(before) + 1)},\n"
        for before, part in parts
    ]
    return f"{opening}\n{''.join(lines)}{' ' * indent}{closing}"


def _flat(expression: Expression) -> str:
    if isinstance(expression, str):
        return expression
    opening, parts, closing = _parts(expression)
    return f"{opening}{', '.join(before + _flat(part) for before, part in parts)}{closing}"


def _parts(expression: Call | Items) -> tuple[str, list[tuple[str, Expression]], str]:
    if isinstance(expression, Items):
        return "[", [("", item) for item in expression.items], "]"
    named = [(f"{name}=" if name else "", value) for name, value in expression.arguments]
    return f"{expression.function}(", named, ")"


def literal(value: object) -> Expression:
    """A constant or a list of constants.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(value, str):
        return _string(value)
    if is_list(value):
        return Items(tuple(literal(item) for item in value))
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    raise ValueError(f"{value} is no constant")


def _string(value: str) -> str:
    """A string in the quotes that need the fewer backslashes, double ones where that is the same."""
    # repr takes single quotes wherever there is no reason against them.
    body = repr(f'"{value}')[2:-1].replace("\\'", "'")
    single = value.count("'") < value.count('"')
    quote = "'" if single else '"'
    return quote + body.replace(quote, f"\\{quote}") + quote


def imports(names: Iterable[tuple[str, str, str]]) -> str:
    """Imports in isort's order: for each a module, a name in it, and what it is bound to."""
    by_module: dict[str, set[tuple[str, str]]] = {}
    for module, name, bound in names:
        by_module.setdefault(module, set()).add((name, bound))
    lines: list[str] = []
    for module, found in sorted(by_module.items()):
        written = [
            name if name == bound else f"{name} as {bound}"
            for name, bound in sorted(found, key=lambda one: (one[0].islower(), one))
        ]
        line = f"from {module} import {', '.join(written)}\n"
        if len(line) > WIDTH + 1:
            inner = "".join(f"    {name},\n" for name in written)
            line = f"from {module} import (\n{inner})\n"
        lines.append(line)
    return "".join(lines)
