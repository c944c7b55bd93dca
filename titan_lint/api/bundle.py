"""The surfaces that are known: an index of what they are, and one pack with the facts.

They came with titan-lint, or with newer data (:mod:`titan_lint.api.data_package`).
"""

from __future__ import annotations

import datetime
import json
from functools import cache, lru_cache

from titan_lint.api import data_package
from titan_lint.api.pack import Pack, PackedRecords
from titan_lint.api.surface import Provenance, Surface

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from titan_lint.api.data_package import Root

DATA = data_package.OWN / "data"
"""What comes with titan-lint."""
INDEX = DATA / "index.json"
PACK = DATA / "surfaces.pack"
COMMITS = DATA / "commits.json"


@lru_cache(maxsize=1)
def index() -> dict[str, Provenance]:
    """Every bundled surface by key: releases from the oldest on, then main in order of history."""
    return read_index(data_package.loaded().root)


def read_index(root: Root) -> dict[str, Provenance]:
    """See :func:`index`, of the data below a folder."""
    entries = json.loads(root.joinpath("data/index.json").read_text(encoding="utf-8"))["surfaces"]
    return {entry["key"]: _provenance(entry) for entry in entries}


def _provenance(entry: dict[str, Any]) -> Provenance:
    return Provenance(
        key=entry["key"],
        kind=entry["kind"],
        version=entry["version"],
        commit=entry["commit"],
        date=entry["date"],
        day=datetime.date.fromisoformat(entry["day"]),
        how=entry["how"] or "",
        sha256=entry["sha256"] or "",
        source=entry["source"] or "",
        broken=tuple(entry.get("broken", ())),
    )


@lru_cache(maxsize=1)
def commits() -> dict[str, str]:
    """Every commit of main, ten digits, from the first to the newest bundled one, with its own day."""
    days: list[tuple[str, str]] = json.loads(
        data_package.file("data/commits.json").read_text(encoding="utf-8")
    )
    return {commit: day for day, together in days for commit in together.split()}


@lru_cache(maxsize=1)
def pack() -> Pack:
    """The pack with the facts of all bundled surfaces, numbered in the order of ``index``."""
    return read_pack(data_package.loaded().root)


def read_pack(root: Root) -> Pack:
    """See :func:`pack`, of the data below a folder."""
    file = root.joinpath("data/surfaces.pack")
    return Pack(str(file), file.read_bytes())


_others: dict[str, Surface] = {}


def add(surface: Surface) -> None:
    """Make a surface that is not bundled known by its key, which no other one may have."""
    _others[surface.key] = surface


def load(key: str) -> Surface:
    """The surface called ``key``, such as ``0.3.0`` or ``main@7cec16600``, or one that was added.

    Raises:
        KeyError: if there is none of that name; ``targets`` turns what a user writes into keys.
    """
    return _others[key] if key in _others else _bundled(key)


@cache
def _bundled(key: str) -> Surface:
    keys = list(index())
    return Surface(index()[key], PackedRecords(pack(), keys.index(key)))
