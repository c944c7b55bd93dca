"""What a survey asks of each of its repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from titan_lint.survey.records import Answer

if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.survey.repositories import Repository

A = TypeVar("A", bound=Answer)


class Question(Protocol[A]):
    """What every repository of a survey is asked. It is handed to other processes."""

    @property
    def cache(self) -> Path:
        """Folder of what is kept between surveys."""
        ...

    @property
    def size_limit(self) -> int:
        """How many bytes of a repository may come from elsewhere."""
        ...

    def answer(self, repository: Repository, revision: str) -> A:
        """What is to be said of the repository that is the working folder.

        Raises:
            ConfigError: Its configuration is wrong.
        """
        ...

    def failed(
        self, repository: Repository, why: str, revision: str = "", seconds: float = 0.0
    ) -> A:
        """What is to be said of a repository that gives no answer."""
        ...

    def known(self, repository: Repository, revision: str) -> A | None:
        """The answer of an earlier survey, where it was kept and would be the same."""
        ...

    def keep(self, repository: Repository, answer: A) -> None:
        """Keep an answer for later surveys."""
        ...
