"""Data about changes is checked when it is read, and editors know it by schemas that say the same."""

from __future__ import annotations

import copy
import importlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from titan_lint.api.changes import DATA, facts, load_rows
from titan_lint.api.changes.records import DataError, load_record
from titan_lint.api.changes.rows import (
    KINDS,
    AttributeChange,
    Change,
    DefaultChange,
    FlavorChange,
    ImportChange,
    KeywordChange,
    ReplacedChange,
    RequiredChange,
)

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*DATA.glob("*.json"), *facts.DATA.glob("*.json")])

BASE = {"id": "C1", "commit": "0123456789"[:9], "day": "2026-01-01"}
KEYWORD = {
    **BASE,
    "old": {"of": ["torchtitan.a.F"], "keywords": ["x"]},
    "new": {"rename": "y"},
    "applicability": "safe",
    "reshape": "rename",
    "note": "it is called `y`",
}
REPLACED = {
    **BASE,
    "old": {"of": ["torchtitan.a.F"]},
    "new": {
        "needs": [],
        "module": "torchtitan.b",
        "default": "full",
        "policies": {"full": {"name": "Full", "keeps": {"a": "b"}}, "none": None},
        "harmless": {},
    },
    "reshape": "checkpointing",
}
REQUIRED = {
    **BASE,
    "old": {"of": ["torchtitan.a.F"], "parameter": "x"},
    "new": {"position": 1},
    "reshape": "name_argument",
}
ATTRIBUTE = {**BASE, "old": {"classes": ["torchtitan.a.C"], "names": ["x"]}}
IMPORT = {**BASE, "old": {"paths": ["torchtitan.a"]}, "reshape": "train_spec"}
DEFAULT = {**BASE, "old": {"of": ["torchtitan.a.F"], "parameter": "x"}}
FLAVOR = {**BASE, "old": {"of": ["torchtitan.a"], "flavors": ["x"]}, "new": {"flavors": {"x": "y"}}}

GOOD: list[tuple[type[Change], dict[str, Any]]] = [
    (KeywordChange, KEYWORD),
    (ReplacedChange, REPLACED),
    (RequiredChange, REQUIRED),
    (AttributeChange, ATTRIBUTE),
    (ImportChange, IMPORT),
    (DefaultChange, DEFAULT),
    (FlavorChange, FLAVOR),
]

GONE = object()

# What is changed in a good row, and what the error says after the file and the row.
WRONG: list[tuple[type[Change], dict[str, Any], str, object, str]] = [
    (KeywordChange, KEYWORD, "kind", "keyword", "kind: no such key; there are `id`, `commit`, "),
    (KeywordChange, KEYWORD, "old.keyword", ["x"], "old.keyword: no such key; there are `of`, "),
    (KeywordChange, KEYWORD, "old.keywords", GONE, "old: missing `keywords`"),
    (KeywordChange, KEYWORD, "old.keywords", "x", 'old.keywords: "x" is no array'),
    (KeywordChange, KEYWORD, "old.keywords", ["x", 1], "old.keywords: 1 is no string"),
    (KeywordChange, KEYWORD, "old", ["x"], 'old: ["x"] is no object'),
    (KeywordChange, KEYWORD, "old", GONE, "missing `old`"),
    (KeywordChange, KEYWORD, "commit", GONE, "missing `commit`"),
    (KeywordChange, KEYWORD, "day", 20260101, "day: 20260101 is no string"),
    (KeywordChange, KEYWORD, "note", None, "note: null is no string"),
    (
        KeywordChange,
        KEYWORD,
        "applicability",
        "sure",
        'applicability: "sure" is none of `safe`, `unsafe`',
    ),
    (
        KeywordChange,
        KEYWORD,
        "reshape",
        "renam",
        "reshape: 'renam' is unknown; known are `rename`, `drop`, `move_keyword`, `param_groups`",
    ),
    (KeywordChange, KEYWORD, "reshape", GONE, "new: no `reshape` says how to read it"),
    (KeywordChange, KEYWORD, "reshape", "drop", "new.rename: no such key; there are `drop`, "),
    (KeywordChange, KEYWORD, "new", GONE, "missing `new`, which `reshape` is about"),
    (KeywordChange, KEYWORD, "new.values", {"True": "a"}, 'new.values.True: "a" is no array'),
    (ReplacedChange, REPLACED, "reshape", GONE, "missing `reshape`, which says how to write `new`"),
    (
        ReplacedChange,
        REPLACED,
        "new.policies.full.keeps.a",
        1,
        "new.policies.full.keeps.a: 1 is no string",
    ),
    (ReplacedChange, REPLACED, "new.policies.full.name", GONE, "new.policies.full: missing `name`"),
    (RequiredChange, REQUIRED, "new.position", "0", 'new.position: "0" is no integer'),
    (RequiredChange, REQUIRED, "new.position", True, "new.position: true is no integer"),
    (
        AttributeChange,
        ATTRIBUTE,
        "new",
        {"unwrap": 1},
        "new.unwrap: 1 is neither true nor false",
    ),
    (AttributeChange, ATTRIBUTE, "reshape", "fill", "reshape: 'fill' is unknown; known are none"),
    (ImportChange, IMPORT, "reshape", ["train_spec"], "reshape: ['train_spec'] is unknown; known"),
    (DefaultChange, DEFAULT, "new", {}, "new: {} is given, and nothing may be"),
    (FlavorChange, FLAVOR, "new", GONE, "missing `new`"),
]


@pytest.fixture(scope="module")
def schemas() -> ModuleType:
    spec = importlib.util.spec_from_file_location("schemas", ROOT / "scripts" / "schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def changed(row: dict[str, Any], key: str, value: object) -> dict[str, Any]:
    """A copy of a row with another value, or none, at a path of keys."""
    made = copy.deepcopy(row)
    *parents, last = key.split(".")
    place = made
    for parent in parents:
        place = place[parent]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return made


def written(tmp_path: Path, kind: type[Change], *rows: object) -> Path:
    path = tmp_path / f"{kind.file}.json"
    path.write_text(json.dumps({"rows": rows}))
    return path


def schema_of(name: str) -> jsonschema.Draft7Validator:
    path = ROOT / "titan_lint" / "api" / "changes" / "schemas" / f"{name}.json"
    document = json.loads(path.read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(document)
    return jsonschema.Draft7Validator(document)


@pytest.mark.parametrize(("kind", "row"), GOOD, ids=lambda v: getattr(v, "__name__", ""))
def test_a_good_row_is_read(tmp_path: Path, kind: type[Change], row: dict[str, Any]) -> None:
    (made,) = load_rows(kind, written(tmp_path, kind, row))
    assert type(made) is kind
    assert (made.id, made.day) == ("C1", "2026-01-01")
    schema_of(kind.file).validate({"rows": [row]})


@pytest.mark.parametrize(
    ("kind", "row", "key", "value", "message"),
    WRONG,
    ids=[f"{kind.file}-{key}-{number}" for number, (kind, _, key, _, _) in enumerate(WRONG)],
)
def test_a_wrong_row_is_refused_with_its_place_and_by_the_schema(
    tmp_path: Path,
    kind: type[Change],
    row: dict[str, Any],
    key: str,
    value: object,
    message: str,
) -> None:
    wrong = changed(row, key, value)
    with pytest.raises(DataError) as error:
        load_rows(kind, written(tmp_path, kind, row, wrong))
    assert str(error.value).startswith(f"{kind.file}.json, row 2 (C1): {message}")
    assert not schema_of(kind.file).is_valid({"rows": [wrong]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "keywords.json: no JSON: "),
        ("[]", "keywords.json: not an object with `rows`, an array, and nothing else"),
        ('{"rows": [], "more": 1}', "keywords.json: not an object with `rows`, an array, and"),
        ('{"rows": [1]}', "keywords.json, row 1: 1 is no object"),
        ('{"rows": [{"id": "C7"}]}', "keywords.json, row 1 (C7): missing `commit`, `day`, `old`"),
    ],
)
def test_what_is_no_file_of_rows_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "keywords.json"
    path.write_text(text)
    with pytest.raises(DataError) as error:
        load_rows(KeywordChange, path)
    assert str(error.value).startswith(message)


def test_a_wrong_fact_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "branches.json"
    path.write_text('{"source": "x", "releases": {"0.3.0": {"after": "main@1"}}}')
    with pytest.raises(DataError, match=r"^branches\.json: releases\.0\.3\.0: missing `date`$"):
        load_record(facts.Branches, path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_names_its_schema_and_is_as_it_says(path: Path) -> None:
    data = json.loads(path.read_text("utf-8"))
    assert (path.parent / data["$schema"]).resolve().name == path.name
    schema_of(path.stem).validate(data)


def test_every_file_has_a_record_and_every_record_a_file() -> None:
    names = {kind.file for kind in KINDS} | {*facts.FILES}
    assert {path.stem for path in FILES} == names
    for name, record in facts.FILES.items():
        assert isinstance(getattr(facts, name)(), record)


def test_schemas_are_current_and_explain_every_key(schemas: ModuleType) -> None:
    made: dict[str, str] = schemas.made() | schemas.of_documents() | schemas.of_settings()
    there = {
        str(path.relative_to(ROOT))
        for each in (schemas.FOLDER, schemas.OUTPUT)
        for path in (ROOT / each).iterdir()
    }
    assert there == {*made}
    for name, text in made.items():
        assert (ROOT / name).read_text("utf-8") == text, "run `python scripts/build_docs.py`"

        def explained(value: Any) -> None:
            if isinstance(value, list):
                for item in value:
                    explained(item)
            elif isinstance(value, dict):
                if value.get("type") == "object" and "properties" in value:
                    assert all(v.get("description") for v in value["properties"].values())
                for item in value.values():
                    explained(item)

        explained(json.loads(text))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.file)
def test_every_reshape_is_a_module_that_writes_it(kind: type[Change]) -> None:
    for reshape in kind.reshapes:
        module = importlib.import_module(f"titan_lint.fixes.calls.{reshape}")
        assert hasattr(module, "rewrite_import" if kind is ImportChange else "rewrite")


def test_a_kind_reads_its_own_file_alone() -> None:
    program = """\
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from titan_lint.api import changes
from titan_lint.api.changes.rows import FlavorChange
assert changes.of_kind(FlavorChange)
print(*sorted(path.rpartition("/")[2] for path in opened if path.endswith(".json")))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["flavors.json"]
