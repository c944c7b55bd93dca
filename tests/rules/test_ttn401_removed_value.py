"""TTN401: literals that the target takes no more."""

from __future__ import annotations

import pytest

from tests.fixing import fix_text
from tests.rules.cases import found, messages
from titan_lint.finding import Severity

CALL = "from torchtitan.config import ParallelismConfig\np = ParallelismConfig(spmd_backend={})\n"


def test_a_renamed_value_is_rewritten_in_the_quotes_of_the_file() -> None:
    fixed = fix_text(CALL.format("'default'"), select=["TTN401"])
    assert fixed.source.text == CALL.format("'partial_dtensor'")


@pytest.mark.parametrize(
    "value", ["'partial_dtensor'", "'spmd_types'", "backend", "f'{x}'", "get('default')"]
)
def test_values_that_are_taken_or_unknown_are_left_alone(value: str) -> None:
    assert messages("TTN401", CALL.format(value)) == []


@pytest.mark.parametrize(("torchtitan", "found"), [("0.3.0", 1), ("2026-06-10", 0)])
def test_a_value_is_gone_only_where_it_is_gone(torchtitan: str, found: int) -> None:
    assert len(messages("TTN401", CALL.format("'default'"), torchtitan)) == found


def test_a_field_of_another_class_takes_what_it_likes() -> None:
    text = (
        "from torchtitan.trainer import Trainer\n"
        "def f(config, mine: Trainer.Config):\n    config.parallelism.spmd_backend = 'default'\n"
    )
    assert messages("TTN401", text) == []


@pytest.mark.parametrize(
    ("cls", "severity"), [("ParallelDims", Severity.WARNING), ("ParallelismConfig", Severity.ERROR)]
)
def test_a_value_that_an_annotation_alone_refuses_is_a_warning(
    cls: str, severity: Severity
) -> None:
    """`ParallelismConfig` checks it, `ParallelDims` takes what it is given."""
    module = "distributed" if cls == "ParallelDims" else "config"
    given = "dp_replicate=1, dp_shard=1, cp=1, tp=1, pp=1, ep=1, world_size=1, "
    text = (
        f"from torchtitan.{module} import {cls}\n"
        f"{cls}({given if cls == 'ParallelDims' else ''}spmd_backend='full_dtensor')\n"
    )
    (finding,) = found("TTN401", text, "main", ("TTN401",))
    assert finding.severity is severity
    assert found("TTN401", text, "0.3.0", ("TTN401",)) == []
