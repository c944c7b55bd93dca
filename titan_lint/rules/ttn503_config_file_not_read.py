"""TTN503 config-file-not-read."""

from __future__ import annotations

from titan_lint.api.changes import facts
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, JobReport, JobRule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.jobs import Job


class ConfigFileNotRead(JobRule):
    """A job config in TOML, which the target does not read.

    ## What it does
    Looks at `.toml` files that hold a job of torchtitan's, told by their sections and keys and not by
    their names, where the target takes its jobs from Python. One finding stands for the whole file.
    Nothing is said where the project has a `JobConfig` that it reads from TOML itself.

    ## Why is this bad?
    `torchrun -m torchtitan.train --job.config_file job.toml` ends with `--module is required`, and
    beside `--module` and `--config` the option is an unknown one.

    ## Fix safety
    No fix is offered: the job becomes a function of a `config_registry` module, which
    `titan-lint convert` writes.
    """

    sources = (
        Citation(
            "[BC Breaking] Config System Refactor: TOML to Python Dataclass Registry",
            "pytorch/torchtitan 9810191bb (#2386)",
            "2026-02-23",
        ),
    )
    bad = (
        Example(
            code="""\
[model]
name = "llama3"
flavor = "8B"

[training]
steps = 1000
""",
        ),
    )
    good = (
        Example(
            about="read by what comes before",
            torchtitan="0.2.2",
            code="""\
[model]
name = "llama3"
flavor = "8B"

[training]
steps = 1000
""",
        ),
        Example(
            about="not known to be torchtitan's",
            code="""\
[model]
name = "mine"

[training]
steps = 1000
""",
        ),
    )

    def judge(self, job: Job) -> Iterator[JobReport]:
        """See :meth:`titan_lint.rules.base.JobRule.judge`."""
        if job.reads_toml is not False:
            return
        entry = job.document.entries[0]
        statement = entry.statement if entry.header is None else entry.header.statement
        yield JobReport(
            statement,
            statement,
            f"{job.target.label} does not read this job config: it reads no TOML",
            ("toml",),
            notes=(
                f"{words.when(facts.job_keys().toml_until)}: `--module` and `--config` name the job",
            ),
            help="Write the job as a function of a `config_registry` module, as `titan-lint convert` does",
        )
