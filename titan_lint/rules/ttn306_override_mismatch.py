"""TTN306 override-mismatch."""

from __future__ import annotations

from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.rules.precedence import OVERRIDE, claim
from titan_lint.uses.guards import live
from titan_lint.uses.overrides import brought, refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api.changes.facts import CallInside
    from titan_lint.uses.file import File
    from titan_lint.uses.overrides import Brought, Refused


class OverrideMismatch(Rule):
    """Something that torchtitan calls does not take what the target passes.

    ## What it does
    Holds what the file gives torchtitan to call against how the target's own code calls it: methods that
    override one of torchtitan's, functions and classes in fields such as `ModelSpec.parallelize_fn`,
    the constructor of a class with a `Config` of its own, which `Config.build(...)` calls, and functions that are
    put in the place of torchtitan's own, `Trainer.train_step = f` or `decoder.get_mask = f`, where torchtitan looks
    them up there. It is silent where one of these calls would work, where something replaces what makes the call,
    where the project calls it itself, and where there are `*args`, `**kwargs` or decorators; and on what is put
    there by a test, or taken away again.

    ## Why is this bad?
    The call raises `TypeError`, in torchtitan's code and often late: `forward_backward_step` fails at the first
    step, a validator at the first validation.

    ## Fix safety
    There is no fix: what is to be done with a new argument, nobody but the author knows. A parameter that was only
    renamed is the business of TTN301, which renames it.
    """

    sources = (
        Citation("train_step passes global_valid_tokens", "torchtitan 0.2.2: torchtitan/train.py"),
        Citation(
            "ModelSpec.parallelize_fn takes the parts of the config",
            "torchtitan 0.3.0: torchtitan/trainer.py",
        ),
    )
    bad = (
        Example(
            about="the step is called with more, and by keyword",
            code="""\
from torchtitan.train import Trainer


class TuneTrainer(Trainer):
    def forward_backward_step(self, input_dict, labels):
        return self.loss(input_dict["input"], labels)
""",
        ),
        Example(
            about="a callback of the time when the whole config was passed",
            code="""\
from torchtitan.protocols.model_spec import ModelSpec


def parallelize(model, parallel_dims, job_config):
    return model


def spec(config, adapter):
    return ModelSpec(
        name="mine",
        flavor="debug",
        model=config,
        parallelize_fn=parallelize,
        pipelining_fn=None,
        post_optimizer_build_fn=None,
        state_dict_adapter=adapter,
    )
""",
        ),
        Example(
            about="a constructor that is not given what it asks for",
            code="""\
from dataclasses import dataclass

from torchtitan.components.dataloader import BaseDataLoader


class Loader(BaseDataLoader):
    @dataclass(kw_only=True, slots=True)
    class Config(BaseDataLoader.Config):
        path: str = ""

    def __init__(self, config: Config, *, dp_world_size, dp_rank, tokenizer, job_config):
        self.path = config.path
""",
        ),
        Example(
            about="a function in the place of torchtitan's",
            code="""\
import torchtitan.models.common.decoder as decoder


def packed(input_batch, eos_id):
    return None


decoder.create_varlen_metadata_for_document = packed
""",
        ),
    )
    good = (
        Example(
            about="all that is passed is taken",
            code="""\
from torchtitan.train import Trainer


class TuneTrainer(Trainer):
    def forward_backward_step(self, *, input_dict, labels, global_valid_tokens):
        return self.loss(input_dict["input"], labels) / global_valid_tokens
""",
        ),
        Example(
            about="the class replaces what makes the call",
            code="""\
from torchtitan.train import Trainer


class TuneTrainer(Trainer):
    def forward_backward_step(self, input_dict, labels):
        return self.loss(input_dict["input"], labels)

    def train_step(self, data_iterator):
        input_dict, labels = next(data_iterator)
        return self.forward_backward_step(input_dict, labels)
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for found in file.once(brought):
            why = refused(found)
            if why is not None and live(file, found.node, TypeError):
                yield _report(file, found, why)


def _report(file: File, found: Brought, why: Refused) -> Report:
    target = file.target.label
    if why.unknown:
        message = words.naming("this does not take", why.unknown, f"which {target} passes")
        advice = f"Take {_named(why.unknown)}"
    elif why.missing:
        message = words.naming("this asks for", why.missing, f"which {target} does not pass")
        advice = f"Do without {_named(why.missing)}, or give a default"
    else:
        message = f"{target} passes more positional arguments than the {why.takes} that this takes"
        advice = "Take them all"
    return Report(
        found.node,
        message,
        key=(found.shown, *why.unknown, *why.missing),
        claims=claim([found.function], OVERRIDE),
        notes=tuple(dict.fromkeys(_note(found, call) for call in found.calls))[:1],
        help=advice,
    )


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _note(found: Brought, call: CallInside) -> str:
    *_, owner, name = ["", *call.by.split(".")]
    by = f"{owner}.{name}" if owner[:1].isupper() else name
    passed = [*["..."] * call.positional, *(f"{keyword}=" for keyword in call.keywords)]
    if found.shown.endswith(".build"):
        passed.remove("config=")
    return f"`{by}` calls `{found.shown}({', '.join(passed)})`"
