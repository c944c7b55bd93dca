"""A namespace of the standard library holds what it was made with, until somebody sets it anew."""

from __future__ import annotations

import pytest

from tests.rules.cases import every_message

HEAD = """\
import types
from types import SimpleNamespace
from torchtitan.config import ParallelismConfig
from torchtitan.models.llama3 import llama3_configs
"""
MADE = "holder = types.SimpleNamespace(thing=ParallelismConfig, other=None)\n"
USE = "holder.thing(no_such=1)\n"
LATER = {
    "set": "holder.thing = print\n",
    "set somewhere": "def change(it):\n    it.thing = print\n",
    "set by name": "setattr(holder, 'thing', print)\n",
    "set by a name that is not known": "import sys\nsetattr(holder, sys.argv[1], print)\n",
    "set in its dictionary": "vars(holder)['thing'] = print\n",
    "set in its dictionary, too": "holder.__dict__['thing'] = print\n",
    "updated": "holder.__dict__.update(thing=print)\n",
    "updated by vars": "vars(holder).update({'thing': print})\n",
    "kept dictionary": "names = vars(holder)\nnames['thing'] = print\n",
}


@pytest.mark.parametrize(
    "text",
    [
        MADE + USE,
        "holder = SimpleNamespace(thing=ParallelismConfig)\n" + USE,
        MADE + "def use():\n    " + USE,
        MADE + "class Derived(holder.thing):\n    pass\nDerived(no_such=1)\n",
        "holder = SimpleNamespace(inner=SimpleNamespace(thing=ParallelismConfig))\n"
        "holder.inner.thing(no_such=1)\n",
        "holder = SimpleNamespace(thing=llama3_configs)\nholder.thing['no_such']\n",
        MADE + "holder.other = 1\n" + USE,
    ],
)
def test_what_a_namespace_was_made_with_is_known(text: str) -> None:
    assert every_message(HEAD + text) != []
    assert every_message(HEAD + text.replace("no_such", "enable_sequence_parallel")) == [] or (
        "llama3_configs" in text
    )


@pytest.mark.parametrize("change", LATER)
def test_what_is_set_anew_is_not(change: str) -> None:
    assert every_message(HEAD + MADE + LATER[change] + USE) == []


@pytest.mark.parametrize(
    "made",
    [
        "import sys\nholder = SimpleNamespace(**vars(sys))\n",
        "import sys\nholder = SimpleNamespace(**{'thing': print}, other=ParallelismConfig)\n",
        "holder = SimpleNamespace(other=ParallelismConfig)\n",
        "import sys\nholder = SimpleNamespace(thing=ParallelismConfig)\n"
        "if sys.argv:\n    holder = SimpleNamespace(thing=print)\n",
    ],
)
def test_what_it_may_not_have_been_made_with_is_not(made: str) -> None:
    assert every_message(HEAD + made + USE) == []
