"""A setting that the file hands to a function of its own is a backend where that function uses it as one."""

from __future__ import annotations

import pytest

from tests.rules.cases import found

REGISTRY = "from torchtitan.models.llama3 import model_registry\n"
KIND = "def kind_of(kind):\n    return 1 if kind == 'flex' else 2\n"
BUILD = "def build(config):\n    spec = model_registry(config.flavor)\n"
HANDED = f"{BUILD}    return spec, kind_of(config.attn_type)\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{REGISTRY}{KIND}{HANDED}",
        f"{REGISTRY}{KIND}{BUILD}    return spec, kind_of(kind=config.attn_type)\n",
        # Through another one, and looked up, matched or allowed there.
        f"{REGISTRY}{KIND}def first(which):\n    return kind_of(which)\n{BUILD}    return spec, first(config.attn_type)\n",
        f"{REGISTRY}def kind_of(kind):\n    return {{'flex': 1, 'varlen': 2}}[kind]\n{HANDED}",
        f"{REGISTRY}def kind_of(kind):\n    match kind:\n        case 'varlen':\n            return 1\n{HANDED}",
        f"from typing import Literal\n{REGISTRY}def kind_of(kind: Literal['flex', 'varlen']):\n    return kind\n{HANDED}",
        # Torchtitan builds masks of it.
        "from torchtitan.models.common.attention import create_attention_mask\n"
        f"{REGISTRY}def kind_of(kind):\n    return create_attention_mask(kind)\n{HANDED}",
        f"{REGISTRY}class Engine:\n    def kind_of(self, kind):\n        return kind == 'flex'\n"
        "    def build(self, config):\n        spec = model_registry(config.flavor)\n"
        "        return spec, self.kind_of(config.attn_type)\n",
        # The registry is handed over, or called by a function, too.
        f"{REGISTRY}{KIND}def make(registry, config):\n"
        "    return registry(config.flavor), kind_of(config.attn_type)\n"
        "def build(config):\n    return make(model_registry, config)\n",
        f"{REGISTRY}{KIND}def spec_for(flavor):\n    return model_registry(flavor)\n"
        "def build(config):\n    return spec_for(config.flavor), kind_of(config.attn_type)\n",
    ],
)
def test_it_has_no_effect_where_the_registry_does_not_get_it(text: str) -> None:
    (finding,) = found("TTN101", text)
    assert "`config.attn_type`" in finding.said


@pytest.mark.parametrize(
    "text",
    [
        # It is another kind of setting, by what the function has for it.
        f"{REGISTRY}def kind_of(kind):\n    return kind == 'cudnn'\n{HANDED}",
        f"{REGISTRY}def kind_of(kind):\n    return kind in ('flex', 'triton')\n{HANDED}",
        f"{REGISTRY}{KIND}def other(kind):\n    return kind == 'triton'\n{BUILD}"
        "    return spec, kind_of(config.attn_type), other(config.attn_type)\n",
        # The function says nothing of it, is not known, or asks for another argument.
        f"{REGISTRY}def kind_of(kind):\n    print(kind)\n{HANDED}",
        f"{REGISTRY}from helpers import kind_of\n{HANDED}",
        f"{REGISTRY}{HANDED}",
        f"{REGISTRY}def kind_of(one, kind='flex'):\n    return kind == 'flex'\n{HANDED}",
        f"{REGISTRY}{KIND}{BUILD}    return spec, kind_of(*config.attn_type)\n",
        # By then it is another thing.
        f"{REGISTRY}def kind_of(kind):\n    kind = other(kind)\n    return kind == 'flex'\n{HANDED}",
        # The registry gets it.
        f"{REGISTRY}{KIND}def build(config):\n"
        "    spec = model_registry(config.flavor, attn_backend=config.attn_type)\n"
        "    return spec, kind_of(config.attn_type)\n",
    ],
)
def test_nothing_is_said_of_what_the_function_does_not_use_as_a_backend(text: str) -> None:
    assert [f.said for f in found("TTN101", text) if f.code == "TTN101"] == []
