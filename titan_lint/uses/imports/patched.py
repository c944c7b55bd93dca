"""What tests replace: ``mock.patch("torchtitan...")``, ``monkeypatch.setattr(module, "name", ...)``."""

from __future__ import annotations

import ast

from titan_lint.code.names import Kind
from titan_lint.code.values import Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from titan_lint.uses.file import File

_PREFIX = "torchtitan."
_PATCH = frozenset(
    Ref(f"{library}.patch{form}")
    for library in ("unittest.mock", "mock")
    for form in ("", ".dict", ".multiple")
)
# Fixtures of pytest-mock and pytest, and their methods that take a path first.
_MOCKER = frozenset(f"{scope}mocker" for scope in ("", "class_", "module_", "package_", "session_"))
_FIXTURES = {
    **dict.fromkeys(_MOCKER, ("patch", "patch.dict", "patch.multiple")),
    "monkeypatch": ("setattr", "delattr"),
}
# And those that take what holds it, and its name.
_PATCH_OBJECT = frozenset(Ref(f"{library}.patch.object") for library in ("unittest.mock", "mock"))
_FIXTURES_OBJECT = {
    **dict.fromkeys(_MOCKER, ("patch.object",)),
    "monkeypatch": ("setattr", "delattr"),
}
# Arguments that say that the thing may be missing.
_LENIENT = frozenset({"create", "raising"})


def patched(file: File) -> Iterator[tuple[ast.Constant, str, str]]:
    """The strings with a path into torchtitan that a call replaces.

    Each with that path, and with the part of it that has to be there: what holds the thing, where the
    thing itself may be missing.
    """
    for call in file.calls:
        match call.args:
            case [ast.Constant(value=str() as path) as node, *_] if path.startswith(_PREFIX):
                lenient = any(keyword.arg in _LENIENT for keyword in call.keywords)
                is_path = all(part.isidentifier() for part in path.split("."))
                if is_path and _replaces(file, call.func, _PATCH, _FIXTURES):
                    yield node, path, path.rpartition(".")[0] if lenient else path
            case _:
                pass


def patched_of(file: File) -> Iterator[tuple[ast.expr, ast.Constant, str]]:
    """Names that a call replaces in what it is given: what holds them, and the name."""
    for call in file.calls:
        if any(keyword.arg in _LENIENT for keyword in call.keywords):
            continue
        match call.args:
            case [owner, ast.Constant(value=str() as name) as node, *_] if not isinstance(
                owner, ast.Constant
            ):
                if _replaces(file, call.func, _PATCH_OBJECT, _FIXTURES_OBJECT):
                    yield owner, node, name
            case _:
                pass


def _replaces(
    file: File,
    function: ast.expr,
    functions: frozenset[Ref],
    fixtures: Mapping[str, tuple[str, ...]],
) -> bool:
    if file.agrees(function, lambda value: value in functions):
        return True
    steps: list[str] = []
    while isinstance(function, ast.Attribute):
        steps.insert(0, function.attr)
        function = function.value
    if not isinstance(function, ast.Name) or ".".join(steps) not in fixtures.get(function.id, ()):
        return False
    bindings = file.program.bindings.of(function)
    return bool(bindings) and all(binding.kind is Kind.PARAMETER for binding in bindings)
