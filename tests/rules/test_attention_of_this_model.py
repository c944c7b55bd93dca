"""Evidence about attention counts where it is about the model that the call builds."""

from __future__ import annotations

import pytest

from tests.rules.cases import every_message

IMPORTS = """\
import dataclasses
from torchtitan.models.common.attention import (
    FlexAttention,
    VarlenAttention,
    create_varlen_metadata_for_document,
)
from torchtitan.models.llama3 import model_registry

KINDS = {"varlen": VarlenAttention, "flex": FlexAttention}

"""

SWAPS = {
    "a store": (
        "def build(flavor, attn_type):\n"
        "    spec = model_registry(flavor)\n"
        "    for layer in spec.model.layers:\n"
        "        layer.attention.inner_attention = KINDS[attn_type].Config()\n"
        "    return spec\n"
    ),
    "setattr": (
        "def build(flavor, attn_type):\n"
        "    spec = model_registry(flavor)\n"
        "    for layer in spec.model.layers:\n"
        "        setattr(layer.attention, 'inner_attention', KINDS[attn_type].Config())\n"
        "    return spec\n"
    ),
    "replace": (
        "def build(flavor, attn_type):\n"
        "    model = model_registry(flavor).model\n"
        "    for layer in model.layers:\n"
        "        layer.attention = dataclasses.replace(\n"
        "            layer.attention, inner_attention=KINDS[attn_type].Config()\n"
        "        )\n"
        "    return model\n"
    ),
    "in a function of its own": (
        "def swap(model, attn_type):\n"
        "    inner = KINDS[attn_type].Config()\n"
        "    for layer in model.layers:\n"
        "        layer.attention.inner_attention = inner\n"
        "\n"
        "def build(config):\n"
        "    spec = model_registry(config.flavor)\n"
        "    swap(spec.model, config.attn_type)\n"
        "    return spec\n"
    ),
    "in branches": (
        "def build(flavor, attn_type):\n"
        "    spec = model_registry(flavor)\n"
        "    for layer in spec.model.layers:\n"
        "        if attn_type == 'varlen':\n"
        "            layer.attention.inner_attention = VarlenAttention.Config()\n"
        "    return spec\n"
    ),
}

MASKS_FOR_OTHERS = {
    "a model that is handed in": (
        "def compare(positions, mine):\n"
        "    reference = model_registry('debugmodel', attn_backend='flex')\n"
        "    return reference, mine(positions, create_varlen_metadata_for_document(positions))\n"
    ),
    "by keyword": (
        "def compare(positions, teacher):\n"
        "    student = model_registry('debugmodel', attn_backend='flex').model.build()\n"
        "    return student, teacher.forward(positions, masks=create_varlen_metadata_for_document(1))\n"
    ),
    "through a name": (
        "def compare(positions, teacher):\n"
        "    student = model_registry('debugmodel', attn_backend='flex').model.build()\n"
        "    masks = create_varlen_metadata_for_document(positions)\n"
        "    return student, teacher(positions, masks)\n"
    ),
    "a model made of something else": (
        "def compare(positions, load):\n"
        "    student = model_registry('debugmodel', attn_backend='flex').model.build()\n"
        "    teacher = load('teacher')\n"
        "    return student, teacher(positions, create_varlen_metadata_for_document(positions))\n"
    ),
}


@pytest.mark.parametrize("way", SWAPS)
def test_a_choice_that_is_put_into_the_config_has_its_say(way: str) -> None:
    assert every_message(IMPORTS + SWAPS[way]) == []


@pytest.mark.parametrize("way", MASKS_FOR_OTHERS)
def test_masks_of_another_model_contradict_nothing(way: str) -> None:
    assert every_message(IMPORTS + MASKS_FOR_OTHERS[way]) == []


@pytest.mark.parametrize(
    "text",
    [
        "def step(positions):\n"
        "    model = model_registry('debugmodel', attn_backend='flex').model.build()\n"
        "    return model(positions, create_varlen_metadata_for_document(positions))\n",
        "def step(positions, run):\n"
        "    spec = model_registry('debugmodel', attn_backend='flex')\n"
        "    model = spec.model.build()\n"
        "    masks = create_varlen_metadata_for_document(positions)\n"
        "    return run(model, positions, masks)\n",
        "def step(positions):\n"
        "    model = model_registry('debugmodel', attn_backend='flex').model.build()\n"
        "    return model, create_varlen_metadata_for_document(positions)\n",
    ],
)
def test_masks_of_the_model_itself_still_contradict(text: str) -> None:
    assert [message[:6] for message in every_message(IMPORTS + text)] == ["TTN104"]
