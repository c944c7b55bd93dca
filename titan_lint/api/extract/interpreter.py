"""An abstract interpreter of torchtitan's functions and constructors.

It runs a function with what is known of its arguments, and asks: does every path raise? Calls into torchtitan are
followed with the arguments that are known, so that ``model_registry(attn_backend=...)`` is rejected by
whatever function it ends up in. Loops count when they certainly run at least once.

What it says is certain: a condition that depends on anything unknown goes both ways, and a path that
may end well does so. A raise under ``try`` counts only if every handler raises.
"""

from __future__ import annotations

import ast
import enum
import functools

from titan_lint.api import hints
from titan_lint.api.entities import Class, LookupScope
from titan_lint.api.extract.abstract_values import UNKNOWN, Abstract, Defined, any_of, constant
from titan_lint.api.extract.bodies import assigned, assigned_in, is_plain, is_static, returns
from titan_lint.api.extract.evaluation import ROUNDS, Evaluation
from titan_lint.api.extract.frame import Ending, Frame, RaisedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from titan_lint.api.extract.extracted import Extracted, FunctionTree
    from titan_lint.api.surface import Surface


_DEPTH = 16
"""Calls inside calls that are followed."""

_STATEMENTS = 100_000
"""Statements that are run for one parameter, before it is left unknown."""

_MESSAGE_LENGTH = 200
"""Longest message that is kept, in characters."""


class _Outcome(enum.Enum):
    FALLS = enum.auto()
    """Goes on behind the statement."""
    BREAKS = enum.auto()
    """May leave the loop, or this round of it."""
    LEAVES = enum.auto()
    """May leave the function without an exception."""


_FALLS, _BREAKS, _LEAVES = _Outcome.FALLS, _Outcome.BREAKS, _Outcome.LEAVES


class TooLongError(Exception):
    """Running the code takes too long to be worth it."""


_NOT_CERTAIN = Ending(None, ())


class Interpreter(Evaluation):
    """Runs functions of one torchtitan, and remembers what came of it."""

    def __init__(self, surface: Surface, extracted: Extracted) -> None:
        super().__init__(surface, extracted.mutated)
        self.trees = extracted.functions
        self._memory: dict[tuple[str, frozenset[tuple[str, Abstract]]], Ending] = {}
        self._plain: dict[str, bool] = {}
        self._locals: dict[str, frozenset[str]] = {}
        self._running: list[str] = []
        self._statements = 0

    # Calls.

    def begin(self) -> None:
        """Count statements anew: what is run next may take as long as what was run before."""
        self._statements = 0

    def call(self, path: str, given: Mapping[str, Abstract]) -> Ending:
        """Run the function at ``path`` with what is known of its arguments.

        Raises:
            TooLongError: It takes too long.
        """
        known = frozenset((n, v) for n, v in given.items() if v is not UNKNOWN)
        key = (path, known)
        found = self._memory.get(key)
        if found is None:
            tree = self.trees.get(path)
            if tree is None or path in self._running or len(self._running) >= _DEPTH:
                return _NOT_CERTAIN
            found = self._memory[key] = self._run(path, tree, dict(known))
        self._mentioned.update(dict.fromkeys(found.mentioned))
        return found

    def _run(self, path: str, tree: FunctionTree, given: dict[str, Abstract]) -> Ending:
        outside, self._mentioned = self._mentioned, {}
        self._running.append(path)
        raises: str | None = None
        try:
            self._block(tree.body, self._frame(path, tree, given))
        except RaisedError as raised:
            raises = raised.message
        finally:
            self._running.pop()
            mentioned, self._mentioned = tuple(self._mentioned), outside
        return Ending(raises, mentioned)

    def _frame(self, path: str, tree: FunctionTree, given: dict[str, Abstract]) -> Frame:
        holder = path.rpartition(".")[0]
        class_ = self.surface.lookup(holder)
        is_method = isinstance(class_, Class)
        module = class_.module if isinstance(class_, Class) else holder
        arguments = tree.args
        names = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        names += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
        variables: dict[str, Abstract] = {a.arg: UNKNOWN for a in names}
        if path not in self._locals:
            self._locals[path] = frozenset(variables) | assigned(tree.body)
        frame = Frame(LookupScope(module), {**variables, **given}, self._locals[path])
        if is_method and names and not is_static(tree):
            frame.self_name = names[0].arg
            exact = given.get("self")
            if isinstance(exact, Defined):
                found = self.surface.lookup(exact.paths[0])
                frame.self_class = found if isinstance(found, Class) else None
            for name in [n for n in given if n.startswith("self.")]:
                frame.variables[f"{frame.self_name}.{name[5:]}"] = given[name]
        return frame

    def follows(self, path: str) -> bool:
        """Whether calling the function at ``path`` runs the body that is there."""
        if path not in self._plain:
            tree = self.trees.get(path)
            self._plain[path] = tree is not None and is_plain(tree)
        return self._plain[path]

    # Statements.

    def _block(self, body: Sequence[ast.stmt], frame: Frame) -> _Outcome:
        for statement in body:
            outcome = self._statement(statement, frame)
            if outcome is not _FALLS:
                return outcome
        return _FALLS

    def _statement(self, node: ast.stmt, frame: Frame) -> _Outcome:
        self._statements += 1
        if self._statements > _STATEMENTS:
            raise TooLongError
        match node:
            case ast.Return():
                if node.value is not None:
                    self._evaluate(node.value, frame)
                return _LEAVES
            case ast.Raise():
                raise RaisedError(self._message(node, frame))
            case ast.Break() | ast.Continue():
                return _BREAKS
            case ast.Expr():
                self._evaluate(node.value, frame)
            case ast.Assign():
                value = self._evaluate(node.value, frame)
                for target in node.targets:
                    self._bind_target(target, value, frame)
            case ast.AnnAssign():
                if node.value is not None:
                    self._bind_target(node.target, self._evaluate(node.value, frame), frame)
            case ast.AugAssign():
                self._evaluate(node.value, frame)
                self._bind_target(node.target, UNKNOWN, frame)
            case ast.Assert():
                if self._truth(node.test, frame) is False:
                    text = self._text(node.msg, frame) if node.msg is not None else ""
                    raise RaisedError(_shortened(f"AssertionError: {text}".removesuffix(": ")))
            case ast.If():
                return self._branch(node, frame)
            case ast.For() | ast.AsyncFor():
                return self._loop(node, frame)
            case ast.While():
                return self._while(node, frame)
            case ast.Try():
                return self._try(node, frame)
            case ast.With() | ast.AsyncWith():
                return self._with(node, frame)
            case ast.Match():
                subject = self._evaluate(node.subject, frame)
                return self._cases(subject, node.cases, frame)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                frame.forget([node.name])
            case ast.Import() | ast.ImportFrom():
                self._import(node, frame)
            case ast.Delete():
                frame.forget(assigned([node]))
            case ast.Pass() | ast.Global() | ast.Nonlocal():
                pass
            case _:
                return _LEAVES  # Not understood: nothing certain behind it.
        return _FALLS

    def _branch(self, node: ast.If, frame: Frame) -> _Outcome:
        truth = self._truth(node.test, frame)
        if truth is not None:
            return self._block(node.body if truth else node.orelse, frame)
        return self._either([node.body, node.orelse], frame)

    def _either(self, bodies: Iterable[Sequence[ast.stmt]], frame: Frame) -> _Outcome:
        """Run blocks of which any may be the one."""
        return self._any_of([functools.partial(self._block, body) for body in bodies], frame)

    def _any_of(self, ways: Iterable[Callable[[Frame], _Outcome]], frame: Frame) -> _Outcome:
        """Go several ways of which any may be the one."""
        fallen: list[Frame] = []
        outcomes: set[_Outcome] = set()
        message = ""
        for way in ways:
            copy = frame.copy()
            try:
                outcome = way(copy)
            except RaisedError as raised:
                message = message or raised.message
                continue
            outcomes.add(outcome)
            fallen.append(copy)
        if not fallen:
            raise RaisedError(message)
        if _LEAVES in outcomes:
            return _LEAVES
        frame.variables = fallen[0].variables
        for other in fallen[1:]:
            frame.merge(other)
        return _BREAKS if _BREAKS in outcomes else _FALLS

    def _loop(self, node: ast.For | ast.AsyncFor, frame: Frame) -> _Outcome:
        items = self._items(node.iter, frame)
        self._evaluate(node.iter, frame)
        for item in items[:ROUNDS]:
            self._bind_target(node.target, item, frame)
            outcome = self._block(node.body, frame)
            if outcome is _LEAVES:
                return _LEAVES
            if outcome is _BREAKS:
                break
        return self._after_loop(node, frame)

    def _while(self, node: ast.While, frame: Frame) -> _Outcome:
        truth = self._truth(node.test, frame)
        if truth is False:
            return self._block(node.orelse, frame)
        if truth and self._block(node.body, frame) is _LEAVES:
            return _LEAVES
        return self._after_loop(node, frame)

    def _after_loop(self, node: ast.For | ast.AsyncFor | ast.While, frame: Frame) -> _Outcome:
        """What is known when it isn't known how many more rounds there were."""
        if returns(node.body):
            return _LEAVES
        frame.forget(assigned([node]))
        frame.forget_self()
        return self._either([node.orelse, []], frame) if node.orelse else _FALLS

    def _try(self, node: ast.Try, frame: Frame) -> _Outcome:
        before = frame.copy()
        raised: RaisedError | None = None
        outcome = _FALLS
        try:
            outcome = self._block(node.body, frame)
            if outcome is _FALLS:
                outcome = self._block(node.orelse, frame)
        except RaisedError as error:
            raised = error
        if outcome is not _LEAVES and node.handlers:
            before.forget(assigned(node.body))
            before.forget_self()
            handlers = [handler.body for handler in node.handlers]
            try:
                handled = self._either(handlers, before)
            except RaisedError as error:
                # Every handler raises; without an exception in the body that says nothing.
                raised = error if raised is not None else None
            else:
                if raised is not None:
                    raised, outcome, frame.variables = None, handled, before.variables
                elif handled is _LEAVES:
                    outcome = _LEAVES
                else:
                    frame.merge(before)
                    outcome = _BREAKS if _BREAKS in (handled, outcome) else _FALLS
        if node.finalbody:
            final = self._block(node.finalbody, frame)
            if final is not _FALLS:
                return final
        if raised is not None:
            raise raised
        return outcome

    def _with(self, node: ast.With | ast.AsyncWith, frame: Frame) -> _Outcome:
        suppresses = False
        for item in node.items:
            value = self._evaluate(item.context_expr, frame)
            call = item.context_expr
            name = hints.dotted(call.func) if isinstance(call, ast.Call) else None
            suppresses |= (name or "").rpartition(".")[2] in ("suppress", "raises")
            if item.optional_vars is not None:
                del value
                frame.forget(assigned_in(item.optional_vars))
        if suppresses:
            return self._either([node.body, []], frame)
        return self._block(node.body, frame)

    def _cases(self, subject: Abstract, cases: Sequence[ast.match_case], frame: Frame) -> _Outcome:
        if not cases:
            return _FALLS
        case, *rest = cases
        matches = self._matches(subject, case.pattern, frame)
        if matches is False:
            return self._cases(subject, rest, frame)
        frame.forget(assigned_in(case.pattern))
        if matches and case.guard is not None:
            matches = self._truth(case.guard, frame)
        if matches:
            return self._block(case.body, frame)
        if matches is False:
            return self._cases(subject, rest, frame)
        return self._any_of(
            (
                lambda frame: self._block(case.body, frame),
                lambda frame: self._cases(subject, rest, frame),
            ),
            frame,
        )

    def _matches(self, subject: Abstract, pattern: ast.pattern, frame: Frame) -> bool | None:
        match pattern:
            case ast.MatchValue(value=value):
                return self._equal(subject, self._evaluate(value, frame))
            case ast.MatchSingleton(value=value):
                return self._equal(subject, constant(value))
            case ast.MatchOr(patterns=patterns):
                return any_of([self._matches(subject, p, frame) for p in patterns])
            case ast.MatchAs(pattern=None):
                return True
            case ast.MatchAs(pattern=inner) if inner is not None:
                return self._matches(subject, inner, frame)
            case _:
                return None

    def _import(self, node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            frame.variables[name] = UNKNOWN
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                frame.variables[name] = self._defined(f"{node.module}.{alias.name}")

    def _message(self, node: ast.Raise, frame: Frame) -> str:
        if node.exc is None:
            return "raises again what it caught"
        if isinstance(node.exc, ast.Call):
            for argument in node.exc.args:
                self._evaluate(argument, frame)
            name = hints.dotted(node.exc.func) or "an exception"
            text = self._text(node.exc.args[0], frame) if node.exc.args else ""
            return _shortened(f"{name}: {text}" if text else name)
        return hints.dotted(node.exc) or "an exception"


def _shortened(message: str) -> str:
    message = " ".join(message.split())
    return message if len(message) <= _MESSAGE_LENGTH else message[: _MESSAGE_LENGTH - 1] + "…"
