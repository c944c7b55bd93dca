"""What tests for its class say of a thing where they hold: ``isinstance``, ``type(x) is C``, ``case C()``."""

from __future__ import annotations

import ast

from titan_lint.code.forms import matched
from titan_lint.code.settled import settled
from titan_lint.code.type_tests import of_types
from titan_lint.code.values import (
    ANYTHING,
    NONE,
    UNKNOWN,
    Attr,
    Collection,
    Instance,
    Item,
    LocalClass,
    LocalInstance,
    Ref,
    Result,
    Unknown,
    Values,
    union,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from titan_lint.code.classes import Classes
    from titan_lint.code.program import Program
    from titan_lint.code.type_tests import Fact
    from titan_lint.code.values import Value

_OBJECT = Instance("builtins.object")


class Narrowing:
    """What the tests around the expressions of one file say of them.

    Args:
        answers: What expressions may be.
        instance: An instance of what may be a class.
    """

    def __init__(self, answers: Classes, instance: Callable[[Value], Values]) -> None:
        self._answers = answers
        self._program = answers.program
        self._instance = instance

    def narrowed(self, node: ast.Name | ast.Attribute, found: Values) -> Values:
        """What is left of what an expression may be, where tests for its class have held before."""
        name = node.attr if isinstance(node, ast.Attribute) else node.id
        if name not in self._answers.tested:
            return found
        shown = ast.dump(node)
        for asked, kind, holds in _facts(self._program, node):
            if ast.dump(asked) == shown and self._is_same(asked, node):
                classes = self._classes(kind)
                if classes and UNKNOWN not in classes:
                    found = self._of(found, classes) if holds else self._without(found, classes)
        return found

    def is_very_class(self, node: ast.expr) -> bool:
        """Whether a test has said of which very class a thing is, ``type(x) is C``: of none derived from that."""
        if not isinstance(node, ast.Name | ast.Attribute):
            return False
        shown = ast.dump(node)
        return any(
            is_such and ast.dump(asked) == shown and self._is_same(asked, node)
            for test, holds in settled(self._program, node)
            if isinstance(test, ast.Compare)
            for asked, _, is_such in of_types(test, holds=holds)
        )

    def _of(self, found: Values, classes: Values) -> Values:
        kept = Values(value for value in found if self._is_any(value, classes))
        vague = Values(value for value in found if _is_vague(value))
        if kept and not vague:
            return kept
        made = union(map(self._instance, classes))
        if UNKNOWN in made:
            return found
        narrower = all(
            any(self._is_any(one, self._class_of(value)) for value in found - vague) for one in made
        )
        if vague or narrower or found == Values((NONE,)):
            return kept | made
        # It is of a class that derives from both, and nobody knows what that has.
        return ANYTHING

    def _without(self, found: Values, classes: Values) -> Values:
        left = Values(value for value in found if not self._is_any(value, classes))
        return left or found

    def _class_of(self, value: Value) -> Values:
        match value:
            case Instance(cls=cls):
                return Values((Ref(cls),))
            case LocalInstance(info=info):
                return Values((LocalClass(info),))
            case _:
                return Values()

    def _is_any(self, value: Value, classes: Values) -> bool:
        """Whether something surely is an instance of one of some classes."""
        return any(self._is_one(value, cls) for cls in classes)

    def _is_one(self, value: Value, cls: Value) -> bool:
        types = self._answers.types
        match value, cls:
            case Instance(cls=one), Ref(path=path):
                wanted = types.canonical(path)
                return one == wanted or types.derives(one, wanted)
            case LocalInstance(info=info), LocalClass(info=other):
                return other in self._answers.local_mro(info)
            case LocalInstance(info=info), Ref(path=path):
                wanted = types.canonical(path)
                return any(
                    base is not None and (base == wanted or types.derives(base, wanted))
                    for base in self._answers.foreign_bases(info)
                )
            case _:
                return False

    def _classes(self, node: ast.expr) -> Values:
        """The classes that a test asks for: one, a tuple or a union of them."""
        match node:
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return self._classes(left) | self._classes(right)
            case ast.Tuple(elts=parts):
                return union(map(self._classes, parts))
            case _:
                return union(
                    self._classes(value.node)
                    if isinstance(value, Collection) and isinstance(value.node, ast.Tuple)
                    else (value if isinstance(value, Ref | LocalClass) else UNKNOWN,)
                    for value in self._answers.choices(node)
                    # A name that holds nothing raises: `isinstance(x, None)`. `Spec | None` does not.
                    if value != NONE or isinstance(node, ast.Constant)
                )

    def _is_same(self, asked: ast.expr, node: ast.expr) -> bool:
        """Whether what was asked still is what is read, as far as the code between them shows."""
        while isinstance(asked, ast.Attribute) and isinstance(node, ast.Attribute):
            if self._is_set(node):
                return False
            asked, node = asked.value, node.value
        if not isinstance(asked, ast.Name) or not isinstance(node, ast.Name):
            return False
        bindings = self._answers.bindings
        return bindings.of(asked) == bindings.of(node)

    def _is_set(self, node: ast.Attribute) -> bool:
        """Whether the function around an attribute, or the module, sets one of its name."""
        function = self._program.function(node)
        return any(
            other.attr == node.attr
            and not isinstance(other.ctx, ast.Load)
            and self._program.function(other) is function
            for other in self._answers.bindings.attributes
        )


def _is_vague(value: Value) -> bool:
    """Whether nothing known of a value keeps it from being of any class."""
    return value == _OBJECT or isinstance(value, Unknown | Attr | Item | Result)


def _facts(program: Program, node: ast.expr) -> Iterator[Fact]:
    """What tests for classes say that have surely held or failed where an expression is read."""
    for test, holds in settled(program, node):
        if isinstance(test, ast.match_case):
            match, kind = program.parents[test], matched(test.pattern)
            if isinstance(match, ast.Match) and kind is not None:
                yield match.subject, kind, True
        else:
            yield from _said(test, holds=holds)


def _said(test: ast.expr, *, holds: bool) -> Iterator[Fact]:
    """What a test says that has held, or has failed."""
    match test:
        case ast.Call(func=ast.Name(id="isinstance"), args=[asked, kind], keywords=[]):
            yield asked, kind, holds
        case ast.Compare():
            yield from of_types(test, holds=holds)
        case _:
            pass
