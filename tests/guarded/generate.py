"""Programs that are right at every release, behind guards of every kind, with additions of their own.

A program asks torchtitan for its shape, keeps the answer in one form or another, and goes one way or the
other by it. Each way uses what its own torchtitan has. Nothing in it is wrong at any release.
"""

from __future__ import annotations

import random
import textwrap
from dataclasses import dataclass

RELEASES = ("0.2.0", "0.2.1", "0.2.2", "0.3.0")


@dataclass(frozen=True)
class Change:
    """Something that is one way up to 0.2.2 and another from 0.3.0 on.

    Attributes:
        module: The module that has it.
        old: A name that is gone at 0.3.0.
        new: A name that comes with 0.3.0; ``None`` where there is none.
        old_use: An expression that works up to 0.2.2, ``{m}`` being the module.
        new_use: One that works at 0.3.0.
    """

    module: str
    old: str
    new: str | None
    old_use: str
    new_use: str


CHANGES = (
    Change(
        "torchtitan.components.loss",
        "build_cross_entropy_loss",
        "CrossEntropyLoss",
        "{m}.build_cross_entropy_loss",
        "{m}.CrossEntropyLoss",
    ),
    Change(
        "torchtitan.components.optimizer",
        "build_optimizers",
        "default_adamw",
        "{m}.build_optimizers",
        "{m}.default_adamw(lr=0.5)",
    ),
    Change(
        "torchtitan.models.llama3",
        "llama3_args",
        "model_registry",
        "{m}.llama3_args['8B']",
        "{m}.model_registry('8B', attn_backend='flex')",
    ),
    Change(
        "torchtitan.config",
        "JobConfig",
        "ParallelismConfig",
        "{m}.JobConfig()",
        "{m}.ParallelismConfig(spmd_backend='full_dtensor')",
    ),
    Change(
        "torchtitan.distributed.utils",
        "maybe_enable_amp",
        None,
        "{m}.maybe_enable_amp",
        "{m}.clip_grad_norm_",
    ),
)


def probes(change: Change, number: int, chance: random.Random) -> tuple[str, str]:
    """Statements, and an expression behind them that is true at 0.3.0 alone."""
    module, old, new = change.module, change.old, change.new
    m, flag = f"m{number}", f"FLAG_{number}"
    asked, positive = (old, False) if new is None or chance.random() < 0.5 else (new, True)
    has = chance.choice(
        [
            f"hasattr({m}, {asked!r})",
            f"{asked!r} in dir({m})",
            f"{asked!r} in vars({m})",
            f"{asked!r} in {m}.__dict__",
            f"getattr({m}, {asked!r}, None) is not None",
            f"bool(getattr({m}, {asked!r}, None))",
            f"callable(getattr({m}, {asked!r}, {flag!r} == 1))"
            if asked.startswith(("build", "default", "maybe", "Cross", "Job", "Par", "model_"))
            else f"hasattr({m}, {asked!r})",
            f"any(name == {asked!r} for name in dir({m}))",
            f"{asked!r} in set(vars({m}).keys())",
            f"all(hasattr({m}, name) for name in [{asked!r}])",
            "NAMED",
            "IMPORTED",
            "IMPORTED LATE",
            "FUNCTION",
            "PARAMETER",
            "SPEC",
        ]
    )
    before = ""
    if has == "NAMED":
        before = f"try:\n    from {module} import {asked} as n{number}\nexcept ImportError:\n    n{number} = None\n"
        has = chance.choice([f"n{number} is not None", f"n{number}", f"not (n{number} is None)"])
        if asked.endswith(("_args", "_configs")):
            has = f"n{number} is not None"
    elif has == "IMPORTED":
        before = (
            f"try:\n    from {module} import {asked}\n    {flag}_I = True\n"
            f"except {chance.choice(['ImportError', '(ImportError, AttributeError)', 'Exception'])}:\n"
            f"    {flag}_I = False\n"
        )
        has = f"{flag}_I"
    elif has == "IMPORTED LATE":
        before = (
            f"{flag}_I = False\ntry:\n    from {module} import {asked}\nexcept ImportError:\n    pass\n"
            f"else:\n    {flag}_I = True\n"
        )
        has = f"{flag}_I"
    elif has == "FUNCTION":
        before = (
            f"def has_{number}(thing, name={asked!r}):\n"
            f"    try:\n        getattr(thing, name)\n    except AttributeError:\n        return False\n"
            f"    return True\n"
            if chance.random() < 0.3
            else f"def has_{number}(thing, name={asked!r}):\n    return hasattr(thing, name)\n"
        )
        has = f"has_{number}({m})"
    elif has == "PARAMETER":
        before = "from torchtitan.distributed import ParallelDims\n"
        positive = False
        has = chance.choice(
            [
                "'etp' in inspect.signature(ParallelDims).parameters",
                "'etp' in {f.name for f in dataclasses.fields(ParallelDims)}",
                "'etp' in inspect.getfullargspec(ParallelDims.__init__).args",
                "'etp' in typing.get_type_hints(ParallelDims)",
                "any(f.name == 'etp' for f in dataclasses.fields(ParallelDims))",
                "'etp' in [p.name for p in inspect.signature(ParallelDims).parameters.values()]",
                "'etp' in ParallelDims.__dataclass_fields__",
                "'etp' in ParallelDims.__init__.__code__.co_varnames",
            ]
        )
    elif has == "SPEC":
        positive = False
        has = "importlib.util.find_spec('torchtitan.protocols.train_spec') is not None"
    return before, has if positive else f"not ({has})"


def kept(test: str, number: int, chance: random.Random) -> tuple[str, str]:
    """Statements that keep the answer of a test, and an expression that gives it back."""
    flag = f"FLAG_{number}"
    way = chance.randrange(14)
    if way == 0:
        return "", test
    if way == 1:
        return f"{flag} = {test}\n", flag
    if way == 2:
        return f"{flag}_OLD = not ({test})\n", f"not {flag}_OLD"
    if way == 3:
        return f"def is_new_{number}():\n    return {test}\n", f"is_new_{number}()"
    if way == 4:
        return (
            f"def is_new_{number}():\n    if {test}:\n        return True\n    return False\n",
            f"is_new_{number}()",
        )
    if way == 5:
        return f"is_new_{number} = lambda: {test}\n", f"is_new_{number}()"
    if way == 6:
        return f"{flag} = 'new' if {test} else 'old'\n", f"{flag} == 'new'"
    if way == 7:
        return f"{flag} = bool({test})\n{flag}_TOO = {flag}\n", f"{flag}_TOO"
    if way == 8:
        return f"if {test}:\n    {flag} = True\nelse:\n    {flag} = False\n", flag
    if way == 9:
        return f"{flag} = False\nif {test}:\n    {flag} = True\n", flag
    if way == 10:
        return f"class Has{number}:\n    new = bool({test})\n", f"Has{number}.new"
    if way == 11:
        return (
            f"class Api{number}:\n    def __init__(self):\n        self.new = bool({test})\n"
            f"api{number} = Api{number}()\n",
            f"api{number}.new",
        )
    if way == 12:
        return (
            f"class Api{number}:\n    @property\n    def new(self):\n        return bool({test})\n"
            f"api{number} = Api{number}()\n",
            f"api{number}.new",
        )
    return f"{flag} = bool({test})\n", f"{flag} is True"


def placed(test: str, new: str, old: str, number: int, chance: random.Random) -> str:
    """A piece of code that goes by a test."""
    ways = [
        "def use{n}():\n    if {test}:\n        return {new}\n    return {old}\n",
        "def use{n}():\n    if not ({test}):\n        return {old}\n    return {new}\n",
        "def use{n}():\n    if {test}:\n        x = {new}\n    else:\n        x = {old}\n    return x\n",
        "def use{n}():\n    return {new} if {test} else {old}\n",
        "def use{n}():\n    return [{old} for _ in range(2) if not ({test})]\n",
        "def use{n}():\n    return ({test}) and {new}\n",
        "def use{n}():\n    return ({test}) or {old}\n",
        "def use{n}():\n    assert {test}, 'too old'\n    return {new}\n",
        "def use{n}():\n    if not ({test}):\n        raise RuntimeError('too old')\n    return {new}\n",
        "def use{n}():\n    while not ({test}):\n        return {old}\n",
        "def use{n}():\n    for _ in range(2):\n        if {test}:\n            continue\n        {old}\n",
        "if {test}:\n    def use{n}():\n        return {new}\nelse:\n    def use{n}():\n        return {old}\n",
        "class Use{n}:\n    if {test}:\n        def use(self):\n            return {new}\n"
        "    else:\n        def use(self):\n            return {old}\n",
        "@pytest.mark.skipif(not ({test}), reason='too old')\ndef test_{n}():\n    {new}\n",
        "@unittest.skipIf({test}, 'too new')\nclass Test{n}(unittest.TestCase):\n"
        "    def test_it(self):\n        {old}\n",
        "def test_{n}():\n    if {test}:\n        pytest.skip('too new')\n    {old}\n",
        "def test_{n}():\n    if not ({test}):\n        raise unittest.SkipTest\n    {new}\n",
        "def use{n}():\n    match bool({test}):\n        case True:\n            return {new}\n"
        "        case False:\n            return {old}\n",
        "def use{n}():\n    if not ({test}):\n        sys.exit('too old')\n    return {new}\n",
        "def refuse{n}():\n    raise SystemExit\n\ndef use{n}():\n    if {test}:\n"
        "        refuse{n}()\n    return {old}\n",
    ]
    return chance.choice(ways).format(n=number, test=test, new=new, old=old)


ADDITIONS = (
    "from torchtitan.distributed import ParallelDims\n"
    "{c}.my_own = property(lambda self: 1)\n"
    "def own{n}(dims: {c}):\n    return dims.my_own, dims.job_config\n"
    "setattr({c}, 'job_config', None)\n",
    "for name{n} in ('gone_{n}', 'train_spec'):\n    setattr(m{n}, name{n}, None)\n"
    "def own{n}():\n    return m{n}.gone_{n}, m{n}.train_spec\n",
    "if not hasattr(m{n}, 'gone_{n}'):\n    m{n}.gone_{n} = lambda: None\n"
    "def own{n}():\n    return m{n}.gone_{n}()\n",
    "vars(m{n})['gone_{n}'] = 1\ndef own{n}():\n    return m{n}.gone_{n}\n",
    "sys.modules['torchtitan.gone_{n}'] = types.ModuleType('torchtitan.gone_{n}')\n"
    "def own{n}():\n    import torchtitan.gone_{n}\n    from torchtitan import gone_{n}\n",
    "def test_own_{n}(monkeypatch):\n"
    "    monkeypatch.setattr(m{n}, 'gone_{n}', 1, raising=False)\n    assert m{n}.gone_{n}\n",
    "def test_own_{n}():\n    with mock.patch.object(m{n}, 'gone_{n}', 1, create=True):\n"
    "        assert m{n}.gone_{n}\n",
    "def test_own_{n}():\n    with pytest.raises(AttributeError):\n        m{n}.gone_{n}\n",
    "@pytest.mark.xfail(raises=AttributeError)\ndef test_own_{n}():\n    m{n}.gone_{n}\n",
    "def own{n}():\n    with contextlib.suppress(AttributeError):\n        return m{n}.gone_{n}\n",
    "def own{n}():\n    try:\n        return m{n}.gone_{n}\n    except AttributeError:\n        return 1\n",
)

HEADER = """\
import contextlib
import dataclasses
import importlib.util
import inspect
import sys
import types
import typing
import unittest
from unittest import mock

import pytest

"""


def program(seed: int) -> str:
    """The program of a seed: the same one each time."""
    chance = random.Random(seed)
    parts = [HEADER]
    chosen = chance.sample(CHANGES, chance.choice([1, 1, 2, 3]))
    for number, change in enumerate(chosen):
        parts.append(f"import {change.module} as m{number}\n")
    for number, change in enumerate(chosen):
        before, test = probes(change, number, chance)
        keeping, answer = kept(test, number, chance)
        m = f"m{number}"
        parts += [before, keeping]
        if chance.random() < 0.4:
            addition = chance.choice(ADDITIONS)
            parts.append(addition.format(n=number, c="ParallelDims"))
        new, old = change.new_use.format(m=m), change.old_use.format(m=m)
        for again in range(chance.choice([1, 1, 2])):
            parts.append(placed(answer, new, old, 10 * number + again, chance))
    return textwrap.dedent("\n".join(part for part in parts if part))
