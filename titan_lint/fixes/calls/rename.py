"""Another keyword for the same thing, its value carried over or, where the row lists it, replaced."""

from __future__ import annotations

import ast

from titan_lint.code.values import Const
from titan_lint.finding import Applicability, Obligation, unless
from titan_lint.rewriting.operations import Operation, RenameKeyword, ReplaceExpression, Rewrite
from titan_lint.uses.fields import is_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api.changes.rows import CallChange, Rename
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


def refused(file: File, site: Site, parameter: str, name: str) -> list[str]:
    """What a keyword may be given that torchtitan refuses for a parameter, in code."""
    given = [
        v.value for v in file.values(site.arguments.keywords[name].value) if isinstance(v, Const)
    ]
    takers = [made for c in site.callees if (made := c.function.parameter(parameter)) is not None]
    return [repr(v) for v in given if any(made.refusal(v) is not None for made in takers)]


def rewrite(
    file: File, site: Site, change: CallChange, new: Rename, names: Sequence[str]
) -> Rewrite | None:
    """Rename the one keyword that the row is about."""
    (name,) = names
    keyword = site.arguments.keywords[name]
    parameters = [callee.function.parameter(new.rename) for callee in site.callees]
    if new.rename in site.arguments.names or not all(parameters):
        return None
    if new.values is None and refused(file, site, new.rename, name):
        return None
    operations: list[Operation] = [RenameKeyword(keyword, new.rename)]
    shown = new.rename
    if new.values is not None:
        written = ast.unparse(keyword.value) if isinstance(keyword.value, ast.Constant) else ""
        allowed = {choice for parameter in parameters if parameter for choice in parameter.choices}
        value = next((v for v in new.values.get(written, ()) if v in allowed), None)
        if value is None:
            return None
        operations.append(ReplaceExpression(keyword.value, f'"{value}"'))
        shown = f'{new.rename}="{value}"'
    return Rewrite(
        f"Write `{shown}` for `{name}`",
        tuple(operations),
        unless(change.applicability is Applicability.SAFE, Obligation.STATED)
        + unless(not is_named(file.program, name), Obligation.WHOLE_RENAME),
    )
