"""``titan-lint rule`` explains."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from titan_lint import rules

if TYPE_CHECKING:
    from tests.projects import TitanLint


@pytest.mark.parametrize("name", ["TTN901", "ttn901", "unused-noqa"])
def test_a_rule_is_found_by_code_and_name(titan_lint: TitanLint, name: str) -> None:
    ran = titan_lint("rule", name)
    assert ran.status == 0
    assert ran.out.startswith("# unused-noqa (TTN901)\n")


def test_all_rules_are_explained(titan_lint: TitanLint) -> None:
    text = titan_lint("rule", "--all").out
    listed = json.loads(titan_lint("rule", "--all", "--output-format=json").out)
    assert [rule["code"] for rule in listed] == list(rules.names())
    for rule in listed:
        assert rule["explanation"] in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["TTN902"], "there is no rule 'TTN902'; did you mean"),
        ([], "give a rule, or --all for all of them;"),
        (["TTN901", "--all"], "give 'TTN901' or --all, not both;"),
    ],
)
def test_anything_else_is_a_mistake(
    titan_lint: TitanLint, arguments: list[str], message: str
) -> None:
    ran = titan_lint("rule", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err
