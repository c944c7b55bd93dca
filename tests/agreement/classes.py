"""What is out of reach by design: each class with its reason, and with a test that is narrow.

A program counts for a class only where titan-lint and the release disagree on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.agreement.oracle import Result
    from tests.agreement.programs import Program
    from tests.agreement.verdicts import Said


@dataclass(frozen=True)
class Case:
    """A disagreement.

    Attributes:
        program: The program.
        result: What became of it on the release.
        said: What titan-lint says of it there.
        parts: For a project, what becomes of each other module on its own.
    """

    program: Program
    result: Result
    said: Sequence[Said]
    parts: dict[str, Result]


@dataclass(frozen=True)
class OutOfReach:
    """A class of programs on which no agreement is asked for.

    Attributes:
        name: What it is called.
        reason: Why no reader of the file can know, or where it is documented as not seen.
        holds: Whether a case belongs to it.
    """

    name: str
    reason: str
    holds: Callable[[Case], bool]


def _fails_by_itself(case: Case) -> bool:
    """An error is about a module that cannot be imported on its own; the main module does without."""
    if not case.result.works:
        return False
    errors = [said for said in case.said if said.severity == "error"]
    return all(said.file in case.parts and not case.parts[said.file].works for said in errors)


def _from_another_file(case: Case) -> bool:
    """The other modules can be imported; what the main module does with what they hand on fails."""
    if case.result.works or not case.parts:
        return False
    return all(part.works for part in case.parts.values())


def _of_a_parameter(case: Case) -> bool:
    program = case.program
    return not case.result.works and (program.place == "handed over" or program.keep == "default")


def _not_asked(case: Case) -> bool:
    """What was imported or asked for with care is ``None``, and is used as if it were not."""
    care = case.program.surrounding in ("optional import", "getattr with default")
    return not case.result.works and care and "NoneType" in case.result.error


def _below_a_file(case: Case) -> bool:
    """``find_spec`` looks for a module in one that is no package."""
    program = case.program
    asked = program.use.kind == "module" and "find_spec" in program.main
    return not case.result.works and asked and "__path__ attribute not found" in case.result.error


CLASSES = (
    OutOfReach(
        "a module that fails by itself",
        "The error is about another module of the project, which cannot be imported at that release. "
        "That the main module imports it with care does not mend it.",
        _fails_by_itself,
    ),
    OutOfReach(
        "what comes from another file",
        "What a name of another file of the project stands for is not seen (docs/not-seen.md).",
        _from_another_file,
    ),
    OutOfReach(
        "a parameter without annotation",
        "What a function is handed, or takes by default, is not followed from its callers "
        "(docs/not-seen.md).",
        _of_a_parameter,
    ),
    OutOfReach(
        "optional, and used without asking",
        "An import that may fail, or a probe with a default, counts as care: what follows is not "
        "said to meet `None`. An import of what has only moved is a warning (docs/not-seen.md).",
        _not_asked,
    ),
    OutOfReach(
        "below a module that was a package",
        "`find_spec('a.b.c')` raises where `a.b` is a file by now, and gives `None` where it is a "
        "package without `c`: surfaces do not tell the two apart (docs/not-seen.md).",
        _below_a_file,
    ),
)


def class_of(case: Case) -> str:
    """The class that a disagreement belongs to; empty where it is none by design."""
    return next((known.name for known in CLASSES if known.holds(case)), "")
