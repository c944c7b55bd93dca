"""Tests that ask torchtitan for its shape or version, where the answer is not known."""

from __future__ import annotations

import ast
import functools
import sys

from titan_lint.code.forms import (
    callee_name,
    imports_torchtitan,
    is_known,
    is_torchtitans,
    swallowed,
)
from titan_lint.code.matching import match_call
from titan_lint.code.names import Binding, FunctionNode, Kind
from titan_lint.code.values import (
    Const,
    LocalClass,
    LocalFunction,
    LocalInstance,
    Partial,
    Ref,
    Value,
    root,
)
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses import versions
from titan_lint.uses.asking import only_flags
from titan_lint.uses.conditions.bound import is_property
from titan_lint.uses.conditions.frame import OUTSIDE, Frame
from titan_lint.uses.conditions.probes import PACKAGE_PROBES, PROBED, PROBES, PROBING
from titan_lint.uses.conditions.running import Earlier
from titan_lint.uses.conditions.truth import Made, Truth
from titan_lint.uses.definitions import definitions
from titan_lint.uses.flavors.dictionaries import dictionary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File

_LISTING = frozenset({"builtins.vars", "builtins.dir", "inspect.getmembers"})
_BY_NAME = frozenset({"builtins.getattr", "builtins.hasattr", "inspect.getattr_static"})
_RAISING = frozenset({"builtins.getattr", "importlib.import_module"})
_ASKING = PROBING - {"isinstance", "issubclass", "getattr", "getattr_static", "import_module"}
"""What asks for the shape of what it is given, whatever that is for."""
_DEEP = 4
"""Through how many names and functions what may be nothing is followed."""
_MOST = 200
"""More expressions than this behind one test leave it in doubt."""


class _Handed(Struct):
    """What a call hands over.

    Attributes:
        thing: Whether a module, class or function of torchtitan's, or the name of one, is among it.
        answer: Whether an answer that is not known is among it.
        is_kept: Whether what it gives is wanted: that is not called in order to be stopped.
    """

    thing: bool
    answer: bool
    is_kept: bool


class Doubt:
    """The tests of one file that are in doubt at one target."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.truth = file.once(Truth)
        self.running = self.truth.running
        self._leaving = Earlier(self._may_leave)
        self._doubts: dict[ast.expr, bool] = {}
        self._ending: set[ast.Call] = set()
        self._resting: dict[Binding, bool] = {}
        self._tellers: dict[ast.expr, list[tuple[File, Binding]] | None] = {}
        self._handed: dict[Binding, list[ast.expr]] = {}

    def is_in_doubt(self, test: ast.expr) -> bool:
        """Whether a test asks torchtitan for its shape or version, and the answer is not known."""
        known = self._doubts.get(test)
        if known is None:
            self._doubts[test] = False
            known = self._doubts[test] = self._find_doubt(test)
        return known

    def _find_doubt(self, test: ast.expr) -> bool:
        match test:
            case ast.BoolOp(values=values):
                return self.truth.verdict(test) is None and any(map(self.is_in_doubt, values))
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return self.is_in_doubt(inner)
            case _:
                return self.truth.verdict(test) is None and (
                    versions.inside(self.file, test)
                    or self.asks(test)
                    or self._asks_for_nothing(test)
                )

    def _asks_for_nothing(self, test: ast.expr) -> bool:
        """Whether a test asks if there still is the nothing that stands where torchtitan lacks what it is to be."""
        match test:
            case ast.Compare(
                left=asked,
                ops=[ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq()],
                comparators=[ast.Constant(value=None)],
            ):
                return self._may_be_nothing(asked, 0)
            case _:
                return self._may_be_nothing(test, 0)

    def _may_be_nothing(self, node: ast.expr, depth: int) -> bool:
        """Whether something is nothing where torchtitan was asked whether it has it, or something failed, in vain."""
        if depth > _DEEP:
            return False
        match node:
            case ast.NamedExpr(value=value):
                return self._may_be_nothing(value, depth + 1)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return _is_empty(body) != _is_empty(orelse) and self.asks_shape(test)
            case ast.Call(
                func=ast.Name(id="getattr"), args=[owner, ast.Name() as name, default]
            ) if _is_empty(default):
                # What a caller asks for; a name that is written out is followed elsewhere.
                return any(
                    binding.kind is Kind.PARAMETER
                    for binding in self.file.program.bindings.of(name)
                ) and any(map(self.is_built_on, self.file.values(owner)))
            case ast.Call(func=function):
                called = self.file.values(function)
                made = [value.node for value in called if isinstance(value, LocalFunction)]
            case ast.Attribute():
                bound = self.truth.attribute_bindings(node)
                made = [
                    b.node
                    for b in bound
                    if isinstance(b.node, FunctionNode) and is_property(b.node)
                ]
            case ast.Name():
                return self._may_hold_nothing(node, depth)
            case _:
                return False
        return any(self._may_give_nothing(function, depth) for function in made)

    def _may_hold_nothing(self, name: ast.Name, depth: int) -> bool:
        bound = [b for b in self.file.program.bindings.of(name) if b.value is not None]
        empty = [b for b in bound if b.value is not None and _is_empty(b.value)]
        others = [b for b in bound if b not in empty]
        loads = [load for b in empty for load in self.file.program.loads(b)]
        filled = [load for load in loads if _may_fill(self.file.program.parents[load])]
        return (
            any(b.value is not None and self._may_be_nothing(b.value, depth + 1) for b in others)
            or (bool(empty) and any(self._is_tried_for(b.node) for b in others))
            or any(map(self._is_tried_for, filled))
        )

    def _may_give_nothing(self, function: FunctionNode, depth: int) -> bool:
        """Whether a function gives nothing where torchtitan lacks what it would give."""
        if isinstance(function, ast.Lambda):
            return self._may_be_nothing(function.body, depth + 1)
        given = self.file.program.bindings.returns.get(function, ())
        others = [value for value in given if not _is_empty(value)]
        ends = len(others) < len(given) or not self.running.block_leaves(function.body)
        return any(self._may_be_nothing(value, depth + 1) for value in others) or (
            ends and any(map(self._is_tried_for, others))
        )

    def _is_tried_for(self, node: ast.AST) -> bool:
        """Whether something stands where torchtitan was asked whether it has something, or where that may fail."""
        child = node
        for around in self.file.program.ancestors(node):
            match around:
                case ast.If(test=test) if child is not test and self.asks_shape(test):
                    return True
                case ast.Try(body=body, handlers=[_, *_]) if child in body:
                    return any(map(self._uses_torchtitan, body))
                case ast.With(body=body) | ast.AsyncWith(body=body) if child in body and any(
                    swallowed(item.context_expr) is not None for item in around.items
                ):
                    return any(map(self._uses_torchtitan, body))
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.ClassDef():
                    return False
                case _:
                    child = around
        return False

    def asks_shape(self, test: ast.expr) -> bool:
        """Whether a test asks torchtitan, or what is built on it, for its shape or version, be the answer known or not."""
        return (
            versions.inside(self.file, test)
            or self.asks(test)
            or any(
                isinstance(part, ast.Call)
                and callee_name(part) == "hasattr"
                and bool(part.args)
                and any(map(self.is_built_on, self.file.values(part.args[0])))
                for part in walk(test)
            )
        )

    def may_leave(self, block: list[ast.stmt], statement: ast.stmt) -> bool:
        """Whether a test before a statement that asks torchtitan in vain may leave the block."""
        return self._leaving.stands_before(block, self.file.program.place(statement)[1])

    def _may_leave(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.If(test=test, body=body, orelse=orelse):
                return any(map(self.running.block_leaves, (body, orelse))) and self.is_in_doubt(
                    test
                )
            case ast.Assert(test=test):
                return self.is_in_doubt(test)
            case ast.For(orelse=orelse):
                return self.running.block_leaves(orelse) and self.may_break(statement)
            case ast.Expr(value=ast.Call() as call) | ast.Assign(value=ast.Call() as call):
                return self._may_end(call)
            case ast.Import() | ast.ImportFrom():
                return any(
                    home.once(Doubt)._may_end_import for home in self.truth.imported_by(statement)
                )
            case _:
                return False

    @functools.cached_property
    def _may_end_import(self) -> bool:
        """Whether a question to torchtitan may end the import of the file."""
        is_open = bool(self.running.failing_imports())
        return any(
            (isinstance(one, ast.If | ast.Assert | ast.For | ast.Expr) and self._may_leave(one))
            or (
                is_open
                and isinstance(one, ast.If)
                and self.running.block_leaves([one])
                and self.asks_shape(one.test)
            )
            for one in self.file.tree.body
        )

    def _may_end(self, call: ast.Call) -> bool:
        """Whether a function of the project, in whichever file, may end all for a question to torchtitan that it asks."""
        if call in self._ending:
            return False
        self._ending.add(call)
        try:
            given = [*call.args, *(word.value for word in call.keywords)]
            handed = _Handed(
                any(_is_named(value) for part in given for value in self.file.values(part)),
                any(map(self.is_in_doubt, given)),
                not isinstance(self.file.program.parents[call], ast.Expr),
            )
            return any(
                home.once(Doubt)._may_end_for(function, call_there, handed, is_open=is_open)
                for home, function, call_there, is_open in self._run_by(call)
            )
        finally:
            self._ending.remove(call)

    def _run_by(
        self, call: ast.Call
    ) -> Iterator[tuple[File, ast.FunctionDef, ast.Call | None, bool]]:
        """The functions of the project that a call runs, as it calls them, and whether each may be another one."""
        own: list[ast.AST] = []
        for value in self.file.values(call.func):
            own += [value.node] if isinstance(value, LocalFunction) else []
            own += [value.info.node] if isinstance(value, LocalClass) else []
        # Classes of other files count as the file's own, too.
        own = [one for one in own if one in self.file.program.parents]
        found = [(self.file, one) for one in own if isinstance(one, Made)]
        may_change = False
        if not own:
            found = self.truth.called_elsewhere(call.func)
            may_change = bool(found) and self.truth.may_change(call.func, found)
        for home, made in found:
            given = self.truth.handed(home, made, call)
            for function in home.once(Truth).running.run_by(made):
                kept = home.once(Truth).running.is_kept(function)
                yield home, function, given, may_change or not kept

    def _may_end_for(
        self, function: ast.FunctionDef, call: ast.Call | None, handed: _Handed, *, is_open: bool
    ) -> bool:
        """Whether a function of the file may end all for a question to torchtitan.

        Args:
            function: The function.
            call: Its call; ``None`` where it is not known what its parameters are.
            handed: What the call hands over.
            is_open: Whether an answer that is known may become another one.
        """
        frame = OUTSIDE
        if call is not None:
            frame = Frame(self.truth.arguments(function, call, OUTSIDE))
        for statement in _straight(function.body):
            match statement:
                case ast.If(test=test, body=body, orelse=orelse):
                    ways = {True: body, False: orelse}
                    ending = {on for on, way in ways.items() if self.running.block_leaves(way)}
                    # Who returns for the one answer may end all for the other.
                    ends = bool(ending) and (
                        self.running.block_leaves(function.body)
                        or not all(_returns(ways[on]) for on in ending)
                    )
                case ast.Assert(test=test):
                    ending, ends = {False}, True
                case ast.Expr(value=ast.Call() as inner):
                    if self._may_end(inner):
                        return True
                    continue
                case _:
                    continue
            if not ends:
                continue
            answer = self.truth.is_true(test, frame)
            if answer is None and self._may_ask(test, handed):
                return True
            if is_open and not handed.is_kept and answer in ending and self.asks_shape(test):
                return True
        return False

    def _may_ask(self, test: ast.expr, handed: _Handed) -> bool:
        """Whether a test in a helper asks torchtitan in vain, be it for what the helper is given."""
        if not any(b.kind is Kind.PARAMETER for b in self._bound_in(test)):
            is_asked = not handed.is_kept and self.is_in_doubt(test)
            return is_asked or self._asks_for_given(test, handed)
        return (
            handed.answer or versions.inside(self.file, test) or self._asks_for_given(test, handed)
        )

    def _asks_for_given(self, test: ast.expr, handed: _Handed) -> bool:
        """Whether a test in a helper asks torchtitan for the shape of what the helper is given, or for what that names."""
        made = [test, *(b.value for b in self._bound_in(test) if b.value is not None)]
        return any(
            isinstance(part, ast.Call)
            and callee_name(part) in _ASKING
            and bool(part.args)
            and self._is_asked(part, handed)
            for one in made
            for part in walk(one)
        )

    def _is_asked(self, probe: ast.Call, handed: _Handed) -> bool:
        """Whether a probe in a helper is for torchtitan, where the helper is handed something."""
        is_given = any(map(self._is_given, probe.args))
        if handed.thing and is_given:
            return True
        of_torchtitan = any(map(_is_named, self.file.values(probe.args[0])))
        return of_torchtitan and (is_given or not handed.is_kept)

    def _bound_in(self, node: ast.expr) -> Iterator[Binding]:
        for name in walk(node):
            if isinstance(name, ast.Name):
                yield from self.file.program.bindings.of(name)

    def _is_given(self, node: ast.expr) -> bool:
        """Whether an expression is made of a parameter, or of one of what that holds."""
        return any(b.kind in {Kind.PARAMETER, Kind.ELEMENT} for b in self._bound_in(node))

    def may_break(self, loop: ast.For) -> bool:
        """Whether a question to torchtitan, with no known answer, decides if a loop ends by ``break``."""
        return self.truth.breaks(loop) is None and any(
            isinstance(part, ast.If) and self.asks(part.test) for part in walk(loop)
        )

    def may_be_empty(self, over: ast.expr) -> bool:
        """Whether a loop may have no turn at the target for what torchtitan is asked where it is made what it runs through."""
        if isinstance(over, ast.IfExp):
            answer = self.truth.verdict(over.test)
            if answer is None:
                return _is_empty(over.body) != _is_empty(over.orelse) and self.is_in_doubt(
                    over.test
                )
            return _is_empty(over.body if answer else over.orelse)
        named = over.func if isinstance(over, ast.Call) else over
        if not isinstance(named, ast.Name | ast.Attribute):
            return False
        bound = self.file.program.bindings.of(named) if isinstance(named, ast.Name) else []
        found = [*((self.file, one) for one in bound), *definitions(self.file, named)]
        return any(home.once(Doubt)._may_hold_none(binding) for home, binding in found)

    def _may_hold_none(self, binding: Binding) -> bool:
        """Whether a collection of the file's may have nothing in it, or a function of it yield nothing, as torchtitan answers."""
        match binding.value:
            case ast.IfExp() as chosen:
                return self.may_be_empty(chosen)
            case ast.expr():
                return self._is_filled_by_asking(binding, set())
            case _:
                pass
        return binding.node in self.file.program.bindings.generators and all(
            self.running.never_runs(statement) or self._stands_in_doubt(statement)
            for part in walk(binding.node)
            if isinstance(part, ast.Yield)
            for statement in (self.file.program.statement(part),)
        )

    def _stands_in_doubt(self, statement: ast.stmt) -> bool:
        return any(
            isinstance(around, ast.If) and self.is_in_doubt(around.test)
            for around in self.file.program.ancestors(statement)
        )

    def may_refuse(self, function: FunctionNode) -> bool:
        """Whether a question to torchtitan, with no known answer, may end what runs with a function."""
        return isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            map(self._may_leave, function.body)
        )

    def asks(self, node: ast.expr) -> bool:
        """Whether what an expression gives rests on a question to torchtitan."""
        return self._asks(node, set())

    def _asks(self, test: ast.AST, seen: set[ast.AST], *, settled: bool = False) -> bool:
        """Whether what a test rests on asks torchtitan for its shape."""
        seen.add(test)
        if len(seen) > _MOST:
            return True
        kinds: set[ast.AST] = set()
        for part in self._running(test) if isinstance(test, FunctionNode) else walk(test):
            well = settled or part in kinds
            match part:
                case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[asked, kind]):
                    kinds.update(walk(kind))
                    if self._is_made(asked):
                        kinds.add(asked)
                    if self._is_probe(part):
                        return True
                case ast.Try(body=tried, handlers=[_, *_]):
                    if only_flags(test) and any(map(self._uses_torchtitan, tried)):
                        return True
                case ast.Call(func=function):
                    if self._is_probe(part) or self._is_probe_elsewhere(part):
                        return True
                    if self._is_told(part):
                        return True
                    called = self.file.values(function)
                    for value in called:
                        if isinstance(value, LocalFunction) and value.node not in seen:
                            if self._hands_over(part, value.node) or self._asks(
                                value.node, seen, settled=well
                            ):
                                return True
                case ast.Attribute(value=owner, attr=attr) if attr in PROBED:
                    if any(map(self.is_built_on, self.file.values(owner))):
                        return True
                case ast.Compare(left=ast.Constant(value=str() as name), comparators=[held]):
                    # That torchtitan is there says nothing of its version; one of its modules does.
                    is_part = is_torchtitans(name) and "." in name
                    if is_part and Ref("sys.modules") in self.file.values(held):
                        return True
                case ast.Attribute():
                    bound = self.truth.attribute_bindings(part)
                    if any(self._asks_in(b, seen, settled=well) for b in bound) or self._is_told(
                        part
                    ):
                        return True
                    if self._lists_flavors(part) or self.truth.constants.asks_for_default(part):
                        return True
                case ast.Name(ctx=ast.Load()):
                    if any(map(_is_version, self.file.values(part))):
                        return True
                    bound = self.file.program.bindings.of(part)
                    if any(self._asks_in(b, seen, settled=well) for b in bound) or self._is_told(
                        part
                    ):
                        return True
                    if self._lists_flavors(part):
                        return True
                case _:
                    pass
        return False

    def _lists_flavors(self, node: ast.Name | ast.Attribute) -> bool:
        """Whether an expression is a dictionary of flavors, of which more is asked than what stands under a key."""
        parent = self.file.program.parents[node]
        if isinstance(parent, ast.Subscript) and parent.value is node:
            return False
        surface = self.file.target.surface
        return any(
            isinstance(value, Ref) and dictionary(surface, value.path) is not None
            for value in self.file.values(node)
        )

    def _running(self, function: FunctionNode) -> Iterator[ast.AST]:
        """What of a function runs at the target; all of it where what it gives there may stand for "missing"."""
        parts = list(walk(function))
        never = {
            part
            for part in parts
            if isinstance(part, ast.stmt) and part is not function and self.running.never_runs(part)
        }
        given = [part.value for part in parts if isinstance(part, ast.Return) and part not in never]
        if not given or any(value is None or _is_empty(value) for value in given):
            return iter(parts)
        # What is logged of a failure decides nothing.
        never.update(
            inner
            for part in parts
            if isinstance(part, ast.ExceptHandler)
            for inner in part.body
            if isinstance(inner, ast.Expr)
        )
        hidden = {inner for part in never for inner in walk(part)}
        return (part for part in parts if part not in hidden)

    def _asks_in(self, binding: Binding, seen: set[ast.AST], *, settled: bool = False) -> bool:
        """Whether what a name or an attribute is bound to rests on a question to torchtitan.

        Args:
            binding: What it is bound by.
            seen: What was asked before.
            settled: Whether an import that surely works at the target asks nothing. It does where an answer
                rests on whether it failed; which class a thing is of rests on the class alone.
        """
        failing = self._is_asked_by_failing(binding) and not (
            settled and self._is_tried_well(binding)
        )
        if failing or self._is_filled_by_asking(binding, seen):
            return True
        made: list[ast.AST] = list(self._given(binding))
        if binding.whole is not None and self._asks_in(binding.whole, seen, settled=settled):
            return True
        if binding.kind is not Kind.PARAMETER and binding.value is not None:
            made.append(binding.value)
        if isinstance(binding.node, ast.Name) and isinstance(
            self.file.program.parents[binding.node], ast.AugAssign
        ):
            made += self._deciding(binding.node)
        if is_property(binding.node):
            made.append(binding.node)
        return any(node not in seen and self._asks(node, seen, settled=settled) for node in made)

    def _is_made(self, node: ast.expr) -> bool:
        """Whether an expression is a parameter for which the file hands over what it calls something for."""
        bound = self.file.program.bindings.of(node) if isinstance(node, ast.Name) else []
        return bool(bound) and all(
            binding.kind is Kind.PARAMETER
            and all(isinstance(given, ast.Call) for given in self._given(binding))
            for binding in bound
        )

    def _given(self, binding: Binding) -> list[ast.expr]:
        """What a parameter of a function stands for: by default, and in the calls of the file."""
        if binding not in self._handed:
            self._handed[binding] = list(self._find_given(binding))
        return self._handed[binding]

    def _find_given(self, binding: Binding) -> Iterator[ast.expr]:
        function = binding.function
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            calls = [
                call
                for call in self.file.program.called(function.name)
                if any(
                    isinstance(value, LocalFunction) and value.node is function
                    for value in self.file.values(call.func)
                )
            ]
            for call in calls or [ast.Call(ast.Name(function.name), [], [])]:
                given = match_call(self.file.program.bindings, function, call).of(binding.node)
                if given is not None:
                    yield given

    def _is_told(self, node: ast.expr) -> bool:
        """Whether what is imported rests on what another file of the project asks torchtitan."""
        if node not in self._tellers:
            self._tellers[node] = self._find_tellers(node)
        tellers = self._tellers[node]
        return tellers is None or any(
            home.once(Doubt)._rests_on_asking(one) for home, one in tellers
        )

    def _find_tellers(self, node: ast.expr) -> list[tuple[File, Binding]] | None:
        """Where other files define what is imported, as far as these hear answers; ``None`` where one is told by its name."""
        neighbours = self.file.options.neighbours
        if neighbours is not None and any(map(neighbours.ask, self._imported_as(node))):
            return None
        return [
            (home, binding)
            for home, binding in definitions(self.file, node)
            if home is not self.file and home.once(_hears_answers)
        ]

    def _rests_on_asking(self, binding: Binding) -> bool:
        """Whether what another file has from this one under a name rests on a question to torchtitan."""
        known = self._resting.get(binding)
        if known is None:
            self._resting[binding] = False  # where it rests on itself
            made = binding.node
            if binding.kind is Kind.VALUE:
                known = self._asks_in(binding, set())
            else:
                known = made in self.file.program.bindings.returns and self._asks(made, set())
            self._resting[binding] = known
        return known

    def _imported_as(self, node: ast.expr) -> Iterator[str]:
        """The name in a module that is neither torchtitan's nor Python's of what an expression reads from it."""
        root, name = node, ""
        match node:
            case ast.Attribute(attr=name):
                pass
            case ast.Call(
                func=ast.Name(id="getattr"), args=[root, ast.Constant(value=str() as name), *_]
            ):
                pass
            case _:
                pass
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name):
            for binding in self.file.program.bindings.of(root):
                if binding.kind in {Kind.IMPORT, Kind.FROM} and not is_known(binding.path):
                    yield name or binding.member

    def _is_probe_elsewhere(self, call: ast.Call) -> bool:
        """Whether a function of another module is asked by name for something of torchtitan's."""
        if not call.args or not any(self._imported_as(call.func)):
            return False
        if len(call.args) == 1:
            # `has("torchtitan.distributed.utils.maybe_enable_amp")`
            named = self.file.sole(call.args[0])
            return isinstance(named, Const) and _is_torchtitan(named) and "." in str(named.value)
        about = self.file.values(call.args[0])
        return len(about) == 1 and _is_torchtitan(about[0]) and self._is_named(call.args)

    def is_built_on(self, value: Value) -> bool:
        """Whether a value is of torchtitan, or of a class of the file's that derives from one of its."""
        if isinstance(value, LocalInstance | LocalClass):
            bases = self.file.resolver.foreign_bases(value.info)
            return any(base is not None and base.startswith("torchtitan.") for base in bases)
        return _is_torchtitan(value)

    def _is_probe(self, call: ast.Call) -> bool:
        for value in self.file.values(call.func):
            arguments = call.args
            if isinstance(value, Partial) and value.call is not None:
                arguments = [*value.call.args[1:], *arguments]
                value = value.function
            if isinstance(value, Ref) and value.path in PROBES:
                if value.path == "builtins.getattr" and self._answers(call):
                    continue
                if value.path in _RAISING and len(arguments) < 3:
                    continue  # it raises where nothing is there: no answer is kept
                if value.path in _BY_NAME and not self._is_named(arguments):
                    continue  # somebody else chooses the name
                if value.path in PACKAGE_PROBES and any(
                    any(map(_is_torchtitan, self.file.values(argument)))
                    for argument in arguments[:1]
                ):
                    return True
                is_one = self.is_built_on if value.path in _LISTING else _is_torchtitan
                for argument in arguments[:1]:
                    # What may be one of several says which one it is, nothing of the version.
                    about = self.file.values(argument)
                    if len(about) == 1 and is_one(about[0]):
                        # Which class a thing is of is asked of things, too.
                        return value.path != "builtins.isinstance" or isinstance(about[0], Ref)
        return False

    def _is_named(self, arguments: list[ast.expr]) -> bool:
        """Whether the code itself says which name it asks for."""
        return len(arguments) > 1 and (
            all(isinstance(value, Const) for value in self.file.values(arguments[1]))
            or self._is_of_lambda(arguments[1])
        )

    def _is_of_lambda(self, node: ast.expr) -> bool:
        """Whether a name stands for what a ``lambda`` is given, by who is handed it with what it asks."""
        bound = self.file.program.bindings.of(node) if isinstance(node, ast.Name) else []
        return bool(bound) and all(isinstance(binding.function, ast.Lambda) for binding in bound)

    def _hands_over(self, call: ast.Call, function: FunctionNode) -> bool:
        """Whether a function of the file is handed something of torchtitan's, and probes it."""
        given = [*call.args, *(word.value for word in call.keywords)]
        if not any(_is_torchtitan(v) for part in given for v in self.file.values(part)):
            return False
        return any(
            isinstance(part, ast.Call)
            and any(isinstance(v, Ref) and v.path in PROBES for v in self.file.values(part.func))
            for part in walk(function)
        )

    def _answers(self, call: ast.Call) -> bool:
        """Whether a ``getattr`` is known to find something, or nothing."""
        if len(call.args) < 2:
            return False
        has = self.truth.has(call.args[0], call.args[1], OUTSIDE)
        if has is False and len(call.args) > 2 and _is_empty(call.args[2]):
            return False  # who gets it learns whether it is there
        # What a module holds is asked for to learn whether it is there; a config's field has a say.
        return has is False or (
            has is True and not any(isinstance(v, Ref) for v in self.file.values(call.args[0]))
        )

    def _is_filled_by_asking(self, binding: Binding, seen: set[ast.AST]) -> bool:
        """Whether what a collection of the file's holds rests on a question to torchtitan."""
        value = binding.value
        if not isinstance(value, ast.Dict | ast.List | ast.Set) and not (
            isinstance(value, ast.Call) and callee_name(value) in _COLLECTIONS
        ):
            return False
        program = self.file.program
        return any(
            asked not in seen and self._asks(asked, seen)
            for load in program.loads(binding)
            if _may_fill(program.parents[load])
            for asked in self._deciding(load)
        )

    def _deciding(self, filled: ast.expr) -> Iterator[ast.expr]:
        """What decides what is put into something: the tests and loops around, and what is handed over."""
        child: ast.AST = filled
        for around in self.file.program.ancestors(filled):
            match around:
                case ast.If(test=test):
                    yield test
                case ast.For(iter=over):
                    yield over
                case ast.Call(func=ast.Attribute(value=owner), args=args) if owner is filled:
                    yield from args
                case ast.Assign(value=value) | ast.AugAssign(value=value) if child is not value:
                    yield value
                case _:
                    pass
            child = around

    def _is_asked_by_failing(self, binding: Binding) -> bool:
        """Whether a constant or an import is bound as something of torchtitan's works or fails."""
        if binding.kind is Kind.PARAMETER or _is_pythons_own(binding):
            return False
        if binding.value is not None and not isinstance(binding.value, ast.Constant):
            return False
        for parent in self.file.program.ancestors(binding.node):
            if isinstance(parent, ast.If) and self.is_in_doubt(parent.test):
                return True
            if isinstance(parent, ast.Try):
                return bool(parent.handlers) and any(map(self._uses_torchtitan, parent.body))
            if isinstance(parent, FunctionNode):
                return False
        return False

    def _is_tried_well(self, binding: Binding) -> bool:
        """Whether the ``try`` around a binding surely gets past it at the target, and to its end where it may be undone."""
        child, name = binding.node, _bound(binding.node)
        for around in self.file.program.ancestors(binding.node):
            if isinstance(around, ast.Try):
                at = next((n for n, one in enumerate(around.body) if one is child), None)
                is_undone = any(
                    _bound(node) == name
                    for handler in around.handlers
                    for node in ast.walk(handler)
                )
                last = len(around.body) if at is None or is_undone else at + 1
                return self.running.work(around.body[:last])
            child = around
        return False

    def _uses_torchtitan(self, statement: ast.stmt) -> bool:
        """Whether a statement imports torchtitan or does something with what is of it."""
        return imports_torchtitan(statement) or any(
            isinstance(part, ast.Name) and any(map(self.is_built_on, self.file.values(part)))
            for part in walk(statement)
        )


def _straight(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a function that run where it does, those in its loops and blocks too, up to where it returns."""
    for statement in body:
        yield statement
        match statement:
            case ast.Return():
                return
            case ast.For(body=inner) | ast.With(body=inner) | ast.While(body=inner):
                yield from _straight(inner)
            case ast.Try(body=inner, orelse=orelse, finalbody=finalbody):
                yield from _straight([*inner, *orelse, *finalbody])
            case _:
                pass


def _returns(block: list[ast.stmt]) -> bool:
    return any(isinstance(part, ast.Return) for one in block for part in walk(one))


def _bound(node: ast.AST) -> str:
    """The name that a node binds; empty for one that binds none."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            return name
        case ast.alias(name=name, asname=other):
            return other or name.partition(".")[0]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case _:
            return ""


def _is_pythons_own(binding: Binding) -> bool:
    """Whether a star import is all that may bind the name of one of Python's modules: ``sys`` is that, whoever brings it."""
    return binding.kind is Kind.STAR and binding.member in sys.stdlib_module_names


def _is_version(value: Value) -> bool:
    return (
        isinstance(value, Ref)
        and value.path.startswith("torchtitan.")
        and value.path.endswith(".__version__")
    )


_COLLECTIONS = frozenset({"dict", "list", "set", "defaultdict", "OrderedDict", "Counter", "deque"})


def _may_fill(parent: ast.AST) -> bool:
    """Whether what stands in a node may be filled there: by a method, or by an item that is set."""
    match parent:
        case ast.Subscript(ctx=context):
            return isinstance(context, ast.Store)
        case _:
            return isinstance(parent, ast.Attribute | ast.AugAssign)


def _is_empty(node: ast.expr) -> bool:
    """Whether an expression is written as something that is false: ``None``, ``0``, ``()``."""
    match node:
        case ast.Constant(value=value):
            return not value
        case (
            ast.Dict(keys=parts)
            | ast.Set(elts=parts)
            | ast.List(elts=parts)
            | ast.Tuple(elts=parts)
        ):
            return not parts
        case _:
            return False


def _is_torchtitan(value: Value) -> bool:
    if isinstance(value, Const):
        return isinstance(value.value, str) and is_torchtitans(value.value)
    # Who asks a module of some model learns about the model, not the version.
    if isinstance(value, Ref) and "*" in value.path:
        return False
    return root(value) == "torchtitan"


def _is_named(value: Value) -> bool:
    return isinstance(value, Ref | Const) and _is_torchtitan(value)


def _hears_answers(file: File) -> bool:
    """Whether a file asks torchtitan, or names what another one of the project has learnt by asking it."""
    program, neighbours = file.program, file.options.neighbours
    if program.mentions_torchtitan:
        return True
    named = {alias.name for one in program.bindings.imports for alias in one.names}
    named.update(node.attr for node in program.bindings.attributes)
    return neighbours is not None and any(map(neighbours.ask, named))
