"""TTN501 unknown-config-key."""

from __future__ import annotations

from titan_lint.api import job_configs
from titan_lint.code import toml
from titan_lint.finding import Applicability, Edit, Fix, Obligation, Severity, Span, unless
from titan_lint.rewriting.edits import apply
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, JobReport, JobRule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api.job_configs import Gone, Schema
    from titan_lint.code.toml import Entry, Header, Path
    from titan_lint.uses.jobs import Job


class UnknownConfigKey(JobRule):
    """A key or section of a job config that the target's `JobConfig` does not have.

    ## What it does
    Holds `.toml` files that are job configs of torchtitan against the fields of `JobConfig`. A key is
    reported that another torchtitan takes, with what became of it, and as a warning one that is all but
    a key of its section. The keys of a `custom_config_module` of torchtitan's own count. Of other keys
    nothing is said, since `--job.custom_config_module` may name a module that has them; nor is of any where
    the file names a module of the project's, or the project has a `JobConfig` of its own.

    ## Why is this bad?
    torchtitan stops at its start: `ValueError: Invalid field names in ... data`. Until 2025-08-28 it went on
    without the key; nothing is said of keys where the target is that old.

    ## Fix safety
    Safe: the key gets its new name or goes to its new section, with its value and the comment beside it.
    It is unsafe where a value may mean something else there, and where a comment above the key would
    stay behind. The fixed file is read again, and the fix is offered only where it says the same.
    """

    sources = (
        Citation(
            "batch_size becomes local_batch_size", "pytorch/torchtitan 8570415c3", "2025-06-05"
        ),
        Citation("debug settings get a section", "pytorch/torchtitan e61f2cce4", "2025-10-29"),
    )
    rests_on = (Obligation.SAME_VALUE, Obligation.COMMENTS_STAY)
    bad = (
        Example(
            torchtitan="0.2.2",
            code="""\
[model]
name = "llama3"
flavor = "8B"

[training]
batch_size = 8  # of a rank
steps = 1000
""",
            fixed="""\
[model]
name = "llama3"
flavor = "8B"

[training]
local_batch_size = 8  # of a rank
steps = 1000
""",
        ),
        Example(
            about="moved to another section",
            torchtitan="0.2.2",
            code="""\
[model]
name = "llama3"
flavor = "8B"

[training]
seed = 1
steps = 1000
""",
            fixed="""\
[model]
name = "llama3"
flavor = "8B"

[training]
steps = 1000

[debug]
seed = 1
""",
        ),
        Example(
            about="a section with a new name",
            torchtitan="0.2.2",
            code="""\
[model]
flavor = "8B"

[training]
steps = 1000

[float8]
filter_fqns = ["output"]
""",
            fixed="""\
[model]
flavor = "8B"

[training]
steps = 1000

[quantize.linear.float8]
filter_fqns = ["output"]
""",
        ),
        Example(
            about="gone without a new name",
            torchtitan="0.2.2",
            code="""\
[model]
flavor = "8B"

[parallelism]
enable_compiled_autograd = true
tensor_parallel_degree = 2
""",
        ),
    )
    good = (
        Example(
            about="known at its own version",
            torchtitan="0.2.0",
            code="""\
[model]
flavor = "8B"

[training]
seed = 1
steps = 1000
""",
        ),
        Example(
            about="a module of the project's may have the key",
            torchtitan="0.2.2",
            code="""\
[job]
custom_config_module = "mine.job_config"

[model]
flavor = "8B"

[training]
seed = 1
""",
        ),
    )

    def judge(self, job: Job) -> Iterator[JobReport]:
        """See :meth:`titan_lint.rules.base.JobRule.judge`."""
        schema = job.schema
        if not job.reads_toml or schema is None or not schema.refuses_others:
            return
        for header in job.document.headers:
            yield from _header(job, schema, header)
        for entry in job.document.entries:
            if entry.path not in schema.keys and not _by_header(schema, entry):
                yield from _entry(job, schema, entry)


def _header(job: Job, schema: Schema, header: Header) -> Iterator[JobReport]:
    """A section that has a new name, or that nothing is left in."""
    path = header.path
    if path in schema.sections or not job_configs.was_section(path):
        return
    gone = job_configs.gone(path)
    below = [entry for entry in job.document.entries if entry.path[: len(path)] == path]
    if gone is None or gone.new not in schema.sections:
        if below or any(h.path[: len(path)] == path for h in job.document.headers if h != header):
            return
        gone = None
    span = Span(header.parts[0].start, header.parts[-1].end)
    fix = None
    if gone is not None and gone.new is not None and all(_by_header(schema, e) for e in below):
        renamed = header.parts[: len(gone.old)]
        new = gone.new[: len(gone.new) - (len(path) - len(gone.old))]
        edit = Edit(renamed[0].start, renamed[-1].end, ".".join(new))
        moved = {entry.path: gone.new + entry.path[len(path) :] for entry in below}
        fix = _fix(job, gone, (edit,), f"Write `[{'.'.join(gone.new)}]`", moved, loses=False)
    yield _report(job, "section", path, span, header.statement, gone, fix)


def _by_header(schema: Schema, entry: Entry) -> bool:
    """Whether all that is to be said of a key is said of the section around it."""
    if entry.header is None:
        return False
    gone = job_configs.gone(entry.path)
    return gone is not None and (
        len(gone.old) <= len(entry.header.path)
        and entry.path not in schema.keys
        and gone.new in schema.keys
        and job_configs.gone(entry.header.path) is not None
    )


def _entry(job: Job, schema: Schema, entry: Entry) -> Iterator[JobReport]:
    path = entry.path
    span = Span(entry.parts[0].start, entry.parts[-1].end)
    gone = job_configs.gone(path)
    if gone is not None or job_configs.was_key(path):
        fix = None
        if gone is not None and gone.new in schema.keys and not entry.is_inner:
            fix = _moved(job, entry, gone)
        yield _report(job, "key", path, span, entry.statement, gone, fix)
        return
    if path[:-1] not in schema.sections:
        return
    names = [key[-1] for key in schema.keys if key[:-1] == path[:-1]]
    import difflib

    near = difflib.get_close_matches(path[-1].replace("-", "_"), names, 1, 0.85)
    if near:
        yield JobReport(
            span,
            entry.statement,
            f"`{words.short('.'.join(path))}` is no key of a job config at {job.target.label}",
            path,
            severity=Severity.WARNING,
            notes=("no torchtitan known here has it",),
            help=f"Did you mean `{near[0]}`?",
        )


def _report(
    job: Job,
    kind: str,
    path: Path,
    span: Span,
    statement: Span,
    gone: Gone | None,
    fix: Fix | None,
) -> JobReport:
    shown, label = words.short(".".join(path)), job.target.label
    known = job_configs.taken_by(job.target.surface, path)
    notes: tuple[str, ...] = ()
    advice, state = "", "gone"
    if gone is not None:
        notes = (words.when(gone.change),)
        new = ".".join(gone.new) if gone.new is not None else ""
        advice = gone.change.help or f"It is `{new}` now"
    elif known is not None:
        point, earlier = known
        state = "gone" if earlier else "not there yet"
        notes = words.option_in(job.target.surface, point, path, earlier=earlier)
    return JobReport(
        span,
        statement,
        f"the {kind} `{shown}` of a job config is {state} at {label}",
        path,
        fix,
        notes=notes,
        help=advice,
    )


def _moved(job: Job, entry: Entry, gone: Gone) -> Fix | None:
    """A key under its new name: in its place, or in the section that it belongs to now."""
    assert gone.new is not None
    text, old, new = job.source.text, entry.path, gone.new
    title = f"Write `{'.'.join(new)}`"
    moved = {old: new}
    last = entry.parts[-1]
    if old[:-1] == new[:-1]:
        return _fix(job, gone, (Edit(last.start, last.end, new[-1]),), title, moved, loses=False)
    if entry.header is None or len(entry.parts) > 1:
        return None
    line = job.source.line_of
    start = job.source.line_start(line(entry.statement.start))
    end = job.source.line_end(line(entry.statement.end))
    ending = job.source.line_ending
    said = new[-1] + text[last.end : end].rstrip("\r\n") + ending
    above = text[:start].rstrip("\r\n").rpartition("\n")[2].strip()
    return _fix(
        job,
        gone,
        tuple(sorted((Edit(start, end, ""), _inserted(job, new[:-1], said, ending)))),
        title,
        moved,
        loses=above.startswith("#"),
    )


def _inserted(job: Job, section: Path, said: str, ending: str) -> Edit:
    """A line at the end of a section, which is made at the end of the file where there is none."""
    source = job.source
    for header in job.document.headers:
        if header.path == section:
            inner = [e.statement.end for e in job.document.entries if e.header == header]
            at = source.line_end(source.line_of(max(inner, default=header.statement.end)))
            break
    else:
        at = len(source.text)
        said = f"{ending}[{'.'.join(section)}]{ending}{said}"
    if not source.text[:at].endswith("\n"):
        said = ending + said
    return Edit(at, at, said)


def _fix(
    job: Job,
    gone: Gone,
    edits: tuple[Edit, ...],
    title: str,
    moved: dict[Path, Path],
    *,
    loses: bool,
) -> Fix | None:
    """A fix, if the file that it makes says the same under the new names; else ``None``."""
    try:
        after = dict(toml.leaves(toml.load(apply(job.source.text, edits))))
    except toml.TomlError:
        return None
    before = {moved.get(e.path, e.path): e.value for e in job.document.entries}
    if after != before or len(before) < len(job.document.entries):
        return None
    because = (
        *unless(gone.change.safe, Obligation.SAME_VALUE),
        *unless(not loses, Obligation.COMMENTS_STAY),
    )
    made = Applicability.UNSAFE if because else Applicability.SAFE
    return Fix(made, title, edits, because=because)
