"""One repository, held against the earlier torchtitan and the later one."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from titan_lint import library
from titan_lint.finding import Severity
from titan_lint.report.markdown import commits
from titan_lint.survey import kept
from titan_lint.survey.records import Broken, Question, Record
from titan_lint.survey.repositories import RepositoryError, obtain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.finding import Finding
    from titan_lint.library import Result, Run
    from titan_lint.survey.repositories import Repository


def examine(repository: Repository, question: Question) -> Record:
    """Say what of a repository breaks between two torchtitans.

    The working folder becomes that of the repository: call it in a process of its own.

    Args:
        repository: The repository.
        question: What is asked of it.
    """
    start = time.monotonic()
    revision = ""
    try:
        root, revision = obtain(repository, question.cache, question.size_limit)
        known = kept.find(repository, revision, question)
        if known is not None:
            return known
        os.chdir(root)
        record = _examined(repository, revision, question)
    except (RepositoryError, library.ConfigError) as error:
        return Record(repository.name, revision, failure=str(error), seconds=_since(start))
    record = replace(record, seconds=_since(start))
    kept.keep(repository, record, question)
    return record


def _examined(repository: Repository, revision: str, question: Question) -> Record:
    before = _run(question, question.before)
    after = _run(question, question.after)
    known = {_identity(file, each) for file, each in _failing(before)}
    there = {_identity(file, each) for file, each in _failing(after)}
    new = [(file, each) for file, each in _failing(after) if _identity(file, each) not in known]
    left: Counter[tuple[str, str, str]] = Counter()
    patch = b""
    if new:
        fixed = _run(question, question.after, fix=True)
        left.update(_said(file, each) for file, each in _failing(fixed))
        patch = b"".join(file.diff for file in fixed.files) if question.patches else b""
    found: list[Broken] = []
    for file, each in new:
        said = _said(file, each)
        stays = left[said] > 0
        left[said] -= stays
        found.append(_broken(file, each, left=stays))
    return Record(
        repository.name,
        revision,
        files=after.checked,
        before=_errors(before),
        after=_errors(after),
        new=tuple(found),
        gone=len(known - there),
        unchecked=tuple(_unchecked(after)),
        patch=patch.decode("utf-8", "surrogateescape"),
    )


def _run(question: Question, target: str, *, fix: bool = False) -> Run:
    # What is extracted of a torchtitan that is no release is kept there, too.
    cache = str(question.cache / "checks")
    return library.lint_paths(torchtitan=target, jobs=1, cache_dir=cache, fix=fix, diff=fix)


def _failing(run: Run) -> Iterator[tuple[Result, Finding]]:
    """The errors and warnings of a run."""
    for file in run.files:
        for finding in file.findings:
            if finding.severity is not Severity.INFO:
                yield file, finding


def _errors(run: Run) -> int:
    return sum(each.severity is Severity.ERROR for _, each in _failing(run))


def _identity(file: Result, finding: Finding) -> tuple[object, ...]:
    """What is equal where two torchtitans have the same said of one place."""
    message = finding.message
    for target in file.targets:
        message = message.replace(target.label, "")
    return file.path, finding.code, finding.span, message


def _said(file: Result, finding: Finding) -> tuple[str, str, str]:
    """What is equal for a finding before and after a fix that moved it."""
    return file.path, finding.code, finding.message


def _broken(file: Result, finding: Finding, *, left: bool) -> Broken:
    place = file.place(finding.span)
    return Broken(
        path=_shown(file.path),
        line=place.line,
        column=place.column,
        code=finding.code,
        severity=finding.severity.value,
        message=finding.message,
        commits=commits(finding),
        left=left,
    )


def _unchecked(run: Run) -> Iterator[str]:
    for file in run.files:
        for error in file.errors:
            where = f":{error.line}" if error.line is not None else ""
            yield f"{_shown(file.path)}{where}: {error.message}"


def _shown(path: str) -> str:
    return Path(os.path.relpath(path)).as_posix()


def _since(start: float) -> float:
    return round(time.monotonic() - start, 3)
