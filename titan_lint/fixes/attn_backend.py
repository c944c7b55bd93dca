"""The one change that moves an attention choice into the registry call."""

from __future__ import annotations

import ast

from titan_lint.code.names import FunctionNode, Kind
from titan_lint.code.walk import walk
from titan_lint.fixes import legacy_guard
from titan_lint.fixes.imports import unused_without
from titan_lint.rewriting.operations import (
    AddKeyword,
    Operation,
    RemoveImport,
    RemoveStatements,
    ReplaceExpression,
    Rewrite,
)
from titan_lint.uses.attention.analysis import Attention
from titan_lint.uses.attention.registry import PARAMETER, Registry, literals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program
    from titan_lint.finding import Obligation
    from titan_lint.uses.attention.analysis import Choice
    from titan_lint.uses.attention.override import Override
    from titan_lint.uses.file import File


def pass_backend(file: File, entry: Registry, choice: Choice) -> Rewrite | None:
    """Pass what the code around ``entry`` means, and remove the overrides that it replaces.

    Returns:
        The rewrite, ``None`` where no expression for it is known.
    """
    if choice.text is None:
        return None
    if choice.overrides:
        return fold_override(file, choice.overrides[-1])
    operations = _additions(file, entry, choice.text)
    if operations is None:
        return None
    return Rewrite(
        f"Pass `{PARAMETER}={choice.text}`",
        operations,
        choice.because,
    )


def fold_override(file: File, override: Override) -> Rewrite | None:
    """Fold an override, and all others of the same config, into the calls that built it.

    Returns:
        The rewrite, ``None`` where not all of the calls can take it.
    """
    # All overrides of a config ask for the same: thousands of them, each for all.
    folded = file.once(_folded)
    key = override.calls, override.dead
    if key not in folded or override not in folded[key][1]:
        rewrite = _fold_override(file, override)
        gone = () if rewrite is None else file.once(Attention).overrides_of(override.calls)
        folded[key] = rewrite, {override, *gone}
    return folded[key][0]


def _folded(
    _: File,
) -> dict[tuple[tuple[ast.Call, ...], bool], tuple[Rewrite | None, set[Override]]]:
    """The rewrites that fold overrides, by the calls that they go into, with the overrides they fold."""
    return {}


def _fold_override(file: File, override: Override) -> Rewrite | None:
    attention = file.once(Attention)
    entries = [entry for call in override.calls if (entry := attention.entry(call)) is not None]
    if not entries or len(entries) != len(override.calls):
        return None
    operations: list[Operation] = []
    gone: dict[Override, None] = {}
    because: dict[Obligation, None] = {}
    texts: list[str] = []
    for entry in entries:
        if entry.backend is not None:
            return None  # the call already says something; which one is meant is not ours to tell
        choice = attention.choice(entry)
        if choice is None or choice.text is None or not choice.overrides:
            return None
        additions = _additions(file, entry, choice.text)
        if additions is None:
            return None
        operations += additions
        gone.update(dict.fromkeys(choice.overrides))
        texts.append(choice.text)
        because.update(dict.fromkeys(choice.because))
    gone[override] = None
    if any(set(other.calls) - set(override.calls) for other in gone):
        return None
    removed = list(dict.fromkeys(other.remove for other in gone))
    unused = _unused_after(file, removed, texts)
    operations += _unnamed_after(file, [*unused, *removed], texts)
    operations += _imports_after(file, [*unused, *removed], texts)
    operations.append(
        RemoveStatements((*unused, *removed), (*_heading(file, unused, removed), *removed))
    )
    what = "the dead override" if override.dead else "the override"
    return Rewrite(
        f"Pass `{PARAMETER}={texts[0]}` and remove {what}",
        tuple(operations),
        tuple(because),
    )


def _additions(file: File, entry: Registry, text: str) -> tuple[Operation, ...] | None:
    """The keyword, with the guard before it where that was asked for."""
    addition = AddKeyword(entry.call, PARAMETER, text)
    if not file.options.legacy_guard or legacy_guard.guarded(file, entry):
        return (addition,)
    guard = legacy_guard.operations(file, entry, _one(literals(file, entry.flavor)), _literal(text))
    return None if guard is None else (*guard, addition)


def _one(found: frozenset[str]) -> str | None:
    return next(iter(found)) if len(found) == 1 else None


def _literal(text: str) -> str | None:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, str) else None


def _names(text: str) -> set[str]:
    return {node.id for node in walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _unused_after(file: File, removed: list[ast.stmt], texts: list[str]) -> list[ast.stmt]:
    """Assignments of local names that only the removed statements use, or that each other do.

    Names in ``texts`` are used by what takes their place.
    """
    program = file.program
    kept = {name for text in texts for name in _names(text)}
    inside = {node for statement in removed for node in walk(statement)}
    found: dict[ast.stmt, None] = {}
    todo = True
    while todo:
        todo = False
        for binding, loads in _uses_from(program, inside):
            if binding.kind is not Kind.VALUE or not isinstance(binding.node, ast.Name):
                continue
            if not loads or not all(load in inside for load in loads):
                continue
            statement = program.statement(binding.node)
            if (
                statement not in inside
                and isinstance(statement, ast.Assign)
                and statement.targets == [binding.node]
                and binding.node.id not in kept
                and not _is_special(file, binding.node)
                and program.function(statement) is not None
                and not isinstance(program.parents[statement], ast.ClassDef)
                # What is passed in its place is worked out in any case.
                and (_has_no_effect(statement.value) or program.text(statement.value) in texts)
                and len(program.block(statement)) > 1
            ):
                found[statement] = None
                inside.update(walk(statement))
                todo = True
    return sorted(found, key=lambda s: s.lineno)


def _heading(file: File, unused: list[ast.stmt], removed: list[ast.stmt]) -> list[ast.stmt]:
    """The assignments right above a removed statement: the comment above them is about it, too."""
    found: list[ast.stmt] = []
    for statement in reversed(unused):
        block = file.program.block(statement)
        index = block.index(statement) + 1
        below = block[index] if index < len(block) else None
        if (
            below is not None
            and below in (*removed, *found)
            and below.lineno == (statement.end_lineno or 0) + 1
        ):
            found.append(statement)
    return found


def _uses_from(program: Program, inside: set[ast.AST]) -> list[tuple[Binding, list[ast.Name]]]:
    """The bindings that some code uses, each with all of its uses, in order of the text."""
    loads = [n for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    loads.sort(key=lambda name: (name.lineno, name.col_offset))
    found = dict.fromkeys(binding for name in loads for binding in program.bindings.of(name))
    return [(binding, program.uses[binding]) for binding in found]


def _unnamed_after(file: File, removed: list[ast.stmt], texts: list[str]) -> list[Operation]:
    """Values that lose the name which only the removed statements use: ``print(name := value)``."""
    program = file.program
    kept = {name for text in texts for name in _names(text)}
    inside = {node for statement in removed for node in walk(statement)}
    return [
        ReplaceExpression(walrus, program.text(walrus.value))
        for binding, loads in _uses_from(program, inside)
        if loads
        and all(load in inside for load in loads)
        and isinstance(binding.node, ast.Name)
        and isinstance(walrus := program.parents[binding.node], ast.NamedExpr)
        and walrus not in inside
        and binding.node.id not in kept
        and not _is_special(file, binding.node)
        and _is_local(program, walrus)
    ]


def _imports_after(file: File, removed: list[ast.stmt], texts: list[str]) -> list[RemoveImport]:
    """The removals of the imports that only the removed statements use."""
    if file.options.legacy_guard:
        return []  # the guard may use what they did
    kept = {name for text in texts for name in _names(text)}
    inside = (node for statement in removed for node in walk(statement))
    gone = {n for n in inside if not (isinstance(n, ast.Name) and n.id in kept)}
    return list(unused_without(file, gone))


def _is_local(program: Program, node: ast.AST) -> bool:
    """Whether what a node binds is bound in a function."""
    scopes = (a for a in program.ancestors(node) if isinstance(a, FunctionNode | ast.ClassDef))
    return isinstance(next(scopes, None), FunctionNode)


def _is_special(file: File, name: ast.Name) -> bool:
    """Whether a name is deleted, added to or shared with other scopes: it needs its assignment."""
    function = file.program.function(name)
    for node in walk(function or file.tree):
        match node:
            case ast.Name(id=name.id, ctx=ast.Del()):
                return True
            case ast.AugAssign(target=ast.Name(id=name.id)):
                return True
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name.id in names:
                return True
            case ast.Call(func=ast.Name(id="locals" | "vars" | "exec" | "eval")):
                return True
            case _:
                pass
    return False


def _has_no_effect(node: ast.expr) -> bool:
    """Whether evaluating an expression does nothing else: names, attributes, ``getattr``."""
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute(value=inner):
            return _has_no_effect(inner)
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(), *rest]):
            return _has_no_effect(owner) and all(map(_has_no_effect, rest))
        case _:
            return False
