"""What a file says alone is what it says where no other file of its project is heard."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from titan_lint.api import bundle
from titan_lint.code.program import Program
from titan_lint.code.resolver import Resolver
from titan_lint.code.source import Source
from titan_lint.run.projects import Projects
from titan_lint.uses.types import SurfaceTypes

if TYPE_CHECKING:
    from pathlib import Path

OWN = """\
from torchtitan.config import JobConfig, ParallelismConfig
from torchtitan.models.llama3 import model_registry
from torchtitan.trainer import Trainer

class Engine(Trainer):
    config: ParallelismConfig

    def built(self):
        return model_registry("8B")

def made():
    return ParallelismConfig()
"""

IMPORTED = """\
import own
from typing import Optional, TypeVar
from torchtitan.config import ParallelismConfig
from own import Engine, made, model_registry
from own import *
"""

PROGRAMS = {
    "plain": "size = 1\nother = size\nown_config = ParallelismConfig()\nspec = model_registry('8B')\n",
    "through the module": "spec = own.model_registry('8B')\nengine = own.Engine()\nengine.config\n",
    "star": "config = JobConfig()\nconfig.model\n",
    "circle": """\
def one(n):
    return other(n - 1) if n else made()

def other(n):
    return one(n) or ParallelismConfig()

def apart(n):
    return apart(n - 1) if n else ParallelismConfig()

one(1), other(2), apart(3)
""",
    "loop": """\
a = b = None
for step in range(3):
    a, b = b, made()
    c = a
print(a, b, c)
""",
    "class": """\
class Mine(Engine):
    def __init__(self):
        self.size = 1
        self.spec = model_registry("8B")

    def run(self):
        return self.spec, self.size, self.config, self.built()

class Further(Mine):
    pass

class Plain:
    def __init__(self):
        self.size = 1

    def run(self):
        return self.size

Further().config, Further().size, Plain().run(), Mine().run()
""",
    "alias": """\
Kind = Optional[Engine]
Bound = TypeVar("Bound", bound=Engine)

def held(kind: Kind, bound: Bound, quoted: "Kind"):
    return kind.config, bound.config, quoted.config, kind.built()

def further(kind: Kind):
    return held(kind, kind, kind)
""",
    "put": """\
own.made.size = 1
made().size = 2
Engine.size = 3
config = made()
config.size
spec = model_registry("8B")
""",
    "put into the library": """from torchtitan.models import llama3

own.model_registry.flavor = 1
llama3.model_registry.flavor
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("order", [1, -1], ids=["forwards", "backwards"])
def test_an_answer_that_is_carried_over_is_the_one_that_the_file_gives_alone(
    tmp_path: Path, name: str, order: int
):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "own.py").write_text(OWN)
    path = tmp_path / "used.py"
    path.write_text(IMPORTED + PROGRAMS[name])
    paths = [str(tmp_path / "own.py"), str(path)]
    modules = Projects(paths, paths).own_modules(str(path))
    assert modules is not None
    program = Program(Source(str(path), path.read_text()))
    types = SurfaceTypes(bundle.load("0.3.0"), None)
    nodes = [node for node in program.nodes if isinstance(node, ast.expr)][::order]
    hearing = Resolver(program, types, modules=modules)
    for node in nodes:
        hearing.values(node)

    alone, fresh = hearing.alone(), Resolver(program, types)

    assert hearing.heard
    for node in nodes:
        assert alone.values(node) == fresh.values(node), ast.unparse(node)


def test_what_rests_on_no_other_file_is_not_worked_out_again(tmp_path: Path):
    program = Program(Source("used.py", "size = 1\nother = size\n"))
    hearing = Resolver(program, SurfaceTypes(bundle.load("0.3.0"), None))
    (name,) = program.loaded("size")

    found = hearing.values(name)

    assert hearing.alone().known[name] is found
