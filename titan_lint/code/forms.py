"""Forms of code that are told by how they are written alone."""

from __future__ import annotations

import ast
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.code.names import FunctionNode


MAKING = frozenset({"__init__", "__new__", "__post_init__"})
"""The methods that make an instance."""


def parsed(text: str) -> list[ast.stmt] | None:
    """The statements of a text; ``None`` where it is no Python."""
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name; empty for what is none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def callee_name(node: ast.expr) -> str:
    """The last part of the name that a call calls; a decorator's without a call is its own."""
    return last_name(node.func if isinstance(node, ast.Call) else node)


def decorator_names(function: FunctionNode) -> set[str]:
    """The last parts of the names of what decorates a function; a lambda has none."""
    return set(map(callee_name, getattr(function, "decorator_list", ())))


_SUPPRESS = "suppress"
_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex"})


def swallowed(call: ast.expr, name: str = "") -> Sequence[ast.expr] | None:
    """The kinds of exceptions behind which a ``with`` goes on: those that its manager swallows.

    That is ``contextlib.suppress``, ``pytest.raises``, and ``assertRaises`` of ``unittest``.

    Args:
        call: The manager.
        name: What it calls, where it goes by another name in the file.

    Returns:
        The expressions of the kinds, each of one class or a tuple; none where it swallows all.
        ``None`` where it is no such manager.
    """
    if not isinstance(call, ast.Call):
        return None
    name = name or callee_name(call)
    if name == _SUPPRESS:
        return call.args
    if name not in _RAISES:
        return None
    named = [word.value for word in call.keywords if word.arg in {"expected_exception", None}]
    return [*call.args[:1], *named]


def may_swallow(statement: ast.With | ast.AsyncWith) -> bool:
    """Whether a ``with`` may go on behind an exception: a manager of its block swallows some, or may do so.

    Managers of the project's own do, where a block imports: ``with optional(): from torchtitan.x import y``.
    """
    managers = [item.context_expr for item in statement.items]
    if any(swallowed(manager) is not None for manager in managers):
        return True
    return any(isinstance(inner, ast.Import | ast.ImportFrom) for inner in statement.body) and any(
        callee_name(manager) not in _LETTING for manager in managers
    )


_LETTING = frozenset(
    {
        *("catch_warnings", "redirect_stdout", "redirect_stderr", "nullcontext", "open", "closing"),
        *("patch", "dict", "object", "context", "deprecated_call", "warns", "assertWarns"),
        *("device", "no_grad", "inference_mode", "autocast", "set_default_dtype", "subTest"),
    }
)
"""Managers of others that let every exception through."""


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """The argument of a call that is given by position or by keyword; ``None`` where neither is sure."""
    if len(call.args) > position and not any(
        isinstance(argument, ast.Starred) for argument in call.args[: position + 1]
    ):
        return call.args[position]
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return None


def matched(pattern: ast.pattern) -> ast.expr | None:
    """The class that a pattern asks for, and nothing else of the thing; ``None`` for another pattern."""
    match pattern:
        case ast.MatchClass(cls=cls, patterns=[], kwd_patterns=[]):
            return cls
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return matched(inner)
        case _:
            return None


def position(node: ast.AST) -> tuple[int, int]:
    """The line and the byte of it where a node begins; zeros for one that has no place."""
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def is_known(module: str) -> bool:
    """Whether a module is torchtitan's or Python's own."""
    top = module.partition(".")[0]
    return top == "torchtitan" or top in sys.stdlib_module_names


def is_torchtitans(path: str) -> bool:
    """Whether a dotted path is torchtitan or leads into it."""
    return path.partition(".")[0] == "torchtitan"


def imports_torchtitan(statement: ast.stmt) -> bool:
    """Whether a statement imports torchtitan or a part of it, or imports from there."""
    match statement:
        case ast.Import(names=names):
            modules = [alias.name for alias in names]
        case ast.ImportFrom(level=0, module=str() as module):
            modules = [module]
        case _:
            modules = []
    return any(map(is_torchtitans, modules))


NAMING = frozenset(
    {"add_module", "register_buffer", "register_module", "register_parameter", "setattr"}
)
"""What gives an object, a module of torch's for all but the last, a member by its name."""


ADDING = frozenset({"update", "setdefault", "__setitem__", "__ior__"})
"""The methods of dictionaries that put something into them."""


def puts_items(call: ast.Call) -> bool:
    """Whether a call puts items into its first argument: ``patch.dict``, ``monkeypatch.setitem``."""
    match call.func:
        case ast.Attribute(attr="setitem"):
            return bool(call.args)
        case ast.Attribute(value=owner, attr="dict"):
            return last_name(owner) == "patch" and bool(call.args)
        case _:
            return False


def keys_put(call: ast.Call) -> list[str | None]:
    """The keys under which a call puts something into a dictionary, its own or that of its first argument; ``None`` for any.

    That is ``configs.update({"tiny": make})``, ``configs.setdefault("tiny", make)``, ``patch.dict(configs, tiny=make)``
    and ``monkeypatch.setitem(configs, "tiny", make)``.
    """
    name = callee_name(call)
    given = call.args[name in ("setitem", "dict") :]
    if name in ("setitem", "setdefault", "__setitem__"):
        return [_literal(given[0]) if given else None]
    found = [word.arg for word in call.keywords if (name, word.arg) != ("dict", "clear")]
    for part in given:
        keys = part.keys if isinstance(part, ast.Dict) else [None]
        found += [_literal(key) if key is not None else None for key in keys]
    return found


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def put_by_name(call: ast.Call) -> tuple[ast.expr, str | None] | None:
    """What a call of something in :data:`NAMING` gives a member, and its name where that is a literal."""
    given = given_by_name(call)
    match given:
        case (owner, ast.Constant(value=str() as literal)):
            return owner, literal
        case (owner, _):
            return owner, None
        case _:
            return None


def given_by_name(call: ast.Call) -> tuple[ast.expr, ast.expr | None] | None:
    """What a call of something in :data:`NAMING` gives a member, and what tells its name."""
    match call:
        case ast.Call(args=[owner, name, _]) if callee_name(call) == "setattr":
            return owner, name
        case ast.Call(func=ast.Attribute(value=owner), args=[name, *_]):
            return owner, name
        case ast.Call(func=ast.Attribute(value=owner), keywords=words):
            return owner, next((word.value for word in words if word.arg == "name"), None)
        case _:
            return None
