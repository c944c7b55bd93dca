"""Engines before and after their rewrite, as `titan-lint verify` sees them on the CPU."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from titan_lint.verify.checks import CHECKS, Outcome
from titan_lint.verify.page import html_report
from titan_lint.verify.text import text_report

from .conftest import copy_with_parts, needs_torchtitan, run_of
from .pages import Page

if TYPE_CHECKING:
    from titan_lint.verify.verify import VerifyReport

pytestmark = needs_torchtitan

FAILS_BEFORE = {
    ("founding", "flex"): ["masks"],
    ("founding", "varlen"): ["backend", "masks"],
    ("getattr_guard", "flex"): [],
    ("getattr_guard", "varlen"): ["backend", "masks"],
    ("unguarded_override", "flex"): ["imports"],
    ("unguarded_override", "varlen"): ["imports"],
    ("deepseek_moe", "flex"): [],
    ("deepseek_moe", "varlen"): ["backend", "masks"],
    ("known_masks", "varlen"): ["backend", "masks"],
}
LEFT_TO_A_PERSON = {"known_masks"}


@pytest.fixture(scope="module")
def engines(forked: None, tmp_path_factory: pytest.TempPathFactory) -> VerifyReport:
    """Engines that lose the attention choice in different ways, with both attention types."""
    from titan_lint.verify.verify import VerifySettings, verify

    directory = tmp_path_factory.mktemp("engines")
    names = ("founding", "getattr_guard", "unguarded_override", "deepseek_moe")
    copy_with_parts(*names, to=directory, of="engines")
    copy_with_parts("known_masks", to=directory, of="explained")
    return verify([directory], VerifySettings(device="cpu", steps=4))


@pytest.mark.parametrize(("module", "attn_type"), FAILS_BEFORE)
def test_before_fails_where_it_must(engines: VerifyReport, module: str, attn_type: str) -> None:
    run = run_of(engines, module, attn_type)
    assert [check.name for check in run.failed_before] == FAILS_BEFORE[module, attn_type]


@pytest.mark.parametrize(
    ("module", "attn_type"), [key for key in FAILS_BEFORE if key[0] not in LEFT_TO_A_PERSON]
)
def test_after_passes_everything_that_applies(
    engines: VerifyReport, module: str, attn_type: str
) -> None:
    run = run_of(engines, module, attn_type)
    assert run.failed_after == []
    passed = {check.name for check in run.after if check.outcome is Outcome.PASSED}
    assert {"imports", "backend", "masks", "documents"} <= passed
    assert ("reference" in passed) == (attn_type == "flex")


def test_what_is_only_explained_still_fails_after(engines: VerifyReport) -> None:
    assert run_of(engines, "known_masks", "varlen").failed_after
    assert engines.exit_code == 1


def test_rewrite_that_keeps_the_attention_keeps_every_bit(engines: VerifyReport) -> None:
    run = run_of(engines, "getattr_guard", "flex")
    same = run.after[CHECKS.index("same model")]
    assert same.outcome is Outcome.PASSED
    assert same.reason == "parameters and logits equal in every bit"


def test_rewrite_that_changes_the_attention_keeps_the_parameters(engines: VerifyReport) -> None:
    same = run_of(engines, "getattr_guard", "varlen").after[CHECKS.index("same model")]
    assert same.outcome is Outcome.PASSED
    assert "the attention changed" in same.reason


def test_engine_for_one_attention_type_is_not_asked_for_another(engines: VerifyReport) -> None:
    asked = {run.attn_type for run in engines.runs if run.engine.startswith("known_masks")}
    assert asked == {"varlen"}


def test_stand_in_for_a_cuda_kernel_is_named(engines: VerifyReport) -> None:
    documents = run_of(engines, "founding", "varlen").after[CHECKS.index("documents")]
    assert "varlen_attn computed densely" in documents.reason


def test_report_shows_the_rewrite(engines: VerifyReport) -> None:
    (diff,) = engines.diffs.values()
    assert "+        model_spec = model_module.model_registry(" in diff
    assert "attn_backend=self.engine_config.attn_type" in diff


def test_text_shows_each_engine_before_and_after(engines: VerifyReport) -> None:
    text = text_report(engines)
    row = next(
        line for line in text.splitlines() if line.startswith("founding") and "varlen" in line
    )
    assert re.split(r"\s{2,}", row)[2:5] == ["pass > pass", "FAIL > pass", "FAIL > pass"]
    assert all(f"\n{name}: " in text for name in CHECKS)
    assert "asked for VarlenAttention, the model has 1 FlexAttention" in text
    assert text.rstrip().endswith("fail before the rewrite, 1 after.")


def test_json_holds_every_check_of_every_run(engines: VerifyReport) -> None:
    data = json.loads(json.dumps(engines.to_json()))
    assert data["version"] == 1
    assert {run["attn_type"] for run in data["runs"]} == {"flex", "varlen"}
    for run in data["runs"]:
        assert [check["name"] for check in run["checks"]] == list(CHECKS)


def test_page_shows_the_diff(engines: VerifyReport) -> None:
    assert "+        model_spec = model_module.model_registry(" in Page(html_report(engines)).text
