"""A class of the project's may change a field before torchtitan's class looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import messages

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

HEAD = (
    "import dataclasses\nfrom torchtitan.config import ParallelismConfig\n"
    "NAMES = {'default': 'partial_dtensor'}\nclass P(ParallelismConfig):\n"
)
POST = "    def __post_init__(self):\n"
ASK = "        if self.spmd_backend == 'default':\n            self.spmd_backend = 'partial_dtensor'\n"
ABOVE = "        super().__post_init__()\n"
MADE = "P(spmd_backend='default')\n"


@pytest.mark.parametrize(
    "body",
    [
        POST + ASK + ABOVE,
        POST + ASK + "        ParallelismConfig.__post_init__(self)\n",
        POST + "        self.spmd_backend = NAMES.get(self.spmd_backend, self.spmd_backend)\n"
        "        super(P, self).__post_init__()\n",
        POST + ASK + "        if hasattr(ParallelismConfig, '__post_init__'):\n"
        "            ParallelismConfig.__post_init__(self)\n",
        POST + "        repair(self)\n" + ABOVE,
        POST + "        self.repair()\n" + ABOVE + "    def repair(self):\n"
        "        self.spmd_backend = 'partial_dtensor'\n",
        POST + "        setattr(self, 'spmd_backend', 'partial_dtensor')\n" + ABOVE,
        POST + "        self.__dict__.update(spmd_backend='partial_dtensor')\n" + ABOVE,
        POST + "        pass\n",
        "    def __setattr__(self, name, value):\n"
        "        super().__setattr__(name, NAMES.get(value, value))\n",
        "    def __init__(self, *args, **kwargs):\n"
        "        kwargs['spmd_backend'] = NAMES.get(kwargs['spmd_backend'])\n"
        "        super().__init__(*args, **kwargs)\n",
    ],
)
def test_a_value_that_a_class_may_repair_is_left_alone(body: str) -> None:
    for made in (
        MADE,
        "for n in ('default', 'spmd_types'):\n    P(spmd_backend=n)\n",
        "TABLE = dict(spmd_backend='default')\nP(**TABLE)\n",
        "dataclasses.replace(P(), spmd_backend='default')\n",
        "class Q(P):\n    pass\nQ(spmd_backend='default')\n",
    ):
        assert messages("TTN401", f"{HEAD}{body}{made}") == []


@pytest.mark.parametrize(
    "body",
    [
        "    pass\n",
        "    def more(self):\n        self.spmd_backend = 'partial_dtensor'\n",
        POST + ABOVE,
        POST + '        """Look."""\n' + ABOVE + ASK,
        POST
        + "        if self.tensor_parallel_degree < 1:\n            raise ValueError\n"
        + ABOVE,
        POST + "        self.tensor_parallel_degree = 1\n" + ABOVE,
        "    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n",
    ],
)
def test_a_value_that_the_class_above_gets_to_see_is_a_mistake(body: str) -> None:
    assert len(messages("TTN401", f"{HEAD}{body}{MADE}")) == 1


def test_the_class_may_stand_in_another_file(titan_lint: TitanLint, tmp_path: Path) -> None:
    par = tmp_path / "par.py"
    (tmp_path / "use.py").write_text("import torchtitan\nfrom par import P\n" + MADE)
    asked = ("--isolated", "--no-cache", "--torchtitan", "0.3.0", "--select", "TTN401", tmp_path)
    par.write_text(f"{HEAD}{POST}{ABOVE}")
    assert "spmd_backend" in titan_lint(*asked).out
    par.write_text(f"{HEAD}{POST}{ASK}{ABOVE}")
    assert "spmd_backend" not in titan_lint(*asked).out
