"""JSON schemas of the data in ``titan_lint/api/changes``, made from its records.

Editors complete and explain the keys of a file by the schema that its ``$schema`` names.
"""

from __future__ import annotations

import enum
import inspect
import json
import re
import textwrap
from types import GenericAlias, NoneType, UnionType
from typing import TYPE_CHECKING, Any

from titan_lint.api.changes import facts, records, rows
from titan_lint.structs import Struct, defaults

if TYPE_CHECKING:
    from titan_lint.api.changes.rows import Change

Schema = dict[str, Any]

FOLDER = "titan_lint/api/changes/schemas"

_PLAIN = {str: "string", int: "integer", bool: "boolean", NoneType: "null"}
_ATTRIBUTES = re.compile(r"^Attributes:\n(.*?)(?=^\S|\Z)", re.DOTALL | re.MULTILINE)
_ATTRIBUTE = re.compile(r"^(\w+): (.*?)(?=^\w|\Z)", re.DOTALL | re.MULTILINE)


def made() -> dict[str, str]:
    """The text of every schema, by its path from the root."""
    schemas = {kind.file: _rows_file(kind) for kind in rows.KINDS}
    schemas |= {name: _file(_record(record)) for name, record in facts.FILES.items()}
    schemas["changes"] = _changes_file()
    return {f"{FOLDER}/{name}.json": _text(schema) for name, schema in schemas.items()}


def _text(schema: Schema) -> str:
    head = {"$schema": "http://json-schema.org/draft-07/schema#"}
    return json.dumps({**head, **schema}, indent=1, ensure_ascii=False) + "\n"


def _file(schema: Schema) -> Schema:
    """A schema of a whole file, which may name its schema itself."""
    own = {records.SCHEMA_KEY: {"type": "string", "description": "This file's schema."}}
    return {**schema, "properties": {**own, **schema["properties"]}}


def _rows_file(kind: type[Change]) -> Schema:
    rows = _rows(kind, "The rows, in any order.")
    return _file(
        {
            "type": "object",
            "description": _summary(kind),
            "properties": {"rows": rows},
            "required": ["rows"],
            "additionalProperties": False,
        }
    )


def _changes_file() -> Schema:
    """The schema of what a project tells of the changes of its own torchtitan."""
    return _file(
        {
            "type": "object",
            "description": "What changed in a torchtitan of one's own, in rows by their kind.",
            "properties": {kind.file: _rows(kind, _summary(kind)) for kind in rows.KINDS},
            "additionalProperties": False,
        }
    )


def _rows(kind: type[Change], description: str) -> Schema:
    return {"type": "array", "description": description, "items": _row(kind)}


def _row(kind: type[Change]) -> Schema:
    """The schema of a row: what ``new`` may be depends on ``reshape``."""
    schema = _record(kind)
    properties: Schema = schema["properties"]
    if not kind.reshapes:
        del properties["reshape"]
        return schema
    properties["reshape"] = {
        "enum": [*kind.reshapes],
        "description": properties["reshape"]["description"],
    }
    forms = {name: form for name, form in kind.reshapes.items() if form is not None}
    if forms:
        about: str = properties["new"]["description"]
        properties["new"] = {"description": about}
        has_none: Schema = {"not": {"required": ["reshape"]}}
        schema["allOf"] = [
            {"if": has_none, "then": {"not": {"required": ["new"]}}},
            *(_form(name, form) for name, form in forms.items()),
        ]
    return schema


def _form(reshape: str, form: type[Struct]) -> Schema:
    return {
        "if": {"properties": {"reshape": {"const": reshape}}, "required": ["reshape"]},
        "then": {"properties": {"new": _record(form)}, "required": ["new"]},
    }


def _record(record: type[Struct]) -> Schema:
    about = _attributes(record)
    properties: Schema = {}
    needed: list[str] = []
    for name, hint in records.hints(record).items():
        if hint is None:
            continue
        key = records.key_of(name)
        properties[key] = {**_type(hint), "description": about[name]}
        if name not in defaults(record):
            needed.append(key)
    return {
        "type": "object",
        "description": _summary(record),
        "properties": properties,
        "required": needed,
        "additionalProperties": False,
    }


def _type(hint: Any) -> Schema:
    if isinstance(hint, UnionType):
        return {"anyOf": [_type(part) for part in hint.__args__]}
    if isinstance(hint, GenericAlias):
        if hint.__origin__ is dict:
            return {"type": "object", "additionalProperties": _type(hint.__args__[1])}
        return {"type": "array", "items": _type(hint.__args__[0])}
    if issubclass(hint, Struct):
        return _record(hint)
    if issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    return {"type": _PLAIN[hint]}


def _summary(record: type[Struct]) -> str:
    """The first paragraph of a record's docstring."""
    return _plain((inspect.getdoc(record) or "").partition("\n\n")[0])


def _attributes(record: type[Struct]) -> dict[str, str]:
    """What docstrings say of a record's fields, those of its base classes too."""
    found: dict[str, str] = {}
    for cls in reversed(record.__mro__):
        section = _ATTRIBUTES.search(inspect.cleandoc(cls.__doc__ or ""))
        if section is not None:
            for name, text in _ATTRIBUTE.findall(textwrap.dedent(section[1])):
                found[name] = _plain(text)
    return found


def _plain(text: str) -> str:
    """Text of a docstring on one line, without its markup."""
    return " ".join(text.split()).replace("``", "`")
