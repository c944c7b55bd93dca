"""The rules about calls together: what is left alone, and that fixes settle."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixing import fix_text
from tests.rules.call_cases import CALLS, CONFIG, messages
from tests.rules.cases import every_message

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


@pytest.mark.parametrize(
    "call",
    [
        "RMSNorm.Config(eps=1e-6).build(normalized_shape=8)",
        "config.build(normalized_shape=8)",
        "Embedding.Config().build(num_embeddings=16, embedding_dim=8)",
    ],
)
def test_fields_that_a_constructor_leaves_open_are_given_to_build(call: str) -> None:
    text = f"""\
        from torchtitan.models.common.embedding import Embedding
        from torchtitan.models.common.rmsnorm import RMSNorm

        def make(config: RMSNorm.Config):
            return {call}
        """
    assert every_message(text, "2026-03-27") == []
    wrong = text.replace("build(", "build(nothing=1, ")
    assert len(every_message(wrong, "2026-03-27")) == 1
