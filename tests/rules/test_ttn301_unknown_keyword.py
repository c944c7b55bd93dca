"""TTN301: what certainly fails is reported where it is passed."""

from __future__ import annotations

import pytest

from tests.fixing import fix_text
from tests.rules.call_cases import CALLS, CONFIG, messages
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

REPORTED = {
    "a key that is stored": (
        "TTN301",
        f"{CONFIG}def f(n):\n    kw = {{}}\n    if n:\n"
        "        kw['expert_tensor_parallel_degree'] = n\n    return ParallelismConfig(**kw)\n",
    ),
    "a key of dict()": (
        "TTN301",
        f"{CONFIG}kw = dict(expert_tensor_parallel_degree=2)\nx = ParallelismConfig(**kw)\n",
    ),
    "partial": (
        "TTN301",
        f"import functools\n{CONFIG}"
        "make = functools.partial(ParallelismConfig, expert_tensor_parallel_degree=2)\n",
    ),
    "a subclass that passes on": (
        "TTN301",
        f"{CONFIG}class Mine(ParallelismConfig):\n"
        "    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n\n\n"
        "x = Mine(expert_tensor_parallel_degree=2)\n",
    ),
    "a subclass without fields of its own": (
        "TTN301",
        f"{CONFIG}class Mine(ParallelismConfig):\n    pass\n\n\n"
        "x = Mine(expert_tensor_parallel_degree=2)\n",
    ),
    "through a gone import": (
        "TTN301",
        "from torchtitan.config.job_config import Parallelism\n"
        "x = Parallelism(expert_tensor_parallel_degree=2)\n",
    ),
    "a module without a constructor of its own": (
        "TTN301",
        "from torchtitan.protocols.model import BaseModel\nx = BaseModel(model_args=None)\n",
    ),
    "the implementation of an operator": (
        "TTN301",
        "from torchtitan.distributed.deepep import deepep\ndeepep._combine_op_impl(x=1, cache_id=2)\n",
    ),
    "super().__init__": (
        "TTN301",
        "from torchtitan.components.checkpoint import CheckpointManager\n\n\n"
        "class Mine(CheckpointManager):\n    def __init__(self, config, **kwargs):\n"
        "        super().__init__(config, ft_manager=None, **kwargs)\n",
    ),
    "a registry of an unknown model": (
        "TTN301",
        "import importlib\n\n\ndef f(name, flavor):\n"
        '    module = importlib.import_module(f"torchtitan.models.{name}")\n'
        "    return module.model_registry(flavor, quantization=[])\n",
    ),
}


@pytest.mark.parametrize(("code", "text"), REPORTED.values(), ids=REPORTED)
def test_what_certainly_fails_is_reported(code: str, text: str) -> None:
    assert len([m for m in messages(text) if m.startswith(code)]) == 1


@pytest.mark.parametrize(
    "bases",
    ["Mix, BaseModel", "unknown.Mix, BaseModel"],
)
def test_a_module_with_a_constructor_from_elsewhere_takes_what_that_takes(bases: str) -> None:
    text = (
        "import unknown\nfrom torchtitan.protocols.model import BaseModel\n\n\n"
        "class Mix:\n    def __init__(self, size):\n        pass\n\n\n"
        f"class Mine({bases}):\n    pass\n\n\nx = Mine(size=1)\n"
    )
    assert messages(text) == []


def test_keys_of_a_double_star_are_never_rewritten() -> None:
    text = REPORTED["a key that is stored"][1]
    assert fix_text(text, unsafe=True, select=CALLS).source.text == text


def test_one_change_is_one_finding_and_another_change_another() -> None:
    found = messages(
        "from torchtitan.components.optimizer import OptimizersContainer\n"
        "x = OptimizersContainer.Config(lr=1.0, early_step_in_backward=False, beta1=0.5)\n"
    )
    assert [m.partition(" at ")[0] for m in found] == [
        "TTN301 `OptimizersContainer.Config` takes no `lr`, `beta1`",
        "TTN301 `OptimizersContainer.Config` takes no `early_step_in_backward`",
    ]


def test_keyword_of_a_later_torchtitan_is_told_so() -> None:
    (message,) = messages(f"{CONFIG}x = TrainingConfig(max_context_length=1)\n")
    assert (
        "not there yet: the first known here that takes it is torchtitan main of 2026-08-20"
        in message
    )


def test_async_tensor_parallelism_moves_only_where_one_compile_config_stands() -> None:
    text = (
        "from torchtitan.config import CompileConfig, ParallelismConfig\n\n\n"
        "def f():\n    a = CompileConfig()\n    b = CompileConfig()\n"
        "    return a, b, ParallelismConfig(enable_async_tensor_parallel=True)\n"
    )
    assert fix_text(text, unsafe=True, select=["TTN301"]).source.text == text


ASYNC = (
    "from torchtitan.config import CompileConfig, ParallelismConfig\n\n\n"
    "def make(given):\n"
    "    parallelism = ParallelismConfig(enable_async_tensor_parallel=True)\n"
    "    compiled = CompileConfig({})\n"
    "    return parallelism, compiled\n"
)


@pytest.mark.parametrize(
    "given",
    [
        "enable=True",
        "enable=1",
        "enable=True, components=['model']",
        "components=('loss', 'model'), enable=True",
        "enable=True, components=['model', *given]",
        "enable=True, backend='eager'",
    ],
)
def test_async_tensor_parallelism_moves_to_a_compile_config_that_takes_it(given: str) -> None:
    text = ASYNC.format(given)
    assert f"{given}, enable_async_tensor_parallel=True)" in fix_text(text).source.text


@pytest.mark.parametrize(
    "given",
    [
        "",
        "enable=False",
        "enable=None",
        "backend='eager'",
        "enable=True, components=['loss']",
        "enable=True, components=[]",
        "enable=given, components=['loss']",
    ],
)
def test_async_tensor_parallelism_stays_where_the_compile_config_refuses_it(given: str) -> None:
    text = ASYNC.format(given)
    assert [m.partition(" at ")[0] for m in messages(text) if "TTN301" in m] == [
        "TTN301 `ParallelismConfig` takes no `enable_async_tensor_parallel`"
    ]
    assert fix_text(text, unsafe=True, select=["TTN301"]).source.text == text


@pytest.mark.parametrize(
    "given",
    [
        "enable=given",
        "enable=True, components=given",
        "enable=True, components=[*given]",
        "enable=True, components=['loss', given]",
        "enable=not given",
        "**given",
        "True",
        "**({'enable': True} if given else {})",
    ],
)
def test_async_tensor_parallelism_moves_only_when_asked_where_the_compile_config_may_refuse_it(
    given: str,
) -> None:
    text = ASYNC.format(given)
    assert fix_text(text, select=["TTN301"]).source.text == text


@pytest.mark.parametrize("kind", ["Any", '"Any"'])
def test_a_callee_that_is_cast_to_any_is_taken_for_something_else(kind: str) -> None:
    code = f"from typing import Any, cast\n{CONFIG}p = {{}}(expert_tensor_parallel_degree=2)\n"
    assert messages(code.format(f"cast({kind}, ParallelismConfig)")) == []
    assert messages(code.format("ParallelismConfig")) != []


def test_what_a_policy_does_not_say_any_more_is_named_and_makes_the_fix_unsafe() -> None:
    text = (
        "from torchtitan.config import ActivationCheckpointConfig\n\n"
        'policy = ActivationCheckpointConfig(mode="selective")\n'
    )
    (found,) = lint(
        Source("case.py", text),
        codes=("TTN301",),
        targets=targets.parse("0.3.0"),
        options=Options(written_for="main@9810191bb"),
    ).findings
    assert found.fix is not None
    assert found.fix.applicability == "unsafe"
    assert "`selective_ac_option='2'` at torchtitan main of 2026-02-23" in found.fix.message
    assert fix_text(text, written_for="main@9810191bb").source.text == text


def _asked_by(manager: str) -> str:
    return (
        f"from torchtitan.components.checkpoint import {manager}\n\n\n"
        f"def save(manager: {manager}):\n    manager.save(curr_step=0, force=True)\n"
    )


@pytest.mark.parametrize("torchtitan", ["0.2.0", "0.2.2", "main@6bc2108e9", "0.3.0"])
def test_a_method_has_its_history_by_the_class_that_the_code_names(torchtitan: str) -> None:
    """At 0.3.0 the class inherits the method from one that is new."""
    (message,) = messages(_asked_by("CheckpointManager"), torchtitan)
    assert message.startswith("TTN301 `CheckpointManager.save` takes no `force` at ")
    assert message.endswith("; gone since 2025-06-25 (torchtitan commit adae6b6fd)")


def test_a_method_of_a_class_that_is_derived_here_is_named_by_its_base() -> None:
    text = (
        "from torchtitan.components.checkpoint import CheckpointManager\n\n\n"
        "class Mine(CheckpointManager):\n"
        "    def save(self, curr_step, last_step=False):\n"
        "        return super().save(curr_step, force=last_step)\n"
    )
    (message,) = messages(text)
    assert message.startswith("TTN301 `CheckpointManager.save` takes no `force` at ")
    assert message.endswith("; gone since 2025-06-25 (torchtitan commit adae6b6fd)")


@pytest.mark.parametrize("torchtitan", ["0.2.2", "0.3.0"])
def test_a_keyword_that_no_known_torchtitan_takes_is_told_so_and_no_more(torchtitan: str) -> None:
    (message,) = messages(_asked_by("CheckpointManager").replace("force", "forced"), torchtitan)
    assert message.endswith("; no torchtitan known here takes it")


def test_keywords_that_went_one_after_the_other_have_a_finding_each() -> None:
    norms = (
        "from torchtitan.models.common.attention import GQAttention\n\n"
        "a = GQAttention.Config(n_heads=1, dim=2, qkv_linear=q, wo=o, rope=r, inner_attention=i, {}=3)\n"
    )
    (norm,) = messages(norms.format("q_norm"))
    assert "since 2026-04-09 (torchtitan commit 5470cc7ef)" in norm
    (projection,) = messages(norms.format("wkv"))
    assert "since 2026-04-16 (torchtitan commit ad7a86533)" in projection
