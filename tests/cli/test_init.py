"""``init`` writes a configuration and a hook that fit the project, and changes nothing that is there."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.projects import LEGACY
from titan_lint.cli import init

if TYPE_CHECKING:
    from tests.projects import TitanLint

ROOT = Path(__file__).resolve().parents[2]
OLD = "from torchtitan.components.lr_scheduler import build_lr_schedulers\n"
PASSED = """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="flex")
"""


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configured(path: Path) -> object:
    return tomllib.loads(path.read_text())["tool"]["titan-lint"]


@pytest.mark.parametrize(("code", "version"), [(OLD, "0.2.2"), (PASSED, "0.3.0")])
def test_the_newest_release_that_the_code_fits_is_configured(
    code: str, version: str, bare: Path, titan_lint: TitanLint
) -> None:
    (bare / "a.py").write_text(code)
    (bare / "pyproject.toml").write_text('[project]\nname = "engine"')
    ran = titan_lint("init")
    assert ran.status == 0, ran.err
    assert f"release {version}" in ran.out or f", {version}" in ran.out
    assert configured(bare / "pyproject.toml") == {"torchtitan": version}
    assert titan_lint("a.py").status == 0


def test_without_a_pyproject_it_is_a_file_of_its_own(bare: Path, titan_lint: TitanLint) -> None:
    assert titan_lint("init", "--no-hook").status == 0
    assert (bare / "titan-lint.toml").read_text() == 'torchtitan = "0.3.0"\n'
    assert not (bare / ".pre-commit-config.yaml").exists()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "no file here uses torchtitan yet and that is the newest release"),
        (PASSED, "that is the newest release that the code fits (it fits main of "),
        (
            "from torchtitan.components.gone import nothing\nfrom torchtitan.trainer import Trainer\n",
            "the code fits no release (it fits none",
        ),
    ],
)
def test_it_says_in_a_sentence_why_it_wrote_what_it_wrote(
    code: str, why: str, bare: Path, titan_lint: TitanLint
) -> None:
    (bare / "a.py").write_text(code)
    first = titan_lint("init", "--no-hook").out.splitlines()[0]
    assert first.startswith('Wrote `torchtitan = "0.3.0"` to titan-lint.toml, since ')
    assert why in first
    assert first.endswith(".")


def test_what_the_project_pins_stays_what_decides(bare: Path, titan_lint: TitanLint) -> None:
    pinned = '[project]\nname = "engine"\ndependencies = ["torchtitan==0.3.0"]\n'
    (bare / "pyproject.toml").write_text(pinned)
    ran = titan_lint("init")
    assert ran.out.startswith(
        "Wrote an empty `[tool.titan-lint]` to pyproject.toml, since pyproject.toml:3 asks for "
    )
    assert configured(bare / "pyproject.toml") == {}
    (bare / "a.py").write_text(LEGACY)
    assert "asks for `torchtitan==0.3.0`" in titan_lint().out


def test_a_configuration_that_is_there_is_left_alone(bare: Path, titan_lint: TitanLint) -> None:
    assert titan_lint("init").status == 0
    written = {path: path.read_bytes() for path in bare.iterdir() if path.is_file()}
    ran = titan_lint("init")
    assert ran.status == 2
    assert "there is a configuration already" in ran.err
    assert written == {path: path.read_bytes() for path in written}


@pytest.mark.parametrize("indent", ["", "  ", "    "])
def test_a_hook_is_put_behind_those_that_are_there(
    indent: str, bare: Path, titan_lint: TitanLint
) -> None:
    yaml = pytest.importorskip("yaml")
    there = (
        f"repos:\n{indent}- repo: https://example.org/x\n{indent}  rev: v1\n{indent}  hooks: []\n"
    )
    (bare / ".pre-commit-config.yaml").write_text(there)
    assert titan_lint("init").status == 0
    text = (bare / ".pre-commit-config.yaml").read_text()
    assert text.startswith(there)
    first, second = yaml.safe_load(text)["repos"]
    assert first["repo"] == "https://example.org/x"
    published = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]
    del published["description"]
    assert second["hooks"] == [{**published, "language": "system"}]


@pytest.mark.parametrize(
    "there", ["repos: []\n", "repos:\n- repo: x\n  hooks: []\nfail_fast: true\n"]
)
def test_hooks_in_another_form_are_left_alone_and_nothing_is_written(
    there: str, bare: Path, titan_lint: TitanLint
) -> None:
    (bare / ".pre-commit-config.yaml").write_text(there)
    ran = titan_lint("init")
    assert ran.status == 2
    assert "--no-hook" in ran.err
    assert (bare / ".pre-commit-config.yaml").read_text() == there
    assert not (bare / "titan-lint.toml").exists()


def test_a_hook_that_is_there_is_enough(bare: Path) -> None:
    (bare / ".pre-commit-config.yaml").write_text("repos:\n- repo: x/titan-lint\n")
    assert init._hooks() is None
