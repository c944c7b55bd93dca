"""TTN105 beyond its examples."""

from __future__ import annotations

from titan_lint.fix import fix_text

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
