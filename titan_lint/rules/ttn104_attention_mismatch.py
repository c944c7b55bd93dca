"""TTN104 attention-mismatch."""

from __future__ import annotations

from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.rules.precedence import ATTENTION, claim
from titan_lint.uses.attention.analysis import Attention
from titan_lint.uses.attention.masks import kinds, swallows
from titan_lint.uses.attention.shape_only import shape_only
from titan_lint.uses.guards import ANY, live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.attention.registry import Registry
    from titan_lint.uses.file import File


class AttentionMismatch(Rule):
    """The model is built for one kind of attention mask, and another kind is made.

    ## What it does
    Compares the backend that a registry call gets, passed as a literal or by the target's default,
    with the masks that the same function or class builds. It reports where both are known and differ:
    flex and flex_flash take a `BlockMask`, varlen takes `VarlenMetadata`.

    ## Why is this bad?
    At 0.3.0 the wrong kind of mask raises at the first forward. Where the backend is sdpa (main from
    2026-04-18 to 2026-06-09) the mask is ignored: packed documents attend to each other.

    ## Fix safety
    There is no fix: the code says two things, and which one is meant is not for a linter to tell.
    """

    sources = (
        Citation(
            "FlexAttention and VarlenAttention check their masks",
            "pytorch/torchtitan 0.3.0, models/common/attention.py",
        ),
    )
    bad = (
        Example(
            about="flex attention, varlen masks",
            code="""\
from torchtitan.models.common.attention import create_varlen_metadata_for_document
from torchtitan.models.llama3 import model_registry


def build(positions):
    model = model_registry("8B", attn_backend="flex").model.build()
    return model, create_varlen_metadata_for_document(positions)
""",
        ),
        Example(
            about="the default is flex",
            code="""\
from torchtitan.models.common.attention import create_varlen_metadata_for_document
from torchtitan.models.llama3 import model_registry


def build(positions):
    model = model_registry("8B").model.build()
    return model, create_varlen_metadata_for_document(positions)
""",
        ),
    )
    good = (
        Example(
            about="both say varlen",
            code="""\
from torchtitan.models.common.attention import create_varlen_metadata_for_document
from torchtitan.models.llama3 import model_registry


def build(positions):
    model = model_registry("8B", attn_backend="varlen").model.build()
    return model, create_varlen_metadata_for_document(positions)
""",
        ),
        Example(
            about="the default of gpt_oss is varlen",
            code="""\
from torchtitan.models.common.attention import create_varlen_metadata_for_document
from torchtitan.models.gpt_oss import model_registry


def build(positions):
    model = model_registry("20b").model.build()
    return model, create_varlen_metadata_for_document(positions)
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        attention = file.once(Attention)
        for entry in attention.registries:
            if not live(file, entry.call, *ANY):
                continue
            if file.is_replaced(*entry.paths):
                continue
            where = attention.region(entry.call)
            built = attention.masks(where)
            if len(built) != 1 or shape_only(file, entry.call):
                continue
            ((kind, call),) = built.items()
            if attention.all_contradict(where, kind):
                yield Report(
                    entry.call,
                    f"{kind} masks are built (line {call.lineno}), but the model gets "
                    f"{_names(file, entry)} attention at {file.target.label}",
                    key=(kind, *sorted(attention.known_backends(entry))),
                    claims=claim((entry.call,), ATTENTION),
                    notes=_notes(file, entry),
                    help=f"Pass an `attn_backend` that takes {kind} masks, or build those that this one takes",
                )


def _names(file: File, entry: Registry) -> str:
    backends = sorted(file.once(Attention).known_backends(entry))
    return " or ".join(f"`{name}`" for name in backends)


def _notes(file: File, entry: Registry) -> tuple[str, str]:
    backends = sorted(file.once(Attention).known_backends(entry))
    how = "is passed" if entry.backend is not None else f"is the default at {file.target.label}"
    taken = " or ".join(sorted({kinds()[name] or "no" for name in backends}))
    if any(swallows(name) for name in backends):
        follows = "the masks are ignored without an error, so packed documents attend to each other"
    else:
        follows = "the first forward raises"
    return f"{_names(file, entry)} {how} and takes {taken} masks", follows
