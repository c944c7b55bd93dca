"""A module for another torchtitan, which another file imports only where that one is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from titan_lint.library import lint_paths
from titan_lint.run import projects

if TYPE_CHECKING:
    from collections.abc import Mapping

GONE = "from torchtitan.config.job_config import JobConfig\n"
OLD = f"{GONE}\n\ndef make():\n    from torchtitan.protocols.train_spec import get_train_spec\n\n    return get_train_spec('llama3')\n"
NEW = "from torchtitan.trainer import Trainer\n\n\ndef make():\n    return Trainer\n"
ASKED = 'find_spec("torchtitan.config.job_config")'
FIND = "from importlib.util import find_spec\n\n"


def said(folder: Path, files: Mapping[str, str], torchtitan: str = "0.3.0") -> set[str]:
    """The files in which something is found."""
    whole = {"pyproject.toml": "[project]\nname = 'demo'\n", "pkg/__init__.py": "", **files}
    for name, text in whole.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = lint_paths(folder, torchtitan=torchtitan, no_cache=True, jobs=1)
    return {
        Path(file.path).name
        for file in done.files
        for finding in file.findings
        if finding.code in {"TTN201", "TTN202", "TTN203"}
    }


CHOICES = {
    "tried first": "try:\n    from pkg.old import make\nexcept ImportError:\n    from pkg.new import make\n",
    "tried last": "try:\n    from .new import make\nexcept ImportError:\n    from .old import make\n",
    "tried for torchtitan": "try:\n    import torchtitan.config.job_config\n    from .old import make\n"
    "except ImportError:\n    from .new import make\n",
    "a function that leaves": "def make():\n    try:\n        import torchtitan.trainer\n    except ImportError:\n"
    "        from .old import make\n        return make()\n    from .new import make\n    return make()\n",
    "a condition": f"{FIND}if {ASKED}:\n    from .old import make\nelse:\n    from .new import make\n",
    "a flag": f"{FIND}OLD = {ASKED} is not None\nif OLD:\n    from .old import make\nelse:\n    from .new import make\n",
    "a flag of another file": "from pkg.flags import OLD\n\nif OLD:\n    from .old import make\nelse:\n"
    "    from .new import make\n",
    "a name": f"import importlib\n{FIND}used = importlib.import_module('pkg.old' if {ASKED} else 'pkg.new')\n",
    "a name that is put together": f"import importlib\n{FIND}name = 'old' if {ASKED} else 'new'\n"
    "used = importlib.import_module(f'pkg.{name}')\n",
    "a table": f"import importlib\n{FIND}NAMES = {{True: '.old', False: '.new'}}\n"
    f"used = importlib.import_module(NAMES[{ASKED} is not None], 'pkg')\n",
    "a table that is asked": f"import importlib\n{FIND}NAMES = {{True: 'pkg.old'}}\n"
    f"used = importlib.import_module(NAMES.get({ASKED} is not None, 'pkg.new'))\n",
    "a table on the spot": f"import importlib\n{FIND}"
    f"used = importlib.import_module(('pkg.new', 'pkg.old')[{ASKED} is not None])\n",
    "a table by a flag of another file": "import importlib\n\nfrom pkg.flags import OLD\n\n"
    "NAMES = {True: 'pkg.old', False: 'pkg.new'}\n\n\ndef load():\n    return importlib.import_module(NAMES[OLD])\n",
    "a table by a test of which the answer is not known": "import importlib\n\nimport torchtitan\n\n"
    "NAMES = {True: 'pkg.old', False: 'pkg.new'}\n"
    "used = importlib.import_module(NAMES[torchtitan.__version__.startswith('0.2')])\n",
    "a test of which the answer is not known": "import torchtitan\n\n"
    "if torchtitan.__version__.startswith('0.2'):\n    from .old import make\nelse:\n    from .new import make\n",
    "the first that is there": "import importlib\n\n\ndef load():\n    for name in ('pkg.old', 'pkg.new'):\n"
    "        try:\n            return importlib.import_module(name)\n        except ImportError:\n"
    "            continue\n",
}
FLAGS = f"{FIND}OLD = {ASKED} is not None\n"


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_nothing_is_said_of_a_module_that_is_for_another_version(
    tmp_path: Path, choice: str
) -> None:
    files = {"pkg/old.py": OLD, "pkg/new.py": NEW, "pkg/flags.py": FLAGS, "pkg/use.py": choice}
    assert said(tmp_path, files) == set()


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_what_one_more_file_imports_without_a_choice_is_judged(tmp_path: Path, choice: str) -> None:
    files = {"pkg/old.py": OLD, "pkg/new.py": NEW, "pkg/flags.py": FLAGS, "pkg/use.py": choice}
    assert said(tmp_path, {**files, "main.py": "import pkg.old\n"}) == {"old.py"}


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_a_project_of_which_not_all_is_kept_parsed_is_judged_alike(
    tmp_path: Path, choice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projects, "_KEPT", 0)
    files = {"pkg/old.py": OLD, "pkg/new.py": NEW, "pkg/flags.py": FLAGS, "pkg/use.py": choice}
    assert said(tmp_path, files) == set()
    assert said(tmp_path, {**files, "main.py": "import pkg.old\n"}) == {"old.py"}


def test_a_package_is_for_another_version_as_a_whole(tmp_path: Path) -> None:
    files = {"pkg/old/__init__.py": "from .names import make\n", "pkg/old/names.py": OLD}
    whole = {**files, "pkg/new.py": NEW, "pkg/use.py": CHOICES["a condition"]}
    assert said(tmp_path, whole) == set()
    assert said(tmp_path, {**whole, "main.py": "from pkg.old import names\n"}) == {"names.py"}


def test_what_an_import_that_fails_keeps_from_running_is_judged(tmp_path: Path) -> None:
    """Its fix brings the other one to life."""
    use = "import torchtitan.config.job_config as asked\n\nif hasattr(asked, 'JobConfig'):\n    from .old import make\n"
    files = {"pkg/old.py": OLD, "pkg/use.py": use}
    assert said(tmp_path, files) == {"old.py", "use.py"}


def test_what_runs_where_the_import_does_not_fail_is_judged(tmp_path: Path) -> None:
    late = OLD.removeprefix(GONE)
    files = {"pkg/new.py": NEW, "pkg/use.py": CHOICES["tried first"]}
    assert said(tmp_path, {**files, "pkg/old.py": late}) == {"old.py"}


def test_the_other_module_is_judged(tmp_path: Path) -> None:
    files = {"pkg/old.py": OLD, "pkg/new.py": GONE, "pkg/use.py": CHOICES["tried first"]}
    assert said(tmp_path, files) == {"new.py"}


REPORTED = {
    "a feature": "try:\n    from .old import make\nexcept ImportError:\n    pass\n",
    "a feature that is None": "try:\n    from .old import make\nexcept ImportError:\n    make = None\n",
    "a feature with a word": "try:\n    from .old import make\nexcept ImportError:\n    import warnings\n\n"
    "    warnings.warn('none')\n",
    "another condition": "import sys\n\nif sys.argv[1:]:\n    from .old import make\nelse:\n    from .new import make\n",
    "all plugins": "import importlib\n\nfor name in ('pkg.old', 'pkg.new'):\n    try:\n"
    "        importlib.import_module(name)\n    except ImportError:\n        continue\n",
    "no import": "make = None\n",
    "a stub": "try:\n    from .old import make\nexcept ImportError:\n    from .stub import make\n",
    "another package": "try:\n    from .old import make\nexcept ImportError:\n    from verl import make\n",
    "a table by another word": "import importlib\nimport sys\n\nNAMES = {'a': 'pkg.old', 'b': 'pkg.new'}\n"
    "used = importlib.import_module(NAMES[sys.argv[1]])\n",
    "the side of a table that is taken": f"import importlib\n{FIND}NAMES = {{True: 'pkg.new', False: 'pkg.old'}}\n"
    f"used = importlib.import_module(NAMES[{ASKED} is not None])\n",
    "a table that gets its name later": f"import importlib\n{FIND}NAMES = {{True: 'pkg.new'}}\n"
    f"NAMES[False] = 'pkg.old'\nused = importlib.import_module(NAMES[{ASKED} is not None])\n",
    "a name that comes from elsewhere": f"import importlib\n{FIND}OLD = 'pkg.old'\n"
    f"used = importlib.import_module('pkg.new' if {ASKED} else OLD)\n",
    "a table with another use": f"import importlib\n{FIND}NAMES = {{True: 'pkg.old', False: 'pkg.new'}}\n"
    f"used = importlib.import_module(NAMES[{ASKED} is not None])\nall_of_them = [*map(importlib.import_module, NAMES.values())]\n",
    "the side that is taken": f"{FIND}if not {ASKED}:\n    from .old import make\nelse:\n    from .new import make\n",
}


@pytest.mark.parametrize("use", REPORTED.values(), ids=REPORTED)
def test_a_module_is_judged_that_the_target_may_need(tmp_path: Path, use: str) -> None:
    files = {"pkg/old.py": OLD, "pkg/new.py": NEW, "pkg/use.py": use}
    files["pkg/stub.py"] = "def make():\n    raise RuntimeError('not installed')\n"
    assert said(tmp_path, files) == {"old.py"}


@pytest.mark.parametrize(
    "more",
    [
        {"pkg/old.py": f"{OLD}\n\nif __name__ == '__main__':\n    make()\n"},
        {"run.yaml": "make: pkg.old.make\n"},
    ],
    ids=["a script", "a setting"],
)
def test_a_module_is_judged_that_may_be_run_otherwise(tmp_path: Path, more: dict[str, str]) -> None:
    files = {"pkg/old.py": OLD, "pkg/new.py": NEW, "pkg/use.py": CHOICES["tried first"]}
    assert said(tmp_path, {**files, **more}) == {"old.py"}
