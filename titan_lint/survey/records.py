"""What came of each repository of a survey."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = 1
"""The number that says how records are written down; it grows when a field goes or changes its meaning."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A finding that is there at the later torchtitan and not at the earlier one.

    Attributes:
        path: The file, relative to the repository.
        line: The line, 1-based.
        column: The column, 1-based, in code points.
        code: The rule's code.
        severity: ``error`` or ``warning``.
        message: What is wrong, in one sentence.
        commits: The torchtitan commits that caused it, abbreviated; where only its rule tells of causes, those
            that lie between the two torchtitans.
        left: Whether it is still there after ``--fix``.
    """

    path: str
    line: int
    column: int
    code: str
    severity: str
    message: str
    commits: tuple[str, ...]
    left: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one repository, whatever it was asked.

    Attributes:
        repository: Its name in the survey.
        revision: What of it was read: a commit, or the digest of an archive; empty for a folder that
            has no commit, or is not as it was committed.
        files: How many files were read.
        unchecked: Files that were not checked, and why, a line each.
        failure: Why there is no answer about the repository; empty where there is one.
        seconds: How many seconds it took, by the clock.
    """

    repository: str
    revision: str = ""
    files: int = 0
    unchecked: tuple[str, ...] = ()
    failure: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Record(Answer):
    """What of one repository breaks between two torchtitans.

    Attributes:
        before: How many errors are found at the earlier torchtitan.
        after: How many are found at the later one.
        new: What is found at the later torchtitan alone.
        gone: How many errors and warnings are found at the earlier torchtitan alone.
        patch: What ``--fix`` changes for the later torchtitan, as a unified diff; empty where it was not asked for.
    """

    before: int = 0
    after: int = 0
    new: tuple[Broken, ...] = ()
    gone: int = 0
    patch: str = ""

    @property
    def state(self) -> str:
        """What became of it, by its errors; see :data:`STATES`."""
        if self.failure:
            return "failed"
        errors = [each for each in self.new if each.severity == "error"]
        if errors:
            return "broken" if any(each.left for each in errors) else "fixed"
        return "already broken" if self.after else "fits"

    def as_json(self) -> dict[str, Any]:
        """The record as JSON has it; :func:`of_json` is the way back."""
        found = dataclasses.asdict(self)
        return {"schema": SCHEMA, "state": self.state, **found}


STATES = {
    "broken": "breaks, and needs a person",
    "fixed": "breaks, and --fix repairs it",
    "already broken": "was broken before, and no more is",
    "fits": "no error at the later torchtitan",
    "failed": "not surveyed",
}
"""What becomes of a repository, worst first but for what is not known."""


def of_json(found: Mapping[str, Any]) -> Record:
    """The record that was written down.

    Raises:
        ValueError: It was written by another version.
    """
    values = dict(found)
    values.pop("state", None)
    if values.pop("schema", None) != SCHEMA:
        raise ValueError("another version wrote it")
    values["unchecked"] = tuple(values["unchecked"])
    try:
        new = tuple(_broken(each) for each in values.pop("new"))
        return Record(new=new, **values)
    except TypeError as error:
        raise ValueError(str(error)) from error


def _broken(found: Mapping[str, Any]) -> Broken:
    values = dict(found)
    values["commits"] = tuple(values["commits"])
    return Broken(**values)
