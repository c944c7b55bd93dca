"""The rules, one a file. A rule's code and name are its file's name.

Listing the rules reads file names only; a rule's module is imported when the rule is used.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.rules.base import Rule

_names: dict[str, str] = {}
_rules: dict[str, Rule] = {}


def names() -> dict[str, str]:
    """Every rule's code and name, ``{"TTN101": "missing-attn-backend", ...}``, ordered by code."""
    if not _names:
        for file in sorted(os.listdir(os.path.dirname(__file__))):
            code, _, name = file.removesuffix(".py").partition("_")
            if file.endswith(".py") and code.startswith("ttn") and name:
                _names[code.upper()] = name.replace("_", "-")
    return _names


def is_of_jobs(code: str) -> bool:
    """Whether a rule is about job configs, and not about Python; told without loading it."""
    return code.startswith("TTN50")


def rule(code: str) -> Rule:
    """The rule of a code such as ``TTN101``.

    Raises:
        KeyError: There is no such rule.
    """
    if code not in _rules:
        _rules[code] = _load(code, names()[code])
    return _rules[code]


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
