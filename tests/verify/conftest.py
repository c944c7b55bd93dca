"""Reports of real runs, made once for all tests that read them."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from titan_lint.verify.verify import Report, Run

FIXTURES = Path(__file__).parents[2] / "fixtures"
HAS_TORCHTITAN = all(map(importlib.util.find_spec, ("torch", "torchtitan")))

needs_torchtitan = pytest.mark.skipif(not HAS_TORCHTITAN, reason="needs torch and torchtitan")


def copy_with_parts(*names: str, to: Path, of: str = "mutations") -> Path:
    """Some fixtures in a directory of their own, with the modules that they import."""
    to.mkdir(parents=True, exist_ok=True)
    shutil.copy(FIXTURES / "engines" / "engine_parts.py", to)
    shutil.copy(FIXTURES / "mutations" / "dense_parts.py", to)
    for name in names:
        shutil.copy(FIXTURES / of / f"{name}.py", to)
    return to


def run_of(report: Report, module: str, attn_type: str) -> Run:
    (run,) = (
        run
        for run in report.runs
        if (run.engine.partition(":")[0], run.attn_type) == (module, attn_type)
    )
    return run


@pytest.fixture(scope="module")
def cuda() -> None:
    """Skip where there is no CUDA device, with the reason."""
    if not HAS_TORCHTITAN:
        pytest.skip("needs torch and torchtitan")
    import torch

    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")


@pytest.fixture(scope="session")
def mutations(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Every mutation that runs to its end, with flex attention, on the CPU."""
    from titan_lint.verify.verify import Settings, verify

    names = [
        path.stem
        for path in (FIXTURES / "mutations").glob("*.py")
        if path.stem not in ("dense_parts", "hangs", "crashes", "hoards")
    ]
    directory = copy_with_parts(*names, to=tmp_path_factory.mktemp("mutations"))
    return verify([directory], Settings(device="cpu", attn_types=("flex", "varlen"), steps=8))


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Engines that lose the attention choice in different ways, with both attention types."""
    from titan_lint.verify.verify import Settings, verify

    directory = tmp_path_factory.mktemp("engines")
    names = ("founding", "getattr_guard", "unguarded_override", "deepseek_moe")
    copy_with_parts(*names, to=directory, of="engines")
    copy_with_parts("known_masks", to=directory, of="explained")
    return verify([directory], Settings(device="cpu", steps=8))
