"""titan-lint from Python does what the command line does, and prints nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, cast

import pytest

import titan_lint
from tests.projects import CLEAN, FIXED, LEGACY, UNSUPPORTED, runner

if TYPE_CHECKING:
    from pathlib import Path


def test_a_text_is_checked_without_a_file():
    result = titan_lint.lint(LEGACY, torchtitan="0.3.0", isolated=True)
    (finding,) = result.findings
    place = result.place(finding.span)
    assert (finding.code, place.line, place.column) == ("TTN105", 3, 24 - 1)
    assert result.text == LEGACY
    assert [target.key for target in result.targets] == ["0.3.0"]


def test_the_edits_of_a_fix_make_the_fixed_text():
    result = titan_lint.lint(LEGACY, torchtitan="0.3.0", isolated=True)
    text = result.text
    for finding in result.findings:
        assert finding.fix is not None
        for edit in sorted(finding.fix.edits, reverse=True):
            text = text[: edit.start] + edit.content + text[edit.end :]
    assert text == FIXED


def test_a_text_is_fixed():
    result = titan_lint.fix(LEGACY, torchtitan="0.3.0", isolated=True)
    assert result.text == FIXED
    assert [finding.code for finding in result.fixed] == ["TTN105"]
    assert not result.findings


def test_an_unsafe_fix_is_applied_only_when_asked_for():
    text = "from torchtitan.models.llama3 import model_registry\nspec = model_registry('8B')\n"
    safe = titan_lint.fix(text, torchtitan="0.3.0", isolated=True)
    unsafe = titan_lint.fix(text, torchtitan="0.3.0", isolated=True, unsafe=True)
    assert safe.text == text
    assert 'attn_backend="flex"' in unsafe.text


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + LEGACY,
        "# -*- coding: latin-1 -*-\n# é\n" + LEGACY,
        LEGACY.replace("\n", "\r\n"),
        "# 日本語\n" + LEGACY,
    ],
)
def test_whatever_the_encoding_a_fixed_text_differs_in_the_call_alone(text: str):
    result = titan_lint.fix(text, torchtitan="0.3.0", isolated=True)
    assert result.text == text.replace('"8B_varlen"', '"8B", attn_backend="varlen"')
    assert not result.errors


def test_places_do_not_count_a_byte_order_mark():
    result = titan_lint.lint("\ufeff" + UNSUPPORTED, torchtitan="0.3.0", isolated=True)
    plain = titan_lint.lint(UNSUPPORTED, torchtitan="0.3.0", isolated=True)
    (marked,), (finding,) = result.findings, plain.findings
    assert marked == finding
    assert result.place(marked.span).column == plain.place(finding.span).column


def test_a_text_whose_path_is_excluded_is_left_alone_where_that_is_asked_for(tmp_path: Path):
    (tmp_path / "titan-lint.toml").write_text('exclude = ["old"]\ntorchtitan = "0.3.0"\n')
    path = tmp_path / "old" / "x.py"
    assert titan_lint.lint(LEGACY, path).findings
    assert not titan_lint.lint(LEGACY, path, force_exclude=True).findings
    assert titan_lint.lint(LEGACY, tmp_path / "x.py", force_exclude=True).findings


def test_what_is_no_python_is_an_error_of_the_result():
    result = titan_lint.lint("import torchtitan\nx = (\n", torchtitan="0.3.0", isolated=True)
    (error,) = result.errors
    assert error.line == 2
    assert not result.findings


def test_the_unsaved_text_counts_in_place_of_the_file(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\ndependencies = ["torchtitan==0.2.2"]\n', "utf-8"
    )
    path = tmp_path / "engine.py"
    path.write_text("this is no Python", "utf-8")
    result = titan_lint.lint("from torchtitan.config import JobConfig\n", path)
    assert not result.findings
    assert [target.key for target in result.targets] == ["0.2.2"]
    assert path.read_text("utf-8") == "this is no Python"


def test_files_are_checked_as_the_command_line_checks_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
):
    for name, text in {"a.py": LEGACY, "b.py": UNSUPPORTED, "c.py": CLEAN}.items():
        (tmp_path / name).write_text(text, "utf-8")
    run = titan_lint.lint_paths(tmp_path, torchtitan="0.3.0", no_cache=True)
    arguments = ("--torchtitan", "0.3.0", "--no-cache", "--output-format", "json", tmp_path)
    shown = json.loads(runner(monkeypatch, capfdbinary)(*arguments).out)
    listed = [
        (finding.code, place.line, place.column, finding.message)
        for file in run.files
        for finding in file.findings
        for place in [file.place(finding.span)]
    ]
    assert run.checked == 3
    assert listed == [(f["code"], f["line"], f["column"], f["message"]) for f in shown["findings"]]


def test_files_are_fixed_only_when_asked_for(tmp_path: Path):
    path = tmp_path / "engine.py"
    path.write_text(LEGACY, "utf-8")
    titan_lint.lint_paths(path, torchtitan="0.3.0", no_cache=True)
    assert path.read_text("utf-8") == LEGACY
    run = titan_lint.lint_paths(path, torchtitan="0.3.0", no_cache=True, fix=True)
    assert path.read_text("utf-8") == FIXED
    assert [finding.code for finding in run.files[0].fixed] == ["TTN105"]


def test_compat_tells_which_torchtitans_a_project_fits(tmp_path: Path):
    (tmp_path / "engine.py").write_text(LEGACY, "utf-8")
    (tmp_path / "pyproject.toml").touch()
    fits = titan_lint.compat(tmp_path, torchtitan=["0.2.2", "0.3.0"], isolated=True)
    assert [(fit.point.key, fit.fits, fit.fixable) for fit in fits.fits] == [
        ("0.2.2", False, 0),
        ("0.3.0", False, 1),
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"torchtitan": "9.9.9"}, "9.9.9"),
        ({"select": "TTN999"}, "TTN999"),
        ({"written_for": "yesterday"}, "yesterday"),
    ],
)
def test_a_wrong_option_is_an_error_of_configuration(options: Any, said: str):
    with pytest.raises(titan_lint.ConfigError, match=said):
        titan_lint.lint(LEGACY, **options)


def test_an_unknown_option_is_a_mistake_in_the_call():
    with pytest.raises(TypeError, match="unknown option 'targets'"):
        titan_lint.lint(LEGACY, **cast("Any", {"targets": "0.3.0"}))


def test_all_that_is_listed_is_there():
    assert all(getattr(titan_lint, name) is not None for name in titan_lint.__all__)
    with pytest.raises(AttributeError, match="no attribute 'check_everything'"):
        _ = cast("Any", titan_lint).check_everything


def test_the_import_alone_loads_nothing_else():
    code = "import sys, titan_lint; print([m for m in sys.modules if m.startswith('titan_lint.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['titan_lint.version']"
