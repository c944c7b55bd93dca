"""Programs to fix: each is about one rewrite, and has one thing in it that makes that rewrite hard.

Everything else about a program is chosen at random: what surrounds the call, how torchtitan is imported,
what is at the head of the file.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.meaning.generate import (
    attention,
    calls,
    imports,
    masks,
    members,
    objects,
    pairs,
    reads,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.meaning.program import Program

    Make = Callable[[Random], Program]

KINDS: dict[str, Make] = (
    attention.KINDS
    | masks.KINDS
    | objects.KINDS
    | reads.KINDS
    | imports.KINDS
    | members.KINDS
    | calls.KINDS
    | pairs.KINDS
)


def seeded(kind: str, seed: int) -> Program:
    """The program of a kind that a seed stands for, whatever other kinds there are."""
    return KINDS[kind](Random(f"{kind} {seed}"))
