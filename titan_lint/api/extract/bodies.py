"""What the body of a function binds and leaves by, and whether a call of the function runs it."""

from __future__ import annotations

import ast

from titan_lint.api import hints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.api.extract.extracted import FunctionTree


# Decorators under which a function still runs its body when it is called.
_TRANSPARENT = frozenset(
    {"staticmethod", "classmethod", "record", "log_trace_span", "no_grad", "cache", "lru_cache"}
)


def is_plain(tree: FunctionTree) -> bool:
    """Whether calling the function runs its body: no generator, no decorator that may replace it."""
    for decorator in tree.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (hints.dotted(call) or "").rpartition(".")[2] not in _TRANSPARENT:
            return False
    return not any(isinstance(n, ast.Yield | ast.YieldFrom) for n in _own_nodes(tree.body))


def is_static(tree: FunctionTree) -> bool:
    """Whether a method takes no instance and no class."""
    return any(hints.dotted(d) == "staticmethod" for d in tree.decorator_list)


def _own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Nodes of a function's body without those of functions and classes inside it."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _own_nodes(ast.iter_child_nodes(node))


def returns(body: Iterable[ast.AST]) -> bool:
    """Whether the statements may leave the function with ``return``."""
    return any(isinstance(node, ast.Return) for node in _own_nodes(body))


def assigned(body: Iterable[ast.AST]) -> frozenset[str]:
    """Names that the statements bind, apart from those of functions inside."""
    found: set[str] = set()
    for node in _own_nodes(body):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.Import() | ast.ImportFrom():
                found.update((a.asname or a.name).partition(".")[0] for a in node.names)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                found.add(name)
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                found.add(name)
            case _:
                pass
    return frozenset(found)


def assigned_in(node: ast.AST) -> frozenset[str]:
    """Names that one target, pattern or statement binds."""
    return assigned([node])
