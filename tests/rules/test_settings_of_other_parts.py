"""A setting counts where it is the model's that the call builds, not that of another part of the whole."""

from __future__ import annotations

import pytest

from tests.fixing import fix_text
from tests.rules.cases import every_message

IMPORT = "from torchtitan.models.llama3 import model_registry\n\n"

ENGINE = """\
class Engine:
    def __init__(self, cfg):
        self.cfg = cfg
        self.spec = model_registry({flavor})

    def uses_flex(self):
        return {setting} == "flex"
"""


@pytest.mark.parametrize(
    "setting",
    [
        "self.cfg.vision_encoder.attn_type",
        "self.cfg.vision.attn_type",
        "self.cfg['vision_tower']['attn_type']",
        "self.cfg.get('draft').get('attn_type')",
        "getattr(self.cfg.audio_config, 'attn_type', 'flex')",
        "self.text_encoder_cfg.attn_type",
        "self.cfg.towers[0].attn_type",
        "self.cfg.model.visionEncoder.attn_type",
    ],
)
def test_a_setting_of_another_kind_of_model_is_no_choice_for_this_one(setting: str) -> None:
    text = IMPORT + ENGINE.format(flavor="cfg.flavor", setting=setting)
    assert [message[:6] for message in every_message(text)] == ["TTN107"]


def test_a_part_that_is_kept_by_another_name_is_still_that_part() -> None:
    text = IMPORT + (
        "def build(cfg):\n"
        "    other = cfg.vision_tower\n"
        "    return model_registry(cfg.flavor), other.attn_type == 'flex'\n"
    )
    assert [message[:6] for message in every_message(text)] == ["TTN107"]


def test_a_class_that_is_of_another_kind_of_model_says_whose_its_settings_are() -> None:
    text = IMPORT + (
        "class VisionConfig:\n"
        "    attn_type: str = 'flex'\n"
        "\n"
        "def build(flavor, theirs: VisionConfig):\n"
        "    return model_registry(flavor), theirs.attn_type == 'flex'\n"
    )
    assert [message[:6] for message in every_message(text)] == ["TTN107"]


def test_beside_a_setting_of_another_part_the_model_s_own_is_the_choice() -> None:
    text = IMPORT + (
        "def build(cfg):\n"
        "    flags = cfg.vision.attn_type == 'flex', cfg.attn_type == 'flex'\n"
        "    return model_registry(cfg.flavor), flags\n"
    )
    assert "model_registry(cfg.flavor, attn_backend=cfg.attn_type)" in fix_text(text).source.text


@pytest.mark.parametrize(
    "text",
    [
        "def build(draft):\n"
        "    spec = model_registry(draft.flavor)\n"
        "    return spec, draft.attn_type == 'flex'\n",
        "def build(flavor, draft):\n"
        "    draft_spec = model_registry(flavor)\n"
        "    return draft_spec, draft.attn_type == 'flex'\n",
        "class Teacher:\n"
        "    def __init__(self, teacher_config):\n"
        "        self.spec = model_registry('debugmodel')\n"
        "        self.flex = teacher_config.attn_type == 'flex'\n",
        "def build(division, supervision):\n"
        "    return model_registry(division), supervision.attn_type == 'flex'\n",
    ],
)
def test_a_model_that_is_that_part_has_its_setting(text: str) -> None:
    assert [message[:6] for message in every_message(IMPORT + text)] == ["TTN101"]


PART = (
    "def build(cfg):\n    flex = {setting} == 'flex'\n    return model_registry({flavor}), flex\n"
)


@pytest.mark.parametrize(
    ("flavor", "setting"),
    [
        ("cfg.model.flavor", "cfg.engine.attn_type"),
        ("cfg.flavor", "cfg.engine.attn_type"),
        ("'debugmodel'", "cfg.engine.attn_type"),
        ("cfg['model']['flavor']", "cfg['engine']['attn_type']"),
    ],
)
def test_a_setting_of_a_part_of_its_own_is_never_passed_safely(flavor: str, setting: str) -> None:
    text = IMPORT + PART.format(flavor=flavor, setting=setting)
    assert [message[:6] for message in every_message(text)] == ["TTN101"]
    assert fix_text(text).source.text == text


@pytest.mark.parametrize(
    ("flavor", "setting"),
    [
        ("cfg.model.flavor", "cfg.model.attn_type"),
        ("cfg.model.flavor", "cfg.attn_type"),
        ("cfg['model']['flavor']", "cfg['model']['attn_type']"),
        ("cfg.flavor", "cfg.attn_type"),
        ("'debugmodel'", "cfg.attn_type"),
    ],
)
def test_a_setting_of_the_part_that_names_the_model_is_passed(flavor: str, setting: str) -> None:
    text = IMPORT + PART.format(flavor=flavor, setting=setting)
    assert f"model_registry({flavor}, attn_backend={setting})" in fix_text(text).source.text
