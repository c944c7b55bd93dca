"""TTN402: flavors that are not there, and those that may be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.packages import unpacked
from tests.rules.cases import messages
from titan_lint.api import bundle
from titan_lint.uses.flavors.dictionaries import handed_on, indexed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint


def test_near_flavors_are_named_and_so_is_who_had_it() -> None:
    (message,) = messages(
        "TTN402",
        "from torchtitan.models.qwen3 import qwen3_configs\nqwen3_configs['debugmodel_varlen']\n",
    )
    assert "it was last in torchtitan main of 2026-04-03 (4b3347467)" in message
    assert "'debugmodel'" in message


@pytest.mark.parametrize(
    "text",
    [
        # TTN105 says what to write.
        "from torchtitan.models.llama3 import model_registry\nmodel_registry('8B_varlen')\n",
        # The file adds flavors.
        "from torchtitan.models.llama3 import llama3_configs\nllama3_configs |= mine\n"
        "llama3_configs['tiny']\n",
        "from torchtitan.models.llama3 import llama3_configs, model_registry\n"
        "llama3_configs.update(mine)\nmodel_registry('tiny')\n",
        # The model, or the flavor, is not known.
        "import importlib\n"
        "importlib.import_module(f'torchtitan.models.{name}').model_registry('mine')\n",
        "from torchtitan.models.llama3 import model_registry\nmodel_registry(flavor)\n",
        # Asked for with care.
        "from torchtitan.models.llama3 import llama3_configs\n"
        "try:\n    c = llama3_configs['tiny']\nexcept KeyError:\n    c = None\n",
        "from torchtitan.models.llama3 import llama3_configs\nllama3_configs.get('tiny')\n",
        "import torchtitan\nllama3_configs = {}\nllama3_configs['tiny']\n",
    ],
)
def test_flavors_that_may_be_there(text: str) -> None:
    assert messages("TTN402", text) == []


def test_a_legacy_flavor_that_nobody_rewrites_is_unknown() -> None:
    text = (
        "from torchtitan.models.llama3 import model_registry\n"
        "model_registry('8B_varlen', attn_backend='flex')\n"
    )
    (message,) = messages("TTN402", text)
    assert "no flavor '8B_varlen'" in message


@pytest.mark.parametrize(
    ("flavor", "is_said"),
    [
        ("'{}_varlen'.format('8B')", True),
        ("'{0}_{1}'.format('8B', 'varlen')", True),
        ("'{size}_varlen'.format(size='8B')", True),
        ("'{}_{}'.format('8B', kind)", False),
        ("'{:>4}_varlen'.format('8B')", False),
        ("'{!r}_varlen'.format('8B')", False),
        ("'{}B'.format(*sizes)", False),
        ("'{'.format('8B')", False),
        ("'{}'.format('8B')", False),
    ],
)
def test_a_flavor_that_a_format_puts_together_is_known_where_its_parts_are(
    flavor: str, is_said: bool
) -> None:
    text = (
        "from torchtitan.models.llama3 import model_registry\n\n\n"
        f"def build(kind, sizes):\n    return model_registry({flavor}, attn_backend='flex')\n"
    )
    assert bool(messages("TTN402", text)) is is_said


VLM = "from torchtitan.experiments.vlm import model_registry\n"


@pytest.mark.parametrize(
    ("text", "is_unknown"),
    [
        # Its module has llama3's dictionary, too, and looks nothing up in it.
        (VLM + "model_registry('8B')\n", True),
        (VLM + "model_registry('debugmodel')\n", False),
        (
            VLM + "from torchtitan.models.llama3 import llama3_configs\n"
            "llama3_configs['tiny'] = llama3_configs['8B']\nmodel_registry('tiny')\n",
            True,
        ),
        (
            VLM + "from torchtitan.experiments.vlm import llama3_siglip2_configs\n"
            "llama3_siglip2_configs['tiny'] = make()\nmodel_registry('tiny')\n",
            False,
        ),
        # Its dictionary is made from another one, which no surface tells.
        (
            "from torchtitan.experiments.simple_fsdp.llama3 import model_registry\n"
            "model_registry('tiny')\n",
            False,
        ),
    ],
)
def test_a_registry_has_the_flavors_of_the_dictionary_that_it_looks_them_up_in(
    text: str, is_unknown: bool
) -> None:
    assert bool(messages("TTN402", text, "2026-02-23")) is is_unknown


def test_what_is_put_into_the_original_of_a_registrys_dictionary_is_there() -> None:
    fill = "from torchtitan.models.llama3 import llama3_configs\nllama3_configs['tiny'] = make\n"
    ask = (
        "from torchtitan.experiments.graph_trainer.llama3 import model_registry\n"
        "model_registry('tiny', attn_backend='flex')\n"
    )
    assert messages("TTN402", ask) != []
    assert messages("TTN402", fill + ask) == []


@pytest.mark.network
def test_a_registry_looks_flavors_up_in_the_dictionary_that_its_code_names() -> None:
    surface = bundle.load("0.3.0")
    folder = unpacked("torchtitan", "0.3.0")
    known = 0
    for file in sorted(folder.glob("torchtitan/*/**/__init__.py")):
        module = ".".join(file.relative_to(folder).parts[:-1])
        held = indexed(surface, f"{module}.model_registry")
        said = re.findall(r"(\w+)\[flavor\]", file.read_text("utf-8"))
        if held is not None:
            assert said == [held.path.rpartition(".")[2]], file
            known += 1
    assert known >= 12


SPEC = "import torchtitan.models.llama3_ft as titan\nspec = titan.get_train_spec()\n"
BY_NAME = "from torchtitan.protocols.train_spec import get_train_spec, register_train_spec\n"


@pytest.mark.parametrize(
    "use",
    [
        "spec.model_args['8B_flex']\n",
        "titan.get_train_spec().model_args['8B_flex']\n",
        "flavors = spec.model_args\nflavors['8B_flex']\n",
        "class Engine:\n    def __init__(self):\n        self.spec = titan.get_train_spec()\n"
        "    def use(self):\n        return self.spec.model_args['8B_flex']\n",
        BY_NAME + "get_train_spec('llama3_ft').model_args['8B_flex']\n",
        BY_NAME + "named = 'llama3_ft'\nother = get_train_spec(named)\n"
        "other.model_args['8B_flex']\n",
    ],
)
def test_flavors_that_are_asked_for_through_a_train_spec(use: str) -> None:
    (message,) = messages("TTN402", SPEC + use, "0.2.0")
    assert (
        "has no flavor '8B_flex' at torchtitan 0.2.0; the first known here that has it is torchtitan main of "
        in message
    )
    assert messages("TTN402", SPEC + use, "0.2.1") == []
    assert messages("TTN402", SPEC + use.replace("8B_flex", "8B"), "0.2.0") == []


@pytest.mark.parametrize(
    "text",
    [
        SPEC + "spec.model_args['8B_flex'] = mine\nspec.model_args['8B_flex']\n",
        SPEC + "spec.model_args.update(mine)\nspec.model_args['8B_flex']\n",
        SPEC + "spec.model_args = mine\nspec.model_args['8B_flex']\n",
        SPEC + "flavors = spec.model_args\nflavors |= mine\nspec.model_args['8B_flex']\n",
        SPEC + "titan.llama3_args['8B_flex'] = mine\nspec.model_args['8B_flex']\n",
        "import dataclasses\n" + SPEC + "spec = dataclasses.replace(spec, model_args=mine)\n"
        "spec.model_args['8B_flex']\n",
        SPEC.replace("spec =", "titan.get_train_spec = mine\nspec =") + "spec.model_args['x']\n",
        BY_NAME + "register_train_spec('llama3_ft', mine)\n"
        "get_train_spec('llama3_ft').model_args['8B_flex']\n",
        BY_NAME + "get_train_spec(name).model_args['8B_flex']\n",
        BY_NAME + "get_train_spec('mine').model_args['8B_flex']\n",
        "from torchtitan.protocols.train_spec import TrainSpec\n"
        "def f(spec: TrainSpec):\n    return spec.model_args['8B_flex']\n",
    ],
)
def test_flavors_of_a_train_spec_that_may_be_there(text: str) -> None:
    assert messages("TTN402", text, "0.2.0") == []


def test_other_files_may_fill_a_train_spec(titan_lint: TitanLint, tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(SPEC + "spec.model_args['8B_flex']\n")
    other = tmp_path / "other.py"
    asked = ("--isolated", "--no-cache", "--torchtitan", "0.2.0", "--select", "TTN402", tmp_path)
    assert "8B_flex" in titan_lint(*asked).out
    other.write_text(SPEC + "spec.model_args['8B_flex'] = spec.model_args['8B']\n")
    assert "8B_flex" not in titan_lint(*asked).out


def test_other_files_may_register_the_train_spec_of_a_name(
    titan_lint: TitanLint, tmp_path: Path
) -> None:
    (tmp_path / "use.py").write_text(BY_NAME + "get_train_spec('llama3').model_args['8B_flex']\n")
    asked = ("--isolated", "--no-cache", "--torchtitan", "0.2.0", "--select", "TTN402", tmp_path)
    assert "8B_flex" in titan_lint(*asked).out
    (tmp_path / "other.py").write_text(BY_NAME + "register_train_spec('llama3', mine)\n")
    assert "8B_flex" not in titan_lint(*asked).out


@pytest.mark.network
@pytest.mark.parametrize("release", ["0.2.0", "0.2.1", "0.2.2"])
def test_a_train_spec_holds_the_dictionary_that_its_module_hands_on(release: str) -> None:
    surface = bundle.load(release)
    models = unpacked("torchtitan", release) / "torchtitan" / "models"
    known = 0
    for file in sorted(models.glob("*/__init__.py")):
        module = f"torchtitan.models.{file.parent.name}"
        held = handed_on(surface, f"{module}.get_train_spec")
        said = re.findall(r"\bmodel_args=(\w+)", file.read_text("utf-8"))
        if held is not None:
            assert said == [held.path.rpartition(".")[2]], file
            known += 1
    assert known >= 4


FILLED = (
    "import sys\nimport torchtitan.models.llama3 as m\nfrom unittest.mock import patch\n"
    "from torchtitan.models.llama3 import llama3_configs, model_registry\n{}"
)
ASKED = ("model_registry('tinier', attn_backend='flex')\n", "llama3_configs['tinier']()\n")


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    "put",
    [
        "llama3_configs['tiny'] = make\n",
        "m.llama3_configs['tiny'] = make\n",
        "configs = llama3_configs\nconfigs['tiny'] = make\n",
        "NAME = 'tiny'\nllama3_configs[NAME] = make\n",
        "llama3_configs.update({'tiny': make})\n",
        "llama3_configs.update(tiny=make)\n",
        "llama3_configs.setdefault('tiny', make)\n",
        "llama3_configs.__setitem__('tiny', make)\n",
        "patch.dict(llama3_configs, {'tiny': make}).start()\n",
        "patch.dict('torchtitan.models.llama3.llama3_configs', tiny=make).start()\n",
        "def test(monkeypatch):\n    monkeypatch.setitem(llama3_configs, 'tiny', make)\n",
        "del llama3_configs['8B']\n",
        "llama3_configs.pop('8B')\n",
        "print(len(llama3_configs))\n",
    ],
)
def test_a_flavor_is_not_there_because_another_one_is_put_there(put: str, asked: str) -> None:
    assert len(messages("TTN402", FILLED.format(put) + asked)) == 1
    if "tiny" in put:
        assert messages("TTN402", FILLED.format(put.replace("tiny", "tinier")) + asked) == []


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    "put",
    [
        "llama3_configs[sys.argv[1]] = make\n",
        "llama3_configs[f'tini{sys.argv[1]}'] = make\n",
        "for name in sys.argv:\n    llama3_configs[name] = make\n",
        "llama3_configs.update({**mine})\n",
        "llama3_configs.update(**mine)\n",
        "llama3_configs.update({name: make for name in mine})\n",
        "llama3_configs.update(zip(mine, makers))\n",
        "llama3_configs.setdefault(name, make)\n",
        "m.llama3_configs |= {'tiny': make}\n",
        "m.llama3_configs = {'tiny': make}\n",
        "patch.dict(llama3_configs, mine).start()\n",
        "vars(m)['llama3_configs']['tinier'] = make\n",
        "getattr(m, 'llama3_configs')['tinier'] = make\n",
        "def add(configs, name):\n    configs[name] = make\nadd(llama3_configs, 'tinier')\n",
        "def add(configs):\n    configs['tinier'] = make\nadd(configs=llama3_configs)\n",
        "import mine\nmine.add(llama3_configs)\n",
    ],
)
def test_a_key_that_is_worked_out_may_be_any_flavor(put: str, asked: str) -> None:
    assert messages("TTN402", FILLED.format(put) + asked) == []


@pytest.mark.parametrize(
    ("put", "is_said"),
    [
        ("llama3_configs['tiny'] = make\n", True),
        ("llama3_configs.update({'tiny': make})\n", True),
        ("llama3_configs['tinier'] = make\n", False),
        ("llama3_configs.update({'tinier': make})\n", False),
        ("llama3_configs.update(mine)\n", False),
        ("llama3_configs[name] = make\n", False),
        ("m.llama3_configs = {'tinier': make}\n", False),
        ("setattr(m, 'llama3_configs', {'tinier': make})\n", False),
    ],
)
@pytest.mark.parametrize("asked", ASKED)
def test_another_file_puts_just_its_own_flavors_there(
    titan_lint: TitanLint, project: Path, put: str, is_said: bool, asked: str
) -> None:
    (project / "flavors.py").write_text(FILLED.format(put))
    (project / "use.py").write_text(FILLED.format(asked))
    said = titan_lint("--isolated", "--no-cache", "--torchtitan=0.3.0", "--select=TTN402").out
    assert ("'tinier'" in said) is is_said
