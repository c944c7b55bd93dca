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
from titan_lint.rewrite import (
    EnsureImport,
    MoveImport,
    RemoveImport,
    RemoveStatements,
    RetargetImport,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from titan_lint.file import Program
    from titan_lint.origins.bindings import Binding

    _Order = Callable[[str], tuple[bool | str, ...]]

Import = ast.Import | ast.ImportFrom


def ensure(program: Program, operation: EnsureImport) -> list[Edit]:
    """Edits that import a module, or a name of one, at the top of the file.

    Raises:
        Refused: The name already means something else.
    """
    name = operation.name or operation.module.partition(".")[0]
    bound = program.bindings.module.bindings.get(name, [])
    if not all(_is_import_of(binding, operation) for binding in bound):
        raise Refused(f"{name!r} already means something else in this file")
    top_level = [b for b in bound if program.parents.get(program.statement(b.node)) is program.tree]
    if any(_brings(binding, operation) for binding in top_level):
        return []
    if operation.name is not None:
        existing = _existing(program, operation.module, None)
        if existing is not None:
            return [_with_names(program, existing, [(operation.name, None)])]
    return [_new_import(program, _statement_text(operation.module, operation.name), gone=None)]


def _is_import_of(binding: Binding, operation: EnsureImport) -> bool:
    """Whether a name is bound to what ``operation`` would bind it to."""
    if operation.name is None:
        top = operation.module.partition(".")[0]
        return binding.kind is Kind.IMPORT and binding.path == top
    source = (binding.path, binding.member)
    return binding.kind is Kind.FROM and source == (operation.module, operation.name)


def _brings(binding: Binding, operation: EnsureImport) -> bool:
    """Whether an import of the right name also loads the module that is wanted."""
    if operation.name is not None:
        return True
    loaded = binding.node.name if isinstance(binding.node, ast.alias) else ""
    return loaded == operation.module or loaded.startswith(f"{operation.module}.")


def move(program: Program, operation: MoveImport) -> list[Edit]:
    """Edits that take names from another module, merged into an import of it that is there.

    Raises:
        Refused: The layout leaves no simple way.
    """
    statement, module = operation.statement, operation.module
    moving = {moved.alias for moved in operation.names}
    everything = all(alias in moving for alias in statement.names)
    existing = _existing(program, module, statement)
    names = list(dict.fromkeys((moved.name, moved.asname) for moved in operation.names))
    if statement.module == module and not statement.level and not everything:
        return [_renamed(program, statement, moving, names)]
    if existing is not None:
        known = {(alias.name, alias.asname) for alias in existing.names}
        new = [entry for entry in names if entry not in known]
        added = [_with_names(program, existing, new)] if new else []
        return [*added, *remove(program, RemoveImport(statement, tuple(moving)))]
    nested = program.parents[statement] is not program.tree
    if everything and (nested or _in_order(program, statement, module)):
        return [_redirected(program, operation)]
    require_own_lines(program, statement)
    if everything:
        text = _moved_text(program, operation)
        return [
            _new_import(program, text, gone=statement),
            *removals(program, RemoveStatements((statement,))),
        ]
    text = _statement_text(module, ", ".join(_alias_text(*entry) for entry in names))
    if nested:
        beside = _after(
            program, statement, f"{indentation(program.source, statement.lineno)}{text}"
        )
    else:
        beside = _new_import(program, text, gone=None)
    return [_without_names(program, statement, moving), beside]


def remove(program: Program, operation: RemoveImport) -> list[Edit]:
    """Edits that take names out of an import, or the whole statement.

    Raises:
        Refused: A comment stands beside a name, or the statement shares its line.
    """
    gone = set(operation.aliases)
    if all(alias in gone for alias in operation.statement.names):
        return removals(program, RemoveStatements((operation.statement,)))
    return [_without_names(program, operation.statement, gone)]


def retarget(program: Program, operation: RetargetImport) -> list[Edit]:
    """Edits that let an ``import`` statement name another module.

    Raises:
        Refused: The module's name is written with white space in it.
    """
    alias = operation.alias
    start = program.span(alias).start
    text = program.source.text
    if not text.startswith(alias.name, start):
        raise Refused("the module's name is laid out in another way")
    for other in ast.walk(program.tree):
        if (
            isinstance(other, ast.Import)
            and other is not operation.statement
            and program.parents[other] is program.parents[operation.statement]
            and any((a.name, a.asname) == (operation.module, alias.asname) for a in other.names)
        ):
            return remove(program, RemoveImport(operation.statement, (alias,)))
    return [trimmed(start, alias.name, operation.module)]


def _statement_text(module: str, names: str | None) -> str:
    return f"import {module}" if names is None else f"from {module} import {names}"


def _alias_text(name: str, asname: str | None) -> str:
    return f"{name} as {asname}" if asname and asname != name else name


def _existing(program: Program, module: str, near: ast.ImportFrom | None) -> ast.ImportFrom | None:
    """An import of ``module`` in the same block as ``near`` (by default the module's own)."""
    block = program.block(near) if near is not None else program.tree.body
    for statement in block:
        if (
            near is not None
            and not isinstance(statement, Import)
            and statement.lineno > near.lineno
        ):
            break  # What comes below may be too late for what stands between.
        if (
            isinstance(statement, ast.ImportFrom)
            and statement is not near
            and statement.level == 0
            and statement.module == module
            and all(alias.name != "*" for alias in statement.names)
        ):
            return statement
    return None


def _parsed(program: Program, statement: Import) -> tuple[cst.Import | cst.ImportFrom, str, int]:
    span = program.span(statement)
    text = program.source.text[span.start : span.end]
    config = cst.PartialParserConfig(default_newline=program.source.line_ending)
    try:
        line = cst.parse_statement(text, config)
    except cst.ParserSyntaxError as error:
        raise Refused("LibCST cannot parse the import") from error
    if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
        node = line.body[0]
        if isinstance(node, cst.Import | cst.ImportFrom):
            return node, text, span.start
    raise Refused("LibCST reads the import differently")


def _names_of(node: cst.Import | cst.ImportFrom) -> list[cst.ImportAlias]:
    if isinstance(node.names, cst.ImportStar):
        raise Refused("the import takes everything")
    return list(node.names)


def _code(program: Program, node: cst.CSTNode) -> str:
    module = cst.Module(body=[], default_newline=program.source.line_ending)
    return module.code_for_node(node)


def _with_names(
    program: Program, statement: ast.ImportFrom, names: Sequence[tuple[str, str | None]]
) -> Edit:
    """Add names, each with what it is bound as, where the order of the import wants them."""
    node, text, start = _parsed(program, statement)
    assert isinstance(node, cst.ImportFrom)
    aliases = _names_of(node)
    for name, asname in names:
        _insert(program, aliases, node, name, asname)
    changed = _fitted(program, node.with_changes(names=aliases), statement)
    return trimmed(start, text, _code(program, changed))


def _insert(
    program: Program,
    aliases: list[cst.ImportAlias],
    node: cst.ImportFrom,
    name: str,
    asname: str | None,
) -> None:
    bound = cst.AsName(cst.Name(asname)) if asname and asname != name else None
    alias = cst.ImportAlias(cst.Name(name), asname=bound)
    position = _place(program, [a.evaluated_name for a in aliases], name)
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
        return (
            node.lpar.whitespace_after
            if isinstance(node.lpar.whitespace_after, cst.ParenthesizedWhitespace)
            else cst.SimpleWhitespace(" ")
        )
    return cst.SimpleWhitespace(" ")


def _place(program: Program, names: list[str], name: str) -> int:
    """Where a name goes: in the import's own order, else the file's; last where it has none."""
    fitting = [key for key in _ORDERS if _sorted(names, key)]
    if not fitting:
        return len(names)
    others = [
        [alias.name for alias in node.names]
        for node in ast.walk(program.tree)
        if isinstance(node, ast.ImportFrom) and len(node.names) > 1
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


def _fitted(program: Program, node: cst.ImportFrom, statement: ast.stmt) -> cst.ImportFrom:
    """The import with a name a line, where it is too long for the file on one line."""
    source = program.source
    code, lead = _code(program, node), indentation(source, statement.lineno)
    if node.lpar is not None or len(lead) + len(code) <= _line_length(program):
        return node
    unit = "\t" if source.text.startswith("\t") or "\n\t" in source.text else "    "
    head, _, names = code.partition(" import ")
    end = source.line_ending
    lines = "".join(f"{lead}{unit}{name.strip()},{end}" for name in names.split(","))
    config = cst.PartialParserConfig(default_newline=end)
    parsed = cst.parse_statement(f"{head} import ({end}{lines}{lead})", config)
    assert isinstance(parsed, cst.SimpleStatementLine)
    assert isinstance(parsed.body[0], cst.ImportFrom)
    return parsed.body[0]


_LINE_LENGTH = 88


def _line_length(program: Program) -> int:
    """How long a line of code may be: as long as the longest one that a formatter could break."""
    lines = program.source.text.splitlines()
    breakable = (len(line) for line in lines if not any(mark in line for mark in "#'\""))
    return max(_LINE_LENGTH, min(max(breakable, default=0), 2 * _LINE_LENGTH))


def _without_names(program: Program, statement: Import, gone: Collection[ast.alias]) -> Edit:
    node, text, start = _parsed(program, statement)
    kept = _kept(program, statement, node, gone)
    return trimmed(start, text, _code(program, node.with_changes(names=kept)))


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


def _renamed(
    program: Program,
    statement: ast.ImportFrom,
    gone: Collection[ast.alias],
    names: Sequence[tuple[str, str | None]],
) -> Edit:
    """Other names, in the place of some, from the module that the statement imports from."""
    node, text, start = _parsed(program, statement)
    assert isinstance(node, cst.ImportFrom)
    aliases = _kept(program, statement, node, gone)
    known = {(alias.evaluated_name, alias.evaluated_alias) for alias in aliases}
    for name, asname in names:
        if (name, asname) not in known:
            _insert(program, aliases, node, name, asname)
    changed = _fitted(program, node.with_changes(names=aliases), statement)
    return trimmed(start, text, _code(program, changed))


def _redirected(program: Program, operation: MoveImport) -> Edit:
    """Change the module (and names) of an import that stays where it is.

    The edit spans the statement, although most of that stays: a name that another fix adds to it
    belongs to the old module.
    """
    span = program.span(operation.statement)
    return Edit(span.start, span.end, _moved_text(program, operation))


def _moved_text(program: Program, operation: MoveImport) -> str:
    """An import statement of which all names move, in its own layout.

    Raises:
        Refused: Two names become one, and a comment stands beside one of them.
    """
    node, _, _ = _parsed(program, operation.statement)
    assert isinstance(node, cst.ImportFrom)
    module = cst.parse_expression(operation.module)
    assert isinstance(module, cst.Name | cst.Attribute)
    moved = {entry.alias: entry for entry in operation.names}
    written_names = _names_of(node)
    names: list[cst.ImportAlias] = []
    known: set[tuple[str, str | None]] = set()
    for alias, written in zip(operation.statement.names, written_names, strict=True):
        entry = moved[alias]
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
    return _code(program, _fitted(program, changed, operation.statement))


def _top_imports(program: Program) -> list[Import]:
    """The imports that the module begins with."""
    found: list[Import] = []
    for statement in program.tree.body:
        if isinstance(statement, Import):
            if not _is_future(statement):
                found.append(statement)
        elif found:
            break
    return found


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


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
    before = [s for s in imports[:index][-1:] if _adjacent(program, s, statement)]
    after = [s for s in imports[index + 1 :][:1] if _adjacent(program, s, statement)]
    here = _order(statement)
    # A neighbour that is out of order already says nothing.
    return not any(here >= _order(s) > key for s in before) and not any(
        here <= _order(s) < key for s in after
    )


def _adjacent(program: Program, one: Import, other: Import) -> bool:
    first, second = sorted((one, other), key=lambda s: s.lineno)
    lines = range(last_line(first) + 1, first_line(second))
    return all(program.source.line_text(line).strip() for line in lines)


def _new_import(program: Program, text: str, gone: Import | None) -> Edit:
    """An import on lines of its own, among the file's imports where its order wants it."""
    source = program.source
    (parsed,) = ast.parse(text).body
    assert isinstance(parsed, Import)
    text += source.line_ending
    key, module = _order(parsed), _order(parsed)[1]
    imports = [s for s in _top_imports(program) if s is not gone]
    family = module.partition(".")[0]
    alike = [s for s in imports if _top(s) == family] or [
        s for s in imports if _section(_top(s)) == _section(module)
    ]
    alike = [s for s in alike if isinstance(s, type(parsed))] or alike
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
    """A line below a statement; ``text`` may lack its line ending."""
    source = program.source
    require_own_lines(program, statement)
    text = text.removesuffix(source.line_ending) + source.line_ending
    start = source.line_end(last_line(statement))
    if not source.text[:start].endswith(("\n", "\r")):
        text = source.line_ending + text.removesuffix(source.line_ending)
    return Edit(start, start, text)


def _first_import(program: Program, text: str) -> Edit:
    """Below the docstring and the ``__future__`` imports of a file without other imports."""
    source = program.source
    header: ast.stmt | None = None
    for statement in program.tree.body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not docstring and not _is_future(statement):
            break
        header = statement
    if header is not None:
        return _after(program, header, source.line_ending + text)
    first = program.tree.body[0]
    start = source.line_start(comment_above(program, first))
    return Edit(start, start, text + source.line_ending)
