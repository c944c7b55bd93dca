"""What an expression can be, as far as its provenance tells.

An expression has a set of values: all that it may be, one for each way to reach it. A rule speaks
only where every one of them agrees; :data:`UNKNOWN` in the set means that anything is possible.
"""

from __future__ import annotations

from titan_lint.structs import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from titan_lint.code.names import ClassInfo, FunctionNode


class Ref(Struct):
    """What an absolute import path names: a module, class, function or constant.

    ``path`` may hold ``*`` for one part that is not known, as in ``torchtitan.models.*``, which is
    what ``import_module(f"torchtitan.models.{name}")`` gives.
    """

    path: str


class Instance(Struct):
    """An instance of an imported class. ``call`` is the constructor or function call that made it."""

    cls: str
    call: ast.Call | None = field(default=None, compare=False)


class Bound(Struct):
    """A method or property of an instance of an imported class."""

    cls: str
    name: str


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


class Partial(Struct):
    """``functools.partial`` of something known."""

    function: Value
    call: ast.Call = field(compare=False)


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


class Const(Struct):
    """A literal."""

    value: object


class Pattern(Struct):
    """A string of which parts are known; ``*`` stands for what is not."""

    text: str


class Collection(Struct):
    """A dictionary, list or tuple that is written out in the file."""

    node: ast.Dict | ast.List | ast.Tuple | ast.Set


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
    | Unknown
)
Values = frozenset[Value]


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
