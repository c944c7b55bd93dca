"""What a class says of an attribute that its instances may say otherwise: the default of a field, and what is set by names that are worked out."""

from __future__ import annotations

import ast

from titan_lint.code.following import follows
from titan_lint.code.forms import argument, callee_name, last_name
from titan_lint.code.names import Kind
from titan_lint.code.stores import stored
from titan_lint.code.values import Const, Instance, LocalClass, LocalInstance, Ref
from titan_lint.code.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.names import ClassInfo
    from titan_lint.code.program import Program
    from titan_lint.uses.file import File


@follows(False)
def is_class_default(file: File, node: ast.expr) -> bool:
    """Whether an expression is an attribute that has its value from a class, and may have another one in an instance or below."""
    match node:
        case ast.Attribute():
            return any(_is_default(file, node, owner) for owner in file.values(node.value))
        case ast.Name():
            bound = file.program.bindings.of(node)
            return any(
                one.kind is Kind.VALUE
                and one.value is not None
                and is_class_default(file, one.value)
                for one in bound
            )
        case _:
            return False


def field_default(file: File, node: ast.Attribute) -> ast.expr | None:
    """The default of the field that an attribute is; ``None`` where it is none, or nothing says that it ever counts."""
    owner = file.sole(node.value)
    if not isinstance(owner, LocalInstance) or _is_set(file, node, owner.info):
        return None
    fields = _fields(file, owner.info)
    value = fields.get(node.attr)
    if value is None or not _is_left_out(file, owner.info, node.attr, [*fields], value):
        return None
    return value


def _is_default(file: File, node: ast.Attribute, owner: object) -> bool:
    match owner:
        case LocalInstance(info=info):
            return node.attr in _fields(file, info) or _is_set(file, node, info)
        case LocalClass(info=info):
            return _is_below(file, node, info)
        case _:
            return False


def _is_below(file: File, node: ast.Attribute, info: ClassInfo) -> bool:
    """Whether what a class method gets as its class may be one below, with an attribute of its own."""
    if not isinstance(node.value, ast.Name) or not any(
        one.kind is Kind.PARAMETER for one in file.program.bindings.of(node.value)
    ):
        return False
    resolver, modules = file.resolver, file.options.modules
    above = resolver.local_mro(info)
    return any(
        node.attr in cls.scope.bindings for cls in resolver.relatives(info) if cls not in above
    ) or (modules is not None and modules.hide(info, node.attr))


def _is_set(file: File, node: ast.Attribute, info: ClassInfo) -> bool:
    """Whether an attribute of an instance may be set from outside, or by a name that is worked out."""
    if any(
        _may_be_its(file, s.owner, info) for s in stored(file.program, node.attr) if not s.is_own
    ):
        return True
    program = file.program
    written = [cls.node for cls, _ in file.resolver.written(info)]
    return any(
        any(cls in program.ancestors(node) for node in program.once(_setting_any))
        if cls in program.bindings.classes
        else any(map(_sets_any, walk(cls)))
        for cls in written
    ) or any(_may_be_its(file, owner, info) for owner in program.once(_setting_any).values())


def _setting_any(program: Program) -> dict[ast.AST, ast.expr]:
    """What sets attributes of something by names that are worked out, or has its dictionary, with that something."""
    found = (
        (node, _sets_any(node)) for node in (*program.bindings.calls, *program.bindings.attributes)
    )
    return {node: owner for node, owner in found if owner is not None}


def _sets_any(node: ast.AST) -> ast.expr | None:
    """That on which attributes are set by names that are worked out, or in its dictionary."""
    match node:
        case ast.Attribute(value=owner, attr="__dict__"):
            return owner
        case ast.Call(func=ast.Name(id="vars"), args=[owner]):
            return owner
        case ast.Call(args=[owner, name, _]) if callee_name(node) in ("setattr", "__setattr__"):
            return None if isinstance(name, ast.Constant) else owner
        case _:
            return None


def _may_be_its(file: File, owner: ast.expr, info: ClassInfo) -> bool:
    """Whether something may be an instance of a class, or the class itself."""
    kin = file.resolver.relatives(info)
    return any(
        value.info in kin
        if isinstance(value, LocalInstance | LocalClass)
        else not isinstance(value, Ref | Instance | Const)
        for value in file.values(owner)
    )


def _fields(file: File, info: ClassInfo) -> dict[str, ast.expr | None]:
    """The fields that a constructor takes for a class, in their order, with their defaults."""
    resolver = file.resolver
    written = [cls for cls, _ in resolver.written(info)]
    bases = [base for base in resolver.foreign_bases(info) if base is None or not _is_plain(base)]
    if not bases and not any(cls.node.decorator_list for cls in written):
        return {}
    if any("__init__" in cls.scope.bindings for cls in written):
        return {}
    found: dict[str, ast.expr | None] = {}
    for cls in reversed(written):
        for statement in cls.node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=declared, value=value):
                    if not _is_of_class(declared):
                        found[name] = value
                case _:
                    pass
    return found


def _is_of_class(annotation: ast.expr) -> bool:
    """Whether an annotation says that an attribute is the class's own: ``ClassVar[str]``."""
    if isinstance(annotation, ast.Constant):
        return str(annotation.value).rpartition(".")[2].startswith("ClassVar")
    declared = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return last_name(declared) == "ClassVar"


def _is_plain(base: str) -> bool:
    """Whether a class outside the project makes no fields of annotations."""
    return base.startswith(_PLAIN)


_PLAIN = (
    "abc.",
    "builtins.",
    "enum.",
    "threading.",
    "torch.",
    "typing.Generic",
    "typing.Protocol",
    "unittest.",
)


def _is_left_out(
    file: File, info: ClassInfo, name: str, fields: list[str], default: ast.expr
) -> bool:
    """Whether what makes an instance in the file may leave a field as it is, or where nothing there makes one."""
    makers = {cls.node.name for cls in file.resolver.relatives(info)}
    calls = file.program.called(*makers)
    return not calls or any(
        _gives_none(file, argument(call, fields.index(name), name), default)
        and not any(isinstance(given, ast.Starred) for given in call.args)
        and all(word.arg for word in call.keywords)
        for call in calls
    )


def _gives_none(file: File, given: ast.expr | None, default: ast.expr) -> bool:
    return given is None or file.sole(given) == file.sole(default)
