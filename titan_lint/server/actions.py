"""What an editor offers to do about findings."""

from __future__ import annotations

from lsprotocol import types

from titan_lint import library
from titan_lint.check.noqa import add_noqa
from titan_lint.check.suppress import UNUSED
from titan_lint.code.source import Source
from titan_lint.finding import Applicability
from titan_lint.rewriting.edits import apply
from titan_lint.run.outcome import is_fixable
from titan_lint.server.diagnostics import of_finding
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from titan_lint.finding import Finding
    from titan_lint.server.checks import Checked
    from titan_lint.server.documents import Document

FIX_ALL = "source.fixAll.titan-lint"


class Able(Struct):
    """What an editor can do with an action.

    Attributes:
        resolves: Whether it asks for the edits of an action once that is chosen.
        versions: Whether it compares the version of the text that edits are made for.
    """

    resolves: bool
    versions: bool

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities) -> Able:
        """What an editor says that it can do."""
        text, workspace = capabilities.text_document, capabilities.workspace
        action = text.code_action if text else None
        resolved = action.resolve_support.properties if action and action.resolve_support else ()
        edits = workspace.workspace_edit if workspace else None
        return cls("edit" in resolved, bool(edits and edits.document_changes))

    def edit(self, document: Document, edits: Sequence[types.TextEdit]) -> types.WorkspaceEdit:
        """Edits of a document, as the editor takes them."""
        if not self.versions:
            return types.WorkspaceEdit({document.uri: [*edits]})
        of = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(of, [*edits])])


def actions(
    checked: Checked,
    where: types.Range,
    only: Sequence[str] | None,
    able: Able,
    session: library.Session,
) -> Iterator[types.CodeAction]:
    """What may be done about the findings in a part of a document.

    Args:
        checked: The document.
        where: The part.
        only: The kinds of actions that are asked for; ``None`` for all.
        able: What the editor can do.
        session: The checks that those of fixes are some of.
    """
    document = checked.document
    if _is_asked(types.CodeActionKind.QuickFix, only):
        for finding in checked.result.findings:
            if _meet(document.range(finding.span), where):
                yield from _about(checked, finding, able)
    if _is_asked(FIX_ALL, only):
        if any(is_fixable(finding, unsafe=False) for finding in checked.result.findings):
            action = types.CodeAction(
                "Fix all that titan-lint can fix safely", FIX_ALL, data={"uri": document.uri}
            )
            yield action if able.resolves else resolved(action, document, able, session)


def resolved(
    action: types.CodeAction, document: Document, able: Able, session: library.Session
) -> types.CodeAction:
    """The action that fixes all of a document, with its edits."""
    result = library.fix(document.text, document.path, session=session, force_exclude=True)
    action.edit = able.edit(document, document.towards(result.text))
    return action


def _about(checked: Checked, finding: Finding, able: Able) -> Iterator[types.CodeAction]:
    document, about = checked.document, [of_finding(checked, finding)]
    fix = finding.fix
    if fix is not None:
        is_safe = fix.applicability is Applicability.SAFE
        edits = [types.TextEdit(document.range(edit), edit.content) for edit in fix.edits]
        yield types.CodeAction(
            f"{fix.message} ({finding.code}{'' if is_safe else ', unsafe'})",
            types.CodeActionKind.QuickFix,
            about,
            is_preferred=is_safe,
            edit=able.edit(document, edits),
        )
    text = document.text.removeprefix(document.mark)
    added = add_noqa(Source(document.source.path, text), [finding])
    if finding.code != UNUSED and added.codes:
        yield types.CodeAction(
            f"Suppress {finding.code} here",
            types.CodeActionKind.QuickFix,
            about,
            edit=able.edit(document, document.towards(document.mark + apply(text, added.edits))),
        )


def _is_asked(kind: str, only: Sequence[str] | None) -> bool:
    """Whether an action's kind is one of those that are asked for, or below one."""
    # A kind may be an enumeration's, which an f-string would show by its name.
    return not only or any((kind + ".").startswith(asked + ".") for asked in only)


def _meet(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges have something in common, if only an end."""
    return one.start <= other.end and other.start <= one.end
