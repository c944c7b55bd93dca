"""Guards of every kind: what one keeps the target away from is no mistake, and what it lets through is."""

from __future__ import annotations

import textwrap

import pytest

from tests.rules.cases import every_message, messages

IMPORTS = """\
import dataclasses
import importlib
import importlib.util
import inspect
import os
import sys
import typing
import unittest
import pytest
import torchtitan.distributed.utils as dist_utils
from torchtitan.components.optimizer import OptimizersContainer
from torchtitan.config import ParallelismConfig
from torchtitan.models.llama3 import llama3_configs, model_registry
from torchtitan.trainer import Trainer
"""

OLD_TESTS = {
    "hasattr": ("", 'hasattr(dist_utils, "maybe_enable_amp")'),
    "a flag from hasattr": ('HAS = hasattr(dist_utils, "maybe_enable_amp")', "HAS"),
    "a flag that says the opposite": ('NEW = not hasattr(dist_utils, "no_such")', "not NEW"),
    "a flag of a flag": ('A = hasattr(dist_utils, "no_such")\nB = A\nC = not B', "not C"),
    "a flag that is True or False": ('A = hasattr(dist_utils, "no_such")', "A is True"),
    "bool of a probe": ('A = bool(getattr(dist_utils, "no_such", None))', "A"),
    "callable": ("", 'callable(getattr(dist_utils, "no_such", None))'),
    "a member that is None": ("", 'getattr(dist_utils, "no_such", None) is not None'),
    "a sentinel": ('F = getattr(dist_utils, "no_such", None)', "F"),
    "a parameter": ("", '"no_such" in inspect.signature(model_registry).parameters'),
    "a flag from a signature": (
        'FLAG = "no_such" in inspect.signature(model_registry).parameters',
        "FLAG",
    ),
    "a saved signature": ("S = inspect.signature(model_registry)", '"no_such" in S.parameters'),
    "a list of parameters": (
        "NAMES = list(inspect.signature(model_registry).parameters)",
        '"no_such" in NAMES',
    ),
    "names of parameters": (
        "NAMES = [p.name for p in inspect.signature(model_registry).parameters.values()]",
        '"no_such" in NAMES',
    ),
    "a parameter that is got": (
        "",
        'inspect.signature(model_registry).parameters.get("no_such") is not None',
    ),
    "a count of parameters": ("", "len(inspect.signature(model_registry).parameters) > 20"),
    "a count of parameters, the other way round": (
        "NAMES = inspect.signature(model_registry).parameters\nCOUNT = len(NAMES)",
        "1 == COUNT",
    ),
    "the count of a class's parameters": (
        "",
        "len(inspect.signature(ParallelismConfig).parameters) <= 4",
    ),
    "a member of a class": ("", "hasattr(OptimizersContainer, '_validate_length')"),
    "what everything has": ("", "not hasattr(OptimizersContainer, '__doc__')"),
    "what every function has": ("", "not hasattr(model_registry, '__name__')"),
    "getfullargspec": ("", '"no_such" in inspect.getfullargspec(model_registry).args'),
    "both parts of getfullargspec": (
        "SPEC = inspect.getfullargspec(model_registry)",
        '"no_such" in SPEC.args + SPEC.kwonlyargs',
    ),
    "fields": ("", '"lr" in {f.name for f in dataclasses.fields(OptimizersContainer.Config)}'),
    "any of the fields": (
        "",
        'any(f.name == "lr" for f in dataclasses.fields(OptimizersContainer.Config))',
    ),
    "the fields of a class": ("", '"lr" in OptimizersContainer.Config.__dataclass_fields__'),
    "type hints": ("", '"lr" in typing.get_type_hints(OptimizersContainer.Config)'),
    "the keys of type hints": (
        "HINTS = typing.get_type_hints(OptimizersContainer.Config)",
        '"lr" in HINTS.keys()',
    ),
    "vars": ("", '"maybe_enable_amp" in vars(dist_utils)'),
    "dir": ("", '"maybe_enable_amp" in dir(dist_utils)'),
    "the dictionary of a module": ("", '"maybe_enable_amp" in dist_utils.__dict__'),
    "choices": (
        "CHOICES = typing.get_args(typing.get_type_hints(ParallelismConfig)['spmd_backend'])",
        '"default" in CHOICES',
    ),
    "a flavor": ("", '"8B_varlen" in llama3_configs'),
    "a set of flavors": ("FLAVORS = set(llama3_configs)", '"8B_varlen" in FLAVORS'),
    "flavors in a list": ("TABLES = [llama3_configs]", '"8B_varlen" in TABLES[0]'),
    "flavors in a dictionary": (
        "TABLES = {'llama3': llama3_configs}",
        "'8B_varlen' in TABLES['llama3']",
    ),
    "what a field is by default": ("", "ParallelismConfig().spmd_backend == 'default'"),
    "what a field of a class is": ("", "ParallelismConfig.spmd_backend in ('default', 'none')"),
    "a flag of what a field is by default": (
        "OLD = ParallelismConfig().spmd_backend == 'default'",
        "OLD",
    ),
    "what getattr says that a field is by default": (
        "",
        "getattr(ParallelismConfig(), 'spmd_backend', 'default') == 'default'",
    ),
    "what a dictionary says that a field is by default": (
        "",
        "dataclasses.asdict(ParallelismConfig())['spmd_backend'] == 'default'",
    ),
    "the keys of a dictionary": (
        "",
        "'expert_tensor_parallel_degree' in dataclasses.asdict(ParallelismConfig())",
    ),
    "one of two that are not there": (
        "F = getattr(dist_utils, 'maybe_enable_amp', None) or getattr(dist_utils, 'no_such', None)",
        "F is not None",
    ),
    "a flag of a match": (
        "match hasattr(dist_utils, 'maybe_enable_amp'):\n    case True:\n        OLD = True\n"
        "    case _:\n        OLD = False",
        "OLD",
    ),
    "find_spec": ("", 'importlib.util.find_spec("torchtitan.config_manager") is not None'),
    "a flag from find_spec": (
        'SPEC = importlib.util.find_spec("torchtitan.protocols.train_spec")\nHAS = SPEC is not None',
        "HAS",
    ),
    "a function of its own": (
        'def is_old():\n    return hasattr(dist_utils, "maybe_enable_amp")',
        "is_old()",
    ),
    "a function that takes what to ask": (
        "def takes(function, name):\n    return name in inspect.signature(function).parameters",
        'takes(model_registry, "no_such")',
    ),
    "a function with several ends": (
        "def is_old():\n"
        "    try:\n"
        "        from torchtitan.protocols.train_spec import TrainSpec\n"
        "    except ImportError:\n"
        "        return False\n"
        "    return True",
        "is_old()",
    ),
    "a function with a test in it": (
        'def is_old():\n    if hasattr(dist_utils, "no_such"):\n        return True\n    return False',
        "is_old()",
    ),
    "a lambda": ('old = lambda: hasattr(dist_utils, "no_such")', "old()"),
    "a flag of an import": (
        "try:\n"
        "    from torchtitan.protocols.train_spec import TrainSpec\n"
        "    OLD = True\n"
        "except ImportError:\n"
        "    OLD = False",
        "OLD",
    ),
    "a flag that is a member of an enum": (
        "import enum\nclass Era(enum.Enum):\n    OLD = enum.auto()\n    NEW = enum.auto()\n"
        "ERA = Era.OLD if hasattr(dist_utils, 'no_such') else Era.NEW",
        "ERA is Era.OLD",
    ),
    "a flag that is a constant of a class": (
        "class Era:\n    THEN = 'then'\n"
        "ERA = Era.THEN if hasattr(dist_utils, 'no_such') else 'now'",
        "ERA == Era.THEN",
    ),
    "a stand-in for what is missing": (
        "MISSING = object()\nFOUND = getattr(dist_utils, 'no_such', MISSING)",
        "FOUND is not MISSING",
    ),
    "a flag with a value before": (
        "OLD = True\n"
        "try:\n"
        "    from torchtitan.protocols.train_spec import TrainSpec\n"
        "except ImportError:\n"
        "    OLD = False",
        "OLD",
    ),
    "a flag behind else": (
        "try:\n"
        "    import torchtitan.protocols.train_spec\n"
        "except ImportError:\n"
        "    OLD = False\n"
        "else:\n"
        "    OLD = True",
        "OLD",
    ),
    "a name that is None": (
        "try:\n"
        "    from torchtitan.protocols.train_spec import TrainSpec\n"
        "except ImportError:\n"
        "    TrainSpec = None",
        "TrainSpec is not None",
    ),
    "a name that is None, for truth": (
        "try:\n"
        "    from torchtitan.protocols.train_spec import TrainSpec\n"
        "except ImportError:\n"
        "    TrainSpec = None",
        "TrainSpec",
    ),
    "a new name that is there": (
        "try:\n"
        "    from torchtitan.components.optimizer import ParamGroupConfig\n"
        "except ImportError:\n"
        "    ParamGroupConfig = None",
        "ParamGroupConfig is None",
    ),
    "a word for the version": (
        "try:\n"
        "    from torchtitan.protocols.train_spec import TrainSpec\n"
        "    API = 'specs'\n"
        "except ImportError:\n"
        "    API = 'registries'",
        "API == 'specs'",
    ),
    "a flag of a class": (
        "class Has:\n    OLD = hasattr(dist_utils, 'no_such')",
        "Has.OLD",
    ),
    "a flag of an instance": (
        "class Api:\n    def __init__(self):\n        self.old = hasattr(dist_utils, 'no_such')\n"
        "api = Api()",
        "api.old",
    ),
    "a flag of an instance by an import": (
        "class Api:\n    def __init__(self):\n        try:\n"
        "            from torchtitan.protocols.train_spec import TrainSpec\n"
        "            self.old = True\n        except ImportError:\n            self.old = False\n"
        "api = Api()",
        "api.old",
    ),
    "a property": (
        "class Api:\n    @property\n    def old(self):\n"
        "        return hasattr(dist_utils, 'no_such')\napi = Api()",
        "api.old",
    ),
    "a flag of a class, through an instance": (
        "class Api:\n    OLD = hasattr(dist_utils, 'no_such')\napi = Api()",
        "type(api).OLD",
    ),
    "a flag of a class, by __class__": (
        "class Api:\n    OLD = hasattr(dist_utils, 'no_such')\napi = Api()",
        "api.__class__.OLD",
    ),
    "a flag of what an instance holds": (
        "class Api:\n    def __init__(self):\n        self.old = hasattr(dist_utils, 'no_such')\n"
        "class Engine:\n    def __init__(self):\n        self.api = Api()\nengine = Engine()",
        "engine.api.old",
    ),
    "a method": (
        "class Api:\n    def old(self):\n        return hasattr(dist_utils, 'no_such')\napi = Api()",
        "api.old()",
    ),
    "zero": ("", "0"),
    "all of some": ("", 'all(hasattr(dist_utils, n) for n in ("maybe_enable_amp", "no_such"))'),
}
"""Tests that are false at 0.3.0, with what stands before them."""

USES = {
    "a name": "dist_utils.maybe_enable_amp()",
    "a keyword": "OptimizersContainer.Config(weight_decay=1.0)",
    "an import": "__import__('os') and importlib.import_module('torchtitan.config_manager2')",
    "a value": "ParallelismConfig(spmd_backend='default')",
}

PLACES = {
    "if": "def use():\n    if {test}:\n        return {use}\n",
    "else": "def use():\n    if not ({test}):\n        return 1\n    else:\n        return {use}\n",
    "behind return": "def use():\n    if not ({test}):\n        return 1\n    return {use}\n",
    "behind raise": "def use():\n    if not ({test}):\n        raise OSError\n    return {use}\n",
    "behind sys.exit": "if not ({test}):\n    sys.exit()\n{use}\n",
    "behind assert": "def use():\n    assert {test}\n    return {use}\n",
    "behind pytest.skip": (
        "def test_it():\n    if not ({test}):\n        pytest.skip('new')\n    {use}\n"
    ),
    "behind SkipTest": (
        "def test_it():\n    if not ({test}):\n        raise unittest.SkipTest('new')\n    {use}\n"
    ),
    "behind skipTest": (
        "class Test(unittest.TestCase):\n    def setUp(self):\n        if not ({test}):\n"
        "            self.skipTest('new')\n    def test_it(self):\n        {use}\n"
    ),
    "behind a constructor that raises": (
        "class Needs:\n    def __init__(self):\n        if not ({test}):\n"
        "            raise OSError\ndef use():\n    Needs()\n    return {use}\n"
    ),
    "behind an inherited constructor that raises": (
        "class Base:\n    def __init__(self):\n        assert {test}\nclass Needs(Base):\n    pass\n"
        "def use():\n    needs = Needs()\n    return needs, {use}\n"
    ),
    "behind a function whose answer is kept": (
        "def need():\n    if not ({test}):\n        raise OSError\n    return 1\n"
        "def use():\n    found = need()\n    return found, {use}\n"
    ),
    "within a manager that raises": (
        "import contextlib\n@contextlib.contextmanager\ndef needs():\n    if not ({test}):\n"
        "        raise OSError\n    yield\ndef use():\n    with needs():\n        return {use}\n"
    ),
    "behind a block that is never entered": (
        "import contextlib\n@contextlib.contextmanager\ndef needs():\n    if not ({test}):\n"
        "        pytest.skip('new')\n    try:\n        yield\n    finally:\n        print()\n"
        "def test_it():\n    with needs():\n        pass\n    {use}\n"
    ),
    "within a manager of a class that raises": (
        "class Needs:\n    def __enter__(self):\n        if not ({test}):\n"
        "            raise OSError\n    def __exit__(self, *error):\n        pass\n"
        "def use():\n    with Needs():\n        return {use}\n"
    ),
    "a fixture that skips": (
        "@pytest.fixture\ndef old():\n    if not ({test}):\n        pytest.skip('new')\n"
        "    return 1\ndef test_it(old):\n    {use}\n"
    ),
    "a fixture of a fixture": (
        "@pytest.fixture(name='old')\ndef old_only():\n    if not ({test}):\n"
        "        pytest.skip('new')\n    yield 1\n@pytest.fixture\ndef made(old):\n    return {use}\n"
        "def test_it(made):\n    {use}\n"
    ),
    "a fixture that all tests run with": (
        "@pytest.fixture(autouse=True)\ndef old():\n    if not ({test}):\n"
        "        pytest.skip('new')\nclass TestIt:\n    def test_it(self):\n        {use}\n"
    ),
    "a fixture that a mark names": (
        "@pytest.fixture\ndef old():\n    assert {test}\n"
        "@pytest.mark.usefixtures('old')\nclass TestIt:\n    def test_it(self):\n        {use}\n"
    ),
    "else of a loop": (
        "def use():\n    for _ in (1, 2):\n        if not ({test}):\n            break\n"
        "    else:\n        return {use}\n"
    ),
    "behind a loop whose else leaves": (
        "def use():\n    for _ in ['a']:\n        if {test}:\n            break\n"
        "    else:\n        return 1\n    return {use}\n"
    ),
    "behind a check of what is handed over": (
        "def need(holds, why=''):\n    if not holds:\n        raise OSError(why)\n    return why\n"
        "def use():\n    need({test}, why='new')\n    return {use}\n"
    ),
    "behind a constructor that checks what is handed over": (
        "class Needs:\n    def __init__(self, holds):\n        assert holds\n"
        "def use():\n    Needs({test})\n    return {use}\n"
    ),
    "skipif": "@pytest.mark.skipif(not ({test}), reason='new')\ndef test_it():\n    {use}\n",
    "a saved skipif": (
        "old_only = pytest.mark.skipif(not ({test}), reason='new')\n"
        "@old_only\ndef test_it():\n    {use}\n"
    ),
    "skipUnless": (
        "@unittest.skipUnless({test}, 'new')\nclass Test(unittest.TestCase):\n"
        "    def test_it(self):\n        {use}\n"
    ),
    "pytestmark": (
        "pytestmark = [pytest.mark.skipif(not ({test}), reason='new')]\ndef test_it():\n    {use}\n"
    ),
    "match": "def use():\n    match bool({test}):\n        case True:\n            return {use}\n",
    "match, the other way": (
        "def use():\n    match bool({test}):\n        case False:\n            return 1\n"
        "        case _:\n            return {use}\n"
    ),
    "a case's own test": (
        "def use(n):\n    match n:\n        case 1 if {test}:\n            return {use}\n"
    ),
    "a function that is bound anew": (
        "def make():\n    return {use}\nif not ({test}):\n    def make():\n        return 1\n"
        "print(make())\n"
    ),
    "a lambda that is bound anew": (
        "make = lambda: {use}\nif not ({test}):\n    make = lambda: 1\nprint(make())\n"
    ),
    "a table of lambdas": (
        "make = {{True: lambda: {use}, False: lambda: 1}}[bool({test})]\nprint(make())\n"
    ),
    "a table of functions": (
        "def make_old():\n    return {use}\ndef make_new():\n    return 1\n"
        "MAKERS = (make_new, make_old)\ndef use():\n    return MAKERS[bool({test})]()\n"
    ),
    "a table with a default": (
        "def make_old():\n    return {use}\ndef make_new():\n    return 1\n"
        "print({{True: make_old}}.get(bool({test}), make_new)())\n"
    ),
    "a table by words": (
        "def use():\n    era = 'old' if {test} else 'new'\n"
        "    return {{'old': lambda: {use}, 'new': lambda: 1}}[era]()\n"
    ),
    "and": "def use():\n    return ({test}) and {use}\n",
    "or": "def use():\n    return not ({test}) or {use}\n",
    "a conditional expression": "def use():\n    return {use} if {test} else None\n",
    "a comprehension": "def use():\n    return [{use} for _ in range(3) if {test}]\n",
    "while": "def use():\n    while {test}:\n        {use}\n",
    "continue": "for _ in range(3):\n    if not ({test}):\n        continue\n    {use}\n",
    "a function that never comes back": (
        "import helpers\ndef refuse() -> typing.NoReturn:\n    helpers.refuse()\n"
        "def use():\n    if not ({test}):\n        refuse()\n    return {use}\n"
    ),
    "a method that raises": (
        "class Engine:\n    def require(self):\n        if not ({test}):\n"
        "            raise OSError('new')\n"
        "    def use(self):\n        self.require()\n        return {use}\n"
    ),
    "a mark of a parameter": (
        "@pytest.mark.parametrize('n', [pytest.param(1, marks=pytest.mark.skipif(not ({test})))])\n"
        "def test_it(n):\n    {use}\n"
    ),
    "a function that raises": (
        "def refuse():\n    raise RuntimeError('new')\n"
        "def use():\n    if not ({test}):\n        refuse()\n    return {use}\n"
    ),
}


def program(place: str, test: str, use: str, *, holds: bool = True) -> str:
    before, text = OLD_TESTS[test]
    text = text if holds else f"not ({text})"
    return IMPORTS + before + "\n" + PLACES[place].format(test=text, use=USES[use])


# Every test in several places, and every place behind several tests.
PAIRS = [
    (test, place)
    for row, test in enumerate(OLD_TESTS)
    for column, place in enumerate(PLACES)
    if (row + column) % 4 == 0
]


@pytest.mark.parametrize(("test", "place"), PAIRS)
def test_what_a_guard_keeps_the_target_from_is_no_mistake(test: str, place: str) -> None:
    assert every_message(program(place, test, "a keyword")) == []
    if place != "while":  # it never ends where its test holds
        assert every_message(program(place, test, "a keyword", holds=False)) != []


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("test", ["a flag from hasattr", "fields", "a name that is None"])
def test_every_kind_of_mistake_is_kept_out_by_a_guard(test: str, use: str) -> None:
    assert every_message(program("if", test, use)) == []
    assert every_message(program("if", test, use, holds=False)) != []


IN_DOUBT = {
    "names of variables": '"no_such" in model_registry.__code__.co_varnames',
    "a count of what others may add to": "len(vars(dist_utils)) > 500",
    "the source": "'lr' in inspect.getsource(OptimizersContainer)",
    "names of flavors": "any(name.endswith('_varlen') for name in llama3_configs)",
    "a list of flavors": "[name for name in llama3_configs if name == '8B_varlen']",
    "sets of flavors": "{'8B_varlen'} & set(llama3_configs)",
    "a kind of thing": "dataclasses.is_dataclass(OptimizersContainer)",
    "a class that another derives from": "issubclass(OptimizersContainer, dict)",
    "where a class stands": "OptimizersContainer.__module__ == 'torchtitan.optimizer'",
    "what is imported": "'torchtitan.protocols.train_spec' in sys.modules",
    "a file": "os.path.exists(os.path.dirname(dist_utils.__file__) + '/amp.py')",
    "a lambda that asks": "all(map(lambda name: hasattr(dist_utils, name), sys.argv))",
    "annotations": '"lr" in OptimizersContainer.Config.__annotations__',
    "subsets of names": "{'a'} <= inspect.signature(model_registry).parameters.keys()",
}
FLAGS_IN_DOUBT = {
    "a key that may be missing": (
        "try:\n    llama3_configs['8B_varlen']\n    OLD = True\nexcept KeyError:\n    OLD = False",
        "OLD",
    ),
    "a keyword that may be missing": (
        "try:\n    ParallelismConfig(tensor_parallel_degree=2)\n"
        "except TypeError:\n    OLD = False\nelse:\n    OLD = True",
        "OLD",
    ),
    "a value that may be refused": (
        "OLD = True\ntry:\n    ParallelismConfig(spmd_backend='default')\n"
        "except ValueError:\n    OLD = False",
        "OLD",
    ),
    "a set that is filled": (
        "FOUND = set()\nif hasattr(dist_utils, 'maybe_enable_amp'):\n    FOUND.add('amp')",
        "'amp' in FOUND",
    ),
    "a partial probe": (
        "import functools\nhas = functools.partial(hasattr, dist_utils)",
        "has('maybe_enable_amp')",
    ),
    "a part of the version": (
        "from importlib.metadata import version\nMAJOR, MINOR, *_ = version('torchtitan').split('.')",
        "int(MINOR) < 3",
    ),
    **{
        name: (f"import importlib.metadata\nimport re\n{made}", test)
        for name, (made, test) in {
            "a version that a name brings": (
                "from torchtitan import __version__ as t\nV = tuple(map(int, t.split('.')[:2]))",
                "V[1] < 3",
            ),
            "a version between two": (
                "from torchtitan import __version__\nV = tuple(map(int, __version__.split('.')[:2]))",
                "(0, 2) <= V < (0, 3)",
            ),
            "a version that a loop puts together": (
                "import torchtitan\nV = []\nfor part in torchtitan.__version__.split('.')[:2]:\n"
                "    V.append(int(part))\nV = tuple(V)",
                "V < (0, 3)",
            ),
            "a version that is handed over": (
                "import torchtitan\nV = []\nV.extend(map(int, torchtitan.__version__.split('.')[:2]))",
                "V < [0, 3]",
            ),
            "a version that is added up": (
                "import torchtitan\nV = ()\nfor part in torchtitan.__version__.split('.')[:2]:\n"
                "    V += (int(part),)",
                "V < (0, 3)",
            ),
            "a version item by item": (
                "import torchtitan\nV = [0, 0]\n"
                "for i, part in enumerate(torchtitan.__version__.split('.')[:2]):\n"
                "    V[i] = int(part)",
                "V < [0, 3]",
            ),
            "one of several versions": (
                "V = {n: importlib.metadata.version(n).split('.') for n in ('torch', 'torchtitan')}",
                "int(V['torchtitan'][1]) < 3",
            ),
            "one of several versions that a loop keeps": (
                "V = {}\nfor name in ('torch', 'torchtitan'):\n"
                "    V[name] = importlib.metadata.version(name).split('.')",
                "int(V['torchtitan'][1]) < 3",
            ),
            "a version of the package's metadata": (
                "V = importlib.metadata.metadata('torchtitan')['Version']",
                "int(V.split('.')[1]) < 3",
            ),
        }.items()
    },
}
"""Questions in several statements whose answer is not known, with what stands before them."""

FILLED = {
    "an item": "given = {{}}\n    if {test}:\n        given['weight_decay'] = 1.0\n",
    "update": "given = dict()\n    if {test}:\n        given.update(weight_decay=1.0)\n",
    "one of two": (
        "if {test}:\n        given = {{'weight_decay': 1.0}}\n    else:\n        given = {{}}\n"
    ),
}


@pytest.mark.parametrize("filled", FILLED.values(), ids=FILLED)
def test_a_keyword_that_the_target_never_puts_into_a_dictionary_is_not_passed(filled: str) -> None:
    text = f"def use():\n    {filled}    return OptimizersContainer.Config(**given)\n"
    test = "hasattr(dist_utils, 'maybe_enable_amp')"
    assert every_message(IMPORTS + text.format(test=test)) == []
    assert len(every_message(IMPORTS + text.format(test=f"not {test}"))) == 1


HANDED = {
    "by default": "def use(old={test}):\n    if old:\n        return {use}\n",
    "by keyword": "def use(*, old=None):\n    if not old:\n        return 1\n    {use}\nuse(old={test})\n",
    "to a method": (
        "class Engine:\n    def use(self, old):\n        return {use} if old else 1\n"
        "Engine().use({test})\n"
    ),
    "to another function's default": (
        "def inner(old):\n    if old:\n        {use}\ndef use(old={test}):\n    inner(old)\n"
    ),
    "to a decorator": "from helpers import needs\n@needs({test})\ndef use():\n    {use}\n",
    "to a decorator with a name": (
        "from helpers import needs\nold_only = needs({test}, 'old')\n@old_only\nclass Old:\n    x = {use}\n"
    ),
}
"""Places where a test is handed to who decides by it."""


@pytest.mark.parametrize("place", ["if", "else", "behind return", "skipif", "and", "behind assert"])
@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("test", IN_DOUBT)
def test_both_sides_of_a_probe_that_cannot_be_told_are_left_alone(
    test: str, place: str, holds: bool
) -> None:
    text = IN_DOUBT[test] if holds else f"not ({IN_DOUBT[test]})"
    assert every_message(IMPORTS + PLACES[place].format(test=text, use=USES["a keyword"])) == []


def test_that_torchtitan_is_there_says_nothing_of_its_version() -> None:
    text = PLACES["if"].format(test="'torchtitan' in sys.modules", use=USES["a keyword"])
    assert every_message(IMPORTS + text) != []


@pytest.mark.parametrize("place", ["if", "behind sys.exit"])
@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("flag", FLAGS_IN_DOUBT)
def test_both_sides_of_a_flag_that_cannot_be_told_are_left_alone(
    flag: str, place: str, holds: bool
) -> None:
    before, text = FLAGS_IN_DOUBT[flag]
    text = text if holds else f"not ({text})"
    use = USES["a keyword"]
    assert every_message(f"{IMPORTS}{before}\n{PLACES[place].format(test=text, use=use)}") == []


@pytest.mark.parametrize("place", HANDED)
@pytest.mark.parametrize("test", ["hasattr(dist_utils, 'no_such')", *list(IN_DOUBT.values())[:2]])
def test_who_is_handed_an_answer_may_decide_by_it(test: str, place: str) -> None:
    use = USES["a keyword"]
    assert every_message(IMPORTS + HANDED[place].format(test=test, use=use)) == []
    assert every_message(IMPORTS + HANDED[place].format(test="len(sys.argv)", use=use)) != []


ERA = """\
try:
    from torchtitan.protocols.train_spec import TrainSpec
    API = "specs"
except ImportError:
    TrainSpec, API = None, "registries"
"""
CASES = [
    ("API", "'specs'", "'registries'"),
    ("API", "'registries'", "'specs'"),
    ("API", "'specs' | 'models'", "_"),
    ("API", "'registries' as api", "other"),
    ("TrainSpec", "None", "_"),
    ("API == 'specs'", "False", "True"),
]


@pytest.mark.parametrize(("subject", "first", "second"), CASES)
@pytest.mark.parametrize("place", ["first", "second"])
def test_a_case_that_the_target_does_not_get_to_is_no_mistake(
    subject: str, first: str, second: str, place: str
) -> None:
    is_new = (first in ("None", "False")) or "registries" in first
    bodies = [USES["a keyword"] if name == place else "1" for name in ("first", "second")]
    text = f"match {subject}:\n    case {first}:\n        {bodies[0]}\n    case {second}:\n        {bodies[1]}\n"
    assert bool(every_message(f"{IMPORTS}{ERA}{text}")) is (is_new == (place == "first"))


def test_a_thing_that_is_set_behind_a_probe_is_no_collection_that_is_filled() -> None:
    text = (
        "def use(flavor):\n    spec = model_registry(flavor, attn_backend='flex')\n"
        "    if hasattr(spec.model, 'layer'):\n        spec.model.layer = None\n"
        f"    assert spec.name\n    return {USES['a keyword']}\n"
    )
    assert every_message(IMPORTS + text) != []


def test_what_follows_a_method_that_is_there_to_be_overridden_runs() -> None:
    text = (
        "class Engine:\n    def setup(self):\n        raise NotImplementedError\n"
        f"    def use(self):\n        self.setup()\n        return {USES['a keyword']}\n"
    )
    assert every_message(IMPORTS + text) != []


NEVER_RUN = [
    "for _ in ():\n    {use}\n",
    "for _ in []:\n    {use}\n",
    "if typing.TYPE_CHECKING:\n    {use}\n",
    "if '':\n    {use}\n",
    "def use():\n    raise SystemExit\n    {use}\n",
]


@pytest.mark.parametrize("text", NEVER_RUN)
def test_what_never_runs_at_any_version_is_no_mistake(text: str) -> None:
    assert every_message(IMPORTS + text.format(use=USES["a keyword"])) == []


@pytest.mark.parametrize("asked", ["vars(self)", "self.__dict__", "dir(self)"])
def test_what_a_subclass_asks_its_own_dictionary_is_in_doubt(asked: str) -> None:
    body = f"return self.config if 'config' in {asked} else self.job_config"
    text = f"class Mine(Trainer):\n    def settings(self):\n        {body}\n"
    assert every_message(IMPORTS + text) == []


@pytest.mark.parametrize("text", ["Mine.flag", "mine.flag", "mine.given"])
def test_a_flag_of_an_instance_that_asks_nothing_keeps_nothing_out(text: str) -> None:
    before = (
        "class Mine:\n    flag = False\n    def __init__(self, given=False):\n"
        "        self.given = given\n\nmine = Mine(given=len(sys.argv) > 1)\n"
    )
    use = PLACES["if"].format(test=text, use=USES["a keyword"])
    assert every_message(IMPORTS + before + use) != []


@pytest.mark.parametrize(
    "test", ["os.environ.get('OLD')", "sys.argv", "len(sys.argv) > 1", "pytest", "__debug__"]
)
def test_a_test_of_something_else_keeps_nothing_out(test: str) -> None:
    text = IMPORTS + PLACES["if"].format(test=test, use=USES["a keyword"])
    assert every_message(text) != []


@pytest.mark.parametrize(
    "body",
    [
        "return self.config if hasattr(self, 'config') else self.job_config",
        "if hasattr(self, 'job_config'):\n            return self.job_config\n        return self.config",
        "if not hasattr(self, 'config'):\n            return self.job_config\n        return 1",
    ],
)
def test_a_subclass_asks_itself(body: str) -> None:
    text = f"""\
        from torchtitan.trainer import Trainer


        class Mine(Trainer):
            def settings(self):
                {textwrap.dedent(body).replace(chr(10), chr(10) + "        ")}
        """
    assert every_message(text) == []


@pytest.mark.parametrize(
    "before",
    [
        # Which module or name is meant is asked, and says nothing of the version.
        "FACTORY = getattr(dist_utils, os.environ['FACTORY'], None)\n"
        "if FACTORY is None:\n    raise SystemExit\n",
        "MODULE = importlib.import_module('torchtitan.models.' + os.environ['M'])\n"
        "if not hasattr(MODULE, 'model_registry'):\n    raise SystemExit\n",
        "FOUND = None\nfor name in dir(importlib.import_module(f'torchtitan.models.{os.name}')):\n"
        "    FOUND = name\nif FOUND is None:\n    raise SystemExit\n",
        "OLD = False\ndef choose(OLD=False):\n    return OLD\nif os.environ.get('X'):\n    OLD = True\n",
    ],
)
def test_asking_which_one_is_meant_leaves_nothing_in_doubt(before: str) -> None:
    assert every_message(IMPORTS + before + USES["a keyword"] + "\n") != []


TRIED = """\
import sys
import types
try:
    {tried}
except ImportError:
    titan = {missing}
"""


@pytest.mark.parametrize(
    ("tried", "use"),
    [
        (
            "import torchtitan.distributed as titan",
            "def use(dims):\n    assert isinstance(dims, titan.ParallelDims)\n    dims.etp\n",
        ),
        (
            "import torchtitan.distributed as titan",
            "def use(dims):\n    assert isinstance(dims, titan.ParallelDims)\n    dims.etp\n"
            "use(object.__new__(titan.ParallelDims))\n",
        ),
        (
            "from torchtitan.distributed import ParallelDims as titan",
            "def use(dims):\n    if isinstance(dims, (int, titan)):\n        dims.etp\n",
        ),
        (
            "from torchtitan.distributed import ParallelDims as titan\n"
            "    kind = titan if sys.version_info >= (3, 8) else None",
            "def use(dims):\n    if isinstance(dims, kind):\n        dims.etp\n",
        ),
        (
            "from torchtitan.distributed import ParallelDims as titan",
            "def use(cls):\n    if issubclass(cls, titan):\n        return titan(etp=1)\n",
        ),
    ],
)
def test_of_what_class_a_thing_is_asks_no_import_that_works(tried: str, use: str) -> None:
    assert every_message(TRIED.format(tried=tried, missing=None) + use) != []


@pytest.mark.parametrize(
    ("tried", "missing", "use"),
    [
        # Which of the two was imported is what is asked.
        (
            "import torchtitan.distributed as titan",
            None,
            "if not isinstance(titan, types.ModuleType):\n    titan.ParallelDims(etp=1)\n",
        ),
        (
            "import torchtitan.distributed as titan",
            None,
            "def use(module):\n    if not isinstance(module, types.ModuleType):\n"
            "        titan.ParallelDims(etp=1)\nuse(titan)\n",
        ),
        # Nobody knows whether it works.
        (
            "from torchtitan.distributed import ParallelDims as titan\n    import unknown_to_all",
            "()",
            "def use(dims):\n    if not isinstance(dims, titan):\n"
            "        from torchtitan.distributed import ParallelDims\n"
            "        ParallelDims(etp=1)\n",
        ),
    ],
)
def test_of_what_class_an_import_is_that_may_have_failed_is_a_question(
    tried: str, missing: object, use: str
) -> None:
    assert every_message(TRIED.format(tried=tried, missing=missing) + use) == []


def test_the_default_of_a_parameter_decides_nothing() -> None:
    text = f"def use(old=False):\n    if old:\n        return {USES['a keyword']}\n"
    assert every_message(IMPORTS + text) != []


CALLEE_READ_FIRST = """\
from torchtitan.distributed import utils as part
try:
    part.ParallelDims(dp_replicate=1, etp=1)
except {caught}:
    pass
"""


def test_a_call_whose_callee_is_missing_is_never_made_where_that_is_taken_care_of() -> None:
    # The attribute is read before the call is made, and `part` has none.
    assert every_message(CALLEE_READ_FIRST.format(caught="AttributeError")) == []
    assert every_message(CALLEE_READ_FIRST.format(caught="TypeError")) != []
    there = CALLEE_READ_FIRST.replace("import utils as part", "import parallel_dims as part")
    assert every_message(there.format(caught="AttributeError")) != []


FLAG_OF_AN_IMPORT = """\
import importlib
HAS = False
try:
    titan = importlib.import_module({module})
except ImportError:
    pass
else:
    HAS = True
if HAS:
    titan.ParallelDims(dp_replicate=1, etp=1)
"""


@pytest.mark.parametrize("by", ["", "name="])
def test_a_flag_of_an_import_by_name_says_whether_the_module_is_there(by: str) -> None:
    gone = FLAG_OF_AN_IMPORT.format(module=f"{by}'torchtitan.protocols.model_converter'")
    there = FLAG_OF_AN_IMPORT.format(module=f"{by}'torchtitan.distributed.parallel_dims'")
    assert every_message(gone) == []
    assert every_message(there) != []


KEPT_BESIDE_AN_IMPORT = """\
import functools, sys, types
try:
    from torchtitan.{module} import {name}
    {kept}
    HAS = True
except ImportError:
    HAS = False
if HAS:
    {used}(dp_replicate=1, etp=1)
"""


@pytest.mark.parametrize(
    ("kept", "used"),
    [
        ("things = [{name}, None]", "things[0]"),
        ("things = {{'one': {name}, 'two': None}}", "things['one']"),
        ("thing, number = {name}, 1", "thing"),
        ("thing = other = {name}", "other"),
        ("thing: type = {name}", "thing"),
        ("thing = {name} if sys.version_info >= (3, 8) else None", "thing"),
        ("thing = {name} or None", "thing"),
        ("holder = types.SimpleNamespace(thing={name})", "holder.thing"),
        ("call = functools.partial({name}, cp=1)", "call"),
        ("for thing in [{name}]: pass", "thing"),
    ],
)
def test_what_is_only_kept_beside_an_import_leaves_its_flag_certain(kept: str, used: str) -> None:
    def says(module: str, name: str) -> list[str]:
        text = KEPT_BESIDE_AN_IMPORT.format(
            module=module, name=name, kept=kept.format(name=name), used=used
        )
        return every_message(text)

    assert says("distributed", "ParallelDims") != []
    assert says("nowhere", "ParallelDims") == []


@pytest.mark.parametrize("kept", ["call()", "[n for n in call()]", "things[0]", "{{**call()}}"])
def test_what_may_fail_beside_an_import_leaves_its_flag_open(kept: str) -> None:
    text = KEPT_BESIDE_AN_IMPORT.format(
        module="distributed", name="ParallelDims", kept=f"thing = {kept}", used="ParallelDims"
    )
    assert every_message(text) == []


NAMES = (
    "def names():\n    try:\n        from torchtitan.config.job_config import JobConfig\n"
    "        if hasattr(JobConfig, 'names'):\n            return JobConfig.names\n"
    "        return []\n"
    "    except Exception as error:\n        log(f'old: {{error}}')\n        return {}\n\n"
)
USE = "import torchtitan.protocols.train_spec as module\n    module.get_train_spec('x')\n"


@pytest.mark.parametrize(
    "test",
    [
        "[k for k in params if k not in names()]",
        "len(params) > len(names())",
        "names() - params",
        "params.get(sorted(names())[0])",
        "params and any(name in params for name in names())",
    ],
)
def test_what_a_function_gives_where_its_import_fails_is_no_question(test: str) -> None:
    text = f"def patch(params):\n    if {test}:\n        return\n    {USE}"
    (message,) = messages("TTN201", NAMES.format("{'name'}") + text)
    assert "train_spec` is gone" in message
    for empty in ("None", "()", "{}", "False", "0"):
        # That may stand for "missing".
        assert messages("TTN201", NAMES.format(empty) + text) == []


BEHIND = (
    "import dataclasses\nimport functools\nimport sys\n\n"
    "try:\n    from torchtitan.experiments.simple_fsdp.job_config import {star}\n\n"
    "    {decorator}\n    def give():\n        return Compile\n\n    def use(config):\n"
    "        assert isinstance(config, give())\n        dataclasses.asdict(config)['graph_passes']\n\n"
    "    use(Compile())\nexcept ImportError:\n    {handler}\n"
)


@pytest.mark.parametrize("star", ["Compile", "*"])
@pytest.mark.parametrize("decorator", ["@functools.cache", ""])
@pytest.mark.parametrize(("handler", "is_said"), [("sys.exit(0)", True), ("Compile = dict", False)])
def test_what_fails_later_in_a_try_leaves_what_was_imported(
    star: str, decorator: str, handler: str, is_said: bool
) -> None:
    text = BEHIND.format(star=star, decorator=decorator, handler=handler)
    said = every_message(text, "0.2.0")
    assert any("graph_passes" in one for one in said) is is_said


def test_a_star_import_asks_nothing_by_a_module_of_pythons() -> None:
    text = (
        "import sys\n\ntry:\n    from torchtitan.components.tokenizer import *\n"
        "    thing = JobConfig if sys.version_info >= (3, 8) else None\nexcept KeyError:\n    thing = None\n"
    )
    assert any("JobConfig" in one for one in every_message(text))
