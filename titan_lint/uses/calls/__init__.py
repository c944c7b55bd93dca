"""From a call to the signature that it meets at the target, and the arguments that it passes."""

from __future__ import annotations

import ast

from titan_lint.api.absence import missing_part
from titan_lint.code.names import Kind
from titan_lint.code.values import (
    Attr,
    Instance,
    Item,
    LocalClass,
    LocalInstance,
    Partial,
    Passed,
    Ref,
)
from titan_lint.code.walk import walk
from titan_lint.structs import Struct, field
from titan_lint.uses import derived
from titan_lint.uses.additions import CREATORS, Additions, is_put, is_set_elsewhere
from titan_lint.uses.calls.arguments import Arguments, arguments
from titan_lint.uses.calls.signatures import Callee, callees, overrides
from titan_lint.uses.guards import IMPORTING, live, tolerated, verdict
from titan_lint.uses.specs import by_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from titan_lint.api import Function
    from titan_lint.uses.file import File
    from titan_lint.uses.guards import Failure

__all__ = [
    "Arguments",
    "Callee",
    "Site",
    "asked_about",
    "callees",
    "certain",
    "live_call",
    "sites",
]

_PARTIAL = Ref("functools.partial")
_ANY = Ref("typing.Any")
_CAST = frozenset({Ref("typing.cast"), Ref("typing_extensions.cast")})


class Site(Struct, eq=False, slots=False):
    """A call of something of torchtitan's.

    Attributes:
        call: The call; of ``functools.partial`` where that binds arguments.
        function: The expression that is called.
        callees: What it may be, at least one.
        arguments: What it passes.
        complete: Whether these are all the arguments that the function will get, with those ``before``.
        before: What ``functools.partial`` bound for the call that is made of it.
    """

    call: ast.Call
    function: ast.expr
    callees: tuple[Callee, ...]
    arguments: Arguments
    complete: bool
    before: Arguments = field(default_factory=Arguments)

    @property
    def shown(self) -> str:
        """How messages name what is called."""
        names = list(dict.fromkeys(callee.shown for callee in self.callees))
        if len(names) == 1:
            return names[0]
        last = {name.rpartition(".")[2] for name in names}
        return last.pop() if len(last) == 1 else names[0]


def sites(file: File) -> list[Site]:
    """The calls of torchtitan's functions, methods and classes, in order of the text."""
    found = [made for call in file.calls if (made := _site(file, call)) is not None]
    return sorted(found, key=lambda site: (site.call.lineno, site.call.col_offset))


def factories(file: File) -> list[Site]:
    """What fields call for their defaults, with nothing: ``field(default_factory=ParallelismConfig)``, in order of the text.

    The call of such a site is that of ``field``, and its function the argument.
    """
    found: list[Site] = []
    for call in file.program.called("field", "Field"):
        for keyword in call.keywords:
            if keyword.arg == "default_factory" and file.sole(call.func) in _FIELDS:
                made = callees(file, keyword.value)
                if made and not any(callee.partial for callee in made):
                    found.append(Site(call, keyword.value, made, Arguments(), complete=True))
    return sorted(found, key=lambda site: (site.call.lineno, site.call.col_offset))


_FIELDS = frozenset({Ref("dataclasses.field"), Ref("pydantic.Field"), Ref("pydantic.fields.Field")})


def live_call(file: File, site: Site, *failures: Failure) -> bool:
    """Whether a mistake in a call is one at the target: the call gets there, and to torchtitan.

    It does not where the import that it goes through fails there and is meant to, and where another
    file of the project puts something of its own in the callee's place. Who casts the callee to
    ``Any`` says so, too.

    ``failures`` are what the mistake raises at the target, or may raise.
    """
    return (
        live(file, site.call, *failures)
        and not _is_cast_to_any(file, site.function)
        and not _is_optional(file, site.function)
        and not _fails_first(file, site)
        and not is_put(file, site.call, *_paths(file, site))
        and not _is_made_otherwise(file, site)
        and not _is_put_elsewhere(file, site.function)
        and not _may_be_overridden(file, site)
    )


def _may_be_overridden(file: File, site: Site) -> bool:
    """Whether a call of a method, or of a class that is only declared, may land in what the project makes of it."""
    given = [word.arg for word in site.call.keywords if word.arg is not None]
    for value in file.values(site.function):
        if isinstance(value, Ref) and value.declared:
            if any(derived.may_have(file, value.path, name) for name in ("__init__", *given)):
                return True
    methods = [one.method for one in site.callees if one.method is not None and not one.exact]
    if not methods:
        return False
    function = site.function
    owners = file.values(function.value) if isinstance(function, ast.Attribute) else ()
    if isinstance(function, ast.Attribute):
        # What is called may itself be what a field holds.
        is_field = any(isinstance(value, Instance) for value in file.values(function))
        if derived.is_held_otherwise(file, function if is_field else function.value):
            return True
    own = [owner for owner in owners if isinstance(owner, LocalInstance)]
    if own and len(own) == len(owners):
        return any(
            derived.may_have_below(file, owner.info, name)
            for owner in own
            if not owner.exact
            for _, name in methods
        )
    return any(derived.may_have(file, cls, name) for cls, name in methods)


def _is_cast_to_any(file: File, function: ast.expr) -> bool:
    """Whether a callee is ``cast(Any, function)``."""
    match function:
        case ast.Call(func=caster, args=[ast.Constant(value="Any" | "typing.Any"), _]):
            pass
        case ast.Call(func=caster, args=[kind, _]) if file.sole(kind) == _ANY:
            pass
        case _:
            return False
    return file.sole(caster) in _CAST


def _is_optional(file: File, function: ast.expr) -> bool:
    """Whether all imports that bind a name fail at the target, and the code allows for that."""
    while isinstance(function, ast.Attribute | ast.Call | ast.Subscript):
        function = function.func if isinstance(function, ast.Call) else function.value
    if not isinstance(function, ast.Name):
        return False
    imports = [
        (binding, f"{binding.path}.{binding.member}")
        for binding in file.program.bindings.of(function)
        if binding.kind is Kind.FROM
    ]
    return bool(imports) and all(
        missing_part(file.target.surface, path) is not None
        and tolerated(file, binding.node, *IMPORTING)
        for binding, path in imports
    )


def _fails_first(file: File, site: Site) -> bool:
    """Whether the callee is read where the target has none, and the code allows for that."""
    return all(
        bool(callee.written) and missing_part(file.target.surface, callee.written) is not None
        for callee in site.callees
    ) and tolerated(file, site.function, AttributeError)


def _is_made_otherwise(file: File, site: Site) -> bool:
    """Whether the file or its project gives the class that is called another constructor."""
    additions = file.once(Additions)
    own = [value.info for value in file.values(site.function) if isinstance(value, LocalClass)]
    if any(map(additions.makes_local, own)):
        return True
    made = [(callee.cls.path, callee.written) for callee in site.callees if callee.cls is not None]
    return any(additions.makes(cls) for cls, _ in made) or (
        bool(made)
        and file.is_replaced(
            *(f"{path}.{name}" for paths in made for path in paths if path for name in CREATORS),
            by=site.call,
        )
    )


def _is_put_elsewhere(file: File, function: ast.expr) -> bool:
    """Whether another file of the project may set what is called on a class of the file's."""
    if isinstance(function, ast.Attribute) and is_set_elsewhere(
        file, file.values(function.value), function.attr
    ):
        return True
    classes = [value for value in file.values(function) if isinstance(value, LocalClass)]
    return is_set_elsewhere(file, classes, *CREATORS)


def _paths(file: File, site: Site) -> list[str]:
    """The paths by which what is called can be had, that of the dictionary which holds it among them."""
    found: list[str] = []
    for value in file.values(site.function):
        match value:
            case Item(owner=Ref(path=path)):
                found.append(path)
            case Attr(owner=Instance() as spec, name=name):
                found += by_names(file, spec, name)
            case _:
                pass
    for callee in site.callees:
        found += [callee.path.removesuffix(".__init__"), callee.written]
        if callee.cls is not None:
            found.append(callee.cls.path)
        if callee.method is not None:
            found.append(".".join(callee.method))
    return [path for path in dict.fromkeys(found) if path]


def certain(file: File, site: Site, wrong: Callable[[Function], bool]) -> bool:
    """Whether a call is wrong for every signature that it may meet, overrides included.

    What an instance of a declared class is called with may go to a subclass that takes more, and
    what a model is called with passes through hooks.
    """
    if any(callee.hooked or not wrong(callee.function) for callee in site.callees):
        return False
    surface = file.target.surface
    if any(
        callee.method is not None and not callee.exact and surface.may_add(callee.method[1])
        for callee in site.callees
    ):
        return False
    return all(
        wrong(function)
        for callee in site.callees
        if callee.method is not None and not callee.exact
        for function in overrides(surface, *callee.method)
    )


def asked_about(file: File, node: ast.AST, name: str) -> bool:
    """Whether a condition around ``node`` asks about ``name``, unless it is known to lead to ``node``."""
    child = node
    for parent in file.program.ancestors(node):
        if (
            isinstance(parent, ast.If | ast.IfExp | ast.While)
            and child is not parent.test
            and any(
                isinstance(part, ast.Constant) and part.value == name for part in walk(parent.test)
            )
            and not _leads_to(file, parent, child)
        ):
            return True
        child = parent
    return False


def _leads_to(file: File, parent: ast.If | ast.IfExp | ast.While, child: ast.AST) -> bool:
    """Whether the condition of ``parent`` is known to choose the side that ``child`` is on."""
    answer = verdict(file, parent.test)
    if answer is None:
        return False
    side = parent.body if answer else parent.orelse
    return child in side if isinstance(side, list) else child is side


def _site(file: File, call: ast.Call) -> Site | None:
    function, skip, complete = call.func, 0, True
    if call.args and _named_partial(function) and file.sole(function) == _PARTIAL:
        function, skip, complete = call.args[0], 1, False
    found = callees(file, function)
    if not found:
        return None
    before = Arguments()
    if any(callee.partial for callee in found):
        match file.values(function):
            case [Partial(function=Ref(), call=ast.Call() as made)]:
                before = arguments(file, made, skip=1)
            case [Partial(function=Ref(), passed=Passed() as passed)]:
                before = Arguments([function] * passed.positional, bound=passed.keywords)
            case _:
                complete = False
    return Site(call, function, found, arguments(file, call, skip=skip), complete, before)


def _named_partial(function: ast.expr) -> bool:
    """A look that costs nothing; an alias of ``partial`` is still found by its value."""
    return isinstance(function, ast.Name | ast.Attribute)
