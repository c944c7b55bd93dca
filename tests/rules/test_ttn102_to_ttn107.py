"""The attention rules beside TTN101: what they leave alone, and what holds at which target."""

from __future__ import annotations

import pytest

from tests.rules.cases import check_explained, check_noop, fixed, found

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


def test_override_with_a_live_side_is_left_alone() -> None:
    check_noop(
        "TTN103",
        OVERRIDE.replace("    return spec\n", "    else:\n        g(spec)\n    return spec\n"),
    )


def test_mismatch_needs_masks_that_are_built_in_any_case() -> None:
    text = (
        IMPORT
        + "from torchtitan.models.common.attention import create_varlen_metadata_for_document as c\n"
        + "def f(p, kind):\n"
        + "    spec = model_registry('8B', attn_backend='flex')\n"
        + "    return spec, {}\n"
    )
    check_noop("TTN104", text.replace("{}", "c(p) if kind == 'varlen' else None"))
    check_explained("TTN104", text.replace("{}", "c(p)"))


@pytest.mark.parametrize(
    ("target", "rejected"), [("2026-05-01", False), ("2026-06-08", False), ("2026-06-10", True)]
)
def test_sdpa_is_legal_until_june(target: str, rejected: bool) -> None:
    text = IMPORT + "spec = model_registry('8B', attn_backend='sdpa')\n"
    assert bool(found("TTN106", text, target)) is rejected


def test_a_test_that_wants_the_failure_is_left_alone() -> None:
    check_noop(
        "TTN106",
        IMPORT
        + "import pytest\n"
        + "def test():\n"
        + "    with pytest.raises(ValueError):\n"
        + "        model_registry('8B', attn_backend='sdpa')\n",
    )


def test_legacy_guard_names_the_old_flavor_and_stays_as_it_is() -> None:
    text = IMPORT + "def build():\n    return model_registry('8B_varlen')\n"
    once = fixed(text, legacy_guard=True).source.text
    assert "inspect.signature(model_registry).parameters" in once
    assert "raise RuntimeError(" in once
    assert "8B_varlen" in once
    assert "0.3.0" in once
    assert "model_registry('8B', attn_backend='varlen')" in once


def test_implicit_default_is_silent_where_only_shapes_are_read() -> None:
    check_noop("TTN107", IMPORT + "print(model_registry('8B').model.dim)\n")
