"""Screening saves time and hides nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from titan_lint.run import driver

if TYPE_CHECKING:
    from tests.projects import TitanLint

FIXTURES = Path(__file__).parents[2] / "fixtures"
OPTIONS = ("--isolated", "--no-cache", "--torchtitan=0.3.0", "--output-format=concise")


def findings(titan_lint: TitanLint, path: Path) -> list[str]:
    return [line for line in titan_lint(*OPTIONS, path).out.splitlines() if " TTN" in line]


def unscreened(titan_lint: TitanLint, path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    with monkeypatch.context() as patch:
        patch.setattr(driver, "may_match", lambda data, codes, words: True)
        return findings(titan_lint, path)


def test_fixtures_give_the_same_findings(
    titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Alone: in the repository they are beside all that the tests hold.
    shutil.copytree(FIXTURES, tmp_path, dirs_exist_ok=True)
    found = findings(titan_lint, tmp_path)
    assert found
    assert found == unscreened(titan_lint, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # noqa: TTN101\n",
        "x = 1  # NOQA: TTN101\n",
        "x = 1  # NoQA:TTN101\n",
        "x = 1  # noqa: ttn101\n",
        "x = 1  # noqa: Ttn101\n",
        "# titan-lint: noqa: TTN999\n",
        "ATTN_MASK = 1  # noqa: E501\n",
        "x = 1  # noqa: TTN\n",
    ],
)
def test_suppressions_are_judged_alike(
    titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    (tmp_path / "a.py").write_text(text)
    expected = unscreened(titan_lint, tmp_path, monkeypatch)
    assert findings(titan_lint, tmp_path) == expected
