"""TTN106: which backends a target rejects, and who wants that."""

from __future__ import annotations

import pytest

from tests.rules.cases import check_noop, found

IMPORT = "from torchtitan.models.llama3 import model_registry\n"


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
