"""Running a program on one of the stand-ins, in this process."""

from __future__ import annotations

import builtins
import sys
import types
from dataclasses import dataclass
from typing import Any

from tests.meaning.standin import FLAVORS, Age, Drift, Record, installed


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
    error, drift = "", False
    with installed(record):
        try:
            exec(compile(text, "program.py", "exec", dont_inherit=True), vars(module))
        except Exception as raised:
            error, drift = _named(raised), _is_drift(raised)
        finally:
            for name, before in kept.items():
                if before is None:
                    sys.modules.pop(name, None)
                else:
                    sys.modules[name] = before
    return Run(tuple(record.events), error, drift)


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
