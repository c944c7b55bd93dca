"""Whether a test is true at the target: what it asks, followed to what the target has."""

from __future__ import annotations

import ast
import operator

from titan_lint.api import Class, Function, Module, Variable
from titan_lint.api.absence import missing_part
from titan_lint.code.forms import callee_name, is_known, is_torchtitans, last_name
from titan_lint.code.matching import match_call
from titan_lint.code.names import Binding, FunctionNode, Kind
from titan_lint.code.values import (
    Attr,
    Const,
    Instance,
    LocalClass,
    LocalFunction,
    Ref,
    Value,
    Values,
)
from titan_lint.code.walk import walk
from titan_lint.uses import versions
from titan_lint.uses.conditions.bound import BoundNames, is_property
from titan_lint.uses.conditions.constants import Constants
from titan_lint.uses.conditions.frame import (
    DEPTH,
    OUTSIDE,
    Frame,
    agreed,
    all_of,
    any_of,
    is_unpacked,
)
from titan_lint.uses.conditions.held import HeldNames
from titan_lint.uses.conditions.running import Running, imported_paths
from titan_lint.uses.definitions import definitions
from titan_lint.uses.shapes import member_exists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from titan_lint.api import Parameter
    from titan_lint.uses.conditions.frame import Ask, Given, Join
    from titan_lint.uses.file import File


Made = ast.FunctionDef | ast.ClassDef
"""What calls of another file's names run."""


class Truth(BoundNames):
    """What the tests of one file are at one target.

    Attributes:
        held: The names that its expressions hold.
        constants: The literals that its expressions are.
    """

    def __init__(self, file: File) -> None:
        self.file = file
        self.running = Running(self)
        self.held = HeldNames(self)
        self.constants = Constants(self)
        self._known: dict[ast.expr, bool | None] = {}
        self._asked: dict[tuple[str, ast.expr, Frame], object] = {}
        self._depth = 0

    def verdict(self, test: ast.expr) -> bool | None:
        """What a condition is at the target, ``None`` where that cannot be told."""
        if test in self._known:
            return self._known[test]
        found = self.is_true(test, OUTSIDE)
        if not self._depth:
            self._known[test] = found
        return found

    def cannot_import(self, module: str) -> bool:
        """Whether a module of the project certainly cannot be imported, for an import that it runs."""
        paths = self._imported_in_vain(module)
        return bool(paths) and not any(map(self.may_be_put, paths))

    def _imported_in_vain(self, module: str) -> list[str]:
        """What a module of the project, or one that it imports, asks torchtitan for where its import ends."""
        other = self.file.imported(module)
        if other is None:
            return []
        truth = other.once(Truth)
        at = truth.running.first_failing(other.tree.body)
        found: list[str] = []
        for statement in other.tree.body[at : at + 1]:
            for holder, path in imported_paths(statement):
                found += [path] if is_torchtitans(holder) else truth._imported_in_vain(holder)
        return found

    def may_be_put(self, path: str) -> bool:
        """Whether the file, or another one of the project, may put something at a path of torchtitan's."""
        neighbours = self.file.options.neighbours
        return (
            bool(self.file.resolver.patches.at(path))
            or self.file.is_replaced(path)
            or (neighbours is not None and neighbours.stub(path))
        )

    def key(self, node: ast.expr) -> Const | None:
        """What an expression is at the target by which something is looked up: a literal, or the answer of a test."""
        found = self.constants.of(node, OUTSIDE)
        if found is None and isinstance(node, ast.Call) and callee_name(node) == "int":
            return self.key(node.args[0]) if len(node.args) == 1 else None
        if found is None and self._is_bool(node, OUTSIDE):
            answer = self.verdict(node)
            return Const(answer) if answer is not None else None
        return found

    def is_true(self, node: ast.expr, frame: Frame) -> bool | None:
        """Whether an expression is true, ``None`` where that cannot be told."""
        found = self.once(self._find_truth, node, frame)
        assert found is None or isinstance(found, bool)
        return found

    def once(
        self, ask: Callable[[ast.expr, Frame], object], node: ast.expr, frame: Frame
    ) -> object:
        """An answer, worked out once in a question; ``None`` where it would rest on itself."""
        key = (ask.__name__, node, frame)
        if key in self._asked:
            return self._asked[key]
        if self._depth > DEPTH:
            return None
        self._asked[key] = None
        self._depth += 1
        try:
            found = self._asked[key] = ask(node, frame)
        finally:
            self._depth -= 1
            if not self._depth:
                self._asked.clear()
        return found

    def _find_truth(self, node: ast.expr, frame: Frame) -> bool | None:
        found = self._find_truth_here(node, frame)
        if found is None and isinstance(node, ast.Name | ast.Attribute | ast.Call):
            return self._told_elsewhere(node)
        return found

    def _told_elsewhere(self, node: ast.Name | ast.Attribute | ast.Call) -> bool | None:
        """What another file makes of a flag, or answers to a call without arguments, that it asks torchtitan for.

        ``None``, too, where an import of that file fails: once that is mended, the flag may be another.
        """
        named = node.func if isinstance(node, ast.Call) else node
        neighbours = self.file.options.neighbours
        if neighbours is None or not neighbours.ask(last_name(named)):
            return None
        if isinstance(node, ast.Call) and (node.args or node.keywords):
            return None
        found = [
            (home, binding)
            for home, binding in definitions(self.file, named)
            if home is not self.file
            and not home.once(Truth).running.never_runs(home.program.statement(binding.node))
        ]
        if len(found) != 1:
            return None
        ((home, binding),) = found
        truth = home.once(Truth)
        # What derives from a class may have another flag.
        if home.program.class_of(binding.node) is not None or self.may_change(
            named, [(home, binding.node)]
        ):
            return None
        if isinstance(node, ast.Call):
            if not isinstance(binding.node, ast.FunctionDef):
                return None
            return truth._answers_of(binding.node, OUTSIDE, truth.is_true)
        return truth._answer(binding, OUTSIDE) if binding.kind is Kind.VALUE else None

    def ends_elsewhere(self, call: ast.Call) -> bool:
        """Whether a call of a function of another file never comes back: that raises there, or ends all.

        As with flags, ``False`` where an import of that file fails, or where somebody may put another one there.
        """
        found = self.called_elsewhere(call.func)
        return (
            bool(found)
            and all(
                (given := self.handed(home, made, call)) is not None
                and home.once(Truth).running.refuses(made, given)
                for home, made in found
            )
            and not self.may_change(call.func, found)
        )

    def import_ends(self, statement: ast.Import | ast.ImportFrom) -> bool:
        """Whether an import of a module of the project never comes back: what that asks torchtitan ends all, or raises."""
        homes = self.imported_by(statement)
        return any(
            home.once(Truth).running.ends_import and not self.may_change(None, [(home, home.tree)])
            for home in homes
        )

    def imported_by(self, statement: ast.Import | ast.ImportFrom) -> list[File]:
        """The files of the project that an import statement runs."""
        neighbours = self.file.options.neighbours
        if neighbours is None:
            return []
        paths = [path for pair in imported_paths(statement) for path in pair]
        found = [
            self.file.imported(path, bare=True)
            for path in dict.fromkeys(paths)
            if path.strip(".") and not is_known(path)
            # To parse all that a file imports takes longer than all else.
            if neighbours.end(path.rpartition(".")[2])
        ]
        return [home for home in found if home is not None and home is not self.file]

    def called_elsewhere(self, called: ast.expr) -> list[tuple[File, Made]]:
        """The functions and classes of other files of which an expression certainly is one."""
        neighbours = self.file.options.neighbours
        if neighbours is None or not isinstance(called, ast.Name | ast.Attribute):
            return []
        names = {last_name(called)}
        if isinstance(called, ast.Name):
            names.update(binding.member for binding in self.file.program.bindings.of(called))
        if not any(map(neighbours.end, names)):
            return []
        found = [(home, binding.node) for home, binding in definitions(self.file, called)]
        made = [(home, node) for home, node in found if isinstance(node, Made)]
        is_sure = len(made) == len(found) and all(home is not self.file for home, _ in found)
        return made if is_sure else []

    def may_change(self, called: ast.expr | None, found: Iterable[tuple[File, ast.AST]]) -> bool:
        """Whether what another file defines may be another one, or do something else once an import there is mended."""
        readers = self.file.options.readers
        is_put = (
            readers is not None
            and called is not None
            and readers.put(last_name(called), tests=True)
        )
        return is_put or any(home.once(Truth).running.failing_imports() for home, _ in found)

    def handed(self, home: File, made: Made, call: ast.Call) -> ast.Call | None:
        """A call of something of a file as one in there: what is known of it here, else something unknown.

        ``None`` where it is not known for which parameters that is.
        """
        if home is self.file or not (call.args or call.keywords):
            return call
        if isinstance(made, ast.ClassDef) or made in home.program.bindings.owners:
            return None
        return ast.Call(
            ast.Name(made.name, ast.Load()),
            [self._known_of(part) for part in call.args],
            [ast.keyword(word.arg, self._known_of(word.value)) for word in call.keywords],
        )

    def _known_of(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Starred):
            return ast.Starred(_UNKNOWN, ast.Load())
        found = self.key(node)
        value = found.value if found is not None else ...
        return ast.Constant(value) if isinstance(value, str | int | None) else _UNKNOWN

    def _find_truth_here(self, node: ast.expr, frame: Frame) -> bool | None:
        match node:
            case ast.Constant(value=value):
                return bool(value) if value is not ... else None
            case ast.UnaryOp(op=ast.Not()):
                inner = self.is_true(node.operand, frame)
                return None if inner is None else not inner
            case ast.BoolOp(op=ast.And(), values=values):
                return all_of(self.is_true(value, frame) for value in values)
            case ast.BoolOp(values=values):
                return any_of(self.is_true(value, frame) for value in values)
            case ast.NamedExpr() | ast.IfExp() | ast.Name():
                return self._passed_on(node, frame, self.is_true)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                pairs = zip([left, *rights], ops, rights, strict=False)
                return all_of(self._compared(node, a, op, b, frame) for a, op, b in pairs)
            case ast.Call():
                return self._called(node, frame)
            case ast.Attribute() if (kept := self._kept_answers(node)) is not None:
                return agreed(self._answer(binding, frame) for binding in kept)
            case ast.Attribute() | ast.Subscript():
                return self._presence(node, frame)
            case ast.Lambda():
                return True
            case _:
                return None

    def _answer(self, binding: Binding, frame: Frame) -> bool | None:
        """Whether what an attribute is bound to is true; for a property, what it returns."""
        if binding.kind is Kind.VALUE and binding.value is not None:
            return None if is_unpacked(binding) else self.is_true(binding.value, OUTSIDE)
        if isinstance(binding.node, ast.FunctionDef) and is_property(binding.node):
            return self._answers_of(binding.node, frame, self.is_true)
        return None

    def _passed_on(
        self, node: ast.NamedExpr | ast.IfExp | ast.BoolOp | ast.Name, frame: Frame, ask: Ask
    ) -> bool | None:
        """What ``ask`` answers to an expression that gives what another one gives."""
        match node:
            case ast.BoolOp(op=operator, values=values):
                for value in values[:-1]:
                    known = self.is_true(value, frame)
                    if known is None:
                        return None
                    if known is isinstance(operator, ast.Or):
                        return ask(value, frame)
                return ask(values[-1], frame)
            case ast.NamedExpr(value=value):
                return ask(value, frame)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                chosen = self.is_true(test, frame)
                ways = [body, orelse] if chosen is None else [body if chosen else orelse]
                return agreed(ask(way, frame) for way in ways)
            case ast.Name():
                pass
        given = self.given(node, frame)
        if given is not None:
            return ask(*given)
        found: list[bool | None] = []
        for binding in self.live_bindings(node):
            if binding.kind is Kind.VALUE and binding.value is not None:
                if is_unpacked(binding):
                    return None
                found.append(ask(binding.value, frame))
            else:
                found.append(self._is_there(binding))
        return agreed(found) if found else None

    def _is_there(self, binding: Binding) -> bool | None:
        """Whether what a binding brings is a thing, which counts as true."""
        match binding.kind:
            case Kind.FUNCTION | Kind.CLASS:
                return True
            case Kind.IMPORT | Kind.FROM:
                values = self.file.resolver.bound(binding)
                return agreed(map(self._exists, values))
            case _:
                return None

    def _exists(self, value: Value) -> bool | None:
        """Whether a value is a module, class or function that the target has."""
        if isinstance(value, Ref) and "*" not in value.path:
            found = self.file.target.surface.lookup(value.path)
            if isinstance(found, Class | Function | Module):
                return True
            if isinstance(found, Variable) and found.keys:
                return True  # a dictionary with something in it
        if isinstance(value, LocalClass | LocalFunction):
            return True
        return None

    def _compared(
        self, whole: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr, frame: Frame
    ) -> bool | None:
        match op:
            case ast.In() | ast.NotIn():
                found = self._is_in(left, right, frame)
                return found if found is None or isinstance(op, ast.In) else not found
            case ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq():
                same = self.are_same(left, right, frame)
                if same is not None:
                    return same == isinstance(op, ast.Is | ast.Eq)
            case _:
                pass
        if type(op) in _COMPARING and (one := self.constants.number(left, frame)) is not None:
            if (other := self.constants.number(right, frame)) is not None:
                return _COMPARING[type(op)](one, other)
        return versions.verdict(self.file, whole) if len(whole.ops) == 1 else None

    def are_same(self, left: ast.expr, right: ast.expr, frame: Frame) -> bool | None:
        """Whether two expressions are the same constant; ``None`` where that cannot be told."""
        for one, other in ((left, right), (right, left)):
            if isinstance(other, ast.Constant) and other.value is None:
                there = self._is_something(one, frame)
                return None if there is None else not there
            if isinstance(other, ast.Constant) and isinstance(other.value, bool):
                known = self.is_true(one, frame) if self._is_bool(one, frame) else None
                return None if known is None else known is other.value
        mine, others = self.constants.of(left, frame), self.constants.of(right, frame)
        if mine is not None and others is not None:
            return mine.value == others.value
        is_never = (others is not None and self._never_holds(left, others, frame)) or (
            mine is not None and self._never_holds(right, mine, frame)
        )
        return False if is_never else None

    def _never_holds(self, field: ast.expr, value: Const, frame: Frame) -> bool:
        """Whether an expression is a field of torchtitan's that has no such value: it is refused, or no choice of its type."""
        found = self.values(field, frame)
        return bool(found) and all(
            (parameter := self._field(one)) is not None
            and (
                parameter.refusal(value.value) is not None
                or (bool(parameter.choices) and value.value not in parameter.choices)
            )
            for one in found
        )

    def _field(self, value: Value) -> Parameter | None:
        match value:
            case Attr(owner=Instance(cls=cls), name=name) if is_torchtitans(cls):
                found = self.file.target.surface.lookup(cls)
                made = found.constructor() if isinstance(found, Class) else None
                return made.parameter(name) if made is not None else None
            case _:
                return None

    def _is_bool(self, node: ast.expr, frame: Frame) -> bool:
        """Whether an expression can be nothing but ``True`` or ``False``."""
        match node:
            case ast.Constant(value=bool()) | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return True
            case ast.BoolOp(values=values):
                return all(self._is_bool(value, frame) for value in values)
            case ast.Call(func=ast.Name(id="hasattr" | "bool" | "any" | "all" | "callable")):
                return True
            case ast.Name() if self.given(node, frame) is None:
                bound = self.live_bindings(node)
                return bool(bound) and all(
                    b.value is not None and b.value is not node and self._is_flag(b.value)
                    for b in bound
                )
            case _:
                return False

    def _is_flag(self, node: ast.expr) -> bool:
        return not isinstance(node, ast.Name) and self._is_bool(node, OUTSIDE)

    def _presence(self, node: ast.expr, frame: Frame) -> bool | None:
        """Whether an expression is a thing, and true: ``False`` for ``None``."""
        values = self.values(node, frame)
        return agreed(map(self._exists, values)) if values else None

    def _is_something(self, node: ast.expr, frame: Frame) -> bool | None:
        """Whether an expression is anything but ``None``."""
        found = self.once(self._find_something, node, frame)
        assert found is None or isinstance(found, bool)
        return found

    def _find_something(self, node: ast.expr, frame: Frame) -> bool | None:
        match node:
            case ast.Constant(value=value):
                return value is not None
            case ast.Lambda() | ast.Dict() | ast.List() | ast.Tuple() | ast.Set() | ast.Compare():
                return True
            case ast.NamedExpr() | ast.IfExp() | ast.BoolOp() | ast.Name():
                return self._passed_on(node, frame, self._is_something)
            case ast.Call():
                return self._call_gives(node, frame)
            case ast.Attribute() | ast.Subscript():
                return self._presence(node, frame)
            case _:
                return None

    def _call_gives(self, node: ast.Call, frame: Frame) -> bool | None:
        """Whether what a call gives is there, and no ``None``."""
        match node:
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name, default]):
                exists = self.has(owner, name, frame)
                if exists is False:
                    return self._is_something(default, frame)
                text = self.text(name, frame)
                if exists and text is not None:
                    # What is there may still be ``None``, unless it is a function or a class.
                    owners = self.values(owner, frame)
                    found = [
                        self._exists(Ref(f"{value.path}.{text}"))
                        if isinstance(value, Ref)
                        else None
                        for value in owners
                    ]
                    return agreed(found) if found else None
                return None
            case (
                ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[key])
                | ast.Call(
                    func=ast.Attribute(value=owner, attr="get"),
                    args=[key, ast.Constant(value=None)],
                )
            ):
                names = self.held.names(owner, frame)
                text = self.text(key, frame)
                if names is None or text is None:
                    return None
                held = names.has(text)
                # Values of a module or of annotations may be ``None`` themselves.
                return False if held is False else True if held and names.are_things else None
            case _:
                pass
        for value in self.values(node.func, frame):
            match value:
                case Ref(path="importlib.util.find_spec") if node.args:
                    text = self.text(node.args[0], frame)
                    if text is None or not text.startswith("torchtitan"):
                        return None
                    if missing_part(self.file.target.surface, text) is not None:
                        return False
                    found = self.file.target.surface.lookup(text)
                    return True if isinstance(found, Module) else None
                case LocalFunction(node=function):
                    return self._returned(function, node, frame, self._is_something)
                case LocalClass():
                    return True
                case Ref(path=path) if isinstance(self.file.target.surface.lookup(path), Class):
                    return True
                case _:
                    return None
        return None

    def _called(self, node: ast.Call, frame: Frame) -> bool | None:
        match node:
            case ast.Call(func=ast.Name(id="hasattr"), args=[owner, name]):
                return self.has(owner, name, frame)
            case ast.Call(func=ast.Name(id="bool" | "callable"), args=[inner]):
                return self.is_true(inner, frame)
            case ast.Call(func=ast.Name(id="any" | "all" as over), args=[inner]):
                return self._over(inner, frame, any_of if over == "any" else all_of)
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name, default]) if (
                self.has(owner, name, frame) is False
            ):
                return self.is_true(default, frame)
            case ast.Call(func=ast.Attribute(attr="__contains__", value=owner), args=[name]):
                return self._is_in(name, owner, frame)
            case ast.Call(func=ast.Attribute(attr="issubset", value=owner), args=[names]):
                return self._within(owner, names, frame)
            case ast.Call(func=ast.Attribute(attr="issuperset", value=owner), args=[names]):
                return self._within(names, owner, frame)
            case _:
                pass
        for value in self.values(node.func, frame):
            if isinstance(value, LocalFunction):
                return self._returned(value.node, node, frame, self.is_true)
            break
        there = self._is_something(node, frame)
        if there is False:
            return False
        match node:
            # Specs, parameters and modules are true where they are there.
            case ast.Call(func=function) if there and callee_name(function) in {
                *("find_spec", "get", "getattr", "import_module")
            }:
                return True
            case _:
                return None

    def is_no_answer(self, call: ast.Call, given: ast.expr) -> bool:
        """Whether a call is handed what it would give if torchtitan lacked something, and the target has that."""
        match call:
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name, default]):
                return default is given and self.has(owner, name, OUTSIDE) is True
            case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[key, default]):
                if default is not given:
                    return False
                names, text = self.held.names(owner), self.text(key, OUTSIDE)
                return names is not None and text is not None and names.has(text) is True
            case _:
                return False

    def is_passed_by(self, match: ast.Match, case: ast.match_case) -> bool:
        """Whether ``match`` certainly gets to no statement of a case."""
        before = match.cases[: match.cases.index(case)]
        return (
            any(other.guard is None and self.fits(match.subject, other.pattern) for other in before)
            or (case.guard is not None and self.verdict(case.guard) is False)
            or self.fits(match.subject, case.pattern) is False
        )

    def fits(self, subject: ast.expr, pattern: ast.pattern) -> bool | None:
        """Whether what is matched is what a pattern asks for; ``None`` where that cannot be told."""
        match pattern:
            case ast.MatchSingleton(value=value):
                return self.are_same(subject, ast.Constant(value), OUTSIDE)
            case ast.MatchValue(value=value):
                return self.are_same(subject, value, OUTSIDE)
            case ast.MatchAs(pattern=None):
                return True
            case ast.MatchAs(pattern=ast.pattern() as inner):
                return self.fits(subject, inner)
            case ast.MatchOr(patterns=patterns):
                return any_of(self.fits(subject, one) for one in patterns)
            case _:
                return None

    def _within(self, some: ast.expr, names: ast.expr, frame: Frame) -> bool | None:
        """Whether all of the names that are written out are among others."""
        match some:
            case ast.Set(elts=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
                return all_of(self._is_in(part, names, frame) for part in parts)
            case _:
                return None

    def _over(self, node: ast.expr, frame: Frame, join: Join) -> bool | None:
        """``any(...)`` or ``all(...)`` of what is written out or asked of a shape."""
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return join(self.is_true(part, frame) for part in parts)
            case (
                ast.GeneratorExp(elt=elt, generators=[over])
                | ast.ListComp(elt=elt, generators=[over])
                | ast.SetComp(elt=elt, generators=[over])
            ) if not over.ifs:
                pass
            case _:
                return None
        if join is any_of:
            match elt:
                case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
                    for name, wanted in ((left, right), (right, left)):
                        names = self.held.named_in(name, over, frame)
                        text = self.text(wanted, frame) if names is not None else None
                        if names is not None and text is not None:
                            return names.has(text)
                case _:
                    pass
        if not isinstance(over.target, ast.Name):
            return None
        parts = self.parts(over.iter, frame)
        if parts is None:
            return None
        target = over.target
        answers = [
            self.is_true(elt, Frame({**frame.given, target: (part, frame)})) for part in parts
        ]
        return join(answers)

    def elements(self, node: ast.expr) -> list[ast.expr] | None:
        """What the target may take of a collection that is filtered; ``None`` where that cannot be told."""
        match node:
            case (
                ast.GeneratorExp(elt=ast.Name(id=name), generators=[over])
                | ast.ListComp(elt=ast.Name(id=name), generators=[over])
            ) if isinstance(over.target, ast.Name) and over.target.id == name:
                target, parts = over.target, self.parts(over.iter, OUTSIDE)
                return parts and [
                    part
                    for part in parts
                    if all_of(self.is_true(t, Frame({target: (part, OUTSIDE)})) for t in over.ifs)
                    is not False
                ]
            case ast.Call(func=ast.Name(id="iter" | "list" | "tuple" | "sorted"), args=[inner]):
                return self.elements(inner)
            case ast.Name() if (value := self.sole_value(node)) is not None:
                return self.elements(value)
            case _:
                return None

    def breaks(self, loop: ast.For) -> bool | None:
        """Whether a loop over what is written out ends by ``break``; ``None`` where that cannot be told."""
        parts = self.parts(loop.iter, OUTSIDE)
        if parts is None or not isinstance(loop.target, ast.Name):
            return None
        target = loop.target
        for part in parts:
            found = self._turn(loop.body, Frame({target: (part, OUTSIDE)}))
            if found is not False:
                return found
        return False

    def _turn(self, body: list[ast.stmt], frame: Frame) -> bool | None:
        """Whether one turn of a loop leaves it by ``break``: tests and plain statements are followed."""
        for statement in body:
            match statement:
                case ast.Break():
                    return True
                case ast.If(test=test, body=then, orelse=orelse):
                    answer = self.is_true(test, frame)
                    if answer is None:
                        return None
                    found = self._turn(then if answer else orelse, frame)
                    if found is not False or self.running.block_leaves(then if answer else orelse):
                        return found
                case ast.Continue():
                    return False
                case ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Pass():
                    pass
                case _:
                    return None
        return False

    def parts(self, node: ast.expr, frame: Frame) -> list[ast.expr] | None:
        """The members of a collection that is written out."""
        given = self.given(node, frame)
        if given is not None:
            return self.parts(*given)
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return None if any(isinstance(p, ast.Starred) for p in parts) else parts
            case ast.Name():
                value = self.sole_value(node)
                return None if value is None else self.parts(value, frame)
            case _:
                return None

    def _returned(
        self, function: FunctionNode, call: ast.Call, frame: Frame, ask: Ask
    ) -> bool | None:
        """What a function of the file answers to a call."""
        bindings = self.file.program.bindings
        if function in bindings.generators or any(
            isinstance(part, ast.Starred) for part in call.args
        ):
            return None
        return self._answers_of(function, Frame(self.arguments(function, call, frame)), ask)

    def _answers_of(self, function: FunctionNode, inside: Frame, ask: Ask) -> bool | None:
        """What a function of the file answers, its parameters being known."""
        if isinstance(function, ast.Lambda):
            return ask(function.body, inside)
        if isinstance(function, ast.AsyncFunctionDef):
            return None
        returns = [
            node
            for node in walk(function)
            if isinstance(node, ast.Return) and self.file.program.function(node) is function
        ]
        live = [node for node in returns if not self.running.never_runs(node)]
        answers: list[bool | None] = []
        for node in live:
            answers.append(ask(node.value, inside) if node.value is not None else False)
        # A function that goes on to its end gives ``None``.
        if not self.running.block_leaves(function.body):
            answers.append(False)
        return agreed(answers) if answers else None

    def arguments(self, function: FunctionNode, call: ast.Call, frame: Frame) -> Given:
        """What the parameters of a function of the file stand for in a call of it."""
        matched = match_call(self.file.program.bindings, function, call)
        given: Given = {p: (default, OUTSIDE) for p, default in matched.defaults.items()}
        given.update({p: (argument, frame) for p, argument in matched.given.items()})
        return given

    def values(self, node: ast.expr, frame: Frame) -> Values:
        """What an expression may be."""
        given = self.given(node, frame)
        if given is not None:
            return self.values(*given)
        if isinstance(node, ast.Attribute) and frame.given:
            owners = self.values(node.value, frame)
            if owners and all(isinstance(owner, Ref) for owner in owners):
                return Values(
                    Ref(f"{owner.path}.{node.attr}") for owner in owners if isinstance(owner, Ref)
                )
        return self.file.values(node)

    def text(self, node: ast.expr, frame: Frame) -> str | None:
        """The one string that an expression is at the target; ``None`` for anything else."""
        found = self.constants.of(node, frame)
        if found is None:
            given = self.given(node, frame)
            if given is not None:
                return None
            value = self.file.sole(node)
            found = value if isinstance(value, Const) else None
        return found.value if found is not None and isinstance(found.value, str) else None

    def has(self, owner: ast.expr, name: ast.expr, frame: Frame) -> bool | None:
        """Whether something has a member of a name; ``None`` where that cannot be told."""
        text = self.text(name, frame)
        if text is None:
            return None
        values = self.values(owner, frame)
        return agreed(member_exists(self.file, value, text) for value in values)

    def count(self, node: ast.expr, frame: Frame) -> int | None:
        """How many names an expression holds; ``None`` where that cannot be told."""
        names = self.held.names(node, frame)
        return names.count if names is not None else None

    def _is_in(self, left: ast.expr, right: ast.expr, frame: Frame) -> bool | None:
        names = self.held.names(right, frame)
        if names is None:
            parts = self.parts(right, frame)
            return any_of(self.are_same(left, part, frame) for part in parts) if parts else None
        text = self.text(left, frame)
        return names.has(text) if text is not None else None


_UNKNOWN = ast.Name("?", ast.Load())
"""Something that the file says nothing of."""

_COMPARING: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
"""How whole numbers are compared."""
