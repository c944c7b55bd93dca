"""Whether another file may ask a module for a name: import it, read it, put something in its place."""

from __future__ import annotations

import ast
import re

from titan_lint.code.forms import last_name
from titan_lint.uses.era import dotted_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.program import Program


def may_ask(program: Program, module: str, name: str) -> bool:
    """Whether a file may ask a module for one of its names.

    In doubt it may: what it reads a name of that is not known may be the module.

    Args:
        program: The file.
        module: The last part of the module's name.
        name: The name.
    """
    has_stars = False
    for statement in program.bindings.imports:
        if isinstance(statement, ast.ImportFrom):
            origin = (statement.module or "").rpartition(".")[2]
            for alias in statement.names:
                if alias.name == name and origin in (module, ""):
                    return True
                has_stars |= alias.name == "*"
    if has_stars and any(node.id == name for node in program.of(ast.Name)):
        return True
    for node in program.of(ast.Attribute, ast.keyword, ast.Constant):
        match node:
            case ast.Attribute(attr=attr) if attr == name:
                # What torchtitan has by that name is its own.
                if dotted_path(program, node.value) is None:
                    return True
            case ast.keyword(arg=arg) if arg == name:
                return True
            case ast.Constant(value=str() as text) if name in text:
                if _asks(text, module, name):
                    return True
            case ast.Constant(value=bytes() as data) if name.encode() in data:
                return True
            case _:
                pass
    return False


WHOLE = (
    rb"\bgetattr\(\s*[\w.]+\s*,\s*[^\"'\s]",
    rb"\b(?:vars|dir|getmembers|items)\(",
    rb"\b__dict__\b",
)
"""What is found in the text of a file that asks a module for names that are worked out, or for all of them."""


def asks_for_any(program: Program, module: str) -> bool:
    """Whether a file may ask a module for a name that is worked out, or for all that it has.

    Args:
        program: The file.
        module: The last part of the module's name.
    """
    return any(_is_whole(program, use) for use in _uses_of(program, module))


def _uses_of(program: Program, module: str) -> Iterator[ast.expr]:
    """Where a file has a module as such: a name that an import binds, or what ``import_module`` gives."""
    for statement in program.bindings.imports:
        for alias in statement.names:
            if alias.name.rpartition(".")[2] != module:
                continue
            if isinstance(statement, ast.ImportFrom) or alias.asname or "." not in alias.name:
                yield from program.loaded(alias.asname or alias.name)
            else:
                yield from (node for node in program.reads if node.attr == module)
    for call in program.called("import_module", "__import__"):
        match call.args:
            case [ast.Constant(value=str() as path), *_] if path.rpartition(".")[2] == module:
                yield call
                match program.parents[call]:
                    case ast.Assign(targets=[ast.Name(id=name)]):
                        yield from program.loaded(name)
                    case _:
                        pass
            case _:
                pass


def _is_whole(program: Program, use: ast.expr) -> bool:
    match program.parents[use]:
        case ast.Call(func=function, args=[first, *others]) if first is use:
            name = last_name(function)
            is_named = bool(others) and isinstance(others[0], ast.Constant)
            return name in {"vars", "dir", "getmembers"} or (name == "getattr" and not is_named)
        case ast.Attribute(attr="__dict__"):
            return True
        case _:
            return False


def _asks(text: str, module: str, name: str) -> bool:
    """Whether a text may be code that asks for a name, or the name itself, alone or behind a path."""
    words = re.findall(r"\w+", text)
    return name in words and (module in words or re.search(r"[^\w.:\[\]]", text) is None)
