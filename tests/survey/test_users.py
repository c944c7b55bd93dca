"""Who uses a name of torchtitan's: by which paths and forms, in which repositories, and how it is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from titan_lint.survey import pool
from titan_lint.survey.repositories import Repository
from titan_lint.survey.users import Used, Users

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

SCHEDULERS = "torchtitan.components.lr_scheduler.LRSchedulersContainer"
"""Where it is up to 0.2.2; at 0.3.0 it is in ``torchtitan.components.optimizer``."""

OPTIMIZERS = "torchtitan.components.optimizer.OptimizersContainer"


def asked(
    root: Path, name: str, parameter: str = "", *, torchtitan: str = "0.2.2", **files: str
) -> Used:
    for module, text in files.items():
        (root / f"{module}.py").write_text(text)
    question = Users(name, parameter, torchtitan, root / ".kept", 1_000_000)
    (answer,) = pool.survey([Repository("a", "path", str(root))], question, jobs=1, seconds=60)
    assert (answer.failure, answer.unchecked) == ("", ())
    return answer


def lines(answer: Used) -> list[tuple[str, int]]:
    return [(use.path, use.line) for use in answer.uses]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            OPTIMIZERS,
            f"from {OPTIMIZERS.rpartition('.')[0]} import OptimizersContainer as O\nO\n",
            [1, 2],
        ),
        (OPTIMIZERS, "import torchtitan.components.optimizer as o\no.OptimizersContainer\n", [2]),
        (
            OPTIMIZERS,
            "import importlib\n"
            "m = importlib.import_module('torchtitan.components.optimizer')\n"
            "x = m.OptimizersContainer\n",
            [3],
        ),
        (OPTIMIZERS, f"patch('{OPTIMIZERS}')\n", [1]),
        (
            f"{OPTIMIZERS}.step",
            "from torchtitan.components.optimizer import OptimizersContainer\n"
            "def f(given: OptimizersContainer):\n    given.step()\n",
            [3],
        ),
        (
            f"{OPTIMIZERS}.step",
            "from torchtitan.components.optimizer import OptimizersContainer\n"
            "class Mine(OptimizersContainer):\n    def step(self): pass\n    def other(self): pass\n",
            [3],
        ),
        (
            "torchtitan.components.optimizer",
            "from torchtitan.components import optimizer\n"
            "from torchtitan.components.optimizer import OptimizersContainer\n",
            [1, 2],
        ),
        (
            OPTIMIZERS,
            "from mine import OptimizersContainer\nOptimizersContainer.step\n'torchtitan'\n",
            [],
        ),
        (OPTIMIZERS, "from torchtitan.components.optimizer import build_optimizers\n", []),
    ],
)
def test_a_name_is_found_whatever_it_is_called(
    name: str, text: str, expected: list[int], tmp_path: Path
) -> None:
    answer = asked(tmp_path, name, engine=text)
    assert lines(answer) == [("engine.py", line) for line in expected]
    assert all(use.certain for use in answer.uses)


@pytest.mark.parametrize(
    ("module", "torchtitan"),
    [("torchtitan.components.lr_scheduler", "0.2.2"), ("torchtitan.components.optimizer", "0.3.0")],
)
@pytest.mark.parametrize("name", [SCHEDULERS, SCHEDULERS.replace("lr_scheduler", "optimizer")])
def test_what_has_moved_is_found_by_either_path(
    name: str, module: str, torchtitan: str, tmp_path: Path
) -> None:
    text = f"from {module} import LRSchedulersContainer\n"
    assert lines(asked(tmp_path, name, torchtitan=torchtitan, engine=text)) == [("engine.py", 1)]


@pytest.mark.parametrize("name", ["model.Transformer", "Llama3Model"])
@pytest.mark.parametrize(
    ("module", "used", "torchtitan"),
    [("model.model", "Transformer", "0.2.2"), ("model", "Llama3Model", "0.3.0")],
)
def test_what_was_renamed_is_found_by_either_name(
    name: str, module: str, used: str, torchtitan: str, tmp_path: Path
) -> None:
    text = f"from torchtitan.models.llama3.{module} import {used}\n"
    name = f"torchtitan.models.llama3.model.{name}"
    assert lines(asked(tmp_path, name, torchtitan=torchtitan, engine=text)) == [("engine.py", 1)]


def test_a_name_is_followed_through_modules_of_the_project(tmp_path: Path) -> None:
    answer = asked(
        tmp_path,
        OPTIMIZERS,
        __init__="",
        shared="from torchtitan.components.optimizer import OptimizersContainer as Shared\n",
        engine="import torchtitan\nfrom shared import Shared\n\nx = Shared\n",
    )
    assert ("engine.py", 4) in lines(answer)
    assert ("shared.py", 1) in lines(answer)


def test_what_may_be_something_else_is_not_certain(tmp_path: Path) -> None:
    text = (
        "from torchtitan.components.optimizer import OptimizersContainer as A\n"
        "from torchtitan.components.lr_scheduler import LRSchedulersContainer as B\n"
        "def f(flag):\n    x = A if flag else B\n    return x\n"
    )
    answer = asked(tmp_path, OPTIMIZERS, engine=text)
    assert [(use.line, use.certain) for use in answer.uses] == [(1, True), (4, True), (5, False)]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("build_lr_schedulers(optimizers=o, training_steps=3)", [2]),
        ("build_lr_schedulers(o, c, 3)", [2]),
        ("build_lr_schedulers(**{'training_steps': 3})", [2]),
        ("build_lr_schedulers(o)", []),
        ("other(training_steps=3)", []),
    ],
)
def test_calls_that_pass_a_parameter_are_found(
    call: str, expected: list[int], tmp_path: Path
) -> None:
    name = "torchtitan.components.lr_scheduler.build_lr_schedulers"
    text = f"from torchtitan.components.lr_scheduler import build_lr_schedulers\n{call}\n"
    answer = asked(tmp_path, name, "training_steps", torchtitan="0.2.0", engine=text)
    assert [use.line for use in answer.uses] == expected


def test_a_name_is_found_in_notebooks_and_in_documents_that_are_checked(tmp_path: Path) -> None:
    use = "from torchtitan.components.optimizer import OptimizersContainer as O"
    cells = [
        {
            "cell_type": kind,
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for kind, source in (("code", ["%time 1\n", use]), ("markdown", [use]))
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "b.md").write_text(f"# Use\n\n```python\n{use}\n```\n")
    answer = asked(tmp_path, OPTIMIZERS)
    assert [str(use) for use in answer.uses] == ["a.ipynb:cell 1:2:45"]
    (tmp_path / "pyproject.toml").write_text("[tool.titan-lint]\nextend-include = ['*.md']\n")
    answer = asked(tmp_path, OPTIMIZERS)
    assert [str(use) for use in answer.uses] == ["a.ipynb:cell 1:2:45", "b.md:4:45"]


def test_the_command_says_who_uses_a_name(tmp_path: Path, titan_lint: TitanLint) -> None:
    for name, text in {"a": f"import torchtitan\nx = '{OPTIMIZERS}'\n", "b": ""}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "engine.py").write_text(text)
    listed = "".join(f"[[repository]]\npath = '{name}'\n" for name in ("a", "b", "away"))
    (tmp_path / "repos.toml").write_text(listed)
    words = ("--repos", str(tmp_path / "repos.toml"), "--cache-dir", str(tmp_path / "kept"))
    ran = titan_lint("api", "users", "OptimizersContainer", *words)
    assert ran.status == 2
    assert ran.out.splitlines()[1].split() == ["a", "engine.py:2:5", OPTIMIZERS]
    assert "away: " in ran.out
    assert ran.out.splitlines()[-1] == "1 of 2 repositories use it, in 1 place."
    found = json.loads(
        titan_lint("api", "users", OPTIMIZERS, *words, "--output-format", "json").out
    )
    assert (found["version"], found["name"], found["parameter"]) == (1, OPTIMIZERS, "")
    uses = {each["repository"]: each["uses"] for each in found["repositories"]}
    place = {"path": "engine.py", "cell": 0, "line": 2, "column": 5}
    assert uses == {"a": [{**place, "name": OPTIMIZERS, "certain": True}], "b": [], "away": []}


def test_a_name_that_no_torchtitan_has_is_refused(tmp_path: Path, titan_lint: TitanLint) -> None:
    (tmp_path / "a.py").write_text("")
    words = ("--repos", str(tmp_path), "--cache-dir", str(tmp_path / "kept"))
    ran = titan_lint("api", "users", "torchtitan.components.optimizer.OptimizerContainer", *words)
    assert ran.status == 2
    assert "near to it: torchtitan.components.optimizer.OptimizersContainer" in ran.err
    # What the newest torchtitan has no more is known all the same.
    ran = titan_lint("api", "users", SCHEDULERS, *words)
    assert ran.out == "0 of 1 repository uses it, in 0 places.\n"
