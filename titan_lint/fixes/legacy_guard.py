"""The start-up guard that ``--legacy-guard`` puts before a rewritten registry call."""

from __future__ import annotations

import ast
import functools

from titan_lint.api import Function, index, load
from titan_lint.api.changes import facts
from titan_lint.code.walk import walk
from titan_lint.rewriting.operations import EnsureImport, InsertBefore, Operation
from titan_lint.uses.attention.registry import PARAMETER, Registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.file import File

_CONDITIONAL = ast.IfExp | ast.BoolOp | ast.Lambda | ast.ListComp | ast.SetComp | ast.GeneratorExp
_WIDTH = 88


@functools.cache
def first_versions(path: str) -> tuple[str | None, str | None]:
    """The first release, and the first day and commit of main, whose registry takes the backend.

    Later points all take it too; a registry that lost the parameter for a while counts from when
    it came back.
    """
    release: str | None = None
    main: str | None = None
    for point in sorted(index().values(), key=lambda p: (p.day is None, p.day, p.date)):
        found = load(point.key).lookup(path)
        takes = isinstance(found, Function) and found.parameter(PARAMETER) is not None
        if point.kind == "release":
            release = (release or point.version) if takes else None
        elif point.kind == "main":
            commit = (point.commit or "")[:9]
            main = (main or f"{point.day} ({commit})") if takes else None
    return release, main


def legacy_flavors(entry: Registry, flavor: str, backend: str | None) -> list[tuple[str, str]]:
    """Old flavors that had a backend built in: ``[("8B_varlen", "varlen")]`` for ``8B``."""
    models = facts.legacy_flavors().models
    found: dict[str, str] = {}
    for name in dict.fromkeys(entry.models):
        for old, new in models.get(name, {}).items():
            if new.flavor == flavor and backend in (None, new.attn_backend):
                found[old] = new.attn_backend
    return list(found.items())


def message(entry: Registry, flavor: str | None, backend: str | None) -> str:
    """What the guard says, naming the first good version and the old flavor."""
    versions = {first_versions(f.path) for f in entry.candidates if f.parameter(PARAMETER)}
    release, main = max(versions, key=str, default=(None, None))
    if len(versions) > 1:  # the model is not known: most registries changed together
        release, main = first_versions("torchtitan.models.llama3.model_registry")
    since = [f"torchtitan {release} or later"] if release else []
    since += [f"main of {main} or later"] if main else []
    text = f"model_registry takes no attn_backend in this torchtitan; use {' or '.join(since)}"
    if flavor is not None:
        old = legacy_flavors(entry, flavor, backend)
        if old:
            names = ", ".join(f"{name!r} ({of})" for name, of in old)
            text += f", or the old flavor that has it built in: {names}"
    return text


def operations(
    file: File, entry: Registry, flavor: str | None, backend: str | None
) -> tuple[Operation, ...] | None:
    """What puts the guard before the call; ``None`` where no statement can stand before it.

    Args:
        file: The file.
        entry: The call.
        flavor: The flavor that the call will have, where it is a literal.
        backend: The backend that the call will have, where it is a literal.
    """
    program = file.program
    statement = program.statement(entry.call)
    for ancestor in program.ancestors(entry.call):
        if isinstance(ancestor, _CONDITIONAL | ast.DictComp):
            return None
        if ancestor is statement:
            break
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.While):
        return None
    indent = "    "
    function = program.text(entry.call.func)
    if "\n" in function:
        return None
    lines = [
        f'if "{PARAMETER}" not in inspect.signature({function}).parameters:',
        f"{indent}raise RuntimeError(",
        *(f"{indent * 2}{part}" for part in _wrapped(message(entry, flavor, backend))),
        f"{indent})",
    ]
    return EnsureImport("inspect"), InsertBefore(statement, "\n".join(lines))


def _wrapped(text: str) -> list[str]:
    """A long text as string literals, one a line."""
    parts: list[str] = []
    current = ""
    for word in text.split(" "):
        if current and len(current) + len(word) + 1 > _WIDTH - 12:
            parts.append(current + " ")
            current = word
        else:
            current = f"{current} {word}" if current else word
    parts.append(current)
    return ['"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts]


def guarded(file: File, entry: Registry) -> bool:
    """Whether an ``inspect.signature`` guard for the backend already stands around or before a call."""
    program = file.program
    function = program.function(entry.call) or program.tree
    for node in walk(function):
        if (
            isinstance(node, ast.Compare)
            and isinstance(node.left, ast.Constant)
            and node.left.value == PARAMETER
            and "signature" in ast.unparse(node.comparators[0])
        ):
            return True
    return False
