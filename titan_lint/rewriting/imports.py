"""Import statements: add one where it belongs, and move a name to its new home.

Where ``make`` is false, a change is planned alone: what stands in its way is found, except by LibCST, which
is not imported, and edits are not those that would be made.
"""

from __future__ import annotations

import ast
import sys

from titan_lint.code.names import Kind
from titan_lint.finding import Edit
from titan_lint.rewriting.edits import Refused, trimmed
from titan_lint.rewriting.operations import (
    EnsureImport,
    MoveImport,
    RemoveImport,
    RemoveStatements,
    RetargetImport,
)
from titan_lint.rewriting.statements import (
    Import,
    comment_above,
    first_line,
    indentation,
    last_line,
    removals,
    require_own_lines,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program


def ensure(program: Program, operation: EnsureImport, make: bool = True) -> list[Edit]:
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
            return [_with_names(program, existing, [(operation.name, None)], make=make)]
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


def move(program: Program, operation: MoveImport, make: bool = True) -> list[Edit]:
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
        return [_with_names(program, statement, names, moving, make=make)]
    if existing is not None:
        known = {(alias.name, alias.asname) for alias in existing.names}
        new = [entry for entry in names if entry not in known]
        added = [_with_names(program, existing, new, make=make)] if new else []
        return [*added, *remove(program, RemoveImport(statement, tuple(moving)), make)]
    nested = program.parents[statement] is not program.tree
    if everything and (nested or _in_order(program, statement, module)):
        return [_redirected(program, operation, make)]
    require_own_lines(program, statement)
    if everything:
        text = _moved_text(program, operation, make)
        return [
            _new_import(program, text, gone=statement),
            *removals(program, RemoveStatements((statement,))),
        ]
    text = _statement_text(module, ", ".join(alias_text(*entry) for entry in names))
    if nested:
        beside = _after(
            program, statement, f"{indentation(program.source, statement.lineno)}{text}"
        )
    else:
        beside = _new_import(program, text, gone=None)
    return [_without_names(program, statement, moving, make), beside]


def remove(program: Program, operation: RemoveImport, make: bool = True) -> list[Edit]:
    """Edits that take names out of an import, or the whole statement.

    Raises:
        Refused: A comment stands beside a name, or the statement shares its line.
    """
    gone = set(operation.aliases)
    if all(alias in gone for alias in operation.statement.names):
        return removals(program, RemoveStatements((operation.statement,)))
    return [_without_names(program, operation.statement, gone, make)]


def retarget(program: Program, operation: RetargetImport, make: bool = True) -> list[Edit]:
    """Edits that let an ``import`` statement name another module.

    Raises:
        Refused: The module's name is written with white space in it.
    """
    alias = operation.alias
    start = program.span(alias).start
    text = program.source.text
    if not text.startswith(alias.name, start):
        raise Refused("the module's name is laid out in another way")
    for other in program.nodes:
        if (
            isinstance(other, ast.Import)
            and other is not operation.statement
            and program.parents[other] is program.parents[operation.statement]
            and any((a.name, a.asname) == (operation.module, alias.asname) for a in other.names)
        ):
            return remove(program, RemoveImport(operation.statement, (alias,)), make)
    return [trimmed(start, alias.name, operation.module)]


def _statement_text(module: str, names: str | None) -> str:
    return f"import {module}" if names is None else f"from {module} import {names}"


def alias_text(name: str, asname: str | None) -> str:
    """A name as it is imported, with what it is bound as."""
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


def _with_names(
    program: Program,
    statement: ast.ImportFrom,
    names: Sequence[tuple[str, str | None]],
    gone: Collection[ast.alias] = (),
    *,
    make: bool,
) -> Edit:
    """Add names, each with what it is bound as, where the order of the import wants them.

    They may take the place of some that go.
    """
    known = {(alias.name, alias.asname) for alias in statement.names if alias not in gone}
    new = [entry for entry in names if entry not in known]
    text = program.text(statement)
    if not make:
        return Edit(program.span(statement).start, program.span(statement).end, text)
    from titan_lint.rewriting.import_names import fitted, with_names

    code = fitted(program, statement, with_names(program, statement, gone, new))
    return trimmed(program.span(statement).start, text, code)


def _without_names(
    program: Program, statement: Import, gone: Collection[ast.alias], make: bool
) -> Edit:
    text = program.text(statement)
    if not make:
        return Edit(program.span(statement).start, program.span(statement).end, text)
    from titan_lint.rewriting.import_names import with_names

    return trimmed(program.span(statement).start, text, with_names(program, statement, gone, ()))


def _redirected(program: Program, operation: MoveImport, make: bool) -> Edit:
    """Change the module (and names) of an import that stays where it is.

    The edit spans the statement, although most of that stays: a name that another fix adds to it
    belongs to the old module.
    """
    span = program.span(operation.statement)
    return Edit(span.start, span.end, _moved_text(program, operation, make))


def _moved_text(program: Program, operation: MoveImport, make: bool) -> str:
    """An import statement of which all names move, in its own layout."""
    if not make:
        return _statement_text(operation.module, operation.names[0].name)
    from titan_lint.rewriting.import_names import fitted, moved

    return fitted(program, operation.statement, moved(program, operation))


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
            return Edit(start, start, text, imports=True)
    if alike:
        return _after(program, alike[-1], text)
    if imports and _section(module) < _section(_top(imports[0])):
        start = source.line_start(comment_above(program, imports[0]))
        return Edit(start, start, text + source.line_ending, imports=True)
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
    return Edit(start, start, text, imports=True)


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
    return Edit(start, start, text + source.line_ending, imports=True)
