"""Code that runs where none is called: special methods, properties, and what stands in their place.

``a == b`` runs ``__eq__``, ``obj.size`` a property, ``__getattr__`` or ``__get__``, and ``f"{obj}"`` a ``__str__``.
"""

from __future__ import annotations

import ast
import builtins
import sys

from titan_lint.code.forms import callee_name, last_name
from titan_lint.code.names import FunctionNode, Kind
from titan_lint.code.walk import walk
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program

    class Others(Protocol):
        """What is asked of the other files of a project."""

        def hooks(self, name: str) -> tuple[Hook, ...]:
            """What runs in their classes by a name: a special method, or what is no plain attribute."""
            ...

        def declared(self, cls: str, name: str) -> frozenset[str] | None:
            """The types that a class at a path declares a field with; ``None`` where it may have no such field.

            A type is the last part of its name; empty where none is declared.
            """
            ...


class Hook(Struct):
    """What a name of a class, or of its instances, runs.

    Attributes:
        changes: Whether it changes something, or may do so unseen.
        runs: The names of the hooks that it may run itself.
    """

    changes: bool
    runs: frozenset[str] = frozenset()


HARMLESS_BUILTINS = frozenset(
    {
        *("abs", "all", "any", "bool", "callable", "dict", "enumerate", "float", "format"),
        *("frozenset", "getattr", "hasattr", "id", "int", "isinstance", "issubclass", "len"),
        *("list", "max", "min", "print", "range", "repr", "reversed", "round", "set"),
        *("sorted", "str", "sum", "super", "tuple", "type", "zip"),
    }
    | {
        name
        for name, value in vars(builtins).items()
        if isinstance(value, type) and issubclass(value, BaseException)
    }
)
"""Built-in functions that change nothing, but for what they run of the objects that they meet."""

READING_BUILTINS = HARMLESS_BUILTINS - {"print"} | {"dir", "hash"}
"""Built-in functions that do nothing but give a value."""

ITERATING_BUILTINS = frozenset(
    {
        *("all", "any", "dict", "enumerate", "frozenset", "list", "max", "min", "set", "sorted"),
        *("sum", "tuple", "zip"),
    }
)
"""Those that take what they are given apart, and so run a generator."""

READING = frozenset({"__getattr__", "__getattribute__", "__get__"})
"""What gives attributes, whichever they are."""

GETTING = frozenset({"__getitem__", "__missing__", "get"})
"""What gives items."""

_NOTHING: frozenset[str] = frozenset()
_EQUAL = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__"})
_TRUTH = frozenset({"__bool__", "__len__"})
_TEXT = frozenset({"__str__", "__repr__", "__format__"})
_PARTS = frozenset(
    {
        *("__aiter__", "__anext__", "__contains__", "__getitem__", "__iter__", "__len__"),
        *("__next__", "__reversed__", "keys"),
    }
)
_COUNTING = frozenset(
    f"__{prefix}{name}__"
    for prefix in ("", "r", "i")
    for name in (
        *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow"),
        *("lshift", "rshift", "and", "or", "xor"),
    )
)
_SIGNS = frozenset({"__neg__", "__pos__", "__invert__"})
_NUMBERS = frozenset({"__int__", "__float__", "__index__", "__abs__", "__round__", "__trunc__"})
_TYPES = frozenset({"__instancecheck__", "__subclasscheck__", "__subclasshook__", "__class__"})
_STORING = frozenset({"__setattr__", "__set__"})
_DELETING = frozenset({"__delattr__", "__delete__", "__delitem__", "__del__"})
_ANYTHING = READING | GETTING | _EQUAL | _TRUTH | _TEXT | _PARTS | _COUNTING | _SIGNS | _NUMBERS

SPECIAL = (
    (_ANYTHING - {"get", "keys"}) | _STORING | _TYPES | _DELETING | {"__setitem__", "__set_name__"}
)
"""The special methods among all of them."""

CALLED = frozenset({"get", "keys"})
"""Plain methods that are called by what is no call of them: ``{**obj}``."""

_OF_BUILTINS = {
    **dict.fromkeys(ITERATING_BUILTINS, _PARTS | _EQUAL | _TRUTH | _COUNTING),
    **dict.fromkeys(("callable", "id", "super", "type"), _NOTHING),
    **dict.fromkeys(("format", "print", "repr", "str"), _TEXT),
    **dict.fromkeys(("abs", "float", "int", "range", "round"), _NUMBERS),
    **dict.fromkeys(("isinstance", "issubclass"), _TYPES),
    **dict.fromkeys(("getattr", "hasattr"), READING),
    "bool": _TRUTH,
    "len": frozenset({"__len__"}),
}
LOGGING = frozenset(
    {"critical", "debug", "error", "exception", "info", "log", "warn", "warning", "warning_once"}
)
"""Methods that write to a log."""

HEARING = frozenset(
    {
        *("addFilter", "addHandler", "setFormatter", "setLogRecordFactory", "setLoggerClass"),
        *("dictConfig", "fileConfig", "showwarning", "formatwarning"),
        *("stdout", "stderr", "print"),
    }
)
"""What is called, or bound anew, to have code run where something is logged, printed or warned of."""

_FINALIZERS = ("finalize", "ref", "proxy", "WeakMethod")
"""Functions of ``weakref`` that may take what is called when an object goes."""

_BINDING = frozenset({"classmethod", "staticmethod", "abstractmethod", "override", "final"})
_READING_DECORATORS = frozenset({"property", "cached_property", "setter", "getter", "deleter"})
_PLAIN = HARMLESS_BUILTINS | {"field", "auto"}


def run_by(node: ast.AST) -> tuple[frozenset[str], list[ast.expr]]:
    """The names of the hooks that a step may run by itself, and the objects whose they may be.

    What the parts of an expression run is theirs; what is called by name is not counted.
    """
    match node:
        case ast.Attribute(value=owner, attr=name, ctx=ast.Load()):
            return READING | {name}, [owner]
        case ast.Attribute(value=owner, attr=name, ctx=ast.Store()):
            return _STORING | {name}, [owner]
        case ast.Subscript(value=owner, ctx=ast.Load(), slice=key):
            if isinstance(key, ast.Constant):
                return GETTING - {"get"}, [owner]
            return (GETTING - {"get"}) | _EQUAL | _NUMBERS, [owner, key]
        case ast.Subscript(value=owner, ctx=ast.Store()):
            return frozenset({"__setitem__"}), [owner]
        case ast.Attribute() | ast.Subscript():
            return _DELETING, [node.value]
        case ast.Name(ctx=ast.Del()):
            return _DELETING, [node]
        case ast.Compare(left=left, ops=ops, comparators=others):
            if all(isinstance(op, ast.Is | ast.IsNot) for op in ops):
                return _NOTHING, []
            is_in = any(isinstance(op, ast.In | ast.NotIn) for op in ops)
            return _EQUAL | (_PARTS if is_in else _NOTHING), [left, *others]
        case ast.BinOp(left=left, right=right):
            return _COUNTING | _TEXT, [left, right]
        case ast.AugAssign(target=left, value=right):
            return _COUNTING, [left, right]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _TRUTH, [operand]
        case ast.UnaryOp(operand=operand):
            return _SIGNS, [operand]
        case ast.BoolOp(values=values):
            return _TRUTH, values
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return _TRUTH, [test]
        case ast.Assert(test=test):
            return _TRUTH, [test]
        case ast.FormattedValue(value=value):
            return _TEXT, [value]
        case ast.For(iter=owner) | ast.AsyncFor(iter=owner):
            return _PARTS, [owner]
        case ast.comprehension(iter=owner, ifs=tests):
            return _PARTS | _TRUTH, [owner, *tests]
        case ast.Starred(value=owner):
            return _PARTS, [owner]
        case ast.Assign(targets=targets, value=owner):
            is_unpacked = any(isinstance(target, ast.Tuple | ast.List) for target in targets)
            return (_PARTS, [owner]) if is_unpacked else (_NOTHING, [])
        case ast.Set(elts=found):
            return _EQUAL, found
        case ast.Dict(keys=keys, values=values):
            spread = [v for key, v in zip(keys, values, strict=True) if key is None]
            return _EQUAL | _PARTS, [*filter(None, keys), *spread]
        case ast.Match(subject=subject):
            return _EQUAL | READING | _TYPES | _TRUTH | _PARTS, [subject]
        case ast.Call(
            func=ast.Name(id="getattr" | "hasattr"),
            args=[owner, ast.Constant(value=str() as name), *_],
        ):
            return READING | {name}, [owner]
        case ast.Call(func=function, args=args, keywords=keywords):
            given = [*args, *(keyword.value for keyword in keywords)]
            if isinstance(function, ast.Name):
                return _OF_BUILTINS.get(function.id, _ANYTHING), given
            is_log = isinstance(function, ast.Attribute) and function.attr in LOGGING
            return (_TEXT | _NUMBERS if is_log else _ANYTHING), given
        case _:
            return _NOTHING, []


def hooks(program: Program) -> dict[str, tuple[Hook, ...]]:
    """What runs in a file's classes, and in place of its module's names, by name."""
    found: dict[str, list[Hook]] = {}
    scopes = [program.bindings.module, *(c.scope for c in program.bindings.classes.values())]
    for scope in scopes:
        for name, bindings in scope.bindings.items():
            if scope is program.bindings.module and name not in READING:
                continue
            for binding in bindings:
                hook = _hook(program, name, binding)
                if hook is not None:
                    found.setdefault(name, []).append(hook)
    for node in program.bindings.attributes:
        # Put into a class from outside.
        if node.attr in SPECIAL and not isinstance(node.ctx, ast.Load):
            found.setdefault(node.attr, []).append(_UNSEEN)
    for call in program.called("defaultdict"):
        # Items that are missing are made by what it is given.
        made = call.args[0] if call.args else None
        if isinstance(made, ast.Lambda) or (
            isinstance(made, ast.Name) and program.bindings.of(made)
        ):
            found.setdefault("__missing__", []).append(_UNSEEN)
    if any(len(call.args) > 1 for call in program.called(*_FINALIZERS)):
        found.setdefault("__del__", []).append(_UNSEEN)
    for name, hook in _heard(program):
        found.setdefault(name, []).append(hook)
    return {name: tuple(each) for name, each in found.items()}


def hears(call: ast.Call) -> frozenset[str]:
    """The names of the hooks that hear what a call says: it logs, prints or warns."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in LOGGING or name == "print":
            return HEARING
        case _:
            return _NOTHING


def _heard(program: Program) -> Iterator[tuple[str, Hook]]:
    """What a file has run where something is said: filters, handlers, formatters, what stands for ``sys.stdout``."""
    for call in program.called(*HEARING - {"print"}):
        name = callee_name(call)
        given = [*call.args, *(word.value for word in call.keywords)]
        hearers = [_UNSEEN] if name == "fileConfig" else (_hearer(program, one) for one in given)
        yield from ((name, hook) for hook in hearers if hook is not None)
    for node in program.bindings.attributes:
        if node.attr in HEARING and isinstance(node.ctx, ast.Store):
            statement = program.statement(node)
            value = statement.value if isinstance(statement, ast.Assign) else None
            hook = _UNSEEN if value is None else _hearer(program, value)
            if hook is not None:
                yield node.attr, hook


def _hearer(program: Program, given: ast.expr) -> Hook | None:
    """What runs of something that hears; ``None`` where Python brings it."""
    match given:
        case ast.Constant() | ast.Attribute(value=ast.Name(id="sys")):
            return None
        case ast.Dict():
            # A configuration: it names what it makes.
            parts = [part for part in walk(given) if isinstance(part, ast.Name | ast.Constant)]
            named = [p.value for p in parts if isinstance(p, ast.Constant)]
            own = len(named) < len(parts) or "()" in named or "class" in named
            return _UNSEEN if own else None
        case ast.Call(func=function):
            made = _sole(program, function)
            if made is not None and isinstance(made.node, ast.ClassDef):
                return _of_class(program, made.node)
        case ast.Name():
            made = _sole(program, given)
            if made is not None and isinstance(made.value, ast.Call):
                return _hearer(program, made.value)
            if made is not None and isinstance(made.node, ast.FunctionDef):
                return _of_body(program, made.node)
        case _:
            return _UNSEEN
    return None if made is not None and _is_of_python(made) else _UNSEEN


def _of_class(program: Program, cls: ast.ClassDef) -> Hook:
    """What runs of an object of a class, whichever of its methods is called."""
    bases = [_sole(program, base) for base in cls.bases]
    if not all(base is not None and _is_of_python(base) for base in bases):
        return _UNSEEN
    runs: frozenset[str] = _NOTHING
    for part in cls.body:
        match part:
            case ast.FunctionDef(name=name):
                hook = Hook(changes=False) if name == "__init__" else _of_body(program, part)
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                continue
            case _:
                return _UNSEEN
        if hook.changes:
            return _UNSEEN
        runs |= hook.runs
    return Hook(changes=False, runs=runs)


def _is_of_python(binding: Binding) -> bool:
    return (
        isinstance(binding.node, ast.alias)
        and binding.path.partition(".")[0] in sys.stdlib_module_names
    )


def _sole(program: Program, node: ast.expr) -> Binding | None:
    """The one binding that the first name of a dotted path has."""
    name = _first_name(node)
    found = program.bindings.of(name) if name is not None else []
    return found[0] if len(found) == 1 else None


def _first_name(node: ast.expr) -> ast.Name | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node if isinstance(node, ast.Name) else None


_UNSEEN = Hook(changes=True)


def _hook(program: Program, name: str, binding: Binding) -> Hook | None:
    """What a name that is bound in a class runs; ``None`` for a plain attribute or method."""
    node, is_special = binding.node, name in SPECIAL or name in CALLED
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        decorators = {last_name(decorator) for decorator in node.decorator_list}
        if decorators <= _BINDING and not is_special:
            return None
        if not decorators <= _BINDING | _READING_DECORATORS or isinstance(
            node, ast.AsyncFunctionDef
        ):
            return _UNSEEN
        return _of_body(program, node)
    if is_special:
        is_nothing = isinstance(binding.value, ast.Constant)
        return None if is_nothing or binding.kind is Kind.DECLARED else _UNSEEN
    if isinstance(binding.value, ast.Call):
        made = last_name(binding.value.func)
        # What a class makes is none unless it has a `__get__`; what a function makes may be a property.
        return None if made in _PLAIN or made[:1].isupper() else _UNSEEN
    return None


def _of_body(program: Program, function: ast.FunctionDef) -> Hook:
    runs: set[str] = set()
    for part in _own_parts(function):
        match part:
            case (
                ast.Attribute(ctx=ast.Store() | ast.Del())
                | ast.Subscript(ctx=ast.Store() | ast.Del())
            ):
                return _UNSEEN
            case ast.Global() | ast.Nonlocal() | ast.Await():
                return _UNSEEN
            case ast.With() | ast.AugAssign() | ast.Import() | ast.ImportFrom() | ast.ClassDef():
                return _UNSEEN
            case ast.Call() if not _only_reads(program, part, function.name):
                return _UNSEEN
            case _:
                runs |= run_by(part)[0]
    return Hook(changes=False, runs=frozenset(runs))


def _only_reads(program: Program, call: ast.Call, method: str) -> bool:
    match call.func:
        case ast.Name(id=name):
            return name in READING_BUILTINS and not program.bindings.of(call.func)
        case ast.Attribute(
            value=ast.Call(func=ast.Name(id="super")) | ast.Name(id="object"), attr=name
        ):
            # What stores may store something else.
            return name == method and name in _ANYTHING
        case ast.Attribute(value=ast.Constant(value=str())):
            return True
        case _:
            return False


def _own_parts(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """What runs when a function runs: the functions in it do not, as long as nobody calls them."""
    todo: list[ast.AST] = list(function.body)
    for node in todo:
        yield node
        if not isinstance(node, FunctionNode):
            todo += ast.iter_child_nodes(node)
