"""A setting that went to another config: from one constructor to the other, in one function."""

from __future__ import annotations

import ast

from titan_lint.finding import Obligation, unless
from titan_lint.fixes.calls import drop
from titan_lint.rewriting.operations import AddKeyword, RemoveKeyword, Rewrite
from titan_lint.uses.calls import sites
from titan_lint.uses.obligations import beside_each_other

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api.changes.rows import CallChange, MoveKeyword
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


def rewrite(
    file: File, site: Site, change: CallChange, new: MoveKeyword, names: Sequence[str]
) -> Rewrite | None:
    """Move the keyword to the one call, in the same function, of the class that has it now."""
    (name,) = names
    value = site.arguments.keywords[name].value
    if isinstance(value, ast.Constant) and repr(value.value) in new.drop:
        return drop.rewrite(file, site, change, new, names)
    home = file.target.surface.resolve(new.to)
    here = file.program.function(site.call)
    others = [
        other
        for other in file.once(sites)
        if other.complete
        and all(callee.path == home for callee in other.callees)
        and file.program.function(other.call) is here
    ]
    if not isinstance(value, ast.Constant) or len(others) != 1:
        return None
    (other,) = others
    if name in other.arguments.names or other.arguments.more_keywords:
        return None
    # Another config of that class, which does not say it, may be the one that is used with this one.
    mine = {callee.path for callee in site.callees}
    alone = not any(
        name not in each.arguments.names and mine & {callee.path for callee in each.callees}
        for each in file.once(sites)
    )
    owner = new.to.rpartition(".")[2]
    return Rewrite(
        f"Move `{name}` to `{owner}`",
        (
            RemoveKeyword(site.call, name),
            AddKeyword(other.call, name, file.program.text(value)),
        ),
        unless(alone and beside_each_other(file, site.call, other.call), Obligation.MEANT_FOR_IT),
    )
