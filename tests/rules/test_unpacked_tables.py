"""Calls that unpack a dictionary which the module holds: its keys are known where nobody else may fill it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

RUN = ("--isolated", "--no-cache", "--torchtitan=0.3.0", "--output-format=concise")
HEAD = "from torchtitan.config import ParallelismConfig\n\n"
USE = "\n\ndef make():\n    return ParallelismConfig(**OPTIONS)\n"


@pytest.mark.parametrize(
    ("table", "is_said"),
    [
        ('OPTIONS = {"expert_tensor_parallel_degree": 2}\n', True),
        ("OPTIONS = dict(expert_tensor_parallel_degree=2)\n", True),
        (
            'OPTIONS = {"tensor_parallel_degree": 2}\nOPTIONS["expert_tensor_parallel_degree"] = 2\n',
            True,
        ),
        (
            'BASE = {"tensor_parallel_degree": 2}\nOPTIONS = {**BASE, "expert_tensor_parallel_degree": 2}\n',
            True,
        ),
        ('OPTIONS: dict[str, int] = {"expert_tensor_parallel_degree": 2}\n', True),
        ('OPTIONS = {"tensor_parallel_degree": 2}\n', False),
        ("OPTIONS = load()\n", False),
        (
            'OPTIONS = {"expert_tensor_parallel_degree": 2}\nOPTIONS.pop("expert_tensor_parallel_degree")\n',
            False,
        ),
        ('OPTIONS = {"expert_tensor_parallel_degree": 2}\nadapt(OPTIONS)\n', False),
        (
            'OPTIONS = {"expert_tensor_parallel_degree": 2}\n\n\n'
            'def adapt():\n    del OPTIONS["expert_tensor_parallel_degree"]\n',
            False,
        ),
        (
            'OPTIONS = {"expert_tensor_parallel_degree": 2}\n\n\ndef adapt():\n    global OPTIONS\n    OPTIONS = load()\n',
            False,
        ),
    ],
)
def test_the_keys_of_a_table_are_known_where_the_file_alone_fills_it(
    project: Path, titan_lint: TitanLint, table: str, is_said: bool
) -> None:
    (project / "use.py").write_text(HEAD + table + USE)
    assert ("`expert_tensor_parallel_degree`" in titan_lint(*RUN).out) is is_said


@pytest.mark.parametrize(
    "other",
    [
        "from use import OPTIONS\n\nOPTIONS.clear()\n",
        "import use\n\nuse.OPTIONS.pop('expert_tensor_parallel_degree')\n",
        "def test_it(mock):\n    mock.setattr('use.OPTIONS', {})\n",
    ],
)
def test_another_file_may_change_a_table(project: Path, titan_lint: TitanLint, other: str) -> None:
    table = 'OPTIONS = {"expert_tensor_parallel_degree": 2}\n'
    (project / "use.py").write_text(HEAD + table + USE)
    (project / "other.py").write_text(other)
    assert "`expert_tensor_parallel_degree`" not in titan_lint(*RUN).out
