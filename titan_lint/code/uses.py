"""Where a file uses what it imports."""

from __future__ import annotations

import ast
import os
import re

from titan_lint.code.names import Kind
from titan_lint.code.walk import walk
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program


class Chain(Struct, eq=False):
    """A use of an imported name, with the attributes read from it: ``lrs.LRSchedulersContainer``.

    Attributes:
        name: The name.
        attributes: The attribute expressions around it, innermost first.
    """

    name: ast.Name
    attributes: tuple[ast.Attribute, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the attributes, in order."""
        return tuple(node.attr for node in self.attributes)

    def upto(self, count: int) -> ast.expr:
        """The expression with the first ``count`` attributes only."""
        return self.attributes[count - 1] if count else self.name


def bindings_of(program: Program) -> dict[ast.alias, Binding]:
    """What each part of an import statement binds."""
    scopes = [program.bindings.module, *program.bindings.scopes.values()]
    scopes += [info.scope for info in program.bindings.classes.values()]
    return {
        binding.node: binding
        for scope in scopes
        for bound in scope.bindings.values()
        for binding in bound
        if isinstance(binding.node, ast.alias)
    }


def chains(program: Program, binding: Binding) -> list[Chain]:
    """The uses that a binding may reach."""
    return [chain(program, name) for name in program.loads(binding)]


def chain(program: Program, name: ast.Name) -> Chain:
    """A name and the attributes read from it."""
    attributes: list[ast.Attribute] = []
    node: ast.expr = name
    while True:
        parent = program.parents[node]
        if not isinstance(parent, ast.Attribute):
            return Chain(name, tuple(attributes))
        attributes.append(parent)
        node = parent


def only(program: Program, binding: Binding) -> bool:
    """Whether every use that a binding may reach means that binding alone."""
    of = program.bindings.of
    return all(of(name) == [binding] for name in program.loads(binding))


def is_free(program: Program, module: str, name: str) -> bool:
    """Whether ``name`` means nothing else anywhere in the file than ``module``'s thing."""
    imported = bindings_of(program)

    def same(node: ast.AST) -> bool:
        found = imported.get(node) if isinstance(node, ast.alias) else None
        return found is not None and (found.kind, found.path, found.member) == (
            Kind.FROM,
            module,
            name,
        )

    for node in program.nodes:
        if _binds(node, name) and not same(node):
            return False
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            bound = program.bindings.of(node)
            if not bound or not all(same(binding.node) for binding in bound):
                return False
    return True


def _binds(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=bound, ctx=ast.Store() | ast.Del()):
            return bound == name
        case (
            ast.FunctionDef(name=bound)
            | ast.AsyncFunctionDef(name=bound)
            | ast.ClassDef(name=bound)
        ):
            return bound == name
        case ast.arg(arg=bound):
            return bound == name
        case ast.alias():
            return (node.asname or node.name.partition(".")[0]) == name
        case ast.ExceptHandler(name=bound) | ast.MatchAs(name=bound) | ast.MatchStar(name=bound):
            return bound == name
        case ast.MatchMapping(rest=bound):
            return bound == name
        case _:
            return False


def is_offered(program: Program, binding: Binding, bound: str) -> bool:
    """Whether other files may import the name from this one: it is here to be passed on."""
    if program.parents[program.statement(binding.node)] is not program.tree:
        return False
    if os.path.basename(program.source.path) == "__init__.py":  # noqa: PTH119 -- pathlib is slow
        return True
    return bound in exported(program)


def exported(program: Program) -> set[str]:
    """The strings that the file puts into ``__all__``."""
    found: set[str] = set()
    for node in program.tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets):
            found |= {
                part.value
                for part in walk(node)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            }
    return found


def quoted(program: Program, bound: str) -> list[ast.Constant]:
    """Strings in annotations and casts that name what is bound."""
    word = re.compile(rf"(?<![\w.]){re.escape(bound)}(?!\w)")
    return [
        node
        for node in _quoted_types(program.tree)
        if isinstance(node.value, str) and word.search(node.value)
    ]


def _quoted_types(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in walk(tree):
        match node:
            case ast.FunctionDef(returns=annotation) | ast.AsyncFunctionDef(returns=annotation):
                pass
            case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
                pass
            case ast.Call(
                func=ast.Name(id="cast") | ast.Attribute(attr="cast"), args=[annotation, *_]
            ):
                pass
            case _:
                continue
        for part in walk(annotation) if annotation is not None else ():
            if isinstance(part, ast.Constant):
                yield part
