"""What a small class of another file answers for torchtitan is a question to it, whose answer is not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

USE = """\
from asked import titan

if {test}:
    from torchtitan.trainer import Trainer

    Config = Trainer.Config
else:
    from torchtitan.config import JobConfig as Config
"""
TRY = "    try:\n        import torchtitan.trainer\n    except ImportError:\n        new = False\n"
ASKED = {
    "a flag of a class": (f"class titan:\n    new = True\n{TRY}", "titan.new"),
    "a method": (
        "import importlib.metadata\n\n\nclass Titan:\n    @property\n    def version(self):\n"
        "        return tuple(map(int, importlib.metadata.version('torchtitan').split('.')[:2]))\n\n"
        "    def at_least(self, *asked):\n        return self.version >= asked\n\n\ntitan = Titan()\n",
        "titan.at_least(0, 3)",
    ),
}


def codes(titan_lint: TitanLint) -> list[str]:
    options = ("--isolated", "--torchtitan=0.3.0", "--output-format=concise")
    ran = titan_lint(*options, "use.py")
    assert ran.status in (0, 1)
    return [line.split(": ")[1].split()[0] for line in ran.out.splitlines() if ": TTN" in line]


@pytest.mark.parametrize(("asked", "test"), ASKED.values(), ids=ASKED)
def test_code_behind_the_answer_of_a_class_is_for_another_version(
    project: Path, titan_lint: TitanLint, asked: str, test: str
) -> None:
    (project / "use.py").write_text(USE.format(test=test))
    (project / "asked.py").write_text(asked)
    assert codes(titan_lint) == []


def test_what_else_a_class_does_that_answers_is_no_answer(
    project: Path, titan_lint: TitanLint
) -> None:
    text = ASKED["a method"][0]
    more = text.replace("\n\n\ntitan =", "\n\n    def run(self):\n        print(self)\n\n\ntitan =")
    (project / "asked.py").write_text(more)
    (project / "use.py").write_text(USE.format(test="titan.at_least(0, 3)"))
    assert codes(titan_lint) == []
    (project / "use.py").write_text(USE.format(test="titan.run()"))
    assert codes(titan_lint) == ["TTN201"]
