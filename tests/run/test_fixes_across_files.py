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
