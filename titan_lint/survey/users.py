"""What a survey asks: where a repository uses a name of torchtitan's."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from titan_lint.check.users import uses
from titan_lint.config.settings import load_settings
from titan_lint.documents.document import on_page
from titan_lint.report.places import place
from titan_lint.run.driver import each_file
from titan_lint.survey.records import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from titan_lint.config.settings import OptionValues
    from titan_lint.finding import Span
    from titan_lint.survey.repositories import Repository
    from titan_lint.uses.file import File


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place that uses the name.

    Attributes:
        path: The file, relative to the repository.
        cell: In a notebook the 1-based number of the cell that lines are counted in; else 0.
        line: The line, 1-based.
        column: The column, 1-based, in code points.
        name: The path by which the name is reached there.
        certain: Whether it is nothing else, in any run.
    """

    path: str
    cell: int
    line: int
    column: int
    name: str
    certain: bool

    def __str__(self) -> str:
        """The place, as reports write it."""
        begin = f"{self.line}:{self.column}"
        return f"{self.path}:cell {self.cell}:{begin}" if self.cell else f"{self.path}:{begin}"


@dataclass(frozen=True, slots=True)
class Used(Answer):
    """Where one repository uses the name.

    Attributes:
        uses: The places, in order.
    """

    uses: tuple[Place, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Users:
    """Who uses a name.

    Attributes:
        name: The path of a module, a class, a function, a member or a variable.
        parameter: A parameter of it, where the calls that pass it are asked for.
        torchtitan: What repositories are held against; empty for what each would be checked against.
        cache: Folder of what is kept between surveys.
        size_limit: How many bytes of a repository may come from elsewhere.
        surfaces: Absolute paths of surfaces, for repositories that name none.
        changes: Absolute paths of what changed in them, for repositories that name none.
    """

    name: str
    parameter: str
    torchtitan: str
    cache: Path
    size_limit: int
    surfaces: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    def answer(self, repository: Repository, revision: str) -> Used:
        """See :class:`~titan_lint.survey.question.Question`."""
        values: OptionValues = {
            "paths": (),
            "cache_dir": str(self.cache / "checks"),
            "surfaces": self.surfaces,
            "changes": self.changes,
        }
        if self.torchtitan:
            values["torchtitan"] = (self.torchtitan,)
        found: list[Place] = []
        outcome = each_file(load_settings(values), lambda files: found.extend(self._in(files)))
        unchecked = [f"{error.path}: {error.message}" for o in outcome.files for error in o.errors]
        return Used(
            repository.name,
            revision,
            files=outcome.checked,
            unchecked=tuple(unchecked),
            uses=tuple(sorted(found)),
        )

    def _in(self, files: Sequence[File]) -> Iterable[Place]:
        """The places of a program, each once, whatever it must fit."""
        found: dict[Span, Place] = {}
        for file in files:
            shown = Path(os.path.relpath(file.program.source.path)).as_posix()
            for use in uses(file, self.name, self.parameter):
                at = place(*on_page(file.program.source, use.span))
                where = Place(shown, at.cell or 0, at.line, at.column, use.path, use.certain)
                found.setdefault(use.span, where)
        return found.values()

    def failed(
        self, repository: Repository, why: str, revision: str = "", seconds: float = 0.0
    ) -> Used:
        """See :class:`~titan_lint.survey.question.Question`."""
        return Used(repository.name, revision, failure=why, seconds=seconds)

    def known(self, repository: Repository, revision: str) -> None:
        """Nothing is kept: every name is another question."""

    def keep(self, repository: Repository, answer: Used) -> None:
        """See :meth:`known`."""
