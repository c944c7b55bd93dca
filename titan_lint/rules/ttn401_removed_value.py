"""TTN401 removed-value."""

from __future__ import annotations

import ast

from titan_lint.api import Class, Parameter
from titan_lint.api.changes.rows import ValueChange
from titan_lint.code.values import Const, Instance
from titan_lint.finding import Applicability, Obligation, Severity, unless
from titan_lint.rewriting.operations import NameArguments, ReplaceExpression, Rewrite
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule, by_default, in_branch
from titan_lint.structs import replace
from titan_lint.uses.attention.registry import PARAMETER, is_registry, misplaced
from titan_lint.uses.calls import Callee, Site, callables, live_call, sites
from titan_lint.uses.calls.arguments import spread_value
from titan_lint.uses.calls.binding import bound
from titan_lint.uses.calls.copies import copies
from titan_lint.uses.calls.partials import is_overridden, may_be_overridden
from titan_lint.uses.calls.repaired import may_be_repaired
from titan_lint.uses.class_defaults import is_class_default
from titan_lint.uses.compared import compared
from titan_lint.uses.fallbacks import branches, fallback
from titan_lint.uses.guards import live, may_give, refusing
from titan_lint.uses.obligations import compared_nowhere

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.api.hints import Constant
    from titan_lint.uses.compared import Compared
    from titan_lint.uses.file import File


class RemovedValue(Rule):
    """A literal that the target's parameter or field does not take.

    ## What it does
    Compares literals with what the target allows: the values that the function or config rejects with a
    raise, and the choices of a `Literal[...]` annotation. Nothing checks an annotation, so a value that it
    does not list counts only where an earlier torchtitan listed it. A raise counts where it is about the value
    as it was given: `async_mode` of a checkpointer, which is put into lower case first, is not judged. Arguments are looked at, those of
    `dataclasses.replace` among them, and assignments to fields of configs whose type is known. A value
    that has a new name is looked for in comparisons with such a field, too. The attention backend and
    the flavor of a `model_registry` have rules of their own. The default of a parameter, of a field or of
    `os.environ.get`, and what stands behind `or`, is a warning: it counts where nobody gives another value.
    So is a value that counts in one branch, or one round of a loop, of several; it is left alone where the file
    tests the value, or where the condition may tell versions apart.

    ## Why is this bad?
    The call raises `ValueError`, or a later comparison with the known values fails. Where nothing but
    an annotation says what is taken, the call itself works, and it is a warning. So is a comparison with
    a value that the field never has any more: its other side is always taken.

    ## Fix safety
    Safe: the fix writes the new name of the same thing. An attention backend that is passed by
    position where gpt_oss takes another parameter gets its name, which is unsafe: the call fails, so
    nothing tells whether the backend still is what is meant. In a comparison the new name is unsafe:
    what else is compared with the old one may be out of sight. Other values are only explained.
    """

    sources = (
        Citation(
            '"default" is renamed to "partial_dtensor"',
            "pytorch/torchtitan 5ab3a0fd1",
            "2026-08-18",
        ),
        Citation("tensorwise Float8 removed", "pytorch/torchtitan 6348d93d1", "2026-04-27"),
    )
    rests_on = (
        Obligation.STATED,
        Obligation.MEANT_FOR_IT,
        Obligation.WHOLE_RENAME,
    )
    bad = (
        Example(
            code="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(spmd_backend="default")
""",
            fixed="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(spmd_backend="partial_dtensor")
""",
        ),
        Example(
            about="on a field",
            code="""\
from torchtitan.trainer import Trainer


def configure(config: Trainer.Config):
    config.parallelism.spmd_backend = "default"
    return config
""",
            fixed="""\
from torchtitan.trainer import Trainer


def configure(config: Trainer.Config):
    config.parallelism.spmd_backend = "partial_dtensor"
    return config
""",
        ),
        Example(
            about="the second parameter of gpt_oss is another one",
            code="""\
from torchtitan.models.gpt_oss import model_registry

spec = model_registry("20b", "flex")
""",
            fixed="""\
from torchtitan.models.gpt_oss import model_registry

spec = model_registry("20b", attn_backend="flex")
""",
            safe=False,
        ),
        Example(
            about="gone without a new name",
            code="""\
from torchtitan.components.quantization.float8 import Float8LinearConverter

converter = Float8LinearConverter.Config(recipe_name="tensorwise")
""",
        ),
        Example(
            about="compared with what it is called no more",
            code="""\
from torchtitan.trainer import Trainer


def shards(config: Trainer.Config):
    return config.parallelism.spmd_backend != "default"
""",
            fixed="""\
from torchtitan.trainer import Trainer


def shards(config: Trainer.Config):
    return config.parallelism.spmd_backend != "partial_dtensor"
""",
            safe=False,
        ),
    )
    good = (
        Example(
            code="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(spmd_backend="full_dtensor")
""",
        ),
        Example(
            about="known at its own version",
            torchtitan="2026-06-15",
            code="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(spmd_backend="default")
""",
        ),
        Example(
            about="the new name is asked for, too",
            code="""\
from torchtitan.trainer import Trainer


def shards(config: Trainer.Config):
    return config.parallelism.spmd_backend not in ("default", "partial_dtensor")
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for site in (*file.once(sites), *file.once(copies)):
            yield from _arguments(file, site)
        for node in file.attributes:
            if isinstance(node.ctx, ast.Store):
                yield from _stored(file, node)
        for one in compared(file):
            yield from _asked(file, one)


def _arguments(file: File, site: Site) -> Iterator[Report]:
    spread = {n: spread_value(file, key) for n, key in site.arguments.spread.items()}
    names = {name for callee in site.callees for name in bound(site, callee.function)}
    names |= spread.keys()
    for name in sorted(names):
        if name in (PARAMETER, "flavor") and is_registry(site.callees[0].path):
            continue
        given = [
            bound(site, callee.function).get(name, spread.get(name)) for callee in site.callees
        ]
        parameters = [callee.function.parameter(name) for callee in site.callees]
        node = given[0]
        if node is None or any(other is not node for other in given):
            continue
        if is_overridden(file, site, node, name) or may_be_repaired(file, site, name):
            continue
        value = file.sole(node)
        is_given = isinstance(value, Const) and not is_class_default(file, node)
        if not is_given:
            value = fallback(file, node)
        if not isinstance(value, Const):
            for part, chosen in branches(file, node):
                report = _judged(file, site, name, part, chosen, parameters)
                if report is not None:
                    yield in_branch(report, part)
            continue
        if is_given and not may_give(file, node, value.value):
            continue
        report = _judged(file, site, name, node, value, parameters)
        if report is not None:
            if name in spread and site.call not in file.program.ancestors(node):
                report = replace(report, rewrite=None)  # others may be given the dictionary, too
            is_sure = is_given and not may_be_overridden(file, site, node)
            yield report if is_sure else by_default(report)


def _judged(
    file: File,
    site: Site,
    name: str,
    node: ast.expr,
    value: Const,
    parameters: list[Parameter | None],
) -> Report | None:
    """What is said of one value of an argument; ``None`` where the target may take it."""
    reasons = [
        _refusal(file, c, p, value.value) if p is not None else None
        for c, p in zip(site.callees, parameters, strict=True)
    ]
    raised = refusing(reasons)
    if not (all(reasons) and live(file, node, *raised) and live_call(file, site, *raised)):
        return None
    row = _row(callables.rows(file.target.surface, ValueChange, site), name, value.value)
    report = _report(file, node, value, name, reasons[0] or "", row, _allowed(parameters))
    checked = any(p.refusal(value.value) is not None for p in parameters if p is not None)
    return _named(file, site, report) or (
        report if checked else replace(report, severity=Severity.WARNING)
    )


def _named(file: File, site: Site, report: Report) -> Report | None:
    """What is said of an attention backend that stands where a registry takes something else."""
    functions = [callee.function for callee in site.callees]
    if not is_registry(functions[0].path):
        return None
    node = misplaced(file, site.call, functions)
    if node is None or node is not report.node:
        return None
    rewrite = None
    if node is site.call.args[-1] and PARAMETER not in site.arguments.names:
        names = ((len(site.call.args) - 1, PARAMETER),)
        operations = (NameArguments(site.call, names),)
        rewrite = Rewrite(f"Name `{PARAMETER}=`", operations, (Obligation.STATED,))
    return replace(
        report,
        rewrite=rewrite,
        key=(*report.key, PARAMETER),
        notes=(*report.notes, "it names an attention backend"),
        help=f"Pass it as `{PARAMETER}=`",
    )


def _stored(file: File, node: ast.Attribute) -> Iterator[Report]:
    statement = file.program.parents[node]
    if not isinstance(statement, ast.Assign) or statement.targets != [node]:
        return
    value = file.sole(statement.value)
    owner = file.sole(node.value) if isinstance(value, Const) else None
    if not isinstance(owner, Instance) or not isinstance(value, Const):
        return
    refused = _refused(file, owner.cls, node.attr, value.value)
    if refused is None:
        return
    field, reason, row = refused
    if may_give(file, statement.value, value.value) and live(file, node, *refusing((reason,))):
        yield _report(file, statement.value, value, node.attr, reason, row, _allowed([field]))


def _refused(
    file: File, path: str, name: str, value: object
) -> tuple[Parameter, str, ValueChange | None] | None:
    """A field of a class, why it takes no such value, and the row about it; ``None`` where it may."""
    surface = file.target.surface
    cls = surface.lookup(path) if path.startswith("torchtitan") else None
    constructor = cls.constructor() if isinstance(cls, Class) else None
    field = constructor.parameter(name) if constructor is not None else None
    if not isinstance(cls, Class) or constructor is None or field is None:
        return None
    # Who sets a field to nothing means to fill it later, unless that once was one of its values.
    if value is None and not callables.once_allowed(surface, (cls.path,), name, value):
        return None
    reason = _refusal(file, Callee(constructor, cls), field, value)
    rows = callables.rows_of_class(file.target.surface, ValueChange, cls)
    return None if reason is None else (field, reason, _row(rows, name, value))


def _asked(file: File, one: Compared) -> Iterator[Report]:
    """A comparison with a value that has a new name, which the file itself does not know."""
    refused = [_refused(file, cls, name, one.value) for cls, name in one.fields]
    if refused[0] is None or None in refused:
        return
    field, reason, row = refused[0]
    new = _successor(row, one.value)
    if new is None or _is_named(file, ast.literal_eval(new)) or not live(file, one.node):
        return
    report = _report(file, one.node, Const(one.value), field.name, reason, row, _allowed([field]))
    shown = words.short(_shown(one.value))
    yield replace(
        report,
        message=f"`{field.name}` is never `{shown}` at {file.target.label}",
        severity=Severity.WARNING,
        key=(*report.key, "compared"),
    )


def _is_named(file: File, value: object) -> bool:
    """Whether a literal stands anywhere in the file."""
    return any(_same(node.value, value) for node in file.program.of(ast.Constant))


def _successor(row: ValueChange | None, value: object) -> str | None:
    """Source text of the new name of a value; ``None`` without one."""
    return row.new.values.get(repr(value)) if row is not None and row.new is not None else None


def _report(
    file: File,
    node: ast.expr,
    value: Const,
    name: str,
    reason: str,
    row: ValueChange | None,
    allowed: list[tuple[Constant, ...]],
) -> Report:
    text = f"`{name}` does not take `{words.short(_shown(value.value))}` at {file.target.label}"
    key = (name, _shown(value.value))
    if row is None:
        return Report(node, text, key=(*key, reason), notes=(reason,))
    notes = (words.since(row),)
    new = _successor(row, value.value)
    explained = Report(node, text, key=key, notes=notes)
    if new is None:
        return explained
    replacement = ast.literal_eval(new)
    if any(choices and not _among(replacement, choices) for choices in allowed):
        return explained
    if not isinstance(node, ast.Constant):
        return replace(explained, help=f"Write `{_shown(replacement)}`")
    quote = file.program.text(node)[:1]
    code = f"{quote}{replacement}{quote}" if isinstance(replacement, str) else new
    return Report(
        node,
        text,
        Rewrite(
            f"Write `{_shown(replacement)}`",
            (ReplaceExpression(node, code),),
            (
                *unless(row.applicability is Applicability.SAFE, Obligation.STATED),
                *unless(
                    compared_nowhere(file, name, value.value, own=True), Obligation.WHOLE_RENAME
                ),
            ),
        ),
        key=key,
        notes=notes,
    )


def _refusal(file: File, callee: Callee, parameter: Parameter, value: object) -> str | None:
    """Why a parameter takes no such value; ``None`` where it may."""
    message = parameter.refusal(value)
    if message is not None:
        return message or f"it takes {_listed(parameter.accepts or ())}"
    if parameter.accepts is not None:
        return None
    # Nothing checks an annotation: what it does not list counts where it once did.
    if not parameter.choices or _among(value, parameter.choices):
        return None
    paths = tuple(dict.fromkeys(filter(None, (callee.written, callee.path))))
    if not callables.once_allowed(file.target.surface, paths, parameter.name, value):
        return None
    return f"it takes {_listed(parameter.choices)}"


def _allowed(parameters: Iterable[Parameter | None]) -> list[tuple[Constant, ...]]:
    return [p.accepts if p.accepts is not None else p.choices for p in parameters if p is not None]


def _row(rows: Iterable[ValueChange], name: str, value: object) -> ValueChange | None:
    for row in rows:
        if row.old.parameter == name and repr(value) in row.old.values:
            return row
    return None


def _among(value: object, known: Iterable[Constant]) -> bool:
    return any(_same(other, value) for other in known)


def _same(one: object, other: object) -> bool:
    """Equality that tells ``True`` from ``1``."""
    return type(one) is type(other) and one == other


def _listed(values: Iterable[Constant]) -> str:
    return ", ".join(f"`{_shown(value)}`" for value in values)


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
