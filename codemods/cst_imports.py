"""Names of imports that are not laid out plainly: :mod:`codemods.import_names` with LibCST.

The statement alone is parsed. The tests hold the plain ways against what is made here.
"""

from __future__ import annotations

import libcst as cst

from codemods.edits import Refused
from codemods.import_names import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Collection, Sequence

    from codemods.import_names import Import
    from titan_lint.file import Program
    from titan_lint.rewrite import MoveImport


def with_names(
    program: Program,
    statement: Import,
    gone: Collection[ast.alias],
    names: Sequence[tuple[str, str | None]],
) -> str:
    """As :func:`codemods.import_names.with_names`."""
    node = _parsed(program, statement)
    aliases = _kept(program, statement, node, gone)
    for name, asname in names:
        assert isinstance(node, cst.ImportFrom)
        _insert(program, aliases, node, name, asname)
    return _code(program, node.with_changes(names=aliases))


def moved(program: Program, operation: MoveImport) -> str:
    """As :func:`codemods.import_names.moved`."""
    node = _parsed(program, operation.statement)
    assert isinstance(node, cst.ImportFrom)
    module = cst.parse_expression(operation.module)
    assert isinstance(module, cst.Name | cst.Attribute)
    entries = {entry.alias: entry for entry in operation.names}
    written_names = _names_of(node)
    names: list[cst.ImportAlias] = []
    known: set[tuple[str, str | None]] = set()
    for alias, written in zip(operation.statement.names, written_names, strict=True):
        entry = entries[alias]
        bound = entry.asname if entry.asname != entry.name else None
        if (entry.name, bound) in known:
            if "#" in _code(program, written):
                raise Refused("a comment stands beside the imported name")
            continue
        known.add((entry.name, bound))
        changed = written.with_changes(name=cst.Name(entry.name))
        if bound is None:
            changed = changed.with_changes(asname=None)
        elif written.asname is None or alias.asname != bound:
            changed = changed.with_changes(asname=cst.AsName(cst.Name(bound)))
        names.append(changed)
    names[-1] = names[-1].with_changes(comma=written_names[-1].comma)
    changed = node.with_changes(module=module, relative=(), names=names)
    return _code(program, changed)


def _parsed(program: Program, statement: Import) -> cst.Import | cst.ImportFrom:
    config = cst.PartialParserConfig(default_newline=program.source.line_ending)
    try:
        line = cst.parse_statement(program.text(statement), config)
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
    for alias, written in zip(statement.names, names, strict=True):
        if alias not in gone:
            kept.append(written)
        elif "#" in _code(program, written):
            raise Refused("a comment stands beside the imported name")
    kept[-1] = kept[-1].with_changes(comma=names[-1].comma)
    return kept


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
    comma = cst.Comma(whitespace_after=_between(aliases, node))
    if position < len(aliases):
        aliases.insert(position, alias.with_changes(comma=comma))
        return
    last = aliases[-1]
    if isinstance(last.comma, cst.Comma):
        alias = alias.with_changes(comma=last.comma)
    aliases[-1] = last.with_changes(comma=comma)
    aliases.append(alias)


def _between(
    aliases: list[cst.ImportAlias], node: cst.ImportFrom
) -> cst.BaseParenthesizableWhitespace:
    """The white space that separates the names of an import."""
    for alias in aliases[:-1]:
        if isinstance(alias.comma, cst.Comma):
            spaces = alias.comma.whitespace_after
            if isinstance(spaces, cst.ParenthesizedWhitespace):
                spaces = spaces.with_changes(
                    first_line=cst.TrailingWhitespace(newline=spaces.first_line.newline),
                    empty_lines=(),
                )
            return spaces
    if node.lpar is not None:
        return (
            node.lpar.whitespace_after
            if isinstance(node.lpar.whitespace_after, cst.ParenthesizedWhitespace)
            else cst.SimpleWhitespace(" ")
        )
    return cst.SimpleWhitespace(" ")
