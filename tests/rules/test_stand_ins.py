"""What the file itself hands a stand-in for is not what it is declared as."""

from __future__ import annotations

import pytest

from tests.rules.cases import every_message

READS = {
    "a function": "def step(trainer: Trainer):\n    return trainer.job_config\n",
    "a method": (
        "class Engine:\n    def step(self, trainer: Trainer):\n        return trainer.job_config\n"
        "step = Engine().step\n"
    ),
    "a static method": (
        "class Engine:\n    @staticmethod\n    def step(trainer: Trainer):\n"
        "        return trainer.job_config\nstep = Engine.step\n"
    ),
    "by keyword alone": "def step(*, trainer: Trainer):\n    return trainer.job_config\n",
    "kept by an object": (
        "class step:\n    def __init__(self, trainer: Trainer):\n        self.trainer = trainer\n"
        "    def run(self):\n        return self.trainer.job_config\n"
    ),
}
FAKES = {
    "a mock": "MagicMock()",
    "a mock with a specification": "mock.create_autospec(Trainer)",
    "a namespace": "SimpleNamespace(job_config=1)",
    "a class of the file's": "Fake()",
}
HEAD = """\
from types import SimpleNamespace
from unittest import mock
from unittest.mock import MagicMock
from torchtitan.trainer import Trainer

class Fake:
    job_config = 1

class Derived(Trainer):
    pass

"""


def said(read: str, *handed: str) -> list[str]:
    given = "trainer=" if "*," in read else ""
    return every_message(HEAD + read + "".join(f"step({given}{one})\n" for one in handed))


@pytest.mark.parametrize("fake", FAKES.values(), ids=FAKES)
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_parameter_that_is_only_handed_stand_ins_is_not_what_it_is_declared_as(
    read: str, fake: str
) -> None:
    assert said(read, fake) == []
    assert said(read, fake, "MagicMock()") == []


@pytest.mark.parametrize("other", ["Derived({})", "Trainer({})", "found"])
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_parameter_that_is_handed_more_than_stand_ins_is_what_it_is_declared_as(
    read: str, other: str
) -> None:
    assert len(said(read, "MagicMock()", other)) == 1
    assert len(said(read)) == 1


@pytest.mark.parametrize(("handed", "count"), [("Holder", 1), ("Wider", 1), ("Fake", 0)])
def test_a_parameter_that_is_handed_the_class_it_is_declared_as_is_that(
    handed: str, count: int
) -> None:
    classes = (
        "class Holder:\n    def __init__(self):\n        self.trainer = Trainer({})\n\n"
        "class Wider(Holder):\n    pass\n"
    )
    read = "def step(holder: Holder):\n    return holder.trainer.job_config\n"
    assert len(every_message(f"{HEAD}{classes}{read}step({handed}())\n")) == count
