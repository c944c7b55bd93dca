"""Whether instances of a class have a member, at one surface and at the others."""

from __future__ import annotations

import functools

from titan_lint.api import Class, Variable, bundle, external, history
from titan_lint.api.changes import moves
from titan_lint.api.entities import is_dunder
from titan_lint.api.history import Presence
from titan_lint.api.paths import MODEL_CONFIG, model_configs
from titan_lint.api.surface import MEMBERS, NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.api import Surface
    from titan_lint.api.entities import Record


@functools.lru_cache(maxsize=4096)
def lacks(surface: Surface, path: str, name: str) -> bool:
    """Whether a class certainly has no member: all its bases are known, and none brings it.

    What stands behind ``ModelSpec.model`` is one of the models' own configs.
    """
    cls = surface.lookup(path)
    if not isinstance(cls, Class) or cls.dynamic or is_dunder(name) or has(surface, path, name):
        return False
    if path == MODEL_CONFIG and surface.may_add(name):
        return False
    known = external.known()
    return all(base in known and name not in known[base].members for base in cls.external_bases)


def has_slots(surface: Surface, path: str) -> bool:
    """Whether instances of a class have slots and no dictionary: setting what it does not declare raises."""
    cls = surface.lookup(path)
    return isinstance(cls, Class) and cls.slots and not cls.external_bases


@functools.lru_cache(maxsize=1024)
def derived_have(surface: Surface, path: str, name: str, *, experiments: bool = True) -> bool:
    """Whether some class derived from one has a member: an instance may be of that one.

    Args:
        surface: The torchtitan that is asked.
        path: The class.
        name: The member.
        experiments: Whether classes of ``torchtitan.experiments`` count.
    """
    return surface.may_add(name) or any(
        other.member(name) is not None or other.dynamic
        for other in surface.derived(path)
        if experiments or not other.path.startswith(_EXPERIMENTS)
    )


def is_model_config(surface: Surface, path: str) -> bool:
    """Whether a class is that of some model's config."""
    cls = surface.lookup(path)
    return isinstance(cls, Class) and any(base.path == MODEL_CONFIG for base in cls.mro)


def has(surface: Surface, path: str, name: str) -> bool:
    """Whether torchtitan gives a class the member."""
    cls = surface.lookup(path)
    if isinstance(cls, Class) and cls.member(name) is not None:
        return True
    return path == MODEL_CONFIG and any(c.member(name) is not None for c in model_configs(surface))


_EXPERIMENTS = "torchtitan.experiments."
MODEL_PACKAGES = ("torchtitan.models.", "torchtitan.config.", "torchtitan.protocols.")
"""Where configs of models and all that they inherit from are defined."""


@functools.lru_cache(maxsize=1024)
def find(surface: Surface, path: str, name: str) -> Presence | None:
    """The nearest known surface whose class of that path, or what it was then, has the member, or ``None``."""
    brought = any(name in about.members for about in external.known().values())
    modules = bundle.pack().modules_with(MEMBERS, name)
    after = surface
    for key, earlier in history.nearest(surface):
        other = bundle.load(key)
        with_it = modules if key in bundle.index() else other.modules_with(MEMBERS, name)
        if (brought or _defines(other, name, with_it)) and _had(surface, other, path, name):
            return Presence(other, earlier, after if earlier else other)
        after = other
    return None


@functools.lru_cache(maxsize=1024)
def find_in_field(surface: Surface, holder: str, field: str, name: str) -> Presence | None:
    """The nearest known surface where what a field of a class holds has a member, or ``None``.

    The field may have held another class then: the path of that one says nothing of the member.
    """
    after = surface
    for key, earlier in history.nearest(surface):
        other = bundle.load(key)
        paths = (holder, *then(surface, other, holder))
        held = [_held(other, path, field) for path in dict.fromkeys(paths)]
        if any(cls is not None and has(other, cls, name) for cls in held):
            return Presence(other, earlier, after if earlier else other)
        after = other
    return None


@functools.lru_cache(maxsize=1024)
def never_had(surface: Surface, path: str, fields: tuple[str, ...], name: str) -> bool:
    """Whether each known surface that has a class lacks a member of it for certain, or of what its fields lead to."""
    found = False
    for key, _ in history.nearest(surface):
        other = bundle.load(key)
        cls = path if isinstance(other.lookup(path), Class) else None
        if cls is None:
            continue
        for field in fields:
            cls = _held(other, cls, field) if cls is not None else None
        if cls is None or not lacks(other, cls, name):
            return False
        found = True
    return found


def _held(surface: Surface, path: str, field: str) -> str | None:
    """The torchtitan class of what a class's field holds."""
    cls = surface.lookup(path)
    member = cls.member(field) if isinstance(cls, Class) else None
    return (member.type or member.base) if isinstance(member, Variable) else None


def _had(surface: Surface, other: Surface, path: str, name: str) -> bool:
    """Whether another surface gives the class the member, without a base that is new to it here."""
    found = other.lookup(path)
    if isinstance(found, Class):
        return _gave(surface, other, path, found, name)
    before = (other.lookup(old) for old in then(surface, other, path))
    return any(isinstance(cls, Class) and _gave(surface, other, path, cls, name) for cls in before)


def _gave(surface: Surface, other: Surface, path: str, found: Class, name: str) -> bool:
    """As :func:`_had`, for what the class was at the other surface."""
    if found.path == MODEL_CONFIG:
        modules = [m for m in other.modules_with(MEMBERS, name) if m.startswith(MODEL_PACKAGES)]
        if not _defines(other, name, modules):
            return False
    if not has(other, found.path, name):
        return False
    here = surface.lookup(path)
    bases = here.external_bases if isinstance(here, Class) else ()
    return set(bases) - set(external.known()) <= set(found.external_bases)


def _defines(surface: Surface, name: str, modules: Iterable[str]) -> bool:
    """Whether any class in some modules defines a member, which :func:`has` needs to find one."""
    return any(
        name in _names_within(record)
        for module in modules
        for record in surface.module_record(module).get("members", {}).values()
        if "m" in record
    )


# Surfaces share the records that are the same in all of them. Each stands beside its names, so that
# it stays alive and no other one gets its identity.
_within: dict[int, tuple[Record, frozenset[str]]] = {}


def _names_within(record: Record) -> frozenset[str]:
    """Names of all that a class and the classes inside it define."""
    known = _within.get(id(record))
    if known is None:
        members: Record = record["m"]
        inner = [_names_within(member) for member in members.values() if "m" in member]
        known = _within[id(record)] = record, frozenset(members).union(*inner)
    return known[1]


@functools.lru_cache(maxsize=1024)
def then(surface: Surface, other: Surface, path: str) -> tuple[str, ...]:
    """The paths that a class may have at another surface, where its module is another one."""
    module, _, name = path.rpartition(".")
    rest = ""
    while name and not name[0].islower() and module.rpartition(".")[2][:1].isupper():
        module, _, outer = module.rpartition(".")
        rest, name = f".{name}{rest}", outer
    home = moves.home(other, f"{module}.{name}")
    then = (f"{home.path}{rest}",) if home is not None else ()
    return (
        *then,
        *moves.origins(surface, path),
        f"{surface.public_path(f'{module}.{name}')}{rest}",
        *(f"{old}{rest}" for old in _became(surface, other, f"{module}.{name}")),
    )


def _became(surface: Surface, other: Surface, path: str) -> Iterator[str]:
    """The paths of another surface whose imports are led to ``path``: what was used of those is asked of this."""
    for module in other.modules_with(NAMES, path.rpartition(".")[2]):
        old = f"{module}.{path.rpartition('.')[2]}"
        if surface.lookup(old) is None and isinstance(other.lookup(old), Class):
            home = moves.home(surface, old)
            if home is not None and surface.resolve(home.path) == path:
                yield old
