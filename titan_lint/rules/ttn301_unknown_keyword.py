"""TTN301 unknown-keyword."""

from __future__ import annotations

import ast

from titan_lint.api import ParameterKind, changes
from titan_lint.api.changes.rows import KeywordChange, Rename, ReplacedChange
from titan_lint.finding import Obligation
from titan_lint.fixes import calls, overriding
from titan_lint.fixes.calls.rename import refused
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.rules.precedence import OVERRIDE, claim
from titan_lint.structs import replace
from titan_lint.uses import carried
from titan_lint.uses.attention.registry import PARAMETER, is_registry, taken_elsewhere
from titan_lint.uses.calls import Site, asked_about, callables, certain, live_call, sites
from titan_lint.uses.calls.arguments import arguments
from titan_lint.uses.calls.binding import missing
from titan_lint.uses.calls.copies import copies
from titan_lint.uses.guards import ANY, live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from titan_lint.api import Function, Provenance, Surface
    from titan_lint.api.causes import Cause
    from titan_lint.fixes.overriding import OverridingMethod
    from titan_lint.uses.file import File


class UnknownKeyword(Rule):
    """A keyword argument that the target's function, class or config does not take.

    ## What it does
    Holds the keywords of each call against the signature that the target really has: functions,
    methods, constructors, config dataclasses with the fields that they inherit, subclasses of them
    in the same file, `functools.partial`, and the keys of a `**` whose dictionary is filled in the
    same function. An override of a method that torchtitan calls is reported where it still has a
    parameter under its old name. Calls whose signature or arguments cannot be told are left alone,
    and so is code that asks first.

    A function that the project itself puts another one in the place of, as plugins do
    (`torchtitan.x.f = ours`), is not torchtitan's any more: nothing is said about its calls.

    ## Why is this bad?
    The call raises `TypeError`. torchtitan's configs are dataclasses with slots: a field that was
    renamed or removed fails as soon as the config is made.

    ## Fix safety
    Where the catalogue of changes knows what stands for the old keyword, the fix writes it. It is
    safe where the value carries over exactly, or where the dropped value said what now always
    holds; dropping any other value is unsafe, and what a value does when it is worked out is never
    dropped. A checkpointing config that becomes `None` is written so safely where torchtitan alone
    gets it: who else has it may ask whether there is one. A new name is imported beside what the call is made of, as lazily and as optionally. Keys of a `**` are reported only.
    """

    sources = (
        Citation("expert tensor parallelism removed", "pytorch/torchtitan c4b409af2", "2026-04-30"),
        Citation("optimizers per parameter group", "pytorch/torchtitan 632f67f12", "2026-06-04"),
    )
    rests_on = (
        Obligation.STATED,
        Obligation.MEANT_FOR_IT,
        Obligation.SAME_VALUE,
        Obligation.VALUE_TAKEN,
        Obligation.COMMENTS_STAY,
        Obligation.WHOLE_RENAME,
    )
    bad = (
        Example(
            about="one change of the optimizer's config is one finding",
            code="""\
from torchtitan.components.optimizer import OptimizersContainer

optimizer = OptimizersContainer.Config(
    name="Adam",
    lr=3e-4,
)
""",
            fixed="""\
from torchtitan.components.optimizer import OptimizersContainer, ParamGroupConfig

optimizer = OptimizersContainer.Config(
    param_groups=[
        ParamGroupConfig(
            pattern=r".*",
            optimizer_name="Adam",
            optimizer_kwargs={
                "lr": 3e-4,
                "betas": (0.9, 0.95),
                "eps": 1e-8,
                "weight_decay": 0.1,
            },
        )
    ],
)
""",
        ),
        Example(
            about="AdamW has a function that makes that config",
            code="""\
from torchtitan.components.optimizer import OptimizersContainer

optimizer = OptimizersContainer.Config(lr=3e-4, beta1=0.8)
""",
            fixed="""\
from torchtitan.components.optimizer import default_adamw

optimizer = default_adamw(lr=3e-4, betas=(0.8, 0.95))
""",
        ),
        Example(
            about="dropped, because 1 is what now always holds",
            torchtitan="2026-05-08",
            code="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(
    expert_parallel_degree=8,
    expert_tensor_parallel_degree=1,
)
""",
            fixed="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(
    expert_parallel_degree=8,
)
""",
        ),
        Example(
            about="a config with a mode became a policy for each",
            code="""\
from torchtitan.config import ActivationCheckpointConfig, CompileConfig

checkpointing = ActivationCheckpointConfig(mode="full", early_stop=False)
compiled = CompileConfig(enable=True)
""",
            fixed="""\
from torchtitan.config import CompileConfig
from torchtitan.distributed.activation_checkpoint import FullAC

checkpointing = FullAC.Config()
compiled = CompileConfig(enable=True)
""",
        ),
        Example(
            about="a method that torchtitan calls with another keyword now",
            code="""\
from torchtitan.models.llama3 import Llama3Model


class Config(Llama3Model.Config):
    def update_from_config(self, *, trainer_config, **kwargs):
        super().update_from_config(trainer_config=trainer_config, **kwargs)
        self.vocab_size = max(self.vocab_size, trainer_config.debug.seed)
""",
            fixed="""\
from torchtitan.models.llama3 import Llama3Model


class Config(Llama3Model.Config):
    def update_from_config(self, *, config, **kwargs):
        super().update_from_config(config=config, **kwargs)
        self.vocab_size = max(self.vocab_size, config.debug.seed)
""",
        ),
        Example(
            about="the key of a dictionary that is passed on",
            torchtitan="2026-08-20",
            code="""\
from torchtitan.config import TrainingConfig


def training(seq_len):
    kwargs = {}
    if seq_len is not None:
        kwargs["seq_len"] = seq_len
    return TrainingConfig(**kwargs)
""",
        ),
    )
    good = (
        Example(
            about="the fields are asked for first",
            torchtitan="2026-08-20",
            code="""\
import dataclasses

from torchtitan.config import TrainingConfig


def training(seq_len):
    fields = {field.name for field in dataclasses.fields(TrainingConfig)}
    kwargs = {}
    if "seq_len" in fields:
        kwargs["seq_len"] = seq_len
    return TrainingConfig(**kwargs)
""",
        ),
        Example(
            about="a subclass has a field of its own",
            code="""\
from dataclasses import dataclass

from torchtitan.trainer import Trainer


@dataclass(kw_only=True, slots=True)
class Config(Trainer.Config):
    reward: str = ""


config = Config(reward="math", dump_folder="out")
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for site in file.once(sites):
            for change, names in _unknown(file, site):
                yield _report(file, site, change, names)
        for site in file.once(copies):
            for change, names in _unknown(file, site):
                yield replace(_report(file, site, change, names), rewrite=None)
        for row in changes.of_kind(ReplacedChange, file.target.surface.fork):
            yield from _replaced(file, row)
        for override in overriding.overrides(file):
            if live(file, override.parameter, TypeError):
                yield _overridden(file, override)


def _unknown(file: File, site: Site) -> list[tuple[KeywordChange | None, list[str]]]:
    """The keywords of a call that nothing takes, those that one row explains together."""
    unknown = [name for name in _passed(site) if _is_unknown(file, site, name)]
    if not unknown or not live_call(file, site, TypeError):
        return []
    return _grouped(file, site, unknown)


def _replaced(file: File, row: ReplacedChange) -> Iterator[Report]:
    """Calls of a config that others have taken the place of."""
    surface = file.target.surface
    paths = row.old.of
    if not callables.has_needs(surface, row) or any(surface.lookup(path) for path in paths):
        return
    for path in dict.fromkeys(paths):
        for call in file.called.get(path, ()):
            if not isinstance(call.func, ast.Name | ast.Attribute) or not live(file, call, *ANY):
                continue
            site = Site(call, call.func, (), arguments(file, call), complete=True)
            yield Report(
                call,
                f"`{path.rpartition('.')[2]}` is gone at {file.target.label}",
                calls.rewrite(file, site, row, ()),
                key=(path,),
                notes=(words.since(row),),
            )


def _overridden(file: File, override: OverridingMethod) -> Report:
    row = override.change
    label, name, old = file.target.label, override.function.name, override.parameter.arg
    if not override.swallows:
        message = f"this override does not take `{override.new}`, which {label} passes to `{name}`"
    elif override.is_required:
        message = f"this override asks for `{old}`, which {label} does not pass to `{name}`"
    else:
        message = f"this override is not given `{old}`: {label} passes `{override.new}` to `{name}`"
    return Report(
        override.parameter,
        message,
        overriding.rewrite(file, override),
        key=(override.function.name, override.new),
        claims=claim([override.function], OVERRIDE),
        notes=(f"`{override.parameter.arg}` became `{override.new}` {words.when(row)}",),
        help=f"Rename `{override.parameter.arg}` to `{override.new}`",
    )


def _passed(site: Site) -> list[str]:
    """Keywords that a call passes, in the order of the text."""
    return [*site.arguments.keywords, *(n for n in site.arguments.spread)]


def _is_unknown(file: File, site: Site, name: str) -> bool:
    """Whether no signature that the call may meet takes the keyword."""
    if name == PARAMETER and _is_for_its_model(file, site):
        return False
    refused = certain(file, site, lambda function: _refuses(function, name))
    return (refused or _stands_for_missing(file, site, name)) and not asked_about(
        file, _node(site, name), name
    )


def _is_for_its_model(file: File, site: Site) -> bool:
    """Whether a registry's backend is more than a keyword: one model lacks it, or one target of several."""
    return is_registry(site.callees[0].path) and (
        len(site.callees) == 1 or taken_elsewhere(file, site.call) is not None
    )


def _stands_for_missing(file: File, site: Site, name: str) -> bool:
    """Whether the new name of a keyword is asked for, and a ``**kwargs`` swallows the old one."""
    if name not in callables.renamed_at_all(file.target.surface.fork):
        return False
    new = callables.renamed(file.target.surface, site).get(name)
    if new is None:
        return False
    return all(
        any(p.name == new for p in missing(site, callee.function)) for callee in site.callees
    ) and certain(
        file,
        site,
        lambda function: function.parameter(new) is not None and function.parameter(name) is None,
    )


def _refuses(function: Function, name: str) -> bool:
    if function.open or function.takes_any_keyword:
        return False
    parameter = function.parameter(name)
    return parameter is None or parameter.kind in (
        ParameterKind.POSITIONAL_ONLY,
        ParameterKind.VAR_POSITIONAL,
    )


def _grouped(
    file: File, site: Site, unknown: Sequence[str]
) -> list[tuple[KeywordChange | None, list[str]]]:
    """The unknown keywords, those that one row explains together."""
    left = list(unknown)
    found: list[tuple[KeywordChange | None, list[str]]] = []
    for row in _best_first(file, site):
        names = [name for name in left if name in row.old.keywords]
        if names and (row.old.was is not None or _was_there(file, site, names)):
            found.append((row, names))
            left = [name for name in left if name not in names]
    alike: dict[tuple[callables.ParameterPresence | None, Cause | None], list[str]] = {}
    surface = file.target.surface
    for name in left:
        known = callables.presence(surface, site, name)
        # Between two known torchtitans, one may have gone before another.
        by = callables.cause(surface, site, name) if known is not None and known.earlier else None
        alike.setdefault((known, by), []).append(name)
    return [*found, *((None, names) for names in alike.values())]


def _best_first(file: File, site: Site) -> list[KeywordChange]:
    """The rows about a call: those that the target can follow, then those that only explain."""
    surface = file.target.surface
    rows = callables.rows(surface, KeywordChange, site)
    usable = [row for row in rows if _applies(surface, site, row)]
    return [*usable, *(row for row in rows if row not in usable and row.new is None)]


def _applies(surface: Surface, site: Site, row: KeywordChange) -> bool:
    new = row.rename
    if new is not None and not all(c.function.parameter(new) for c in site.callees):
        return False
    return row.new is not None and callables.has_needs(surface, row)


def _was_there(file: File, site: Site, names: Sequence[str]) -> bool:
    """Whether the target lost the keywords, and does not only get them later."""
    for name in names:
        presence = callables.presence(file.target.surface, site, name)
        if presence is not None and not presence.earlier:
            return False
    return True


def _node(site: Site, name: str) -> ast.expr | ast.keyword:
    return site.arguments.keywords.get(name) or site.arguments.spread[name]


def _report(file: File, site: Site, change: KeywordChange | None, names: Sequence[str]) -> Report:
    nodes = sorted(
        (_node(site, name) for name in names), key=lambda node: (node.lineno, node.col_offset)
    )
    rewrite = calls.rewrite(file, site, change, names) if change is not None else None
    if rewrite is not None and not rewrite.because and _is_asked(file, site, names):
        rewrite = replace(rewrite, because=(Obligation.WHOLE_RENAME,))
    return Report(
        nodes[0],
        _message(file, site, names),
        rewrite,
        end=nodes[-1],
        key=(site.shown, *names),
        notes=tuple(_notes(file, site, change, names)),
        help=_help(file, site, change, names),
    )


def _is_asked(file: File, site: Site, names: Sequence[str]) -> bool:
    """Whether what a call makes may be asked for what it does not take, where nothing tells that it is that."""
    return all(callee.cls is not None for callee in site.callees) and carried.is_asked(
        file, site.call, names
    )


def _message(file: File, site: Site, names: Sequence[str]) -> str:
    return words.naming(f"`{site.shown}` takes no", names, f"at {file.target.label}")


def _notes(
    file: File, site: Site, change: KeywordChange | None, names: Sequence[str]
) -> Iterator[str]:
    if names[0] in site.arguments.spread:
        yield f"it is passed on as `**` in line {site.call.lineno}"
    message = _message(file, site, names)
    if not all(f"`{name}`" in message for name in names):
        yield f"it takes none of {', '.join(f'`{name}`' for name in names)}"
    presence = callables.presence(file.target.surface, site, names[0])
    if change is not None:
        yield words.since(change)
    elif presence is not None and not presence.earlier:
        yield f"not there yet: {words.first_with(presence.since, 'takes')}"
    elif presence is not None:
        cause = callables.cause(file.target.surface, site, names[0])
        yield f"gone {words.when(cause)}" if cause else f"gone since {_point(presence.since)}"
    else:
        yield "no torchtitan known here takes it"


def _point(point: Provenance) -> str:
    return point.version if point.kind == "release" else f"main of {point.day}"


def _help(file: File, site: Site, change: KeywordChange | None, names: Sequence[str]) -> str:
    if change is not None:
        new = change.new
        if not isinstance(new, Rename) or new.values or names[0] not in site.arguments.keywords:
            return ""
        wrong = refused(file, site, new.rename, names[0])
        return f"Pass a value that `{new.rename}` takes; {wrong[0]} is none" if wrong else ""
    presence = callables.presence(file.target.surface, site, names[0])
    if presence is not None:
        return "" if presence.earlier else words.LATER
    known = (p.name for p in site.callees[0].function.parameters)
    return words.near(names[0], known) if len(names) == 1 else ""
