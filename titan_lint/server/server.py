"""The server: which message of an editor leads to what."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from titan_lint.server.actions import FIX_ALL, Able, actions, resolved
from titan_lint.server.checks import Checks
from titan_lint.server.diagnostics import SOURCE, diagnostics
from titan_lint.server.documents import Document
from titan_lint.server.hover import hover
from titan_lint.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from titan_lint.server.checks import Checked

    class Features(Protocol):
        """As much of pygls's as is used here, which gives its functions no types."""

        def add_builtin_feature(self, feature_name: str, func: Callable[..., object]) -> None:
            """Have a function called for a message."""


_WATCHED = (
    *("**/*.py", "**/*.toml", "**/*.cfg", "**/*.lock", "**/Pipfile"),
    *("**/*.txt", "**/*.in", "**/*.yml", "**/*.yaml"),
)
"""What configurations, pins and the findings of other files may rest on."""


class Server(LanguageServer):
    """A server for one editor.

    Attributes:
        checks: The documents that are open, and what came of them.
    """

    def __init__(self) -> None:
        super().__init__(SOURCE, __version__)  # pyright: ignore[reportUnknownMemberType]
        self.checks = Checks(self._tell)
        # In the place of pygls's own; see titan_lint.server.documents.
        features = cast("Features", self.protocol.fm)
        features.add_builtin_feature(types.TEXT_DOCUMENT_DID_OPEN, self._open)
        features.add_builtin_feature(types.TEXT_DOCUMENT_DID_CHANGE, self._change)
        features.add_builtin_feature(types.TEXT_DOCUMENT_DID_CLOSE, self._close)

    def _open(self, params: types.DidOpenTextDocumentParams) -> None:
        encoding = self.server_capabilities.position_encoding or types.PositionEncodingKind.Utf16
        self.checks.change(Document.opened(params.text_document, encoding))

    def _change(self, params: types.DidChangeTextDocumentParams) -> None:
        about = params.text_document
        document = self.checks.document(about.uri)
        if document is not None:
            self.checks.change(document.changed(about.version, params.content_changes))

    def _close(self, params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        self.checks.end(uri)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def _tell(self, checked: Checked) -> None:
        document = checked.document
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(document.uri, diagnostics(checked), document.version)
        )


def server() -> Server:
    """Make a server, which begins with ``start_io``."""
    made = Server()
    feature = made.feature

    @feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions([types.CodeActionKind.QuickFix, FIX_ALL], resolve_provider=True),
    )
    async def _(params: types.CodeActionParams) -> list[types.CodeAction]:
        checks, only = made.checks, params.context.only
        checked = await checks.of(params.text_document.uri)
        if checked is None:
            return []
        able = Able.of(made.client_capabilities)
        return await checks.do(
            lambda: [*actions(checked, params.range, only, able, checks.session)]
        )

    @feature(types.CODE_ACTION_RESOLVE)
    async def _(action: types.CodeAction) -> types.CodeAction:
        document = made.checks.document(cast("dict[str, str]", action.data)["uri"])
        if document is None:
            return action
        able = Able.of(made.client_capabilities)
        return await made.checks.do(lambda: resolved(action, document, able, made.checks.session))

    @feature(types.TEXT_DOCUMENT_HOVER)
    async def _(params: types.HoverParams) -> types.Hover | None:
        checks = made.checks
        document = checks.document(params.text_document.uri)
        if document is None:
            return None
        return await checks.do(lambda: hover(document, params.position, checks.session))

    @feature(types.INITIALIZED)
    def _(_: types.InitializedParams) -> None:
        _watch(made)

    @feature(types.TEXT_DOCUMENT_DID_SAVE)
    def _(_: types.DidSaveTextDocumentParams) -> None:
        made.checks.again()

    @feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def _(_: types.DidChangeWatchedFilesParams) -> None:
        made.checks.again()

    return made


def _watch(server: Server) -> None:
    """Ask the editor to tell of files that change on disk, where it can."""
    workspace = server.client_capabilities.workspace
    watching = workspace and workspace.did_change_watched_files
    if not watching or not watching.dynamic_registration:
        return
    options = types.DidChangeWatchedFilesRegistrationOptions(
        [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
    )
    method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    server.client_register_capability(
        types.RegistrationParams([types.Registration(method, method, options)])
    )
