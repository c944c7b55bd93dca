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
    from collections.abc import Sequence
    from pathlib import Path


def find(cache: Path, asked: Sequence[str], repository: str) -> Record | None:
    """The record that this titan-lint kept of a repository.

    Args:
        cache: Folder of what is kept between surveys.
        asked: What tells the record from all others; where that is empty, none is kept.
        repository: The repository's name.
    """
    if not asked:
        return None
    try:
        record = of_json(json.loads(_path(cache, asked).read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if record.repository == repository else None


def keep(cache: Path, asked: Sequence[str], record: Record) -> None:
    """Keep a record, told by ``asked``; where it cannot be written, it is not kept."""
    if not asked:
        return
    path = _path(cache, asked)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file.write(path, json.dumps(record.as_json()).encode(), through=False)


def _path(cache: Path, asked: Sequence[str]) -> Path:
    key = hashlib.sha256("\0".join(asked).encode() + stamp()).hexdigest()
    return cache / "records" / f"{key[:32]}.json"
