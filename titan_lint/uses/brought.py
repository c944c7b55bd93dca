"""The attributes that a class brings itself, as far as its statement tells."""

from __future__ import annotations

import ast

from titan_lint.api import external
from titan_lint.code.forms import last_name
from titan_lint.code.stores import HOOKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.names import ClassInfo
    from titan_lint.code.program import Program

ANY = ""
"""In the place of an attribute's name, any of them."""


def brought(base: str) -> frozenset[str]:
    """The attributes that a class of another package brings; :data:`ANY` where they are not known."""
    known = external.known()
    if base in known:
        return known[base].members
    return frozenset() if base.startswith(_NO_MORE) else frozenset((ANY,))


def end(path: str) -> str:
    """The end of the path of a class: its name, with that of the class in which it stands."""
    *_, holder, name = path.split(".")
    return f"{holder}.{name}" if holder[:1].isupper() else name


def names(program: Program, info: ClassInfo) -> frozenset[str]:
    """All attributes that a class brings itself; :data:`ANY` among them where some are named nowhere."""
    bound = (*info.scope.bindings, *info.attributes, *by_strings_in(program, info))
    return frozenset((*bound, ANY) if is_open(program, info) else bound)


def by_strings_in(program: Program, info: ClassInfo) -> set[str]:
    """The attributes that the methods of a class set on ``self`` by strings that stand there."""
    return program.once(_by_strings).get(info, set()) - {ANY}


def is_open(program: Program, info: ClassInfo) -> bool:
    """Whether a class may have attributes that nothing names: a hook gives them, a loop sets them, a metaclass adds them."""
    return (
        not _HOOKS.isdisjoint(info.scope.bindings)
        or ANY in program.once(_by_strings).get(info, ())
        or any(last_name(word.value) != "ABCMeta" for word in info.node.keywords)
    )


def _by_strings(program: Program) -> dict[ClassInfo, set[str]]:
    """What methods set on ``self`` by strings; :data:`ANY` for what is not written there."""
    found: dict[ClassInfo, set[str]] = {}
    for call in program.called("setattr", "__setattr__"):
        match call:
            case ast.Call(args=[ast.Name(id="self" | "cls" | "type"), name, _]):
                pass
            case ast.Call(func=ast.Attribute(value=ast.Call()), args=[name, _]):
                pass
            case _:
                continue
        info = program.class_of(call)
        function = program.function(call)
        # What is set as it is said by whoever sets it, is named there.
        is_hook = getattr(function, "name", "") == "__setattr__"
        if info is not None and not is_hook:
            value = name.value if isinstance(name, ast.Constant) else None
            found.setdefault(info, set()).add(value if isinstance(value, str) else ANY)
    for node in program.of(ast.Attribute):
        if node.attr == "__dict__" and isinstance(node.value, ast.Name) and node.value.id == "self":
            match program.parents[node]:
                case ast.Attribute(attr="update" | "setdefault") | ast.Subscript(ctx=ast.Store()):
                    is_set = True
                case _:
                    is_set = isinstance(node.ctx, ast.Store)
            if is_set and (info := program.class_of(node)) is not None:
                found.setdefault(info, set()).add(ANY)
    return found


_HOOKS = HOOKS | {"__init_subclass__"}
_NO_MORE = ("torchtitan.", "torch.", "abc.", "builtins.", "enum.", "typing.", "typing_extensions.")
"""Whose classes bring nothing that is not known here."""
