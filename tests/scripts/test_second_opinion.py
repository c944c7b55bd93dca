"""`scripts/second_opinion.py`: whose opinion is whose, and what is left of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .load import script

if TYPE_CHECKING:
    from pathlib import Path

second_opinion = script("second_opinion")
Opinion = second_opinion.Opinion

CODE = """\
import os, torchtitan.config
from torchtitan.trainer import (
    Trainer,
    gone,
)
from . import torchtitan
made = Trainer(1)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(CODE)
    return tmp_path


def opinion(by: str, line: int, *, kind: str = "import", end: int = 0, rule: str = "r") -> Any:
    return Opinion(by, rule, kind, "a.py", line, end or line, "no `gone`")


def test_opinions_on_the_same_lines_are_one(tree: Path) -> None:
    ours = [opinion("titan-lint", 2, kind="error", end=5, rule="TTN201")]
    found = second_opinion.compare(tree, ours, [opinion("ty", 4), opinion("pyright", 4)])
    assert found == {
        "counts": {"both: pyright": 1, "both: titan-lint": 1, "both: ty": 1},
        "left": [],
    }


def test_a_module_that_is_not_there_is_an_opinion_on_all_names_of_its_import(tree: Path) -> None:
    wide = second_opinion.widened(opinion("ty", 2), tree)
    assert (wide.line, wide.end) == (2, 5)
    attribute = opinion("ty", 4, kind="attribute")
    assert second_opinion.widened(attribute, tree) == attribute


def test_an_opinion_on_a_call_is_one_on_its_statement(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f():\n    g(\n        1,\n    )\n")
    wide = second_opinion.widened(opinion("ty", 2, kind="missing argument"), tmp_path)
    assert (wide.line, wide.end) == (2, 4)
    head = opinion("ty", 1, kind="keyword")
    assert second_opinion.widened(head, tmp_path) == head


def test_what_one_side_says_alone_is_left_with_its_line(tree: Path) -> None:
    ours = [opinion("titan-lint", 7, kind="error", rule="TTN302")]
    found = second_opinion.compare(tree, ours, [opinion("ty", 4)])
    assert found["counts"] == {"only: titan-lint: TTN302": 1, "only: ty: import": 1}
    assert [(one["by"], one["source"]) for one in found["left"]] == [
        ("ty", "gone,"),
        ("titan-lint", "made = Trainer(1)"),
    ]


def test_infos_answer_a_type_checker_and_ask_for_no_answer(tree: Path) -> None:
    ours = [opinion("titan-lint", line, kind="info", rule="TTN201") for line in (4, 7)]
    found = second_opinion.compare(tree, ours, [opinion("ty", 4)])
    assert found == {"counts": {"both: ty": 1}, "left": []}


def test_what_no_type_checker_looks_at_is_counted_apart(tree: Path) -> None:
    ours = [opinion("titan-lint", 7, kind="warning", rule="TTN403")]
    found = second_opinion.compare(tree, ours, [])
    assert found == {"counts": {"no matter of types: TTN403": 1}, "left": []}


def test_an_explained_opinion_is_not_left(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = second_opinion.Explained("ty|pyright", "r", "gone", "it comes later", source="gone")
    monkeypatch.setattr(second_opinion, "LIMITS", (known,))
    found = second_opinion.compare(tree, [], [opinion("ty", 4), opinion("ty", 7)])
    assert found["counts"] == {"explained: ty: it comes later": 1, "only: ty: import": 1}


def test_a_member_that_was_missed_before_is_no_change(tree: Path) -> None:
    said = [
        opinion("ty", line, kind="attribute")._replace(message=f"`X` has no attribute `{name}`")
        for line, name in ((1, "own"), (4, "gone"))
    ]
    before = {second_opinion.member(said[0]._replace(line=9, message="`Y` has no attribute `own`"))}
    found = second_opinion.compare(tree, [], said, before)
    assert found["counts"] == {
        f"explained: ty: {second_opinion.AS_BEFORE}": 1,
        "only: ty: attribute": 1,
    }
    assert second_opinion.member(opinion("ty", 1)) is None


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        ("except ImportError:\n    x = None", True),
        ("except (KeyError, ModuleNotFoundError):\n    x = None", True),
        ("except:\n    x = None", True),
        ("except Exception as e:\n    raise KeyError from e", False),
        ("except KeyError:\n    x = None", False),
        ("finally:\n    x = None", False),
    ],
)
def test_an_import_is_caught_by_who_goes_on_without_it(
    handler: str, expected: bool, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text(f"try:\n    import x\n{handler}\nimport y\n")
    assert second_opinion.is_caught(tmp_path / "a.py", 2) is expected
    assert second_opinion.is_caught(tmp_path / "a.py", 6) is False


@pytest.mark.parametrize(
    ("line", "kind", "elsewhere", "expected"),
    [
        (1, "import", set(), True),
        (4, "import", {("a.py", "r", "no `gone`")}, True),
        (6, "import", set(), True),
        (6, "import", {("a.py", "r", "no `gone`")}, False),
        (7, "import", set(), True),
        (7, "attribute", set(), True),
        (7, "attribute", {("a.py", "r", "no `gone`")}, False),
    ],
)
def test_an_opinion_is_of_torchtitan_where_it_depends_on_it(
    tree: Path, line: int, kind: str, elsewhere: set[tuple[str, str, str]], expected: bool
) -> None:
    one = opinion("ty", line, kind=kind)
    assert second_opinion.is_of_torchtitan(one, tree, elsewhere) is expected


def test_results_are_added_to_those_before(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    result = {"tree": "a", "torchtitan": "0.3.0", "stage": "--fix", "checkers": ["ty"]}
    for counts in ({"both: ty": 1}, {"both: ty": 2}):
        second_opinion.write(path, [result | {"counts": counts, "left": []}])
    second_opinion.write(path, [result | {"stage": "as it is", "counts": {}, "left": []}])
    assert path.read_text().count('"tree"') == 2
    assert '"both: ty": 2' in path.read_text()


def test_what_was_left_is_explained_by_a_reason_that_came_later() -> None:
    known = second_opinion.Explained("ty", "", "no `gone`", "a reason", source=r"^gone")
    found = {
        "counts": {"only: ty: import": 2},
        "left": [
            opinion("ty", line)._asdict() | {"source": text}
            for line, text in ((4, "gone,"), (7, "x"))
        ],
    }
    result = second_opinion.settled(found, (known,))
    assert result["counts"] == {"only: ty: import": 1, "explained: ty: a reason": 1}
    assert [one["source"] for one in result["left"]] == ["x"]
    caught = known._replace(is_caught=True)  # The line is not at hand.
    assert second_opinion.settled(found, (caught,)) == found


def test_what_a_checker_says_truly_is_missed_and_counts_against_titan_lint() -> None:
    unseen = second_opinion.Explained("ty", "", "no `gone`", "too deep", "^gone", is_real=True)
    found = {
        "tree": "a",
        "stage": "as it is",
        "day": "2026-11-30",
        "checkers": ["ty"],
        "counts": {
            "both: ty": 6,
            "both: titan-lint": 4,
            "explained: ty: its own": 5,
            "explained: titan-lint: a string": 1,
            "only: ty: import": 2,
        },
        "left": [
            opinion("ty", line)._asdict() | {"source": text}
            for line, text in ((4, "gone,"), (7, "x"))
        ],
    }
    result = second_opinion.settled(found, (unseen,))
    assert result["counts"]["unseen: ty: too deep"] == 1
    said = second_opinion.recall([result, result | {"stage": "--fix"}])
    assert "titan-lint reports 6 of the 8 (75.0%) that ty reports" in said
    assert "of the 5 that titan-lint reports" in said
    assert "at least one of them reports 4 (80.0%)" in said
    assert said.endswith("Run on 2026-11-30.")
