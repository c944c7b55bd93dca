"""What code does about attention beside the registry call: another one put into the config, another model."""

from __future__ import annotations

import ast

from titan_lint.api import Class
from titan_lint.code.forms import callee_name
from titan_lint.code.hooks import HARMLESS_BUILTINS
from titan_lint.code.names import Kind
from titan_lint.code.values import Instance, Ref
from titan_lint.code.walk import walk
from titan_lint.uses.carried import carried
from titan_lint.uses.fields import COPYING
from titan_lint.uses.known_values import handed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.code.program import Program
    from titan_lint.uses.file import File

_MODULE = "attention"
_MODEL = "model"
_DEPTH = 6
_MOST = 32
"""How many names are followed into other files. What goes by more of them is not known."""


def swaps(file: File) -> bool:
    """Whether a file puts one of torchtitan's kinds of attention into something that is built."""
    return any(_is_attention(file, value) for value in _put(file))


def swaps_elsewhere(file: File, call: ast.Call, choices: Iterable[ast.expr]) -> bool:
    """Whether another file may put one of torchtitan's kinds of attention into what a registry call gives.

    That is one which has the name of what gets it, or the choice, or of what gives it to other files.

    Args:
        file: The file.
        call: The registry call.
        choices: The choices around it.
    """
    readers = file.options.readers
    if readers is None:
        return False
    given = carried(file, call, with_parts=True)
    through = given.through | carried(file, *choices).through
    todo = sorted(through | given.own | given.held)
    handing = set(through)
    seen: set[Program] = set()
    for name in todo:
        if len(todo) > _MOST:
            return True
        for program in readers.equip(name):
            if program not in seen and swaps(file.apart(program)):
                return True
            seen.add(program)
        if name in handing:
            # A function may hand on what it gets.
            further = {called for p in readers.define(name) for called in _handing_on(p, name)}
            handing |= further
            todo += sorted(further.difference(todo))
    return False


def _handing_on(program: Program, name: str) -> Iterator[str]:
    """The last parts of the names of what functions of a name hand a parameter of theirs to."""
    for function in program.of(ast.FunctionDef, ast.AsyncFunctionDef):
        if function.name != name:
            continue
        taken = function.args
        parameters = {one.arg for one in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)}
        for part in walk(function):
            if isinstance(part, ast.Call):
                given = [*part.args, *(word.value for word in part.keywords)]
                called = callee_name(part)
                if (
                    called
                    and called not in HARMLESS_BUILTINS
                    and any(
                        isinstance(one, ast.Name) and one.id in parameters
                        for argument in given
                        for one in walk(argument)
                    )
                ):
                    yield called


def _put(file: File) -> Iterator[ast.expr]:
    """What is stored in attributes and items, and what ``setattr`` and ``replace`` are given."""
    for node in (*file.attributes, *file.program.bindings.items):
        if isinstance(node.ctx, ast.Store):
            statement = file.program.statement(node)
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                yield statement.value
    for call in file.calls:
        name = callee_name(call)
        if name in {"setattr", "__setattr__"} and len(call.args) > 2:
            yield call.args[2]
        elif name == "replace":
            yield from (word.value for word in call.keywords)


def _is_attention(file: File, node: ast.expr) -> bool:
    """Whether an expression is one of the target's classes of attention, its config or an instance."""
    surface = file.target.surface
    for value in file.values(node):
        match value:
            case Ref(path=path) | Instance(cls=path) if path.startswith("torchtitan."):
                pass
            case _:
                continue
        found = surface.lookup(path)
        if isinstance(found, Class) and found.module.rpartition(".")[2] == _MODULE:
            return True
    return False


def gives_another_model(file: File, call: ast.Call) -> bool:
    """Whether the file puts another model's config into what a registry call gives."""
    made = frozenset((call,))
    return any(
        _is_from(file, owner, made) and not _comes_from(file, value, made, _DEPTH)
        for owner, value in file.once(_models)
    )


def _is_from(file: File, owner: ast.expr, made: frozenset[ast.Call]) -> bool:
    """Whether an expression is made of what a registry call gives, or is a parameter that is handed that."""
    bindings = file.program.bindings.of(owner) if isinstance(owner, ast.Name) else []
    parameters = [binding for binding in bindings if binding.kind is Kind.PARAMETER]
    parts = [owner, *(part for binding in parameters for part in handed(file, binding))]
    return any(_comes_from(file, part, made, _DEPTH) for part in parts)


def _models(file: File) -> list[tuple[ast.expr, ast.expr]]:
    """What the file gives another ``model``, with that: by a store, ``setattr``, ``replace`` or a new spec."""
    found: list[tuple[ast.expr, ast.expr]] = []
    for node in file.attributes:
        if node.attr == _MODEL and isinstance(node.ctx, ast.Store):
            statement = file.program.statement(node)
            if isinstance(statement, ast.Assign):
                found.append((node.value, statement.value))
    for call in file.calls:
        match call:
            case ast.Call(args=[owner, ast.Constant(value="model"), value]):
                found.append((owner, value))
            case ast.Call(args=[owner], keywords=words) if callee_name(call) in COPYING:
                found += [(owner, word.value) for word in words if word.arg == _MODEL]
            case _:
                pass
    for node in file.program.of(ast.Dict):
        values = [v for k, v in zip(node.keys, node.values, strict=True) if _is_model(k)]
        others = [v for k, v in zip(node.keys, node.values, strict=True) if not _is_model(k)]
        found += [(other, value) for value in values for other in others]
    return found


def _is_model(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value == _MODEL


def is_of_another(file: File, masks: ast.expr, made: frozenset[ast.Call]) -> bool:
    """Whether masks go to a model that comes from elsewhere.

    Args:
        file: The file.
        masks: What builds them.
        made: The registry calls of the file.
    """
    program = file.program
    users = [masks]
    statement = program.parents[masks]
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        is_of_function = program.function(masks) is not None
        users = program.loads_from(statement.targets[0]) if is_of_function else []
    takers = [program.taker(user) for user in users]
    return bool(takers) and all(
        call is not None and _is_elsewhere(file, call, made) for call in takers
    )


def _is_elsewhere(file: File, call: ast.Call, made: frozenset[ast.Call]) -> bool:
    """Whether what is called was handed in or made of something else, and gets none of the models."""
    function = call.func
    while isinstance(function, ast.Attribute | ast.Call | ast.Subscript):
        function = function.func if isinstance(function, ast.Call) else function.value
    if not isinstance(function, ast.Name):
        return False
    bindings = file.program.bindings.of(function)
    kinds = {binding.kind for binding in bindings}
    if not bindings or not kinds <= {Kind.PARAMETER, Kind.VALUE}:
        return False
    if any(
        binding.kind is Kind.PARAMETER
        and binding.index == 0
        and binding.function in file.program.bindings.owners
        for binding in bindings
    ):
        return False  # self
    given = [*call.args, *(word.value for word in call.keywords)]
    return not any(_comes_from(file, part, made, _DEPTH) for part in (function, *given))


def _comes_from(file: File, node: ast.expr, made: frozenset[ast.Call], depth: int) -> bool:
    """Whether an expression is made of what a registry call gives."""
    for part in walk(node):
        if part in made:
            return True
        if isinstance(part, ast.Name) and depth:
            for binding in file.program.bindings.of(part):
                value = binding.value
                if value is not None and _comes_from(file, value, made, depth - 1):
                    return True
    return False
