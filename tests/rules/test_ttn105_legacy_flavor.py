"""TTN105: flavors that named the backend."""

from __future__ import annotations

from tests.fixing import fix_text
from tests.rules.cases import fixed, found

BESIDE_A_SETTING = """\
from torchtitan.models.llama3 import model_registry


def build(config):
    if config.attn_type == "flex":
        return model_registry("8B_flex")
    return model_registry("8B_varlen")
"""


def test_the_flavor_says_more_than_a_setting_beside_it() -> None:
    fixed = fix_text(BESIDE_A_SETTING)
    assert {finding.code for finding in fixed.fixed} == {"TTN105"}
    assert 'model_registry("8B", attn_backend="flex")' in fixed.source.text
    assert 'model_registry("8B", attn_backend="varlen")' in fixed.source.text
    assert fixed.remaining == []


def test_legacy_guard_names_the_old_flavor_and_stays_as_it_is() -> None:
    text = "from torchtitan.models.llama3 import model_registry\ndef build():\n    return model_registry('8B_varlen')\n"
    once = fixed(text, legacy_guard=True).source.text
    assert "inspect.signature(model_registry).parameters" in once
    assert "raise RuntimeError(" in once
    assert "8B_varlen" in once
    assert "0.3.0" in once
    assert "model_registry('8B', attn_backend='varlen')" in once


def test_a_flavor_that_partial_bound_is_explained_as_it_may_be_for_several_calls() -> None:
    text = (
        "from functools import partial\n"
        "from torchtitan.models.llama3 import model_registry\n"
        "make = partial(model_registry, '8B_varlen')\n"
        "one, two = make(), make(attn_backend='varlen')\n"
    )
    assert fixed(text).source.text == text
    assert [finding.fix for finding in found("TTN105", text)] == [None]
