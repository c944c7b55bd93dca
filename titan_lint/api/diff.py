"""What differs between two surfaces, by what it does to code that was right for the first.

Compared are public things: modules, what they define, parameters, members of classes. Inherited
members are compared where they are defined.
"""

from __future__ import annotations

import enum

from titan_lint.api.entities import Class, External, Module, Variable, is_private
from titan_lint.api.likeness import alike
from titan_lint.api.signatures import Function, Parameter, ParameterKind
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from titan_lint.api.hints import Constant
    from titan_lint.api.surface import Surface

    Entity = Module | Class | Function | Variable | External
    Home = Callable[[Surface, Surface, str], str | None]


class Effect(enum.StrEnum):
    """What a change does to code written for the older surface."""

    MOVED = "moved"
    """It is somewhere else: the old path fails."""
    BROKEN = "broken"
    """It is gone, or a use of it fails."""
    SILENT = "silent"
    """Uses of it run on, and mean something else."""
    ADDED = "added"
    """It is new."""


EFFECTS = tuple(Effect)


class About(enum.StrEnum):
    """What it is that differs."""

    PATH = "path"
    """Whether something is at an import path."""
    MEMBER = "member"
    """Whether instances of a class have something."""
    KEYWORD = "keyword"
    """Whether a parameter is there."""
    REQUIRED = "required"
    """Whether it has to be passed."""
    DEFAULT = "default"
    """What it is where it is not passed."""
    VALUES = "values"
    """What may be passed for it."""
    POSITION = "position"
    """What is passed by position."""
    OTHER = "other"
    """What kind of thing it is, or what is in it."""


class Difference(Struct):
    """One difference.

    Attributes:
        path: what differs: the path to import it by, in the older surface, or in the newer one for
            what is added; ``path(name)`` for a parameter.
        text: what is different, in a clause.
        new: the new path of what has moved, and the parameter that is at the position of one that is gone.
        about: what of it differs.
    """

    effect: Effect
    path: str
    text: str
    new: str | None = None
    about: About = About.OTHER


def diff(
    old: Surface,
    new: Surface,
    name: str = "",
    *,
    home: Home | None = None,
) -> tuple[Difference, ...]:
    """All differences between two surfaces, by effect and path.

    Args:
        old: the surface that code was written for.
        new: the surface it is held against.
        name: only what this names: a dotted path and everything below it, or the last part of one.
        home: tells, of the old surface, the new one and a path that only the old one has, where
            the new one has the same thing; by default ``same_name``.
    """
    find = home or same_name
    found = [d for d in _differences(old, new, find) if not name or _is_named(d, name)]
    order = {effect: number for number, effect in enumerate(EFFECTS)}
    return tuple(sorted(set(found), key=lambda d: (order[d.effect], d.path, d.text)))


def function_differences(path: str, old: Function, new: Function) -> Iterator[Difference]:
    """Differences between two signatures; ``self`` is not among the parameters of either."""
    if old.open or new.open:
        return
    if new.is_async != old.is_async:
        what = "a coroutine function" if new.is_async else "no coroutine function"
        yield Difference(Effect.BROKEN, path, f"is {what} now")
    before = {p.name: p for p in old.parameters}
    after = {p.name: p for p in new.parameters}
    renamed = _renamed(old, new)
    for parameter in old.parameters:
        if parameter.name.startswith("_"):
            continue
        if parameter.name in after:
            yield from _parameter(path, parameter, after[parameter.name])
        elif parameter.is_variadic:
            kind = "positional" if parameter.kind is ParameterKind.VAR_POSITIONAL else "keyword"
            if not any(p.kind is parameter.kind for p in new.parameters):
                yield Difference(Effect.BROKEN, path, f"takes no further {kind} arguments any more")
        elif not new.takes_any_keyword or parameter.name in renamed:
            instead = renamed.get(parameter.name)
            where = f"{path}({parameter.name})"
            text = f"is gone; `{instead}` is at its position now" if instead else "is gone"
            yield Difference(Effect.BROKEN, where, text, instead, About.KEYWORD)
    for parameter in new.parameters:
        if parameter.name in before or parameter.is_variadic or parameter.name.startswith("_"):
            continue
        where = f"{path}({parameter.name})"
        if not parameter.required:
            yield Difference(Effect.ADDED, where, f"defaults to `{parameter.default}`")
        elif parameter.name not in renamed.values():
            yield Difference(Effect.BROKEN, where, "is required now", about=About.REQUIRED)
    yield from _positions(path, old, new, renamed)


def _parameter(path: str, old: Parameter, new: Parameter) -> Iterator[Difference]:
    where = f"{path}({old.name})"
    if new.required and not old.required:
        text = f"is required now; it was `{old.default}`"
        yield Difference(Effect.BROKEN, where, text, about=About.REQUIRED)
    elif old.default is not None and new.default is not None and old.default != new.default:
        text = f"defaults to `{new.default}`; it was `{old.default}`"
        yield Difference(Effect.SILENT, where, text, about=About.DEFAULT)
    if new.kind is ParameterKind.KEYWORD_ONLY and old.kind in (
        ParameterKind.POSITIONAL_ONLY,
        ParameterKind.POSITIONAL_OR_KEYWORD,
    ):
        text = "can only be given by keyword now"
        yield Difference(Effect.BROKEN, where, text, about=About.POSITION)
    if new.kind is ParameterKind.POSITIONAL_ONLY and old.kind is not ParameterKind.POSITIONAL_ONLY:
        yield Difference(Effect.BROKEN, where, "can only be given by position now")
    yield from _values(where, old, new)


def _values(where: str, old: Parameter, new: Parameter) -> Iterator[Difference]:
    """Values that were accepted and no longer are."""
    allowed = (*(old.accepts or ()), *(c for c in old.choices if c not in old.rejected))
    for value in dict.fromkeys(allowed):
        if value in new.rejected:
            text = f"rejects `{value!r}` now: {new.rejected[value]}"
            yield Difference(Effect.BROKEN, where, text, about=About.VALUES)
        elif new.accepts is not None and value not in new.accepts:
            text = f"no longer accepts `{value!r}`"
            yield Difference(Effect.BROKEN, where, text, about=About.VALUES)
        elif new.choices and value not in new.choices:
            text = f"no longer lists `{value!r}` as a choice"
            yield Difference(Effect.SILENT, where, text, about=About.VALUES)
    for value in new.rejected:
        if value not in allowed and value not in old.rejected and old.accepts is None:
            text = f"rejects `{value!r}` now: {new.rejected[value]}"
            yield Difference(Effect.BROKEN, where, text, about=About.VALUES)
    known: tuple[Constant, ...] = (*(old.accepts or ()), *old.choices)
    for value in (*(new.accepts or ()), *new.choices):
        if known and value not in known:
            yield Difference(Effect.ADDED, where, f"accepts `{value!r}`")


def _renamed(old: Function, new: Function) -> dict[str, str]:
    """Parameters that are gone, with the new one at their position; whether it means the same is not known."""
    before = {p.name for p in old.parameters}
    after = {p.name for p in new.parameters}
    return {
        one.name: other.name
        for one, other in zip(old.positional, new.positional, strict=False)
        if one.name not in after and other.name not in before
    }


def _positions(
    path: str, old: Function, new: Function, renamed: dict[str, str]
) -> Iterator[Difference]:
    """Positional arguments that bind to another parameter."""
    for index, (one, other) in enumerate(zip(old.positional, new.positional, strict=False)):
        if one.name != other.name and renamed.get(one.name) != other.name:
            text = f"positional argument {index + 1} is `{other.name}` now; it was `{one.name}`"
            yield Difference(Effect.SILENT, path, text, about=About.POSITION)


def _differences(old: Surface, new: Surface, home: Home) -> Iterator[Difference]:
    for module in sorted(old.modules - new.modules):
        if not is_private(module):
            yield _gone(old, new, module, home)
    for module in sorted(new.modules - old.modules):
        if not is_private(module):
            yield Difference(Effect.ADDED, module, "module")
    seen: set[str] = set()
    for canonical, before in old.public():
        public = old.public_path(canonical)
        path = next((p for p in (public, canonical) if new.lookup(p) is None), None)
        after = new.lookup(public) or new.lookup(canonical)
        if path is not None:
            gone = _gone(old, new, path, home)
            yield gone
            after = after or (new.lookup(gone.new) if gone.new else None)
        if after is not None:
            if isinstance(after, Class | Function | Variable):
                seen.add(after.path)
            yield from _compare(public, before, after)
    for canonical, thing in new.public():
        if canonical not in seen and old.lookup(canonical) is None:
            public = new.public_path(canonical)
            if old.lookup(public) is None:
                yield Difference(Effect.ADDED, public, _kind(thing))


def _gone(old: Surface, new: Surface, path: str, home: Home) -> Difference:
    kind = _kind(old.lookup(path))
    place = home(old, new, path)
    if place is not None:
        return Difference(Effect.MOVED, path, f"{kind}, now `{place}`", place, About.PATH)
    return Difference(Effect.BROKEN, path, f"{kind} is gone", about=About.PATH)


def same_name(old: Surface, new: Surface, path: str) -> str | None:
    """The one public place in `new` of something like what `old` has at `path`, of the same name.

    ``None`` where there is no such place, or more than one.
    """
    thing = old.lookup(path)
    places = [
        place if isinstance(thing, Module) else new.public_path(place)
        for place in alike(new, path.rpartition(".")[2], thing)
        if old.lookup(place) is None or old.resolve(place) == old.resolve(path)
    ]
    if len(places) != 1:
        return None
    (place,) = places
    if _is_experimental(place) and not _is_experimental(path):
        # An experiment's copy of what the core has lost, unless the core's was the only one.
        return place if len(old.homes(path.rpartition(".")[2]).defined) == 1 else None
    return place


def _compare(path: str, old: Entity, new: Entity) -> Iterator[Difference]:
    match old, new:
        case Function(), Function():
            yield from function_differences(path, old.bound(), new.bound())
        case Class(), Class():
            yield from _classes(path, old, new)
        case Variable(), Variable():
            yield from _plain_values(path, old, new)
        case (_, External()) | (External(), _):
            return
        case _ if _kind(old) != _kind(new):
            yield Difference(Effect.BROKEN, path, f"is a {_kind(new)} now; it was a {_kind(old)}")
        case _:
            return


def _classes(path: str, old: Class, new: Class) -> Iterator[Difference]:
    yield from _constructors(path, old, new)
    for name in old.own_members:
        if name.startswith("_"):
            continue
        before, after = old.member(name), new.member(name)
        if after is None:
            if not new.open and before is not None and not _is_only_field(old, name):
                text = f"{_kind(before)} is gone"
                yield Difference(Effect.BROKEN, f"{path}.{name}", text, about=About.MEMBER)
        elif before is not None:
            yield from _compare(f"{path}.{name}", before, after)
    for name in new.own_members:
        after = new.member(name)
        if not name.startswith("_") and after is not None and old.member(name) is None:
            yield Difference(Effect.ADDED, f"{path}.{name}", _kind(after))


def _is_only_field(class_: Class, name: str) -> bool:
    """Whether the constructor reports on it: a dataclass field."""
    return any(field.name == name for field in class_.fields)


def _constructors(path: str, old: Class, new: Class) -> Iterator[Difference]:
    before, after = old.constructor(), new.constructor()
    if before is None or after is None:
        return
    own = {*old.own_members, *new.own_members}
    explicit = "__init__" in own
    for difference in function_differences(path, before, after):
        name = difference.path.removeprefix(path).strip("()")
        # What an ancestor does to all its subclasses is reported once, there.
        if explicit or name in own or (not name and not old.is_dataclass):
            yield difference


def _plain_values(path: str, old: Variable, new: Variable) -> Iterator[Difference]:
    if not (old.keys and new.keys):
        return
    changed: dict[str, str] = {}
    for key in old.keys:
        if key not in new.keys:
            yield Difference(Effect.BROKEN, f"{path}[{key!r}]", "is gone")
        elif _form(old.items[key]) != _form(new.items[key]):
            text = f"is {_form(new.items[key])} now; it was {_form(old.items[key])}"
            changed[key] = text
    if len(changed) > 1 and len(set(changed.values())) == 1:
        yield Difference(Effect.SILENT, path, f"each value {next(iter(changed.values()))}")
    else:
        for key, text in changed.items():
            yield Difference(Effect.SILENT, f"{path}[{key!r}]", text)
    for key in new.keys:
        if key not in old.keys:
            yield Difference(Effect.ADDED, f"{path}[{key!r}]", "key")


def _form(item: str) -> str:
    if not item:
        return "something"
    return "an instance" if item.endswith("()") else "a function or class"


def _kind(thing: Entity | None) -> str:
    match thing:
        case Module():
            return "module"
        case Class():
            return "class"
        case Function():
            return "function"
        case External():
            return "name of another library"
        case _:
            return "value"


def _is_experimental(path: str) -> bool:
    return path.startswith("torchtitan.experiments.")


def _is_named(difference: Difference, name: str) -> bool:
    for path in (difference.path, difference.new or ""):
        bare = path.partition("(")[0].partition("[")[0]
        if bare == name or bare.startswith(f"{name}.") or f".{name}." in f".{bare}.":
            return True
    return False
