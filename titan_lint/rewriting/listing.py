"""A call's arguments or an import's names as they are written, with the white space between them.

Python's own syntax tree tells where the items are; the gaps between them are read here, and nothing
is taken for granted: what is not understood to the last character is not plain, and is left to
LibCST (:mod:`titan_lint.rewriting.cst_calls`, :mod:`titan_lint.rewriting.cst_imports`), which takes long to import.
"""

from __future__ import annotations

import ast
import re
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.code.program import Program
    from titan_lint.code.source import Source


class NotPlain(Exception):  # noqa: N818 (a word that says it)
    """The code is written in a way that LibCST has to judge."""


class Item:
    """An argument or imported name, and what follows it up to the next one.

    Attributes:
        text: The item as written, parentheses around it included.
        name: The name of a keyword argument, or the one that is imported.
        before: White space before the comma.
        comma: Whether there is a comma.
        after: White space behind the comma; behind the item where there is none.
    """

    __slots__ = ("after", "before", "comma", "name", "text")

    def __init__(
        self,
        text: str,
        name: str | None = None,
        before: str = "",
        comma: bool = False,
        after: str = "",
    ) -> None:
        self.text = text
        self.name = name
        self.end(before, comma, after)

    def end(self, before: str, comma: bool, after: str) -> None:
        """Let the item end in another way."""
        self.before = before
        self.comma = comma
        self.after = after

    def end_as(self, other: Item) -> None:
        """Let the item end as another one does."""
        self.end(other.before, other.comma, other.after)


class Listing:
    """A list of items as written.

    Attributes:
        opening: All up to the bracket, or up to ``import`` where there is none.
        lead: White space before the first item.
        items: The items, in order.
        closing: The bracket behind them, or nothing.
    """

    __slots__ = ("closing", "items", "lead", "opening")

    def __init__(self, opening: str, lead: str, items: list[Item], closing: str) -> None:
        self.opening = opening
        self.lead = lead
        self.items = items
        self.closing = closing

    def lead_of(self, index: int) -> str:
        """The white space before the item at ``index``."""
        return self.items[index - 1].after if index else self.lead

    def text(self) -> str:
        """The list as source text."""
        parts = [self.opening, self.lead]
        for item in self.items:
            parts += (item.text, item.before, "," if item.comma else "", item.after)
        return "".join((*parts, self.closing))


class Break:
    """White space with a line ending in it.

    Attributes:
        first: The rest of the line, with the comment that ends it.
        newline: The line ending.
        more: Further lines, blank or with a comment alone.
        last: What the last line is indented by.
    """

    __slots__ = ("first", "last", "more", "newline")

    def __init__(self, first: str, newline: str, more: str, last: str) -> None:
        self.first = first
        self.newline = newline
        self.more = more
        self.last = last

    @property
    def has_comment(self) -> bool:
        """Whether a comment ends the first line."""
        return "#" in self.first

    def indented_as(self, other: Break) -> str:
        """The same lines, with what follows them indented as what follows ``other`` is."""
        return self.first + self.newline + self.more + other.last


# Any white space. Continued lines are passed over here; where they matter, they are not plain.
_SPACE = r"(?:[ \t]|\\?(?:\r\n?|\n)|#[^\r\n]*+)*+"
# Between two items, brackets that close belong to the first one and those that open to the second.
_CLOSERS, _OPENERS = rf"((?:{_SPACE}\))*)", rf"((?:\({_SPACE})*)"
_BEFORE_ARGUMENTS = re.compile(rf"((?:{_SPACE}\))*{_SPACE}\()({_SPACE}){_OPENERS}")
_BEFORE_NAMES = re.compile(rf"((?:from[ \t]+[.\w]+[ \t]+import|import)(?:[ \t]*\()?)({_SPACE})()")
_BETWEEN = re.compile(rf"{_CLOSERS}({_SPACE}),({_SPACE}){_OPENERS}")
_BEHIND = re.compile(rf"{_CLOSERS}({_SPACE})(?:,({_SPACE}))?\)")

_NEWLINE = r"(?:\r\n?|\n)"
_REST_OF_LINE = r"[ \t]*(?:#[^\r\n]*)?"
_BREAK = re.compile(rf"({_REST_OF_LINE})({_NEWLINE})((?:{_REST_OF_LINE}{_NEWLINE})*)([ \t]*)")


def broken(space: str) -> Break | None:
    """Take white space apart; ``None`` if it stays on its line.

    Raises:
        NotPlain: There is more in it than spaces, tabs, lines and comments.
    """
    if not space.strip(" \t"):
        return None
    match = _BREAK.fullmatch(space)
    if match is None:
        raise NotPlain
    return Break(*match.groups())


def arguments_of(program: Program, call: ast.Call) -> Listing:
    """The arguments of a call, in the order of the text.

    Raises:
        NotPlain: The call is written in a way that is not understood, or that LibCST may refuse.
    """
    start = program.span(call).start
    text = program.text(call)
    _require_plain(program.source, text)
    _require_shallow(call, text)
    nodes = sorted([*call.args, *call.keywords], key=lambda node: (node.lineno, node.col_offset))
    items = [
        (program.span(node), node.arg if isinstance(node, ast.keyword) else None) for node in nodes
    ]
    head = program.span(call.func).end - start
    if not items:
        match = _BEFORE_ARGUMENTS.fullmatch(text, head, len(text) - 1)
        if match is None or match[3] or not text.endswith(")"):
            raise NotPlain
        return Listing(text[:head] + match[1], match[2], [], ")")
    spans = [(span.start - start, span.end - start, name) for span, name in items]
    return _listing(text, head, _BEFORE_ARGUMENTS, spans)


def names_of(program: Program, statement: ast.Import | ast.ImportFrom) -> Listing:
    """The names of an import statement.

    Raises:
        NotPlain: The statement is written in a way that is not understood, or takes everything.
    """
    start = program.span(statement).start
    text = program.text(statement)
    _require_plain(program.source, text)
    spans: list[tuple[int, int, str | None]] = []
    for alias in statement.names:
        span = program.span(alias)
        spans.append((span.start - start, span.end - start, alias.name))
        written = text[span.start - start : span.end - start]
        # Python's tree has names in a normal form, which may not be the one in the text.
        if not written.startswith(alias.name) or not written.endswith(alias.asname or alias.name):
            raise NotPlain
    if spans[0][2] == "*":
        raise NotPlain
    return _listing(text, 0, _BEFORE_NAMES, spans)


def _listing(
    text: str,
    head: int,
    opening: re.Pattern[str],
    spans: Sequence[tuple[int, int, str | None]],
) -> Listing:
    """A list of at least one item, each with its place in the text and its name."""
    match = opening.fullmatch(text, head, spans[0][0])
    if match is None:
        raise NotPlain
    first, lead, brackets = text[:head] + match[1], match[2], match[3]
    items: list[Item] = []
    for (start, end, name), following in zip(spans, (*spans[1:], None), strict=True):
        written = brackets + text[start:end]
        if following is not None:
            match = _BETWEEN.fullmatch(text, end, following[0])
        elif first.endswith("("):
            match = _BEHIND.fullmatch(text, end)
        elif end == len(text):
            return Listing(first, lead, [*items, Item(written, name)], "")
        else:
            match = None
        if match is None:
            raise NotPlain
        comma = match[3] is not None
        before, after = (match[2], match[3]) if comma else ("", match[2])
        items.append(Item(written + match[1], name, before, comma, after))
        if following is not None:
            brackets = match[4]
    return Listing(first, lead, items, ")")


_TEMPLATE = re.compile(r"\b(?:t|rt|tr)['\"]", re.IGNORECASE)


def _require_plain(source: Source, text: str) -> None:
    """Leave to LibCST what it may change or refuse: mixed line endings, form feeds, templates."""
    rest = text.replace(source.line_ending, "")
    if "\n" in rest or "\r" in rest or "\f" in rest or _TEMPLATE.search(text):
        raise NotPlain


# LibCST refuses code whose trees are nested so deeply that walking them meets Python's limit on
# recursion, at 1000 calls of functions, of which it takes up to six a level. This is far from it.
_DEEPEST = 50


def _require_shallow(tree: ast.AST, text: str) -> None:
    # These stand side by side in Python's tree, each below the one before in LibCST's: adjoining
    # strings, operands of `and` and `or`, and the parts of a comprehension.
    quotes = text.count("'") + text.count('"')
    if quotes // 2 + text.count("and") + text.count("or") > 2 * _DEEPEST:
        raise NotPlain
    level = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise NotPlain


def require_plain_value(source: Source, value: str) -> None:
    """Make sure that the text of an expression can be put into a call as it is.

    Raises:
        NotPlain: LibCST may refuse it, or write it in another way.
    """
    _require_plain(source, value)
    if value != value.strip():
        raise NotPlain
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(f"({value})", mode="eval")
    except SyntaxError as error:
        raise NotPlain from error
    _require_shallow(parsed, value)
