"""Each question to the other files of a project is needed: without it a fix is wrong, or something else is said.

A question is switched off by giving the answer of a project that has no other files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.meaning import tool
from tests.meaning.projects import PROJECTS
from tests.meaning.test_projects import does_what_was_meant, write
from titan_lint.library import lint_paths
from titan_lint.run.beside import Beside
from titan_lint.run.projects import Projects
from titan_lint.uses.file import File
from titan_lint.uses.neighbours import Neighbours
from titan_lint.uses.own_classes import OwnClasses
from titan_lint.uses.own_modules import Modules, OwnModules
from titan_lint.uses.readers import Readers

if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.library import CheckOptions

Question = tuple[type, str]


# The question, the answer that there are no others, and a project that goes wrong with it.
CHANGED: dict[Question, tuple[object, str]] = {
    (Readers, "ask_for"): (False, "a name that another file imports"),
    (Readers, "replace"): (False, "a registry that another file patches"),
    (Readers, "hooks"): ((), "a choice that a property of another file settles"),
    (Readers, "declared"): (frozenset({"int"}), "a choice that a field of another file settles"),
    (Readers, "ask_of"): (False, "a policy whose mode another file reads"),
    (Readers, "tell_apart"): (False, "a value that another file compares"),
    (Neighbours, "replace"): (False, "a registry that another file replaces in torchtitan"),
    (Neighbours, "fill"): (False, "a config that another file puts into the dictionary"),
    (Projects, "has_strangers"): (False, "a name that a file imports which no run looks at"),
    (Beside, "_is_configured"): (False, "a name that a file of settings asks for"),
}

_LLAMA = "from torchtitan.models.llama3 import Llama3Model\n"
_MAKE = """\
from torchtitan.components.optimizer import default_adamw
from torchtitan.trainer import Trainer


def make(spec):
    config = Trainer.Config(model_spec=spec, optimizer=default_adamw())
    return config
"""
_LOADER = """\
from torchtitan.components.dataloader import BaseDataLoader


class Mine(BaseDataLoader):
    class Config(BaseDataLoader.Config):
        pass

    def __init__(self, config, path):
        pass

    def state_dict(self):
        return {}

    def load_state_dict(self, state_dict):
        pass
"""
_TRAINING = "from torchtitan.config.job_config import Training\n"
_BUILD = """\
from torchtitan.models.llama3 import model_registry
{0}


def build(attn_type):
    spec = model_registry("8B")
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = {1}
    return spec
"""
_HANDED = {
    "pkg/__init__.py": "",
    "pkg/names.py": "from torchtitan.models.llama3 import model_registry\n",
    "pkg/use.py": '# torchtitan\nfrom pkg import names\n\nspec = names.model_registry("8B_varlen")\n',
}


@dataclass(frozen=True)
class Case:
    """A project of which other things are said where a question is not asked.

    Attributes:
        said: The code of a rule, or ``fixed``.
        files: The project.
        answer: The answer that there are no others.
        alone: Whether it is said where nobody is asked, and not elsewhere; else the other way round.
        written_for: The version that it was written for.
    """

    said: str
    files: dict[str, str]
    answer: object = False
    alone: bool = True
    written_for: str | None = None


SAID: dict[Question, Case] = {
    (Readers, "make"): Case(
        "fixed",
        {
            "base.py": "from torchtitan.config.job_config import Parallelism\n",
            "use.py": "from base import Parallelism\n\nmade = Parallelism(**given)\n",
        },
    ),
    (Readers, "mention"): Case(
        "TTN304",
        {
            "config.py": "from torchtitan.config import ParallelismConfig\n\n"
            "p = ParallelismConfig(tensor_parallel_degree=2)\n",
            "other.py": "import torchtitan\nfrom config import p\n\nbuild(p)\n",
        },
        alone=False,
        written_for="2026-03-31",
    ),
    (Neighbours, "paths"): Case(
        "TTN304",
        {
            "engine.py": "from torchtitan.config import TrainingConfig\n\n\ndef engine(spec, model):\n"
            "    return spec.parallelize_fn(model, training=TrainingConfig(steps=4))\n",
            "run.py": "from torchtitan.trainer import Trainer\n",
        },
        alone=False,
        written_for="2026-03-31",
        answer=frozenset[str](),
    ),
    (Readers, "pass_by_name"): Case(
        "fixed",
        {
            "model.py": f"{_LLAMA}\n\nclass Mine(Llama3Model):\n"
            "    class Config(Llama3Model.Config):\n"
            "        def update_from_config(self, *, trainer_config, **kwargs):\n"
            "            self.steps = trainer_config.training.steps\n",
            "test_model.py": "from model import Mine\n\n\ndef test(given):\n"
            "    Mine.Config().update_from_config(trainer_config=given)\n",
        },
    ),
    (Readers, "read_field"): Case(
        "fixed",
        {
            "mine.py": "from torchtitan.components.optimizer import OptimizersContainer\n\n\n"
            "class Settings(OptimizersContainer.Config):\n    swap: bool = False\n\n\n"
            "def make():\n    return Settings(lr=1e-5)\n",
            "swapped.py": "def settings(config):\n    return {'eps': config.eps}\n",
        },
    ),
    (Readers, "ask_beside"): Case(
        "fixed",
        {
            "use.py": "from report import show\n"
            "from torchtitan.components.optimizer import OptimizersContainer\n\n"
            "show(OptimizersContainer.Config(lr=1e-5))\n",
            "report.py": "def show(given):\n    print(given.lr)\n",
        },
    ),
    (Readers, "change"): Case(
        "fixed",
        {
            "use.py": "from torchtitan.models.llama3 import model_registry\n"
            "from torchtitan.trainer import Trainer\n\n\nclass Engine:\n"
            "    def __init__(self, cfg):\n        self.cfg = cfg\n"
            '        spec = model_registry("8B", attn_backend=self.cfg.attn_type)\n'
            "        self.trainer = Trainer(make_config(spec))\n\n    def masks(self):\n"
            "        return self.trainer.model_config.layer.attention.attn_backend\n",
            "other.py": "def pack(engine):\n    engine.cfg.attn_type = 'varlen'\n",
        },
    ),
    (Readers, "set_at"): Case(
        "fixed",
        {
            "use.py": _BUILD.format("import config", "config.ATTN_TYPE"),
            "config.py": "ATTN_TYPE = None\n",
        },
        answer=(),
    ),
    (Readers, "call_with"): Case(
        "fixed",
        {
            "use.py": _BUILD.format("", "attn_type"),
            "other.py": "from use import build\n\nbuild(None)\n",
        },
        answer=(),
    ),
    (Readers, "derive"): Case(
        "fixed",
        {
            "use.py": "from torchtitan.models.llama3 import model_registry\n\n\nclass Engine:\n"
            "    def __init__(self, attn_type):\n        self.attn_type = attn_type\n\n"
            '    def build(self):\n        spec = model_registry("8B")\n'
            '        if hasattr(spec.model, "layer"):\n'
            "            spec.model.layer.attention.attn_backend = self.attn_type\n"
            "        return spec\n",
            "other.py": "from use import Engine\n\n\nclass Mine(Engine):\n    pass\n\n\nMine(None)\n",
        },
        answer=frozenset[str](),
    ),
    (Readers, "define"): Case(
        "fixed",
        {
            "use.py": _BUILD.format("import config\n\nATTN_TYPE = config.chosen()", "ATTN_TYPE"),
            "config.py": "def chosen():\n    return None\n",
        },
        answer=(),
    ),
    (Readers, "state"): Case(
        "fixed",
        {
            "use.py": _BUILD.format("from config import Kind", "attn_type").replace(
                "(attn_type)", "(attn_type: Kind)"
            ),
            "config.py": "import enum\n\n\nclass Kind(enum.Enum):\n    FLEX = 'flex'\n",
        },
        answer=(),
    ),
    (Readers, "settle"): Case(
        "fixed",
        {
            "use.py": _BUILD.format("", "attn_type['attn_type']"),
            "run.yaml": "attn_type: sdpa\n",
        },
        answer=(),
    ),
    (Readers, "equip"): Case(
        "TTN101",
        {
            "use.py": "from put import put\nfrom torchtitan.models.llama3 import model_registry\n\n\n"
            'def build(cfg):\n    spec = model_registry("8B")\n    put(spec.model, cfg.attn_type)\n'
            "    return spec, get_attention_masks(cfg.attn_type)\n",
            "put.py": "from torchtitan.models.common.attention import VarlenAttention\n\n\n"
            "def put(model, kind):\n    for layer in model.layers:\n"
            "        layer.attention.inner_attention = VarlenAttention.Config()\n",
        },
        answer=(),
    ),
    (Readers, "name_field"): Case(
        "TTN203",
        {
            "use.py": "from torchtitan.trainer import Trainer\n\nTrainer.job_config = None\n",
            "other.py": "def config_of(trainer):\n    return trainer.job_config\n",
        },
    ),
    (Readers, "call"): Case(
        "TTN306",
        {
            "mine.py": "from torchtitan.trainer import Trainer\n\n\nclass Mine(Trainer):\n"
            "    def forward_backward_step(self, input_dict, labels):\n        return 1\n",
            "other.py": "from mine import Mine\n\n\nclass A(Mine):\n    def step(self, a, b):\n"
            "        return self.forward_backward_step(a, b)\n",
        },
    ),
    (Readers, "build"): Case(
        "TTN306",
        {"mine.py": _LOADER, "other.py": 'loader = config.dataloader.build(path="x")\n'},
    ),
    (Readers, "set_field"): Case(
        "TTN302",
        {"make.py": _MAKE, "other.py": "from make import make\n\nmake(1).loss = loss\n"},
    ),
    (Readers, "give"): Case(
        "TTN406",
        {
            "use.py": f"{_LLAMA}\n\ndef head(model: Llama3Model):\n"
            '    return model.state_dict()["output.weight"]\n',
            "other.py": f"{_LLAMA}\n\ndef more(model: Llama3Model, head):\n"
            '    model.add_module("output", head)\n',
        },
    ),
    (Readers, "imitate"): Case(
        "fixed",
        {
            "use.py": "from torchtitan.trainer import Trainer\n\n\ndef f(t: Trainer):\n    return t.job_config\n",
            "test_use.py": "from types import SimpleNamespace\n\nfrom use import f\n\n"
            "assert f(SimpleNamespace(job_config=3)) == 3\n",
        },
    ),
    (Readers, "ask_its_name"): Case(
        "fixed",
        {
            "use.py": f"{_TRAINING}\n\ndef make():\n    return Training(steps=1)\n",
            "other.py": "def tell(given):\n    return {'Training': 1}[type(given).__name__]\n",
        },
    ),
    (Readers, "need_whole"): Case(
        "fixed",
        {
            "use.py": f"{_TRAINING}from other import tell\n\ntell(Training(steps=1))\n",
            "other.py": "def tell(given):\n    return vars(given)\n",
        },
    ),
    (Readers, "await_any"): Case(
        "fixed",
        {
            "compat.py": _TRAINING,
            "other.py": "try:\n    from compat import Training\nexcept ImportError:\n    Training = None\n"
            "\nif Training is not None:\n    print(Training(steps=1))\n",
        },
    ),
    (Readers, "choose"): Case(
        "fixed",
        {
            "old.py": _TRAINING,
            "other.py": "try:\n    import old as used\nexcept ImportError:\n    used = object()\n",
        },
    ),
    (Readers, "naming"): Case(
        "TTN301",
        {
            "lib.py": "from torchtitan.config import ParallelismConfig\n\n\ndef attempt():\n"
            "    return ParallelismConfig(expert_tensor_parallel_degree=1)\n",
            "other.py": "from lib import attempt\n\ntry:\n    attempt()\nexcept TypeError:\n    print('new')\n",
        },
        answer=(),
    ),
    (Readers, "bring_in"): Case(
        "TTN202",
        {
            "old.py": _TRAINING,
            "new.py": "import torchtitan\n",
            "other.py": "try:\n    import old as used\nexcept ImportError:\n    import new as used\n",
        },
        answer=(),
    ),
    (Neighbours, "configure"): Case(
        "TTN203",
        {
            "adapter.py": "from torchtitan.models.deepseek_v3.state_dict_adapter import DeepSeekV3StateDictAdapter\n\n\n"
            "class Own(DeepSeekV3StateDictAdapter):\n    def layers(self):\n"
            "        return self.model_config.n_layers\n",
            "model.py": "from torchtitan.protocols.model import BaseModel\n\n\nclass Own(BaseModel):\n"
            "    class Config(BaseModel.Config):\n        n_layers: int\n",
        },
    ),
    (Neighbours, "read"): Case(
        "TTN202",
        {
            "put.py": "from torchtitan import config\n\nconfig.Training = 1\n",
            "other.py": "from torchtitan import config\n\nprint(config.Training)\n",
        },
    ),
    (Neighbours, "ask"): Case(
        "TTN202",
        {
            "flags.py": "import torchtitan.config\n\nNEW = hasattr(torchtitan.config, 'TrainingConfig')\n",
            "use.py": "from elsewhere import NEW\n\nif not NEW:\n    from torchtitan.config.job_config import Training\n",
        },
    ),
    (Neighbours, "end"): Case(
        "TTN202",
        {
            "compat.py": "import torchtitan.config\n\n\ndef need():\n"
            "    if not hasattr(torchtitan.config, 'JobConfig'):\n        raise SystemExit\n",
            "use.py": f"from compat import need\n\nneed()\n{_TRAINING}",
        },
    ),
    (Neighbours, "refuse"): Case(
        "TTN203",
        {
            "tests/conftest.py": "import pytest\nfrom torchtitan.trainer import Trainer\n\n\n"
            "@pytest.fixture(autouse=True)\ndef needs_amp():\n"
            "    if not hasattr(Trainer, 'maybe_enable_amp'):\n        pytest.skip()\n",
            "tests/test_amp.py": "from torchtitan.trainer import Trainer\n\n\n"
            "def test_amp(c):\n    assert Trainer(c).maybe_enable_amp\n",
        },
    ),
    (Readers, "expect_failure"): Case(
        "TTN301",
        {
            "tests/conftest.py": "import pytest\n\n\ndef pytest_itemcollected(item):\n"
            "    if item.name.endswith('_gone'):\n        item.add_marker(pytest.mark.xfail(strict=True))\n",
            "tests/test_etp.py": "from torchtitan.config import ParallelismConfig\n\n\n"
            "def test_etp_gone():\n    ParallelismConfig(expert_tensor_parallel_degree=1)\n",
        },
    ),
    (Readers, "put"): Case(
        "TTN203",
        {
            "use.py": "from torchtitan.trainer import Trainer\n\n\n"
            "def f(trainer: Trainer):\n    return trainer.maybe_enable_amp\n",
            "own.py": "from torchtitan.trainer import Trainer\n\n\nclass Own(Trainer):\n    pass\n",
            "other.py": "from own import Own\n\nOwn.maybe_enable_amp = None\n",
        },
    ),
    (OwnClasses, "is_given"): Case(
        "TTN203",
        {
            "use.py": "from torchtitan.trainer import Trainer\n\n\n"
            "def f(trainer: Trainer):\n    return trainer.maybe_enable_amp\n",
            "own.py": "from torchtitan.trainer import Trainer\n\n\n"
            "class Own(Trainer):\n    maybe_enable_amp = None\n",
        },
    ),
    (OwnClasses, "is_held_otherwise"): Case(
        "TTN203",
        {
            "use.py": "from torchtitan.trainer import Trainer\n\n\n"
            "def f(config: Trainer.Config):\n    return config.activation_checkpoint.mode\n",
            "own.py": "from torchtitan.trainer import Trainer\n\n\nclass Policy:\n    mode = 'own'\n\n\n"
            "class Own(Trainer.Config):\n    activation_checkpoint: Policy\n",
        },
    ),
    (Neighbours, "stub"): Case(
        "fixed",
        {
            "use.py": _TRAINING,
            "test_other.py": "import sys\n\nsys.modules.setdefault('torchtitan.config.job_config', object())\n",
        },
    ),
    (Projects, "_may_replace"): Case(
        "TTN105",
        {**_HANDED, "other.py": "import pkg.names\n\npkg.names.model_registry = None\n"},
    ),
    (File, "hears_others"): Case("fixed", _HANDED),
    (Modules, "is_bound"): Case(
        "TTN105",
        {**_HANDED, "pkg/__init__.py": "from elsewhere import names\n"},
    ),
    (Modules, "is_rebound"): Case(
        "TTN105",
        {**_HANDED, "pkg/names.py": f"{_HANDED['pkg/names.py']}globals().update(load())\n"},
    ),
    (OwnModules, "is_doubted"): Case(
        "TTN105",
        {**_HANDED, "other.py": "import pkg.names\n\npkg.names.model_registry = None\n"},
    ),
}


def switch_off(question: Question, answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give one answer, whoever asks and whatever about."""

    def answered(*_: object, **__: object) -> object:
        return answer

    owner, name = question
    is_property = isinstance(vars(owner)[name], property)
    monkeypatch.setattr(owner, name, property(answered) if is_property else answered)


def fixed(folder: Path, files: dict[str, str], written_for: str | None = None) -> set[str]:
    """Write a project and fix it: the codes of what is said of it, and ``fixed`` where it changes."""
    write(folder, files)
    options: CheckOptions = {"torchtitan": tool.TARGET, "fix": True, "no_cache": True, "jobs": 1}
    if written_for is not None:
        options["written_for"] = written_for
    done = lint_paths(folder, **options)
    said = {finding.code for file in done.files for finding in (*file.findings, *file.fixed)}
    is_changed = any((folder / path).read_text("utf-8") != text for path, text in files.items())
    return said | {"fixed"} if is_changed else said


@pytest.mark.parametrize("question", CHANGED, ids=lambda question: question[1])
def test_a_project_goes_wrong_where_a_question_is_not_asked(
    question: Question, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, name = CHANGED[question]
    files = PROJECTS[name]
    write(tmp_path / "before", files)
    fixed(tmp_path / "asked", files)
    assert does_what_was_meant(files, tmp_path / "before", tmp_path / "asked")
    switch_off(question, answer, monkeypatch)
    fixed(tmp_path / "alone", files)
    assert not does_what_was_meant(files, tmp_path / "before", tmp_path / "alone")


@pytest.mark.parametrize("question", SAID, ids=lambda question: question[1])
def test_something_else_is_said_where_a_question_is_not_asked(
    question: Question, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = SAID[question]
    asked = fixed(tmp_path / "asked", case.files, case.written_for)
    switch_off(question, case.answer, monkeypatch)
    alone = fixed(tmp_path / "alone", case.files, case.written_for)
    assert (case.said in asked, case.said in alone) == (not case.alone, case.alone)


@pytest.mark.parametrize("owner", [Readers, Neighbours])
def test_every_question_to_other_files_is_switched_off(owner: type) -> None:
    questions = {name for name in vars(owner) if not name.startswith("_")}
    assert {name for other, name in (*CHANGED, *SAID) if other is owner} == questions
