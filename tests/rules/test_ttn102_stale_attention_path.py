"""TTN102: at which targets the old path is stale."""

from __future__ import annotations

import pytest

from tests.rules.cases import check_explained, check_noop

IMPORT = "from torchtitan.models.llama3 import model_registry\n"


READ = (
    "from torchtitan.trainer import Trainer\n"
    "def backend(trainer: Trainer):\n"
    "    return trainer.model_config.layer.attention.attn_backend\n"
)


OVERRIDE = IMPORT + (
    "def build(cfg):\n"
    "    spec = model_registry(cfg.flavor)\n"
    "    if hasattr(spec.model, 'layer'):\n"
    "        spec.model.layer.attention.attn_backend = cfg.attn_type\n"
    "    return spec\n"
)


@pytest.mark.parametrize("day", ["2026-02-23", "2026-03-15", "2026-03-30"])
def test_stale_path_and_override_were_right_until_march_30(day: str) -> None:
    check_noop("TTN102", READ, day)
    check_noop("TTN103", OVERRIDE, day)


@pytest.mark.parametrize("target", ["2026-03-31", "2026-04-18", "0.3.0"])
def test_stale_path_is_told_since(target: str) -> None:
    check_explained("TTN102", READ, target)


def test_a_setting_that_a_derived_class_has_may_be_there() -> None:
    # At 0.2.2 the arguments of most models have `attn_type`, those that all inherit from do not.
    text = (
        "from torchtitan.train import Trainer\n"
        "def backend(trainer: Trainer):\n"
        "    return trainer.model_args.attn_type\n"
    )
    check_noop("TTN102", text, "0.2.2")
