"""TTN402: flavors that are not there, and those that may be."""

from __future__ import annotations

import pytest

from tests.rules.cases import messages


def test_near_flavors_are_named_and_so_is_who_had_it() -> None:
    (message,) = messages(
        "TTN402",
        "from torchtitan.models.qwen3 import qwen3_configs\nqwen3_configs['debugmodel_varlen']\n",
    )
    assert "torchtitan main of 2026-04-03 (4b3347467) has" in message
    assert "'debugmodel'" in message


@pytest.mark.parametrize(
    "text",
    [
        # TTN105 says what to write.
        "from torchtitan.models.llama3 import model_registry\nmodel_registry('8B_varlen')\n",
        # The file adds flavors.
        "from torchtitan.models.llama3 import llama3_configs\nllama3_configs |= mine\n"
        "llama3_configs['tiny']\n",
        "from torchtitan.models.llama3 import llama3_configs, model_registry\n"
        "llama3_configs.update(mine)\nmodel_registry('tiny')\n",
        # The model, or the flavor, is not known.
        "import importlib\n"
        "importlib.import_module(f'torchtitan.models.{name}').model_registry('mine')\n",
        "from torchtitan.models.llama3 import model_registry\nmodel_registry(flavor)\n",
        # Asked for with care.
        "from torchtitan.models.llama3 import llama3_configs\n"
        "try:\n    c = llama3_configs['tiny']\nexcept KeyError:\n    c = None\n",
        "from torchtitan.models.llama3 import llama3_configs\nllama3_configs.get('tiny')\n",
        "import torchtitan\nllama3_configs = {}\nllama3_configs['tiny']\n",
    ],
)
def test_flavors_that_may_be_there(text: str) -> None:
    assert messages("TTN402", text) == []


def test_a_legacy_flavor_that_nobody_rewrites_is_unknown() -> None:
    text = (
        "from torchtitan.models.llama3 import model_registry\n"
        "model_registry('8B_varlen', attn_backend='flex')\n"
    )
    (message,) = messages("TTN402", text)
    assert "no flavor '8B_varlen'" in message
