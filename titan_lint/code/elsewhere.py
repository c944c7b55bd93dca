"""What other modules of a project define, as a file sees it that has it from there."""

from __future__ import annotations

import ast
import functools

from titan_lint.code.names import Kind, Scope, qualified
from titan_lint.code.values import (
    ANYTHING,
    NONE,
    Attr,
    Bound,
    Collection,
    Instance,
    Item,
    LocalClass,
    LocalFunction,
    LocalInstance,
    Manager,
    OwnBinding,
    OwnClass,
    OwnFunction,
    Partial,
    Passed,
    Ref,
    Result,
    Row,
    Series,
    Values,
    union,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from titan_lint.code.library import Home
    from titan_lint.code.names import Binding, ClassInfo
    from titan_lint.code.values import Value


class Elsewhere:
    """Turns what things are in other modules into what they are for one file.

    No syntax of the other modules is left in it: what asks where something stands is told a place of the file.

    Args:
        place: Gives the syntax of the file that stands for whatever binds something in other modules.
    """

    def __init__(self, place: Callable[[], ast.AST]) -> None:
        self._place = place
        self._classes: dict[ClassInfo, OwnClass | None] = {}

    def here(self, values: Iterable[Value], home: Home) -> Values:
        """What some values of another module are for the file.

        Literals are none of them: they are settings, which many hands change.
        """
        return union(self._here(value, home) for value in values)

    def _here(self, value: Value, home: Home) -> Values:
        match value:
            case OwnFunction(path=path, returned=returned):
                return Values((OwnFunction(path, returned=lambda: self.here(returned(), home)),))
            case Ref():
                return Values((value,))
            case Instance(cls=cls):
                return Values((Instance(cls),))
            case Bound(cls=cls, name=name):
                return Values((Bound(cls, name),))
            case Attr(owner=owner, name=name):
                return Values(Attr(one, name) for one in self._here(owner, home))
            case Item(owner=owner, key=key):
                return Values(Item(one, key) for one in self._here(owner, home))
            case Result(function=function):
                return Values(Result(one) for one in self._here(function, home))
            case Partial(function=function, call=call, passed=passed):
                known = passed if call is None else _passed(call)
                return Values(Partial(one, None, known) for one in self._here(function, home))
            case Series(elements=elements, items=items, is_declared=True):
                held = None if items is None else self.here(items, home)
                return Values((Series(self.here(elements, home), held, is_declared=True),))
            case Collection(node=ast.Tuple(elts=held)) if not any(
                isinstance(one, ast.Starred) for one in held
            ):
                return Values((Row(tuple(self.here(home.values(one), home) for one in held)),))
            case Row(parts=parts):
                return Values((Row(tuple(self.here(part, home) for part in parts)),))
            case Manager(entered=entered):
                return Values((Manager(self.here(entered, home)),))
            case LocalClass(info=info):
                own = self._class(info, home)
                return ANYTHING if own is None else Values((LocalClass(own),))
            case LocalInstance(info=info, exact=exact):
                own = self._class(info, home)
                return ANYTHING if own is None else Values((LocalInstance(own, exact),))
            case LocalFunction(node=ast.FunctionDef(name=name) as node):
                path = f"{home.dotted}.{name}"
                returned = functools.partial(home.returned, node)
                return Values((OwnFunction(path, returned=lambda: self.here(returned(), home)),))
            case _:
                return Values((NONE,)) if value == NONE else ANYTHING

    def _class(self, info: ClassInfo, home: Home) -> OwnClass | None:
        """What stands for a class of another module; ``None`` where that may have any attributes."""
        if info not in self._classes:
            names = home.names(info)
            self._classes[info] = None if names is None else self._made(info, home, names)
        return self._classes[info]

    def _made(self, info: ClassInfo, home: Home, names: Iterable[str]) -> OwnClass:
        head = ast.ClassDef(info.node.name, [], [], [], [])
        scope = Scope(head, None, is_class=True)

        def attribute(name: str, instance: bool) -> Values:
            _ask_below(home.below(info), name, instance=instance)
            return self.here(home.attribute(info, name, instance=instance), home)

        def binding(name: str) -> Binding:
            values = functools.partial(attribute, name, True)
            return OwnBinding(Kind.OPAQUE, self._place(), values=values)

        scope.bindings = {name: [binding(name)] for name in sorted(names)}
        return OwnClass(
            head,
            scope,
            scope,
            scope.bindings,
            origin=info.origin if isinstance(info, OwnClass) else (home.path, qualified(info)),
            bases=tuple(home.bases(info)),
            attribute=attribute,
            written=functools.partial(home.written, info),
            below=functools.partial(home.below, info),
            is_known=functools.partial(home.is_known, info),
        )


def _ask_below(classes: Sequence[OwnClass], name: str, *, instance: bool) -> None:
    """Ask the bases of a class for an attribute, the last ones first: none then asks many others in turn.

    Each class of a chain through hundreds of modules would ask the next one, deeper than Python goes.
    """
    todo = {cls: None for cls in classes if not cls.is_known(name, instance)}
    order = list(todo)
    for cls in order:
        for base in cls.below():
            if base not in todo and not base.is_known(name, instance):
                todo[base] = None
                order.append(base)
    for cls in reversed(order):
        cls.attribute(name, instance)


def _passed(made: ast.Call) -> Passed | None:
    """What a call of ``partial`` binds; ``None`` where ``*`` or ``**`` may bring more."""
    names = [keyword.arg for keyword in made.keywords if keyword.arg is not None]
    if len(names) < len(made.keywords) or any(isinstance(a, ast.Starred) for a in made.args):
        return None
    return Passed(len(made.args) - 1, tuple(names))
