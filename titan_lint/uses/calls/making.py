"""Which classes a file makes instances of, and which methods Python would miss there."""

from __future__ import annotations

import ast

from titan_lint.api import Class
from titan_lint.code.following import follows
from titan_lint.code.forms import callee_name
from titan_lint.code.names import Binding, FunctionNode, Kind
from titan_lint.code.values import LocalClass, LocalInstance, Partial, Ref
from titan_lint.structs import Struct
from titan_lint.uses.additions import Additions, is_put, is_set_elsewhere
from titan_lint.uses.guards import live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import ClassInfo
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File

_NEW = Ref("builtins.object.__new__")
_DATACLASS = Ref("dataclasses.dataclass")


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
        found = [_abstract(file, call, value) for value in file.values(made)]
        # Where it is one of several, all are refused.
        first = found[0] if found and all(found) else None
        if first is not None and _is_named(file, made) and live(file, call, TypeError):
            yield first


@follows(False)
def _is_named(file: File, node: ast.expr) -> bool:
    """Whether an expression names a class itself: what is handed over may be one that derives from it."""
    match node:
        case ast.Name():
            return all(_brings_named(file, b) for b in file.program.bindings.of(node))
        case ast.Attribute(value=owner, attr=attr):
            return _is_named(file, owner) and all(
                _brings_named(file, binding)
                for value in file.values(owner)
                if isinstance(value, LocalClass | LocalInstance)
                for binding in file.resolver.attribute_bindings(
                    value.info, attr, instance=isinstance(value, LocalInstance)
                )
            )
        case _:
            parts = (getattr(part, "value", part) for part in ast.iter_child_nodes(node))
            return all(_is_named(file, part) for part in parts if isinstance(part, ast.expr))


def _brings_named(file: File, binding: Binding) -> bool:
    """Whether a binding brings what the file names: at once, as a value, from a function or a manager."""
    match binding:
        case Binding(kind=Kind.CLASS | Kind.IMPORT | Kind.FROM | Kind.STAR):
            return True
        case Binding(kind=Kind.FUNCTION, node=function) if isinstance(function, FunctionNode):
            bindings = file.program.bindings
            yielded = (node.value for node in bindings.generators.get(function, ()))
            given = (*bindings.returns.get(function, ()), *yielded)
            return all(_is_named(file, value) for value in given if value is not None)
        case Binding(kind=Kind.VALUE | Kind.ELEMENT, value=ast.expr() as value, annotation=None):
            return _is_named(file, value)
        case Binding(kind=Kind.CONTEXT, value=ast.expr() as manager):
            # What a class of the file's gives on entering may be what it was handed.
            is_own = any(isinstance(value, LocalInstance) for value in file.values(manager))
            return not is_own and _is_named(file, manager)
        case Binding(kind=Kind.PART, whole=Binding() as whole):
            return _brings_named(file, whole)
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
        case Partial(function=inner):
            return _abstract(file, call, inner)
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
    for one, sole in resolver.written(info):
        decorators = [d.func if isinstance(d, ast.Call) else d for d in one.node.decorator_list]
        if one.node.keywords or any(sole(d) != _DATACLASS for d in decorators):
            return None
        if one.scope.stars or _works_names_out(one.node):
            return None
    own = {name for one in classes for name in one.scope.bindings}
    additions = file.once(Additions)
    missing = tuple(
        name for name in cls.abstract if name not in own and not additions.on_local(info, name)
    )
    if additions.on_local(info, "__abstractmethods__") or is_set_elsewhere(
        file, (LocalClass(info),), "__abstractmethods__", "__new__"
    ):
        return None
    if not missing or "__new__" in own or is_put(file, call, base) or _is_changed(file, cls, call):
        return None
    return Unmade(call, info.node.name, cls, missing, is_own=True)


def _works_names_out(cls: ast.ClassDef) -> bool:
    """Whether the body of a class may bind names that stand nowhere in it: ``locals()[name] = method``."""
    pending: list[ast.AST] = [*cls.body]
    for node in pending:
        if isinstance(node, ast.Call) and callee_name(node) in ("locals", "vars", "exec", "eval"):
            return True
        if not isinstance(node, FunctionNode | ast.ClassDef):
            pending += ast.iter_child_nodes(node)
    return False


def _is_changed(file: File, cls: Class, call: ast.Call) -> bool:
    """Whether the file changes what makes a class abstract, or how it is made."""
    additions = file.once(Additions)
    names = ("__abstractmethods__", *cls.abstract)
    return additions.makes(cls.path) or any(additions.on_class(cls.path, n, call) for n in names)
