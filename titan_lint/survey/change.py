"""What a survey asks: what of a repository breaks between two torchtitans."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from titan_lint import library, rules
from titan_lint.api import causes
from titan_lint.finding import Severity
from titan_lint.report.markdown import commits, rule_commits
from titan_lint.survey import kept
from titan_lint.survey.records import Broken, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.finding import Finding
    from titan_lint.library import Result, Run
    from titan_lint.survey.repositories import Repository


@dataclass(frozen=True, slots=True)
class Change:
    """What every repository of a survey is asked.

    Attributes:
        before: The earlier torchtitan, as ``--torchtitan`` takes it.
        after: The later one.
        cache: Folder of what is kept between surveys.
        key: What tells the two torchtitans, as they are now, from all others.
        patches: Whether records have the changes that ``--fix`` makes.
        size_limit: How many bytes of a repository may come from elsewhere.
        surfaces: Absolute paths of surfaces, for repositories that name none.
        changes: Absolute paths of what changed in them, for repositories that name none.
    """

    before: str
    after: str
    cache: Path
    key: str
    patches: bool = False
    size_limit: int = 1_000_000_000
    surfaces: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    def failed(
        self, repository: Repository, why: str, revision: str = "", seconds: float = 0.0
    ) -> Record:
        """See :class:`~titan_lint.survey.question.Question`."""
        return Record(repository.name, revision, failure=why, seconds=seconds)

    def known(self, repository: Repository, revision: str) -> Record | None:
        """See :class:`~titan_lint.survey.question.Question`."""
        return kept.find(self.cache, self._asked(repository, revision), repository.name)

    def keep(self, repository: Repository, answer: Record) -> None:
        """See :class:`~titan_lint.survey.question.Question`."""
        kept.keep(self.cache, self._asked(repository, answer.revision), answer)

    def _asked(self, repository: Repository, revision: str) -> tuple[str, ...]:
        """What tells an answer from all others; empty where nothing does."""
        if not revision:
            return ()
        return repository.name, repository.folder, revision, self.key, str(self.patches)

    def answer(self, repository: Repository, revision: str) -> Record:
        """See :class:`~titan_lint.survey.question.Question`."""
        before = _run(self, self.before)
        after = _run(self, self.after)
        known = {_identity(file, each) for file, each in _failing(before)}
        there = {_identity(file, each) for file, each in _failing(after)}
        new = [(file, each) for file, each in _failing(after) if _identity(file, each) not in known]
        left: Counter[tuple[str, str, str]] = Counter()
        patch = b""
        if new:
            fixed = _run(self, self.after, fix=True)
            left.update(_said(file, each) for file, each in _failing(fixed))
            patch = b"".join(file.diff for file in fixed.files) if self.patches else b""
        found: list[Broken] = []
        between = _between(before, after)
        for file, each in new:
            said = _said(file, each)
            stays = left[said] > 0
            left[said] -= stays
            found.append(_broken(file, each, _causes(each, between), left=stays))
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


def _run(change: Change, target: str, *, fix: bool = False) -> Run:
    # What is extracted of a torchtitan that is no release is kept there, too.
    cache = str(change.cache / "checks")
    return library.lint_paths(
        torchtitan=target,
        surfaces=change.surfaces,
        changes=change.changes,
        jobs=1,
        cache_dir=cache,
        fix=fix,
        diff=fix,
    )


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


def _between(before: Run, after: Run) -> frozenset[str]:
    """The commits of main that lie between the torchtitans of two runs."""
    old, new = before.targets, after.targets
    return causes.between(old[-1].key, new[-1].key) if old and new else frozenset()


def _causes(finding: Finding, between: frozenset[str]) -> tuple[str, ...]:
    """The commits that caused a finding: those that it names, else those of its rule between the two torchtitans."""
    named = commits(finding)
    if named or not rules.rule(finding.code).sources_are_causes:
        return named
    return tuple(commit for commit in rule_commits(finding.code) if commit in between)


def _broken(file: Result, finding: Finding, by: tuple[str, ...], *, left: bool) -> Broken:
    place = file.place(finding.span)
    return Broken(
        path=_shown(file.path),
        line=place.line,
        column=place.column,
        code=finding.code,
        severity=finding.severity.value,
        message=finding.message,
        commits=by,
        left=left,
    )


def _unchecked(run: Run) -> Iterator[str]:
    for file in run.files:
        for error in file.errors:
            where = f":{error.line}" if error.line is not None else ""
            yield f"{_shown(file.path)}{where}: {error.message}"


def _shown(path: str) -> str:
    return Path(os.path.relpath(path)).as_posix()
