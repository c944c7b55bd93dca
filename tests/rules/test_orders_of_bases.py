"""A base that becomes a module itself takes no place behind ``nn.Module``: the class would have no order of bases."""

from __future__ import annotations

import pytest

from tests.fixing import fix_text

IMPORTS = """\
import types

import torch.nn as nn
from torchtitan.protocols.train_spec import ModelProtocol

"""

BROKEN = {
    "bases": "class T(nn.Module, ModelProtocol):\n    pass\n",
    "type": "T = type('T', (nn.Module, ModelProtocol), {})\n",
    "new_class": "T = types.new_class('T', (nn.Module, ModelProtocol))\n",
    "a tuple in a name": "BASES = (nn.Module, ModelProtocol)\n\nT = type('T', BASES, {})\n",
    "a tuple that is spread": "BASES = (nn.Module, ModelProtocol)\n\nclass T(*BASES):\n    pass\n",
    "behind a tuple": "BEFORE = (nn.Module,)\n\nclass T(*BEFORE, ModelProtocol):\n    pass\n",
    "a tuple of others": "OURS = (ModelProtocol,)\n\nclass T(nn.Module, *OURS):\n    pass\n",
    "an alias": "Base = ModelProtocol\n\nclass T(nn.Module, Base):\n    pass\n",
    "two aliases": "Module, Base = nn.Module, ModelProtocol\n\nclass T(Module, Base):\n    pass\n",
    "a choice of two": (
        "def make(flag, other):\n"
        "    Base = ModelProtocol if flag else other\n"
        "    class T(nn.Module, Base):\n"
        "        pass\n"
        "    return T\n"
    ),
    "a class between": (
        "class Base(ModelProtocol):\n    pass\n\nclass T(nn.Module, Base):\n    pass\n"
    ),
}

KEPT = {
    "bases": "class T(ModelProtocol, nn.Module):\n    pass\n",
    "type": "T = type('T', (ModelProtocol, nn.Module), {})\n",
    "isinstance": "def f(x):\n    return isinstance(x, (nn.Module, ModelProtocol))\n",
    "a hint": "def f(x: tuple[nn.Module, ModelProtocol]):\n    return x\n",
    "a module of one's own": (
        "class Own(nn.Module):\n    pass\n\nclass T(Own, ModelProtocol):\n    pass\n"
    ),
}


@pytest.mark.parametrize("way", BROKEN)
def test_no_fix_leaves_a_class_without_an_order_of_bases(way: str) -> None:
    text = IMPORTS + BROKEN[way]
    assert fix_text(text, unsafe=True).source.text == text


def test_nor_where_the_base_is_taken_from_its_module() -> None:
    text = (
        "import torch.nn as nn\n"
        "from torchtitan.protocols import train_spec\n\n"
        "class T(nn.Module, train_spec.ModelProtocol):\n    pass\n"
    )
    assert fix_text(text, unsafe=True).source.text == text


@pytest.mark.parametrize("way", KEPT)
def test_a_class_that_keeps_its_order_gets_the_new_base(way: str) -> None:
    text = IMPORTS + KEPT[way]
    fixed = fix_text(text, unsafe=True).source.text
    assert fixed == text.replace("ModelProtocol", "BaseModel").replace("train_spec", "model")
