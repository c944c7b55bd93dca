"""Write down how each bundled torchtitan calls the methods, functions and callables that others may bring.

    python scripts/build_calls.py --git CHECKOUT [--wheels FOLDER]
    python scripts/build_calls.py --of VERSION FOLDER

CHECKOUT is a git clone of torchtitan with main's history; a wheel that FOLDER lacks is downloaded with pip.
`--of` prints the calls of the one torchtitan that is unpacked in FOLDER, a bundled version, as JSON.

Every call of a method, or of a callable in a field, is read whose receiver torchtitan's own code tells: `self`,
what is annotated, what a config builds. So is every call of a function that is looked up in a module when the call is
made, by the name that it has in that module: who imported it by name looks it up in its own one. Of experiments the
calls count, and not what they let others override.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import build_surfaces as surfaces  # noqa: E402

from titan_lint.api import Class, Function, Module, Variable, bundle, history  # noqa: E402
from titan_lint.api.changes import facts  # noqa: E402
from titan_lint.api.extract import tree  # noqa: E402
from titan_lint.api.targets import Target  # noqa: E402
from titan_lint.code.names import FunctionNode, Kind  # noqa: E402
from titan_lint.code.program import Program  # noqa: E402
from titan_lint.code.source import Source  # noqa: E402
from titan_lint.code.values import Instance, LocalInstance, Ref  # noqa: E402
from titan_lint.uses.file import File  # noqa: E402
from titan_lint.uses.options import Options  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.api import Surface

    Call = tuple[str, str]
    # What is called, and the row for it as JSON.

_EXPERIMENTS = "torchtitan.experiments."
_ASKING = frozenset({"isinstance", "issubclass", "hasattr", "callable"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--git", type=Path, metavar="CHECKOUT", help="a git clone of torchtitan")
    parser.add_argument("--wheels", type=Path, metavar="FOLDER", help="has torchtitan's wheels")
    parser.add_argument("--of", nargs=2, metavar=("VERSION", "FOLDER"), help="read this one alone")
    arguments = parser.parse_args()
    if arguments.of is not None:
        version, folder = arguments.of
        print(json.dumps(nested(calls(tree.read(folder), bundle.load(version)))))
    elif arguments.git is not None:
        build(arguments.git, arguments.wheels)
    else:
        parser.error("give --git or --of")


def build(git: Path, wheels: Path | None) -> None:
    """Read all bundled torchtitans, and write each call once, with those that make it."""
    making: dict[Call, list[str]] = {}
    for key, read in surfaces.trees(git, wheels):
        found = calls(read, bundle.load(key))
        print(f"{key:18} {len(found)} calls", file=sys.stderr)
        for call in found:
            making.setdefault(call, []).append(key)
    groups: dict[tuple[str, ...], set[Call]] = {}
    for call, keys in making.items():
        groups.setdefault(tuple(keys), set()).add(call)
    order = history.timeline()
    path = facts.DATA / "calls_inside.json"
    path.write_text(
        _text(sorted(groups.items(), key=lambda group: [order.index(key) for key in group[0]])),
        encoding="utf-8",
    )


def _text(groups: Iterable[tuple[tuple[str, ...], set[Call]]]) -> str:
    """The file's text, a line for each thing that is called: a reader finds it, and a diff shows it."""
    source = "torchtitan's own code at each, read by scripts/build_calls.py"
    lines: list[str] = []
    for keys, found in groups:
        rows = [
            f"    {json.dumps(callee)}: {json.dumps(some)}"
            for callee, some in nested(found).items()
        ]
        lines.append(
            f'  {{\n   "of": {json.dumps(keys)},\n   "calls": {{\n'
            + ",\n".join(rows)
            + "\n   }\n  }"
        )
    return (
        '{\n "$schema": "../schemas/calls_inside.json",\n'
        f' "source": {json.dumps(source)},\n "groups": [\n' + ",\n".join(lines) + "\n ]\n}\n"
    )


def nested(found: Iterable[Call]) -> dict[str, list[Any]]:
    """Calls by what is called."""
    by_callee: dict[str, list[Any]] = {}
    for callee, row in sorted(found):
        by_callee.setdefault(callee, []).append(json.loads(row))
    return by_callee


def calls(read: tree.Tree, surface: Surface) -> set[Call]:
    """The calls that one torchtitan makes."""
    found: set[Call] = set()
    for module, path, content in read.modules():
        if module.partition(".")[0] != "torchtitan":
            continue
        program = Program(Source.decode(path, content))
        package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
        file = File(program, Target(surface, surface.key, ""), Options(), package)
        found.update(_of_functions(file, module))
        for call in file.calls:
            if not isinstance(call.func, ast.Attribute):
                continue
            function = program.function(call)
            by = _path(program, module, function) if function is not None else None
            if by is None:
                continue
            row = json.dumps(_row(program, call, by))
            for owner in _owners(file, module, call.func.value):
                if _is_callee(surface, owner, call.func.attr):
                    found.add((f"{owner}.{call.func.attr}", row))
    return found


def _of_functions(file: File, module: str) -> Iterator[Call]:
    """The calls of functions that a module makes by names of modules; a use that is no call is one in any way."""
    program = file.program
    for node in program.of(ast.Name, ast.Attribute):
        function = program.function(node)
        if function is None or not isinstance(node.ctx, ast.Load):
            continue
        callee = _looked_up(file, module, node)
        if callee is None or callee.startswith(_EXPERIMENTS):
            continue
        if not isinstance(file.target.surface.lookup(callee), Function):
            continue
        outer = [each for each in program.ancestors(node) if isinstance(each, FunctionNode)][-1]
        by = _path(program, module, outer)
        parent = program.parents[node]
        if by is not None and isinstance(parent, ast.Call) and parent.func is node:
            # A test of a class says nothing about the function, which is the same for all.
            row = _row(program, parent, by, frozenset())
        else:
            row = {"by": by or module, "doubtful": True}
        yield callee, json.dumps(row)


def _looked_up(file: File, module: str, node: ast.Name | ast.Attribute) -> str | None:
    """The module and name by which a function is looked up when an expression is reached."""
    if isinstance(node, ast.Attribute):
        owner = file.sole(node.value)
        found = file.target.surface.lookup(owner.path) if isinstance(owner, Ref) else None
        return f"{owner.path}.{node.attr}" if isinstance(found, Module) else None
    bindings = file.program.bindings
    mine = bindings.of(node)
    if mine and all(one in bindings.module.bindings.get(node.id, ()) for one in mine):
        return f"{module}.{node.id}"
    match mine:
        case [binding] if binding.kind is Kind.FROM:
            path = importlib.util.resolve_name(binding.path, file.package)
            return f"{path}.{binding.member}"
        case _:
            return None


def _path(program: Program, module: str, node: ast.AST) -> str | None:
    """The path of a class or function; `None` for what is made anew each time a function runs."""
    names: list[str] = []
    for each in (node, *program.ancestors(node)):
        if isinstance(each, FunctionNode) and (each is not node or isinstance(each, ast.Lambda)):
            return None
        if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.append(each.name)
    return ".".join((module, *reversed(names)))


def _row(
    program: Program, call: ast.Call, by: str, asking: frozenset[str] = _ASKING
) -> dict[str, Any]:
    """What a `CallInside` has, without defaults; a test around it that calls one of `asking` makes it doubtful."""
    row: dict[str, Any] = {"by": by}
    positional = [each for each in call.args if not isinstance(each, ast.Starred)]
    keywords = [each.arg for each in call.keywords if each.arg is not None]
    parent = program.parents[call]
    if positional:
        row["positional"] = len(positional)
    if keywords:
        row["keywords"] = keywords
    match parent:
        case ast.Assign(targets=[ast.Tuple(elts=names)]) if not any(
            isinstance(name, ast.Starred) for name in names
        ):
            row["unpacks"] = len(names)
        case _:
            pass
    spread = len(positional) + len(keywords) < len(call.args) + len(call.keywords)
    if spread or _is_asked_for(program, call, asking):
        row["doubtful"] = True
    return row


def _is_asked_for(program: Program, call: ast.Call, asking: frozenset[str]) -> bool:
    """Whether a test or a handler around a call may make it one for certain classes alone."""
    for parent in program.ancestors(call):
        match parent:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return False
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) if any(
                isinstance(part, ast.Name) and part.id in asking for part in ast.walk(test)
            ):
                return True
            case ast.Try(handlers=[_, *_]):
                return True
            case _:
                pass
    return False


def _owners(file: File, module: str, receiver: ast.expr) -> Iterator[str]:
    """The classes that a receiver is known to be an instance of; none where it may be another thing."""
    owners: list[str] = []
    for value in file.values(receiver):
        match value:
            case Instance(cls=cls):
                owners.append(cls)
            case LocalInstance(info=info) if path := _path(file.program, module, info.node):
                owners.append(path)
            case _:
                return
    yield from owners


def _is_callee(surface: Surface, owner: str, name: str) -> bool:
    """Whether a class of torchtitan's has a method of that name, or a field that instances get one in."""
    cls = surface.lookup(owner) if owner.startswith("torchtitan.") else None
    if not isinstance(cls, Class) or owner.startswith(_EXPERIMENTS):
        return False
    member = cls.member(name)
    if isinstance(member, Variable):
        return any(field.name == name for field in cls.fields)
    return isinstance(member, Function)


if __name__ == "__main__":
    main()
