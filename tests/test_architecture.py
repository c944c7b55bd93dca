"""Which file may import which: arrows point down, and no circle.

Every import counts: at the top, in a function, under ``TYPE_CHECKING``, and by ``import_module`` as far as
the module's name is written out. A name that is imported from a package counts for the module of that
name if there is one, else for the package; that importing a module runs its packages' ``__init__`` does
not count.

``python tests/test_architecture.py [ROOT]`` prints what is against the order, and every circle.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]

ORDER = (
    ("__main__", "codemods", "__init__"),
    ("cli",),
    ("server", "survey"),
    ("fixit", "library"),
    ("libcst",),
    ("report", "verify"),
    ("run",),
    ("check", "config"),
    ("rules",),
    ("fixes",),
    ("uses", "documents"),
    ("rewriting",),
    ("api", "code"),
    ("ground",),
)
"""The rooms. A room knows those of the lines below its own; those of one line know nothing of each other."""

GROUND = (
    "cache_folder",
    "finding",
    "git",
    "html_page",
    "json_documents",
    "newer_data",
    "newer_syntax",
    "package_folder",
    "pin_files",
    "read_file",
    "structs",
    "typeguards",
    "version",
    "write_file",
)
"""The files of ``titan_lint/`` itself that every room may import."""

EXCEPTIONS: frozenset[tuple[str, str]] = frozenset()
"""Imports, (importer, imported), that are against the order or close a circle. To shrink, never to grow."""

# Where files go that have not moved yet; the longest prefix counts.
OLD_ROOMS: dict[str, str] = {}

Graph = Mapping[str, Set[str]]
Pair = tuple[str, str]
Tree = Callable[[dict[str, str]], Path]


class Violations(NamedTuple):
    """What is against the architecture.

    Attributes:
        homeless: Modules that are in no room.
        upward: Imports of a room that the importer's room does not know, (importer, imported).
        circles: The modules of each circle.
    """

    homeless: list[str]
    upward: list[Pair]
    circles: list[list[str]]


def violations(root: Path, exceptions: Set[Pair] = frozenset()) -> Violations:
    """What is against the architecture in the packages ``titan_lint`` and ``codemods`` under ``root``.

    Imports in ``exceptions`` are looked at as if they were not there.
    """
    return against(imports(root), exceptions)


def against(graph: Graph, exceptions: Set[Pair] = frozenset()) -> Violations:
    """What is against the architecture in the imports of ``graph`` that are not in ``exceptions``."""
    graph = {
        importer: {imported for imported in others if (importer, imported) not in exceptions}
        for importer, others in graph.items()
    }
    homeless = sorted(module for module in graph if room(module) is None)
    return Violations(homeless, upward(graph), circles(graph))


def needless(graph: Graph, exceptions: Set[Pair]) -> list[Pair]:
    """The exceptions without which no more is against the architecture than with them."""
    least = against(graph, exceptions)
    return sorted(pair for pair in exceptions if against(graph, exceptions - {pair}) == least)


def room(module: str) -> str | None:
    """The room of a module, or None where it is in none.

    It is the first folder under ``titan_lint``, or "ground", or "codemods" for that package.
    """
    name = module
    while name:
        if name in OLD_ROOMS:
            return OLD_ROOMS[name]
        name = name.rpartition(".")[0]
    package, _, rest = module.partition(".")
    if package == "codemods":
        return "codemods"
    first, _, inner = rest.partition(".")
    first = first or "__init__"
    if not inner and first in GROUND:
        return "ground"
    return first if any(first in line for line in ORDER) else None


def upward(graph: Graph) -> list[Pair]:
    """The imports that do not point down, sorted. Modules without a room are passed over."""
    lines = {name: number for number, line in enumerate(ORDER) for name in line}
    found: list[Pair] = []
    for importer, others in graph.items():
        for imported in others:
            above, below = room(importer), room(imported)
            if above is None or below is None or above == below:
                continue
            if lines[above] >= lines[below]:
                found.append((importer, imported))
    return sorted(found)


def circles(graph: Graph) -> list[list[str]]:
    """The strongly connected components of more than one module, each sorted."""
    reach = {module: _reached(graph, module) for module in graph}
    groups = {
        frozenset(other for other in reach[module] if module in reach.get(other, ()))
        for module in graph
        if module in reach[module]
    }
    return sorted(sorted(group) for group in groups)


def _reached(graph: Graph, start: str) -> set[str]:
    """The modules that ``start`` leads to in one step or more."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        new = graph.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found


def imports(root: Path) -> dict[str, set[str]]:
    """Every module of the two packages under ``root``, and the modules of them that it imports."""
    files = {
        _module(path.relative_to(root)): path
        for package in ("titan_lint", "codemods")
        for path in (root / package).rglob("*.py")
    }
    return {
        module: {
            imported
            for name in _imported(module, path)
            for imported in _known(name, files)
            if imported != module
        }
        for module, path in sorted(files.items())
    }


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(module: str, path: Path) -> Iterator[str]:
    """The dotted names that a file imports; ``a.*`` where it may be any module of ``a``."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=base, names=names, level=level):
                if level:
                    above = package.split(".")[: len(package.split(".")) - level + 1]
                    base = ".".join([*above, *([base] if base else [])])
                yield from (f"{base}.{a.name}" if a.name != "*" else f"{base}" for a in names)
            case ast.Call(
                func=ast.Attribute(attr="import_module")
                | ast.Name(id="import_module" | "__import__"),
                args=[name, *_],
            ):
                yield from _written_out(module, name)
            case _:
                pass


def _written_out(module: str, name: ast.expr) -> Iterator[str]:
    """What an ``import_module`` may import, as far as the name's beginning is written out."""
    parts = name.values if isinstance(name, ast.JoinedStr) else [name]
    written = ""
    for part in parts:
        match part:
            case ast.Constant(value=str(text)):
                written += text
            case ast.FormattedValue(value=ast.Name(id="__name__")):
                written += module
            case _:
                if "." in written:
                    yield written.rpartition(".")[0] + ".*"
                return
    yield written


def _known(name: str, files: Mapping[str, Path]) -> list[str]:
    """The modules of ``files`` that an imported name stands for."""
    if name.endswith(".*"):
        package = name.removesuffix(".*")
        return [module for module in files if module.rpartition(".")[0] == package]
    while name and name not in files:
        name = name.rpartition(".")[0]
    return [name] if name else []


@pytest.fixture(scope="module")
def ours() -> Graph:
    return imports(ROOT)


def test_every_file_is_in_a_room(ours: Graph) -> None:
    assert against(ours).homeless == []


def test_imports_point_down(ours: Graph) -> None:
    assert against(ours, EXCEPTIONS).upward == []


def test_no_imports_go_in_a_circle(ours: Graph) -> None:
    assert against(ours, EXCEPTIONS).circles == []


def test_every_exception_is_still_needed(ours: Graph) -> None:
    assert needless(ours, EXCEPTIONS) == []


def test_every_room_has_files(ours: Graph) -> None:
    assert {room(module) for module in ours} == {name for line in ORDER for name in line}


def test_every_place_from_before_the_rooms_still_has_its_files(ours: Graph) -> None:
    gone = [old for old in OLD_ROOMS if not any(f"{m}.".startswith(f"{old}.") for m in ours)]
    assert gone == []


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Writes files, ``{"rules/a": "import os"}``, under ``titan_lint`` of a new root, and gives the root."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / "titan_lint" / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


AT_THE_TOP = "from titan_lint.rules.b import x\n"
FOR_TYPES = "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from titan_lint.rules import b\n"
LAZY = "def f():\n    import titan_lint.rules.b as b\n"
RELATIVE = "from .b import x\n"
BY_NAME = "import importlib\nimportlib.import_module('titan_lint.rules.b')\n"
BY_A_PART_OF_ITS_NAME = (
    "from importlib import import_module\nimport_module(f'titan_lint.rules.{x}')\n"
)
EVERY_KIND = [AT_THE_TOP, FOR_TYPES, LAZY, RELATIVE, BY_NAME, BY_A_PART_OF_ITS_NAME]


@pytest.mark.parametrize("text", EVERY_KIND)
def test_a_circle_is_found_by_every_kind_of_import(tree: Tree, text: str) -> None:
    root = tree({"rules/a": text, "rules/b": "from titan_lint.rules import a\n"})
    assert violations(root).circles == [["titan_lint.rules.a", "titan_lint.rules.b"]]


@pytest.mark.parametrize("text", [kind for kind in EVERY_KIND if kind != RELATIVE])
def test_an_import_upwards_is_found_by_every_kind_of_import(tree: Tree, text: str) -> None:
    root = tree({"code/a": text, "rules/b": ""})
    assert violations(root).upward == [("titan_lint.code.a", "titan_lint.rules.b")]


def test_imports_that_point_down_are_nothing_to_report(tree: Tree) -> None:
    files = {"rules/a": "from titan_lint.code import b\nfrom titan_lint.api.c import d\n"}
    root = tree(files | {"code/b": "from titan_lint import structs\n", "api/c": "", "structs": ""})
    assert violations(root) == ([], [], [])


def test_rooms_side_by_side_know_nothing_of_each_other(tree: Tree) -> None:
    root = tree({"code/a": "import titan_lint.api.b\n", "api/b": ""})
    assert violations(root).upward == [("titan_lint.code.a", "titan_lint.api.b")]


def test_a_circle_through_three_files_is_one_circle(tree: Tree) -> None:
    files = {"code/a": "from . import b", "code/b": "from . import c", "code/c": "from . import a"}
    root = tree(files | {"code/d": "from . import a"})
    assert violations(root).circles == [[f"titan_lint.code.{name}" for name in "abc"]]


def test_a_name_of_a_package_counts_for_the_package(tree: Tree) -> None:
    root = tree(
        {"code/__init__": "from titan_lint.code.a import x\n", "code/a": "from . import y\n"}
    )
    assert violations(root).circles == [["titan_lint.code", "titan_lint.code.a"]]


def test_a_file_in_no_room_is_found(tree: Tree) -> None:
    root = tree({"helpers": "", "attic/a": "", "finding": ""})
    assert violations(root).homeless == ["titan_lint.attic.a", "titan_lint.helpers"]


def test_nothing_in_titan_lint_knows_the_commands_of_libcst(tree: Tree) -> None:
    root = tree({"cli/a": "def f():\n    import codemods.fix_torchtitan\n"})
    (root / "codemods").mkdir()
    (root / "codemods" / "fix_torchtitan.py").write_text("from titan_lint.cli import a\n")
    found = violations(root)
    assert found.upward == [("titan_lint.cli.a", "codemods.fix_torchtitan")]
    assert found.circles == [["codemods.fix_torchtitan", "titan_lint.cli.a"]]


def test_an_exception_takes_away_an_import_and_is_needless_without_one(tree: Tree) -> None:
    root = tree({"code/a": AT_THE_TOP, "rules/b": "from titan_lint.code import c\n", "code/c": ""})
    upwards = ("titan_lint.code.a", "titan_lint.rules.b")
    downwards = ("titan_lint.rules.b", "titan_lint.code.c")
    gone = ("titan_lint.code.c", "titan_lint.rules.b")
    assert violations(root, {upwards}) == ([], [], [])
    assert needless(imports(root), {upwards}) == []
    assert needless(imports(root), {upwards, downwards, gone}) == [gone, downwards]


def test_an_exception_that_opens_a_circle_is_needed(tree: Tree) -> None:
    root = tree({"code/a": "from . import b", "code/b": "from . import a"})
    pair = ("titan_lint.code.a", "titan_lint.code.b")
    assert violations(root, {pair}).circles == []
    assert needless(imports(root), {pair}) == []


def main() -> int:
    """Print what is against the architecture, exceptions too; 1 where there is anything, 0 where not."""
    graph = imports(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
    found = against(graph)
    for module in found.homeless:
        print(f"in no room: {module}")
    for importer, imported in found.upward:
        listed = " (listed)" if (importer, imported) in EXCEPTIONS else ""
        print(f"not down: {importer} ({room(importer)}) -> {imported} ({room(imported)}){listed}")
    for circle in found.circles:
        print(f"circle of {len(circle)}:")
        for module in circle:
            print(f"  {module} -> {', '.join(sorted(graph[module] & set(circle)))}")
    return int(any(found))


if __name__ == "__main__":
    sys.exit(main())
