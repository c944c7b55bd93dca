"""Checks that follow upon each other parse what has changed, and see what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import titan_lint
from tests.projects import LEGACY
from titan_lint.code import program
from titan_lint.run import discover, last_contents

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from pathlib import Path

    from titan_lint.code.source import Source

THEIRS = "from torchtitan.models.llama3 import model_registry\n"
OWN = "def model_registry(flavor):\n    return flavor\n"
USE = "import torchtitan\nfrom names import model_registry\n\nspec = model_registry('8B_varlen')\n"
ENGINE = """\
from torchtitan.models.llama3 import model_registry


def build(flavor, attn_type):
    spec = model_registry(flavor)
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = attn_type
    return spec
"""
PATCH = "import torchtitan.models.llama3\n\ntorchtitan.models.llama3.model_registry = lambda flavor: None\n"
"""In whose presence what is left of :data:`ENGINE` is a call of the project's own."""


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A file that is not there, beside some that are."""
    (tmp_path / "titan-lint.toml").write_text('torchtitan = "0.3.0"\n')
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "names.py").write_text(THEIRS)
    (tmp_path / "other.py").write_text(THEIRS)
    return tmp_path / "engine.py"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are parsed from now on."""
    names: list[str] = []
    parse = program.parse

    def noted(source: Source) -> ast.Module:
        names.append(source.path.rpartition("/")[2])
        return parse(source)

    monkeypatch.setattr(program, "parse", noted)
    return names


def codes(result: titan_lint.Result) -> list[str]:
    return [finding.code for finding in result.findings]


def test_only_the_changed_file_is_parsed_again(engine: Path, parsed: list[str]):
    session = titan_lint.Session()
    assert codes(titan_lint.lint(USE + LEGACY, engine, session=session)) == ["TTN105"] * 2
    assert {"engine.py", "names.py", "other.py"} <= set(parsed)
    parsed.clear()
    assert codes(titan_lint.lint(USE + LEGACY + "\n", engine, session=session)) == ["TTN105"] * 2
    assert parsed == ["engine.py"]


def test_neighbours_that_have_changed_on_disk_are_seen(engine: Path):
    session = titan_lint.Session()
    assert codes(titan_lint.lint(USE, engine, session=session)) == ["TTN105"]
    engine.with_name("names.py").write_text(OWN)
    assert codes(titan_lint.lint(USE, engine, session=session)) == []
    assert "TTN101" in codes(titan_lint.lint(ENGINE, engine, session=session))
    engine.with_name("other.py").write_text(PATCH)
    assert "TTN101" not in codes(titan_lint.lint(ENGINE, engine, session=session))


def test_only_changed_files_are_read_again(engine: Path, monkeypatch: pytest.MonkeyPatch):
    # What was written just now is read again, since clocks of file systems are coarse.
    monkeypatch.setattr(last_contents, "_COARSE", 0)
    session, names, other = titan_lint.Session(), engine.with_name("names.py"), "other.py"
    read: list[str] = []

    def noted(path: str) -> bytes:
        read.append(path)
        return discover.read(path)

    monkeypatch.setattr(last_contents, "read", noted)
    # Files of settings may say what a choice is.
    held = (names, *map(engine.with_name, (other, "titan-lint.toml", "pyproject.toml")))
    for wanted in ({*map(str, held)}, set[str](), set[str]()):
        assert "TTN101" in codes(titan_lint.lint(ENGINE, engine, session=session))
        assert set(read) == wanted
        read.clear()
    names.write_text(THEIRS + "\n")
    assert "TTN101" in codes(titan_lint.lint(ENGINE, engine, session=session))
    assert read == [str(names)]


def test_modules_that_come_and_go_are_seen(engine: Path, monkeypatch: pytest.MonkeyPatch):
    # What comes into a folder long after the last thing did shows in its time.
    monkeypatch.setattr(last_contents, "_COARSE", 0)
    session, source, inner = titan_lint.Session(), engine.parent / "src", engine.parent / "inner"
    steps: dict[str, Callable[[], object]] = {
        "nothing": lambda: None,
        "a folder": source.mkdir,
        "a second module of the name": lambda: (source / "names.py").write_text(OWN),
        "one again": lambda: (source / "names.py").unlink(),
        "another text": lambda: engine.with_name("names.py").write_text("from inner.of import *\n"),
        "a package": inner.mkdir,
        "its module": lambda: (inner / "of.py").write_text(THEIRS),
        "an empty one": lambda: (inner / "of.py").write_text(""),
        "a full one": lambda: (inner / "of.py").write_text(THEIRS),
        "a project of its own": lambda: (inner / "pyproject.toml").touch(),
    }
    wanted: list[list[str]] = [
        *([["TTN105"]] * 2),
        [],
        ["TTN105"],
        [],
        [],
        ["TTN105"],
        [],
        ["TTN105"],
        [],
    ]
    for (step, do), codes_then in zip(steps.items(), wanted, strict=True):
        do()
        for one in (session, session, None):
            assert codes(titan_lint.lint(USE, engine, session=one)) == codes_then, step


def test_where_modules_lie_is_looked_for_once(engine: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(last_contents, "_COARSE", 0)
    session = titan_lint.Session()
    for _ in range(2):  # what is read for the first time may be new
        assert codes(titan_lint.lint(USE, engine, session=session)) == ["TTN105"]
    layout = session.texts.layout
    found = layout.module_files, layout.steps
    assert layout.steps
    assert codes(titan_lint.lint(USE + "\n", engine, session=session)) == ["TTN105"]
    assert (layout.module_files, layout.steps) == found


def test_neighbours_of_the_same_size_as_before_are_seen(engine: Path):
    """Written in turn as fast as can be, one of which speaks against a finding, and all of one length."""
    session, other = titan_lint.Session(), engine.with_name("other.py")
    silent, loud = PATCH, PATCH.replace("llama3", "others")
    assert len(silent) == len(loud)
    for _ in range(5):
        other.write_text(silent)
        assert "TTN101" not in codes(titan_lint.lint(ENGINE, engine, session=session))
        other.write_text(loud)
        assert "TTN101" in codes(titan_lint.lint(ENGINE, engine, session=session))
    other.unlink()
    assert "TTN101" in codes(titan_lint.lint(ENGINE, engine, session=session))
    engine.with_name("new.py").write_text(silent)
    assert "TTN101" not in codes(titan_lint.lint(ENGINE, engine, session=session))


@pytest.mark.parametrize("on_disk", [THEIRS, ""])
def test_the_text_of_an_open_file_counts_in_the_place_of_what_lies_on_disk(
    engine: Path, on_disk: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(last_contents, "_COARSE", 0)
    names, other = engine.with_name("names.py"), engine.with_name("other.py")
    other.write_text(on_disk)
    session = titan_lint.Session({str(names): OWN, str(other): PATCH, str(engine): "x = 1\n"})
    assert codes(titan_lint.lint(USE, engine, session=session)) == []
    assert "TTN101" not in codes(titan_lint.lint(ENGINE, engine, session=session))
    session.opened = {}
    assert codes(titan_lint.lint(USE, engine, session=session)) == ["TTN105"]
    assert "TTN101" in codes(titan_lint.lint(ENGINE, engine, session=session))
    for text, found in ((OWN, []), (None, ["TTN105"]), (OWN, [])):
        session.opened = {} if text is None else {str(names): text}
        assert codes(titan_lint.lint(USE, engine, session=session)) == found


def test_a_session_says_what_single_checks_say(engine: Path):
    session: Any = titan_lint.Session()
    for text in (USE, LEGACY, ENGINE, USE + LEGACY, "x = (", USE):
        alone, together = (titan_lint.lint(text, engine, session=s) for s in (None, session))
        assert (alone.findings, alone.errors) == (together.findings, together.errors)
        fixed, too = (titan_lint.fix(text, engine, session=s) for s in (None, session))
        assert fixed.text == too.text
