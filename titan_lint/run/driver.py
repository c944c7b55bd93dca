"""The whole run, from settings to outcome."""

from __future__ import annotations

import functools
import itertools
import os

from titan_lint import newer_data
from titan_lint.code.screen import (
    COMMANDS,
    configures_jobs,
    is_for_jobs,
    is_script,
    may_match,
    may_start_jobs,
    mentions_torchtitan,
)
from titan_lint.config.nearest import Nearest
from titan_lint.documents import is_document
from titan_lint.run import cache_key, discover
from titan_lint.run.digest import digest
from titan_lint.run.outcome import FileOutcome, Judged, Outcome, is_fixable
from titan_lint.run.parts import Parts
from titan_lint.run.projects import Projects
from titan_lint.run.session import Session, encoded
from titan_lint.uses.options import Around, of_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from titan_lint.config.settings import Settings
    from titan_lint.run.baseline import Baseline
    from titan_lint.run.cache import Cache
    from titan_lint.run.one_file import Job
    from titan_lint.run.parts import Part
    from titan_lint.run.workers import Task
    from titan_lint.uses.file import File

    Progress = Callable[[int, int], None]

    # A file that passed the screen: its path, its size in bytes, whether it names torchtitan, and its
    # content where there is a cache.
    _Matching = tuple[str, int, bool, bytes]


def run(
    settings: Settings,
    standard_input: Callable[[], bytes],
    progress: Progress,
    session: Session | None = None,
) -> Outcome:
    """Check, fix, or whatever else the settings ask for.

    Args:
        settings: What to do.
        standard_input: Reads the file that is given as ``-``.
        progress: Is told how many of how many files are through.
        session: The checks that this is one of, where the file is given as ``-``.

    Raises:
        ConfigError: A target or the baseline is wrong.
    """
    if settings.paths == ("-",):
        return _Run(settings, progress, session).check_bytes(standard_input())
    return _Run(settings, progress).check_files()


def files(settings: Settings, data: bytes, session: Session | None = None) -> list[File]:
    """The file that is given as ``-``, held against each of its targets; none where it cannot be.

    Raises:
        ConfigError: A target is wrong.
    """
    return _Run(settings, lambda done, total: None, session).files(data)


def each_file(settings: Settings, ask: Callable[[Sequence[File]], None]) -> Outcome:
    """Hand over every program that a check would look into, held against each of its targets.

    A file of Python is one program, a document may hold several.

    Args:
        settings: The files, and what they are held against.
        ask: Takes a program, held against each target.

    Returns:
        What went wrong with files.

    Raises:
        ConfigError: A target is wrong.
    """
    return _Run(settings, lambda done, total: None).each_file(ask)


class _Run:
    def __init__(
        self, settings: Settings, progress: Progress, session: Session | None = None
    ) -> None:
        self._settings = settings
        self._session = Session() if session is None else session
        self._progress = progress
        self._baselines: dict[str, Baseline] = {}
        self._jobs: dict[Part, Job] = {}
        self._caches: dict[Part, Cache] = {}
        self._used: dict[Part, None] = {}
        self._unread: dict[Part, FileOutcome] = {}
        self._projects = Projects()
        self._contents: dict[str, str] = {}
        self._copies = cache_key.Copies(self._contents)
        self._nearest = Nearest(settings)
        self._parts = Parts(self._nearest, self._copies)
        self._digests: dict[str, str] = {}
        self._around = Around()
        self._unread_scripts = 0
        # What is found at each torchtitan alone is not kept.
        self._keeps = settings.cache_dir is not None and not settings.apart
        # A wrong one is an error even where nothing uses torchtitan.
        self._baseline(settings)

    def check_bytes(self, data: bytes) -> Outcome:
        path = os.path.abspath(self._settings.stdin_filename or "stdin.py")
        settings = self._nearest.of(os.path.dirname(path))
        codes = settings.codes_for(path)
        outcome = FileOutcome(path)
        is_excluded = discover.is_excluded(self._nearest, path)
        try:
            if not is_excluded:
                discover.require_python(path, data)
        except discover.ReadError as error:
            outcome = _refused(error)
        if not (outcome.errors or is_excluded):
            is_led = self._place(path, data)
            if (
                self._reads_script(codes)
                if is_script(path)
                else is_led
                or is_for_jobs(path)
                or may_match(data, codes, settings.words)
                or self._copies.use_themselves(path, data)
            ):
                from titan_lint.run.one_file import check

                outcome = check(self._job(self._part(path)), path, data, codes)
        if settings.fix and not settings.diff and outcome.content is None:
            outcome.content = data
        return self._outcome(1, [outcome])

    def files(self, data: bytes) -> list[File]:
        from titan_lint.api.targets import TargetError
        from titan_lint.code.source import SourceError
        from titan_lint.run.one_file import files

        path = os.path.abspath(self._settings.stdin_filename or "stdin.py")
        self._place(path, data)
        try:
            return files(self._job(self._part(path)), path, data)
        except (SourceError, TargetError):
            return []

    def _place(self, path: str, data: bytes) -> bool:
        """Put a file whose content came on standard input among the others of its project.

        Returns:
            Whether it may have something of torchtitan's through them.
        """
        is_placed = self._settings.stdin_filename and not is_for_jobs(path)
        if is_placed and not self._copies.hold(path):
            session = self._session
            # What is to come of a program lies beside the other files.
            programs, documents = ((), (path,)) if is_document(path) else ((path,), ())
            self._projects = Projects(
                filter(lambda _: mentions_torchtitan(data, self._settings.words), programs),
                programs,
                settings=self._settings,
                programs=session.programs,
                texts=session.texts,
                documents=documents,
            )
            self._projects.remember(path, data)
            for other, text in session.opened.items():
                self._projects.remember(other, encoded(text))
        return bool(self._projects.let_in((os.path.dirname(path),), self._copies.hold))

    def check_files(self) -> Outcome:
        outcomes: list[FileOutcome] = []
        checked, matching = self._screen(outcomes)
        tasks: list[Task] = []
        outcomes += self._look_up(matching, tasks)
        matching.clear()
        if tasks:
            outcomes += self._check(tasks, checked)
        for part, cache in self._caches.items():
            if part not in self._unread:
                cache.save(self._targets(part))
        outcomes.sort(key=lambda outcome: outcome.path)
        return self._outcome(checked, outcomes)

    def each_file(self, ask: Callable[[Sequence[File]], None]) -> Outcome:
        from titan_lint.run.one_file import look

        outcomes: list[FileOutcome] = []
        checked, matching = self._screen(outcomes)
        for path, *_ in matching:
            if not is_for_jobs(path):
                job = self._job(self._part(path))
                try:
                    outcomes.append(look(job, path, discover.read(path), ask))
                except discover.ReadError as error:
                    outcomes.append(_unreadable(error))
        return self._outcome(checked, outcomes)

    def _screen(self, outcomes: list[FileOutcome]) -> tuple[int, list[_Matching]]:
        """Read all files; how many, and those that there may be something to say of.

        Args:
            outcomes: Takes those of files that cannot be read.
        """
        found = discover.discover(self._nearest)
        outcomes += [_unreadable(error) for error in found.errors]
        matching: list[_Matching] = []
        # A cache compares contents; what is to be checked is read again by the process that checks it.
        keep = self._keeps
        use_themselves = self._copies.use_themselves
        contents = discover.Contents()
        read, codes, words = discover.read, self._settings.codes, self._settings.words
        several, around = self._nearest.several, ""
        for path in found.paths:
            if several and (directory := os.path.dirname(path)) != around:
                around = directory
                mine = self._nearest.of(directory)
                codes, words = mine.codes, mine.words
            try:
                data = read(path)
            except discover.ReadError as error:
                outcomes.append(_unreadable(error))
                continue
            if contents.room > 0:
                contents.keep(path, data)
            is_program = path.endswith(discover.SUFFIXES)
            if not is_program:
                try:
                    discover.require_python(path, data)
                except discover.ReadError as error:
                    outcomes.append(_refused(error))
                    continue
                is_program = not is_document(path) and not is_for_jobs(path)
            if (
                is_program
                and (b"JobConfig" in data or configures_jobs(data))
                and not self._copies.hold(path)
            ):
                self._around |= of_program(data)
            if is_for_jobs(path):
                if not is_script(path) or self._reads_script(codes):
                    matching.append((path, len(data), False, data if keep else b""))
            elif may_match(data, codes, words) or use_themselves(path, data):
                # What a document shows is no part of its project, but the project counts in it.
                uses = is_program and mentions_torchtitan(data, words)
                matching.append((path, len(data), uses, data if keep else b""))
        self._projects = Projects(
            (path for path, _, uses, _ in matching if uses and not self._copies.hold(path)),
            found.programs,
            found.walked,
            self._settings,
            contents,
            documents=(
                path for path, *_ in matching if is_document(path) and not self._copies.hold(path)
            ),
        )
        if keep:
            self._contents.update((path, digest(data)) for path, _, _, data in matching)
        led = set(self._projects.let_in(found.named, self._copies.hold, self._remembered))
        for path in sorted(led.difference(path for path, *_ in matching) if led else ()):
            data = contents.read(path)
            matching.append((path, len(data), False, data if keep else b""))
            if keep:
                self._contents[path] = digest(data)
        # One project after the other: what was found out of one is not kept beside that of the next.
        matching.sort(key=lambda one: (self._projects.root(one[0]), one[0]))
        return len(found.paths), matching

    def _reads_script(self, codes: Sequence[str]) -> bool:
        """Whether the commands in a file are to be looked at, and can be."""
        from titan_lint.code.commands import can_read_shell

        if COMMANDS not in codes:
            return False
        if not can_read_shell():
            self._unread_scripts += 1
            return False
        return True

    def _remembered(self, root: str, user: str, find: Callable[[], list[str]]) -> list[str]:
        """The files to let in of the project in a folder, from the cache if it knows them."""
        if not self._keeps:
            return find()
        cache = self._cache(self._parts.of(user))
        path, known = os.path.join(root, ""), self._projects.digest_in(root, self._contents)
        record = cache.get(path, known, lambda _: True)
        if record is None:
            record = find()
            cache.put(path, known, record)
        return list(map(str, record))

    def _outcome(self, checked: int, outcomes: Sequence[FileOutcome]) -> Outcome:
        judged = self._judged()
        notes = [*_on_data(judged), *self._notes(outcomes)]
        return Outcome(checked, outcomes, judged, notes)

    def _notes(self, outcomes: Sequence[FileOutcome]) -> list[str]:
        """Say what was left undone, and what the next run can no longer know."""
        unloaded: dict[str, None] = {}
        for settings in (self._settings, *(part.configured for part in self._used)):
            unloaded.update(dict.fromkeys(settings.unloaded_rules))
        said = (
            [
                f"{', '.join(unloaded)} not loaded: `--configured-rules` runs rules that a configuration names"
            ]
            if unloaded
            else []
        )
        if self._unread_scripts:
            files = "file" if self._unread_scripts == 1 else "files"
            said.append(
                f"{self._unread_scripts} {files} with commands not looked at: "
                "`pip install titan-lint[shell]` brings what reads shell"
            )
        return [*said, *self._lost(outcomes)]

    def _lost(self, outcomes: Sequence[FileOutcome]) -> list[str]:
        if not any(outcome.fixed for outcome in outcomes) or self._settings.diff:
            return []
        from titan_lint.run.evidence import lost

        by_part: dict[Part, list[FileOutcome]] = {}
        for outcome in outcomes:
            by_part.setdefault(self._parts.of(outcome.path), []).append(outcome)
        said = [
            lost(self._job(part), part.configured.codes, found)
            for part, found in by_part.items()
            if part not in self._unread
        ]
        return list(dict.fromkeys(itertools.chain.from_iterable(said)))

    def _part(self, path: str) -> Part:
        """The part of a file that is to be judged."""
        part = self._parts.of(path)
        self._used[part] = None
        return part

    def _look_up(self, matching: Sequence[_Matching], tasks: list[Task]) -> Iterator[FileOutcome]:
        """Take what the cache knows of files, and add the others to the tasks."""
        keep = self._keeps
        for path, size, _, data in matching:
            part = self._part(path)
            codes = part.configured.codes_for(path)
            record = None
            cache = self._cache(part) if keep else None
            if cache is not None:
                known = cache.digest(self._contents[path], self._circumstances(path, part, data))
                self._digests[path] = known
                record = cache.get(
                    path,
                    known,
                    functools.partial(self._projects.is_current, path, self._contents),
                )
            if record is not None:
                from titan_lint.run.cached_findings import outcome_of

                outcome = outcome_of(path, data, codes, record)
                if outcome is not None and not self._has_work(outcome, part):
                    yield outcome
                    continue
            tasks.append((path, codes, size, self._digests.get(path)))

    def _circumstances(self, path: str, part: Part, data: bytes) -> str:
        """Say what findings in a file depend on besides its content and its project's."""
        asks = is_for_jobs(path) or may_start_jobs(data)
        jobs = f"{self._around | self._projects.jobs(path, data)}" if asks else ""
        settings = part.configured
        return f"{settings.codes_for(path)}{self._copies.key(path, settings)}{jobs}"

    def _has_work(self, known: FileOutcome, part: Part) -> bool:
        """Whether something is to be done with a file besides reporting what is in it."""
        settings, baseline = self._settings, self._baseline(part.configured)
        if not known.findings:
            return False
        if baseline is not None and known.source is not None:
            known.findings = baseline.unknown(known.path, known.source, known.findings)
        if settings.add_noqa:
            return bool(known.findings)
        return settings.fix and any(
            is_fixable(finding, unsafe=settings.unsafe_fixes) for finding in known.findings
        )

    def _check(self, tasks: list[Task], total: int) -> list[FileOutcome]:
        from titan_lint.run.workers import check_all

        outcomes: list[FileOutcome] = []
        done = total - len(tasks)
        self._progress(done, total)
        tasks = [task for task in tasks if self._is_read(self._parts.of(task[0]))]
        outcomes += self._unread.values()
        jobs = {path: self._job(self._parts.of(path)) for path, *_ in tasks}
        for (path, _, _, known), outcome in check_all(jobs, tasks, self._settings.jobs):
            if known is not None and outcome.record is not None:
                project = None
                if outcome.by_readers or outcome.by_project:
                    project = self._projects.digest(
                        path, self._contents, everything=outcome.by_readers
                    )
                self._caches[self._parts.of(path)].put(path, known, outcome.record, project)
            outcomes.append(outcome)
            done += 1
            self._progress(done, total)
        return outcomes

    def _is_read(self, part: Part) -> bool:
        """Whether the files of a part can be judged: not those of a torchtitan that cannot be read."""
        from titan_lint.run.targets import UnreadableError

        if part not in self._unread:
            try:
                self._job(part)
            except UnreadableError as error:
                from titan_lint.run.one_file import failed

                why = str(error).removeprefix(f"{error.package}: ")
                self._unread[part] = failed(error.package, f"{_UNREAD}: {why}")
                self._used.pop(part, None)
        return part not in self._unread

    def _job(self, part: Part) -> Job:
        """Load what linting the files of a part needs."""
        if part not in self._jobs:
            from titan_lint.check.asked import Asked
            from titan_lint.run.one_file import Job

            settings, mine = self._settings, part.configured
            self._jobs[part] = Job(
                targets=part.targets,
                fix=settings.fix,
                unsafe=settings.unsafe_fixes,
                diff=settings.diff,
                add_noqa=settings.add_noqa,
                baseline=self._baseline(mine),
                projects=self._projects,
                to_stdout=settings.paths == ("-",),
                edits=settings.shows_edits or settings.apart,
                around=self._around,
                asked=Asked(dict(mine.severities), mine.unfixable),
                apart=settings.apart,
                rules=mine.rules,
            )
        return self._jobs[part]

    def _baseline(self, settings: Settings) -> Baseline | None:
        """The findings that a configuration, or the command line, says were there before.

        Raises:
            ConfigError: They cannot be read.
        """
        path = settings.baseline
        if path is None:
            return None
        if path not in self._baselines:
            from titan_lint.config.toml import ConfigError
            from titan_lint.run.baseline import Baseline, BaselineError

            try:
                self._baselines[path] = Baseline.read(path)
            except BaselineError as error:
                raise ConfigError(f"{settings.baseline_asked_by}: {error}") from error
        return self._baselines[path]

    def _cache(self, part: Part) -> Cache:
        """What is known of the files of a part from the runs before."""
        if part not in self._caches:
            from titan_lint.run.cache import Cache

            run, mine = self._settings, part.configured
            seen = part.key()
            if seen is None:
                seen = " ".join(t.surface.key for t in part.targets.main).encode()
            options = (
                f"{mine.legacy_guard} {mine.written_for} {run.shows_edits} "
                f"{mine.severities} {mine.unfixable} "
            )
            if mine.rules:
                from titan_lint.config.own_rules import files

                seen += cache_key.of_files(files(mine.rules))
            seen += cache_key.of_files((*mine.surfaces, *mine.changes))
            self._caches[part] = Cache(run.cache_dir or "", run.project, options.encode() + seen)
        return self._caches[part]

    def _targets(self, part: Part) -> list[tuple[str, str, str]]:
        """Name what the files of a part were held against."""
        cache = self._caches.get(part)
        if part not in self._jobs and cache is not None and cache.targets:
            return cache.targets
        return [(t.surface.key, t.label, t.reason) for t in self._job(part).targets.main]

    def _judged(self) -> list[Judged]:
        """What the files of each project were held against; only what was asked for where none was."""
        run = self._settings
        # A wrong target is an error even where nothing uses torchtitan.
        asked = run.torchtitan or run.written_for or run.surfaces or run.changes
        if asked and not self._used and not self._unread:
            self._part(os.path.join(run.start, ""))
        found = {part: self._targets(part) for part in self._used}
        if len({tuple(targets) for targets in found.values()}) <= 1:
            return [Judged(run.start, targets) for targets in found.values()][:1]
        by_folder: dict[str, dict[tuple[str, str, str], None]] = {}
        for part, targets in found.items():
            by_folder.setdefault(part.folder, {}).update(dict.fromkeys(targets))
        return [Judged(folder, list(targets)) for folder, targets in sorted(by_folder.items())]


def _on_data(judged: Sequence[Judged]) -> list[str]:
    """Say where newer data on torchtitan would count, and why that of the cache does not."""
    said: list[str] = []
    if any(newer_data.LATER in reason for project in judged for _, _, reason in project.targets):
        from titan_lint.api.targets import newest

        point = newest()
        said.append(
            f"what is asked for is {newer_data.LATER}, which ends with {point.key} of {point.day}: "
            "`titan-lint api update` takes newer data"
        )
    if newer_data.stamp():
        from titan_lint.api import data_package

        trouble = data_package.loaded().trouble
        said += [trouble] if trouble else []
    return said


_UNREAD = "neither it nor what is held against it is checked"


def _refused(error: discover.ReadError) -> FileOutcome:
    from titan_lint.finding import FileError

    return FileOutcome(error.path, errors=[FileError(discover.relative(error.path), error.message)])


def _unreadable(error: discover.ReadError) -> FileOutcome:
    from titan_lint.finding import FileError

    message = f"cannot be read: {error.message}"
    return FileOutcome(error.path, errors=[FileError(discover.relative(error.path), message)])
