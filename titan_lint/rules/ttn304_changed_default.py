"""TTN304 changed-default."""

from __future__ import annotations

import ast

from titan_lint.api.changes.rows import DefaultChange
from titan_lint.code.forms import last_name
from titan_lint.code.stores import stores
from titan_lint.code.uses import bindings_by_name
from titan_lint.finding import Obligation, Severity, unless
from titan_lint.rewriting.operations import AddKeyword, Operation, ReplaceExpression, Rewrite
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.attention.analysis import Attention
from titan_lint.uses.attention.registry import PARAMETER
from titan_lint.uses.calls import Callee, Site, callables, factories, live_call, sites
from titan_lint.uses.calls.binding import ABSENT, bound, literal, may_pass
from titan_lint.uses.calls.defaults import Changed, certain, changed
from titan_lint.uses.calls.reach import (
    has_reader,
    is_set_by_function,
    is_set_first,
    may_be_read,
)
from titan_lint.uses.guards import ANY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.program import Program
    from titan_lint.uses.file import File


class ChangedDefault(Rule):
    """A parameter is left out, and what its default means has changed since the code was written.

    ## What it does
    Compares the default that a call gets at the target with the one that it got at the version that
    the code was written for: the one given with `--from`, else the bundled versions at which all of
    the code's uses of torchtitan resolve. Only the defaults in the catalogue of changes are compared:
    those that change how a model is split, what it computes, or what is saved. What a field makes for its
    default (`field(default_factory=ParallelismConfig)`) is called with nothing.

    Nothing is said where the two are equal, where the code may be written for the target, or where its
    version is not known. Nothing is said either where nothing in reach reads the field: the config is
    not passed on, or only torchtitan's trainers read the field and the project uses none.

    ## Why is this bad?
    Nothing fails where the code is. `ParallelismConfig()` chooses another SPMD backend since
    5ab3a0fd1 (2026-08-18), and a trainer captures CUDA graphs since f84224af0 (2026-08-13).

    ## Fix safety
    The fix writes the old default out where the target still takes it: the code does what it did. It
    is safe where the code was certainly written for that default: its version is named (`--from`,
    `from` in the configuration, or the project's pin), or all uses of the whole project together fit
    versions of which each has the old default, and no commit between two known versions leaves a
    doubt. It is unsafe where that is a guess, where the call unpacks arguments, where the file says
    anything else of the parameter, and for attention backends.
    """

    severity = Severity.WARNING
    sources = (
        Citation("spmd_types is the default backend", "pytorch/torchtitan 5ab3a0fd1", "2026-08-18"),
        Citation("the trainer captures CUDA graphs", "pytorch/torchtitan f84224af0", "2026-08-13"),
        Citation(
            "one policy for selective checkpointing", "pytorch/torchtitan 114151ad4", "2026-03-23"
        ),
        Citation(
            "rowwise is the default Float8 recipe", "pytorch/torchtitan 6348d93d1", "2026-04-27"
        ),
    )
    rests_on = (Obligation.STATED, Obligation.MEANT_FOR_IT)
    bad = (
        Example(
            written_for="main@632f67f12",
            code="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(tensor_parallel_degree=2)
""",
            fixed="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(tensor_parallel_degree=2, spmd_backend="partial_dtensor")
""",
        ),
        Example(
            about="it is set later, too",
            written_for="main@632f67f12",
            code="""\
from torchtitan.config import ParallelismConfig


def build(backend=None):
    parallelism = ParallelismConfig(tensor_parallel_degree=2)
    if backend is not None:
        parallelism.spmd_backend = backend
    return parallelism
""",
            fixed="""\
from torchtitan.config import ParallelismConfig


def build(backend=None):
    parallelism = ParallelismConfig(tensor_parallel_degree=2, spmd_backend="partial_dtensor")
    if backend is not None:
        parallelism.spmd_backend = backend
    return parallelism
""",
            safe=False,
        ),
    )
    good = (
        Example(
            about="written out",
            written_for="main@632f67f12",
            code="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(tensor_parallel_degree=2, spmd_backend="spmd_types")
""",
        ),
        Example(
            about="it may have been written for the target",
            code="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(tensor_parallel_degree=2)
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for site in (
            *file.once(sites),
            *(s for s in factories(file) if not _is_set_later(file, s)),
        ):
            for row in callables.rows(file.target.surface, DefaultChange, site):
                report = _changed(file, site, row)
                if report is not None and live_call(file, site, *ANY):
                    yield report
                    break


def _changed(file: File, site: Site, row: DefaultChange) -> Report | None:
    name = row.old.parameter
    if any(may_pass(site, callee.function, name) for callee in site.callees):
        return None
    if name in callables.under_old_name(file.target.surface, site):
        return None
    if not _is_about(file, site, row) or (name == PARAMETER and not _is_undecided(file, site)):
        return None
    found = changed(file, site, row)
    if found is None:
        return None
    if all(_holds_fields(callee) for callee in site.callees):
        if not has_reader(file, row) or not may_be_read(file, site.call, name):
            return None
        if not _is_factory(site) and (
            is_set_first(file, site.call, name) or is_set_by_function(file, site.call, name)
        ):
            return None
    what = "whose default has changed"
    if found.was == (ABSENT,):
        what = "which came with a default that changes what is done"
    return Report(
        site.function if _is_factory(site) else site.call,
        f"`{site.shown}` is called without `{name}`, {what}",
        _rewrite(file, site, row, found.before),
        key=(site.shown, name, found.before, found.now),
        notes=(
            f"it is {_shown(found.now)} at {file.target.label}",
            _said_before(file, found),
            words.since(row),
        ),
        help=f"Pass the `{name}=` that is meant",
    )


def _said_before(file: File, found: Changed) -> str:
    """What leaving the parameter out came to at the versions that the code was written for, in their words."""
    era = file.era
    sure = "" if era.asked else "assumed to be "
    code, before = f"which this code is {sure}written for", _shown(found.before)
    if found.was == (ABSENT,):
        return f"there was none at {era.label}, {code}: what was done is {before} now"
    if found.was == (found.before,):
        return f"it was {before} at {era.label}, {code}"
    if len(found.was) == 1:
        return f"it was {_shown(*found.was)} at {era.label}, {code}, and that is {before} now"
    return f"what was done at {era.label}, {code}, is {before} now"


def _holds_fields(callee: Callee) -> bool:
    """Whether what is called makes a record that does nothing with its fields itself."""
    return callee.cls is not None and callee.cls.is_dataclass


def _is_about(file: File, site: Site, row: DefaultChange) -> bool:
    """Whether the other arguments are those for which the row says that the change matters."""
    for name, texts in row.old.where.items():
        for callee in site.callees:
            if literal(file, bound(site, callee.function).get(name)) not in texts:
                return False
    return True


def _is_undecided(file: File, site: Site) -> bool:
    """Whether a call is one of a registry that leaves the backend to the default, for no reason shown."""
    attention = file.once(Attention)
    entry = attention.entry(site.call)
    return entry is not None and attention.undecided(entry)


def _shown(text: str) -> str:
    return f"`{_quoted(text)}`"


def _quoted(text: str) -> str:
    """A literal with double quotes, as most code writes strings."""
    return f'"{text[1:-1]}"' if text[:1] == "'" and '"' not in text else text


def _rewrite(file: File, site: Site, row: DefaultChange, value: str) -> Rewrite | None:
    name = row.old.parameter
    for callee in site.callees:
        parameter = callee.function.parameter(name)
        if parameter is None:
            return None
        choices = parameter.accepts if parameter.accepts is not None else parameter.choices
        if choices and ast.literal_eval(value) not in choices:
            return None
        if callee.cls is not None and file.target.surface.rests_on_open(callee.cls.module):
            return None  # What it accepts is not known.
    operation = _passing(file, site, name, _quoted(value))
    if operation is None:
        return None
    return Rewrite(
        f"Pass `{name}={_quoted(value)}`",
        (operation,),
        unless(
            # A backend is chosen, not kept: that is for the attention rules to say.
            name != PARAMETER
            and not (_is_factory(site) and _asks_for_factories(file))
            and _is_spelt_out(site.call)
            and certain(file, row, value)
            and not _may_set(file, name),
            Obligation.STATED,
        ),
    )


def _is_set_later(file: File, site: Site) -> bool:
    """Whether the class whose field makes its default sets that field, or something in it, itself."""
    program = file.program
    info = program.class_of(site.call)
    match program.parents[site.call]:
        case ast.AnnAssign(target=ast.Name(id=field)) | ast.Assign(targets=[ast.Name(id=field)]):
            return info is not None and any(
                program.class_of(store.node) is info
                and (store.name if store.is_own else getattr(store.owner, "attr", "")) == field
                for store in stores(program)
            )
        case _:
            return False


def _asks_for_factories(file: File) -> bool:
    """Whether somebody asks fields for what makes their defaults: a class can be told from a function then."""
    readers = file.options.readers
    return any(node.attr == "default_factory" for node in file.attributes) or (
        readers is not None and readers.read_field("default_factory")
    )


def _is_factory(site: Site) -> bool:
    """Whether what is called is handed to a call by a keyword: ``default_factory=ParallelismConfig``."""
    return any(keyword.value is site.function for keyword in site.call.keywords)


def _passing(file: File, site: Site, name: str, value: str) -> Operation | None:
    """What passes a parameter where a call leaves it out; ``None`` where the name that is called cannot stand in a lambda."""
    if not _is_factory(site):
        return AddKeyword(site.call, name, value)
    program = file.program
    roots = [part for part in ast.walk(site.function) if isinstance(part, ast.Name)]
    for root in roots:
        made = bindings_by_name(program).get(root.id, ())
        # What a class binds is not seen by the functions in it; and a function sees what a name is bound to last.
        if len(made) != 1 or program.class_of(made[0]) is not None:
            return None
    called = f"{program.text(site.function)}({name}={value})"
    return ReplaceExpression(site.function, f"lambda: {called}")


def _is_spelt_out(call: ast.Call) -> bool:
    """Whether a call unpacks nothing: what a dictionary holds in the end may be more than is seen."""
    return not any(keyword.arg is None for keyword in call.keywords) and not any(
        isinstance(argument, ast.Starred) for argument in call.args
    )


def _may_set(file: File, name: str) -> bool:
    """Whether the file may set a parameter of a name by other means than the call itself."""
    return not file.program.once(_settable).isdisjoint((name, None))


def _settable(program: Program) -> set[str | None]:
    """The names that the file may set in some object; ``None`` among them where that may be any."""
    found: set[str | None] = {
        node.attr for node in program.of(ast.Attribute) if not isinstance(node.ctx, ast.Load)
    }
    found.update(n.value for n in program.of(ast.Constant) if isinstance(n.value, str))
    for call in program.of(ast.Call):
        # A changed copy: ``dataclasses.replace(config, name=...)``.
        if last_name(call.func) in ("replace", "__replace__", "evolve"):
            found.update(keyword.arg for keyword in call.keywords)
    return found
