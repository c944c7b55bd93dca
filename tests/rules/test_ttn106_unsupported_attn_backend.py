"""TTN106: which backends a target rejects, and who wants that."""

from __future__ import annotations

import pytest

from tests.rules.cases import check_noop, found, messages

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


OF_ENUM = (
    "import enum\nfrom torchtitan.models.llama3 import model_registry\n{}"
    "spec = model_registry('8B', attn_backend=B.X.value)\n"
)


@pytest.mark.parametrize(
    ("enum", "is_said"),
    [
        ("class B(enum.Enum):\n    X = 'sdpa'\n", True),
        ("class B(str, enum.Enum):\n    X = 'sdpa'\n", True),
        ("class B(enum.StrEnum):\n    X = 'sdpa'\n", True),
        ("@enum.unique\nclass B(enum.Enum):\n    X = 'sdpa'\n", True),
        ("class A(enum.Enum):\n    def f(self): ...\nclass B(A):\n    X = 'sdpa'\n", True),
        ("class B(enum.Enum):\n    X = 'flex'\n", False),
        ("class B(enum.StrEnum):\n    X = enum.auto()\n", False),
        ("class B(enum.Enum):\n    X = ('sdpa', 1)\n", False),
        ("class B:\n    X = 'sdpa'\n", False),
        ("class B(enum.Enum):\n    X = 'sdpa'\n    @property\n    def value(self): ...\n", False),
        (
            "class A(enum.Enum):\n    def __init__(self, v): ...\nclass B(A):\n    X = 'sdpa'\n",
            False,
        ),
        ("from mine import A\nclass B(A, enum.Enum):\n    X = 'sdpa'\n", False),
        ("from mine import M\nclass B(enum.Enum, metaclass=M):\n    X = 'sdpa'\n", False),
        ("from mine import own\n@own\nclass B(enum.Enum):\n    X = 'sdpa'\n", False),
        ("class B(enum.Enum):\n    X = 'sdpa'\nB.X._value_ = 'flex'\n", False),
    ],
)
def test_a_member_of_an_enum_has_the_value_that_it_is_given(enum: str, is_said: bool) -> None:
    assert bool(messages("TTN106", OF_ENUM.format(enum))) is is_said
