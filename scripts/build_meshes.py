"""Write down which names of meshes each bundled torchtitan knows, by asking it.

    python scripts/build_meshes.py --git CHECKOUT [--wheels FOLDER]
    python scripts/build_meshes.py --of FOLDER

CHECKOUT is a git clone of torchtitan with main's history; a wheel that FOLDER lacks is downloaded with pip.
`--of` prints what the one torchtitan that is unpacked in FOLDER knows, as JSON.

Each torchtitan makes its meshes on a process group without other processes, once for each value of the field
that decides on them, and with every kind of parallelism on. It is asked for all strings in its
`parallel_dims.py`; what it does not raise on, it knows. Needs torch and what torchtitan imports.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import json
import subprocess
import sys
import tempfile
import types
import typing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODULE = "torchtitan.distributed.parallel_dims"
MODULE_FILE = "torchtitan/distributed/parallel_dims.py"

# All kinds of parallelism are on, so that all meshes are made; experts in the three ways there are.
_DEGREES = {"dp_replicate": 2, "dp_shard": 4, "cp": 2, "tp": 2, "pp": 2, "world_size": 64}
_EXPERTS = ({"ep": 1, "etp": 1}, {"ep": 8, "etp": 1}, {"ep": 4, "etp": 2})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--git", type=Path, metavar="CHECKOUT", help="a git clone of torchtitan")
    parser.add_argument("--wheels", type=Path, metavar="FOLDER", help="has torchtitan's wheels")
    parser.add_argument("--of", type=Path, metavar="FOLDER", help="ask this torchtitan alone")
    arguments = parser.parse_args()
    if arguments.of is not None:
        print(json.dumps(ask(arguments.of)))
    elif arguments.git is not None:
        build(arguments.git, arguments.wheels)
    else:
        parser.error("give --git or --of")


def build(git: Path, wheels: Path | None) -> None:
    """Ask all bundled torchtitans; those with the same file are asked once."""
    sys.path.insert(0, str(ROOT))
    import build_surfaces as surfaces

    from titan_lint.api.changes import facts

    asked: dict[bytes, tuple[dict[str, Any], list[str]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for key, tree in surfaces.trees(git, wheels):
            content = tree.files[MODULE_FILE]
            if content not in asked:
                folder = Path(scratch, key)
                surfaces.unpack(tree, folder)
                command = [sys.executable, __file__, "--of", str(folder)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                asked[content] = (json.loads(done.stdout.splitlines()[-1]), [])
                print(f"{key:18} {asked[content][0]}", file=sys.stderr)
            asked[content][1].append(key)
    layouts: list[dict[str, Any]] = []
    for names, keys in asked.values():
        same = next(
            (each for each in layouts if {**each, "of": None} == {"of": None, **names}), None
        )
        if same is None:
            layouts.append(same := {"of": [], **names})
        same["of"] += keys
    record = {
        "$schema": "../schemas/meshes.json",
        "source": f"{MODULE_FILE} of each, run by scripts/build_meshes.py",
        "layouts": layouts,
    }
    path = facts.DATA / "meshes.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def ask(folder: Path) -> dict[str, Any]:
    """What the torchtitan in a folder knows: the keys of a `MeshLayout` without `of`."""
    sys.path.insert(0, str(folder))
    with contextlib.redirect_stdout(sys.stderr):
        import torch.distributed
        from torch.testing._internal.distributed.fake_pg import FakeStore

        torch.distributed.init_process_group(
            "fake", store=FakeStore(), rank=0, world_size=_DEGREES["world_size"]
        )
        module = _module(folder)
    source = Path(inspect.getfile(module)).resolve()
    if folder.resolve() not in source.parents:
        sys.exit(f"{folder}: another torchtitan was imported, that of {source}")
    words = sorted(_strings(source.read_text(encoding="utf-8")))
    cls = module.ParallelDims
    field, values = _field(cls)
    axes: dict[str, list[str]] = {}
    world: set[str] = set()
    kept_in: set[str] = set()
    for value in values:
        made = [
            cls(**_taken(cls, {**_DEGREES, **experts}), **({field: value} if field else {}))
            for experts in _EXPERTS
        ]
        if hasattr(cls, "get_optional_mesh"):
            known = [
                word
                for word in words
                if any(_answers(dims.get_optional_mesh, word, ValueError) for dims in made)
            ]
            axes[repr(value) if field else ""] = known
        for dims in made:
            # Before it kept its mesh, it built one for whoever asked.
            mesh = dims.world_mesh if hasattr(dims, "world_mesh") else dims.build_mesh("cpu")
            world |= {word for word in words if _answers(mesh.__getitem__, word, KeyError)}
            kept_in |= {name for name in vars(dims) if "mesh" in name}
    decides = field if axes else None
    return {"field": decides, "axes": axes, "world": sorted(world), "kept_in": sorted(kept_in)}


def _module(folder: Path) -> types.ModuleType:
    """The module alone: what its packages import besides may need another torch."""
    for package in ("torchtitan", "torchtitan.distributed"):
        sys.modules[package] = types.ModuleType(package)
        sys.modules[package].__path__ = [str(folder.joinpath(*package.split(".")))]
    return importlib.import_module(MODULE)


def _strings(text: str) -> set[str]:
    import ast

    return {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.isidentifier()
    }


def _field(cls: type) -> tuple[str | None, tuple[object, ...]]:
    """The field that decides on the meshes besides degrees, with its values; `None` without one."""
    for name, kind in typing.get_type_hints(cls).items():
        if typing.get_origin(kind) is typing.Literal:
            return name, typing.get_args(kind)
        if kind is bool:
            return name, (False, True)
    return None, (None,)


def _taken(cls: type, degrees: dict[str, int]) -> dict[str, int]:
    parameters = inspect.signature(cls).parameters
    return {name: degree for name, degree in degrees.items() if name in parameters}


def _answers(question: Any, word: str, refusal: type[Exception]) -> bool:
    try:
        question(word)
    except refusal:
        return False
    return True


if __name__ == "__main__":
    main()
