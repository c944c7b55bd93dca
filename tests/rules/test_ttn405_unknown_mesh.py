"""TTN405: names of meshes that are not there, and those that may be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packages import unpacked
from tests.rules.cases import found, messages
from titan_lint.api import bundle
from titan_lint.api.changes import facts

ROOT = Path(__file__).resolve().parents[2]
IMPORTS = """\
from torchtitan.config import ParallelismConfig
from torchtitan.distributed import ParallelDims
from torchtitan.trainer import Trainer

"""
DECLARED = f"{IMPORTS}def f(dims: ParallelDims, trainer: Trainer):\n"
WORLD = f"{DECLARED}    mesh = dims.world_mesh\n"


def made(text: str, more: str = "") -> str:
    """Code that asks a ``ParallelDims`` that it makes itself, with more arguments."""
    return (
        f"{IMPORTS}dims = ParallelDims(1, -1, cp=1, tp=1, pp=1, ep=1, world_size=8{more})\n{text}\n"
    )


def test_every_bundled_torchtitan_has_its_meshes() -> None:
    keys = [key for layout in facts.meshes().layouts for key in layout.of]
    assert sorted(keys) == sorted(bundle.index())


# Torch is imported once for all, and each torchtitan into a process of its own.
ASK = """
import json, os, pathlib, sys
sys.path.insert(0, "scripts")
import build_meshes, torch.testing._internal.distributed.fake_pg
for folder in sys.argv[1:]:
    if not os.fork():
        print(json.dumps(build_meshes.ask(pathlib.Path(folder))), flush=True)
        os._exit(0)
    os.wait()
"""


def test_the_meshes_are_those_that_the_releases_make() -> None:
    versions = ["0.2.0", "0.2.1", "0.2.2", "0.3.0"]
    folders = [str(unpacked("torchtitan", version)) for version in versions]
    command = [sys.executable, "-c", ASK, *folders]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for version, answer in zip(versions, done.stdout.splitlines(), strict=True):
        layout = facts.meshes().of(version)
        assert layout is not None
        assert json.loads(answer) == {
            "field": layout.field,
            "axes": {value: sorted(names) for value, names in layout.axes.items()},
            "world": sorted(layout.world),
            "kept_in": sorted(layout.kept_in),
        }


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f'{DECLARED}    dims.get_mesh("etp")\n', "etp"),
        (f'{DECLARED}    dims.get_optional_mesh("etp")\n', "etp"),
        (f'{DECLARED}    dims.get_mesh(dims="etp")\n', "etp"),
        (f'{DECLARED}    dims.get_mesh(["ep", "etp"])\n', "etp"),
        (f'{DECLARED}    dims.get_mesh(("ep", "etp"))\n', "etp"),
        (f'{DECLARED}    dims.get_mesh([*more, "etp"])\n', "etp"),
        (f'{DECLARED}    trainer.parallel_dims.get_mesh("etp")\n', "etp"),
        (f'{DECLARED}    ask = dims.get_mesh\n    ask("ep")\n    dims.get_mesh("etp")\n', "etp"),
        (f'{DECLARED}    for name in ("etp",):\n        dims.get_mesh(name)\n', "etp"),
        (f'NAME = "etp"\n{DECLARED}    dims.get_mesh(NAME)\n', "etp"),
        (f'NAMES = ("ep", "etp")\n{DECLARED}    dims.get_mesh(NAMES)\n', "etp"),
        (f'NAMES = ["ep", "etp"]\n{DECLARED}    dims.get_mesh(NAMES)\n', "etp"),
        (f'{DECLARED}    dims.get_all_one_dimensional_meshes()["etp"]\n', "etp"),
        (f'{DECLARED}    dims.world_mesh["tp"]\n', "tp"),
        (f'{DECLARED}    dims.world_mesh["dp_replicate", "dp_shard"]\n', "dp_replicate"),
        (f'{DECLARED}    mesh = trainer.parallel_dims.world_mesh\n    mesh["tp"]\n', "tp"),
        # No torchtitan had it, and nothing but torchtitan's own class can be asked.
        (made('dims.get_mesh("typo")'), "typo"),
        # The backend in play has no such mesh.
        (made('dims.get_optional_mesh(["dp_replicate", "fsdp"])'), "fsdp"),
        (made('dims.get_mesh("fsdp")', ', spmd_backend="full_dtensor"'), "fsdp"),
        (made('dims.get_mesh("dp")', ', spmd_backend="full_dtensor"'), "dp"),
        (made('dims.get_mesh("dp_shard")', ', spmd_backend="partial_dtensor"'), "dp_shard"),
        (
            f"{IMPORTS}class Engine:\n"
            "    def __init__(self):\n"
            "        self.dims = ParallelDims(1, 8, 1, 1, 1, 1, world_size=8)\n\n"
            "    def mesh(self):\n"
            '        return self.dims.get_optional_mesh("fsdp")\n',
            "fsdp",
        ),
        (
            f"{IMPORTS}config = ParallelismConfig(tensor_parallel_degree=2)\n"
            'ParallelDims.from_config(config, 8).get_mesh("fsdp")\n',
            "fsdp",
        ),
    ],
)
def test_a_mesh_that_the_target_does_not_make_is_found(text: str, name: str) -> None:
    said = messages("TTN405", text)
    assert said
    assert f"knows no mesh {name!r} at torchtitan 0.3.0" in said[0]


RUNS = f"{IMPORTS}from torchtitan.trainer import Trainer\n\n"
PARTIAL = "parallelism=ParallelismConfig(spmd_backend='partial_dtensor')"
FULL = "parallelism=ParallelismConfig(spmd_backend='full_dtensor')"
ASKS = "trainer.parallel_dims.get_mesh('fsdp')\n"
OWN = f"{RUNS}class Mine(Trainer):\n    def mesh(self):\n        return self.parallel_dims.get_mesh('fsdp')\n\n"
OWN_CONFIG = f"from dataclasses import dataclass\n{OWN}".replace(
    "    def mesh",
    "    @dataclass(kw_only=True)\n    class Config(Trainer.Config):\n        more: int = 0\n\n    def mesh",
)


@pytest.mark.parametrize(
    "text",
    [
        f"{RUNS}trainer = Trainer(Trainer.Config({FULL}))\n{ASKS}",
        f"{RUNS}trainer = Trainer(config=Trainer.Config({FULL}))\n{ASKS}",
        f"{RUNS}trainer = Trainer.Config({FULL}).build()\n{ASKS}",
        # The target's default.
        f"{RUNS}trainer = Trainer(Trainer.Config())\n{ASKS}",
        f"{RUNS}trainer = Trainer(Trainer.Config(parallelism=ParallelismConfig()))\n{ASKS}",
        f"{RUNS}config = Trainer.Config()\ntrainer = config.build()\n{ASKS}",
        f"{RUNS}shards = ParallelismConfig(tensor_parallel_degree=2)\n"
        f"config = Trainer.Config(parallelism=shards)\ntrainer = Trainer(config)\n{ASKS}",
        f"{RUNS}def run():\n    trainer = Trainer(Trainer.Config())\n    dims = trainer.parallel_dims\n"
        "    return dims.get_optional_mesh('fsdp')\n",
        f"{RUNS}class Engine:\n    def __init__(self):\n        self.trainer = Trainer(Trainer.Config())\n\n"
        "    def mesh(self):\n        return self.trainer.parallel_dims.get_mesh('fsdp')\n",
        # A class derived from it, whose trainers all are made here.
        f"{OWN}Mine(Trainer.Config())\n",
        f"{OWN}config = Trainer.Config({FULL})\nMine(config).mesh()\n",
        f"{OWN}trainer = Mine(Trainer.Config())\ntrainer.parallel_dims.get_mesh('fsdp')\n",
        f"{OWN_CONFIG}Mine.Config().build()\n",
        f"{OWN_CONFIG}Mine(Mine.Config(more=1, {FULL}))\n",
    ],
)
def test_the_backend_is_that_of_the_config_that_the_trainer_is_made_with(text: str) -> None:
    assert any("knows no mesh 'fsdp'" in said for said in messages("TTN405", text))


@pytest.mark.parametrize(
    "text",
    [
        # It has it.
        f"{RUNS}trainer = Trainer(Trainer.Config({PARTIAL}))\n{ASKS}",
        f"{RUNS}trainer = Trainer.Config({PARTIAL}).build()\n{ASKS}",
        f"{OWN}Mine(Trainer.Config({PARTIAL}))\n",
        f"{OWN_CONFIG}Mine.Config({PARTIAL}).build()\n",
        # One of several does, or may.
        f"{OWN}Mine(Trainer.Config())\nMine(Trainer.Config({PARTIAL}))\n",
        f"{OWN}Mine(Trainer.Config())\nMine(config)\n",
        f"{RUNS}trainer = Trainer(Trainer.Config(parallelism=shards))\n{ASKS}",
        f"{RUNS}trainer = Trainer(Trainer.Config(**more))\n{ASKS}",
        f"{RUNS}trainer = Trainer(config)\n{ASKS}",
        # Nobody makes one here.
        OWN,
        OWN_CONFIG,
        # The config is another one by then.
        f"{RUNS}config = Trainer.Config()\nconfig.parallelism = shards\ntrainer = Trainer(config)\n{ASKS}",
        f"{RUNS}config = Trainer.Config()\nconfig.parallelism.spmd_backend = 'partial_dtensor'\n"
        f"trainer = Trainer(config)\n{ASKS}",
        f"from dataclasses import replace\n{RUNS}config = replace(Trainer.Config(), parallelism=shards)\n"
        f"trainer = Trainer(config)\n{ASKS}",
        f"from dataclasses import replace\n{RUNS}config = replace(Trainer.Config(), **more)\n"
        f"trainer = Trainer(config)\n{ASKS}",
        f"import engine\n{RUNS}config = Trainer.Config()\nengine.tune(config)\n"
        f"trainer = Trainer(config)\n{ASKS}",
        # The config's class has a default of its own.
        f"from dataclasses import dataclass, field\n{RUNS}@dataclass(kw_only=True)\nclass Config(Trainer.Config):\n"
        f"    parallelism: ParallelismConfig = field(default_factory=shards)\n\n"
        f"trainer = Trainer(Config())\n{ASKS}",
        # The trainer makes its meshes in another way.
        f"{OWN.replace('def mesh', 'def init_distributed(self): ...@    def mesh').replace('@', chr(10))}"
        "Mine(Trainer.Config())\n",
        f"{RUNS}Trainer.init_distributed = own\ntrainer = Trainer(Trainer.Config())\n{ASKS}",
        f"{RUNS}trainer = Trainer(Trainer.Config())\ntrainer.parallel_dims = own\n{ASKS}",
    ],
)
def test_nothing_is_said_where_the_trainer_may_have_another_backend(text: str) -> None:
    assert messages("TTN405", text) == []


@pytest.mark.parametrize(
    "text",
    [
        # They are there.
        f'{DECLARED}    dims.get_mesh("tp")\n',
        f'{DECLARED}    dims.get_optional_mesh(["dp_replicate", "efsdp"])\n',
        f'{DECLARED}    dims.world_mesh["world"]\n',
        # Which backend it is does not show.
        f'{DECLARED}    dims.get_mesh("fsdp")\n',
        f'{DECLARED}    dims.get_mesh("dp_shard")\n',
        f'{DECLARED}    trainer.parallel_dims.get_mesh("fsdp")\n',
        made('dims.get_mesh("fsdp")', ", spmd_backend=backend"),
        made('dims.get_mesh("fsdp")', ", **more"),
        made('dims.spmd_backend = "partial_dtensor"\ndims.get_mesh("fsdp")'),
        made('setattr(dims, name, value)\ndims.get_mesh("fsdp")'),
        made('if dims.spmd_backend == "partial_dtensor":\n    dims.get_mesh("fsdp")'),
        f"{IMPORTS}config = ParallelismConfig(spmd_backend='partial_dtensor')\n"
        'ParallelDims.from_config(config, 8).get_mesh("fsdp")\n',
        f"{IMPORTS}config = ParallelismConfig()\nconfig.spmd_backend = 'partial_dtensor'\n"
        'ParallelDims.from_config(config, 8).get_mesh("fsdp")\n',
        f"{IMPORTS}def f(config: ParallelismConfig):\n"
        '    ParallelDims.from_config(config, 8).get_mesh("fsdp")\n',
        # It has it.
        made('dims.get_mesh("fsdp")', ', spmd_backend="partial_dtensor"'),
        made('dims.get_mesh("dp_shard")'),
        # The name may be several.
        f'{DECLARED}    dims.get_mesh("etp" if old else "ep")\n',
        f'{DECLARED}    for name in ("ep", "etp"):\n        dims.get_mesh(name)\n',
        f"{DECLARED}    dims.get_mesh(name)\n",
        f'NAMES = ["ep", "etp"]\nNAMES.remove("etp")\n{DECLARED}    dims.get_mesh(NAMES)\n',
        # The file takes care.
        f'{DECLARED}    try:\n        dims.get_mesh("etp")\n    except ValueError:\n        pass\n',
        f'{DECLARED}    try:\n        dims.world_mesh["tp"]\n    except KeyError:\n        pass\n',
        f'{DECLARED}    if "etp" in names:\n        dims.get_mesh("etp")\n',
        "import pytest\n"
        f'{DECLARED}    with pytest.raises(ValueError):\n        dims.get_mesh("etp")\n',
        f'{DECLARED}    if hasattr(dims, "etp"):\n        dims.get_mesh("etp")\n',
        f'{WORLD}    if "tp" not in mesh.mesh_dim_names:\n        return\n    mesh["tp"]\n',
        f'{WORLD}    assert "tp" in mesh.mesh_dim_names\n    mesh["tp"]\n',
        f'{WORLD}    has = "tp" in mesh.mesh_dim_names\n    if has:\n        mesh["tp"]\n',
        f'{DECLARED}    get = getattr(dims, "get_mesh", None)\n'
        '    get("tp") if get else dims.world_mesh["tp"]\n',
        f'{DECLARED}    try:\n        dims.get_mesh("tp")\n    except AttributeError:\n'
        '        dims.world_mesh["tp"]\n',
        # It is not torchtitan's, or not as torchtitan made it.
        'import torchtitan\n\n\ndef f(dims):\n    dims.get_mesh("etp")\n',
        f'{DECLARED}    dims._single_axis_meshes["etp"] = mine\n    dims.get_mesh("etp")\n',
        f"{IMPORTS}ParallelDims.build_mesh = mine\n\n\ndef f(dims: ParallelDims):\n"
        '    dims.get_mesh("etp")\n',
        f"{IMPORTS}class Mine(ParallelDims):\n    def build_mesh(self): ...\n\n\n"
        'def f(dims: ParallelDims):\n    dims.get_mesh("etp")\n',
        f'{DECLARED}    dims.get_mesh = mine\n    dims.get_mesh("etp")\n',
        f'{DECLARED}    dims.world_mesh = mine\n    dims.world_mesh["tp"]\n',
        f'{WORLD}    mesh._flatten("dp_cp")\n    mesh["dp_cp"]\n',
        f"{DECLARED}    all = dims.get_all_one_dimensional_meshes()\n"
        '    all["etp"] = mine\n    all["etp"]\n',
        "from unittest.mock import patch\n"
        f'{DECLARED}    with patch.object(dims, "get_mesh"):\n        dims.get_mesh("etp")\n',
        # It never was torchtitan's, so that what is declared may be of a class that has it.
        f'{DECLARED}    dims.get_mesh("mine")\n',
        # Each is there, but together they are no mesh; nor is what is asked of a mesh looked at.
        f'{DECLARED}    dims.get_mesh(["cp", "efsdp"])\n',
        f'{DECLARED}    dims.get_mesh(["dp_replicate", "tp"])["cp"]\n',
        # These leave out what is not there.
        f'{DECLARED}    dims.get_activated_mesh(["etp"])\n',
        f'{DECLARED}    dims.resolve_mesh(["etp"])\n',
        f'{DECLARED}    dims.get_all_one_dimensional_meshes().get("etp")\n',
    ],
)
def test_a_mesh_that_may_be_there_is_left_alone(text: str) -> None:
    assert messages("TTN405", text) == []


@pytest.mark.parametrize(
    ("text", "version", "note"),
    [
        (
            'dims.get_mesh("etp")',
            "0.3.0",
            "it is gone since 2026-04-30 (torchtitan commit c4b409af2): it was last in torchtitan main of 2026-04-28",
        ),
        (
            'dims.get_mesh("dp")',
            "0.2.2",
            "it is not there yet: the first known here that has it is torchtitan main of",
        ),
        (
            'dims.world_mesh["world"]',
            "0.2.0",
            "it is not there yet: the first known here that has it is torchtitan main of 2025-12-17",
        ),
        (
            'dims.world_mesh["dp_cp"]',
            "0.3.0",
            "it is gone since 2025-12-17 (torchtitan commit 183a0d2e7): it was last in torchtitan main of 2025-11-21",
        ),
    ],
)
def test_it_is_said_where_the_mesh_is(text: str, version: str, note: str) -> None:
    (finding,) = found("TTN405", f"{DECLARED}    {text}\n", version, ("TTN405",))
    assert note in finding.notes[0]


def test_a_mesh_that_no_torchtitan_had_was_never_there() -> None:
    (finding,) = found("TTN405", made('dims.get_mesh("typo")'), codes=("TTN405",))
    assert finding.notes[0] == "no torchtitan known here has it"
    assert "'tp'" in finding.notes[1]


def test_the_backend_that_has_the_mesh_is_named() -> None:
    (finding,) = found("TTN405", made('dims.get_mesh("fsdp")'), codes=("TTN405",))
    assert finding.notes == (
        "`spmd_backend` is 'spmd_types' here; 'partial_dtensor' has it",
        "`spmd_backend` has another default since 2026-08-18 (torchtitan commit 5ab3a0fd1)",
    )
    assert finding.help.startswith("Pass `spmd_backend='partial_dtensor'`")


@pytest.mark.parametrize(
    "passed",
    [
        'ParallelDims(1, -1, cp=1, tp=1, pp=1, ep=1, world_size=8, spmd_backend="spmd_types")',
        'ParallelDims(1, -1, 1, 1, 1, 1, 8, "spmd_types")',
        'ParallelDims.from_config(ParallelismConfig(spmd_backend="spmd_types"), 8)',
    ],
)
def test_a_default_is_said_to_have_changed_only_where_nobody_passes_the_value(passed: str) -> None:
    text = (
        "from torchtitan.config import ParallelismConfig\n"
        "from torchtitan.distributed import ParallelDims\n"
        f"dims = {passed}\n"
        'dims.get_mesh("fsdp")\n'
    )
    (finding,) = found("TTN405", text, codes=("TTN405",))
    assert finding.notes == ("`spmd_backend` is 'spmd_types' here; 'partial_dtensor' has it",)


def test_a_world_mesh_of_0_2_0_is_asked_for_by_get_mesh_now() -> None:
    (finding,) = found("TTN405", f'{DECLARED}    dims.world_mesh["tp"]\n', codes=("TTN405",))
    assert finding.help == 'Use `get_mesh("tp")`'
    assert messages("TTN405", f'{DECLARED}    dims.world_mesh["tp"]\n', "0.2.0") == []


def test_what_verl_asks_for_is_found_at_the_default_backend_alone() -> None:
    path = unpacked("verl", "0.7.1") / "verl/workers/engine/torchtitan/transformer_impl.py"
    text = path.read_text(encoding="utf-8")
    assert len(messages("TTN405", text, "0.3.0")) == 2
    assert messages("TTN405", text, "0.2.2") == []
    assert messages("TTN405", text, "2026-08-17") == []


def test_nothing_is_said_at_a_torchtitan_that_is_not_bundled(tmp_path: Path) -> None:
    dims = "torchtitan/distributed/parallel_dims.py"
    package = tmp_path / dims
    package.parent.mkdir(parents=True)
    package.write_text((unpacked("torchtitan", "0.3.0") / dims).read_text())
    (package.parent / "__init__.py").write_text("from .parallel_dims import ParallelDims\n")
    for name in ("__init__.py", "train.py"):
        (package.parents[1] / name).touch()
    text = f'{DECLARED}    dims.get_mesh("etp")\n'
    assert messages("TTN405", text)
    assert messages("TTN405", text, str(tmp_path)) == []
