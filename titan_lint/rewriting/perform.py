"""From the rewrite that a rule asks for to the edits that make it."""

from __future__ import annotations

import ast
import itertools

from titan_lint.finding import Applicability, Edit, Fix, Obligation
from titan_lint.rewriting.comments import comments_lost
from titan_lint.rewriting.edits import Refused, clash, trimmed
from titan_lint.rewriting.operations import (
    AddKeyword,
    EnsureImport,
    InsertBefore,
    MoveImport,
    MoveTogether,
    NameArguments,
    RemoveArgument,
    RemoveImport,
    RemoveKeyword,
    RemoveStatements,
    RenameKeyword,
    RenameParameter,
    ReplaceExpression,
    RetargetImport,
    Rewrite,
    UnwrapWith,
    WriteOver,
)
from titan_lint.structs import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.program import Program
    from titan_lint.finding import Span
    from titan_lint.rewriting.calls import CallOperation


def plan(program: Program, rewrite: Rewrite) -> Fix:
    """A rewrite without its edits, for a run that neither makes nor shows them: LibCST is not imported.

    Raises:
        Refused: The code is laid out in a way that leaves no clean rewrite, as far as shows without LibCST.
    """
    return replace(_performed(program, rewrite, make=False), edits=())


def perform(program: Program, rewrite: Rewrite) -> Fix:
    """The edits of a rewrite.

    Raises:
        Refused: The code is laid out in a way that leaves no clean rewrite.
    """
    return _performed(program, rewrite, make=True)


def _performed(program: Program, rewrite: Rewrite, *, make: bool) -> Fix:
    edits: list[Edit] = []
    because = rewrite.because
    imported: dict[str, str] = {}
    calls: dict[ast.Call, list[CallOperation]] = {}
    ensured: list[EnsureImport] = []
    moving: list[MoveImport] = []
    for operation in rewrite.operations:
        match operation:
            case (
                AddKeyword(call=call)
                | RemoveKeyword(call=call)
                | RemoveArgument(call=call)
                | NameArguments(call=call)
            ):
                calls.setdefault(call, []).append(operation)
            case RenameKeyword(keyword=keyword):
                parent = program.parents[keyword]
                if not isinstance(parent, ast.Call):
                    raise Refused("the keyword is no argument of a call")
                calls.setdefault(parent, []).append(operation)
            case RenameParameter(parameter=parameter, name=name):
                start = program.span(parameter).start
                if not program.source.text.startswith(parameter.arg, start):
                    raise Refused("the parameter is written in another way")
                edits.append(trimmed(start, parameter.arg, name))
            case ReplaceExpression(node=node):
                from titan_lint.rewriting.expressions import replacement

                _require_position(program, node)
                span = program.span(node)
                new = replacement(program, operation)
                _require_free_quotes(program, node, new)
                edits.append(trimmed(span.start, program.text(node), new))
            case WriteOver(start=start, end=end, content=content):
                edits.append(trimmed(start, program.source.text[start:end], content))
            case RemoveStatements():
                from titan_lint.rewriting.statements import removals

                edits += removals(program, operation)
            case InsertBefore():
                from titan_lint.rewriting.statements import insertion

                edits.append(insertion(program, operation))
            case UnwrapWith():
                from titan_lint.rewriting.statements import unwrapping

                edits += unwrapping(program, operation)
            case EnsureImport():
                ensured.append(operation)
                if operation.name is not None:
                    imported[operation.name] = f"{operation.module}.{operation.name}"
            case MoveImport():
                from titan_lint.rewriting.imports import move

                edits += move(program, operation, make)
                moving.append(operation)
                for moved in operation.names:
                    bound = moved.asname or moved.name
                    imported[bound] = f"{operation.module}.{moved.name}"
            case MoveTogether(moves=moves):
                from titan_lint.rewriting.imports import move_together

                edits += move_together(program, moves, make)
                moving += moves
                for one in moves:
                    for moved in one.names:
                        imported[moved.asname or moved.name] = f"{one.module}.{moved.name}"
            case RetargetImport():
                from titan_lint.rewriting.imports import retarget

                edits += retarget(program, operation, make)
            case RemoveImport():
                from titan_lint.rewriting.imports import remove

                edits += remove(program, operation, make)
    if ensured:
        from titan_lint.rewriting.imports import ensure

        edits += ensure(program, ensured, make, moving)
    for call, operations in calls.items():
        _require_position(program, call)
        if make:
            edits.append(_call_edit(program, call, operations))
    unique = sorted(set(edits))
    for first, second in itertools.pairwise(unique):
        if make and clash(first, second):
            raise Refused("two parts of the rewrite meet in one place")
    if make and not all(map(program.source.takes, unique)):
        raise Refused("it would change more than the code of a document")
    if comments_lost(program, unique, _may_go(program, rewrite)):
        because = (*because, Obligation.COMMENTS_STAY)
    return Fix(
        Applicability.UNSAFE if because else Applicability.SAFE,
        rewrite.message,
        tuple(unique),
        tuple(imported.items()),
        tuple(dict.fromkeys(because)),
    )


def _may_go(program: Program, rewrite: Rewrite) -> list[Span]:
    """Where comments stand that are about what goes, and go with it."""
    from titan_lint.rewriting.statements import comments_of

    return [
        span
        for operation in rewrite.operations
        if isinstance(operation, RemoveStatements)
        for statement in operation.commented
        for span in comments_of(program, statement)
    ]


def _call_edit(program: Program, call: ast.Call, operations: list[CallOperation]) -> Edit:
    from titan_lint.rewriting.calls import rewrite_call

    try:
        new = rewrite_call(program, call, operations)
    except RecursionError as error:
        # Python's parser goes deeper than LibCST's trees.
        raise Refused("the code is nested too deeply") from error
    edit = trimmed(program.span(call).start, program.text(call), new)
    _require_free_quotes(program, call, edit.content)
    return edit


def _require_position(program: Program, node: ast.AST) -> None:
    """Python before 3.12 does not tell where in an f-string an expression stands."""
    if not program.has_fstring_places and in_fstring(program, node):
        raise Refused("the expression stands inside an f-string")


def _require_free_quotes(program: Program, node: ast.AST, new: str) -> None:
    """Before 3.12 an f-string cannot hold its own quotes; what keeps to that goes on doing so."""
    for ancestor in program.ancestors(node):
        if isinstance(ancestor, ast.JoinedStr):
            begin = program.span(ancestor).start
            before = program.source.text[begin : program.span(node).start]
            fields = [part for part in ancestor.values if isinstance(part, ast.FormattedValue)]
            for quote in "'\"":
                is_reused = any(quote in program.text(part) for part in fields)
                if quote in new and quote in before and not is_reused:
                    raise Refused("the expression stands inside an f-string with its quotes")


def in_fstring(program: Program, node: ast.AST) -> bool:
    """Whether a node stands inside an f-string."""
    return any(isinstance(ancestor, ast.JoinedStr) for ancestor in program.ancestors(node))
