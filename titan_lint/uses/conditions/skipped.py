"""Tests of a project's own that do not run at the target: ``skipif``, ``pytestmark``, a ``setUp`` that leaves."""

from __future__ import annotations

import ast
import functools

from titan_lint.code.fixtures import fixtures
from titan_lint.code.forms import callee_name
from titan_lint.code.names import Kind
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses.asking import parameters
from titan_lint.uses.conditions.doubt import Doubt
from titan_lint.uses.conditions.marks import bases, condition, marked, marks_of, of_values
from titan_lint.uses.conditions.probes import PROBING
from titan_lint.uses.conditions.truth import Truth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from titan_lint.code.program import Program
    from titan_lint.uses.file import File

    _Function = ast.FunctionDef | ast.AsyncFunctionDef

_PREPARING = frozenset({"setUp", "setUpClass", "setup_method", "setup_class", "asyncSetUp"})


class SkippedTests:
    """The tests of one file that are skipped at one target, or may be."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.truth = file.once(Truth)
        self.running = self.truth.running
        self.doubt = file.once(Doubt)

    def is_skipped(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
        """Whether a test, or all those of a class, is skipped at the target, or may be for a probe."""
        if self._marked(node):
            return True
        if not isinstance(node, ast.ClassDef):
            return any(map(self._refuses, self._fixtures(node))) or self._is_refused(node)
        if any(map(self._ends, self._prepared(node))):
            return True
        # What a class brings along runs before the tests of those that derive from it.
        own = {method.name for method in self._prepared(node) if not _asks_above(method)}
        return any(
            home.once(SkippedTests).skips_below(base, own) for home, base in bases(self.file, node)
        )

    def skips_below(self, base: ast.ClassDef, own: Collection[str]) -> bool:
        """Whether a class skips the tests of those that derive from it, or may for a probe.

        Args:
            base: The class.
            own: What these do themselves in its place.
        """
        return any(m.name not in own and self._ends(m) for m in self._prepared(base)) or any(
            fixture.owner is base and fixture.autouse and self._refuses(fixture)
            for fixture in self.file.program.once(_declared)
        )

    def _prepared(self, cls: ast.ClassDef) -> Sequence[ast.FunctionDef | ast.AsyncFunctionDef]:
        return self.file.program.once(_preparing).get(cls, ())

    def _ends(self, method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether what runs before a test ends it, or may for a probe."""
        return self.running.block_leaves(method.body) or self.doubt.may_refuse(method)

    def is_module_skipped(self) -> bool:
        """Whether ``pytestmark`` skips all tests of the file, or nobody imports it."""
        return self._marked(self.file.tree) or self._is_ignored

    def fixtures(self, test: ast.FunctionDef | ast.AsyncFunctionDef) -> list[_Function]:
        """The functions of the file that are fixtures with which a test runs."""
        return [fixture.node for fixture in self._fixtures(test)]

    def asked_for(self, test: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
        """The fixtures that a test asks for other than by its parameters: by marks, and through others of the file."""
        around = [test, *self.file.program.ancestors(test)]
        asked = [parameters(fixture.node) for fixture in self._fixtures(test)]
        return {*self._used_around(around)}.union(*asked)

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
        return any(
            home.once(SkippedTests)._skips(mark) for home, mark in marks_of(self.file, owner)
        )

    def _skips(self, decorator: ast.expr) -> bool:
        """Whether a mark skips what it is put on, as it is written in the file."""
        name = callee_name(decorator)
        if name in {"skip", "expectedFailure"}:
            return True
        if not isinstance(decorator, ast.Call):
            return False
        if name == "parametrize":
            # Values that come with a mark of their own may be the only ones that need what is gone.
            return any(
                home.once(SkippedTests)._skips(mark)
                for home, mark in of_values(self.file, decorator)
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
        if answer is not None:
            return answer is (name != "skipUnless")
        return self.doubt.is_in_doubt(test) or self._asks_for_given(test)

    def _asks_for_given(self, test: ast.expr) -> bool:
        """Whether a test in a helper asks torchtitan for what the helper is given."""
        bindings = self.file.program.bindings
        return any(
            isinstance(part, ast.Call)
            and callee_name(part) in PROBING
            and any(
                isinstance(name, ast.Name)
                and any(binding.kind is Kind.PARAMETER for binding in bindings.of(name))
                for given in part.args
                for name in walk(given)
            )
            for part in walk(test)
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


def _asks_above(method: ast.AST) -> bool:
    """Whether a method also runs the one that it takes the place of."""
    return any(
        (isinstance(part, ast.Name) and part.id == "super")
        or (isinstance(part, ast.Attribute) and part.attr == getattr(method, "name", ""))
        for part in walk(method)
    )


def _used(mark: ast.expr) -> list[str]:
    """The fixtures that ``usefixtures`` names."""
    if not isinstance(mark, ast.Call) or callee_name(mark) != "usefixtures":
        return []
    return [
        name.value
        for name in mark.args
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
    ]


def _preparing(program: Program) -> dict[ast.AST, list[_Function]]:
    """The methods that run before each test of a class, by the class."""
    found: dict[ast.AST, list[_Function]] = {}
    for node in program.of(ast.FunctionDef, ast.AsyncFunctionDef):
        if node.name in _PREPARING:
            found.setdefault(program.parents[node], []).append(node)
    return found
