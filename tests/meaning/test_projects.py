"""Safe fixes of a file in a project keep what the other files make of it."""

from __future__ import annotations

import logging
import sys
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.meaning import tool
from tests.meaning.hooks import SAFE
from tests.meaning.known import PROJECTS as KNOWN
from tests.meaning.projects import PROJECTS
from tests.meaning.properties import without_defaults
from tests.meaning.running import Run, run
from tests.meaning.standin import Age

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


def run_in(folder: Path, age: Age) -> Run:
    """Run a project's ``main.py``."""
    sys.path.insert(0, str(folder))
    kept = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        with _own_logging():
            return run((folder / "main.py").read_text("utf-8") + _MODELS, age)
    finally:
        sys.path.remove(str(folder))
        sys.dont_write_bytecode = kept
        for name, module in list(sys.modules.items()):
            if (getattr(module, "__file__", None) or "").startswith(str(folder)):
                del sys.modules[name]


@contextmanager
def _own_logging() -> Generator[None]:
    """What a project does to logging and warnings ends with it."""
    root, factory, shown = logging.getLogger(), logging.getLogRecordFactory(), warnings.showwarning
    filters, handlers = [*root.filters], [*root.handlers]
    try:
        yield
    finally:
        root.filters[:], root.handlers[:] = filters, handlers
        logging.setLogRecordFactory(factory)
        warnings.showwarning = shown


# The stand-in has the models that the program names; other files may name them, too.
_MODELS = "\n# llama3\n"


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all projects, fixed by one run of the command."""
    root = tmp_path_factory.mktemp("projects")
    for name, files in PROJECTS.items():
        write(root / slug(name), files)
    tool.command(root, "--torchtitan", tool.TARGET, "--fix", "--no-cache", ".")
    return root


@pytest.fixture(scope="module")
def unfixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, as it was."""
    root = tmp_path_factory.mktemp("unfixed")
    for name, files in PROJECTS.items():
        write(root / slug(name), files)
    return root


def slug(name: str) -> str:
    return name.replace(" ", "-")


def write(folder: Path, files: dict[str, str]) -> None:
    """Write a project into a folder, which becomes its root."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    (folder / "pyproject.toml").write_text('[project]\nname = "p"\n', "utf-8")


def does_what_was_meant(files: dict[str, str], unfixed: Path, fixed: Path) -> bool:
    """Whether a project still does at the target what it did at the old version, or it is left alone."""
    meant = run_in(unfixed, Age.OLD)
    was = run_in(unfixed, Age.NEW)
    expected = was if meant.error and not was.error else meant
    assert not expected.error
    if all((fixed / path).read_text("utf-8") == text for path, text in files.items()):
        return True
    now = run_in(fixed, Age.NEW)
    return (without_defaults(now.events), now.error) == (
        without_defaults(expected.events),
        expected.error,
    )


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.xfail(strict=True)] if name in KNOWN else [])
        for name in PROJECTS
    ],
)
def test_project_does_what_was_meant(name: str, fixed: Path, unfixed: Path) -> None:
    assert does_what_was_meant(PROJECTS[name], unfixed / slug(name), fixed / slug(name))


def test_every_known_failure_is_a_project() -> None:
    assert set(PROJECTS) >= KNOWN


def test_imports_of_several_files_are_fixed(fixed: Path, unfixed: Path) -> None:
    name = slug("imports of two files")
    for path in ("names.py", "main.py"):
        assert (fixed / name / path).read_text() != (unfixed / name / path).read_text()


def test_names_that_other_files_have_from_a_module_are_fixed_all_the_same(fixed: Path) -> None:
    """They keep their old name with ``as``, or it is the module alone that is another one."""
    for name in (name for name in PROJECTS if ", which another file " in name):
        assert any(
            (fixed / slug(name) / path).read_text("utf-8") != text
            for path, text in PROJECTS[name].items()
        ), name


@pytest.mark.parametrize("name", SAFE)
def test_what_changes_nothing_stands_in_no_fixs_way(name: str, fixed: Path) -> None:
    assert "attn_backend=cfg.attn_type" in (fixed / slug(name) / "main.py").read_text("utf-8")


def test_a_file_of_settings_that_changes_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "names.py").write_text(
        "from torchtitan.config.job_config import Training\n\nDEFAULT = Training(steps=1)\n"
    )
    command = ("--torchtitan", tool.TARGET, "--cache-dir", "cache", "--diff", "names.py")
    kept = b"TrainingConfig as Training"
    assert kept not in tool.command(tmp_path, *command).stdout
    (tmp_path / "run.yaml").write_text("_target_: names.Training\n")
    assert kept in tool.command(tmp_path, *command).stdout
    (tmp_path / "run.yaml").write_text("_target_: others.Training\n")
    assert kept not in tool.command(tmp_path, *command).stdout


_TRAINING = (
    "from torchtitan.config.job_config import Training\nfrom torchtitan.trainer import Trainer\n\n\n"
    "def build():\n    return Trainer(Trainer.Config(training=Training(steps=1)))\n"
)
_DEFAULT = (
    "from torchtitan.config import ParallelismConfig\n\n"
    'parallelism = ParallelismConfig(spmd_backend="default")\n'
)
_ENGINE = (
    "from torchtitan.config.job_config import Training\n\n\n"
    "def build():\n    return Training(steps=1)\n"
)
_POLICY = (
    "from torchtitan.config import ActivationCheckpointConfig\n\n"
    'policy = ActivationCheckpointConfig(mode="full")\n'
)
_ADAMW = (
    "from torchtitan.components.optimizer import OptimizersContainer\n\n"
    "optimizer = OptimizersContainer.Config(lr=0.5)\n"
)
_READ = "from torchtitan.models.llama3 import llama3_configs\n\nwidth = llama3_configs['8B'].dim\n"


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        # A mock takes what it is called with.
        (_TRAINING, 'from unittest.mock import patch\n\nimport engine\n\nwith patch("engine.Training"):\n    engine.build()\n', "disable_cuda_graphs=True"),
        # The name of another module.
        (_TRAINING, 'from unittest.mock import patch\n\nimport engine\n\nwith patch("other.Training", None):\n    engine.build()\n', "disable_cuda_graphs=True"),
        # It is read, and held against nothing that has another name now.
        (_DEFAULT, "def tell(config):\n    return config.spmd_backend\n", '"partial_dtensor"'),
        (_DEFAULT, 'def tell(config):\n    return config.spmd_backend == "full_dtensor"\n', '"partial_dtensor"'),
        # The word stands for something else.
        (_DEFAULT, 'def tell(mode="default"):\n    return mode\n', '"partial_dtensor"'),
        # The word is that of something else, though the module is named beside it.
        (_ENGINE, "import engine\nfrom torchtitan.config.job_config import Training\n\nengine.build()\nprint(Training)\n", "import TrainingConfig\n"),
        (_ENGINE, "from engine import build\n\n\nclass Training:\n    pass\n\n\nbuild()\n", "import TrainingConfig\n"),
        (_ENGINE, "from engine import build\n\nbuild()\n# Training\n", "import TrainingConfig\n"),
        (_ENGINE, "from engine import build\n\nbuild()\nprint('Training ended')\n", "import TrainingConfig\n"),
        (_ENGINE, "import torchtitan.config.job_config as theirs\nfrom engine import build\n\nbuild()\nprint(theirs.Training)\n", "import TrainingConfig\n"),
        # What reads it is a mode, or settings, of something else.
        (_POLICY, "class Mine:\n    def __init__(self):\n        self.mode = 'fast'\n\n    def tell(self):\n        return self.mode\n", "FullAC.Config()"),
        (_POLICY, "def read(path):\n    return open(path, mode='rb')\n", "FullAC.Config()"),
        (_POLICY, "def tell(config):\n    return config.debug\n", "FullAC.Config()"),
        (_ADAMW, "def tell(config):\n    return config.lr\n", "default_adamw(lr=0.5)"),
        (_ADAMW, "def tell(torch, parameters):\n    return torch.optimizer(parameters, lr=0.5)\n", "default_adamw(lr=0.5)"),
        # Another key.
        (_READ, "from torchtitan.models.llama3 import llama3_configs\n\nllama3_configs['own'] = None\n", "model_registry('8B').model.dim"),
    ],
)  # fmt: skip
def test_what_another_file_leaves_alone_is_fixed(
    text: str, other: str, expected: str, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "engine.py").write_text(text)
    (tmp_path / "other.py").write_text(other)
    command = ("--torchtitan", tool.TARGET, "--from", "0.2.2", "--fix", "--no-cache")
    tool.command(tmp_path, *command, "engine.py")
    assert expected in (tmp_path / "engine.py").read_text()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (_POLICY, 'replace(config.activation_checkpoint, mode="none")'),
        (_POLICY, 'config.activation_checkpoint.__replace__(mode="none")'),
        (_POLICY, "attrgetter('activation_checkpoint.mode')(config)"),
        (_ADAMW, "replace(config.optimizer, lr=1e-5)"),
        (_ADAMW, 'attrgetter("optimizer.lr")(config)'),
        (_ADAMW, "config.optimizer.betas if config.optimizer.eps else None"),
        (_ADAMW, "(held := config.optimizer) and held.lr"),
    ],
)
@pytest.mark.parametrize("is_beside", [False, True])
def test_a_setting_that_is_asked_for_in_any_way_keeps_its_config(
    text: str, asked: str, is_beside: bool, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").touch()
    other = f"from dataclasses import replace\nfrom operator import attrgetter\n\n\ndef tell(config):\n    return {asked}\n"
    (tmp_path / "engine.py").write_text(text if is_beside else f"{text}\n\n{other}")
    (tmp_path / "other.py").write_text(other if is_beside else "")
    before = (tmp_path / "engine.py").read_text()
    command = ("--torchtitan", tool.TARGET, "--from", "0.2.2", "--no-cache", "engine.py")
    tool.command(tmp_path, "--fix", *command)
    assert (tmp_path / "engine.py").read_text() == before
    tool.command(tmp_path, "--fix", "--unsafe-fixes", *command)
    assert (tmp_path / "engine.py").read_text() != before


def test_a_setting_of_what_the_file_makes_itself_is_asked_for_under_any_name(
    tmp_path: Path,
) -> None:
    (tmp_path / "pyproject.toml").touch()
    command = ("--torchtitan", tool.TARGET, "--from", "0.2.2", "--no-cache", "--fix", "engine.py")
    for read, stays in (("made.lr", True), ("other.lr", False)):
        text = f"{_ADAMW.replace('optimizer =', 'made =')}\n\ndef tell(other):\n    return {read}\n"
        (tmp_path / "engine.py").write_text(text)
        tool.command(tmp_path, *command)
        assert ((tmp_path / "engine.py").read_text() == text) is stays
