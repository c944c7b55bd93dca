"""Which dictionaries of flavors an expression may be, and what they hold at the target."""

from __future__ import annotations

import ast

from titan_lint.api import Function, Module, Variable
from titan_lint.api.absence import missing_part
from titan_lint.api.entities import PARTIAL
from titan_lint.api.paths import modules_like
from titan_lint.code.following import bound_values, follows
from titan_lint.code.values import Const, Pattern, Ref, Value
from titan_lint.code.walk import walk
from titan_lint.uses import specs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api import Surface
    from titan_lint.uses.file import File

SUFFIX = "_configs"
SUFFIXES = (SUFFIX, "_args")
"""How the names of all of them end; ``_args`` is what they were called before 2026-02-23."""

_MODELS = "torchtitan.models."


def are_mentioned(text: str) -> bool:
    """Whether a file's text leaves it open that it asks for a dictionary of flavors."""
    # A search through a module may ask for names that end in `configs` alone.
    return SUFFIX.lstrip("_") in text or any(suffix in text for suffix in SUFFIXES)


def dictionary(surface: Surface, path: str) -> Variable | None:
    """The dictionary of flavors at a path; ``None`` where there is none, or its keys are not known."""
    found = surface.lookup(path) if path.endswith(SUFFIXES) else None
    return found if isinstance(found, Variable) and found.keys else None


def indexed(surface: Surface, path: str) -> Variable | None:
    """The dictionary in which the ``model_registry`` at ``path`` looks flavors up; ``None`` where that is not known.

    It is the one that the registry's module has with just the flavors that the registry accepts.
    """
    found = surface.lookup(path)
    if not isinstance(found, Function) or not found.parameters:
        return None
    accepted = set(found.parameters[0].accepts or ())
    module = found.path.rpartition(".")[0]
    held = (dictionary(surface, f"{module}.{name}") for name in surface.names_in(module))
    known = {one.path: one for one in held if one is not None and {*one.keys} == accepted}
    return known.popitem()[1] if len(known) == 1 else None


TRAIN_SPEC = "torchtitan.protocols.train_spec.TrainSpec"
OF_SPEC = "model_args"
"""The field of a `TrainSpec` that holds the flavors of its model, until 2026-02-23."""


def handed_on(surface: Surface, path: str) -> Variable | None:
    """The dictionary of flavors that a ``get_train_spec`` of one model hands on.

    It is the only one in its module; ``None`` where there are several.
    """
    found = surface.lookup(path)
    if not isinstance(found, Function) or found.returns != TRAIN_SPEC or found.parameters:
        return None
    module = found.path.rpartition(".")[0]
    held = [dictionary(surface, f"{module}.{name}") for name in surface.names_in(module)]
    known = [one for one in held if one is not None]
    return known[0] if module.startswith(_MODELS) and len(known) == 1 else None


@follows(())
def of_spec(file: File, node: ast.expr) -> tuple[Variable, ...]:
    """The dictionaries that ``get_train_spec().model_args`` may be; empty where it may be anything else."""
    match node:
        case ast.Attribute(value=spec, attr="model_args"):
            surface = file.target.surface
            packages = [specs.package(file, value) for value in file.values(spec)]
            found = [
                handed_on(surface, f"{package}.get_train_spec") if package else None
                for package in packages
            ]
            if any(specs.may_be_registered(file, value) for value in file.values(spec)):
                return ()
        case ast.Name():
            values = bound_values(file.program, node)
            groups = [of_spec(file, value) if value is not None else () for value in values]
            found = [held for group in groups for held in group] if all(groups) else []
        case _:
            return ()
    known = [held for held in found if held is not None]
    return tuple(known) if len(known) == len(found) else ()


def of_expression(file: File, node: ast.expr) -> tuple[Variable, ...]:
    """The dictionaries of flavors that an expression may be; empty where it may be anything else."""
    surface = file.target.surface
    values = file.values(node)
    if values and all(isinstance(value, Ref) for value in values):
        found = [dictionary(surface, v.path) for v in values if isinstance(v, Ref)]
        return tuple(d for d in found if d is not None) if None not in found else ()
    modules = _scanned(file, node)
    return _of_modules(surface, modules) if modules is not None else ()


def holds_factories(surface: Surface, found: Variable, key: str | None = None) -> bool:
    """Whether what a dictionary holds, under one key or all, are functions that make a config."""
    items = [found.items.get(key, "")] if key is not None else list(found.items.values())
    return bool(items) and all(
        isinstance(surface.lookup(item.removesuffix(PARTIAL)), Function) for item in items
    )


def _of_modules(surface: Surface, modules: tuple[str, ...]) -> tuple[Variable, ...]:
    meant = [module for pattern in modules for module in modules_like(surface, pattern)]
    if not all(
        surface.tells(module) and surface.tells(f"{module}.model_registry") for module in meant
    ):
        return ()
    found = [
        held
        for module in meant
        if isinstance(surface.lookup(f"{module}.model_registry"), Function)
        for name in surface.names_in(module)
        if (held := dictionary(surface, f"{module}.{name}")) is not None
    ]
    return tuple(found)


# Dictionaries found by looking through a module for a name that ends in ``_configs``.


@follows(None)
def _scanned(file: File, node: ast.expr) -> tuple[str, ...] | None:
    """The modules, ``*`` for a part that is not known, whose dictionary an expression certainly is."""
    match node:
        case ast.Name():
            values = bound_values(file.program, node)
            values = [v for v in values if not (isinstance(v, ast.Constant) and v.value is None)]
            found = [_scanned(file, v) if v is not None else None for v in values]
            known = [f for f in found if f is not None]
            if not known or len(known) < len(found):
                return None
            return tuple(dict.fromkeys(path for paths in known for path in paths))
        case ast.Call(func=ast.Name(id="getattr"), args=[module, name, *_]):
            return _modules(file, module) if _names_configs(file, name) else None
        case ast.Call(func=ast.Name(id="next"), args=[ast.GeneratorExp() as search, *_]):
            return _searched(file, search)
        case ast.Subscript(value=namespace, slice=name):
            module = _namespace(file, namespace)
            if module is not None and _names_configs(file, name):
                return _modules(file, module)
            return None
        case _:
            return None


def _searched(file: File, search: ast.GeneratorExp) -> tuple[str, ...] | None:
    """``v for k, v in vars(module).items() if k.endswith("_configs")``."""
    match search:
        case ast.GeneratorExp(
            elt=ast.Name(id=element),
            generators=[
                ast.comprehension(
                    target=ast.Tuple(elts=[ast.Name(id=key), ast.Name(id=value)]),
                    iter=ast.Call(func=ast.Attribute(value=namespace, attr="items")),
                    ifs=conditions,
                )
            ],
        ) if element == value:
            module = _namespace(file, namespace)
            if module is not None and any(_tests_suffix(test, key) for test in conditions):
                return _modules(file, module)
        case _:
            pass
    return None


def _namespace(file: File, node: ast.expr) -> ast.expr | None:
    """The module of ``vars(module)`` or ``module.__dict__``."""
    match node:
        case ast.Call(func=function, args=[module]) if file.sole(function) == Ref("builtins.vars"):
            return module
        case ast.Attribute(value=module, attr="__dict__"):
            return module
        case _:
            return None


def _modules(file: File, node: ast.expr) -> tuple[str, ...] | None:
    """The modules of models that an expression is."""
    values = file.values(node)
    paths = [value.path for value in values if isinstance(value, Ref)]
    if not values or len(paths) < len(values):
        return None
    # What the target lacks cannot be imported there, so it is none of those.
    paths = [path for path in paths if missing_part(file.target.surface, path) is None]
    if not all(path.startswith(_MODELS) and _is_module(file, path) for path in paths):
        return None
    return tuple(paths) or None


def _is_module(file: File, path: str) -> bool:
    surface = file.target.surface
    if "*" in path:
        return bool(modules_like(surface, path))
    return isinstance(surface.lookup(path), Module)


def _names_configs(file: File, node: ast.expr) -> bool:
    """Whether a name certainly ends in ``_configs``: by its text, or by a test in the function."""

    def ends(value: Value) -> bool:
        match value:
            case Const(value=str() as text) | Pattern(text=text):
                return text.endswith(SUFFIX)
            case _:
                return False

    if file.agrees(node, ends):
        return True
    if not isinstance(node, ast.Name):
        return False
    around = file.program.function(node) or file.tree
    return any(_tests_suffix(part, node.id) for part in walk(around))


def _tests_suffix(node: ast.AST, name: str) -> bool:
    """``name.endswith("_configs")``, alone or as part of a condition."""
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr == "endswith"
        and isinstance(part.func.value, ast.Name)
        and part.func.value.id == name
        and len(part.args) == 1
        and isinstance(part.args[0], ast.Constant)
        and str(part.args[0].value).endswith(SUFFIX.lstrip("_"))
        for part in walk(node)
    )
