"""Write down what each bundled torchtitan's models put into the fields of their `ModelSpec` or `TrainSpec`.

    python scripts/build_specs.py --git CHECKOUT [--wheels FOLDER]
    python scripts/build_specs.py --of VERSION FOLDER

CHECKOUT is a git clone of torchtitan with main's history; a wheel that FOLDER lacks is downloaded with pip.
`--of` prints the fields of the one torchtitan that is unpacked in FOLDER, a bundled version, as JSON.

A field is written down where the package's registry makes its spec in one way alone, and puts a function or class
there that the package has under a name.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import build_surfaces as surfaces  # noqa: E402

from titan_lint.api import Class, Function, bundle  # noqa: E402
from titan_lint.api.changes import facts  # noqa: E402
from titan_lint.api.extract import tree  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.api import Surface

_REGISTRIES = ("model_registry", "get_train_spec")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--git", type=Path, metavar="CHECKOUT", help="a git clone of torchtitan")
    parser.add_argument("--wheels", type=Path, metavar="FOLDER", help="has torchtitan's wheels")
    parser.add_argument("--of", nargs=2, metavar=("VERSION", "FOLDER"), help="read this one alone")
    arguments = parser.parse_args()
    if arguments.of is not None:
        version, folder = arguments.of
        print(json.dumps(specs(tree.read(folder), bundle.load(version))))
    elif arguments.git is not None:
        build(arguments.git, arguments.wheels)
    else:
        parser.error("give --git or --of")


def build(git: Path, wheels: Path | None) -> None:
    """Read all bundled torchtitans, and write what is the same in several of them once."""
    found: dict[tuple[str, str], list[str]] = {}
    for key, read in surfaces.trees(git, wheels):
        for package, fields in specs(read, bundle.load(key)).items():
            found.setdefault((package, json.dumps(fields, sort_keys=True)), []).append(key)
    rows = [
        f'  {{"of": {json.dumps(keys)},\n   "package": {json.dumps(package)},\n   "fields": {fields}}}'
        for (package, fields), keys in sorted(found.items())
    ]
    source = "torchtitan's own code at each, read by scripts/build_specs.py"
    (facts.DATA / "specs.json").write_text(
        '{\n "$schema": "../schemas/specs.json",\n'
        f' "source": {json.dumps(source)},\n "specs": [\n' + ",\n".join(rows) + "\n ]\n}\n",
        encoding="utf-8",
    )


def specs(read: tree.Tree, surface: Surface) -> dict[str, dict[str, str]]:
    """By package, the fields of its spec and the names in the package of what they get."""
    found: dict[str, dict[str, str]] = {}
    for module, path, content in read.modules():
        if path.endswith("__init__.py") and module.startswith(
            ("torchtitan.models.", "torchtitan.experiments.")
        ):
            program = ast.parse(content)
            made = list(_made(program))
            fields = {
                word.arg: word.value.id
                for word in (made[0].keywords if len(made) == 1 else ())
                if word.arg is not None
                and isinstance(word.value, ast.Name)
                and word.value.id not in _rebound(program)
                and isinstance(surface.lookup(f"{module}.{word.value.id}"), Class | Function)
            }
            if fields:
                found[module] = fields
    return found


def _made(program: ast.Module) -> Iterator[ast.Call]:
    """The calls that make the specs of a package."""
    for statement in program.body:
        match statement:
            case ast.FunctionDef(name=name, body=body) if name in _REGISTRIES:
                yield from _specs(part for each in body for part in ast.walk(each))
            case ast.Expr(value=ast.Call(func=ast.Name(id="register_train_spec"), args=args)):
                yield from _specs(args)
            case _:
                pass


def _rebound(program: ast.Module) -> set[str]:
    """The names that anything but an import, a function or a class binds, wherever."""
    return {
        part.arg if isinstance(part, ast.arg) else part.id
        for part in ast.walk(program)
        if isinstance(part, ast.arg)
        or (isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
    }


def _specs(parts: Iterable[ast.AST]) -> Iterator[ast.Call]:
    for part in parts:
        match part:
            case ast.Call(func=ast.Name(id=name)) if name.endswith("Spec"):
                yield part
            case _:
                pass


if __name__ == "__main__":
    main()
