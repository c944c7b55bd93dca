"""TTN105 legacy-flavor."""

from __future__ import annotations

import ast

from titan_lint.finding import Obligation, unless
from titan_lint.fixes import legacy_guard
from titan_lint.rewriting.operations import AddKeyword, Operation, ReplaceExpression, Rewrite
from titan_lint.rules.base import Citation, Example, Report, Rule, by_default, in_branch
from titan_lint.rules.precedence import FLAVOR, claim
from titan_lint.structs import replace
from titan_lint.uses.attention.analysis import Attention
from titan_lint.uses.attention.legacy_flavor import replacement
from titan_lint.uses.attention.registry import (
    PARAMETER,
    REGISTRY,
    Registry,
    literals,
    literals_or_fallback,
)
from titan_lint.uses.flavors.unknown import Flavors
from titan_lint.uses.guards import live
from titan_lint.uses.obligations import compared_nowhere

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File


class LegacyFlavor(Rule):
    """A flavor with the attention backend in its name, at a target that has no such flavor.

    ## What it does
    Finds `model_registry("8B_varlen")` and the like where the target's registry knows only `8B` and
    takes the backend as `attn_backend`. Nothing is said where the project may put such a flavor into the
    dictionary, and defaults and branches are warnings, as TTN402's page tells.

    ## Why is this bad?
    Since 7cec16600 (2026-04-18) the flavors with a backend in their name are gone: the call raises
    `KeyError`.

    ## Fix safety
    Safe: the old flavor was the plain one with its attention swapped, for every pair in the table.
    Nothing is offered where `attn_backend` is already passed with another value, or where the flavor
    is not written at the call.
    """

    sources = (
        Citation("flavors lose their backend suffix", "pytorch/torchtitan 7cec16600", "2026-04-18"),
    )
    rests_on = (Obligation.WHOLE_RENAME, Obligation.MEANT_FOR_IT)
    bad = (
        Example(
            code="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B_varlen")
""",
            fixed="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="varlen")
""",
        ),
        Example(
            code="""\
from torchtitan.models import deepseek_v3

spec = deepseek_v3.model_registry(flavor="debugmodel_flex_attn", attn_backend="flex")
""",
            fixed="""\
from torchtitan.models import deepseek_v3

spec = deepseek_v3.model_registry(flavor="debugmodel", attn_backend="flex")
""",
        ),
    )
    good = (
        Example(
            about="still there",
            torchtitan="2026-03-15",
            code="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B_varlen")
""",
        ),
        Example(
            about="another backend is passed: which one is meant is not clear",
            code="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B_varlen", attn_backend="flex")
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        known = file.once(Flavors)
        for entry in file.once(Attention).registries:
            if entry.unclear or not live(file, entry.call, KeyError):
                continue
            wanted, is_fallback = literals_or_fallback(file, entry.flavor)
            if known.has_any(entry, wanted):
                # Only some of the values are wrong.
                for part, old in known.in_branches(entry.flavor):
                    report = _report(file, entry, old) if live(file, part, KeyError) else None
                    if report is not None:
                        yield in_branch(replace(report, claims=claim((part,), FLAVOR)), part)
                continue
            for old in sorted(wanted):
                report = _report(file, entry, old)
                if report is not None:
                    yield by_default(replace(report, rewrite=None)) if is_fallback else report


def _report(file: File, entry: Registry, old: str) -> Report | None:
    """What is said of a flavor that a call asks for; ``None`` where nothing stands for it, or it may be there."""
    new = replacement(file, entry, old)
    if new is None or file.once(Flavors).may_be_there(entry, old):
        return None
    flavor, backend = new
    if entry.backend is not None and literals(file, entry.backend) != frozenset((backend,)):
        return None
    return Report(
        entry.flavor or entry.call,
        f"{file.target.label} has no flavor {old!r}",
        _rewrite(file, entry, old, flavor, backend),
        key=(old, flavor, backend),
        claims=claim((entry.flavor or entry.call,), FLAVOR),
        notes=("the attention backend is an argument now, and no part of the flavor",),
        help=f"Write `{flavor}` with `{PARAMETER}={backend!r}`",
    )


def _rewrite(file: File, entry: Registry, old: str, flavor: str, backend: str) -> Rewrite | None:
    node = entry.flavor
    passed = [*entry.call.args, *(keyword.value for keyword in entry.call.keywords)]
    if not isinstance(node, ast.Constant) or node not in passed:
        return None  # what ``partial`` bound may be for several calls
    quoted = file.program.text(node).replace(old, flavor)
    if quoted.count(flavor) != 1:
        return None
    operations: list[Operation] = [ReplaceExpression(node, quoted)]
    if entry.backend is None:
        quote = '"' if quoted.endswith('"') else "'"
        operations.append(AddKeyword(entry.call, PARAMETER, f"{quote}{backend}{quote}"))
        if file.options.legacy_guard and not legacy_guard.guarded(file, entry):
            guard = legacy_guard.operations(file, entry, flavor, backend)
            if guard is None:
                return None
            operations += guard
    return Rewrite(
        f"Write `{flavor}` with `{PARAMETER}={backend!r}`",
        tuple(operations),
        unless(compared_nowhere(file, "flavor", old, REGISTRY), Obligation.WHOLE_RENAME),
    )
