"""TTN102 stale-attention-path."""

from __future__ import annotations

from titan_lint.code.walk import walk
from titan_lint.finding import Obligation, Severity, unless
from titan_lint.fixes import attn_backend
from titan_lint.rewriting.operations import ReplaceExpression, Rewrite
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.rules.precedence import MEMBER, claim
from titan_lint.uses.attention.analysis import Attention
from titan_lint.uses.attention.choice import forms_at
from titan_lint.uses.attention.probes import probes

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from titan_lint.uses.attention.probes import Probe
    from titan_lint.uses.file import File


class StaleAttentionPath(Rule):
    """The attention backend is read from (or set on) a config path that the target does not have.

    ## What it does
    Finds `.layer.attention.attn_backend`, `.attn_type` and their kin on a `ModelSpec`, a model
    config or a `Trainer` of torchtitan, at a target whose configs have no such path. Assignments
    that stand without a guard are reported here too; guarded ones are TTN103.

    So are questions that never find it: `getattr(config, "attn_type", "sdpa")` gives `"sdpa"` whatever the
    model was built with. These are warnings, unless the default is a setting of the caller's own, or
    the code around looks where newer configs have their attention.

    ## Why is this bad?
    The path was right on main from 2026-02-23 to 2026-03-30. Since then `attn_backend` is no field
    any more (261819688), and since 2026-04-03 `layer` is a list called `layers` (4b3347467). Reading
    it raises `AttributeError`. torchtitan keeps no name of the backend, so there is no new path to
    read: the choice is to be taken from where it was made.

    ## Fix safety
    The fix writes the expression that the class, or a base class in the same file, passes to the
    registry. It is safe where there is exactly one.
    """

    sources = (
        Citation(
            "configs get layer.attention.attn_backend", "pytorch/torchtitan 9810191bb", "2026-02-23"
        ),
        Citation(
            "attn_backend becomes inner_attention", "pytorch/torchtitan 261819688", "2026-03-31"
        ),
        Citation("layer becomes layers", "pytorch/torchtitan 4b3347467", "2026-04-03"),
    )
    sources_are_causes = True
    rests_on = (
        Obligation.EVALUATED_THERE,
        Obligation.SAME_VALUE,
        Obligation.VALUE_TAKEN,
        Obligation.MEANT_FOR_IT,
        Obligation.STATED,
    )
    bad = (
        Example(
            about="the backend is read back from the trainer",
            code="""\
from torchtitan.models.llama3 import model_registry
from torchtitan.trainer import Trainer


class Engine:
    def __init__(self, config):
        self.config = config
        spec = model_registry(config.flavor, attn_backend=self.config.attn_type)
        self.trainer = Trainer(make_config(spec))

    def masks(self, positions):
        attn_type = self.trainer.model_config.layer.attention.attn_backend
        return make_masks(positions, attn_type)
""",
            fixed="""\
from torchtitan.models.llama3 import model_registry
from torchtitan.trainer import Trainer


class Engine:
    def __init__(self, config):
        self.config = config
        spec = model_registry(config.flavor, attn_backend=self.config.attn_type)
        self.trainer = Trainer(make_config(spec))

    def masks(self, positions):
        attn_type = self.config.attn_type
        return make_masks(positions, attn_type)
""",
        ),
        Example(
            about="the default is all that it ever gives",
            code="""\
from torchtitan.models.llama3 import model_registry


def masks(flavor, attn_type, positions):
    spec = model_registry(flavor, attn_backend=attn_type)
    return make_masks(positions, getattr(spec.model, "attn_type", "sdpa"))
""",
        ),
        Example(
            about="nothing in the file says what was passed",
            code="""\
from torchtitan.trainer import Trainer


def backend(trainer: Trainer):
    return trainer.model_config.layer.attention.attn_backend
""",
        ),
    )
    good = (
        Example(
            about="right at its time",
            torchtitan="2026-03-15",
            code="""\
from torchtitan.trainer import Trainer


def backend(trainer: Trainer):
    return trainer.model_config.layer.attention.attn_backend
""",
        ),
        Example(
            about="the default is a setting",
            code="""\
from torchtitan.models.llama3 import model_registry


def masks(flavor, attn_type, positions):
    spec = model_registry(flavor, attn_backend=attn_type)
    return make_masks(positions, getattr(spec.model, "attn_type", attn_type))
""",
        ),
        Example(
            about="another library's model",
            code="""\
import torchtitan
from transformers import BertModel


def weights(bert: BertModel):
    return bert.encoder.layer.attention.attn_backend
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for node in file.once(Attention).stale_reads:
            yield Report(
                node,
                _message(file, node),
                _rewrite(file, node),
                key=(file.program.text(node),),
                claims=claim(walk(node), MEMBER),
                notes=(_SINCE,),
                help=_INSTEAD,
            )
        for probe in probes(file):
            yield Report(
                probe.call,
                _probed(file, probe),
                None,
                None if probe.raises else Severity.WARNING,
                key=(file.program.text(probe.call),),
                claims=claim(walk(probe.call), MEMBER),
                notes=("its model configs have no such path",),
                help=_INSTEAD,
            )
        for override in file.once(Attention).overrides:
            if not override.dead:
                yield Report(
                    override.target,
                    _message(file, override.target),
                    attn_backend.fold_override(file, override),
                    key=(file.program.text(override.target),),
                    claims=claim((*walk(override.target), *walk(override.remove)), MEMBER),
                    notes=(_SINCE,),
                    help=_INSTEAD,
                )


_SINCE = "model configs have no such path since 2026-03-31, and keep no name of the backend"
_INSTEAD = "Use the setting that is passed to `model_registry`"


def _probed(file: File, probe: Probe) -> str:
    text, label = words.code(file, probe.call, 48), file.target.label
    if probe.raises:
        return f"{words.code(file, probe.call.args[0])} does not exist at {label}"
    if probe.default is not None:
        return f"{text} always gives `{probe.default}` at {label}"
    return f"{text} is never true at {label}"


def _message(file: File, node: ast.expr) -> str:
    return f"{words.code(file, node)} does not exist at {file.target.label}"


def _rewrite(file: File, node: ast.Attribute) -> Rewrite | None:
    attention = file.once(Attention)
    where = attention.region(node)
    keys, forms, safe = attention.backend_of(where)
    if len(keys) != 1:
        return None
    (key,) = keys
    form = next(forms_at(file, key, forms, node), None)
    if form is None:
        return None
    text = file.program.text(form)
    because = [] if safe else [Obligation.STATED]
    because += unless(attention.is_of(node, where), Obligation.MEANT_FOR_IT)
    because += unless(attention.keeps_choice(form, node, where), Obligation.SAME_VALUE)
    return Rewrite(
        f"Use `{text}`, which is passed to `model_registry`",
        (ReplaceExpression(node, text),),
        tuple(because),
    )
