"""The kind of attention mask that code builds."""

from __future__ import annotations

import ast
import functools

from titan_lint.api.changes import facts
from titan_lint.code.forms import callee_name, last_name
from titan_lint.code.names import FunctionNode
from titan_lint.code.values import Const, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.file import File


@functools.cache
def kinds() -> dict[str, str | None]:
    """The kind of mask that each backend takes: ``{"flex_flash": "flex", "sdpa": None, ...}``."""
    return {backend.name: backend.masks for backend in facts.attention().backends}


@functools.cache
def swallows(backend: str) -> bool:
    """Whether the backend ignores a mask without a word."""
    return any(
        known.name == backend and known.swallows_masks for known in facts.attention().backends
    )


@functools.cache
def _builders() -> dict[str, str]:
    return {builder.path: builder.masks for builder in facts.attention().mask_builders}


def masks_built(file: File) -> list[tuple[str, ast.Call]]:
    """The calls of a file that build a kind of masks for sure, each behind the kind.

    A kind counts when torchtitan's own function for it is called, or when a function whose name
    mentions masks is given the backend as a literal.
    """
    return [
        (kind, call)
        for call in file.calls
        if (kind := _kind(file, call)) is not None
        and not _is_conditional(file, call)
        and not _is_for_attention(file, call)
    ]


def _is_for_attention(file: File, call: ast.Call) -> bool:
    """Whether masks go to attention of PyTorch's that the file computes itself, and nowhere else."""
    parent = file.program.parents[call]
    places: list[ast.expr] = [call]
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        places = [*file.program.loads_from(parent.targets[0])]
    takers = [file.program.taker(place) for place in places]
    return bool(takers) and all(
        taker is not None
        and isinstance(value := file.sole(taker.func), Ref)
        and value.path.startswith("torch.nn.")
        for taker in takers
    )


def _is_conditional(file: File, call: ast.Call) -> bool:
    """Whether a function may run without the call: it builds these masks in one case of several."""
    child: ast.AST = call
    for parent in file.program.ancestors(call):
        if isinstance(parent, FunctionNode):
            return False
        if isinstance(parent, ast.If | ast.IfExp | ast.While) and child is not parent.test:
            return True
        if isinstance(parent, ast.match_case | ast.ExceptHandler):
            return True
        if isinstance(parent, ast.BoolOp) and child is not parent.values[0]:
            return True
        child = parent
    return False


def _kind(file: File, call: ast.Call) -> str | None:
    function = call.func
    name = last_name(function)
    if not name:
        return None
    value = file.sole(function)
    if isinstance(value, Ref):
        kind = _builders().get(value.path)
        if kind is None:
            kind = _builders().get(file.resolver.types.canonical(value.path))
        if kind is not None:
            return kind
    if "mask" not in name:
        return None
    for argument in (*call.args, *(k.value for k in call.keywords)):
        literal = file.sole(argument) if isinstance(argument, ast.Constant | ast.Name) else None
        if isinstance(literal, Const) and isinstance(literal.value, str):
            kind = kinds().get(literal.value)
            if kind is not None:
                return kind
    return None


def are_made_of(file: File, node: ast.expr) -> bool:
    """Whether an expression is handed to what builds masks."""
    for parent in file.program.ancestors(node):
        if isinstance(parent, ast.Call):
            return "mask" in callee_name(parent)
        if isinstance(parent, ast.stmt):
            return False
    return False
