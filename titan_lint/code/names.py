"""Which assignments reach which uses of a name: scopes, bindings, and what links names to them.

The pass that finds them is :mod:`titan_lint.code.linking`.
"""

from __future__ import annotations

import ast
import enum

from titan_lint.structs import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Kind(enum.Enum):
    """How a binding came about."""

    VALUE = enum.auto()  # name = value
    DECLARED = enum.auto()  # name: annotation
    IMPORT = enum.auto()  # import path [as name]; ``path`` is the module that the name stands for
    FROM = enum.auto()  # from path import member
    STAR = enum.auto()  # from path import *, which may bind ``member``
    FUNCTION = enum.auto()
    CLASS = enum.auto()
    PARAMETER = enum.auto()
    ELEMENT = enum.auto()  # one element of ``value``: loop targets
    CONTEXT = enum.auto()  # with value as name
    PART = enum.auto()  # one part of what ``whole`` binds, which is unpacked
    OPAQUE = enum.auto()  # bound to something that is not followed


class Binding(Struct, frozen=False, eq=False):
    """One place that gives a name a value.

    Attributes:
        kind: How.
        node: The syntax that binds.
        value: The expression bound, where there is one.
        annotation: The declared type, where there is one.
        path: The module of an import; relative ones begin with dots.
        member: The name imported from ``path``, or that a star import may bring.
        function: The function whose parameter this is.
        index: The position of a parameter, or of an unpacked element; -1 where it does not apply.
        whole: What would bind all that is unpacked.
    """

    kind: Kind
    node: ast.AST
    value: ast.expr | None = None
    annotation: ast.expr | None = None
    path: str = ""
    member: str = ""
    function: FunctionNode | None = None
    index: int = -1
    whole: Binding | None = None


class Scope:
    """A module, class, function or comprehension: the bindings of each of its names, in order."""

    __slots__ = ("_late", "bindings", "is_class", "node", "outer", "outside", "shared", "stars")

    def __init__(self, node: ast.AST, outer: Scope | None, *, is_class: bool = False) -> None:
        self.node = node
        self.outer = outer
        self.is_class = is_class
        self.bindings: dict[str, list[Binding]] = {}
        self.stars: list[Binding] = []
        # Names declared ``global`` or ``nonlocal`` here, and the scope that they belong to.
        self.outside: dict[str, Scope] = {}
        # Names of this scope that other scopes declare so: anything called may bind them anew.
        self.shared: set[str] = set()
        self._late: dict[str, Late] = {}

    def late(self, name: str) -> Late:
        """What stands for all bindings of ``name`` in this scope, the later ones included."""
        if name not in self._late:
            self._late[name] = Late(self.bindings, name)
        return self._late[name]


class ClassInfo(Struct, frozen=False, eq=False):
    """A class statement: its body's names and what its methods assign on ``self``.

    Attributes:
        node: The statement.
        scope: The names of its body.
        outer: The scope around the class.
        attributes: What methods assign to ``self.<name>``, by name.
    """

    node: ast.ClassDef
    scope: Scope
    outer: Scope
    attributes: dict[str, list[Binding]] = field(default_factory=dict[str, list[Binding]])


def qualified(info: ClassInfo) -> str:
    """The name of a class with those of the classes around it; one in a function has no such name elsewhere."""
    name, scope = info.node.name, info.outer
    while scope.outer is not None:
        around = scope.node.name if isinstance(scope.node, ast.ClassDef) else "<locals>"
        name, scope = f"{around}.{name}", scope.outer
    return name


class Late(Struct, frozen=False, eq=False):
    """Stands for all that ``found`` holds for ``name`` once the pass is through."""

    found: Mapping[str, list[Binding]]
    name: str


Reaching = tuple["Binding | Late", ...]
Env = dict[str, Reaching]


class Free(Struct, frozen=False, eq=False):
    """A name that the scope itself does not bind before the use."""

    scope: Scope
    name: str


class Bindings:
    """The result of the pass over one module.

    Attributes:
        module: The module's scope.
        calls: All calls, in order of the walk.
        attributes: All attribute expressions, loads and stores.
        items: Subscripts that are assigned to or deleted.
        imports: All import statements.
        classes: Class statements, by node.
        owners: The class whose body directly holds a function.
        scopes: The scope of each function.
        returns: What each function returns.
        generators: The functions that yield, and where they do.
        reach: What reaches each loaded name; for one that its scope binds nowhere before, where to look.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.module = Scope(tree, None)
        self.calls: list[ast.Call] = []
        self.attributes: list[ast.Attribute] = []
        self.items: list[ast.Subscript] = []
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.classes: dict[ast.ClassDef, ClassInfo] = {}
        self.owners: dict[FunctionNode, ClassInfo] = {}
        self.scopes: dict[FunctionNode, Scope] = {}
        self.returns: dict[FunctionNode, list[ast.expr]] = {}
        self.generators: dict[FunctionNode, list[ast.Yield | ast.YieldFrom]] = {}
        self.reach: dict[ast.Name, Reaching | Free] = {}

    def of(self, name: ast.Name) -> list[Binding]:
        """All bindings that can have made the loaded ``name``; empty for builtins and unknowns."""
        reaching = self.reach.get(name)
        if reaching is None:
            return []
        if isinstance(reaching, Free):
            return self.free(reaching.scope, reaching.name)
        return settled(reaching)

    def link(self, name: ast.Name, binding: Binding) -> None:
        """Let a name that a rule made up stand for ``binding``."""
        self.reach[name] = (binding,)

    def free(self, scope: Scope, name: str) -> list[Binding]:
        """All bindings of ``name`` as seen from ``scope`` by code that runs at any later time."""
        current: Scope | None = scope.outside.get(name, scope)
        while current is not None:
            if (not current.is_class or current is scope) and name in current.bindings:
                return current.bindings[name]
            current = current.outer
        return []

    def stars(self, scope: Scope) -> list[Binding]:
        """The star imports whose names ``scope`` can see."""
        found: list[Binding] = []
        current: Scope | None = scope
        while current is not None:
            found += current.stars
            current = current.outer
        return found

    def scope_stars(self, name: ast.Name) -> list[Binding]:
        """The star imports that may have made ``name``; empty where the file binds it itself."""
        reaching = self.reach.get(name)
        if isinstance(reaching, Free) and not self.free(reaching.scope, reaching.name):
            return self.stars(reaching.scope)
        return []


def settled(reaching: Reaching) -> list[Binding]:
    """The bindings that reach a name, once the pass is through."""
    if len(reaching) == 1 and isinstance(reaching[0], Binding):
        return [reaching[0]]
    found: dict[Binding, None] = {}
    for item in reaching:
        if isinstance(item, Late):
            found.update(dict.fromkeys(item.found.get(item.name, ())))
        else:
            found[item] = None
    return list(found)
