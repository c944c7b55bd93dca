"""What expressions and bindings may be: worked out for those who ask, and remembered."""

from __future__ import annotations

import abc
import ast

from titan_lint.code.names import Kind
from titan_lint.code.rounds import Rounds
from titan_lint.code.type_tests import tested
from titan_lint.code.values import (
    ANYTHING,
    NONE,
    UNKNOWN,
    Attr,
    Item,
    Ref,
    Result,
    Unknown,
    Values,
    union,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVarTuple

    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program
    from titan_lint.code.rounds import Leans
    from titan_lint.code.values import Value

    _Rest = TypeVarTuple("_Rest")

ONLY_NONE = Values((NONE,))
# Calls that give back one of their arguments, and which one.
PASS_THROUGH = {
    "copy.copy": 0,
    "copy.deepcopy": 0,
    "dataclasses.replace": 0,
    "builtins.staticmethod": 0,
    "typing.cast": 1,
    "typing_extensions.cast": 1,
}


# Calls that give what running through their first argument gives, and the first of that.
SAME_ELEMENTS = frozenset(
    {
        *(
            f"builtins.{name}"
            for name in ("list", "tuple", "set", "frozenset", "sorted", "reversed")
        ),
        *("builtins.iter", "builtins.aiter", "itertools.islice", "itertools.cycle"),
        *("collections.deque", "tqdm.tqdm", "tqdm.auto.tqdm"),
    }
)
ELEMENT = frozenset({"builtins.next", "builtins.anext"})


class Answers(abc.ABC):
    """What expressions and bindings of one file may be.

    Args:
        program: The file.
        leans: Counts the answers that rest on something open.
    """

    def __init__(self, program: Program, leans: Leans) -> None:
        self.program = program
        self.bindings = program.bindings
        self._rounds = Rounds(leans)
        self.known = self._rounds.known
        self.heard = self._rounds.heard
        self.tested = program.once(tested)

    @abc.abstractmethod
    def _evaluate(self, node: ast.expr) -> Values:
        """What an expression may be that is not known yet."""

    @abc.abstractmethod
    def _follow(self, binding: Binding) -> Values:
        """What a binding that is not known yet may have bound."""

    def values(self, node: ast.expr) -> Values:
        """All that ``node`` may be; :data:`UNKNOWN` among them where there is a gap."""
        known = self.known.get(node)
        if known is None:
            try:
                known = self._plain(node)
            except RecursionError:
                self._rounds.leans.count += 1
                known = self.known[node] = ANYTHING
        if known is None:
            known = self._rounds.solve(node, self._evaluate)
        return known or ANYTHING

    def bound(self, binding: Binding) -> Values:
        """All that a binding may have bound."""
        known = self.known.get(binding)
        if known is None:
            if binding in self.heard:
                return self._rounds.hear(binding)
            if binding.kind in _PLAIN_KINDS:
                hearings = self._rounds.hearings
                known = self._follow(binding)
                self._rounds.keep(binding, known, hearings)
            else:
                known = self._rounds.solve(binding, self._follow)
        return known

    def _plain(self, node: ast.expr) -> Values | None:
        """What ``node`` may be where that rests on nothing open; ``None`` where it may."""
        known = self.known.get(node)
        if known is None:
            if node in self.heard:
                return self._rounds.hear(node)
            hearings = self._rounds.hearings
            if self._is_plain(node):
                known = self._evaluate(node)
                self._rounds.keep(node, known, hearings)
        return known

    def _is_plain(self, node: ast.expr) -> bool:
        """Whether what ``node`` may be rests on nothing open: no circle to look out for.

        Most expressions are literals, imported names, their attributes and calls of those: they are
        evaluated without the rounds, at a fraction of the cost.
        """
        if isinstance(node, ast.Name):
            if node.id in self.tested:
                return False
            for binding in self.bindings.of(node):
                if binding.kind not in _PLAIN_KINDS:
                    if binding not in self.known and binding not in self.heard:
                        return False
            return True
        if isinstance(node, ast.Attribute):
            if node.attr in self.tested:
                return False
            owner = self._plain_owner(node.value)
            return owner is not None and not (
                isinstance(owner, Result) and owner.function == NAMESPACE
            )
        if isinstance(node, ast.Call):
            function = self._plain_owner(node.func)
            if function is None or isinstance(function, Unknown):
                return False
            return not (isinstance(function, Ref) and function.path in _SPECIAL)
        return type(node) in _LITERALS

    def _plain_owner(self, node: ast.expr) -> Value | None:
        """The one thing that ``node`` is, if its parts and calls rest on nothing but it."""
        values = self._plain(node)
        if values is None or len(values) != 1:
            return None
        (value,) = values
        return value if type(value) in _PLAIN_OWNERS else None

    def hear(self) -> None:
        """What is being worked out rests on what other files say."""
        self._rounds.hearings += 1

    def choices(self, node: ast.expr) -> Values:
        """As :meth:`values`, without the ``None`` that a guarded name also may be."""
        found = self.known.get(node) or self.values(node)
        return found - ONLY_NONE if len(found) > 1 and NONE in found else found

    def sole(self, node: ast.expr) -> Value:
        """The one thing that ``node`` is, else :data:`UNKNOWN`."""
        found = self.choices(node)
        return next(iter(found)) if len(found) == 1 else UNKNOWN

    def each(
        self, node: ast.expr, step: Callable[[Value, *_Rest], Values], *rest: *_Rest
    ) -> Values:
        """What ``step`` makes of all that ``node`` may be."""
        values = self.choices(node)
        if len(values) == 1:
            (value,) = values
            return step(value, *rest)
        return union(step(value, *rest) for value in values)


# What is the same whatever the names in it stand for.
_LITERALS = frozenset(
    {
        *(ast.Constant, ast.Lambda, ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Compare),
        *(ast.UnaryOp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Starred),
    }
)
NAMESPACE = Ref("types.SimpleNamespace")
# What has attributes and calls that are told by it alone.
_PLAIN_OWNERS = frozenset({Ref, Attr, Item, Result, Unknown})
# What a call of gives that is told by its arguments.
_SPECIAL = frozenset(
    {
        *("importlib.import_module", "builtins.__import__", "builtins.super", "builtins.getattr"),
        *("functools.partial", "builtins.type", "builtins.enumerate", "builtins.zip"),
        *(*PASS_THROUGH, *SAME_ELEMENTS, *ELEMENT),
    }
)
_PLAIN_KINDS = (Kind.FROM, Kind.IMPORT, Kind.OPAQUE)
