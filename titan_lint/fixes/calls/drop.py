"""Leave an argument out: safe where its value said what now always holds."""

from __future__ import annotations

import ast

from titan_lint.code.values import Const
from titan_lint.finding import Applicability, Obligation, unless
from titan_lint.rewriting.operations import RemoveKeyword, Rewrite
from titan_lint.uses.obligations import effects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api.changes.rows import CallChange, Drop, MoveKeyword
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


def rewrite(
    file: File, site: Site, change: CallChange, new: Drop | MoveKeyword, names: Sequence[str]
) -> Rewrite | None:
    """Drop the keywords that the row is about; ``None`` where a value does more than read, or may matter."""
    because: tuple[Obligation, ...] = ()
    for name in names:
        node = site.arguments.keywords[name].value
        if file.once(effects).acts(node) is not None:
            return None
        value = file.sole(node)
        text = repr(value.value) if isinstance(value, Const) else ast.unparse(node)
        if text in new.drop or "*" in new.drop:
            continue
        if change.applicability is None:
            return None
        because = unless(change.applicability is Applicability.SAFE, Obligation.STATED)
    shown = ", ".join(f"`{name}`" for name in names)
    return Rewrite(
        f"Drop {shown}",
        tuple(RemoveKeyword(site.call, name) for name in names),
        because,
    )
