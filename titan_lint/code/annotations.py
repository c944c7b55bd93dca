"""What annotations say of what they stand at."""

from __future__ import annotations

import ast
import builtins

from titan_lint.code.answers import ONLY_NONE
from titan_lint.code.following import follows
from titan_lint.code.imported import ref
from titan_lint.code.names import Binding, Kind
from titan_lint.code.values import (
    ANYTHING,
    NONE,
    UNKNOWN,
    Attr,
    Collection,
    Const,
    Instance,
    Item,
    LocalClass,
    LocalInstance,
    Manager,
    Ref,
    Result,
    Row,
    Series,
    Unknown,
    Values,
    root,
    union,
)
from titan_lint.code.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.answers import Answers
    from titan_lint.code.library import Types
    from titan_lint.code.values import Value

_OPTIONAL = {"typing.Optional", "typing_extensions.Optional"}
_BY_KEY = ("dict", "Dict", "defaultdict", "DefaultDict", "OrderedDict", "Mapping", "MutableMapping")
_ONE_BY_ONE = (
    *("list", "List", "set", "Set", "frozenset", "FrozenSet", "deque", "Deque", "Sequence"),
    *("MutableSequence", "Collection", "Iterable", "Iterator", "Generator", "AbstractSet"),
    *("AsyncIterable", "AsyncIterator", "AsyncGenerator"),
)
_MANAGING = (
    *("AbstractContextManager", "AbstractAsyncContextManager"),
    *("ContextManager", "AsyncContextManager"),
)
_OF_CONTAINERS = ("builtins", "typing", "collections", "collections.abc", "contextlib")
_VARIABLES = (Ref("typing.TypeVar"), Ref("typing_extensions.TypeVar"))
_WRAPPERS = {
    "typing.Annotated",
    "typing_extensions.Annotated",
    "typing.Final",
    "typing.ClassVar",
    "typing.Required",
    "typing.NotRequired",
}


class Annotations:
    """What the annotations of one file name.

    Args:
        answers: What the names in them may be.
        types: The API that tells where a class is defined.
    """

    def __init__(self, answers: Answers, types: Types) -> None:
        self._answers = answers
        self._types = types

    def annotated(self, node: ast.expr) -> Values:
        """An instance of what an annotation names; optional types count as the type itself."""
        match node:
            case ast.Constant(value=str() as text):
                return self._quoted(text, node)
            case ast.Constant(value=None):
                return Values((NONE,))
            case ast.BinOp(op=ast.BitOr()):
                return self.annotated(node.left) | self.annotated(node.right)
            case ast.Subscript():
                outer = self._answers.sole(node.value)
                if isinstance(outer, Ref):
                    if outer.path in _OPTIONAL:
                        return self.annotated(node.slice) | ONLY_NONE
                    if outer.path == "typing.Union" and isinstance(node.slice, ast.Tuple):
                        return union(map(self.annotated, node.slice.elts))
                    if outer.path in _WRAPPERS:
                        inner = node.slice
                        if isinstance(inner, ast.Tuple) and inner.elts:
                            inner = inner.elts[0]
                        return self.annotated(inner)
                    if outer.path in {"builtins.type", "typing.Type"}:
                        return self._answers.each(node.slice, _declared)
                    contents = self._container(outer.path, node.slice)
                    if contents is not None:
                        return contents
                return self._answers.each(node, self.instance)
            case ast.Name() if (meant := self._by_another_name(node)) is not None:
                # It may have been asked in a question around this one, where what was heard for it was noted.
                self._answers.hear()
                return meant
            case ast.Name() | ast.Attribute() | ast.Call() | ast.IfExp():
                return self._answers.each(node, self.instance)
            case _:
                return ANYTHING

    @follows(None)
    def _by_another_name(self, node: ast.expr) -> Values | None:
        """An instance of the type that a name is another name for, or that bounds it; ``None`` for a class's own."""
        assert isinstance(node, ast.Name)
        match self._answers.bindings.of(node):
            case [Binding(kind=Kind.VALUE, value=ast.Subscript() | ast.BinOp() as value)]:
                return self.annotated(value)
            case [Binding(kind=Kind.VALUE, value=ast.Call(func=function, keywords=words))]:
                bounds = [word.value for word in words if word.arg == "bound"]
                is_variable = self._answers.sole(function) in _VARIABLES
                return self.annotated(bounds[0]) if bounds and is_variable else None
            case _:
                return None

    def _container(self, path: str, node: ast.expr) -> Values | None:
        """What a parametrised container, iterator or manager is; ``None`` where nothing is known of what is in it."""
        module, _, name = path.rpartition(".")
        if module not in _OF_CONTAINERS:
            return None
        given = node.elts if isinstance(node, ast.Tuple) else [node]
        kinds = [self.annotated(one) for one in given if not _is_ellipsis(one)]
        if not any(map(_tells, kinds)):
            return None
        if name in {"tuple", "Tuple"}:
            repeated = len(kinds) < len(given)
            made = Series(kinds[0], is_declared=True) if repeated else Row(tuple(kinds))
        elif name in _BY_KEY and len(kinds) == 2:
            made = Series(kinds[0], kinds[1], is_declared=True)
        elif name in _ONE_BY_ONE:
            made = Series(kinds[0], is_declared=True)
        elif name in _MANAGING:
            made = Manager(kinds[0])
        else:
            return None
        return Values((made,))

    def declared(self, found: Values, annotation: ast.expr) -> Values:
        """What is known of a value, or of its declared type where that says more."""
        if any(map(is_mock, found)):
            return found
        vague = Values(v for v in found if _is_vague(v))
        if not vague and (len(found) > 1 or NONE not in found):
            return found
        declared = self.annotated(annotation)
        if UNKNOWN in declared:
            return found
        return (found - vague) | declared

    def instance(self, cls: Value) -> Values:
        """An instance of what may be a class."""
        match cls:
            case Ref(path=path):
                return Values((Instance(self._types.canonical(path)),))
            case LocalClass(info=info):
                return Values((LocalInstance(info),))
            case _:
                return ANYTHING

    def _quoted(self, text: str, node: ast.Constant) -> Values:
        """A quoted annotation, its names looked up as the module sees them at its end."""
        try:
            parsed = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ANYTHING
        parents = self._answers.program.parents
        parents[parsed] = node  # it stands where the text does
        for part in walk(parsed):
            ast.copy_location(part, node)
            for child in ast.iter_child_nodes(part):
                parents[child] = part
            if isinstance(part, ast.Name):
                bindings = self._answers.bindings.free(self._answers.bindings.module, part.id)
                found = union(map(self._answers.bound, bindings))
                if not bindings and part.id in BUILTINS:
                    found = ref(f"builtins.{part.id}")
                self._answers.known[part] = found or ANYTHING
        return self.annotated(parsed)


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _tells(kind: Values) -> bool:
    """Whether the kind of what a container holds is more than one of Python's own."""
    return any(
        not isinstance(value, Unknown | Const) and root(value) not in {"builtins", "typing"}
        for value in kind
    )


def _is_vague(value: Value) -> bool:
    """Whether little is known of a value: it may be anything, or is a container that is filled later."""
    match value:
        case Collection(node=ast.Dict(keys=[]) | ast.List(elts=[])):
            return True
        case Series(elements=elements):
            return UNKNOWN in elements
        case _:
            return isinstance(value, Unknown | Result | Attr | Item)


def is_mock(value: Value) -> bool:
    """Whether a value stands in for another, whatever it is declared as."""
    while isinstance(value, Result):
        value = value.function
    return isinstance(value, Ref) and value.path in _STAND_INS


BUILTINS = frozenset(dir(builtins))
MOCKS = frozenset(
    {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "create_autospec"}
)
_STAND_INS = frozenset(
    {
        *(f"{library}.{name}" for library in ("unittest.mock", "mock") for name in MOCKS),
        "types.SimpleNamespace",
    }
)


def _declared(cls: Value) -> Values:
    return Values((Ref(cls.path, declared=True) if isinstance(cls, Ref) else cls,))
