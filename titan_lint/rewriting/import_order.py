"""Where a new import stands: among those that a file begins with, in the order that they keep."""

from __future__ import annotations

import ast
import sys
from bisect import bisect_right

from titan_lint.finding import Edit
from titan_lint.rewriting.statements import (
    Import,
    comment_above,
    first_line,
    last_line,
    require_own_lines,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.program import Program


def top_imports(program: Program) -> list[Import]:
    """The imports that the module begins with."""
    return program.once(_find_top_imports)


def _find_top_imports(program: Program) -> list[Import]:
    found: list[Import] = []
    for statement in program.tree.body:
        if isinstance(statement, Import):
            if not is_future(statement):
                found.append(statement)
        elif found:
            break
    return found


def positions(program: Program) -> dict[ast.stmt, int]:
    """Where among the imports that the module begins with each one stands."""
    return {statement: index for index, statement in enumerate(top_imports(program))}


def is_future(statement: ast.stmt) -> bool:
    """Whether it is an import from ``__future__``."""
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _order(statement: Import) -> tuple[bool, str]:
    if isinstance(statement, ast.Import):
        return False, statement.names[0].name.lower()
    return True, ("." * statement.level + (statement.module or "")).lower()


def _section(module: str) -> int:
    top = module.partition(".")[0]
    return 0 if top in sys.stdlib_module_names else 1


def in_order(program: Program, statement: ast.ImportFrom, module: str) -> bool:
    """Whether an import of ``module`` may stand where ``statement`` does, in the file's order."""
    imports = top_imports(program)
    index = program.once(positions).get(statement)
    if index is None:
        return True
    key = (True, module.lower())
    before = [s for s in imports[max(index - 1, 0) : index] if _adjacent(program, s, statement)]
    after = [s for s in imports[index + 1 : index + 2] if _adjacent(program, s, statement)]
    here = _order(statement)
    # A neighbour that is out of order already says nothing.
    return not any(here >= _order(s) > key for s in before) and not any(
        here <= _order(s) < key for s in after
    )


def _adjacent(program: Program, one: Import, other: Import) -> bool:
    first, second = sorted((one, other), key=lambda s: s.lineno)
    lines = range(last_line(first) + 1, first_line(second))
    return all(program.source.line_text(line).strip() for line in lines)


def new_import(program: Program, text: str, gone: Import | None) -> Edit:
    """An import on lines of its own, among the file's imports where its order wants it."""
    source = program.source
    (parsed,) = ast.parse(text).body
    assert isinstance(parsed, Import)
    text += source.line_ending
    key, module = _order(parsed), _order(parsed)[1]
    family, groups = module.partition(".")[0], program.once(_groups)
    alike = next(
        (
            group
            for what in (family, _section(module))
            for kind in (type(parsed), None)
            if (group := groups.get((what, kind))) is not None and not group.is_only(gone)
        ),
        None,
    )
    if alike is not None:
        following, above = alike.around(key, gone)
        if following is None:
            return below(program, above, text)
        if comment_above(program, following) == first_line(following):
            start = source.line_start(first_line(following))
            return Edit(start, start, text, imports=True)
        # What heads a file or a group stays at its head.
        return below(program, above, text)
    imports = [s for s in top_imports(program)[:2] if s is not gone]
    if imports and _section(module) < _section(top_package(imports[0])):
        if comment_above(program, imports[0]) == first_line(imports[0]):
            start = source.line_start(first_line(imports[0]))
            return Edit(start, start, text + source.line_ending, imports=True)
        return below(program, imports[0], text)
    if imports:
        last = top_imports(program)[-2:]
        return below(program, last[-1] if last[-1] is not gone else last[0], text)
    return _first_import(program, text)


class _Group:
    """Imports of the top of a file that are alike, in its order."""

    def __init__(self) -> None:
        self._statements: list[Import] = []
        # The highest order so far: the first import that is higher than a key is found without a walk.
        self._highest: list[tuple[bool, str]] = []

    def add(self, statement: Import) -> None:
        """Take in the next one."""
        order = _order(statement)
        self._statements.append(statement)
        self._highest.append(max(order, self._highest[-1]) if self._highest else order)

    def is_only(self, gone: Import | None) -> bool:
        """Whether there is no other than the one that goes."""
        return len(self._statements) == 1 and self._statements[0] is gone

    def around(self, key: tuple[bool, str], gone: Import | None) -> tuple[Import | None, Import]:
        """The first import that is to stand below what has an order, and the one above that, or itself."""
        end = len(self._statements)
        index = next(
            (
                index
                for index in range(bisect_right(self._highest, key), end)
                if self._statements[index] is not gone and _order(self._statements[index]) > key
            ),
            end,
        )
        before = [s for s in self._statements[max(index - 2, 0) : index] if s is not gone]
        if index == end:
            return None, before[-1]
        following = self._statements[index]
        return following, before[-1] if before else following


def _groups(program: Program) -> dict[tuple[str | int, type[Import] | None], _Group]:
    """The imports at the top by their package or section, and by their kind or whatever that is."""
    found: dict[tuple[str | int, type[Import] | None], _Group] = {}
    for statement in top_imports(program):
        top = top_package(statement)
        for what in (top, _section(top)):
            for kind in (type(statement), None):
                found.setdefault((what, kind), _Group()).add(statement)
    return found


def top_package(statement: Import) -> str:
    """The first part of the module that is imported, or imported from; ``.`` for a relative import."""
    if isinstance(statement, ast.Import):
        return statement.names[0].name.partition(".")[0]
    return "." if statement.level else (statement.module or "").partition(".")[0]


def below(program: Program, statement: ast.stmt, text: str) -> Edit:
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
        if not docstring and not is_future(statement):
            break
        header = statement
    if header is not None:
        return below(program, header, source.line_ending + text)
    first = program.tree.body[0]
    line = comment_above(program, first)
    if line == 1:
        line = first_line(first)  # a shebang, a coding line, a licence
    start = source.line_start(line)
    return Edit(start, start, text + source.line_ending, imports=True)
