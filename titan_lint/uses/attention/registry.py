"""Calls of torchtitan's ``model_registry``, and what the target's registries take."""

from __future__ import annotations

import ast
import functools
import itertools
import re

from titan_lint.api import Function, Parameter
from titan_lint.api.paths import expand
from titan_lint.code.values import NONE, Const, Partial, Passed, Ref, Value
from titan_lint.structs import Struct
from titan_lint.uses.calls.arguments import arguments, spread_value
from titan_lint.uses.compared import written_out
from titan_lint.uses.fallbacks import fallback
from titan_lint.uses.guards import may_give

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api.surface import Fork
    from titan_lint.uses.file import File

PARAMETER = "attn_backend"

REGISTRY = "model_registry"
_NAME = f".{REGISTRY}"
_REGISTRY = re.compile(rf"torchtitan\.(models|experiments)\.[\w.*]+{re.escape(_NAME)}")


class Registry(Struct, eq=False, slots=False):
    """One call of ``model_registry``.

    Attributes:
        call: The call.
        paths: Import paths that the called name may have, ``*`` for a part that is not known.
        candidates: The registries of the target that it may be.
        flavor: The flavor argument.
        backend: The ``attn_backend`` argument.
        unclear: Whether arguments are passed that cannot be told (``*args``, ``**kwargs``), or the
            backend under a name that it had once.
    """

    call: ast.Call
    paths: tuple[str, ...]
    candidates: tuple[Function, ...]
    flavor: ast.expr | None
    backend: ast.expr | None
    unclear: bool

    @property
    def parameters(self) -> list[Parameter | None]:
        """Each candidate's ``attn_backend``, ``None`` where it has none."""
        return [function.parameter(PARAMETER) for function in self.candidates]

    @property
    def takes_backend(self) -> bool:
        """Whether some registry that this may be takes the backend."""
        return any(parameter is not None for parameter in self.parameters)

    @property
    def models(self) -> tuple[str, ...]:
        """Short names of the models that the call may build."""
        return tuple(model(function.path) for function in self.candidates)

    @property
    def known(self) -> Function | None:
        """The registry; ``None`` where there is doubt which one it is."""
        return (
            self.candidates[0] if len(self.candidates) == 1 and "*" not in self.paths[0] else None
        )


def model(path: str) -> str:
    """The model's name in the path of a registry: ``llama3``."""
    return path.split(".")[-2]


def is_registry(path: str) -> bool:
    """Whether an import path is that of a ``model_registry`` of torchtitan's."""
    return _REGISTRY.fullmatch(path) is not None


def registry_paths(
    file: File, function: ast.expr
) -> tuple[tuple[str, ...], ast.Call | Passed | None]:
    """Import paths of the registry that an expression is, and the call of ``partial`` around it, or what that passes.

    Empty where it may be anything else, or where several such calls make it.
    """
    paths: list[str] = []
    partial: ast.Call | Passed | None = None

    def test(value: Value) -> bool:
        nonlocal partial
        if isinstance(value, Partial):
            made = value.call or value.passed
            if made is None or partial not in (None, made):
                return False
            partial = made
            value = value.function
        if isinstance(value, Ref) and is_registry(value.path):
            paths.append(value.path)
            return True
        return False

    if not file.agrees(function, test):
        return (), None
    return tuple(sorted(set(paths))), partial


def registry(file: File, call: ast.Call, called: ast.expr | None = None) -> Registry | None:
    """The registry call that ``call`` is; ``None`` where it is none, or may be something else.

    Args:
        file: The file.
        call: The call.
        called: What it calls, where that is not what is written there.
    """
    called = called or call.func
    if not isinstance(called, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        return None
    paths, partial = registry_paths(file, called)
    surface = file.target.surface
    called_here = [full for path in paths for full in expand(surface, path)]
    candidates = tuple(
        found for full in called_here if isinstance(found := surface.lookup(full), Function)
    )
    if not candidates or not all(map(surface.tells, called_here)):
        return None
    if isinstance(partial, Passed):
        # With which values, the other file tells.
        if partial.positional or not {"flavor", PARAMETER, *_former_names(surface.fork)}.isdisjoint(
            partial.keywords
        ):
            return None
        partial = None
    calls = [call] if partial is None else [partial, call]
    keywords = {k.arg: k.value for c in calls for k in c.keywords}
    arguments = [part for argument in call.args for part in written_out(file, argument)]
    if partial is not None:
        arguments = [*partial.args[1:], *arguments]
    known = [*itertools.takewhile(lambda part: not isinstance(part, ast.Starred), arguments)]
    unclear = None in keywords or len(known) < len(arguments)
    flavor = keywords.get("flavor") or (arguments[0] if arguments and not unclear else None)
    return Registry(
        call,
        paths,
        candidates,
        flavor,
        keywords.get(PARAMETER) or _positional(candidates, known),
        unclear or not _former_names(surface.fork).isdisjoint(keywords),
    )


@functools.cache
def _former_names(fork: Fork | None) -> frozenset[str]:
    """Names that the backend's parameter had before: ``attn_backend_override``."""
    from titan_lint.api import changes
    from titan_lint.api.changes.rows import KeywordChange

    rows = changes.of_kind(KeywordChange, fork)
    return frozenset(name for row in rows if row.rename == PARAMETER for name in row.old.keywords)


def taken_elsewhere(file: File, call: ast.Call) -> tuple[File, Registry] | None:
    """The call at another target of the run whose registry takes the backend that it passes, or ``None``.

    What such a call lacks at this target is a guard.
    """
    for sibling in file.siblings:
        entry = registry(sibling, call)
        if entry is not None and entry.backend is not None and entry.takes_backend:
            return sibling, entry
    return None


def registries(file: File) -> list[Registry]:
    """All registry calls of a file, in order of the text."""
    found = [
        entry
        for call in file.calls
        if any(map(_may_be_registry, file.values(call.func)))
        and (entry := registry(file, call)) is not None
    ]
    return sorted(found, key=lambda entry: (entry.call.lineno, entry.call.col_offset))


def spread_backend(file: File, call: ast.Call) -> ast.expr | None:
    """The backend that a dictionary of the file's brings through ``**``; ``None`` where it may be filled in later."""
    key = arguments(file, call).spread.get(PARAMETER)
    return spread_value(file, key) if key is not None else None


def _may_be_registry(value: Value) -> bool:
    """A look that costs nothing."""
    return value.path.endswith(_NAME) if isinstance(value, Ref) else isinstance(value, Partial)


def _positional(candidates: tuple[Function, ...], arguments: list[ast.expr]) -> ast.expr | None:
    """The positional argument that every candidate binds to ``attn_backend``."""
    indexes = {
        next((i for i, p in enumerate(function.positional) if p.name == PARAMETER), None)
        for function in candidates
    } - {None}
    if len(indexes) != 1:
        # With the model not known, any further positional argument may be the backend.
        return arguments[1] if len(arguments) > 1 and indexes else None
    (index,) = indexes
    assert index is not None
    return arguments[index] if index < len(arguments) else None


def misplaced(file: File, call: ast.Call, functions: Sequence[Function]) -> ast.expr | None:
    """The positional argument that names an attention backend and is for another parameter, or ``None``."""
    for index, node in enumerate(call.args[1:], 1):
        names = literals(file, node)
        if names and all(_is_misplaced(function, index, names) for function in functions):
            return node
    return None


def _is_misplaced(function: Function, index: int, names: frozenset[str]) -> bool:
    parameter, there = function.parameter(PARAMETER), function.positional[index : index + 1]
    if parameter is None or not there or there[0] is parameter:
        return False
    backends = parameter.accepts if parameter.accepts is not None else parameter.choices
    others = there[0].accepts if there[0].accepts is not None else there[0].choices
    return names <= {*backends} and names.isdisjoint(others)


def literals(file: File, node: ast.expr | None) -> frozenset[str]:
    """The strings that an expression may be; empty where it may be anything else."""
    if node is None:
        return frozenset()
    values = [value for value in file.values(node) if value != NONE]
    texts = [v.value for v in values if isinstance(v, Const) and isinstance(v.value, str)]
    if len(texts) < len(values):
        return frozenset()
    return frozenset(text for text in texts if may_give(file, node, text))


def literals_or_fallback(file: File, node: ast.expr | None) -> tuple[frozenset[str], bool]:
    """As :func:`literals`, else the one that counts where nobody gives another; whether it is such a one."""
    found = literals(file, node)
    if found or node is None:
        return found, False
    value = fallback(file, node)
    text = value.value if value is not None else None
    return (frozenset((text,)), True) if isinstance(text, str) else (frozenset(), False)


def default(parameter: Parameter) -> str | None:
    """A parameter's default where it is a string; else ``None``."""
    if parameter.default is None:
        return None
    try:
        value = ast.literal_eval(parameter.default)
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, str) else None


def describe_defaults(entry: Registry) -> str:
    """What the target does when nothing is passed: ``flex (gpt_oss: varlen; flux takes none)``."""
    by_default: dict[str, list[str]] = {}
    without: list[str] = []
    for function, parameter in zip(entry.candidates, entry.parameters, strict=True):
        name = model(function.path)
        if parameter is None:
            without.append(name)
        else:
            by_default.setdefault(default(parameter) or str(parameter.default), []).append(name)
    ordered = sorted(by_default.items(), key=lambda item: -len(item[1]))
    if not ordered:
        return ""
    (main, _), *others = ordered
    notes = [f"{', '.join(sorted(set(models)))}: {value}" for value, models in others]
    if without:
        verb = "has" if len(without) == 1 else "have"
        notes.append(f"{', '.join(sorted(set(without)))} {verb} no such parameter")
    return f"`{main}`" + (f" ({'; '.join(notes)})" if notes else "")
