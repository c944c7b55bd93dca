"""What a class says of its instances counts where none of them says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import found, messages
from titan_lint.finding import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

IMPORTS = (
    "import dataclasses, os\n"
    "from dataclasses import dataclass\n"
    "from typing import ClassVar, NamedTuple\n"
    "from torchtitan.config import ParallelismConfig\n"
    "from torchtitan.models.llama3 import model_registry\n"
)
FIELD = "@dataclass\nclass Engine:\n    name: str\n    backend: str = 'default'\n"
PLAIN = "class Engine:\n    backend = 'default'\n"
READ = "ParallelismConfig(spmd_backend=engine.backend)\n"


@pytest.mark.parametrize(
    "text",
    [
        FIELD + "engine = Engine('a', backend='spmd_types')\n" + READ,
        FIELD + "engine = Engine('a', 'spmd_types')\n" + READ,
        FIELD + "engine = Engine(**given)\n" + READ,
        FIELD + "    def par(self):\n        return ParallelismConfig(spmd_backend=self.backend)\n"
        "Engine('a', backend='spmd_types').par()\n",
        FIELD + "    def par(self):\n        backend = self.backend\n"
        "        return ParallelismConfig(spmd_backend=backend)\nEngine('a', 'spmd_types').par()\n",
        FIELD
        + "    def par(self):\n        if self.backend == 'default':\n            return None\n"
        "        return ParallelismConfig(spmd_backend=self.backend)\n",
        "class Engine(NamedTuple):\n    backend: str = 'default'\n"
        "engine = Engine(backend='spmd_types')\n" + READ,
        # It is set by a name that is worked out, or from outside.
        PLAIN
        + "    def __init__(self, **kw):\n        for k, v in kw.items():\n            setattr(self, k, v)\n"
        "engine = Engine(backend='spmd_types')\n" + READ,
        PLAIN + "    def __init__(self, **kw):\n        self.__dict__.update(kw)\n"
        "engine = Engine(backend='spmd_types')\n" + READ,
        PLAIN + "    def __init__(self, **kw):\n        vars(self).update(kw)\n"
        "engine = Engine(backend='spmd_types')\n" + READ,
        PLAIN + "    def update(self, d):\n        self.__dict__.update(d)\n"
        "engine = Engine()\nengine.update(given)\n" + READ,
        PLAIN
        + "    def __init__(self):\n        for k in os.environ:\n            object.__setattr__(self, k, os.environ[k])\n"
        "engine = Engine()\n" + READ,
        PLAIN + "def load(s, d):\n    for k, v in d.items():\n        setattr(s, k, v)\n"
        "engine = Engine()\nload(engine, given)\n" + READ,
        PLAIN
        + "def fill(s):\n    s.backend = 'spmd_types'\nengine = Engine()\nfill(engine)\n"
        + READ,
        "class Engine:\n    def __init__(self, **kw):\n        self.backend = 'default'\n        self.__dict__.update(kw)\n"
        "engine = Engine(backend='spmd_types')\n" + READ,
        # One below has another one.
        "class Engine:\n    backend = 'default'\n    @classmethod\n    def par(cls):\n"
        "        return ParallelismConfig(spmd_backend=cls.backend)\n"
        "class Mine(Engine):\n    backend = 'spmd_types'\nMine.par()\n",
    ],
)
def test_what_an_instance_has_instead_is_not_what_its_class_says(text: str) -> None:
    assert messages("TTN401", IMPORTS + text) == []


@pytest.mark.parametrize(
    "use",
    [
        "",
        "Engine('a').par()\n",
        "Engine('a').par()\nEngine('b', backend='spmd_types').par()\n",
        "Engine('a', backend='default').par()\n",
    ],
)
def test_the_default_of_a_field_is_a_warning(use: str) -> None:
    text = (
        IMPORTS
        + FIELD
        + "    def par(self):\n        return ParallelismConfig(spmd_backend=self.backend)\n"
        + use
    )
    (one,) = found("TTN401", text, codes=("TTN401",))
    assert one.severity is Severity.WARNING


@pytest.mark.parametrize("flavor", ["9B", "8B_flex"])
def test_the_default_of_a_field_that_names_a_flavor_is_a_warning(flavor: str) -> None:
    text = (
        f"@dataclass\nclass Recipe:\n    flavor: str = '{flavor}'\n"
        "    def spec(self):\n        return model_registry(self.flavor)\n"
    )
    code = "TTN402" if flavor == "9B" else "TTN105"
    (one,) = found(code, IMPORTS + text, codes=(code,))
    assert one.severity is Severity.WARNING
    assert found(code, IMPORTS + text + "Recipe('8B').spec()\n", codes=(code,)) == []


@pytest.mark.parametrize(
    "text",
    [
        PLAIN + "engine = Engine()\n" + READ,
        PLAIN + "ParallelismConfig(spmd_backend=Engine.backend)\n",
        PLAIN + "    def par(self):\n        return ParallelismConfig(spmd_backend=self.backend)\n",
        "class Engine:\n    backend: str = 'default'\n    def __init__(self):\n        self.kept = 1\nengine = Engine()\n"
        + READ,
        "@dataclass\nclass Engine:\n    backend: ClassVar[str] = 'default'\nengine = Engine()\n"
        + READ,
        "class Engine:\n    def __init__(self):\n        self.backend = 'default'\nengine = Engine()\n"
        + READ,
        FIELD + "ParallelismConfig(spmd_backend=Engine.backend)\n",
        # It is set on other things.
        PLAIN
        + "import torchtitan.config as c\nfor k, v in given:\n    setattr(c, k, v)\nengine = Engine()\n"
        + READ,
    ],
)
def test_what_a_class_says_for_all_is_a_mistake(text: str) -> None:
    (one,) = found("TTN401", IMPORTS + text, codes=("TTN401",))
    assert one.severity is Severity.ERROR


def test_the_maker_may_stand_in_another_file(titan_lint: TitanLint, tmp_path: Path) -> None:
    base, use = tmp_path / "base.py", tmp_path / "use.py"
    use.write_text("from base import Engine\nEngine(backend='spmd_types').par()\n")
    asked = ("--isolated", "--no-cache", "--torchtitan", "0.3.0", "--select", "TTN401", tmp_path)
    par = "    def par(self):\n        return ParallelismConfig(spmd_backend=self.backend)\n"
    base.write_text(f"{IMPORTS}{PLAIN}{par}")
    assert "Found 1 error" in titan_lint(*asked).out
    base.write_text(f"{IMPORTS}@dataclass\nclass Engine:\n    backend: str = 'default'\n{par}")
    assert "Found 1 warning" in titan_lint(*asked).out
    base.write_text(
        f"{IMPORTS}{PLAIN}    def __init__(self, **kw):\n        self.__dict__.update(kw)\n{par}"
    )
    assert "spmd_backend" not in titan_lint(*asked).out
