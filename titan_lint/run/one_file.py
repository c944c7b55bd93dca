"""One file, from bytes to what is to be said about it."""

from __future__ import annotations

import functools

from titan_lint import rules
from titan_lint.check.asked import Asked
from titan_lint.check.suppress import UNUSED, suppress
from titan_lint.code.screen import is_for_jobs, may_match, mentions_torchtitan
from titan_lint.code.source import Source, SourceError
from titan_lint.documents import is_document
from titan_lint.finding import FileError, Finding
from titan_lint.run.cached_findings import encode
from titan_lint.run.discover import printable, relative
from titan_lint.run.outcome import FileOutcome
from titan_lint.run.projects import Projects
from titan_lint.structs import Struct, field, replace
from titan_lint.uses.options import Around

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from titan_lint.api.targets import Target
    from titan_lint.check.fix import Fixed
    from titan_lint.check.lint import Linted, RuleFailure
    from titan_lint.code.program import Program
    from titan_lint.documents.document import Document
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
        apart: Whether files are held against each target alone.
        around: What the files of the run do with jobs themselves.
        rules: The modules that rules of the user's own come from.
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
    apart: bool = False
    around: Around = Around()
    rules: Sequence[str] = ()


def check(job: Job, path: str, data: bytes, codes: Sequence[str]) -> FileOutcome:
    """Lint a file and do what the job says. Trouble is part of the outcome."""
    return _guarded(path, lambda: _check(job, path, data, codes))


def look(job: Job, path: str, data: bytes, ask: Callable[[Sequence[File]], None]) -> FileOutcome:
    """Hand over each program of a file as :func:`files` gives it. Trouble is the outcome."""

    def work() -> FileOutcome:
        for program in _programs(job, path, data):
            ask(program)
        return FileOutcome(path)

    return _guarded(path, work)


def _guarded(path: str, work: Callable[[], FileOutcome]) -> FileOutcome:
    from titan_lint.api.targets import TargetError

    try:
        return work()
    except TargetError as error:
        return failed(path, f"belongs to a copy of torchtitan that cannot be read: {error}")
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
    """A file of Python, held against each of its targets.

    Raises:
        SourceError: It is no Python.
        TargetError: It belongs to a copy of torchtitan that cannot be read.
    """
    if is_document(path) or is_for_jobs(path):
        raise SourceError("it is no file of Python")
    return _held(_work(job, path, Source.decode(relative(path), data), ()))


def _programs(job: Job, path: str, data: bytes) -> Iterator[list[File]]:
    """A file of Python, or each block of a document that mentions torchtitan, held against its targets."""
    if not is_document(path):
        yield files(job, path, data)
        return
    from titan_lint import documents

    document = documents.read(relative(path), data)
    for block in document.blocks:
        if mentions_torchtitan(block.text.encode("utf-8", "surrogatepass")):
            try:
                yield _held(_work(job, path, block, ()))
            except SourceError as error:
                if document.strict:
                    raise block.error_in_file(error) from error


def _held(work: _Work) -> list[File]:
    from titan_lint.uses.file import File

    targets = tuple(work.targets)
    return [File(work.parsed(), t, work.options, work.package, targets) for t in targets]


def _check(job: Job, path: str, data: bytes, codes: Sequence[str]) -> FileOutcome:
    how = _check_document if is_document(path) else _check_file
    return how(job, path, data, codes)


def _check_file(job: Job, path: str, data: bytes, codes: Sequence[str]) -> FileOutcome:
    source = Source.decode(relative(path), data)
    if is_for_jobs(path):
        work = _JobWork(job, path, source, codes, job.targets.of(path))
    else:
        work = _work(job, path, source, codes)
    if job.apart:
        return work.apart()
    if not job.fix:
        return _finish(job, work.lint(), data)
    outcome = work.fix()
    if outcome.source is None or outcome.source.text == source.text:
        return outcome
    new = source.encode(outcome.source.text)
    trouble = (
        _deliver(job, outcome, data, new, [("", data, new)])
        if source.is_exact(data)
        else f"not fixed: as {source.encoding} the file cannot be written as it was read"
    )
    if trouble is not None:
        # The findings are all still there.
        outcome = _finish(job, work.lint(), data)
        outcome.errors.append(FileError(relative(path), trouble))
    return outcome


def _work(job: Job, path: str, source: Source, codes: Sequence[str]) -> _Work:
    """Put together what the check of a file, or of a block of a document, goes by."""
    from titan_lint.uses.era import Era, of_parsed

    targets, projects = job.targets.of(path), job.projects
    options, package = job.targets.options, job.targets.package(path)
    parsed = functools.cache(functools.partial(projects.program, path, source))
    if job.targets.is_own(path):
        # A torchtitan is written for itself.
        options = replace(options, era=Era((targets[0].surface.key,)))
    elif is_document(path):
        options = replace(options, era=of_parsed(parsed, pinned=lambda: job.targets.pinned))
    else:
        made_for = of_parsed(
            parsed, projects.era(path), lambda: projects.head(path), lambda: job.targets.pinned
        )
        options = replace(options, era=made_for)
    options = replace(
        options,
        neighbours=projects.neighbours(path),
        readers=projects.readers(path),
        modules=projects.own_modules(path),
        around=lambda: _around(job, path, source),
    )
    if is_document(path):
        # What a document of a package shows is none of its modules.
        package = None
    return _Work(job, path, source, codes, targets, package, options, parsed)


def _around(job: Job, path: str, source: Source) -> Around:
    """What the project of a file does with jobs itself."""
    data = source.text.encode("utf-8", "surrogatepass")
    return job.around | job.projects.jobs(path, data)


def _check_document(job: Job, path: str, data: bytes, codes: Sequence[str]) -> FileOutcome:
    from titan_lint import documents

    first = documents.read(relative(path), data)
    outcome, document, found = _check_blocks(job, path, first, codes)
    if job.apart:
        return outcome
    on_page = [document.blocks[index].finding_on_page(finding) for index, finding in found]
    outcome.findings = sorted(on_page, key=lambda f: (f.span.start, f.code, f.span.end))
    outcome.source = document.page if on_page or job.fix else None
    if job.fix:
        trouble = None
        if document.file.text != first.file.text:
            trouble = _deliver(job, outcome, data, document.data, first.changes(document))
        if trouble is not None:
            outcome = _check_document(replace(job, fix=False), path, data, codes)
            outcome.errors.append(FileError(relative(path), trouble))
        return outcome
    if not outcome.errors:
        outcome.record = [encode(finding) for finding in outcome.findings]
    if job.baseline is not None:
        outcome.findings = job.baseline.unknown(path, document.page, outcome.findings)
    if job.add_noqa:
        known = set(map(id, outcome.findings))
        kept = [one for one, shown in zip(found, on_page, strict=True) if id(shown) in known]
        for index in sorted({index for index, _ in kept}):
            mine = [finding for other, finding in kept if other == index]
            document = document.of(_suppressed(outcome, document.blocks[index], mine))
        if document.file.text != first.file.text:
            _tell_unwritten(outcome, _write(path, data, document.data))
    return outcome


def _check_blocks(
    job: Job, path: str, document: Document, codes: Sequence[str]
) -> tuple[FileOutcome, Document, list[tuple[int, Finding]]]:
    """Lint or fix the blocks of a document, one after the other.

    Returns:
        What came of it but for findings, the document now, and the findings that are left, each with the
        number of the block that it points into.
    """
    outcome = FileOutcome(path)
    # Whether a fix can be written into a document shows in its edits alone.
    job = replace(job, edits=True)
    found: list[tuple[int, Finding]] = []
    words = rules.words_of(codes)
    for index in range(len(document.blocks)):
        block = document.blocks[index]
        if not may_match(block.text.encode("utf-8", "surrogatepass"), codes, words):
            continue
        work = _work(job, path, block, codes)
        try:
            work.parsed()
            part = work.apart() if job.apart else work.fix() if job.fix else work.lint()
            if job.fix and job.baseline is not None:
                known = job.baseline.without(path, block, work.lint().findings)
                job = replace(job, baseline=known)
        except SourceError as error:
            if document.strict:
                raise block.error_in_file(error) from error
            continue
        if job.fix:
            document = document.of(part.source)
        found += [(index, finding) for finding in part.findings]
        outcome.fixed += part.fixed
        for key, findings in part.apart.items():
            outcome.apart.setdefault(key, []).extend(findings)
        outcome.errors += [error for error in part.errors if error not in outcome.errors]
        outcome.tracebacks += part.tracebacks
        outcome.by_project |= part.by_project
        outcome.by_readers |= part.by_readers
    return outcome, document, found


def _finish(job: Job, outcome: FileOutcome, data: bytes) -> FileOutcome:
    """Hold an outcome against the baseline, and suppress what is left where that was asked for."""
    source = outcome.source
    if source is None:
        return outcome
    if job.baseline is not None:
        outcome.findings = job.baseline.unknown(outcome.path, source, outcome.findings)
    if job.add_noqa:
        text = _suppressed(outcome, source, outcome.findings).text
        if text != source.text:
            try:
                new = source.encode(text)
                if not source.is_exact(data):
                    raise SourceError("it cannot be written as it was read")
                trouble = _write(outcome.path, data, new)
            except SourceError as error:
                trouble = error.message
            _tell_unwritten(outcome, trouble)
    return outcome


class _JobWork(Struct):
    """What the check of a job config goes by."""

    job: Job
    path: str
    source: Source
    codes: Sequence[str]
    targets: Sequence[Target]

    def lint(self) -> FileOutcome:
        linted = self.linted()
        kept = self.job.asked.of(suppress(self.source, linted.findings, self.codes))
        # A report quotes the files that it has something to say of; the others would be kept for nothing.
        outcome = FileOutcome(self.path, self.source if kept else None, kept)
        _tell_failures(outcome, linted.failures)
        if not outcome.errors:
            outcome.record = [encode(finding) for finding in kept]
        return outcome

    def fix(self) -> FileOutcome:
        fixed = self.fixed()
        outcome = FileOutcome(self.path, fixed.source, fixed.remaining)
        outcome.fixed = fixed.fixed
        if fixed.refused is not None:
            outcome.errors.append(FileError(relative(self.path), f"not fixed: {fixed.refused}"))
        _tell_failures(outcome, fixed.failures)
        return outcome

    def apart(self) -> FileOutcome:
        """What is found at each target alone."""
        outcome = FileOutcome(self.path)
        for target in self.targets if self.is_judged() else ():
            part = replace(self, targets=(target,)).lint()
            outcome.apart[target.surface.key] = part.findings
            outcome.errors += [error for error in part.errors if error not in outcome.errors]
            outcome.tracebacks += part.tracebacks
        return outcome

    def is_judged(self) -> bool:
        """Whether there is something in the file that rules are about."""
        from titan_lint.check.jobs import is_judged

        return is_judged(self.source, self.around)

    @property
    def around(self) -> Around:
        """What the project does with jobs itself."""
        return _around(self.job, self.path, self.source)

    def linted(self) -> Linted:
        from titan_lint.check.jobs import lint

        return lint(self.source, codes=self.codes, targets=self.targets, around=self.around)

    def fixed(self) -> Fixed:
        from titan_lint.check.jobs import fix

        return fix(
            self.source,
            codes=self.codes,
            targets=self.targets,
            around=self.around,
            unsafe=self.job.unsafe,
            keep=self.keep,
        )

    def keep(self, source: Source, findings: list[Finding]) -> list[Finding]:
        kept = self.job.asked.of(suppress(source, findings, self.codes))
        baseline = self.job.baseline
        return kept if baseline is None else baseline.unknown(self.path, source, kept)


class _Work(_JobWork):
    """What the check of a program goes by."""

    package: str | None
    options: Options
    parsed: Callable[[], Program]

    def is_judged(self) -> bool:
        return True

    def lint(self) -> FileOutcome:
        outcome = _JobWork.lint(self)
        era, neighbours = self.options.era, self.options.neighbours
        # Copies of torchtitan are in no project; their neighbours are themselves.
        outcome.by_project = (
            era is None or era.is_consulted or (neighbours is not None and neighbours.is_consulted)
        )
        asked = self.options.readers, self.options.modules
        outcome.by_readers = any(one is not None and one.is_consulted for one in asked)
        return outcome

    def linted(self) -> Linted:
        from titan_lint.check.lint import lint

        return lint(
            self.source,
            codes=self.codes,
            targets=self.targets,
            options=self.options,
            package=self.package,
            parsed=self.parsed,
            edits=self.job.edits,
        )

    def fixed(self) -> Fixed:
        from titan_lint.check.fix import fix

        return fix(
            self.source,
            codes=self.codes,
            targets=self.targets,
            options=self.options,
            unsafe=self.job.unsafe,
            keep=self.keep,
            package=self.package,
            parsed=self.parsed,
        )


def _deliver(
    job: Job,
    outcome: FileOutcome,
    old: bytes,
    new: bytes,
    changes: Sequence[tuple[str, bytes, bytes]],
) -> str | None:
    """Hand on what a file is to hold now, as the job asks for it; say why if that cannot be.

    Args:
        job: What is to be done.
        outcome: What came of the file.
        old: What it holds.
        new: What it is to hold.
        changes: What a diff shows: how each part is named behind the path, and what it was and is.
    """
    if job.diff:
        # The findings that are left point into the text that is not written.
        name = relative(outcome.path)
        outcome.diff = b"".join(unified_diff(name + part, *both) for part, *both in changes)
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


def _suppressed(outcome: FileOutcome, source: Source, findings: Sequence[Finding]) -> Source:
    """A file or a block with comments that suppress what was found in it; what cannot be is told."""
    from titan_lint.check.noqa import add_noqa
    from titan_lint.rewriting.edits import apply

    added = add_noqa(source, [f for f in findings if f.code != UNUSED])
    for line in added.impossible:
        message = "no comment can be added here; suppress the finding by hand"
        error = source.error_in_file(SourceError(message, line))
        outcome.errors.append(FileError(relative(outcome.path), error.message, error.line))
    outcome.noqa_added += added.codes
    return source.edited(apply(source.text, added.edits), added.edits)


def _tell_unwritten(outcome: FileOutcome, trouble: str | None) -> None:
    if trouble is not None:
        outcome.noqa_added = 0
        outcome.errors.append(FileError(relative(outcome.path), trouble))


def _tell_failures(outcome: FileOutcome, failures: Sequence[RuleFailure]) -> None:
    for failure in failures:
        what = f"rule {failure.code} ({failure.name})"
        message = _mistake(what, failure.error, ours=rules.is_own(failure.code))
        if all(error.message != message for error in outcome.errors):
            outcome.errors.append(FileError(relative(outcome.path), message))
            outcome.tracebacks.append(_traceback(failure.error))


def _traceback(error: Exception) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def _mistake(what: str, error: Exception, *, ours: bool = True) -> str:
    said = " ".join(str(error).split())[:200]
    failed = f"{what} failed ({type(error).__name__}: {said}); "
    if not ours:
        return failed + "`-v` shows where"
    return failed + "this is a mistake in titan-lint: please report it with the output of `-v`"


def unified_diff(name: str, old: bytes, new: bytes) -> bytes:
    """Compare two contents line by line, in bytes: a patch has to fit whatever the encoding is."""
    from titan_lint.run.line_diff import unified

    shown = printable(name).encode()
    return b"".join(
        line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"
        for line in unified(_lines(old), _lines(new), (shown, shown))
    )


def _lines(data: bytes) -> list[bytes]:
    """Split at line feeds only, as patch does; a lone carriage return is part of a line."""
    lines = data.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
