"""Answers that may rest on themselves: ``a = b`` and ``b = a``, functions that return what they call.

What goes round in a circle is worked out in rounds, from nothing, until it stays as it is. Meanwhile an
answer that rests on what is assumed of another one is kept beside those that are known.
"""

from __future__ import annotations

from titan_lint.code.values import ANYTHING, MOST, NOTHING, UNKNOWN, Values, depth

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from typing import TypeVar

    from titan_lint.code.names import Binding

    _Key = ast.expr | Binding
    _KeyT = TypeVar("_KeyT", ast.expr, Binding)

# Circles settle after a round for each of their members' values; more is a sign of trouble.
_ROUNDS = 30

# A function that gives a list of what it gives itself would never settle.
_DEEPEST = 3


class Leans:
    """How often an answer has rested on a question that was open, or on how deep it was asked.

    An answer during which that did not happen is the same whatever was asked before. One count is shared by all
    that ask each other: the files of a project.
    """

    def __init__(self) -> None:
        self.count = 0


class Rounds:
    """What expressions and bindings may be, worked out by those who are asked for it.

    Args:
        leans: Counts the answers that rest on something open.

    Attributes:
        known: The answers that rest on nothing open, and on nothing that other files say.
        heard: Those that rest on what other files say.
        hearings: How often it was asked what these say, or what rests on it.
    """

    def __init__(self, leans: Leans) -> None:
        self.leans = leans
        self.known: dict[_Key, Values] = {}
        self.heard: dict[_Key, Values] = {}
        self.hearings = 0
        # What is being worked out, what each of these is taken to be, the answers that rest on that
        # (with whose, and whether on what was heard, too), and whose the current one rests on.
        self._active: set[_Key] = set()
        self._assumed: dict[_Key, Values] = {}
        self._resting: dict[_Key, tuple[Values, frozenset[_Key], bool]] = {}
        self._used: set[_Key] = set()
        self._changes = 0

    def keep(self, key: _Key, found: Values, hearings: int) -> None:
        """Remember an answer that rests on nothing open.

        Args:
            key: What it is about.
            found: The answer.
            hearings: What :attr:`hearings` were before it was worked out.
        """
        (self.known if hearings == self.hearings else self.heard)[key] = found

    def hear(self, key: _Key) -> Values:
        """An answer of :attr:`heard`, for one that rests on it."""
        self.hearings += 1
        return self.heard[key]

    def solve(self, key: _KeyT, answer: Callable[[_KeyT], Values]) -> Values:
        """What ``answer`` says of a key that is not known yet, circles followed."""
        resting = self._resting.get(key)
        if resting is not None:
            self.leans.count += 1
            self._used |= resting[1]
            self.hearings += resting[2]
            return resting[0]
        if key in self._active:
            self.leans.count += 1
            self._used.add(key)
            return self._assumed.get(key, NOTHING)
        hearings = self.hearings
        self._active.add(key)
        around, self._used = self._used, set()
        try:
            found = self._rounds(key, answer)
        finally:
            self._active.discard(key)
            self._used.discard(key)
            heads = frozenset(self._used)
            self._used = around | heads if heads else around
        if heads:
            self._resting[key] = found, heads, hearings != self.hearings
        else:
            self.keep(key, found, hearings)
        if self._resting or self._assumed:
            self._move_on(key, heads, is_heard=hearings != self.hearings)
        return found

    def _rounds(self, key: _KeyT, answer: Callable[[_KeyT], Values]) -> Values:
        for _ in range(_ROUNDS):
            changes = self._changes
            self._used.clear()
            try:
                found = answer(key)
            except RecursionError:
                self.leans.count += 1
                return ANYTHING
            # What else goes round beside the unknown would be told by where the circle was entered.
            if len(found) > MOST or (self._used and UNKNOWN in found) or depth(found) > _DEEPEST:
                found = ANYTHING
            if key not in self._used:
                return found
            if self._assumed.get(key, NOTHING) != found:
                self._assumed[key] = found
                self._changes += 1
            if len(self._used) > 1 or self._changes == changes:
                return found  # settled, or left to the circle's first member
            self._forget(key)
        return ANYTHING

    def _forget(self, key: _Key) -> None:
        """Drop the answers that rest on what ``key`` was assumed to be."""
        for other in [other for other, (_, heads, _) in self._resting.items() if key in heads]:
            del self._resting[other]

    def _move_on(self, key: _Key, heads: frozenset[_Key], *, is_heard: bool) -> None:
        """``key`` is through: what rests on it rests on ``heads`` now, or is known."""
        for other, (found, others, was_heard) in list(self._resting.items()):
            if key not in others:
                continue
            others = (others - {key}) | heads
            if others:
                self._resting[other] = found, others, was_heard or is_heard
            else:
                (self.heard if was_heard or is_heard else self.known)[other] = found
                self._assumed.pop(other, None)
                del self._resting[other]
        if not heads:
            self._assumed.pop(key, None)
