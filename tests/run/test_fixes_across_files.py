"""What a project defines in one file keeps no fix from what its other files have themselves."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.run.test_across_files import AT, TRAINER, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint


@pytest.mark.parametrize(
    ("call", "fixed", "explained"),
    [
        (
            "Trainer.Config(model_spec=c, optimizer=default_adamw(lr=1), dataloader=Mine)",
            {"Trainer.Config"},
            set[str](),
        ),
        ("Trainer.Config(model_spec=c, optimizer=made(lr=1))", {"Trainer.Config"}, set[str]()),
        (
            "Trainer.Config(model_spec=c, optimizer=default_adamw(lr=Mine(1).job_config))",
            {"Trainer.Config"},
            {"Mine"},
        ),
        ("Mine(1).job_config", set[str](), {"Mine"}),
        ("mine.job_config", set[str](), {"mine"}),
    ],
)
def test_what_is_about_a_thing_of_another_file_is_not_fixed_but_what_is_beside_that_is(
    project: Path, titan_lint: TitanLint, call: str, fixed: set[str], explained: set[str]
) -> None:
    adamw = "from torchtitan.components.optimizer import default_adamw"
    defs = f"{adamw} as made\n{TRAINER}"
    top = f"from torchtitan.trainer import Trainer\n{adamw}\n"
    use = f"from .defs import Mine, made\n\n\ndef run(c, mine: Mine):\n    return {call}\n"
    write(project / "pkg", {"__init__.py": "", "defs.py": defs, "use.py": top + use})
    line = f"    return {call}"
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for one in json.loads(titan_lint(*AT, "pkg/use.py").out)["findings"]:
        name = re.match(r"[\w.]+", line[one["column"] - 1 :])
        assert name is not None
        found[bool(one["fix"])].add(name[0].removesuffix(".job_config"))
    assert found == {True: fixed, False: explained}


def test_a_class_on_a_plain_class_of_another_file_is_fixed(
    project: Path, titan_lint: TitanLint
) -> None:
    base = "import torchtitan\n\n\nclass Base:\n    pass\n"
    use = (
        "from torchtitan.config import ParallelismConfig\n\nfrom .base import Base\n\n\n"
        "class Mine(Base):\n    def run(self):\n"
        "        return ParallelismConfig(expert_tensor_parallel_degree=1)\n"
    )
    write(project / "pkg", {"__init__.py": "", "base.py": base, "use.py": use})
    out = titan_lint("--select", "TTN301", "--torchtitan", "0.3.0", "--no-cache", ".").out
    assert "TTN301" in out
    assert "another file" not in out


SETTING = """\
from dataclasses import dataclass
from typing import Any

import torchtitan


@dataclass
class Settings:
    attn_type: {declared}
"""
CHOICE = """\
{imported}from torchtitan.models.common.attention import create_varlen_metadata_for_document
from torchtitan.models.llama3 import model_registry


class Engine:
    def __init__(self, settings: Settings):
        self.settings = settings
        if settings.attn_type not in ("flex", "varlen"):
            raise ValueError(f"no attention for {{settings.attn_type}}")
        self.spec = model_registry("8B")

    def masks(self, positions):
        return get_masks(positions, attn_type=self.settings.attn_type)


def make():
    return Engine(Settings("varlen"))
"""


@pytest.mark.parametrize("is_elsewhere", [False, True])
@pytest.mark.parametrize(("declared", "applicability"), [("str", "safe"), ("Any", "unsafe")])
def test_a_setting_that_a_class_declares_as_a_string_is_read_without_any_code_wherever_the_class_is(
    project: Path, titan_lint: TitanLint, declared: str, applicability: str, is_elsewhere: bool
) -> None:
    odd = (
        "class Odd:\n    def __eq__(self, other):\n        self.asked = True\n        return True\n"
    )
    settings = SETTING.format(declared=declared)
    files = {"odd.py": odd, "engine.py": settings + CHOICE.format(imported="")}
    if is_elsewhere:
        imported = CHOICE.format(imported="from .settings import Settings\n")
        files = {"odd.py": odd, "settings.py": settings, "engine.py": imported}
    write(project / "pkg", {"__init__.py": "", **files})
    found = json.loads(titan_lint(*AT, "pkg/engine.py").out)["findings"]
    fixes = [one["fix"] for one in found if one["code"] == "TTN101"]
    assert [fix and fix["applicability"] for fix in fixes] == [applicability]


FLAGS = {
    "all of it": "try:\n    from compat import *\n    HAS = True\nexcept ImportError:\n    HAS = False\n",
    "one name": "try:\n    from compat import llama3\n    HAS = True\nexcept ImportError:\n    HAS = False\n",
    "an else": "try:\n    from compat import llama3\nexcept ImportError:\n    HAS = False\nelse:\n    HAS = True\n",
    "a block": "from contextlib import suppress\n\nHAS = False\nwith suppress(ImportError):\n"
    "    from compat import llama3\n\n    HAS = True\n",
}


@pytest.mark.parametrize("flag", FLAGS.values(), ids=FLAGS)
def test_an_import_stays_that_keeps_code_of_another_file_from_running(
    project: Path, titan_lint: TitanLint, flag: str
) -> None:
    text = "from torchtitan.experiments.simple_fsdp import llama3\n"
    (project / "base.py").write_text(text)
    (project / "compat.py").write_text("from base import llama3\n")
    patch = "mock.patch('torchtitan.experiments.simple_fsdp.llama3.TrainSpec')"
    options = ("--isolated", "--torchtitan=0.3.0", "--fix", "--unsafe-fixes", "base.py")
    main = f"from unittest import mock\n\n{flag}\nif HAS:\n    with {patch}:\n        pass\n"
    (project / "main.py").write_text(main)
    titan_lint(*options)
    assert (project / "base.py").read_text() == text
    # Where nothing hangs on it, it is fixed.
    (project / "main.py").write_text(main.replace("if HAS:", "if True:"))
    titan_lint(*options)
    assert (project / "base.py").read_text() != text


CHOICES = {
    "another import": "try:\n    from pkg._v2 import spec\nexcept ImportError:\n    from pkg._v3 import spec\n",
    "the other way round": "try:\n    from pkg.gone import spec\nexcept ImportError:\n"
    "    try:\n        from ._v2 import spec\n    except (ImportError, OSError):\n        from ._v3 import spec\n",
    "a module": "try:\n    from . import _v2 as used\nexcept Exception:\n    from . import _v3 as used\n",
    "what was there before": "from . import _v3\nused = _v3\ntry:\n    from . import _v2\n    used = _v2\n"
    "except ImportError:\n    pass\n",
    "what follows": "def make():\n    try:\n        from pkg._v2 import spec\n        return spec()\n"
    "    except ImportError:\n        pass\n    from pkg._v3 import spec\n    return spec()\n",
    "a function of its own": "def make():\n    return None\ntry:\n    from pkg._v2 import spec as make\n"
    "except ImportError:\n    def make():\n        return 1\n",
    "a flag": "try:\n    import pkg._v2\n    OLD = True\nexcept ImportError:\n    OLD = False\n\n\n"
    "def make():\n    if OLD:\n        return pkg._v2.spec()\n    return other()\n",
    "nothing": "try:\n    from pkg._v2 import spec\nexcept ImportError:\n    spec = None\n"
    "made = spec() if spec else other()\n",
    "a block": "from contextlib import suppress\nfrom pkg._v3 import spec\nwith suppress(ImportError):\n"
    "    from pkg._v2 import spec\n",
    "a loop": "import importlib\n\n\ndef load():\n    for name in ('pkg._v2', 'pkg._v3'):\n        try:\n"
    "            return importlib.import_module(name)\n        except ImportError:\n            continue\n",
    "one call each": "import importlib\n\n\ndef load(name):\n    try:\n"
    "        return importlib.import_module(name, 'pkg')\n    except ImportError:\n        return None\n\n\n"
    "used = load('._v2') or load('._v3')\n",
    "two functions": "def old():\n    from pkg._v2 import spec\n    return spec\n\n\n"
    "def new():\n    from pkg._v3 import spec\n    return spec\n\n\n"
    "try:\n    spec = old()\nexcept ImportError:\n    spec = new()\n",
}
V2 = "from torchtitan.models.llama3.infra.parallelize import parallelize_llama\n\n\ndef spec():\n    return 2\n"


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_an_import_stays_by_which_another_file_chooses_between_two_modules(
    project: Path, titan_lint: TitanLint, choice: str
) -> None:
    files = {"_v2.py": V2, "_v3.py": "def spec():\n    return 3\n"}
    write(project / "pkg", {"__init__.py": choice, **files})
    titan_lint("--isolated", "--torchtitan=0.3.0", "--fix", "pkg")
    assert (project / "pkg" / "_v2.py").read_text() == V2


def test_a_choice_by_names_that_are_put_together_is_still_unseen(
    project: Path, titan_lint: TitanLint
) -> None:
    choice = (
        "import importlib\n\nfor name in (2, 3):\n    try:\n"
        "        used = importlib.import_module(f'pkg._v{name}')\n    except ImportError:\n        pass\n"
    )
    files = {"_v2.py": V2, "_v3.py": "def spec():\n    return 3\n"}
    write(project / "pkg", {"__init__.py": choice, **files})
    titan_lint("--isolated", "--torchtitan=0.3.0", "--fix", "pkg")
    assert (project / "pkg" / "_v2.py").read_text() != V2


def test_an_import_stays_where_another_file_chooses_by_what_imports_it(
    project: Path, titan_lint: TitanLint
) -> None:
    files = {"__init__.py": "", "names.py": V2, "_v2.py": "from .names import spec\n"}
    files["_v3.py"] = "import torchtitan\n"
    files["use.py"] = CHOICES["another import"]
    write(project / "pkg", files)
    titan_lint("--isolated", "--torchtitan=0.3.0", "--fix", "pkg")
    assert (project / "pkg" / "names.py").read_text() == V2


def test_a_choice_two_imports_away_is_still_unseen(project: Path, titan_lint: TitanLint) -> None:
    files = {"__init__.py": "", "names.py": V2, "more.py": "from .names import spec\n"}
    files |= {
        "_v2.py": "from .more import spec\n",
        "_v3.py": "",
        "use.py": CHOICES["another import"],
    }
    write(project / "pkg", files)
    titan_lint("--isolated", "--torchtitan=0.3.0", "--fix", "pkg")
    assert (project / "pkg" / "names.py").read_text() != V2


NO_CHOICES = {
    "a bare import": "from pkg._v2 import spec\n",
    "nothing else": "try:\n    from pkg._v2 import spec\nexcept ImportError:\n    pass\n",
    "None": "try:\n    from pkg._v2 import spec\nexcept ImportError:\n    spec = None\n",
    "an error": "try:\n    from pkg._v2 import spec\nexcept ImportError as e:\n    raise SystemExit(1) from e\n",
    "a word of what is missing": "import logging\ntry:\n    from pkg._v2 import spec\nexcept ImportError:\n"
    "    logging.warning('no spec')\n    spec = None\nif spec is None:\n    raise RuntimeError('no spec')\n",
    "another error": "try:\n    from pkg._v2 import spec\nexcept ValueError:\n    from pkg._v3 import spec\n",
    "another module": "try:\n    from other._v2 import spec\nexcept ImportError:\n    from pkg._v3 import spec\n",
    "other modules": "import importlib\n\nNAMES = ['pkg._v2']\nfor name in ('torchtitan.train', 'torchtitan.trainer'):\n"
    "    try:\n        importlib.import_module(name)\n    except ImportError:\n        continue\n",
    "what is offered": "__all__ = []\ntry:\n    from ._v2 import spec\n\n    __all__ += ['spec']\n"
    "except ImportError:\n    spec = None\n",
    "a condition of its own": "import sys\nif sys.argv[1:]:\n    from pkg._v2 import spec\nelse:\n    from pkg._v3 import spec\n",
}


@pytest.mark.parametrize("use", NO_CHOICES.values(), ids=NO_CHOICES)
def test_an_import_is_fixed_where_no_other_file_chooses_by_it(
    project: Path, titan_lint: TitanLint, use: str
) -> None:
    files = {"__init__.py": use, "_v2.py": V2, "_v3.py": "def spec():\n    return 3\n"}
    write(project / "pkg", files)
    titan_lint("--isolated", "--torchtitan=0.3.0", "--fix", "pkg")
    assert (project / "pkg" / "_v2.py").read_text() != V2
