"""The names that a file binds by asking torchtitan, for others to test: ``HAS_AMP = hasattr(utils, "amp")``."""

from __future__ import annotations

import ast

from titan_lint.code.fixtures import fixtures
from titan_lint.code.following import bound_values
from titan_lint.code.forms import (
    callee_name,
    imports_torchtitan,
    is_known,
    is_torchtitans,
    last_name,
    swallowed,
)
from titan_lint.code.leaving import ENDING, run_in
from titan_lint.code.reaching import stored_names
from titan_lint.code.source import module_name
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses.conditions.probes import PROBED, PROBING
from titan_lint.uses.era import dotted_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.code.program import Program


def asking(program: Program) -> frozenset[str]:
    """The names of a module's that rest on a question to torchtitan, and its functions that answer one.

    What a ``try`` binds rests on whether the import of torchtitan in it works.
    """
    found = {name for node in _questions(program) for name in _bound_by(program, node)}
    found.update(_told_by_trying(program))
    todo = list(found)
    while todo:
        name = todo.pop()
        for node in program.loaded(name):
            new = _bound_by(program, node) - found
            found |= new
            todo += new
    return frozenset(found)


def ending(program: Program) -> frozenset[str]:
    """The names of functions and classes that may end all where they are called, and of the module if its import may.

    A module has the last part of its name, which is that of its folder for an ``__init__``. What is called from other
    files may end all, too.
    """
    imported = {
        alias.asname or alias.name
        for statement in program.of(ast.ImportFrom)
        if statement.level or not is_known(statement.module or "")
        for alias in statement.names
    }
    found = {
        node.name
        for node in program.of(*_FUNCTIONS)
        if node.returns is not None and last_name(node.returns) in _NEVER
    }
    made = [
        (node.name, _run_for(walk(node), imported))
        for node in program.of(*_FUNCTIONS, ast.ClassDef)
    ]
    found.update(name for name, calls in made if calls is None)
    while new := {
        name for name, calls in made if calls and name not in found and not calls.isdisjoint(found)
    }:
        found |= new
    calls = _run_for(
        (part for statement in program.tree.body for part in run_in(statement)), imported
    )
    if calls is None or not calls.isdisjoint(found):
        found.add(module_name(program.source.path))
    return frozenset(found)


_NEVER = frozenset({"Never", "NoReturn"})


def _run_for(parts: Iterable[ast.AST], imported: set[str]) -> set[str] | None:
    """The names of what some code calls; ``None`` where it may end all by itself."""
    called: set[str] = set()
    for part in parts:
        match part:
            case ast.Raise() | ast.Assert():
                return None
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name in imported:
                return None
            case ast.Call():
                name = callee_name(part)
                if name in ENDING:
                    return None
                called.add(name)
            case _:
                pass
    return called


class Refusal(Struct):
    """What keeps tests from running, or may, as torchtitan answers.

    Attributes:
        fixture: The fixture that does it; empty for what all tests of a folder run with.
        whole: Whether not even the modules of the tests are imported.
    """

    fixture: str = ""
    whole: bool = False


def refusing(program: Program) -> Iterator[Refusal]:
    """The fixtures and hooks of a ``conftest.py`` that skip tests for what they ask torchtitan."""
    names = asking(program)
    asked = {*_questions(program), *program.called("importorskip")}
    if not names.isdisjoint(_IGNORING):
        yield Refusal(whole=True)
    known = [(node, declared) for node in program.of(*_FUNCTIONS) for declared in fixtures(node)]
    refused: set[str] = set()
    for node in program.of(*_FUNCTIONS):
        parts = [*walk(node)]
        if any(part in asked or getattr(part, "id", None) in names for part in parts):
            if node.name.startswith("pytest_"):
                yield Refusal(whole=node.name in _IGNORING)
            if any(map(_may_refuse, parts)):
                refused |= {declared.name for declared in fixtures(node)}
    todo = [*refused]
    for name in todo:
        # And what runs with it.
        new = {one.name for node, one in known if name in parameters(node)} - refused
        refused |= new
        todo += new
    for _, declared in known:
        if declared.name in refused:
            yield Refusal("" if declared.autouse else declared.name)


def expecting(program: Program, path: str) -> Iterator[str]:
    """What of a file may mark tests of another one to fail, by ``xfail``: fixtures, an empty name for what all run with.

    Args:
        program: The file. Of a ``conftest.py``, what lies below it hears; a plugin is heard by all.
        path: The file with the tests.
    """
    folder, _, name = program.source.path.replace("\\", "/").rpartition("/")
    is_conftest = name == "conftest.py"
    if is_conftest and folder and not path.replace("\\", "/").startswith(f"{folder}/"):
        return
    known = [(node, declared) for node in program.of(*_FUNCTIONS) for declared in fixtures(node)]
    names = {"xfail"}
    size = 0
    while size < len(names):
        size = len(names)
        for statement in program.tree.body:
            if any(_name(part) in names for part in walk(statement)):
                names |= stored_names([statement])
                names |= {one.name for node, one in known if node is statement}
    if any(name.startswith("pytest_") for name in names):
        yield ""
    for node, declared in known if is_conftest else ():
        if node.name in names or not names.isdisjoint(parameters(node)):
            yield "" if declared.autouse else declared.name


def _name(part: ast.AST) -> object:
    match part:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str() as name):
            return name
        case _:
            return None


def _may_refuse(part: ast.AST) -> bool:
    match part:
        case ast.Raise() | ast.Assert():
            return True
        case ast.Call():
            return callee_name(part) in _REFUSING
        case _:
            return False


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """What a test or fixture asks for by its parameters."""
    taken = function.args
    return {parameter.arg for parameter in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)}


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_REFUSING = frozenset(
    {"skip", "skipTest", "xfail", "fail", "exit", "importorskip", "applymarker", "add_marker"}
)
_IGNORING = frozenset({"collect_ignore", "collect_ignore_glob", "pytest_ignore_collect"})


def _questions(program: Program) -> Iterator[ast.AST]:
    for call in program.called(*PROBING):
        if any(_is_torchtitan(program, argument) for argument in call.args[:1]):
            yield call
    for node in program.bindings.attributes:
        if node.attr in PROBED and dotted_path(program, node) is not None:
            yield node
    for statement in program.of(ast.Try):
        yield from filter(imports_torchtitan, statement.body)
    for statement in program.of(ast.With):
        if any(swallowed(item.context_expr) is not None for item in statement.items):
            yield from filter(imports_torchtitan, statement.body)


def _told_by_trying(program: Program) -> Iterator[str]:
    """The flags and functions of a module's that tell whether something that they try with torchtitan fails."""
    for statement in program.of(ast.Try, ast.With):
        is_trial = not isinstance(statement, ast.Try) or bool(statement.handlers)
        if not is_trial or not any(
            isinstance(part, ast.Name) and dotted_path(program, part) is not None
            for inner in statement.body
            for part in walk(inner)
        ):
            continue
        if isinstance(statement, ast.With) and not any(
            swallowed(item.context_expr) is not None for item in statement.items
        ):
            continue
        function = program.function(statement)
        if function is None:
            yield from _flags(statement)
        elif isinstance(function, ast.FunctionDef) and only_flags(function):
            yield from _bound_by(program, statement)


def _flags(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement, wherever in it, binds to literals."""
    for part in walk(statement):
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant):
            yield from stored_names([part])


def only_flags(function: ast.AST) -> bool:
    """Whether a function gives nothing but literals and names, so that it is there to be tested."""
    given = [part.value for part in walk(function) if isinstance(part, ast.Return)]
    return bool(given) and all(isinstance(value, ast.Constant | ast.Name) for value in given)


def _is_torchtitan(program: Program, node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str() as path):
            return is_torchtitans(path)
        case ast.Call(func=function):
            return dotted_path(program, function) is not None
        case ast.Name() if dotted_path(program, node) is None:
            made = bound_values(program, node)
            return any(
                isinstance(value, ast.Call) and dotted_path(program, value.func) is not None
                for value in made
            )
        case _:
            return dotted_path(program, node) is not None


def _bound_by(program: Program, node: ast.AST) -> set[str]:
    """The names of the module's that the statement binds which holds a node, wherever in it."""
    child = node
    for parent in program.ancestors(node):
        match parent:
            case ast.FunctionDef(name="__getattr__") if program.function(parent) is None:
                return {*_strings(parent)}  # the module works out its names
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not _answers(parent):
                return stored_names([child]) & _globals(parent)
            case ast.ClassDef() if not (isinstance(child, _FLAGGING) or _only_answers(parent)):
                return set()  # its instances do more than to answer
            case ast.Module():
                break
            case _:
                child = parent
    return stored_names([child]) | {*_filled(child)}


def _globals(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The names of the module's that a function binds."""
    return {name for part in walk(function) if isinstance(part, ast.Global) for name in part.names}


def _strings(node: ast.AST) -> Iterator[str]:
    for part in walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _filled(statement: ast.AST) -> Iterator[str]:
    """The names of what a statement puts something into: ``FEATURES.add("amp")``."""
    for part in run_in(statement):
        match part:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if (
                method in _FILLING
            ):
                yield name
            case _:
                pass


_FILLING = frozenset({"add", "append", "extend", "insert", "setdefault", "update"})
_FLAGGING = (ast.Assign, ast.AnnAssign, ast.If, ast.Try)


def _only_answers(cls: ast.ClassDef) -> bool:
    """Whether all methods of a class answer something, so that it is there to be asked: ``titan.at_least(0, 3)``."""
    return not cls.bases and all(
        _answers(part) or part.name.startswith("__")
        for part in cls.body
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _answers(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(part, ast.Return) and part.value is not None for part in walk(function))
