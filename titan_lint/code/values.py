"""What an expression can be, as far as its provenance tells.

An expression has a set of values: all that it may be, one for each way to reach it. A rule reports
only where every one of them agrees; :data:`UNKNOWN` in the set means that anything is possible.
"""

from __future__ import annotations

from titan_lint.code.names import Binding, ClassInfo
from titan_lint.structs import Struct, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Sequence

    from titan_lint.code.names import FunctionNode

    # A class, and what tells the one thing that an expression of its module is.
    Written = tuple[ClassInfo, Callable[[ast.expr], "Value"]]


class Ref(Struct):
    """What an absolute import path names: a module, class, function or constant.

    ``path`` may hold ``*`` for one part that is not known, as in ``torchtitan.models.*``, which is
    what ``import_module(f"torchtitan.models.{name}")`` gives. ``declared`` is a class that only
    ``type[...]`` in an annotation names: it may be one derived from that.
    """

    path: str
    declared: bool = field(default=False, compare=False)


class OwnFunction(Ref):
    """A function of another module of the file's project.

    ``returned`` gives what a call of it returns.
    """

    returned: Callable[[], Values] = field(default=lambda: ANYTHING, compare=False, repr=False)


class Instance(Struct):
    """An instance of an imported class.

    ``call`` is the constructor or function call that made it; here and below ``None`` where that is
    not known, or one of several.
    """

    cls: str
    call: ast.Call | None = field(default=None, compare=False)


class Bound(Struct):
    """A method or property of an instance of an imported class, which ``call`` made.

    ``inherited`` is whether a class of the file's has it from that class alone, so that no class that is derived
    from it elsewhere has a say.
    """

    cls: str
    name: str
    call: ast.Call | None = field(default=None, compare=False)
    inherited: bool = False


class Attr(Struct):
    """An attribute of something known, of which no more is known than that."""

    owner: Value
    name: str


class Item(Struct):
    """What subscripting something known gives: ``llama3_configs["8B"]``."""

    owner: Value
    key: str | None = None


class Result(Struct):
    """What calling something known gives, where its type is not declared."""

    function: Value
    call: ast.Call | None = field(default=None, compare=False)


class Passed(Struct):
    """What a call in another file of the project passes: how many arguments by position, and which by keyword."""

    positional: int
    keywords: tuple[str, ...]


class Partial(Struct):
    """``functools.partial`` of something known.

    ``passed`` is what it binds where ``call`` is in another file of the project; ``None`` where that is not known.
    """

    function: Value
    call: ast.Call | None = field(compare=False)
    passed: Passed | None = field(default=None, compare=False)


class LocalFunction(Struct):
    """A function of the file under check."""

    node: FunctionNode


class LocalClass(Struct):
    """A class of the file under check."""

    info: ClassInfo


class LocalInstance(Struct):
    """An instance of a class of the file under check; of one derived from it, unless ``exact``."""

    info: ClassInfo
    exact: bool = False


class OwnClass(ClassInfo, frozen=False, eq=False):
    """A class of another module of the file's project, as the file sees it.

    It stands for those of the project's classes that it derives from, too. Its statement has a name alone, and what
    binds its names cannot be looked at: an :class:`OwnBinding` each.

    Attributes:
        origin: The file that defines it, and its name there with those of the classes around it.
        bases: Import paths of the bases that are not the project's; ``None`` for one that is not known.
        attribute: Gives what an attribute may be: of an instance of that very class, or else of the class.
        written: Gives the statements that it stands for; see :meth:`titan_lint.code.classes.Classes.written`.
        below: Gives the classes of further modules that it derives from.
        is_known: Whether an attribute has been asked for already, as in ``attribute``.
    """

    origin: tuple[str, str] = ("", "")
    bases: Sequence[str | None] = ()
    attribute: Callable[[str, bool], Values] = lambda name, instance: ANYTHING
    written: Callable[[], Sequence[Written]] = tuple
    below: Callable[[], Sequence[OwnClass]] = tuple
    is_known: Callable[[str, bool], bool] = lambda name, instance: False


class OwnBinding(Binding, frozen=False, eq=False):
    """What gives an attribute of an :class:`OwnClass` its value; ``values`` gives that."""

    values: Callable[[], Values] = lambda: ANYTHING


class Const(Struct):
    """A literal."""

    value: object


class Pattern(Struct):
    """A string of which parts are known; ``*`` stands for what is not."""

    text: str


class Collection(Struct):
    """A dictionary, list or tuple that is written out in the file, or a comprehension."""

    node: (
        ast.Dict
        | ast.List
        | ast.Tuple
        | ast.Set
        | ast.ListComp
        | ast.SetComp
        | ast.DictComp
        | ast.GeneratorExp
    )


class Series(Struct):
    """What holds or gives things of known kinds one by one: a declared list, a generator.

    Attributes:
        elements: What running through it gives.
        items: What subscripting it gives where that is something else: what a dictionary holds.
        is_declared: Whether an annotation says so, whatever is done to it.
    """

    elements: Values
    items: Values | None = None
    is_declared: bool = False


class Row(Struct):
    """A tuple whose parts are known one by one."""

    parts: tuple[Values, ...]


class Manager(Struct):
    """A context manager of which is known what ``with manager as name`` binds."""

    entered: Values


class Unknown(Struct, eq=False):
    """Anything. There is one of it, which sets of values find by what it is, not by its parts."""


UNKNOWN = Unknown()
NONE = Const(None)

Value = (
    Ref
    | Instance
    | Bound
    | Attr
    | Item
    | Result
    | Partial
    | LocalFunction
    | LocalClass
    | LocalInstance
    | Const
    | Pattern
    | Collection
    | Series
    | Row
    | Manager
    | Unknown
)


class Values(tuple[Value, ...]):
    """All that an expression may be, each once, in the order in which the code names it.

    It is compared as a set. Its order is that of the source, so that no hash decides on what is
    said first.
    """

    __slots__ = ()

    if not TYPE_CHECKING:

        def __eq__(self, other):
            if isinstance(other, tuple | frozenset | set):
                return len(self) == len(other) and all(value in other for value in self)
            return NotImplemented

        def __ne__(self, other):
            return not self == other

        def __hash__(self):
            return hash(frozenset(self))

    def __or__(self, other: Values) -> Values:
        """These, and then those of ``other`` that are not among them."""
        if not other or other is self:
            return self
        return union((self, other)) if self else other

    def __sub__(self, other: Values) -> Values:
        """These without those of ``other``."""
        return Values(value for value in self if value not in other)


def union(parts: Iterable[Iterable[Value]]) -> Values:
    """All values of some parts, in order, each once."""
    found: dict[Value, Value] = {}
    for part in parts:
        for value in part:
            known = found.setdefault(value, value)
            if known is not value:
                found[value] = _merged(known, value)
    return Values(found.values())


def depth(values: Iterable[Value]) -> int:
    """How many containers lie in one another, at most, in what something may be."""
    deepest = 0
    for value in values:
        if type(value) not in _CONTAINERS:
            continue
        match value:
            case Series(elements=elements, items=items):
                inner = (elements,) if items is None else (elements, items)
            case Row(parts=inner):
                pass
            case Manager(entered=entered):
                inner = (entered,)
            case _:
                continue
        deepest = max(deepest, 1 + max(map(depth, inner), default=0))
    return deepest


_CONTAINERS = frozenset({Series, Row, Manager})


def _merged(one: Value, other: Value) -> Value:
    """What equal values are together: made by no call in particular where their calls differ."""
    match one, other:
        case (Partial(), Partial()):
            merged = _merged(one.function, other.function)
            same = one.call is other.call and one.passed == other.passed
            if same and merged is one.function:
                return one
            call, passed = (one.call, one.passed) if same else (None, None)
            return Partial(merged, call, passed)
        case (Result(function=inner), Result(function=twin)):
            merged = _merged(inner, twin)
            if merged is inner and one.call is other.call:
                return one
            return replace(one, function=merged, call=one.call if one.call is other.call else None)
        case (Instance(), Instance()) | (Bound(), Bound()):
            return one if one.call is other.call else replace(one, call=None)
        case (Attr(owner=inner), Attr(owner=twin)) | (Item(owner=inner), Item(owner=twin)):
            merged = _merged(inner, twin)
            return one if merged is inner else replace(one, owner=merged)
        case _:
            return one


def root(value: Value) -> str | None:
    """The top-level package that a value comes from; ``None`` for what the file makes itself."""
    while True:
        match value:
            case Ref(path=path) | Instance(cls=path) | Bound(cls=path):
                return path.partition(".")[0]
            case Attr(owner=inner) | Item(owner=inner):
                value = inner
            case Result(function=inner) | Partial(function=inner):
                value = inner
            case _:
                return None


ANYTHING = Values((UNKNOWN,))
NOTHING = Values()
MOST = 24
"""More ways than this to reach an expression say nothing any more."""
