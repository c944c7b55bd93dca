"""TTN303 positional-drift."""

from __future__ import annotations

import ast

from titan_lint.api import ParameterKind, bundle, causes, history
from titan_lint.api.changes.rows import PositionalChange
from titan_lint.code.forms import last_name
from titan_lint.finding import Applicability, Obligation, unless
from titan_lint.rewriting.operations import NameArguments, RemoveArgument, Rewrite
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.calls import Site, callables, live_call, sites
from titan_lint.uses.calls.binding import literal
from titan_lint.uses.calls.drift import Displaced, Drift, drift
from titan_lint.uses.guards import ANY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File


class PositionalDrift(Rule):
    """A positional argument binds to another parameter than the one that it was written for.

    ## What it does
    Holds positional arguments against the signature of the target and against that of the version
    that the code was written for: the one given with `--from`, else the bundled versions at which
    all of the code's uses of torchtitan resolve. Arguments that no longer have a place are reported
    whatever version the code was written for. A parameter that was only renamed is not reported.

    ## Why is this bad?
    Since 169545712 (2026-06-10) `Decoder.forward` takes `positions` before `attention_masks`; a mask
    that is passed by position is used as positions. Other calls raise `TypeError`.

    ## Fix safety
    The fix names the arguments with the parameters that they were written for. It is safe where
    that is certain: the version was given with `--from`, or each argument carries the name of its
    parameter, or is a literal that only the old parameter takes. Where the version is inferred, the
    fix is unsafe. The name of an `override`, which has none any more, is dropped where it is a
    literal, which is safe.
    """

    sources = (
        Citation(
            "Decoder.forward takes positions second", "pytorch/torchtitan 169545712", "2026-06-10"
        ),
        Citation(
            "HuggingFaceTokenizer takes its config first",
            "pytorch/torchtitan 9810191bb",
            "2026-02-23",
        ),
        Citation("apply_compile takes keywords only", "pytorch/torchtitan 737594746", "2026-08-12"),
    )
    rests_on = (
        Obligation.STATED,
        Obligation.MEANT_FOR_IT,
    )
    bad = (
        Example(
            about="positions and masks have changed places",
            written_for="main@7cec16600",
            code="""\
from torchtitan.models.llama3.model import Llama3Model


def forward(model: Llama3Model, batch):
    return model(batch.tokens, batch.masks, batch.pos)
""",
            fixed="""\
from torchtitan.models.llama3.model import Llama3Model


def forward(model: Llama3Model, batch):
    return model(batch.tokens, attention_masks=batch.masks, positions=batch.pos)
""",
        ),
        Example(
            about="keyword only now",
            written_for="0.2.2",
            code="""\
from torchtitan.components.tokenizer import HuggingFaceTokenizer

tokenizer = HuggingFaceTokenizer("assets/tokenizer")
""",
            fixed="""\
from torchtitan.components.tokenizer import HuggingFaceTokenizer

tokenizer = HuggingFaceTokenizer(tokenizer_path="assets/tokenizer")
""",
        ),
        Example(
            about="a name that nothing has any more",
            code="""\
from torchtitan.config import override
from torchtitan.models.common.nn_modules import RMSNorm


@override("fused_norm", target=RMSNorm.Config)
def fused_norm(config):
    return config
""",
            fixed="""\
from torchtitan.config import override
from torchtitan.models.common.nn_modules import RMSNorm


@override(target=RMSNorm.Config)
def fused_norm(config):
    return config
""",
        ),
        Example(
            about="no place for it any more",
            code="""\
from torchtitan.models.common.attention import get_document_mask_mod


def mask(batch, eos_id):
    return get_document_mask_mod(batch, eos_id)
""",
        ),
    )
    good = (
        Example(
            about="passed by keyword",
            written_for="main@7cec16600",
            code="""\
from torchtitan.models.llama3.model import Llama3Model


def forward(model: Llama3Model, batch):
    return model(batch.tokens, attention_masks=batch.masks, positions=batch.pos)
""",
        ),
        Example(
            about="written for the target",
            code="""\
from torchtitan.models.llama3.model import Llama3Model


def forward(model: Llama3Model, batch):
    return model(batch.tokens, batch.positions, batch.masks)
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for site in file.once(sites):
            found = drift(file, site)
            if found is None:
                continue
            moved = tuple(entry for entry in found.moved if not _fits_now(entry))
            # One too many raises at once; what binds to another parameter fails who knows where.
            raised = (TypeError,) if moved and moved[-1].now is None else ANY
            if moved and live_call(file, site, *raised):
                yield Report(
                    moved[0].argument,
                    _message(file, site, found, moved),
                    _dropped(file, site, moved) or _rewrite(file, site, found, moved),
                    end=site.arguments.positional[-1],
                    key=(site.shown, *(f"{m.meant} {m.now}" for m in moved)),
                    notes=tuple(_notes(file, site, found, moved)),
                    help=_help(file, site, moved),
                )


def _fits_now(moved: Displaced) -> bool:
    """Whether an argument carries the name of the parameter that it binds to now."""
    return moved.now is not None and _names(moved.argument, moved.now)


def _names(node: ast.expr, parameter: str) -> bool:
    """Whether an expression ends in a parameter's name: ``batch.positions``."""
    return last_name(node).lstrip("_") == parameter


def _message(file: File, site: Site, found: Drift, moved: tuple[Displaced, ...]) -> str:
    target = file.target.label
    if moved[-1].now is not None:
        now = [entry.now for entry in moved if entry.now is not None]
        given = "this" if len(moved) == 1 else "these"
        return words.naming(f"`{site.shown}` takes {given} as", now, f"at {target}")
    noun = "argument" if found.limit == 1 else "arguments"
    most = "at most " if len({len(c.function.positional) for c in site.callees}) > 1 else ""
    given = len(site.arguments.positional)
    return f"`{site.shown}` takes {most}{found.limit} positional {noun} at {target}, not {given}"


def _notes(file: File, site: Site, found: Drift, moved: tuple[Displaced, ...]) -> Iterator[str]:
    # Where the message counts the arguments, it is about all of them.
    about = moved if moved[-1].now is not None else ()
    were = [found.written[entry.index] for entry in about if entry.index < len(found.written)]
    were = were if about else [*found.written]
    if were:
        verb = "they were" if len(were) > 1 else "it was"
        yield f"{verb} {', '.join(f'`{name}`' for name in were)} at {_when(file)}"
    rows = _changes(file, site, moved)
    yield from map(words.since, rows[:1])
    if rows or (were and _is_of_later(file)):
        return
    cause = callables.cause(file.target.surface, site)
    if cause is not None:
        yield words.when(cause)


def _help(file: File, site: Site, moved: tuple[Displaced, ...]) -> str:
    """What to do, where no row of the catalogue says it: not what the target has no parameter for."""
    meant = [entry.meant for entry in moved if entry.meant is not None]
    known = all(callee.function.parameter(name) for callee in site.callees for name in meant)
    return "Pass what is meant by keyword" if known and not _changes(file, site, moved) else ""


def _is_of_later(file: File) -> bool:
    """Whether the code is written for a torchtitan behind the target: no change before that is what it is about."""
    here = history.position(file.target.surface)
    return all(history.position(bundle.load(key)) > here for key in file.era.keys)


def _changes(file: File, site: Site, moved: tuple[Displaced, ...]) -> list[PositionalChange]:
    """The rows of the catalogue that explain why arguments are meant otherwise."""
    found = [entry.change for entry in moved if entry.change is not None]
    if moved[-1].now is None:
        found += callables.rows(file.target.surface, PositionalChange, site)
    return [row for row in found if causes.has(file.target.surface, row.commit)]


def _when(file: File) -> str:
    sure = "" if file.era.asked else "assumed to be "
    return f"{file.era.label}, which this code is {sure}written for"


def _rewrite(file: File, site: Site, found: Drift, moved: tuple[Displaced, ...]) -> Rewrite | None:
    """Name the arguments from the first that moved on, by what they were written for."""
    arguments = site.arguments
    if not found.meant or arguments.more_positional or arguments.more_keywords:
        return None
    first = moved[0].index
    names = tuple(enumerate(found.meant))[first:]
    if any(entry.change is not None for entry in moved):
        return None
    for _, name in names:
        if name in arguments.names or not all(
            (parameter := callee.function.parameter(name)) is not None
            and parameter.kind in (ParameterKind.KEYWORD_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)
            for callee in site.callees
        ):
            return None
    shift = site.call.args.index(arguments.positional[0])
    certain = bool(file.era.asked) or all(_is_certain(file, site, entry) for entry in moved)
    return Rewrite(
        "Name " + ", ".join(f"`{name}=`" for _, name in names),
        (NameArguments(site.call, tuple((index + shift, name) for index, name in names)),),
        unless(certain, Obligation.STATED),
    )


def _dropped(file: File, site: Site, moved: tuple[Displaced, ...]) -> Rewrite | None:
    """Leave out a first argument that is a literal and names what has no name any more."""
    (first, *others) = moved
    if (
        others
        or first.index
        or first.now is not None
        or not isinstance(first.argument, ast.Constant)
    ):
        return None
    for row in callables.rows(file.target.surface, PositionalChange, site):
        name = row.new.drop if row.new is not None else None
        if name is not None and first.meant in (None, name):
            return Rewrite(
                f"Drop `{ast.unparse(first.argument)}`",
                (RemoveArgument(site.call, site.call.args.index(first.argument)),),
                unless(row.applicability is Applicability.SAFE, Obligation.STATED),
            )
    return None


def _is_certain(file: File, site: Site, moved: Displaced) -> bool:
    """Whether an argument itself tells that it is for the old parameter."""
    if moved.meant is None:
        return False
    if _names(moved.argument, moved.meant):
        return True
    text = literal(file, moved.argument)
    if text is None:
        return False
    value = ast.literal_eval(text)
    for callee in site.callees:
        meant, now = callee.function.parameter(moved.meant), moved.now
        other = callee.function.parameter(now) if now is not None else None
        if meant is None or meant.accepts is None or value not in meant.accepts:
            return False
        if other is None or other.accepts is None or value in other.accepts:
            return False
    return True
