"""What asks for the fields of a config, whoever made it: reads and writes by name or by string, copies that give one anew."""

from __future__ import annotations

import ast
import re

from titan_lint.api import Class
from titan_lint.code.forms import last_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from titan_lint.api import Surface
    from titan_lint.code.program import Program

_BY_NAME = frozenset({"delattr", "getattr", "hasattr", "setattr"})
COPYING = frozenset({"__replace__", "evolve", "replace"})


def asks(
    program: Program, fields: Collection[str], holders: Collection[str], made: ast.AST | None = None
) -> bool:
    """Whether a file asks something for one of some fields, or gives it anew to a copy.

    Args:
        program: The file.
        fields: The names of the fields.
        holders: How what has them is called where it is asked; nothing where it may be called anything.
        made: The call that makes it, where this file does: what it is given does not count.
    """
    known = program.once(_by_field)
    return any(
        (
            _may_be(program, owner, name)
            if not holders
            else held in holders
            or _alias(program, owner) in holders
            or _is_any(program, owner, held)
        )
        and (made is None or made not in program.ancestors(node))
        for name in fields
        for node, owner, held in known.get(name, ())
    )


def is_named(program: Program, field: str) -> bool:
    """Whether a file names a field in a text or a pattern by which something may be asked for it."""
    known = program.once(_by_field).get(field, ())
    return any(owner is None for _, owner, _ in known)


def _by_field(program: Program) -> dict[str, list[tuple[ast.AST, ast.expr | None, str]]]:
    """By the fields that a file asks for the nodes that do, what each asks, and the last part of how that is called."""
    found: dict[str, list[tuple[ast.AST, ast.expr | None, str]]] = {}
    for node in program.of(ast.Attribute, ast.Call, ast.MatchClass):
        for owner, held, name in _asked(node):
            found.setdefault(name, []).append((node, owner, held))
    for text in program.of(ast.Constant):
        if isinstance(text.value, str) and _may_name(program, text):
            for name in _NAMED.findall(text.value):
                found.setdefault(name, []).append((text, None, ""))
    return found


_NAMED = re.compile(r"(?:^|(?<=[.{(\[]))[a-z]\w*(?=$|[.})\]!:])")
"""The names in ``lr``, ``optimizer.lr``, ``{c.lr}``, ``{0.lr:.2f}`` and ``%(lr)s``."""


def _may_name(program: Program, text: ast.Constant) -> bool:
    """Whether a text may be what something is asked by: no documentation, no key of a plain dictionary."""
    match program.parents[text]:
        case ast.Expr() | ast.Dict():
            return False
        case ast.Subscript(value=holder):
            return _is_of_object(program, holder)
        case ast.Call(func=ast.Name(id=called)) if called in _BY_NAME:
            return False  # told by what it asks
        case ast.Call(func=ast.Attribute(value=holder, attr="get" | "pop" | "setdefault")):
            return _is_of_object(program, holder)
        case _:
            return True


def _is_of_object(program: Program, holder: ast.expr) -> bool:
    """Whether a dictionary may hold the fields of an object: what a call gives, ``asdict(config)``."""
    bound = program.bindings.of(holder) if isinstance(holder, ast.Name) else ()
    made = [holder, *(one.value for one in bound if one.value is not None)]
    return any(isinstance(one, ast.Call) and last_name(one.func) in _OF_FIELDS for one in made)


_OF_FIELDS = frozenset({"asdict", "to_dict", "vars"})


def _is_any(program: Program, owner: ast.expr | None, held: str) -> bool:
    """Whether what is asked may be anything: a pattern, a text, or what a ``lambda`` is given."""
    if owner is None:
        return not held
    bound = program.bindings.of(owner) if isinstance(owner, ast.Name) else ()
    return any(isinstance(one.function, ast.Lambda) for one in bound)


def _asked(node: ast.AST) -> Iterator[tuple[ast.expr | None, str, str]]:
    """What is asked by a node, the last part of how that is called, and for which fields."""
    match node:
        case ast.Attribute(attr=name, value=owner):
            yield owner, last_name(owner), name
        case ast.Call(
            func=ast.Name(id=called), args=[owner, ast.Constant(value=str() as name), *_]
        ) if called in _BY_NAME:
            yield owner, last_name(owner), name
        case ast.Call(func=function, args=paths) if last_name(function) == "attrgetter":
            for path in paths:
                if isinstance(path, ast.Constant) and isinstance(path.value, str):
                    before, _, name = path.value.rpartition(".")
                    yield None, before.rpartition(".")[2], name
        case ast.Call(func=function, args=given, keywords=words) if last_name(function) in COPYING:
            owner = given[0] if given else getattr(function, "value", None)
            for word in words:
                yield owner, "" if owner is None else last_name(owner), word.arg or ""
        case ast.MatchClass(kwd_attrs=names):
            yield from ((None, "", name) for name in names)
        case _:
            pass


def _alias(program: Program, owner: ast.expr | None) -> str:
    """The last part of what a name was given; empty where that is not one thing alone."""
    bound = program.bindings.of(owner) if isinstance(owner, ast.Name) else ()
    given = bound[0].value if len(bound) == 1 else None
    return "" if given is None else last_name(given)


def _may_be(program: Program, owner: ast.expr | None, name: str) -> bool:
    """Whether what is asked may be something of others: what a class gives itself is its own."""
    own = program.class_of(owner) if isinstance(owner, ast.Name) and owner.id == "self" else None
    return own is None or (name not in own.attributes and name not in own.scope.bindings)


def held_as(surfaces: Iterable[Surface], configs: Collection[str]) -> frozenset[str]:
    """The fields by which a trainer's config holds one of some others: ``optimizer``."""
    found: set[str] = set()
    for surface in surfaces:
        cls = surface.lookup(_TRAINERS)
        constructor = cls.constructor() if isinstance(cls, Class) else None
        for parameter in constructor.parameters if constructor is not None else ():
            if parameter.type is not None and surface.resolve(parameter.type) in configs:
                found.add(parameter.name)
    return frozenset(found)


_TRAINERS = "torchtitan.trainer.Trainer.Config"
