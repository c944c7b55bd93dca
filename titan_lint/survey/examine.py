"""One repository, brought here and asked a question."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from titan_lint import library
from titan_lint.survey.repositories import RepositoryError, obtain

if TYPE_CHECKING:
    from titan_lint.survey.question import A, Question
    from titan_lint.survey.repositories import Repository


def examine(repository: Repository, question: Question[A]) -> A:
    """Ask a repository.

    The working folder becomes that of the repository: call it in a process of its own.

    Args:
        repository: The repository.
        question: What is asked of it.
    """
    start = time.monotonic()
    revision = ""
    try:
        root, revision = obtain(repository, question.cache, question.size_limit)
        known = question.known(repository, revision)
        if known is not None:
            return known
        os.chdir(root)
        answer = question.answer(repository, revision)
    except (RepositoryError, library.ConfigError) as error:
        return question.failed(repository, str(error), revision, _since(start))
    answer = replace(answer, seconds=_since(start))
    question.keep(repository, answer)
    return answer


def _since(start: float) -> float:
    return round(time.monotonic() - start, 3)
