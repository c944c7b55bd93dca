"""What a project tells of a torchtitan of its own, read from its files: surfaces and changes.

Reading one never runs code.
"""

from __future__ import annotations

import ast
import datetime
import functools
import hashlib
import itertools
import json
import os
import re
from pathlib import Path

from titan_lint import read_file
from titan_lint.api import bundle, changes
from titan_lint.api.changes import read_row, read_rows
from titan_lint.api.changes.records import DataError, WrongValueError, without_schema
from titan_lint.api.changes.rows import KINDS, Fill, NewMember, NewValues, ParamGroups
from titan_lint.api.indexes import InMemory
from titan_lint.api.pack import fingerprint
from titan_lint.api.surface import Fork, Provenance, Surface
from titan_lint.package_folder import PACKAGES
from titan_lint.typeguards import is_list, is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeVar

    from titan_lint.api.changes.rows import Change
    from titan_lint.structs import Struct

    C = TypeVar("C", bound=Change)

SCHEMA = Path(changes.__file__).with_name("schemas") / "changes.json"
"""The JSON schema of files with rows, made from the same records as they are read by."""

VERSION = 1
"""Of the files that ``titan-lint api extract`` writes."""

REPOSITORY = "fork"
"""What messages call the repository of a row's commit, where the row does not say."""

_NAME = re.compile(r"[A-Za-z][\w.+-]*")
_TAKEN = frozenset({"latest", "main", "installed"})
_OWN_ID = re.compile(r"[A-Z]\d+")
_DIGITS = 12
"""How much of what a fork tells is in the keys of its surfaces."""
_AGAIN = "write it anew with `titan-lint api extract`"


def fork(surfaces: Sequence[Surface], rows: dict[type[Change], tuple[Any, ...]]) -> Fork | None:
    """What a project tells of its own torchtitan; ``None`` where it tells nothing.

    Raises:
        DataError: Two surfaces have the same name.
    """
    if not surfaces and not rows:
        return None
    ordered = sorted(surfaces, key=lambda surface: (str(surface.day), surface.version))
    for surface, other in itertools.combinations(ordered, 2):
        if surface.version == other.version:
            raise DataError(f"two surfaces are called {surface.version!r}; give one another `name`")
    told = [surface.provenance for surface in ordered], sorted(map(repr, rows.items()))
    mark = hashlib.sha256(repr(told).encode()).hexdigest()[:_DIGITS]
    if mark not in _made:
        made = Fork(rows=rows)
        made.surfaces = tuple(
            surface.seen_from(made, f"{surface.version}@{mark}") for surface in ordered
        )
        for surface in made.surfaces:
            bundle.add(surface)
        _made[mark] = made
    return _made[mark]


_made: dict[str, Fork] = {}
"""By what they tell: what is worked out about one is so for all projects that have it."""


def read_surface(path: str) -> Surface:
    """The surface in a file that ``titan-lint api extract`` has written.

    Raises:
        DataError: It is no such file, or was changed.
    """
    shown, value = _load(path)
    document = value if is_table(value) else {}
    if document.get("version") != VERSION or not is_table(document.get("modules")):
        raise DataError(f"{shown}: no file of this version of `titan-lint api extract`; {_AGAIN}")
    modules: Any = document["modules"]
    if fingerprint(modules) != document.get("sha256"):
        raise DataError(f"{shown}: its `modules` are not those that were extracted; {_AGAIN}")
    name, day = document.get("name"), document.get("date")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name in _TAKEN:
        said = "missing" if name is None else f"{name!r} is none, or has a meaning already"
        raise DataError(f"{shown}: name: {said}; give it one such as `acme-2026-06`")
    if not isinstance(day, str) or _day(day) is None:
        said = "missing" if day is None else f"{day!r} is no day"
        raise DataError(f"{shown}: date: {said}; give it the day of its code, such as 2026-06-30")
    digest = str(document["sha256"])
    provenance = Provenance(
        key=f"{name}@{digest[:_DIGITS]}",
        kind="fork",
        version=name,
        commit=str(document["commit"]) if document.get("commit") else None,
        day=_day(day),
        how=f"extracted from {document.get('source')}",
        sha256=digest,
        source=str(document.get("digest", "")),
    )
    return Surface(provenance, InMemory(modules))


def read_changes(paths: Sequence[str]) -> dict[type[Change], tuple[Any, ...]]:
    """The rows in files, in TOML or JSON: a table or object whose keys are the names of the catalogue's files.

    Raises:
        DataError: A row is wrong. The message names the file, the row, its id and the key.
    """
    kinds = {kind.file: kind for kind in KINDS}
    found: dict[type[Change], tuple[Any, ...]] = {}
    for path in paths:
        shown, value = _load(path)
        if not is_table(value):
            raise DataError(f"{shown}: expected an object with rows by their kind, found none")
        for name, rows in value.items():
            kind = kinds.get(name)
            if kind is None:
                known = ", ".join(f"`{each}`" for each in kinds)
                raise DataError(f"{shown}: {name}: no such kind of rows; there are {known}")
            if not is_list(rows):
                raise DataError(f"{shown}: {name}: expected an array of rows")
            read = read_rows(kind, rows, f"{shown}, {name}", _row)
            found[kind] = (*found.get(kind, ()), *read)
    return {
        kind: tuple(sorted(rows, key=lambda row: (row.day, row.id))) for kind, rows in found.items()
    }


def _row(kind: type[C], value: object) -> C:
    """One row, held against what the tests hold the catalogue's own against."""
    row = read_row(kind, {"repository": REPOSITORY, **value} if is_table(value) else value)
    if _OWN_ID.fullmatch(row.id):
        raise WrongValueError(
            f"`{row.id}` may be one of titan-lint's own; choose another, such as `ACME-1`", "id"
        )
    if _day(row.day) is None:
        raise WrongValueError(f"{row.day!r} is no day such as 2026-06-30", "day")
    for key in ("paths", "of", "classes"):
        paths: tuple[str, ...] = getattr(row.old, key, ())
        for path in paths:
            if path.partition(".")[0] not in PACKAGES:
                said = f"`{path}` is no path of a torchtitan; those begin with `torchtitan.`"
                raise WrongValueError(said, key, "old")
    for key, text in _expressions(row.new):
        try:
            ast.parse(text, mode="eval")
        except (SyntaxError, ValueError) as error:
            raise WrongValueError(f"{text!r} is no expression of Python", key, "new") from error
    return row


def _expressions(new: Struct | None) -> Iterator[tuple[str, str]]:
    """The texts in a new form that are written into code, by their key."""
    match new:
        case NewMember(code=str(code)):
            yield "code", code.replace("{owner}", "owner")
        case NewValues(values=values):
            yield from (("values", text) for text in values.values())
        case Fill(value=value):
            yield "value", value
        case ParamGroups(defaults=values):
            yield from (("defaults", text) for text in values.values())
        case _:
            pass


def _load(path: str) -> tuple[str, object]:
    """What messages call a file, and its value."""
    shown = path.removeprefix(f"{Path.cwd()}{os.sep}")
    try:
        data = read_file.read(path)
    except OSError as error:
        raise DataError(f"{shown}: cannot be read: {error.strerror}") from error
    return shown, _parsed(shown, data)


# Files of a project are asked for by each of its configurations.
@functools.lru_cache(maxsize=64)
def _parsed(shown: str, data: bytes) -> object:
    import tomllib

    try:
        if shown.endswith(".toml"):
            # A day without quotes is a date there.
            table = tomllib.loads(data.decode("utf-8"))
            return without_schema(json.loads(json.dumps(table, default=str)))
        value: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        language = "TOML" if shown.endswith(".toml") else "JSON"
        raise DataError(f"{shown}: no {language}: {error}") from error
    return without_schema(value)


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
