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
from titan_lint.api.entities import PARTIAL, Class, Function, LookupScope, ParameterKind, Variable
from titan_lint.api.extract.abstract_values import (
    OTHER,
    UNKNOWN,
    Abstract,
    Defined,
    Dictionary,
    Display,
    Known,
    any_of,
    arithmetic,
    constant,
    constant_of,
    in_common,
    negated,
    ordered,
)
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from titan_lint.api.extract.extracted import Extracted, FunctionTree
    from titan_lint.api.surface import Surface


_DEPTH = 16
"""Calls inside calls that are followed."""

_ROUNDS = 8
"""Rounds of a loop over a known range that are run."""

_STATEMENTS = 100_000
"""Statements that are run for one parameter, before it is left unknown."""

_MESSAGE_LENGTH = 200
"""Longest message that is kept, in characters."""

# Decorators under which a function still runs its body when it is called.
_TRANSPARENT = frozenset(
    {"staticmethod", "classmethod", "record", "log_trace_span", "no_grad", "cache", "lru_cache"}
)


class _Outcome(enum.Enum):
    FALLS = enum.auto()
    """Goes on behind the statement."""
    BREAKS = enum.auto()
    """May leave the loop, or this round of it."""
    LEAVES = enum.auto()
    """May leave the function without an exception."""


_FALLS, _BREAKS, _LEAVES = _Outcome.FALLS, _Outcome.BREAKS, _Outcome.LEAVES


class _RaisedError(Exception):
    """The code that is run certainly raises here."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TooLongError(Exception):
    """Running the code takes too long to be worth it."""


class _Frame(Struct, frozen=False):
    """What is known inside a function that is being run."""

    scope: LookupScope
    variables: dict[str, Abstract]
    locals: frozenset[str]
    self_name: str | None = None
    self_class: Class | None = None

    def copy(self) -> _Frame:
        return _Frame(
            self.scope, dict(self.variables), self.locals, self.self_name, self.self_class
        )

    def forget(self, names: Iterable[str]) -> None:
        for name in names:
            self.variables[name] = UNKNOWN

    def forget_self(self) -> None:
        for name in [n for n in self.variables if "." in n]:
            del self.variables[name]

    def merge(self, other: _Frame) -> None:
        """Keep what both know alike."""
        names = self.variables.keys() | other.variables.keys()
        for name in names:
            mine, theirs = self.variables.get(name), other.variables.get(name)
            if isinstance(mine, Dictionary) and isinstance(theirs, Dictionary):
                self.variables[name] = in_common(mine, theirs)
            elif mine != theirs:
                self.variables[name] = UNKNOWN


class Ending(Struct):
    """Message of the exception that a call certainly ends in, and the literals compared with."""

    raises: str | None
    mentioned: tuple[Known, ...]


_NOT_CERTAIN = Ending(None, ())


class _Arguments(Struct, frozen=False):
    """What a call gives.

    Attributes:
        complete: whether it gives nothing else, by ``*`` or ``**``.
    """

    positional: list[Abstract]
    keywords: dict[str, Abstract]
    complete: bool = True

    def bind(self, function: Function) -> dict[str, Abstract]:
        """Parameters of ``function`` with what they get; literal defaults for those left out."""
        bound: dict[str, Abstract] = {}
        bound.update(zip((p.name for p in function.positional), self.positional, strict=False))
        names = {p.name for p in function.parameters if not p.is_variadic}
        bound.update({n: v for n, v in self.keywords.items() if n in names})
        extra = tuple((n, v) for n, v in self.keywords.items() if n not in names)
        for parameter in function.parameters:
            if parameter.kind is ParameterKind.VAR_KEYWORD:
                bound[parameter.name] = Dictionary(extra, self.complete)
            elif parameter.name not in bound and parameter.default is not None and self.complete:
                tree = hints.expression(parameter.default)
                bound[parameter.name] = UNKNOWN if tree is None else constant_of(tree)
        return bound


class Interpreter:
    """Runs functions of one torchtitan, and remembers what came of it."""

    def __init__(self, surface: Surface, extracted: Extracted) -> None:
        self.surface = surface
        self.trees = extracted.functions
        self._mutated = extracted.mutated
        self._memory: dict[tuple[str, frozenset[tuple[str, Abstract]]], Ending] = {}
        self._plain: dict[str, bool] = {}
        self._locals: dict[str, frozenset[str]] = {}
        self._running: list[str] = []
        self._statements = 0
        self._mentioned: dict[Known, None] = {}

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
        except _RaisedError as raised:
            raises = raised.message
        finally:
            self._running.pop()
            mentioned, self._mentioned = tuple(self._mentioned), outside
        return Ending(raises, mentioned)

    def _frame(self, path: str, tree: FunctionTree, given: dict[str, Abstract]) -> _Frame:
        holder = path.rpartition(".")[0]
        class_ = self.surface.lookup(holder)
        is_method = isinstance(class_, Class)
        module = class_.module if isinstance(class_, Class) else holder
        arguments = tree.args
        names = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        names += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
        variables: dict[str, Abstract] = {a.arg: UNKNOWN for a in names}
        if path not in self._locals:
            self._locals[path] = frozenset(variables) | _assigned(tree.body)
        frame = _Frame(LookupScope(module), {**variables, **given}, self._locals[path])
        if is_method and names and not _is_static(tree):
            frame.self_name = names[0].arg
            exact = given.get("self")
            if isinstance(exact, Defined):
                found = self.surface.lookup(exact.paths[0])
                frame.self_class = found if isinstance(found, Class) else None
            for name in [n for n in given if n.startswith("self.")]:
                frame.variables[f"{frame.self_name}.{name[5:]}"] = given[name]
        return frame

    def _apply(self, callee: Abstract, arguments: _Arguments) -> None:
        """Call ``callee``; raises ``_RaisedError`` when whichever function it is certainly raises."""
        if not isinstance(callee, Defined):
            return
        if callee.partial:
            arguments.complete = False
        messages = [self._apply_one(path, arguments) for path in callee.paths]
        if messages and messages[0] is not None and None not in messages:
            raise _RaisedError(messages[0])

    def _apply_one(self, path: str, arguments: _Arguments) -> str | None:
        target = self.surface.lookup(path)
        if isinstance(target, Function):
            if not self.follows(path) or target.is_async:
                return None
            function = target.bound() if target.binding == "classmethod" else target
            return self.call(path, arguments.bind(function)).raises
        if isinstance(target, Class):
            return self._construct(target, arguments)
        return None

    def follows(self, path: str) -> bool:
        """Whether calling the function at ``path`` runs the body that is there."""
        if path not in self._plain:
            tree = self.trees.get(path)
            self._plain[path] = tree is not None and _is_plain(tree)
        return self._plain[path]

    def _construct(self, class_: Class, arguments: _Arguments) -> str | None:
        constructor = class_.constructor()
        if constructor is None or constructor.open:
            return None
        given = arguments.bind(constructor)
        itself = Defined((class_.path,))
        for ancestor in class_.mro:
            if ancestor.own("__init__") is not None:
                path = f"{ancestor.path}.__init__"
                if not self.follows(path):
                    return None
                return self.call(path, {**given, "self": itself}).raises
            if ancestor.own("__post_init__") is not None:
                path = f"{ancestor.path}.__post_init__"
                if not class_.is_dataclass or not self.follows(path):
                    return None
                fields = {f"self.{name}": value for name, value in given.items()}
                return self.call(path, {**fields, "self": itself}).raises
        return None

    # Statements.

    def _block(self, body: Sequence[ast.stmt], frame: _Frame) -> _Outcome:
        for statement in body:
            outcome = self._statement(statement, frame)
            if outcome is not _FALLS:
                return outcome
        return _FALLS

    def _statement(self, node: ast.stmt, frame: _Frame) -> _Outcome:
        self._statements += 1
        if self._statements > _STATEMENTS:
            raise TooLongError
        match node:
            case ast.Return():
                if node.value is not None:
                    self._evaluate(node.value, frame)
                return _LEAVES
            case ast.Raise():
                raise _RaisedError(self._message(node, frame))
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
                    raise _RaisedError(_shortened(f"AssertionError: {text}".removesuffix(": ")))
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
                frame.forget(_assigned([node]))
            case ast.Pass() | ast.Global() | ast.Nonlocal():
                pass
            case _:
                return _LEAVES  # Not understood: nothing certain behind it.
        return _FALLS

    def _branch(self, node: ast.If, frame: _Frame) -> _Outcome:
        truth = self._truth(node.test, frame)
        if truth is not None:
            return self._block(node.body if truth else node.orelse, frame)
        return self._either([node.body, node.orelse], frame)

    def _either(self, bodies: Iterable[Sequence[ast.stmt]], frame: _Frame) -> _Outcome:
        """Run blocks of which any may be the one."""
        return self._any_of([functools.partial(self._block, body) for body in bodies], frame)

    def _any_of(self, ways: Iterable[Callable[[_Frame], _Outcome]], frame: _Frame) -> _Outcome:
        """Go several ways of which any may be the one."""
        fallen: list[_Frame] = []
        outcomes: set[_Outcome] = set()
        message = ""
        for way in ways:
            copy = frame.copy()
            try:
                outcome = way(copy)
            except _RaisedError as raised:
                message = message or raised.message
                continue
            outcomes.add(outcome)
            fallen.append(copy)
        if not fallen:
            raise _RaisedError(message)
        if _LEAVES in outcomes:
            return _LEAVES
        frame.variables = fallen[0].variables
        for other in fallen[1:]:
            frame.merge(other)
        return _BREAKS if _BREAKS in outcomes else _FALLS

    def _loop(self, node: ast.For | ast.AsyncFor, frame: _Frame) -> _Outcome:
        items = self._items(node.iter, frame)
        self._evaluate(node.iter, frame)
        for item in items[:_ROUNDS]:
            self._bind_target(node.target, item, frame)
            outcome = self._block(node.body, frame)
            if outcome is _LEAVES:
                return _LEAVES
            if outcome is _BREAKS:
                break
        return self._after_loop(node, frame)

    def _while(self, node: ast.While, frame: _Frame) -> _Outcome:
        truth = self._truth(node.test, frame)
        if truth is False:
            return self._block(node.orelse, frame)
        if truth and self._block(node.body, frame) is _LEAVES:
            return _LEAVES
        return self._after_loop(node, frame)

    def _after_loop(self, node: ast.For | ast.AsyncFor | ast.While, frame: _Frame) -> _Outcome:
        """What is known when it isn't known how many more rounds there were."""
        if _returns(node.body):
            return _LEAVES
        frame.forget(_assigned([node]))
        frame.forget_self()
        return self._either([node.orelse, []], frame) if node.orelse else _FALLS

    def _items(self, iterable: ast.expr, frame: _Frame) -> Sequence[Abstract]:
        """The first items of ``iterable``, as many as there certainly are."""
        match iterable:
            case ast.Call(func=ast.Name(id="range"), args=arguments) if "range" not in frame.locals:
                bounds = [self._evaluate(argument, frame) for argument in arguments]
                numbers = [
                    b.value for b in bounds if isinstance(b, Known) and isinstance(b.value, int)
                ]
                if not numbers or len(numbers) != len(bounds) or 0 in numbers[2:]:
                    return ()
                return [constant(number) for number in range(*numbers)[:_ROUNDS]]
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner]):
                items = self._items(inner, frame)
                return [Display((constant(n), item)) for n, item in enumerate(items)]
            case _:
                value = self._evaluate(iterable, frame)
                return value.items if isinstance(value, Display) else ()

    def _try(self, node: ast.Try, frame: _Frame) -> _Outcome:
        before = frame.copy()
        raised: _RaisedError | None = None
        outcome = _FALLS
        try:
            outcome = self._block(node.body, frame)
            if outcome is _FALLS:
                outcome = self._block(node.orelse, frame)
        except _RaisedError as error:
            raised = error
        if outcome is not _LEAVES and node.handlers:
            before.forget(_assigned(node.body))
            before.forget_self()
            handlers = [handler.body for handler in node.handlers]
            try:
                handled = self._either(handlers, before)
            except _RaisedError as error:
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

    def _with(self, node: ast.With | ast.AsyncWith, frame: _Frame) -> _Outcome:
        suppresses = False
        for item in node.items:
            value = self._evaluate(item.context_expr, frame)
            call = item.context_expr
            name = hints.dotted(call.func) if isinstance(call, ast.Call) else None
            suppresses |= (name or "").rpartition(".")[2] in ("suppress", "raises")
            if item.optional_vars is not None:
                del value
                frame.forget(_assigned_in(item.optional_vars))
        if suppresses:
            return self._either([node.body, []], frame)
        return self._block(node.body, frame)

    def _cases(self, subject: Abstract, cases: Sequence[ast.match_case], frame: _Frame) -> _Outcome:
        if not cases:
            return _FALLS
        case, *rest = cases
        matches = self._matches(subject, case.pattern, frame)
        if matches is False:
            return self._cases(subject, rest, frame)
        frame.forget(_assigned_in(case.pattern))
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

    def _matches(self, subject: Abstract, pattern: ast.pattern, frame: _Frame) -> bool | None:
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

    def _import(self, node: ast.Import | ast.ImportFrom, frame: _Frame) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            frame.variables[name] = UNKNOWN
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                frame.variables[name] = self._defined(f"{node.module}.{alias.name}")

    def _bind_target(self, target: ast.expr, value: Abstract, frame: _Frame) -> None:
        match target:
            case ast.Name(id=name):
                frame.variables[name] = value
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner == frame.self_name:
                frame.variables[f"{owner}.{name}"] = value
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))) if (
                isinstance(holder := frame.variables.get(name), Dictionary)
            ):
                items = {**dict(holder.items), key: value}
                frame.variables[name] = Dictionary(tuple(items.items()), holder.complete)
            case ast.Tuple(elts=targets) | ast.List(elts=targets) if (
                isinstance(value, Display)
                and len(value.items) == len(targets)
                and not any(isinstance(t, ast.Starred) for t in targets)
            ):
                for inner, item in zip(targets, value.items, strict=True):
                    self._bind_target(inner, item, frame)
            case _:
                for node in ast.walk(target):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        frame.variables[node.id] = UNKNOWN
                    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                        frame.variables[hints.dotted(node) or ""] = UNKNOWN
                    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
                        frame.variables[node.value.id] = UNKNOWN

    def _message(self, node: ast.Raise, frame: _Frame) -> str:
        if node.exc is None:
            return "raises again what it caught"
        if isinstance(node.exc, ast.Call):
            for argument in node.exc.args:
                self._evaluate(argument, frame)
            name = hints.dotted(node.exc.func) or "an exception"
            text = self._text(node.exc.args[0], frame) if node.exc.args else ""
            return _shortened(f"{name}: {text}" if text else name)
        return hints.dotted(node.exc) or "an exception"

    def _text(self, node: ast.expr, frame: _Frame) -> str:
        """The message that ``node`` makes, as far as it is known, with names for what isn't."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.JoinedStr(values=parts):
                return "".join(self._text(part, frame) for part in parts)
            case ast.FormattedValue(value=value):
                known = self._evaluate(value, frame)
                return str(known.value) if isinstance(known, Known) else f"{{{ast.unparse(value)}}}"
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._text(left, frame) + self._text(right, frame)
            case _:
                return ""

    # Expressions.

    def _evaluate(self, node: ast.expr, frame: _Frame) -> Abstract:
        """The value of ``node``; raises ``_RaisedError`` when evaluating it certainly does."""
        literal = hints.constant(node)
        if literal is not None:
            return constant(literal[0])
        match node:
            case ast.Name():
                return self._name(node.id, frame)
            case ast.Attribute():
                return self._attribute(node, frame)
            case ast.Call():
                return self._called(node, frame)
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                truth = self._truth(node, frame)
                if isinstance(node, ast.BoolOp) or truth is None:
                    return UNKNOWN
                return constant(truth)
            case ast.IfExp():
                truth = self._truth(node.test, frame)
                if truth is not None:
                    return self._evaluate(node.body if truth else node.orelse, frame)
                values = {self._maybe(node.body, frame), self._maybe(node.orelse, frame)}
                return values.pop() if len(values) == 1 else UNKNOWN
            case ast.Subscript():
                return self._subscript(node, frame)
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                values = tuple(self._evaluate(item, frame) for item in items)
                if any(isinstance(item, ast.Starred) for item in items):
                    return UNKNOWN
                return Display(values)
            case ast.ListComp() | ast.SetComp():
                self._comprehension(node.elt, node.generators, frame)
            case ast.DictComp():
                self._comprehension(node.value, node.generators, frame)
            case ast.Dict():
                return self._mapping(node, frame)
            case ast.BinOp():
                return arithmetic(
                    node.op, self._evaluate(node.left, frame), self._evaluate(node.right, frame)
                )
            case ast.Lambda() | ast.GeneratorExp():
                pass
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                frame.variables[name] = found = self._evaluate(value, frame)
                return found
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._evaluate(child, frame)
        return UNKNOWN

    def _mapping(self, node: ast.Dict, frame: _Frame) -> Abstract:
        items: dict[str, Abstract] = {}
        complete = True
        for key, value in zip(node.keys, node.values, strict=True):
            found = self._evaluate(value, frame)
            name = UNKNOWN if key is None else self._evaluate(key, frame)
            if isinstance(name, Known) and isinstance(name.value, str):
                items[name.value] = found
            elif key is None and isinstance(found, Dictionary):
                items.update(found.items)
                complete &= found.complete
            else:
                return UNKNOWN
        return Dictionary(tuple(items.items()), complete)

    def _maybe(self, node: ast.expr, frame: _Frame) -> Abstract:
        """Evaluate what may not be evaluated at all."""
        try:
            return self._evaluate(node, frame)
        except _RaisedError:
            return UNKNOWN

    def _name(self, name: str, frame: _Frame) -> Abstract:
        if name in frame.locals or name in frame.variables:
            return frame.variables.get(name, UNKNOWN)
        return self._global(name, frame)

    def _attribute(self, node: ast.Attribute, frame: _Frame) -> Abstract:
        name = hints.dotted(node)
        if name is None:
            self._evaluate(node.value, frame)
            return UNKNOWN
        if name in frame.variables:
            return frame.variables[name]
        root, _, rest = name.partition(".")
        if root == frame.self_name and frame.self_class is not None and "." not in rest:
            return self._defined(f"{frame.self_class.path}.{rest}")
        if root in frame.locals:
            holder = frame.variables.get(root, UNKNOWN)
            if isinstance(holder, Defined) and len(holder.paths) == 1:
                return self._defined(f"{holder.paths[0]}.{rest}")
            return UNKNOWN
        return self._global(name, frame)

    def _global(self, name: str, frame: _Frame) -> Abstract:
        found = self.surface.resolve_in(frame.scope, name)
        if isinstance(found, Class | Function | Variable):
            return self._defined(found.path)
        return UNKNOWN

    def _defined(self, path: str) -> Abstract:
        found = self.surface.lookup(path)
        if isinstance(found, Class | Function):
            return Defined((found.path,))
        if isinstance(found, Variable) and not found.is_instance:
            if found.path.rpartition(".")[2] in self._mutated:
                return UNKNOWN
            if found.keys:
                return Defined((found.path,))
            tree = hints.expression(found.source) if found.source else None
            if tree is not None and isinstance(self.surface.lookup(_parent(found.path)), Class):
                return UNKNOWN  # A class attribute: instances and subclasses may have another.
            return constant_of(tree) if tree is not None else UNKNOWN
        return UNKNOWN

    def _called(self, node: ast.Call, frame: _Frame) -> Abstract:
        callee = self._evaluate(node.func, frame)
        arguments = self._arguments(node, frame)
        match node.func:
            case ast.Name(id="dict") if "dict" not in frame.locals and not node.args:
                return Dictionary(tuple(arguments.keywords.items()), arguments.complete)
            case ast.Attribute(value=ast.Name(id=owner)) if owner == frame.self_name:
                self._apply_method(callee, arguments, frame)
            case _:
                self._apply(callee, arguments)
        self._forget_mappings(node, frame)
        return UNKNOWN

    def _arguments(self, node: ast.Call, frame: _Frame) -> _Arguments:
        arguments = _Arguments([], {})
        for argument in node.args:
            value = self._evaluate(argument, frame)
            if isinstance(argument, ast.Starred):
                arguments.complete = False
                break
            arguments.positional.append(value)
        for keyword in node.keywords:
            value = self._evaluate(keyword.value, frame)
            if keyword.arg is not None:
                arguments.keywords[keyword.arg] = value
            elif isinstance(value, Dictionary):
                arguments.keywords.update(value.items)
                arguments.complete &= value.complete
            else:
                arguments.complete = False
        return arguments

    def _forget_mappings(self, node: ast.Call, frame: _Frame) -> None:
        """A call may change a dictionary that it is given or that it is a method of."""
        given = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        for expression in (*given, *node.args):
            name = hints.dotted(expression)
            if name is not None and isinstance(frame.variables.get(name), Dictionary):
                frame.forget([name])

    def _apply_method(self, callee: Abstract, arguments: _Arguments, frame: _Frame) -> None:
        """Call a method on the instance whose class is known exactly; anything else goes unfollowed."""
        if not isinstance(callee, Defined) or frame.self_class is None:
            frame.forget_self()
            return
        function = self.surface.lookup(callee.paths[0])
        path = callee.paths[0]
        if isinstance(function, Function) and self.follows(path):
            prefix = f"{frame.self_name}."
            own = {
                f"self.{name.removeprefix(prefix)}": value
                for name, value in frame.variables.items()
                if name.startswith(prefix)
            }
            given = arguments.bind(function.bound())
            itself = Defined((frame.self_class.path,))
            result = self.call(path, {**given, **own, "self": itself})
            if result.raises is not None:
                raise _RaisedError(result.raises)
        frame.forget_self()

    def _subscript(self, node: ast.Subscript, frame: _Frame) -> Abstract:
        holder = self._evaluate(node.value, frame)
        key = self._evaluate(node.slice, frame)
        if isinstance(holder, Dictionary) and isinstance(key, Known):
            return dict(holder.items).get(str(key.value), UNKNOWN)
        if not isinstance(holder, Defined) or len(holder.paths) != 1:
            return UNKNOWN
        value = self.surface.lookup(holder.paths[0])
        if not isinstance(value, Variable) or not value.keys:
            return UNKNOWN
        present = [k for k in value.keys if self._equal(key, constant(k)) is not False]
        if not present:
            shown = repr(key.value) if isinstance(key, Known) else "not one of its keys"
            raise _RaisedError(f"KeyError: {shown}")
        paths = [value.items[k] for k in present]
        if not all(paths) or any(path.endswith("()") for path in paths):
            return UNKNOWN
        bare = dict.fromkeys(path.removesuffix(PARTIAL) for path in paths)
        return Defined(tuple(bare), partial=any(path.endswith(PARTIAL) for path in paths))

    def _comprehension(
        self, element: ast.expr, generators: list[ast.comprehension], frame: _Frame
    ) -> None:
        first = generators[0]
        self._evaluate(first.iter, frame)
        if len(generators) > 1 or first.ifs:
            return
        inner = frame.copy()
        inner.locals |= _assigned_in(first.target)
        for item in self._items(first.iter, frame)[:_ROUNDS]:
            self._bind_target(first.target, item, inner)
            self._evaluate(element, inner)

    # Conditions: true, false, or not known.

    def _truth(self, node: ast.expr, frame: _Frame) -> bool | None:
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                truth = self._truth(operand, frame)
                return None if truth is None else not truth
            case ast.BoolOp(op=op, values=values):
                return self._all_or_any(isinstance(op, ast.And), values, frame)
            case ast.Compare():
                return self._compare(node, frame)
            case _:
                value = self._evaluate(node, frame)
                if isinstance(value, Known):
                    return bool(value.value)
                if isinstance(value, Display):
                    return bool(value.items)
                return None

    def _all_or_any(self, conjunction: bool, values: list[ast.expr], frame: _Frame) -> bool | None:
        """``and`` / ``or``: operands behind an unknown one may not be evaluated."""
        unknown = False
        for value in values:
            try:
                truth = self._truth(value, frame)
            except _RaisedError:
                if unknown:
                    return None
                raise
            if truth is (not conjunction):
                return truth
            unknown |= truth is None
        return None if unknown else conjunction

    def _compare(self, node: ast.Compare, frame: _Frame) -> bool | None:
        operands = [node.left, *node.comparators]
        values = [self._evaluate(operand, frame) for operand in operands]
        results: list[bool | None] = []
        for operator, left, right in zip(node.ops, values, values[1:], strict=False):
            results.append(self._compared(operator, left, right))
        if False in results:
            return False
        return None if None in results else True

    def _compared(self, operator: ast.cmpop, left: Abstract, right: Abstract) -> bool | None:
        match operator:
            case ast.Eq() | ast.Is():
                return self._equal(left, right)
            case ast.NotEq() | ast.IsNot():
                return negated(self._equal(left, right))
            case ast.In():
                return self._contains(right, left)
            case ast.NotIn():
                return negated(self._contains(right, left))
            case _:
                return ordered(operator, left, right)

    def _equal(self, left: Abstract, right: Abstract) -> bool | None:
        if isinstance(left, Known) and isinstance(right, Known):
            return left.value == right.value
        if OTHER in (left, right):
            known = right if left is OTHER else left
            if isinstance(known, Known):
                self._mentioned[known] = None
                return False
        return None

    def _contains(self, container: Abstract, item: Abstract) -> bool | None:
        if isinstance(container, Display):
            return any_of([self._equal(item, member) for member in container.items])
        if isinstance(container, Dictionary) and isinstance(item, Known):
            present = any(name == item.value for name, _ in container.items)
            return True if present else (False if container.complete else None)
        if isinstance(container, Defined) and len(container.paths) == 1:
            value = self.surface.lookup(container.paths[0])
            if isinstance(value, Variable) and value.keys:
                return any_of([self._equal(item, constant(key)) for key in value.keys])
        return None


def _is_plain(tree: FunctionTree) -> bool:
    """Whether calling the function runs its body: no generator, no decorator that may replace it."""
    for decorator in tree.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (hints.dotted(call) or "").rpartition(".")[2] not in _TRANSPARENT:
            return False
    return not any(isinstance(n, ast.Yield | ast.YieldFrom) for n in _own_nodes(tree.body))


def _is_static(tree: FunctionTree) -> bool:
    return any(hints.dotted(d) == "staticmethod" for d in tree.decorator_list)


def _own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Nodes of a function's body without those of functions and classes inside it."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _own_nodes(ast.iter_child_nodes(node))


def _returns(body: Iterable[ast.AST]) -> bool:
    return any(isinstance(node, ast.Return) for node in _own_nodes(body))


def _assigned(body: Iterable[ast.AST]) -> frozenset[str]:
    """Names that the statements bind, apart from those of functions inside."""
    found: set[str] = set()
    for node in _own_nodes(body):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.Import() | ast.ImportFrom():
                found.update((a.asname or a.name).partition(".")[0] for a in node.names)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                found.add(name)
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                found.add(name)
            case _:
                pass
    return frozenset(found)


def _assigned_in(node: ast.AST) -> frozenset[str]:
    return _assigned([node])


def _parent(path: str) -> str:
    return path.rpartition(".")[0]


def _shortened(message: str) -> str:
    message = " ".join(message.split())
    return message if len(message) <= _MESSAGE_LENGTH else message[: _MESSAGE_LENGTH - 1] + "…"
