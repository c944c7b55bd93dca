"""Engines on a GPU, where every check applies; skipped with the reason elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from titan_lint.verify.checks import Outcome

from .conftest import copy_with_parts, run_of

if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.verify.verify import VerifyReport

pytestmark = [pytest.mark.gpu, pytest.mark.usefixtures("cuda")]


@pytest.fixture(scope="module")
def engines_on_gpu(tmp_path_factory: pytest.TempPathFactory) -> VerifyReport:
    from titan_lint.verify.verify import VerifySettings, verify

    directory = tmp_path_factory.mktemp("engines")
    copy_with_parts("founding", "import_alias", "gpt_oss", to=directory, of="engines")
    return verify([directory], VerifySettings(device="cuda", jobs=3))


@pytest.mark.parametrize("module", ["founding", "import_alias", "gpt_oss"])
@pytest.mark.parametrize("attn_type", ["flex", "varlen"])
def test_every_check_applies_and_passes_after_the_rewrite(
    engines_on_gpu: VerifyReport, module: str, attn_type: str
) -> None:
    run = run_of(engines_on_gpu, module, attn_type)
    assert [
        (c.name, c.outcome, c.reason) for c in run.after if c.outcome is not Outcome.PASSED
    ] == []


@pytest.mark.parametrize("module", ["founding", "import_alias"])
def test_varlen_fails_before_the_rewrite(engines_on_gpu: VerifyReport, module: str) -> None:
    failed = run_of(engines_on_gpu, module, "varlen").failed_before
    assert [check.name for check in failed] == ["backend", "masks"]


@pytest.fixture(scope="module")
def flash_kernel() -> None:
    """Skip, with the reason, where FlexAttention has no flash kernel."""
    import torch

    pytest.importorskip("flash_attn.cute", reason="the flash kernel is in flash-attn-4")
    if torch.cuda.get_device_capability() < (9, 0):
        pytest.skip("the flash kernel of FlexAttention needs Hopper or Blackwell")


@pytest.mark.usefixtures("flash_kernel")
def test_flash_kernel_is_asked_for_only_after_the_rewrite(tmp_path: Path) -> None:
    from titan_lint.verify.verify import VerifySettings, verify

    copy_with_parts("bfloat16", to=tmp_path, of="engines")
    report = verify([tmp_path], VerifySettings(device="cuda", attn_types=("flex_flash",)))
    run = run_of(report, "bfloat16", "flex_flash")
    assert "backend" in [check.name for check in run.failed_before]
    assert [
        (c.name, c.outcome, c.reason) for c in run.after if c.outcome is not Outcome.PASSED
    ] == []
