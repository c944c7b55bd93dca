"""Which statements the target never runs: for a test, for an import that fails or works, for an exit."""

from __future__ import annotations

import ast
import builtins
import functools
import sys

from titan_lint.api.absence import breaks, missing_part
from titan_lint.code.forms import (
    argument,
    callee_name,
    decorator_names,
    last_name,
    may_swallow,
)
from titan_lint.code.leaving import ENDING, JUMP
from titan_lint.code.values import Instance, LocalClass, LocalFunction, LocalInstance, Ref
from titan_lint.code.walk import walk
from titan_lint.uses.conditions.failures import reraises
from titan_lint.uses.conditions.frame import OUTSIDE, Frame, all_of
from titan_lint.uses.refused import read_in, refused_in
from titan_lint.uses.shapes import member_exists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeGuard

    from titan_lint.code.names import ClassInfo, FunctionNode
    from titan_lint.code.values import Value
    from titan_lint.uses.conditions.frame import Answers

# What ends a test, a program or a thread of it, whatever it is given.
_ENDS = frozenset(
    {
        *("sys.exit", "os._exit", "os.abort", "builtins.exit", "builtins.quit"),
        *("pytest.skip", "pytest.fail", "pytest.exit", "pytest.xfail"),
    }
)
_METHODS_THAT_END = frozenset({"skipTest", "fail"})
# What takes and keeps whatever it is given.
_KEEPERS = frozenset({Ref("types.SimpleNamespace"), Ref("functools.partial"), Ref("builtins.dict")})
# What makes a manager of a generator: its body runs to the ``yield`` where the ``with`` is entered.
_MANAGING = frozenset({"contextmanager", "asynccontextmanager"})
_CONSTRUCTORS = ("__new__", "__init__", "__post_init__")
# What leaves it to the function what a call does.
_KEEPING = frozenset({"staticmethod", "classmethod", "lru_cache", "cache"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_GIVING = (ast.Return, ast.Yield, ast.YieldFrom)
_IMPORTING = frozenset({"import_module", "__import__"})


class Running:
    """Which statements of one file run at one target."""

    def __init__(self, truth: Answers) -> None:
        self.file = truth.file
        self.truth = truth
        self._left = Earlier(self._leaves)
        self._failing: dict[int, int] = {}
        self._stopping: dict[int, int] = {}
        self._raising: dict[FunctionNode, bool] = {}
        self._never: dict[ast.stmt, bool] = {}
        self._followed: set[FunctionNode] = set()
        self._failing_imports: list[ast.stmt] | None = None

    def never_runs(self, statement: ast.stmt) -> bool:
        """Whether a test, an import that fails or works, or an exit keeps the target from a statement."""
        known = self._never.get(statement)
        if known is not None:
            return known
        self._never[statement] = False  # where it rests on itself
        found = self._never[statement] = self._find_never(statement)
        return found

    def _find_never(self, statement: ast.stmt) -> bool:
        child: ast.AST = statement
        for parent in self.file.program.ancestors(statement):
            if isinstance(child, ast.stmt) and self.is_passed_over(parent, child):
                return True
            if isinstance(parent, ast.ExceptHandler):
                around = self.file.program.parents[parent]
                if isinstance(around, ast.Try) and (
                    self.work(around.body) or self.handler(around) not in (None, parent)
                ):
                    return True
            child = parent
        return False

    def is_passed_over(self, parent: ast.AST, child: ast.stmt) -> bool:
        """Whether the target never gets from a node to a statement right in it."""
        match parent:
            case ast.If(test=test, body=body):
                answer = self.truth.verdict(test)
                if answer is not None and (child in body) != answer:
                    return True
            case ast.While(test=test, body=body):
                if child in body and self.truth.verdict(test) is False:
                    return True
            case ast.For(iter=over, body=body) if child in body and is_empty(over):
                return True
            case ast.Try(body=body, orelse=orelse):
                if child in orelse and self.stops(body):
                    return True
                if child in body and self._fails_before(parent, body, child):
                    return True
            case ast.match_case():
                around = self.file.program.parents[parent]
                if isinstance(around, ast.Match) and self.truth.is_passed_by(around, parent):
                    return True
            case ast.For(orelse=orelse) if child in orelse and self.truth.breaks(parent):
                return True
            case ast.With(body=body) | ast.AsyncWith(body=body):
                if self.is_refused(parent):
                    return True
                if may_swallow(parent) and (
                    self.first_stopping(body) <= self.file.program.place(child)[1]
                ):
                    return True
            case _:
                pass
        return self.leaves_before(self.file.program.block(child), child)

    def _fails_before(self, around: ast.Try, body: list[ast.stmt], child: ast.stmt) -> bool:
        """Whether what fails in a ``try`` undoes or hides what a statement of it does."""
        if not self.stops(body):
            return False
        if self.first_stopping(body) <= self.file.program.place(child)[1]:
            return True
        # What ran before stays, unless the handler binds it anew.
        handler = self.handler(around)
        return handler is not None and not _stored(child).isdisjoint(
            name for inner in handler.body for name in _stored(inner)
        )

    def fails(self, block: list[ast.stmt]) -> bool:
        """Whether one statement of a block is an import that certainly fails at the target."""
        return self.first_failing(block) < len(block)

    def failing_imports(self) -> list[ast.stmt]:
        """The imports of the file that certainly fail where the target gets to them, be it with care."""
        if self._failing_imports is None:
            program = self.file.program
            called = map(program.statement, program.called(*_IMPORTING))
            self._failing_imports = [
                one
                for one in (*program.bindings.imports, *called)
                if self._works(one) is False and (not self.never_runs(one) or self._is_wanted(one))
            ]
        return self._failing_imports

    def _is_wanted(self, statement: ast.stmt) -> bool:
        """Whether an import that fails ends in another error where it is tried: it is to work."""
        around = self.file.program.parents[statement]
        if not isinstance(around, ast.Try) or self.never_runs(around):
            return False
        first = self.first_failing(around.body)
        handler = self.handler(around) if statement in around.body[first : first + 1] else None
        return handler is not None and reraises(handler)

    def first_failing(self, block: list[ast.stmt]) -> int:
        """Where the first import stands that certainly fails; behind all where none does."""
        known = self._failing.get(id(block))
        if known is None:
            self._failing[id(block)] = len(block)  # where it rests on itself
            known = self._failing[id(block)] = next(
                (at for at, inner in enumerate(block) if self._works(inner) is False), len(block)
            )
        return known

    def handler(self, around: ast.Try | ast.TryStar) -> ast.ExceptHandler | None:
        """The clause that surely takes what the first failing statement raises; ``None`` where none does."""
        at = self.first_stopping(around.body)
        kind = self._raised_by(around.body[at]) if at < len(around.body) else None
        return _handler(around, kind) if kind is not None else None

    def stops(self, block: list[ast.stmt]) -> bool:
        """Whether one statement of a block certainly fails at the target: an import, a call, what reads an attribute."""
        return self.first_stopping(block) < len(block)

    def first_stopping(self, block: list[ast.stmt]) -> int:
        """Where the first statement stands that certainly fails; behind all where none does."""
        known = self._stopping.get(id(block))
        if known is None:
            self._stopping[id(block)] = len(block)  # where it rests on itself
            known = self._stopping[id(block)] = next(
                (at for at, inner in enumerate(block) if self._raised_by(inner) is not None),
                len(block),
            )
        return known

    def _raised_by(self, statement: ast.stmt) -> str | None:
        """The exception that a statement certainly raises at the target; ``None`` where it may raise none."""
        if self._works(statement) is False:
            imports = any(
                isinstance(part, ast.Import | ast.ImportFrom)
                or (isinstance(part, ast.Call) and callee_name(part) in _IMPORTING)
                for part in walk(statement)
            )
            return "ImportError" if imports else "AttributeError"
        if any(map(self.lacks, read_in([statement]))):
            return "AttributeError"
        refused = refused_in(self.file, statement)
        if refused is None or self._may_be_own(refused[0].func):
            return None
        return refused[1].partition(":")[0]

    def lacks(self, node: ast.Attribute) -> bool:
        """Whether a read asks something of torchtitan's for a member that it surely lacks at the target."""
        owners = self.file.values(node.value)
        return bool(owners) and all(
            member_exists(self.file, owner, node.attr) is False
            and not self.truth.may_be_put(f"{path}.{node.attr}")
            if (path := _path(owner)) is not None
            else False
            for owner in owners
        )

    def _may_be_own(self, node: ast.expr) -> bool:
        """Whether the project may put something of its own where an expression looks."""
        paths = map(_path, self.file.values(node))
        return any(path is None or self.truth.may_be_put(path) for path in paths)

    def work(self, statements: Iterable[ast.stmt]) -> bool:
        """Whether some statements are imports that all work, and what cannot fail."""
        return all(self._works(inner) for inner in statements)

    def _works(self, statement: ast.stmt) -> bool | None:
        match statement:
            case ast.Import(names=names):
                return all_of(self._is_importable(alias.name) for alias in names)
            case ast.ImportFrom(level=int() as level, module=module) if level:
                return False if self.truth.cannot_import(f"{'.' * level}{module or ''}") else None
            case ast.ImportFrom(level=0, module=str() as module, names=names):
                return all_of(
                    self._is_importable(module if a.name == "*" else f"{module}.{a.name}", module)
                    for a in names
                )
            case ast.Pass() | ast.FunctionDef() | ast.ClassDef() | ast.Global():
                return True
            case ast.Assign(value=value, targets=targets) if all(_takes(t, value) for t in targets):
                return self._evaluates(value)
            case ast.AnnAssign(value=value, target=ast.Name()) if value is not None:
                return self._evaluates(value)
            case ast.Expr(value=value):
                return self._evaluates(value)
            case ast.Return(value=value):
                return self._evaluates(value) if value is not None else True
            case ast.For(target=ast.Name(), iter=ast.List() | ast.Tuple() as over, orelse=[]):
                parts = [self._evaluates(over), *map(self._works, statement.body)]
                return all_of(parts) or None  # an empty loop runs nothing
            case _:
                return None

    def _evaluates(self, node: ast.expr) -> bool | None:
        """Whether what is evaluated is there: an import in another form, or what only keeps one."""
        match node:
            case ast.Constant() | ast.Name() | ast.Lambda():
                return True
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return all_of(map(self._evaluates, parts))
            case ast.Dict(keys=keys, values=values) if all(
                isinstance(k, ast.Constant) for k in keys
            ):
                return all_of(map(self._evaluates, values))
            case ast.Compare(left=left, comparators=rights):
                return all_of(map(self._evaluates, [left, *rights]))
            case ast.BoolOp(values=parts):
                return all_of(map(self._evaluates, parts)) or None  # one may do
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return all_of(map(self._evaluates, [test, body, orelse])) or None
            case ast.Call() if callee_name(node) in _IMPORTING:
                name = argument(node, 0, "name")
                text = self.truth.text(name, OUTSIDE) if name is not None else None
                return self._is_importable(text) if text is not None else None
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name]):
                return self.truth.has(owner, name, OUTSIDE)
            case ast.Call(func=function, args=parts, keywords=words) if _KEEPERS.issuperset(
                self.file.values(function)
            ):
                return all_of(map(self._evaluates, [*parts, *(word.value for word in words)]))
            case ast.Attribute():
                values = self.file.values(node)
                if len(values) == 1 and isinstance(value := values[0], Ref):
                    return self._is_importable(value.path)
                return None
            case _:
                return None

    def _is_importable(self, path: str, module: str = "") -> bool | None:
        top = path.partition(".")[0]
        if top != "torchtitan":
            if self.truth.cannot_import(module or path):
                return False
            return True if top in sys.stdlib_module_names or top in {"torch", "pytest"} else None
        surface = self.file.target.surface
        if missing_part(surface, path) is not None or breaks(surface, path):
            return False
        if path == module:
            return True
        if not surface.tells(path):
            return None
        return True if surface.lookup(path) is not None or path in surface.modules else None

    def leaves_before(self, block: list[ast.stmt], statement: ast.stmt) -> bool:
        """Whether the target always leaves a block before a statement of it."""
        return self._left.stands_before(block, self.file.program.place(statement)[1])

    def block_leaves(self, body: list[ast.stmt]) -> bool:
        """Whether the target always leaves a block before its end."""
        return any(self._leaves(statement) for statement in body)

    @functools.cached_property
    def ends_import(self) -> bool:
        """Whether the target never gets through the file where it imports it."""
        return any(
            not isinstance(one, ast.Import | ast.ImportFrom) and self._leaves(one)
            for one in self.file.tree.body
        )

    def _leaves(self, statement: ast.stmt) -> bool:
        """Whether the target always goes elsewhere from ``statement``, not on to the next one."""
        match statement:
            case _ if isinstance(statement, JUMP):
                return True
            case ast.Assert(test=test):
                return self.truth.verdict(test) is False
            case ast.Expr(value=ast.Call() as call) | ast.Assign(value=ast.Call() as call):
                return self._ends(call)
            case ast.Import() | ast.ImportFrom():
                return self.truth.import_ends(statement)
            case ast.If(test=test, body=body, orelse=orelse):
                # Where neither way leaves, the test need not be known.
                ways = [body, orelse]
                if not any(map(self.block_leaves, ways)):
                    return False
                answer = self.truth.verdict(test)
                if answer is not None:
                    ways = [body if answer else orelse]
                return all(map(self.block_leaves, ways))
            case ast.With(body=body) | ast.AsyncWith(body=body):
                return self.is_refused(statement) or (
                    not may_swallow(statement) and self.block_leaves(body)
                )
            case ast.For(orelse=orelse) if orelse:
                return self.block_leaves(orelse) and self.truth.breaks(statement) is False
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                if self.block_leaves(finalbody):
                    return True
                bodies = [handler.body for handler in handlers]
                if self.stops(body) and (handler := self.handler(statement)) is not None:
                    return self.block_leaves(handler.body)
                if self.work(body):
                    return self.block_leaves([*body, *orelse])
                return self.block_leaves([*body, *orelse]) and all(map(self.block_leaves, bodies))
            case ast.While(test=ast.Constant(value=True | 1), body=body):
                return not any(isinstance(part, ast.Break) for part in walk(statement))
            case _:
                return False

    def _ends(self, call: ast.Call) -> bool:
        """Whether a call never comes back: it ends the program, or skips the test."""
        name = callee_name(call)
        if name == "importorskip":
            match call.args:
                case [path, *_]:
                    text = self.truth.text(path, OUTSIDE)
                    return text is not None and self._is_importable(text) is False
                case _:
                    return False
        if name in ENDING:
            if isinstance(call.func, ast.Attribute) and name in _METHODS_THAT_END:
                return True
            return any(
                isinstance(value, Ref) and value.path in _ENDS
                for value in self.file.values(call.func)
            )
        if isinstance(call.func, ast.Name):
            bound = self.file.program.bindings.of(call.func)
            if len(bound) == 1 and isinstance(bound[0].node, ast.FunctionDef):
                return self.raises_for(bound[0].node, call)
        called = self.file.values(call.func)
        if called and all(self._is_refused_by(value, call) for value in called):
            return True
        return self.truth.ends_elsewhere(call)

    def refuses(self, made: ast.AST, call: ast.Call) -> bool:
        """Whether calling a function or class of the file raises, or ends all."""
        match made:
            case ast.FunctionDef():
                return self.raises_for(made, call) and not _is_left_open(made)
            case ast.ClassDef():
                return self._is_refused_by(
                    LocalClass(self.file.program.bindings.classes[made]), call
                )
            case _:
                return False

    def _is_refused_by(self, called: Value, call: ast.Call) -> bool:
        """Whether calling something of the file's raises, or ends all: a class by its constructor."""
        match called:
            case LocalFunction(node=function):
                return self.raises_for(function, call) and not _is_left_open(function)
            case LocalClass(info=info):
                return any(
                    self.raises_for(made, call) and not _is_left_open(made)
                    for name in _CONSTRUCTORS
                    for made in self._methods(info, name)
                )
            case _:
                return False

    def run_by(self, made: ast.AST) -> list[ast.FunctionDef]:
        """What a call of a function or class of the file runs, but for generators."""
        found: list[ast.AST] = [made]
        if isinstance(made, ast.ClassDef):
            info = self.file.program.bindings.classes[made]
            found = [method for name in _CONSTRUCTORS for method in self._methods(info, name)]
        generators = self.file.program.bindings.generators
        return [f for f in found if isinstance(f, ast.FunctionDef) and f not in generators]

    def is_kept(self, function: ast.FunctionDef) -> bool:
        """Whether the decorators of a function leave it to that what a call does."""
        return _KEEPING.issuperset(decorator_names(function))

    def _methods(self, info: ClassInfo, name: str) -> list[FunctionNode]:
        """The one method that a class of the file's has by a name; none where it is another thing, or several."""
        for cls in self.file.resolver.local_mro(info):
            if bound := cls.scope.bindings.get(name, ()):
                node = bound[0].node
                is_method = len(bound) == 1 and isinstance(node, _FUNCTIONS)
                return [node] if is_method else []  # type: ignore[list-item]
        return []

    def is_refused(self, around: ast.With | ast.AsyncWith) -> bool:
        """Whether the target never gets into the block of a ``with``: what makes or enters a manager raises or skips."""
        return any(self._refuses(item.context_expr) for item in around.items)

    def _refuses(self, manager: ast.expr) -> bool:
        entered = self.file.values(manager)
        if entered and all(
            isinstance(value, LocalInstance)
            and any(
                self.never_gives(method)
                for name in ("__enter__", "__aenter__")
                for method in self._methods(value.info, name)
            )
            for value in entered
        ):
            return True
        if not isinstance(manager, ast.Call):
            return False
        made = self.file.values(manager.func)
        return self._ends(manager) or (
            bool(made)
            and all(
                isinstance(value, LocalFunction)
                and decorator_names(value.node) & _MANAGING
                and self.never_gives(value.node)
                for value in made
            )
        )

    def raises_for(self, function: FunctionNode, call: ast.Call) -> bool:
        """Whether a function of the file raises or ends all for what a call hands over, if not always."""
        if self._always_raises(function):
            return True
        if not self._is_plain(function):
            return False
        if function in self._followed:
            return False
        self._followed.add(function)
        try:
            frame = Frame(self.truth.arguments(function, call, OUTSIDE))
            return self._refuses_in(function.body, frame)
        finally:
            self._followed.remove(function)

    def _refuses_in(self, body: list[ast.stmt], frame: Frame) -> bool:
        """Whether the tests right in a body let nothing through, its parameters being known."""
        for statement in body:
            match statement:
                case ast.Assert(test=test):
                    if self.truth.is_true(test, frame) is False:
                        return True
                case ast.If(test=test, body=then, orelse=orelse):
                    answer = self.truth.is_true(test, frame)
                    returns = [p for p in walk(statement) if isinstance(p, ast.Return)]
                    if answer is not None and not returns:
                        if self.block_leaves(then if answer else orelse):
                            return True
                    elif returns:
                        return False
                case ast.Expr(value=ast.Call(args=[path, *_]) as inner) if (
                    callee_name(inner) == "importorskip"
                ):
                    text = self.truth.text(path, frame)
                    if text is not None and self._is_importable(text) is False:
                        return True
                case ast.For(target=ast.Name() as target, iter=over, body=turn) if not any(
                    isinstance(part, ast.Return | ast.Break) for part in walk(statement)
                ):
                    if any(
                        self._refuses_in(turn, Frame({**frame.given, target: (part, frame)}))
                        for part in self.truth.parts(over, frame) or ()
                    ):
                        return True
                case _ if any(isinstance(part, ast.Return) for part in walk(statement)):
                    return False
                case _:
                    pass
        return False

    def _is_plain(self, function: ast.AST) -> TypeGuard[ast.FunctionDef]:
        """Whether calling a function of the file runs its body, and nothing else."""
        return (
            isinstance(function, ast.FunctionDef)
            and function not in self.file.program.bindings.generators
            and (self.is_kept(function) or _is_declared_so(function))
        )

    def _always_raises(self, function: ast.AST) -> bool:
        """Whether calling a function of the file raises, or ends all."""
        return self._is_plain(function) and self.never_gives(function)

    def never_gives(self, function: FunctionNode) -> bool:
        """Whether the body of a function raises or ends all before it returns or yields."""
        if isinstance(function, ast.Lambda):
            return False
        known = self._raising.get(function)
        if known is None:
            self._raising[function] = False  # where it rests on itself
            program = self.file.program
            known = self._raising[function] = _is_declared_so(function) or (
                self.block_leaves(function.body)
                and all(
                    self.never_runs(program.statement(part))
                    for part in walk(function)
                    if isinstance(part, _GIVING) and program.function(part) is function
                )
            )
        return known


class Earlier:
    """Looks for the first statement of a block that is such a one, no further than is asked for.

    Args:
        is_such: Tells whether a statement is one.
    """

    def __init__(self, is_such: Callable[[ast.stmt], bool]) -> None:
        self._is_such = is_such
        self._passed: dict[int, int] = {}
        self._found: dict[int, int] = {}

    def stands_before(self, block: list[ast.stmt], index: int) -> bool:
        """Whether such a statement stands in a block before the one at an index."""
        key = id(block)
        while key not in self._found and (at := self._passed.get(key, 0)) < index:
            self._passed[key] = at + 1  # where it rests on itself
            if self._is_such(block[at]):
                self._found[key] = at
        return self._found.get(key, index) < index


def _handler(statement: ast.Try | ast.TryStar, kind: str) -> ast.ExceptHandler | None:
    """The first clause that takes an exception of Python's; of another one, the first if that takes any."""
    raised = getattr(builtins, kind, None)
    failures = {"Exception", "BaseException"}
    is_known = isinstance(raised, type) and issubclass(raised, BaseException)
    if isinstance(raised, type):
        failures.update(cls.__name__ for cls in raised.__mro__)
    failures.update({"ModuleNotFoundError"} if kind == "ImportError" else ())
    for handler in statement.handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(kind is None or last_name(kind) in failures for kind in kinds):
            return handler
        if not is_known:
            return None
    return None


def _path(value: Value) -> str | None:
    """Where something of torchtitan's stands, or the class that it is an instance of."""
    match value:
        case Ref(path=path) | Instance(cls=path):
            return path
        case _:
            return None


def is_empty(over: ast.expr) -> bool:
    """Whether a loop over what is written out has no turn."""
    match over:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return not parts
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=0)]):
            return True
        case _:
            return False


def imported_paths(statement: ast.stmt) -> list[tuple[str, str]]:
    """The modules that an import statement imports, each with the path that it asks for; none for another one."""
    match statement:
        case ast.Import(names=names):
            return [(alias.name, alias.name) for alias in names]
        case ast.ImportFrom(level=level, module=module, names=names):
            holder = f"{'.' * level}{module or ''}"
            dot = "" if holder.endswith(".") else "."
            return [(holder, f"{holder}{dot}{alias.name}") for alias in names]
        case _:
            return []


def _takes(target: ast.expr, value: ast.expr) -> bool:
    """Whether an assignment to a target cannot fail: a name, or as many as are written out."""
    match target, value:
        case ast.Name(), _:
            return True
        case ast.Tuple(elts=names), ast.Tuple(elts=parts) | ast.List(elts=parts):
            return len(names) == len(parts) and all(map(_takes, names, parts))
        case _:
            return False


def _is_left_open(function: FunctionNode) -> bool:
    """Whether a method is there to be overridden: it raises ``NotImplementedError``."""
    return any(
        isinstance(part, ast.Name) and part.id == "NotImplementedError" for part in walk(function)
    )


def _is_declared_so(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the annotation of a function says that it never comes back."""
    return function.returns is not None and last_name(function.returns) in {"NoReturn", "Never"}


def _stored(statement: ast.stmt) -> set[str]:
    from titan_lint.code.reaching import stored_names

    return stored_names([statement])
