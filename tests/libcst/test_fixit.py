"""The rules in the real Fixit 2."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import packages

EXAMPLE = Path(__file__).parents[2] / "fixtures" / "own-rules"
ROOT = EXAMPLE.parents[1]
NEEDED = (("fixit", "2.2.1"), ("moreorless", "0.6.0"), ("trailrunner", "1.4.0"))

pytestmark = pytest.mark.network


def fixit(folder: Path, enabled: str, command: str) -> subprocess.CompletedProcess[str]:
    """Run Fixit over ``acme/train.py`` of the worked example."""
    there = [str(packages.unpacked(*needed)) for needed in NEEDED]
    configuration = folder / "pyproject.toml"
    configuration.write_text(
        configuration.read_text()
        + f'\n[tool.fixit]\nroot = true\nenable = ["{enabled}"]\ndisable = ["fixit.rules"]\n'
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT), *there])}
    return subprocess.run(
        [sys.executable, "-m", "fixit", *command.split(), "acme/train.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "own-rules"))


def test_a_rule_of_ones_own_finds_and_fixes_the_same(example: Path) -> None:
    ran = fixit(example, "acme_lint.for_fixit", "fix --automatic")
    for line in (9, 14, 18):
        assert f"train.py@{line}:" in ran.stdout, ran.stdout + ran.stderr
    text = (example / "acme" / "train.py").read_text()
    for call in ("build(flavor", "model.build_model(flavor", "build_model(flavor"):
        assert f'{call}, attn_backend="flex")' in text
    assert text.endswith('    return build_model("8B")\n')


def test_titan_lints_rules_report_what_is_wrong_at_the_projects_pin(example: Path) -> None:
    (example / "acme" / "train.py").write_text(
        "from torchtitan.models.llama3 import model_registry\n\nmodel_registry('8B_varlen')\n"
    )
    ran = fixit(example, "titan_lint.fixit", "lint")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "train.py@3:" in ran.stdout
    assert "TTN105 torchtitan 0.3.0 has no flavor '8B_varlen'" in ran.stdout


def test_fixits_own_suppressions_are_heard(example: Path) -> None:
    (example / "acme" / "train.py").write_text(
        "from torchtitan.models.llama3 import model_registry\n\n"
        "model_registry('8B_varlen')  # lint-ignore: TTN105\n"
    )
    ran = fixit(example, "titan_lint.fixit", "lint")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "TTN105" not in ran.stdout
