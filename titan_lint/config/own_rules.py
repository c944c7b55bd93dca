"""Rules that somebody else wrote: modules that are imported because the command line says so.

To import a module runs it. So none is imported because a file of the tree under check names it.
"""

from __future__ import annotations

import importlib
import re
import sys

from titan_lint import rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from titan_lint.rules.base import Rule

OFFER = "titan_lint_rule"
"""The class method by which a class of a module offers a rule: it gives a
:class:`~titan_lint.rules.base.Rule`, always the same one, or ``None`` where the class is a base for others."""

_CODE = re.compile("[A-Z]+[0-9]+")
_NAME = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")


class RulesError(Exception):
    """A module cannot be loaded, or what it offers are no rules."""


def load(modules: Sequence[str], folders: Sequence[str] = ()) -> dict[str, str]:
    """Import modules, and take up the rules in them.

    Args:
        modules: Their names.
        folders: Where they are looked for, too. What is installed comes first: a tree must not put
            its own modules in the place of others.

    Returns:
        The code and name of each rule, ordered by code.

    Raises:
        RulesError: See there; the message says what is wrong.
    """
    sys.path += [folder for folder in dict.fromkeys(folders) if folder not in sys.path]
    found: dict[str, Rule] = {}
    for module in modules:
        try:
            holder = importlib.import_module(module)
        except Exception as error:  # whatever the module does
            said = " ".join(str(error).split())
            raise RulesError(f"{module}: {type(error).__name__}: {said}") from error
        for rule in offered(holder):
            if found.setdefault(rule.code, rule) is not rule:
                raise RulesError(f"{module}: there are two rules {rule.code}")
    for rule in found.values():
        rules.add(rule)
    return {code: found[code].name for code in sorted(found)}


def files(modules: Sequence[str]) -> list[str]:
    """The files that some modules and what they import of their own packages were loaded from, sorted."""
    tops = {module.partition(".")[0] for module in modules}
    loaded = (m for name, m in list(sys.modules.items()) if name.partition(".")[0] in tops)
    return sorted({path for module in loaded if (path := getattr(module, "__file__", None))})


def offered(module: ModuleType) -> list[Rule]:
    """The rules in a module.

    Raises:
        RulesError: There is none, or one lacks a code or a name of its own.
    """
    found: list[Rule] = []
    for value in dict.fromkeys(filter(_is_class, vars(module).values())):
        offer = getattr(value, OFFER, None)
        rule = offer() if offer is not None else None
        if rule is not None:
            _require_own(module.__name__, rule)
            found.append(rule)
    if not found:
        raise RulesError(f"{module.__name__}: there is no rule in it")
    return found


def _is_class(value: object) -> bool:
    return isinstance(value, type)


def _require_own(module: str, rule: Rule) -> None:
    if not _CODE.fullmatch(rule.code) or rule.code.startswith("TTN"):
        expected = "a code such as ACME001, which does not begin with TTN"
        raise RulesError(f"{module}: expected {expected}, found {rule.code!r}")
    if not _NAME.fullmatch(rule.name) or rule.name in rules.names().values():
        expected = "a name of its own such as pass-attn-backend"
        raise RulesError(f"{module}: {rule.code}: expected {expected}, found {rule.name!r}")
