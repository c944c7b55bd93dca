"""TTN101 missing-attn-backend."""

from __future__ import annotations

from titan_lint.finding import Obligation
from titan_lint.fixes import attn_backend
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.rules.precedence import ATTENTION, claim
from titan_lint.uses.attention.analysis import Attention
from titan_lint.uses.attention.masks import swallows
from titan_lint.uses.attention.registry import Registry, default, describe_defaults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.attention.analysis import Choice
    from titan_lint.uses.file import File


class MissingAttnBackend(Rule):
    """A call of `model_registry` does not pass the attention backend that its caller has chosen.

    ## What it does
    Finds calls of a torchtitan `model_registry` without `attn_backend` where the function or class
    around them holds an attention choice: it tries to set the backend on the built config, reads an
    `attn_type` or `attn_backend` setting, or builds masks for a backend.

    ## Why is this bad?
    torchtitan builds the model with its own default attention, whatever the setting says, while the
    masks follow the setting. At 0.3.0 the default is flex (varlen for gpt_oss), and a mask of the
    wrong kind raises at the first forward. On main from 2026-04-18 to 2026-06-09 the default was
    sdpa, which ignored the mask: packed documents attended to each other and nothing failed.

    ## Fix safety
    The fix passes the caller's own expression as a keyword: that of an override of the backend on the
    same spec, which is folded into the call, or a setting that the code around the call shows to be a
    backend. Where several settings could be meant, or no form of one is valid at the call, there is
    no fix.
    """

    sources = (
        Citation(
            "model_registry takes attn_backend, default sdpa",
            "pytorch/torchtitan 7cec16600",
            "2026-04-18",
        ),
        Citation(
            "sdpa removed for language models, default flex",
            "pytorch/torchtitan 169545712",
            "2026-06-09",
        ),
        Citation("verl passes attn_backend", "verl-project/verl a81da3365"),
    )
    sources_are_causes = True
    rests_on = (
        Obligation.EVALUATED_THERE,
        Obligation.SAME_VALUE,
        Obligation.VALUE_TAKEN,
        Obligation.MEANT_FOR_IT,
        Obligation.NO_OTHER_EFFECT,
        Obligation.COMMENTS_STAY,
    )
    bad = (
        Example(
            about="the choice is written to a config path that is gone",
            code="""\
import importlib


class Engine:
    def __init__(self, name, flavor, engine_config):
        self.engine_config = engine_config
        model_module = importlib.import_module(f"torchtitan.models.{name}")
        spec = model_module.model_registry(flavor)

        # Override attn_backend on the model config if needed
        attn_type = self.engine_config.attn_type
        if hasattr(spec.model, "layer") and hasattr(spec.model.layer, "attention"):
            spec.model.layer.attention.attn_backend = attn_type

        self.model = spec.model.build()
""",
            fixed="""\
import importlib


class Engine:
    def __init__(self, name, flavor, engine_config):
        self.engine_config = engine_config
        model_module = importlib.import_module(f"torchtitan.models.{name}")
        spec = model_module.model_registry(flavor, attn_backend=self.engine_config.attn_type)

        self.model = spec.model.build()
""",
        ),
        Example(
            about="the setting is only used for the masks",
            code="""\
from torchtitan.models.llama3 import model_registry


def build(config, positions):
    model = model_registry(config.flavor).model.build()
    return model, get_attention_masks(positions, attn_type=config.attn_type)
""",
            fixed="""\
from torchtitan.models.llama3 import model_registry


def build(config, positions):
    model = model_registry(config.flavor, attn_backend=config.attn_type).model.build()
    return model, get_attention_masks(positions, attn_type=config.attn_type)
""",
        ),
    )
    good = (
        Example(
            about="the choice is passed",
            code="""\
from torchtitan.models.qwen3 import model_registry


def build(config):
    return model_registry(config.flavor, attn_backend=config.attn_type)
""",
        ),
        Example(
            about="only shapes are read",
            code="""\
from torchtitan.models.qwen3 import model_registry


def hidden_size(flavor, attn_type):
    return model_registry(flavor).model.dim
""",
        ),
        Example(
            about="the target's registry takes no backend",
            torchtitan="2026-03-01",
            code="""\
from torchtitan.models.llama3 import model_registry


def build(config):
    spec = model_registry(config.flavor)
    spec.model.layer.attention.attn_backend = config.attn_type
    return spec
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        attention = file.once(Attention)
        for entry in (*attention.registries, *attention.handed_in):
            choice = attention.choice(entry)
            if choice is None or (choice.masks and attention.contradicts(entry, choice.masks)):
                continue
            if file.is_replaced(*entry.paths):
                continue
            yield Report(
                entry.call,
                _message(file, entry, choice),
                attn_backend.pass_backend(file, entry, choice),
                key=(*entry.paths, choice.masks or file.program.text(choice.evidence)),
                claims=claim((entry.call,), ATTENTION),
                notes=_notes(file, entry),
                help="" if choice.masks else "Pass the one that is meant as `attn_backend=`",
            )


def _message(file: File, entry: Registry, choice: Choice) -> str:
    line = choice.evidence.lineno
    noun = file.once(Attention).region(entry.call).noun
    text = "`model_registry` is called without `attn_backend`, "
    if choice.overrides:
        line = choice.overrides[-1].target.lineno
        return f"{text}so the backend set on the built config (line {line}) has no effect"
    if choice.masks:
        return f"{text}but this {noun} builds {choice.masks} masks (line {line})"
    return f"{text}so {words.code(file, choice.evidence, 36)} (line {line}) has no effect"


def _notes(file: File, entry: Registry) -> tuple[str, ...]:
    built = f"{file.target.label} builds its own default, {describe_defaults(entry)}"
    defaults = {default(p) for p in entry.parameters if p is not None}
    ignoring = sorted(d for d in defaults if d and swallows(d))
    if not ignoring:
        return (built,)
    return (
        built,
        f"`{ignoring[0]}` ignores attention masks without an error, "
        "so packed documents attend to each other",
    )
