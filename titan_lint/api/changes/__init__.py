"""The catalogue of changes: what stands for an old form of torchtitan's API.

A surface tells that something is gone, or that a default is another one. What to write instead is
told here, one row a change, with the commit that made it. A row never asks for a version: it
applies where the target lacks the old form and has the new one, and both are looked up in the
target's surface. The rows are data, in ``data/*.json``; where the shape of the code changes, a row
names a function of :mod:`titan_lint.fixes.calls` that builds the rewrite.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

from titan_lint.finding import Applicability
from titan_lint.structs import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Change(Struct, eq=False):
    """One row of the catalogue.

    Attributes:
        id: Row of the catalogue, such as ``C8``.
        kind: What changes: ``import``, ``attribute``, ``keyword``, ``value``, ``default``,
            ``required``, ``fqn``, ``flavor``.
        commit: The torchtitan commit that made the change.
        day: The day from which main has it, ISO 8601.
        old: The old form; its keys depend on the kind.
        new: The new form; empty where there is none.
        applicability: Whether the rewrite is safe; ``None`` where there is only an explanation.
        note: One sentence for the message and the documentation.
        reshape: Name of the function that builds the rewrite, where data alone cannot.
    """

    id: str
    kind: str
    commit: str
    day: str
    old: Mapping[str, Any]
    new: Mapping[str, Any] = field(default_factory=dict[str, object])
    applicability: Applicability | None = None
    note: str = ""
    reshape: str | None = None


@functools.cache
def catalogue() -> tuple[Change, ...]:
    """All rows, ordered by day and id."""
    rows: list[Change] = []
    for file in sorted(Path(__file__).with_name("data").glob("*.json")):
        for row in json.loads(file.read_text("utf-8")):
            applicability = row.pop("applicability", None)
            rows.append(
                Change(
                    **row,
                    applicability=Applicability(applicability) if applicability else None,
                )
            )
    return tuple(sorted(rows, key=lambda change: (change.day, change.id)))


@functools.cache
def of_kind(kind: str) -> tuple[Change, ...]:
    """The rows of one kind."""
    return tuple(change for change in catalogue() if change.kind == kind)
