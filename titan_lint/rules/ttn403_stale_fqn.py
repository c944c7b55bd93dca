"""TTN403 stale-fqn."""

from __future__ import annotations

from titan_lint.finding import Severity
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses import fqns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from titan_lint.uses.file import File


class StaleFqn(Rule):
    """A string names a parameter or module that the target's models do not have.

    ## What it does
    Looks at the names and patterns that are passed to torchtitan: `ParamGroupConfig(pattern=...)`,
    `filter_fqns` and `fqns` of converters, `module_fqns_per_model_part`, and their kin. It reports
    where one of them met a name that is gone and does not meet the one that took its place, such as
    `output.weight` (now `lm_head.weight`) or `moe.experts.w1`. What met `attention.wq` is reported
    only where the file names its models, because some still have it.

    ## Why is this bad?
    Nothing raises: the pattern just meets nothing any more. Parameters get the settings of another
    group, layers are converted that should not be, or a module is missing from every stage.

    ## Fix safety
    The rule only explains: what a pattern is meant for is for its author to say.
    """

    severity = Severity.WARNING
    sources = (
        Citation("output becomes lm_head", "pytorch/torchtitan 786e26f8e", "2026-04-27"),
        Citation(
            "wq, wk and wv move into qkv_linear", "pytorch/torchtitan ad7a86533", "2026-04-16"
        ),
        Citation("experts move into routed_experts", "pytorch/torchtitan 3101b42f9", "2026-07-16"),
    )
    bad = (
        Example(
            code="""\
from torchtitan.components.optimizer import ParamGroupConfig

HEAD = ParamGroupConfig(
    pattern=r"output\\.weight",
    optimizer_name="AdamW",
    optimizer_kwargs={"lr": 1e-4},
)
""",
        ),
        Example(
            about="a stage without its head",
            code="""\
from torchtitan.config import ParallelismConfig

STAGES = [["tok_embeddings", "layers.0"], ["layers.1", "norm", "output"]]
parallelism = ParallelismConfig(
    module_fqns_per_model_part=STAGES, spmd_backend="partial_dtensor"
)
""",
        ),
        Example(
            about="experts of a mixture",
            code="""\
from torchtitan.components.optimizer import ParamGroupConfig

EXPERTS = ParamGroupConfig(
    pattern=r".*\\.moe\\.experts\\..*",
    optimizer_name="AdamW",
    optimizer_kwargs={"lr": 1e-4},
)
""",
        ),
    )
    good = (
        Example(
            about="still there at its time",
            torchtitan="2026-03-15",
            code="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(module_fqns_per_model_part=[["norm", "output"]])
""",
        ),
        Example(
            about="it meets the new names, too",
            code="""\
from torchtitan.components.optimizer import ParamGroupConfig

EXPERTS = ParamGroupConfig(
    pattern=r".*experts.*", optimizer_name="AdamW", optimizer_kwargs={"lr": 1e-4}
)
""",
        ),
        Example(
            about="not torchtitan's",
            code="""\
import torchtitan
from peft import LoraConfig

config = LoraConfig(target_modules=["attention.wq", "output"])
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for found in fqns.find(file):
            change = found.change
            yield Report(
                found.node,
                f"{words.short(str(found.node.value))!r} names nothing that "
                f"{_having(found.models, file.target.label)}",
                key=(str(found.node.value),),
                notes=(words.since(change),),
                help=f"Write {_listed(found.instead)}" if found.instead else "",
            )


def _having(models: Sequence[str], label: str) -> str:
    if not models:
        return f"models of {label} have"
    return f"{_listed(models)} of {label} {'has' if len(models) == 1 else 'have'}"


def _listed(names: Sequence[str]) -> str:
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} and {last}" if others else last
