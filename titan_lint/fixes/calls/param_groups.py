"""One optimizer's settings become a parameter group, with the old defaults filled in.

Where torchtitan has a function that makes that very config, ``default_adamw``, it is called instead.
"""

from __future__ import annotations

import ast

from titan_lint.api.signatures import Function
from titan_lint.code import uses
from titan_lint.code.values import Instance, LocalClass, Ref
from titan_lint.code.walk import walk
from titan_lint.finding import Obligation, unless
from titan_lint.fixes.calls.layout import call_with, indentation
from titan_lint.rewriting.operations import (
    AddKeyword,
    EnsureImport,
    Moved,
    MoveImport,
    Operation,
    RemoveKeyword,
    ReplaceExpression,
    Rewrite,
)
from titan_lint.structs import Struct
from titan_lint.uses import carried
from titan_lint.uses.calls import live_call, sites
from titan_lint.uses.fields import asks, held_as
from titan_lint.uses.obligations import effects, is_asked_for, is_its_own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api.changes.rows import CallChange, ParamGroups
    from titan_lint.code.names import Binding
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File

_GROUPS = "param_groups"
_TEMPLATE = """\
[
    {group}(
        pattern=r".*",
        optimizer_name={name},
        optimizer_kwargs={{
            "lr": {lr},
            "betas": ({beta1}, {beta2}),
            "eps": {eps},
            "weight_decay": {weight_decay},
        }},
    )
]"""


def rewrite(
    file: File, site: Site, change: CallChange, new: ParamGroups, names: Sequence[str]
) -> Rewrite | None:
    """Build ``param_groups=[ParamGroupConfig(...)]`` from ``name``, ``lr`` and so on."""
    arguments = site.arguments
    if arguments.more_keywords or arguments.spread or _GROUPS in arguments.keywords:
        return None
    made = _by_function(file, site, new)
    if made is not None:
        return made
    passed = [arguments.keywords[name].value for name in names]
    if any(isinstance(part, _BARE) for node in passed for part in walk(node)):
        return None
    values = dict(new.defaults)
    values.update((name, file.program.text(arguments.keywords[name].value)) for name in names)
    module, _, group = new.import_.rpartition(".")
    value = indentation(file, _TEMPLATE.format(group=group, **values))
    return Rewrite(
        f"Write `{_GROUPS}=[{group}(...)]`, with the old defaults for what is not passed",
        (
            *call_with(file, site.call, _GROUPS, value, names),
            EnsureImport(module, group, site.call),
        ),
        unless(not any(_acts(file, value) for value in passed), Obligation.SAME_VALUE)
        + unless(not _is_read(file, site, new), Obligation.WHOLE_RENAME),
    )


def _is_read(file: File, site: Site, new: ParamGroups) -> bool:
    """Whether anybody reads such settings off a config, which has none of them now."""
    if _is_asked(file, site, new):
        return True
    if not any(isinstance(value, LocalClass) for value in file.values(site.function)):
        return False
    given = {part for part in walk(site.call) if isinstance(part, ast.Attribute)}
    if any(node.attr in new.defaults and node not in given for node in file.attributes):
        return True
    readers = file.options.readers
    # What else a project has a `name` says nothing of its optimizers.
    return readers is not None and any(
        readers.read_field(name) for name in new.defaults if name != "name"
    )


def _is_asked(file: File, site: Site, new: ParamGroups) -> bool:
    """Whether anybody asks what a trainer's config holds for such settings: ``config.optimizer.lr``.

    The file may also ask what it makes itself.
    """
    surfaces = [other.target.surface for other in (file, *file.siblings)]
    made = {callee.cls.path for callee in site.callees if callee.cls}
    if any(
        node.attr in new.defaults
        and any(isinstance(one, Instance) and one.cls in made for one in file.values(node.value))
        for node in file.attributes
    ):
        return True
    holders = held_as(surfaces, made)
    readers = file.options.readers
    if holders and (
        asks(file.program, new.defaults, holders, made=site.call)
        or (readers is not None and readers.ask_of(new.defaults, holders))
    ):
        return True
    # What else a project has a `name` says nothing of its optimizers.
    return carried.is_asked(file, site.call, [name for name in new.defaults if name != "name"])


def _by_function(file: File, site: Site, new: ParamGroups) -> Rewrite | None:
    """Call the function that makes the config; ``None`` where it makes another one, or has no name.

    All calls of the class in a file are rewritten together, and its import with them.
    """
    module, _, name = new.function.rpartition(".")
    owner = site.function.value if isinstance(site.function, ast.Attribute) else None
    if owner is None or not _makes(file, site, new):
        return None
    short = _short(file, site, new)
    if short is None:
        return None
    because = unless(not _is_out_of_order(file, site), Obligation.SAME_VALUE)
    because += unless(is_its_own(file, site.call), Obligation.MEANT_FOR_IT)
    because += unless(not _is_asked(file, site, new), Obligation.WHOLE_RENAME)
    message = f"Call `{name}`"
    if isinstance(owner, ast.Attribute):
        if file.sole(owner.value) != Ref(module):
            return None
        code = f"{file.program.text(owner.value)}.{name}"
        return Rewrite(message, (ReplaceExpression(site.function, code), *short), because)
    bindings = file.program.bindings.of(owner) if isinstance(owner, ast.Name) else []
    if len(bindings) != 1 or not uses.is_free(file.program, module, name):
        return None
    (binding,) = bindings
    # All calls of the class ask for the same: hundreds of them, each for all.
    joined = file.once(_joined)
    if binding not in joined:
        joined[binding] = _joint(file, binding, new)
    joint = joined[binding]
    if joint.stays:
        replaced = ReplaceExpression(site.function, name)
        return Rewrite(message, (replaced, *short, EnsureImport(module, name, site.call)), because)
    return joint.rewrite


class _Joint(Struct):
    """What all uses of an imported class become together.

    Attributes:
        rewrite: The rewrite; ``None`` where the import has to stay.
        stays: Whether some use is none that the function takes the place of.
    """

    rewrite: Rewrite | None = None
    stays: bool = False


def _joined(_: File) -> dict[Binding, _Joint]:
    return {}


def _joint(file: File, binding: Binding, new: ParamGroups) -> _Joint:
    program = file.program
    module, _, name = new.function.rpartition(".")
    alias, statement = binding.node, program.parents.get(binding.node)
    if not isinstance(alias, ast.alias) or not isinstance(statement, ast.ImportFrom):
        return _Joint()
    mine = {
        other.function.value: other
        for other in file.once(sites)
        if isinstance(other.function, ast.Attribute)
    }
    operations: list[Operation] = [MoveImport(statement, module, (Moved(alias, name),))]
    is_ordered = is_its = is_whole = True
    for use in program.loads(binding):
        site = mine.get(use)
        more = _short(file, site, new) if site and live_call(file, site, TypeError) else None
        if site is None or more is None or not _makes(file, site, new):
            return _Joint(stays=True)
        operations += [ReplaceExpression(site.function, name), *more]
        is_ordered = is_ordered and not _is_out_of_order(file, site)
        is_its = is_its and is_its_own(file, site.call)
        is_whole = is_whole and not _is_asked(file, site, new)
    bound = alias.asname or alias.name
    is_ours = uses.only(program, binding) and not is_asked_for(file, binding, bound)
    if not is_ours or uses.quoted(program, bound):
        return _Joint()
    because = unless(is_ordered, Obligation.SAME_VALUE)
    because += unless(is_its, Obligation.MEANT_FOR_IT)
    because += unless(is_whole, Obligation.WHOLE_RENAME)
    return _Joint(Rewrite(f"Call `{name}`", tuple(operations), because))


def _makes(file: File, site: Site, new: ParamGroups) -> bool:
    """Whether the function makes the class that is called, at every target."""
    for other in (file, *file.siblings):
        function = other.target.surface.lookup(new.function) if new.function else None
        if not isinstance(function, Function):
            return False
        for callee in site.callees:
            cls = other.target.surface.lookup(callee.cls.path) if callee.cls else None
            if cls is None or cls.path != function.returns:
                return False
    return True


def _short(file: File, site: Site, new: ParamGroups) -> list[Operation] | None:
    """What else changes at a call that the function takes the place of; ``None`` where it cannot."""
    arguments, call = site.arguments, site.call
    given = arguments.keywords
    if call.args or arguments.more_keywords or arguments.spread or not given:
        return None
    if not given.keys() <= new.defaults.keys() or call.func is not site.function:
        return None
    found: list[Operation] = []
    if "name" in given:
        if file.program.text(given["name"].value).strip("'\"") != new.defaults["name"].strip('"'):
            return None
        found.append(RemoveKeyword(call, "name"))
    betas = [name for name in ("beta1", "beta2") if name in given]
    if betas:
        values = new.defaults | {name: file.program.text(given[name].value) for name in betas}
        if any(isinstance(part, _BARE) for name in betas for part in walk(given[name].value)):
            return None
        found.append(AddKeyword(call, "betas", f"({values['beta1']}, {values['beta2']})"))
        found += [RemoveKeyword(call, name) for name in betas]
    return found


def _is_out_of_order(file: File, site: Site) -> bool:
    """Whether arguments that act are worked out in another order."""
    given = site.arguments.keywords
    is_moved = "beta1" in given or "beta2" in given
    return is_moved and any(_acts(file, keyword.value) for keyword in given.values())


# Expressions that need parentheses of their own where they are put.
_BARE = ast.NamedExpr | ast.Yield | ast.YieldFrom


def _acts(file: File, node: ast.expr) -> bool:
    """Whether the order in which it is worked out may matter."""
    return (
        any(isinstance(part, ast.Call | ast.Await) for part in walk(node))
        or file.once(effects).acts(node) is not None
    )
