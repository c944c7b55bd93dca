"""What another file does with a class counts for that class, and not for all that are called so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.run.test_own_modules import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

AT = ("--no-cache", "--select", "TTN203", "--torchtitan", "0.3.0", "--output-format", "concise")

OWN = """\
from dataclasses import dataclass
from torchtitan.components.optimizer import OptimizersContainer

class Mine(OptimizersContainer):
    @dataclass(kw_only=True, slots=True)
    class Config(OptimizersContainer.Config):
        ours: int = 1

class Other(OptimizersContainer):
    @dataclass(kw_only=True, slots=True)
    class Config(OptimizersContainer.Config):
        ours: int = 1

class Derived(Mine):
    pass

MineConfig = Mine.Config

def here(config: Mine.Config):
    return config.beta1
"""
USE = """\
from .own import Mine

def there(config: Mine.Config):
    return config.beta1
"""
FILES = {
    "__init__.py": "",
    "own.py": OWN,
    "use.py": USE,
    "torchtitans.py": "from torchtitan.components.optimizer import OptimizersContainer as O\n"
    "from torchtitan.trainer import Trainer as T\n",
    "handing.py": "from .own import *\nfrom .own import Other as Another\n",
}

CHANGED = {
    "another class's": ("from .own import Other\nOther.Config.beta1 = 1\n", False),
    "the class's own": ("from .own import Mine\nMine.Config.beta1 = 1\n", True),
    "through a module": ("from . import own\nown.Mine.Config.beta1 = 1\n", True),
    "another's through a module": ("from mypkg import own\nown.Other.Config.beta1 = 1\n", False),
    "with `setattr`": ("import mypkg.own\nsetattr(mypkg.own.Mine.Config, 'beta1', 1)\n", True),
    "another's with `setattr`": (
        "import mypkg.own as o\nsetattr(o.Other.Config, NAME, 1)\n",
        False,
    ),
    "in place": ("from .own import Mine\nMine.Config.beta1 += 1\n", True),
    "another's in place": ("from .own import Other\nOther.Config.beta1 += 1\n", False),
    "of what a bare name stands for": ("def put(Config):\n    Config.beta1 = 1\n", True),
    "of what something has": ("def put(owner):\n    owner.Config.beta1 = 1\n", True),
    "of the class of something": ("def put(x):\n    type(x).Config.beta1 = 1\n", True),
    "in a loop": (
        "from .own import Mine, Other\nfor one in (Mine, Other):\n    one.Config.beta1 = 1\n",
        True,
    ),
    "one of two": (
        "from .own import Mine, Other\nmine = Mine if Other else Other\nmine.Config.beta1 = 1\n",
        True,
    ),
    "in branches": (
        "import os\nfrom .own import Mine, Other\n"
        "if os.environ:\n    it = Mine\nelse:\n    it = Other\nit.Config.beta1 = 1\n",
        True,
    ),
    "of one imported with care": (
        "try:\n    from .own import Other as O\nexcept ImportError:\n    from .own import Mine as O\n"
        "O.Config.beta1 = 1\n",
        True,
    ),
    "through another name": ("from .own import Mine\nC = Mine.Config\nC.beta1 = 1\n", True),
    "another's through another name": (
        "from .own import Other\nC = Other.Config\nC.b = 1\n",
        False,
    ),
    "through another name of its owner": ("from .own import Mine as M\nM.Config.beta1 = 1\n", True),
    "through a name that the file gives it": (
        "from . import own as o\nM = o.Mine\nM.Config.beta1 = 1\n",
        True,
    ),
    "through a class derived from the owner": (
        "from .own import Derived\nDerived.Config.beta1 = 1\n",
        True,
    ),
    "of a derived class with a config of its own": (
        "from dataclasses import dataclass\nfrom .own import Mine\nclass Sub(Mine):\n"
        "    @dataclass(kw_only=True, slots=True)\n    class Config(Mine.Config): ...\n"
        "Sub.Config.beta1 = 1\n",
        False,
    ),
    "through `import *`": ("from .handing import *\nMine.Config.beta1 = 1\n", True),
    "another's through `import *`": ("from .handing import *\nOther.Config.beta1 = 1\n", False),
    "another's through two modules": (
        "from .handing import Another\nAnother.Config.beta1 = 1\n",
        False,
    ),
    "of one from a module that is not found": (
        "from .gone import Other\nOther.Config.beta1 = 1\n",
        True,
    ),
    "of one from a module that is of the project somewhere": (
        "from own import Other\nOther.Config.beta1 = 1\n",
        True,
    ),
    "of one from another library": ("from elsewhere import Other\nOther.Config.beta1 = 1\n", False),
    "of one of torchtitan's that it is not built on": (
        "from torchtitan.trainer import Trainer\nTrainer.Config.beta1 = 1\n",
        False,
    ),
    "of the one of torchtitan's that it is built on": (
        "from torchtitan.components.optimizer import OptimizersContainer as O\nO.Config.beta1 = 1\n",
        True,
    ),
    "of that one through a module of the project": (
        "from .torchtitans import O\nO.Config.beta1 = 1\n",
        True,
    ),
    "of another one of torchtitan's through a module of the project": (
        "from .torchtitans import T\nT.Config.beta1 = 1\n",
        False,
    ),
    "by its path": (
        "from unittest.mock import patch\npatch('mypkg.own.Mine.Config.beta1')\n",
        True,
    ),
    "another's by its path": (
        "from unittest.mock import patch\npatch('mypkg.own.Other.Config.beta1')\n",
        False,
    ),
    "by a path that is not found": (
        "from unittest.mock import patch\npatch('mypkg.gone.Other.Config.beta1')\n",
        True,
    ),
    "in a text that is run": ("exec('Config.beta1 = 1')\n", True),
    "in a text that documents": ('"""As in `Config.beta1 = 1`."""\n', False),
    "in a comment": ("# Config.beta1 = 1\n", False),
    "of one in whose place it is put": (
        "from . import own\nown.Other = own.Mine\nown.Other.Config.beta1 = 1\n",
        True,
    ),
    "another's, deleted": ("from .own import Other\ndel Other.Config.ours\n", False),
    "another of the class's own, deleted": (
        "from .own import Mine\ndel Mine.Config.ours\n",
        False,
    ),
    "of one in a function": (
        "def make():\n    class Config: ...\n    Config.beta1 = 1\n    return Config\n",
        False,
    ),
    "of one that the file has itself": ("class Config: ...\nConfig.beta1 = 1\n", False),
    "of what is no Python": ("Config.beta1 = = 1\n", True),
}
"""What another file does to a class of a name, and whether it may be the class that is asked about."""


@pytest.mark.parametrize(("other", "is_changed"), CHANGED.values(), ids=CHANGED)
def test_what_another_file_changes_is_the_class_that_it_means(
    project: Path, titan_lint: TitanLint, other: str, is_changed: bool
) -> None:
    write(project / "mypkg", {**FILES, "other.py": other})
    out = titan_lint(*AT, ".").out
    assert ("mypkg/use.py:4" in out) is not is_changed
    assert ("mypkg/own.py:20" in out) is not is_changed


DERIVED = {
    "another class's config": ("from .own import Other", "Other.Config", False),
    "its config": ("from .own import Mine", "Mine.Config", True),
    "its config through a module": ("from . import own", "own.Mine.Config", True),
    "another's through a module": ("import mypkg.own", "mypkg.own.Other.Config", False),
    "its config through a derived class": ("from .own import Derived", "Derived.Config", True),
    "its config by another name": ("from .own import Mine as M", "M.Config", True),
    "its config by the name of a module's": ("from .own import MineConfig", "MineConfig", True),
    "its config by a name that is imported as another": (
        "from .own import MineConfig as Base",
        "Base",
        True,
    ),
    "its config by a name of the file's": (
        "from .own import Mine\nBase = Mine.Config",
        "Base",
        True,
    ),
    "another's by a name of the file's": (
        "from .own import Other\nBase = Other.Config",
        "Base",
        False,
    ),
    "another's through two modules": ("from .handing import Another as A", "A.Config", False),
    "its config through `import *`": ("from .handing import *", "Mine.Config", True),
    "another's through `import *`": ("from .handing import *", "Other.Config", False),
    "the config of what is not known": ("from .gone import Other", "Other.Config", True),
    "the config of another library": ("from elsewhere import Other", "Other.Config", False),
    "torchtitan's config": ("from torchtitan.trainer import Trainer", "Trainer.Config", False),
    "what a function gives": ("from .own import make, Mine", "make(Mine.Config)", True),
    "what a function gives for another": ("from .own import make, Other", "make(Other)", False),
    "a class between": (
        "from .own import Mine\nclass Between(Mine.Config): ...\n",
        "Between",
        True,
    ),
    "a class between it and another": (
        "from .own import Other\nclass Between(Other.Config): ...\n",
        "Between",
        False,
    ),
    "both": ("from .own import Mine, Other", "Other.Config, Mine.Config", True),
    "a class of the file that is called so": ("class Config: ...", "Config", False),
    "its config beside a class that is called so": (
        "from .own import Mine\nclass Config: ...",
        "Mine.Config",
        True,
    ),
    "its config where another has its place": (
        "from . import own\nown.Other.Config = own.Mine.Config",
        "own.Other.Config",
        True,
    ),
    "its config where another is set to it": (
        "from .own import Mine, Other\nsetattr(Other, 'Config', Mine.Config)",
        "Other.Config",
        True,
    ),
}
"""What a class of another file derives from, and whether that may be the class that is asked about."""


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize(("first", "base", "derives"), DERIVED.values(), ids=DERIVED)
def test_what_hides_a_member_is_derived_from_the_class_that_is_meant(
    project: Path, titan_lint: TitanLint, first: str, base: str, derives: bool, nested: bool
) -> None:
    other = f"{first}\nclass Sub({base}):\n    beta1: float = 1\n"
    if nested:
        other = f"{first}\nclass Owner:\n    class Config({base}):\n        beta1: float = 1\n"
    write(project / "mypkg", {**FILES, "other.py": other})
    out = titan_lint(*AT, ".").out
    assert ("mypkg/own.py:20" in out) is not derives
    assert ("mypkg/use.py:4" in out) is not derives
    write(project / "mypkg", {"other.py": other.replace("beta1", "beta9")})
    assert "mypkg/own.py:20" in titan_lint(*AT, ".").out


def test_the_same_is_found_one_file_at_a_time_and_in_several_processes(
    project: Path, titan_lint: TitanLint
) -> None:
    files = {
        f"a{n}.py": other
        for n, (other, is_changed) in enumerate(CHANGED.values())
        if not is_changed
    }
    write(project / "mypkg", {**FILES, **files})
    found = [line for line in titan_lint(*AT, ".").out.splitlines() if "mypkg/use.py" in line]
    assert found
    assert titan_lint(*AT, "mypkg/use.py").out.splitlines()[: len(found)] == found
    several = titan_lint(*AT, "-j2", ".").out.splitlines()
    assert [line for line in several if "mypkg/use.py" in line] == found


def test_what_is_known_of_a_class_is_kept_as_long_as_other_files_say_the_same(
    project: Path, titan_lint: TitanLint
) -> None:
    write(project / "mypkg", {**FILES, "other.py": CHANGED["another class's"][0]})
    asked = [argument for argument in AT if argument != "--no-cache"]
    for _ in range(2):
        assert "mypkg/use.py:4" in titan_lint(*asked, ".").out
    write(project / "mypkg", {"other.py": CHANGED["the class's own"][0]})
    for _ in range(2):
        assert "mypkg/use.py:4" not in titan_lint(*asked, ".").out
    write(project / "mypkg", {"other.py": CHANGED["another class's"][0]})
    assert "mypkg/use.py:4" in titan_lint(*asked, ".").out
    write(project / "mypkg", {"handing.py": "from .own import Mine as Other, Mine as Another\n"})
    write(project / "mypkg", {"other.py": CHANGED["another's through two modules"][0]})
    assert "mypkg/use.py:4" not in titan_lint(*asked, ".").out


@pytest.mark.parametrize(
    ("put", "code", "text", "is_excused"),
    [
        ("Mine.Config.__init__ = make", "TTN301", "Mine.Config(nope=1)", True),
        ("setattr(Mine.Config, '__new__', make)", "TTN301", "Mine.Config(nope=1)", True),
        ("Mine.Config.__repr__ = make", "TTN301", "Mine.Config(nope=1)", False),
        ("Other.Config.__init__ = make", "TTN301", "Mine.Config(nope=1)", False),
        (
            "Mine.load_state_dict = make",
            "TTN301",
            "def f(own: Mine): own.load_state_dict(nope=1)",
            True,
        ),
        (
            "Other.load_state_dict = make",
            "TTN301",
            "def f(own: Mine): own.load_state_dict(nope=1)",
            False,
        ),
        ("Loss.__abstractmethods__ = frozenset()", "TTN305", "Loss(1)", True),
        ("Loss.__init__ = make", "TTN305", "Loss(1)", False),
    ],
)
def test_what_another_file_sets_is_called_in_the_file_of_the_class(
    project: Path, titan_lint: TitanLint, put: str, code: str, text: str, is_excused: bool
) -> None:
    loss = "from torchtitan.components.loss import BaseLoss\nclass Loss(BaseLoss): ...\n"
    other = f"from .own import *\ndef make(*args, **words): ...\n{put}\n"
    write(project / "mypkg", {**FILES, "own.py": f"{OWN}{loss}{text}\n", "other.py": other})
    asked = [argument if argument != "TTN203" else code for argument in AT]
    assert (code not in titan_lint(*asked, ".").out) is is_excused


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(
    "other",
    [
        "from .own import Other\nOther.Config.beta1 = 1\n",
        "from .own import Other\nclass Sub(Other.Config):\n    beta1: float = 1\n",
    ],
)
def test_of_very_many_files_all_count_whichever_class_they_mean(
    project: Path,
    titan_lint: TitanLint,
    monkeypatch: pytest.MonkeyPatch,
    other: str,
    number: int,
) -> None:
    monkeypatch.setattr("titan_lint.uses.own_classes._MANY", 2)
    write(project / "mypkg", {**FILES, **{f"other{n}.py": other for n in range(number)}})
    assert ("mypkg/use.py:4" in titan_lint(*AT, ".").out) is (number <= 2)


@pytest.mark.parametrize("modules", [5, 60])
def test_a_name_is_followed_through_modules_that_hand_it_on(
    project: Path, titan_lint: TitanLint, modules: int
) -> None:
    """Through so many that nobody has them, it may stand for anything."""
    handing = {f"m{n}.py": f"from .m{n - 1} import Other\n" for n in range(1, modules)}
    other = f"from .m{modules - 1} import Other\nOther.Config.beta1 = 1\n"
    files = {**FILES, "m0.py": "from .own import Other\n", **handing, "other.py": other}
    write(project / "mypkg", files)
    assert ("mypkg/use.py:4" in titan_lint(*AT, ".").out) is (modules == 5)


def test_names_that_lead_in_a_circle_stand_for_anything(
    project: Path, titan_lint: TitanLint
) -> None:
    files = {
        "one.py": "from .two import Other\nfrom .two import *\nclass A(A): ...\n",
        "two.py": "from .one import Other\nfrom .one import *\n",
        "other.py": "from .one import Other\nOther.Config.beta1 = 1\n",
    }
    write(project / "mypkg", {**FILES, **files})
    assert "mypkg/use.py:4" not in titan_lint(*AT, ".").out
    again = "for x in y:\n    C = C.Config\n    D = C.Config\n    C = D\nC.Config.beta1 = 1\n"
    write(project / "mypkg", {"other.py": again})
    assert "mypkg/use.py:4" not in titan_lint(*AT, ".").out
    write(project / "mypkg", {"other.py": "from .two import Gone as G\nG.Config.beta1 = 1\n"})
    assert "mypkg/use.py:4" not in titan_lint(*AT, ".").out
