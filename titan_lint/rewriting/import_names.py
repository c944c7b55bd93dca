"""The names of an import statement, with LibCST: take some out, put some in, move all to another module.

The statement alone is parsed.
"""

from __future__ import annotations

import ast

import libcst as cst

from titan_lint.rewriting.edits import Refused
from titan_lint.rewriting.statements import Import, indentation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from titan_lint.code.program import Program
    from titan_lint.rewriting.operations import Entry, Moved, MoveImport

    _Order = Callable[[str], tuple[bool | str, ...]]


def with_names(
    program: Program,
    statement: Import,
    gone: Collection[ast.alias],
    names: Sequence[Entry],
) -> str:
    """The text of an import without some of its names, and with others.

    Args:
        program: The file.
        statement: The import.
        gone: What goes, not all of it.
        names: What is put in where the order of the import wants it, each with what it is bound as.

    Raises:
        Refused: A comment stands beside a name that goes, or the import takes everything.
    """
    node = _parsed(program, statement)
    aliases = _kept(program, statement, node, gone)
    for name, asname in names:
        assert isinstance(node, cst.ImportFrom)
        _insert(program, aliases, node, name, asname)
    return _code(program, node.with_changes(names=aliases))


def moved(program: Program, operation: MoveImport, there: Collection[Entry] = ()) -> str:
    """The text of an import of which all names move, in its own layout, without those that are ``there``.

    Raises:
        Refused: Two names become one, and a comment stands beside one of them.
    """
    node = _parsed(program, operation.statement)
    assert isinstance(node, cst.ImportFrom)
    module = cst.parse_expression(operation.module)
    assert isinstance(module, cst.Name | cst.Attribute)
    entries: dict[ast.alias, list[Moved]] = {}
    for entry in operation.names:
        entries.setdefault(entry.alias, []).append(entry)
    twice: set[ast.alias] = set()
    known: set[Entry] = {*there}
    for alias in operation.statement.names:
        keys = {(entry.name, _bound(entry)) for entry in entries[alias]}
        if keys <= known:
            twice.add(alias)
        known |= keys
    staying = [alias for alias in operation.statement.names if alias not in twice]
    names: list[cst.ImportAlias] = []
    for alias, written in zip(
        staying, _kept(program, operation.statement, node, twice), strict=True
    ):
        *others, last = entries[alias]
        names += [
            cst.ImportAlias(
                name=cst.Name(entry.name),
                asname=cst.AsName(cst.Name(bound)) if (bound := _bound(entry)) else None,
                comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")),
            )
            for entry in others
        ]
        bound = _bound(last)
        changed = written.with_changes(name=cst.Name(last.name))
        if bound is None:
            changed = changed.with_changes(asname=None)
        elif written.asname is None or alias.asname != bound:
            changed = changed.with_changes(asname=cst.AsName(cst.Name(bound)))
        names.append(changed)
    changed = node.with_changes(module=module, relative=(), names=names)
    return _code(program, changed)


def _bound(entry: Moved) -> str | None:
    """What a moved name is bound as, where that is not its own name."""
    return entry.asname if entry.asname != entry.name else None


def extended(program: Program, code: str, names: Sequence[Entry]) -> str:
    """An import's text with more names, each with what it is bound as, where its order wants them.

    Raises:
        Refused: A comment stands where a name would go.
    """
    node = _parsed_text(program, code)
    assert isinstance(node, cst.ImportFrom)
    aliases = _names_of(node)
    for name, asname in names:
        _insert(program, aliases, node, name, asname)
    return _code(program, node.with_changes(names=aliases))


def _parsed(program: Program, statement: Import) -> cst.Import | cst.ImportFrom:
    return _parsed_text(program, program.text(statement))


def _parsed_text(program: Program, text: str) -> cst.Import | cst.ImportFrom:
    config = cst.PartialParserConfig(default_newline=program.source.line_ending)
    try:
        line = cst.parse_statement(text, config)
    except cst.ParserSyntaxError as error:
        raise Refused("LibCST cannot parse the import") from error
    if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
        node = line.body[0]
        if isinstance(node, cst.Import | cst.ImportFrom):
            return node
    raise Refused("LibCST reads the import differently")


def _names_of(node: cst.Import | cst.ImportFrom) -> list[cst.ImportAlias]:
    if isinstance(node.names, cst.ImportStar):
        raise Refused("the import takes everything")
    return list(node.names)


def _code(program: Program, node: cst.CSTNode) -> str:
    module = cst.Module(body=[], default_newline=program.source.line_ending)
    return module.code_for_node(node)


def _kept(
    program: Program,
    statement: Import,
    node: cst.Import | cst.ImportFrom,
    gone: Collection[ast.alias],
) -> list[cst.ImportAlias]:
    """The names of an import, of which at least one stays, without those that go."""
    names = _names_of(node)
    kept: list[cst.ImportAlias] = []
    for index, (alias, written) in enumerate(zip(statement.names, names, strict=True)):
        if alias not in gone:
            kept.append(written)
        elif "#" in _code(program, written) or _has_comment_above(node, names, index):
            raise _beside()
    last = names[-1]
    if kept[-1] is last:
        return kept
    if isinstance(node, cst.ImportFrom) and node.rpar is not None:
        if "#" in _code(program, node.rpar):
            raise _beside()
    _require_no_comment_before_comma(kept[-1])
    space = _space(kept[-1])
    if space is not None and space.first_line.comment is not None:
        # The comment stays with its name; what follows is laid out as it was behind the last one.
        end = _space(last)
        if end is None:
            raise _beside()
        kept[-1] = _followed_by(kept[-1], space, end)
    else:
        kept[-1] = kept[-1].with_changes(comma=last.comma)
    return kept


def _beside() -> Refused:
    return Refused("a comment stands beside the imported name")


def _require_no_comment_before_comma(alias: cst.ImportAlias) -> None:
    """Make sure that nothing is lost when the name's comma is replaced."""
    if isinstance(alias.comma, cst.Comma):
        space = alias.comma.whitespace_before
        if isinstance(space, cst.ParenthesizedWhitespace) and (
            space.first_line.comment is not None or _has_comment(space)
        ):
            raise _beside()


def _space(alias: cst.ImportAlias) -> cst.ParenthesizedWhitespace | None:
    """The lines between a name's comma and what follows; ``None`` where it stays on its line."""
    if not isinstance(alias.comma, cst.Comma):
        return None
    space = alias.comma.whitespace_after
    return space if isinstance(space, cst.ParenthesizedWhitespace) else None


def _followed_by(
    alias: cst.ImportAlias, space: cst.ParenthesizedWhitespace, end: cst.ParenthesizedWhitespace
) -> cst.ImportAlias:
    """A name with the comment that is behind it, and then the indentation that ``end`` has."""
    if _has_comment(space):
        raise _beside()
    after = space.with_changes(indent=end.indent, last_line=end.last_line)
    return alias.with_changes(comma=cst.Comma(whitespace_after=after))


def _has_comment_above(
    node: cst.Import | cst.ImportFrom, names: Sequence[cst.ImportAlias], index: int
) -> bool:
    """Whether lines of comment stand between a name and what is before it."""
    if index:
        space = _space(names[index - 1])
    elif isinstance(node, cst.ImportFrom) and node.lpar is not None:
        behind = node.lpar.whitespace_after
        space = behind if isinstance(behind, cst.ParenthesizedWhitespace) else None
    else:
        return False
    return space is not None and _has_comment(space)


def _insert(
    program: Program,
    aliases: list[cst.ImportAlias],
    node: cst.ImportFrom,
    name: str,
    asname: str | None,
) -> None:
    bound = cst.AsName(cst.Name(asname)) if asname and asname != name else None
    alias = cst.ImportAlias(cst.Name(name), asname=bound)
    position = place(program, [a.evaluated_name for a in aliases], name)
    between = _between(aliases, node)
    if position < len(aliases):
        if _has_comment_above(node, aliases, position):
            raise _beside()
        aliases.insert(position, alias.with_changes(comma=cst.Comma(whitespace_after=between)))
        return
    last = aliases[-1]
    _require_no_comment_before_comma(last)
    end = _space(last)
    if end is not None and (end.first_line.comment is not None or _has_comment(end)):
        if not isinstance(between, cst.ParenthesizedWhitespace):
            raise _beside()
        aliases[-1] = _followed_by(last, end, between)
        alias = alias.with_changes(comma=cst.Comma(whitespace_after=_without_comment(end)))
    else:
        if isinstance(last.comma, cst.Comma):
            alias = alias.with_changes(comma=last.comma)
        elif node.rpar is not None and "#" in _code(program, node.rpar):
            raise _beside()
        aliases[-1] = last.with_changes(comma=cst.Comma(whitespace_after=between))
    aliases.append(alias)


def _has_comment(space: cst.ParenthesizedWhitespace) -> bool:
    return any(line.comment for line in space.empty_lines)


def _without_comment(space: cst.ParenthesizedWhitespace) -> cst.ParenthesizedWhitespace:
    return space.with_changes(
        first_line=cst.TrailingWhitespace(newline=space.first_line.newline), empty_lines=()
    )


def _between(
    aliases: list[cst.ImportAlias], node: cst.ImportFrom
) -> cst.BaseParenthesizableWhitespace:
    """The white space that separates the names of an import."""
    for alias in aliases[:-1]:
        if isinstance(alias.comma, cst.Comma):
            spaces = alias.comma.whitespace_after
            lines = isinstance(spaces, cst.ParenthesizedWhitespace)
            return _without_comment(spaces) if lines else spaces
    if node.lpar is not None:
        spaces = node.lpar.whitespace_after
        if isinstance(spaces, cst.ParenthesizedWhitespace):
            is_commented = spaces.first_line.comment is not None or _has_comment(spaces)
            return _without_comment(spaces) if is_commented else spaces
    return cst.SimpleWhitespace(" ")


def place(program: Program, names: list[str], name: str) -> int:
    """Where a name goes: in the import's own order, else the file's; last where it has none."""
    fitting = [key for key in _ORDERS if _sorted(names, key)]
    if not fitting:
        return len(names)
    others = [
        [alias.name for alias in node.names]
        for node in program.of(ast.ImportFrom)
        if len(node.names) > 1
    ]
    key = max(fitting, key=lambda key: sum(_sorted(listed, key) for listed in others))
    return sum(key(n) < key(name) for n in names)


def _sorted(names: list[str], key: _Order) -> bool:
    keys = [key(name) for name in names]
    return keys == sorted(keys)


# How names of an import are sorted: without case (usort, which torchtitan uses and which is taken
# where the file does not tell), constants and classes first (isort, ruff), or as they are.
_ORDERS: tuple[_Order, ...] = (
    lambda name: (name.lower(),),
    lambda name: (not name.isupper(), not name[0].isupper(), name.lower()),
    lambda name: (name,),
)


def fitted(program: Program, statement: ast.stmt, code: str) -> str:
    """An import with a name a line, where it is too long for the file on one line.

    Raises:
        Refused: White space of another kind stands around ``import``.
    """
    source = program.source
    lead = indentation(source, statement.lineno)
    if "(" in code or len(lead) + len(code) <= program.once(_line_length):
        return code
    unit = "\t" if source.text.startswith("\t") or "\n\t" in source.text else "    "
    head, _, names = code.partition(" import ")
    if not names:
        raise Refused("the import is laid out in another way")
    end = source.line_ending
    lines = "".join(f"{lead}{unit}{name.strip()},{end}" for name in names.split(","))
    return f"{head} import ({end}{lines}{lead})"


_LINE_LENGTH = 88


def _line_length(program: Program) -> int:
    """How long a line of code may be: as long as the longest one that a formatter could break."""
    lines = program.source.text.splitlines()
    breakable = (len(line) for line in lines if not any(mark in line for mark in "#'\""))
    return max(_LINE_LENGTH, min(max(breakable, default=0), 2 * _LINE_LENGTH))
