"""TTN405 unknown-mesh."""

from __future__ import annotations

from titan_lint.api import bundle, causes, changes, history
from titan_lint.api.changes import facts
from titan_lint.api.changes.rows import DefaultChange
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.meshes import WORLD, Meshes, nearest_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File
    from titan_lint.uses.meshes import Unknown


class UnknownMesh(Rule):
    """A name of a mesh that the target's `ParallelDims` does not make.

    ## What it does
    Holds literal names in `get_mesh("etp")`, `get_optional_mesh(["dp_replicate", "fsdp"])`, `world_mesh["tp"]` and
    `get_all_one_dimensional_meshes()["etp"]` against those that the target's `ParallelDims` knows, whatever is enabled.

    Which meshes there are may depend on `spmd_backend`. A name that only another backend has is reported where
    the file makes the `ParallelDims` itself, or the config of the trainer that makes it, and so says which backend it
    is, by an argument or by the target's default.

    ## Why is this bad?
    `get_mesh` and `get_optional_mesh` raise `ValueError` for a name that they do not know, the others `KeyError`.

    ## Fix safety
    There is no fix: the meshes of another name have other sizes.
    """

    sources = (
        Citation(
            "get_mesh, and other meshes in world_mesh", "pytorch/torchtitan 183a0d2e7", "2025-12-17"
        ),
        Citation("etp is removed", "pytorch/torchtitan c4b409af2", "2026-04-30"),
        Citation(
            "spmd_types, without fsdp, is the default", "pytorch/torchtitan 5ab3a0fd1", "2026-08-18"
        ),
    )
    bad = (
        Example(
            about="gone",
            code="""\
from torchtitan.distributed import ParallelDims


def expert_group(parallel_dims: ParallelDims):
    return parallel_dims.get_mesh("etp").get_group()
""",
        ),
        Example(
            about="the default backend has no such mesh",
            code="""\
from torchtitan.distributed import ParallelDims

parallel_dims = ParallelDims(1, -1, cp=1, tp=1, pp=1, ep=1, world_size=8)
mesh = parallel_dims.get_optional_mesh(["dp_replicate", "fsdp"])
""",
        ),
        Example(
            about="nor has a trainer whose config leaves the backend to the default",
            code="""\
from torchtitan.models.llama3 import model_registry
from torchtitan.trainer import Trainer

trainer = Trainer.Config(model_spec=model_registry("8B", attn_backend="flex")).build()
mesh = trainer.parallel_dims.get_mesh("fsdp")
""",
        ),
        Example(
            about="how it was asked for at 0.2.0",
            code="""\
from torchtitan.distributed import ParallelDims


def tp_mesh(parallel_dims: ParallelDims):
    return parallel_dims.world_mesh["tp"]
""",
        ),
    )
    good = (
        Example(
            about="still there at its time",
            torchtitan="0.2.2",
            code="""\
from torchtitan.distributed import ParallelDims


def expert_group(parallel_dims: ParallelDims):
    return parallel_dims.get_mesh("etp").get_group()
""",
        ),
        Example(
            about="the backend that has it",
            code="""\
from torchtitan.distributed import ParallelDims

parallel_dims = ParallelDims(
    1, -1, cp=1, tp=1, pp=1, ep=1, world_size=8, spmd_backend="partial_dtensor"
)
mesh = parallel_dims.get_optional_mesh(["dp_replicate", "fsdp"])
""",
        ),
        Example(
            about="which backend it is does not show",
            code="""\
from torchtitan.distributed import ParallelDims


def shard_mesh(parallel_dims: ParallelDims):
    return parallel_dims.get_optional_mesh("fsdp")
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for unknown in Meshes(file).unknown():
            asked = unknown.question
            yield Report(
                asked.node,
                f"`{asked.by}` knows no mesh {words.short(asked.name, 36)!r} at {file.target.label}",
                key=(asked.by, asked.name, unknown.value),
                notes=_notes(file, unknown),
                help=_help(file, unknown),
            )


def _notes(file: File, unknown: Unknown) -> tuple[str, ...]:
    if unknown.field is not None:
        decides = f"`{unknown.field}` is {unknown.value} here; {_listed(unknown.others)} has it"
        return (decides, *(_since_default(file, unknown.field) if unknown.is_default else ()))
    found = nearest_with(file, unknown.question.name, unknown.question.by)
    if found is None:
        return (words.UNKNOWN, _known(unknown))
    key, earlier = found
    cause = _cause(key) if earlier else None
    where = words.gone_or_to_come(bundle.index()[key], earlier=earlier, cause=cause)
    return (where, _known(unknown))


def _since_default(file: File, field: str) -> tuple[str, ...]:
    """Since when the field that decides has another default."""
    rows = [
        row
        for row in changes.of_kind(DefaultChange, file.target.surface.fork)
        if row.old.parameter == field and row.commit in causes.between("", file.target.surface.key)
    ]
    return tuple(f"`{field}` has another default {words.when(row)}" for row in rows[-1:])


def _cause(last: str) -> causes.Cause | None:
    """Which of the sources took a mesh away that a bundled torchtitan was the last to have."""
    keys = history.timeline()
    after = causes.between(last, keys[keys.index(last) + 1])
    cited = (causes.Cause(one.where.rpartition(" ")[2], one.date) for one in UnknownMesh.sources)
    return next((cause for cause in cited if cause.commit in after), None)


def _known(unknown: Unknown) -> str:
    return f"it knows {', '.join(map(repr, sorted(unknown.known)))}"


def _help(file: File, unknown: Unknown) -> str:
    if unknown.field is not None:
        return f"Pass `{unknown.field}={unknown.others[0]}`, or ask for a mesh that {unknown.value} has"
    layout = facts.meshes().of(file.target.surface.key)
    name = unknown.question.name
    if unknown.question.by == WORLD and layout is not None:
        if layout.axes and all(name in names for names in layout.axes.values()):
            return f'Use `get_mesh("{name}")`'
    return ""


def _listed(values: tuple[str, ...]) -> str:
    return " or ".join(values)
