"""The fixtures of pytest's that a file declares, and where it has others from."""

from __future__ import annotations

import ast

from titan_lint.code.forms import callee_name
from titan_lint.code.names import Kind
from titan_lint.code.walk import walk
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.program import Program

    Test = ast.FunctionDef | ast.AsyncFunctionDef


class Declared(Struct):
    """How a function is a fixture of pytest's.

    Attributes:
        name: What tests ask for it by.
        autouse: Whether they run with it unasked.
    """

    name: str
    autouse: bool


def fixtures(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Declared]:
    """What a function is as a fixture: one for each decorator that makes it one."""
    for decorator in node.decorator_list:
        if callee_name(decorator) in _FIXTURES:
            given = {word.arg: word.value for word in getattr(decorator, "keywords", ())}
            name, autouse = given.get("name"), given.get("autouse")
            yield Declared(
                getattr(name, "value", node.name),
                autouse is not None and getattr(autouse, "value", False) is True,
            )


def declared(program: Program) -> dict[str, list[Test]]:
    """The functions of a file that are fixtures, by the name that tests ask for them by."""
    found: dict[str, list[Test]] = {}
    for node in program.of(ast.FunctionDef, ast.AsyncFunctionDef):
        for one in fixtures(node):
            found.setdefault(one.name, []).append(node)
    return found


def holds_tests(program: Program) -> bool:
    """Whether a file has tests, or fixtures for them."""
    return bool(program.once(declared)) or any(
        node.name.startswith("test") for node in program.of(ast.FunctionDef, ast.AsyncFunctionDef)
    )


def given(program: Program, fixture: Test) -> Iterator[ast.expr | None]:
    """What a fixture gives a test: what it returns or yields."""
    for part in walk(fixture):
        if isinstance(part, ast.Return | ast.Yield) and program.function(part) is fixture:
            yield part.value


def sources(program: Program, name: str) -> Iterator[tuple[str, str]]:
    """The modules that a file may have a fixture from that it does not declare, each with its name there."""
    for binding in program.bindings.module.bindings.get(name, ()):
        if binding.kind is Kind.FROM:
            yield binding.path, binding.member
    for binding in program.bindings.module.bindings.get("pytest_plugins", ()):
        for part in walk(binding.value) if binding.value is not None else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value, name
    for star in program.bindings.module.stars:
        yield star.path, name


def handed(test: Test, name: str) -> Iterator[ast.expr | None]:
    """What the decorators of a test hand it for a parameter: the values of ``parametrize``, ``None`` for a mock of ``patch``."""
    taken = [part.arg for part in (*test.args.posonlyargs, *test.args.args)]
    patched = [part for part in taken if part not in {"self", "cls"}]
    for decorator in reversed(test.decorator_list):
        match decorator:
            case ast.Call(args=[ast.Constant(value=str() as names), values, *_]) if (
                callee_name(decorator) == "parametrize"
            ):
                yield from _of_row([one.strip() for one in names.split(",")], values, name)
            case ast.Call(args=[ast.Tuple(elts=names) | ast.List(elts=names), values, *_]) if (
                callee_name(decorator) == "parametrize"
            ):
                yield from _of_row([getattr(one, "value", "") for one in names], values, name)
            case ast.Call(args=given, keywords=words) if count := _PATCHING.get(
                callee_name(decorator)
            ):
                if len(given) <= count and all(word.arg != "new" for word in words):
                    if patched[:1] == [name]:
                        yield None
                    del patched[:1]
            case _:
                pass


def _of_row(names: list[str], values: ast.expr, name: str) -> Iterator[ast.expr | None]:
    """What stands for one of some names in the rows of values; ``None`` where it is not written out."""
    if name not in names:
        return
    rows = values.elts if isinstance(values, ast.List | ast.Tuple) else [None]
    for row in rows:
        if isinstance(row, ast.Call) and callee_name(row) == "param":
            parts: list[ast.expr | None] = [*row.args]
        elif len(names) == 1:
            parts = [row]
        else:
            parts = [*row.elts] if isinstance(row, ast.Tuple | ast.List) else []
        yield parts[names.index(name)] if len(parts) == len(names) else None


_PATCHING = {"patch": 1, "object": 2}
"""What hands a test a mock unless it is given something else, with how many arguments that is."""
_FIXTURES = frozenset({"fixture", "yield_fixture"})
