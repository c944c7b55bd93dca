"""What of torchtitan stands at a place of a file."""

from __future__ import annotations

import ast

from titan_lint.code.forms import is_torchtitans
from titan_lint.code.values import Bound, Const, Instance, Ref
from titan_lint.finding import Span
from titan_lint.structs import Struct
from titan_lint.uses.imports.analysis import Imports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.program import Program
    from titan_lint.uses.file import File


class Named(Struct):
    """A piece of a file that stands for something of torchtitan's.

    Attributes:
        span: The piece.
        paths: The paths of all that it may stand for; ``*`` in one stands for any part.
        made: Where there are none, the classes of all that it may be an instance of.
    """

    span: Span
    paths: tuple[str, ...]
    made: tuple[str, ...] = ()


def named(file: File, offset: int) -> Named | None:
    """What stands at an offset of a file's text; ``None`` where it is nothing of torchtitan's."""
    around = [
        (span.end - span.start, span, node)
        for node, span in _pieces(file.program)
        if span.start <= offset < span.end
    ]
    if not around:
        return None
    _, span, node = min(around, key=lambda found: found[0])
    found = _named(file, node, span)
    return found if found is not None and found.span.start <= offset < found.span.end else None


def everything(file: File) -> Iterator[Named]:
    """All pieces of a file that stand for something of torchtitan's, names that are bound left out."""
    for node, span in _pieces(file.program):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            continue
        found = _named(file, node, span)
        if found is not None:
            yield found


_Piece = ast.Name | ast.Attribute | ast.Constant | ast.alias | ast.ImportFrom


def _pieces(program: Program) -> Iterator[tuple[_Piece, Span]]:
    """What may stand for something, and where."""
    for node in program.of(ast.Name, ast.Attribute, ast.Constant, ast.alias, ast.ImportFrom):
        # Elsewhere it is not told where in an f-string something stands.
        if program.has_fstring_places or not _is_in_fstring(program, node):
            yield node, program.span(node)


def _named(file: File, node: _Piece, span: Span) -> Named | None:
    """What a piece stands for; ``None`` where it is nothing of torchtitan's."""
    program = file.program
    paths: list[str] = []
    made: list[str] = []
    match node:
        case ast.alias():
            statement = program.parents[node]
            assert isinstance(statement, ast.Import | ast.ImportFrom)
            paths += filter(None, [file.once(Imports).path(statement, node)])
        case ast.ImportFrom(module=str() as module, level=0):
            start = span.start + program.text(node).find(module)
            span = Span(start, start + len(module))
            paths.append(module)
        case ast.expr():
            paths += _paths(file, node)
            if not paths:
                made += [value.cls for value in file.values(node) if isinstance(value, Instance)]
        case _:
            pass
    paths = [path for path in dict.fromkeys(paths) if is_torchtitans(path)]
    made = [cls for cls in dict.fromkeys(made) if is_torchtitans(cls)]
    return Named(span, tuple(paths), tuple(made)) if paths or made else None


def _is_in_fstring(program: Program, node: ast.AST) -> bool:
    return any(isinstance(ancestor, ast.JoinedStr) for ancestor in program.ancestors(node))


def _paths(file: File, node: ast.expr) -> Iterator[str]:
    for value in file.values(node):
        match value:
            case Ref(path=path) | Const(value=str() as path):
                yield path
            case Bound(cls=cls, name=name):
                yield f"{cls}.{name}"
            case _:
                pass
    if isinstance(node, ast.Attribute):
        for owner in file.values(node.value):
            if isinstance(owner, Instance):
                yield f"{owner.cls}.{node.attr}"
