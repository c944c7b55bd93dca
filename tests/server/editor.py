"""An editor, as far as the server can tell: what is open in it, and what it was told of that."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.protocol import default_converter
from pygls.uris import from_fs_path
from pytest_lsp import ClientServerConfig, LanguageClient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SECONDS = 20
"""How long an answer may take before the test gives up."""


class Editor(LanguageClient):
    """A client that remembers what it was told, with the version of the text that it is about."""

    def __init__(self) -> None:
        super().__init__(converter_factory=default_converter)
        self.told: list[types.PublishDiagnosticsParams] = []
        self.asked_to_watch: list[types.Registration] = []
        self._versions: dict[str, int] = {}
        self._news = asyncio.Event()
        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self._take(params))
        self.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda params: self._register(params))

    def _take(self, params: types.PublishDiagnosticsParams) -> None:
        self.told.append(params)
        self._news.set()

    def _register(self, params: types.RegistrationParams) -> None:
        self.asked_to_watch += params.registrations

    async def start(
        self,
        *,
        encodings: Sequence[types.PositionEncodingKind] = (),
        resolves: bool = False,
        versions: bool = False,
        roots: Sequence[Path] = (),
    ) -> types.InitializeResult:
        """Begin a session."""
        return await self.initialize_session(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(
                    general=types.GeneralClientCapabilities(position_encodings=[*encodings]),
                    workspace=types.WorkspaceClientCapabilities(
                        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
                            dynamic_registration=True
                        ),
                        workspace_edit=types.WorkspaceEditClientCapabilities(
                            document_changes=versions
                        ),
                    ),
                    text_document=types.TextDocumentClientCapabilities(
                        code_action=types.CodeActionClientCapabilities(
                            resolve_support=types.ClientCodeActionResolveOptions(["edit"])
                            if resolves
                            else None
                        )
                    ),
                ),
                workspace_folders=[types.WorkspaceFolder(uri(root), root.name) for root in roots],
            )
        )

    async def open(self, path: Path, text: str) -> list[types.Diagnostic]:
        """Open a window with a text, and wait for what is said of it."""
        self._versions[uri(path)] = 1
        self.text_document_did_open(
            types.DidOpenTextDocumentParams(
                types.TextDocumentItem(uri(path), types.LanguageKind.Python, 1, text)
            )
        )
        return await self.diagnosed(path)

    def edit(self, path: Path, *changes: types.TextDocumentContentChangeEvent) -> None:
        """Change what stands in a window."""
        self._versions[uri(path)] += 1
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(
                    uri=uri(path), version=self._versions[uri(path)]
                ),
                [*changes],
            )
        )

    async def type(
        self, path: Path, start: tuple[int, int], end: tuple[int, int], text: str
    ) -> list[types.Diagnostic]:
        """Put a text in the place of another one, and wait for what is said then."""
        where = types.Range(types.Position(*start), types.Position(*end))
        self.edit(path, types.TextDocumentContentChangePartial(where, text))
        return await self.diagnosed(path)

    async def replace(self, path: Path, text: str) -> list[types.Diagnostic]:
        """Put a text in the place of all of a window's, and wait for what is said then."""
        self.edit(path, types.TextDocumentContentChangeWholeDocument(text))
        return await self.diagnosed(path)

    def save(self, path: Path) -> None:
        """Say that a window was saved."""
        self.text_document_did_save(
            types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri(path)))
        )

    def tell_changed(self, path: Path) -> None:
        """Say that a file has changed on disk."""
        change = types.FileEvent(uri(path), types.FileChangeType.Changed)
        self.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))

    async def actions(
        self,
        path: Path,
        start: tuple[int, int] = (0, 0),
        end: tuple[int, int] = (99, 0),
        *only: str,
    ) -> list[types.CodeAction]:
        """Ask what may be done about a part of a window."""
        found = await self.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(uri(path)),
                types.Range(types.Position(*start), types.Position(*end)),
                types.CodeActionContext([], [*only] or None),
            )
        )
        return [action for action in found or () if isinstance(action, types.CodeAction)]

    async def hover(self, path: Path, line: int, character: int) -> tuple[str, types.Range] | None:
        """Ask what stands at a place: the text that is shown, and what it is about."""
        found = await self.text_document_hover_async(
            types.HoverParams(
                types.TextDocumentIdentifier(uri(path)), types.Position(line, character)
            )
        )
        if found is None:
            return None
        assert isinstance(found.contents, types.MarkupContent)
        assert found.range is not None
        return found.contents.value, found.range

    async def close(self, path: Path) -> None:
        """Close a window."""
        self.told.clear()
        self.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri(path)))
        )
        while not self.told:
            await self._wait()

    async def end(self) -> int | None:
        """End the session, and wait for the server to end; its exit status."""
        await self.shutdown_session()
        assert self._server is not None
        status = await self._server.wait()
        await self.stop()
        return status

    async def diagnosed(self, path: Path) -> list[types.Diagnostic]:
        """Wait for what is said of the text that is in a window now."""
        while True:
            for told in reversed(self.told):
                if told.uri == uri(path) and told.version == self._versions[uri(path)]:
                    return [*told.diagnostics]
            await self._wait()

    async def diagnosed_again(self, path: Path) -> list[types.Diagnostic]:
        """Wait for what is said anew of the text that is in a window."""
        self.told.clear()
        return await self.diagnosed(path)

    async def _wait(self) -> None:
        self._news.clear()
        await asyncio.wait_for(self._news.wait(), SECONDS)


def uri(path: Path) -> str:
    """How an editor names a file."""
    named = from_fs_path(str(path))
    assert named is not None
    return named


def seen(diagnostics: Sequence[types.Diagnostic]) -> list[tuple[object, int, int, int]]:
    """Code, line and columns of what is marked in a window."""
    return [
        (d.code, d.range.start.line, d.range.start.character, d.range.end.character)
        for d in diagnostics
    ]


def applied(action: types.CodeAction, text: str) -> str:
    """A text without wide characters after an action's edits of the only file that they are about."""
    assert action.edit is not None
    if action.edit.document_changes:
        (change,) = action.edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        edits = change.edits
    else:
        ((_, edits),) = (action.edit.changes or {}).items()
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    for edit in sorted(edits, key=lambda edit: edit.range.start, reverse=True):
        assert isinstance(edit, types.TextEdit)
        start, end = (
            starts[position.line] + position.character
            for position in (edit.range.start, edit.range.end)
        )
        text = text[:start] + edit.new_text + text[end:]
    return text


_cache = tempfile.TemporaryDirectory(prefix="titan-lint-")

CONFIG = ClientServerConfig(
    server_command=[sys.executable, "-m", "titan_lint", "server", "--stdio"],
    # The user's own is not written to.
    server_env={**os.environ, "XDG_CACHE_HOME": _cache.name},
    client_factory=Editor,
)
