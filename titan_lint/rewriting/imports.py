"""Import statements: add one where it belongs, and move a name to its new home.

Where ``make`` is false, a change is planned alone: what stands in its way is found, except by LibCST, which
is not imported, and edits are not those that would be made.
"""

from __future__ import annotations

import ast
import itertools

from titan_lint.code.names import FunctionNode
from titan_lint.code.uses import bindings_by_name, is_free
from titan_lint.finding import Edit
from titan_lint.rewriting.edits import Refused, trimmed
from titan_lint.rewriting.import_order import (
    below,
    in_order,
    is_future,
    new_import,
    positions,
    top_imports,
    top_package,
)
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
    indentation,
    last_line,
    removals,
    require_own_lines,
)
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program
    from titan_lint.rewriting.operations import Entry


class _Place(Struct):
    """Where an import goes.

    Attributes:
        module: The module that is imported, or imported from.
        is_whole: Whether it is the module itself.
        joins: The import that takes it up.
        below: The import right below which it stands; where there is neither, it stands among the file's.
    """

    module: str
    is_whole: bool
    joins: ast.ImportFrom | None = None
    below: Import | None = None


def ensure(
    program: Program,
    operations: Sequence[EnsureImport],
    make: bool = True,
    moves: Sequence[MoveImport] = (),
) -> list[Edit]:
    """Edits that import modules, or names of them, where they are used: what goes to one place, together.

    Args:
        program: The file.
        operations: What to import.
        make: See the module.
        moves: What the same rewrite moves: an import that brings a name then does so already.

    Raises:
        Refused: A name means something else somewhere, or no import tells where one belongs.
    """
    moved = {(one.statement, one.module, *entry) for one in moves for entry in _names(one)}
    leaving = {one.statement for one in moves if len(one.names) >= len(one.statement.names)}
    places: dict[_Place, list[str]] = {}
    for operation in operations:
        place = _place(program, operation)
        if place is None or (place.joins, operation.module, operation.name, None) in moved:
            continue
        if place.joins in leaving:
            raise Refused("a name would join an import that moves")
        places.setdefault(place, []).append(operation.name or "")
    return [
        _ensured(program, place, list(dict.fromkeys(names)), make)
        for place, names in places.items()
    ]


def _ensured(program: Program, place: _Place, names: list[str], make: bool) -> Edit:
    entries: list[Entry] = [(name, None) for name in names]
    if place.joins is not None:
        return _with_names(program, place.joins, entries, make=make)
    text = _statement_text(place.module, None if place.is_whole else names[0])
    text = _extended(program, place.below or program.tree.body[0], text, entries[1:], make)
    if place.below is None:
        return new_import(program, text, gone=None)
    lead = indentation(program.source, place.below.lineno)
    return below(program, place.below, f"{lead}{text}")


def _place(program: Program, operation: EnsureImport) -> _Place | None:
    """Where an import goes; ``None`` where it is there already.

    Raises:
        Refused: The name means something else somewhere, or no import tells where this one belongs.
    """
    name = operation.name or operation.module.partition(".")[0]
    if not is_free(program, operation.module, operation.name):
        raise Refused(f"{name!r} already means something else in this file")
    bound = program.bindings.module.bindings.get(name, [])
    at_top = [b for b in bound if program.parents.get(program.statement(b.node)) is program.tree]
    anchor = _anchor(program, operation)
    nested = anchor is not None and program.parents[anchor] is not program.tree
    if operation.site is not None:
        scope = _scope_of(program, anchor) if anchor is not None and nested else program.tree
        if not _is_seen(program, scope, name, [operation.site]):
            raise Refused(f"a function imports {name!r} for itself")
    if anchor is not None and nested:
        if any(_brings(binding, operation) for binding in at_top):
            return None
        return _beside(program, anchor, operation)
    line = program.statement(operation.site).lineno if operation.site is not None else None
    for binding in at_top:
        if _brings(binding, operation):
            # A function above an import may be called above it, too.
            if line is not None and program.statement(binding.node).lineno > line:
                raise Refused(f"{name!r} is imported too late in this file")
            return None
    imports = top_imports(program)
    if anchor is not None and anchor not in imports:
        return _beside(program, anchor, operation)
    if operation.name is not None:
        for existing in (anchor, *imports):
            if isinstance(existing, ast.ImportFrom) and _is_of(existing, operation.module):
                return _Place(operation.module, is_whole=False, joins=existing)
    return _Place(operation.module, operation.name is None)


def _anchor(program: Program, operation: EnsureImport) -> Import | None:
    """The import that brings what a new one extends; ``None`` for the top of the file.

    Raises:
        Refused: It comes from several places, or from where the new name would not reach the code.
    """
    if operation.site is None:
        return None
    found = _brought_by(program, operation.site)
    at_top = [s for s in found if program.parents[s] is program.tree]
    if at_top:
        return _first_of(program, at_top[0])
    if len(found) > 1:
        raise Refused("what the code rests on is imported in several places")
    if found:
        (anchor,) = found
        _require_reach(program, anchor, operation.site)
        return anchor
    if any(top_package(s) == operation.module.partition(".")[0] for s in _unconditional(program)):
        return None
    raise Refused("the file does not always import torchtitan, and nothing tells where it may")


def _first_of(program: Program, statement: Import) -> Import:
    """The first import that brings the same as one in the module's own block: what both get would be bound twice."""
    if not isinstance(statement, ast.ImportFrom):
        return statement
    brought = {(alias.name, alias.asname) for alias in statement.names}
    return next(
        other
        for other in program.tree.body
        if isinstance(other, ast.ImportFrom)
        and (other.module, other.level) == (statement.module, statement.level)
        and not brought.isdisjoint((alias.name, alias.asname) for alias in other.names)
    )


def _brought_by(program: Program, site: ast.expr) -> list[Import]:
    """The import statements that the first name of an expression comes from."""
    node = site
    while not isinstance(node, ast.Name):
        match node:
            case ast.Call(func=inner) | ast.Attribute(value=inner) | ast.Subscript(value=inner):
                node = inner
            case _:
                return []
    statements = [
        program.parents[binding.node]
        for binding in program.bindings.of(node) or program.bindings.scope_stars(node)
        if isinstance(binding.node, ast.alias)
    ]
    return list(dict.fromkeys(s for s in statements if isinstance(s, Import)))


def _unconditional(program: Program) -> list[Import]:
    return [s for s in program.tree.body if isinstance(s, Import) and not is_future(s)]


def _require_reach(program: Program, anchor: Import, site: ast.expr) -> None:
    """Make sure that what is imported beside an import is seen where an expression stands."""
    declared = {name for node in program.of(ast.Global, ast.Nonlocal) for name in node.names}
    if any((alias.asname or alias.name.partition(".")[0]) in declared for alias in anchor.names):
        raise Refused("what the code rests on is imported for other scopes")
    for parent in program.ancestors(anchor):
        if isinstance(parent, ast.ClassDef):
            inner = next(
                (a for a in program.ancestors(site) if isinstance(a, _SCOPES)), program.tree
            )
            if inner is not parent:
                raise Refused("what the code rests on is imported in a class")
            return
        if isinstance(parent, FunctionNode):
            return


_SCOPES = FunctionNode | ast.ClassDef | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def _is_of(statement: ast.ImportFrom, module: str) -> bool:
    """Whether names may join an import: it takes some, by name, from a module."""
    return (
        statement.module == module
        and not statement.level
        and all(alias.name != "*" for alias in statement.names)
    )


def _beside(program: Program, anchor: Import, operation: EnsureImport) -> _Place:
    """The same block as that of another import: a part of it, of one next to it, or right below."""
    if operation.name is not None:
        beside = [*_neighbours(program, anchor, operation.module)]
        if isinstance(anchor, ast.ImportFrom) and _is_of(anchor, operation.module):
            beside = [anchor]
        index = program.place(anchor)[1]
        above = [other for other in beside if program.place(other)[1] < index]
        for statement in (*above[-1:], *beside[:1]):
            return _Place(operation.module, is_whole=False, joins=statement)
    return _Place(operation.module, operation.name is None, below=anchor)


def _beside_each_other(program: Program) -> dict[Import, dict[str, list[ast.ImportFrom]]]:
    """For every import, those of its block with nothing but imports between, by module, in order.

    It is one dictionary for all that stand together; only imports are in it that names may join.
    """
    found: dict[Import, dict[str, list[ast.ImportFrom]]] = {}
    # Those of a block come in its order.
    imports = (*program.of(ast.Import), *program.of(ast.ImportFrom))
    for node in sorted(imports, key=lambda node: (node.lineno, node.col_offset)):
        block, index = program.place(node)
        before = block[index - 1] if index else None
        together = found[before] if isinstance(before, Import) else {}
        found[node] = together
        if isinstance(node, ast.ImportFrom) and node.module and _is_of(node, node.module):
            together.setdefault(node.module, []).append(node)
    return found


def _neighbours(program: Program, statement: Import, module: str) -> Iterator[ast.ImportFrom]:
    """The imports of a module that names may join beside a statement, nothing but imports between, in order."""
    together = program.once(_beside_each_other)[statement].get(module, ())
    return (other for other in together if other is not statement)


def _brings(binding: Binding, operation: EnsureImport) -> bool:
    """Whether an import of the right name also loads the module that is wanted."""
    if operation.name is not None:
        return True
    loaded = binding.node.name if isinstance(binding.node, ast.alias) else ""
    return loaded == operation.module or loaded.startswith(f"{operation.module}.")


def move(
    program: Program,
    operation: MoveImport,
    make: bool = True,
    more: Sequence[Entry] = (),
    leaving: Collection[ast.ImportFrom] = (),
) -> list[Edit]:
    """Edits that take names from another module, merged into an import of it that is there.

    Args:
        program: The file.
        operation: What to move.
        make: See the module.
        more: Names of the same module to import there, too, which come from elsewhere.
        leaving: Statements that names leave at the same time: none of them is merged into.

    Raises:
        Refused: The layout leaves no simple way.
    """
    statement, module = operation.statement, operation.module
    moving = {moved.alias for moved in operation.names}
    everything = all(alias in moving for alias in statement.names)
    is_noted = _is_noted(program, statement)
    existing = None if is_noted else _existing(program, module, statement, leaving)
    names = _names(operation)
    there = () if is_noted else _there(program, statement, module, [*names, *more], leaving)
    names = [entry for entry in names if entry not in there]
    more = [entry for entry in more if entry not in there]
    if statement.module == module and not statement.level and not everything:
        return [_with_names(program, statement, [*names, *more], moving, make=make)]
    if existing is not None or not (names or more):
        new = [*names, *more]
        added = [_with_names(program, existing, new, make=make)] if existing and new else []
        return [*added, *remove(program, RemoveImport(statement, tuple(moving)), make)]
    nested = program.parents[statement] is not program.tree
    if everything and (nested or is_noted or in_order(program, statement, module)):
        return [_redirected(program, operation, make, more, there)]
    require_own_lines(program, statement)
    if everything:
        text = _moved_text(program, operation, make, more, there)
        return [
            new_import(program, text, gone=statement),
            *removals(program, RemoveStatements((statement,))),
        ]
    text = _statement_text(module, ", ".join(alias_text(*entry) for entry in names))
    text = _extended(program, statement, text, more, make)
    if nested or statement not in program.once(positions):
        beside = below(program, statement, f"{indentation(program.source, statement.lineno)}{text}")
    else:
        beside = new_import(program, text, gone=None)
    return [_without_names(program, statement, moving, make), beside]


def together(program: Program, moves: Sequence[MoveImport]) -> list[MoveImport]:
    """Those moves to one module that are made in one place: the first one, and all that would join it."""
    first, *rest = moves
    if not _may_join(program, first):
        return [first]
    # One dictionary is shared by all imports that stand together.
    standing = program.once(_beside_each_other)
    existing = _existing(program, first.module, first.statement)
    return [
        first,
        *(
            other
            for other in rest
            if standing[other.statement] is standing[first.statement]
            and _may_join(program, other)
            and _existing(program, other.module, other.statement) is existing
        ),
    ]


def _may_join(program: Program, operation: MoveImport) -> bool:
    """Whether names leave a statement for another one, and take no comment along."""
    statement = operation.statement
    return statement.module != operation.module and not _is_noted(program, statement)


def move_together(program: Program, moves: Sequence[MoveImport], make: bool = True) -> list[Edit]:
    """Edits that take names of several statements from another module, all where the first ones go.

    Args:
        program: The file.
        moves: What :func:`together` gave.
        make: See the module.

    Raises:
        Refused: The layout leaves no simple way.
    """
    first, *rest = moves
    own = _names(first)
    more = dict.fromkeys(entry for other in rest for entry in _names(other))
    leaving = [other.statement for other in rest]
    edits = move(program, first, make, [entry for entry in more if entry not in own], leaving)
    gone: dict[ast.ImportFrom, list[ast.alias]] = {}
    for other in rest:
        gone.setdefault(other.statement, []).extend(moved.alias for moved in other.names)
    for statement, aliases in gone.items():
        edits += remove(program, RemoveImport(statement, tuple(aliases)), make)
    return edits


def _names(operation: MoveImport) -> list[Entry]:
    """What a move imports, each with what it is bound as."""
    return list(dict.fromkeys((moved.name, moved.asname) for moved in operation.names))


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
    there = program.once(_whole_imports)
    key = (program.parents[operation.statement], operation.module, alias.asname)
    if any(other is not operation.statement for other in there.get(key, ())):
        return remove(program, RemoveImport(operation.statement, (alias,)), make)
    return [trimmed(start, alias.name, operation.module)]


def _whole_imports(
    program: Program,
) -> dict[tuple[ast.AST, str, str | None], list[ast.Import]]:
    """The ``import`` statements by what they stand in, a module that they name, and what it is bound as."""
    found: dict[tuple[ast.AST, str, str | None], list[ast.Import]] = {}
    for node in program.of(ast.Import):
        for alias in node.names:
            key = (program.parents[node], alias.name, alias.asname)
            found.setdefault(key, []).append(node)
    return found


def _statement_text(module: str, names: str | None) -> str:
    return f"import {module}" if names is None else f"from {module} import {names}"


def alias_text(name: str, asname: str | None) -> str:
    """A name as it is imported, with what it is bound as."""
    return f"{name} as {asname}" if asname and asname != name else name


def _existing(
    program: Program, module: str, near: ast.ImportFrom, but: Collection[ast.ImportFrom] = ()
) -> ast.ImportFrom | None:
    """An import of ``module`` beside another one, with nothing but imports between."""
    return next((s for s in _neighbours(program, near, module) if s not in but), None)


def _by_name(program: Program) -> dict[tuple[int, str], dict[Entry, list[ast.ImportFrom]]]:
    """The imports that names may join: by their block, as its identity, and module, then by what they import."""
    found: dict[tuple[int, str], dict[Entry, list[ast.ImportFrom]]] = {}
    for node in program.of(ast.ImportFrom):
        if node.module and _is_of(node, node.module):
            names = found.setdefault((id(program.place(node)[0]), node.module), {})
            for alias in node.names:
                names.setdefault((alias.name, alias.asname), []).append(node)
    return found


def _there(
    program: Program,
    statement: ast.ImportFrom,
    module: str,
    wanted: Iterable[Entry],
    leaving: Collection[ast.ImportFrom] = (),
) -> set[Entry]:
    """What of some names is imported from a module where a statement stands already: above it in its block, or beside it.

    Its name means nothing else in the scope.
    """
    block, index = program.place(statement)
    imported = program.once(_by_name).get((id(block), module), {})
    # One dictionary is shared by all imports that stand together.
    standing = program.once(_beside_each_other)
    found = {
        entry
        for entry in wanted
        if any(
            other is not statement
            and other not in leaving
            and (program.place(other)[1] < index or standing[other] is standing[statement])
            for other in imported.get(entry, ())
        )
    }
    scope, gone = _scope_of(program, statement), (statement, *leaving)
    return {
        (name, asname)
        for name, asname in found
        if all(
            isinstance(node, ast.alias)
            and isinstance(other := program.parents[node], ast.ImportFrom)
            and (other in gone or (_is_of(other, module) and node.name == name))
            for node in _bound_in(program, scope, asname or name)
        )
    }


def may_bring(
    program: Program, statement: ast.ImportFrom, module: str, name: str, sites: Iterable[ast.AST]
) -> bool:
    """Whether a name of another module may take the place of one that a statement brings, and is then its alone.

    It may not where the same is imported further down, or in a branch: it would be bound twice. Nor where a
    function imports it for itself: before that import, the name is not bound in it.

    Args:
        program: The file, in which the name means nothing else (:func:`titan_lint.code.uses.is_free`).
        statement: The import.
        module: The module that the name comes from.
        name: The name.
        sites: Where it would be used.
    """
    scope = _scope_of(program, statement)
    if not _is_seen(program, scope, name, sites):
        return False
    if not _bound_in(program, scope, name):
        # That of an outer scope would be hidden where it is used.
        return scope is program.tree or all(
            scope not in program.ancestors(load) for load in program.loaded(name)
        )
    return not _is_noted(program, statement) and bool(
        _there(program, statement, module, [(name, None)])
    )


def _is_seen(program: Program, scope: ast.AST, name: str, sites: Iterable[ast.AST]) -> bool:
    """Whether what a scope binds a name to is what it means in expressions there: no scope between binds it."""
    hiding = {_scope_of(program, node) for node in bindings_by_name(program).get(name, ())}
    return not any(
        parent in hiding
        for site in sites
        for parent in itertools.takewhile(lambda p: p is not scope, program.ancestors(site))
    )


def _bound_in(program: Program, scope: ast.AST, name: str) -> list[ast.AST]:
    """What binds a name in a scope."""
    nodes = bindings_by_name(program).get(name, ())
    return [node for node in nodes if _scope_of(program, node) is scope]


def _scope_of(program: Program, node: ast.AST) -> ast.AST:
    """The function or class whose names a statement binds, or the module."""
    return next(
        (a for a in program.ancestors(node) if isinstance(a, FunctionNode | ast.ClassDef)),
        program.tree,
    )


def _is_noted(program: Program, statement: Import) -> bool:
    """Whether comments stand above, beside or in an import: it stays where they are."""
    source = program.source
    lines = range(comment_above(program, statement), last_line(statement) + 1)
    return any("#" in source.line_text(line) for line in lines)


def _with_names(
    program: Program,
    statement: ast.ImportFrom,
    names: Sequence[Entry],
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


def _redirected(
    program: Program,
    operation: MoveImport,
    make: bool,
    more: Sequence[Entry] = (),
    there: Collection[Entry] = (),
) -> Edit:
    """Change the module (and names) of an import that stays where it is.

    The edit spans the statement, although most of that stays: a name that another fix adds to it
    belongs to the old module.
    """
    span = program.span(operation.statement)
    return Edit(span.start, span.end, _moved_text(program, operation, make, more, there))


def _moved_text(
    program: Program,
    operation: MoveImport,
    make: bool,
    more: Sequence[Entry] = (),
    there: Collection[Entry] = (),
) -> str:
    """An import statement of which all names move but those that are there, in its own layout, and others join them."""
    if not make:
        return _statement_text(operation.module, operation.names[0].name)
    from titan_lint.rewriting.import_names import fitted, moved

    if more:
        code = moved(program, operation, there)
        return _extended(program, operation.statement, code, more, make)
    return fitted(program, operation.statement, moved(program, operation, there))


def _extended(
    program: Program,
    statement: ast.stmt,
    code: str,
    more: Sequence[Entry],
    make: bool,
) -> str:
    """An import that takes the place of a statement, or stands below it, with more names."""
    if not more or not make:
        return code
    from titan_lint.rewriting.import_names import extended, fitted

    return fitted(program, statement, extended(program, code, more))
