"""Name the one positional argument of a call that now is for another parameter."""

from __future__ import annotations

from titan_lint.code.values import Const
from titan_lint.finding import Applicability, Obligation, unless
from titan_lint.rewriting.operations import NameArguments, Rewrite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api.changes.rows import CallChange, NameArgument
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


def rewrite(
    file: File, site: Site, change: CallChange, new: NameArgument, names: Sequence[str]
) -> Rewrite | None:
    """Pass the argument at the row's position by the parameter's name: safe for a string."""
    (name,) = names
    arguments = site.arguments.positional
    if len(arguments) != new.position + 1 or site.arguments.more_positional:
        return None
    value = file.sole(arguments[new.position])
    text = isinstance(value, Const) and isinstance(value.value, str)
    return Rewrite(
        f"Name `{name}=`",
        (NameArguments(site.call, ((site.call.args.index(arguments[new.position]), name),)),),
        unless(text or change.applicability is Applicability.SAFE, Obligation.VALUE_TAKEN),
    )
