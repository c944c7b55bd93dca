"""The attention backend that the code around a registry call means.

Engines keep the choice in a setting, ``self.engine_config.attn_type``, and use it where masks are
built. This finds such expressions in the function or class around a call, tells whether they all
come down to one choice, and finds a form of it that is valid at the call.
"""

from __future__ import annotations

import ast
import itertools

from titan_lint.api.changes import facts
from titan_lint.code.following import bound_value, follows
from titan_lint.code.names import Binding, ClassInfo, FunctionNode, Kind
from titan_lint.code.values import Const, LocalClass, LocalInstance, root
from titan_lint.structs import Struct
from titan_lint.uses.attention import masks
from titan_lint.uses.attention.evidence import words
from titan_lint.uses.attention.valid_at import valid_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.uses.file import File

Key = tuple[object, ...]

MOST_FORMS = 16
"""How many expressions for one choice are tried: with a thousand, a thousand calls would try a million."""

_CHAIN = ast.Name | ast.Attribute


class Setting(Struct):
    """One expression that reads (or one target that stores) an attention choice."""

    node: ast.expr
    key: Key


class Region(Struct):
    """The code that stands together with a call: its function, or its class with its relatives.

    Attributes:
        nodes: The functions or classes (or the module) that make it up.
        noun: How to call it in a message.
    """

    nodes: tuple[ast.AST, ...]
    noun: str


def region(file: File, node: ast.AST) -> Region:
    """The code that belongs together with ``node``."""
    program = file.program
    info = program.class_of(node)
    if info is not None:
        return Region(tuple(family(file, info)), "class")
    function: FunctionNode | None = program.function(node)
    while isinstance(function, ast.Lambda):
        function = program.function(function)
    if function is not None:
        return Region((function,), "function")
    return Region((program.tree,), "module")


def family(file: File, info: ClassInfo) -> list[ast.ClassDef]:
    """A class with its bases and derived classes of the same file."""
    return [cls.node for cls in file.resolver.relatives(info)]


class Within:
    """Which of a file's nodes stand in a region, looked up once for all regions: both are many.

    Args:
        file: The file.
        nodes: The nodes; :meth:`of` tells them by their indexes.
    """

    def __init__(self, file: File, nodes: Iterable[ast.AST]) -> None:
        self._module: list[int] = []
        self._around: dict[ast.AST, list[int]] = {}
        for index, node in enumerate(nodes):
            if file.program.function(node) is None:
                self._module.append(index)
            for ancestor in file.program.ancestors(node):
                if isinstance(ancestor, FunctionNode | ast.ClassDef):
                    self._around.setdefault(ancestor, []).append(index)

    def of(self, where: Region) -> list[int]:
        """The indexes of the nodes in a region, in the order given.

        Functions are places of their own: what they do is not beside a call of the module.
        """
        if where.noun == "module":
            return self._module
        return sorted({index for node in where.nodes for index in self._around.get(node, ())})


def settings(file: File, mentioned: Iterable[ast.expr]) -> list[Setting]:
    """The attention choices that a region reads or stores, in order of the text.

    Args:
        file: The file.
        mentioned: What :func:`mentions` found in the region.
    """
    found: list[Setting] = []
    for node in mentioned:
        if _foreign(file, node):
            continue
        key = identity(file, node)
        if key is not None:
            found.append(Setting(node, key))
    found.sort(key=lambda s: (s.node.lineno, s.node.col_offset))
    others = _others(file, found)
    return [s for s in found if s.key not in others]


def _others(file: File, found: list[Setting]) -> set[Key]:
    """Choices that are another library's: it is given them, or their values are none of ours."""
    known = set(masks.kinds())
    theirs: set[Key] = set()
    ours: set[Key] = set()
    for setting in found:
        used = file.program.taker(setting.node)
        if used is not None:
            (theirs if _is_another(file, used) else ours).add(setting.key)
        if {*words(file, setting.node), *_default(file, setting.node)} - known:
            theirs.add(setting.key)
            ours.discard(setting.key)
    return theirs - ours


def _is_another(file: File, call: ast.Call) -> bool:
    projects = facts.attention().settings.other_projects
    origins = {root(value) for value in file.values(call.func)}
    return any(project in (origin or "") for origin in origins for project in projects)


def _default(file: File, node: ast.expr) -> set[str]:
    """The strings that an expression gives where nothing is set."""
    found: list[ast.expr | None] = []
    match node:
        case (
            ast.Call(func=ast.Name(), args=[_, _, default])
            | ast.Call(func=ast.Attribute(), args=[_, default])
        ):
            found.append(default)
        case ast.Name():
            found += [b.value for b in file.program.bindings.of(node) if b.kind is Kind.PARAMETER]
        case _:
            pass
    return {n.value for n in found if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def mentions(file: File) -> list[ast.expr]:
    """All expressions of a file that go by the name of an attention choice."""
    return list(_mentions(file, facts.attention().settings.names))


def _mentions(file: File, names: frozenset[str]) -> Iterator[ast.expr]:
    for node in file.attributes:
        if node.attr in names and not isinstance(node.ctx, ast.Del):
            parent = file.program.parents[node]
            if not (isinstance(parent, ast.Attribute) and parent.value is node):
                yield node
    for node in file.program.nodes:
        match node:
            case ast.arg(arg=name) if name in names:
                yield from _parameter_name(file, node)
            case ast.Subscript(slice=ast.Constant(value=str() as name)) if name in names:
                yield node
            case ast.Call(
                func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str() as name), *_]
            ) if name in names:
                yield node
            case ast.Call(
                func=ast.Attribute(attr="get"), args=[ast.Constant(value=str() as name), *_]
            ) if name in names:
                yield node
            case ast.Name(id=name, ctx=ast.Load()) if name in names or name.lower() in names:
                yield node
            case _:
                pass


def _parameter_name(file: File, node: ast.arg) -> Iterator[ast.expr]:
    """A parameter is a choice by itself, used or not; it stands for its name in the body."""
    function = file.program.function(node)
    if function is None or isinstance(function, ast.Lambda):
        return
    scope_bindings = [
        binding for binding in _parameter_bindings(file, function) if binding.node is node
    ]
    if not scope_bindings:
        return
    name = ast.Name(id=node.arg, ctx=ast.Load())
    ast.copy_location(name, node)
    name.end_col_offset = node.col_offset + len(node.arg.encode())
    file.program.parents[name] = node
    file.program.bindings.link(name, scope_bindings[0])
    yield name


def _parameter_bindings(file: File, function: FunctionNode) -> list[Binding]:
    scope = file.program.bindings.scopes.get(function)
    if scope is None:
        return []
    return [
        binding
        for bindings in scope.bindings.values()
        for binding in bindings
        if binding.kind is Kind.PARAMETER
    ]


def _foreign(file: File, node: ast.expr) -> bool:
    """Whether a setting is another project's, or one of torchtitan's own vanished paths."""
    owner = node
    if isinstance(node, ast.Call):
        owner = node.func if isinstance(node.func, ast.Attribute) else node.args[0]
    if isinstance(owner, ast.Attribute | ast.Subscript):
        owner = owner.value
    text = file.program.text(node).lower()
    if isinstance(owner, ast.Attribute) and owner.attr in {"attention", "layer"}:
        return True
    projects = facts.attention().settings.other_projects
    if any(project in text for project in projects):
        return True
    roots = {root(value) for value in file.values(owner)}
    return "torchtitan" in roots or any(
        project in origin for origin in roots if origin is not None for project in projects
    )


@follows(None)
def identity(file: File, node: ast.expr) -> Key | None:
    """What a chain of names and attributes goes back to; equal keys are one choice.

    ``config.attn_type`` and ``self.config.attn_type`` have one key where ``self.config`` is only
    ever assigned ``config``. ``None`` for what is no such chain.
    """
    match node:
        case ast.Name():
            return _name_identity(file, node)
        case ast.Attribute():
            return _attribute_identity(file, node)
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            owner = identity(file, node.value)
            return (*owner, f"[{key}]") if owner is not None else None
        case ast.Call(
            func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str() as key), *_]
        ):
            found = identity(file, owner)
            return (*found, key) if found is not None else None
        case ast.Call(
            func=ast.Attribute(attr="get", value=owner), args=[ast.Constant(value=str() as key), *_]
        ):
            found = identity(file, owner)
            return (*found, f"[{key}]") if found is not None else None
        case ast.Constant(value=str() as text):
            return ("literal", text)
        case _:
            return None


def _name_identity(file: File, node: ast.Name) -> Key | None:
    bindings = file.program.bindings.of(node)
    if len(bindings) != 1:
        return ("bindings", *sorted(id(b) for b in bindings)) if bindings else ("global", node.id)
    (binding,) = bindings
    if binding.kind is Kind.VALUE and binding.value is not None:
        found = identity(file, binding.value)
        if found is not None:
            return found
    if binding.kind is Kind.PARAMETER and binding.function is not None:
        if isinstance(next(iter(file.resolver.bound(binding)), None), LocalInstance | LocalClass):
            owner = file.program.bindings.owners.get(binding.function)
            if owner is not None and binding.index == 0:
                return ("self", id(_eldest(file, owner)))
    return ("binding", id(binding))


def _eldest(file: File, info: ClassInfo) -> ClassInfo:
    """One class to stand for all its relatives."""
    return file.resolver.local_mro(info)[-1]


def _attribute_identity(file: File, node: ast.Attribute) -> Key | None:
    if isinstance(node.value, ast.Name):
        value = file.sole(node.value)
        if isinstance(value, LocalInstance):
            stores = [
                binding
                for cls in file.resolver.local_mro(value.info)
                for binding in cls.attributes.get(node.attr, ())
            ]
            if len(stores) == 1 and stores[0].value is not None:
                found = identity(file, stores[0].value)
                if found is not None and found[0] != "literal":
                    return found
    owner = identity(file, node.value)
    return (*owner, node.attr) if owner is not None else None


def forms_at(file: File, key: Key, forms: list[ast.expr], site: ast.expr) -> Iterator[ast.expr]:
    """Expressions of the file for the choice ``key`` whose text is valid where ``site`` stands.

    Args:
        file: The file.
        key: The choice.
        forms: Expressions of the file that may be that choice; earlier ones are preferred, and no more
            than :data:`MOST_FORMS` of them tried.
        site: Where the text is to be evaluated.
    """
    mine = (form for form in forms if identity(file, form) == key)
    for form in itertools.islice(mine, MOST_FORMS):
        if valid_at(file, form, site):
            yield form
        # A local name that is bound too late stands for what it is bound to.
        elif isinstance(form, ast.Name):
            value = bound_value(file.program, form)
            if value is not None and identity(file, value) == key and valid_at(file, value, site):
                yield value


def constant(file: File, node: ast.expr) -> str | None:
    """The one string that an expression is; ``None`` for anything else."""
    value = file.sole(node)
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None
