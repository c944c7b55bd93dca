"""Running a program on one of the stand-ins, in this process."""

from __future__ import annotations
import __future__

import ast
import builtins
import sys
import types
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.meaning.standin import FLAVORS, Age, Drift, Record, installed

if TYPE_CHECKING:
    from collections.abc import Container, Iterator


@dataclass(frozen=True)
class Run:
    """What a program did.

    Attributes:
        events: What it showed, printed, and did with torchtitan, in order.
        error: The error that ended it: its type and message; empty where it came to its end.
        drift: Whether it ended because it does not fit this torchtitan.
    """

    events: tuple[object, ...]
    error: str = ""
    drift: bool = False


def run(text: str, age: Age, *, selective: str = "op") -> Run:
    """Run a program.

    What it prints and what it hands to ``observe.show`` becomes part of the record.

    Args:
        text: The program.
        age: The torchtitan that it meets.
        selective: What selective checkpointing means where nothing says it: every ``op``, or every
            ``2`` layers.
    """
    with _world(text, age, selective) as (record, namespace):
        error = execute(ast.parse(text).body, text, namespace)
    return ended(record.events, error)


# The file that a program is said to come from.
PROGRAM = "program.py"
DIVIDER = 'print("-- the next program --")'


def runs(text: str, age: Age, *, selective: str = "op") -> tuple[Run, ...]:
    """Run the programs of one file, with :data:`DIVIDER` between them, each to its end or its error.

    An import of the module that fails ends none of them: whoever uses its name fails then.
    """
    found: list[Run] = []
    missing: set[str] = set()
    with _world(text, age, selective) as (record, namespace):
        for part in divided(ast.parse(text).body):
            first = len(record.events)
            error = execute(part, text, namespace, missing)
            found.append(ended(record.events[first:], error, missing))
    return tuple(found)


def divided(statements: list[ast.stmt]) -> list[list[ast.stmt]]:
    """The statements of each program of a file."""
    found: list[list[ast.stmt]] = [[]]
    divider = ast.unparse(ast.parse(DIVIDER))
    for statement in statements:
        if ast.unparse(statement) == divider:
            found.append([])
        else:
            found[-1].append(statement)
    return found


@contextmanager
def _world(text: str, age: Age, selective: str) -> Iterator[tuple[Record, dict[str, Any]]]:
    """What a program meets and the names of its module, as long as it runs."""
    # Making the packages of all models takes longer than running the program.
    record = Record(age, selective, tuple(model for model in FLAVORS if model in text))
    module = types.ModuleType("program")
    observe = types.ModuleType("observe")

    def show(*values: object) -> None:
        record.note("show", *values)

    def printed(*values: object, **_: object) -> None:
        record.events.append(("print", " ".join(str(value) for value in values)))

    vars(observe).update(show=show)
    vars(module)["__builtins__"] = vars(builtins) | {"print": printed}
    kept = {name: sys.modules.get(name) for name in ("program", "observe")}
    sys.modules.update(program=module, observe=observe)
    with installed(record):
        try:
            yield record, vars(module)
        finally:
            for name, before in kept.items():
                if before is None:
                    sys.modules.pop(name, None)
                else:
                    sys.modules[name] = before


def execute(
    statements: list[ast.stmt],
    text: str,
    namespace: dict[str, Any],
    missing: set[str] | None = None,
) -> Exception | None:
    """Run statements up to an error, and give it.

    Args:
        statements: Statements of the module.
        text: The module.
        namespace: Its names.
        missing: Takes the names that failing imports should have bound; such an import ends nothing.
    """
    flags = __future__.annotations.compiler_flag if _ANNOTATIONS in text else 0
    for piece in [statements] if missing is None else [[statement] for statement in statements]:
        module = ast.Module(piece, [])
        try:
            exec(compile(module, PROGRAM, "exec", flags, dont_inherit=True), namespace)
        except Exception as error:
            (statement, *_) = piece
            if missing is None or not isinstance(statement, ast.Import | ast.ImportFrom):
                return error
            for alias in statement.names:
                name = alias.asname or alias.name.partition(".")[0]
                missing.add(name)
                namespace.pop(name, None)
        else:
            if missing and isinstance(piece[0], ast.Import | ast.ImportFrom):
                missing -= {a.asname or a.name.partition(".")[0] for a in piece[0].names}
    return None


_ANNOTATIONS = "from __future__ import annotations"


def ended(events: list[object], error: BaseException | None, missing: Container[str] = ()) -> Run:
    """What a program did that ended with an error, or with none.

    A name whose import failed, one of ``missing``, is not there because the program does not fit.
    """
    if error is None:
        return Run(tuple(events))
    is_missing = isinstance(error, NameError) and error.name in missing
    return Run(tuple(events), _named(error), is_missing or _is_drift(error))


def _named(error: BaseException) -> str:
    kind: Any = next(c for c in type(error).__mro__ if not issubclass(c, Drift) or c is Drift)
    if isinstance(error, Drift):
        kind = next(c for c in type(error).__mro__ if c.__module__ == "builtins")
    return f"{kind.__name__}: {error}"


def _is_drift(error: BaseException) -> bool:
    """Whether an error says that the program does not fit the torchtitan that it met."""
    if isinstance(error, ImportError):
        return (error.name or "").partition(".")[0] == "torchtitan"
    return isinstance(error, Drift)
