"""Import statements: add one where it belongs, and move a name to its new home."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

import libcst as cst

from codemods.edits import Refused, trimmed
from codemods.statements import (
    comment_above,
    first_line,
    indentation,
    last_line,
    removals,
    require_own_lines,
)
from titan_lint.finding import Edit
from titan_lint.origins.bindings import Kind
from titan_lint.rewrite import EnsureImport, MoveImport, RemoveStatements

if TYPE_CHECKING:
    from titan_lint.file import Program

Import = ast.Import | ast.ImportFrom


def ensure(program: Program, operation: EnsureImport) -> list[Edit]:
    """Edits that import a module, or a name of one, at the top of the file.

    Raises:
        Refused: The name already means something else.
    """
    name = operation.name or operation.module.partition(".")[0]
    bound = program.bindings.module.bindings.get(name, [])
    for binding in bound:
        if operation.name is None:
            right = binding.kind is Kind.IMPORT and binding.path == operation.module
        else:
            right = (
                binding.kind is Kind.FROM
                and (binding.path, binding.member) == (operation.module, operation.name)
            )
        if not right:
            raise Refused(f"{name!r} already means something else in this file")
    if any(program.parents.get(program.statement(b.node)) is program.tree for b in bound):
        return []
    if operation.name is not None:
        existing = _existing(program, operation.module, None)
        if existing is not None:
            return [_with_name(program, existing, operation.name, None)]
    return [_new_import(program, operation.module, operation.name, None, gone=None)]


def move(program: Program, operation: MoveImport) -> list[Edit]:
    """Edits that take a name from another module, merged into an import that is there.

    Raises:
        Refused: The layout leaves no simple way.
    """
    statement, alias = operation.statement, operation.alias
    asname = alias.asname
    existing = _existing(program, operation.module, statement)
    if len(statement.names) == 1:
        if existing is not None:
            return [
                _with_name(program, existing, operation.name, asname),
                *removals(program, RemoveStatements((statement,))),
            ]
        if _in_order(program, statement, operation.module):
            return [_retarget(program, statement, operation)]
        require_own_lines(program, statement)
        if program.parents[statement] is not program.tree:
            return [_retarget(program, statement, operation)]
        return [
            _new_import(program, operation.module, operation.name, asname, gone=statement),
            *removals(program, RemoveStatements((statement,))),
        ]
    shrunk = _without_name(program, statement, alias)
    if existing is not None:
        return [shrunk, _with_name(program, existing, operation.name, asname)]
    if program.parents[statement] is program.tree:
        new = _new_import(program, operation.module, operation.name, asname, gone=None)
    else:
        new = _beside(program, statement, operation)
    return [shrunk, new]


def _statement_text(module: str, name: str | None, asname: str | None) -> str:
    if name is None:
        return f"import {module}"
    return f"from {module} import {name}" + (f" as {asname}" if asname else "")


def _existing(program: Program, module: str, near: ast.ImportFrom | None) -> ast.ImportFrom | None:
    """An import of ``module`` in the same block as ``near`` (by default the module's own)."""
    block = program.block(near) if near is not None else program.tree.body
    for statement in block:
        if (
            isinstance(statement, ast.ImportFrom)
            and statement is not near
            and statement.level == 0
            and statement.module == module
            and all(alias.name != "*" for alias in statement.names)
        ):
            return statement
    return None


def _parsed(program: Program, statement: ast.ImportFrom) -> tuple[cst.ImportFrom, str, int]:
    span = program.span(statement)
    text = program.source.text[span.start : span.end]
    config = cst.PartialParserConfig(default_newline=program.source.line_ending)
    try:
        line = cst.parse_statement(text, config)
    except cst.ParserSyntaxError as error:
        raise Refused("LibCST cannot parse the import") from error
    if not isinstance(line, cst.SimpleStatementLine) or not isinstance(line.body[0], cst.ImportFrom):
        raise Refused("LibCST reads the import differently")
    return line.body[0], text, span.start


def _code(program: Program, node: cst.CSTNode) -> str:
    module = cst.Module(body=[], default_newline=program.source.line_ending)
    return module.code_for_node(node)


def _name_of(alias: cst.ImportAlias) -> str:
    return alias.evaluated_name


def _with_name(program: Program, statement: ast.ImportFrom, name: str, asname: str | None) -> Edit:
    node, text, start = _parsed(program, statement)
    if isinstance(node.names, cst.ImportStar):
        raise Refused("the import takes everything")
    aliases = list(node.names)
    alias = cst.ImportAlias(
        cst.Name(name), asname=cst.AsName(cst.Name(asname)) if asname and asname != name else None
    )
    position = _place([_name_of(a) for a in aliases], name)
    if position < len(aliases):
        new = alias.with_changes(comma=cst.Comma(whitespace_after=_between(aliases, node)))
        aliases.insert(position, new)
    else:
        last = aliases[-1]
        if isinstance(last.comma, cst.Comma):
            new = alias.with_changes(comma=last.comma)
        else:
            new = alias
        aliases[-1] = last.with_changes(comma=cst.Comma(whitespace_after=_between(aliases, node)))
        aliases.append(new)
    return trimmed(start, text, _code(program, node.with_changes(names=aliases)))


def _between(
    aliases: list[cst.ImportAlias], node: cst.ImportFrom | None = None
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
    if node is not None and node.lpar is not None:
        return node.lpar.whitespace_after if isinstance(
            node.lpar.whitespace_after, cst.ParenthesizedWhitespace
        ) else cst.SimpleWhitespace(" ")
    return cst.SimpleWhitespace(" ")


def _place(names: list[str], name: str) -> int:
    """Where a name goes: in order where there is one, else last."""
    for key in (str, str.lower, lambda n: (n.isupper(), not n[0].isupper(), n.lower())):
        keys = [key(n) for n in names]  # type: ignore[operator]
        if keys == sorted(keys):  # type: ignore[type-var]
            return sum(k < key(name) for k in keys)  # type: ignore[operator]
    return len(names)


def _without_name(program: Program, statement: ast.ImportFrom, alias: ast.alias) -> Edit:
    node, text, start = _parsed(program, statement)
    assert not isinstance(node.names, cst.ImportStar)
    aliases = list(node.names)
    index = statement.names.index(alias)
    gone = aliases.pop(index)
    if "#" in _code(program, gone):
        raise Refused("a comment stands beside the imported name")
    if index == len(aliases):
        aliases[-1] = aliases[-1].with_changes(comma=gone.comma)
    return trimmed(start, text, _code(program, node.with_changes(names=aliases)))


def _retarget(program: Program, statement: ast.ImportFrom, operation: MoveImport) -> Edit:
    """Change the module (and name) of an import that stays where it is."""
    node, text, start = _parsed(program, statement)
    assert not isinstance(node.names, cst.ImportStar)
    (alias,) = node.names
    module = cst.parse_expression(operation.module)
    assert isinstance(module, cst.Name | cst.Attribute)
    changed = node.with_changes(
        module=module,
        relative=(),
        names=[alias.with_changes(name=cst.Name(operation.name))],
    )
    return trimmed(start, text, _code(program, changed))


def _beside(program: Program, statement: ast.ImportFrom, operation: MoveImport) -> Edit:
    """A new import on the line below another one, for imports inside functions."""
    require_own_lines(program, statement)
    source = program.source
    indent = indentation(source, statement.lineno)
    start = source.line_end(last_line(statement))
    text = _statement_text(operation.module, operation.name, operation.alias.asname)
    return Edit(start, start, f"{indent}{text}{source.line_ending}")


def _top_imports(program: Program) -> list[Import]:
    """The imports that the module begins with."""
    found: list[Import] = []
    for statement in program.tree.body:
        if isinstance(statement, Import):
            if not (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
                found.append(statement)
        elif found:
            break
    return found


def _order(statement: Import) -> tuple[bool, str]:
    if isinstance(statement, ast.Import):
        return False, statement.names[0].name.lower()
    return True, ("." * statement.level + (statement.module or "")).lower()


def _section(module: str) -> int:
    top = module.partition(".")[0]
    return 0 if top in sys.stdlib_module_names else 1


def _in_order(program: Program, statement: ast.ImportFrom, module: str) -> bool:
    """Whether an import of ``module`` may stand where ``statement`` does, in the file's order."""
    imports = _top_imports(program)
    if statement not in imports:
        return True
    index = imports.index(statement)
    key = (True, module.lower())
    before = imports[index - 1] if index else None
    after = imports[index + 1] if index + 1 < len(imports) else None
    group = [s for s in (before, after) if s is not None and _adjacent(program, s, statement)]
    if before in group and before is not None and _order(before) > key:
        return not (_order(before) <= _order(statement))
    if after in group and after is not None and key > _order(after):
        return not (_order(statement) <= _order(after))
    return True


def _adjacent(program: Program, one: Import, other: Import) -> bool:
    first, second = sorted((one, other), key=lambda s: s.lineno)
    lines = range(last_line(first) + 1, first_line(second))
    return all(program.source.line_text(line).strip() for line in lines)


def _new_import(
    program: Program, module: str, name: str | None, asname: str | None, gone: Import | None
) -> Edit:
    """An import on a line of its own, among the file's imports where its order wants it."""
    source = program.source
    text = _statement_text(module, name, asname) + source.line_ending
    key = (name is not None, module.lower())
    imports = [s for s in _top_imports(program) if s is not gone]
    family = module.partition(".")[0]
    alike = [s for s in imports if _top(s) == family] or [
        s for s in imports if _section(_top(s)) == _section(module)
    ]
    alike = [s for s in alike if isinstance(s, ast.ImportFrom) == (name is not None)] or alike
    for statement in alike:
        if _order(statement) > key:
            start = source.line_start(comment_above(program, statement))
            return Edit(start, start, text)
    if alike:
        return _after(program, alike[-1], text)
    if imports and _section(module) < _section(_top(imports[0])):
        start = source.line_start(comment_above(program, imports[0]))
        return Edit(start, start, text + source.line_ending)
    if imports:
        return _after(program, imports[-1], text)
    return _first_import(program, text)


def _top(statement: Import) -> str:
    if isinstance(statement, ast.Import):
        return statement.names[0].name.partition(".")[0]
    return "." if statement.level else (statement.module or "").partition(".")[0]


def _after(program: Program, statement: ast.stmt, text: str) -> Edit:
    source = program.source
    require_own_lines(program, statement)
    start = source.line_end(last_line(statement))
    if not source.text[:start].endswith(("\n", "\r")):
        text = source.line_ending + text.removesuffix(source.line_ending)
    return Edit(start, start, text)


def _first_import(program: Program, text: str) -> Edit:
    """Below the docstring and the ``__future__`` imports of a file without other imports."""
    source = program.source
    header: ast.stmt | None = None
    for statement in program.tree.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            header = statement
        elif isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            header = statement
        else:
            break
    if header is not None:
        return _after(program, header, source.line_ending + text)
    first = program.tree.body[0]
    start = source.line_start(comment_above(program, first))
    return Edit(start, start, text + source.line_ending)
