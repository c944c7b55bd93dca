"""TTN104: only masks that are built in any case disagree."""

from __future__ import annotations

import pytest

from tests.rules.cases import check_explained, check_noop

IMPORT = "from torchtitan.models.llama3 import model_registry\n"


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
    ("rest", "is_said"),
    [
        ("    return spec, flex_attention(q, q, q, block_mask=make(p))\n", False),
        ("    m = make(p)\n    return spec, flex_attention(q, q, q, block_mask=m)\n", False),
        ("    m = make(p)\n    return spec, F.flex_attention(q, q, q, None, m)\n", False),
        (
            "    m = make(p)\n    a = flex_attention(q, q, q, block_mask=m)\n"
            "    return spec, flex_attention(a, q, q, block_mask=m)\n",
            False,
        ),
        ("    m = make(p)\n    flex_attention(q, q, q, block_mask=m)\n    return spec, m\n", True),
        ("    return spec, make(p)\n", True),
        ("    return spec, attend(q, make(p))\n", True),
        ("    m = make(p)\n    return spec.model.build()(q, m)\n", True),
        ("    make(p)\n    return spec\n", True),
    ],
)
def test_masks_of_attention_that_the_file_computes_itself_are_not_the_models(
    rest: str, is_said: bool
) -> None:
    text = (
        IMPORT
        + "import torch.nn.attention.flex_attention as F\n"
        + "from torch.nn.attention.flex_attention import create_block_mask as make, flex_attention\n"
        + "def f(p, q):\n    spec = model_registry('8B', attn_backend='varlen')\n"
    )
    (check_explained if is_said else check_noop)("TTN104", text + rest)
