"""Where the pointer rests on a name of torchtitan's, an editor shows what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_lsp
from lsprotocol import types

from tests.projects import CLEAN, LEGACY
from tests.server.editor import CONFIG, Editor

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio(loop_scope="module")

MANY = """\
import importlib

def build(name):
    module = importlib.import_module(f"torchtitan.models.{name}")
    return module.model_registry("8B")
"""


@pytest_lsp.fixture(config=CONFIG, scope="module")
async def editor(lsp_client: Editor):
    await lsp_client.start()
    yield
    await lsp_client.shutdown_session()


def pinned(root: Path, version: str) -> Path:
    root.mkdir(exist_ok=True)
    (root / "titan-lint.toml").write_text(f'torchtitan = "{version}"\n')
    return root / "engine.py"


async def test_a_name_is_shown_with_its_signature_and_since_when_it_is_there(
    editor: Editor, tmp_path: Path
):
    engine = pinned(tmp_path, "0.3.0")
    await editor.open(engine, LEGACY)
    shown = await editor.hover(engine, 2, 10)
    assert shown is not None
    text, where = shown
    heading, _, fence, first, *_ = text.splitlines()
    assert heading == "**torchtitan 0.3.0**: `torchtitan.models.llama3.model_registry`"
    assert (fence, first) == ("```python", "def model_registry(")
    assert text.endswith("- all known have it from torchtitan main of 2026-02-23 (9810191bb) on")
    assert where == types.Range(types.Position(2, 7), types.Position(2, 21))


async def test_each_root_shows_what_a_name_is_at_its_own_pin(editor: Editor, tmp_path: Path):
    new, old = pinned(tmp_path / "new", "0.3.0"), pinned(tmp_path / "old", "0.2.2")
    text = "from torchtitan.config import JobConfig\n"
    for engine in (new, old):
        await editor.open(engine, text)
    gone, there = await editor.hover(new, 0, 32), await editor.hover(old, 0, 32)
    assert gone is not None
    assert there is not None
    assert "is gone at torchtitan 0.3.0" in gone[0]
    assert "```" not in gone[0]
    assert "class JobConfig" in there[0]


async def test_the_text_in_the_window_counts(editor: Editor, tmp_path: Path):
    engine = pinned(tmp_path, "0.3.0")
    await editor.open(engine, CLEAN)
    assert await editor.hover(engine, 0, 0) is None
    await editor.replace(engine, "\ufeff" + LEGACY)
    shown = await editor.hover(engine, 0, 45)
    assert shown is not None
    assert shown[1] == types.Range(types.Position(0, 38), types.Position(0, 52))


async def test_of_many_things_that_a_name_may_be_some_are_shown(editor: Editor, tmp_path: Path):
    engine = pinned(tmp_path, "0.3.0")
    await editor.open(engine, MANY)
    shown = await editor.hover(engine, 4, 20)
    assert shown is not None
    text = shown[0]
    assert text.count("def model_registry(") == 4
    last = text.splitlines()[-1]
    assert last.startswith("and ")
    assert last.endswith(" more")


async def test_nothing_is_shown_for_what_is_broken_or_wrongly_configured(
    editor: Editor, tmp_path: Path
):
    broken, wrong = pinned(tmp_path / "a", "0.3.0"), pinned(tmp_path / "b", "9.9.9")
    await editor.open(broken, LEGACY + "(")
    await editor.open(wrong, LEGACY)
    assert await editor.hover(broken, 2, 10) is None
    assert await editor.hover(wrong, 2, 10) is None
