"""TTN103: overrides that still do something are left alone."""

from __future__ import annotations

import pytest

from tests.rules.cases import check_noop, messages

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


TAKES = "'attn_backend' in inspect.signature(model_registry).parameters"
PASSED = {
    "a dictionary": "kw = {'attn_backend': cfg.attn_type} if TAKES else {}\nspec = model_registry('8B', **kw)\n",
    "one that is filled": (
        "kw = {}\nif TAKES:\n    kw['attn_backend'] = cfg.attn_type\nspec = model_registry('8B', **kw)\n"
    ),
    "one that is updated": (
        "kw = dict()\nif TAKES:\n    kw.update(attn_backend=cfg.attn_type)\n"
        "spec = model_registry('8B', **kw)\n"
    ),
    "two calls": (
        "if TAKES:\n    spec = model_registry('8B', attn_backend=cfg.attn_type)\n"
        "else:\n    spec = model_registry('8B')\n"
    ),
    "a choice of two": (
        "spec = model_registry('8B', attn_backend=cfg.attn_type) if TAKES else model_registry('8B')\n"
    ),
    "keywords of the caller": "spec = model_registry('8B', **given)\n",
}
GUARDS = ("not TAKES", f"not ({TAKES})", "not takes()", "TAKES is False", "not TAKES and cfg")


def guarded(passed: str, guard: str) -> str:
    lines = f"{passed}if {guard}:\n    spec.model.layer.attention.attn_backend = cfg.attn_type\n"
    body = "".join(f"    {line}\n" for line in (lines + "return spec").splitlines())
    return (
        f"import inspect\n{IMPORT}TAKES = {TAKES}\n"
        f"def takes():\n    return TAKES\ndef build(cfg, **given):\n{body}"
    )


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("passed", PASSED.values(), ids=PASSED)
def test_an_override_for_registries_that_take_no_backend_is_left_alone(
    passed: str, guard: str
) -> None:
    for code in ("TTN101", "TTN102", "TTN103"):
        assert messages(code, guarded(passed, guard)) == []


@pytest.mark.parametrize("guard", GUARDS)
def test_an_override_for_others_of_a_call_that_passes_none_is_told(guard: str) -> None:
    assert messages("TTN103", guarded("spec = model_registry('8B')\n", guard))


def test_an_override_that_asks_the_config_for_its_path_is_told_though_the_call_passes_a_backend() -> (
    None
):
    passed = "spec = model_registry('8B', attn_backend='flex')\n"
    assert messages("TTN103", guarded(passed, "hasattr(spec.model, 'layer')"))
    assert messages("TTN103", guarded(passed + "has = hasattr(spec.model, 'layer')\n", "has"))
