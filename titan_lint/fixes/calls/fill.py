"""Pass what the target has no working default for."""

from __future__ import annotations

from titan_lint.finding import Applicability, Obligation, unless
from titan_lint.fixes.calls.layout import call_with, indentation
from titan_lint.rewriting.operations import AddKeyword, EnsureImport, Operation, Rewrite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api.changes.rows import CallChange, Fill
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


def rewrite(
    file: File, site: Site, change: CallChange, new: Fill, names: Sequence[str]
) -> Rewrite | None:
    """Add the keyword with the value that the row gives, and import what that needs."""
    (name,) = names
    value = new.value
    one_line = "\n" not in value
    operations: list[Operation] = (
        [AddKeyword(site.call, name, value)]
        if one_line
        else call_with(file, site.call, name, indentation(file, value), ())
    )
    module, _, imported = new.import_.rpartition(".")
    operations.append(EnsureImport(module, imported, site.call))
    return Rewrite(
        f"Pass `{name}={value if one_line else '...'}`",
        tuple(operations),
        unless(change.applicability is Applicability.SAFE, Obligation.STATED),
    )
