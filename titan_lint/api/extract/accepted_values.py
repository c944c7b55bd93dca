"""Which literal values a parameter accepts, read from the code that its argument reaches.

The interpreter runs a function with one parameter set, first to *something that is equal to no literal it
is compared with*, then to each of those literals. The function accepts the literals with which some path
does not raise; nothing else is accepted where every path raises with that something.
"""

from __future__ import annotations

import ast

from titan_lint.api.entities import Class
from titan_lint.api.extract.abstract_values import OTHER, constant
from titan_lint.api.extract.interpreter import Interpreter, TooLongError
from titan_lint.api.indexes import InMemory
from titan_lint.api.signatures import Function
from titan_lint.api.surface import Provenance, Surface

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from titan_lint.api.entities import Record
    from titan_lint.api.extract.extracted import Extracted, FunctionTree
    from titan_lint.api.hints import Constant


def add_values(surface: Surface, extracted: Extracted) -> None:
    """Write into the records of ``extracted`` which values its public functions accept and reject."""
    interpreter = Interpreter(surface, extracted)
    for path, record, class_ in _functions(extracted.modules):
        values = _values_of(interpreter, path, class_)
        if values:
            record["values"] = values


def asked_for_values(extracted: Extracted) -> dict[str, list[str]]:
    """By the path of each function that says which values it accepts: the modules that this was read from."""
    found: dict[str, list[str]] = {}
    for path, record, class_ in _functions(extracted.modules):
        if "values" in record:
            # What was asked before is remembered, so each is asked of a new surface.
            asked = _Asked(extracted.modules)
            interpreter = Interpreter(Surface(Provenance("", "tree", ""), asked), extracted)
            again = _values_of(interpreter, path, class_)
            # What was too long to be run on its own may rest on anything.
            known = asked.names_asked if again == record["values"] else extracted.modules
            found[path] = sorted(known)
    return found


class _Asked(InMemory):
    """Records that remember which modules they were asked for."""

    def __init__(self, modules: Mapping[str, Record]) -> None:
        super().__init__(modules)
        self.names_asked: set[str] = set()

    def record(self, name: str) -> Record:
        """See :meth:`InMemory.record`."""
        self.names_asked.add(name)
        return super().record(name)


def _functions(modules: Mapping[str, Record]) -> Iterator[tuple[str, Record, str | None]]:
    """Path and record of every function that callers may reach, with the path of its class."""
    for module, record in modules.items():
        yield from _members(module, record["members"], None)


def _members(
    holder: str, members: Record, class_: str | None
) -> Iterator[tuple[str, Record, str | None]]:
    for name, record in members.items():
        if name.startswith("_") and name not in ("__init__", "__call__", "__post_init__"):
            continue
        if record["k"] == "f":
            yield f"{holder}.{name}", record, class_
        elif record["k"] == "c":
            yield from _members(f"{holder}.{name}", record["m"], f"{holder}.{name}")


def _values_of(interpreter: Interpreter, path: str, class_: str | None) -> Record:
    """Record of what is known about the values of each parameter of the function at ``path``."""
    tree = interpreter.trees.get(path)
    if tree is None or not interpreter.follows(path):
        return {}
    found: Record = {}
    try:
        interpreter.begin()
        if interpreter.call(path, {}).raises is not None:
            return {}  # An abstract method: it says nothing of values.
        for name, choices in _parameters(interpreter.surface, path, tree, class_):
            interpreter.begin()
            values = _values(interpreter, path, name, choices)
            if values:
                found[name.removeprefix("self.")] = values
    except (TooLongError, RecursionError):
        pass  # The rest is left unknown.
    return found


def _parameters(
    surface: Surface, path: str, tree: FunctionTree, class_: str | None
) -> Iterator[tuple[str, tuple[Constant, ...]]]:
    """Parameters, or for ``__post_init__`` fields as ``self.name``, with their ``Literal`` choices."""
    owner = surface.lookup(class_) if class_ else None
    if path.endswith(".__post_init__"):
        if isinstance(owner, Class):
            for parameter in owner.fields:
                yield f"self.{parameter.name}", parameter.choices
        return
    function = surface.lookup(path)
    if not isinstance(function, Function):
        return
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    for parameter in function.bound().parameters:
        if parameter.name in used and not parameter.is_variadic:
            yield parameter.name, parameter.choices


def _values(
    interpreter: Interpreter, path: str, name: str, choices: tuple[Constant, ...]
) -> Record:
    other = interpreter.call(path, {name: OTHER})
    candidates = dict.fromkeys(constant(choice) for choice in choices)
    candidates |= dict.fromkeys(other.mentioned)
    if not candidates:
        return {}
    rejects: list[list[Constant]] = []
    accepts: list[Constant] = []
    for candidate in candidates:
        result = interpreter.call(path, {name: candidate})
        if result.raises is None:
            accepts.append(candidate.value)
        else:
            rejects.append([candidate.value, result.raises])
    record: Record = {}
    if other.raises is not None:
        record["accepts"] = accepts
    if rejects:
        record["rejects"] = rejects
    return record
