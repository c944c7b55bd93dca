"""An editor is told what is wrong with the text that is in its window."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pygls.uris import to_fs_path

from tests.projects import BARE, CLEAN, FIXED, LEGACY
from tests.server.editor import CONFIG, Editor, seen, uri

pytestmark = pytest.mark.asyncio(loop_scope="module")

FLAVOR = ("TTN105", 2, 22, 33)
"""The finding in ``LEGACY``."""


@pytest_lsp.fixture(config=CONFIG, scope="module")
async def editor(lsp_client: Editor):
    await lsp_client.start()
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A file that is not there yet, in a project that pins 0.3.0."""
    return pinned(tmp_path / "project", "0.3.0")


def pinned(root: Path, version: str, more: str = "") -> Path:
    root.mkdir(exist_ok=True)
    pin = f'[project]\nname = "p"\ndependencies = ["torchtitan=={version}"]\n{more}'
    (root / "pyproject.toml").write_text(pin)
    return root / "engine.py"


async def test_the_text_in_the_window_counts_and_not_the_one_on_disk(editor: Editor, engine: Path):
    engine.write_text(CLEAN)
    (found,) = await editor.open(engine, LEGACY)
    assert seen([found]) == [FLAVOR]
    assert (found.severity, found.source) == (types.DiagnosticSeverity.Error, "titan-lint")
    message, *details = found.message.splitlines()
    assert message == "torchtitan 0.3.0 has no flavor '8B_varlen'"
    assert any(line.startswith("help: ") for line in details)
    assert engine.read_text() == CLEAN


async def test_what_is_typed_is_checked_as_it_is_typed(editor: Editor, engine: Path):
    assert seen(await editor.open(engine, LEGACY)) == [FLAVOR]
    assert seen(await editor.type(engine, (2, 0), (2, 0), "my_")) == [("TTN105", 2, 25, 36)]
    assert await editor.type(engine, (2, 25), (2, 36), '"8B", attn_backend="varlen"') == []
    assert seen(await editor.replace(engine, LEGACY)) == [FLAVOR]


async def test_a_file_that_is_broken_shows_where_and_its_findings_when_it_is_mended(
    editor: Editor, engine: Path
):
    assert seen(await editor.open(engine, LEGACY)) == [FLAVOR]
    (broken,) = await editor.type(engine, (2, 33), (2, 34), "")
    assert broken.severity is types.DiagnosticSeverity.Error
    assert (broken.code, broken.range.start.line) == (None, 2)
    assert seen(await editor.type(engine, (2, 33), (2, 33), ")")) == [FLAVOR]


async def test_columns_count_as_in_utf_16_where_the_editor_asks_for_nothing_else(
    editor: Editor, engine: Path
):
    wide = LEGACY.replace("spec =", "'\U0001f600\u00e9'; spec =")
    assert seen(await editor.open(engine, wide)) == [("TTN105", 2, 29, 40)]
    assert seen(await editor.type(engine, (2, 5), (2, 7), ";")) == [("TTN105", 2, 28, 39)]


async def test_a_code_leads_to_the_page_of_its_rule(editor: Editor, engine: Path):
    (found,) = await editor.open(engine, LEGACY)
    assert found.code_description is not None
    path = to_fs_path(found.code_description.href)
    assert path is not None
    assert Path(path).read_text().startswith("# legacy-flavor (TTN105)\n")


async def test_each_root_has_its_own_pin_and_configuration(editor: Editor, tmp_path: Path):
    new = pinned(tmp_path / "new", "0.3.0")
    old = pinned(tmp_path / "old", "0.2.2")
    lenient = pinned(
        tmp_path / "lenient", "0.3.0", '[tool.titan-lint.severity]\nTTN105 = "warning"\n'
    )
    several = pinned(
        tmp_path / "several", "0.3.0", '[tool.titan-lint]\ntorchtitan = ["0.2.2", "0.3.0"]\n'
    )
    assert seen(await editor.open(new, LEGACY)) == [FLAVOR]
    assert FLAVOR not in seen(await editor.open(old, LEGACY))
    (found,) = await editor.open(lenient, LEGACY)
    assert found.severity is types.DiagnosticSeverity.Warning
    at_each = {d.code: d.message.splitlines()[0] for d in await editor.open(several, LEGACY)}
    assert at_each["TTN105"].startswith("torchtitan 0.3.0 has no flavor")
    assert at_each["TTN201"].endswith(" at torchtitan 0.2.2")
    (info,) = await editor.open(new.with_name("other.py"), BARE)
    assert (info.code, info.severity) == ("TTN107", types.DiagnosticSeverity.Information)


async def test_an_excluded_file_is_left_alone(editor: Editor, tmp_path: Path):
    engine = pinned(tmp_path / "p", "0.3.0", '[tool.titan-lint]\nextend-exclude = ["engine.py"]\n')
    assert await editor.open(engine, LEGACY) == []
    assert seen(await editor.open(engine.with_name("other.py"), LEGACY)) == [FLAVOR]


async def test_a_wrong_configuration_is_said_where_torchtitan_is_used(
    editor: Editor, tmp_path: Path
):
    engine = pinned(tmp_path / "p", "0.3.0", "[tool.titan-lint]\ntorchtitan = 3\n")
    (wrong,) = await editor.open(engine, LEGACY)
    assert wrong.range.start.line == 0
    assert "torchtitan" in wrong.message
    assert await editor.open(engine.with_name("other.py"), CLEAN) == []
    pinned(tmp_path / "p", "0.3.0")
    editor.tell_changed(tmp_path / "p" / "pyproject.toml")
    assert seen(await editor.diagnosed_again(engine)) == [FLAVOR]


async def test_a_changed_pin_counts_from_then_on(editor: Editor, tmp_path: Path):
    engine = pinned(tmp_path / "p", "0.2.2")
    assert FLAVOR not in seen(await editor.open(engine, LEGACY))
    (watched,) = editor.asked_to_watch
    assert watched.method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    pinned(tmp_path / "p", "0.3.0")
    editor.tell_changed(tmp_path / "p" / "pyproject.toml")
    assert FLAVOR in seen(await editor.diagnosed_again(engine))


async def test_saving_a_file_shows_in_the_others_of_its_project(editor: Editor, engine: Path):
    names = engine.with_name("names.py")
    use = "from names import model_registry\n\nspec = model_registry('8B_varlen')\n"
    (engine.parent / "other.py").write_text("from torchtitan.models.llama3 import model_registry\n")
    names.write_text("def model_registry(flavor):\n    return flavor\n")
    use = "import torchtitan\n" + use
    assert await editor.open(engine, use) == []
    names.write_text("from torchtitan.models.llama3 import model_registry\n")
    editor.save(names)
    assert [d.code for d in await editor.diagnosed_again(engine)] == ["TTN105"]


async def test_what_is_typed_in_a_window_shows_in_the_others_of_its_project(
    editor: Editor, engine: Path
):
    names = engine.with_name("names.py")
    theirs = "from torchtitan.models.llama3 import model_registry\n"
    (engine.parent / "other.py").write_text(theirs)
    names.write_text(theirs)
    use = "import torchtitan\nfrom names import model_registry\n\nspec = model_registry('8B_varlen')\n"
    assert [d.code for d in await editor.open(engine, use)] == ["TTN105"]
    await editor.open(names, theirs)
    assert [d.code for d in await editor.diagnosed_again(engine)] == ["TTN105"]
    await editor.replace(names, "def model_registry(flavor):\n    return flavor\n")
    assert await editor.diagnosed_again(engine) == []
    assert names.read_text() == theirs
    await editor.close(names)
    assert [d.code for d in await editor.diagnosed_again(engine)] == ["TTN105"]


async def test_a_closed_window_has_no_marks(editor: Editor, engine: Path):
    assert await editor.open(engine, LEGACY)
    await editor.close(engine)
    (told,) = editor.told
    assert (told.uri, told.diagnostics) == (uri(engine), ())


async def test_of_many_edits_at_once_the_last_one_is_checked(editor: Editor, engine: Path):
    await editor.open(engine, FIXED)
    editor.told.clear()
    for _ in range(40):
        where = types.Range(types.Position(0, 0), types.Position(0, 0))
        editor.edit(engine, types.TextDocumentContentChangePartial(where, "\n"))
    editor.edit(engine, types.TextDocumentContentChangeWholeDocument(LEGACY))
    assert seen(await editor.diagnosed(engine)) == [FLAVOR]
    assert len(editor.told) < 10


async def test_a_text_that_lies_nowhere_yet_is_checked(editor: Editor):
    editor.text_document_did_open(
        types.DidOpenTextDocumentParams(
            types.TextDocumentItem("untitled:Untitled-1", types.LanguageKind.Python, 7, LEGACY)
        )
    )
    told = await editor.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    assert (told.uri, told.version) == ("untitled:Untitled-1", 7)
    assert "TTN105" in [d.code for d in told.diagnostics]
