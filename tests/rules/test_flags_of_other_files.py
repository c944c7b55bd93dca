"""A test of what another file of the project learnt by asking torchtitan keeps its branch from being judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from titan_lint.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

UTILS = "from torchtitan.distributed import utils\n"
IN_TRY = "try:\n    import torchtitan.components.lr_scheduler\n"
FLAG = UTILS + 'OLD = hasattr(utils, "maybe_enable_amp")\n'


def reported(folder: Path, capsys: pytest.CaptureFixture[str], **files: str) -> list[str]:
    """The files of a package in which maybe_enable_amp is reported; ``sub__a`` stands for ``sub/a.py``."""
    (folder / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    for name, text in files.items():
        path = folder / "src" / "pkg" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    command = ["--isolated", "--no-cache", "-j1", "--torchtitan", "0.3.0"]
    run([*command, "--output-format", "json", str(folder)])
    return [
        finding["path"].rpartition("pkg/")[2]
        for finding in json.loads(capsys.readouterr().out)["findings"]
        if "maybe_enable_amp" in finding["message"]
    ]


def behind(test: str, imports: str) -> str:
    return f"{imports}{UTILS}def go():\n    if {test}:\n        return utils.maybe_enable_amp()\n"


@pytest.mark.parametrize(
    "flags",
    [
        FLAG,
        UTILS + 'HAS = hasattr(utils, "maybe_enable_amp")\nNEW = not HAS\nOLD = not NEW\n',
        IN_TRY + "    OLD = True\nexcept ImportError:\n    OLD = False\n",
        IN_TRY + "except ImportError:\n    OLD = False\nelse:\n    OLD = True\n",
        IN_TRY.replace("import torchtitan", "import torchtitan as OLD #")
        + "except ImportError:\n    OLD = None\n",
        "from importlib.util import find_spec\nOLD = bool(find_spec('torchtitan.config.job_config'))\n",
        "import importlib.metadata as m\nOLD = m.version('torchtitan').startswith('0.2')\n",
        "import torchtitan\nOLD = torchtitan.__version__ < '0.3'\n",
        "import inspect, torchtitan.train as t\n"
        "OLD = 'x' in inspect.signature(t.Trainer).parameters\n",
        UTILS + 'if hasattr(utils, "maybe_enable_amp"):\n    OLD = 1\nelse:\n    OLD = 0\n',
        FLAG.replace("OLD", "_FOUND") + "FEATURES = {'amp': _FOUND}\nOLD = FEATURES['amp']\n",
    ],
)
@pytest.mark.parametrize(
    ("test", "imports"),
    [
        ("OLD", "from pkg.flags import OLD\n"),
        ("not IS_NEW and IS_OLD", "from .flags import OLD as IS_OLD\nfrom x import IS_NEW\n"),
        ("flags.OLD", "from . import flags\n"),
        ("pkg.flags.OLD is True", "import pkg.flags\n"),
        ("MINE", "from . import flags as f\nMINE = f.OLD\n"),
    ],
)
def test_a_branch_behind_a_flag_of_another_file_is_not_judged(
    flags: str, test: str, imports: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reported(tmp_path, capsys, flags=flags, engine=behind(test, imports)) == []


@pytest.mark.parametrize(
    ("flags", "test", "imports"),
    [
        (
            FLAG + "def is_old():\n    return OLD\n",
            "is_old()",
            "from .flags import is_old\n",
        ),
        (
            UTILS + "def has(name):\n    return hasattr(utils, name)\n",
            "has('maybe_enable_amp')",
            "from .flags import has\n",
        ),
        (
            UTILS
            + "class Compat:\n    OLD = hasattr(utils, 'x')\n    @staticmethod\n    def a(): ...\n",
            "Compat.OLD",
            "from .flags import Compat\n",
        ),
        # The question itself names nothing of torchtitan's.
        (
            "def has(owner, name):\n    return hasattr(owner, name)\n",
            "has(utils, 'maybe_enable_amp')",
            "from .flags import has\n",
        ),
    ],
)
def test_a_branch_behind_an_answer_of_another_file_is_not_judged(
    flags: str, test: str, imports: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reported(tmp_path, capsys, flags=flags, engine=behind(test, imports)) == []


TRUE = {
    "found": "from importlib.util import find_spec\nOLD = bool(find_spec('torchtitan.trainer'))\n",
    "there": UTILS + 'OLD = hasattr(utils, "dist_mean")\n',
    "negated": UTILS + 'NEW = hasattr(utils, "maybe_enable_amp")\nOLD = not NEW\n',
}


@pytest.mark.parametrize("flags", TRUE.values(), ids=TRUE)
@pytest.mark.parametrize(
    ("test", "imports"),
    [("OLD", "from pkg.flags import OLD\n"), ("flags.OLD", "from . import flags\n")],
)
def test_a_branch_is_judged_that_a_flag_of_another_file_lets_the_target_get_to(
    flags: str, test: str, imports: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"flags": flags, "engine": behind(test, imports)}
    assert reported(tmp_path, capsys, **files) == ["engine.py"]
    # Somebody else may set it.
    files["set"] = "from pkg import flags\n\nflags.OLD = False\n"
    assert reported(tmp_path, capsys, **files) == []


def test_an_answer_of_another_file_lets_the_target_get_to_a_branch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = UTILS + 'def is_new():\n    return hasattr(utils, "dist_mean")\n'
    files = {"flags": flags, "engine": behind("is_new()", "from .flags import is_new\n")}
    assert reported(tmp_path, capsys, **files) == ["engine.py"]


HAS = "hasattr(utils, 'maybe_enable_amp')"
FORMS = {
    "a set that is filled": (
        f"{UTILS}FEATURES = set()\nif {HAS}:\n    FEATURES.add('amp')\n",
        "from .flags import FEATURES\n",
        "'amp' in FEATURES",
    ),
    "a dictionary that is filled": (
        f"{UTILS}FEATURES = {{}}\nFEATURES['amp'] = {HAS}\n",
        "from . import flags\n",
        "flags.FEATURES.get('amp')",
    ),
    "a name that the module works out": (
        f"{UTILS}def __getattr__(name):\n    if name == 'OLD':\n        return {HAS}\n"
        "    raise AttributeError(name)\n",
        "from . import flags\n",
        "flags.OLD",
    ),
    "asked for by name": (FLAG, "from . import flags\n", "getattr(flags, 'OLD')"),
    "asked for by name, with a default": (
        FLAG,
        "from pkg import flags as f\n",
        "getattr(f, 'OLD', False)",
    ),
    "set by a function": (
        f"{UTILS}OLD = None\n\n\ndef init():\n    global OLD\n    OLD = {HAS}\n\n\ninit()\n",
        "from . import flags\n",
        "flags.OLD",
    ),
    "set where an import works": (
        "import contextlib\n\nOLD = False\nwith contextlib.suppress(ImportError):\n"
        "    from torchtitan.config import job_config\n\n    OLD = True\n",
        "from .flags import OLD\n",
        "OLD",
    ),
    "an instance": (
        f"{UTILS}class Compat:\n    def __init__(self):\n        self.old = {HAS}\n\n\ncompat = Compat()\n",
        "from .flags import compat\n",
        "compat.old",
    ),
    "a field": (
        f"{UTILS}from dataclasses import dataclass\n\n\n@dataclass\nclass Compat:\n    old: bool = {HAS}\n\n\n"
        "compat = Compat()\n",
        "from .flags import compat\n",
        "compat.old",
    ),
    "a namespace": (
        f"{UTILS}import types\n\ncompat = types.SimpleNamespace(old={HAS})\n",
        "from .flags import compat\n",
        "compat.old",
    ),
}


@pytest.mark.parametrize(("flags", "imports", "test"), FORMS.values(), ids=FORMS)
def test_a_flag_of_another_file_may_have_any_form(
    flags: str, imports: str, test: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reported(tmp_path, capsys, flags=flags, engine=behind(test, imports)) == []
    asked = (
        flags.replace("utils, 'maybe_enable_amp'", "print, 'x'")
        .replace("torchtitan.config import job_config", "os import path")
        .replace('utils, "maybe_enable_amp"', "print, 'x'")
    )
    assert reported(tmp_path, capsys, flags=asked, engine=behind(test, imports)) == ["engine.py"]


IN_CLASSES = {
    "a flag": ("    OLD = hasattr(utils, 'maybe_enable_amp')\n", "self.OLD"),
    "a flag that a class below may have otherwise": (
        "    OLD = hasattr(utils, 'dist_mean')\n",
        "self.OLD",
    ),
    "a property": (
        "    @property\n    def old(self):\n        return hasattr(utils, 'maybe_enable_amp')\n",
        "self.old",
    ),
    "a method": (
        "    def is_old(self):\n        return hasattr(utils, 'maybe_enable_amp')\n",
        "self.is_old()",
    ),
    "a method of the class": (
        "    @classmethod\n    def is_old(cls):\n        return hasattr(utils, 'maybe_enable_amp')\n",
        "type(self).is_old() or self.is_old()",
    ),
    "an attribute": (
        "    def __init__(self):\n        self.old = hasattr(utils, 'maybe_enable_amp')\n",
        "self.old",
    ),
    "what a try sets": (
        "    try:\n        from torchtitan.components import lr_scheduler\n        OLD = True\n"
        "    except ImportError:\n        OLD = False\n",
        "self.OLD",
    ),
}


@pytest.mark.parametrize(("members", "test"), IN_CLASSES.values(), ids=IN_CLASSES)
def test_a_branch_behind_what_a_class_has_from_another_file_is_not_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], members: str, test: str
) -> None:
    flags = f"{UTILS}class Base:\n{members}"
    engine = (
        f"from .flags import Base\n{UTILS}class Engine(Base):\n    def go(self):\n"
        f"        if {test}:\n            return utils.maybe_enable_amp()\n"
    )
    assert reported(tmp_path, capsys, flags=flags, engine=engine) == []
    # A member that asks nothing.
    engine = engine.replace(test, "self.other")
    flags += "    other = 1\n"
    assert reported(tmp_path, capsys, flags=flags, engine=engine) == ["engine.py"]


def test_a_flag_of_a_file_whose_imports_fail_may_change_once_they_are_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = TRUE["there"] + "from torchtitan.config.job_config import JobConfig\n"
    files = {"flags": flags, "engine": behind("OLD", "from pkg.flags import OLD\n")}
    assert reported(tmp_path, capsys, **files) == []


def test_a_flag_may_be_handed_on_by_the_package(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"__init__": "from .sub.flags import OLD\n", "sub__flags": FLAG}
    engine = behind("OLD", "from pkg import OLD\n")
    assert reported(tmp_path, capsys, **files, sub__engine=engine) == []


@pytest.mark.parametrize(
    ("flags", "test", "imports"),
    [
        # A setting, which happens to stand beside a question.
        (FLAG + "DEBUG = True\n", "DEBUG", "from .flags import DEBUG\n"),
        # A question about something else.
        (
            "import os, torchtitan\nOLD = hasattr(os, 'fork')\n",
            "OLD",
            "from .flags import OLD\n",
        ),
        # What a class of the file does in a method is no answer of the class.
        (
            UTILS + "class Engine:\n    def run(self):\n        return hasattr(utils, 'x')\n",
            "Engine",
            "from .flags import Engine\n",
        ),
        # What is done, and not answered.
        (
            UTILS + "def setup():\n    if hasattr(utils, 'x'):\n        print(1)\n",
            "setup()",
            "from .flags import setup\n",
        ),
        # A name of the file's own.
        (FLAG, "OLD", "OLD = 1 + 1\n"),
        # The question is about what the file has, and does not name it.
        ("def use(what):\n    return what\n", "use(utils)", "from .flags import use\n"),
    ],
)
def test_a_branch_behind_another_test_is_judged(
    flags: str, test: str, imports: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"flags": flags, "engine": behind(test, imports)}
    assert reported(tmp_path, capsys, **files) == ["engine.py"]
