"""Neovim, without a window: what it shows of the findings, and what it does about them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.projects import FIXED, LEGACY

pytestmark = pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed")

SCRIPT = Path(__file__).with_name("session.lua")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a session came to, which goes through all that a person does; see ``session.lua``."""
    folder = tmp_path_factory.mktemp("neovim")
    for name, version in ("new", "0.3.0"), ("old", "0.2.2"):
        (folder / name).mkdir()
        (folder / name / "titan-lint.toml").write_text(f'torchtitan = "{version}"\n')
        (folder / name / "engine.py").write_text(LEGACY)
    told = folder / "told.json"
    ran = subprocess.run(
        ["nvim", "--headless", "--clean", "-n", "-c", f"luafile {SCRIPT}"],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHON": sys.executable,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "FOLDER": str(folder),
            "TOLD": str(told),
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert told.exists(), ran.stderr.decode() + ran.stdout.decode()
    return json.loads(told.read_text())


def test_the_session_comes_to_its_end(session: dict[str, Any]):
    assert session["trouble"] == ""


def test_findings_are_marked_in_what_is_opened_and_typed(session: dict[str, Any]):
    (opened,) = session["opened"]
    assert opened == {"code": "TTN105", "line": 2, "column": 22, "source": "titan-lint"}
    (typed,) = session["typed"]
    assert typed["column"] == 25


def test_a_code_leads_to_its_rules_page(session: dict[str, Any]):
    assert session["page"] == "# legacy-flavor (TTN105)"


def test_a_broken_file_shows_where_until_it_is_mended(session: dict[str, Any]):
    (broken,) = session["broken"]
    assert (broken["code"], broken["line"]) == ("", 2)
    assert session["mended"] == session["typed"]


def test_hovering_shows_the_name(session: dict[str, Any]):
    assert "`torchtitan.models.llama3.model_registry`" in session["hover"]


def test_one_fix_and_all_fixes_make_the_fixed_text(session: dict[str, Any]):
    assert session["fixed"] == FIXED
    assert not session["quiet"]
    assert session["fixed_all"] == FIXED


def test_a_second_root_has_its_own_pin(session: dict[str, Any]):
    assert [found["code"] for found in session["other_root"]] == ["TTN201"]
