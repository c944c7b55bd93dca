"""Reports of real runs, made once for all tests that read them."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.forked import UNTRACED
from titan_lint.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.verify.verify import Run, VerifyReport

FIXTURES = Path(__file__).parents[2] / "fixtures"
HAS_TORCHTITAN = all(map(importlib.util.find_spec, ("torch", "torchtitan")))

needs_torchtitan = pytest.mark.skipif(not HAS_TORCHTITAN, reason="needs torch and torchtitan")

described = functools.cache(verify.describe_environment)


def copy_with_parts(*names: str, to: Path, of: str = "mutations") -> Path:
    """Some fixtures in a directory of their own, with the modules that they import."""
    to.mkdir(parents=True, exist_ok=True)
    shutil.copy(FIXTURES / "engines" / "engine_parts.py", to)
    shutil.copy(FIXTURES / "mutations" / "dense_parts.py", to)
    for name in names:
        shutil.copy(FIXTURES / of / f"{name}.py", to)
    return to


def run_of(report: VerifyReport, module: str, attn_type: str) -> Run:
    (run,) = (
        run
        for run in report.runs
        if (run.engine.partition(":")[0], run.attn_type) == (module, attn_type)
    )
    return run


@contextlib.contextmanager
def forked_probes() -> Iterator[None]:
    """Fork probes from a process with torch and torchtitan in it, and run their functions untraced.

    Tracing compiled functions for the eager backend takes a third of a run, and comes to the same
    figures. So does multiplying experts in bfloat16, which took more than half of what was left.
    """
    from .forked import ForkedProbe

    with pytest.MonkeyPatch.context() as patch:
        for name, value in UNTRACED.items():
            patch.setenv(name, value)
        patch.setattr("titan_lint.verify.process.Supervised", ForkedProbe)
        patch.setattr(verify, "describe_environment", described)
        yield


@pytest.fixture(scope="module")
def described_once() -> Iterator[None]:
    """What this machine has is found out once: a process imports torch for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify, "describe_environment", described)
        yield


@pytest.fixture(scope="module")
def forked() -> Iterator[None]:
    """All probes of a module are forked."""
    with forked_probes():
        yield


@pytest.fixture(scope="module")
def cuda() -> None:
    """Skip where there is no CUDA device, with the reason."""
    if not HAS_TORCHTITAN:
        pytest.skip("needs torch and torchtitan")
    import torch

    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
