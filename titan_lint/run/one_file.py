"""One file, from bytes to what is to be said about it."""

from __future__ import annotations

import functools

from titan_lint.check.asked import Asked
from titan_lint.check.suppress import UNUSED, suppress
from titan_lint.code.source import Source, SourceError
from titan_lint.finding import FileError, Finding
from titan_lint.run.cached_findings import encode
from titan_lint.run.discover import printable, relative
from titan_lint.run.outcome import FileOutcome
from titan_lint.run.projects import Projects
from titan_lint.structs import Struct, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from titan_lint.api.targets import Target
    from titan_lint.check.lint import RuleFailure
    from titan_lint.code.program import Program
    from titan_lint.run.baseline import Baseline
    from titan_lint.run.targets import Targets
    from titan_lint.uses.file import File
    from titan_lint.uses.options import Options


class Job(Struct):
    """What is to be done with every file.

    Attributes:
        targets: What files are held against.
        fix: Whether findings are fixed.
        unsafe: Whether unsafe fixes count.
        diff: Whether a diff takes the place of writing.
        add_noqa: Whether findings are suppressed in the file.
        baseline: Findings that were there before.
        projects: Which files were written together.
        to_stdout: Whether the file came on standard input.
        edits: Whether the output shows edits.
        asked: How findings are to be taken.
    """

    targets: Targets
    fix: bool = False
    unsafe: bool = False
    diff: bool = False
    add_noqa: bool = False
    baseline: Baseline | None = None
    projects: Projects = field(default_factory=Projects)
    to_stdout: bool = False
    edits: bool = False
    asked: Asked = Asked({}, ())


def check(job: Job, path: str, data: bytes, codes: Sequence[str]) -> FileOutcome:
    """Lint a file and do what the job says. Trouble is part of the outcome."""
    try:
        return _check(job, path, data, codes)
    except SourceError as error:
        return failed(path, error.message, error.line, error.column)
    except RecursionError:
        return failed(path, "nested too deeply to be checked")
    except MemoryError:
        return failed(path, "there is too little memory to check it")
    except Exception as error:
        outcome = failed(path, _mistake("titan-lint", error))
        outcome.tracebacks.append(_traceback(error))
        return outcome


def failed(
    path: str, message: str, line: int | None = None, column: int | None = None
) -> FileOutcome:
    """Make the outcome of a file that could not be checked."""
    return FileOutcome(path, errors=[FileError(relative(path), message, line, column)])


def files(job: Job, path: str, data: bytes) -> list[File]:
    """A file, held against each of its targets; none where it cannot be."""
    from titan_lint.uses.file import File

    try:
        work = _work(job, path, data, ())
        if isinstance(work, FileOutcome):
            return []
        targets = tuple(work.targets)
        return [File(work.parsed(), t, work.options, work.package, targets) for t in targets]
    except SourceError:
        return []


def _check(job: Job, path: str, data: bytes, codes: Sequence[str]) -> FileOutcome:
    work = _work(job, path, data, codes)
    if isinstance(work, FileOutcome):
        return work
    if not job.fix:
        return _finish(job, work.lint(), data)
    source = work.source
    outcome = work.fix()
    if outcome.source is None or outcome.source.text == source.text:
        return outcome
    new = source.encode(outcome.source.text)
    trouble = (
        _deliver(job, outcome, data, new)
        if source.is_exact(data)
        else f"not fixed: as {source.encoding} the file cannot be written as it was read"
    )
    if trouble is not None:
        # The findings are all still there.
        outcome = _finish(job, work.lint(), data)
        outcome.errors.append(FileError(relative(path), trouble))
    return outcome


def _work(job: Job, path: str, data: bytes, codes: Sequence[str]) -> _Work | FileOutcome:
    """All that is needed to check a file, or what came of it before that."""
    from titan_lint.api.targets import TargetError

    source = Source.decode(relative(path), data)
    try:
        targets = job.targets.of(path)
    except TargetError as error:
        return failed(path, f"belongs to a copy of torchtitan that cannot be read: {error}")
    options, era = job.targets.options, job.projects.era(path)
    parsed = functools.cache(functools.partial(job.projects.program, path, source))
    if job.targets.is_own(path):
        from titan_lint.uses.era import Era

        # A torchtitan is written for itself.
        options = replace(options, era=Era((targets[0].surface.key,)))
    else:
        from titan_lint.uses.era import of_parsed

        made_for = of_parsed(
            parsed, era, lambda: job.projects.head(path), lambda: job.targets.pinned
        )
        options = replace(options, era=made_for, neighbours=job.projects.neighbours(path))
    options = replace(
        options, readers=job.projects.readers(path), modules=job.projects.own_modules(path)
    )
    return _Work(job, path, source, codes, targets, job.targets.package(path), options, parsed)


def _finish(job: Job, outcome: FileOutcome, data: bytes) -> FileOutcome:
    """Hold an outcome against the baseline, and suppress what is left where that was asked for."""
    if job.baseline is not None and outcome.source is not None:
        outcome.findings = job.baseline.unknown(outcome.path, outcome.source, outcome.findings)
    if job.add_noqa:
        _add_noqa(outcome, data)
    return outcome


class _Work(Struct):
    job: Job
    path: str
    source: Source
    codes: Sequence[str]
    targets: Sequence[Target]
    package: str | None
    options: Options
    parsed: Callable[[], Program]

    def lint(self) -> FileOutcome:
        from titan_lint.check.lint import lint

        linted = lint(
            self.source,
            codes=self.codes,
            targets=self.targets,
            options=self.options,
            package=self.package,
            parsed=self.parsed,
            edits=self.job.edits,
        )
        kept = self.job.asked.of(suppress(self.source, linted.findings, self.codes))
        # A report quotes the files that it has something to say of; the others would be kept for nothing.
        outcome = FileOutcome(self.path, self.source if kept else None, kept)
        _tell_failures(outcome, linted.failures)
        era, neighbours = self.options.era, self.options.neighbours
        # Copies of torchtitan are in no project; their neighbours are themselves.
        outcome.by_project = (
            era is None or era.is_consulted or (neighbours is not None and neighbours.is_consulted)
        )
        asked = self.options.readers, self.options.modules
        outcome.by_readers = any(one is not None and one.is_consulted for one in asked)
        if not outcome.errors:
            outcome.record = [encode(finding) for finding in kept]
        return outcome

    def fix(self) -> FileOutcome:
        from titan_lint.check.fix import fix

        fixed = fix(
            self.source,
            codes=self.codes,
            targets=self.targets,
            options=self.options,
            unsafe=self.job.unsafe,
            keep=self.keep,
            package=self.package,
            parsed=self.parsed,
        )
        outcome = FileOutcome(self.path, fixed.source, fixed.remaining)
        outcome.fixed = fixed.fixed
        if fixed.refused is not None:
            outcome.errors.append(FileError(relative(self.path), f"not fixed: {fixed.refused}"))
        _tell_failures(outcome, fixed.failures)
        return outcome

    def keep(self, source: Source, findings: list[Finding]) -> list[Finding]:
        kept = self.job.asked.of(suppress(source, findings, self.codes))
        baseline = self.job.baseline
        return kept if baseline is None else baseline.unknown(self.path, source, kept)


def _deliver(job: Job, outcome: FileOutcome, old: bytes, new: bytes) -> str | None:
    """Hand on what a file is to hold now, as the job asks for it; say why if that cannot be."""
    if job.diff:
        # The findings that are left point into the text that is not written.
        outcome.diff = unified_diff(relative(outcome.path), old, new)
    elif job.to_stdout:
        outcome.content = new
    else:
        job.projects.remember(outcome.path, old)
        return _write(outcome.path, old, new)
    return None


def _write(path: str, old: bytes, new: bytes) -> str | None:
    """Replace a file; say why if that cannot be."""
    from titan_lint.run.replace import ReplaceError, replace

    try:
        replace(path, old, new)
    except ReplaceError as error:
        return str(error)
    return None


def _add_noqa(outcome: FileOutcome, data: bytes) -> None:
    from titan_lint.check.noqa import add_noqa

    source = outcome.source
    if source is None or not outcome.findings:
        return
    added = add_noqa(source, [f for f in outcome.findings if f.code != UNUSED])
    for line in added.impossible:
        message = "no comment can be added here; suppress the finding by hand"
        outcome.errors.append(FileError(relative(outcome.path), message, line))
    if not added.codes:
        return
    try:
        new = source.encode(added.text)
        if not source.is_exact(data):
            raise SourceError("it cannot be written as it was read")
        trouble = _write(outcome.path, data, new)
    except SourceError as error:
        trouble = error.message
    if trouble is None:
        outcome.noqa_added = added.codes
    else:
        outcome.errors.append(FileError(relative(outcome.path), trouble))


def _tell_failures(outcome: FileOutcome, failures: Sequence[RuleFailure]) -> None:
    for failure in failures:
        what = f"rule {failure.code} ({failure.name})"
        message = _mistake(what, failure.error)
        if all(error.message != message for error in outcome.errors):
            outcome.errors.append(FileError(relative(outcome.path), message))
            outcome.tracebacks.append(_traceback(failure.error))


def _traceback(error: Exception) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def _mistake(what: str, error: Exception) -> str:
    said = " ".join(str(error).split())[:200]
    return (
        f"{what} failed ({type(error).__name__}: {said}); this is a mistake in titan-lint: "
        "please report it with the output of `-v`"
    )


def unified_diff(name: str, old: bytes, new: bytes) -> bytes:
    """Compare two contents line by line, in bytes: a patch has to fit whatever the encoding is."""
    import difflib

    lines = difflib.diff_bytes(
        difflib.unified_diff,
        _lines(old),
        _lines(new),
        printable(name).encode(),
        printable(name).encode(),
    )
    return b"".join(
        line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"
        for line in lines
    )


def _lines(data: bytes) -> list[bytes]:
    """Split at line feeds only, as patch does; a lone carriage return is part of a line."""
    lines = data.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
