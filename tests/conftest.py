"""Settings that every test shares."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests import projects
from titan_lint import newer_data

if TYPE_CHECKING:
    from pathlib import Path

# Tests run side by side, and so small are the models that two threads of Torch in each of them take
# ten times as long as one, waiting for each other. Read when torch is imported, here or further down.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# What the user of the machine has of newer data is not what is tested, here or in processes further down.
os.environ[newer_data.VARIABLE] = ""

# Without, every process that a test starts compiles all of titan-lint anew, which takes it four times as long.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A property test that a slow machine interrupts says nothing about the property.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a file in one process, so that what their fixtures make is made once.

    That is ``--dist loadfile``, also where only ``-n`` is given. It would begin with the files of the most
    tests, and one process would be left alone with the last file of two tests that take a minute.
    """
    config.option.loadscopereorder = False
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


DEAR = {"verify", "docs", "jobs", "codemods", "robustness", "run"}
"""The folders of files that may take a minute, whatever the number of their tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that what is left in the end is short."""
    items.sort(key=lambda item: item.path.parent.name not in DEAR)


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not among the tests and what they import: that stays to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the caller's colours and configuration out of what the tests see."""
    for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)


PYPROJECT = """\
[project]
name = "p"
dependencies = ["torchtitan==0.3.0"]

[tool.titan-lint]
select = ["TTN105", "TTN106", "TTN107", "TTN901"]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that pins torchtitan 0.3.0, runs a few rules, and is the current directory."""
    path = tmp_path / "project"
    path.mkdir()
    (path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def titan_lint(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> projects.TitanLint:
    """The command line, run in this process."""
    return projects.runner(monkeypatch, capfdbinary)
