"""TTN305: abstract classes, and what derives from them."""

from __future__ import annotations

import textwrap

import pytest

from tests.rules.cases import messages

HEAD = """\
import abc
import contextlib
import dataclasses
import functools
import os
import types
import typing
PATH = "torchtitan.components.tokenizer"
from torchtitan.components.tokenizer import BaseTokenizer
"""
TWO = "    def encode(self): ...\n    def decode(self): ...\n"


def says(text: str, torchtitan: str = "0.3.0") -> list[str]:
    return messages("TTN305", HEAD + textwrap.dedent(text), torchtitan)


@pytest.mark.parametrize(
    "text",
    [
        "BaseTokenizer()\n",
        "object.__new__(BaseTokenizer)\n",
        "thing = BaseTokenizer\nthing()\n",
        "for thing in [BaseTokenizer]:\n    thing()\n",
        "for name, thing in [('one', BaseTokenizer)]:\n    thing()\n",
        "for number, (name, thing) in enumerate([('one', BaseTokenizer)]):\n    pass\nthing()\n",
        "made = [thing() for thing, in zip([BaseTokenizer])]\n",
        "[(name, thing)] = {'one': BaseTokenizer}.items()\nthing()\n",
        "import importlib\nimportlib.import_module(PATH).BaseTokenizer()\n",
        "import torchtitan.components.tokenizer as t\ngetattr(t, 'BaseTokenizer')()\n",
        "from torchtitan.components.tokenizer import *\nBaseTokenizer()\n",
        "thing, number = BaseTokenizer, 1\nthing()\n",
        "thing = BaseTokenizer if os.name else None\nthing()\n",
        "things = [BaseTokenizer, None]\nthings[0]()\n",
        "things = {'one': BaseTokenizer, 'two': None}\nthings['one']()\n",
        "holder = types.SimpleNamespace(thing=BaseTokenizer)\nholder.thing()\n",
        "class Holder:\n    thing = BaseTokenizer\nHolder.thing()\n",
        "class Holder:\n    def __init__(self):\n        self.thing = BaseTokenizer\nHolder().thing()\n",
        "class Holder:\n    @property\n    def thing(self):\n        return BaseTokenizer\n"
        "Holder().thing()\n",
        "def give():\n    return BaseTokenizer\ngive()()\n",
        "give = lambda: BaseTokenizer\ngive()()\n",
        "def outer():\n    thing = BaseTokenizer\n    def inner():\n        return thing\n    return inner\n"
        "outer()()()\n",
        "try:\n    import torchtitan.components.tokenizer as t\nexcept ImportError:\n    t = None\n"
        "if t is not None:\n    t.BaseTokenizer()\n",
        "functools.partial(BaseTokenizer)()\n",
        "def give():\n    yield BaseTokenizer\nnext(give())()\n",
        "@contextlib.contextmanager\ndef give():\n    yield BaseTokenizer\n"
        "with give() as thing:\n    thing()\n",
        "with contextlib.nullcontext(BaseTokenizer) as thing:\n    pass\nthing()\n",
        f"class Own(BaseTokenizer):\n{TWO}Own()\n",
        f"@dataclasses.dataclass\nclass Own(BaseTokenizer):\n{TWO}Own()\n",
        f"class Base(BaseTokenizer):\n{TWO}class Own(Base):\n    pass\nOwn()\n",
    ],
)
def test_what_lacks_methods_is_not_made(text: str) -> None:
    (message,) = says(text)
    assert "`get_vocab_size`" in message


@pytest.mark.parametrize(
    "text",
    [
        f"class Own(BaseTokenizer):\n{TWO}    get_vocab_size = len\nOwn()\n",
        f"class Own(BaseTokenizer):\n{TWO}",
        f"class Own(BaseTokenizer, Mixin):\n{TWO}Own()\n",
        f"from mine import Mixin\nclass Own(Mixin, BaseTokenizer):\n{TWO}Own()\n",
        f"from mine import add\n@add\nclass Own(BaseTokenizer):\n{TWO}Own()\n",
        f"class Own(BaseTokenizer):\n{TWO}Own.__abstractmethods__ = frozenset()\nOwn()\n",
        f"class Own(BaseTokenizer):\n{TWO}    def __new__(cls): ...\nOwn()\n",
        f"class Own(BaseTokenizer, metaclass=Meta):\n{TWO}Own()\n",
        "with contextlib.suppress(TypeError):\n    BaseTokenizer()\n",
        "def use(pairs: list[tuple[str, type[BaseTokenizer]]]):\n"
        "    for name, thing in pairs:\n        thing()\n",
        "def use(given: tuple[str, type[BaseTokenizer]]):\n    name, thing = given\n    thing()\n",
        "for thing, cls in [(BaseTokenizer, len)]:\n    cls()\n",
        "BaseTokenizer.__abstractmethods__ = frozenset()\nBaseTokenizer()\n",
        "def use(cls: type[BaseTokenizer]):\n    return cls()\n",
        "def use(self, cls=None):\n    return (cls or BaseTokenizer)()\n",
        "kind = BaseTokenizer\nfor _ in range(2):\n    kind = kind.next\n    kind()\n",
        "def give(kind: type[BaseTokenizer]):\n    return kind\ngive(Own)()\n",
        "def give(kind: type[BaseTokenizer]):\n    yield kind\nnext(give(Own))()\n",
        "def give(kind: type[BaseTokenizer]):\n    yield kind\nfor thing in give(Own):\n    thing()\n",
        "def give(kind: type[BaseTokenizer]):\n    yield from [kind]\nnext(give(Own))()\n",
        "@contextlib.contextmanager\ndef give(kind: type[BaseTokenizer]):\n    yield kind\n"
        "with give(Own) as thing:\n    thing()\n",
        "def use(kind: type[BaseTokenizer]):\n"
        "    with contextlib.nullcontext(kind) as thing:\n        thing()\n",
        "class Manager:\n    def __init__(self, kind: type[BaseTokenizer]):\n        self.kind = kind\n"
        "    def __enter__(self):\n        return self.kind\n    def __exit__(self, *_): ...\n"
        "with Manager(Own) as thing:\n    thing()\n",
        "def give(kind: type[BaseTokenizer]):\n    return {'one': kind}\ngive(Own)['one']()\n",
        "class Holder:\n    thing = BaseTokenizer\n    def make(self):\n        return self.thing()\n",
        "class Holder:\n    def __init__(self, kind: type[BaseTokenizer]):\n        self.thing = kind\n"
        "Holder(Own).thing()\n",
        "kinds = [BaseTokenizer]\nkinds.insert(0, Own)\nkinds[0]()\n",
        "class Holder:\n    thing: type[BaseTokenizer]\nHolder.thing()\n",
        "for thing in (BaseTokenizer, print):\n    thing()\n",
        "def use(kinds):\n    for thing in [BaseTokenizer, *kinds]:\n        thing()\n",
        "def use(tokenizer: BaseTokenizer):\n    return type(tokenizer)()\n",
        "class Own(BaseTokenizer):\n    @classmethod\n    def make(cls):\n        return cls()\n",
        f"class Own(BaseTokenizer):\n{TWO}"
        "class Full(Own):\n    def get_vocab_size(self): ...\n"
        "def make(kind: type[Own]):\n    return kind()\n",
    ],
)
def test_what_may_have_them_is_left_alone(text: str) -> None:
    assert says(text) == []


def test_a_declared_method_without_an_abstract_base_hinders_nothing() -> None:
    text = "from torchtitan.protocols.model import ModelProtocol\nModelProtocol(model_args=None)\n"
    assert len(messages("TTN305", text, "0.2.0")) == 1
    assert messages("TTN305", text, "0.2.2") == []


@pytest.mark.parametrize(("name", "count"), [("model_args", 1), ("no_such", 0)])
def test_a_protocol_shows_the_parameters_that_it_declares(name: str, count: int) -> None:
    text = (
        "import inspect\nfrom torchtitan.protocols.model import ModelProtocol\n"
        f"if '{name}' in inspect.signature(ModelProtocol).parameters:\n    ModelProtocol(None)\n"
    )
    assert len(messages("TTN305", text, "0.2.0")) == count


OWN_NAMES = "class Mine(BaseTokenizer):\n    {}\n\n\nMine()\n"


@pytest.mark.parametrize(
    ("body", "is_said"),
    [
        ("for n in ('encode', 'decode', 'get_vocab_size'):\n        locals()[n] = len", False),
        ("vars().update(encode=len, decode=len, get_vocab_size=len)", False),
        ("if PATH:\n        locals().update(methods)", False),
        ("exec(methods)", False),
        ("[locals().__setitem__(n, len) for n in methods]", False),
        ("def encode(self):\n        return locals()", True),
        ("names = len(PATH)", True),
        ("class Inner:\n        locals()['encode'] = len", True),
    ],
)
def test_a_class_may_have_the_names_that_its_body_works_out(body: str, is_said: bool) -> None:
    assert bool(says(OWN_NAMES.format(body))) is is_said
