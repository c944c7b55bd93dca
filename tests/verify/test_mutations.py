"""A verify that cannot fail is worth nothing: each check has engines on which only it fails."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from titan_lint.verify.checks import CHECKS, Outcome
from titan_lint.verify.page import html_report

from .conftest import copy_with_parts, needs_torchtitan, run_of
from .pages import Page

if TYPE_CHECKING:
    from titan_lint.verify.verify import VerifyReport

pytestmark = needs_torchtitan

BROKEN = {
    ("imports", "flex"): ("imports", "KeyError: 'debugmodel_xxl'"),
    ("backend", "varlen"): ("backend", "asked for VarlenAttention, the model has 1 DenseFlex"),
    ("masks", "flex"): ("masks", "takes BlockMask, the engine builds VarlenMetadata"),
    ("documents", "flex"): ("documents", "one document's tokens move the other's logits"),
    ("document_order", "flex"): ("documents", "swapped documents move their logits"),
    ("same_model", "flex"): ("same model", "parameters or buffers differ"),
    ("reference", "flex"): ("reference", "inner_attention differs from dense float32 attention"),
    ("trains_not", "flex"): ("trains", "not falling"),
    ("trains_nan", "flex"): ("trains", "gradient not finite in 1 parameters"),
    ("trains_otherwise", "flex"): ("trains", "weight_decay 0.0, configured was 0.1"),
}


@pytest.fixture(scope="module")
def mutations(forked: None, tmp_path_factory: pytest.TempPathFactory) -> VerifyReport:
    """Every mutation that runs to its end, on the CPU."""
    from titan_lint.verify.verify import VerifySettings, verify

    reports: list[VerifyReport] = []
    for attn_type in ("flex", "varlen"):
        names = [module for module, asked in {("right", "flex"), *BROKEN} if asked == attn_type]
        directory = copy_with_parts(*names, to=tmp_path_factory.mktemp(attn_type))
        settings = VerifySettings(device="cpu", attn_types=(attn_type,), steps=4)
        reports.append(verify([directory], settings))
    first, second = reports
    first.runs += second.runs
    return first


def test_every_check_is_broken_by_some_mutation() -> None:
    assert {check for check, _ in BROKEN.values()} == set(CHECKS)


@pytest.mark.parametrize(("module", "attn_type"), BROKEN)
def test_exactly_the_broken_check_fails(
    mutations: VerifyReport, module: str, attn_type: str
) -> None:
    broken, reason = BROKEN[module, attn_type]
    run = run_of(mutations, module, attn_type)
    assert [check.name for check in run.failed_after] == [broken]
    assert reason in run.failed_after[0].reason


def test_all_checks_apply_to_and_pass_on_the_engine_that_nothing_is_broken_in(
    mutations: VerifyReport,
) -> None:
    run = run_of(mutations, "right", "flex")
    assert [(c.name, c.outcome) for c in run.after] == [(name, Outcome.PASSED) for name in CHECKS]


def test_swallowed_mask_leaks_as_much_as_no_mask_at_all(mutations: VerifyReport) -> None:
    documents = run_of(mutations, "documents", "flex").seen_after.documents
    assert documents is not None
    assert documents.unmasked is not None
    assert documents.leak == pytest.approx(documents.unmasked, rel=1e-3)


def test_swallowed_mask_shows_in_the_influence_and_not_in_the_mask(mutations: VerifyReport) -> None:
    seen = run_of(mutations, "documents", "flex").seen_after
    assert seen.due is not None
    assert seen.documents is not None
    (built,) = seen.built
    assert (built.kind, built.beyond, built.short) == ("BlockMask", 0, 0)
    assert built.cells == seen.due.cells
    (own, on_second), (on_first, _) = seen.documents.influence
    assert on_first < 1e-6 < on_second == seen.documents.leak < own


def test_masks_of_a_right_engine_are_the_ones_that_are_due(mutations: VerifyReport) -> None:
    seen = run_of(mutations, "right", "flex").seen_after
    assert seen.due is not None
    assert [len(row) for row in seen.due.cells] == [48] * 48
    assert seen.built[0].cells == seen.due.cells
    # Documents of 160 and 224 tokens, eight tokens a cell.
    assert [seen.due.cells[20][i] for i in (0, 19, 20, 21)] == [*"0050"]
    assert [seen.due.cells[47][i] for i in (19, 20, 46, 47)] == [*"0995"]


def test_swallowed_mask_is_not_judged_by_the_reference_too(mutations: VerifyReport) -> None:
    run = run_of(mutations, "documents", "flex")
    reference = run.after[CHECKS.index("reference")]
    assert reference.outcome is Outcome.NOT_APPLICABLE
    assert "documents" in reference.reason


def test_broken_engines_make_the_whole_report_fail(mutations: VerifyReport) -> None:
    assert mutations.exit_code == 1


def test_page_needs_nothing_else_and_closes_its_tags(mutations: VerifyReport) -> None:
    page = Page(html_report(mutations))
    assert page.open == []
    assert [name for name in page.references if not name.startswith("#run-")] == []
    assert "one document's tokens move the other's logits" in page.text


def test_page_shows_the_loss_curves(mutations: VerifyReport) -> None:
    assert html_report(mutations).count("<figcaption>Loss on one fixed batch") == sum(
        bool(run.seen_before.training or run.seen_after.training) for run in mutations.runs
    )


def test_page_marks_the_leak_of_a_swallowed_mask(mutations: VerifyReport) -> None:
    run = run_of(mutations, "documents", "flex")
    number = mutations.runs.index(run)
    leak = run.seen_after.documents.leak if run.seen_after.documents is not None else 0.0
    assert leak > 1e-3
    page = html_report(mutations)
    section = page[page.index(f'<details id="run-{number}"') :]
    section = section[: section.index("</details>")]
    assert re.findall(r">leak</text>", section) == [">leak</text>"] * 2, "before and after"
    assert f"leak {leak:.1e} not ≤ {leak / 100:.1e}" in section
