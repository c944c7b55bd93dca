"""A config that goes to others loses no field unasked which these read off it, nor does a setting that they change come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import found_in

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
from torchtitan.components.optimizer import OptimizersContainer
from torchtitan.config import CompileConfig, ParallelismConfig
from report import show

"""
READER = "def show(c):\n    print(c.lr)\n"


def applicability(folder: Path, files: dict[str, str], code: str) -> set[str | None]:
    """How safe the fixes of a rule are in a project, ``None`` for a finding without one."""
    return {
        None if finding.fix is None else finding.fix.applicability.value
        for finding in found_in(folder, files)
        if finding.code == code
    }


READ = {
    "a function of another file gets it": (
        "c = OptimizersContainer.Config(lr=0.5)\nshow(c)\n",
        {"report.py": READER},
    ),
    "a function of another name here": (
        "from report import show as display\n\ndisplay(OptimizersContainer.Config(lr=0.5))\n",
        {"report.py": READER},
    ),
    "a function that is handed along": (
        "made = [OptimizersContainer.Config(lr=0.5)]\nlist(map(show, made))\n",
        {"report.py": READER},
    ),
    "a class of the file": (
        "class Run:\n    def __init__(self, config):\n        show(config)\n\n\n"
        "Run(OptimizersContainer.Config(lr=0.5))\n",
        {"report.py": READER},
    ),
    "in a loop": (
        "for c in (OptimizersContainer.Config(lr=0.5),):\n    show(c)\n",
        {"report.py": READER},
    ),
    "by keyword": (
        "show(config=OptimizersContainer.Config(lr=0.5))\n",
        {"report.py": "def show(config):\n    print(config.eps)\n"},
    ),
    "in a list": (
        "show([OptimizersContainer.Config(lr=0.5)])\n",
        {"report.py": "def show(configs):\n    print([c.lr for c in configs])\n"},
    ),
    "asked by a string": (
        "show(OptimizersContainer.Config(lr=0.5))\n",
        {"report.py": "def show(c):\n    print(getattr(c, 'lr'))\n"},
    ),
    "a name that another file imports": (
        "made = OptimizersContainer.Config(lr=0.5)\n",
        {
            "report.py": "def show(c): ...\n",
            "other.py": "from main import made\n\nprint(made.lr)\n",
        },
    ),
    "a function whose result another file has": (
        "def make():\n    return OptimizersContainer.Config(lr=0.5)\n",
        {
            "report.py": "def show(c): ...\n",
            "other.py": "import main\n\nrate = main.make().lr\n",
        },
    ),
    "an attribute": (
        "class Engine:\n    def __init__(self):\n"
        "        self.settings = OptimizersContainer.Config(lr=0.5)\n",
        {
            "report.py": "def show(c): ...\n",
            "other.py": "def rate(engine):\n    return engine.settings.lr\n",
        },
    ),
    "through a function of the file": (
        "def hand(made):\n    show(made)\n\n\nhand(OptimizersContainer.Config(lr=0.5))\n",
        {"report.py": READER},
    ),
    "a function of the file itself": (
        "def rate(made):\n    return made.lr\n\n\n"
        "def more(made):\n    return rate(made)\n\n\nc = OptimizersContainer.Config(lr=0.5)\nmore(c)\n"
        "more(other())\n",
        {"report.py": "def show(c): ...\n"},
    ),
    "a setting that is dropped": (
        "p = ParallelismConfig(expert_tensor_parallel_degree=1)\nshow(p)\n",
        {"report.py": "def show(c):\n    print(c.expert_tensor_parallel_degree)\n"},
    ),
    "a setting that moves": (
        "p = ParallelismConfig(enable_async_tensor_parallel=True)\n"
        "c = CompileConfig(enable=True)\nshow(p)\n",
        {"report.py": "def show(c):\n    print(c.enable_async_tensor_parallel)\n"},
    ),
}
NOT_READ = {
    "nobody reads it": (
        "c = OptimizersContainer.Config(lr=0.5)\nshow(c)\n",
        {"report.py": "def show(c):\n    print(c)\n"},
    ),
    "it stays in the file": (
        "c = OptimizersContainer.Config(lr=0.5)\nshow(1)\n",
        {"report.py": READER},
    ),
    "torchtitan gets it": (
        "def build(given):\n"
        "    c = OptimizersContainer.Config(lr=0.5)\n    return c.build(given)\n",
        {"report.py": "def show(args):\n    print(args.lr)\n"},
    ),
    "another module's function of that name": (
        "def make():\n    return OptimizersContainer.Config(lr=0.5)\n",
        {
            "report.py": "def show(c): ...\n",
            "own.py": "def make(args):\n    return args.lr\n",
            "other.py": "from main import make\n\nmade = make()\n",
        },
    ),
    "the reader's own": (
        "c = OptimizersContainer.Config(lr=0.5)\nshow(c)\n",
        {
            "report.py": "def show(c): ...\n\n\nclass Plan:\n    def __init__(self, lr):\n"
            "        self.lr = lr\n\n    def show(self):\n        return self.lr\n"
        },
    ),
    "a setting that is dropped": (
        "p = ParallelismConfig(expert_tensor_parallel_degree=1)\nshow(p)\n",
        {"report.py": "def show(c):\n    print(c.tensor_parallel_degree)\n"},
    ),
}


@pytest.mark.parametrize("case", READ)
def test_a_config_that_may_be_asked_for_what_it_loses_changes_only_when_asked(
    case: str, tmp_path: Path
) -> None:
    text, others = READ[case]
    assert applicability(tmp_path, {"main.py": HEAD + text, **others}, "TTN301") <= {"unsafe", None}


@pytest.mark.parametrize("case", NOT_READ)
def test_a_config_of_which_nobody_asks_what_it_loses_changes(case: str, tmp_path: Path) -> None:
    text, others = NOT_READ[case]
    assert applicability(tmp_path, {"main.py": HEAD + text, **others}, "TTN301") == {"safe"}


STALE = """\
from torchtitan.models.llama3 import model_registry
from torchtitan.trainer import Trainer

from base import Base


class Engine(Base):
    def __init__(self, cfg):
        self.cfg = cfg
        self.attn_type = cfg.attn_type
        spec = model_registry("debugmodel", attn_backend={0})
        self.trainer = Trainer(make_config(spec))

    def masks(self):
        return self.trainer.model_config.layer.attention.attn_backend
"""
BASE = "class Base:\n    pass\n"
CFG = "self.cfg.attn_type"
OWN = "self.attn_type"
CHANGED = {
    "a setting": (CFG, "def switch(engine):\n    engine.cfg.attn_type = 'varlen'\n"),
    "a setting with a type": (CFG, "def switch(cfg):\n    cfg.attn_type: str = 'varlen'\n"),
    "by its name": (CFG, "def switch(cfg):\n    setattr(cfg, 'attn_type', 'varlen')\n"),
    "in a loop": (
        CFG,
        "def switch(cfg):\n    for cfg.attn_type in ('flex', 'varlen'):\n        run(cfg)\n",
    ),
    "with others": (CFG, "def switch(cfg):\n    cfg.attn_type, cfg.size = 'varlen', 1\n"),
    "deleted": (CFG, "def switch(cfg):\n    del cfg.attn_type\n"),
    "by the class of the settings": (
        CFG,
        "class Cfg:\n    def __init__(self):\n        self.attn_type = 'flex'\n\n"
        "    def pack(self):\n        self.attn_type = 'varlen'\n",
    ),
    "all settings": (CFG, "def switch(engine, cfg):\n    engine.cfg = cfg\n"),
    "the engine's own": (OWN, "def switch(engine):\n    engine.attn_type = 'varlen'\n"),
    "what derives from the engine": (
        OWN,
        "from main import Engine\n\n\nclass Packed(Engine):\n    def __init__(self, cfg):\n"
        "        super().__init__(cfg)\n        self.attn_type = 'varlen'\n",
    ),
    "what derives from that": (
        OWN,
        "from main import Engine\n\n\nclass One(Engine):\n    pass\n\n\nclass Two(One):\n"
        "    def pack(self):\n        self.attn_type = 'varlen'\n",
    ),
    "the trainer": (CFG, "def switch(engine, trainer):\n    engine.trainer = trainer\n"),
}
CHANGED_BASE = "class Base:\n    def pack(self):\n        self.attn_type = 'varlen'\n"
KEPT = {
    "read": (CFG, "def show(engine):\n    print(engine.cfg.attn_type == 'flex')\n"),
    "set where settings are made": (
        CFG,
        "class Cfg:\n    def __init__(self, attn_type='flex'):\n        self.attn_type = attn_type\n",
    ),
    "another class": (
        OWN,
        "class Other:\n    def pack(self):\n        self.attn_type = 'varlen'\n",
    ),
    "another class of the same name": (
        OWN,
        "class Engine:\n    def pack(self):\n        self.attn_type = 'varlen'\n\n\n"
        "class Packed(Engine):\n    def more(self):\n        self.attn_type = 'varlen'\n",
    ),
    "another engine": (
        CFG,
        "from base import Base\n\n\nclass Other(Base):\n    def load(self, cfg):\n"
        "        self.cfg = cfg\n        self.trainer = None\n",
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_a_setting_that_another_file_changes_is_read_anew_only_when_asked(
    case: str, tmp_path: Path
) -> None:
    form, other = CHANGED[case]
    files = {"main.py": STALE.format(form), "other.py": other, "base.py": BASE}
    assert applicability(tmp_path, files, "TTN102") == {"unsafe"}


def test_a_setting_that_a_base_of_another_file_changes_is_read_anew_only_when_asked(
    tmp_path: Path,
) -> None:
    files = {"main.py": STALE.format(OWN), "base.py": CHANGED_BASE}
    assert applicability(tmp_path, files, "TTN102") == {"unsafe"}


@pytest.mark.parametrize("case", KEPT)
def test_a_setting_that_no_other_file_changes_is_read_anew(case: str, tmp_path: Path) -> None:
    form, other = KEPT[case]
    files = {"main.py": STALE.format(form), "other.py": other, "base.py": BASE}
    assert applicability(tmp_path, files, "TTN102") == {"safe"}
