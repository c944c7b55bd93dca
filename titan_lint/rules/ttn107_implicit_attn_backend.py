"""TTN107 implicit-attn-backend."""

from __future__ import annotations

from titan_lint.api.changes.rows import DefaultChange
from titan_lint.finding import Obligation, Severity
from titan_lint.fixes import legacy_guard
from titan_lint.rewriting.operations import AddKeyword, Operation, Rewrite
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.attention.analysis import Attention
from titan_lint.uses.attention.legacy_flavor import is_legacy
from titan_lint.uses.attention.registry import (
    PARAMETER,
    Registry,
    default,
    describe_defaults,
    literals,
    misplaced,
)
from titan_lint.uses.calls import callables, sites
from titan_lint.uses.calls.defaults import changed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File


class ImplicitAttnBackend(Rule):
    """A registry call leaves the attention backend to torchtitan's default.

    ## What it does
    Points at calls of `model_registry` without `attn_backend`, where nothing around them tells which
    backend is meant. Calls of which only shapes are read (`dim`, `vocab_size`, `len(layers)`) are
    left alone.

    ## Why is this bad?
    The default has changed twice in 2026 (sdpa from 2026-04-18, flex from 2026-06-09), each time
    without an error, and it differs between models.

    ## Fix safety
    Where the model is known, the fix writes out the target's default. It is unsafe because nothing
    in the code says that the default is what was meant. None is offered where the code is known to
    have been written for another default: TTN304 says what that was.
    """

    severity = Severity.INFO
    sources = (
        Citation("default sdpa", "pytorch/torchtitan 7cec16600", "2026-04-18"),
        Citation("default flex", "pytorch/torchtitan 169545712", "2026-06-09"),
    )
    rests_on = (Obligation.STATED, Obligation.MEANT_FOR_IT)
    bad = (
        Example(
            code="""\
from torchtitan.models.gpt_oss import model_registry

model = model_registry("20b").model.build()
""",
            fixed="""\
from torchtitan.models.gpt_oss import model_registry

model = model_registry("20b", attn_backend="varlen").model.build()
""",
            safe=False,
        ),
    )
    good = (
        Example(
            about="only shapes are read",
            code="""\
from torchtitan.models.qwen3 import model_registry

cfg = model_registry("8B").model
size = (cfg.dim, cfg.vocab_size, len(cfg.layers))
""",
        ),
        Example(
            about="flux takes no backend",
            code="""\
from torchtitan.models.flux import model_registry

model = model_registry("flux-dev").model.build()
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        attention = file.once(Attention)
        for entry in attention.registries:
            if not attention.undecided(entry) or is_legacy(file, entry):
                continue
            if misplaced(file, entry.call, entry.candidates) is not None:
                continue  # It is passed, in the place of something else.
            if file.is_replaced(*entry.paths) or attention.is_equipped(entry):
                continue
            yield Report(
                entry.call,
                f"`model_registry` is called without `{PARAMETER}`, so torchtitan chooses",
                _rewrite(file, entry),
                key=(*entry.paths,),
                notes=(
                    f"{file.target.label} builds {describe_defaults(entry)}, a default that has "
                    "changed before",
                ),
                help="Pass the one that is meant",
            )


def _rewrite(file: File, entry: Registry) -> Rewrite | None:
    function = entry.known
    parameter = function.parameter(PARAMETER) if function is not None else None
    value = default(parameter) if parameter is not None else None
    if value is None or _meant_another(file, entry):
        return None
    operations: list[Operation] = [AddKeyword(entry.call, PARAMETER, f'"{value}"')]
    if file.options.legacy_guard and not legacy_guard.guarded(file, entry):
        flavor = literals(file, entry.flavor)
        guard = legacy_guard.operations(
            file, entry, next(iter(flavor)) if len(flavor) == 1 else None, value
        )
        if guard is None:
            return None
        operations += guard
    return Rewrite(f'Pass `{PARAMETER}="{value}"`', tuple(operations), (Obligation.STATED,))


def _meant_another(file: File, entry: Registry) -> bool:
    """Whether the backend was another one by default at the version that the code was written for."""
    site = next((site for site in file.once(sites) if site.call is entry.call), None)
    return site is not None and any(
        row.old.parameter == PARAMETER and changed(file, site, row) is not None
        for row in callables.rows(file.target.surface, DefaultChange, site)
    )
