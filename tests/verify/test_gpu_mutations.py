"""Mutations on a GPU, on one rank and sharded over two: exactly the broken check fails there too.

Skipped elsewhere. Where there is one GPU, the two ranks share it, with Gloo in the place of NCCL.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from titan_lint.verify.checks import CHECKS, Outcome

from .conftest import copy_with_parts, run_of
from .test_mutations import BROKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.verify.verify import VerifyReport

STAND_INS = Path(__file__).parents[2] / "scripts" / "gpu_stand_ins"

pytestmark = [pytest.mark.gpu, pytest.mark.usefixtures("cuda")]


@pytest.fixture(scope="module", params=[1, 2])
def mutations_on_gpu(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[VerifyReport]:
    import torch

    from titan_lint.verify.verify import VerifySettings, verify

    names = {module for module, _ in BROKEN}
    directory = copy_with_parts("right", *names, to=tmp_path_factory.mktemp("mutations"))
    settings = VerifySettings(
        device="cuda", jobs=6, attn_types=("flex", "varlen"), ranks=request.param
    )
    with pytest.MonkeyPatch.context() as patch:
        if torch.cuda.device_count() < request.param:
            patch.setenv("TITAN_LINT_RANKS_SHARE_GPU", "1")
            patch.setenv("PYTHONPATH", str(STAND_INS), prepend=os.pathsep)
        yield verify([directory], settings)


@pytest.mark.parametrize(("module", "attn_type"), BROKEN)
def test_exactly_the_broken_check_fails(
    mutations_on_gpu: VerifyReport, module: str, attn_type: str
) -> None:
    run = run_of(mutations_on_gpu, module, attn_type)
    failed = {check.name: check.reason for check in run.failed_after}
    assert list(failed) == [BROKEN[module, attn_type][0]], failed


def test_all_checks_apply_to_and_pass_on_the_engine_that_nothing_is_broken_in(
    mutations_on_gpu: VerifyReport,
) -> None:
    for attn_type in ("flex", "varlen"):
        run = run_of(mutations_on_gpu, "right", attn_type)
        assert [
            (c.name, c.outcome, c.reason) for c in run.after if c.outcome is not Outcome.PASSED
        ] == []


def test_broken_device_does_not_fail_the_next_attention_type(tmp_path: Path) -> None:
    from titan_lint.verify.verify import VerifySettings, verify

    directory = copy_with_parts("breaks_device", to=tmp_path)
    report = verify([directory], VerifySettings(device="cuda", attn_types=("flex", "varlen")))
    broken = run_of(report, "breaks_device", "flex").failed_after
    assert [check.name for check in broken] == ["imports"]
    assert "CUDA error" in broken[0].reason
    run = run_of(report, "breaks_device", "varlen")
    assert [(c.name, c.outcome) for c in run.after] == [(n, Outcome.PASSED) for n in CHECKS]
