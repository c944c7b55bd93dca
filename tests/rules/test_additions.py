"""What a file puts into torchtitan itself is there for it; what it reads before that is not."""

from __future__ import annotations

import textwrap

import pytest

from tests.rules.cases import every_message, messages

IMPORTS = """\
import contextlib
import sys
import types
from unittest import mock
from unittest.mock import MagicMock, patch
import pytest
import torchtitan.distributed.utils as dist_utils
import torchtitan.models.llama3 as llama3
from torchtitan.config import ParallelismConfig
from torchtitan.models.llama3 import llama3_configs, model_registry
from torchtitan.trainer import Trainer
"""

READ_MEMBER = "def settings(trainer: Trainer):\n    return trainer.job_config\n"
MEMBERS = {
    "a property": "Trainer.job_config = property(lambda self: self.config)\n",
    "setattr": "setattr(Trainer, 'job_config', property(lambda self: self.config))\n",
    "type.__setattr__": "type.__setattr__(Trainer, 'job_config', 3)\n",
    "setattr in a loop over pairs": (
        "for name, value in {'job_config': 1, 'train_spec': 2}.items():\n"
        "    setattr(Trainer, name, value)\n"
    ),
    "setattr in a loop over names": (
        "for name in ('job_config', 'train_spec'):\n    setattr(Trainer, name, None)\n"
    ),
    "a loop over classes": "for cls in (Trainer, ParallelismConfig):\n    cls.job_config = 1\n",
    "a function that is given the class": (
        "def extend(cls):\n    cls.job_config = property(lambda self: self.config)\n\nextend(Trainer)\n"
    ),
    "a function with setattr": (
        "def extend(cls, names):\n    for name in names:\n        setattr(cls, name, None)\n\n"
        "extend(Trainer, ['job_config'])\n"
    ),
    "__getattr__": "Trainer.__getattr__ = lambda self, name: None\n",
    "patch.object": (
        "@pytest.fixture(autouse=True)\ndef old():\n"
        "    with patch.object(Trainer, 'job_config', 1, create=True):\n        yield\n"
    ),
    "monkeypatch": (
        "@pytest.fixture(autouse=True)\ndef old(monkeypatch):\n"
        "    monkeypatch.setattr(Trainer, 'job_config', 1, raising=False)\n"
    ),
    "patch by path": (
        "@pytest.fixture(autouse=True)\ndef old():\n"
        "    with mock.patch('torchtitan.trainer.Trainer.job_config', 1, create=True):\n"
        "        yield\n"
    ),
    "the dictionary of the class by a helper": (
        "def extend(cls, name):\n    setattr(cls, name, None)\n\nextend(Trainer, 'job_config')\n"
    ),
    "through sys.modules": "sys.modules['torchtitan.trainer'].Trainer.job_config = 1\n",
    "patch.multiple": (
        "@pytest.fixture(autouse=True)\ndef old():\n"
        "    with patch.multiple(Trainer, create=True, job_config=1):\n        yield\n"
    ),
}

READ_SELF = "class Mine(Trainer{keywords}):\n{body}    def settings(self):\n        return self.job_config\n"
ON_SUBCLASSES = {
    "__getattr__": ("", "", "    def __getattr__(self, name):\n        return None\n\n"),
    "a metaclass": (
        "class Meta(type):\n    def __getattr__(cls, name):\n        return None\n\n",
        ", metaclass=Meta",
        "",
    ),
    "a decorator": (
        "def extended(cls):\n    cls.job_config = property(lambda s: s.config)\n    return cls\n\n"
        "@extended\n",
        "",
        "",
    ),
    "a decorator with arguments": (
        "def extended(**members):\n    def extend(cls):\n        for k, v in members.items():\n"
        "            setattr(cls, k, v)\n        return cls\n    return extend\n\n"
        "@extended(job_config=1)\n",
        "",
        "",
    ),
    "on the base": ("Trainer.job_config = property(lambda self: self.config)\n\n", "", ""),
}

ON_SELF = {
    "update of vars": "vars(self).update(given)",
    "update of the dictionary": "self.__dict__.update(given)",
    "a keyword": "vars(self).update(job_config=given)",
    "setattr in a loop": "for name in given:\n            setattr(self, name, given[name])",
}

READ_NAME = "def amp():\n    return dist_utils.maybe_enable_amp()\n"
NAMES = {
    "a function on a module": "dist_utils.maybe_enable_amp = contextlib.nullcontext\n",
    "where it is missing": (
        "if not hasattr(dist_utils, 'maybe_enable_amp'):\n"
        "    dist_utils.maybe_enable_amp = contextlib.nullcontext\n"
    ),
    "vars": "vars(dist_utils)['maybe_enable_amp'] = contextlib.nullcontext\n",
    "the module's dictionary": "dist_utils.__dict__['maybe_enable_amp'] = contextlib.nullcontext\n",
    "update": "dist_utils.__dict__.update({'maybe_enable_amp': contextlib.nullcontext})\n",
    "update with a keyword": "vars(dist_utils).update(maybe_enable_amp=contextlib.nullcontext)\n",
    "setdefault": "vars(dist_utils).setdefault('maybe_enable_amp', contextlib.nullcontext)\n",
    "through sys.modules": (
        "sys.modules['torchtitan.distributed.utils'].maybe_enable_amp = contextlib.nullcontext\n"
    ),
    "setattr through sys.modules": (
        "setattr(sys.modules['torchtitan.distributed.utils'], 'maybe_enable_amp', print)\n"
    ),
    "a dictionary with a name": (
        "OLD = {'maybe_enable_amp': contextlib.nullcontext}\nvars(dist_utils).update(OLD)\n"
    ),
    "dict": "vars(dist_utils).update(dict(maybe_enable_amp=contextlib.nullcontext))\n",
    "a partial setattr": (
        "import functools\nput = functools.partial(setattr, dist_utils)\n"
        "put('maybe_enable_amp', contextlib.nullcontext)\n"
    ),
    "a partial setattr with the name": (
        "import functools\nput = functools.partial(setattr, dist_utils, 'maybe_enable_amp')\n"
        "put(contextlib.nullcontext)\n"
    ),
    "setattr handed to map": (
        "list(map(setattr, [dist_utils], ['maybe_enable_amp'], [contextlib.nullcontext]))\n"
    ),
    "its own __setattr__": ("dist_utils.__setattr__('maybe_enable_amp', contextlib.nullcontext)\n"),
}

STUBS = {
    "by the name of the module": (
        "made = types.ModuleType('torchtitan.old.part')\nsys.modules['torchtitan.old'] = made\n"
        "sys.modules[made.__name__] = made\n"
    ),
    "patch.dict with keywords from a dictionary": (
        "mock.patch.dict(sys.modules, **{'torchtitan.old': MagicMock(), "
        "'torchtitan.old.part': MagicMock()}).start()\n"
    ),
    "a finder": (
        "class Finder:\n    def find_spec(self, name, path, target=None):\n"
        "        return spec_of(name) if name.startswith('torchtitan.old') else None\n"
        "sys.meta_path.insert(0, Finder())\n"
    ),
    "sys.modules": "sys.modules['torchtitan.old'] = types.ModuleType('torchtitan.old')\n",
    "sys.modules in a loop": (
        "for name in ('torchtitan.old', 'torchtitan.older'):\n    sys.modules[name] = MagicMock()\n"
    ),
    "setdefault": "sys.modules.setdefault('torchtitan.old', MagicMock())\n",
    "update": "sys.modules.update({'torchtitan.old': MagicMock()})\n",
    "patch.dict": "patch.dict(sys.modules, {'torchtitan.old': MagicMock()}).start()\n",
    "patch.dict by path": "patch.dict('sys.modules', {'torchtitan.old': MagicMock()}).start()\n",
    "a dictionary with a name": (
        "STUBS = {'torchtitan.old': MagicMock()}\npatch.dict('sys.modules', STUBS).start()\n"
    ),
    "a comprehension": (
        "patch.dict('sys.modules', {n: MagicMock() for n in ('torchtitan.old',)}).start()\n"
    ),
    "a comprehension with a name": (
        "NAMES = ['torchtitan.old']\nSTUBS = {name: MagicMock() for name in NAMES}\n"
        "sys.modules.update(STUBS)\n"
    ),
    "a helper": (
        "def stub(name, **members):\n    sys.modules[name] = types.SimpleNamespace(**members)\n\n"
        "stub('torchtitan.old')\n"
    ),
    "a fixture": (
        "@pytest.fixture(autouse=True)\ndef old(monkeypatch):\n"
        "    monkeypatch.setitem(sys.modules, 'torchtitan.old', MagicMock())\n"
    ),
}

CONSTRUCTORS = {
    "__init__": (
        "init = ParallelismConfig.__init__\n"
        "def __init__(self, *args, expert_tensor_parallel_degree=1, **kwargs):\n"
        "    init(self, *args, **kwargs)\n"
        "ParallelismConfig.__init__ = __init__\n"
    ),
    "setattr": "setattr(ParallelismConfig, '__init__', lambda self, **kwargs: None)\n",
    "patch.object": (
        "@pytest.fixture(autouse=True)\ndef loose():\n"
        "    with patch.object(ParallelismConfig, '__init__', lambda self, **k: None):\n"
        "        yield\n"
    ),
    "__new__": "ParallelismConfig.__new__ = lambda cls, **kwargs: object()\n",
}

FLAVORS = {
    "patch.dict": "with patch.dict(llama3_configs, {'tiny': llama3_configs['8B']}):\n    {}\n",
    "patch.dict with a keyword": "with patch.dict(llama3_configs, tiny=1):\n    {}\n",
    "patch.dict by path": (
        "with patch.dict('torchtitan.models.llama3.llama3_configs', {'tiny': 1}):\n    {}\n"
    ),
    "setitem": (
        "def test_it(monkeypatch):\n    monkeypatch.setitem(llama3_configs, 'tiny', 1)\n    {}\n"
    ),
    "a decorator": "@patch.dict(llama3_configs, {'tiny': 1})\ndef test_it():\n    {}\n",
    "mocker": "def test_it(mocker):\n    mocker.patch.dict(llama3_configs, tiny=1)\n    {}\n",
    "update": "llama3_configs.update(tiny=1)\n{}\n",
    "another dictionary": "llama3.llama3_configs = {'tiny': 1}\n{}\n",
}

MOCKS = {
    "a function that gives one": "def made() -> Trainer:\n    return MagicMock()\n\nt = made()\n",
    "a name declared otherwise": "t: Trainer = MagicMock()\n",
    "mock.Mock": "t: Trainer = mock.Mock()\n",
    "a namespace": "t: Trainer = types.SimpleNamespace(job_config=1)\n",
    "a cast": "import typing\nt = typing.cast(Trainer, MagicMock())\n",
}


@pytest.mark.parametrize("way", MEMBERS)
def test_a_member_that_the_file_puts_on_the_class_is_there(way: str) -> None:
    assert every_message(IMPORTS + READ_MEMBER) != []
    assert every_message(IMPORTS + MEMBERS[way] + READ_MEMBER) == []


@pytest.mark.parametrize("way", ON_SUBCLASSES)
def test_a_member_that_a_subclass_gets_by_other_ways_is_there(way: str) -> None:
    before, keywords, body = ON_SUBCLASSES[way]
    assert every_message(IMPORTS + READ_SELF.format(keywords="", body="")) != []
    text = IMPORTS + before + READ_SELF.format(keywords=keywords, body=body)
    assert every_message(text) == []


@pytest.mark.parametrize("way", ON_SELF)
def test_a_member_that_an_instance_is_given_by_its_dictionary_is_there(way: str) -> None:
    body = f"    def __init__(self, given):\n        {ON_SELF[way]}\n\n"
    assert every_message(IMPORTS + READ_SELF.format(keywords="", body=body)) == []


def test_what_is_put_on_one_models_config_may_be_on_the_one_that_is_declared() -> None:
    read = "print(model_registry('8B', attn_backend='flex').model.n_layers)\n"
    assert every_message(IMPORTS + read) != []
    put = (
        "from torchtitan.models.common.decoder import Decoder\n"
        "Decoder.Config.n_layers = property(lambda config: len(config.layers))\n"
    )
    assert every_message(IMPORTS + put + read) == []


@pytest.mark.parametrize("way", NAMES)
def test_a_name_that_the_file_puts_on_the_module_is_there(way: str) -> None:
    assert every_message(IMPORTS + READ_NAME) != []
    assert every_message(IMPORTS + NAMES[way] + READ_NAME) == []


@pytest.mark.parametrize("way", STUBS)
def test_a_module_that_the_file_puts_in_place_can_be_imported(way: str) -> None:
    use = "def use():\n    from torchtitan.old.part import thing\n    import torchtitan.old\n"
    assert every_message(IMPORTS + use) != []
    assert every_message(IMPORTS + STUBS[way] + use) == []


@pytest.mark.parametrize("way", CONSTRUCTORS)
def test_a_constructor_that_the_file_replaces_takes_what_it_takes(way: str) -> None:
    use = "def use():\n    return ParallelismConfig(expert_tensor_parallel_degree=1)\n"
    assert every_message(IMPORTS + use) != []
    assert every_message(IMPORTS + CONSTRUCTORS[way] + use) == []


@pytest.mark.parametrize("way", FLAVORS)
def test_a_flavor_that_a_test_adds_is_there(way: str) -> None:
    use = "model_registry('tiny', attn_backend='flex')"
    assert every_message(f"{IMPORTS}{use}\n") != []
    assert every_message(IMPORTS + FLAVORS[way].replace("{}", use)) == []


@pytest.mark.parametrize("way", MOCKS)
def test_a_mock_has_every_member_whatever_it_is_declared_as(way: str) -> None:
    assert every_message(f"{IMPORTS}{MOCKS[way]}\nprint(t.job_config)\n") == []


@pytest.mark.parametrize("gives", ["return MagicMock()", "yield MagicMock()", "return mock.Mock()"])
def test_what_a_fixture_of_the_file_gives_counts_more_than_what_a_test_declares(gives: str) -> None:
    test = "def test_it(engine: Trainer):\n    assert engine.job_config\n"
    assert every_message(IMPORTS + test) != []
    fixture = f"@pytest.fixture\ndef engine():\n    {gives}\n\n"
    assert every_message(IMPORTS + fixture + test) == []


@pytest.mark.parametrize(
    "text",
    [
        "own = dist_utils.maybe_enable_amp\ndist_utils.maybe_enable_amp = lambda: own()\n",
        "dist_utils.maybe_enable_amp = wrap(dist_utils.maybe_enable_amp)\n",
        "def install():\n    own = dist_utils.maybe_enable_amp\n    dist_utils.maybe_enable_amp = own\n",
        "own = dist_utils.maybe_enable_amp\ndef install():\n    dist_utils.maybe_enable_amp = own\n",
        "def mine(own=dist_utils.maybe_enable_amp):\n    return own()\n\n"
        "def install():\n    dist_utils.maybe_enable_amp = mine\n",
        "from torchtitan.distributed.utils import maybe_enable_amp\n"
        "def install():\n    dist_utils.maybe_enable_amp = lambda: maybe_enable_amp()\n",
        "own = dist_utils.maybe_enable_amp\ndef install():\n    dist_utils.maybe_enable_amp = own\n"
        "install()\n",
        "own = Trainer.maybe_enable_amp\ndef install():\n    Trainer.maybe_enable_amp = own\n",
    ],
)
def test_a_replacement_does_not_excuse_its_own_read_of_the_original(text: str) -> None:
    assert len(every_message(IMPORTS + "wrap = print\n" + text)) == 1


@pytest.mark.parametrize(
    "before",
    [
        "install()\n",
        "@registered\nclass Mine:\n    pass\n\n",
        "wrap(install)\n",
        "for step in [install]:\n    step()\n",
    ],
)
def test_what_a_file_may_have_replaced_before_it_reads_it_is_there(before: str) -> None:
    install = (
        "wrap = print\ndef install():\n    dist_utils.maybe_enable_amp = wrap\n\n"
        "def registered(cls):\n    install()\n    return cls\n\n"
    )
    read = "own = dist_utils.maybe_enable_amp\n"
    assert every_message(IMPORTS + install + before + read) == []
    assert every_message(IMPORTS + install + read + before) != []


@pytest.mark.parametrize(
    "text",
    [
        "ParallelismConfig.job_config = 1\n" + READ_MEMBER,
        "setattr(ParallelismConfig, 'train_spec', 1)\n" + READ_MEMBER,
        "dist_utils.other = 1\n" + READ_NAME,
        "sys.modules['torchtitan.old'] = MagicMock()\nfrom torchtitan.config_manager import JobConfig\n",
        "patch.dict(llama3_configs, {'small': 1})\nimport torchtitan.config_manager\n",
    ],
)
def test_what_is_added_elsewhere_excuses_nothing(text: str) -> None:
    assert every_message(IMPORTS + text) != []


@pytest.mark.parametrize(
    ("use", "count"),
    [
        ("from torchtitan.gone.deep import thing\n", 0),
        ("importlib.import_module('torchtitan.gone.deep').thing\n", 0),
        ("import torchtitan.gone.deep\n", 0),
        # These look for it in the package above it.
        ("import torchtitan.gone.deep as deep\n", 1),
        ("from torchtitan.gone import deep\n", 1),
        ("import torchtitan.gone.deep\nprint(torchtitan.gone.deep.thing)\n", 1),
    ],
)
@pytest.mark.parametrize("parent", ["", "sys.modules['torchtitan.gone'] = MagicMock()\n"])
def test_a_stub_brings_no_package_above_it(use: str, count: int, parent: str) -> None:
    text = IMPORTS + parent + "sys.modules['torchtitan.gone.deep'] = MagicMock()\n" + use
    for gone in ("components.ft", "models.attention"):
        messages = every_message(text.replace("gone", gone))
        assert len(messages) == (0 if parent else count)
        assert all(f"`torchtitan.{gone}" in message for message in messages)


EXPECTED = {
    "xfail": "@pytest.mark.xfail(raises={}, strict=True)\ndef test_it():\n    {}\n",
    "a bare xfail": "@pytest.mark.xfail\ndef test_it():\n    {1}\n",
    "xfail of a class": (
        "@pytest.mark.xfail(raises=({}, OSError))\nclass TestIt:\n    def test_it(self):\n        {}\n"
    ),
    "expectedFailure": (
        "import unittest\nclass Test(unittest.TestCase):\n    @unittest.expectedFailure\n"
        "    def test_it(self):\n        {1}\n"
    ),
    "a helper that fails": (
        "def make():\n    return {1}\n\ndef test_it():\n    with pytest.raises({0}):\n        make()\n"
    ),
    "a helper that is handed over": (
        "def make():\n    return {1}\n\ndef test_it():\n    pytest.raises({0}, make)\n"
    ),
    "a nested helper": (
        "def test_it():\n    def make():\n        return {1}\n    with pytest.raises({0}):\n"
        "        make()\n"
    ),
    "a fallback": (
        "def old():\n    return {1}\n\ndef make():\n    try:\n        return old()\n"
        "    except {0}:\n        return ParallelismConfig(spmd_backend='spmd_types')\n"
    ),
}


@pytest.mark.parametrize("way", EXPECTED)
def test_a_failure_that_is_expected_is_no_mistake(way: str) -> None:
    call = "ParallelismConfig(expert_tensor_parallel_degree=1)"
    assert every_message(IMPORTS + EXPECTED[way].format("TypeError", call)) == []
    if "{0}" in EXPECTED[way] or "{}" in EXPECTED[way]:
        assert every_message(IMPORTS + EXPECTED[way].format("OSError", call)) != []


def test_a_helper_that_others_call_is_not_expected_to_fail() -> None:
    text = """\
        def make():
            return ParallelismConfig(expert_tensor_parallel_degree=1)


        def test_it():
            with pytest.raises(TypeError):
                make()


        print(make())
        """
    assert every_message(IMPORTS + textwrap.dedent(text)) != []


REPLACED = {
    "setattr in a loop": "for name in ['ParallelDims']:\n    setattr(module, name, mock.MagicMock())\n",
    "setattr": "setattr(module, 'ParallelDims', mock.MagicMock())\n",
    "an assignment": "module.ParallelDims = mock.MagicMock()\n",
}
FALLBACKS = {
    "getattr with a default": "module.ParallelDims = getattr(module, 'ParallelDims', mock.MagicMock())\n",
    "hasattr": "if not hasattr(module, 'ParallelDims'):\n    module.ParallelDims = mock.MagicMock()\n",
    "hasattr the other way round": (
        "if hasattr(module, 'ParallelDims'):\n    pass\nelse:\n"
        "    setattr(module, 'ParallelDims', mock.MagicMock())\n"
    ),
    "is None": (
        "if getattr(module, 'ParallelDims', None) is None:\n"
        "    module.ParallelDims = mock.MagicMock()\n"
    ),
    "hasattr in a loop": (
        "for name in ['ParallelDims']:\n    if not hasattr(module, name):\n"
        "        setattr(module, name, mock.MagicMock())\n"
    ),
}
USE = """\
from torchtitan.protocols.model_converter import ParallelDims
dims = ParallelDims(dp_replicate=1, dp_shard=1, cp=1, tp=1, pp=1, ep=1, etp=1, world_size=1)
print(dims._meshes, ParallelDims(nothing=1))
"""
HEAD = "from unittest import mock\nimport torchtitan.protocols.model_converter as module\n"


def told(text: str) -> set[str]:
    return {message.split()[0] for message in every_message(text, "0.2.0")}


def test_what_hangs_on_a_class_that_the_file_replaced_is_its_own_too() -> None:
    text = """\
from unittest import mock
import torchtitan.models.qwen3.model.args as module
{put}
from torchtitan.models.qwen3.model.args import Qwen3ModelArgs as Theirs
class Engine:
    def __init__(self):
        self.config = Theirs()

    def use(self):
        return self.config.moe_args.num_expert_groups
"""
    assert told(text.format(put="")) == {"TTN203"}
    assert told(text.format(put="setattr(module, 'Qwen3ModelArgs', mock.MagicMock())")) == set()


def test_what_hangs_on_a_class_built_on_one_that_the_file_replaced_is_its_own_too() -> None:
    text = """\
from unittest import mock
import torchtitan.config as module
{put}
from torchtitan.config import JobConfig
give = lambda: JobConfig
class Derived(give()):
    pass
Derived().training.dataloader.pin_memory
"""
    assert told(text.format(put="")) == {"TTN203"}
    assert told(text.format(put="setattr(module, 'JobConfig', mock.MagicMock())")) == set()


@pytest.mark.parametrize(
    ("module", "brought"), [("components.loss", True), ("models.attention", False)]
)
def test_a_star_import_brings_what_the_file_put_there_where_no_list_forbids_it(
    module: str, brought: bool
) -> None:
    """`torchtitan.models.attention` says in ``__all__`` what it offers."""
    name = "build_mse_loss" if brought else "get_sliding_window_mask_mod"
    text = (
        f"from unittest import mock\nimport torchtitan.{module} as module\n"
        f"module.{name} = mock.MagicMock()\nfrom torchtitan.{module} import *\n{name}(1)\n"
    )
    assert (every_message(text, "0.2.0") == []) == brought


@pytest.mark.parametrize("put", REPLACED.values(), ids=REPLACED)
def test_a_name_that_the_file_replaced_is_its_own_when_it_is_imported(put: str) -> None:
    assert every_message(HEAD + put + USE, "0.2.0") == []
    assert told(HEAD + USE + put) == {"TTN203", "TTN301", "TTN302"}


@pytest.mark.parametrize("put", FALLBACKS.values(), ids=FALLBACKS)
def test_what_is_put_only_where_it_is_missing_changes_nothing_where_it_is_there(put: str) -> None:
    assert told(HEAD + put + USE) == {"TTN203", "TTN301", "TTN302"}
    brought = put.replace("ParallelDims", "Invented")
    use = USE.replace("ParallelDims", "Invented")
    assert every_message(HEAD + brought + use, "0.2.0") == []


FALLBACKS_OF_A_MODULE = {
    "where it is missing": "if not hasattr(titan, '{0}'):\n    titan.{0} = MagicMock()\n",
    "set by name": "if not hasattr(titan, '{0}'):\n    setattr(titan, '{0}', MagicMock())\n",
    "the other way round": (
        "if hasattr(titan, '{0}'):\n    pass\nelse:\n    titan.{0} = MagicMock()\n"
    ),
    "is None": (
        "if getattr(titan, '{0}', None) is None:\n    setattr(titan, '{0}', MagicMock())\n"
    ),
    "getattr with a default": "titan.{0} = getattr(titan, '{0}', MagicMock())\n",
    "set by name with a default": ("setattr(titan, '{0}', getattr(titan, '{0}', MagicMock()))\n"),
    "a flag": "HAS = hasattr(titan, '{0}')\nif not HAS:\n    setattr(other, '{0}', MagicMock())\n",
    "an old version": "if not hasattr(titan, '{0}'):\n    sys.modules['torchtitan.x'] = MagicMock()\n",
}


@pytest.mark.parametrize(
    "read", ["titan.{}(no_such=1)", "from torchtitan.config import {}\n{}(no_such=1)"]
)
@pytest.mark.parametrize("fallback", FALLBACKS_OF_A_MODULE)
def test_what_a_module_has_is_known_behind_what_is_put_where_it_is_missing(
    fallback: str, read: str
) -> None:
    head = "import sys\nimport torchtitan.config as titan\nimport mine as other\n"
    head += "from unittest.mock import MagicMock\n"
    there, gone = "ParallelismConfig", "JobConfig"
    text = head + FALLBACKS_OF_A_MODULE[fallback]
    assert every_message(text.format(there) + read.format(there, there) + "\n") != []
    if fallback not in ("a flag", "an old version"):
        assert every_message(text.format(gone) + read.format(gone, gone) + "\n") == []


MOCKED = """\
from unittest import mock
with mock.patch('torchtitan.components.validate.ParallelDims'{words}):
    from torchtitan.components.validate import ParallelDims as Theirs
    thing = Theirs
    result = thing(etp=1)
    use = lambda: Theirs(etp=1)
    print(use(), result)
"""


def test_what_is_imported_where_a_mock_stands_in_its_place_is_the_mock() -> None:
    assert every_message(MOCKED.format(words=""), "0.3.0") == []
    assert every_message(MOCKED.format(words=", autospec=True"), "0.3.0") != []


def test_a_mock_of_one_test_says_nothing_of_another_one() -> None:
    text = textwrap.indent(MOCKED.format(words=""), "    ")
    other = "def test_other():\n    from torchtitan.components.validate import ParallelDims\n"
    other += "    ParallelDims(etp=1)\n"
    assert every_message(f"def test_one():\n{text}{other}", "0.3.0") != []


_MASKS = "torchtitan.models.common.attention"
_HEAD = f"import {_MASKS} as masks\n"
_FROM = f"from {_MASKS} import create_varlen_metadata_for_document as original\n"


@pytest.mark.parametrize(
    "text",
    [
        "original = masks.create_varlen_metadata_for_document\n"
        "def ours(batch, eos):\n    return original(batch, eos)\n"
        "masks.create_varlen_metadata_for_document = ours\n",
        _FROM + "def ours(batch, eos):\n    return original(batch, eos)\n"
        "masks.create_varlen_metadata_for_document = ours\n",
        "def patch():\n    original = masks.create_varlen_metadata_for_document\n"
        "    def ours(batch, eos):\n        return original(batch, eos)\n"
        "    masks.create_varlen_metadata_for_document = ours\n",
        "first = masks.create_varlen_metadata_for_document\noriginal = first\n"
        "def ours(batch, eos):\n    return original(batch, eos)\n"
        "setattr(masks, 'create_varlen_metadata_for_document', ours)\n",
        _FROM + "def patch(ours):\n    masks.create_varlen_metadata_for_document = ours\n"
        "original(1, 2)\n",
    ],
)
def test_the_original_that_was_kept_is_called_as_it_is(text: str) -> None:
    (message,) = messages("TTN303", _HEAD + text)
    assert "create_varlen_metadata_for_document" in message


@pytest.mark.parametrize(
    "text",
    [
        "def ours(batch, eos):\n    return batch\n"
        "masks.create_varlen_metadata_for_document = ours\n"
        "def use():\n    masks.create_varlen_metadata_for_document(1, 2)\n",
        "masks.create_varlen_metadata_for_document = lambda batch, eos: batch\n"
        + _FROM
        + "original(1, 2)\n",
        "masks.create_varlen_metadata_for_document = lambda batch, eos: batch\n"
        "original = masks.create_varlen_metadata_for_document\noriginal(1, 2)\n",
        "def patch(ours):\n    masks.create_varlen_metadata_for_document = ours\n"
        "def use():\n    original = masks.create_varlen_metadata_for_document\n    original(1, 2)\n",
        "original = masks.create_varlen_metadata_for_document\n"
        "if NEW:\n    original = lambda batch, eos: batch\noriginal(1, 2)\n"
        "masks.create_varlen_metadata_for_document = original\n",
    ],
)
def test_what_may_be_the_file_s_own_by_then_is_not(text: str) -> None:
    assert messages("TTN303", _HEAD + text) == []
