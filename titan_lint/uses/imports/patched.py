"""What tests replace: ``mock.patch("torchtitan...")``, ``monkeypatch.setattr(module, "name", ...)``."""

from __future__ import annotations

import ast

from titan_lint.api.absence import missing_part
from titan_lint.code.following import follows
from titan_lint.code.names import Kind
from titan_lint.code.values import Const, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File
    from titan_lint.uses.guards import Failure

    Functions = Mapping[Value, Failure]

_PREFIX = "torchtitan."
# What these raise where a module is missing: the standard library's asks for an attribute then.
_LIBRARIES: dict[str, Failure] = {"unittest.mock": AttributeError, "mock": ModuleNotFoundError}
_FIXTURE: dict[str, Failure] = {"monkeypatch": ImportError}


def _functions(*forms: str) -> Functions:
    return {
        Ref(f"{library}.patch{form}"): failure
        for library, failure in _LIBRARIES.items()
        for form in forms
    }


_PATCH = _functions("", ".dict")
# Fixtures of pytest-mock and pytest, and their methods that take a path first.
_MOCKER = frozenset(f"{scope}mocker" for scope in ("", "class_", "module_", "package_", "session_"))
_FIXTURES = {
    **dict.fromkeys(_MOCKER, ("patch", "patch.dict")),
    "monkeypatch": ("setattr", "delattr"),
}
# And those that take what holds it, and its name.
_PATCH_OBJECT = _functions(".object")
_FIXTURES_OBJECT = {
    **dict.fromkeys(_MOCKER, ("patch.object",)),
    "monkeypatch": ("setattr", "delattr"),
}
# And those that take what holds several, and their names as keywords.
_PATCH_MULTIPLE = _functions(".multiple")
_FIXTURES_MULTIPLE = dict.fromkeys(_MOCKER, ("patch.multiple",))
_OF_MULTIPLE = frozenset({"create", "spec", "spec_set", "autospec", "new_callable"})
# What makes what the fixture of pytest gives.
_MONKEYPATCH = frozenset({Ref("pytest.MonkeyPatch"), Ref("_pytest.monkeypatch.MonkeyPatch")})
# Arguments that say that the thing may be missing.
_LENIENT = frozenset({"create", "raising"})


def patched(file: File) -> Iterator[tuple[ast.Constant, str, str, set[Failure]]]:
    """The strings with a path into torchtitan that a call replaces.

    Each with that path, with the part of it that has to be there (what holds the thing, where the
    thing itself may be missing), and with what the call may raise where that holder is missing.
    """
    for call, node, path in file.program.once(_by_path):
        failures = _replaces(file, call.func, _PATCH, _FIXTURES)
        if failures:
            lenient = any(keyword.arg in _LENIENT for keyword in call.keywords)
            yield node, path, path.rpartition(".")[0] if lenient else path, failures


def _by_path(program: Program) -> list[tuple[ast.Call, ast.Constant, str]]:
    """The calls that take a path into torchtitan first."""
    found: list[tuple[ast.Call, ast.Constant, str]] = []
    for call in program.bindings.calls:
        match call.args:
            case [ast.Constant(value=str() as path) as node, *_] if path.startswith(_PREFIX):
                if all(part.isidentifier() for part in path.split(".")):
                    found.append((call, node, path))
            case _:
                pass
    return found


def patched_together(file: File) -> Iterator[tuple[ast.expr, str, set[Failure]]]:
    """The paths that ``patch.multiple`` asks for: what holds the names, and these.

    Each with where that stands, and with what the call may raise where it is missing.
    """
    for call in file.calls:
        if not (call.args and call.keywords):
            continue
        failures = _replaces(file, call.func, _PATCH_MULTIPLE, _FIXTURES_MULTIPLE)
        if not failures:
            continue
        owner = call.args[0]
        match file.sole(owner):
            case Const(value=str() as holder) if holder.startswith(_PREFIX):
                yield owner, holder, failures
            case Ref(path=holder) if holder.startswith(_PREFIX):
                pass
            case _:
                continue
        if any(word.arg in _LENIENT for word in call.keywords):
            continue
        if missing_part(file.target.surface, holder) is None:
            for word in call.keywords:
                if word.arg is not None and word.arg not in _OF_MULTIPLE:
                    yield owner, f"{holder}.{word.arg}", {AttributeError}


def patched_of(file: File) -> Iterator[tuple[ast.expr, ast.Constant, str]]:
    """Names that a call replaces in what it is given: what holds them, and the name."""
    for call, owner, node, name in file.program.once(_by_name):
        if _replaces(file, call.func, _PATCH_OBJECT, _FIXTURES_OBJECT):
            yield owner, node, name


def _by_name(program: Program) -> list[tuple[ast.Call, ast.expr, ast.Constant, str]]:
    """The calls that take something and the name of a part of it, which has to be there."""
    found: list[tuple[ast.Call, ast.expr, ast.Constant, str]] = []
    for call in program.bindings.calls:
        match call.args:
            case [owner, ast.Constant(value=str() as name) as node, *_] if not isinstance(
                owner, ast.Constant
            ):
                if not any(keyword.arg in _LENIENT for keyword in call.keywords):
                    found.append((call, owner, node, name))
            case _:
                pass
    return found


def _replaces(
    file: File,
    function: ast.expr,
    functions: Functions,
    fixtures: Mapping[str, tuple[str, ...]],
) -> set[Failure]:
    """What a function that replaces things may raise where a module is missing; nothing for another one."""
    if file.agrees(function, lambda value: value in functions):
        return {functions[value] for value in file.values(function)}
    steps: list[str] = []
    while isinstance(function, ast.Attribute):
        steps.insert(0, function.attr)
        function = function.value
    fixture = _fixture(file, function) or ""
    if ".".join(steps) not in fixtures.get(fixture, ()):
        return set()
    return {_FIXTURE.get(fixture, _LIBRARIES["unittest.mock"])}


@follows(None)
def _fixture(file: File, node: ast.expr) -> str | None:
    """The fixture of a test that an expression is, or is made as."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="context")):
            is_made = file.sole(owner) in _MONKEYPATCH or _fixture(file, owner) == "monkeypatch"
            return "monkeypatch" if is_made else None
        case ast.Call(func=made):
            return "monkeypatch" if file.sole(made) in _MONKEYPATCH else None
        case ast.Name():
            found = {_bound_fixture(file, binding) for binding in file.program.bindings.of(node)}
            return found.pop() if len(found) == 1 else None
        case _:
            return None


def _bound_fixture(file: File, binding: Binding) -> str | None:
    match binding.kind, binding.node:
        case Kind.PARAMETER, ast.arg(arg=name, annotation=annotation):
            if annotation is not None and file.sole(annotation) in _MONKEYPATCH:
                return "monkeypatch"
            return name
        case ((Kind.VALUE | Kind.CONTEXT), ast.Name()) if binding.value is not None:
            return _fixture(file, binding.value) if binding.index < 0 else None
        case _:
            return None
