"""JSON schemas of the data in ``titan_lint/api/changes``, of what titan-lint writes, made from their records, and of its settings.

Editors complete and explain the keys of a file by the schema that its ``$schema`` names. Programs that read what
titan-lint writes have the schemas of ``docs/schemas``.
"""

from __future__ import annotations

import ast
import enum
import inspect
import json
import re
import sys
import textwrap
import typing
from pathlib import Path
from types import GenericAlias, NoneType, UnionType
from typing import TYPE_CHECKING, Any

from titan_lint import json_documents
from titan_lint.api.changes import facts, records, rows
from titan_lint.config.settings import SEVERITIES
from titan_lint.config.toml import VERIFY_KEYS
from titan_lint.structs import Struct, defaults
from titan_lint.survey.records import SCHEMA, STATES, Record
from titan_lint.survey.users import Used
from titan_lint.verify.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api.changes.rows import Change

Schema = dict[str, Any]
Key = tuple[str, str, Any, bool]
"""A key, the name that a record has for it, its type, and whether it is always there."""

FOLDER = "titan_lint/api/changes/schemas"
OUTPUT = "docs/schemas"

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
_ATTRIBUTES = re.compile(r"^Attributes:\n(.*?)(?=^\S|\Z)", re.DOTALL | re.MULTILINE)
_ATTRIBUTE = re.compile(r"^(\w+): (.*?)(?=^\w|\Z)", re.DOTALL | re.MULTILINE)


def made() -> dict[str, str]:
    """The text of the schema of every file of data, by its path from the root."""
    schemas = {kind.file: _rows_file(kind) for kind in rows.KINDS}
    schemas |= {name: _file(_record(record)) for name, record in facts.FILES.items()}
    schemas["changes"] = _changes_file()
    return {f"{FOLDER}/{name}.json": _text(schema) for name, schema in schemas.items()}


def of_documents() -> dict[str, str]:
    """The text of the schema of every document that titan-lint writes, by its path from the root."""
    users = _record(json_documents.Users)
    users["properties"]["repositories"]["items"] = _record(Used)
    schemas: dict[str, Schema] = {
        "check": _record(json_documents.Check),
        "statistics": {
            "description": "How often each rule fired, the most frequent first: "
            "`titan-lint --statistics --output-format json`.",
            **_type(json_documents.Statistics),
        },
        "rule": {
            "description": "The documentation of a rule, or with `--all` a list of all of them: "
            "`titan-lint rule --output-format json`.",
            **_type(json_documents.Rule),
        },
        "compat": _record(json_documents.Compat),
        "survey": _survey(),
        "verify": _with_null(_record(Document)),
        "api-versions": _record(json_documents.Versions),
        "api-show": _record(json_documents.Show),
        "api-diff": _record(json_documents.Diff),
        "api-check-break": _record(json_documents.CheckBreak),
        "api-users": users,
    }
    return {f"{OUTPUT}/{name}.json": _text(schema) for name, schema in schemas.items()}


def _with_null(schema: Any) -> Any:
    """The same schema, in which a number may be null: JSON has neither infinities nor NaN."""
    if isinstance(schema, list):
        return [_with_null(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "number":
        return {**schema, "type": ["number", "null"]}
    return {key: _with_null(each) for key, each in schema.items()}


_STRINGS: Schema = {"type": "array", "items": {"type": "string"}}
_SEVERITY: Schema = {"enum": [*SEVERITIES]}
_SETTINGS: dict[str, Schema] = {
    "string": {"type": "string"},
    "path": {"type": "string"},
    "path in the project": {"type": "string"},
    "boolean": {"type": "boolean"},
    "string, or list of strings": {"anyOf": [{"type": "string"}, _STRINGS]},
    **dict.fromkeys(
        ("list of rules", "list of modules", "list of paths", "list of patterns"), _STRINGS
    ),
    '`"error"`, `"warning"` or `"info"`': _SEVERITY,
    "table of patterns, each with a list of rules": {
        "type": "object",
        "additionalProperties": _STRINGS,
    },
    'table of rules, each with `"error"`, `"warning"` or `"info"`': {
        "type": "object",
        "additionalProperties": _SEVERITY,
    },
    "table": {
        "type": "object",
        "properties": {
            key: {
                **_STRINGS,
                "description": "Functions that make engines, `package.module:function`.",
            }
            for key in VERIFY_KEYS
        },
        "additionalProperties": False,
    },
}
"""The types of settings, in the words of their page."""
_SETTING = re.compile(
    r"^#### `([^`]+)`\n\n((?:.+\n)+)\n- Type: (.*)\n- Default: (.*)", re.MULTILINE
)


def of_settings() -> dict[str, str]:
    """The text of the schema of ``titan-lint.toml``, by its path from the root; its page says what settings are."""
    page = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"
    settings: Schema = {}
    for key, about, kind, default in _SETTING.findall(page.read_text("utf-8")):
        about = re.sub(r" \[More on [^]]*\]\([^)]*\)\.", "", about)
        told = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", f"{about} Default: {default}.")
        settings[key] = {**_SETTINGS[kind], "description": _plain(told)}
    schema = {
        "type": "object",
        "description": "The settings of titan-lint.toml, and of [tool.titan-lint] in pyproject.toml.",
        "properties": settings,
        "additionalProperties": False,
    }
    return {f"{OUTPUT}/configuration.json": _text(schema)}


def _survey() -> Schema:
    """The schema of a line of a survey, which says besides what its record does how that is written, and its state."""
    schema = _record(Record)
    states = "; ".join(f"`{state}`: {meaning}" for state, meaning in STATES.items())
    own = {
        "schema": {"enum": [SCHEMA], "description": "The number of this form."},
        "state": {"enum": [*STATES], "description": f"What became of it. {states}."},
    }
    return {
        **schema,
        "description": f"{schema['description']} A line of `titan-lint survey --output-format jsonl`.",
        "properties": own | schema["properties"],
        "required": [*own, *schema["required"]],
    }


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


def _record(record: type[Any]) -> Schema:
    """The schema of a struct that is read, and of a dataclass or a typed dictionary that is written."""
    about = _attributes(record)
    keys = _read_keys(record) if issubclass(record, Struct) else _written_keys(record)
    return {
        "type": "object",
        "description": _summary(record),
        "properties": {
            key: {**_type(hint), "description": about[name]} for key, name, hint, _ in keys
        },
        "required": [key for key, _, _, is_needed in keys if is_needed],
        "additionalProperties": False,
    }


def _read_keys(record: type[Struct]) -> list[Key]:
    left_out = defaults(record)
    return [
        (records.key_of(name), name, hint, name not in left_out)
        for name, hint in records.hints(record).items()
        if hint is not None
    ]


def _written_keys(record: type[Any]) -> list[Key]:
    hints = typing.get_type_hints(record, include_extras=True)
    optional = {n for n, hint in hints.items() if typing.get_origin(hint) is typing.NotRequired}
    plain = typing.get_type_hints(record)
    return [(name, name, hint, name not in optional) for name, hint in plain.items()]


def _type(hint: Any) -> Schema:
    if hint is Any:
        return {}
    if isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union:
        return {"anyOf": [_type(part) for part in hint.__args__]}
    if typing.get_origin(hint) is typing.Literal:
        return {"enum": [*hint.__args__]}
    if isinstance(hint, GenericAlias):
        if hint.__origin__ is dict:
            return {"type": "object", "additionalProperties": _type(hint.__args__[1])}
        return {"type": "array", "items": _type(hint.__args__[0])}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    return _record(hint)


def _summary(record: type[Any]) -> str:
    """The first paragraph of a record's docstring."""
    return _plain((inspect.getdoc(record) or "").partition("\n\n")[0])


def _attributes(record: type[Any]) -> dict[str, str]:
    """What docstrings say of a record's fields, those of its base classes too."""
    found: dict[str, str] = {}
    for cls in reversed([*_bases(record)]):
        section = _ATTRIBUTES.search(inspect.cleandoc(cls.__doc__ or ""))
        if section is not None:
            for name, text in _ATTRIBUTE.findall(textwrap.dedent(section[1])):
                found[name] = _plain(text)
    return found


def _bases(record: type[Any]) -> Iterator[type[Any]]:
    """A class and those that it derives from, nearest first. A typed dictionary forgets its own, up to Python 3.11."""
    if not typing.is_typeddict(record):
        yield from record.__mro__
        return
    yield record
    if record.__doc__ is not None:
        (statement,) = ast.parse(inspect.getsource(record)).body
        assert isinstance(statement, ast.ClassDef)
        for base in statement.bases:
            assert isinstance(base, ast.Name)
            if base.id != "TypedDict":
                yield from _bases(vars(sys.modules[record.__module__])[base.id])


def _plain(text: str) -> str:
    """Text of a docstring on one line, without its markup."""
    return " ".join(text.split()).replace("``", "`")
