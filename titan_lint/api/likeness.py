"""How much things of different surfaces are alike, to tell a move from a removal."""

from __future__ import annotations

from titan_lint.api.entities import Class, Module, Variable
from titan_lint.api.signatures import Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from titan_lint.api.surface import Surface

ALIKE = 0.5
"""From here on two things of one name count as the same one, perhaps changed."""

SAME = 0.8
"""From here on they are surely the same one."""


def alike(surface: Surface, name: str, thing: object) -> dict[str, float]:
    """Where a surface has something of that name that counts as ``thing``, perhaps changed.

    Args:
        surface: The surface to look in.
        name: The last part of the path.
        thing: What another surface has by that name. Modules have to be surely the same.

    Returns:
        The likeness of each, by canonical path.
    """
    homes = surface.homes(name)
    places, enough = (homes.modules, SAME) if isinstance(thing, Module) else (homes.defined, ALIKE)
    scores = {place: likeness(thing, surface.lookup(place)) for place in places}
    return {place: score for place, score in scores.items() if score >= enough}


def likeness(one: object, other: object) -> float:
    """The share of parameters, members or keys that two things have in common.

    From 0 to 1; 0 for things of different kinds.
    """
    match one, other:
        case Function(), Function():
            return _shared([p.name for p in one.parameters], [p.name for p in other.parameters])
        case Class(), Class():
            return _shared(one.own_members, other.own_members)
        case Module(), Module():
            return _shared(one.members, other.members)
        case Variable(), Variable() if one.keys or other.keys:
            return _shared(one.keys, other.keys)
        case Variable(), Variable():
            same = (one.annotation, one.source) == (other.annotation, other.source)
            return 1.0 if same else ALIKE
        case _:
            return 0.0


def _shared(one: Collection[str], other: Collection[str]) -> float:
    everything = {*one, *other}
    return len({*one} & {*other}) / len(everything) if everything else 1.0
