"""Where a name is defined, in whichever file of the project, whether it leads to torchtitan or not."""

from __future__ import annotations

import ast

from titan_lint.code.names import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import Binding
    from titan_lint.uses.file import File

_DEEP = 6
"""Through how many imports and assignments a name is followed."""


def definitions(file: File, node: ast.expr, depth: int = 0) -> Iterator[tuple[File, Binding]]:
    """What may bind what a name stands for, each with its file; nothing of what lies outside the project."""
    match node:
        case ast.Name():
            for binding in file.program.bindings.of(node):
                yield from _followed(file, binding, depth)
            if not file.program.bindings.of(node):
                for star in file.program.bindings.scope_stars(node):
                    yield from _in_module(file, star.path, node.id, depth)
        case ast.Attribute(value=owner, attr=name) if depth <= _DEEP:
            for module in _modules(file, owner):
                yield from _in_module(file, module, name, depth)
            for home, cls in _classes(file, owner, depth + 1):
                yield from _in_class(home, cls, name, depth + 1)
        case _:
            pass


def _followed(file: File, binding: Binding, depth: int) -> Iterator[tuple[File, Binding]]:
    if depth > _DEEP:
        return
    match binding.kind:
        case Kind.FROM | Kind.STAR:
            yield from _in_module(file, binding.path, binding.member, depth + 1)
        case Kind.VALUE if isinstance(binding.value, ast.Name | ast.Attribute):
            yield from definitions(file, binding.value, depth + 1)
        case Kind.CLASS | Kind.FUNCTION | Kind.VALUE:
            yield file, binding
        case _:
            pass


def _in_module(file: File, module: str, name: str, depth: int) -> Iterator[tuple[File, Binding]]:
    """What binds a name of a module that a file imports."""
    other = file.imported(module, bare=True)
    if other is None or depth > _DEEP:
        return
    scope = other.program.bindings.module
    for binding in scope.bindings.get(name, ()):
        yield from _followed(other, binding, depth + 1)
    if name not in scope.bindings:
        for star in scope.stars:
            yield from _in_module(other, star.path, name, depth + 1)


def _classes(file: File, node: ast.expr, depth: int) -> Iterator[tuple[File, ast.ClassDef]]:
    """The classes that an expression may name, or of which it may be an instance."""
    if isinstance(node, ast.Name) and node.id in {"self", "cls"}:
        info = file.program.class_of(node)
        if info is not None:
            yield file, info.node
    if isinstance(node, ast.Call):
        node = node.func
    for home, binding in definitions(file, node, depth):
        if isinstance(binding.node, ast.ClassDef):
            yield home, binding.node
        elif isinstance(binding.value, ast.Call) and depth <= _DEEP:
            yield from _classes(home, binding.value, depth + 1)


def _in_class(
    home: File, cls: ast.ClassDef, name: str, depth: int
) -> Iterator[tuple[File, Binding]]:
    """What binds a name of a class or of its instances, or of one that it derives from."""
    info = home.program.bindings.classes[cls]
    bound = [*info.scope.bindings.get(name, ()), *info.attributes.get(name, ())]
    for binding in bound:
        yield from _followed(home, binding, depth + 1)
    if not bound and depth <= _DEEP:
        for base in cls.bases:
            for other, above in _classes(home, base, depth + 1):
                yield from _in_class(other, above, name, depth + 1)


def _modules(file: File, node: ast.expr) -> Iterator[str]:
    """The modules that an expression may name, as an import of the file would."""
    match node:
        case ast.Name():
            for binding in file.program.bindings.of(node):
                if binding.kind is Kind.IMPORT:
                    yield binding.path
                elif binding.kind is Kind.FROM:
                    dot = "" if binding.path.endswith(".") else "."
                    yield f"{binding.path}{dot}{binding.member}"
        case ast.Attribute(value=owner, attr=name):
            for module in _modules(file, owner):
                yield f"{module}.{name}"
        case _:
            pass
