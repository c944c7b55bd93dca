"""The arguments of a call: those written out, and those that ``**`` brings in."""

from __future__ import annotations

import ast

from titan_lint.code.names import Kind
from titan_lint.code.values import Ref
from titan_lint.structs import Struct, field
from titan_lint.uses.guards import reachable
from titan_lint.uses.reads import may_be_asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from titan_lint.uses.file import File

# What may be asked of a dictionary without changing it or handing it on.
_READS = frozenset({"get", "keys", "values", "items", "copy"})


class Arguments(Struct, frozen=False):
    """What a call passes.

    Attributes:
        positional: Positional arguments up to the first ``*args``.
        keywords: Keyword arguments that are written at the call, by name.
        spread: Where a key of a ``**`` is written, by name: a constant, or a keyword of ``dict()``.
            Such a key may be set on some paths only.
        more_positional: Whether ``*args`` may bring more.
        more_keywords: Whether ``**`` may bring keys that cannot be told.
        bound: Keyword arguments that another file of the project passes.
    """

    positional: list[ast.expr] = field(default_factory=list[ast.expr])
    keywords: dict[str, ast.keyword] = field(default_factory=dict[str, ast.keyword])
    spread: dict[str, ast.expr | ast.keyword] = field(
        default_factory=dict[str, ast.expr | ast.keyword]
    )
    more_positional: bool = False
    more_keywords: bool = False
    bound: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """Every keyword that is passed for sure or perhaps."""
        return {*self.keywords, *self.spread, *self.bound}


def arguments(file: File, call: ast.Call, *, skip: int = 0) -> Arguments:
    """What ``call`` passes.

    Args:
        file: The file.
        call: The call.
        skip: How many leading arguments are not for the one called, as in ``partial(f, 1)``.
    """
    found = Arguments()
    for argument in call.args[skip:]:
        if isinstance(argument, ast.Starred):
            found.more_positional = True
            break
        found.positional.append(argument)
    for keyword in call.keywords:
        if keyword.arg is not None:
            found.keywords[keyword.arg] = keyword
            continue
        keys = _keys(file, keyword.value, call)
        if keys is None:
            found.more_keywords = True
        else:
            found.spread.update(keys)
    return found


Keys = dict[str, "ast.expr | ast.keyword"]


def _keys(file: File, node: ast.expr, call: ast.Call) -> Keys | None:
    """The keys that ``**node`` may bring, by name; ``None`` where there may be others."""
    match node:
        case ast.Dict():
            return _of_display(file, node, call)
        case ast.Call(func=function, args=[]) if file.sole(function) == Ref("builtins.dict"):
            return _of_keywords(file, node.keywords, call)
        case ast.Name():
            return _of_name(file, node, call)
        case _:
            return None


def spread_value(file: File, key: ast.expr | ast.keyword) -> ast.expr | None:
    """What stands under a key of a ``**`` where it is written; ``None`` where it is filled in later."""
    if isinstance(key, ast.keyword):
        return key.value
    around = file.program.parents[key]
    if not isinstance(around, ast.Dict):
        return None
    return next(value for k, value in zip(around.keys, around.values, strict=True) if k is key)


def _of_display(file: File, node: ast.Dict, call: ast.Call) -> Keys | None:
    found: Keys = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            inner = _keys(file, value, call)
            if inner is None:
                return None
            found.update(inner)
        elif isinstance(key, ast.Constant) and isinstance(key.value, str):
            found[key.value] = key
        else:
            return None
    return found


def _of_keywords(file: File, keywords: Iterable[ast.keyword], call: ast.Call) -> Keys | None:
    found: Keys = {}
    for keyword in keywords:
        if keyword.arg is not None:
            found[keyword.arg] = keyword
            continue
        inner = _keys(file, keyword.value, call)
        if inner is None:
            return None
        found.update(inner)
    return found


def _of_name(file: File, node: ast.Name, call: ast.Call) -> Keys | None:
    """The keys of a dictionary that the function around the call makes and fills, or that the module keeps to itself."""
    program = file.program
    found: Keys = {}
    for binding in program.bindings.of(node):
        value = binding.value
        if binding.kind is not Kind.VALUE or value is None or isinstance(value, ast.Name):
            return None
        if program.function(binding.node) is not program.function(call) and not (
            isinstance(binding.node, ast.Name)
            and program.function(binding.node) is None
            and not may_be_asked_for(file, binding.node)
        ):
            return None
        if not reachable(file, binding.node):
            continue  # what another version is given
        made = _keys(file, value, call)
        if made is None:
            return None
        found.update(made)
        for use in program.loads(binding):
            if use is node or not reachable(file, use):
                continue
            added = _of_use(file, use, call)
            if added is None:
                return None
            found.update(added)
    return found or None


def _of_use(file: File, use: ast.Name, call: ast.Call) -> Keys | None:
    """The keys that one use of a dictionary adds; ``None`` where it may add or drop others."""
    parents = file.program.parents
    parent = parents[use]
    match parent:
        case ast.Subscript(value=value, slice=key, ctx=context) if value is use:
            if isinstance(context, ast.Load):
                return {}
            if (
                isinstance(context, ast.Store)
                and isinstance(key, ast.Constant)
                and isinstance(key.value, str)
            ):
                return {key.value: key}
            return None
        case ast.Attribute(attr=name):
            asked = parents[parent]
            if not isinstance(asked, ast.Call) or asked.func is not parent:
                return None
            if name in _READS:
                return {}
            if name == "update":
                return _of_update(file, asked, call)
            if name == "setdefault" and asked.args:
                key = asked.args[0]
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    return {key.value: key}
            return None
        case ast.keyword(arg=None):
            return {}
        case ast.Compare() | ast.If() | ast.IfExp() | ast.BoolOp() | ast.UnaryOp():
            return {} if not isinstance(parent, ast.IfExp) or parent.test is use else None
        case _:
            return None


def _of_update(file: File, update: ast.Call, call: ast.Call) -> Keys | None:
    found = _of_keywords(file, update.keywords, call)
    if found is None or len(update.args) > 1:
        return None
    for argument in update.args:
        if isinstance(argument, ast.Name):
            return None  # One dictionary that another fills: too far to follow.
        inner = _keys(file, argument, call)
        if inner is None:
            return None
        found.update(inner)
    return found
