"""Whole statements: take out, put in, unwrap."""

from __future__ import annotations

import ast

from titan_lint.code.walk import walk
from titan_lint.finding import Edit, Span
from titan_lint.rewriting.comments import comments
from titan_lint.rewriting.edits import Refused

Import = ast.Import | ast.ImportFrom

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from titan_lint.code.program import Program
    from titan_lint.code.source import Source
    from titan_lint.rewriting.operations import InsertBefore, RemoveStatements, UnwrapWith


def indentation(source: Source, line: int) -> str:
    """The white space that a 1-based line begins with."""
    text = source.line_text(line)
    return text[: len(text) - len(text.lstrip(" \t\f"))]


def first_line(statement: ast.stmt) -> int:
    """The 1-based line that a statement begins on, decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)])


def last_line(statement: ast.stmt) -> int:
    """The 1-based line that a statement ends on."""
    return statement.end_lineno or statement.lineno


def require_own_lines(program: Program, statement: ast.stmt) -> None:
    """Make sure that nothing else stands on a statement's lines.

    Raises:
        Refused: Something does, a ``;`` neighbour or the head of a one-line block.
    """
    source = program.source
    start = source.line_start(first_line(statement))
    head = source.text[start : program.span(statement).start].strip("\f \t@")
    tail_start = program.span(statement).end
    tail = source.text[tail_start : source.line_end(last_line(statement))].strip()
    decorated = bool(getattr(statement, "decorator_list", ()))
    if (head and not decorated) or (tail and not tail.startswith("#")):
        raise Refused("the statement shares its line")
    before = first_line(statement) - 1
    if before and source.line_text(before).endswith("\\"):
        raise Refused("the line before is continued")


def comment_above(program: Program, statement: ast.stmt) -> int:
    """The first line of the comment right above a statement, or the statement's own first line."""
    source = program.source
    line = first_line(statement)
    indent = indentation(source, line)
    stop = _line_before(program, statement)
    while line - 1 > stop:
        text = source.line_text(line - 1)
        if not text.lstrip().startswith("#") or indentation(source, line - 1) != indent:
            break
        line -= 1
    return line


def comments_of(program: Program, statement: ast.stmt) -> Iterator[Span]:
    """Where the comments stand that are about an assignment: right above it, and above its block."""
    source = program.source
    for node in walk(statement):
        match node:
            case ast.Expr(value=ast.Call(func=ast.Name(id="setattr"))):
                is_set = True
            case _:
                is_set = isinstance(node, ast.Assign | ast.AnnAssign)
        if node is statement or is_set:
            assert isinstance(node, ast.stmt)
            top, first = comment_above(program, node), first_line(node)
            if top < first:
                yield Span(source.line_start(top), source.line_start(first))


def _line_before(program: Program, statement: ast.stmt) -> int:
    """The last line of code before a statement: its neighbour's, or the head of its block."""
    block, index = program.place(statement)
    if index:
        return last_line(block[index - 1])
    parent = program.parents[statement]
    if isinstance(parent, ast.Module):
        return 0
    # The head of the block ends somewhere before; text up to the colon holds no line of a comment
    # that belongs to the statement.
    line = first_line(statement) - 1
    source = program.source
    while line > getattr(parent, "lineno", 1) and (
        not source.line_text(line).strip() or source.line_text(line).lstrip().startswith("#")
    ):
        line -= 1
    return line


def removals(program: Program, operation: RemoveStatements) -> list[Edit]:
    """Edits that take statements out, with one side's blank lines.

    Raises:
        Refused: A statement shares its line with something else.
    """
    statements = sorted(set(operation.statements), key=first_line)
    for statement in statements:
        require_own_lines(program, statement)
    ranges: list[tuple[int, int, list[ast.stmt]]] = []
    for statement in statements:
        top, bottom = first_line(statement), _trailing_comments(program, statement)
        if statement in operation.commented:
            top = comment_above(program, statement)
        if (
            ranges
            and program.block(ranges[-1][2][-1]) is program.block(statement)
            and _only_blank(program.source, ranges[-1][1] + 1, top - 1)
        ):
            ranges[-1][2].append(statement)
            ranges[-1] = (ranges[-1][0], bottom, ranges[-1][2])
        else:
            ranges.append((top, bottom, [statement]))
    everything = set(statements)
    return [_removal(program, top, bottom, gone, everything) for top, bottom, gone in ranges]


def _trailing_comments(program: Program, statement: ast.stmt) -> int:
    """The last line of the comments that close a block: deeper than the statement, below it."""
    source = program.source
    line = last = last_line(statement)
    if not getattr(statement, "body", None):
        return last
    outer = indentation(source, first_line(statement))
    while line < source.line_count:
        line += 1
        text = source.line_text(line)
        indent = indentation(source, line)
        if text.strip() and not (
            text.lstrip().startswith("#") and indent.startswith(outer) and indent != outer
        ):
            break
        if text.strip():
            last = line
    return last


def _only_blank(source: Source, first: int, last: int) -> bool:
    return all(not source.line_text(line).strip() for line in range(first, last + 1))


def _removal(
    program: Program,
    top: int,
    bottom: int,
    gone: Sequence[ast.stmt],
    everything: set[ast.stmt],
) -> Edit:
    source = program.source
    block = program.block(gone[0])
    is_elif = _is_elif(program, gone[0])
    if all(statement in everything for statement in block) and not is_elif:
        indent = indentation(source, first_line(gone[0]))
        return Edit(
            source.line_start(top),
            source.line_end(bottom),
            f"{indent}pass{_line_end(source, bottom)}",
        )
    above = _blank_lines(source, top - 1, -1)
    below = _blank_lines(source, bottom + 1, 1)
    first_of_block = block[0] is gone[0] and not is_elif
    last_of_block = block[-1] is gone[-1]
    is_of_module = isinstance(program.parents[gone[0]], ast.Module)
    if first_of_block and (top == 1 or not is_of_module):
        bottom += below
    elif last_of_block or above <= below:
        top -= above
    else:
        bottom += below
    return Edit(source.line_start(top), source.line_end(bottom), "")


def _is_elif(program: Program, statement: ast.stmt) -> bool:
    span = program.span(statement)
    return program.source.text.startswith("elif", span.start)


def _line_end(source: Source, line: int) -> str:
    text = source.text[source.line_start(line) : source.line_end(line)]
    return text[len(text.rstrip("\r\n")) :]


def _blank_lines(source: Source, line: int, step: int) -> int:
    count = 0
    while 1 <= line <= source.line_count and not source.line_text(line).strip():
        if step > 0 and line == source.line_count:
            break  # the rest after the last line ending is no line
        count += 1
        line += step
    return count


def insertion(program: Program, operation: InsertBefore) -> Edit:
    """The edit that puts a statement above another one, and above its comment.

    Raises:
        Refused: The statement shares its line with something else, or is an ``elif``.
    """
    require_own_lines(program, operation.statement)
    if _is_elif(program, operation.statement):
        raise Refused("nothing can stand before an elif")
    source = program.source
    indent = indentation(source, first_line(operation.statement))
    lines = operation.code.split("\n")
    text = "".join(f"{indent}{line}{source.line_ending}" for line in lines)
    start = source.line_start(comment_above(program, operation.statement))
    return Edit(start, start, text)


def unwrapping(program: Program, operation: UnwrapWith) -> list[Edit]:
    """Edits that drop one item of a ``with``.

    Raises:
        Refused: The layout leaves no simple way.
    """
    statement = operation.statement
    source = program.source
    if len(statement.items) > 1:
        return [_drop_item(program, operation)]
    require_own_lines(program, statement)
    body_line = comment_above(program, statement.body[0])
    if statement.body[0].lineno == _colon_line(program, statement):
        raise Refused("the block stands on the line of its with")
    outer = indentation(source, statement.lineno)
    inner = indentation(source, statement.body[0].lineno)
    if not inner.startswith(outer):
        raise Refused("the block is indented in another way")
    first = min(body_line, _colon_line(program, statement) + 1)
    head = Span(source.line_start(statement.lineno), source.line_start(first))
    kept = "".join(
        f"{outer}{text}{source.line_ending}"
        for start, text in comments(program)
        if head.start <= start < head.end
    )
    edits = [Edit(head.start, head.end, kept)]
    verbatim = _inside_strings(statement)
    for line in range(first, last_line(statement) + 1):
        if line in verbatim or not source.line_text(line).startswith(inner):
            continue
        start = source.line_start(line)
        edits.append(Edit(start + len(outer), start + len(inner), ""))
    return edits


def _colon_line(program: Program, statement: ast.With | ast.AsyncWith) -> int:
    """The line on which the head of a ``with`` ends."""
    item = statement.items[-1]
    end = item.optional_vars or item.context_expr
    source = program.source
    line = end.end_lineno or end.lineno
    offset = program.span(end).end
    colon = source.text.find(":", offset, program.span(statement.body[0]).start)
    return source.line_of(colon) if colon >= 0 else line


def _inside_strings(statement: ast.stmt) -> set[int]:
    """Lines that begin inside a string that spans lines."""
    found: set[int] = set()
    for node in walk(statement):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno != node.lineno:
            if isinstance(node, ast.JoinedStr) or isinstance(node.value, str | bytes):
                found.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    return found


def _drop_item(program: Program, operation: UnwrapWith) -> Edit:
    items = operation.statement.items
    index = operation.item

    def start(item: ast.withitem) -> int:
        return program.span(item.context_expr).start

    def end(item: ast.withitem) -> int:
        return program.span(item.optional_vars or item.context_expr).end

    if index + 1 < len(items):
        span = (start(items[index]), start(items[index + 1]))
    else:
        span = (end(items[index - 1]), end(items[index]))
    gone = program.source.text[span[0] : span[1]]
    if "#" in gone or gone.count("(") != gone.count(")"):
        raise Refused("the items of the with are laid out with comments or parentheses")
    return Edit(*span, "")
