"""TTN203 removed-attribute."""

from __future__ import annotations

from titan_lint.api import causes
from titan_lint.finding import Obligation, Severity
from titan_lint.fixes import members
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.rules.precedence import MEMBER, claim
from titan_lint.uses.members.analysis import Members, missing_behind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File
    from titan_lint.uses.members.analysis import Lost


class RemovedAttribute(Rule):
    """An attribute or method that torchtitan's class had, and at the target does not have.

    ## What it does
    Looks at attributes of what certainly is an instance of one of torchtitan's classes: a `Trainer`
    that the code makes, a parameter annotated as `ParallelDims`, the config behind
    `model_registry(...).model`, `self` of a class derived from one. It reports where the target's
    class, and every class derived from it, lacks the member, and another known torchtitan gave it
    the member itself, under its name of then. What the file adds on its own is left alone, as is what it asks for by
    `hasattr` first. So it does of a member that a test replaces, by `patch.object` and its like.
    Paths to the attention backend are TTN102 and TTN103.

    A `getattr` with a default, or a `hasattr`, for something that goes by a new name now is a
    warning, unless the code around asks for the new name, too, or goes by it to skip a test alone: it never
    raises, and never finds anything. So is what is put on the class itself, `Trainer.maybe_enable_amp = ours`, where no other line
    of the project asks for that name: it does nothing.

    ## Why is this bad?
    Reading it raises `AttributeError`; so does setting it on a config, which has slots.

    ## Fix safety
    Safe where the catalogue knows the same thing under another name or form, or that leaving it out
    changes nothing (`with trainer.maybe_enable_amp:`). Unsafe where what is found there differs in
    kind, or where the file goes on setting it, or asking for it by a string, under the old name.
    """

    sources = (
        Citation("maybe_enable_amp is removed", "pytorch/torchtitan 00b7f5693", "2026-04-09"),
        Citation("job_config becomes config", "pytorch/torchtitan 9810191bb", "2026-02-23"),
        Citation(
            "n_layers becomes the length of layers", "pytorch/torchtitan 4b3347467", "2026-04-03"
        ),
    )
    rests_on = (
        Obligation.WHOLE_RENAME,
        Obligation.STATED,
        Obligation.COMMENTS_STAY,
    )
    bad = (
        Example(
            about="the only item of a with",
            code="""\
from torchtitan.trainer import Trainer


class Engine:
    def __init__(self, config):
        self.trainer = Trainer(config)

    def forward(self, model, tokens):
        with self.trainer.train_context():
            # Both in the dtype of the parameters.
            with self.trainer.maybe_enable_amp:
                logits = model(tokens)
                return logits.float()
""",
            fixed="""\
from torchtitan.trainer import Trainer


class Engine:
    def __init__(self, config):
        self.trainer = Trainer(config)

    def forward(self, model, tokens):
        with self.trainer.train_context():
            # Both in the dtype of the parameters.
            logits = model(tokens)
            return logits.float()
""",
        ),
        Example(
            about="one of several items",
            code="""\
from torchtitan.trainer import Trainer


def forward(trainer: Trainer, model, tokens):
    with trainer.train_context(), trainer.maybe_enable_amp:
        return model(tokens)
""",
            fixed="""\
from torchtitan.trainer import Trainer


def forward(trainer: Trainer, model, tokens):
    with trainer.train_context():
        return model(tokens)
""",
        ),
        Example(
            about="other names",
            code="""\
from torchtitan.models.llama3 import model_registry
from torchtitan.train import Trainer


def steps(trainer: Trainer) -> int:
    return trainer.job_config.training.steps


def layers() -> int:
    return model_registry("8B").model.n_layers
""",
            fixed="""\
from torchtitan.models.llama3 import model_registry
from torchtitan.train import Trainer


def steps(trainer: Trainer) -> int:
    return trainer.config.training.steps


def layers() -> int:
    return len(model_registry("8B").model.layers)
""",
        ),
        Example(
            about="gone for good",
            code="""\
from torchtitan.distributed import ParallelDims


def needs_gather(parallel_dims: ParallelDims) -> bool:
    return parallel_dims.tp_enabled and not parallel_dims.etp_enabled
""",
        ),
        Example(
            about="never raises, never finds anything",
            code="""\
from torchtitan.models.llama3 import model_registry

config = model_registry("8B").model
layers = getattr(config, "n_layers", None)
""",
        ),
    )
    good = (
        Example(
            about="still there at its time",
            torchtitan="2026-03-15",
            code="""\
from torchtitan.trainer import Trainer


def forward(trainer: Trainer, model, tokens):
    with trainer.train_context(), trainer.maybe_enable_amp:
        return model(tokens)
""",
        ),
        Example(
            about="both forms are asked for",
            code="""\
from torchtitan.models.llama3 import model_registry

config = model_registry("8B").model
layers = getattr(config, "n_layers", None) or len(config.layers)
""",
        ),
        Example(
            about="a subclass that brings it along",
            code="""\
from torchtitan.trainer import Trainer


class AmpTrainer(Trainer):
    def __init__(self, config, amp):
        super().__init__(config)
        self.maybe_enable_amp = amp

    def forward(self, model, tokens):
        with self.maybe_enable_amp:
            return model(tokens)
""",
        ),
        Example(
            about="another library's trainer",
            code="""\
import torchtitan
from transformers import Trainer


def steps(trainer: Trainer) -> int:
    return trainer.job_config.steps
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for lost in file.once(Members).lost:
            yield Report(
                lost.node,
                f"`{_about(lost)}` has no `{lost.name}` at {file.target.label}",
                members.rewrite(file, lost),
                Severity.WARNING if lost.probe or lost.is_unread else None,
                key=(lost.cls, lost.name),
                claims=claim((lost.node,), MEMBER),
                notes=_notes(file, lost),
                help=_help(file, lost),
            )


def _about(lost: Lost) -> str:
    return ".".join(part for part in lost.cls.split(".") if part[:1].isupper())


def _notes(file: File, lost: Lost) -> tuple[str, ...]:
    point, earlier = lost.presence.surface.provenance, lost.presence.earlier
    if not earlier:
        return (words.gone_or_to_come(point, earlier=False),)
    notes: tuple[str, ...] = ()
    if lost.probe:
        notes = ("this finds nothing, without an error",)
    elif lost.is_unread:
        notes = (words.UNREAD,)
    cause = causes.of_going(file.target.surface, f"{lost.cls}.{lost.name}", lost.presence)
    if lost.change is None:
        return (*notes, words.gone_or_to_come(point, earlier=True, cause=cause))
    if words.took_away(lost.change, cause, lost.presence):
        notes += (f"it is gone {words.since(lost.change)}",)
    else:
        where = words.gone_or_to_come(point, earlier=True, cause=cause)
        notes += (where, *words.became(lost.change))
    behind = missing_behind(file, lost)
    return notes if behind is None else (*notes, f"what is there now has no `{behind}` either")


def _help(file: File, lost: Lost) -> str:
    if not lost.presence.earlier:
        return words.LATER
    new = lost.change.new if lost.change is not None else None
    if new is None:
        return ""
    instead = new.name
    if new.code is not None:
        instead = new.code.replace("{owner}", file.program.text(lost.owner))
    return f"Use `{instead}`" if instead else ""
