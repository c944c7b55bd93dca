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


SPREAD = {
    "a dictionary": ("options = {'attn_backend': 'sdpa'}\nmodel_registry('8B', **options)\n", 1),
    "dict()": ("options = dict(attn_backend='sdpa')\nmodel_registry('8B', **options)\n", 1),
    "at the call": ("model_registry(**{'flavor': '8B', 'attn_backend': 'sdpa'})\n", 1),
    "one that is taken": ("model_registry('8B', **{'attn_backend': 'flex'})\n", 0),
    "set anew": (
        "options = {'attn_backend': 'sdpa'}\n"
        "options['attn_backend'] = 'flex'\n"
        "model_registry('8B', **options)\n",
        0,
    ),
    "emptied": (
        "options = {'attn_backend': 'sdpa'}\noptions.clear()\nmodel_registry('8B', **options)\n",
        0,
    ),
    "for another torchtitan": (
        "import inspect\noptions = {}\n"
        "if 'no_such' in inspect.signature(model_registry).parameters:\n"
        "    options = {'attn_backend': 'sdpa'}\n"
        "model_registry('8B', **options)\n",
        0,
    ),
}


@pytest.mark.parametrize("case", SPREAD)
def test_a_backend_that_a_dictionary_brings_is_rejected_like_one_that_is_passed(case: str) -> None:
    text, count = SPREAD[case]
    assert len(found("TTN106", IMPORT + text)) == count
