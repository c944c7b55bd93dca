"""What a change of torchtitan breaks is held against the catalogue, and the rest is drafted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.surface.synthetic import surface
from tests.surface.test_api_command import run_api
from titan_lint.api import bundle
from titan_lint.api.changes import load_rows
from titan_lint.api.changes.drafts import breaks, files
from titan_lint.api.changes.rows import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.api.changes.rows import Change

OLD = """\
class Acme:
    def __init__(self, size, *, rate=1): ...
    def gone(self): ...
def turn(first, second=2): ...
def lost(): ...
"""


def drafts(old: str, new: str) -> dict[str, Change]:
    found = breaks(surface(init="", acme=old), surface(init="", acme=new), commit="c0ffee123")
    return {each.difference.path: each.draft for each in found if each.draft is not None}


@pytest.mark.parametrize(
    ("new", "path", "row"),
    [
        (
            OLD.replace("first", "one"),
            "torchtitan.acme.turn(first)",
            {
                "old": {"of": ["torchtitan.acme.turn"], "keywords": ["first"]},
                "new": {"rename": "one"},
                "applicability": "unsafe",
                "reshape": "rename",
            },
        ),
        (
            OLD.replace("second=2", "second=3"),
            "torchtitan.acme.turn(second)",
            {"old": {"of": ["torchtitan.acme.turn"], "parameter": "second"}},
        ),
        (
            OLD.replace("rate=1", "rate"),
            "torchtitan.acme.Acme(rate)",
            {"old": {"of": ["torchtitan.acme.Acme"], "parameter": "rate"}},
        ),
        (
            OLD.replace("    def gone(self): ...\n", ""),
            "torchtitan.acme.Acme.gone",
            {"old": {"classes": ["torchtitan.acme.Acme"], "names": ["gone"]}},
        ),
        (
            OLD.replace("def lost(): ...\n", ""),
            "torchtitan.acme.lost",
            {"old": {"paths": ["torchtitan.acme.lost"]}},
        ),
    ],
)
def test_a_row_is_drafted_for_what_differs(
    new: str, path: str, row: dict[str, object], tmp_path: Path
) -> None:
    found = drafts(OLD, new)
    ((name, document),) = files([found[path]]).items()
    assert document["rows"] == [{"id": "", "commit": "c0ffee123", "day": "", **row}]
    (tmp_path / name).write_text(json.dumps(document))
    kind = next(kind for kind in KINDS if f"{kind.file}.json" == name)
    assert files(load_rows(kind, tmp_path / name)) == {name: document}


@pytest.mark.parametrize(
    ("body", "applicability"),
    [
        ("a = 1\n    b = 2\n    c = 3\n    d = 4", "safe"),
        ("a = 1\n    b = 2\n    c = 3\n    z = 4", "unsafe"),
    ],
)
def test_a_move_is_safe_where_it_is_surely_the_same_thing(body: str, applicability: str) -> None:
    old = surface(init="", acme="class Thing:\n    a = 1\n    b = 2\n    c = 3\n    d = 4\n")
    new = surface(init="", acme="", corp=f"class Thing:\n    {body}\n")
    rows = files(e.draft for e in breaks(old, new) if e.draft is not None)["imports.json"]["rows"]
    assert rows == [
        {
            "id": "",
            "commit": "",
            "day": "",
            "old": {"paths": ["torchtitan.acme.Thing"]},
            "new": {"path": "torchtitan.corp.Thing"},
            "applicability": applicability,
        }
    ]


def test_what_the_catalogue_explains_is_not_drafted() -> None:
    old, new = bundle.load("0.2.2"), bundle.load("0.3.0")
    found = {each.difference.path: each for each in breaks(old, new)}
    moved = found["torchtitan.components.lr_scheduler.LRSchedulersContainer"]
    assert moved.row is not None
    assert moved.row.commit == "203f9a806"
    assert moved.draft is None
    assert all(each.row is None or each.draft is None for each in found.values())


def test_the_command_fails_where_the_catalogue_does_not_explain_all(tmp_path: Path) -> None:
    ran = run_api("check-break", "0.3.0", "main", "--rows", str(tmp_path / "rows"))
    assert ran.exit_code == 1
    assert "Explained by the catalogue" in ran.output
    for kind in KINDS:
        path = tmp_path / "rows" / f"{kind.file}.json"
        if path.exists():
            assert load_rows(kind, path)
    assert run_api("check-break", "0.3.0", "0.3.0").exit_code == 0
