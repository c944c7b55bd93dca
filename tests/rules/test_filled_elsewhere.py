"""A field of torchtitan's configs holds what the project puts there, of whatever type it is declared, in any file and form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

USE = """\
from torchtitan.trainer import Trainer


def f(config: Trainer.Config):
    return config.parallelism.expert_tensor_parallel_degree
"""
HEAD = """\
from dataclasses import replace
from functools import partial

from torchtitan.trainer import Trainer


"""
MINE = "class Mine:\n    expert_tensor_parallel_degree = 1\n\n\n"
PUTS = {
    "an assignment": "def put(config, given):\n    config.parallelism = {value}\n",
    "an assignment with a type": "def put(config, given):\n    config.parallelism: object = {value}\n",
    "one of a chain": "def put(job, given):\n    job.trainer.config.parallelism = {value}\n",
    "a name": "def put(config, given):\n    setattr(config, 'parallelism', {value})\n",
    "object's own way": "def put(config, given):\n    object.__setattr__(config, 'parallelism', {value})\n",
    "its dictionary": "def put(config, given):\n    config.__dict__['parallelism'] = {value}\n",
    "an update of that": "def put(config, given):\n    vars(config).update(parallelism={value})\n",
    "another update": "def put(config, given):\n    config.__dict__.update({{'parallelism': {value}}})\n",
    "a copy": "def put(config, given):\n    return replace(config, parallelism={value})\n",
    "the call that makes it": "def make(given):\n    return Trainer.Config(loss=None, parallelism={value})\n",
    "a call of a derived class": "class Own(Trainer.Config): ...\n\n\n"
    "def make(given):\n    return Own(loss=None, parallelism={value})\n",
    "a dictionary that is unpacked": "def make(given):\n    return Trainer.Config(**{{'parallelism': {value}}})\n",
    "a dictionary that is called for": "def make(given, **more):\n"
    "    return Trainer.Config(**dict(more, parallelism={value}))\n",
    "a dictionary that is filled": "def make(given, **more):\n    more['parallelism'] = {value}\n"
    "    return Trainer.Config(**more)\n",
    "a partial": "def make(given):\n    return partial(Trainer.Config, parallelism={value})\n",
    "super": "class Own(Trainer.Config):\n    def __init__(self, given, **more):\n"
    "        super().__init__(parallelism={value}, **more)\n",
    "a class that is handed over": "def make(cls: type[Trainer.Config], given):\n"
    "    return cls(loss=None, parallelism={value})\n",
}
OURS = "from torchtitan.config import ParallelismConfig\n\n\n"


def codes(titan_lint: TitanLint, *paths: str) -> list[str]:
    options = ("--isolated", "--torchtitan=0.3.0", "--output-format=concise")
    ran = titan_lint(*options, *(paths or (".",)))
    assert ran.status in (0, 1)
    return [line.split(": ")[1].split()[0] for line in ran.out.splitlines() if ": TTN203" in line]


@pytest.mark.parametrize("put", PUTS.values(), ids=PUTS)
class TestWhatIsPutIntoAField:
    @pytest.mark.parametrize("value", ["Mine()", "given"])
    def test_nothing_is_said_of_what_it_has(
        self, project: Path, titan_lint: TitanLint, put: str, value: str
    ) -> None:
        (project / "use.py").write_text(USE)
        put = put.format(value=value)
        (project / "own.py").write_text(HEAD + MINE + put)
        assert codes(titan_lint) == []
        assert codes(titan_lint, "use.py") == []
        (project / "own.py").unlink()
        (project / "use.py").write_text(USE + MINE + HEAD + put)
        assert codes(titan_lint) == []

    def test_what_is_of_the_declared_class_has_nothing_of_its_own(
        self, project: Path, titan_lint: TitanLint, put: str
    ) -> None:
        (project / "use.py").write_text(USE)
        put = put.format(value="ParallelismConfig()")
        (project / "own.py").write_text(HEAD + OURS + put)
        assert codes(titan_lint, "use.py") == ["TTN203"]

    def test_what_a_test_puts_there_is_not_what_runs(
        self, project: Path, titan_lint: TitanLint, put: str
    ) -> None:
        (project / "use.py").write_text(USE)
        (project / "test_own.py").write_text(HEAD + MINE + put.format(value="Mine()"))
        assert codes(titan_lint, "use.py") == ["TTN203"]


@pytest.mark.parametrize(
    "other",
    [
        # Something else has a field of that name.
        "class Engine: ...\n\n\ndef run(engine, mine):\n    engine.parallelism = mine\n",
        "class Engine:\n    def __init__(self, mine):\n        self.parallelism = mine\n",
        "def run(engine, mine):\n    engine.run(parallelism=mine)\n",
        "SAID = {'parallelism': 'what is done at once'}\n",
        "from torchtitan.config import ParallelismConfig\n\n\n"
        "def make() -> ParallelismConfig:\n    return ParallelismConfig()\n\n\n"
        "def run(config):\n    config.parallelism = make()\n",
        "def run(config):\n    config.parallelism = None\n",
    ],
)
def test_what_is_put_into_something_else_is_not_in_the_field(
    project: Path, titan_lint: TitanLint, other: str
) -> None:
    (project / "use.py").write_text(USE)
    (project / "other.py").write_text(other)
    assert codes(titan_lint, "use.py") == ["TTN203"]
