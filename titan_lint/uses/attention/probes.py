"""Questions for the backend that a config of the target never answers.

``getattr(config, "attn_type", "sdpa")`` raises nothing and gives its default, whatever the model was built
with: what goes by it, masks above all, is made for another backend.
"""

from __future__ import annotations

import ast

from titan_lint.api.changes import facts
from titan_lint.code.values import Attr, Const, Value
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses.attention.override import is_stale
from titan_lint.uses.guards import live, reachable
from titan_lint.uses.types import SurfaceTypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File

# Where a config of the newer form has its attention: code that looks there knows both forms.
_NEW_FORM = frozenset({"inner_attention", "first_attention", "first_full_attention_backend"})


class Probe(Struct, eq=False):
    """One question that the target always answers in the same way.

    Attributes:
        call: The call of ``getattr`` or ``hasattr``.
        default: What it always gives, as source; ``None`` for a ``hasattr``.
        raises: Whether it raises after all: what is asked does not exist itself.
    """

    call: ast.Call
    default: str | None
    raises: bool = False


def probes(file: File) -> Iterator[Probe]:
    """All questions of a file for a backend on a config that certainly keeps none.

    Left out is who takes a setting of its own for the default, asks a config of the newer form, too, or
    has another way for where nothing is found.
    """
    stale = facts.attention().settings.stale
    for call in file.program.called("getattr", "hasattr"):
        match call:
            case ast.Call(
                func=ast.Name(id="getattr" | "hasattr"),
                args=[owner, ast.Constant(value=str() as name), *rest],
                keywords=[],
            ) if name in stale:
                pass
            case _:
                continue
        if not file.agrees(owner, lambda v, name=name: is_stale(file, Attr(v, name))):
            continue
        if not isinstance(owner, ast.Name) and file.agrees(owner, lambda v: _lacks(file, v)):
            if live(file, call, AttributeError):
                yield Probe(call, None, raises=True)
            continue
        # What is declared as the config of one model is given that of another by plugins.
        neighbours = file.options.neighbours
        if neighbours is not None and neighbours.configure(name):
            continue
        default = file.program.text(rest[0]) if rest else None
        if rest and not _is_text(file, rest[0]):
            continue
        if not rest and not _is_left_without(file, call):
            continue
        if reachable(file, call) and not _knows_new_form(file, call):
            yield Probe(call, default)


def _lacks(file: File, value: Value) -> bool:
    types = file.resolver.types
    assert isinstance(types, SurfaceTypes)
    return isinstance(value, Attr) and types.exists(value) is False


def _is_text(file: File, node: ast.expr) -> bool:
    value = file.sole(node)
    return isinstance(value, Const) and isinstance(value.value, str)


def _is_left_without(file: File, call: ast.Call) -> bool:
    """Whether nothing else is asked where a ``hasattr`` finds nothing."""
    if not (isinstance(call.func, ast.Name) and call.func.id == "hasattr"):
        return False
    parent = file.program.parents[call]
    if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.And):
        above = file.program.parents[parent]
        # hasattr(config, "attn_type") and config.attn_type == "flex"
        if not isinstance(above, ast.If | ast.IfExp | ast.BoolOp):
            return True
        parent = above
    return isinstance(parent, ast.IfExp) and _is_text(file, parent.orelse)


def _knows_new_form(file: File, call: ast.Call) -> bool:
    """Whether the code around asks for the attention of a newer config."""
    around = file.program.function(call) or file.tree
    for node in walk(around):
        match node:
            case ast.Attribute(attr=name) | ast.Constant(value=name) if name in _NEW_FORM:
                return True
            case _:
                pass
    return False
