"""What tests in the code come to at the target, and which statements it never runs for them.

Code that supports several torchtitans asks first, and keeps the answer: in a flag, in what a function
of its own returns, in a name that is ``None`` where an import failed. A test is followed to what was
asked, and that to what the target has.
"""

from __future__ import annotations

import ast
import sys

from titan_lint.api import Class, Function, Module, Variable
from titan_lint.api.absence import missing_part
from titan_lint.code.forms import callee_name, last_name, swallowed
from titan_lint.code.names import Binding, FunctionNode, Kind
from titan_lint.code.values import Const, LocalClass, LocalFunction, Ref, Value, Values, root
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses import versions
from titan_lint.uses.shapes import Names, Shapes, member_exists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from titan_lint.uses.file import File

    Ask = Callable[[ast.expr, "Frame"], bool | None]
    Join = Callable[[Iterable[bool | None]], bool | None]

Given = dict[ast.AST, tuple[ast.expr, "Frame"]]
"""What the names that a call or a loop binds stand for, by the syntax that binds them."""


class Frame(Struct, eq=False):
    """The names that stand for something known while a function or loop is looked into."""

    given: Mapping[ast.AST, tuple[ast.expr, Frame]]


_OUTSIDE = Frame({})
_DEPTH = 14
"""How deep a test is followed, over names and into functions."""

# What ends a test, a program or a thread of it, whatever it is given.
_ENDS = frozenset(
    {
        *("sys.exit", "os._exit", "os.abort", "builtins.exit", "builtins.quit"),
        *("pytest.skip", "pytest.fail", "pytest.exit", "pytest.xfail"),
    }
)
_END_NAMES = frozenset({"exit", "_exit", "abort", "quit", "skip", "fail", "xfail", "skipTest"})
_METHODS_THAT_END = frozenset({"skipTest", "fail"})
_PREPARING = frozenset({"setUp", "setUpClass", "setup_method", "setup_class", "asyncSetUp"})
_IMPORT_FAILURES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
# What is asked of torchtitan to learn its shape.
_PROBES = frozenset(
    {
        *("builtins.hasattr", "builtins.vars", "builtins.dir", "builtins.getattr"),
        *("inspect.signature", "inspect.getfullargspec", "inspect.getargspec"),
        *("inspect.Signature.from_callable", "inspect.getmembers", "inspect.getsource"),
        *("inspect.get_annotations", "inspect.getmodule", "inspect.getattr_static"),
        *("dataclasses.fields", "typing.get_type_hints", "typing_extensions.get_type_hints"),
        *("importlib.util.find_spec", "importlib.import_module", "pkgutil.find_loader"),
        *("importlib.metadata.version", "importlib_metadata.version", "pkgutil.iter_modules"),
    }
)
_BY_NAME = frozenset({"builtins.getattr", "builtins.hasattr", "inspect.getattr_static"})
_RAISING = frozenset({"builtins.getattr", "importlib.import_module"})
_PROBED = frozenset(
    {
        *("__code__", "__dict__", "__annotations__", "__dataclass_fields__", "__signature__"),
        *("__doc__", "__version__", "__kwdefaults__", "__defaults__", "__all__", "__file__"),
        *("__slots__", "__match_args__", "__mro__", "__bases__"),
    }
)


class Conditions:
    """The tests of one file, at one target."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.shapes = Shapes(file)
        self._known: dict[ast.expr, bool | None] = {}
        self._asked: dict[tuple[str, ast.expr, Frame], object] = {}
        self._depth = 0
        self._left: dict[int, _Block] = {}
        self._failing: dict[int, int] = {}
        self._raising: dict[FunctionNode, bool] = {}
        self._never: dict[ast.stmt, bool] = {}
        self._doubts: dict[ast.expr, bool] = {}

    # -- truth --------------------------------------------------------------------------------

    def verdict(self, test: ast.expr) -> bool | None:
        """What a condition is at the target, ``None`` where that cannot be told."""
        if test in self._known:
            return self._known[test]
        found = self._truth(test, _OUTSIDE)
        if not self._depth:
            self._known[test] = found
        return found

    def _truth(self, node: ast.expr, frame: Frame) -> bool | None:
        found = self._once(self._find_truth, node, frame)
        assert found is None or isinstance(found, bool)
        return found

    def _once(
        self, ask: Callable[[ast.expr, Frame], object], node: ast.expr, frame: Frame
    ) -> object:
        """An answer, worked out once in a question; ``None`` where it would rest on itself."""
        key = (ask.__name__, node, frame)
        if key in self._asked:
            return self._asked[key]
        if self._depth > _DEPTH:
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
        match node:
            case ast.Constant(value=value):
                return bool(value) if value is not ... else None
            case ast.UnaryOp(op=ast.Not()):
                inner = self._truth(node.operand, frame)
                return None if inner is None else not inner
            case ast.BoolOp(op=ast.And(), values=values):
                return _all(self._truth(value, frame) for value in values)
            case ast.BoolOp(values=values):
                return _any(self._truth(value, frame) for value in values)
            case ast.NamedExpr(value=value):
                return self._truth(value, frame)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                chosen = self._truth(test, frame)
                ways = [body, orelse] if chosen is None else [body if chosen else orelse]
                return _agreed(self._truth(way, frame) for way in ways)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                pairs = zip([left, *rights], ops, rights, strict=False)
                return _all(self._compared(node, a, op, b, frame) for a, op, b in pairs)
            case ast.Call():
                return self._called(node, frame)
            case ast.Name():
                return self._name(node, frame)
            case ast.Attribute() | ast.Subscript():
                return self._presence(node, frame)
            case ast.Lambda():
                return True
            case _:
                return None

    def _name(self, node: ast.Name, frame: Frame) -> bool | None:
        given = self._given(node, frame)
        if given is not None:
            return self._truth(*given)
        found: list[bool | None] = []
        for binding in self.live_bindings(node):
            if binding.kind is Kind.VALUE and binding.value is not None:
                if _is_unpacked(binding):
                    return None
                found.append(self._truth(binding.value, frame))
            else:
                found.append(self._is_there(binding))
        return _agreed(found) if found else None

    def _given(self, node: ast.expr, frame: Frame) -> tuple[ast.expr, Frame] | None:
        if isinstance(node, ast.Name) and frame.given:
            for binding in self.file.program.bindings.of(node):
                if binding.node in frame.given:
                    return frame.given[binding.node]
        return None

    def live_bindings(self, name: ast.Name) -> list[Binding]:
        """What can have made a name at the target: not what it never runs, nor what it replaces."""
        program = self.file.program
        found = program.bindings.of(name)
        if not found or (len(found) == 1 and found[0].kind is Kind.PARAMETER):
            return found
        live = [b for b in found if not self._never_binds(b)]
        if len(live) < 2:
            return live
        for last in sorted(live, key=_place, reverse=True):
            if self._surely_binds(last):
                here = program.function(last.node)
                return [
                    b
                    for b in live
                    if b is last or _place(b) > _place(last) or program.function(b.node) is not here
                ]
        return live

    def _never_binds(self, binding: Binding) -> bool:
        if binding.kind is Kind.PARAMETER:
            return False
        return self.never_runs(self.file.program.statement(binding.node))

    def _surely_binds(self, binding: Binding) -> bool:
        """Whether the target always gets to a binding that stands in a block of its function."""
        program = self.file.program
        if binding.kind is Kind.PARAMETER:
            return False
        child: ast.AST = program.statement(binding.node)
        if isinstance(child, ast.Try | ast.TryStar | ast.For | ast.While | ast.AsyncFor):
            return False
        for parent in program.ancestors(child):
            match parent:
                case ast.Module() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    return True
                case ast.If(test=test, body=body):
                    answer = self.verdict(test)
                    if answer is None or (child in body) != answer:
                        return False
                case ast.With() | ast.AsyncWith():
                    pass
                case ast.ExceptHandler():
                    around = program.parents[parent]
                    if not (
                        isinstance(around, ast.Try)
                        and self.fails(around.body)
                        and parent is _handler_of_imports(around)
                    ):
                        return False
                case ast.Try(body=body, orelse=orelse, finalbody=finalbody):
                    if child in (*body, *orelse) and not self._work(body):
                        return False
                    if child not in (*body, *orelse, *finalbody, *parent.handlers):
                        return False
                case _:
                    return False
            child = parent
        return True

    def _is_there(self, binding: Binding) -> bool | None:
        """Whether what a binding brings is a thing, which counts as true."""
        match binding.kind:
            case Kind.FUNCTION | Kind.CLASS:
                return True
            case Kind.IMPORT | Kind.FROM:
                values = self.file.resolver.bound(binding)
                return _agreed(map(self._exists, values))
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
                same = self._are_same(left, right, frame)
                if same is not None:
                    return same == isinstance(op, ast.Is | ast.Eq)
            case _:
                pass
        return versions.verdict(self.file, whole) if len(whole.ops) == 1 else None

    def _are_same(self, left: ast.expr, right: ast.expr, frame: Frame) -> bool | None:
        for one, other in ((left, right), (right, left)):
            if isinstance(other, ast.Constant) and other.value is None:
                there = self._is_something(one, frame)
                return None if there is None else not there
            if isinstance(other, ast.Constant) and isinstance(other.value, bool):
                known = self._truth(one, frame) if self._is_bool(one, frame) else None
                return None if known is None else known is other.value
        mine, others = self._constant(left, frame), self._constant(right, frame)
        if mine is None or others is None:
            return None
        return mine.value == others.value

    def _is_bool(self, node: ast.expr, frame: Frame) -> bool:
        """Whether an expression can be nothing but ``True`` or ``False``."""
        match node:
            case ast.Constant(value=bool()) | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return True
            case ast.BoolOp(values=values):
                return all(self._is_bool(value, frame) for value in values)
            case ast.Call(func=ast.Name(id="hasattr" | "bool" | "any" | "all" | "callable")):
                return True
            case ast.Name() if self._given(node, frame) is None:
                bound = self.live_bindings(node)
                return bool(bound) and all(
                    b.value is not None and b.value is not node and self._is_flag(b.value)
                    for b in bound
                )
            case _:
                return False

    def _is_flag(self, node: ast.expr) -> bool:
        return not isinstance(node, ast.Name) and self._is_bool(node, _OUTSIDE)

    def _constant(self, node: ast.expr, frame: Frame) -> Const | None:
        """The one literal that an expression is at the target."""
        found = self._once(self._find_constant, node, frame)
        return found if isinstance(found, Const) else None

    def _find_constant(self, node: ast.expr, frame: Frame) -> Const | None:
        match node:
            case ast.Constant(value=value):
                return Const(value)
            case ast.Name():
                given = self._given(node, frame)
                if given is not None:
                    return self._constant(*given)
                bound = self.live_bindings(node)
                if not bound or any(
                    b.kind is not Kind.VALUE or b.value is None or _is_unpacked(b) for b in bound
                ):
                    return None
                found = [self._constant(b.value, frame) for b in bound if b.value is not None]
                return found[0] if all(f is not None and f == found[0] for f in found) else None
            case ast.IfExp(test=test, body=body, orelse=orelse):
                chosen = self._truth(test, frame)
                return None if chosen is None else self._constant(body if chosen else orelse, frame)
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name, default]):
                if self._has(owner, name, frame) is False:
                    return self._constant(default, frame)
                return None
            case _:
                return None

    # -- what is there ------------------------------------------------------------------------

    def _presence(self, node: ast.expr, frame: Frame) -> bool | None:
        """Whether an expression is a thing, and true: ``False`` for ``None``."""
        values = self._values(node, frame)
        return _agreed(map(self._exists, values)) if values else None

    def _is_something(self, node: ast.expr, frame: Frame) -> bool | None:
        """Whether an expression is anything but ``None``."""
        found = self._once(self._find_something, node, frame)
        assert found is None or isinstance(found, bool)
        return found

    def _find_something(self, node: ast.expr, frame: Frame) -> bool | None:
        match node:
            case ast.Constant(value=value):
                return value is not None
            case ast.Lambda() | ast.Dict() | ast.List() | ast.Tuple() | ast.Set() | ast.Compare():
                return True
            case ast.NamedExpr(value=value):
                return self._is_something(value, frame)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                chosen = self._truth(test, frame)
                ways = [body, orelse] if chosen is None else [body if chosen else orelse]
                return _agreed(self._is_something(way, frame) for way in ways)
            case ast.Name():
                given = self._given(node, frame)
                if given is not None:
                    return self._is_something(*given)
                found: list[bool | None] = []
                for binding in self.live_bindings(node):
                    if binding.kind is Kind.VALUE and binding.value is not None:
                        if _is_unpacked(binding):
                            return None
                        found.append(self._is_something(binding.value, frame))
                    else:
                        found.append(self._is_there(binding))
                return _agreed(found) if found else None
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
                exists = self._has(owner, name, frame)
                if exists is False:
                    return self._is_something(default, frame)
                text = self._text(name, frame)
                if exists and text is not None:
                    # What is there may still be ``None``, unless it is a function or a class.
                    owners = self._values(owner, frame)
                    found = [
                        self._exists(Ref(f"{value.path}.{text}"))
                        if isinstance(value, Ref)
                        else None
                        for value in owners
                    ]
                    return _agreed(found) if found else None
                return None
            case (
                ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[key])
                | ast.Call(
                    func=ast.Attribute(value=owner, attr="get"),
                    args=[key, ast.Constant(value=None)],
                )
            ):
                names = self.names(owner, frame)
                text = self._text(key, frame)
                if names is None or text is None:
                    return None
                held = names.has(text)
                # Values of a module or of annotations may be ``None`` themselves.
                return False if held is False else True if held and names.are_things else None
            case _:
                pass
        for value in self._values(node.func, frame):
            match value:
                case Ref(path="importlib.util.find_spec") if node.args:
                    text = self._text(node.args[0], frame)
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
                return self._has(owner, name, frame)
            case ast.Call(func=ast.Name(id="bool" | "callable"), args=[inner]):
                return self._truth(inner, frame)
            case ast.Call(func=ast.Name(id="any" | "all" as over), args=[inner]):
                return self._over(inner, frame, _any if over == "any" else _all)
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name, default]) if (
                self._has(owner, name, frame) is False
            ):
                return self._truth(default, frame)
            case ast.Call(func=ast.Attribute(attr="__contains__", value=owner), args=[name]):
                return self._is_in(name, owner, frame)
            case ast.Call(func=ast.Attribute(attr="issubset", value=owner), args=[names]):
                return self._within(owner, names, frame)
            case ast.Call(func=ast.Attribute(attr="issuperset", value=owner), args=[names]):
                return self._within(names, owner, frame)
            case _:
                pass
        for value in self._values(node.func, frame):
            if isinstance(value, LocalFunction):
                return self._returned(value.node, node, frame, self._truth)
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

    def _within(self, some: ast.expr, names: ast.expr, frame: Frame) -> bool | None:
        """Whether all of the names that are written out are among others."""
        match some:
            case ast.Set(elts=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
                return _all(self._is_in(part, names, frame) for part in parts)
            case _:
                return None

    def _over(self, node: ast.expr, frame: Frame, join: Join) -> bool | None:
        """``any(...)`` or ``all(...)`` of what is written out or asked of a shape."""
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return join(self._truth(part, frame) for part in parts)
            case (
                ast.GeneratorExp(elt=elt, generators=[over])
                | ast.ListComp(elt=elt, generators=[over])
                | ast.SetComp(elt=elt, generators=[over])
            ) if not over.ifs:
                pass
            case _:
                return None
        if join is _any:
            match elt:
                case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
                    for name, wanted in ((left, right), (right, left)):
                        names = self._named_in(name, over, frame)
                        text = self._text(wanted, frame) if names is not None else None
                        if names is not None and text is not None:
                            return names.has(text)
                case _:
                    pass
        if not isinstance(over.target, ast.Name):
            return None
        parts = self._parts(over.iter, frame)
        if parts is None:
            return None
        target = over.target
        answers = [
            self._truth(elt, Frame({**frame.given, target: (part, frame)})) for part in parts
        ]
        return join(answers)

    def _parts(self, node: ast.expr, frame: Frame) -> list[ast.expr] | None:
        """The members of a collection that is written out."""
        given = self._given(node, frame)
        if given is not None:
            return self._parts(*given)
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return None if any(isinstance(p, ast.Starred) for p in parts) else parts
            case ast.Name():
                bound = self.live_bindings(node)
                if len(bound) == 1 and bound[0].kind is Kind.VALUE and bound[0].value is not None:
                    value = bound[0].value
                    return self._parts(value, frame) if not isinstance(value, ast.Name) else None
                return None
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
        inside = Frame(self._arguments(function, call, frame))
        if isinstance(function, ast.Lambda):
            return ask(function.body, inside)
        if isinstance(function, ast.AsyncFunctionDef):
            return None
        returns = [
            node
            for node in walk(function)
            if isinstance(node, ast.Return) and self.file.program.function(node) is function
        ]
        live = [node for node in returns if not self.never_runs(node)]
        answers: list[bool | None] = []
        for node in live:
            answers.append(ask(node.value, inside) if node.value is not None else False)
        # A function that goes on to its end gives ``None``.
        if not self._block_leaves(function.body):
            answers.append(False)
        return _agreed(answers) if answers else None

    def _block_leaves(self, body: list[ast.stmt]) -> bool:
        return any(self._leaves(statement) for statement in body)

    def _arguments(self, function: FunctionNode, call: ast.Call, frame: Frame) -> Given:
        parameters = [*function.args.posonlyargs, *function.args.args]
        if function in self.file.program.bindings.owners:
            parameters = parameters[1:]
        given: Given = {}
        defaults = function.args.defaults
        if defaults:
            for parameter, default in zip(parameters[-len(defaults) :], defaults, strict=False):
                given[parameter] = (default, _OUTSIDE)
        for parameter, default in zip(
            function.args.kwonlyargs, function.args.kw_defaults, strict=True
        ):
            if default is not None:
                given[parameter] = (default, _OUTSIDE)
        given.update({p: (a, frame) for p, a in zip(parameters, call.args, strict=False)})
        by_name = {p.arg: p for p in (*parameters, *function.args.kwonlyargs)}
        for word in call.keywords:
            if word.arg in by_name:
                given[by_name[word.arg]] = (word.value, frame)
        return given

    # -- shapes -------------------------------------------------------------------------------

    def _values(self, node: ast.expr, frame: Frame) -> Values:
        given = self._given(node, frame)
        if given is not None:
            return self._values(*given)
        if isinstance(node, ast.Attribute) and frame.given:
            owners = self._values(node.value, frame)
            if owners and all(isinstance(owner, Ref) for owner in owners):
                return Values(
                    Ref(f"{owner.path}.{node.attr}") for owner in owners if isinstance(owner, Ref)
                )
        return self.file.values(node)

    def _text(self, node: ast.expr, frame: Frame) -> str | None:
        found = self._constant(node, frame)
        if found is None:
            given = self._given(node, frame)
            if given is not None:
                return None
            value = self.file.sole(node)
            found = value if isinstance(value, Const) else None
        return found.value if found is not None and isinstance(found.value, str) else None

    def _has(self, owner: ast.expr, name: ast.expr, frame: Frame) -> bool | None:
        text = self._text(name, frame)
        if text is None:
            return None
        values = self._values(owner, frame)
        return _agreed(member_exists(self.file, value, text) for value in values)

    def _is_in(self, left: ast.expr, right: ast.expr, frame: Frame) -> bool | None:
        names = self.names(right, frame)
        if names is None:
            return None
        text = self._text(left, frame)
        return names.has(text) if text is not None else None

    def names(self, node: ast.expr, frame: Frame = _OUTSIDE) -> Names | None:
        """The names that an expression holds, asked of something of torchtitan's."""
        found = self._once(self._find_names, node, frame)
        return found if isinstance(found, Names) else None

    def _find_names(self, node: ast.expr, frame: Frame) -> Names | None:
        given = self._given(node, frame)
        if given is not None:
            return self.names(*given)
        match node:
            case ast.Name():
                bound = self.live_bindings(node)
                if len(bound) != 1 or bound[0].kind is not Kind.VALUE or bound[0].value is None:
                    pass
                elif not _is_unpacked(bound[0]):
                    inner = self.names(bound[0].value, frame)
                    if inner is not None:
                        return inner
                return self.shapes.held(self._values(node, frame))
            case ast.NamedExpr(value=value):
                return self.names(value, frame)
            case ast.BinOp(op=ast.Add() | ast.BitOr(), left=left, right=right):
                both = [self.names(left, frame), self.names(right, frame)]
                known = [names for names in both if names is not None]
                return Names.either(known) if len(known) == 2 else None
            case ast.Attribute(value=owner, attr=attr):
                return self._of_attribute(owner, attr, frame) or self.shapes.held(
                    self._values(node, frame)
                )
            case ast.Subscript(value=owner):
                return self._of_item(owner, node.slice, frame)
            case ast.Call():
                return self._of_call(node, frame)
            case (
                ast.SetComp(elt=elt, generators=[over])
                | ast.ListComp(elt=elt, generators=[over])
                | ast.GeneratorExp(elt=elt, generators=[over])
                | ast.DictComp(key=elt, generators=[over])
            ):
                names = self._named_in(elt, over, frame)
                return names.some() if names is not None and over.ifs else names
            case (
                ast.Set(elts=[ast.Starred(value=inner)])
                | ast.List(elts=[ast.Starred(value=inner)])
                | ast.Tuple(elts=[ast.Starred(value=inner)])
            ):
                return self.names(inner, frame)
            case _:
                return None

    def _named_in(self, elt: ast.expr, over: ast.comprehension, frame: Frame) -> Names | None:
        """The names that a comprehension takes from what it runs through."""
        match elt, over.target:
            case ast.Name(id=used), ast.Name(id=bound) if used == bound:
                return self.names(over.iter, frame)
            case ast.Attribute(value=ast.Name(id=used), attr="name"), ast.Name(id=bound) if (
                used == bound
            ):
                return self._objects(over.iter, frame)
            case ast.Name(id=used), ast.Tuple(elts=[ast.Name(id=bound), _]) if used == bound:
                match over.iter:
                    case ast.Call(func=ast.Attribute(value=owner, attr="items"), args=[]):
                        return self.names(owner, frame)
                    case _:
                        pass
            case _:
                pass
        return None

    def _objects(self, node: ast.expr, frame: Frame) -> Names | None:
        """What fields or parameters are called: ``fields(cls)``, ``signature(f).parameters.values()``."""
        given = self._given(node, frame)
        if given is not None:
            return self._objects(*given)
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="values"), args=[]):
                return self.names(owner, frame)
            case ast.Call(func=function, args=[cls]):
                for value in self._values(function, frame):
                    if value == Ref("dataclasses.fields"):
                        return self.shapes.fields(self._values(cls, frame))
                    if isinstance(value, Ref) and value.path in {
                        *("builtins.list", "builtins.tuple", "builtins.set", "builtins.iter"),
                    }:
                        return self._objects(cls, frame)
                    return None
            case ast.Name():
                bound = self.live_bindings(node)
                if len(bound) == 1 and bound[0].kind is Kind.VALUE and bound[0].value is not None:
                    value = bound[0].value
                    return self._objects(value, frame) if not isinstance(value, ast.Name) else None
            case _:
                pass
        return None

    def _of_attribute(self, owner: ast.expr, attr: str, frame: Frame) -> Names | None:
        match attr:
            case "parameters" if (function := self._signed(owner, frame)) is not None:
                return self.shapes.parameters(function)
            case "args" | "kwonlyargs" if (function := self._spec(owner, frame)) is not None:
                return self.shapes.parameters(function, keyword_only=attr == "kwonlyargs")
            case "co_varnames":
                match owner:
                    case ast.Attribute(value=function, attr="__code__"):
                        # The function's own variables are among them, which nobody knows.
                        return self.shapes.parameters(self._values(function, frame)).at_least()
                    case _:
                        return None
            case "__dataclass_fields__":
                return self.shapes.fields(self._values(owner, frame))
            case "__annotations__":
                return self.shapes.hints(self._values(owner, frame)).at_least()
            case "__dict__":
                return self.shapes.members(self._values(owner, frame), own=True)
            case _:
                return None

    def _of_item(self, owner: ast.expr, key: ast.expr, frame: Frame) -> Names | None:
        match key:
            case ast.Slice():
                names = self.names(owner, frame)
                return names.some() if names is not None else None
            case ast.Constant(value=0):
                function = self._spec(owner, frame)
                return self.shapes.parameters(function) if function is not None else None
            case _:
                return None

    def _signed(self, node: ast.expr, frame: Frame) -> Values | None:
        """The functions whose ``inspect.signature(...)`` an expression is."""
        return self._asked_of(node, frame, ("inspect.signature", "inspect.Signature.from_callable"))

    def _spec(self, node: ast.expr, frame: Frame) -> Values | None:
        return self._asked_of(node, frame, ("inspect.getfullargspec", "inspect.getargspec"))

    def _asked_of(self, node: ast.expr, frame: Frame, by: tuple[str, ...]) -> Values | None:
        for _ in range(_DEPTH):
            given = self._given(node, frame)
            if given is not None:
                node, frame = given
                continue
            match node:
                case ast.Call(func=function, args=[asked, *_]):
                    called = self._values(function, frame)
                    if any(isinstance(v, Ref) and v.path in by for v in called):
                        return self._values(asked, frame)
                    inner = self._sole_return(called)
                    if inner is None:
                        return None
                    local, value = inner
                    node, frame = value, Frame(self._arguments(local, node, frame))
                case ast.Name():
                    bound = self.live_bindings(node)
                    if len(bound) != 1 or bound[0].value is None or _is_unpacked(bound[0]):
                        return None
                    node = bound[0].value
                case _:
                    return None
        return None

    def _sole_return(self, called: Iterable[Value]) -> tuple[FunctionNode, ast.expr] | None:
        found = list(called)
        if len(found) != 1 or not isinstance(found[0], LocalFunction):
            return None
        function = found[0].node
        if function in self.file.program.bindings.generators:
            return None
        if isinstance(function, ast.Lambda):
            return function, function.body
        returns = self.file.program.bindings.returns.get(function, [])
        return (function, returns[0]) if len(returns) == 1 else None

    def _of_call(self, node: ast.Call, frame: Frame) -> Names | None:
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="keys" | "copy"), args=[]):
                return self.names(owner, frame)
            case ast.Call(func=function, args=[asked, *_]):
                pass
            case _:
                asked, function = None, node.func
        called = self._values(function, frame)
        for value in called:
            match value:
                case Ref(
                    path="builtins.set"
                    | "builtins.list"
                    | "builtins.tuple"
                    | "builtins.frozenset"
                    | "builtins.sorted"
                    | "builtins.dict"
                    | "builtins.iter"
                ) if asked is not None:
                    return self.names(asked, frame)
                case Ref(path="builtins.vars") if asked is not None:
                    return self.shapes.members(self._values(asked, frame), own=True)
                case Ref(path="builtins.dir") if asked is not None:
                    return self.shapes.members(self._values(asked, frame))
                case Ref(
                    path="typing.get_type_hints"
                    | "typing_extensions.get_type_hints"
                    | "inspect.get_annotations"
                ) if asked is not None:
                    return self.shapes.hints(self._values(asked, frame))
                case Ref(path="typing.get_args" | "typing_extensions.get_args") if (
                    asked is not None
                ):
                    return self._choices(asked, frame)
                case _:
                    break
        inner = self._sole_return(called)
        if inner is not None:
            local, returned = inner
            return self.names(returned, Frame(self._arguments(local, node, frame)))
        return None

    def _choices(self, node: ast.expr, frame: Frame) -> Names | None:
        """What ``get_args`` gives of one field's annotation."""
        given = self._given(node, frame)
        if given is not None:
            return self._choices(*given)
        match node:
            case ast.Name():
                bound = self.live_bindings(node)
                if len(bound) == 1 and bound[0].kind is Kind.VALUE and bound[0].value is not None:
                    value = bound[0].value
                    return self._choices(value, frame) if not isinstance(value, ast.Name) else None
                return None
            case ast.Attribute(value=inner, attr="type" | "annotation"):
                return self._choices(inner, frame)
            case ast.Subscript(value=owner, slice=key):
                pass
            case _:
                return None
        text = self._text(key, frame)
        asked = self._typed(owner, frame)
        return self.shapes.choices(asked, text) if asked is not None and text is not None else None

    def _typed(self, node: ast.expr, frame: Frame) -> Values | None:
        """The classes whose type hints, by name, an expression is."""
        match node:
            case ast.Attribute(value=owner, attr="__annotations__" | "__dataclass_fields__"):
                return self._values(owner, frame)
            case ast.Attribute(value=owner, attr="parameters"):
                return self._signed(owner, frame)
            case _:
                return self._asked_of(
                    node,
                    frame,
                    (
                        "typing.get_type_hints",
                        "typing_extensions.get_type_hints",
                        "inspect.get_annotations",
                    ),
                )

    # -- what runs ----------------------------------------------------------------------------

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
                if isinstance(around, ast.Try) and self._work(around.body):
                    return True
            child = parent
        return False

    def is_passed_over(self, parent: ast.AST, child: ast.stmt) -> bool:
        """Whether the target never gets from a node to a statement right in it."""
        match parent:
            case ast.If(test=test, body=body):
                answer = self.verdict(test)
                if answer is not None and (child in body) != answer:
                    return True
            case ast.While(test=test, body=body):
                if child in body and self.verdict(test) is False:
                    return True
            case ast.Try(body=body, orelse=orelse):
                if child in orelse and self.fails(body):
                    return True
                if child in body and self._fails_before(parent, body, child):
                    return True
            case ast.With(items=items, body=body):
                if any(swallowed(item.context_expr) is not None for item in items) and (
                    self.first_failing(body) <= self.file.program.place(child)[1]
                ):
                    return True
            case _:
                pass
        return self.leaves_before(self.file.program.block(child), child)

    def _fails_before(self, around: ast.Try, body: list[ast.stmt], child: ast.stmt) -> bool:
        """Whether a failing import of a ``try`` undoes or hides what a statement of it does."""
        if not self.fails(body):
            return False
        if self.first_failing(body) <= self.file.program.place(child)[1]:
            return True
        # What ran before stays, unless the handler binds it anew.
        handler = _handler_of_imports(around)
        return handler is not None and not _stored(child).isdisjoint(
            name for inner in handler.body for name in _stored(inner)
        )

    def fails(self, block: list[ast.stmt]) -> bool:
        """Whether one statement of a block is an import that certainly fails at the target."""
        return self.first_failing(block) < len(block)

    def first_failing(self, block: list[ast.stmt]) -> int:
        """Where the first import stands that certainly fails; behind all where none does."""
        known = self._failing.get(id(block))
        if known is None:
            self._failing[id(block)] = len(block)  # where it rests on itself
            known = self._failing[id(block)] = next(
                (at for at, inner in enumerate(block) if self._works(inner) is False), len(block)
            )
        return known

    def _work(self, statements: Iterable[ast.stmt]) -> bool:
        """Whether some statements are imports that all work, and what cannot fail."""
        return all(self._works(inner) for inner in statements)

    def _works(self, statement: ast.stmt) -> bool | None:
        match statement:
            case ast.Import(names=names):
                return _all(self._is_importable(alias.name) for alias in names)
            case ast.ImportFrom(level=0, module=str() as module, names=names):
                return _all(
                    self._is_importable(module if a.name == "*" else f"{module}.{a.name}", module)
                    for a in names
                )
            case ast.Pass() | ast.FunctionDef() | ast.ClassDef() | ast.Global():
                return True
            case ast.Assign(value=value, targets=[ast.Name()]) | ast.Expr(value=value):
                return self._evaluates(value)
            case ast.Return(value=None):
                return True
            case ast.Return(value=value) if value is not None:
                return self._evaluates(value)
            case ast.AnnAssign(value=ast.Constant(), target=ast.Name()):
                return True
            case _:
                return None

    def _evaluates(self, node: ast.expr) -> bool | None:
        """Whether what is evaluated is there, where it is an import in another form."""
        match node:
            case ast.Constant() | ast.Name() | ast.Lambda():
                return True
            case ast.Call(func=function, args=[name, *_]) if callee_name(function) in {
                *("import_module", "__import__"),
            }:
                text = self._text(name, _OUTSIDE)
                return self._is_importable(text) if text is not None else None
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name]):
                return self._has(owner, name, _OUTSIDE)
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
            return True if top in sys.stdlib_module_names or top in {"torch", "pytest"} else None
        if missing_part(self.file.target.surface, path) is not None:
            return False
        surface = self.file.target.surface
        if path == module:
            return True
        return True if surface.lookup(path) is not None or path in surface.modules else None

    def leaves_before(self, block: list[ast.stmt], statement: ast.stmt) -> bool:
        """Whether the target always leaves a block before a statement of it."""
        known = self._left.get(id(block))
        if known is None:
            known = self._left[id(block)] = _Block()
        index = self.file.program.place(statement)[1]
        while known.left is None and known.passed < index:
            earlier = block[known.passed]
            known.passed += 1
            if self._leaves(earlier):
                known.left = known.passed - 1
        return known.left is not None and known.left < index

    def may_leave(self, block: list[ast.stmt], statement: ast.stmt) -> bool:
        """Whether a test before a statement that asks torchtitan in vain may leave the block."""
        known = self._left.setdefault(id(block), _Block())
        index = self.file.program.place(statement)[1]
        while known.doubt is None and known.asked < index:
            earlier = block[known.asked]
            known.asked += 1
            if isinstance(earlier, ast.If | ast.Assert) and self._may_leave(earlier):
                known.doubt = known.asked - 1
        return known.doubt is not None and known.doubt < index

    def _may_leave(self, statement: ast.If | ast.Assert) -> bool:
        if isinstance(statement, ast.If):
            if not any(map(self._block_leaves, (statement.body, statement.orelse))):
                return False
        return self.is_in_doubt(statement.test)

    def _leaves(self, statement: ast.stmt) -> bool:
        """Whether the target always goes elsewhere from ``statement``, not on to the next one."""
        match statement:
            case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
                return True
            case ast.Assert(test=test):
                return self.verdict(test) is False
            case ast.Expr(value=ast.Call() as call):
                return self._ends(call)
            case ast.Assign(value=ast.Call() as call) if callee_name(call) == "importorskip":
                return self._ends(call)
            case ast.If(test=test, body=body, orelse=orelse):
                # Where neither way leaves, the test need not be known.
                ways = [body, orelse]
                if not any(map(self._block_leaves, ways)):
                    return False
                answer = self.verdict(test)
                if answer is not None:
                    ways = [body if answer else orelse]
                return all(map(self._block_leaves, ways))
            case ast.With(body=body, items=items) | ast.AsyncWith(body=body, items=items):
                swallows = any(swallowed(item.context_expr) is not None for item in items)
                return not swallows and self._block_leaves(body)
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                if self._block_leaves(finalbody):
                    return True
                bodies = [handler.body for handler in handlers]
                if self.fails(body) and (handler := _handler_of_imports(statement)) is not None:
                    return self._block_leaves(handler.body)
                if self._work(body):
                    return self._block_leaves([*body, *orelse])
                return self._block_leaves([*body, *orelse]) and all(map(self._block_leaves, bodies))
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
                    text = self._text(path, _OUTSIDE)
                    return text is not None and self._is_importable(text) is False
                case _:
                    return False
        if name in _END_NAMES:
            if isinstance(call.func, ast.Attribute) and name in _METHODS_THAT_END:
                return True
            return any(
                isinstance(value, Ref) and value.path in _ENDS
                for value in self.file.values(call.func)
            )
        if isinstance(call.func, ast.Name):
            bound = self.file.program.bindings.of(call.func)
            return len(bound) == 1 and self._always_raises(bound[0].node)
        return False

    def _always_raises(self, function: ast.AST) -> bool:
        """Whether calling a function of the file raises, or ends all."""
        if not isinstance(function, ast.FunctionDef):
            return False
        known = self._raising.get(function)
        if known is not None:
            return known
        self._raising[function] = False
        bindings = self.file.program.bindings
        found = (
            function not in bindings.generators
            and not function.decorator_list
            and self._block_leaves(function.body)
            and all(
                self.never_runs(part)
                for part in walk(function)
                if isinstance(part, ast.Return) and self.file.program.function(part) is function
            )
        )
        self._raising[function] = found
        return found

    # -- doubt --------------------------------------------------------------------------------

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
                return self.verdict(test) is None and any(map(self.is_in_doubt, values))
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return self.is_in_doubt(inner)
            case _:
                return self.verdict(test) is None and (
                    versions.inside(self.file, test) or self._asks(test, set())
                )

    def _asks(self, test: ast.AST, seen: set[ast.AST]) -> bool:
        """Whether what a test rests on asks torchtitan for its shape."""
        seen.add(test)
        if len(seen) > _MOST:
            return True
        for part in walk(test):
            match part:
                case ast.Call(func=function):
                    if self._is_probe(part):
                        return True
                    called = self.file.values(function)
                    for value in called:
                        if isinstance(value, LocalFunction) and value.node not in seen:
                            if self._hands_over(part, value.node) or self._asks(value.node, seen):
                                return True
                case ast.Attribute(value=owner, attr=attr) if attr in _PROBED:
                    if any(map(_is_torchtitan, self.file.values(owner))):
                        return True
                case ast.Name(ctx=ast.Load()):
                    for binding in self.file.program.bindings.of(part):
                        if self._is_asked_by_import(binding):
                            return True
                        value = binding.value
                        if (
                            binding.kind is Kind.VALUE
                            and value is not None
                            and value not in seen
                            and self._asks(value, seen)
                        ):
                            return True
                case _:
                    pass
        return False

    def _is_probe(self, call: ast.Call) -> bool:
        for value in self.file.values(call.func):
            if isinstance(value, Ref) and value.path in _PROBES:
                if value.path == "builtins.getattr" and self._answers(call):
                    continue
                if value.path in _RAISING and len(call.args) < 3:
                    continue  # it raises where nothing is there: no answer is kept
                if value.path in _BY_NAME and not self._is_named(call):
                    continue  # somebody else chooses the name
                for argument in call.args[:1]:
                    # What may be one of several says which one it is, nothing of the version.
                    about = self.file.values(argument)
                    if len(about) == 1 and _is_torchtitan(about[0]):
                        return True
        return False

    def _is_named(self, call: ast.Call) -> bool:
        """Whether the code itself says which name it asks for."""
        return len(call.args) > 1 and all(
            isinstance(value, Const) for value in self.file.values(call.args[1])
        )

    def _hands_over(self, call: ast.Call, function: FunctionNode) -> bool:
        """Whether a function of the file is handed something of torchtitan's, and probes it."""
        given = [*call.args, *(word.value for word in call.keywords)]
        if not any(_is_torchtitan(v) for part in given for v in self.file.values(part)):
            return False
        return any(
            isinstance(part, ast.Call)
            and any(isinstance(v, Ref) and v.path in _PROBES for v in self.file.values(part.func))
            for part in walk(function)
        )

    def _answers(self, call: ast.Call) -> bool:
        """Whether a ``getattr`` is known to find something, or nothing."""
        if len(call.args) < 2:
            return False
        has = self._has(call.args[0], call.args[1], _OUTSIDE)
        # What a module holds is asked for to learn whether it is there; a config's field has a say.
        return has is False or (
            has is True and not any(isinstance(v, Ref) for v in self.file.values(call.args[0]))
        )

    def _is_asked_by_import(self, binding: Binding) -> bool:
        """Whether a constant or an import is bound as an import of torchtitan works or fails."""
        if binding.kind is Kind.PARAMETER:
            return False
        if binding.value is not None and not isinstance(binding.value, ast.Constant):
            return False
        for parent in self.file.program.ancestors(binding.node):
            if isinstance(parent, ast.If) and self.is_in_doubt(parent.test):
                return True
            if isinstance(parent, ast.Try):
                return any(
                    path.partition(".")[0] == "torchtitan"
                    for inner in parent.body
                    for path in _imported(inner)
                )
            if isinstance(parent, FunctionNode):
                return False
        return False

    # -- tests --------------------------------------------------------------------------------

    def is_skipped(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
        """Whether a test, or all those of a class, is skipped at the target, or may be for a probe."""
        if any(map(self._skips, node.decorator_list)):
            return True
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name in _PREPARING:
                    if self._block_leaves(inner.body):
                        return True
        return self._marked(node.body) if isinstance(node, ast.ClassDef) else False

    def is_module_skipped(self) -> bool:
        """Whether ``pytestmark`` skips all tests of the file."""
        return self._marked(self.file.tree.body)

    def _marked(self, body: list[ast.stmt]) -> bool:
        for statement in body:
            match statement:
                case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                    parts = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
                    if any(map(self._skips, parts)):
                        return True
                case _:
                    pass
        return False

    def _skips(self, decorator: ast.expr) -> bool:
        if isinstance(decorator, ast.Name):
            bound = self.file.program.bindings.of(decorator)
            if len(bound) == 1 and isinstance(bound[0].value, ast.Call | ast.Attribute):
                decorator = bound[0].value
        name = callee_name(decorator)
        if name in {"skip", "expectedFailure"}:
            return True
        if not isinstance(decorator, ast.Call):
            return False
        words = {word.arg: word.value for word in decorator.keywords}
        test = decorator.args[0] if decorator.args else words.get("condition")
        if name not in {"skipif", "skipIf", "skipUnless"} or test is None:
            return False
        if isinstance(test, ast.Constant) and isinstance(test.value, str):
            return True  # pytest evaluates the text
        answer = self.verdict(test)
        return answer is (name != "skipUnless") if answer is not None else self.is_in_doubt(test)


class _Block(Struct, frozen=False, eq=False):
    """How far a block of statements is looked through for one that always leaves it."""

    passed: int = 0
    left: int | None = None
    asked: int = 0
    doubt: int | None = None


_MOST = 200
"""More expressions than this behind one test leave it in doubt."""


def _place(binding: Binding) -> tuple[int, int]:
    node = binding.node
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _is_unpacked(binding: Binding) -> bool:
    return binding.index >= 0


def _handler_of_imports(statement: ast.Try | ast.TryStar) -> ast.ExceptHandler | None:
    """The clause that takes what a failing import raises, where one surely does."""
    for handler in statement.handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(kind is None or last_name(kind) in _IMPORT_FAILURES for kind in kinds):
            return handler
    return None


def _stored(statement: ast.stmt) -> set[str]:
    from titan_lint.code.linking import stored_names

    return stored_names([statement])


def _imported(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(level=0, module=str() as module):
            return [module]
        case _:
            return []


def _is_torchtitan(value: Value) -> bool:
    if isinstance(value, Const):
        return isinstance(value.value, str) and value.value.partition(".")[0] == "torchtitan"
    # Who asks a module of some model learns about the model, not the version.
    if isinstance(value, Ref) and "*" in value.path:
        return False
    return root(value) == "torchtitan"


def _agreed(answers: Iterable[bool | None]) -> bool | None:
    """What all answers agree on."""
    found = set(answers)
    return found.pop() if len(found) == 1 else None


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    return False if False in found else None if None in found else True


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    return True if True in found else None if None in found else False
