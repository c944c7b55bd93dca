"""Engines that nobody offers are found: by what names lead to, without importing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from titan_lint.api import bundle, history
from titan_lint.api.entities import Class
from titan_lint.verify.detection import KNOWN, SPECS, TRAINERS
from titan_lint.verify.entries import find_entries

if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.verify.entry import Entry


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def found(root: Path, files: dict[str, str]) -> list[Entry]:
    write(root, files)
    return find_entries([root])


def shown(entries: list[Entry]) -> list[tuple[str, str, str]]:
    return [(entry.name, entry.adapter, entry.config) for entry in entries]


TRAINER = "from torchtitan.trainer import Trainer\nclass Mine(Trainer): ...\n"
CONFIG = "def make() -> Mine.Config: ...\n"
SPEC = "from torchtitan.protocols.model_spec import ModelSpec\n"


@pytest.mark.parametrize("path", [*TRAINERS, *SPECS])
def test_what_is_looked_for_is_a_class_of_some_torchtitan(path: str) -> None:
    surfaces = map(bundle.load, history.timeline())
    assert any(isinstance(surface.lookup(path), Class) for surface in surfaces)


@pytest.mark.parametrize(
    "text",
    [
        TRAINER,
        "from torchtitan.train import Trainer\nclass Mine(Trainer): ...\n",
        "from torchtitan.trainer import Trainer as Base\nclass Mine(Base): ...\n",
        "import torchtitan.trainer as tt\nclass Mine(tt.Trainer): ...\n",
        "import torchtitan.trainer\nBase = torchtitan.trainer.Trainer\nclass Mine(Base): ...\n",
        "from torchtitan import trainer\nclass Mine(object, trainer.Trainer): ...\n",
        "try:\n    from torchtitan.trainer import Trainer\nexcept ImportError:\n"
        "    from torchtitan.train import Trainer\nclass Mine(Trainer): ...\n",
    ],
)
def test_a_class_that_derives_from_the_trainer_is_found(tmp_path: Path, text: str) -> None:
    (entry,) = found(tmp_path, {"engine.py": text})
    assert shown([entry]) == [("engine:Mine", "trainer", "")]
    assert entry.device == "cuda"


@pytest.mark.parametrize(
    "text",
    [
        "from elsewhere.trainer import Trainer\nclass Mine(Trainer): ...\n",
        "class Trainer: ...\nclass Mine(Trainer): ...\n",
        "from torchtitan.trainer import Trainer\nclass Trainer: ...\nclass Mine(Trainer): ...\n",
        "# from torchtitan.trainer import Trainer\nclass Mine(Trainer): ...\n",
        "from torchtitan.trainer import Trainer\nclass Mine:\n    trainer: Trainer\n",
        "from torchtitan.trainer import Trainer\nclass Mine(Trainer.Config): ...\n",
        "from torchtitan.trainer import Trainer\nclass Mine(Trainer: ...\n",
    ],
)
def test_what_only_looks_like_the_trainer_is_not(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, {"engine.py": text}) == []


def test_a_trainer_is_found_through_other_files_and_only_the_last_in_line(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from .base import Base as Root\n",
        "pkg/base.py": "from torchtitan.trainer import Trainer\nclass Base(Trainer): ...\n",
        "pkg/middle.py": "from pkg import Root\nclass Middle(Root): ...\n",
        "pkg/sub/__init__.py": "",
        "pkg/sub/last.py": "from ..middle import Middle\nclass Last(Middle): ...\n",
    }
    (entry,) = found(tmp_path, files)
    assert shown([entry]) == [("pkg.sub.last:Last", "trainer", "")]
    assert entry.root == tmp_path


@pytest.mark.parametrize(
    "function",
    [
        "def make() -> Mine.Config: ...\n",
        "def make() -> 'Mine.Config': ...\n",
        "def make():\n    return Mine.Config()\n",
        "def make():\n    config = Mine.Config()\n    config.dump_folder = ''\n    return config\n",
    ],
)
@pytest.mark.parametrize("nested", [True, False])
def test_the_function_that_makes_its_config_is_found(
    tmp_path: Path, function: str, nested: bool
) -> None:
    cls = TRAINER.replace("...", "\n    class Config(Trainer.Config): ...") if nested else TRAINER
    (entry,) = found(tmp_path, {"engine.py": cls + function})
    assert entry.config == "engine:make"


def test_a_config_registry_beside_it_is_found_and_the_small_config_taken(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/trainer.py": TRAINER,
        "pkg/config_registry.py": "from .trainer import Mine\n"
        "def mine_8b() -> Mine.Config: ...\n"
        "def mine_debugmodel() -> Mine.Config: ...\n",
    }
    (entry,) = found(tmp_path, files)
    assert shown([entry]) == [
        ("pkg.trainer:Mine", "trainer", "pkg.config_registry:mine_debugmodel")
    ]


def test_configs_of_the_trainer_itself_are_found_one_of_each_file(tmp_path: Path) -> None:
    text = "from torchtitan.trainer import Trainer\n"
    text += "def plugin_8b() -> Trainer.Config: ...\ndef plugin_debug() -> Trainer.Config: ...\n"
    text += "def other(config: Trainer.Config) -> str: ...\n"
    text += "def debug_of(settings) -> Trainer.Config: ...\n"
    (entry,) = found(tmp_path, {"pkg/config_registry.py": text})
    assert shown([entry]) == [("config_registry:plugin_debug", "trainer", "")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (SPEC + "def registry(flavor): return ModelSpec(name=flavor)\n", "registry"),
        (
            SPEC.replace("ModelSpec\n", "ModelSpec as S\n")
            + "def registry(flavor): return S(flavor)\n",
            "registry",
        ),
        (SPEC + "spec = ModelSpec(name='x')\n", "spec"),
        (SPEC + "spec: ModelSpec = ModelSpec(name='x')\n", "spec"),
        (SPEC + "register(ModelSpec(name='x'))\n", "ModelSpec"),
        (
            "from torchtitan.protocols.train_spec import TrainSpec, register_train_spec\n"
            "def get_train_spec(): return TrainSpec(name='x')\n",
            "get_train_spec",
        ),
        (
            "from torchtitan.models import llama3\n"
            "def model_registry(flavor):\n    return llama3.model_registry(flavor)\n",
            "model_registry",
        ),
    ],
)
def test_a_model_that_registers_is_found(tmp_path: Path, text: str, name: str) -> None:
    (entry,) = found(tmp_path, {"plugin/__init__.py": text})
    assert shown([entry]) == [(f"plugin:{name}", "model_spec", "")]
    assert entry.device == ""


@pytest.mark.parametrize(
    "text",
    [
        SPEC + "def use(spec: ModelSpec) -> None: ...\n",
        SPEC + "class Engine:\n    def spec(self): return ModelSpec(name='x')\n",
        "def model_registry(flavor): return {}\n",
        SPEC + "def spec_of(settings): return ModelSpec(name=settings.name)\n",
        SPEC + "def spec_of(flavor, *, converters): return ModelSpec(name=flavor)\n",
    ],
)
def test_what_makes_no_spec_of_a_module_is_not(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, {"plugin.py": text}) == []


def test_the_engine_of_verl_is_found_by_its_place_and_class(tmp_path: Path) -> None:
    ((module, name), adapter), *_ = KNOWN.items()
    place = f"{module.replace('.', '/')}.py"
    packages = [module.split(".")[:count] for count in range(1, module.count(".") + 1)]
    files = {f"{'/'.join(parts)}/__init__.py": "" for parts in packages}
    (entry,) = found(tmp_path, files | {place: f"class {name}: ...\n"})
    assert shown([entry]) == [(f"{module}:{name}", adapter, "")]
    assert find_entries([tmp_path / "verl" / "workers"]) == [entry]
    assert found(tmp_path, {place: "class Another: ...\n"}) == []


def test_an_engine_that_is_offered_leaves_no_search_for_others(tmp_path: Path) -> None:
    offer = "# titan-lint: engine=make_engine\ndef make_engine(attn_type, device): ...\n"
    (entry,) = found(tmp_path, {"engine.py": offer, "trainer.py": TRAINER})
    assert (entry.name, entry.adapter) == ("engine:make_engine", "")


def test_trainers_of_tests_are_no_engines_unless_named(tmp_path: Path) -> None:
    files = {"tests/fake.py": TRAINER, "test_engine.py": TRAINER, "conftest.py": TRAINER}
    assert found(tmp_path, files) == []
    (entry,) = find_entries([tmp_path / "tests" / "fake.py"])
    assert entry.name == "fake:Mine"


def test_nothing_of_the_tree_is_imported(tmp_path: Path) -> None:
    files = {"engine.py": f"raise SystemExit('imported')\n{TRAINER}{CONFIG}"}
    assert len(found(tmp_path, files)) == 1
