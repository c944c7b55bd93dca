"""What the marks of tests stand for: under names, from other files, and as helpers of the project put them on."""

from __future__ import annotations

import ast

from titan_lint.code.forms import callee_name
from titan_lint.code.names import Binding, Kind
from titan_lint.uses.conditions.truth import Truth
from titan_lint.uses.definitions import definitions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from titan_lint.code.program import Program
    from titan_lint.uses.file import File

    Mark = tuple[File, ast.expr]

_DEEP = 4
"""Through how many names and functions a mark is followed."""


def condition(mark: ast.Call) -> ast.expr | None:
    """The test that a mark of a test depends on: ``xfail(sys.platform == "win32")``; ``None`` without."""
    words = {word.arg: word.value for word in mark.keywords}
    return mark.args[0] if mark.args else words.get("condition")


def meant(file: File, mark: ast.expr, depth: int = 0) -> Iterator[Mark]:
    """What a mark, or a list of some, may be, each with its file: what a name is bound to, and what a helper returns."""
    yield file, mark
    if depth > _DEEP:
        return
    called = mark
    match mark:
        case ast.List() | ast.Tuple() | ast.ListComp() | ast.GeneratorExp() | ast.BinOp():
            for part in _held(mark):
                yield from meant(file, part, depth + 1)
            return
        case ast.Subscript(value=called):  # one of a table
            for home, binding in definitions(file, called):
                if isinstance(binding.value, ast.Dict):
                    for value in binding.value.values:
                        yield from meant(home, value, depth + 1)
            return
        case ast.IfExp(test=test, body=body, orelse=orelse):
            answer = file.once(Truth).verdict(test)
            for way in [body, orelse] if answer is None else [body if answer else orelse]:
                yield from meant(file, way, depth + 1)
            return
        case ast.Call(func=called, args=[ast.expr() as made, *rest], keywords=words) if (
            callee_name(mark) == "partial"
        ):
            yield file, ast.copy_location(ast.Call(made, rest, words), mark)
            return
        case ast.Call(func=called):
            if isinstance(called, ast.Call):  # `mark(...)(test)`
                yield from meant(file, called, depth + 1)
                return
        case _:
            pass
    for home, binding in definitions(file, called):
        if _never_runs(home, binding.node):
            continue
        if isinstance(binding.node, ast.FunctionDef):
            for value in home.program.bindings.returns.get(binding.node, ()):
                if not _never_runs(home, value):
                    yield from meant(home, value, depth + 1)
        elif binding.kind is Kind.VALUE and (value := _value(binding, mark)) is not None:
            yield from meant(home, value, depth + 1)


def _held(collection: ast.expr) -> Sequence[ast.expr]:
    """What a collection that is written out holds, or is made of."""
    match collection:
        case ast.ListComp(elt=elt) | ast.GeneratorExp(elt=elt):
            return [elt]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case _:
            return parts(collection)


def _never_runs(file: File, node: ast.AST) -> bool:
    return file.once(Truth).running.never_runs(file.program.statement(node))


def _value(binding: Binding, mark: ast.expr) -> ast.expr | None:
    """What a name that a mark is written with is bound to."""
    value = binding.value
    if isinstance(value, ast.Lambda):
        return value.body
    is_partial = isinstance(value, ast.Call) and callee_name(value) == "partial"
    return value if is_partial or not isinstance(mark, ast.Call) else None


def all_meant(file: File, marks: Iterable[ast.expr]) -> Iterator[Mark]:
    """As :func:`meant`, of several marks."""
    for mark in marks:
        yield from meant(file, mark)


def of_values(file: File, mark: ast.expr) -> Iterator[Mark]:
    """The marks of the values that ``parametrize``, or the ``params`` of a fixture, runs a test with."""
    if not isinstance(mark, ast.Call):
        return
    values = mark.args[1:2] if callee_name(mark) == "parametrize" else []
    values = [*values, *(word.value for word in mark.keywords if word.arg in _VALUES)]
    for home, value in all_meant(file, values):
        if isinstance(value, ast.Call):
            for word in value.keywords:
                if word.arg == "marks":
                    yield from meant(home, word.value)


_VALUES = frozenset({"argvalues", "params"})


def put_on(file: File, function: ast.AST) -> Iterator[Mark]:
    """The marks that a function puts on the test that runs: ``request.applymarker(...)``, ``node.add_marker(...)``."""
    for call in file.program.called("applymarker", "add_marker"):
        if call.args and function in file.program.ancestors(call):
            yield from meant(file, call.args[0])


def marks_of(file: File, owner: ast.AST) -> Iterator[Mark]:
    """The marks of a test, or of all those of a class or a module; a class has those of what it derives from."""
    own = [*getattr(owner, "decorator_list", ()), *marked(file.program, owner)]
    yield from all_meant(file, own)
    for home, base in bases(file, owner):
        yield from all_meant(home, [*base.decorator_list, *marked(home.program, base)])


def bases(file: File, owner: ast.AST, depth: int = 0) -> Iterator[tuple[File, ast.ClassDef]]:
    """The classes of the project that a class derives from, each with its file, whichever that is."""
    if not isinstance(owner, ast.ClassDef) or depth > _DEEP:
        return
    for base in owner.bases:
        for home, binding in definitions(file, base):
            if isinstance(binding.node, ast.ClassDef):
                yield home, binding.node
                yield from bases(home, binding.node, depth + 1)


def marked(program: Program, owner: ast.AST) -> list[ast.expr]:
    """The marks that a module or class gives all its tests, by ``pytestmark``."""
    return [mark for value in program.once(_marks).get(owner, ()) for mark in parts(value)]


def parts(value: ast.expr) -> list[ast.expr]:
    """The marks of a list of some, or the one."""
    return getattr(value, "elts", [value])


def _marks(program: Program) -> dict[ast.AST, list[ast.expr]]:
    """What ``pytestmark`` is set to, by the module or class that sets it."""
    found: dict[ast.AST, list[ast.expr]] = {}
    for node in program.of(ast.Assign):
        match node:
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                found.setdefault(program.parents[node], []).append(value)
            case _:
                pass
    return found
