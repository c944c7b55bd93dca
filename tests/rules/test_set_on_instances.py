"""What functions and other files set on an instance is there, whatever its class has at the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

RUN = (
    *("--isolated", "--no-cache", "--torchtitan=0.3.0", "--select=TTN203"),
    "--output-format=concise",
)
ENGINE = (
    "from torchtitan.trainer import Trainer\n{imports}\n\nclass Own(Trainer):\n    def __init__(self, config):\n"
    "        {init}\n\n    def ask(self):\n        return self.job_config\n"
)


@pytest.mark.parametrize(
    ("other", "is_said"),
    [
        ("own = Own(1)\nown.job_config = 5\n", False),
        ("def attach(trainer: Own):\n    trainer.job_config = 5\n", False),
        ("def attach(trainer):\n    trainer.job_config = 5\n\n\nattach(Own(1))\n", False),
        (
            "class Builder:\n    def __init__(self):\n        self.own = Own(1)\n\n    def run(self):\n"
            "        self.own.job_config = 5\n",
            False,
        ),
        ("own = Own(1)\nsetattr(own, 'job_config', 5)\n", False),
        ("own = Own(1)\nown.other = 5\n", True),
        ("class Mine:\n    def __init__(self):\n        self.job_config = 5\n", True),
        ("own = Own(1)\nprint(own.job_config == 5)\n", True),
    ],
)
def test_what_another_file_sets_on_an_instance_is_there(
    project: Path, titan_lint: TitanLint, other: str, is_said: bool
) -> None:
    (project / "engine.py").write_text(ENGINE.format(imports="", init="pass"))
    (project / "main.py").write_text(f"from engine import Own\n\n\n{other}")
    assert ("`job_config`" in titan_lint(*RUN).out) is is_said


def test_what_a_file_sets_that_has_nothing_to_do_with_the_class_says_nothing_of_it(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "engine.py").write_text(ENGINE.format(imports="", init="pass"))
    (project / "other.py").write_text("def fill(section):\n    section.job_config = 5\n")
    assert "`job_config`" in titan_lint(*RUN).out


@pytest.mark.parametrize(
    ("init", "other", "is_said"),
    [
        ("attach(self, config)", "def attach(own, config):\n    own.job_config = config\n", False),
        (
            "attach(self, job_config=config)",
            "def attach(own, **values):\n    own.__dict__.update(values)\n",
            False,
        ),
        (
            "attach(self, job_config=config)",
            "def attach(own, **values):\n    for name in values:\n        setattr(own, name, 1)\n",
            False,
        ),
        ("attach(self, config)", "def attach(own, config):\n    own.config = config\n", True),
    ],
)
@pytest.mark.parametrize("in_one", [True, False])
def test_what_a_function_sets_on_what_it_gets_is_there(
    project: Path, titan_lint: TitanLint, init: str, other: str, is_said: bool, in_one: bool
) -> None:
    imports = other if in_one else "from helpers import attach\n"
    (project / "engine.py").write_text(ENGINE.format(imports=imports, init=init))
    (project / "helpers.py").write_text("" if in_one else other)
    assert ("`job_config`" in titan_lint(*RUN).out) is is_said


def test_a_function_that_is_handed_a_trainer_by_its_type_may_get_it_the_old_attribute(
    project: Path, titan_lint: TitanLint
) -> None:
    head = "from torchtitan.trainer import Trainer\n\n\n"
    (project / "use.py").write_text(
        head + "def ask(trainer: Trainer):\n    return trainer.job_config\n"
    )
    assert "`job_config`" in titan_lint(*RUN).out
    (project / "attach.py").write_text(
        head + "def attach(trainer: Trainer):\n    trainer.job_config = trainer.config\n"
    )
    assert "`job_config`" not in titan_lint(*RUN).out


def test_nothing_can_be_set_on_a_config_with_slots(project: Path, titan_lint: TitanLint) -> None:
    head = "from torchtitan.config import ParallelismConfig\n\n\n"
    (project / "use.py").write_text(
        head
        + "def ask(given: ParallelismConfig):\n    return given.expert_tensor_parallel_degree\n"
    )
    (project / "attach.py").write_text(
        head
        + "def attach(given: ParallelismConfig):\n    given.expert_tensor_parallel_degree = 2\n"
    )
    assert titan_lint(*RUN).out.count("TTN203") == 2


@pytest.mark.parametrize(
    ("line", "is_said"),
    [
        ('setattr(given, "expert_tensor_parallel_degree", 2)', True),
        ('setattr(given, "tensor_parallel_degree", 2)', False),
        ('given.__setattr__("tensor_parallel_degree", 2)', False),
        ("setattr(given, name, 2)", False),
        (
            'try:\n        setattr(given, "expert_tensor_parallel_degree", 2)\n    except AttributeError:\n        pass',
            False,
        ),
        (
            'if hasattr(given, "expert_tensor_parallel_degree"):\n'
            '        setattr(given, "expert_tensor_parallel_degree", 2)',
            False,
        ),
    ],
)
def test_a_field_that_is_gone_is_set_by_its_name_on_no_config_with_slots(
    project: Path, titan_lint: TitanLint, line: str, is_said: bool
) -> None:
    (project / "use.py").write_text(
        "from torchtitan.config import ParallelismConfig\n\n\n"
        f"def fill(given: ParallelismConfig, name):\n    {line}\n"
    )
    assert ("`expert_tensor_parallel_degree`" in titan_lint(*RUN).out) is is_said


def test_a_trainer_takes_any_attribute_by_its_name(project: Path, titan_lint: TitanLint) -> None:
    (project / "use.py").write_text(
        "from torchtitan.trainer import Trainer\n\n\n"
        "def fill(given: Trainer):\n    setattr(given, 'job_config', 2)\n    return given.job_config\n"
    )
    assert "TTN203" not in titan_lint(*RUN).out


GIVEN = {
    "a class": "class Fake:\n    job_config = 3\n\n\nask(Fake())\n",
    "a dataclass": "import dataclasses\n\n\n@dataclasses.dataclass\nclass Fake:\n    job_config: int = 3\n\n\nask(Fake())\n",
    "set by its constructor": "class Fake:\n    def __init__(self):\n        self.job_config = 3\n\n\nask(Fake())\n",
    "a namespace": "from types import SimpleNamespace as N\n\nask(N(job_config=3))\n",
    "a mock": "from unittest import mock\n\nask(mock.MagicMock(job_config=3))\n",
    "set on a mock": "from unittest import mock\n\nfake = mock.Mock()\nfake.job_config = 3\nask(fake)\n",
    "by a path": "from unittest.mock import Mock\n\nask(Mock(**{'job_config.training.steps': 3}))\n",
}


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_a_member_that_stand_ins_have_is_not_renamed_safely(
    project: Path, titan_lint: TitanLint, given: str
) -> None:
    (project / "use.py").write_text(
        "from torchtitan.trainer import Trainer\n\n\ndef ask(trainer: Trainer):\n    return trainer.job_config\n"
    )
    assert "trainer.config" in titan_lint(*RUN, "--diff").out
    (project / "test_use.py").write_text(f"from use import ask\n\n{given}")
    assert "trainer.config" not in titan_lint(*RUN, "--diff").out
    assert "TTN203" in titan_lint(*RUN).out
    (project / "test_use.py").write_text(f"from other import ask\n\n{given}")
    assert "trainer.config" in titan_lint(*RUN, "--diff").out


@pytest.mark.parametrize(
    "attach",
    [
        "object.__setattr__(trainer, 'job_config', 3)",
        "trainer.__dict__.update(job_config=3)",
        "vars(trainer).update(job_config=3)",
        "trainer.__dict__['job_config'] = 3",
        "vars(trainer)['job_config'] = 3",
    ],
)
def test_what_is_set_in_any_way_is_there(project: Path, titan_lint: TitanLint, attach: str) -> None:
    head = "from torchtitan.trainer import Trainer\n\n\n"
    (project / "use.py").write_text(
        f"{head}def ask(trainer: Trainer):\n    return trainer.job_config\n"
    )
    (project / "attach.py").write_text(f"{head}def attach(trainer: Trainer):\n    {attach}\n")
    assert "TTN203" not in titan_lint(*RUN).out
    (project / "attach.py").write_text(
        f"{head}def attach(trainer: Trainer):\n    {attach.replace('job_config', 'other')}\n"
    )
    assert "TTN203" in titan_lint(*RUN).out


def test_what_a_fixture_of_a_conftest_sets_is_there_for_tests(
    project: Path, titan_lint: TitanLint
) -> None:
    head = "from torchtitan.trainer import Trainer\n\n\n"
    (project / "tests").mkdir()
    (project / "tests" / "test_it.py").write_text(
        f"{head}def test_it(trainer: Trainer):\n    assert trainer.job_config\n"
    )
    assert "TTN203" in titan_lint(*RUN).out
    (project / "tests" / "conftest.py").write_text(
        f"import pytest\n{head}@pytest.fixture\ndef trainer():\n    made = Trainer.__new__(Trainer)\n"
        "    made.job_config = 3\n    return made\n"
    )
    assert "TTN203" not in titan_lint(*RUN).out
