"""Whether a built spec is only asked for shapes, which no attention backend changes."""

from __future__ import annotations

import ast

from titan_lint.api.changes import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.file import File

_DEEP = 6


def shape_only(file: File, call: ast.Call) -> bool:
    """Whether all that is done with the result of a registry call is to read shapes off its config.

    ``model_registry(name).model.dim``, or ``cfg = model_registry(name).model`` with nothing but
    ``cfg.dim``, ``len(cfg.layers)`` and ``getattr(cfg, "vocab_size", None)`` after it.
    """
    return _spec(file, call, 0)


def _spec(file: File, node: ast.expr, depth: int) -> bool:
    """Whether a ``ModelSpec`` is only used through ``.model`` and only for shapes."""
    return _every_use(file, node, depth, _spec_use)


def _config(file: File, node: ast.expr, depth: int) -> bool:
    return _every_use(file, node, depth, _config_use)


def _spec_use(file: File, node: ast.expr, depth: int) -> bool:
    parent = file.program.parents[node]
    if isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Load):
        return parent.attr in {"name", "flavor"} or (
            parent.attr == "model" and _config(file, parent, depth + 1)
        )
    return False


def _config_use(file: File, node: ast.expr, depth: int) -> bool:
    names = facts.attention().shape_only.names
    parent = file.program.parents[node]
    match parent:
        case ast.Attribute(attr=name, ctx=ast.Load()):
            return name in names and (name != "layers" or _is_counted(file, parent))
        case ast.Call(func=ast.Name(id="getattr"), args=[first, ast.Constant(value=name), *_]):
            return (
                first is node and name in names and (name != "layers" or _is_counted(file, parent))
            )
        case _:
            return False


def _is_counted(file: File, node: ast.expr) -> bool:
    parent = file.program.parents[node]
    return (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Name)
        and (parent.func.id == "len")
    )


def _every_use(file: File, node: ast.expr, depth: int, use: _Use) -> bool:
    """Apply ``use`` to ``node`` itself, or to all loads of the one name that it is bound to."""
    if depth > _DEEP:
        return False
    parent = file.program.parents[node]
    if isinstance(parent, ast.Assign) and parent.value is node and len(parent.targets) == 1:
        target = parent.targets[0]
        if not isinstance(target, ast.Name):
            return False
        loads = file.program.loads_from(target)
        return bool(loads) and all(use(file, load, depth + 1) for load in loads)
    return use(file, node, depth)


if TYPE_CHECKING:
    from collections.abc import Callable

    _Use = Callable[[File, ast.expr, int], bool]
