"""A class of the project's that gets another constructor, or another class in its place, is made as that says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import messages

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

SWAP = """\
from dataclasses import dataclass
from typing import ClassVar

from torchtitan.components.optimizer import OptimizersContainer

OWNER = "_owner"
MAKE = "__init__"


class Swap(OptimizersContainer):
    @dataclass(kw_only=True, slots=True)
    class Config(OptimizersContainer.Config):
        _owner: ClassVar[type | None] = None
        swap: bool = False


"""
USE = 'config = Swap.Config(swap=True, name="AdamW", lr=1e-3)\n'

MADE_OTHERWISE = [
    "Swap.Config.__init__ = make",
    "Swap.Config.__new__ = make",
    'setattr(Swap.Config, "__init__", make)',
    "setattr(Swap.Config, MAKE, make)",
    "setattr(Swap.Config, anything(), make)",
    "Swap.Config = dict",
    'setattr(Swap, "Config", dict)',
    "for name in (OWNER, MAKE):\n    setattr(Swap.Config, name, make)",
]
MADE_AS_BEFORE = [
    "Swap.Config._owner = Swap",
    'setattr(Swap.Config, "_owner", Swap)',
    "setattr(Swap.Config, OWNER, Swap)",
    "for name in (OWNER, '_other'):\n    setattr(Swap.Config, name, Swap)",
    "Swap.other = dict",
]


def said(titan_lint: TitanLint) -> list[str]:
    ran = titan_lint("--isolated", "--torchtitan=0.3.0", "--output-format=concise", ".")
    assert ran.status in (0, 1)
    return [line.split(": ")[1] for line in ran.out.splitlines() if ": TTN" in line]


@pytest.mark.parametrize("put", MADE_OTHERWISE)
@pytest.mark.parametrize("is_here", [True, False])
def test_nothing_is_said_of_what_such_a_class_is_given(
    project: Path, titan_lint: TitanLint, put: str, is_here: bool
) -> None:
    write(project, put, is_here)
    assert said(titan_lint) == []


@pytest.mark.parametrize("put", MADE_AS_BEFORE)
@pytest.mark.parametrize("is_here", [True, False])
def test_anything_else_that_is_put_on_a_class_changes_not_how_it_is_made(
    project: Path, titan_lint: TitanLint, put: str, is_here: bool
) -> None:
    write(project, put, is_here)
    (message,) = said(titan_lint)
    assert message.startswith("TTN301 ")
    assert "takes no `name`, `lr`" in message


NAMED = ["Swap.Config._owner = Swap", 'setattr(Swap.Config, "_owner", Swap)', "Swap.other = dict"]
OTHER = "import pytest\n\nfrom swap import Swap\n\nOWNER = '_owner'\nMAKE = '__init__'\n\n\ndef change(anything, make):\n    "


@pytest.mark.parametrize("put", NAMED)
def test_what_a_third_file_puts_on_a_class_by_another_name_changes_not_how_it_is_made(
    project: Path, titan_lint: TitanLint, put: str
) -> None:
    write(project, "", is_here=False)
    (project / "other.py").write_text(f"{OTHER}{put}\n")
    (message,) = said(titan_lint)
    assert "takes no `name`, `lr`" in message


@pytest.mark.parametrize("put", [one for one in MADE_OTHERWISE if "\n" not in one])
def test_nothing_is_said_of_a_class_that_a_third_file_has_made_otherwise(
    project: Path, titan_lint: TitanLint, put: str
) -> None:
    write(project, "", is_here=False)
    (project / "other.py").write_text(f"{OTHER}{put}\n")
    assert said(titan_lint) == []


@pytest.mark.parametrize(
    ("put", "is_there"),
    [
        ("Swap.Config.lr = 1", True),
        ('setattr(Swap.Config, "lr", 1)', True),
        ("Swap.Config.__getattr__ = anything", True),
        ("for name in ('lr', 'eps'):\n        setattr(Swap.Config, name, 1)", True),
        ("Swap.Config.rate = 1", False),
        ("Swap.lr = 1", False),
    ],
)
def test_a_member_is_there_that_a_third_file_puts_on_its_class(
    project: Path, titan_lint: TitanLint, put: str, is_there: bool
) -> None:
    write(project, "", is_here=False)
    (project / "use.py").write_text(
        "from swap import Swap\n\nconfig = Swap.Config(param_groups=[])\nprint(config.lr)\n"
    )
    (before,) = said(titan_lint)
    assert before.startswith("TTN203 `OptimizersContainer.Config` has no `lr`")
    (project / "other.py").write_text(f"{OTHER}{put}\n")
    assert said(titan_lint) == ([] if is_there else [before])


def write(project: Path, put: str, is_here: bool) -> None:
    if is_here:
        (project / "swap.py").write_text(f"{SWAP}{put}\n{USE}")
    else:
        (project / "swap.py").write_text(f"{SWAP}{put}\n")
        (project / "use.py").write_text(f"from swap import Swap\n\n{USE}")


def test_a_copy_of_what_is_a_config_or_has_no_fields_takes_what_the_config_takes() -> None:
    text = (
        "import dataclasses\nfrom torchtitan.config import ParallelismConfig\n"
        "def use(x):\n    if not isinstance(x, (ParallelismConfig, int)):\n        raise TypeError\n"
        "    return dataclasses.replace(x, {}=1)\n"
    )
    assert messages("TTN301", text.format("tensor_parallel_degree"), "0.3.0") == []
    (said,) = messages("TTN301", text.format("expert_tensor_parallel_degree"), "0.3.0")
    assert "takes no `expert_tensor_parallel_degree`" in said
