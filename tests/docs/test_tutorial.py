"""The engine of the tutorial works where the tutorial says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked, packages

FOLDER = Path(__file__).parents[2] / "docs" / "examples" / "upgrade"

RUN = """
import sys, warnings
warnings.simplefilter("ignore")
import torch

from engine import Engine

engine = Engine()
with torch.no_grad():
    out = engine.forward(torch.zeros(1, 128, dtype=torch.long))
assert out.isfinite().all()
print(sys.modules["torchtitan"].__file__, tuple(out.shape)[:2], engine.layers())
"""


def ran(folder: Path, *before: Path) -> str:
    """Build the engine of a folder with another torchtitan than the one that is installed, and run it."""
    path = [*map(str, before), str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}\n{RUN}"],
        env={**os.environ, **forked.UNTRACED},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_engine_works_at_0_2_2_as_it_is_and_at_0_3_0_when_it_is_upgraded(
    tmp_path: Path,
) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("torchtitan")
    old = packages.unpacked("torchtitan", "0.2.2")
    shutil.copytree(FOLDER, tmp_path / "engine")
    before = ran(tmp_path / "engine", old)
    assert before.endswith(" (1, 128) 6\n")
    assert before.startswith(str(old))
    fix = ["--torchtitan", "0.3.0", "--fix", "--unsafe-fixes", "--no-cache"]
    done = subprocess.run(
        [sys.executable, "-m", "titan_lint", *fix], cwd=tmp_path / "engine", check=False
    )
    assert done.returncode == 0
    after = forked.output(RUN, path=(tmp_path / "engine",))
    assert after.endswith(" (1, 128) 6\n")
