"""One optimizer's settings become a parameter group, with the old defaults filled in."""

from __future__ import annotations

import ast

from titan_lint.code.walk import walk
from titan_lint.finding import Obligation, unless
from titan_lint.fixes.calls.layout import call_with, indentation
from titan_lint.rewriting.operations import EnsureImport, Rewrite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api.changes.rows import CallChange, ParamGroups
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
        unless(not any(map(_acts, passed)), Obligation.SAME_VALUE),
    )


# Expressions that need parentheses of their own where they are put.
_BARE = ast.NamedExpr | ast.Yield | ast.YieldFrom


def _acts(node: ast.expr) -> bool:
    """Whether the order in which it is worked out may matter."""
    return any(isinstance(part, ast.Call | ast.Await) for part in walk(node))
