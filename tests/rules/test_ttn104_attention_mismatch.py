"""TTN104: only masks that are built in any case disagree."""

from __future__ import annotations

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
