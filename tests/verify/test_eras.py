"""Engines written for earlier torchtitans: right at their time, broken at 0.3.0, right once fixed."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.projects import run_here
from titan_lint.verify.checks import Outcome

from .conftest import FIXTURES, needs_torchtitan

if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.verify.verify import Run, VerifyReport

ENGINES = FIXTURES / "engines"
ERAS = {"era_verl_0_7_1": "2026-03-15", "era_verl_0_8_0": "2026-05-10", "era_2026_07": "2026-07-20"}
TRAIN_SPEC = FIXTURES / "explained" / "era_0_2_2.py"


def findings(path: Path, *options: str) -> list[dict[str, str]]:
    run = run_here(
        *("--output-format", "json", "--exit-zero", *options, path.name), cwd=path.parent
    )
    assert run.status == 0, run.err
    return json.loads(run.out)["findings"]


# All of them take two minutes of two cores.
RUN = [*(pytest.param(era, marks=pytest.mark.slow) for era in tuple(ERAS)[:-1]), tuple(ERAS)[-1]]


@pytest.fixture(scope="module", params=RUN)
def run(
    request: pytest.FixtureRequest, forked: None, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, VerifyReport]:
    from titan_lint.verify.verify import VerifySettings, verify

    directory = tmp_path_factory.mktemp("era")
    for name in ("era_parts", request.param):
        shutil.copy(ENGINES / f"{name}.py", directory)
    return request.param, verify([directory], VerifySettings(device="cpu", steps=4))


def run_of(report: VerifyReport, engine: str, attn_type: str) -> Run:
    (run,) = (r for r in report.runs if (r.engine, r.attn_type) == (engine, attn_type))
    return run


@pytest.mark.parametrize("era", RUN)
def test_engine_is_right_at_its_time_but_for_the_attention(era: str) -> None:
    found = {f["code"] for f in findings(ENGINES / f"{era}.py", "--torchtitan", ERAS[era])}
    # In July the registry took `attn_backend` and this engine forgets it: the bug itself.
    assert found == ({"TTN101", "TTN103"} if era == "era_2026_07" else set())


@needs_torchtitan
@pytest.mark.parametrize("attn_type", ["flex", "varlen"])
def test_engine_of_an_era_runs_once_it_is_fixed(
    run: tuple[str, VerifyReport], attn_type: str
) -> None:
    era, report = run
    found = run_of(report, f"{era}:make_engine", attn_type)
    assert [check.name for check in found.failed_before] == ["imports"]
    assert found.failed_after == []
    passed = {check.name for check in found.after if check.outcome is Outcome.PASSED}
    assert {"imports", "backend", "masks", "documents"} <= passed


@needs_torchtitan
@pytest.mark.parametrize("attn_type", ["flex", "varlen"])
def test_trainer_config_of_an_era_holds_the_attention_asked_for(
    run: tuple[str, VerifyReport], attn_type: str
) -> None:
    era, report = run
    found = run_of(report, f"{era}:make_trainer_engine", attn_type)
    assert found.failed_after == []
    passed = {check.name for check in found.after if check.outcome is Outcome.PASSED}
    assert passed == {"imports", "backend"}


def test_train_spec_engine_is_carried_as_far_as_names_go(tmp_path: Path) -> None:
    shutil.copy(TRAIN_SPEC, tmp_path)
    engine = tmp_path / TRAIN_SPEC.name
    left = findings(engine, "--fix", "--torchtitan", "0.3.0")
    text = engine.read_text(encoding="utf-8")
    assert "from torchtitan.models.common.attention import (\n    AttentionMasksType," in text
    # Without CUDA graphs, as at the version that it was written for.
    training = (
        "TrainingConfig(seq_len=384, local_batch_size=1, steps=100, disable_cuda_graphs=True)"
    )
    assert f"training={training}" in text
    assert "checkpoint=CheckpointManager.Config(enable=False)" in text
    unresolved = " ".join(finding["message"] for finding in left)
    assert "`torchtitan.config.JobConfig` is gone" in unresolved
    assert "build_optimizers` is gone" in unresolved
