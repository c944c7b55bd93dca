"""A choice that is no backend of the target's, as far as the other files of the project tell, is passed only when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from titan_lint.library import lint_paths

if TYPE_CHECKING:
    from pathlib import Path

BUILD = """\
from torchtitan.models.llama3 import model_registry
{0}


def build({1}):
    spec = model_registry("debugmodel")
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = {2}
    return spec
"""
ENGINE = """\
from torchtitan.models.llama3 import model_registry
from base import Base


class Engine(Base):
    def build(self):
        spec = model_registry("debugmodel")
        if hasattr(spec.model, "layer"):
            spec.model.layer.attention.attn_backend = self.attn_type
        return spec
"""
NAME = BUILD.format("from config import ATTN_TYPE", "", "ATTN_TYPE")
RENAMED = BUILD.format("from config import ATTN_TYPE as CHOSEN", "", "CHOSEN")
MODULE = BUILD.format("import config", "", "config.ATTN_TYPE")
FIELD = BUILD.format("", "cfg", "cfg.attn_type")
KEY = BUILD.format("", "cfg", "cfg['attn_type']")
PARAMETER = BUILD.format("", "attn_type", "attn_type")
LAST = BUILD.format("", "flavor, *, attn_type", "attn_type")
RESULT = BUILD.format("from config import chosen\n\nKIND = chosen()", "", "KIND")
BASE = "class Base:\n    def __init__(self, flavor, attn_type{0}):\n        self.attn_type = attn_type\n"
ENUM = "import enum\n\n\nclass Kind(enum.Enum):\n    FLEX = 'flex'\n"

# The file that builds, and what the others say; ``{0}`` is what is given.
GIVEN = {
    "a name": (NAME, {"config.py": "ATTN_TYPE = {0}\n"}),
    "a name with a type": (NAME, {"config.py": "ATTN_TYPE: object = {0}\n"}),
    "one of several names": (NAME, {"config.py": "SIZE, ATTN_TYPE = 1, {0}\n"}),
    "another name": (RENAMED, {"config.py": "ATTN_TYPE = {0}\n"}),
    "a name of a module": (MODULE, {"config.py": "ATTN_TYPE = {0}\n"}),
    "a name of a module that is set elsewhere": (
        MODULE,
        {
            "config.py": "ATTN_TYPE = 'flex'\n",
            "main.py": "import config\n\nconfig.ATTN_TYPE = {0}\n",
        },
    ),
    "a name that is handed on": (
        NAME,
        {"config.py": "from defaults import OURS as ATTN_TYPE\n", "defaults.py": "OURS = {0}\n"},
    ),
    "a name for another one": (
        NAME,
        {
            "config.py": "from defaults import OURS\n\nATTN_TYPE = OURS\n",
            "defaults.py": "OURS = {0}\n",
        },
    ),
    "an attribute of a class": (FIELD, {"config.py": "class Cfg:\n    attn_type = {0}\n"}),
    "a field": (
        FIELD,
        {
            "config.py": "from dataclasses import dataclass\n\n\n@dataclass\nclass Cfg:\n"
            "    attn_type: object = {0}\n"
        },
    ),
    "a field with a factory": (
        FIELD,
        {
            "config.py": "from dataclasses import dataclass, field\n\n\n@dataclass\nclass Cfg:\n"
            "    attn_type: object = field(default={0})\n"
        },
    ),
    "a field by position": (
        FIELD,
        {
            "config.py": "from dataclasses import dataclass\n\n\n@dataclass\nclass Cfg:\n"
            "    flavor: object\n    attn_type: object\n",
            "main.py": "from config import Cfg\n\nmade = Cfg('8B', {0})\n",
        },
    ),
    "a default of a constructor": (FIELD, {"config.py": BASE.format("={0}")}),
    "an argument of a constructor": (
        FIELD,
        {
            "config.py": BASE.format(""),
            "main.py": "from config import Base\n\nmade = Base('8B', {0})\n",
        },
    ),
    "an option": (
        FIELD,
        {
            "config.py": "import argparse\n\nparser = argparse.ArgumentParser()\n"
            "parser.add_argument('--attn-type', default={0})\n"
        },
    ),
    "a property": (
        FIELD,
        {"config.py": "class Cfg:\n    @property\n    def attn_type(self):\n        return {0}\n"},
    ),
    "a setting that is changed": (
        FIELD,
        {"main.py": "def change(cfg):\n    cfg.attn_type = {0}\n"},
    ),
    "a setting that is changed by its name": (
        FIELD,
        {"main.py": "def change(cfg):\n    setattr(cfg, 'attn_type', {0})\n"},
    ),
    "a key": (KEY, {"main.py": "from engine import build\n\nbuild({{'attn_type': {0}}})\n"}),
    "an entry of a file of settings": (KEY, {"config.yaml": "model:\n  attn_type: {0}\n"}),
    "an entry of JSON": (KEY, {"config.json": '{{"attn_type": "{0}", "size": 1}}\n'}),
    "an argument by position": (PARAMETER, {"main.py": "from engine import build\n\nbuild({0})\n"}),
    "an argument by keyword": (
        LAST,
        {"main.py": "import engine\n\nengine.build('8B', attn_type={0})\n"},
    ),
    "an argument of a partial": (
        PARAMETER,
        {
            "main.py": "from functools import partial\nfrom engine import build\n\nmake = partial(build, {0})\n"
        },
    ),
    "an argument of what has another name there": (
        PARAMETER,
        {"main.py": "from engine import build as make\n\nmake({0})\n"},
    ),
    "an argument of what is given another name": (
        PARAMETER,
        {"main.py": "import engine\n\nmake = engine.build\nmake({0})\n"},
    ),
    "one of all names": (
        BUILD.format("from config import *", "", "ATTN_TYPE"),
        {"config.py": "ATTN_TYPE = {0}\n"},
    ),
    "a name that a function sets": (
        MODULE,
        {
            "config.py": "ATTN_TYPE = 'flex'\n\n\ndef load():\n    global ATTN_TYPE\n    ATTN_TYPE = {0}\n"
        },
    ),
    "what a caller was handed": (
        PARAMETER,
        {
            "main.py": "from engine import build\n\n\ndef make(kind):\n    return build(kind)\n",
            "more.py": "from main import make\n\nmake({0})\n",
        },
    ),
    "what a function gives": (RESULT, {"config.py": "def chosen():\n    return {0}\n"}),
    "a default of the base": (ENGINE, {"base.py": BASE.format("={0}")}),
    "an argument of what derives": (
        ENGINE,
        {"base.py": BASE.format(""), "main.py": "from engine import Engine\n\nEngine('8B', {0})\n"},
    ),
    "an argument for super": (
        ENGINE,
        {
            "base.py": BASE.format(""),
            "main.py": "from engine import Engine\n\n\nclass Mine(Engine):\n"
            "    def __init__(self, flavor):\n        super().__init__(flavor, {0})\n",
        },
    ),
    "an argument for the base by its name": (
        ENGINE.replace(
            "    def build",
            "    def __init__(self):\n        Base.__init__(self, '8B', {0})\n\n    def build",
        ),
        {"base.py": BASE.format("")},
    ),
    "set by what derives": (
        ENGINE,
        {
            "base.py": BASE.format(""),
            "main.py": "from engine import Engine\n\n\nclass Mine(Engine):\n"
            "    def __init__(self):\n        self.attn_type = {0}\n",
        },
    ),
}
IN_SETTINGS = {"an entry of a file of settings", "an entry of JSON"}
NO_BACKENDS = ("None", "'sdpa'", "1", "('flex', 'varlen')", "Kind.FLEX", "f'{kind}'")

OTHERWISE = {
    "a property that raises": (
        ENGINE,
        {
            "base.py": "class Base:\n    @property\n    def attn_type(self):\n"
            "        raise NotImplementedError\n"
        },
    ),
    "an enum of a third file": (
        FIELD,
        {
            "kinds.py": ENUM,
            "config.py": "from kinds import Kind\n\n\nclass Cfg:\n    attn_type = Kind.FLEX\n",
        },
    ),
    "the engine's own enum of another file": (
        BUILD.format("from kinds import Kind", "", "Kind.FLEX"),
        {"kinds.py": ENUM},
    ),
    "declared as an enum of a third file": (
        FIELD,
        {
            "kinds.py": ENUM,
            "config.py": "from dataclasses import dataclass\n\nfrom kinds import Kind\n\n\n"
            "@dataclass\nclass Cfg:\n    attn_type: Kind\n",
        },
    ),
    "declared as a number": (
        FIELD,
        {
            "config.py": "from dataclasses import dataclass\n\n\n@dataclass\nclass Cfg:\n"
            "    attn_type: int\n"
        },
    ),
    "declared as what may be none": (
        FIELD,
        {
            "config.py": "from dataclasses import dataclass\n\n\n@dataclass\nclass Cfg:\n"
            "    attn_type: str | None\n"
        },
    ),
    "an option without a default": (
        FIELD,
        {
            "config.py": "import argparse\n\n\ndef parse(parser):\n"
            "    parser.add_argument('--attn-type', choices=['flex', 'varlen'])\n"
        },
    ),
    "a variable of the environment": (
        NAME,
        {"config.py": "import os\n\nATTN_TYPE = os.environ.get('ATTN')\n"},
    ),
    "a function that may give nothing": (
        RESULT,
        {
            "config.py": "def chosen(kinds):\n    for kind in kinds:\n        return 'flex'\n    return\n"
        },
    ),
    "an entry that is null": (KEY, {"config.yaml": "attn_type: null\nsize: 1\n"}),
    "an entry that is empty": (KEY, {"config.yaml": "attn_type:\nsize: 1\n"}),
}
TAKEN = {
    "nothing is said": (FIELD, {"main.py": "from engine import build\n\nbuild(load())\n"}),
    "declared as a string": (
        FIELD,
        {
            "config.py": "from dataclasses import dataclass\n\n\n@dataclass\nclass Cfg:\n"
            "    attn_type: str\n"
        },
    ),
    "a required option": (
        FIELD,
        {
            "config.py": "def parse(parser):\n    parser.add_argument('--attn-type', required=True)\n"
        },
    ),
    "a property that must be overridden": (
        ENGINE,
        {
            "base.py": "import abc\n\n\nclass Base(abc.ABC):\n    @property\n    @abc.abstractmethod\n"
            "    def attn_type(self): ...\n"
        },
    ),
    "an entry that is worked out": (
        KEY,
        {"config.yaml": "attn_type: ${oc.select:actor.attn_type,flex}\nother: ???\n"},
    ),
    "another setting": (
        FIELD,
        {"main.py": "def change(cfg):\n    cfg.vision_attn_type = 'sdpa'\n"},
    ),
    "another function": (PARAMETER, {"main.py": "from other import rebuild\n\nrebuild(None)\n"}),
    "a test passes what is refused": (
        PARAMETER,
        {"tests/test_engine.py": "from engine import build\n\nbuild('sdpa')\n"},
    ),
}

Files = tuple[str, dict[str, str]]


def applicabilities(folder: Path, case: Files, given: str = "") -> set[str]:
    text, others = case
    (folder / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "0"\n')
    for name, other in {"engine.py": text, **others}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if given:
            other = other.replace("{0}", given).replace("{{", "{").replace("}}", "}")
        path.write_text(
            f"{ENUM}\n\n{other}" if given == "Kind.FLEX" and path.suffix == ".py" else other
        )
    done = lint_paths(folder, torchtitan="0.3.0", no_cache=True, jobs=1)
    return {
        finding.fix.applicability.value
        for file in done.files
        for finding in file.findings
        if finding.code in ("TTN101", "TTN103") and finding.fix is not None
    }


@pytest.mark.parametrize("given", NO_BACKENDS)
@pytest.mark.parametrize("case", [case for case in GIVEN if case not in IN_SETTINGS])
def test_what_another_file_gives_is_no_backend(case: str, given: str, tmp_path: Path) -> None:
    assert applicabilities(tmp_path, GIVEN[case], given) == {"unsafe"}


@pytest.mark.parametrize("case", sorted(IN_SETTINGS))
def test_what_a_file_of_settings_gives_is_no_backend(case: str, tmp_path: Path) -> None:
    assert applicabilities(tmp_path, GIVEN[case], "sdpa") == {"unsafe"}


@pytest.mark.parametrize("given", ["'flex'", "'varlen'"])
@pytest.mark.parametrize("case", GIVEN)
def test_what_another_file_gives_is_a_backend(case: str, given: str, tmp_path: Path) -> None:
    given = given.strip("'") if case in IN_SETTINGS else given
    assert applicabilities(tmp_path, GIVEN[case], given) == {"safe"}


@pytest.mark.parametrize("case", OTHERWISE)
def test_what_another_file_says_of_a_choice_is_against_it(case: str, tmp_path: Path) -> None:
    assert applicabilities(tmp_path, OTHERWISE[case]) == {"unsafe"}


@pytest.mark.parametrize("case", TAKEN)
def test_nothing_that_another_file_says_of_a_choice_is_against_it(
    case: str, tmp_path: Path
) -> None:
    assert applicabilities(tmp_path, TAKEN[case]) == {"safe"}
