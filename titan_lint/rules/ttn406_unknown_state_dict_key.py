"""TTN406 unknown-state-dict-key."""

from __future__ import annotations

from titan_lint.api import bundle
from titan_lint.finding import Severity
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.state_dicts import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File


class UnknownStateDictKey(Rule):
    """A key that the state dict of the target's model does not have.

    ## What it does
    Holds keys that are asked of a model's state dict against those that the target's model has in any of its
    flavors: literals, and f-strings such as `f"layers.{i}.attention.wq.weight"`. It looks at items of
    `model.state_dict()` and of `get_model_state_dict(model)`, at dictionaries in `load_state_dict`, and, in
    classes derived from a model's state dict adapter, at the state dict that `to_hf` gets and at the names in
    `from_hf_map`. It looks, too, at what a loop through a state dict or `named_parameters()` asks of each key with
    `==`, `in`, `startswith`, `endswith`, regular expressions and `fnmatch`, if the file names nothing that came instead:
    a warning.

    It takes a model that is known: an instance of a model's class, or what `model_registry` and
    `get_train_spec` of a model make. It reports keys that this model has at another version; a key that no
    torchtitan had is left alone, and so is one that another model of the target has, unless the file itself makes
    the model of a flavor.

    ## Why is this bad?
    `state_dict["output.weight"]` raises `KeyError`, and `load_state_dict` refuses keys that it does not know. What a loop asks of each
    key is never true: what it is for is left out, and nobody is told.

    ## Fix safety
    There is no fix: what stands under the new key may have another shape.
    """

    sources = (
        Citation("output becomes lm_head", "pytorch/torchtitan 786e26f8e", "2026-04-27"),
        Citation(
            "wq, wk and wv move into qkv_linear", "pytorch/torchtitan ad7a86533", "2026-04-16"
        ),
    )
    bad = (
        Example(
            code="""\
from torchtitan.models.llama3 import model_registry

model = model_registry("debugmodel").model.build()
head = model.state_dict()["output.weight"]
""",
        ),
        Example(
            about="one of each layer",
            code="""\
from torchtitan.models.qwen3 import model_registry

spec = model_registry("0.6B")
state_dict = spec.model.build().state_dict()
queries = [state_dict[f"layers.{i}.attention.wq.weight"] for i in range(28)]
""",
        ),
        Example(
            about="an adapter of one's own",
            code="""\
from torchtitan.models.qwen3.state_dict_adapter import Qwen3StateDictAdapter


class Adapter(Qwen3StateDictAdapter):
    def to_hf(self, state_dict):
        head = state_dict["output.weight"]
        return {"lm_head.weight": head}
""",
        ),
        Example(
            about="no key is matched any more",
            code="""\
import re

from torchtitan.models.llama3 import model_registry

model = model_registry("debugmodel").model.build()
queries = [key for key in model.state_dict() if re.match(r"layers\\.\\d+\\.attention\\.wq\\.", key)]
""",
        ),
    )
    good = (
        Example(
            about="it matches what is there, too",
            code="""\
import re

from torchtitan.models.llama3 import Llama3Model


def heads(model: Llama3Model):
    return [key for key in model.state_dict() if re.match(r"(output|lm_head)\\.", key)]
""",
        ),
        Example(
            about="still there at its time",
            torchtitan="2026-03-15",
            code="""\
from torchtitan.models.llama3 import Llama3Model


def head(model: Llama3Model):
    return model.state_dict()["output.weight"]
""",
        ),
        Example(
            about="it asks first",
            code="""\
from torchtitan.models.llama3 import Llama3Model


def head(model: Llama3Model):
    state_dict = model.state_dict()
    key = "output.weight"
    return state_dict[key] if key in state_dict else state_dict["lm_head.weight"]
""",
        ),
        Example(
            about="whose state dict it is does not show",
            code="""\
from torchtitan.trainer import Trainer


def head(trainer: Trainer):
    return trainer.model_parts[-1].state_dict()["output.weight"]
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for found in unknown(file):
            asked = found.question
            names = " or ".join(sorted({record.model for record in asked.model.records}))
            which = "" if asked.how in ("", "is") else f"that {asked.how} "
            text = words.short(asked.text, 48)
            shown = f"`{text}`" if asked.regex[0] else repr(text)
            yield Report(
                asked.node,
                f"models of {names} have no key {which}{shown} at {file.target.label}",
                severity=None if asked.failure is not None else Severity.WARNING,
                key=(asked.text,),
                notes=(words.gone_or_to_come(bundle.index()[found.found], earlier=found.earlier),),
                help=f"Use `{found.became}`, which stands in its place" if found.became else "",
            )
