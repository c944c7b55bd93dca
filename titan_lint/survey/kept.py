"""Records of earlier surveys, so that the next one does only what changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING

from titan_lint import write_file
from titan_lint.run.cache import stamp
from titan_lint.survey.records import Record, of_json

if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.survey.records import Question
    from titan_lint.survey.repositories import Repository


def find(repository: Repository, revision: str, question: Question) -> Record | None:
    """The record of the same revision, asked the same by the same titan-lint."""
    path = _path(repository, revision, question)
    if path is None:
        return None
    try:
        record = of_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if record.repository == repository.name else None


def keep(repository: Repository, record: Record, question: Question) -> None:
    """Keep a record, if its repository is at a revision; where it cannot be written, it is not kept."""
    path = _path(repository, record.revision, question)
    if path is None:
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file.write(path, json.dumps(record.as_json()).encode(), through=False)


def _path(repository: Repository, revision: str, question: Question) -> Path | None:
    if not revision:
        return None
    asked = (repository.name, repository.folder, revision, question.key, str(question.patches))
    key = hashlib.sha256("\0".join(asked).encode() + stamp()).hexdigest()
    return question.cache / "records" / f"{key[:32]}.json"
