"""What told which version code was written for, and is gone once it is fixed.

The next run would find that fixed code was written for the target, and report no defaults that mean something
else there. So the run that takes the evidence away says what keeps it.
"""

from __future__ import annotations

import os

from titan_lint.code.screen import is_for_jobs
from titan_lint.documents import is_document
from titan_lint.run.discover import relative
from titan_lint.structs import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from titan_lint.run.one_file import Job
    from titan_lint.run.outcome import FileOutcome
    from titan_lint.uses.era import Era

RULES = ("TTN303", "TTN304")
"""The rules that go by what code was written for."""


def lost(job: Job, codes: Collection[str], outcomes: Sequence[FileOutcome]) -> list[str]:
    """Say of which projects the version can no longer be told, though it matters.

    Args:
        job: What was done; files have been written.
        codes: The rules of the run.
        outcomes: What came of the files.
    """
    if job.targets.options.written_for is not None:
        return []
    by_root: dict[str, list[FileOutcome]] = {}
    for outcome in outcomes:
        if is_document(outcome.path) or is_for_jobs(outcome.path):
            continue
        if outcome.source is not None and not job.targets.is_own(outcome.path):
            by_root.setdefault(job.projects.root(outcome.path), []).append(outcome)
    found: list[str] = []
    for root, files in sorted(by_root.items()):
        if any(outcome.fixed for outcome in files):
            era = _lost(job, files)
            if era is not None and _matters(job, codes, files):
                found.append(_note(root, era))
    return found


def _lost(job: Job, files: Sequence[FileOutcome]) -> Era | None:
    """What a project was written for, where its text told that before, and tells it no longer."""
    before, after = job.projects.before_and_now(
        files[0].path, lambda: job.targets.pinned, _unwritten(files)
    )
    for target in job.targets.main:
        told = before.against(target.surface)
        if told.keys and not told.asked and not told.includes(target.surface):
            if told.keys != after.keys:
                return told
    return None


def _matters(job: Job, codes: Collection[str], files: Sequence[FileOutcome]) -> bool:
    """Whether something is left in a project that depends on what it was written for.

    Rules that were not run, and files that the run was not asked for, are asked now: the next run would
    find nothing of it.
    """
    if any(finding.code in RULES for outcome in files for finding in outcome.findings):
        return True
    from titan_lint.run.discover import ReadError, read
    from titan_lint.run.one_file import check

    whole = job.projects.whole(files[0].path)
    asked = replace(job, fix=False, add_noqa=False, edits=False, projects=whole)
    known, contents = {outcome.path for outcome in files}, _unwritten(files)
    for path in whole.users(files[0].path):
        missing = [code for code in RULES if path not in known or code not in codes]
        try:
            data = contents[path] if path in contents else read(path)
        except ReadError:
            continue
        if missing and check(asked, path, data, missing).findings:
            return True
    return False


def _unwritten(files: Sequence[FileOutcome]) -> dict[str, bytes]:
    """The fixed texts that were not written, but handed back."""
    return {outcome.path: outcome.content for outcome in files if outcome.content is not None}


def _note(root: str, era: Era) -> str:
    from titan_lint.api import load
    from titan_lint.api.targets import asked_as

    of = "this code" if root == os.getcwd() else f"the code in {relative(root)}"
    return (
        f"What was fixed had told that {of} was written for {era.label}; "
        f'to keep that, write this in the configuration: from = "{asked_as(load(era.keys[-1]).provenance)}"'
    )
