"""The rewrite of an import and of all uses of what it brings."""

from __future__ import annotations

import ast
import sys
from collections import Counter

from titan_lint.api import Class, Module, history
from titan_lint.api.changes import moves
from titan_lint.code import uses
from titan_lint.code.effects import HARMLESS_ROOTS
from titan_lint.code.forms import callee_name, is_known, is_torchtitans
from titan_lint.code.names import Kind
from titan_lint.code.values import LocalClass, LocalFunction, LocalInstance, Ref, root
from titan_lint.finding import Applicability, Obligation, unless
from titan_lint.fixes.inherited import (
    keeps_fields,
    keeps_members,
    keeps_order,
    last_class,
    may_miss_dictionary,
)
from titan_lint.fixes.renaming import renamed
from titan_lint.rewriting.imports import may_bring
from titan_lint.rewriting.operations import (
    EnsureImport,
    Moved,
    MoveImport,
    Operation,
    RemoveImport,
    ReplaceExpression,
    RetargetImport,
    Rewrite,
)
from titan_lint.uses.guards import live
from titan_lint.uses.imports.analysis import Imports
from titan_lint.uses.imports.patched import patched_of
from titan_lint.uses.obligations import is_asked_for
from titan_lint.uses.readers import CLASS_NAMES, asks_class_name
from titan_lint.uses.reads import reads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from titan_lint.api import Function, Surface
    from titan_lint.api.changes.moves import Home
    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File
    from titan_lint.uses.imports.analysis import Missing


class Move:
    """What becomes of one part of a ``from`` import, and of its uses."""

    def __init__(self, moved: Moved, module: str) -> None:
        self.moved = moved
        self.module = module
        self.uses: list[Operation] = []
        self.safe = True


def rewrite(file: File, missing: Missing) -> Rewrite | None:
    """The rewrite that takes a missing thing from its new home; ``None`` where there is no clean one."""
    if put_there(file, missing.path) or is_stubbed(file, missing.path) or revives(file, missing):
        # What is put into the old place is looked up in the new one by nobody, or by everybody.
        return None
    return _rewrite(file, missing)


def is_stubbed(file: File, path: str) -> bool:
    """Whether another file puts something in the place of the module that a path leads to or through."""
    neighbours = file.options.neighbours
    return neighbours is not None and neighbours.stub(path)


def revives(file: File, missing: Missing) -> bool:
    """Whether other code runs in other files once this one can be imported: more that uses torchtitan, or not the same."""
    readers = file.options.readers
    if readers is None or file.program.function(missing.node) is not None:
        return False
    return file.once(_is_awaited) or file.once(_is_chosen)


def _is_awaited(file: File) -> bool:
    """Whether another file does without this one where it fails, and uses torchtitan through it if not."""
    readers = file.options.readers
    return readers is not None and readers.await_any(_handed_on(file))


def _is_chosen(file: File) -> bool:
    """Whether another file takes something else where this one cannot be imported."""
    readers = file.options.readers
    return readers is not None and readers.choose(file.source.path)


def _handed_on(file: File) -> list[str]:
    """The names of the file that are something of torchtitan's, for all who import them."""
    return [
        name
        for name, bindings in file.program.bindings.module.bindings.items()
        if any(
            (isinstance(binding.node, ast.alias) and is_torchtitans(binding.path or ""))
            or (
                binding.value is not None
                and any(root(value) == "torchtitan" for value in file.values(binding.value))
            )
            for binding in bindings
        )
    ]


def put_there(file: File, path: str) -> bool:
    """Whether the file puts something of its own into what a path leads to or through, or in its place.

    It was made for what was there: a ``forward`` for the class as it was, a function for the module that called it.
    """
    return any(
        f"{path}.".startswith(f"{put}.") or put.startswith(f"{path}.") for put in file.once(_put)
    )


def _put(file: File) -> set[str]:
    """The paths that the file puts something into, or in the place of; a ``mock.patch`` of a string moves itself."""
    paths = {
        patch.owner or patch.name or ""
        for patch in file.resolver.patches.all
        if isinstance(patch.owner, str)
        and not patch.on_object
        and not (patch.owner and _is_by_string(patch.node))
    }
    return {path for path in (*paths, *_handed_out(file)) if path.startswith("torchtitan.")}


def _handed_out(file: File) -> Iterator[str]:
    """The paths of what functions of other libraries are given whole: ``wrapt`` and its like put something into it."""
    for call in file.calls:
        given = [*call.args, *(word.value for word in call.keywords)]
        named = [one for one in given if isinstance(one, ast.Name | ast.Attribute)]
        # Most are trusted, and what they are was asked before; what they are given was not.
        if not named or all(map(_is_trusted, file.values(call.func) or (None,))):
            continue
        for argument in named:
            value = file.sole(argument)
            if isinstance(value, Ref) and names_module(file, value.path):
                yield value.path


def _is_trusted(function: Value | None) -> bool:
    """Whether a function is of a library that puts nothing into modules, or one of the file's, which shows what it does."""
    if isinstance(function, LocalFunction | LocalClass | LocalInstance):
        return True
    origin = root(function) if function is not None else None
    return origin in HARMLESS_ROOTS or origin in sys.stdlib_module_names


def _is_by_string(node: ast.AST) -> bool:
    # What `patch.dict("sys.modules", ...)` names stands in the dictionary, which no rewrite reads.
    return (
        isinstance(node, ast.Call)
        and isinstance(next(iter(node.args), None), ast.Constant)
        and callee_name(node) != "dict"
    )


def _rewrite(file: File, missing: Missing) -> Rewrite | None:
    statement, home = missing.statement, missing.home
    if home is None or missing.is_unread or missing.is_optional or not _everywhere(file, home.path):
        return None
    if not keeps_members(file, missing.path, home.path):
        return None
    if isinstance(statement, ast.ImportFrom):
        return _from(file, missing, statement)
    if isinstance(statement, ast.Import):
        return _import(file, missing, statement)
    if isinstance(missing.node, ast.Attribute):
        return _dotted(file, missing, missing.node, home)
    if isinstance(missing.node, ast.Name):
        return _starred(file, missing.node, missing.path, home)
    if missing.is_patched:
        return _patched(file, missing, home)
    return _dynamic(file, missing, home)


def _is_certain(file: File, old: str, home: Home) -> bool:
    """Whether what was at a path is certainly the same thing in its new home, and has all that it may be asked for."""
    return (
        home.applicability is Applicability.SAFE
        and not may_miss_dictionary(file, old, home.path)
        and not _is_known_by_name(file, old, home.path)
    )


def _is_known_by_name(file: File, old: str, new: str) -> bool:
    """Whether somebody may tell a class by its own name, which it loses: ``type(config).__name__ == "Training"``."""
    name, surface = old.rpartition(".")[2], file.target.surface
    if new.rpartition(".")[2] == name or not isinstance(surface.lookup(new), Class):
        return False
    readers = file.options.readers
    is_asked = asks_class_name(file.program)
    return (
        (is_asked and any(node.value == name for node in file.program.of(ast.Constant)))
        or any(
            node.attr in CLASS_NAMES and Ref(old) in file.values(node.value)
            for node in (file.attributes if is_asked else ())
        )
        or (readers is not None and readers.ask_its_name(name))
    )


def _everywhere(file: File, path: str) -> bool:
    """Whether the other targets of the run have a path, too."""
    return all(_certainly_has(other.target.surface, path) for other in file.siblings)


def _certainly_has(surface: Surface, path: str) -> bool:
    return surface.lookup(path) is not None and surface.tells(path)


def removal(
    file: File, statement: ast.Import | ast.ImportFrom, aliases: list[ast.alias]
) -> Rewrite | None:
    """The rewrite that drops an import which nothing uses."""
    for alias in aliases:
        binding = file.once(Imports).bindings.get(alias)
        if binding is None or binding.kind is not Kind.FROM or not _is_spare(file, binding):
            return None
    return Rewrite(
        "Remove the import, which nothing uses", (RemoveImport(statement, tuple(aliases)),)
    )


def unused_without(file: File, gone: Collection[ast.AST]) -> Iterator[RemoveImport]:
    """The removal of each import that only code which goes uses: ``import warnings`` for a handler.

    Modules of other projects may do something when they are imported, and comments are for who reads
    them: these stay.

    Args:
        file: The file.
        gone: All nodes of what goes.
    """
    names = (node for node in gone if isinstance(node, ast.Name))
    for binding in dict.fromkeys(b for name in names for b in file.program.bindings.of(name)):
        alias, statement = binding.node, file.program.statement(binding.node)
        if (
            isinstance(alias, ast.alias)
            and isinstance(statement, ast.Import | ast.ImportFrom)
            and not getattr(statement, "level", 0)
            and not (isinstance(statement, ast.Import) and "." in alias.name)
            and is_known(binding.path or "")
            and uses.only(file.program, binding)
            and _is_spare(file, binding, gone)
            and _is_alone(file, statement)
        ):
            yield RemoveImport(statement, (alias,))


def _is_spare(file: File, binding: Binding, gone: Collection[ast.AST] = ()) -> bool:
    """Whether nothing but code which goes uses what an import of the module binds."""
    program, alias = file.program, binding.node
    if program.parents[program.statement(alias)] is not program.tree:
        return False  # What stands in a block is there for a reason of its own.
    bound = getattr(alias, "asname", None) or getattr(alias, "name", "")
    return not (
        any(load not in gone for load in program.loads(binding))
        or is_asked_for(file, binding, bound)
        or uses.quoted(program, bound)
    )


def _is_alone(file: File, statement: ast.stmt) -> bool:
    """Whether a statement has its lines for itself, and no comment on them."""
    lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    whole = "".join(map(file.source.line_text, lines)).strip()
    return "#" not in whole and len(whole) == len(
        "".join(file.program.text(statement).splitlines())
    )


# from module import name


def _from(file: File, missing: Missing, statement: ast.ImportFrom) -> Rewrite | None:
    """One rewrite for all names of a statement that move to the same module."""
    if statement.level:
        return None  # A tree's own layout decides how it imports from itself.
    wanted = _move(file, missing)
    if wanted is None:
        return None
    beside = [m for m in file.once(Imports).by_statement[statement] if m.home is not None]
    group = [
        move
        for other in beside
        if (move := wanted if other is missing else _move(file, other)) is not None
        and move.module == wanted.module
        and move.safe == wanted.safe  # What is certain does not wait for what is not.
        and _everywhere(file, f"{move.module}.{move.moved.name}")
        and (other.home is None or keeps_members(file, other.path, other.home.path))
    ]
    if not group:
        return None
    operations: list[Operation] = [
        MoveImport(statement, wanted.module, tuple(move.moved for move in group)),
        *(operation for move in group for operation in move.uses),
    ]
    safe = all(move.safe for move in group)
    names = ", ".join(f"`{move.moved.name}`" for move in group)
    return Rewrite(
        f"Import {names} from `{wanted.module}`",
        tuple(operations),
        unless(safe, Obligation.WHOLE_RENAME),
    )


def _move(file: File, missing: Missing) -> Move | None:
    home, alias = missing.home, missing.alias
    assert home is not None
    binding = file.once(Imports).bindings.get(alias) if alias is not None else None
    if alias is None or binding is None:
        return None
    if names_module(file, missing.path):
        return _moved_module(file, missing, alias, binding)
    program = file.program
    loads = program.loads(binding)
    if not keeps_order(file, missing.path, home.path):
        return None
    if not keeps_fields(file, loads, missing.path, home.path):
        return None
    bound = alias.asname or alias.name
    safe = _is_certain(file, missing.path, home)
    if not home.rest and (alias.asname is not None or home.name == alias.name):
        asname = alias.asname if alias.asname != home.name else None
        if alias.asname is None or asname is not None:
            move = Move(Moved(alias, home.name, asname), home.module)
            move.safe = safe and (
                home.name == alias.name or _calls_fit(file, binding, bound, missing.path, home)
            )
            return move
    move = Move(Moved(alias, home.name), home.module)
    move.safe = safe and _calls_fit(file, binding, bound, missing.path, home)
    operations = renamed(file, binding, bound, f"{home.name}{home.rest}")
    statement = program.parents[alias]
    fits = uses.is_free(program, home.module, home.name) and (
        not isinstance(statement, ast.ImportFrom)
        or may_bring(program, statement, home.module, home.name, loads)
    )
    if operations is None or not fits:
        if home.rest:
            return None
        # The old name stays, as far as this file and those that import from it go.
        move.moved = Moved(alias, home.name, bound)
        return move
    move.uses = operations
    return move


def _calls_fit(file: File, binding: Binding, bound: str, old: str, home: Home) -> bool:
    """Whether a class of another name takes what is passed to the old one, by the file or by what it hands the class to."""
    target = file.target.surface.lookup(home.path)
    constructor = target.constructor() if isinstance(target, Class) else None
    readers = file.options.readers
    if readers is not None and readers.make(bound) and _loses_fields(file, old, constructor):
        return False  # Another file may give it what it has lost.
    for name in file.program.loads(binding):
        parent = file.program.parents[name]
        if not isinstance(parent, ast.Call) or parent.func is not name:
            if _is_made_unseen(file.program, name) and (
                _loses_fields(file, old, constructor)
                or (
                    _loses_places(file, old, constructor)
                    and _is_given_by_position(file.program, name)
                )
            ):
                return False
            if isinstance(parent, ast.Attribute) and _takes(file, old, parent.attr):
                return False  # A class with slots has no defaults as its attributes.
            continue
        if constructor is None or parent.args:
            return False
        for keyword in parent.keywords:
            if keyword.arg is None or constructor.parameter(keyword.arg) is None:
                return False
    return True


def _constructor_of(file: File, old: str) -> Function | None:
    """The constructor of a class where that was last there."""
    cls = last_class(file.target.surface, old)
    return cls.constructor() if cls is not None else None


def _takes(file: File, old: str, name: str) -> bool:
    """Whether a class took an argument of a name where it was last there."""
    before = _constructor_of(file, old)
    return before is not None and before.parameter(name) is not None


def _loses_fields(file: File, old: str, constructor: Function | None) -> bool:
    """Whether a class took arguments where it was last there that a constructor does not take."""
    before = _constructor_of(file, old)
    return before is not None and (
        constructor is None
        or any(constructor.parameter(parameter.name) is None for parameter in before.parameters)
    )


def _loses_places(file: File, old: str, constructor: Function | None) -> bool:
    """Whether a class took arguments by position where it was last there that a constructor takes by keyword only."""
    before = _constructor_of(file, old)
    return before is not None and (
        constructor is None or len(constructor.positional) < len(before.positional)
    )


def _is_given_by_position(program: Program, name: ast.Name) -> bool:
    """Whether what is made of a class under another name may get its arguments by position.

    Functions that call what they are given with what they run through do so, patterns do, and so does who calls what a
    variable holds with more than keywords.
    """
    match program.parents[name]:
        case ast.MatchClass():
            return True
        case ast.Call() as call if callee_name(call) in _MAPPING:
            return True
        case _:
            return program.once(_calls_variables)


def _calls_variables(program: Program) -> bool:
    """Whether a file calls what a parameter or a loop gives it, with arguments by position."""
    held = (Kind.PARAMETER, Kind.ELEMENT, Kind.PART)
    return any(
        binding.kind in held
        for call in program.bindings.calls
        if call.args and isinstance(call.func, ast.Name)
        for binding in program.bindings.of(call.func)
    )


_MAPPING = frozenset({"map", "starmap", "imap", "imap_unordered", "submit", "apply", "apply_async"})
"""Functions that call what they are given with arguments by position."""


def _is_made_unseen(program: Program, name: ast.Name) -> bool:
    """Whether something may be made of a class where it has another name, with arguments that are not seen.

    A function that is given it makes it, or who has it from a table, a loop or under another name; or who reads the
    type of a field: ``field.type(**given)``.
    """
    node: ast.AST = name
    for parent in program.ancestors(name):
        match parent:
            case ast.Call():
                return node is parent.func or callee_name(parent) not in _ASKING
            case ast.keyword(arg="default_factory"):
                return _makes_by_type(program)
            case ast.arg():
                return _makes_by_type(program)
            case ast.FunctionDef(returns=hint) | ast.AsyncFunctionDef(returns=hint) if hint is node:
                return _makes_by_type(program)
            case ast.AnnAssign(annotation=hint) if hint is node:
                return _makes_by_type(program)
            case ast.ClassDef(bases=bases):
                return name not in bases
            case ast.Compare() | ast.Attribute() | ast.Expr() | ast.ExceptHandler():
                return False
            case ast.MatchClass(cls=cls, patterns=patterns):
                return cls is not name or bool(patterns)
            case ast.stmt() | ast.arguments() | ast.Lambda() | ast.Yield():
                return True
            case _:
                node = parent
    return True


def _makes_by_type(program: Program) -> bool:
    """Whether a file makes something of the type that is written at a field, a parameter, or for its default."""
    asked = {node.attr for node in program.reads}
    if program.called("get_type_hints") or "__annotations__" in asked:
        return True
    made = program.called("type", "annotation", "default_factory")
    return any(isinstance(call.func, ast.Attribute) and call.keywords for call in made) or (
        bool(program.called("fields")) and "type" in asked
    )


_ASKING = frozenset(
    {
        *("isinstance", "issubclass", "cast", "fields", "is_dataclass"),
        *("type", "id", "repr", "str", "print", "signature", "get_type_hints", "TypeVar"),
    }
)
"""Functions that make nothing of a class that they are given."""


# Modules


def names_module(file: File, path: str) -> bool:
    """Whether a path that is gone was a module when it was last there."""
    presence = history.find(file.target.surface, path)
    return presence is not None and isinstance(presence.surface.lookup(path), Module)


def _module_for(
    file: File, path: str, used: list[tuple[str, ast.expr]], *, whole: bool, name: str = ""
) -> tuple[str, list[tuple[str, ast.expr]], bool] | None:
    """The one module that has all that is used of an old one.

    Args:
        file: The file.
        path: The old module.
        used: Names read from it, each with the expression.
        whole: Whether the module is also used as such.
        name: The name that it had better have.

    Returns:
        The module, what to write for the names that changed, and whether all is certain.
    """
    surface = file.target.surface
    at = moves.home(surface, path)
    candidates = [at.path] if at is not None and at.path in surface.modules else []
    homes = {old: moves.home(surface, f"{path}.{old}") for old, _ in used}
    safe = all(h is not None and _is_certain(file, f"{path}.{old}", h) for old, h in homes.items())
    if not whole:
        candidates += sorted({h.module for h in homes.values() if h is not None})
        defining = {
            (surface.resolve(f"{h.module}.{h.name}") or "").rpartition(".")[0]
            for h in homes.values()
            if h is not None
        }
        candidates = sorted(m for m in defining if m.rpartition(".")[2] == name) + candidates
    for module in candidates:
        changed: list[tuple[str, ast.expr]] = []
        for old, node in used:
            home = homes[old]
            if home is None:
                break
            there = surface.resolve(f"{module}.{home.name}")
            if there is None or there != surface.resolve(f"{home.module}.{home.name}"):
                break
            if not keeps_order(file, f"{path}.{old}", home.path):
                break
            if not keeps_fields(file, [node], f"{path}.{old}", home.path):
                break
            if not keeps_members(file, f"{path}.{old}", home.path):
                break
            if f"{home.name}{home.rest}" != old:
                changed.append((f"{home.name}{home.rest}", node))
        else:
            if _has_all(file, path, module, used):
                certain = at is not None and at.applicability is Applicability.SAFE
                return module, changed, (safe if used and not whole else certain and safe)
    return None


def _has_all(file: File, path: str, module: str, used: Sequence[tuple[str, ast.expr]]) -> bool:
    """Whether a module has all that the file asks the old one for in other ways: by a string, out of a list."""
    known = {id(node) for _, node in used}
    asked = [*reads(file), *((node, owner, name) for owner, node, name in patched_of(file))]
    surface = file.target.surface
    return not any(
        not _certainly_has(surface, f"{module}.{name}")
        and id(node) not in known
        and Ref(path) in file.values(owner)
        and live(file, node, AttributeError)
        for node, owner, name in asked
    )


def _moved_module(file: File, missing: Missing, alias: ast.alias, binding: Binding) -> Move | None:
    """``from torchtitan.components import lr_scheduler``, then ``lr_scheduler.X``."""
    program = file.program
    bound = alias.asname or alias.name
    chains = uses.chains(program, binding)
    if not uses.only(program, binding):
        return None
    used = [(chain.parts[0], chain.upto(1)) for chain in chains if chain.parts]
    whole = len(used) < len(chains) or is_asked_for(file, binding, bound)
    found = _module_for(file, missing.path, used, whole=whole, name=alias.name)
    if found is None:
        return None
    module, changed, safe = found
    parent, _, name = module.rpartition(".")
    move = Move(Moved(alias, name, None if name == bound else bound), parent)
    move.uses = [ReplaceExpression(node, f"{bound}.{new}") for new, node in changed]
    move.safe = safe
    return move


def _import(file: File, missing: Missing, statement: ast.Import) -> Rewrite | None:
    """``import torchtitan.components.lr_scheduler [as lrs]``, and its dotted uses."""
    alias = missing.alias
    binding = file.once(Imports).bindings.get(alias) if alias is not None else None
    if alias is None or binding is None:
        return None
    program = file.program
    steps = () if alias.asname else tuple(alias.name.split(".")[1:])
    chains = [c for c in uses.chains(program, binding) if c.parts[: len(steps)] == steps]
    if alias.asname and not uses.only(program, binding):
        return None
    depth = len(steps)
    used = [(c.parts[depth], c.upto(depth + 1)) for c in chains if len(c.parts) > depth]
    whole = len(used) < len(chains)
    if alias.asname and is_asked_for(file, binding, alias.asname):
        whole = True
    found = _module_for(file, alias.name, used, whole=whole)
    if found is None:
        return None
    module, changed, safe = found
    if not _everywhere(file, module):
        return None
    operations: list[Operation] = [RetargetImport(statement, alias, module)]
    if alias.asname:
        operations += [ReplaceExpression(n, f"{alias.asname}.{new}") for new, n in changed]
    else:
        new_names = {id(node): new for new, node in changed}
        operations += [
            ReplaceExpression(node, f"{module}.{new_names.get(id(node), name)}")
            for name, node in used
        ]
        operations += [
            ReplaceExpression(c.upto(depth), module) for c in chains if len(c.parts) == depth
        ]
    return Rewrite(
        f"Import `{module}`",
        tuple(operations),
        unless(safe, Obligation.WHOLE_RENAME),
    )


# Dotted uses of modules that are there


def _dotted(file: File, missing: Missing, node: ast.Attribute, home: Home) -> Rewrite | None:
    """One attribute of a module: the name imported from its new home, or its dotted path."""
    program, path = file.program, missing.path
    root = node.value
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return None
    if not keeps_order(file, path, home.path):
        return None
    if not keeps_fields(file, [node], path, home.path):
        return None
    bound = program.bindings.of(root)
    # What is not judged stands behind a test of the same, and would be left with the old name.
    asked, judged = file.once(_asked), file.once(_judged)
    safe = _is_certain(file, path, home) and asked[missing.gone] <= judged[missing.gone]
    operations: tuple[Operation, ...]
    if all(b.kind is Kind.IMPORT and b.path == "torchtitan" for b in bound):
        operations = (ReplaceExpression(node, home.path), EnsureImport(home.module, site=node))
    elif home.path == f"{_owner(file, node)}.{home.name}" and not home.rest:
        # Another name in the same module.
        code = f"{program.text(node.value)}.{home.name}"
        operations = (ReplaceExpression(node, code),)
    elif uses.is_free(program, home.module, home.name):
        nodes, gone = _whole(file, node, root, home)
        operations = (
            *(ReplaceExpression(each, f"{home.name}{home.rest}") for each in nodes),
            EnsureImport(home.module, home.name, node),
            *gone,
        )
    else:
        return None
    return Rewrite(
        f"Use `{home.path}`",
        operations,
        unless(safe, Obligation.WHOLE_RENAME),
    )


def _asked(file: File) -> Counter[str]:
    """How often the file reads each path of torchtitan's off a module."""
    read = ((file.sole(owner), name) for _, owner, name in reads(file))
    return Counter(f"{value.path}.{name}" for value, name in read if isinstance(value, Ref))


def _judged(file: File) -> Counter[str]:
    """How often each path that is gone is found where it is read off a module."""
    return Counter(other.gone for other in file.once(Imports).missing if other.statement is None)


def _whole(
    file: File, node: ast.Attribute, root: ast.Name, home: Home
) -> tuple[list[ast.Attribute], tuple[Operation, ...]]:
    """The uses to rewrite together, and what goes with the last one: the import of the module."""
    program = file.program
    bindings = program.bindings.of(root)
    alias = bindings[0].node if len(bindings) == 1 else None
    statement = program.parents[alias] if isinstance(alias, ast.alias) else None
    if not isinstance(alias, ast.alias) or not isinstance(statement, ast.Import | ast.ImportFrom):
        return [node], ()
    (binding,) = bindings
    bound = alias.asname or alias.name
    if not uses.only(program, binding) or is_asked_for(file, binding, bound):
        return [node], ()
    alike = {
        id(other.node): other.node
        for other in file.once(Imports).missing
        if other.home is not None and other.home.path == home.path and other.statement is None
    }
    chains = uses.chains(program, binding)
    nodes = [part for chain in chains for part in chain.attributes if id(part) in alike]
    lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    if len(nodes) < len(chains) or any("#" in file.source.line_text(line) for line in lines):
        return [node], ()
    return nodes, (RemoveImport(statement, (alias,)),)


def _owner(file: File, node: ast.Attribute) -> str | None:
    value = file.sole(node.value)
    return value.path if isinstance(value, Ref) else None


def _dynamic(file: File, missing: Missing, home: Home) -> Rewrite | None:
    """The path in a literal ``import_module("torchtitan...")``, where all that is read is there."""
    node = missing.node
    if not isinstance(node, ast.Constant) or node.value != missing.path:
        return None
    surface = file.target.surface
    if home.path not in surface.modules:
        return None
    for attribute in file.attributes:
        if Ref(missing.path) in file.values(attribute.value) and not _certainly_has(
            surface, f"{home.path}.{attribute.attr}"
        ):
            return None
    quoted = file.program.text(node).replace(missing.path, home.path)
    if quoted.count(home.path) != 1:
        return None
    return Rewrite(
        f"Import `{home.path}`", (ReplaceExpression(node, quoted),), (Obligation.WHOLE_RENAME,)
    )


# What is written without an import of its own


def _starred(file: File, name: ast.Name, path: str, home: Home) -> Rewrite | None:
    """An import of a name that a star import no longer brings."""
    if home.rest or home.name != name.id or not keeps_fields(file, [name], path, home.path):
        return None
    return Rewrite(
        f"Import `{home.name}` from `{home.module}`",
        (EnsureImport(home.module, home.name, name),),
        unless(_is_certain(file, path, home), Obligation.WHOLE_RENAME),
    )


def _patched(file: File, missing: Missing, home: Home) -> Rewrite | None:
    """The path in a ``mock.patch``, where the old one was that of the definition.

    A test replaces a name where it is looked up; of one that was only imported there, nothing tells
    where it is looked up now.
    """
    node = missing.node
    if not history.was_defined(file.target.surface, missing.path):
        return None
    quoted = file.program.text(node).replace(missing.path, home.path)
    if not isinstance(node, ast.Constant) or quoted.count(home.path) != 1:
        return None
    return Rewrite(
        f"Name `{home.path}`", (ReplaceExpression(node, quoted),), (Obligation.WHOLE_RENAME,)
    )
