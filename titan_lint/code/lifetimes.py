"""How long what a file puts somewhere stays there.

An assignment stays. What ``mock`` and ``monkeypatch`` put there is taken away at the end of a block or of a
function, or by ``stop``; what was imported meanwhile is kept.
"""

from __future__ import annotations

import ast
import functools
import sys

from titan_lint.code.forms import callee_name, last_name, position
from titan_lint.code.names import Kind
from titan_lint.code.values import Const, root
from titan_lint.code.walk import walk
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from titan_lint.code.program import Program
    from titan_lint.code.values import Values

_MOCKING = frozenset({"patch", "object", "multiple", "dict"})
_ENTERING = frozenset({"enter_context", "enterContext", "enter_async_context"})
_DEPTH = 4
"""Over how many names a patch is followed."""


class Lifetime(Struct, eq=False):
    """One way in which something is put somewhere.

    Attributes:
        begin: The syntax that does it.
        within: At the end of what it is taken away; ``None`` where it stays.
        ends: The statements that take it away before that.
    """

    begin: ast.AST
    within: ast.AST | None = None
    ends: tuple[ast.stmt, ...] = ()


class Lifetimes:
    """When what one file puts somewhere is there.

    Args:
        program: The file.
        values: Gives all that an expression may be.
    """

    def __init__(self, program: Program, values: Callable[[ast.expr], Values]) -> None:
        self.program = program
        self._values = values
        self._known: dict[ast.expr, list[Lifetime]] = {}
        self._run: dict[ast.AST, set[str]] = {}

    def reach(self, by: ast.expr, node: ast.AST) -> bool:
        """Whether what ``by`` puts somewhere may be there when ``node`` asks for it."""
        if by not in self._known:
            self._known[by] = list(self._of(by))
        return any(self._holds(life, node) for life in self._known[by])

    # -- one lifetime -------------------------------------------------------------------------

    def _holds(self, life: Lifetime, node: ast.AST) -> bool:
        program = self.program
        around = {*program.ancestors(node)}
        if life.begin in around:
            return False
        if life.within is not None and not self._runs(life.within, None):
            if life.within not in around:
                return self._runs(life.within, node)
            if self._is_put_off(node, life.within):
                return self._runs(life.within, node)
            if isinstance(program.parents[life.begin], _HEADED):
                return position(node) > position(life.begin)
        return self._follows(life.begin, node) and not any(
            position(end) > position(life.begin) and self._surely_follows(end, node)
            for end in life.ends
        )

    def _is_put_off(self, node: ast.AST, within: ast.AST) -> bool:
        """Whether a function in a ``with`` block holds a node: it may run at any time after the block."""
        function = self.program.function(node)
        return (
            isinstance(within, ast.With | ast.AsyncWith)
            and function is not None
            and within in self.program.ancestors(function)
        )

    def _follows(self, begin: ast.AST, node: ast.AST) -> bool:
        """Whether ``node`` may be reached after ``begin``."""
        program = self.program
        here = program.function(node)
        if program.function(begin) is not here:
            # What an import evaluates before it runs any function of the file comes first for sure.
            return here is not None or position(node) > self._first_own_call
        statement, own = program.statement(begin), program.statement(node)
        if statement is own:
            return False
        around = {statement, *program.ancestors(statement)}
        if any(isinstance(a, ast.For | ast.While) for a in around & {*program.ancestors(own)}):
            return True
        return statement.lineno < own.lineno

    def _surely_follows(self, end: ast.stmt, node: ast.AST) -> bool:
        """Whether a statement is always through where ``node`` is reached: a function runs after it is made."""
        block, at = self.program.place(end)
        child: ast.AST = self.program.statement(node)
        while isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            if isinstance(child, ast.stmt):
                other, place = self.program.place(child)
                if other is block:
                    return place > at
            child = self.program.parents[child]
        return False

    @functools.cached_property
    def _first_own_call(self) -> tuple[int, int]:
        """Where the import of the file may run one of its own functions for the first time."""
        program = self.program
        found = [
            position(call)
            for call in program.bindings.calls
            if program.function(call) is None
            and any(map(self._is_own, (call.func, *call.args, *(w.value for w in call.keywords))))
        ]
        for node in program.of(*_NAMED):
            found += [position(d) for d in node.decorator_list if self._is_own(d)]
        return min(found, default=(sys.maxsize, 0))

    def _is_own(self, node: ast.expr) -> bool:
        """Whether something may be a function of the file's, or hold one."""
        return any(root(v) is None and not isinstance(v, Const) for v in self._values(node))

    # -- what runs meanwhile ------------------------------------------------------------------

    def _runs(self, within: ast.AST, node: ast.AST | None) -> bool:
        """Whether a block may run code that stands elsewhere; for ``None``, whatever code there is.

        It does by a call, and all that others do before it goes on where it yields to them.
        """
        if within not in self._run:
            self._run[within] = self._named_in(within)
        named = self._run[within]
        if node is None:
            return _ANYTHING in named
        return any(
            self._name(around) in named
            if self._name(around)
            else within in self.program.ancestors(around)
            for around in self.program.ancestors(node)
            if isinstance(around, (*_NAMED, ast.Lambda))
        )

    def _name(self, node: ast.AST) -> str:
        """By what a function or class is named; empty for a ``lambda`` that goes where it is written."""
        if isinstance(node, ast.Lambda):
            match self.program.parents[node]:
                case ast.Assign(targets=[ast.Name(id=name)]):
                    return name
                case _:
                    return ""
        return getattr(node, "name", "")

    def _named_in(self, within: ast.AST) -> set[str]:
        """What a block names, and what the functions and classes of these names name in turn."""
        found: set[str] = set()
        todo = [within]
        for block in todo:
            for part in walk(block):
                if isinstance(part, ast.Yield | ast.YieldFrom):
                    found.add(_ANYTHING)
                if not isinstance(part, ast.Name | ast.Attribute):
                    continue
                name = last_name(part) if isinstance(part.ctx, ast.Load) else ""
                if name and name not in found:
                    found.add(name)
                    todo += self._functions.get(name, ())
        return found

    @functools.cached_property
    def _functions(self) -> dict[str, list[ast.AST]]:
        found: dict[str, list[ast.AST]] = {}
        for node in self.program.of(*_NAMED, ast.Lambda):
            if name := self._name(node):
                found.setdefault(name, []).append(node)
        return found

    # -- which there are ----------------------------------------------------------------------

    def _of(self, by: ast.expr) -> Iterator[Lifetime]:
        """The ways in which an expression puts something somewhere."""
        if not isinstance(by, ast.Call):
            yield Lifetime(by)
        elif callee_name(by) in _MOCKING:
            yield from self._managed(by, 0)
        else:
            yield Lifetime(by, self._receiver(by))

    def _managed(self, manager: ast.expr, depth: int) -> Iterator[Lifetime]:
        """As :meth:`_of`, for what puts it there when it is entered or started."""
        program = self.program
        parent = program.parents[manager]
        match parent:
            case ast.withitem():
                yield Lifetime(manager, program.parents[parent])
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield Lifetime(manager, parent)
            case ast.Call() if manager in parent.args and callee_name(parent) in _ENTERING:
                yield Lifetime(parent, self._receiver(parent))
            case ast.Attribute(attr="stop"):
                pass
            case ast.Assign(targets=[ast.Name(id=name)]) if depth < _DEPTH:
                function = program.function(parent)
                bindings = program.bindings
                scope = bindings.module if function is None else bindings.scopes[function]
                bound = [b for b in scope.bindings.get(name, ()) if b.value is manager]
                loads = [load for binding in bound for load in program.loads(binding)]
                ends = tuple(stop for load in loads if (stop := self._stop(load)) is not None)
                for load in loads:
                    for life in self._managed(load, depth + 1):
                        yield Lifetime(life.begin, life.within, (*life.ends, *ends))
                if not bound:
                    yield Lifetime(manager)
            case _:
                yield Lifetime(manager)

    def _stop(self, load: ast.Name) -> ast.stmt | None:
        """The statement that stops a patch of a name: ``patcher.stop()``."""
        parents = self.program.parents
        match parents[load]:
            case ast.Attribute(attr="stop") as read:
                call = parents[read]
                statement = parents[call]
                is_call = isinstance(call, ast.Call) and call.func is read
                return statement if is_call and isinstance(statement, ast.Expr) else None
            case _:
                return None

    def _receiver(self, call: ast.Call) -> ast.AST | None:
        """What ends the life of what a call of a method does: the block or test that its owner is made for.

        ``with ExitStack() as stack: stack.enter_context(...)``; pytest gives a test its ``monkeypatch``.
        """
        program = self.program
        if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
            return None
        bound = program.bindings.of(call.func.value)
        if len(bound) != 1:
            return None
        (binding,) = bound
        if binding.kind is Kind.CONTEXT:
            item = program.parents[binding.node]
            return program.parents[item] if isinstance(item, ast.withitem) else None
        function = binding.function
        if binding.kind is Kind.PARAMETER and isinstance(function, _NAMED):
            if function.name.startswith("test") and "fixture" not in map(
                callee_name, function.decorator_list
            ):
                return function
        return None


_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_HEADED = (ast.withitem, *_NAMED)
_ANYTHING = ""
"""Among what a block names: it yields, and others run what they will."""
