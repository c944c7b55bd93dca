"""On several ranks each check fails on its own, too, and where one rank alone is broken it is named.

The engine is sharded over two processes (FSDP), which talk through Gloo. A rank alone is broken only in
what leaves the other one its turns: one that stops would keep that waiting for it.

It takes a minute of two cores, so that it runs with ``-m slow``; the tests on a GPU do the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from titan_lint.verify.checks import CHECKS, Outcome

from .conftest import copy_with_parts, needs_torchtitan, run_of
from .test_mutations import BROKEN

if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.verify.verify import VerifyReport

pytestmark = [pytest.mark.slow, needs_torchtitan]

RANKS = 2
OF_EACH_CHECK = list({check: run for run, (check, _) in BROKEN.items()}.values())
ON_ONE_RANK = [("document_order", "flex"), ("reference", "flex"), ("trains_otherwise", "flex")]
SECOND_ALONE = """
# titan-lint: engine=make_engine attn={attn_type}
import os

from dense_parts import DenseEngine
from {module} import make_engine as make_broken


def make_engine(attn_type, device):
    make = make_broken if os.environ["RANK"] == "1" else DenseEngine
    return make(attn_type, device)
"""


def copy_for_ranks(directory: Path) -> Path:
    """A mutation for each check, and those of which one rank alone is broken."""
    copy_with_parts("right", *(module for module, _ in OF_EACH_CHECK), to=directory)
    for module, attn_type in ON_ONE_RANK:
        text = SECOND_ALONE.format(module=module, attn_type=attn_type)
        (directory / f"second_{module}.py").write_text(text, encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def on_ranks(forked: None, tmp_path_factory: pytest.TempPathFactory) -> VerifyReport:
    from titan_lint.verify.verify import VerifySettings, verify

    directory = copy_for_ranks(tmp_path_factory.mktemp("mutations"))
    attn_types = ("flex", "varlen")
    return verify(
        [directory], VerifySettings(device="cpu", attn_types=attn_types, steps=4, ranks=RANKS)
    )


@pytest.mark.parametrize(("module", "attn_type"), OF_EACH_CHECK)
def test_exactly_the_broken_check_fails(
    on_ranks: VerifyReport, module: str, attn_type: str
) -> None:
    broken, reason = BROKEN[module, attn_type]
    (failed,) = run_of(on_ranks, module, attn_type).failed_after
    assert failed.name == broken
    assert reason in failed.reason


@pytest.mark.parametrize(("module", "attn_type"), ON_ONE_RANK)
def test_the_rank_that_alone_is_broken_is_named(
    on_ranks: VerifyReport, module: str, attn_type: str
) -> None:
    broken, reason = BROKEN[module, attn_type]
    (failed,) = run_of(on_ranks, f"second_{module}", attn_type).failed_after
    assert failed.name == broken
    assert failed.reason.startswith("rank 1: ")
    assert reason in failed.reason


def test_all_checks_pass_on_the_engine_that_nothing_is_broken_in(on_ranks: VerifyReport) -> None:
    run = run_of(on_ranks, "right", "flex")
    assert [(c.name, c.outcome) for c in run.after] == [(name, Outcome.PASSED) for name in CHECKS]
    assert all(check.reason.startswith("on 2 ranks: ") for check in run.after)
