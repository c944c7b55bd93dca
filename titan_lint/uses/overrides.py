"""What a project gives torchtitan to call, held against how torchtitan calls it.

That is a method that overrides one of torchtitan's, or is put in its place, a function or class in a field that torchtitan
calls, such as ``ModelSpec.parallelize_fn``, and the constructor behind a ``Config`` that torchtitan builds.
"""

from __future__ import annotations

import ast

from titan_lint.api import Class, Function, Module
from titan_lint.api.changes import facts
from titan_lint.code.forms import callee_name
from titan_lint.code.names import FunctionNode
from titan_lint.code.stores import stores
from titan_lint.code.values import Collection, LocalClass, LocalFunction, Ref
from titan_lint.code.walk import walk
from titan_lint.structs import Struct, replace
from titan_lint.uses.additions import Additions, is_put, is_set_elsewhere
from titan_lint.uses.calls import live_call, sites
from titan_lint.uses.calls.binding import bound
from titan_lint.uses.definitions import definitions
from titan_lint.uses.derived import may_have
from titan_lint.uses.neighbours import is_test
from titan_lint.uses.runs import Runs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api.changes.facts import CallInside
    from titan_lint.code.names import ClassInfo
    from titan_lint.code.stores import Store
    from titan_lint.uses.file import File

    Defined = ast.FunctionDef | ast.AsyncFunctionDef

_DATACLASS = Ref("dataclasses.dataclass")
_WRAPS = Ref("functools.wraps")
_EXPERIMENTS = "torchtitan.experiments."
_OUTSIDE = frozenset({"builtins.object", "abc.ABC"})
_CONFIGURABLE = "torchtitan.config.configurable.Configurable.Config"
# What is declared as one of these is any config at all: whose constructor gets the arguments is not said.
_MAKING = frozenset({"__init__", "__new__", "__post_init__", "build"})
_ANY_CONFIG = frozenset({_CONFIGURABLE, "torchtitan.protocols.module.Module.Config"})


class Brought(Struct, eq=False):
    """A function of the project's that torchtitan calls.

    Attributes:
        function: The function.
        node: Where it is brought: itself, or what hands it over, be it in another file.
        shown: What torchtitan calls, as messages name it: ``Trainer.train_step``.
        calls: How torchtitan calls it at the target, in every way there is.
        is_method: Whether its first parameter is the instance.
    """

    function: Defined | ast.Lambda
    node: ast.AST
    shown: str
    calls: tuple[CallInside, ...]
    is_method: bool


class Refused(Struct):
    """Why a call fails with ``TypeError``.

    Attributes:
        unknown: Keywords that nothing takes.
        missing: Parameters that are asked for and not passed.
        takes: How many arguments it takes by position; ``None`` where that is enough.
    """

    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    takes: int | None = None


def brought(file: File) -> list[Brought]:
    """What a file gives the target to call, where all calls of it are known."""
    classes = file.program.bindings.classes.values()
    return [
        *(found for info in classes for found in _of_class(file, info)),
        *_of_fields(file),
        *_of_stores(file),
    ]


def refused(found: Brought) -> Refused | None:
    """Why every call of something fails; ``None`` where one works, or that cannot be told."""
    reasons = [_refusal(found, call) for call in found.calls]
    return reasons[0] if reasons and all(reason != Refused() for reason in reasons) else None


def miscounted(file: File, found: Brought) -> Iterator[tuple[ast.expr, int, int]]:
    """What a function returns as a tuple of another length than all that unpack it take, and both lengths."""
    wanted = {call.unpacks for call in found.calls}
    if (
        len(wanted) != 1
        or any(call.doubtful for call in found.calls)
        or found.function in file.program.bindings.generators
    ):
        return
    (number,) = wanted
    if number is None or isinstance(found.function, ast.AsyncFunctionDef):
        return
    for value in file.program.bindings.returns.get(found.function, ()):
        length = length_of(file, value)
        if length is not None and length != number:
            yield value, length, number


def length_of(file: File, node: ast.expr) -> int | None:
    """The length of the tuple that an expression is; ``None`` where it may be something else."""
    match file.sole(node):
        case Collection(node=ast.Tuple(elts=items)) if not any(
            isinstance(item, ast.Starred) for item in items
        ):
            return len(items)
        case _:
            return None


def _refusal(found: Brought, call: CallInside) -> Refused:
    given = found.function.args
    positional = [arg.arg for arg in (*given.posonlyargs, *given.args)][found.is_method :]
    only = {arg.arg for arg in given.posonlyargs}
    optional = positional[len(positional) - len(given.defaults) :] if given.defaults else []
    named = [arg.arg for arg in given.kwonlyargs]
    asked = [n for n, d in zip(named, given.kw_defaults, strict=True) if d is None]
    if call.doubtful or given.vararg is not None or given.kwarg is not None:
        return Refused()
    passed = {*positional[: call.positional], *call.keywords}
    takes = {*positional, *named} - only
    return Refused(
        tuple(name for name in call.keywords if name not in takes),
        tuple(n for n in (*positional, *asked) if n not in passed and n not in optional),
        len(positional) if call.positional > len(positional) else None,
    )


# -- methods ----------------------------------------------------------------------------------


def _of_class(file: File, info: ClassInfo) -> Iterator[Brought]:
    """The methods of a class of the file's that torchtitan calls, be it the constructor behind its ``Config``."""
    functions = [
        node
        for node in info.node.body
        if isinstance(node, FunctionNode) and not node.decorator_list and node.args.args
    ]
    base = _base(file, info) if functions else None
    if base is None:
        return
    for function in functions:
        name = function.name
        if len(info.scope.bindings[name]) != 1 or _is_added(file, info, name):
            continue
        if name == "build":
            continue  # What a config builds itself, from which arguments, is up to who holds it.
        if name == "__init__":
            found = _building(file, info, function)
        else:
            found = _calling(file, info, base, name)
        paths = [path for call in found for path in (call.by, call.by.rpartition(".")[0])]
        if found and _is_only_derived_from(file, info, name):
            continue
        if found and not is_put(file, info.node, *paths):
            shown = f"{base.name}.{name}" if name != "__init__" else f"{base.name}.Config.build"
            yield Brought(function, function, shown, tuple(found), is_method=True)


def _is_only_derived_from(file: File, info: ClassInfo, name: str) -> bool:
    """Whether a class is nothing but the base of others, each with a method of a name of its own."""
    classes, readers = file.program.bindings.classes, file.options.readers
    below = [file.program.parents[use] for use in file.once(Runs).uses_of(info.node)]
    return (
        bool(below)
        and all(
            isinstance(cls, ast.ClassDef) and name in classes[cls].scope.bindings for cls in below
        )
        and (readers is None or not readers.ask_for(info.node.name))
    )


def _base(file: File, info: ClassInfo) -> Class | None:
    """The one class of torchtitan that a class of the file derives from, with nothing unknown beside it."""
    for cls, sole in file.resolver.written(info):
        decorators = [d.func if isinstance(d, ast.Call) else d for d in cls.node.decorator_list]
        if cls.node.keywords or any(sole(d) != _DATACLASS for d in decorators):
            return None
    found: list[Class] = []
    for path in file.resolver.foreign_bases(info):
        if path in _OUTSIDE:
            continue
        cls = file.target.surface.lookup(path) if path is not None else None
        if not isinstance(cls, Class) or cls.dynamic:
            return None
        found.append(cls)
    return found[0] if len(found) == 1 else None


def _is_added(file: File, info: ClassInfo, name: str) -> bool:
    """Whether something else than the body of a class may make its member."""
    return (
        file.once(Additions).on_local(info, name)
        or name in info.attributes
        or is_set_elsewhere(file, (LocalClass(info),), name)
    )


def _calling(file: File, info: ClassInfo, base: Class, name: str) -> list[CallInside]:
    """The calls that a method gets; none where any of them may be the project's own, or replaced by it."""
    if not isinstance(base.member(name), Function):
        return []
    found: list[CallInside] = []
    for call in _calls_of(file, base, name):
        owner, _, by = call.by.rpartition(".")
        if any(ancestor.path == owner for ancestor in base.mro):
            if _is_reached(file, info, base, by, call.by, frozenset()):
                found.append(call)
        elif _is_called(file, name):
            return []
        else:
            found.append(call)
    readers = file.options.readers
    # A class of another file may derive from this one, and do what calls the method in its own way.
    return [] if readers is not None and readers.call(name) else found


def _calls_of(file: File, base: Class, name: str) -> list[CallInside]:
    known = facts.calls_inside_at(file.target.surface.key)
    return [call for cls in base.mro for call in known.get(f"{cls.path}.{name}", ())]


def _is_reached(
    file: File, info: ClassInfo, base: Class, name: str, path: str, above: frozenset[str]
) -> bool:
    """Whether a method of torchtitan's runs for instances of a class: neither it nor all that call it are replaced."""
    member = base.member(name)
    if not isinstance(member, Function) or member.path != path or name in above:
        return False
    if any(_replaces(file, cls, name) for cls in file.resolver.relatives(info)):
        return False
    owners = {cls.path for cls in base.mro}
    callers = [c.by for c in _calls_of(file, base, name) if c.by.rpartition(".")[0] in owners]
    return not callers or any(
        _is_reached(file, info, base, by.rpartition(".")[2], by, above | {name}) for by in callers
    )


def _replaces(file: File, info: ClassInfo, name: str) -> bool:
    """Whether a class brings a method without handing on to the one that it overrides."""
    if _is_added(file, info, name):
        return True
    made = info.scope.bindings.get(name, ())
    return any(
        not isinstance(binding.node, ast.FunctionDef) or not _hands_on(binding.node, name)
        for binding in made
    )


def _hands_on(function: ast.FunctionDef, name: str) -> bool:
    """Whether a method calls that of its name on ``super()``, or on a class with ``self``."""
    first = function.args.args[0].arg if function.args.args else ""
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr == name
        and (
            callee_name(part.func.value) == "super"
            or (part.args and isinstance(part.args[0], ast.Name) and part.args[0].id == first)
        )
        for part in walk(function)
    )


def _is_called(file: File, name: str, known: frozenset[ast.AST] = frozenset()) -> bool:
    """Whether the project itself calls something of a name on anything but ``super()``, or may do so unseen.

    Args:
        file: The file.
        name: The name.
        known: Where it is certain that nothing calls it by its name in a string.
    """
    readers = file.options.readers
    return (
        any(
            isinstance(call.func, ast.Attribute)
            and call.func.attr == name
            and callee_name(call.func.value) != "super"
            for call in file.calls
        )
        or any(node.value == name and node not in known for node in file.program.of(ast.Constant))
        or (readers is not None and readers.call(name))
    )


# -- constructors -----------------------------------------------------------------------------


def _building(file: File, info: ClassInfo, function: Defined) -> list[CallInside]:
    """The calls that a constructor gets from the ``build`` of its class's own ``Config``, ``config`` included."""
    nested = info.scope.bindings.get("Config", ())
    config = file.program.bindings.classes.get(nested[0].node) if len(nested) == 1 else None  # type: ignore[arg-type]
    if config is None or "build" in config.scope.bindings:
        return []
    of = _base(file, config)
    if of is None or _CONFIGURABLE not in [cls.path for cls in of.mro]:
        return []
    if any(cls.own("build") is not None for cls in of.mro if cls.path != _CONFIGURABLE):
        return []
    given = [arg.arg for arg in (*function.args.args[1:], *function.args.kwonlyargs)]
    names = [name for name in given if name != "config"]
    # What takes its config alone may stand for the config only, and be built by nobody.
    if not names or _is_built(file, names):
        return []
    return [
        replace(call, keywords=(*call.keywords, "config"))
        for cls in of.mro
        if cls.path not in _ANY_CONFIG
        for call in facts.calls_inside_at(file.target.surface.key).get(f"{cls.path}.build", ())
        # Without arguments anything is built from a config, whoever holds it.
        if call.keywords and not call.positional
    ]


def _is_built(file: File, names: list[str]) -> bool:
    """Whether the project itself builds something with one of some arguments."""
    readers = file.options.readers
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "build"
        and any(word.arg is None or word.arg in names for word in call.keywords)
        for call in file.calls
    ) or (readers is not None and readers.build(names))


# -- fields -----------------------------------------------------------------------------------


def _of_fields(file: File) -> Iterator[Brought]:
    """The functions and classes of the file's that it passes for a field which torchtitan calls."""
    for site in file.once(sites):
        callee = site.callees[0]
        if len(site.callees) != 1 or callee.cls is None or not callee.cls.is_dataclass:
            continue
        for name, argument in bound(site, callee.function).items():
            made = _function(file, argument)
            # What takes nothing at all stands for something in the field, and is called by nobody.
            if made is None or not _takes_any(made[0]):
                continue
            calls = _calls_of(file, callee.cls, name)
            if calls and not _is_called(file, name) and live_call(file, site, TypeError):
                shown = f"{callee.cls.name}.{name}"
                function, is_method = made
                yield Brought(function, argument, shown, tuple(calls), is_method=is_method)


def _takes_any(function: Defined | ast.Lambda) -> bool:
    given = function.args
    return bool(given.posonlyargs or given.args or given.kwonlyargs)


def _function(file: File, argument: ast.expr) -> tuple[Defined | ast.Lambda, bool] | None:
    """The function that an argument is, or the constructor of the class, and whether it takes an instance."""
    match file.sole(argument):
        case LocalFunction(node=ast.Lambda() as node):
            return node, False
        case LocalFunction(node=node) if _is_plain(file, node):
            return node, file.program.bindings.owners.get(node) is not None
        case LocalClass(info=info) if _base(file, info) is not None:
            init = info.scope.bindings.get("__init__", ())
            node = init[0].node if len(init) == 1 else None
            if isinstance(node, ast.FunctionDef) and not node.decorator_list:
                return node, True
            return None
        case _:
            return None


def _is_plain(file: File, function: Defined | ast.Lambda) -> bool:
    """Whether a call of a function gets what is written there: it is decorated with nothing but ``functools.wraps``."""
    return all(
        isinstance(decorator, ast.Call) and file.sole(decorator.func) == _WRAPS
        for decorator in getattr(function, "decorator_list", ())
    )


# -- what is put in the place of torchtitan's own ------------------------------------------------


def _of_stores(file: File) -> Iterator[Brought]:
    """The functions of the project's that the file puts in the place of torchtitan's methods and functions, for good."""
    if is_test(file.source.path):
        return  # They are put there for the tests, which may call them in their own way.
    put: dict[tuple[Class | Module, str], list[tuple[Store, Defined | ast.Lambda | None]]] = {}
    for store in stores(file.program):
        owner = file.sole(store.owner) if store.is_assigned and not store.is_own else None
        place = file.target.surface.lookup(owner.path) if isinstance(owner, Ref) else None
        if isinstance(place, Module) or (isinstance(place, Class) and not place.dynamic):
            made = (store, _put_function(file, store.value))
            put.setdefault((place, store.name), []).append(made)
    known = frozenset(
        store.node for some in put.values() for store, function in some if function is not None
    )
    for (place, name), some in put.items():
        if any(function is None for _, function in some):
            continue
        shown = f"{place.name}.{name}" if isinstance(place, Class) else name
        calls = _calling_put(file, place, name, known)
        for store, function in some if calls else ():
            if function is not None and store.value is not None:
                is_method = isinstance(place, Class)
                yield Brought(function, store.value, shown, tuple(calls), is_method=is_method)


def _put_function(file: File, node: ast.expr | None) -> Defined | ast.Lambda | None:
    """The function that something is, in whichever file of the project; ``None`` where it may be another one, or more."""
    if node is None:
        return None
    match file.sole(node):
        case LocalFunction(node=function):
            return function if _is_plain(file, function) else None
        case _:
            pass
    found = list(definitions(file, node))
    if len(found) != 1:
        return None
    ((home, binding),) = found
    function = binding.node
    is_function = isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    return function if is_function and home is not file and _is_plain(home, function) else None


def _calling_put(
    file: File, place: Class | Module, name: str, known: frozenset[ast.expr]
) -> list[CallInside]:
    """The calls that something gets which the file puts on a class or module; none where others may stand there, or call it.

    Args:
        file: The file.
        place: The class or module.
        name: The name that it gets there.
        known: Where the file puts functions of the project's somewhere.
    """
    path = f"{place.path}.{name}"
    there = file.target.surface.lookup(path)
    kind = "method" if isinstance(place, Class) else "function"
    # What makes an instance is called in ways of its own.
    if not isinstance(there, Function) or there.binding != kind or name in _MAKING:
        return []
    if any(added.node not in known for added in file.once(Additions).at(path)):
        return []
    if file.is_replaced(path, others=True):
        return []
    words = frozenset(word for node in known if isinstance(node, ast.Call) for word in node.args)
    if _is_called(file, name, words):
        return []
    if isinstance(place, Module):
        found = facts.calls_inside_at(file.target.surface.key).get(path, ())
        calls, cls = [*found], None
    elif may_have(file, place.path, name):
        return []
    else:
        calls, cls = [c for c in _calls_of(file, place, name) if _is_made(place, c.by)], place
    # Where the project takes the place of one caller, it may have its own way with the others, too.
    if any(_is_run_otherwise(file, cls, call.by, frozenset((path,))) for call in calls):
        return []
    # An experiment is a package of its own: who has nothing to do with it never gets to its calls.
    return calls if any(not call.by.startswith(_EXPERIMENTS) for call in calls) else []


def _is_made(cls: Class, by: str) -> bool:
    """Whether a function of torchtitan's is no method of a class which that, or one between, replaces."""
    owner, _, name = by.rpartition(".")
    if all(one.path != owner for one in cls.mro):
        return True
    member = cls.member(name)
    return isinstance(member, Function) and member.path == by


def _is_run_otherwise(file: File, cls: Class | None, by: str, seen: frozenset[str]) -> bool:
    """Whether the project takes the place of a function of torchtitan's that may be a method of a class, or of what calls it there."""
    owner, _, name = by.rpartition(".")
    if file.once(Additions).at(by) or file.is_replaced(by):
        return True
    holder = file.target.surface.lookup(owner)
    if not isinstance(holder, Class):
        return False
    holder = cls if cls is not None and holder in cls.mro else holder
    if may_have(file, holder.path, name):
        return True
    owners = {one.path for one in holder.mro}
    callers = {c.by for c in _calls_of(file, holder, name) if c.by.rpartition(".")[0] in owners}
    return any(_is_run_otherwise(file, holder, one, seen | {by}) for one in callers - seen)
