"""Write down what each bundled torchtitan's models call their parameters, by building them.

    python scripts/build_state_dicts.py --git CHECKOUT [--wheels FOLDER] [VERSION...]
    python scripts/build_state_dicts.py --of FOLDER

CHECKOUT is a git clone of torchtitan with main's history; a wheel that FOLDER lacks is downloaded with pip.
Where VERSIONs are named (`main@74181b1e8`), they alone are built, and what is known of the others stays.
`--of` prints what the one torchtitan that is unpacked in FOLDER calls them, as JSON.

Each torchtitan builds every flavor of every model in `torchtitan.models` and `torchtitan.experiments` on the
`meta` device. Needs torch and what torchtitan imports; other packages that only its models ask for are stood
in for. A model that cannot be built at a version is not in its record, and is named on the way.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("torchtitan.models", "torchtitan.experiments")

Model = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("versions", nargs="*", metavar="VERSION", help="build these alone")
    parser.add_argument("--git", type=Path, metavar="CHECKOUT", help="a git clone of torchtitan")
    parser.add_argument("--wheels", type=Path, metavar="FOLDER", help="has torchtitan's wheels")
    parser.add_argument("--of", type=Path, metavar="FOLDER", help="ask this torchtitan alone")
    arguments = parser.parse_args()
    if arguments.of is not None:
        print(json.dumps(ask(arguments.of)))
    elif arguments.git is not None:
        build(arguments.git, arguments.wheels, arguments.versions)
    else:
        parser.error("give --git or --of")


def build(git: Path, wheels: Path | None, only: list[str]) -> None:
    """Ask all bundled torchtitans, or some; what several call the same is written once."""
    sys.path.insert(0, str(ROOT))
    import build_surfaces as surfaces

    from titan_lint.api import history
    from titan_lint.api.changes import facts

    path = facts.DATA / "state_dicts.json"
    found: list[Model] = json.loads(path.read_text(encoding="utf-8"))["models"] if only else []
    for known in found:
        known["of"] = [key for key in known["of"] if key not in only]
    for key, tree in surfaces.trees(git, wheels, only):
        with tempfile.TemporaryDirectory() as folder:
            surfaces.unpack(tree, Path(folder))
            command = [sys.executable, __file__, "--of", folder]
            done = subprocess.run(command, capture_output=True, text=True)
        sys.stderr.write(done.stderr)
        if done.returncode:
            # One that is much older than the torch here.
            print(f"{key:18} does not import here", file=sys.stderr)
            continue
        models: list[Model] = json.loads(done.stdout.splitlines()[-1])
        print(f"{key:18} {' '.join(model['model'] for model in models)}", file=sys.stderr)
        for model in models:
            same = next((known for known in found if {**known, "of": None} == model), None)
            if same is None:
                found.append(same := {**model, "of": []})
            same["of"].append(key)
    order = history.timeline()
    for model in found:
        model["of"].sort(key=order.index)
    found = [model for model in found if model["of"]]
    record = {
        "$schema": "../schemas/state_dicts.json",
        "source": "the models of each, built by scripts/build_state_dicts.py",
        "models": sorted(found, key=lambda model: (model["model"], order.index(model["of"][0]))),
    }
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def ask(folder: Path) -> list[Model]:
    """What the torchtitan in a folder calls its parameters: `StateDict` records, with ``of`` not filled in."""
    sys.path[:0] = [str(folder), str(ROOT)]
    from tests.agreement.worker import StandIns

    sys.meta_path.append(StandIns())
    found: dict[tuple[str, str, str], list[set[str]]] = {}
    with contextlib.redirect_stdout(sys.stderr):
        for name, flavor, make in _flavors():
            try:
                built = _built(make)
            except Exception as error:
                print(f"{name} {flavor}: {type(error).__name__}: {error}", file=sys.stderr)
                continue
            model, adapter = built
            source = Path(inspect.getfile(type(model))).resolve()
            if folder.resolve() not in source.parents:
                sys.exit(f"{folder}: another torchtitan was imported, that of {source}")
            key = (name.rpartition(".")[2], _path(type(model)), _path(adapter) if adapter else "")
            for known, names in zip(
                found.setdefault(key, [set(), set(), set()]),
                (
                    model.state_dict(),
                    (name for name, _ in model.named_parameters()),
                    (name for name, _ in model.named_modules() if name),
                ),
                strict=True,
            ):
                known |= {re.sub(r"(?<=\.)\d+(?=\.|$)", "{}", name) for name in names}
    return [
        {
            "of": None,
            "model": name,
            "class": cls,
            "adapter": adapter or None,
            "keys": sorted(keys),
            "parameters": sorted(parameters - keys),
            "modules": sorted(modules - _holders(keys | parameters)),
        }
        for (name, cls, adapter), (keys, parameters, modules) in sorted(found.items())
    ]


def _flavors() -> Iterator[tuple[str, str, Callable[[], tuple[Any, Any]]]]:
    """Every flavor of every model: the model's package, the flavor, and what gives both model and spec."""
    for package in PACKAGES:
        path = importlib.import_module(package).__path__
        for info in pkgutil.iter_modules(path, f"{package}."):
            if not info.ispkg:
                continue
            try:
                module = importlib.import_module(info.name)
            except Exception as error:
                print(f"{info.name}: {type(error).__name__}: {error}", file=sys.stderr)
                continue
            for flavor, make in _of_module(module):
                yield info.name, flavor, make


def _of_module(module: Any) -> Iterator[tuple[str, Callable[[], tuple[Any, Any]]]]:
    if hasattr(module, "model_registry"):
        registry = module.model_registry
        # What is off by default may bring names: `num_mtp_layers`.
        off = [
            name
            for name, parameter in inspect.signature(registry).parameters.items()
            if type(parameter.default) is int and not parameter.default
        ]
        tables = [
            table
            for name, table in vars(module).items()
            if name.endswith("_configs") and isinstance(table, dict)
        ]
        for flavor in {flavor: None for table in tables for flavor in table}:
            for more in ({}, *({name: 1} for name in off)):

                def make(flavor: str = flavor, more: dict[str, int] = more) -> tuple[Any, Any]:
                    spec = registry(flavor, **more)
                    return spec.model.build(), spec.state_dict_adapter

                yield f"{flavor} {more or ''}", make
    elif hasattr(module, "get_train_spec"):
        for flavor in module.get_train_spec().model_args:

            def make_old(flavor: str = flavor) -> tuple[Any, Any]:
                from torchtitan.config import JobConfig

                spec = module.get_train_spec()
                arguments = spec.model_args[flavor]
                # As torchtitan's own trainer does: some fields are not there before.
                with contextlib.suppress(Exception):
                    arguments.update_from_config(JobConfig())
                return spec.model_cls(arguments), spec.state_dict_adapter

            yield flavor, make_old


def _built(make: Callable[[], tuple[Any, Any]]) -> tuple[Any, Any]:
    import torch

    with torch.device("meta"):
        return make()


def _holders(names: set[str]) -> set[str]:
    """The modules that hold something of a name, at any depth."""
    return {name[: end.start()] for name in names for end in re.finditer(r"\.", name)}


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


if __name__ == "__main__":
    main()
