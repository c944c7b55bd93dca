"""Find engines that nobody offers: verl's, torchtitan's trainer and what derives from it, model registries.

Nothing is imported: files are read as the rules read them, so that aliases, re-exports and relative imports
lead where they do in Python. What is found here is made by :mod:`titan_lint.verify.adapters`.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from titan_lint.api import bundle, history
from titan_lint.code.program import Program
from titan_lint.code.resolver import Resolver
from titan_lint.code.source import Source, SourceError
from titan_lint.code.values import Instance, LocalClass, LocalInstance, Ref
from titan_lint.uses.types import SurfaceTypes
from titan_lint.verify.adapters.adapter import ATTENTION_PARAMETERS
from titan_lint.verify.entry import Entry, import_root, python_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from titan_lint.code.names import ClassInfo
    from titan_lint.code.values import Value

TRAINERS = ("torchtitan.trainer.Trainer", "torchtitan.train.Trainer")
"""Import paths of torchtitan's trainer, the newest first."""

SPECS = (
    "torchtitan.protocols.model_spec.ModelSpec",
    "torchtitan.protocols.train_spec.TrainSpec",
)
"""Import paths of what a model registers with torchtitan, the newest first."""

KNOWN = {("verl.workers.engine.torchtitan.transformer_impl", "TorchTitanEngineWithLMHead"): "verl"}
"""Engines that are known by module and class, and their adapters."""

_REGISTRY = "model_registry"
"""What torchtitan calls the function of a model's package that makes its specs."""

_SMALL = ("debug", "tiny", "toy", "small", "mini")
"""Parts of names of configs that are there to be tried."""

_MOST_STEPS = 32
"""How many re-exports and bases are followed."""


def find_engines(paths: Sequence[Path]) -> list[Entry]:
    """The well-known engines in the files under some paths, in the order of the files.

    Tests are left out: what derives from the trainer there is no engine.
    """
    tree = _Tree(
        file for path in paths for file in python_files([path]) if not _is_test(path, file)
    )
    return list(dict.fromkeys([*_known(tree), *_trainers(tree), *_specs(tree)]))


@dataclass(frozen=True, slots=True)
class _Function:
    """A function that makes a trainer's config.

    Attributes:
        file: the file that has it.
        name: its name.
        owner: import path of the trainer whose config it makes.
    """

    file: _File
    name: str
    owner: str


class _File:
    """One file of the tree, read when it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root, self.module = import_root(path)
        try:
            self.data = path.read_bytes()
        except OSError:
            self.data = b""

    @functools.cached_property
    def program(self) -> Program | None:
        """The file's tree and names; ``None`` where it is no Python."""
        try:
            program = Program(Source.decode(str(self.path), self.data))
            _ = program.bindings
        except (SourceError, RecursionError):
            return None
        return program

    @functools.cached_property
    def resolver(self) -> Resolver | None:
        """What its expressions are, as the newest torchtitan has them; ``None`` for a file that is no Python."""
        if self.program is None:
            return None
        package = self.module if self.path.stem == "__init__" else self.module.rpartition(".")[0]
        return Resolver(self.program, _types(), package or None)

    @property
    def classes(self) -> Iterator[tuple[str, ClassInfo]]:
        """The classes of the module itself, by name."""
        if self.program is not None:
            bindings = self.program.bindings
            for node, info in bindings.classes.items():
                if info.outer is bindings.module:
                    yield node.name, info

    @property
    def aliases(self) -> Iterator[tuple[str, str]]:
        """What it imports under another name, each with that name."""
        if self.program is not None:
            for node in self.program.bindings.imports:
                for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                    if alias.asname is not None:
                        yield alias.name, alias.asname

    @property
    def functions(self) -> Iterator[ast.FunctionDef]:
        """The functions of the module itself."""
        if self.program is not None:
            for node in self.program.tree.body:
                if isinstance(node, ast.FunctionDef):
                    yield node

    def entry(self, function: str, adapter: str, *, config: str = "", device: str = "") -> Entry:
        """Something of the file as an entry."""
        return Entry(
            root=self.root,
            module=self.module,
            path=self.path.resolve(),
            function=function,
            config=config,
            device=device,
            adapter=adapter,
        )


class _Tree:
    """The files under the paths, and where names of theirs lead."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.files = [_File(path) for path in paths]
        self.by_module = {file.module: file for file in self.files}

    def mentioning(self, words: Iterable[str]) -> list[_File]:
        """The files that have some word."""
        sought = [word.encode() for word in words]
        return [file for file in self.files if any(word in file.data for word in sought)]

    def classes_of(self, file: _File, node: ast.expr) -> list[str]:
        """The import paths of the classes that an expression may be, re-exports followed."""
        if file.resolver is None:
            return []
        found: list[str] = []
        for value in file.resolver.choices(node):
            match value:
                case LocalClass(info=info):
                    found.append(f"{file.module}.{_qualified(info)}")
                case Ref(path=path):
                    found.append(self.followed(path))
                case _:
                    pass
        return found

    def followed(self, path: str) -> str:
        """An import path, where it leads in the files of the tree."""
        for _ in range(_MOST_STEPS):
            module, _, name = path.rpartition(".")
            file = self.by_module.get(module)
            value = None if file is None else _exported(file, name)
            if not isinstance(value, Ref) or value.path == path:
                break
            path = value.path
        return _types().canonical(path)

    @functools.cached_property
    def trainers(self) -> dict[str, tuple[_File, str, list[str]]]:
        """The classes that derive from the trainer: their files, names and bases, by import path."""
        words = {"torchtitan"}
        found: dict[str, tuple[_File, str, list[str]]] = {}
        while True:
            known = len(found), len(words)
            for file in self.mentioning(words):
                words |= {alias for name, alias in file.aliases if name in words}
                for name, info in file.classes:
                    bases = [
                        path for base in info.node.bases for path in self.classes_of(file, base)
                    ]
                    if any(base in TRAINERS or base in found for base in bases):
                        found[f"{file.module}.{name}"] = (file, name, bases)
            words |= {path.rpartition(".")[2] for path in found}
            if (len(found), len(words)) == known:
                return found

    def bases(self, path: str) -> list[str]:
        """A trainer and what it derives from, nearest first."""
        line = [path]
        for each in line:
            if each in self.trainers:
                line += [base for base in self.trainers[each][2] if base not in line]
        return line

    @functools.cached_property
    def config_functions(self) -> list[_Function]:
        """The functions that make a trainer's config, in the order of the files."""
        words = ["torchtitan", *(path.rpartition(".")[2] for path in self.trainers)]
        found: list[_Function] = []
        for file in self.mentioning(words):
            for function in filter(_can_be_called, file.functions):
                owner = next((o for o in self._owners(file, function) if self._trains(o)), None)
                if owner is not None:
                    found.append(_Function(file, function.name, owner))
        return found

    def _trains(self, path: str) -> bool:
        return path in TRAINERS or path in self.trainers

    def _owners(self, file: _File, function: ast.FunctionDef) -> Iterator[str]:
        """The classes ``X`` where a function gives back an ``X.Config``, as far as that is seen."""
        if file.program is None or file.resolver is None:
            return
        resolver, declared = file.resolver, function.returns
        returned = file.program.bindings.returns.get(function, [])
        if declared is not None:
            if isinstance(declared, ast.Attribute) and declared.attr == "Config":
                yield from self.classes_of(file, declared.value)
            yield from self._configured(file, resolver.annotations.annotated(declared))
        for node in returned:
            match node:
                case ast.Call(func=ast.Attribute(value=owner, attr="Config")):
                    yield from self.classes_of(file, owner)
                case _:
                    pass
            yield from self._configured(file, resolver.choices(node))

    def _configured(self, file: _File, values: Iterable[Value]) -> Iterator[str]:
        """The classes whose configs some values are."""
        for value in values:
            match value:
                case Instance(cls=cls) if cls.endswith(".Config"):
                    yield self.followed(cls.removesuffix(".Config"))
                case LocalInstance(info=info):
                    path = f"{file.module}.{_qualified(info)}"
                    if path.endswith(".Config"):
                        yield path.removesuffix(".Config")
                    for base in info.node.bases:
                        if isinstance(base, ast.Attribute) and base.attr == "Config":
                            yield from self.classes_of(file, base.value)
                case _:
                    pass


def _known(tree: _Tree) -> Iterator[Entry]:
    for (module, name), adapter in KNOWN.items():
        file = tree.by_module.get(module)
        if file is not None and any(name == each for each, _ in file.classes):
            yield file.entry(name, adapter, device="cuda")


def _trainers(tree: _Tree) -> Iterator[Entry]:
    """Classes that derive from the trainer and no other derives from, and configs of the trainer itself."""
    derived_from = {base for _, _, bases in tree.trainers.values() for base in bases}
    taken: set[str] = set()
    for path, (file, name, _) in tree.trainers.items():
        own = [each for each in tree.config_functions if each.owner == path]
        if path in derived_from and not own:
            continue
        line = tree.bases(path)
        inherited = [
            each
            for each in tree.config_functions
            if each.owner in line and each.file.path.parent == file.path.parent
        ]
        function = _smallest(own or inherited, file)
        config = f"{function.file.module}:{function.name}" if function else ""
        taken |= {f"{each.file.module}:{each.name}" for each in own or inherited}
        yield file.entry(name, "trainer", config=config, device="cuda")
    # A plugin's configs are of torchtitan's own trainer: one of each file is enough.
    for file in tree.files:
        functions = [
            each
            for each in tree.config_functions
            if each.file is file
            and each.owner in TRAINERS
            and f"{file.module}:{each.name}" not in taken
        ]
        function = _smallest(functions, file)
        if function is not None:
            yield file.entry(function.name, "trainer", device="cuda")


def _smallest(functions: Sequence[_Function], file: _File) -> _Function | None:
    """The function whose config is to be tried: one named so, of the file itself, the first one."""
    return min(
        functions,
        key=lambda each: (not _is_small(each.name), each.file is not file),
        default=None,
    )


def _is_small(name: str) -> bool:
    return any(part in name.lower() for part in _SMALL)


def _specs(tree: _Tree) -> Iterator[Entry]:
    """Functions that make a spec of a model, and specs that modules keep."""
    for file in tree.mentioning(["ModelSpec", "TrainSpec", _REGISTRY]):
        program, resolver = file.program, file.resolver
        if program is None or resolver is None:
            continue
        for call in program.bindings.calls:
            made = [path for path in tree.classes_of(file, call.func) if path in SPECS]
            if made:
                name = _holder(program, call) or ""
                if name or program.function(call) is None:
                    yield file.entry(name or made[0].rpartition(".")[2], "model_spec")
        for function in file.functions:
            if (
                function.name == _REGISTRY
                and _can_be_called(function)
                and _makes_spec(file, function)
            ):
                yield file.entry(function.name, "model_spec")


def _holder(program: Program, call: ast.Call) -> str | None:
    """The function or variable of the module by which what a call makes can be had; ``None`` if by none."""
    function = program.function(call)
    if function is not None:
        if isinstance(function, ast.FunctionDef) and program.parents.get(function) is program.tree:
            return function.name if _can_be_called(function) else None
        return None
    match program.statement(call):
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is call:
            return name
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is call:
            return name
        case _:
            return None


def _can_be_called(function: ast.FunctionDef) -> bool:
    """Whether a function takes nothing that would have to be known."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    needed = positional[: len(positional) - len(arguments.defaults)]
    needed += [
        argument
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is None
    ]
    return all(argument.arg in ("flavor", *ATTENTION_PARAMETERS) for argument in needed)


def _makes_spec(file: _File, function: ast.FunctionDef) -> bool:
    assert file.program is not None
    assert file.resolver is not None
    values = list(map(file.resolver.choices, file.program.bindings.returns.get(function, [])))
    if function.returns is not None:
        values.append(file.resolver.annotations.annotated(function.returns))
    return any(
        isinstance(value, Instance) and value.cls in SPECS for each in values for value in each
    )


def _exported(file: _File, name: str) -> Value | None:
    """What a file has under a name, where that is one thing."""
    if file.resolver is None:
        return None
    bindings = file.resolver.bindings
    values = [
        value
        for binding in bindings.free(bindings.module, name)
        for value in file.resolver.bound(binding)
    ]
    return values[0] if len(values) == 1 else None


def _qualified(info: ClassInfo) -> str:
    """A class's name, those of the classes around it before it."""
    around = info.outer.node
    return f"{around.name}.{info.node.name}" if isinstance(around, ast.ClassDef) else info.node.name


def _is_test(path: Path, file: Path) -> bool:
    """Whether a file is a test, or beside tests, as seen from a path that was named."""
    if file == path:
        return False
    name, folders = file.stem, file.relative_to(path).parts[:-1]
    return (
        name == "conftest"
        or name.startswith("test_")
        or name.endswith("_test")
        or any(folder in ("test", "tests") for folder in folders)
    )


@functools.cache
def _types() -> SurfaceTypes:
    return SurfaceTypes(bundle.load(history.timeline()[-1]))
