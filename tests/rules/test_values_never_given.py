"""A value that the target never gets to give is not held against what takes it."""

from __future__ import annotations

import pytest

from tests.rules.cases import every_message

HEAD = """\
import torchtitan.config as config
import torchtitan.models.llama3 as llama3
from torchtitan.config import ParallelismConfig
from torchtitan.models.llama3 import model_registry

"""
GONE, THERE = "hasattr(config, 'JobConfig')", "hasattr(config, 'ParallelismConfig')"
WAYS = {
    "a name": "given = None\nif {asked}:\n    given = {value}\n{use}\n",
    "in a function": (
        "def make():\n    given = None\n    if {asked}:\n        given = {value}\n    return {use}\n"
    ),
    "an alternative": "given = {value} if {asked} else None\n{use}\n",
    "an import that fails": (
        "given = None\ntry:\n    from torchtitan.config import {name}\nexcept ImportError:\n    pass\n"
        "else:\n    given = {value}\n{use}\n"
    ),
    "of a class": (
        "class Holder:\n    given = None\n    if {asked}:\n        given = {value}\n\n"
        "given = Holder.given\n{use}\n"
    ),
    "from a function": (
        "def choose():\n    if {asked}:\n        return {value}\n    return None\n\n"
        "given = choose()\n{use}\n"
    ),
}
USES = {
    "a field": ("'default'", "ParallelismConfig(spmd_backend=given)"),
    "a backend": ("'nope'", "model_registry('8B', attn_backend=given)"),
    "a flavor": ("'999B'", "model_registry(given, attn_backend='flex')"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_value_that_the_target_never_gives_is_not_held_against_it(
    way: str, use: tuple[str, str]
) -> None:
    value, call = use
    for asked, name, count in ((GONE, "JobConfig", 0), (THERE, "ParallelismConfig", 1)):
        text = HEAD + way.format(asked=asked, name=name, value=value, use=call)
        assert len(every_message(text)) == count


TAKEN = {
    "the first": "next(name for name in NAMES if name in llama3.llama3_configs)",
    "the first, or one": "next((n for n in NAMES if n in llama3.llama3_configs), 'debugmodel')",
    "the first of a list": "[name for name in NAMES if name in llama3.llama3_configs][0]",
}


@pytest.mark.parametrize("taken", TAKEN.values(), ids=TAKEN)
def test_a_name_that_a_search_passes_over_is_not_taken(taken: str) -> None:
    text = HEAD + "NAMES = ({names})\nmodel_registry({taken}, attn_backend='flex')\n"
    assert every_message(text.format(names="'8B_varlen', '8B'", taken=taken)) == []
    asked = taken.replace("in llama3.llama3_configs", "not in ('8B',)").replace("debugmodel", "9B")
    assert every_message(text.format(names="'8B_varlen', '8B'", taken=asked)) != []
