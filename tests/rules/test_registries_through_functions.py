"""A choice that stands with a function's one caller is that of the model which the function builds for it."""

from __future__ import annotations

import pytest

from tests.fixing import fix_text
from tests.rules.cases import every_message

IMPORT = "from torchtitan.models.llama3 import model_registry\n\n"

HELPER = "def spec_for(flavor):\n    return model_registry(flavor)\n\n"

TAKER = "def make(registry, config):\n    return registry(config.flavor), config.attn_type == 'flex'\n\n"

FOUND = {
    "a helper": (
        HELPER + "def build(config):\n"
        "    return spec_for(config.flavor), get_attention_masks(config.attn_type)\n"
    ),
    "a helper, and a name for what it gives": (
        HELPER + "def build(config):\n"
        "    spec = spec_for(flavor=config.flavor)\n"
        "    return spec, config.attn_type == 'flex'\n"
    ),
    "a registry that is handed in": TAKER
    + "def build(config):\n    return make(model_registry, config)\n",
    "by keyword": (
        TAKER + "def build(config):\n    return make(config=config, registry=model_registry)\n"
    ),
}

LEFT = {
    "a helper that is called twice": (
        HELPER + "def build(config, other):\n"
        "    return spec_for(config.flavor), spec_for(other), config.attn_type == 'flex'\n"
    ),
    "a helper that others may run": (
        HELPER + "def build(config, run):\n"
        "    run(spec_for)\n"
        "    return spec_for(config.flavor), config.attn_type == 'flex'\n"
    ),
    "a helper that nobody calls": (
        HELPER + "def build(config):\n    return config.attn_type == 'flex'\n"
    ),
    "a helper that does more": (
        "def spec_for(flavor):\n"
        "    spec = model_registry(flavor)\n"
        "    prepare(spec)\n"
        "    return spec\n\n"
        "def build(config):\n"
        "    return spec_for(config.flavor), config.attn_type == 'flex'\n"
    ),
    "a helper beside a model of the caller's": (
        HELPER + "def build(config):\n"
        "    mine = model_registry(config.flavor, attn_backend=config.attn_type)\n"
        "    return mine, spec_for('debugmodel')\n"
    ),
    "what the caller asks for shapes": (
        HELPER + "def build(config):\n"
        "    return spec_for(config.flavor).model.dim, config.attn_type == 'flex'\n"
    ),
    "a caller that lets the default alone through": (
        HELPER + "def build(config):\n"
        "    if config.attn_type != 'flex':\n"
        "        raise ValueError(config.attn_type)\n"
        "    return spec_for(config.flavor)\n"
    ),
    "a flavor that says it": (
        HELPER + "def build(config):\n"
        "    return spec_for('debugmodel_flex_attn'), config.attn_type == 'flex'\n"
    ),
    "a setting of another model": (
        HELPER + "def build(config):\n"
        "    return spec_for(config.flavor), config.vision.attn_type == 'flex'\n"
    ),
    "a registry of several callers": (
        TAKER
        + "def build(config, other):\n    return make(model_registry, config), make(other, config)\n"
    ),
    "a registry that is another one": TAKER
    + "def build(config, other):\n    return make(other, config)\n",
    "a registry with its backend": (
        "import functools\n\n" + TAKER + "def build(config):\n"
        "    registry = functools.partial(model_registry, attn_backend=config.attn_type)\n"
        "    return make(registry, config)\n"
    ),
    "a registry that is bound anew": (
        "def make(registry, config):\n"
        "    registry = wrapped(registry)\n"
        "    return registry(config.flavor), config.attn_type == 'flex'\n\n"
        "def build(config):\n    return make(model_registry, config)\n"
    ),
}


@pytest.mark.parametrize("way", FOUND)
def test_the_choice_of_the_one_caller_has_no_effect(way: str) -> None:
    text = IMPORT + FOUND[way]
    assert [message[:6] for message in every_message(text)] == ["TTN101"]
    assert fix_text(text, unsafe=True).source.text == text


@pytest.mark.parametrize("way", LEFT)
def test_in_doubt_no_choice_is_told(way: str) -> None:
    assert "TTN101" not in {message[:6] for message in every_message(IMPORT + LEFT[way])}
