"""What only a GPU can show; skipped with the reason elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from titan_lint.verify.checks import CHECKS, Outcome

from .conftest import HAS_TORCHTITAN, copy_with_parts
from .test_mutations import BROKEN, run_of

if TYPE_CHECKING:
    from titan_lint.verify.verify import Report


pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module", autouse=True)
def _cuda() -> None:
    if not HAS_TORCHTITAN:
        pytest.skip("needs torch and torchtitan")
    import torch

    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")


@pytest.fixture(scope="module")
def engines_on_gpu(tmp_path_factory: pytest.TempPathFactory) -> Report:
    from titan_lint.verify.verify import Settings, verify

    directory = tmp_path_factory.mktemp("engines")
    copy_with_parts("founding", "import_alias", "gpt_oss", to=directory, of="engines")
    return verify([directory], Settings(device="cuda", jobs=3))


@pytest.fixture(scope="module")
def mutations_on_gpu(tmp_path_factory: pytest.TempPathFactory) -> Report:
    from titan_lint.verify.verify import Settings, verify

    names = {module for module, _ in BROKEN}
    directory = copy_with_parts("right", *names, to=tmp_path_factory.mktemp("mutations"))
    return verify([directory], Settings(device="cuda", jobs=6, attn_types=("flex", "varlen")))


@pytest.mark.parametrize("module", ["founding", "import_alias", "gpt_oss"])
@pytest.mark.parametrize("attn_type", ["flex", "varlen"])
def test_every_check_applies_and_passes_after_the_rewrite(
    engines_on_gpu: Report, module: str, attn_type: str
) -> None:
    run = run_of(engines_on_gpu, module, attn_type)
    assert [
        (c.name, c.outcome, c.reason) for c in run.after if c.outcome is not Outcome.PASSED
    ] == []


@pytest.mark.parametrize("module", ["founding", "import_alias"])
def test_varlen_fails_before_the_rewrite(engines_on_gpu: Report, module: str) -> None:
    failed = run_of(engines_on_gpu, module, "varlen").failed_before
    assert [check.name for check in failed] == ["backend", "masks"]


@pytest.mark.parametrize(("module", "attn_type"), BROKEN)
def test_exactly_the_broken_check_fails(
    mutations_on_gpu: Report, module: str, attn_type: str
) -> None:
    run = run_of(mutations_on_gpu, module, attn_type)
    assert [check.name for check in run.failed_after] == [BROKEN[module, attn_type][0]]


def test_all_checks_apply_to_and_pass_on_the_engine_that_nothing_is_broken_in(
    mutations_on_gpu: Report,
) -> None:
    for attn_type in ("flex", "varlen"):
        run = run_of(mutations_on_gpu, "right", attn_type)
        assert [(c.name, c.outcome) for c in run.after] == [(n, Outcome.PASSED) for n in CHECKS]
