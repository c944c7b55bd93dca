"""Which classes a file makes instances of, and which methods Python would miss there."""

from __future__ import annotations

import ast

from titan_lint.api import Class
from titan_lint.code.names import Kind
from titan_lint.code.values import LocalClass, Ref
from titan_lint.structs import Struct
from titan_lint.uses.additions import Additions, is_put
from titan_lint.uses.guards import live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import Binding, ClassInfo
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File

_NEW = Ref("builtins.object.__new__")
_DATACLASS = Ref("dataclasses.dataclass")
_DEPTH = 8
"""Over how many names a class is followed."""


class Unmade(Struct, eq=False):
    """A call that Python refuses: the class lacks what it declares.

    Attributes:
        call: The call.
        name: How the class is called, by torchtitan or by the file.
        base: The class of torchtitan that declares the methods.
        missing: The methods.
        is_own: Whether the class is the file's, built on that of torchtitan.
    """

    call: ast.Call
    name: str
    base: Class
    missing: tuple[str, ...]
    is_own: bool


def unmade(file: File) -> Iterator[Unmade]:
    """The calls of a file that make instances of abstract classes at the target."""
    for call in file.calls:
        made = call.func
        if len(call.args) == 1 and isinstance(made, ast.Attribute) and made.attr == "__new__":
            made = call.args[0] if file.sole(made) == _NEW else made
        if not _is_named(file, made):
            continue
        found = [_abstract(file, call, value) for value in file.values(made)]
        # Where it is one of several, all are refused.
        first = found[0] if found and all(found) else None
        if first is not None and live(file, call, TypeError):
            yield first


def _is_named(file: File, node: ast.expr, depth: int = 0) -> bool:
    """Whether an expression names a class itself: what is handed over may be one that derives from it."""
    if isinstance(node, ast.Attribute):
        return _is_named(file, node.value, depth)
    if not isinstance(node, ast.Name) or depth > _DEPTH:
        return False
    bound = file.program.bindings.of(node)
    return bool(bound) and all(_brings_named(file, binding, depth + 1) for binding in bound)


def _brings_named(file: File, binding: Binding, depth: int) -> bool:
    """Whether a binding brings classes that the file names: at once, by another name, or in a list."""
    match binding.kind, binding.value:
        case ((Kind.CLASS | Kind.IMPORT | Kind.FROM), _):
            return True
        case Kind.VALUE, ast.Name() | ast.Attribute() as value:
            return binding.index < 0 and _is_named(file, value, depth)
        case Kind.ELEMENT, ast.List(elts=parts) | ast.Tuple(elts=parts):
            return binding.index < 0 and all(_is_named(file, part, depth) for part in parts)
        case _:
            return False


def _abstract(file: File, call: ast.Call, value: Value) -> Unmade | None:
    match value:
        case Ref(path=path) if path.startswith("torchtitan."):
            cls = file.target.surface.lookup(path)
            if not isinstance(cls, Class) or not cls.abstract:
                return None
            if is_put(file, call, path, cls.path) or _is_changed(file, cls, call):
                return None
            return Unmade(call, cls.name, cls, cls.abstract, is_own=False)
        case LocalClass(info=info):
            return _own(file, call, info)
        case _:
            return None


def _own(file: File, call: ast.Call, info: ClassInfo) -> Unmade | None:
    """As :func:`_abstract`, for a class of the file's that derives from one of torchtitan's alone."""
    resolver = file.resolver
    bases = resolver.foreign_bases(info)
    (base,) = bases if len(bases) == 1 else (None,)
    cls = file.target.surface.lookup(base) if base is not None else None
    if base is None or not isinstance(cls, Class) or not cls.abstract:
        return None
    classes = resolver.local_mro(info)
    for one in classes:
        decorators = [d.func if isinstance(d, ast.Call) else d for d in one.node.decorator_list]
        if one.node.keywords or any(file.sole(d) != _DATACLASS for d in decorators):
            return None
        if one.scope.stars:
            return None
    own = {name for one in classes for name in one.scope.bindings}
    additions = file.once(Additions)
    missing = tuple(
        name for name in cls.abstract if name not in own and not additions.on_local(info, name)
    )
    if additions.on_local(info, "__abstractmethods__"):
        return None
    if not missing or "__new__" in own or is_put(file, call, base) or _is_changed(file, cls, call):
        return None
    return Unmade(call, info.node.name, cls, missing, is_own=True)


def _is_changed(file: File, cls: Class, call: ast.Call) -> bool:
    """Whether the file changes what makes a class abstract, or how it is made."""
    additions = file.once(Additions)
    names = ("__abstractmethods__", *cls.abstract)
    return additions.makes(cls.path) or any(additions.on_class(cls.path, n, call) for n in names)
