"""What stands behind a comparison with a value that a field of the target never has is not judged."""

from __future__ import annotations

import pytest

from tests.rules.cases import messages

HEAD = (
    "from torchtitan.config import ParallelismConfig\nfrom torchtitan.distributed import utils\n"
    "from torchtitan.trainer import Trainer\n"
)
GO = "def go(p: ParallelismConfig, c: Trainer.Config, x):\n"
OLD = "utils.maybe_enable_amp()"


def branch(test: str) -> str:
    return f"{HEAD}{GO}    if {test}:\n        return {OLD}\n    return 1\n"


NEVER = {
    "refused": "p.spmd_backend == 'gone'",
    "turned round": "'gone' == p.spmd_backend",
    "called otherwise since": "p.spmd_backend == 'default'",
    "no choice of its type": "c.training.mixed_precision_param == 'float8'",
    "of a config in a config": "c.parallelism.spmd_backend == 'gone'",
    "one of several": "p.spmd_backend in ('gone', 'older')",
    "one of a set": "p.spmd_backend in {'gone'}",
    "and something else": "x and p.spmd_backend == 'gone'",
    "not another one": "not p.spmd_backend != 'gone'",
    "by name": "getattr(p, 'spmd_backend', None) == 'gone'",
    "a number": "p.spmd_backend == 3",
    "refused alone": "p.context_parallel_load_balancer == ''",
}


@pytest.mark.parametrize("test", NEVER.values(), ids=NEVER)
def test_a_branch_for_a_value_that_is_never_there_is_not_judged(test: str) -> None:
    assert messages("TTN201", branch(test)) == []


@pytest.mark.parametrize("test", NEVER.values(), ids=NEVER)
def test_what_is_done_for_all_other_values_is_judged(test: str) -> None:
    text = f"{HEAD}{GO}    if {test}:\n        return 1\n    return {OLD}\n"
    assert len(messages("TTN201", text)) == 1


@pytest.mark.parametrize(
    "body",
    [
        f"    if p.spmd_backend != 'gone':\n        return 1\n    return {OLD}\n",
        f"    assert p.spmd_backend == 'gone'\n    return {OLD}\n",
        f"    return {OLD} if p.spmd_backend == 'gone' else 1\n",
        f"    return p.spmd_backend == 'gone' and {OLD}\n",
        f"    is_old = p.spmd_backend == 'gone'\n    if is_old:\n        return {OLD}\n",
        f"    backend = p.spmd_backend\n    if backend == 'gone':\n        return {OLD}\n",
        f"    match p.spmd_backend:\n        case 'gone' | 'older':\n            return {OLD}\n",
        "    if p.spmd_backend == 'gone':\n        from torchtitan.gone import old\n        old()\n",
    ],
)
def test_whatever_a_value_that_is_never_there_leads_to_is_not_judged(body: str) -> None:
    assert messages("TTN201", HEAD + GO + body) == []


def test_a_function_that_asks_for_a_value_that_is_never_there_answers_no() -> None:
    asked = "def is_old(p: ParallelismConfig):\n    return p.spmd_backend == 'gone'\n"
    text = branch("is_old(p)").replace(GO, asked + GO)
    assert messages("TTN201", text) == []
    assert messages("TTN201", text.replace("'gone'", "'full_dtensor'"))


@pytest.mark.parametrize(
    "test",
    [
        "p.spmd_backend == 'full_dtensor'",
        "p.spmd_backend in ('gone', 'full_dtensor')",
        "p.spmd_backend != 'gone'",
        "p.spmd_backend == 'gone' or x",
        "c.training.mixed_precision_param == 'float32'",
        "p.pipeline_parallel_schedule == 'any text'",
        "p.spmd_backend.lower() == 'gone'",
        "p.spmd_backend == x",
        "x == 'gone'",
        "x.spmd_backend == 'gone'",
    ],
)
def test_a_branch_for_a_value_that_may_be_there_is_judged(test: str) -> None:
    assert len(messages("TTN201", branch(test))) == 1


def test_a_field_that_the_project_declares_anew_may_have_any_value() -> None:
    own = "class Mine(ParallelismConfig):\n    spmd_backend: str = 'gone'\n\n\n"
    go = GO.replace("p: ParallelismConfig", "p: Mine")
    text = branch("p.spmd_backend == 'gone'").replace(GO, own + go)
    assert messages("TTN201", text)
