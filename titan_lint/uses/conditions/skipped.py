"""Tests of a project's own that do not run at the target: ``skipif``, ``pytestmark``, a ``setUp`` that leaves."""

from __future__ import annotations

import ast
import functools

from titan_lint.code.forms import callee_name
from titan_lint.structs import Struct
from titan_lint.uses.asking import fixtures, parameters
from titan_lint.uses.conditions.doubt import Doubt
from titan_lint.uses.conditions.truth import Truth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.code.program import Program
    from titan_lint.uses.file import File

_PREPARING = frozenset({"setUp", "setUpClass", "setup_method", "setup_class", "asyncSetUp"})


def condition(mark: ast.Call) -> ast.expr | None:
    """The test that a mark of a test depends on: ``xfail(sys.platform == "win32")``; ``None`` without."""
    words = {word.arg: word.value for word in mark.keywords}
    return mark.args[0] if mark.args else words.get("condition")


class SkippedTests:
    """The tests of one file that are skipped at one target, or may be."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.truth = file.once(Truth)
        self.running = self.truth.running
        self.doubt = file.once(Doubt)

    def is_skipped(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
        """Whether a test, or all those of a class, is skipped at the target, or may be for a probe."""
        if any(map(self._skips, node.decorator_list)):
            return True
        if not isinstance(node, ast.ClassDef):
            return any(map(self._refuses, self._fixtures(node))) or self._is_refused(node)
        prepared = self.file.program.once(_preparing).get(node, ())
        return any(map(self.running.block_leaves, (m.body for m in prepared))) or self._marked(node)

    def is_module_skipped(self) -> bool:
        """Whether ``pytestmark`` skips all tests of the file, or nobody imports it."""
        return self._marked(self.file.tree) or self._is_ignored

    def _fixtures(self, test: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Fixture]:
        """The fixtures of the file that a test runs with, and those that they run with."""
        known = self.file.program.once(_declared)
        if not known or not (test.name.startswith("test") or _is_fixture(test)):
            return []
        around: list[ast.AST] = [test, *self.file.program.ancestors(test)]
        names = self._used_around(around)
        found = [fixture for fixture in known if fixture.autouse and fixture.owner in around]
        names += parameters(test)
        for name in names:
            new = [f for f in known if f.name == name and f not in found and f.node is not test]
            found += new
        for fixture in found:
            asked = parameters(fixture.node)
            found += [f for f in known if f.name in asked and f not in found]
        return found

    def _used_around(self, around: Sequence[ast.AST]) -> list[str]:
        """The fixtures that marks of a test name, and those of the classes and the module around."""
        names: list[str] = []
        for owner in around:
            decorators = getattr(owner, "decorator_list", [])
            marks = [*decorators, *marked(self.file.program, owner)]
            names += [name for mark in marks for name in _used(mark)]
        return names

    def _is_refused(self, test: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether a ``conftest.py`` of the project may keep a test from running, as torchtitan answers."""
        neighbours = self.file.options.neighbours
        if neighbours is None or not (test.name.startswith("test") or _is_fixture(test)):
            return False
        here = self._fixtures(test)
        around = [test, *self.file.program.ancestors(test)]
        asked = {*self._used_around(around), *parameters(test)}
        asked = asked.union(*(parameters(fixture.node) for fixture in here))
        return neighbours.refuse(asked - {fixture.name for fixture in here})

    @functools.cached_property
    def _is_ignored(self) -> bool:
        """Whether a ``conftest.py`` of the project may leave out the file."""
        neighbours = self.file.options.neighbours
        if neighbours is None or not any(
            node.name.startswith("test") for node in self.file.program.of(ast.FunctionDef)
        ):
            return False
        return neighbours.refuse((), whole=True)

    def _refuses(self, fixture: Fixture) -> bool:
        """Whether a fixture skips or fails what runs with it at the target, or may for a probe."""
        return self.running.never_gives(fixture.node) or self.doubt.may_refuse(fixture.node)

    def _marked(self, owner: ast.AST) -> bool:
        return any(map(self._skips, marked(self.file.program, owner)))

    def _skips(self, decorator: ast.expr) -> bool:
        if isinstance(decorator, ast.Name):
            bound = self.file.program.bindings.of(decorator)
            if len(bound) == 1 and isinstance(bound[0].value, ast.Call | ast.Attribute):
                decorator = bound[0].value
        name = callee_name(decorator)
        if name in {"skip", "expectedFailure"}:
            return True
        if not isinstance(decorator, ast.Call):
            return False
        if name == "parametrize":
            # Values that come with a mark of their own may be the only ones that need what is gone.
            return any(
                isinstance(part, ast.Call)
                and any(
                    word.arg == "marks" and any(map(self._skips, _parts(word.value)))
                    for word in part.keywords
                )
                for values in decorator.args[1:2]
                for part in getattr(values, "elts", ())
            )
        if name not in {"skipif", "skipIf", "skipUnless"}:
            # Who is handed an answer may call the function only where that is the right one.
            return any(map(self.doubt.asks, decorator.args))
        test = condition(decorator)
        if test is None:
            return False
        if isinstance(test, ast.Constant) and isinstance(test.value, str):
            return True  # pytest evaluates the text
        answer = self.truth.verdict(test)
        return (
            answer is (name != "skipUnless") if answer is not None else self.doubt.is_in_doubt(test)
        )


class Fixture(Struct, eq=False):
    """A fixture of pytest's that a file declares.

    Attributes:
        name: What tests ask for it by.
        node: The function.
        owner: The module or class whose tests it is for.
        autouse: Whether they run with it unasked.
    """

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    owner: ast.AST
    autouse: bool


def _declared(program: Program) -> list[Fixture]:
    """The fixtures of a file."""
    found: list[Fixture] = []
    for node in program.of(ast.FunctionDef, ast.AsyncFunctionDef):
        for declared in fixtures(node):
            owner = program.parents[node]
            found.append(Fixture(declared.name, node, owner, declared.autouse))
    return found


def _is_fixture(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(True for _ in fixtures(node))


def _used(mark: ast.expr) -> list[str]:
    """The fixtures that ``usefixtures`` names."""
    if not isinstance(mark, ast.Call) or callee_name(mark) != "usefixtures":
        return []
    return [
        name.value
        for name in mark.args
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
    ]


def marked(program: Program, owner: ast.AST) -> list[ast.expr]:
    """The marks that a module or class gives all its tests, by ``pytestmark``."""
    return [mark for value in program.once(_marks).get(owner, ()) for mark in _parts(value)]


def _parts(value: ast.expr) -> list[ast.expr]:
    """The marks of a list of some, or the one."""
    return getattr(value, "elts", [value])


def _preparing(program: Program) -> dict[ast.AST, list[ast.FunctionDef]]:
    """The methods that run before each test of a class, by the class."""
    found: dict[ast.AST, list[ast.FunctionDef]] = {}
    for node in program.of(ast.FunctionDef):
        if node.name in _PREPARING:
            found.setdefault(program.parents[node], []).append(node)
    return found


def _marks(program: Program) -> dict[ast.AST, list[ast.expr]]:
    """What ``pytestmark`` is set to, by the module or class that sets it."""
    found: dict[ast.AST, list[ast.expr]] = {}
    for node in program.of(ast.Assign):
        match node:
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                found.setdefault(program.parents[node], []).append(value)
            case _:
                pass
    return found
