"""The attributes that the methods of a class assign, and what is said there of their types."""

from __future__ import annotations

import ast

from titan_lint.api import hints
from titan_lint.api.extract.extracted import Definition, FunctionTree
from titan_lint.api.extract.origins import Origins, annotation_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api.entities import Record


def instance_attributes(tree: ast.ClassDef) -> Iterator[tuple[str, Record]]:
    """Attributes that the methods of a class set on ``self``, with what is said of their types."""
    for method in tree.body:
        if not isinstance(method, FunctionTree):
            continue
        names = {hints.dotted(d) for d in method.decorator_list}
        positional = [*method.args.posonlyargs, *method.args.args]
        if not positional or names & {"staticmethod", "classmethod"}:
            continue
        yield from _assigned_on(positional[0].arg, method)


def _assigned_on(self_name: str, method: FunctionTree) -> Iterator[tuple[str, Record]]:
    origins = Origins(_annotated(method), _locals(method), self_name)
    for node in ast.walk(method):
        match node:
            case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id=owner), attr=name)):
                if owner == self_name:
                    yield name, {"k": "v", "i": 2, "t": annotation_text(node.annotation)}
            case ast.Assign():
                for target in node.targets:
                    if _is_attribute_of(target, self_name):
                        assert isinstance(target, ast.Attribute)
                        yield target.attr, _assigned_value(node.value, origins)
                    else:
                        for inner in ast.walk(target):
                            if _is_attribute_of(inner, self_name, stored=True):
                                assert isinstance(inner, ast.Attribute)
                                yield inner.attr, {"k": "v", "i": 2}
            case ast.For() | ast.AsyncFor() | ast.With() | ast.AsyncWith() | ast.AugAssign():
                for inner in _stored_by(node):
                    if _is_attribute_of(inner, self_name, stored=True):
                        assert isinstance(inner, ast.Attribute)
                        yield inner.attr, {"k": "v", "i": 2}
            case ast.Call(
                func=ast.Name(id="setattr")
                | ast.Attribute(value=ast.Name(id="object"), attr="__setattr__"),
                args=[ast.Name(id=owner), ast.Constant(value=str(name)), _],
            ) if owner == self_name:
                yield name, {"k": "v", "i": 2}
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Name(id=owner),
                    attr="register_buffer"
                    | "register_parameter"
                    | "add_module"
                    | "register_module",
                ),
                args=[ast.Constant(value=str(name)), *_],
            ) if owner == self_name:
                yield name, {"k": "v", "i": 2}
            case _:
                pass


def _stored_by(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.For(target=target) | ast.AsyncFor(target=target) | ast.AugAssign(target=target):
            yield from ast.walk(target)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            for item in items:
                if item.optional_vars is not None:
                    yield from ast.walk(item.optional_vars)
        case _:
            pass


def _is_attribute_of(node: ast.AST, name: str, *, stored: bool = False) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and (not stored or isinstance(node.ctx, ast.Store))
    )


def _assigned_value(value: ast.expr, origins: Origins) -> Record:
    record: Record = {"k": "v", "i": 2}
    origin = origins.of(value)
    if origin:
        record["x"] = origin
    return record


def _annotated(method: FunctionTree) -> dict[str, str]:
    """Source text of the annotation of each parameter that has one."""
    arguments = method.args
    return {
        a.arg: annotation_text(a.annotation)
        for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        if a.annotation is not None
    }


def _locals(method: FunctionTree) -> dict[str, ast.expr | None]:
    """Local variables with the value assigned to them; ``None`` for one bound more than once."""
    bound: dict[str, ast.expr | None] = {}
    simple: dict[int, ast.expr] = {}
    for node in ast.walk(method):
        if isinstance(node, ast.Assign):
            simple.update({id(t): node.value for t in node.targets if isinstance(t, ast.Name)})
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            simple[id(node.target)] = node.value
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            bound[node.id] = None if node.id in bound else simple.get(id(node))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound.update({(a.asname or a.name).partition(".")[0]: None for a in node.names})
        elif isinstance(node, Definition) and node is not method:
            bound[node.name] = None
    return bound
