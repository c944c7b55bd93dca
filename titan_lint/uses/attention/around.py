"""The settings around registry calls, and what they say to any of these calls."""

from __future__ import annotations

import ast
import functools
import itertools

from titan_lint.uses.attention import masks as masks_module
from titan_lint.uses.attention.choice import MOST_FORMS, Setting, constant, identity
from titan_lint.uses.attention.evidence import is_backend
from titan_lint.uses.attention.held import is_held_to_default
from titan_lint.uses.attention.override import is_kept_alive
from titan_lint.uses.attention.registry import default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from titan_lint.code.names import FunctionNode
    from titan_lint.uses.attention.registry import Registry
    from titan_lint.uses.file import File

    class Attention(Protocol):
        """What is asked of the attention of a file."""

        file: File

        def is_rejected(self, entry: Registry, node: ast.expr) -> bool:
            """Whether every registry that a call may be refuses the literal that an expression is."""
            ...

        def is_taken(self, entry: Registry, form: ast.expr) -> bool:
            """Whether nothing that the file says of a choice is against its being a backend."""
            ...


class Around:
    """The settings around registry calls, and what they say to any of these calls.

    Attributes:
        settings: All of them.
        key: The one choice that they are, else the one of those that build masks; ``None`` for several.
        is_certain: Whether all of them are that choice.
        is_backend: Whether something shows that they are a backend.
        is_kept_alive: Whether it is set on the built config, too, with another way if that fails.
        last_set: The last line that sets the choice to anything else; 0 without one.
    """

    def __init__(self, attention: Attention, settings: list[Setting]) -> None:
        self._attention = attention
        self.settings = settings
        keys = dict.fromkeys(s.key for s in settings)
        self.is_certain = len(keys) == 1
        if not self.is_certain:
            keys = dict.fromkeys(
                s.key for s in settings if masks_module.are_made_of(attention.file, s.node)
            )
        self.key = next(iter(keys)) if len(keys) == 1 else None
        nodes = [s.node for s in settings if self.key is None or s.key == self.key]
        self.is_backend = is_backend(attention.file, nodes)
        loads = [n for n in nodes if isinstance(getattr(n, "ctx", None), ast.Load)]
        self._nodes = nodes
        self.is_kept_alive = any(is_kept_alive(attention.file, node) for node in nodes)
        self._forms = [
            *loads,
            *(n for n in nodes if not isinstance(getattr(n, "ctx", None), ast.Load)),
        ]
        self.last_set = max((n.lineno for n in nodes if self._sets_another(n)), default=0)
        self._said: dict[object, bool] = {}

    def is_rejected(self, entry: Registry) -> bool:
        """Whether a call refuses what one of the settings is."""
        asked = "rejected", _refused(entry)
        if asked not in self._said:
            self._said[asked] = any(self._attention.is_rejected(entry, n) for n in self._nodes)
        return self._said[asked]

    def is_taken(self, entry: Registry) -> bool:
        """Whether nothing is against a call's taking what the settings are."""
        asked = "taken", _refused(entry)
        if asked not in self._said:
            self._said[asked] = all(self._attention.is_taken(entry, n) for n in self._nodes)
        return self._said[asked]

    def is_held_to_default(self, entry: Registry) -> bool:
        """Whether what runs before a call leaves nothing but its default, and nothing sets another."""
        allowed = {default(parameter) for parameter in entry.parameters if parameter is not None}
        if not self._given <= allowed:
            return False
        keys = (setting.key for setting in self.settings)
        return is_held_to_default(self._attention.file, entry, keys)

    @functools.cached_property
    def _given(self) -> set[str | None]:
        """The strings that the choice is set to; ``None`` for anything else."""
        file = self._attention.file
        return {_given(file, node) for node in self._nodes if self._sets_another(node)}

    def nearest(self, here: FunctionNode | None) -> list[ast.expr]:
        """Some expressions for the choice: those of a call's own function first, loads first."""
        mine = self._by_function.get(here, ())[:MOST_FORMS]
        others = (n for n in self._forms if self._attention.file.program.function(n) is not here)
        return [*mine, *itertools.islice(others, MOST_FORMS - len(mine))]

    @functools.cached_property
    def _by_function(self) -> dict[FunctionNode | None, list[ast.expr]]:
        found: dict[FunctionNode | None, list[ast.expr]] = {}
        for node in self._forms:
            found.setdefault(self._attention.file.program.function(node), []).append(node)
        return found

    def _sets_another(self, node: ast.expr) -> bool:
        """Whether a node gives the choice another value."""
        if not isinstance(getattr(node, "ctx", None), ast.Store):
            return False
        value = getattr(self._attention.file.program.statement(node), "value", None)
        return value is None or identity(self._attention.file, value) != self.key


def _given(file: File, node: ast.expr) -> str | None:
    """The string that an assignment gives to a node; ``None`` for anything else."""
    value = getattr(file.program.statement(node), "value", None)
    return constant(file, value) if value is not None else None


def _refused(entry: Registry) -> tuple[frozenset[object], ...]:
    """What the registries that a call may be refuse: all that tells one call from another here."""
    return tuple(frozenset(p.rejected) for p in entry.parameters if p is not None)
