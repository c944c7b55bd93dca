"""An editor offers to fix findings one by one, all together, and to suppress them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_lsp
from lsprotocol import types

from tests.projects import BARE, FIXED, LEGACY, UNSUPPORTED
from tests.server.editor import CONFIG, Editor, applied, uri

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUICK, FIX_ALL = types.CodeActionKind.QuickFix, "source.fixAll.titan-lint"
ALL_KINDS = types.CodeActionKind.SourceFixAll

BOTH = LEGACY + 'again = model_registry("8B_flex")\nguess = model_registry("8B")\n'
"""Two safe fixes, and an unsafe one on line 4."""


@pytest_lsp.fixture(config=CONFIG, scope="module")
async def editor(lsp_client: Editor):
    await lsp_client.start(resolves=True, versions=True)
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "p"\ndependencies = ["torchtitan==0.3.0"]\n'
    )
    return tmp_path / "engine.py"


async def test_a_safe_fix_is_preferred_and_makes_the_fixed_text(editor: Editor, engine: Path):
    (marked,) = await editor.open(engine, LEGACY)
    fix, noqa = await editor.actions(engine, (2, 23), (2, 23), QUICK)
    assert (fix.kind, fix.is_preferred, fix.diagnostics) == (QUICK, True, (marked,))
    assert fix.title.endswith(" (TTN105)")
    assert applied(fix, LEGACY) == FIXED
    assert not noqa.is_preferred


async def test_an_unsafe_fix_says_so_and_is_not_preferred(editor: Editor, engine: Path):
    await editor.open(engine, BARE)
    fix, _ = await editor.actions(engine, (2, 23), (2, 23), QUICK)
    assert fix.title.endswith(" (TTN107, unsafe)")
    assert not fix.is_preferred
    assert 'attn_backend="flex"' in applied(fix, BARE)


async def test_actions_are_about_the_findings_that_are_asked_about(editor: Editor, engine: Path):
    await editor.open(engine, BOTH)
    assert await editor.actions(engine, (1, 0), (1, 0), QUICK) == []
    assert len(await editor.actions(engine, (2, 0), (3, 99), QUICK)) == 4


async def test_any_finding_can_be_suppressed_where_it_is(editor: Editor, engine: Path):
    await editor.open(engine, UNSUPPORTED)
    (noqa,) = await editor.actions(engine, (2, 0), (2, 99))
    assert noqa.title == "Suppress TTN106 here"
    suppressed = applied(noqa, UNSUPPORTED)
    assert suppressed == UNSUPPORTED.replace(")\n", ")  # noqa: TTN106\n")
    assert await editor.replace(engine, suppressed) == []


async def test_an_unused_suppression_is_removed_and_not_suppressed(editor: Editor, engine: Path):
    text = FIXED.replace(")\n", ")  # noqa: TTN105\n")
    (found,) = await editor.open(engine, text)
    assert found.code == "TTN901"
    (fix,) = await editor.actions(engine, (2, 0), (2, 99), QUICK)
    assert applied(fix, text) == FIXED


async def test_fix_all_leaves_what_is_not_safe(editor: Editor, engine: Path):
    await editor.open(engine, BOTH)
    (action,) = await editor.actions(engine, (0, 0), (0, 0), ALL_KINDS)
    assert (action.kind, action.edit) == (FIX_ALL, None)
    resolved = await editor.code_action_resolve_async(action)
    fixed = applied(resolved, BOTH)
    assert 'again = model_registry("8B", attn_backend="flex")\n' in fixed
    assert 'guess = model_registry("8B")\n' in fixed
    assert resolved.edit is not None
    assert resolved.edit.document_changes is not None
    (change,) = resolved.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    assert (change.text_document.uri, change.text_document.version) == (uri(engine), 1)
    assert [d.code for d in await editor.replace(engine, fixed)] == ["TTN107"]


async def test_fix_all_is_offered_only_where_it_would_do_something(editor: Editor, engine: Path):
    await editor.open(engine, BARE)
    assert await editor.actions(engine, (0, 0), (99, 0), ALL_KINDS) == []
    await editor.replace(engine, LEGACY)
    for only in (ALL_KINDS, FIX_ALL, types.CodeActionKind.Source):
        assert [a.kind for a in await editor.actions(engine, (0, 0), (99, 0), only)] == [FIX_ALL]
    organize = types.CodeActionKind.SourceOrganizeImports
    assert await editor.actions(engine, (0, 0), (99, 0), organize) == []


async def test_an_action_asked_for_right_after_a_keystroke_is_about_the_new_text(
    editor: Editor, engine: Path
):
    await editor.open(engine, FIXED)
    editor.edit(engine, types.TextDocumentContentChangeWholeDocument("\n" + LEGACY))
    fix, *_ = await editor.actions(engine, (3, 23), (3, 23), QUICK)
    assert applied(fix, "\n" + LEGACY) == "\n" + FIXED


async def test_a_broken_file_has_nothing_to_offer(editor: Editor, engine: Path):
    await editor.open(engine, LEGACY[:-2])
    assert await editor.actions(engine) == []


async def test_an_editor_that_resolves_nothing_gets_the_edits_at_once(engine: Path):
    editor = await CONFIG.start()
    assert isinstance(editor, Editor)
    await editor.start()
    await editor.open(engine, LEGACY)
    (action,) = await editor.actions(engine, (0, 0), (0, 0), FIX_ALL)
    assert action.edit is not None
    assert action.edit.document_changes is None
    assert applied(action, LEGACY) == FIXED
    assert await editor.end() == 0
