"""The rules, one a file. A rule's code and name are its file's name.

Listing the rules reads file names only; a rule's module is imported when the rule is used.
"""

from __future__ import annotations

import os

from titan_lint.code.screen import COMMANDS, TORCHTITAN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from titan_lint.rules.base import Rule

_names: dict[str, str] = {}
_rules: dict[str, Rule] = {}


def names() -> dict[str, str]:
    """The code and name of every rule of titan-lint's own, ``{"TTN101": "missing-attn-backend", ...}``, ordered by code."""
    if not _names:
        for file in sorted(os.listdir(os.path.dirname(__file__))):
            code, _, name = file.removesuffix(".py").partition("_")
            if file.endswith(".py") and code.startswith("ttn") and name:
                _names[code.upper()] = name.replace("_", "-")
    return _names


def is_of_jobs(code: str) -> bool:
    """Whether a rule is about job configs or command lines; told without loading it."""
    return code.startswith("TTN50")


def is_of_python(code: str) -> bool:
    """Whether a rule is about Python; that about command lines is about those in programs as well."""
    return code == COMMANDS or not is_of_jobs(code)


def rule(code: str) -> Rule:
    """The rule of a code such as ``TTN101``.

    Raises:
        KeyError: There is no such rule.
    """
    if code not in _rules:
        _rules[code] = _load(code, names()[code])
    return _rules[code]


def add(rule: Rule) -> None:
    """Let a rule that somebody else wrote be found by its code."""
    _rules[rule.code] = rule


def is_own(code: str) -> bool:
    """Whether a rule is one of titan-lint's own."""
    return code in names()


def words_of(codes: Sequence[str]) -> tuple[bytes, ...]:
    """What a text may name besides torchtitan of which some rules have something to say, sorted."""
    named = {word for code in codes if not is_own(code) for word in rule(code).words}
    return tuple(word.encode() for word in sorted(named - {TORCHTITAN}))


def screened(codes: Sequence[str], text: str, is_led: Callable[[], bool]) -> list[str]:
    """The rules that can have something to say of a text, told by the words in it.

    Args:
        codes: The rules.
        text: The text.
        is_led: Whether the text may have something of torchtitan's without naming it.
    """
    of_ours = TORCHTITAN in text or is_led()
    return [
        code
        for code in codes
        if (of_ours if is_own(code) else any(word in text for word in rule(code).words))
    ]


def _load(code: str, name: str) -> Rule:
    import importlib

    from titan_lint.rules.base import Rule

    module = importlib.import_module(f"{__name__}.{code.lower()}_{name.replace('-', '_')}")
    (found,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Rule)
        and value.__module__ == module.__name__
        and not value.__name__.startswith("_")
    )
    found.code, found.name = code, name
    return found()
