"""A program to fix, and what may become of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """A program with what its author meant.

    Attributes:
        kind: ``rewrite/hazard``: the rewrite that it is about, and what makes that one hard.
        text: Python source.
        may_go: Comments that a safe fix may drop: those right above a dead override.
        follows: Which of the specs that it shows may take the backend that it builds masks for (those
            that it hands to ``show("masks", backend)``); counted in the order of showing.
        parts: The programs that it is made of, where they have nothing to do with each other: one may
            be fixed, and another one left as it was. :data:`tests.meaning.running.DIVIDER` stands
            between them.
        written_for: The torchtitan that it was written for, where that is said.
        selective: What selective checkpointing meant then: ``op`` or every ``2`` layers.
    """

    kind: str
    text: str
    may_go: frozenset[str] = frozenset()
    follows: tuple[int, ...] = ()
    parts: tuple[Program, ...] = ()
    written_for: str | None = None
    selective: str = "op"
