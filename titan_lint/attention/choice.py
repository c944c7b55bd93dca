"""The attention backend that the code around a registry call means.

Engines keep the choice in a setting, ``self.engine_config.attn_type``, and use it where masks are
built. This finds such expressions in the function or class around a call, tells whether they all
come down to one choice, and finds a form of it that is valid at the call.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from titan_lint import facts
from titan_lint.origins.bindings import Binding, ClassInfo, FunctionNode, Kind
from titan_lint.origins.values import Const, LocalClass, LocalInstance, root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.file import File

Key = tuple[object, ...]

_CHAIN = ast.Name | ast.Attribute
_DEEP = 12


@dataclass(frozen=True, slots=True)
class Setting:
    """One expression that reads (or one target that stores) an attention choice."""

    node: ast.expr
    key: Key


@dataclass(frozen=True, slots=True)
class Region:
    """The code that stands together with a call: its function, or its class with its relatives.

    Attributes:
        nodes: The functions or classes (or the module) that make it up.
        noun: How to call it in a message.
    """

    nodes: tuple[ast.AST, ...]
    noun: str

    def contains(self, file: File, node: ast.AST) -> bool:
        """Whether ``node`` stands in the region.

        Functions are places of their own: what they do is not beside a call of the module.
        """
        if self.noun == "module":
            return file.program.function(node) is None
        return any(ancestor in self.nodes for ancestor in file.program.ancestors(node))

    def calls(self, file: File) -> Iterator[ast.Call]:
        """The calls in the region."""
        return (call for call in file.calls if self.contains(file, call))


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
    resolver = file.resolver
    mine = resolver.local_mro(info)
    found = {cls.node: None for cls in mine}
    for other in file.program.bindings.classes.values():
        if info in resolver.local_mro(other):
            found[other.node] = None
    return list(found)


def settings(file: File, where: Region) -> list[Setting]:
    """The attention choices that a region reads or stores, in order of the text."""
    names = set(facts.load("attention")["settings"]["names"])
    found: list[Setting] = []
    for node in _mentions(file, names):
        if not where.contains(file, node) or _foreign(file, node):
            continue
        key = identity(file, node)
        if key is not None:
            found.append(Setting(node, key))
    found.sort(key=lambda s: (s.node.lineno, s.node.col_offset))
    return found


def _mentions(file: File, names: set[str]) -> Iterator[ast.expr]:
    for node in file.attributes:
        if node.attr in names and not isinstance(node.ctx, ast.Del):
            parent = file.program.parents[node]
            if not (isinstance(parent, ast.Attribute) and parent.value is node):
                yield node
    for node in ast.walk(file.tree):
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
    projects = facts.load("attention")["settings"]["other_projects"]
    if any(project in text for project in projects):
        return True
    roots = {root(value) for value in file.values(owner)}
    return "torchtitan" in roots or any(
        project in origin for origin in roots if origin is not None for project in projects
    )


def identity(file: File, node: ast.expr, depth: int = 0) -> Key | None:
    """What a chain of names and attributes goes back to; equal keys are one choice.

    ``config.attn_type`` and ``self.config.attn_type`` have one key where ``self.config`` is only
    ever assigned ``config``. ``None`` for what is no such chain.
    """
    if depth > _DEEP:
        return None
    match node:
        case ast.Name():
            return _name_identity(file, node, depth)
        case ast.Attribute():
            return _attribute_identity(file, node, depth)
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            owner = identity(file, node.value, depth + 1)
            return (*owner, f"[{key}]") if owner is not None else None
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str() as key), *_]):
            found = identity(file, owner, depth + 1)
            return (*found, key) if found is not None else None
        case ast.Call(func=ast.Attribute(attr="get", value=owner), args=[ast.Constant(value=str() as key), *_]):
            found = identity(file, owner, depth + 1)
            return (*found, f"[{key}]") if found is not None else None
        case ast.Constant(value=str() as text):
            return ("literal", text)
        case _:
            return None


def _name_identity(file: File, node: ast.Name, depth: int) -> Key | None:
    bindings = file.program.bindings.of(node)
    if len(bindings) != 1:
        return ("bindings", *sorted(id(b) for b in bindings)) if bindings else ("global", node.id)
    (binding,) = bindings
    if binding.kind is Kind.VALUE and binding.value is not None:
        found = identity(file, binding.value, depth + 1)
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


def _attribute_identity(file: File, node: ast.Attribute, depth: int) -> Key | None:
    if isinstance(node.value, ast.Name):
        value = file.sole(node.value)
        if isinstance(value, LocalInstance):
            stores = [
                binding
                for cls in file.resolver.local_mro(value.info)
                for binding in cls.attributes.get(node.attr, ())
            ]
            if len(stores) == 1 and stores[0].value is not None:
                found = identity(file, stores[0].value, depth + 1)
                if found is not None and found[0] != "literal":
                    return found
    owner = identity(file, node.value, depth + 1)
    return (*owner, node.attr) if owner is not None else None


def form_at(file: File, key: Key, forms: list[ast.expr], site: ast.expr) -> str | None:
    """Source text for the choice ``key`` that is valid where ``site`` stands.

    Args:
        file: The file.
        key: The choice.
        forms: Expressions of the file that may be that choice; earlier ones are preferred.
        site: Where the text is to be evaluated.
    """
    for form in forms:
        if identity(file, form) != key:
            continue
        if valid_at(file, form, site):
            return file.program.text(form)
        # A local name that is bound too late stands for what it is bound to.
        if isinstance(form, ast.Name):
            bindings = file.program.bindings.of(form)
            if len(bindings) == 1 and bindings[0].value is not None:
                value = bindings[0].value
                if identity(file, value) == key and valid_at(file, value, site):
                    return file.program.text(value)
    return None


def valid_at(file: File, form: ast.expr, site: ast.expr) -> bool:
    """Whether evaluating ``form`` where ``site`` stands gives the same."""
    names = [part for part in ast.walk(form) if isinstance(part, ast.Name)]
    if "\n" in file.program.text(form) or "\r" in file.program.text(form):
        return False
    return all(_name_valid_at(file, name, form, site) for name in names)


def _name_valid_at(file: File, name: ast.Name, form: ast.expr, site: ast.expr) -> bool:
    program = file.program
    there = program.function(site)
    here = program.function(name)
    bindings = program.bindings.of(name)
    if not bindings:
        return True  # a builtin, such as getattr
    if all(binding in _module_level(file, name.id) for binding in bindings):
        # The site must see the module's name, and not a local one.
        scope = program.bindings.scopes.get(there) if there is not None else None
        return scope is None or name.id not in scope.bindings
    if here is there:
        return all(_bound_before(file, binding, site) for binding in bindings) and (
            _self_ready(file, name, form, site)
        )
    # Another method of the class: only ``self`` is shared.
    if there is None or here is None:
        return False
    value = file.sole(name)
    if not isinstance(value, LocalInstance):
        return False
    owner = program.bindings.owners.get(there)
    if owner is None or isinstance(there, ast.Lambda) or not there.args.args:
        return False
    same = _eldest(file, owner) is _eldest(file, value.info)
    return same and there.args.args[0].arg == name.id and _self_ready(file, name, form, site)


def _module_level(file: File, name: str) -> list[Binding]:
    return file.program.bindings.module.bindings.get(name, [])


def _bound_before(file: File, binding: Binding, site: ast.expr) -> bool:
    """Whether a local binding is surely made before ``site`` is reached."""
    if binding.kind is Kind.PARAMETER:
        return True
    program = file.program
    made = program.statement(binding.node)
    here = program.statement(site)
    blocks: list[ast.stmt] = [here]
    blocks += [a for a in program.ancestors(here) if isinstance(a, ast.stmt)]
    for statement in blocks:
        block = program.block(statement)
        if made in block:
            return block.index(made) < block.index(statement)
        if isinstance(statement, FunctionNode):
            break
    return False


def _self_ready(file: File, name: ast.Name, form: ast.expr, site: ast.expr) -> bool:
    """Whether the attribute of ``self`` that a form begins with is set before ``site``."""
    program = file.program
    parent = program.parents.get(name)
    value = file.sole(name)
    if not isinstance(value, LocalInstance) or not isinstance(parent, ast.Attribute):
        return True
    there = program.function(site)
    stores = [
        binding
        for cls in file.resolver.local_mro(value.info)
        for binding in cls.attributes.get(parent.attr, ())
    ]
    inside = [binding for binding in stores if program.function(binding.node) is there]
    if not inside:
        return True
    return any(_bound_before(file, binding, site) for binding in inside)


def is_literal(key: Key) -> bool:
    """Whether a choice is a literal."""
    return key[0] == "literal"


def constant(file: File, node: ast.expr) -> str | None:
    """The one string that an expression is."""
    value = file.sole(node)
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None
