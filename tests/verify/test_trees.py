"""Scratch copies: the tree under check is never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from titan_lint.verify import trees
from titan_lint.verify.trees import TreeError, make_trees

from .conftest import FIXTURES

if TYPE_CHECKING:
    from pathlib import Path

FOUNDING = (FIXTURES / "engines" / "founding.py").read_text(encoding="utf-8")


def tree(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "pkg").mkdir(parents=True)
    (root / "pkg" / "engine.py").write_text(FOUNDING, encoding="utf-8")
    (root / "pkg" / "settings.json").write_text("{}", encoding="utf-8")
    (root / ".git").mkdir()
    (root / ".git" / "HEAD").write_text("ref", encoding="utf-8")
    (root / "venv").mkdir()
    (root / "venv" / "pyvenv.cfg").write_text("", encoding="utf-8")
    return root


def snapshot(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_only_the_copy_after_is_rewritten(tmp_path: Path) -> None:
    root = tree(tmp_path)
    before = snapshot(root)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    made = make_trees(root, [root], scratch, target="0.3.0", unsafe=False)
    assert snapshot(root) == before
    assert (made.before / "pkg" / "engine.py").read_text(encoding="utf-8") == FOUNDING
    assert "attn_backend=self.engine_config.attn_type" in (
        made.after / "pkg" / "engine.py"
    ).read_text(encoding="utf-8")
    assert "-        if hasattr(model_spec.model" in made.diff
    assert (made.after / "pkg" / "settings.json").exists()
    assert not (made.after / ".git").exists()
    assert not (made.after / "venv").exists()


def test_only_the_paths_asked_for_are_rewritten(tmp_path: Path) -> None:
    root = tree(tmp_path)
    (root / "other.py").write_text(FOUNDING, encoding="utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    made = make_trees(root, [root / "pkg"], scratch, target="0.3.0", unsafe=False)
    assert (made.after / "other.py").read_text(encoding="utf-8") == FOUNDING


def test_wrong_target_is_an_error_of_its_own(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises(TreeError, match=r"9\.9\.9"):
        make_trees(tree(tmp_path), [tmp_path / "project"], scratch, target="9.9.9", unsafe=False)


def test_huge_tree_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "SIZE_LIMIT", 1000)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises(TreeError, match="name a smaller path"):
        make_trees(tree(tmp_path), [tmp_path / "project"], scratch, target="0.3.0", unsafe=False)
    assert list(scratch.iterdir()) == []


def test_the_rewrite_keeps_to_the_version_that_the_engines_were_written_for(
    tmp_path: Path,
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "engine.py").write_text(
        "from torchtitan.config import TrainingConfig\nfrom torchtitan.trainer import Trainer\n\n\n"
        "def train(**config):\n"
        "    return Trainer(Trainer.Config(training=TrainingConfig(steps=1), **config))\n",
        encoding="utf-8",
    )
    for written_for, text in (("", ""), ("2026-07-15", "disable_cuda_graphs=True")):
        scratch = tmp_path / f"scratch{written_for}"
        scratch.mkdir()
        made = make_trees(
            root, [root], scratch, target="0.3.0", unsafe=True, written_for=written_for
        )
        assert text in made.diff
        assert bool(made.diff) == bool(written_for)
