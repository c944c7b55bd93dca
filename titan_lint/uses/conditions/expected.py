"""Tests that are expected to fail: ``xfail`` and ``expectedFailure``, wherever the mark is put on."""

from __future__ import annotations

import ast

from titan_lint.code.fixtures import fixtures
from titan_lint.code.forms import callee_name
from titan_lint.uses.asking import parameters
from titan_lint.uses.conditions.failures import takes
from titan_lint.uses.conditions.marks import condition, marks_of, meant, of_values, put_on
from titan_lint.uses.conditions.skipped import SkippedTests
from titan_lint.uses.conditions.truth import Truth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import FunctionNode
    from titan_lint.uses.conditions.failures import Failure
    from titan_lint.uses.conditions.marks import Mark
    from titan_lint.uses.file import File

Test = ast.FunctionDef | ast.AsyncFunctionDef


def is_expected(file: File, function: FunctionNode, *failures: Failure) -> bool:
    """Whether a test, or what stands where tests do, is marked to fail by one of some exceptions, or may be."""
    marks = _marks(file, function)
    return any(_expects(home, mark, failure) for home, mark in marks for failure in failures) or (
        isinstance(function, Test)
        and (_is_expected_elsewhere(file, function) or _is_for_such_tests(file, function, failures))
    )


def is_marked(file: File, call: ast.expr, *failures: Failure) -> bool:
    """Whether a call marks the test that it is handed to fail: ``test_a = xfail(run)``."""
    return isinstance(call, ast.Call) and any(
        _expects(home, mark, failure)
        for home, mark in meant(file, call.func)
        for failure in failures
    )


def _is_for_such_tests(file: File, fixture: Test, failures: tuple[Failure, ...]) -> bool:
    """Whether all tests of the file that run with a fixture are marked to fail; pytest counts what fails in it for them."""
    if not any(True for _ in fixtures(fixture)):
        return False
    known = file.once(SkippedTests)
    users = [
        test
        for test in file.program.of(ast.FunctionDef, ast.AsyncFunctionDef)
        if test.name.startswith("test") and fixture in known.fixtures(test)
    ]
    return bool(users) and all(is_expected(file, test, *failures) for test in users)


def _marks(file: File, test: FunctionNode) -> Iterator[Mark]:
    """The marks that a test runs with."""
    around: list[ast.AST] = [file.tree]
    cls = file.program.class_of(test)
    if cls is not None:
        around.append(cls.node)
    for owner in (test, *around):
        for home, mark in marks_of(file, owner):
            yield home, mark
            yield from of_values(home, mark)
    if not isinstance(test, Test):
        return
    yield from put_on(file, test)
    for fixture in file.once(SkippedTests).fixtures(test):
        yield from put_on(file, fixture)
        for decorator in fixture.decorator_list:
            yield from of_values(file, decorator)


def _is_expected_elsewhere(file: File, test: Test) -> bool:
    """Whether a ``conftest.py`` or a plugin of the project may mark a test to fail."""
    readers = file.options.readers
    if readers is None or not test.name.startswith("test"):
        return False
    asked = parameters(test).union(file.once(SkippedTests).asked_for(test))
    return readers.expect_failure(file.source.path, asked)


def _expects(file: File, mark: ast.expr, failure: Failure) -> bool:
    """Whether a mark says that a test fails by an exception."""
    name = mark.value if isinstance(mark, ast.Constant) else callee_name(mark)
    if name == "expectedFailure":
        return True
    if name != "xfail":
        return False
    if not isinstance(mark, ast.Call):
        return True
    test = condition(mark)
    if test is not None and file.once(Truth).verdict(test) is False:
        return False
    kind = next((word.value for word in mark.keywords if word.arg == "raises"), None)
    return kind is None or takes(file, kind, failure)
