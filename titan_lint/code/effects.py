"""What a piece of code may change: an expression read twice gives the same only if nothing did.

The analysis assumes the worst. A call may do anything that its arguments and the names in its reach let
it do, unless it is in the table of harmless ones.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections import Counter

from titan_lint.code.forms import last_name
from titan_lint.code.hooks import (
    GETTING,
    HARMLESS_BUILTINS,
    ITERATING_BUILTINS,
    LOGGING,
    READING,
    READING_BUILTINS,
    hears,
    hooks,
    run_by,
)
from titan_lint.code.uses import bindings_by_name
from titan_lint.code.values import (
    Collection,
    Const,
    Instance,
    LocalClass,
    LocalFunction,
    LocalInstance,
    Ref,
    root,
)
from titan_lint.code.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from titan_lint.code.hooks import Hook, Others
    from titan_lint.code.program import Program
    from titan_lint.code.resolver import Resolver
    from titan_lint.code.values import Value

HARMLESS_ROOTS = frozenset(
    {"logging", "math", "os.path", "time", "torch", "torchtitan", "warnings"}
)
"""Modules whose functions do not change what they are given, as far as a setting of the caller's goes."""

_PLAIN_TYPES = frozenset({"bool", "dict", "float", "int", "list", "set", "str", "tuple"})

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

_LOGGERS = frozenset({"log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER", "_LOGGER"})


class Effects:
    """What pieces of one file's code may do to settings.

    Args:
        program: The file.
        resolver: Tells what is called.
        others: The other files of its project; ``None`` where there are none.
    """

    def __init__(self, program: Program, resolver: Resolver, others: Others | None = None) -> None:
        self._program = program
        self._resolver = resolver
        self._others = others
        self._acting: dict[str, bool] = {}

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
        # What only the whole project can tell is asked last.
        answers = functools.cache(lambda: self.answers(form))
        acts = functools.cache(lambda: any(map(self._runs, walk(form))))
        for node in nodes:
            if self._changes(node, names, keys, private=private):
                return node
            if private:
                continue
            if (self._may_be_asked(node) and answers()) or self._runs(node):
                return node
            # What the reading itself does would come before this step, and not after it.
            if (isinstance(node, ast.Call) or run_by(node)[0]) and acts():
                return node
        return None

    def answers(self, form: ast.expr) -> bool:
        """Whether code of the project may run where an expression is read: it may rest on anything that is set."""
        for part in walk(form):
            match part:
                case ast.Attribute(value=owner, attr=name):
                    if self._computes(owner, name):
                        return True
                case ast.Subscript() | ast.Call():
                    if any(map(self._hooks, GETTING | READING)) or any(
                        isinstance(name, str) and self._hooks(name) for name in _keys(part)
                    ):
                        return True
                case _:
                    pass
        return False

    def _computes(self, owner: ast.expr, name: str) -> bool:
        """Whether code may run where an attribute is read."""
        if self._is_known(owner):
            return False
        if self._hooks(name) or any(map(self._hooks, READING - {"__getattr__"})):
            return True
        return bool(self._hooks("__getattr__")) and not self._is_field(owner, name)

    def _is_field(self, owner: ast.expr, name: str) -> bool:
        """Whether an attribute is there, so that no ``__getattr__`` is asked for it."""
        values = self._resolver.values(owner)
        return bool(values) and all(self._has_field(value, name) for value in values)

    def _has_field(self, value: Value, name: str) -> bool:
        if isinstance(value, LocalInstance):
            classes = self._resolver.local_mro(value.info)
            return any(name in cls.attributes or name in cls.scope.bindings for cls in classes)
        return self._declared(value, name) is not None

    def _declared(self, value: Value, name: str) -> frozenset[str] | None:
        """The types that a class of the project declares a field with, if it is an instance of one."""
        if isinstance(value, LocalInstance):
            found = self._resolver.attribute_of(value.info, name, instance=True, exact=value.exact)
            types = {one.cls.removeprefix("builtins.") for one in found if type(one) is Instance}
            return frozenset(types) if len(types) == len(found) else None
        if self._others is None or not isinstance(value, Instance):
            return None
        # One of the library's is none of the project's that is called so, too.
        if self._resolver.types.is_class(value.cls):
            return None
        return self._others.declared(value.cls, name)

    def _hooks(self, name: str) -> tuple[Hook, ...]:
        """What runs by a name in the classes of the project."""
        own = self._program.once(hooks).get(name, ())
        return own if self._others is None else (*own, *self._others.hooks(name))

    def _acts(self, name: str) -> bool:
        """Whether what runs by a name changes something, or what that runs."""
        if name not in self._acting:
            names = {name: None}
            found = False
            todo = [name]
            for current in todo:
                for hook in self._hooks(current):
                    found = found or hook.changes
                    new = hook.runs - names.keys()
                    names |= dict.fromkeys(new)
                    todo += new
                if found:
                    break
            self._acting[name] = found
        return self._acting[name]

    def _runs(self, node: ast.AST) -> bool:
        """Whether a step runs code of the project's that changes something, without a call of it."""
        if self._lets_go(node) and self._acts("__del__"):
            return True
        if isinstance(node, ast.Call) and any(map(self._acts, hears(node))):
            return True
        names, objects = run_by(node)
        if not names or all(map(self._is_known, objects)):
            return False
        if isinstance(node, ast.Call) and self._only_keeps(node):
            return False
        if isinstance(node, ast.Attribute) and self._is_field(node.value, node.attr):
            names -= {"__getattr__"}
        return any(map(self._acts, names))

    def _lets_go(self, node: ast.AST) -> bool:
        """Whether a step may be what takes away the last that holds an object."""
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                return len(bindings_by_name(self._program).get(name, ())) > 1
            case ast.alias(asname=asname, name=path):
                name = asname or path.partition(".")[0]
                return len(bindings_by_name(self._program).get(name, ())) > 1
            case _:
                pass
        context = getattr(node, "ctx", None)
        if isinstance(context, ast.Del):
            return True
        if not isinstance(context, ast.Store):
            return False
        if any(isinstance(a, ast.For | ast.While) for a in self._program.ancestors(node)):
            return True
        match node:
            case ast.Name(id=name):
                return len(bindings_by_name(self._program).get(name, ())) > 1
            case ast.Attribute(attr=name):
                return self._program.once(_stores)[name] > 1
            case _:
                return True

    def _only_keeps(self, call: ast.Call) -> bool:
        """Whether a call makes an object of a library's, which does nothing with what it is given."""
        return last_name(call.func)[:1].isupper() and all(
            _is_known(value) for value in self._resolver.values(call.func)
        )

    def _is_known(self, node: ast.expr) -> bool:
        """Whether an expression gives nothing that a class of the project's could be derived from."""
        match node:
            case ast.Constant() | ast.JoinedStr() | ast.Lambda() | ast.Compare():
                return True
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return all(map(self._is_known, parts))
            case ast.Dict(keys=keys, values=values):
                return None not in keys and all(map(self._is_known, [*filter(None, keys), *values]))
            case ast.UnaryOp(op=ast.Not()):
                return True
            case ast.Call(func=ast.Name(id=name) as function) if name in READING_BUILTINS:
                is_own = bool(self._program.bindings.of(function))
                return not is_own and name not in ("getattr", "max", "min", "sum")
            case ast.Attribute(value=owner, attr=name) if self._is_of_builtins(owner, name):
                return True
            case _:
                values = self._resolver.values(node)
                return bool(values) and all(
                    isinstance(value, Const | Collection | LocalFunction) or _is_known(value)
                    for value in values
                )

    def _is_of_builtins(self, owner: ast.expr, name: str) -> bool:
        """Whether a field is declared as something that Python brings."""
        return any(
            (types := self._declared(value, name)) is not None and types <= _PLAIN_TYPES
            for value in self._resolver.values(owner)
        ) and self._is_field(owner, name)

    def _may_be_asked(self, node: ast.AST) -> bool:
        """Whether a step sets something that the answer of a property may rest on."""
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()):
                return True
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                return True
            case ast.Name(ctx=ast.Store() | ast.Del()):
                return not is_private(self._program, node)
            case _:
                return False

    def is_harmless(self, call: ast.Call) -> bool:
        """Whether a call changes nothing that a setting could rest on."""
        match call.func:
            case ast.Name(id=name) if name in HARMLESS_BUILTINS and not self._program.bindings.of(
                call.func
            ):
                if name in ITERATING_BUILTINS and not all(map(self._is_plain_iterable, call.args)):
                    return False
                return not any(map(self._is_callable, _arguments(call))) and self._has_known_key(
                    call
                )
            case ast.Attribute(value=ast.Constant(value=str()), attr=name):
                return name != "join" or all(map(self._is_plain_iterable, call.args))
            case ast.Attribute(value=receiver, attr=name) if name in _HARMLESS_METHODS:
                if last_name(receiver) in _LOGGERS:
                    return True
            case _:
                pass
        if any(map(self._is_callable, _arguments(call))) and not self._only_keeps(call):
            return False  # A library's function may call it.
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

    def _has_known_key(self, call: ast.Call) -> bool:
        """Whether what a call compares by, its ``key``, is none of the project's functions."""
        return all(word.arg != "key" or self._is_of_library(word.value) for word in call.keywords)

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
                case _ if self._runs(part):
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
                    and self._has_known_key(call)
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
            case ast.Attribute(value=receiver, attr=name) if name in LOGGING:
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
                # A decorator is called where the function is defined.
                decorators = () if private else node.decorator_list
                return name in names or not all(map(self._is_of_library, decorators))
            case ast.ClassDef(name=name):
                return (
                    name in names
                    or bool(node.decorator_list)
                    or bool(node.keywords)
                    or not all(map(self._is_of_library, node.bases))
                    or self._acts("__set_name__")
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
                return node.attr in self._program.once(hooks)
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
        if node.attr in keys or node.attr.startswith("__") or self._hooks(node.attr):
            return False
        values = self._resolver.values(node.value)
        return bool(values) and all(isinstance(value, LocalInstance) for value in values)

    def _is_of_library(self, node: ast.expr) -> bool:
        """Whether what a definition or a built-in function calls is no code of the project's."""
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
            case _:
                # A generator runs when it is gone through.
                return self._is_known(node)


def _stores(program: Program) -> Counter[str]:
    """How often each attribute is set."""
    return Counter(
        node.attr for node in program.bindings.attributes if isinstance(node.ctx, ast.Store)
    )


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


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The paths of what a statement imports; of a name, that it is a module cannot be ruled out."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]


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
