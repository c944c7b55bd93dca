"""How much two things of different surfaces are alike, to tell a move from a removal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from titan_lint.surface.model import Class, Function, Module, Value

if TYPE_CHECKING:
    from collections.abc import Collection

ALIKE = 0.5
"""From here on two things of one name are taken for the same one, perhaps changed."""

SAME = 0.8
"""From here on they are surely the same one."""


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
        case Value(), Value() if one.keys or other.keys:
            return _shared(one.keys, other.keys)
        case Value(), Value():
            same = (one.annotation, one.source) == (other.annotation, other.source)
            return 1.0 if same else ALIKE
        case _:
            return 0.0


def _shared(one: Collection[str], other: Collection[str]) -> float:
    everything = {*one, *other}
    return len({*one} & {*other}) / len(everything) if everything else 1.0
