"""TTN106 unsupported-attn-backend."""

from __future__ import annotations

from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule, by_default, in_branch
from titan_lint.structs import replace
from titan_lint.uses.attention.analysis import Attention
from titan_lint.uses.attention.registry import (
    PARAMETER,
    Registry,
    literals_or_fallback,
    model,
    spread_backend,
    taken_elsewhere,
)
from titan_lint.uses.fallbacks import branches
from titan_lint.uses.guards import live, reachable, refusing

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator

    from titan_lint.api import Function
    from titan_lint.uses.file import File


class UnsupportedAttnBackend(Rule):
    """The backend passed to `model_registry` is one that the target's model rejects.

    ## What it does
    Finds literal `attn_backend=` values that the target's registry raises on, and any backend passed
    to a registry that has no such parameter (flux; gpt_oss on main from 2026-04-28 to 2026-06-18;
    every model before 2026-04-18). A default that is rejected is a warning: it counts where nobody gives another.
    So is a backend of one branch, or of one round of a loop, as TTN401's page tells of values.

    ## Why is this bad?
    The call raises: `sdpa` is no longer supported for language models since 169545712 (2026-06-09).
    The graph_trainer experiment's own registries do accept it.

    ## Fix safety
    There is no fix: another backend changes the numerics, and wants other masks.
    """

    sources = (
        Citation("sdpa removed for language models", "pytorch/torchtitan 169545712", "2026-06-09"),
        Citation("gpt_oss takes attn_backend again", "pytorch/torchtitan e4035785d", "2026-06-18"),
    )
    bad = (
        Example(
            code="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="sdpa")
""",
        ),
        Example(
            about="flux takes no backend at all",
            code="""\
from torchtitan.models.flux import model_registry

spec = model_registry("flux-dev", attn_backend="flex")
""",
        ),
    )
    good = (
        Example(
            about="right at its time",
            torchtitan="2026-05-01",
            code="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="sdpa")
""",
        ),
        Example(
            about="graph_trainer has a registry of its own",
            code="""\
from torchtitan.experiments.graph_trainer.llama3 import model_registry

spec = model_registry("debugmodel", attn_backend="sdpa")
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for entry in file.once(Attention).registries:
            node = entry.backend or spread_backend(file, entry.call)
            if node is None or not reachable(file, node):
                continue
            values, is_fallback = literals_or_fallback(file, node)
            parts = branches(file, node) if len(values) != 1 and entry.takes_backend else ()
            for part, chosen in parts:
                if isinstance(chosen.value, str):
                    yield from _in_branch(file, entry, part, frozenset((chosen.value,)))
            if parts:
                continue
            if not live(file, entry.call, *refusing(_raised(entry.candidates, values))):
                continue
            if not entry.takes_backend and taken_elsewhere(file, entry.call) is not None:
                continue  # It is meant for that target; what is missing is a guard.
            reasons = [
                _refused(file, entry, node, function, values) for function in entry.candidates
            ]
            if reasons and reasons[0] and all(reasons) and not file.is_replaced(*entry.paths):
                report = reasons[0]
                if is_fallback and entry.takes_backend:
                    report = by_default(report)
                yield replace(report, key=(*entry.paths, *sorted(values)))


def _in_branch(
    file: File, entry: Registry, node: ast.expr, values: frozenset[str]
) -> Iterator[Report]:
    """What is said of a backend that only counts in one branch."""
    reasons = [_refused(file, entry, node, function, values) for function in entry.candidates]
    raised = refusing(_raised(entry.candidates, values))
    if reasons and reasons[0] and all(reasons) and not file.is_replaced(*entry.paths):
        if live(file, entry.call, *raised) and live(file, node):
            yield replace(in_branch(reasons[0], node), key=(*entry.paths, *sorted(values)))


def _raised(functions: Iterable[Function], values: frozenset[str]) -> list[str | None]:
    """What each of some registries says that raises on a value, where that is known."""
    parameters = [function.parameter(PARAMETER) for function in functions]
    return [
        parameter.rejected.get(value) if parameter is not None else None
        for parameter in parameters
        for value in values
    ]


def _refused(
    file: File, entry: Registry, node: ast.expr, function: Function, values: frozenset[str]
) -> Report | None:
    parameter = function.parameter(PARAMETER)
    whose = f"{model(function.path)}'s `model_registry`"
    if parameter is None:
        if function.takes_any_keyword or entry.known is None:
            return None
        return Report(
            node,
            f"{whose} takes no `{PARAMETER}` at {file.target.label}",
            help=f"Leave `{PARAMETER}` out for this model",
        )
    if not values:
        return None
    (value, *others) = sorted(values)
    if others:
        return None
    message = parameter.refusal(value)
    if message:
        return Report(
            node,
            f"{whose} rejects `{value}` at {file.target.label}",
            notes=(f"it raises: {message.removesuffix('.')}",),
            help="Pass a backend that it takes",
        )
    if message is not None and parameter.accepts is not None:
        known = ", ".join(f"`{name}`" for name in parameter.accepts)
        return Report(
            node,
            f"{whose} knows no backend `{words.short(value)}` at {file.target.label}",
            notes=(f"it takes {known}",),
            help="Pass a backend that it takes",
        )
    return None
