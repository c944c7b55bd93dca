"""Names and patterns that meet other parameters and modules than they used to."""

from __future__ import annotations

import ast
import functools
import re

from titan_lint.api import Class, changes
from titan_lint.api.changes import facts
from titan_lint.api.changes.rows import FqnChange
from titan_lint.code.following import bound_value, follows
from titan_lint.code.values import Ref
from titan_lint.structs import Struct
from titan_lint.uses.calls import sites
from titan_lint.uses.calls.binding import bound
from titan_lint.uses.guards import ANY, live
from titan_lint.uses.members.classes import has, lacks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from titan_lint.uses.file import File

_MODEL = re.compile(r"torchtitan\.models\.(\w+)")


class Stale(Struct, eq=False):
    """One string that means something else at the target.

    Attributes:
        node: The string.
        change: The row of the catalogue that says why.
        models: The models that it is about; none where it is about all that have such parts.
        instead: What to write for it.
    """

    node: ast.Constant
    change: FqnChange
    models: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()


def find(file: File) -> Iterator[Stale]:
    """The stale names and patterns that a file passes to torchtitan, each string once."""
    passed = list(_passed(file))
    if not passed:
        return
    models = functools.cache(lambda: _models(file))
    known = changes.of_kind(FqnChange, file.target.surface.fork)
    rows = [change for change in known if _applies(file, change, models)]
    told: set[ast.Constant] = set()
    for node in passed if rows else ():
        if node in told or not isinstance(node.value, str):
            continue
        stale = [
            change for change in rows if _is_stale(node.value, change) and not _is_own(file, change)
        ]
        if stale:
            told.add(node)
            meant = sorted(models()) if stale[0].old.models is not None else ()
            yield Stale(node, stale[0], tuple(meant), _instead(stale, rows))


def _instead(stale: Sequence[FqnChange], rows: Sequence[FqnChange]) -> tuple[str, ...]:
    """The new names of some rows, each once; with the way to it where another of all rows is about that."""
    old = {name for change in rows for name in change.old.names}
    found: list[str] = []
    for change in stale:
        if change.new is None:
            continue
        name = change.new.name
        there = [each for each in change.new.names if each not in old]
        if len(there) < len(change.new.names):
            name = next((_IN_LAYER.sub("", n) for n in there if n.endswith(name)), name)
        found.append(name)
    return tuple(
        name
        for name in dict.fromkeys(found)
        if not any(other.startswith(f"{name}.") for other in found)
    )


_IN_LAYER = re.compile(r"^layers\.0\.")


def _applies(file: File, change: FqnChange, models: Callable[[], set[str]]) -> bool:
    """Whether the target lacks the old form and has the new one, for the models of the file."""
    surface, cls = file.target.surface, change.old.class_
    if not isinstance(surface.lookup(cls), Class):
        return False
    if not lacks(surface, cls, change.old.member):
        return False
    if change.new is not None and not has(surface, cls, change.new.member):
        return False
    meant = change.old.models
    return meant is None or (bool(models()) and models() <= set(meant))


def _models(file: File) -> set[str]:
    """The packages of ``torchtitan.models`` that a file imports from."""
    found: set[str] = set()
    for node in file.program.bindings.imports:
        paths = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            paths = [f"{node.module}.{path}" for path in paths]
        found.update(m[1] for path in paths if (m := _MODEL.match(path)) is not None)
    for call in file.calls:
        if isinstance(call.func, ast.Name | ast.Attribute):
            for value in file.values(call.func):
                if isinstance(value, Ref) and (m := _MODEL.match(value.path)) is not None:
                    found.add(m[1])
                elif isinstance(value, Ref) and value.path.startswith("torchtitan.models.*"):
                    found.add("*")
    return found - {"common", "utils"}


def _is_stale(text: str, change: FqnChange) -> bool:
    """Whether a name or pattern met the old names and meets no new one, or kept away from the old ones alone.

    What asks for the new ones is written for these.
    """
    words = change.old.words
    if not any(re.search(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", text) for word in words):
        return False
    now = change.new.names if change.new is not None else ()
    met, meets = _meets(text, change.old.names), _meets(text, now)
    return met != meets and (met or "(?!" in text or "(?<!" in text)


def _is_own(file: File, change: FqnChange) -> bool:
    """Whether a class of the file gives itself what the row is about: the string may be for that."""
    return any(
        change.old.member in info.attributes for info in file.program.bindings.classes.values()
    )


def _meets(text: str, names: tuple[str, ...]) -> bool:
    try:
        pattern = re.compile(text)
    except re.error:
        return False
    return any(pattern.search(name) for name in names)


def _passed(file: File) -> Iterator[ast.Constant]:
    """The strings that calls of torchtitan pass where it takes names of parameters or modules."""
    parameters = facts.fqn_parameters().parameters
    for site in file.once(sites):
        passed = [
            argument
            for callee in site.callees
            for name, argument in bound(site, callee.function).items()
            if name in parameters
        ]
        if passed and live(file, site.call, *ANY):
            for argument in passed:
                yield from _strings(file, argument)


@follows(())
def _strings(file: File, node: ast.expr) -> Sequence[ast.Constant]:
    """The strings that an expression certainly holds."""
    parts: Sequence[ast.expr] = ()
    match node:
        case ast.Constant(value=str()):
            return (node,)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            pass
        case ast.Dict(keys=keys):
            parts = [key for key in keys if key is not None]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = (left, right)
        case ast.Starred(value=value):
            parts = (value,)
        case ast.Name():
            value = bound_value(file.program, node)
            parts = (value,) if value is not None else ()
        case _:
            pass
    return [found for part in parts for found in _strings(file, part)]
