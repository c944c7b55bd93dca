"""TTN108 missing-version-guard."""

from __future__ import annotations

from titan_lint.fixes import legacy_guard
from titan_lint.rewriting.operations import Rewrite
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.attention.registry import (
    PARAMETER,
    Registry,
    literals,
    registry,
    taken_elsewhere,
)
from titan_lint.uses.guards import IMPORTING, live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File


class MissingVersionGuard(Rule):
    """Code that must fit several torchtitans passes `attn_backend` where one of them lacks it.

    ## What it does
    With several targets (`--torchtitan main@c4b409af2 --torchtitan 0.3.0`, or a specifier such as
    `>=0.2.2`), finds calls of `model_registry` that pass `attn_backend` although the registry of
    one target has no such parameter, or is not there at all, and no `inspect.signature` guard
    stands around or before the call.

    ## Why is this bad?
    On that torchtitan the call raises `TypeError` in the middle of start-up, or, where a wrapper
    swallows the argument, builds another attention than the one that masks are made for.

    ## Fix safety
    Safe: the fix puts the guard of `--legacy-guard` before the call. Where the parameter is there
    nothing changes; where it is not, a `RuntimeError` that names the first good version takes the
    place of the `TypeError`. Nothing is offered where a target has no `model_registry` to ask.
    """

    sources = (
        Citation("model_registry takes attn_backend", "pytorch/torchtitan 7cec16600", "2026-04-18"),
        Citation("gpt_oss lacks it", "pytorch/torchtitan 20628f4e9", "2026-04-28"),
        Citation("gpt_oss takes it again", "pytorch/torchtitan e4035785d", "2026-06-18"),
    )
    bad = (
        Example(
            torchtitan="main@c4b409af2 0.3.0",
            code="""\
from torchtitan.models.gpt_oss import model_registry


def build(attn_type):
    return model_registry("20b", attn_backend=attn_type)
""",
            fixed="""\
import inspect

from torchtitan.models.gpt_oss import model_registry


def build(attn_type):
    if "attn_backend" not in inspect.signature(model_registry).parameters:
        raise RuntimeError(
            "model_registry takes no attn_backend in this torchtitan; use torchtitan "
            "0.3.0 or later or main of 2026-06-18 (e4035785d) or later"
        )
    return model_registry("20b", attn_backend=attn_type)
""",
        ),
    )
    good = (
        Example(
            about="all targets take it",
            torchtitan="main@7cec16600 0.3.0",
            code="""\
from torchtitan.models.llama3 import model_registry


def build(attn_type):
    return model_registry("8B", attn_backend=attn_type)
""",
        ),
        Example(
            about="guarded",
            torchtitan="main@c4b409af2 0.3.0",
            code="""\
import inspect

from torchtitan.models.gpt_oss import model_registry


def build(attn_type):
    if "attn_backend" in inspect.signature(model_registry).parameters:
        return model_registry("20b", attn_backend=attn_type)
    return model_registry("20b")
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        if not file.siblings:
            return
        for call in file.calls:
            here = registry(file, call)
            if here is not None and here.takes_backend:
                continue
            elsewhere = taken_elsewhere(file, call)
            if elsewhere is None or not live(file, call, *IMPORTING, AttributeError, TypeError):
                continue
            sibling, entry = elsewhere
            if legacy_guard.guarded(sibling, entry):
                continue
            lacks = f"takes no `{PARAMETER}`" if here is not None else "is not there"
            at = "which it does not take at" if here is not None else "but is not there at"
            yield Report(
                call,
                f"`model_registry` is called with `{PARAMETER}`, {at} {file.target.label}",
                _rewrite(sibling, entry) if here is not None else None,
                key=(*entry.paths, lacks),
                notes=(f"at {sibling.target.label} it takes it, and no guard tells the two apart",),
                help="Ask which of the two is there before the call",
            )


def _rewrite(file: File, entry: Registry) -> Rewrite | None:
    flavors, backends = literals(file, entry.flavor), literals(file, entry.backend)
    guard = legacy_guard.operations(
        file,
        entry,
        next(iter(flavors)) if len(flavors) == 1 else None,
        next(iter(backends)) if len(backends) == 1 else None,
    )
    if guard is None:
        return None
    return Rewrite(f"Check at start-up that the registry takes `{PARAMETER}`", guard)
