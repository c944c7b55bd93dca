"""A mistake in titan-lint costs one line for the file; the rest goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.robustness.command import HIT, RULES
from titan_lint import rules
from titan_lint.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def _broken_rule(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def check(file: object) -> object:
        raise ZeroDivisionError("of all\nthings")

    monkeypatch.setattr(rules.rule("TTN106"), "check", check)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(HIT)
    (tmp_path / "b.py").write_text(HIT)
    (tmp_path / "c.py").write_text("x = 1\n")


LINE = (
    "error: {}.py: rule TTN106 (unsupported-attn-backend) failed (ZeroDivisionError: of all things); "
    "this is a mistake in titan-lint: please report it with the output of `-v`"
)


@pytest.mark.usefixtures("_broken_rule")
def test_a_rule_that_raises_is_one_line_a_file(capfd: pytest.CaptureFixture[str]) -> None:
    status = main.run(["--isolated", "--no-cache", RULES, "--output-format=concise", "."])
    captured = capfd.readouterr()
    assert status == 2
    assert captured.err.splitlines() == [LINE.format("a"), LINE.format("b")]
    assert captured.out.startswith("a.py:3:23: TTN105")
    assert "b.py:3:23: TTN105" in captured.out


@pytest.mark.usefixtures("_broken_rule")
def test_verbose_shows_the_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--isolated", "--no-cache", RULES, "-v", "."]) == 2
    error = capfd.readouterr().err
    assert error.count("Traceback (most recent call last)") == 2
    assert 'raise ZeroDivisionError("of all' in error


@pytest.mark.usefixtures("_broken_rule")
def test_what_broke_is_not_remembered(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main.run(["--isolated", RULES, f"--cache-dir={tmp_path / 'cache'}", "."]) == 2
        assert LINE.format("a") in capfd.readouterr().err
