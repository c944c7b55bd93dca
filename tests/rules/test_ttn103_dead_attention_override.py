"""TTN103: overrides that still do something are left alone."""

from __future__ import annotations

from tests.rules.cases import check_noop

IMPORT = "from torchtitan.models.llama3 import model_registry\n"


OVERRIDE = IMPORT + (
    "def build(cfg):\n"
    "    spec = model_registry(cfg.flavor)\n"
    "    if hasattr(spec.model, 'layer'):\n"
    "        spec.model.layer.attention.attn_backend = cfg.attn_type\n"
    "    return spec\n"
)


def test_override_with_a_live_side_is_left_alone() -> None:
    check_noop(
        "TTN103",
        OVERRIDE.replace("    return spec\n", "    else:\n        g(spec)\n    return spec\n"),
    )
