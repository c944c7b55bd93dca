"""TTN103 dead-attention-override."""

from __future__ import annotations

import ast

from titan_lint.code.walk import walk
from titan_lint.finding import Obligation
from titan_lint.fixes import attn_backend
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.rules.precedence import MEMBER, claim
from titan_lint.uses.attention.analysis import Attention

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.attention.override import Override
    from titan_lint.uses.file import File


class DeadAttentionOverride(Rule):
    """A guarded assignment of the attention backend never runs at the target.

    ## What it does
    Finds `if hasattr(spec.model, "layer") ...: spec.model.layer.attention.attn_backend = x` and its
    `getattr` and `try` forms, where the target's configs have no such path.

    ## Why is this bad?
    The guard is never true (or the error always swallowed), so the choice is lost without a word and
    the model keeps torchtitan's own default attention.

    ## Fix safety
    The choice is folded into the registry call, and the dead block is removed together with the
    names that nothing else uses: one change with TTN101. A comment right above the
    override goes with it, the one kind of comment that a safe fix may drop. The fix is safe where
    the assigned expression is valid at the call, the block does nothing else but write to a log, and
    no other comment is in it.
    """

    sources = (
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
        Obligation.NO_OTHER_EFFECT,
        Obligation.COMMENTS_STAY,
    )
    bad = (
        Example(
            about="behind hasattr",
            code="""\
from torchtitan.models.llama3 import model_registry


def build(config):
    spec = model_registry(config.flavor)
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = config.attn_type
    return spec
""",
            fixed="""\
from torchtitan.models.llama3 import model_registry


def build(config):
    spec = model_registry(config.flavor, attn_backend=config.attn_type)
    return spec
""",
        ),
        Example(
            about="behind getattr",
            code="""\
from torchtitan.models.llama3 import model_registry


def build(config):
    spec = model_registry(config.flavor)
    layer = getattr(spec.model, "layer", None)
    if layer is not None:
        layer.attention.attn_backend = config.attn_type
    return spec
""",
            fixed="""\
from torchtitan.models.llama3 import model_registry


def build(config):
    spec = model_registry(config.flavor, attn_backend=config.attn_type)
    return spec
""",
        ),
        Example(
            about="behind try",
            code="""\
from torchtitan.models.llama3 import model_registry


def build(flavor, attn_type):
    spec = model_registry(flavor)
    try:
        spec.model.layer.attention.attn_backend = attn_type
    except AttributeError:
        pass
    return spec
""",
            fixed="""\
from torchtitan.models.llama3 import model_registry


def build(flavor, attn_type):
    spec = model_registry(flavor, attn_backend=attn_type)
    return spec
""",
        ),
    )
    good = (
        Example(
            about="the other branch is alive",
            code="""\
from torchtitan.models.llama3 import model_registry


def build(config):
    spec = model_registry(config.flavor, attn_backend=config.attn_type)
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = config.attn_type
    else:
        check_layers(spec.model.layers)
    return spec
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for override in file.once(Attention).overrides:
            if override.guard is not None:
                yield Report(
                    override.guard,
                    f"the attention backend is never set here at {file.target.label}",
                    attn_backend.fold_override(file, override),
                    end=_header_end(override.guard),
                    key=(file.program.text(override.target),),
                    claims=claim((*walk(override.target), *walk(override.remove)), MEMBER),
                    notes=(_why(file, override),),
                    help="Pass `attn_backend=` to `model_registry`",
                )


def _header_end(guard: ast.If | ast.Try) -> ast.AST:
    return guard.test if isinstance(guard, ast.If) else guard.body[-1]


_LONGEST = 160


def _why(file: File, override: Override) -> str:
    if isinstance(override.guard, ast.If):
        return (
            f"{words.code(file, override.guard.test, _LONGEST)} is never true: model configs have no such "
            "attribute (they have a list, `layers`)"
        )
    return f"{words.code(file, override.target, _LONGEST)} always fails, and the error is swallowed"
