"""Classes that no statement derives from what they derive from: calls make them, and functions of what they are handed.

``type("Mine", (Trainer,), {...})``, ``make_dataclass("Mine", fields, bases=(Trainer.Config,))``, ``make(Trainer)`` of a
function with ``class Mine(base)`` in it, and a decorator that gives another class than the one below it.
"""

from __future__ import annotations

import ast

from titan_lint.code.forms import callee_name, last_name
from titan_lint.code.names import Kind
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses.brought import ANY, names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import ClassInfo
    from titan_lint.code.program import Program

HARMLESS = frozenset(
    {
        *("isinstance", "issubclass", "cast", "super", "print", "repr", "str", "id", "hash", "len"),
        *("getattr", "hasattr", "callable", "getsource", "signature", "getfile", "fields"),
        *("raises", "assertRaises", "assertIsInstance", "TypeVar", "is_dataclass"),
        *("get_type_hints",),
    }
)
"""What makes no class of one that it is handed."""


class Made(Struct):
    """A class that a call may make.

    Attributes:
        bases: What it may derive from.
        names: The attributes that the call itself brings; :data:`ANY` among them where some are named nowhere.
        by: What may make it, by the last parts of the names; nothing where it is Python itself.
    """

    bases: tuple[ast.expr, ...]
    names: frozenset[str]
    by: frozenset[str] = frozenset()


def made(program: Program) -> list[Made]:
    """The classes that the calls of a file may make of others, by what they hand over."""
    found: list[Made] = []
    for call in program.bindings.calls:
        names = _brought(program, call)
        if names is not None:
            bases = _bases(call)
            found.append(Made(tuple(c for b in bases for c in classes_in(program, b)), names))
        elif callee_name(call) not in HARMLESS:
            given = [*call.args, *(word.value for word in call.keywords)]
            handed = tuple(c for arg in given for c in classes_in(program, arg))
            if handed:
                found.append(Made(handed, frozenset(), _makers_in(program, call)))
    for function in program.of(ast.FunctionDef, ast.AsyncFunctionDef):
        given = [*function.args.defaults, *(one for one in function.args.kw_defaults if one)]
        handed = tuple(c for arg in given for c in classes_in(program, arg))
        if handed:
            found.append(Made(handed, frozenset(), frozenset((function.name,))))
    return found


def _makers_in(program: Program, call: ast.Call) -> frozenset[str]:
    """What may make a class in a call: what it calls, and the functions that it hands on, as to ``partial``."""
    found: set[str] = set()
    for node in walk(call):
        if isinstance(node, ast.Name | ast.Attribute):
            found.add(last_name(node))
        if isinstance(node, ast.Name):
            for binding in program.bindings.of(node):
                found.add(binding.member)
                if binding.value is not None:
                    found.add(last_name(binding.value))
    return frozenset(found - {""})


def decorated_by(program: Program, info: ClassInfo) -> frozenset[str]:
    """The last parts of the names of what may make another class of one, as it decorates it."""
    found: set[str] = set()
    for decorator in info.node.decorator_list:
        found.add(callee_name(decorator))
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(called, ast.Name):
            found.update(binding.member for binding in program.bindings.of(called))
    return frozenset(found - {""})


def classes_in(program: Program, node: ast.expr, depth: int = 0) -> Iterator[ast.expr]:
    """The names of what may be classes in an expression, through tuples, calls and choices."""
    match node:
        case ast.Name() | ast.Attribute():
            if last_name(node).lstrip("_")[:1].isupper():
                yield node
            elif isinstance(node, ast.Name) and depth < _DEEP:
                for binding in program.bindings.of(node):
                    if binding.kind is Kind.VALUE and binding.value is not None:
                        yield from classes_in(program, binding.value, depth + 1)
                    elif binding.kind is Kind.FROM:
                        yield node
        case ast.Subscript(value=inner) | ast.Starred(value=inner) | ast.NamedExpr(value=inner):
            yield from classes_in(program, inner, depth)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.BoolOp(values=parts):
            for part in parts:
                yield from classes_in(program, part, depth)
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            yield from classes_in(program, left, depth)
            yield from classes_in(program, right, depth)
        case ast.Call(args=given, keywords=words) if depth:
            for part in (*given, *(word.value for word in words)):
                yield from classes_in(program, part, depth)
        case _:
            pass


def makers(program: Program) -> dict[str, frozenset[str]]:
    """The functions of a file that may make a class of one they are handed, or change it, with the attributes that brings.

    They go by the last parts of their names, and of what they stand in.
    """
    found: dict[str, frozenset[str]] = {}

    def add(node: ast.AST, names: frozenset[str]) -> None:
        for around in program.ancestors(node):
            match around:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    word = name
                case ast.ClassDef(name=name):
                    word = name
                case ast.Lambda():
                    above = program.parents[around]
                    target = above.targets[0] if isinstance(above, ast.Assign) else None
                    word = "" if target is None else last_name(target)
                case _:
                    continue
            found[word] = found.get(word, frozenset()) | names

    for info in program.bindings.classes.values():
        if any(_is_handed(program, part) for base in info.node.bases for part in walk(base)):
            add(info.node, names(program, info))
    for call in program.bindings.calls:
        brought = _brought(program, call)
        if brought is not None and any(
            _is_handed(program, part) for base in _bases(call) for part in walk(base)
        ):
            add(call, brought)
    for call in program.called("setattr", "__setattr__"):
        match call.args:
            case [owner, name, _] if _is_handed(program, owner):
                if not isinstance(name, ast.Constant):
                    add(call, frozenset((ANY,)))
            case _:
                pass
    return found


def _is_handed(program: Program, node: ast.AST) -> bool:
    """Whether a name stands for what a function is handed, or for something that it found out from that."""
    return isinstance(node, ast.Name) and any(
        binding.kind not in _TOLD for binding in program.bindings.of(node)
    )


def _bases(call: ast.Call) -> list[ast.expr]:
    """What stands for the bases of a class in a call that makes it."""
    named = [word.value for word in call.keywords if word.arg in {"bases", None}]
    return [*call.args, *named]


def _brought(program: Program, call: ast.Call) -> frozenset[str] | None:
    """The attributes of a class that a call of Python's own makes; ``None`` for another call."""
    name = callee_name(call)
    match call:
        case ast.Call(func=ast.Name(id="type") | ast.Call(func=ast.Name(id="type"))):
            if len(call.args) + len(call.keywords) < 2 and not any(
                isinstance(arg, ast.Starred) for arg in call.args
            ):
                return None
            return _keys(program, call.args[2] if len(call.args) > 2 else None)
        case ast.Call(args=[_, fields, *_]) if name == "make_dataclass":
            space = [word.value for word in call.keywords if word.arg == "namespace"]
            brought = [_fields(program, fields), *(_keys(program, one) for one in space)]
            return frozenset(name for names in brought for name in names)
        case ast.Call() if name in {"new_class", "make_dataclass"}:
            return frozenset((ANY,))
        case ast.Call(args=[first, *_]) if name == "partial" and last_name(first) in _MAKING:
            return frozenset((ANY,))
        case _:
            return None


def _keys(program: Program, node: ast.expr | None) -> frozenset[str]:
    """The keys of a dictionary that a file writes; :data:`ANY` among them where some are not written there."""
    match node:
        case ast.Dict(keys=keys) if all(isinstance(key, ast.Constant) for key in keys):
            return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=words):
            return frozenset(word.arg or ANY for word in words)
        case _:
            return frozenset((ANY,))


def _fields(program: Program, node: ast.expr) -> frozenset[str]:
    """The names of the fields that a call of ``make_dataclass`` is given."""
    if not isinstance(node, ast.List | ast.Tuple):
        return frozenset((ANY,))
    found: set[str] = set()
    for part in node.elts:
        match part.elts[0] if isinstance(part, ast.Tuple) and part.elts else part:
            case ast.Constant(value=str() as name):
                found.add(name)
            case _:
                found.add(ANY)
    return frozenset(found)


_TOLD = frozenset({Kind.CLASS, Kind.FROM, Kind.IMPORT, Kind.STAR, Kind.FUNCTION})
"""What binds a name to one thing, whoever calls."""

_MAKING = frozenset({"make_dataclass", "new_class", "type"})
_DEEP = 3
"""Through how many names and calls what is handed over is followed."""
