"""What a called expression is at the target, and which parameters it takes."""

from __future__ import annotations

import ast
import functools

from titan_lint.api import Class, Function, Parameter, ParameterKind, Variable
from titan_lint.api.changes.moves import home
from titan_lint.api.entities import PARTIAL
from titan_lint.api.paths import expand
from titan_lint.code.names import ClassInfo, FunctionNode
from titan_lint.code.uses import is_only_read
from titan_lint.code.values import (
    UNKNOWN,
    Attr,
    Bound,
    Instance,
    Item,
    LocalClass,
    Partial,
    Ref,
    Value,
    Values,
)
from titan_lint.code.walk import walk
from titan_lint.finding import Applicability
from titan_lint.structs import Struct, replace
from titan_lint.uses.exact import is_exact
from titan_lint.uses.flavors.dictionaries import indexed
from titan_lint.uses.specs import held

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from titan_lint.api import Surface
    from titan_lint.uses.file import File

# Decorators that leave a function's parameters as they are written.
_TRANSPARENT = frozenset(
    {
        *("staticmethod", "classmethod", "abstractmethod", "property", "override", "final"),
        *("contextmanager", "asynccontextmanager", "cache", "lru_cache", "wraps", "overload"),
        *("no_grad", "inference_mode", "enable_grad", "record", "log_trace_span", "disable"),
        *("custom_op", "impl", "jit_ignore", "deprecated"),
    }
)
_PLAIN_BASES = frozenset(
    {
        *("builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"),
        *("typing_extensions.Protocol", "collections.abc.Hashable"),
    }
)
_DATACLASS = Ref("dataclasses.dataclass")
_FIELD = Ref("dataclasses.field")


class Callee(Struct, eq=False, slots=False):
    """One thing that a call may call.

    Attributes:
        function: Its parameters as the caller sees them: ``self`` is not among them.
        cls: The torchtitan class, where a class is called.
        written: Import path by which the file reaches it, where there is one.
        asked: Path of the class that the code asks for a method, which that may inherit.
        method: Class and name of a method that an instance is asked for. The class may only be
            declared, so that a call may land in an override, unless it is ``exact``.
        hooked: A module is called, and its hooks may change what arrives.
        partial: Some arguments are bound already.
        label: How messages name it, where its path says little.
    """

    function: Function
    cls: Class | None = None
    written: str = ""
    asked: str = ""
    method: tuple[str, str] | None = None
    exact: bool = False
    hooked: bool = False
    partial: bool = False
    label: str = ""

    @property
    def path(self) -> str:
        """Where it is defined."""
        return self.function.path

    @property
    def named(self) -> str:
        """Where the code looks for it: a method in the class that it names, be it inherited or not."""
        return f"{self.asked}.{self.path.rpartition('.')[2]}" if self.asked else self.path

    @property
    def shown(self) -> str:
        """How messages name it: ``Trainer.Config``, ``llama3.model_registry``."""
        if self.label:
            return self.label
        *_, holder, owner, name = ["", "", *self.named.split(".")]
        if name == "__init__":
            return owner
        if owner == "Config":
            return f"{holder}.{owner}.{name}"
        if name == "model_registry" or owner[:1].isupper():
            return f"{owner}.{name}"
        return name


def callees(file: File, node: ast.expr) -> tuple[Callee, ...]:
    """All that calling ``node`` may call; empty where that is not known, or not torchtitan's."""
    values = file.values(node)
    if UNKNOWN in values:
        return _of_super(file, node) if _is_super(node) else ()
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        return ()
    return of_values(file, values)


def of_values(file: File, values: Values) -> tuple[Callee, ...]:
    """As :func:`callees`, for an expression that is worked out already."""
    found: list[Callee] = []
    for value in values:
        made = _of_value(file, value)
        if not made:
            return ()
        found += made
    return tuple(found)


def _of_value(file: File, value: Value) -> list[Callee]:
    match value:
        case Ref(path=path) if path.startswith("torchtitan."):
            return _of_path(file.target.surface, path)
        case Bound(cls=cls, name=name):
            exact = is_exact(file, value)
            return _of_method(file.target.surface, cls, name, exact=exact)
        case Instance(cls=cls):
            surface = file.target.surface
            called = _of_method(surface, cls, "__call__")
            return called or [
                replace(callee, hooked=True) for callee in _of_method(surface, cls, "forward")
            ]
        case LocalClass(info=info):
            made = _of_local_class(file, info)
            return [made] if made is not None else []
        case Partial(function=inner):
            return [replace(callee, partial=True) for callee in _of_value(file, inner)]
        case Item(owner=Ref(path=path), key=key):
            return _of_item(file, path, key)
        case Attr(owner=Instance() as spec, name=name):
            return _of_field(file, spec, name)
        case _:
            return []


# -- things with an import path ---------------------------------------------------------------


def _of_path(surface: Surface, path: str) -> list[Callee]:
    paths = expand(surface, path)
    if not paths and "*" not in path:
        moved = home(surface, path)
        if moved is None or moved.applicability is not Applicability.SAFE:
            return []
        paths = (moved.path,)
    found: list[Callee] = []
    for full in paths:
        made = _of_entity(surface, full, path if len(paths) == 1 else full)
        if made is None:
            return []
        found.append(made)
    return found


def _of_entity(surface: Surface, path: str, written: str) -> Callee | None:
    entity = surface.lookup(path)
    if isinstance(entity, Class):
        function = entity.constructor()
        return None if function is None else Callee(function, entity, written)
    if isinstance(entity, Function) and _keeps_parameters(entity):
        # A method that is taken from its class wants ``self``; a class method does not.
        function = entity.bound() if entity.binding == "classmethod" else entity
        return Callee(function, None, written)
    return None


def _of_method(surface: Surface, cls: str, name: str, *, exact: bool = False) -> list[Callee]:
    owner = surface.lookup(cls) if cls.startswith("torchtitan") else None
    member = owner.member(name) if isinstance(owner, Class) else None
    if not isinstance(member, Function) or not _keeps_parameters(member):
        return []
    return [Callee(member.bound(), asked=cls, method=(cls, name), exact=exact)]


@functools.lru_cache(maxsize=256)
def overrides(surface: Surface, cls: str, method: str) -> tuple[Function, ...]:
    """What the subclasses of a class that torchtitan has make of a method, as callers see it."""
    found: list[Function] = []
    for thing in surface.public_classes():
        for candidate in (thing, surface.lookup(f"{thing.path}.Config")):
            if isinstance(candidate, Class) and any(c.path == cls for c in candidate.mro[1:]):
                member = candidate.member(method)
                if isinstance(member, Function):
                    found.append(member.bound())
    return tuple(found)


def _of_item(file: File, path: str, key: str | None) -> list[Callee]:
    """What a dictionary of factories holds, where nobody may put others there: ``llama3_configs["8B"]``."""
    surface = file.target.surface
    found: list[Callee] = []
    if not is_only_read(file.program, path.rpartition(".")[2]):
        return []
    for full in expand(surface, path):
        table = surface.lookup(full)
        if not isinstance(table, Variable) or not table.items or file.is_filled(full, key):
            return []
        refused = _refused_through(surface, table)
        chosen = list(table.items.values()) if key is None else [table.items.get(key, "")]
        name = path.rpartition(".")[2]
        for text in dict.fromkeys(chosen):
            held = text.removesuffix(PARTIAL)
            made = None
            if held and not held.endswith("()"):
                made = _of_entity(surface, held, "")
            if made is None:
                return []
            label = f'{name}["{key}"]' if key is not None else f"{name}[...]"
            parameters = tuple(
                replace(p, accepts=by.accepts, rejected=by.rejected)
                if (by := refused.get(p.name)) is not None
                else p
                for p in made.function.parameters
            )
            function = replace(made.function, parameters=parameters)
            partial = text.endswith(PARTIAL)
            found.append(replace(made, function=function, partial=partial, label=label))
    return found


def _of_field(file: File, spec: Instance, name: str) -> list[Callee]:
    """What a model's registry puts into a field of the spec that it makes: ``spec.parallelize_fn``."""
    paths = held(file, spec, name)
    label = f"{spec.cls.rpartition('.')[2]}.{name}" if len(paths) > 1 else ""
    found: list[Callee] = []
    for path in paths:
        made = _of_entity(file.target.surface, path, path)
        if made is None:
            return []
        found.append(replace(made, label=label))
    return found


def _refused_through(surface: Surface, table: Variable) -> dict[str, Parameter]:
    """The parameters of the registry that calls what a dictionary holds, where it refuses values.

    It hands them on by their names, and each function there refuses what the registry does: surfaces
    tell that of what is public alone.
    """
    registry = surface.lookup(f"{table.path.rpartition('.')[0]}.model_registry")
    held = indexed(surface, registry.path) if isinstance(registry, Function) else None
    if not isinstance(registry, Function) or held is None or held.path != table.path:
        return {}
    return {p.name: p for p in registry.parameters if p.accepts is not None or p.rejected}


def _keeps_parameters(function: Function) -> bool:
    names = (decorator.partition("(")[0].rpartition(".")[2] for decorator in function.decorators)
    return all(name in _TRANSPARENT for name in names)


# -- classes of the file ----------------------------------------------------------------------


def _of_local_class(file: File, info: ClassInfo) -> Callee | None:
    """The constructor that a class of the file inherits from torchtitan, with its own fields."""
    own = file.resolver.written(info)
    for cls, _ in own:
        if cls.node.keywords or any(_passes_on(cls, name) is False for name in _CREATORS):
            return None
    base = _sole_base(file, info)
    if base is None:
        return None
    parameters = {p.name: p for p in base.function.parameters}
    for cls, sole in reversed(own):
        is_dataclass = _dataclass(cls, sole)
        if is_dataclass is None:
            return None
        if not is_dataclass:
            continue
        if base.cls is None or not base.cls.is_dataclass or cls.scope.bindings.get("__init__"):
            return None
        kw_only = _flag(cls, "kw_only")
        for field in _fields(cls, sole, kw_only=kw_only):
            if field is None:
                return None
            name, parameter = field
            if parameter is None:
                parameters.pop(name, None)
            else:
                parameters[name] = parameter
    ordered = sorted(parameters.values(), key=lambda p: p.kind is ParameterKind.KEYWORD_ONLY)
    function = replace(base.function, parameters=tuple(ordered))
    return Callee(function, base.cls, base.written)


_CREATORS = ("__init__", "__new__", "__call__")


def _sole_base(file: File, info: ClassInfo) -> Callee | None:
    """The constructor of the one torchtitan class that a class of the file inherits from."""
    found: list[Callee] = []
    for path in file.resolver.foreign_bases(info):
        if path in _PLAIN_BASES:
            continue
        if path is None or not path.startswith("torchtitan."):
            return None
        made = _of_path(file.target.surface, path)
        if len(made) != 1 or made[0].cls is None:
            return None
        found += made
    return found[0] if len(found) == 1 else None


def _passes_on(cls: ClassInfo, name: str) -> bool | None:
    """Whether a class's own constructor hands all its arguments to the next; ``None`` without one."""
    bindings = cls.scope.bindings.get(name)
    if not bindings:
        return None
    node = bindings[-1].node
    if name != "__init__" or len(bindings) > 1 or not isinstance(node, ast.FunctionDef):
        return False
    given = node.args
    if given.vararg is None or given.kwarg is None or node.decorator_list:
        return False
    if len(given.posonlyargs) + len(given.args) != 1 or given.kwonlyargs:
        return False
    for part in walk(node):
        if (
            isinstance(part, ast.Call)
            and _is_super(part.func)
            and isinstance(part.func, ast.Attribute)
            and part.func.attr == name
        ):
            return _hands_on(part, given.vararg.arg, given.kwarg.arg) and not _touched(
                node, given.kwarg.arg
            )
    return False


def _hands_on(call: ast.Call, args: str, kwargs: str) -> bool:
    match call:
        case ast.Call(
            args=[ast.Starred(value=ast.Name(id=first))],
            keywords=[ast.keyword(arg=None, value=ast.Name(id=second))],
        ):
            return (first, second) == (args, kwargs)
        case _:
            return False


def _touched(node: ast.FunctionDef, name: str) -> bool:
    """Whether the dictionary of keywords is used for more than being handed on."""
    return sum(isinstance(part, ast.Name) and part.id == name for part in walk(node)) > 1


def _dataclass(cls: ClassInfo, sole: Callable[[ast.expr], Value]) -> bool | None:
    """Whether a class is made a dataclass; ``None`` where its decorators may do anything."""
    found = False
    for decorator in cls.node.decorator_list:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        if sole(function) != _DATACLASS:
            return None
        if _flag(cls, "init", default=True) is False:
            return None
        found = True
    return found


def _flag(cls: ClassInfo, name: str, *, default: bool = False) -> bool:
    for decorator in cls.node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == name and isinstance(keyword.value, ast.Constant):
                return bool(keyword.value.value)
    return default


def _fields(
    cls: ClassInfo, sole: Callable[[ast.expr], Value], *, kw_only: bool
) -> list[tuple[str, Parameter | None] | None]:
    """The fields that a dataclass of the file declares, ``None`` for one that the call cannot give."""
    found: list[tuple[str, Parameter | None] | None] = []
    for statement in cls.node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        annotation = ast.unparse(statement.annotation)
        if "ClassVar" in annotation:
            continue
        if annotation.rpartition(".")[2] == "KW_ONLY":
            kw_only = True
            continue
        if "InitVar" in annotation:
            found.append(None)
            continue
        found.append(_field(statement, statement.target.id, sole, annotation, kw_only=kw_only))
    return found


def _field(
    statement: ast.AnnAssign,
    name: str,
    sole: Callable[[ast.expr], Value],
    annotation: str,
    *,
    kw_only: bool,
) -> tuple[str, Parameter | None]:
    value = statement.value
    default = ast.unparse(value) if value is not None else None
    if isinstance(value, ast.Call) and sole(value.func) == _FIELD:
        given = {keyword.arg: keyword.value for keyword in value.keywords}
        if isinstance(init := given.get("init"), ast.Constant) and init.value is False:
            return name, None
        if "default" not in given and "default_factory" not in given:
            default = None
        if isinstance(own := given.get("kw_only"), ast.Constant):
            kw_only = bool(own.value)
    kind = ParameterKind.KEYWORD_ONLY if kw_only else ParameterKind.POSITIONAL_OR_KEYWORD
    return name, Parameter(name, kind, default, annotation)


# -- super() ----------------------------------------------------------------------------------


def _is_super(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=[], keywords=[])):
            return True
        case _:
            return False


def _of_super(file: File, node: ast.expr) -> tuple[Callee, ...]:
    """``super().method`` in a class whose only other base is one of torchtitan's."""
    assert isinstance(node, ast.Attribute)
    program = file.program
    function = next((a for a in program.ancestors(node) if isinstance(a, FunctionNode)), None)
    info = program.bindings.owners.get(function) if function is not None else None
    if info is None or len(file.resolver.local_mro(info)) > 1:
        return ()
    base = _sole_base(file, info)
    if base is None or base.cls is None:
        return ()
    if node.attr == "__init__":
        return (base,)
    member = base.cls.member(node.attr)
    if not isinstance(member, Function) or not _keeps_parameters(member):
        return ()
    return (Callee(member.bound(), asked=base.cls.path),)
