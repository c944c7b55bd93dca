"""Where two rules could report the same thing one of them does, whichever of them are selected."""

from __future__ import annotations

import ast
import re
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.rules.precedence import ORDER
from titan_lint.uses.neighbours import Neighbours, Put, Said
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = re.compile(r"ttn\d{3}", re.IGNORECASE)
TOLD = {tokenize.COMMENT, tokenize.NAME}
CODES = [code for code in rules.names() if code != "TTN901"]

FLAVOR = """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B_varlen")
"""
OTHER_FLAVOR = FLAVOR.replace("8B_varlen", "9B")

MEMBER = """\
from torchtitan.models.llama3 import model_registry


def build(config):
    spec = model_registry(config.flavor)
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = config.attn_type
    return spec
"""
BARE_MEMBER = """\
from torchtitan.models.llama3 import model_registry


def build(config):
    spec = model_registry(config.flavor)
    spec.model.layer.attention.attn_backend = config.attn_type
    return spec
"""
OTHER_MEMBER = BARE_MEMBER.replace(".layer.attention.attn_backend", ".n_layers")

BACKEND = """\
from torchtitan.models.common.attention import create_varlen_metadata_for_document
from torchtitan.models.llama3 import model_registry


def build(config, positions):
    spec = model_registry("8B")
    spec.model.layer.attention.attn_backend = config.attn_type
    return spec.model.build(), create_varlen_metadata_for_document(positions)
"""
OTHER_BACKEND = """\
from torchtitan.models.common.attention import create_varlen_metadata_for_document
from torchtitan.models.llama3 import model_registry


def build(positions):
    model = model_registry("8B", attn_backend="flex").model.build()
    return model, create_varlen_metadata_for_document(positions)
"""
DEFAULT = OTHER_BACKEND.replace(', attn_backend="flex"', "")

OVERRIDE = """\
from torchtitan.models.llama3 import Llama3Model


class Config(Llama3Model.Config):
    def update_from_config(self, *, trainer_config):
        self.dim = trainer_config.dim
"""
OTHER_OVERRIDE = OVERRIDE.replace("trainer_config", "settings")

# The rule behind, those that stand first, code where both could report, code where the rule behind does.
CASES = [
    ("TTN402", {"TTN105"}, FLAVOR, OTHER_FLAVOR),
    ("TTN203", {"TTN103"}, MEMBER, OTHER_MEMBER),
    ("TTN203", {"TTN102"}, BARE_MEMBER, OTHER_MEMBER),
    ("TTN104", {"TTN101"}, BACKEND, OTHER_BACKEND),
    ("TTN306", {"TTN301"}, OVERRIDE, OTHER_OVERRIDE),
]
cases = pytest.mark.parametrize(("behind", "first", "both", "alone"), CASES)


def found(text: str, codes: list[str]) -> list[str]:
    linted = lint(
        Source("a.py", text), codes=codes, targets=targets.parse("0.3.0"), options=Options()
    )
    assert not linted.failures
    return [finding.code for finding in linted.findings]


@cases
def test_the_first_rule_reports_and_the_other_is_silent(
    behind: str, first: set[str], both: str, alone: str
) -> None:
    codes = found(both, CODES)
    assert first <= set(codes)
    assert behind not in codes


@cases
def test_a_rule_behind_is_silent_also_where_the_first_is_not_selected(
    behind: str, first: set[str], both: str, alone: str
) -> None:
    assert found(both, [behind]) == []


@cases
def test_a_rule_behind_reports_what_the_first_does_not(
    behind: str, first: set[str], both: str, alone: str
) -> None:
    assert found(alone, [behind]) == [behind]
    assert behind in found(alone, CODES)


@cases
def test_a_rule_that_stands_first_reports_when_it_is_selected_alone(
    behind: str, first: set[str], both: str, alone: str
) -> None:
    (code,) = first
    assert set(found(both, [code])) == first


def test_each_line_of_the_table_names_rules_and_is_tested() -> None:
    assert {line.behind for line in ORDER} == {behind for behind, *_ in CASES}
    for line in ORDER:
        assert {*line.first, line.behind} <= rules.names().keys()
        tested = [first for behind, first, *_ in CASES if behind == line.behind]
        assert set(line.first) == set().union(*tested)


def test_no_rule_knows_another() -> None:
    def told(path: Path) -> Iterator[str]:
        """Comments, names, imports and docstrings; what users read of a rule may name others."""
        text = path.read_text(encoding="utf-8")
        with tokenize.open(path) as lines:
            yield from (
                t.string for t in tokenize.generate_tokens(lines.readline) if t.type in TOLD
            )
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.Module):
                yield ast.get_docstring(node) or ""

    for path in sorted(Path(rules.__file__).parent.glob("ttn*.py")):
        mine = path.stem.partition("_")[0]
        named = {code.lower() for text in told(path) for code in CODE.findall(text)}
        assert named <= {mine}, path.name


def test_the_default_of_a_registry_that_the_project_replaces_is_not_held_against_masks() -> None:
    def codes(*replaced: str) -> list[str]:
        said = Said({}, tuple(map(Put, replaced)), frozenset())
        options = Options(neighbours=Neighbours(lambda: said))
        linted = lint(
            Source("a.py", DEFAULT), codes=CODES, targets=targets.parse("0.3.0"), options=options
        )
        return [finding.code for finding in linted.findings]

    assert "TTN104" in codes()
    assert "TTN104" not in codes("torchtitan.models.llama3.model_registry")
