"""The rules, one a file. A rule's code and name are its file's name.

Listing the rules reads file names only; a rule's module is imported when the rule is used.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from titan_lint.rules.base import Rule


@functools.cache
def names() -> dict[str, str]:
    """Every rule's code and name, ``{"TTN101": "missing-attn-backend", ...}``, ordered by code."""
    found: dict[str, str] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        code, _, name = module.partition("_")
        if code.startswith("ttn") and name:
            found[code.upper()] = name.replace("_", "-")
    return found


@functools.cache
def rule(code: str) -> Rule:
    """The rule of a code such as ``TTN101``.

    Raises:
        KeyError: There is no such rule.
    """
    from titan_lint.rules.base import Rule

    name = names()[code]
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
