"""What a piece of code may change: an expression read twice gives the same only if nothing did.

The analysis assumes the worst. A call may do anything that its arguments and the names in its reach let
it do, unless it is in the table of harmless ones.
"""

from __future__ import annotations

import ast
import builtins
import functools
import sys

from titan_lint.code.forms import last_name
from titan_lint.code.values import LocalClass, LocalFunction, LocalInstance, Ref, root
from titan_lint.code.walk import walk
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from titan_lint.code.program import Program
    from titan_lint.code.resolver import Resolver

HARMLESS_ROOTS = frozenset(
    {"logging", "math", "os.path", "time", "torch", "torchtitan", "warnings"}
)
"""Modules whose functions do not change what they are given, as far as a setting of the caller's goes."""

HARMLESS_BUILTINS = frozenset(
    {
        *("abs", "all", "any", "bool", "callable", "dict", "enumerate", "float", "format"),
        *(
            "frozenset",
            "getattr",
            "hasattr",
            "id",
            "int",
            "isinstance",
            "issubclass",
            "len",
            "list",
        ),
        *("max", "min", "print", "range", "repr", "reversed", "round", "set", "sorted", "str"),
        *("sum", "super", "tuple", "type", "zip"),
    }
    | {
        name
        for name, value in vars(builtins).items()
        if isinstance(value, type) and issubclass(value, BaseException)
    }
)
"""Built-in functions that change nothing."""

READING_BUILTINS = HARMLESS_BUILTINS - {"print"} | {"dir", "hash"}
"""Built-in functions that do nothing but give a value."""

_LOGGING = frozenset(
    {"critical", "debug", "error", "exception", "info", "log", "warn", "warning", "warning_once"}
)

_HARMLESS_METHODS = frozenset(
    {
        *("debug", "info", "warning", "warn", "error", "critical", "log"),
        *(
            "lower",
            "upper",
            "strip",
            "split",
            "startswith",
            "endswith",
            "format",
            "replace",
            "join",
        ),
    }
)
"""Methods of loggers and strings, by name, where the receiver has such a name or is a string."""

_CONSTRUCTING = frozenset({"__init__", "__post_init__", "__new__", "__init_subclass__"})
_BINDING = frozenset({"classmethod", "staticmethod", "abstractmethod", "override", "final"})
# What may run code of the objects that it meets.
_STEPS = (
    *(ast.Attribute, ast.Subscript, ast.Call, ast.Compare, ast.BinOp, ast.UnaryOp, ast.JoinedStr),
    *(ast.For, ast.comprehension, ast.Starred),
)
_LOGGERS = frozenset({"log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER", "_LOGGER"})


class Hooks(Struct):
    """What the classes of a file answer with code of their own.

    Attributes:
        names: The special methods that they define, ``get`` included.
        properties: Names of their properties, and of other decorated methods.
        acting: Whether one of these changes something.
    """

    names: frozenset[str]
    properties: frozenset[object]
    acting: bool


class Effects:
    """What pieces of one file's code may do to settings.

    Args:
        program: The file.
        resolver: Tells what is called.
    """

    def __init__(self, program: Program, resolver: Resolver) -> None:
        self._program = program
        self._resolver = resolver

    def may_change(self, form: ast.expr, nodes: Iterable[ast.AST]) -> ast.AST | None:
        """The first of some nodes that may change what an expression gives.

        Args:
            form: A chain of names, attributes and items, or ``getattr`` and ``get`` with constants.
            nodes: What runs in between.

        Returns:
            The node that may, or ``None`` where none can.
        """
        private = is_private(self._program, form)
        names = {part.id for part in walk(form) if isinstance(part, ast.Name)}
        keys = _keys(form)
        answers = not private and self.answers(form)
        for node in nodes:
            if self._changes(node, names, keys, private=private):
                return node
            if (answers or self.hooks.acting) and not private and isinstance(node, _STEPS):
                return node
        return None

    def answers(self, form: ast.expr) -> bool:
        """Whether code of the file may run where an expression is read, or on any step on the way."""
        hooks, keys = self.hooks, _keys(form)
        return (
            bool(keys & hooks.properties)
            or bool(hooks.names & {"__getattr__", "__getattribute__"})
            or (
                bool(hooks.names & {"__getitem__", "__missing__", "get"})
                and any(isinstance(part, ast.Subscript | ast.Call) for part in walk(form))
            )
        )

    @functools.cached_property
    def hooks(self) -> Hooks:
        """What the file's own classes answer with code."""
        names: set[str] = set()
        properties: set[object] = set()
        acting = False
        for cls in self._program.bindings.classes.values():
            for name, bindings in cls.scope.bindings.items():
                for node in (binding.node for binding in bindings):
                    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                        continue
                    is_hook = name.startswith("__") and name not in _CONSTRUCTING
                    if is_hook or name == "get":
                        names.add(name)
                    if node.decorator_list and not _is_plainly_bound(node):
                        properties.add(name)
                        is_hook = True
                    acting = acting or (is_hook and any(map(_stores, node.body)))
        return Hooks(frozenset(names), frozenset(properties), acting)

    def is_harmless(self, call: ast.Call) -> bool:
        """Whether a call changes nothing that a setting could rest on."""
        match call.func:
            case ast.Name(id=name) if name in HARMLESS_BUILTINS and not self._program.bindings.of(
                call.func
            ):
                return not any(map(self._is_callable, _arguments(call)))
            case ast.Attribute(value=ast.Constant(value=str())):
                return True
            case ast.Attribute(value=receiver, attr=name) if name in _HARMLESS_METHODS:
                if last_name(receiver) in _LOGGERS:
                    return True
            case _:
                pass
        values = self._resolver.values(call.func)
        return bool(values) and all(
            not isinstance(value, LocalFunction | LocalClass | LocalInstance) and _is_known(value)
            for value in values
        )

    def _is_callable(self, node: ast.expr) -> bool:
        """Whether an argument may be a function that is called, such as the key of a sort."""
        match node:
            case ast.Lambda():
                return True
            case ast.Name() | ast.Attribute():
                values = self._resolver.values(node)
                return any(isinstance(value, LocalFunction) for value in values)
            case _:
                return False

    def acts(self, node: ast.AST) -> ast.AST | None:
        """The first part of a piece of code that does more than read; ``None`` where none does.

        What shows, such as ``print``, is more, and so is whatever a call may do that is not known.
        """
        for part in walk(node):
            match part:
                case ast.Call() if not self._only_reads(part):
                    return part
                case ast.Await() | ast.Yield() | ast.YieldFrom() | ast.NamedExpr() | ast.Delete():
                    return part
                case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                    return part
                case ast.Attribute(attr=name) if self.hooks.acting:
                    if name in self.hooks.properties:
                        return part
                case _:
                    pass
        return None

    def _only_reads(self, call: ast.Call) -> bool:
        match call.func:
            case ast.Name(id=name):
                is_builtin = not self._program.bindings.of(call.func)
                return (
                    is_builtin
                    and name in READING_BUILTINS
                    and not any(map(self._is_callable, _arguments(call)))
                )
            case ast.Attribute(value=ast.Constant(value=str())):
                return True
            case _:
                return False

    def logs(self, call: ast.Call) -> bool:
        """Whether a call does nothing but write to a log, or warn."""
        if any(self.acts(argument) is not None for argument in _arguments(call)):
            return False
        match call.func:
            case ast.Attribute(value=receiver, attr=name) if name in _LOGGING:
                return "log" in last_name(receiver).lower() or _is_all_of(
                    self._resolver, receiver, ("logging", "warnings")
                )
            case ast.Name():
                return _is_all_of(self._resolver, call.func, ("logging", "warnings"))
            case _:
                return False

    def _changes(self, node: ast.AST, names: set[str], keys: set[object], *, private: bool) -> bool:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                return name in names
            case ast.NamedExpr(target=ast.Name(id=name)):
                return name in names
            case ast.alias(asname=asname, name=name):
                return (asname or name.partition(".")[0]) in names
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                return name in names
            case ast.ClassDef(name=name):
                return (
                    name in names
                    or bool(node.decorator_list)
                    or bool(node.keywords)
                    or not all(map(self._is_plain_base, node.bases))
                )
            case ast.ExceptHandler(name=name) | ast.MatchAs(name=name) | ast.MatchStar(name=name):
                return name in names
            case _ if private:
                return False
            case ast.Import() | ast.ImportFrom():
                return not self._is_loaded(node)
            case ast.Attribute(ctx=ast.Store() | ast.Del()):
                return not self._is_own_field(node, keys)
            case ast.Subscript(slice=ast.Constant(value=key), ctx=ast.Store() | ast.Del()):
                return key in keys
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                return True
            case ast.Call():
                return not self.is_harmless(node)
            case ast.Attribute(ctx=ast.Load()):
                return node.attr in self.hooks.properties
            case ast.Await() | ast.Yield() | ast.YieldFrom() | ast.With() | ast.AsyncWith():
                return True
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                return not self._is_plain_iterable(node.iter)
            case ast.AugAssign():
                return True  # ``|=`` changes the object that others hold
            case _:
                return False

    def _is_loaded(self, node: ast.Import | ast.ImportFrom) -> bool:
        """Whether an import runs no code of the project, which may do anything."""
        loaded = (
            frozenset[str]()
            if self._program.parents[node] is self._program.tree
            else self._at_the_head
        )
        return all(
            (top := path.partition(".")[0]) in HARMLESS_ROOTS
            or top in sys.stdlib_module_names
            or path in loaded
            for path in _imported(node)
        )

    @functools.cached_property
    def _at_the_head(self) -> frozenset[str]:
        """What the file imports at its head, or between its functions."""
        return frozenset(
            path
            for node in self._program.tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for path in _imported(node)
        )

    def _is_own_field(self, node: ast.Attribute, keys: set[object]) -> bool:
        """Whether a store sets a plain attribute of ``self`` that an expression does not read."""
        if node.attr in keys or node.attr in self.hooks.properties or node.attr.startswith("__"):
            return False
        if self.hooks.names & {"__setattr__", "__delattr__"}:
            return False
        values = self._resolver.values(node.value)
        return bool(values) and all(isinstance(value, LocalInstance) for value in values)

    def _is_plain_base(self, node: ast.expr) -> bool:
        """Whether a class that derives from another one runs no code of the project's for that."""
        values = self._resolver.values(node)
        return bool(values) and all(map(_is_known, values))

    def _is_plain_iterable(self, node: ast.expr) -> bool:
        match node:
            case ast.Tuple() | ast.List() | ast.Set() | ast.Dict() | ast.Constant():
                return True
            case ast.Call():
                return self.is_harmless(node) and all(
                    self._is_plain_iterable(argument) for argument in node.args
                )
            case ast.Name() | ast.Attribute():
                return isinstance(node, ast.Name) or _is_all_of(
                    self._resolver, node, ("torchtitan",)
                )
            case _:
                return False


def is_private(program: Program, form: ast.expr) -> bool:
    """Whether an expression is a name that only the function around it can bind."""
    function = program.function(form)
    if not isinstance(form, ast.Name) or function is None:
        return False
    scope = program.bindings.scopes.get(function)
    return (
        scope is not None
        and form.id in scope.bindings
        and not any(
            isinstance(node, ast.Nonlocal | ast.Global) and form.id in node.names
            for node in walk(function)
        )
    )


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _is_plainly_bound(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the decorators of a method only say how it is bound."""
    return all(last_name(decorator) in _BINDING for decorator in node.decorator_list)


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The paths of what a statement imports; of a name, that it is a module cannot be ruled out."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]


def _stores(node: ast.AST) -> bool:
    """Whether a statement sets, deletes or calls something."""
    return any(
        (isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(part.ctx, ast.Load))
        or isinstance(part, ast.Call | ast.Global | ast.Nonlocal | ast.Await)
        for part in walk(node)
    )


def _is_all_of(resolver: Resolver, node: ast.expr, packages: tuple[str, ...]) -> bool:
    found = {root(value) for value in resolver.values(node)}
    return bool(found) and found <= set(packages)


def _is_known(value: object) -> bool:
    match value:
        case Ref(path=path):
            return any(path == name or path.startswith(name + ".") for name in HARMLESS_ROOTS)
        case _:
            found = root(value)  # type: ignore[arg-type]
            return found in HARMLESS_ROOTS


def _keys(form: ast.expr) -> set[object]:
    """The attributes and keys that an expression reads."""
    found: set[object] = {part.attr for part in walk(form) if isinstance(part, ast.Attribute)}
    found |= {part.value for part in walk(form) if isinstance(part, ast.Constant)}
    return found
