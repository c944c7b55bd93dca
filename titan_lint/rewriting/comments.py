"""The comments of a file: where they are, and which ones edits would lose."""

from __future__ import annotations

import ast
from collections import Counter

from titan_lint.rewriting.edits import apply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from titan_lint.code.program import Program
    from titan_lint.finding import Edit, Span

_STRINGS: tuple[type[ast.expr], ...] = (
    ast.Constant,
    ast.JoinedStr,
    # From Python 3.14 on.
    getattr(ast, "TemplateStr", ast.JoinedStr),
)


def comments_lost(program: Program, edits: Sequence[Edit], may_go: Sequence[Span]) -> list[str]:
    """The comments that edits take out and put in nowhere else.

    Args:
        program: The file.
        edits: Edits of it, which do not clash.
        may_go: Where comments stand that may go.
    """
    text = program.source.text
    if not any("#" in text[edit.start : edit.end] for edit in edits):
        return []
    there = comments(program)
    lost = Counter(
        comment
        for start, comment in there
        if not any(span.start <= start < span.end for span in may_go)
    )
    gone = _gone(there, edits)
    if gone is None:
        lost -= Counter(comment for _, comment in comments_of_text(apply(text, edits)))
    else:
        lost -= Counter(comment for start, comment in there if start not in gone)
    return list(lost.elements())


def _gone(there: Sequence[tuple[int, str]], edits: Sequence[Edit]) -> set[int] | None:
    """Where the comments begin that edits take out; ``None`` where they may do more to comments."""
    if any("#" in edit.content for edit in edits):
        return None
    gone: set[int] = set()
    for start, comment in there:
        end = start + len(comment)
        for edit in edits:
            if edit.start <= start and end <= edit.end:
                gone.add(start)
            elif edit.start <= end and start < edit.end:
                # What follows a comment on its line becomes a part of it.
                return None
    return gone


def comments(program: Program) -> list[tuple[int, str]]:
    """Each comment of a file, with its offset, in order."""
    return program.once(_comments)


def _comments(program: Program) -> list[tuple[int, str]]:
    text = program.source.text
    strings = _strings(program)
    if strings is None:
        return comments_of_text(text)
    found: list[tuple[int, str]] = []
    at = text.find("#")
    while at >= 0:
        # What is in no string begins a comment.
        while strings and strings[-1].end <= at:
            strings.pop()
        if strings and strings[-1].start <= at:
            end = strings[-1].end
        else:
            end = _end_of_line(text, at)
            found.append((at, text[at:end]))
        at = text.find("#", end)
    return found


def _strings(program: Program) -> list[Span] | None:
    """The strings on lines with a ``#``, the last first; ``None`` where one may hold a comment."""
    source = program.source
    lines = set(_lines_with(source.text, "#", source.line_of))
    found: list[Span] = []
    for node in program.of(*_STRINGS) if lines else ():
        spans_lines = node.end_lineno != node.lineno
        if node.lineno not in lines and not spans_lines:
            continue
        if isinstance(node, ast.Constant) and not isinstance(node.value, str | bytes):
            continue
        # Before Python 3.12 the places of what is inside an f-string are not to be trusted.
        if any(isinstance(around, _STRINGS) for around in program.ancestors(node)):
            continue
        span = program.span(node)
        written = source.text[span.start : span.end]
        if spans_lines and "#" in written and not _is_one_string(program, node, written):
            return None
        found.append(span)
    return sorted(found, key=lambda span: span.start, reverse=True)


def _is_one_string(program: Program, node: ast.AST, written: str) -> bool:
    """Whether what spans lines is one string in triple quotes, with no expression inside."""
    body = written.lstrip("rRbBuUfF")
    quotes = body[:3]
    return (
        quotes in ("'''", '"""')
        and body.find(quotes, 3) == len(body) - 3
        and (isinstance(node, ast.Constant) or not program.has_fstring_places)
    )


def _lines_with(text: str, sought: str, line_of: Callable[[int], int]) -> Iterator[int]:
    at = text.find(sought)
    while at >= 0:
        yield line_of(at)
        at = text.find(sought, _end_of_line(text, at))


def _end_of_line(text: str, at: int) -> int:
    """Where the line that holds an offset ends, without its line ending."""
    feed = text.find("\n", at)
    end = feed if feed >= 0 else len(text)
    carriage = text.find("\r", at, end)
    return carriage if carriage >= 0 else end


def comments_of_text(text: str) -> list[tuple[int, str]]:
    """Each comment of a text that is Python, with its offset, as ``tokenize`` finds it: not quickly."""
    import io
    import tokenize

    starts = [0]
    # Python's tokenizer knows line feeds, alone and behind a carriage return, and no other line ends.
    for line in io.StringIO(text, newline=""):
        starts.append(starts[-1] + len(line))
    found: list[tuple[int, str]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                found.append((starts[line - 1] + column, token.string))
    except (tokenize.TokenError, SyntaxError):
        # What is no Python is not written either way.
        return found
    return found
