"""What an annotation says, read from its source text.

A surface stores annotations as written. This module takes one apart just far enough to answer three
questions: which class does a value have, which class does it hold many of, and which literals are
allowed. It never evaluates anything.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from keyword import iskeyword

from titan_lint.structs import Struct, replace

Constant = str | int | float | bool | None
"""A literal that annotations, defaults and guards can name."""

# Wrappers that say something about a value but do not change its type.
_TRANSPARENT = frozenset(
    {"Annotated", "ClassVar", "Final", "InitVar", "Optional", "ReadOnly", "Required", "NotRequired"}
)
_SEQUENCES = frozenset(
    {
        *("list", "tuple", "set", "frozenset", "deque"),
        *("List", "Tuple", "Set", "FrozenSet", "Sequence", "MutableSequence", "Collection"),
        *("Iterable", "Iterator", "Generator"),
    }
)
_STEPPED = frozenset({"Iterator", "Generator"})
_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict"})
_TYPES = frozenset({"type", "Type"})


class Shape(Struct):
    """The dotted names in an annotation, by the role they play, and the literals it allows.

    Attributes:
        instance: name of the class that a value is an instance of, ``None`` when there are several
            or none that a single name can tell.
        class_: name inside ``type[...]``: the value is that class or a subclass of it.
        item: name of the class that a list, tuple or dictionary holds.
        choices: members of ``Literal[...]``; empty when anything else is allowed too.
        alternatives: names of the classes in a union of several, of one of which a value is an instance.
        optional: whether ``None`` is allowed besides.
    """

    instance: str | None = None
    class_: str | None = None
    item: str | None = None
    choices: tuple[Constant, ...] = ()
    alternatives: tuple[str, ...] = ()
    optional: bool = False


_UNKNOWN = Shape()


@lru_cache(maxsize=4096)
def parse(text: str) -> Shape:
    """Take the annotation `text` apart; an annotation beyond understanding gives an empty `Shape`."""
    name = text.removesuffix(" | None")
    if all(map(_is_name, name.split("."))):
        # Most annotations, by far: parsing one takes a tenth of a millisecond.
        return Shape(instance=name, optional=name is not text)
    tree = expression(text)
    return _UNKNOWN if tree is None else _shape(tree)


@lru_cache(maxsize=4096)
def expression(text: str) -> ast.expr | None:
    """Parse ``text`` as one expression, or ``None`` when it isn't one. The tree is for reading only."""
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None


def _is_name(text: str) -> bool:
    return text.isidentifier() and not iskeyword(text)


def dotted(node: ast.expr) -> str | None:
    """``a.b.c`` for a chain of attributes on a plain name, else ``None``."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


def constant(node: ast.expr) -> tuple[Constant] | None:
    """The literal that ``node`` writes, in a tuple of one, or ``None`` when it is no plain literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
        return (node.value,)
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
        and isinstance(node.operand.value, int | float)
    ):
        return (-node.operand.value,)
    return None


def _shape(node: ast.expr) -> Shape:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return parse(node.value)
        return Shape(optional=node.value is None)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([node.left, node.right])
    if isinstance(node, ast.Subscript):
        return _subscript(node)
    name = dotted(node)
    return Shape(instance=name) if name else _UNKNOWN


def _subscript(node: ast.Subscript) -> Shape:
    head = (dotted(node.value) or "").rpartition(".")[2]
    arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if head == "Literal":
        values = [constant(argument) for argument in arguments]
        if all(value is not None for value in values):
            return Shape(choices=tuple(value[0] for value in values if value is not None))
        return _UNKNOWN
    if not arguments:
        return _UNKNOWN
    if head == "Union":
        return _union(arguments)
    if head in _TRANSPARENT:
        inner = _shape(arguments[0])
        return _with_none(inner) if head == "Optional" else inner
    if head in _TYPES:
        return Shape(class_=_shape(arguments[0]).instance)
    if head in _SEQUENCES:
        items = [a for a in arguments if not (isinstance(a, ast.Constant) and a.value is ...)]
        same = {
            _shape(item).instance for item in (items if head in {"tuple", "Tuple"} else items[:1])
        }
        return Shape(item=same.pop() if len(same) == 1 else None)
    if head in _MAPPINGS and len(arguments) == 2:
        return Shape(item=_shape(arguments[1]).instance)
    # A generic class of its own: `Box[int]` is an instance of `Box`.
    return Shape(instance=dotted(node.value))


def _union(nodes: list[ast.expr]) -> Shape:
    shapes = [_shape(node) for node in nodes]
    plain = [s for s in shapes if s != Shape(optional=True)]
    if len(plain) == 1:
        only = plain[0]
        return _with_none(only) if len(plain) < len(shapes) else only
    if plain and all(s.choices for s in plain):
        optional = len(plain) < len(shapes) or any(s.optional for s in plain)
        merged = dict.fromkeys(choice for s in plain for choice in s.choices)
        return Shape(choices=tuple(merged), optional=optional)
    named = [s.alternatives or (s.instance,) for s in plain]
    names = [name for some in named for name in some if name is not None]
    if len(names) < len(named):
        return _UNKNOWN
    optional = len(plain) < len(shapes) or any(s.optional for s in plain)
    return Shape(alternatives=tuple(dict.fromkeys(names)), optional=optional)


def _with_none(shape: Shape) -> Shape:
    return replace(shape, optional=True)


def is_stepped(text: str) -> bool:
    """Whether an annotation says no more than that ``next`` goes through something: a generator, an iterator."""
    tree = expression(text)
    name = dotted(tree.value if isinstance(tree, ast.Subscript) else tree) if tree else None
    return name is not None and name.rpartition(".")[2] in _STEPPED
