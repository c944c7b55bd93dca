"""Statements that the target gets to only where something fails that is tried before them."""

from __future__ import annotations

import ast

from titan_lint.code.forms import imports_torchtitan, swallowed
from titan_lint.code.leaving import may_be_left
from titan_lint.code.names import FunctionNode, Kind
from titan_lint.code.values import LocalFunction
from titan_lint.code.walk import walk
from titan_lint.uses.conditions.doubt import Doubt
from titan_lint.uses.conditions.failures import ANY, takes
from titan_lint.uses.conditions.running import Earlier
from titan_lint.uses.conditions.truth import Truth
from titan_lint.uses.definitions import definitions
from titan_lint.uses.refused import read_in, refused_before

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from titan_lint.uses.file import File

_ON, _OUT, _RAISE, _AGAIN, _BREAK = "on", "out", "raise", "again", "break"
"""How a statement may end: it goes on to the next one, leaves the function, raises, begins the next turn, ends the loop."""

Ways = frozenset[str]

_COMPOUND = ast.Try | ast.TryStar | ast.With | ast.AsyncWith | ast.For | ast.While | ast.If
_DEPTH = 2
"""Through how many functions something tried is followed to what it does with torchtitan."""


class Tried:
    """What one file does only where something that it tries with torchtitan before fails at the target.

    ``try: return self.config`` with ``except AttributeError: pass`` leaves what stands behind it to other versions.
    """

    def __init__(self, file: File) -> None:
        self.file = file
        self.truth = file.once(Truth)
        self.running = self.truth.running
        self.doubt = file.once(Doubt)
        self._earlier = Earlier(self._is_end)
        self._serious: dict[ast.stmt, bool] = {}

    def leaves_before(self, block: list[ast.stmt], statement: ast.stmt) -> bool:
        """Whether the target leaves a block before a statement of it, unless something fails that is tried before."""
        return self._earlier.stands_before(block, self.file.program.place(statement)[1])

    def breaks(self, loop: ast.For | ast.While) -> bool:
        """Whether a loop ends by ``break``, or is left, unless something fails that is tried in it."""
        return self._holds_trial(loop) and self._of_block(loop.body) <= {_BREAK, _OUT, _RAISE}

    def _is_end(self, statement: ast.stmt) -> bool:
        return (
            isinstance(statement, _COMPOUND)
            and self._holds_trial(statement)
            and _ON not in self._of(statement)
        )

    def _holds_trial(self, statement: ast.stmt) -> bool:
        """Whether a statement tries something, and may be left by a jump."""
        parts = [*walk(statement)]
        return may_be_left(statement) and any(
            isinstance(part, ast.Try | ast.TryStar)
            or (isinstance(part, ast.With | ast.AsyncWith) and any(_suppressed(part)))
            for part in parts
        )

    def _of_block(self, block: Iterable[ast.stmt]) -> Ways:
        found: set[str] = {_ON}
        for statement in block:
            if _ON not in found:
                break
            found = {*found - {_ON}, *self._of(statement)}
        return frozenset(found)

    def _of(self, statement: ast.stmt) -> Ways:
        """How a statement may end where nothing fails that is tried."""
        match statement:
            case ast.Return():
                return frozenset({_OUT})
            case ast.Raise():
                return frozenset({_RAISE})
            case ast.Break():
                return frozenset({_BREAK})
            case ast.Continue():
                return frozenset({_AGAIN})
            case ast.If(test=test, body=body, orelse=orelse):
                answer = self.truth.verdict(test)
                ways = [body, orelse] if answer is None else [body if answer else orelse]
                return _any(map(self._of_block, ways))
            case ast.Try() | ast.TryStar():
                return self._of_try(statement)
            case ast.With(body=body) | ast.AsyncWith(body=body):
                inside, kinds = self._of_block(body), [*_suppressed(statement)]
                if kinds and (_RAISE in inside or not self._is_for_others(kinds, body)):
                    return inside | {_ON}
                return inside
            case ast.For(body=body, orelse=orelse) | ast.While(body=body, orelse=orelse):
                return self._of_loop(statement, body, orelse)
            case _:
                return frozenset({_OUT if self.running.block_leaves([statement]) else _ON})

    def _of_try(self, statement: ast.Try | ast.TryStar) -> Ways:
        end = self._of_block(statement.finalbody)
        if _ON not in end:
            return end
        body = self._of_block([*statement.body, *statement.orelse])
        ways = [body - {_RAISE}] if statement.handlers else [body]
        for handler in statement.handlers:
            if _RAISE in body or not self._is_for_others([handler.type], statement.body):
                ways.append(self._of_block(handler.body))
        return _any(ways) | (end - {_ON})

    def _of_loop(
        self, loop: ast.For | ast.While, body: list[ast.stmt], orelse: list[ast.stmt]
    ) -> Ways:
        turn = self._of_block(body)
        found = turn & {_OUT, _RAISE}
        if _BREAK in turn:
            found |= {_ON}
        is_endless = isinstance(loop, ast.While) and self.truth.verdict(loop.test) is True
        is_entered = is_endless or (isinstance(loop, ast.For) and self._has_parts(loop))
        if not is_entered or (not is_endless and turn & {_ON, _AGAIN}):
            found |= self._of_block(orelse)
        return found

    def _has_parts(self, loop: ast.For) -> bool:
        """Whether a loop surely has a turn: it runs through what is written out."""
        over = loop.iter
        while isinstance(over, ast.Call) and len(over.args) == 1 and not over.keywords:
            over = over.args[0]  # `enumerate`, `iter`, `reversed`
        if isinstance(over, ast.Name):
            over = self.truth.sole_value(over) or over
        match over:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return any(not isinstance(part, ast.Starred) for part in parts)
            case _:
                return False

    def _is_for_others(self, kinds: Sequence[ast.expr | None], body: list[ast.stmt]) -> bool:
        """Whether what takes exceptions of some kinds is there for what other torchtitans lack of what a block tries."""
        return all(
            any(takes(self.file, kind, failure) for failure in ANY) for kind in kinds
        ) and self._is_trial(body)

    def _is_trial(self, body: list[ast.stmt]) -> bool:
        """Whether a block does something with torchtitan that does not surely fail at the target."""
        first = body[0]
        if first not in self._serious:
            self._serious[first] = any(
                self._touches(statement, _DEPTH) for statement in body
            ) and not self._fails(body)
        return self._serious[first]

    def _fails(self, body: list[ast.stmt]) -> bool:
        """Whether an import, a call or a read of a block surely fails at the target."""
        return (
            self.running.fails(body)
            or bool(refused_before(self.file, body, body[-1]))
            or any(map(self.running.lacks, read_in(body)))
        )

    def _touches(self, tree: ast.AST, depth: int) -> bool:
        """Whether code imports torchtitan, or does something with what is of it, be it through a function."""
        return any(
            (isinstance(part, ast.stmt) and imports_torchtitan(part))
            or (isinstance(part, ast.Name) and self._is_torchtitans(part))
            or (isinstance(part, ast.Call) and self._leads_to_torchtitan(part.func, depth))
            for part in walk(tree)
        )

    def _is_torchtitans(self, node: ast.Name) -> bool:
        return any(map(self.doubt.is_built_on, self.file.values(node)))

    def _leads_to_torchtitan(self, called: ast.expr, depth: int) -> bool:
        """Whether what is called may do something with torchtitan: a function of the project's, or one handed over."""
        if isinstance(called, ast.Name) and any(
            binding.kind in {Kind.PARAMETER, Kind.ELEMENT}
            for binding in self.file.program.bindings.of(called)
        ):
            return True
        if depth == 0:
            return False
        if any(
            self._touches(value.node, depth - 1)
            for value in self.file.values(called)
            if isinstance(value, LocalFunction)
        ):
            return True
        return any(
            home.once(Tried)._touches(binding.node, depth - 1)
            for home, binding in definitions(self.file, called)
            if isinstance(binding.node, FunctionNode)
        )


def _any(ways: Iterable[Ways]) -> Ways:
    return frozenset[str]().union(*ways)


def _suppressed(statement: ast.With | ast.AsyncWith) -> Iterator[ast.expr | None]:
    """What the managers of a ``with`` swallow; ``None`` for one that swallows all."""
    for item in statement.items:
        kinds = swallowed(item.context_expr)
        if kinds is not None:
            yield from kinds or (None,)
