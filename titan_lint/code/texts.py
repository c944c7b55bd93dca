"""Strings that are put together, as far as they are known."""

from __future__ import annotations

import itertools

from titan_lint.code.values import MOST, Const, Pattern, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
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


def without_placeholders(text: str) -> str:
    """A format string with ``*`` for what is put in."""
    import re

    return re.sub(r"\{[^{}]*\}|%(\(\w+\))?[sdr]", "*", text)
