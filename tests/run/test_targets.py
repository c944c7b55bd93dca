"""Each file is held against the torchtitan that it belongs to."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.packages import copied
from tests.projects import LEGACY
from titan_lint.config.settings import load_settings
from titan_lint.run.targets import Targets

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint


def targets(*arguments: str) -> Targets:
    return Targets(load_settings({"paths": (".",), "torchtitan": arguments}))


def keys(made: Targets, path: Path) -> list[str]:
    return [target.surface.key for target in made.of(str(path))]


@pytest.fixture
def vendored(project: Path) -> Path:
    """A copy of torchtitan 0.2.2 in a project that pins 0.3.0."""
    copied("torchtitan", "0.2.2", project / "third_party")
    return project / "third_party" / "torchtitan"


@pytest.mark.network
def test_a_copy_of_torchtitan_in_the_tree_is_its_own_target(project: Path, vendored: Path) -> None:
    made = targets()
    assert keys(made, vendored / "models" / "llama3" / "x.py") == ["0.2.2"]
    assert keys(made, project / "x.py") == ["0.3.0"]
    assert made.package(str(vendored / "models" / "llama3" / "x.py")) == "torchtitan.models.llama3"
    assert made.package(str(vendored / "train.py")) == "torchtitan"
    assert made.package(str(project / "x.py")) is None


@pytest.mark.network
def test_what_is_asked_for_holds_for_the_copy_too(vendored: Path) -> None:
    made = targets("2026-06-30", "0.3.0")
    assert keys(made, vendored / "train.py") == [t.surface.key for t in made.main]
    assert len(made.main) == 2


@pytest.mark.network
def test_a_project_that_is_a_torchtitan_is_its_own_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied("torchtitan", "0.2.2", tmp_path)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "torchtitan"\n')
    monkeypatch.chdir(tmp_path)
    made = targets()
    assert keys(made, tmp_path / "torchtitan" / "train.py") == ["0.2.2"]
    assert keys(made, tmp_path / "tests" / "x.py") == ["0.2.2"]
    assert "the project is a torchtitan itself" in made.main[0].reason


def test_a_folder_that_is_only_called_so_is_none(project: Path) -> None:
    folder = project / "engine" / "torchtitan"
    folder.mkdir(parents=True)
    assert keys(targets(), folder / "x.py") == ["0.3.0"]
    assert targets().package(str(folder / "x.py")) is None


def test_a_copy_that_cannot_be_read_is_one_line_a_file(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from titan_lint.api import targets as known

    folder = project / "third_party" / "torchtitan"
    folder.mkdir(parents=True)
    (folder / "train.py").write_text(LEGACY)
    (folder / "utils.py").write_text(LEGACY)
    (project / "a.py").write_text(LEGACY)

    tried: list[str] = []
    original = known.parse

    def parse(text: str, **options):  # type: ignore[no-untyped-def]
        if "third_party" not in text:
            return original(text, **options)
        tried.append(text)
        raise known.TargetError("griffe is missing")

    monkeypatch.setattr(known, "vendored", lambda folders: tuple(folders))
    monkeypatch.setattr(known, "parse", parse)
    ran = titan_lint("--output-format=json", "-j1")
    assert ran.status == 2
    assert ran.err == "".join(
        f"error: third_party/torchtitan/{name}: belongs to a copy of torchtitan that cannot be "
        "read: griffe is missing\n"
        for name in ("train.py", "utils.py")
    )
    assert tried == [str(folder)]
    assert [found["path"] for found in json.loads(ran.out)["findings"]] == ["a.py"]


@pytest.mark.network
def test_a_copy_that_never_names_itself_is_checked(vendored: Path, titan_lint: TitanLint) -> None:
    (vendored / "extra.py").write_text("from .train import nothing_of_the_kind\n")
    (vendored / "far.py").write_text("from .train import Trainer\n")
    ran = titan_lint("--select", "TTN201", "--output-format", "concise", "third_party")
    assert "third_party/torchtitan/extra.py:1:20: TTN201" in ran.out
    assert "far.py" not in ran.out


@pytest.mark.slow
@pytest.mark.network
def test_a_copy_without_its_recipes_is_still_that_release(tmp_path: Path) -> None:
    from titan_lint.api import targets as known

    copied("torchtitan", "0.3.0", tmp_path)
    shutil.rmtree(tmp_path / "torchtitan_recipes")
    (target,) = known.parse(str(tmp_path / "torchtitan"))
    assert target.surface.key == "0.3.0"
    assert "has exactly its API" in target.reason


def test_only_files_in_a_copy_are_checked_without_the_word(project: Path) -> None:
    from titan_lint.run.cache_key import Copies

    data = b"from .train import Trainer\n"
    for name in ("engine/torchtitan/x.py", "torchtitan_tools/x.py", "x_torchtitan.py"):
        assert not Copies().use_themselves(str(project / name), data)
    copy = project / "torchtitan"
    (copy / "distributed").mkdir(parents=True)
    (copy / "train.py").touch()
    assert not Copies().use_themselves(str(copy / "x.py"), data)
    (copy / "distributed/__init__.py").touch()
    assert Copies().use_themselves(str(copy / "x.py"), data)
    assert not Copies().use_themselves(str(copy / "x.py"), b"x = 1\n")


def test_messages_about_a_target_later_than_all_that_is_known_say_so(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text(
        "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
    )
    ran = titan_lint("--select", "ALL", "--torchtitan", "2099-01-01", "--output-format", "concise")
    assert all(
        ", the newest known; 2099-01-01 is later)" in line
        for line in ran.out.splitlines()
        if "TTN202" in line or line.startswith("Checked")
    )
    assert "TTN202" in ran.out
    assert "is later" not in titan_lint("--torchtitan", "2026-08-19").out


def test_a_pin_that_is_not_known_is_reported_where_another_target_is_asked_for(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "pyproject.toml").write_text("[tool.titan-lint]\n")
    (project / "requirements.txt").write_text("torchtitan==9.9.0\n")
    (project / "a.py").write_text("import torchtitan\n")
    for _ in range(2):
        ran = titan_lint("--torchtitan", "0.3.0")
        assert (
            "requirements.txt:1 asks for `torchtitan==9.9.0`, which is not or not yet known"
            in ran.out
        )
    assert "9.9.0" not in titan_lint("--torchtitan", "0.3.0", "--from", "0.2.2").out
