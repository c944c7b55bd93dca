"""Paths in strings that tests replace: ``mock.patch("torchtitan...")``."""

from __future__ import annotations

import ast

from titan_lint.code.names import Kind
from titan_lint.code.values import Ref, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
# Arguments that say that the thing may be missing.
_LENIENT = frozenset({"create", "raising"})


def patched(file: File) -> Iterator[tuple[ast.Constant, str]]:
    """The strings with a path into torchtitan that a call replaces, each with that path."""
    for call in file.calls:
        match call.args:
            case [ast.Constant(value=str() as path) as node, *_] if path.startswith(_PREFIX):
                lenient = any(keyword.arg in _LENIENT for keyword in call.keywords)
                is_path = all(part.isidentifier() for part in path.split("."))
                if is_path and not lenient and _replaces(file, call.func):
                    yield node, path
            case _:
                pass


def _replaces(file: File, function: ast.expr) -> bool:
    if file.agrees(function, _is_patch):
        return True
    steps: list[str] = []
    while isinstance(function, ast.Attribute):
        steps.insert(0, function.attr)
        function = function.value
    if not isinstance(function, ast.Name) or ".".join(steps) not in _FIXTURES.get(function.id, ()):
        return False
    bindings = file.program.bindings.of(function)
    return bool(bindings) and all(binding.kind is Kind.PARAMETER for binding in bindings)


def _is_patch(value: Value) -> bool:
    return value in _PATCH
