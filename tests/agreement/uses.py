"""What a program may do with a release: drawn from its bundled surface, name by name.

A :class:`Use` says what is used and how, not how it is reached: ``{x}`` stands for whatever expression
gives the module-level name, ``{c}`` for an instance of it. Kinds are small functions from an entity
to uses; nothing here knows another release, or what titan-lint says.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from titan_lint.api import bundle
from titan_lint.api.entities import Class, External, Module, Variable
from titan_lint.api.signatures import Function, Parameter, ParameterKind

if TYPE_CHECKING:
    import random

    from titan_lint.api.surface import Surface


@dataclass(frozen=True)
class Use:
    """One thing that a program does with a torchtitan.

    Attributes:
        kind: What is used, and how.
        module: The module that the name is taken from.
        name: The name in it; empty where the module itself is what is used.
        action: What is done, an expression or statements, with ``{x}`` for the name and ``{c}``
            for an instance.
        made: An expression for that instance.
        oracle: Statements that only the executed program has in front of the action, where a use that
            no longer fits raises nothing by itself. No ``except`` around takes what they raise.
        stop: Names of functions whose bodies are not wanted, only whether they take the arguments.
        words: What a finding about this use names, one of them at least.
        asks: Expressions that are true where this use fits, and false where it does not.
        is_class: Whether the name is a class.
        mutates: Whether it leaves something behind in torchtitan.
    """

    kind: str
    module: str
    name: str
    action: str
    made: str = ""
    oracle: str = ""
    stop: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    is_class: bool = False
    mutates: bool = False

    @property
    def is_expression(self) -> bool:
        """Whether the action is one expression."""
        try:
            ast.parse(self.action.format(x="x", c="c"), mode="eval")
        except SyntaxError:
            return False
        return True


Uses = Iterator[Use]

# Sizes of a mesh multiply to its world: one fits all.
_VALUES = {"int": "1", "float": "0.5", "bool": "True", "str": "'x'", "list": "[]", "dict": "{}"}


def value_of(parameter: Parameter) -> str:
    """Source text of something that may be passed for a parameter."""
    if parameter.choices:
        return repr(next((c for c in parameter.choices if c is not None), None))
    if parameter.accepts:
        return repr(parameter.accepts[-1])
    head = (parameter.annotation or "").replace(" ", "").partition("[")[0].partition("|")[0]
    text = parameter.default
    if text is not None and _is_literal(text):
        return text
    return _VALUES.get(head, "None")


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return len(text) < 60


def _braced(text: str) -> str:
    """A text that stays itself when the action is filled in."""
    return text.replace("{", "{{").replace("}", "}}")


def _required(function: Function) -> list[Parameter]:
    return [p for p in function.parameters if p.required]


def _by_keyword(parameters: list[Parameter]) -> str:
    return ", ".join(f"{p.name}={_braced(value_of(p))}" for p in parameters)


def _can_be_named(parameter: Parameter) -> bool:
    return not parameter.is_variadic and parameter.kind is not ParameterKind.POSITIONAL_ONLY


# Modules.


def modules(path: str) -> Uses:
    """A module, imported."""
    parent, _, name = path.rpartition(".")
    if parent:
        yield Use("module", path, "", "{x}.__name__", words=(name,), asks=(f"find_spec({path!r})",))


# Names of any kind.


def names(module: str, name: str) -> Uses:
    """A name of a module: its own, or one that it re-exports."""
    asks = (f"hasattr(asked, {name!r})",)
    yield Use("name", module, name, "{x}", words=(name,), asks=asks)
    path = f"{module}.{name}"
    yield Use(
        "patch",
        module,
        "",
        f"with mock.patch('{path}'):\n    pass",
        words=(name,),
        asks=asks,
        mutates=True,
    )
    yield Use(
        "patch object",
        module,
        "",
        f"with mock.patch.object({{x}}, '{name}'):\n    pass",
        words=(name,),
        asks=asks,
        mutates=True,
    )
    yield Use("getattr", module, "", f"getattr({{x}}, '{name}')", words=(name,), asks=asks)


# Functions.


def calls(module: str, name: str, function: Function) -> Uses:
    """A call of a function: by keyword, by position, with every way to give its arguments."""
    yield from _calls(module, name, function, "call", (function.path.rpartition(".")[2], name))


def _calls(
    module: str, name: str, function: Function, kind: str, stop: tuple[str, ...], **more: object
) -> Uses:
    required = _required(function)
    named = [p for p in required if _can_be_named(p)]
    if len(named) != len(required):
        return
    made = functools.partial(Use, module=module, name=name, stop=stop)
    for p in function.parameters:
        if not _can_be_named(p):
            continue
        given = required if p in required else [*required, p]
        yield made(
            f"{kind}, keyword",
            action=f"{{x}}({_by_keyword(given)})",
            words=(p.name, name, *(q.name for q in required)),
            asks=(f"{p.name!r} in inspect.signature({{x}}).parameters",),
            is_class=bool(more.get("is_class")),
        )
    positional = function.positional
    count = sum(p.required for p in positional)
    for number in range(count, len(positional) + 1):
        values = [value_of(p) for p in positional[:number]]
        rest = [p for p in required if p not in positional]
        text = ", ".join(filter(None, [*map(_braced, values), _by_keyword(rest)]))
        yield made(
            f"{kind}, position",
            action=f"{{x}}({text})",
            words=(name, "position", *(p.name for p in function.parameters)),
            asks=(f"len(inspect.signature({{x}}).parameters) >= {len(positional)}",),
            is_class=bool(more.get("is_class")),
        )


def values(module: str, name: str, function: Function) -> Uses:
    """A call with a value that the function checks."""
    for p in function.parameters:
        if not _can_be_named(p):
            continue
        given = [q for q in _required(function) if q is not p]
        for value in p.accepts or p.choices:
            arguments = ", ".join(filter(None, [_by_keyword(given), f"{p.name}={value!r}"]))
            yield Use(
                "accepted value",
                module,
                name,
                f"{{x}}({arguments})",
                words=(p.name, str(value), name),
                asks=(f"{p.name!r} in inspect.signature({{x}}).parameters",),
            )


def factories(module: str, name: str, function: Function, surface: Surface) -> Uses:
    """What a function returns: an instance, and what that has."""
    required = _required(function)
    if function.parameters and function.parameters[0].name in ("flavor", "model_flavor"):
        return
    if required or not function.returns:
        return
    returned = surface.lookup(function.returns)
    if not isinstance(returned, Class):
        return
    for path, words in _chains(returned, surface, 3):
        yield Use("factory", module, name, f"{{c}}.{path}", made="{x}()", words=words)


def flavors(module: str, name: str, surface: Surface) -> Uses:
    """A flavor of a model: through the registry, the train spec, or the dictionary."""
    package = surface.lookup(module)
    if not isinstance(package, Module):
        return
    entity = package.member(name)
    holders = [m for m in package.members if m.endswith(("_args", "_configs"))]
    keys = [
        key
        for holder in holders
        if isinstance(value := package.member(holder), Variable)
        for key in value.keys
    ]
    if isinstance(entity, Function) and name == "model_registry":
        backend = entity.parameter("attn_backend")
        backends = (backend.accepts or backend.choices) if backend else ()
        for key in keys:
            yield Use(
                "flavor", module, name, f"{{x}}({key!r}).model", words=(key, "attn_backend", name)
            )
            for accepted in backends:
                call = f"{{x}}({key!r}, attn_backend={accepted!r})"
                yield Use("flavor", module, name, f"{call}.model", words=(key, str(accepted), name))
                for chain in ("layers[0].attention", "dim", "vocab_size", "n_layers", "layer"):
                    yield Use(
                        "flavor, member",
                        module,
                        name,
                        f"{{c}}.model.{chain}",
                        made=call,
                        words=(name, *chain.replace("[0]", "").split(".")),
                    )
    if name in holders:
        for key in keys:
            yield Use(
                "flavor",
                module,
                name,
                f"{{x}}[{key!r}]",
                words=(key, name),
                asks=(f"{key!r} in {{x}}",),
            )
            item = entity.items.get(key, "") if isinstance(entity, Variable) else ""
            made = surface.lookup(item.removesuffix("()").removesuffix("(...)"))
            call = "" if item.endswith("()") else "()"
            holder = made if isinstance(made, Class) else None
            if isinstance(made, Function) and made.returns:
                found = surface.lookup(made.returns)
                holder = found if isinstance(found, Class) else None
            if holder is not None:
                for field in holder.fields[:12]:
                    yield Use(
                        "flavor, member",
                        module,
                        name,
                        f"{{c}}.{field.name}",
                        made=f"{{x}}[{key!r}]{call}",
                        words=(key, name, field.name),
                    )
    if name == "get_train_spec" and isinstance(entity, Function) and not entity.parameters:
        for key in keys:
            yield Use(
                "flavor",
                module,
                name,
                f"{{c}}.model_args[{key!r}]",
                made="{x}()",
                words=(key, name, "model_args"),
            )


# Classes.


def classes(module: str, name: str, class_: Class, surface: Surface) -> Uses:
    """A class: constructed, read, written, replaced, derived from."""
    constructor = class_.constructor()
    if class_.is_dataclass and constructor is not None:
        yield from _dataclass(module, name, class_, constructor, surface)
    elif constructor is not None:
        yield from _calls(
            module, name, constructor, "constructor", ("__init__", "__new__"), is_class=True
        )
    for member in class_.members:
        entity = class_.member(member)
        if member.startswith("__") or not isinstance(entity, Function | Class):
            continue
        asks = (f"hasattr({{x}}, {member!r})",)
        words = (member, name)
        yield Use("member", module, name, f"{{x}}.{member}", words=words, asks=asks, is_class=True)
        if not isinstance(entity, Function):
            continue
        if entity.binding == "method":
            yield Use(
                "override",
                module,
                name,
                f"class Own({{x}}):\n    def {member}(self, *args, **kwargs):\n"
                f"        return super().{member}(*args, **kwargs)\n\n",
                oracle=f"if not hasattr({{x}}, {member!r}):\n    raise KeyboardInterrupt({member!r})\n",
                words=words,
                asks=asks,
                is_class=True,
            )
            yield from _method_calls(module, name, member, entity)
        elif entity.binding in ("staticmethod", "classmethod"):
            for use in _calls(module, name, entity.bound(), "method", (member,)):
                yield Use(
                    use.kind,
                    module,
                    name,
                    use.action.replace("{x}", f"{{x}}.{member}"),
                    stop=use.stop,
                    words=(*use.words, member),
                    asks=asks,
                    is_class=True,
                )


def _method_calls(module: str, name: str, member: str, method: Function) -> Uses:
    bound = method.bound()
    for use in _calls(module, name, bound, "method", (member,)):
        yield Use(
            use.kind,
            module,
            name,
            use.action.replace("{x}", f"{{c}}.{member}"),
            made="object.__new__({x})",
            stop=use.stop,
            words=(*use.words, member),
            asks=(f"hasattr({{x}}, {member!r})",),
            is_class=True,
        )


def _dataclass(
    module: str, name: str, class_: Class, constructor: Function, surface: Surface
) -> Uses:
    required = _required(constructor)
    if any(p.is_variadic for p in constructor.parameters):
        return
    made = f"{{x}}({_by_keyword(required)})"
    about = functools.partial(Use, module=module, name=name, is_class=True)
    for p in constructor.parameters:
        value = _braced(value_of(p))
        words = (p.name, name, *(q.name for q in required))
        asks = (
            f"{p.name!r} in {{x}}.__dataclass_fields__",
            f"{p.name!r} in [f.name for f in dataclasses.fields({{x}})]",
            f"{p.name!r} in inspect.signature({{x}}).parameters",
        )
        given = required if p in required else [*required, p]
        yield about("field, keyword", action=f"{{x}}({_by_keyword(given)})", words=words, asks=asks)
        yield about("field, read", action=f"{{c}}.{p.name}", made=made, words=words, asks=asks[:2])
        yield about(
            "field, got",
            action=f"operator.attrgetter({p.name!r})({{c}})",
            made=made,
            words=words,
            asks=asks[:2],
        )
        yield about(
            "field, item",
            action=f"dataclasses.asdict({{c}})[{p.name!r}]",
            made=made,
            words=words,
            asks=asks[:2],
        )
        yield about(
            "field, replace",
            action=f"dataclasses.replace({{c}}, {p.name}={value})",
            made=made,
            words=words,
            asks=asks,
        )
        yield about(
            "field, set",
            action=f"{{c}}.{p.name} = {value}",
            made=made,
            words=words,
            asks=asks[:2],
        )
        for choice in p.choices or p.accepts or ():
            yield about(
                "field, value",
                action=f"{{x}}({_by_keyword([q for q in required if q is not p])}"
                f"{', ' if [q for q in required if q is not p] else ''}{p.name}={choice!r})",
                words=(*words, str(choice)),
                asks=asks,
            )
    for count in range(1, min(len(constructor.positional), 5) + 1):
        if count < sum(p.required for p in constructor.positional):
            continue
        text = ", ".join(_braced(value_of(p)) for p in constructor.positional[:count])
        yield about(
            "field, position",
            action=f"{{x}}({text})",
            words=(name, "position", *(p.name for p in constructor.parameters)),
        )
    if not required:
        for path, words in _chains(class_, surface, 3):
            if "." in path:
                yield about("chain", action=f"{{c}}.{path}", made=made, words=words)
                yield about(
                    "chain, set",
                    action=f"{{c}}.{path} = None",
                    made=made,
                    words=words,
                )


def _chains(class_: Class, surface: Surface, depth: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Paths of attributes from an instance, each with its parts."""
    for member in class_.members:
        value = class_.member(member)
        if member.startswith("_") or not isinstance(value, Variable):
            continue
        yield member, (member,)
        inner = surface.lookup(value.type) if value.type else None
        if depth > 1 and isinstance(inner, Class) and inner.is_dataclass:
            for rest, words in _chains(inner, surface, depth - 1):
                yield f"{member}.{rest}", (member, *words)


# All of a release.

KINDS = {
    "module": 3,
    "name": 8,
    "patch": 1,
    "patch object": 1,
    "getattr": 2,
    "call, keyword": 5,
    "call, position": 4,
    "accepted value": 2,
    "factory": 4,
    "flavor": 5,
    "flavor, member": 5,
    "field, keyword": 8,
    "field, read": 6,
    "field, got": 1,
    "field, item": 1,
    "field, replace": 4,
    "field, set": 4,
    "field, value": 3,
    "field, position": 2,
    "chain": 5,
    "chain, set": 3,
    "constructor, keyword": 4,
    "constructor, position": 3,
    "member": 4,
    "override": 4,
    "method, keyword": 4,
    "method, position": 3,
}
"""The kinds of uses, with how often each is drawn."""

TRIES = 4000


def drawn(release: str, chance: random.Random, modules_there: tuple[str, ...]) -> Use:
    """One use of a release, of what these modules have.

    The kind is drawn first, then a name that can be used so.
    """
    surface = bundle.load(release)
    while True:
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
        for _ in range(TRIES):
            path = chance.choice(modules_there)
            names_there = _names_of(release, path)
            if kind == "module":
                if "." in path:
                    return chance.choice(list(modules(path)))
                continue
            if not names_there:
                continue
            # Few names have flavors.
            if kind.startswith("flavor"):
                few = [
                    name
                    for name in names_there
                    if name.endswith(("_args", "_configs"))
                    or name in ("model_registry", "get_train_spec")
                ]
                if not few:
                    continue
                name = chance.choice(few)
            else:
                name = chance.choice(names_there)
            found = _uses_of(release, path, name).get(kind)
            if found:
                return chance.choice(found)
        assert surface is not None


@functools.cache
def _names_of(release: str, path: str) -> tuple[str, ...]:
    surface = bundle.load(release)
    module = surface.lookup(path)
    if not isinstance(module, Module) or module.path != path:
        return ()
    found: list[str] = []
    for name in module.members:
        entity = module.member(name)
        if name.startswith("__") or isinstance(entity, External | Module) or entity is None:
            continue
        found.append(name)
        if isinstance(entity, Class) and isinstance(entity.member("Config"), Class):
            found.append(f"{name}.Config")
    return tuple(found)


@functools.lru_cache(maxsize=2000)
def _uses_of(release: str, path: str, name: str) -> dict[str, list[Use]]:
    surface = bundle.load(release)
    entity = surface.lookup(f"{path}.{name}")
    found: dict[str, list[Use]] = {}
    for use in _of_name(path, name, entity, surface):
        found.setdefault(use.kind, []).append(use)
    return found


def _of_name(path: str, name: str, entity: object, surface: Surface) -> Uses:
    if "." not in name:
        yield from names(path, name)
        yield from flavors(path, name, surface)
    if isinstance(entity, Function):
        yield from calls(path, name, entity)
        yield from values(path, name, entity)
        yield from factories(path, name, entity, surface)
    elif isinstance(entity, Class):
        yield from classes(path, name, entity, surface)
