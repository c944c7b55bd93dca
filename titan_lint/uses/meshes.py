"""Names of meshes that a file asks ``ParallelDims`` for, and the target's does not know."""

from __future__ import annotations

import ast
import functools

from titan_lint.api import Class, Variable, history
from titan_lint.api.changes import facts
from titan_lint.code.following import bound_value, follows
from titan_lint.code.forms import argument, callee_name
from titan_lint.code.uses import fills
from titan_lint.code.values import (
    UNKNOWN,
    Attr,
    Bound,
    Collection,
    Const,
    Instance,
    LocalClass,
    LocalInstance,
    Result,
)
from titan_lint.structs import Struct
from titan_lint.uses import derived
from titan_lint.uses.additions import Additions, is_put
from titan_lint.uses.calls import asked_about, sites
from titan_lint.uses.calls.binding import bound, may_pass
from titan_lint.uses.exact import is_exact
from titan_lint.uses.guards import live
from titan_lint.uses.handed import is_handed_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api import Parameter
    from titan_lint.api.changes.facts import MeshLayout
    from titan_lint.code.names import ClassInfo
    from titan_lint.code.values import Value
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File

PARALLEL_DIMS = "torchtitan.distributed.parallel_dims.ParallelDims"
WORLD = "world_mesh"
_ASKING = ("get_mesh", "get_optional_mesh")
_ALL = "get_all_one_dimensional_meshes"
_MAKING = (*_ASKING, _ALL, WORLD, "build_mesh")
_FLATTEN = "_flatten"
# How torchtitan's trainer comes by its meshes: `init_distributed` makes them of `config.parallelism`.
_TRAINER = "torchtitan.trainer.Trainer"
_HELD = "parallel_dims"
_SETUP = "init_distributed"
_PART = "parallelism"
_BUILD = "build"


class Question(Struct, eq=False):
    """One name of a mesh that is asked for.

    Attributes:
        node: Where to point.
        name: The name.
        by: What is asked: a method, or :data:`WORLD`.
        dims: The instance of ``ParallelDims``, or what a method is bound to.
        holder: What has the instance, where that is an attribute.
    """

    node: ast.expr
    name: str
    by: str
    dims: Instance | Bound
    holder: ast.expr | None


class Unknown(Struct, eq=False):
    """A name of a mesh that the target does not know.

    Attributes:
        question: Who asks for it.
        known: The names that it knows.
        field: The field that decides, where another value of it has the name; else ``None``.
        value: The value of that field, as source text.
        others: The values that have the name.
        is_default: Whether the value is the field's default, which nobody passes.
    """

    question: Question
    known: frozenset[str]
    field: str | None = None
    value: str = ""
    others: tuple[str, ...] = ()
    is_default: bool = False


class Meshes:
    """The names of meshes that one file asks for at one target."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.layout = facts.meshes().of(file.target.surface.key)

    def unknown(self) -> Iterator[Unknown]:
        """The names that the target's ``ParallelDims`` certainly does not know."""
        layout = self.layout
        if layout is None or "mesh" not in self.file.source.text:
            return
        for question in (*self._of_calls(), *self._of_items()):
            found = self._judged(layout, question)
            if found is None or not self._is_mistake(question) or self._makes_its_own:
                continue
            if is_exact(self.file, question.dims) or not derived.exists(self.file, PARALLEL_DIMS):
                yield found

    def _of_calls(self) -> Iterator[Question]:
        """``parallel_dims.get_mesh("tp")``."""
        for call in self.file.calls:
            if callee_name(call) not in _ASKING:
                continue
            node = argument(call, 0, "dims")
            match self.file.sole(call.func):
                case Bound(cls=cls, name=name) as dims if cls == PARALLEL_DIMS and node is not None:
                    for place, word in self._names(node):
                        yield Question(place, word, name, dims, self._holder(call.func))
                case _:
                    pass

    def _of_items(self) -> Iterator[Question]:
        """``parallel_dims.world_mesh["tp"]``, and items of all meshes."""
        for node in self.file.program.of(ast.Subscript):
            if not isinstance(node.ctx, ast.Load) or self.file.resolver.mutations.is_mutated(
                node.value
            ):
                continue
            match self.file.sole(node.value):
                case Attr(owner=Instance(cls=cls) as dims, name=name) if name == WORLD:
                    pass
                case Result(function=Bound(cls=cls, name=name) as dims) if name == _ALL:
                    pass
                case _:
                    continue
            if cls == PARALLEL_DIMS:
                for place, word in self._names(node.slice):
                    yield Question(place, word, name, dims, self._holder(node.value))

    @follows(None)
    def _holder(self, asked: ast.expr) -> ast.expr | None:
        """The trainer in ``trainer.parallel_dims.get_mesh``, through names; ``None`` where that is none."""
        match asked:
            case ast.Attribute(value=trainer, attr=attribute) if attribute == _HELD:
                return trainer
            case ast.Attribute(value=inner) | ast.Call(func=inner):
                return self._holder(inner)
            case ast.Name():
                value = bound_value(self.file.program, asked)
                return self._holder(value) if value is not None else None
            case _:
                return None

    def _names(self, node: ast.expr) -> Iterator[tuple[ast.expr, str]]:
        """The names in an argument that certainly are asked for, each with where to point."""
        match self.file.sole(node):
            case Const(value=str() as word):
                yield node, word
            case Collection(node=ast.Tuple() | ast.List() as held):
                if held is not node and self.file.resolver.mutations.is_mutated(node):
                    return
                for element in held.elts:
                    match self.file.sole(element):
                        case Const(value=str() as word):
                            yield (element if held is node else node), word
                        case _:
                            pass
            case _:
                pass

    def _judged(self, layout: MeshLayout, question: Question) -> Unknown | None:
        name = question.name
        if question.by == WORLD:
            return self._nowhere(question, layout.world)
        every = frozenset[str]().union(*layout.axes.values())
        if not every:
            return None  # It has no such method, which is said of that.
        if name not in every:
            return self._nowhere(question, every)
        others = tuple(value for value, names in layout.axes.items() if name in names)
        if layout.field is None or len(others) == len(layout.axes):
            return None
        made: list[ast.Call] = []
        value = self._decided(layout.field, question, made)
        if value is None or value in others or value not in layout.axes:
            return None
        sites = map(self._sites.__getitem__, made)
        is_passed = any(layout.field in bound(site, site.callees[0].function) for site in sites)
        return Unknown(
            question, layout.axes[value], layout.field, value, others, is_default=not is_passed
        )

    def _nowhere(self, question: Question, known: frozenset[str]) -> Unknown | None:
        """As :meth:`_judged`, for what decides on nothing but degrees.

        What is only declared may be of a class of the project's, with meshes of its own; their names are
        none that torchtitan ever had.
        """
        if question.name in known:
            return None
        is_known_once = nearest_with(self.file, question.name, question.by) is not None
        return (
            Unknown(question, known)
            if is_known_once or is_exact(self.file, question.dims)
            else None
        )

    def _is_mistake(self, question: Question) -> bool:
        failure = ValueError if question.by in _ASKING else KeyError
        paths = (*_MAKING, "__init__", "__post_init__")
        return (
            live(self.file, question.node, failure)
            and not asked_about(self.file, question.node, question.name)
            and not self._is_looked_up(question.name)
            and not is_put(
                self.file,
                question.node,
                PARALLEL_DIMS,
                *(f"{PARALLEL_DIMS}.{path}" for path in paths),
            )
        )

    def _is_looked_up(self, name: str) -> bool:
        """Whether the file asks, wherever, if something has a name: it may leave before it needs that."""
        return any(
            isinstance(operator, ast.In | ast.NotIn) and self.file.sole(left) == Const(name)
            for node in self.file.program.of(ast.Compare)
            for left, operator in zip((node.left, *node.comparators), node.ops, strict=False)
        )

    @functools.cached_property
    def _makes_its_own(self) -> bool:
        """Whether the file may have meshes of its own, or asks a ``ParallelDims`` for its methods by name.

        It makes them in a class that it derives, puts them into an instance, or gives a mesh more names.
        """
        file, surface = self.file, self.file.target.surface
        kept_in = self.layout.kept_in if self.layout is not None else frozenset[str]()
        return (
            any(
                node.attr in kept_in or (node.attr in _MAKING and isinstance(node.ctx, ast.Store))
                for node in file.attributes
            )
            or any(node.value in _MAKING for node in file.program.of(ast.Constant))
            or any(callee_name(call) == _FLATTEN for call in file.calls)
            or any(
                base is not None and (surface.resolve(base) or base) == PARALLEL_DIMS
                for info in file.program.bindings.classes.values()
                for base in file.resolver.foreign_bases(info)
            )
        )

    # -- the field that decides ---------------------------------------------------------------

    @functools.cached_property
    def _sites(self) -> dict[ast.Call, Site]:
        return {site.call: site for site in self.file.once(sites)}

    def _decided(self, field: str, question: Question, made: list[ast.Call]) -> str | None:
        """What a field is for an instance that the file makes, as source text; ``None`` where it may be several.

        The calls that make it and its configs are added to ``made``.
        """
        makers = [question.dims.call] if question.dims.call else self._configs_of(question.holder)
        values = {self._given(field, call, made) for call in makers}
        value = values.pop() if len(values) == 1 else None
        readers = self.file.options.readers
        if value is None or self._is_named_elsewhere(field, made):
            return None
        return None if readers is not None and readers.set_field(field) else value

    def _given(self, field: str, call: ast.Call | None, made: list[ast.Call]) -> str | None:
        """What the call that makes something passes for a field; the calls are added to ``made``."""
        site = self._sites.get(call) if call is not None else None
        if site is None or len(site.callees) != 1:
            return None
        made.append(site.call)
        function, cls = site.callees[0].function, site.callees[0].cls
        parameter = function.parameter(field)
        given = bound(site, function)
        if parameter is None:
            # ``Trainer.Config(parallelism=...)``, ``ParallelDims.from_config(config, world_size)``
            first = [_PART] if function.parameter(_PART) else [p.name for p in function.positional]
            config = given.get(first[0]) if first else None
            if config is not None:
                return self._given(field, self._call_of(config), made)
            part = function.parameter(_PART)
            if part is None or cls is None or may_pass(site, function, _PART):
                return None
            return self._by_default(field, cls, part)
        if field in given:
            passed = self.file.sole(given[field])
            return repr(passed.value) if isinstance(passed, Const) else None
        return None if may_pass(site, function, field) else _literal(parameter)

    def _by_default(self, field: str, cls: Class, part: Parameter) -> str | None:
        """What a field is in a part of a config that is made where nothing is passed for it."""
        member = cls.member(part.name)
        if not isinstance(member, Variable) or member.type is None or member.source != part.default:
            return None
        name = member.type.rpartition(".")[2]
        made = self.file.target.surface.lookup(member.type)
        function = made.constructor() if isinstance(made, Class) else None
        parameter = function.parameter(field) if function is not None else None
        if parameter is None or part.default != f"field(default_factory={name})":
            return None
        return _literal(parameter)

    @follows(None)
    def _call_of(self, node: ast.expr) -> ast.Call | None:
        """The call that makes what an expression is; ``None`` where it may be several."""
        value = self.file.sole(node)
        if isinstance(value, Instance | Bound):
            return value.call
        if isinstance(node, ast.Call):
            return node
        bound_to = bound_value(self.file.program, node) if isinstance(node, ast.Name) else None
        return self._call_of(bound_to) if bound_to is not None else None

    # -- through a trainer --------------------------------------------------------------------

    def _configs_of(self, trainer: ast.expr | None) -> list[ast.Call | None]:
        """The calls that make the configs of a trainer, which makes its ``ParallelDims`` as torchtitan's does."""
        value = self.file.sole(trainer) if trainer is not None else UNKNOWN
        if trainer is None or not self._makes_them_as_torchtitan(value):
            return []
        own = isinstance(value, LocalInstance) and not value.exact
        calls = self._made_of(value) if own else [self._call_of(trainer)]
        found = [self._config_of(call) if call is not None else None for call in calls]
        file, readers = self.file, self.file.options.readers
        touched = (
            file.resolver.mutations.may_be_set(_PART)
            or fills(file.program, _PART)
            or (readers is not None and readers.give(_PART))
            or any(is_handed_on(file, functools.partial(_is_of, call, file)) for call in found)
        )
        return [] if touched else found

    def _made_of(self, value: Value) -> list[ast.Call | None]:
        """The calls that make trainers of a class of the file that nobody else may make."""
        assert isinstance(value, LocalInstance)
        name, readers = value.info.node.name, self.file.options.readers
        if readers is not None and readers.ask_for(name):
            return []
        return [
            call
            for call in self.file.calls
            if LocalClass(value.info) in self.file.values(call.func)
            or (callee_name(call) == _BUILD and self._is_config_of(call.func, value.info))
        ]

    def _is_config_of(self, build: ast.expr, info: ClassInfo) -> bool:
        """Whether ``config.build`` is that of the config class that a class of the file has in it."""
        owner = self.file.values(build.value) if isinstance(build, ast.Attribute) else ()
        return any(
            isinstance(one, LocalInstance) and one.info.node in info.node.body for one in owner
        )

    def _config_of(self, made: ast.Call) -> ast.Call | None:
        """The call that makes the config in ``Trainer(config)`` or ``config.build()``."""
        match made.func:
            case ast.Attribute(value=config, attr=name) if name == _BUILD:
                return self._call_of(config)
            case _:
                given = argument(made, 0, "config")
                return self._call_of(given) if given is not None else None

    def _makes_them_as_torchtitan(self, trainer: Value) -> bool:
        """Whether nothing but torchtitan's own ``Trainer`` makes the ``ParallelDims`` of a trainer."""
        file, surface = self.file, self.file.target.surface
        match trainer:
            case LocalInstance(info=info):
                if any(
                    not {_HELD, _SETUP}.isdisjoint((*cls.scope.bindings, *cls.attributes))
                    for cls in file.resolver.local_mro(info)
                ):
                    return False
                paths = file.resolver.foreign_bases(info)
            case Instance(cls=path, call=ast.Call()):
                paths = [path]
            case _:
                return False
        classes = [surface.lookup(path) if path is not None else None for path in paths]
        makers = {
            member.path
            for cls in classes
            if isinstance(cls, Class) and (member := cls.member(_SETUP)) is not None
        }
        put = tuple(f"{_TRAINER}.{name}" for name in (_SETUP, _HELD, "__init__"))
        return (
            all(isinstance(cls, Class) for cls in classes)
            and makers == {f"{_TRAINER}.{_SETUP}"}
            and not file.resolver.mutations.may_be_set(_HELD)
            and not file.is_replaced(*put)
            and not any(map(file.once(Additions).at, put))
        )

    def _is_named_elsewhere(self, field: str, made: list[ast.Call]) -> bool:
        """Whether the file sets or asks for the field anywhere but in the calls that make an instance."""
        file = self.file
        return (
            any(node.attr == field for node in file.attributes)
            or any(node.value == field for node in file.program.of(ast.Constant))
            or any(
                word.arg == field
                for call in file.calls
                if call not in made
                for word in call.keywords
            )
        )


def _literal(parameter: Parameter) -> str | None:
    """A parameter's default as source text; ``None`` for what is no literal."""
    try:
        return None if parameter.default is None else repr(ast.literal_eval(parameter.default))
    except ValueError:
        return None


def _is_of(call: ast.Call | None, file: File, value: Value) -> bool:
    """Whether a value is what a call makes; one of the same class of the file may be."""
    if isinstance(value, LocalInstance):
        return call is not None and value in file.values(call)
    return isinstance(value, Instance) and value.call is call


def nearest_with(file: File, name: str, by: str) -> tuple[str, bool] | None:
    """Key of the nearest bundled surface that knows a name of a mesh, and whether it is earlier; ``None`` if none does."""
    for key, earlier in history.nearest(file.target.surface):
        layout = facts.meshes().of(key)
        if layout is None:
            continue
        names = (layout.world,) if by == WORLD else layout.axes.values()
        if any(name in known for known in names):
            return key, earlier
    return None
