"""TTN403: patterns and names of parameters that were renamed."""

from __future__ import annotations

import pytest

from tests.rules.cases import messages

GROUP = """\
from torchtitan.components.optimizer import ParamGroupConfig
{imports}
ParamGroupConfig(pattern={pattern!r}, optimizer_name="AdamW", optimizer_kwargs={{}})
"""


def test_what_asks_for_the_names_of_the_target_is_not_stale() -> None:
    text = (
        "from torchtitan.components.optimizer import ParamGroupConfig\n"
        "ParamGroupConfig(pattern={!r}, optimizer_name='AdamW', optimizer_kwargs={{}})\n"
    )
    for pattern in (
        "inner_experts",
        r"moe\.routed_experts\.inner_experts",
        r".*\.moe\.routed_experts\.inner_experts\..*",
        r"layers\.\d+\.moe\.routed_experts\.inner_experts\.w1_EFD",
    ):
        assert messages("TTN403", text.format(pattern)) == []
    assert messages("TTN403", text.format(r"moe\.experts\.w1$")) != []


@pytest.mark.parametrize(
    ("pattern", "stale"),
    [
        (r"output\.weight", True),
        (r"^output\.", True),
        (r"(?:tok_embeddings|output)\.", True),
        (r"(?:lm_head|output)\.", False),
        (r"^(?!.*output).*", True),
        (r".*", False),
        (r"attn_output", False),
        (r".*\.moe\.experts\..*", True),
        (r"experts", False),
        (r"moe\.expert_bias$", True),
        (r"output(", False),
    ],
)
def test_a_pattern_is_stale_when_it_meets_other_names_than_before(
    pattern: str, stale: bool
) -> None:
    text = GROUP.format(imports="", pattern=pattern)
    assert bool(messages("TTN403", text)) is stale


@pytest.mark.parametrize(
    ("imports", "stale"),
    [
        ("from torchtitan.models.llama3 import model_registry", True),
        ("from torchtitan.models.deepseek_v3 import model_registry", False),
        (
            "import importlib\nimportlib.import_module(f'torchtitan.models.{n}').model_registry(f)",
            False,
        ),
        ("", False),
    ],
)
def test_attention_names_are_judged_by_the_models_of_the_file(imports: str, stale: bool) -> None:
    text = GROUP.format(imports=imports, pattern=r"attention\.wk\b")
    assert bool(messages("TTN403", text)) is stale


@pytest.mark.parametrize(
    "text",
    [
        "import torchtitan\nNAMES = ['output.weight', 'moe.experts.w1']\n",
        "import torchtitan\nfrom mylib import ParamGroupConfig\nParamGroupConfig(pattern='output')\n",
        "from torchtitan.config import CheckpointConfig\n",
    ],
)
def test_strings_that_torchtitan_is_not_given_are_nobody_s_business(text: str) -> None:
    assert messages("TTN403", text) == []


def test_a_model_of_the_file_s_own_may_have_the_name() -> None:
    """As in torchtitan's own tests, whose toy models still have an ``output``."""
    text = (
        "from torch import nn\n"
        + GROUP.format(imports="", pattern=r"output\.")
        + "\n\nclass Toy(nn.Module):\n    def __init__(self):\n"
    )
    assert messages("TTN403", text + "        self.head = nn.Linear(1, 1)\n")
    assert messages("TTN403", text + "        self.output = nn.Linear(1, 1)\n") == []
