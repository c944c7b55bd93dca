"""Whether another file may ask a module for a name: import it, read it, put something in its place."""

from __future__ import annotations

import ast
import re

from titan_lint.uses.era import dotted_path

TYPE_CHECKING = False
if TYPE_CHECKING:
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


def _asks(text: str, module: str, name: str) -> bool:
    """Whether a text may be code that asks for a name, or the name itself, alone or behind a path."""
    words = re.findall(r"\w+", text)
    return name in words and (module in words or re.search(r"[^\w.:\[\]]", text) is None)
