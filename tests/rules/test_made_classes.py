"""A class may be made by a call or a function of what it is handed: no statement says that it derives from torchtitan's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import titan_lint as library

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

TRAINER = "from torchtitan.trainer import Trainer\n\n"
USE = f"{TRAINER}def f(trainer: Trainer):\n    return trainer.maybe_enable_amp\n"
MAKE = "def make(base):\n    class Made(base):\n        maybe_enable_amp = None\n    return Made\n"
CONFIG = "from torchtitan.config import ParallelismConfig\n\n"
USE_CONFIG = (
    f"{CONFIG}def f(held: ParallelismConfig):\n    return held.expert_tensor_parallel_degree\n"
)

MADE = {
    "type": "Own = type('Own', (Trainer,), {'maybe_enable_amp': None})\n",
    "type with a dictionary that is named": "space = {'maybe_enable_amp': None}\n"
    "Own = type('Own', (Trainer,), space)\n",
    "type with a dictionary that is called for": "Own = type('Own', (Trainer,), dict(maybe_enable_amp=1))\n",
    "the class's own metaclass": "Own = type(Trainer)('Own', (Trainer,), {'maybe_enable_amp': 1})\n",
    "new_class": "import types\n"
    "Own = types.new_class('Own', (Trainer,), {}, lambda space: space.update(maybe_enable_amp=1))\n",
    "a partial of type": "from functools import partial\nmake = partial(type, 'Own', (Trainer,))\n"
    "Own = make({'maybe_enable_amp': 1})\n",
    "bases that are named": "bases = (Trainer,)\nOwn = type('Own', bases, {'maybe_enable_amp': 1})\n",
    "a function that calls type": "def make(base, **given):\n    return type('Own', (base,), given)\n"
    "Own = make(Trainer, maybe_enable_amp=1)\n",
    "a function": f"{MAKE}Own = make(Trainer)\n",
    "a function with a default": f"{MAKE.replace('(base):', '(base=Trainer):', 1)}Own = make()\n",
    "a function that is handed it by keyword": f"{MAKE}Own = make(base=Trainer)\n",
    "a partial of a function": f"from functools import partial\n{MAKE}Own = partial(make, Trainer)()\n",
    "a function by another name": f"{MAKE}mix = make\nOwn = mix(Trainer)\n",
    "a lambda": "make = lambda base: type('Own', (base,), {'maybe_enable_amp': 1})\nOwn = make(Trainer)\n",
    "a method": "class Kit:\n    @classmethod\n    def make(cls, base):\n        class Made(base):\n"
    "            maybe_enable_amp = None\n        return Made\nOwn = Kit.make(Trainer)\n",
    "a class that is called": "class Kit:\n    def __call__(self, base):\n        class Made(base):\n"
    "            maybe_enable_amp = None\n        return Made\nOwn = Kit()(Trainer)\n",
    "a function of a derived class": f"{MAKE}class Mine(Trainer): ...\nOwn = make(Mine)\n",
    "a decorator": f"{MAKE}@make\nclass Own(Trainer): ...\n",
    "a decorator with arguments": "def made(name):\n    def make(base):\n        class Made(base):\n"
    "            maybe_enable_amp = None\n        return Made\n    return make\n"
    "@made('own')\nclass Own(Trainer): ...\n",
    "a decorator that sets what it is told": "def having(*names):\n    def put(cls):\n"
    "        for name in names: setattr(cls, name, None)\n        return cls\n    return put\n"
    "@having('maybe_enable_amp')\nclass Own(Trainer): ...\n",
    "a base that is called for": f"{MAKE}class Own(make(Trainer)): ...\n",
    "bases that are unpacked": "bases = (Trainer,)\nclass Own(*bases):\n    maybe_enable_amp = None\n",
    "a base that is chosen": "import os\nclass Own(Trainer if os.environ.get('X') else object):\n"
    "    maybe_enable_amp = None\n",
}
FIELDS = {
    "fields": "import dataclasses\nOwn = dataclasses.make_dataclass('Own', "
    "[('expert_tensor_parallel_degree', int, 1)], bases=(ParallelismConfig,), kw_only=True)\n",
    "fields that are named": "from dataclasses import make_dataclass\n"
    "given = [('expert_tensor_parallel_degree', int, 1)]\n"
    "Own = make_dataclass('Own', given, bases=(ParallelismConfig,), kw_only=True)\n",
    "a namespace": "from dataclasses import make_dataclass\nOwn = make_dataclass('Own', [], "
    "bases=(ParallelismConfig,), namespace={'expert_tensor_parallel_degree': 1})\n",
}
MAKING = [
    *((f"{TRAINER}{made}", USE) for made in MADE.values()),
    *((f"{CONFIG}{made}", USE_CONFIG) for made in FIELDS.values()),
]
IDS = [*MADE, *FIELDS]


def codes(titan_lint: TitanLint, *paths: str) -> list[str]:
    options = ("--isolated", "--torchtitan=0.3.0", "--output-format=concise")
    ran = titan_lint(*options, *(paths or (".",)))
    assert ran.status in (0, 1)
    return [line.split(": ")[1].split()[0] for line in ran.out.splitlines() if ": TTN" in line]


@pytest.mark.parametrize(("own", "use"), MAKING, ids=IDS)
class TestWhatAMadeClassBrings:
    def test_nothing_is_said_where_another_file_makes_it(
        self, project: Path, titan_lint: TitanLint, own: str, use: str
    ) -> None:
        (project / "use.py").write_text(use)
        assert codes(titan_lint) == ["TTN203"]
        (project / "own.py").write_text(own)
        assert codes(titan_lint) == []
        assert codes(titan_lint, "use.py") == []

    def test_nothing_is_said_where_the_file_makes_it(
        self, project: Path, titan_lint: TitanLint, own: str, use: str
    ) -> None:
        (project / "use.py").write_text(f"{own}\n\n{use}")
        assert codes(titan_lint) == []

    def test_nothing_is_said_of_a_text_that_makes_it(
        self, project: Path, titan_lint: TitanLint, own: str, use: str
    ) -> None:
        assert library.lint(f"{own}\n\n{use}", torchtitan="0.3.0").findings == ()

    def test_what_is_made_only_in_tests_is_not_what_runs(
        self, project: Path, titan_lint: TitanLint, own: str, use: str
    ) -> None:
        (project / "use.py").write_text(use)
        (project / "test_own.py").write_text(own)
        assert codes(titan_lint) == ["TTN203"]


@pytest.mark.parametrize(
    "use",
    [
        "from parts import make\nOwn = make(Trainer)\n",
        "from parts import make as mix\nOwn = mix(Trainer)\n",
        "import parts\nOwn = parts.make(Trainer)\n",
        "from parts import make\n@make\nclass Own(Trainer): ...\n",
        "from parts import make as mix\n@mix\nclass Own(Trainer): ...\n",
        "from parts import make\nclass Own(make(Trainer)): ...\n",
        "import functools, parts\nOwn = functools.reduce(lambda a, b: b(a), [parts.make], Trainer)\n",
    ],
)
def test_what_makes_it_may_stand_in_a_third_file(
    project: Path, titan_lint: TitanLint, use: str
) -> None:
    (project / "use.py").write_text(USE)
    (project / "own.py").write_text(TRAINER + use)
    (project / "parts.py").write_text(MAKE)
    assert codes(titan_lint, "use.py") == []


@pytest.mark.parametrize(
    "own",
    [
        # What a registry does with a class makes no other one.
        "def register(cls):\n    KNOWN[cls.__name__] = cls\n    return cls\nregister(Trainer)\n",
        "def register(cls):\n    KNOWN[cls.__name__] = cls\n    return cls\n@register\nclass Own(Trainer): ...\n",
        f"{MAKE}Own = make(object)\nassert isinstance(Own(), (Trainer, object))\n",
        f"{MAKE.replace('maybe_enable_amp', 'more')}Own = make(Trainer)\n",
        "Own = type('Own', (Trainer,), {'more': None})\n",
        "Own = type('Own', (object,), {'maybe_enable_amp': None})\n",
        "print(type(Trainer), Trainer)\n",
        "import dataclasses\nOwn = dataclasses.make_dataclass('Own', ['more'], bases=(Trainer,))\n",
        "def having(cls):\n    cls.more = 1\n    return cls\n@having\nclass Own(Trainer): ...\n",
    ],
)
def test_what_brings_nothing_leaves_a_member_missing(
    project: Path, titan_lint: TitanLint, own: str
) -> None:
    (project / "use.py").write_text(USE)
    (project / "own.py").write_text(TRAINER + own)
    assert codes(titan_lint) == ["TTN203"]


def test_the_meshes_of_a_class_that_a_function_makes_may_be_others(
    project: Path, titan_lint: TitanLint
) -> None:
    dims = "from torchtitan.distributed import ParallelDims\n\n"
    (project / "use.py").write_text(
        f'{dims}def f(dims: ParallelDims):\n    return dims.get_mesh("etp")\n'
    )
    (project / "own.py").write_text(f"{dims}print(ParallelDims, isinstance(1, ParallelDims))\n")
    assert codes(titan_lint) == ["TTN405"]
    (project / "own.py").write_text(f"{dims}{MAKE}Own = make(ParallelDims)\n")
    assert codes(titan_lint) == []


FOUND_OUT = {
    "a call": "def base():\n    from torchtitan.config import ParallelismConfig\n"
    "    return ParallelismConfig\n\nclass Own(base()):\n    expert_tensor_parallel_degree = 1\n",
    "a call that is named": "def base():\n    from torchtitan.config import ParallelismConfig\n"
    "    return ParallelismConfig\n\nBase = base()\nclass Own(Base):\n    expert_tensor_parallel_degree = 1\n",
    "a name that is looked up": "import importlib\n"
    "Base = getattr(importlib.import_module('torchtitan.config'), 'ParallelismConfig')\n"
    "class Own(Base):\n    expert_tensor_parallel_degree = 1\n",
    "a table": f"{CONFIG}KNOWN = {{'p': ParallelismConfig}}\nclass Own(KNOWN['p']):\n"
    "    expert_tensor_parallel_degree = 1\n",
    "an entry that is named": f"{CONFIG}KNOWN = {{'p': ParallelismConfig}}\nBase = KNOWN['p']\n"
    "class Own(Base):\n    expert_tensor_parallel_degree = 1\n",
    "names of the class itself": f"{CONFIG}for name, value in {{'expert_tensor_parallel_degree': 1}}.items():\n"
    "    setattr(ParallelismConfig, name, value)\n",
}


@pytest.mark.parametrize("own", FOUND_OUT.values(), ids=FOUND_OUT)
def test_a_class_of_which_is_not_known_what_it_derives_from_may_be_torchtitans(
    project: Path, titan_lint: TitanLint, own: str
) -> None:
    (project / "use.py").write_text(USE_CONFIG)
    (project / "own.py").write_text(own)
    assert codes(titan_lint, "use.py") == []
    (project / "own.py").write_text(own.replace("expert_tensor", "other"))
    expected = [] if own.startswith(f"{CONFIG}for") else ["TTN203"]
    assert codes(titan_lint, "use.py") == expected
