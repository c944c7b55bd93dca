"""TTN502 removed-config-value."""

from __future__ import annotations

from titan_lint.api import job_configs
from titan_lint.api.changes import facts
from titan_lint.finding import Severity
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, JobReport, JobRule
from titan_lint.uses.jobs import EXTENSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.toml import Entry
    from titan_lint.uses.jobs import Job


class RemovedConfigValue(JobRule):
    """A value in a job config that its key does not take at the target.

    ## What it does
    Holds the values in `.toml` files that are job configs of torchtitan against what the fields of
    `JobConfig` take: the choices of a `Literal[...]`, and the values that torchtitan refuses with a raise.
    A `custom_config_module` of torchtitan's that the target does not have is reported, too. Texts alone are
    looked at, and without regard to case where torchtitan puts them into lower or upper case first, as `async_mode`.

    ## Why is this bad?
    A value that torchtitan refuses ends the run at its start, and so does a module that is gone. A value
    that is no choice of its field is a warning: torchtitan reads it with a `UserWarning`, and whether
    a later comparison finds it is left to luck.

    ## Fix safety
    No fix is offered.
    """

    sources = (
        Citation("Literal choices of JobConfig", "torchtitan/config/job_config.py at v0.2.2"),
        Citation(
            "CP supports other attention and load balancers",
            "torchtitan/config/job_config.py at v0.2.2, Parallelism.__post_init__",
        ),
    )
    bad = (
        Example(
            torchtitan="0.2.2",
            code="""\
[model]
flavor = "8B"

[activation_checkpoint]
mode = "partial"
""",
        ),
        Example(
            about="refused with a raise",
            torchtitan="0.2.2",
            code="""\
[model]
flavor = "8B"

[parallelism]
context_parallel_load_balancer = ""
""",
        ),
        Example(
            about="a module that is gone",
            torchtitan="0.2.2",
            code="""\
[job]
custom_config_module = "torchtitan.experiments.flux.job_config"

[model]
flavor = "flux-dev"
""",
        ),
    )
    good = (
        Example(
            torchtitan="0.2.2",
            code="""\
[model]
flavor = "8B"

[activation_checkpoint]
mode = "memory_budget"
""",
        ),
    )

    def judge(self, job: Job) -> Iterator[JobReport]:
        """See :meth:`titan_lint.rules.base.JobRule.judge`."""
        if not job.reads_toml:
            return
        for entry in job.document.entries:
            if isinstance(entry.value, str):
                yield from _module(job, entry, entry.value)
                yield from _value(job, entry, entry.value)


def _module(job: Job, entry: Entry, value: str) -> Iterator[JobReport]:
    """The module that has more keys, where it is one of torchtitan's that the target lacks."""
    surface = job.target.surface
    if entry.path != EXTENSIONS[0] or not value.startswith("torchtitan."):
        return
    known = job_configs.schema(surface)
    if known is not None and entry.path in known.keys and surface.lookup(value) is None:
        yield JobReport(
            entry.place,
            entry.statement,
            f"there is no module `{words.short(value)}` at {job.target.label}",
            (*entry.path, value),
            help="Name the module that has its `JobConfig` now",
        )


def _value(job: Job, entry: Entry, value: str) -> Iterator[JobReport]:
    field = job.schema.keys.get(entry.path) if job.schema is not None else None
    if field is None:
        return
    refused = field.rejected.get(value)
    choices = [choice for choice in field.choices if choice is not None]
    if refused is None and (not choices or value in choices):
        return
    if ".".join(entry.path) in {one.key for one in facts.job_keys().any_case} and value.lower() in {
        str(choice).lower() for choice in choices
    }:
        return
    listed = ", ".join(f"`{choice}`" for choice in choices)
    said = f'does not take `"{words.short(value, 30)}"` at {job.target.label}'
    key = words.short(".".join(entry.path), words.LONGEST - len(said) - 3)
    yield JobReport(
        entry.place,
        entry.statement,
        f"`{key}` {said}",
        (*entry.path, value),
        severity=None if refused is not None else Severity.WARNING,
        notes=(refused.rstrip(".") if refused is not None else f"it takes {listed}",),
    )
