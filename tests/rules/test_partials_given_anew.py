"""What ``functools.partial`` binds by keyword does not count where a later call gives something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import found, messages
from titan_lint.finding import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

IMPORTS = (
    "import functools\n"
    "from dataclasses import dataclass, field\n"
    "from functools import partial\n"
    "from torchtitan.config import ParallelismConfig\n"
    "from torchtitan.models.llama3 import model_registry\n"
)
BOUND = "make = partial(ParallelismConfig, spmd_backend='default')\n"


@pytest.mark.parametrize(
    "text",
    [
        BOUND + "make(spmd_backend='spmd_types')\n",
        BOUND + "make(**given)\n",
        BOUND + "make(spmd_backend='spmd_types')\nmake(spmd_backend='full_dtensor')\n",
        BOUND + "other = partial(make, spmd_backend='spmd_types')\nother()\n",
        BOUND + "other = functools.partial(make, spmd_backend='spmd_types')\n",
        "functools.partial(ParallelismConfig, spmd_backend='default')(spmd_backend='spmd_types')\n",
        "base = dict(spmd_backend='default')\nmake = partial(ParallelismConfig, **base)\n"
        "make(spmd_backend='spmd_types')\n",
        "class Maker:\n    def __init__(self):\n        self.make = partial(ParallelismConfig, spmd_backend='default')\n"
        "    def run(self):\n        return self.make(spmd_backend='spmd_types')\n",
        BOUND + "again = make\nagain(spmd_backend='spmd_types')\n",
    ],
)
def test_a_value_that_a_later_call_gives_anew_never_counts(text: str) -> None:
    assert messages("TTN401", IMPORTS + text) == []


@pytest.mark.parametrize(
    "text",
    [
        BOUND + "make()\n",
        BOUND + "make(tensor_parallel_degree=2)\n",
        BOUND + "make()\nmake(spmd_backend='spmd_types')\n",
        BOUND + "other = partial(make, tensor_parallel_degree=2)\nother()\n",
        "partial(ParallelismConfig, spmd_backend='default')()\n",
        "@dataclass\nclass C:\n"
        "    p: object = field(default_factory=partial(ParallelismConfig, spmd_backend='default'))\n",
    ],
)
def test_a_value_that_a_call_leaves_is_a_mistake(text: str) -> None:
    (one,) = found("TTN401", IMPORTS + text, codes=("TTN401",))
    assert one.severity is Severity.ERROR


def test_a_value_that_may_be_given_anew_out_of_sight_is_a_warning() -> None:
    for text in (
        BOUND + "use(make)\n",
        "use(partial(ParallelismConfig, spmd_backend='default'))\n",
    ):
        (one,) = found("TTN401", IMPORTS + text, codes=("TTN401",))
        assert one.severity is Severity.WARNING


def test_another_file_may_give_it_anew(titan_lint: TitanLint, tmp_path: Path) -> None:
    (tmp_path / "base.py").write_text(IMPORTS + BOUND)
    use = tmp_path / "use.py"
    use.write_text("from base import make\nmake(spmd_backend='spmd_types')\n")
    asked = ("--isolated", "--no-cache", "--torchtitan", "0.3.0", "--select", "TTN401", tmp_path)
    assert "Found 1 warning" in titan_lint(*asked).out


@pytest.mark.parametrize(
    ("code", "bound", "given", "stays"),
    [
        ("TTN106", "attn_backend='cudnn'", "'debugmodel', attn_backend='flex'", "'debugmodel'"),
        ("TTN402", "flavor='9B'", "flavor='8B', attn_backend='flex'", "attn_backend='flex'"),
        ("TTN105", "flavor='8B_flex'", "flavor='8B', attn_backend='flex'", "attn_backend='flex'"),
    ],
)
def test_a_registry_gets_what_the_call_gives(code: str, bound: str, given: str, stays: str) -> None:
    make = f"{IMPORTS}make = partial(model_registry, {bound})\n"
    assert messages(code, f"{make}make({given})\n") == []
    assert len(messages(code, f"{make}make({stays})\n")) == 1
