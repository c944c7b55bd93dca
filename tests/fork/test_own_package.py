"""A package ``torchtitan`` of the project's that is no torchtitan, stubs or an overlay: what it has is not missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

THING = "class Thing:\n    def __init__(self, given): ...\n"
TRAINER = "class Trainer:\n    def special(self): ...\n"
ASKED = "from torchtitan.experiments.mine.parts import Thing\n\nThing(given=1)\n"
SPECIAL = "import torchtitan.special\n\ntorchtitan.special.run()\n"
GONE = "from torchtitan.components.ft import NeverThere\n"
SHADOWED = """\
from torchtitan.trainer import Trainer


def f(trainer: Trainer):
    return trainer.maybe_enable_amp
"""


def codes(titan_lint: TitanLint, *paths: str, cached: bool = False) -> list[str]:
    options = ["--isolated", "--torchtitan=0.3.0", "--output-format=concise"]
    ran = titan_lint(*options, *(() if cached else ("--no-cache",)), *(paths or (".",)))
    assert ran.status in (0, 1)
    return [line.split(": ")[1].split()[0] for line in ran.out.splitlines() if ": TTN" in line]


def write(project: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)


OVERLAY = {"experiments/mine/__init__.py": "", "experiments/mine/parts.py": THING}
BARE = {"experiments/mine/parts.py": THING}
STUBS = {"__init__.py": "", "special.py": "def run(): ...\n"}


@pytest.mark.parametrize("folder", ["torchtitan", "src/torchtitan", "stubs/torchtitan"])
@pytest.mark.parametrize(
    ("package", "use"),
    [
        (OVERLAY, ASKED),
        (BARE, ASKED),
        (STUBS, SPECIAL),
        ({"trainer.py": TRAINER, "__init__.py": ""}, SHADOWED),
        ({"trainer/__init__.py": "", "trainer/Trainer.py": "", "__init__.py": ""}, SHADOWED),
    ],
)
def test_what_a_package_of_the_projects_has_is_not_missing(
    project: Path, titan_lint: TitanLint, folder: str, package: dict[str, str], use: str
) -> None:
    (project / "use.py").write_text(use)
    assert len(codes(titan_lint)) == 1
    write(project, {f"{folder}/{name}": text for name, text in package.items()})
    assert codes(titan_lint) == []
    assert codes(titan_lint, "use.py") == []


def test_what_it_lacks_is_asked_of_torchtitan(project: Path, titan_lint: TitanLint) -> None:
    (project / "use.py").write_text(GONE)
    write(project, {f"torchtitan/{name}": text for name, text in OVERLAY.items()})
    assert codes(titan_lint) == ["TTN201"]


@pytest.mark.parametrize(
    "other",
    [
        # Programs about torchtitan, and a module of another package.
        {"examples/torchtitan/special.py": "def run(): ...\n"},
        {
            "engine/__init__.py": "",
            "engine/torchtitan/__init__.py": "",
            "engine/torchtitan/special.py": "def run(): ...\n",
        },
        {
            "tests/torchtitan/__init__.py": "",
            "tests/torchtitan/special.py": "def run(): ...\n",
        },
    ],
)
def test_a_folder_of_that_name_that_is_no_such_package_has_none_of_it(
    project: Path, titan_lint: TitanLint, other: dict[str, str]
) -> None:
    (project / "use.py").write_text(SPECIAL)
    write(project, other)
    assert codes(titan_lint) == ["TTN201"]


@pytest.mark.parametrize("use", [ASKED, SPECIAL, GONE, "from torchtitan import helper\n"])
@pytest.mark.parametrize(
    ("file", "is_it"),
    [
        ("torchtitan.py", True),
        ("src/torchtitan.py", True),
        ("engines/torchtitan.py", False),
        ("tests/torchtitan.py", False),
    ],
)
def test_a_file_of_that_name_stands_for_all_of_torchtitan(
    project: Path, titan_lint: TitanLint, use: str, file: str, is_it: bool
) -> None:
    (project / "use.py").write_text(use)
    assert codes(titan_lint) == ["TTN201"]
    write(project, {file: "def helper(): ...\n"})
    assert codes(titan_lint) == ([] if is_it else ["TTN201"])
    assert codes(titan_lint, "use.py") == codes(titan_lint)


def test_a_file_that_comes_later_is_seen_though_nothing_else_has_changed(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "use.py").write_text(ASKED)
    (project / "more.py").write_text("import torchtitan\n")
    assert codes(titan_lint, cached=True) == ["TTN201"]
    write(project, {f"torchtitan/{name}": text for name, text in OVERLAY.items()})
    assert codes(titan_lint, cached=True) == []
    (project / "torchtitan/experiments/mine/parts.py").unlink()
    (project / "torchtitan/experiments/mine/__init__.py").unlink()
    assert codes(titan_lint, cached=True) == ["TTN201"]
