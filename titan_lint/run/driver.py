"""The whole run, from settings to outcome."""

from __future__ import annotations

import os

from titan_lint.run import files
from titan_lint.run.outcome import FileOutcome, Outcome
from titan_lint.screen import may_match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from titan_lint.config import Settings
    from titan_lint.run.cache import Cache
    from titan_lint.run.check import Job
    from titan_lint.run.workers import Task

    Progress = Callable[[int, int], None]


def run(settings: Settings, standard_input: Callable[[], bytes], progress: Progress) -> Outcome:
    """Check, fix, or whatever else the settings ask for.

    Args:
        settings: What to do.
        standard_input: Reads the file that is given as ``-``.
        progress: Is told how many of how many files are through.

    Raises:
        ConfigError: A target or the baseline is wrong.
    """
    if settings.paths == ("-",):
        return _Run(settings, progress).check_bytes(standard_input())
    return _Run(settings, progress).check_files()


class _Run:
    def __init__(self, settings: Settings, progress: Progress) -> None:
        self._settings = settings
        self._progress = progress
        self._baseline = None
        self._job: Job | None = None
        self._cache: Cache | None = None
        if settings.baseline is not None:
            from titan_lint.config import ConfigError
            from titan_lint.run.baseline import Baseline, BaselineError

            try:
                self._baseline = Baseline.read(settings.baseline)
            except BaselineError as error:
                raise ConfigError(str(error)) from error
        if settings.torchtitan or settings.written_for:
            # A wrong target is an error even where nothing uses torchtitan.
            self._prepare()

    def check_bytes(self, data: bytes) -> Outcome:
        settings = self._settings
        path = os.path.abspath(settings.stdin_filename or "stdin.py")
        codes = settings.codes_for(path)
        outcome = FileOutcome(path)
        if may_match(data, codes):
            from titan_lint.run.check import check

            outcome = check(self._prepare(), path, data, codes)
        if settings.fix and not settings.diff and outcome.content is None:
            outcome.content = data
        return Outcome(1, [outcome], self._named())

    def check_files(self) -> Outcome:
        found = files.discover(self._settings)
        outcomes = [_unreadable(error) for error in found.errors]
        tasks: list[Task] = []
        read, codes = files.read, self._settings.codes
        for path in found.paths:
            try:
                data = read(path)
            except files.ReadError as error:
                outcomes.append(_unreadable(error))
                continue
            if may_match(data, codes):
                outcome = self._look_up(path, data, tasks)
                if outcome is not None:
                    outcomes.append(outcome)
        if tasks:
            outcomes += self._check(tasks, len(found.paths))
        if self._cache is not None:
            self._cache.save()
        outcomes.sort(key=lambda outcome: outcome.path)
        return Outcome(len(found.paths), outcomes, self._named())

    def _prepare(self) -> Job:
        """Load what is needed once there is something to lint."""
        if self._job is None:
            from titan_lint.run.check import Job
            from titan_lint.run.targets import Targets

            self._job = Job(
                targets=Targets(self._settings),
                fix=self._settings.fix,
                unsafe=self._settings.unsafe_fixes,
                diff=self._settings.diff,
                add_noqa=self._settings.add_noqa,
                baseline=self._baseline,
                to_stdout=self._settings.paths == ("-",),
            )
            if self._settings.cache_dir is not None and self._settings.paths != ("-",):
                from titan_lint.run.cache import Cache

                keys = " ".join(target.surface.key for target in self._job.targets.main)
                self._cache = Cache(self._settings.cache_dir, self._settings.project, keys)
        return self._job

    def _look_up(self, path: str, data: bytes, tasks: list[Task]) -> FileOutcome | None:
        """Take what the cache knows of a file, or add it to the tasks."""
        from titan_lint.run.workers import Task

        job = self._prepare()
        codes = self._settings.codes_for(path)
        digest = None
        if self._cache is not None:
            digest = self._cache.digest(data, f"{job.targets.key(path)} {codes}")
            record = self._cache.get(path, digest)
            if record is not None:
                from titan_lint.run.check import from_cache

                outcome = from_cache(job, path, data, codes, record)
                if outcome is not None:
                    return outcome
        tasks.append(Task(path, codes, len(data), digest))
        return None

    def _check(self, tasks: list[Task], total: int) -> list[FileOutcome]:
        from titan_lint.run.workers import check_all

        outcomes: list[FileOutcome] = []
        done = total - len(tasks)
        self._progress(done, total)
        for task, outcome in check_all(self._prepare(), tasks, self._settings.jobs):
            if self._cache is not None and task.digest is not None and outcome.record is not None:
                self._cache.put(task.path, task.digest, outcome.record)
            outcomes.append(outcome)
            done += 1
            self._progress(done, total)
        return outcomes

    def _named(self) -> list[tuple[str, str, str]]:
        if self._job is None:
            return []
        return [(t.surface.key, t.label, t.reason) for t in self._job.targets.main]


def _unreadable(error: files.ReadError) -> FileOutcome:
    from titan_lint.finding import FileError

    message = f"cannot be read: {error.message}"
    return FileOutcome(error.path, errors=[FileError(files.relative(error.path), message)])
