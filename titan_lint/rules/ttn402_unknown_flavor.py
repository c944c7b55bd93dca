"""TTN402 unknown-flavor."""

from __future__ import annotations

import ast

from titan_lint.api import bundle, changes
from titan_lint.api.changes.rows import FlavorChange
from titan_lint.finding import Applicability, Obligation, unless
from titan_lint.rewriting.operations import ReplaceExpression, Rewrite
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule, by_default, in_branch
from titan_lint.rules.precedence import FLAVOR, claim
from titan_lint.uses.attention.registry import REGISTRY
from titan_lint.uses.flavors.unknown import Asked, Flavors, nearest_with
from titan_lint.uses.obligations import compared_nowhere

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File


class UnknownFlavor(Rule):
    """A flavor that the model does not have at the target.

    ## What it does
    Holds literal flavors, `model_registry("9B")`, `llama3_configs["9B"]` and, at 0.2.x,
    `get_train_spec().model_args["9B"]` of a model's package, against those of the target, and names
    the near ones. What the file adds to the dictionary itself is known, too.
    Flavors with the attention backend in their name are TTN105. The default of a parameter, of a field or of
    `os.environ.get`, and what stands behind `or`, is a warning: it counts where nobody gives another flavor.
    So is a flavor of one branch, or of one round of a loop, as TTN401's page tells of values.

    ## Why is this bad?
    An unknown flavor raises `KeyError`.

    ## Fix safety
    A flavor that goes by another name now is renamed, which is safe. Otherwise the rule only
    explains: which other flavor is meant cannot be told.
    """

    sources = (
        Citation("flavors lose their backend suffix", "pytorch/torchtitan 7cec16600", "2026-04-18"),
        Citation("debugmodel_fused_qkv is removed", "pytorch/torchtitan 3396a4b37", "2026-06-24"),
    )
    rests_on = (Obligation.WHOLE_RENAME,)
    bad = (
        Example(
            code="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8b", attn_backend="flex")
""",
        ),
        Example(
            about="what it was is the plain flavor now",
            code="""\
from torchtitan.models.qwen3 import qwen3_configs

make_config = qwen3_configs["debugmodel_fused_qkv"]
""",
            fixed="""\
from torchtitan.models.qwen3 import qwen3_configs

make_config = qwen3_configs["debugmodel"]
""",
        ),
    )
    good = (
        Example(
            code="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="flex")
""",
        ),
        Example(
            about="the file adds it",
            code="""\
from torchtitan.models.llama3 import llama3_configs, model_registry

llama3_configs["tiny"] = llama3_configs["debugmodel"]
spec = model_registry("tiny", attn_backend="flex")
""",
        ),
        Example(
            about="another project's registry",
            code="""\
import torchtitan
from mlflow import model_registry

spec = model_registry("9B")
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for asked in file.once(Flavors).unknown():
            row = _row(file, asked)
            report = Report(
                asked.node,
                _message(file, asked),
                _rewrite(file, asked, row),
                key=(*asked.where, asked.flavor),
                claims=claim((asked.node,), FLAVOR),
                notes=_notes(file, asked, row),
                help=_help(asked, row),
            )
            if asked.in_branch:
                yield in_branch(report, asked.node)
            else:
                yield by_default(report) if asked.is_fallback else report


def _row(file: File, asked: Asked) -> FlavorChange | None:
    """The row of the catalogue that gives the flavor another name, for all that are asked."""
    for row in changes.of_kind(FlavorChange, file.target.surface.fork):
        new = row.new.flavors.get(asked.flavor)
        packages = {path.rpartition(".")[0] for path in asked.where}
        if new in asked.known and packages <= set(row.old.of):
            return row
    return None


def _rewrite(file: File, asked: Asked, row: FlavorChange | None) -> Rewrite | None:
    if row is None or not isinstance(asked.node, ast.Constant):
        return None
    new = row.new.flavors[asked.flavor]
    code = file.program.text(asked.node).replace(asked.flavor, new)
    if ast.literal_eval(code) != new:
        return None
    return Rewrite(
        f"Write `{new}`",
        (ReplaceExpression(asked.node, code),),
        (
            *unless(row.applicability is Applicability.SAFE, Obligation.STATED),
            *unless(
                compared_nowhere(file, "flavor", asked.flavor, REGISTRY), Obligation.WHOLE_RENAME
            ),
        ),
    )


def _message(file: File, asked: Asked) -> str:
    models = [path.removeprefix("torchtitan.models.") for path in asked.where]
    flavor = repr(words.short(asked.flavor, 36))
    verb = "has" if len(models) == 1 else "have"
    return words.naming("", models, f"{verb} no flavor {flavor} at {file.target.label}").lstrip()


def _notes(file: File, asked: Asked, row: FlavorChange | None) -> tuple[str, ...]:
    if row is not None:
        return (words.since(row),)
    found = nearest_with(file.target.surface, asked.where[0], asked.flavor)
    if found is None:
        notes = (words.UNKNOWN,)
    else:
        key, earlier = found
        notes = (words.found_in(bundle.load(key).provenance, earlier=earlier),)
    if _near(asked):
        return notes
    return (*notes, f"it has {', '.join(map(repr, asked.known))}")


def _help(asked: Asked, row: FlavorChange | None) -> str:
    if row is not None:
        return f"Write `{row.new.flavors[asked.flavor]}`"
    near = _near(asked)
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else ""


def _near(asked: Asked) -> list[str]:
    import difflib

    folded = {name.lower(): name for name in asked.known}
    if asked.flavor.lower() in folded:
        return [folded[asked.flavor.lower()]]
    near = difflib.get_close_matches(asked.flavor.lower(), folded, n=3, cutoff=0.5)
    return [folded[name] for name in near]
