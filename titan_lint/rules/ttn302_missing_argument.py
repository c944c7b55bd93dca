"""TTN302 missing-argument."""

from __future__ import annotations

import ast

from titan_lint.api.changes.rows import RequiredChange
from titan_lint.api.entities import Class
from titan_lint.code.uses import fills
from titan_lint.code.values import Instance, LocalClass, LocalFunction, OwnClass, Ref
from titan_lint.finding import Obligation
from titan_lint.fixes import calls
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.calls import Site, callables, certain, live_call, sites
from titan_lint.uses.calls.binding import may_pass, missing
from titan_lint.uses.calls.drift import drift
from titan_lint.uses.guards import ANY, live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.values import Value
    from titan_lint.uses.file import File


class MissingArgument(Rule):
    """An argument that the target asks for is not passed.

    ## What it does
    Finds calls that leave out a parameter without a default, and config fields whose default does
    not work: `Trainer.Config(model_spec=...)` without `loss` holds an abstract loss.

    ## Why is this bad?
    The call raises `TypeError`, or the config fails later, when the trainer builds what it
    describes.

    ## Fix safety
    Unsafe: what is passed is what the trainer did before, or the plainest choice, and a person
    should know. A literal path that `HuggingFaceTokenizer` gets by position is given its name, which
    is safe. Most missing arguments are only explained.
    """

    sources = (
        Citation(
            "losses are configured in Trainer.Config", "pytorch/torchtitan 786e26f8e", "2026-04-27"
        ),
    )
    rests_on = (
        Obligation.STATED,
        Obligation.VALUE_TAKEN,
        Obligation.MEANT_FOR_IT,
    )
    bad = (
        Example(
            about="the default loss is abstract",
            code="""\
from torchtitan.components.optimizer import default_adamw
from torchtitan.trainer import Trainer


def configure(spec):
    return Trainer.Config(
        model_spec=spec,
        optimizer=default_adamw(lr=3e-4),
    )
""",
            fixed="""\
from torchtitan.components.loss import CrossEntropyLoss
from torchtitan.components.optimizer import default_adamw
from torchtitan.trainer import Trainer


def configure(spec):
    return Trainer.Config(
        model_spec=spec,
        optimizer=default_adamw(lr=3e-4),
        loss=CrossEntropyLoss.Config(),
    )
""",
            safe=False,
        ),
        Example(
            about="a factory that wants the attention backend",
            code="""\
from torchtitan.models.llama3 import llama3_configs

config = llama3_configs["8B"]()
""",
        ),
    )
    good = (
        Example(
            about="set later",
            code="""\
from torchtitan.components.loss import MSELoss
from torchtitan.components.optimizer import default_adamw
from torchtitan.trainer import Trainer


def configure(spec):
    config = Trainer.Config(model_spec=spec, optimizer=default_adamw())
    config.loss = MSELoss.Config()
    return config
""",
        ),
        Example(
            about="the rest comes later",
            code="""\
from functools import partial

from torchtitan.components.validate import Validator

make = partial(Validator, seq_len=2048)
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for site in file.once(sites):
            yield from _missing(file, site)
            yield from _unworkable(file, site)


def _missing(file: File, site: Site) -> Iterator[Report]:
    """Parameters without a default."""
    absent = [[p.name for p in missing(site, callee.function)] for callee in site.callees]
    if not certain(file, site, lambda function: bool(missing(site, function))):
        return
    names = [name for name in absent[0] if all(name in other for other in absent)] or absent[0]
    elsewhere = _passed_otherwise(file, site)
    names = [name for name in names if name not in elsewhere]
    if not names or not live_call(file, site, TypeError):
        return
    row = _row(file, site, names)
    rewrite = None
    if row is not None and len(names) == 1:
        rewrite = calls.rewrite(file, site, row, names)
    yield Report(
        site.call,
        words.naming(f"`{site.shown}` asks for", names, f"at {file.target.label}"),
        rewrite,
        key=(site.shown, *names),
        notes=_since(file, site, row, names),
        help=f"Pass {', '.join(f'`{name}=`' for name in names)}",
    )


def _since(file: File, site: Site, row: RequiredChange | None, names: list[str]) -> tuple[str, ...]:
    """Since when each parameter has to be given, where that is known: once where it is the same of all."""
    told = {name: _since_of(file, site, row, name) for name in names}
    if len(set(told.values())) == 1:
        return tuple(filter(None, (told[names[0]],)))
    return tuple(f"`{name}` {since}" for name, since in told.items() if since)


def _since_of(file: File, site: Site, row: RequiredChange | None, name: str) -> str:
    if row is not None and row.old.parameter == name:
        return words.since(row)
    cause = callables.cause_of_requirement(file.target.surface, site, name)
    return words.when(cause) if cause is not None else ""


def _passed_otherwise(file: File, site: Site) -> set[str]:
    """Parameters whose argument is there, under another name or in another place."""
    moved = drift(file, site)
    elsewhere = moved.meant if moved is not None else ()
    return {*callables.under_old_name(file.target.surface, site), *elsewhere}


def _row(file: File, site: Site, names: list[str]) -> RequiredChange | None:
    for row in callables.rows(file.target.surface, RequiredChange, site):
        if row.old.parameter in names and row.old.default is None:
            return row
    return None


def _unworkable(file: File, site: Site) -> Iterator[Report]:
    """Parameters whose default the catalogue knows not to work, all of a call together."""
    rows = [
        row
        for row in callables.rows(file.target.surface, RequiredChange, site)
        if row.old.default is not None and _is_unworkable(file, site, row)
    ]
    if not rows or not _is_used(file, site.call) or not live_call(file, site, *ANY):
        return
    names = [row.old.parameter for row in rows]
    verb = "its default does" if len(rows) == 1 else "their defaults do"
    # One argument a pass: their imports may want the same place.
    rewrite = calls.rewrite(file, site, rows[0], (rows[0].old.parameter,))
    yield Report(
        site.call,
        words.naming(
            f"`{site.shown}` is made without",
            names,
            f"and {verb} not work at {file.target.label}",
        ),
        rewrite,
        key=(site.shown, *names, "default"),
        notes=tuple(map(words.since, rows)),
        help=f"Pass {', '.join(f'`{name}=`' for name in names)}",
    )


def _is_unworkable(file: File, site: Site, row: RequiredChange) -> bool:
    name = row.old.parameter
    if not set(row.old.given) <= site.arguments.names:
        return False
    if callables.is_old_form(file.target.surface, site, row.id):
        return False  # The call is older than the parameter.
    parameters = [callee.function.parameter(name) for callee in site.callees]
    if any(p is None or p.default != row.old.default for p in parameters):
        return False
    if any(may_pass(site, callee.function, name) for callee in site.callees):
        return False
    if _is_of_no_trainer(file, site.call, row) and not _is_passed_to(file, site, name):
        return False
    return callables.has_needs(file.target.surface, row) and not _set_later(file, site.call, name)


def _is_of_no_trainer(file: File, call: ast.Call, row: RequiredChange) -> bool:
    """Whether a config's class stands beside all trainers, so that a loop of the project's own may train from it."""

    def is_class(value: Value) -> bool:
        return isinstance(value, LocalClass) or (
            isinstance(value, Ref) and file.resolver.types.is_class(value.path)
        )

    def stands_alone(value: Value) -> bool:
        match value:
            case LocalClass(info=OwnClass()):
                holder = call.func.value if isinstance(call.func, ast.Attribute) else None
                return holder is None or not any(map(is_class, file.values(holder)))
            case LocalClass(info=info):
                return not isinstance(file.program.parents[info.node], ast.ClassDef)
            case Ref(path=path):
                found = file.target.surface.lookup(path)
                own = found.path if isinstance(found, Class) else ""
                holder = file.target.surface.lookup(own.rpartition(".")[0])
                return bool(own) and own not in row.old.of and not isinstance(holder, Class)
            case _:
                return False

    return any(map(stands_alone, file.values(call.func))) and not any(
        _is_built(file, place) for place in _places_at_callers(file, call)
    )


def _is_passed_to(file: File, site: Site, name: str) -> bool:
    """Whether another call of the same class in the file passes an argument."""
    made = set(file.values(site.call.func))
    return any(
        name in other.arguments.names and made == set(file.values(other.call.func))
        for other in file.once(sites)
        if other.shown == site.shown
    )


def _places(file: File, made: ast.expr) -> list[ast.expr]:
    """Where what is made stands: there, or where the name is read that it gets."""
    parent = file.program.parents[made]
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        return list(file.program.loads_from(parent.targets[0]))
    return [made]


def _places_at_callers(file: File, made: ast.expr) -> list[ast.expr]:
    """As :func:`_places`, and where calls of the function stand that returns what is made."""
    found = _places(file, made)
    function = file.program.function(made)
    if isinstance(function, ast.FunctionDef) and any(
        isinstance(file.program.parents[place], ast.Return) for place in found
    ):
        for call in file.calls:
            if file.sole(call.func) == LocalFunction(function):
                places = _places(file, call)
                # Who gets it may fill it.
                if places == [call] or not any(_is_handed_on(file, place) for place in places):
                    found = [*found, *(place for place in places if live(file, place, *ANY))]
    return found


def _is_built(file: File, node: ast.expr) -> bool:
    """Whether a config is built, or given to the constructor of what it describes."""
    parent = file.program.parents[node]
    if isinstance(parent, ast.Attribute):
        return parent.attr == "build"
    return isinstance(parent, ast.Call) and parent.func is not node and _makes(file, parent)


def _is_used(file: File, call: ast.Call, within: frozenset[ast.Call] = frozenset()) -> bool:
    """Whether what is made is put to use: returned, built, or given to a constructor of torchtitan's, at once or later.

    A config that is only read may stay incomplete, and one that is passed to a function may be filled there.

    Args:
        file: The file.
        call: The call that makes it.
        within: The calls of which it is asked already whether what they make is put to use.
    """
    places = _places(file, call)
    within |= {call}
    return any(_is_kept(file, place, within) for place in places) and (
        places == [call] or not any(_is_handed_on(file, place) for place in places)
    )


def _is_handed_on(file: File, node: ast.expr) -> bool:
    """Whether a config is given to a function that may fill it: any but torchtitan's and Python's own."""
    call = file.program.parents[node]
    if isinstance(call, ast.keyword | ast.Starred):
        call = file.program.parents[call]
    if not isinstance(call, ast.Call) or call.func is node or _makes(file, call):
        return False
    return not file.agrees(
        call.func,
        lambda value: (
            isinstance(value, Ref) and value.path.startswith(("torchtitan.", "builtins."))
        ),
    )


def _is_kept(file: File, node: ast.expr, within: frozenset[ast.Call]) -> bool:
    parent = file.program.parents[node]
    match parent:
        case ast.Return():
            return True
        case ast.Lambda():
            # It is handed over, as a factory is. One that has a name of its own may be called for anything.
            return not isinstance(file.program.parents[parent], ast.Assign | ast.AnnAssign)
        case (
            ast.Assign(targets=[ast.Attribute(attr=name)])
            | ast.AnnAssign(target=ast.Attribute(attr=name))
        ):
            # Who holds it may fill it first.
            return any(
                read.attr == name and not _is_stored(file, read) and _is_kept(file, read, within)
                for read in file.program.reads
            )
        case ast.keyword():
            return _is_taken(file, file.program.parents[parent], within)
        case ast.Call():
            return parent.func is not node and _is_taken(file, parent, within)
        case _:
            return _is_built(file, node)


def _is_stored(file: File, node: ast.expr) -> bool:
    """Whether something is stored in another attribute."""
    return isinstance(file.program.parents[node], ast.Assign | ast.AnnAssign)


def _is_taken(file: File, call: ast.AST, within: frozenset[ast.Call]) -> bool:
    """Whether what a call is given is put to use: by a class of torchtitan's, or with a config that is put to use."""
    if not isinstance(call, ast.Call) or call in within or not _makes(file, call):
        return False
    return not _makes_config(file, call) or _is_used(file, call, within)


def _makes_config(file: File, call: ast.Call) -> bool:
    """Whether a call makes a config, which builds nothing itself."""
    made = (
        [value.path] if isinstance(value, Ref) else file.resolver.foreign_bases(value.info)
        for value in file.values(call.func)
        if isinstance(value, Ref | LocalClass)
    )
    return any(path is not None and path.endswith("Config") for paths in made for path in paths)


def _makes(file: File, call: ast.AST) -> bool:
    """Whether a call is that of a class, torchtitan's or one that is built on it: these build what they are given."""
    return isinstance(call, ast.Call) and file.agrees(
        call.func,
        lambda value: (
            (isinstance(value, LocalClass) and any(file.resolver.foreign_bases(value.info)))
            or (isinstance(value, Ref) and file.resolver.types.is_class(value.path))
        ),
    )


def _set_later(file: File, made: ast.Call, name: str) -> bool:
    """Whether the file sets the field on anything, or another one of the project may, before it is read."""
    if any(node.attr == name and isinstance(node.ctx, ast.Store) for node in file.attributes):
        return True
    readers = file.options.readers
    if readers is not None and not _is_built_here(file, made) and readers.set_field(name):
        return True
    return fills(file.program, name) or any(
        word.arg is None
        for call in file.program.called("replace", "setattr")
        for word in call.keywords
    )


def _is_built_here(file: File, made: ast.Call) -> bool:
    """Whether the function that makes a config also builds from it, before another file can have it."""
    function = file.program.function(made)
    for call in file.calls:
        match call.func:
            case ast.Attribute(value=owner, attr="build"):
                given = [owner]
            case _:
                given = [*call.args, *(word.value for word in call.keywords)]
                if not _makes(file, call):
                    continue
        if file.program.function(call) is function and any(
            isinstance(value, Instance) and value.call is made
            for node in given
            for value in file.values(node)
        ):
            return True
    return False
