"""Calls held against signatures: what is left alone, and what is reported where."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from titan_lint.fix import fix_text
from titan_lint.lint import lint
from titan_lint.rules.base import Options
from titan_lint.source import Source
from titan_lint.surface import targets
from titan_lint.written_for import of_source

CALLS = ["TTN108", "TTN301", "TTN302", "TTN303", "TTN304", "TTN401"]
CONFIG = "from torchtitan.config import ParallelismConfig, TrainingConfig\n"


def messages(code: str, torchtitan: str = "0.3.0", written_for: str | None = None) -> list[str]:
    linted = lint(
        Source("case.py", code),
        codes=CALLS,
        targets=targets.parse_all(torchtitan.split()),
        options=Options(written_for=written_for),
    )
    assert not linted.failures
    return [f"{f.code} {f.message}" for f in linted.findings]


SILENT = {
    "unknown keys": f"{CONFIG}def f(**kwargs):\n    return ParallelismConfig(**kwargs)\n",
    "keys that another function may drop": (
        f"{CONFIG}def f(clean):\n    kw = {{'etp': 1}}\n    clean(kw)\n"
        "    return ParallelismConfig(**kw)\n"
    ),
    "except TypeError": (
        f"{CONFIG}try:\n    x = ParallelismConfig(expert_tensor_parallel_degree=2)\n"
        "except TypeError:\n    x = ParallelismConfig()\n"
    ),
    "a test that wants the error": (
        "import pytest\n"
        f"{CONFIG}def test():\n    with pytest.raises(TypeError):\n"
        "        ParallelismConfig(expert_tensor_parallel_degree=2)\n"
    ),
    "inspect.signature": (
        f"import inspect\n{CONFIG}"
        "if 'expert_tensor_parallel_degree' in inspect.signature(ParallelismConfig).parameters:\n"
        "    x = ParallelismConfig(expert_tensor_parallel_degree=2)\n"
    ),
    "another class of that name": (
        "from megatron import ParallelismConfig\n"
        "x = ParallelismConfig(expert_tensor_parallel_degree=2)\n"
    ),
    "one of two": (
        "try:\n    from torchtitan.config import ParallelismConfig\n"
        "except ImportError:\n    from mine import ParallelismConfig\n"
        "x = ParallelismConfig(expert_tensor_parallel_degree=2)\n"
    ),
    "a constructor of its own": (
        f"{CONFIG}class Mine(ParallelismConfig):\n"
        "    def __init__(self, ours, **kwargs):\n        super().__init__(**kwargs)\n\n\n"
        "x = Mine(ours=1)\n"
    ),
    "a field of its own": (
        f"from dataclasses import dataclass\n{CONFIG}@dataclass(kw_only=True)\n"
        "class Mine(ParallelismConfig):\n    ours: int\n\n\nx = Mine(ours=1)\n"
    ),
    "what partial leaves open": (
        "from functools import partial\n"
        "from torchtitan.components.validate import Validator\n"
        "make = partial(Validator, seq_len=1)\n"
    ),
    "a value that a config takes in another spelling": (
        "from torchtitan.components.checkpoint import CheckpointManager\n"
        'x = CheckpointManager.Config(async_mode="ASYNC")\n'
    ),
    "a model behind hooks": (
        "from torchtitan.models.llama3.model import Llama3Model\n\n\n"
        "def f(model: Llama3Model, a):\n    return model(a, extra=1)\n"
    ),
    "a config that is only read": (
        "from torchtitan.trainer import Trainer\n\n\ndef f(spec):\n"
        "    config = Trainer.Config(model_spec=spec)\n"
        "    spec.model.update_from_config(config=config)\n"
    ),
}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_what_cannot_be_told_is_left_alone(code: str) -> None:
    assert messages(code) == []


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
    assert "comes only with main of 2026-08-20" in message


FORWARD = (
    "from torchtitan.models.llama3.model import Llama3Model\n\n\n"
    "def f(model: Llama3Model, tokens, {a}, {b}):\n    return model(tokens, {a}, {b})\n"
)


def test_arguments_named_as_the_new_parameters_have_not_drifted() -> None:
    code = FORWARD.format(a="positions", b="attention_masks")
    assert messages(code, written_for="main@7cec16600") == []


def test_swapped_arguments_named_as_the_old_parameters_are_rewritten_safely() -> None:
    code = FORWARD.format(a="attention_masks", b="positions")
    fixed = fix_text(code, written_for="main@7cec16600", select=CALLS)
    assert "model(tokens, attention_masks=attention_masks, positions=positions)" in (
        fixed.source.text
    )


def test_drift_of_an_inferred_version_is_rewritten_unsafely() -> None:
    old = "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
    old += f"{CONFIG}p = ParallelismConfig(expert_tensor_parallel_degree=1)\n"
    code = old + FORWARD.format(a="first", b="second")
    assert "first, second)" in fix_text(code, select=["TTN303"]).source.text
    fixed = fix_text(code, unsafe=True, select=["TTN303"])
    assert "model(tokens, attention_masks=first, positions=second)" in fixed.source.text


def test_gpt_oss_backend_by_position_is_named() -> None:
    code = (
        "from torchtitan.models.gpt_oss import model_registry\n"
        'spec = model_registry("20b", "flex")\n'
    )
    fixed = fix_text(code, written_for="main@7cec16600", select=["TTN303"])
    assert 'model_registry("20b", attn_backend="flex")' in fixed.source.text


def test_async_tensor_parallelism_moves_only_where_one_compile_config_stands() -> None:
    text = (
        "from torchtitan.config import CompileConfig, ParallelismConfig\n\n\n"
        "def f():\n    a = CompileConfig()\n    b = CompileConfig()\n"
        "    return a, b, ParallelismConfig(enable_async_tensor_parallel=True)\n"
    )
    assert fix_text(text, unsafe=True, select=["TTN301"]).source.text == text


def test_guard_is_asked_for_once_at_several_targets() -> None:
    code = (
        "from torchtitan.models.llama3 import model_registry\n\n\n"
        "def f(attn):\n    return model_registry('8B', attn_backend=attn)\n"
    )
    (message,) = messages(code, "0.2.2 0.3.0")
    assert message.startswith("TTN108")
    assert messages(code) == []


NAMES = st.sampled_from(
    [
        *("expert_parallel_degree", "tensor_parallel_degree", "spmd_backend", "full_dtensor"),
        *("expert_tensor_parallel_degree", "context_parallel_rotate_method"),
        *("disable_loss_parallel", "nothing"),
    ]
)
VALUES = st.sampled_from(
    ["1", "2", "False", "True", "None", '"default"', '"allgather"', "n", "f()"]
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(NAMES, VALUES, max_size=5),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["0.3.0", "main@c4b409af2", "main@73aed7f6c"]),
)
def test_fixes_always_parse_and_settle(
    keywords: dict[str, str], several_lines: bool, comma: bool, torchtitan: str
) -> None:
    parts = [f"{name}={value}" for name, value in keywords.items()]
    if several_lines and parts:
        inside = "\n    " + ",\n    ".join(parts) + (",\n" if comma else "\n")
    else:
        inside = ", ".join(parts) + ("," if comma and parts else "")
    code = f"{CONFIG}\n\ndef f(n=0):\n    return n\n\n\nn = 1\nx = ParallelismConfig({inside})\n"
    once = fix_text(code, torchtitan=torchtitan, unsafe=True, select=CALLS)
    assert once.refused is None
    again = fix_text(once.source.text, torchtitan=torchtitan, unsafe=True, select=CALLS)
    assert again.source.text == once.source.text


def test_version_is_inferred_from_what_resolves() -> None:
    code = (
        "from torchtitan.components.loss import CrossEntropyLoss\n"
        "from torchtitan.components.optimizer import OptimizersContainer\n"
        "x = OptimizersContainer.Config(lr=1.0)\n"
    )
    era = of_source(Source("case.py", code))
    assert (era.keys[0], era.keys[-1]) == ("main@786e26f8e", "main@74181b1e8")


def test_version_is_inferred_in_bounded_time() -> None:
    lines = [f"{CONFIG}from torchtitan.trainer import Trainer\n"]
    lines += [f"x{i} = ParallelismConfig(expert_tensor_parallel_degree={i})\n" for i in range(200)]
    source = Source("case.py", "".join(lines))
    assert of_source(source).keys
    start = time.process_time()
    assert of_source(source).keys
    assert time.process_time() - start < 0.15
