"""TTN403: patterns and names of parameters that were renamed."""

from __future__ import annotations

import pytest

from tests.rules.cases import found, messages

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


@pytest.mark.parametrize(
    ("pattern", "target", "instead"),
    [
        (r"moe\.experts\.w1$", "0.3.0", ["moe.routed_experts.inner_experts.w1_EFD"]),
        (r"moe\.experts\.w2$", "0.3.0", ["moe.routed_experts.inner_experts.w2_EDF"]),
        (
            r"moe\.experts\.w[13]$",
            "0.3.0",
            [
                "moe.routed_experts.inner_experts.w1_EFD",
                "moe.routed_experts.inner_experts.w3_EFD",
            ],
        ),
        (r"moe\.experts\.w3$", "2026-06-10", ["w3_EFD"]),
        (r"moe\.experts\.w3_EFD", "0.3.0", ["moe.routed_experts.inner_experts"]),
        (r".*\.moe\.experts\..*", "0.3.0", ["moe.routed_experts.inner_experts"]),
        (r"^output$", "0.3.0", ["lm_head"]),
    ],
)
def test_the_help_names_what_each_part_of_a_pattern_became_with_the_way_to_it(
    pattern: str, target: str, instead: list[str]
) -> None:
    text = GROUP.format(imports="", pattern=pattern)
    (finding,) = found("TTN403", text, target, codes=("TTN403",))
    assert finding.help == "Write " + " and ".join(f"`{name}`" for name in instead)


def test_a_message_names_the_models_that_lack_what_others_have() -> None:
    imports = "from torchtitan.models.{} import model_registry\n"
    one = GROUP.format(imports=imports.format("llama3"), pattern=r".*attention\.wq.*")
    both = one.replace(
        "ParamGroupConfig(", "import torchtitan.models.qwen3\n\nParamGroupConfig(", 1
    )
    said = [f.message for text in (one, both) for f in found("TTN403", text, codes=("TTN403",))]
    assert [message.partition(" names ")[2] for message in said] == [
        "nothing that `llama3` of torchtitan 0.3.0 has",
        "nothing that `llama3` and `qwen3` of torchtitan 0.3.0 have",
    ]
