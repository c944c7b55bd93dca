"""What told which version code was written for, and is gone once it is fixed.

The next run would find that fixed code was written for the target, and report no defaults that mean something
else there. So the run that takes the evidence away says what keeps it.
"""

from __future__ import annotations

import os

from titan_lint.run.discover import relative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from titan_lint.api.targets import Target
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
        if outcome.source is not None and not job.targets.is_own(outcome.path):
            by_root.setdefault(job.projects.root(outcome.path), []).append(outcome)
    missing = tuple(code for code in RULES if code not in codes)
    found: list[str] = []
    for root, files in sorted(by_root.items()):
        if any(outcome.fixed for outcome in files):
            eras = (_lost(job, files, target, missing) for target in job.targets.main)
            era = next((era for era in eras if era is not None), None)
            if era is not None:
                found.append(_note(root, era))
    return found


def _lost(
    job: Job, files: Sequence[FileOutcome], target: Target, missing: Sequence[str]
) -> Era | None:
    """What a project was written for, where its text told that before, and tells it no longer."""
    before, after = job.projects.before_and_now(files[0].path, lambda: job.targets.pinned)
    if not any(_matters(outcome, before, target, missing) for outcome in files):
        return None
    told = before.against(target.surface)
    if told.asked or not told.keys or told.includes(target.surface) or told.keys == after.keys:
        return None
    return told


def _matters(outcome: FileOutcome, era: Era, target: Target, missing: Sequence[str]) -> bool:
    """Whether something is left in a file that depends on what it was written for.

    Rules that were not run are asked now: they would find nothing in the next run.
    """
    if any(finding.code in RULES for finding in outcome.findings):
        return True
    if not missing or outcome.source is None:
        return False
    from titan_lint.check.lint import lint
    from titan_lint.check.suppress import suppress
    from titan_lint.uses.options import Options

    options = Options(era=era)
    linted = lint(outcome.source, codes=missing, targets=[target], options=options, edits=False)
    return bool(suppress(outcome.source, linted.findings, missing))


def _note(root: str, era: Era) -> str:
    of = "this code" if root == os.getcwd() else f"the code in {relative(root)}"
    return (
        f"What was fixed had told that {of} was written for {era.label}; "
        f'to keep that, write this in the configuration: from = "{era.keys[-1]}"'
    )
