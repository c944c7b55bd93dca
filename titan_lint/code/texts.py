"""Strings that are put together, as far as they are known."""

from __future__ import annotations

import ast
import itertools

from titan_lint.code.values import ANYTHING, MOST, Const, Pattern, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from titan_lint.code.values import Value


def text_of(value: Value) -> str | None:
    """The text of a string, with ``*`` for what is not known of it; ``None`` for another value."""
    match value:
        case Const(value=str() as text):
            return text
        case Pattern(text=text):
            return text
        case _:
            return None


def combined(parts: list[list[str]]) -> Values:
    """The strings that are put together of parts, of which each may be one of several."""
    count = 1
    for choices in parts:
        count *= len(choices)
    if count > MOST:
        parts = [choices if len(choices) == 1 else ["*"] for choices in parts]
    texts = dict.fromkeys("".join(combination) for combination in itertools.product(*parts))
    return Values(Pattern(text) if "*" in text else Const(text) for text in texts)


def joined(node: ast.JoinedStr, choices: Callable[[ast.expr], Values]) -> Values:
    """What an f-string may be; ``choices`` gives all that an expression in it may be."""
    parts: list[list[str]] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append([str(part.value)])
        else:
            assert isinstance(part, ast.FormattedValue)
            parts.append(_texts(choices(part.value)) if part.format_spec is None else ["*"])
    return combined(parts)


def concatenated(node: ast.BinOp, choices: Callable[[ast.expr], Values]) -> Values:
    """What a sum of strings may be; ``choices`` gives all that each of them may be."""
    left, right = _texts(choices(node.left)), _texts(choices(node.right))
    if left == right == ["*"]:
        return ANYTHING
    return combined([left, right])


def formatted(text: str, call: ast.Call, choices: Callable[[ast.expr], Values]) -> Values:
    """What ``"...{}".format(x)`` may be; ``choices`` gives all that an argument may be."""
    import string

    is_starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    given = {} if is_starred else dict(enumerate(call.args))
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    parts: list[list[str]] = []
    count = 0
    try:
        for literal, field, spec, conversion in string.Formatter().parse(text):
            parts.append([literal])
            if field is None:
                continue
            if field and not field.isdecimal():
                place = named.get(field)
            else:
                place = given.get(int(field or count))
                count += not field
            is_plain = not spec and not conversion
            parts.append(_texts(choices(place)) if place is not None and is_plain else ["*"])
    except ValueError:
        return Values((Pattern(without_placeholders(text)),))
    return combined(parts)


def _texts(values: Values) -> list[str]:
    found = [text_of(value) for value in values]
    if not found or None in found:
        return ["*"]
    return sorted(text for text in found if text is not None)


def without_placeholders(text: str) -> str:
    """A format string with ``*`` for what is put in."""
    import re

    return re.sub(r"\{[^{}]*\}|%(\(\w+\))?[sdr]", "*", text)
