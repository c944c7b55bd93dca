"""TTN401: literals that the target takes no more."""

from __future__ import annotations

import pytest

from tests.fixing import fix_text
from tests.rules.cases import found, messages
from titan_lint.finding import Severity

CALL = "from torchtitan.config import ParallelismConfig\np = ParallelismConfig(spmd_backend={})\n"


def test_a_renamed_value_is_rewritten_in_the_quotes_of_the_file() -> None:
    fixed = fix_text(CALL.format("'default'"), select=["TTN401"])
    assert fixed.source.text == CALL.format("'partial_dtensor'")


@pytest.mark.parametrize(
    "value", ["'partial_dtensor'", "'spmd_types'", "backend", "f'{x}'", "get('default')"]
)
def test_values_that_are_taken_or_unknown_are_left_alone(value: str) -> None:
    assert messages("TTN401", CALL.format(value)) == []


@pytest.mark.parametrize(("torchtitan", "found"), [("0.3.0", 1), ("2026-06-10", 0)])
def test_a_value_is_gone_only_where_it_is_gone(torchtitan: str, found: int) -> None:
    assert len(messages("TTN401", CALL.format("'default'"), torchtitan)) == found


def test_a_field_of_another_class_takes_what_it_likes() -> None:
    text = (
        "from torchtitan.trainer import Trainer\n"
        "def f(config, mine: Trainer.Config):\n    config.parallelism.spmd_backend = 'default'\n"
    )
    assert messages("TTN401", text) == []


@pytest.mark.parametrize(
    ("cls", "severity"), [("ParallelDims", Severity.WARNING), ("ParallelismConfig", Severity.ERROR)]
)
def test_a_value_that_an_annotation_alone_refuses_is_a_warning(
    cls: str, severity: Severity
) -> None:
    """`ParallelismConfig` checks it, `ParallelDims` takes what it is given."""
    module = "distributed" if cls == "ParallelDims" else "config"
    given = "dp_replicate=1, dp_shard=1, cp=1, tp=1, pp=1, ep=1, world_size=1, "
    text = (
        f"from torchtitan.{module} import {cls}\n"
        f"{cls}({given if cls == 'ParallelDims' else ''}spmd_backend='full_dtensor')\n"
    )
    (finding,) = found("TTN401", text, "main", ("TTN401",))
    assert finding.severity is severity
    assert found("TTN401", text, "0.3.0", ("TTN401",)) == []


COMPARED = """\
from torchtitan.trainer import Trainer


def run(config: Trainer.Config, other):
    {}
"""


@pytest.mark.parametrize(
    "asked",
    [
        "return config.parallelism.spmd_backend == 'default'",
        "return config.parallelism.spmd_backend != 'default'",
        "return 'default' == config.parallelism.spmd_backend",
        "return config.parallelism.spmd_backend in ('default', 'spmd_types')",
        "return config.parallelism.spmd_backend not in ['default']",
        "backend = config.parallelism.spmd_backend; return backend == 'default'",
        "old = 'default'; return config.parallelism.spmd_backend == old",
        "match config.parallelism.spmd_backend:\n        case 'full' | 'default': return 1",
        "match config.parallelism.spmd_backend:\n        case 'default' as old: return old",
    ],
)
def test_a_comparison_with_what_has_a_new_name_is_a_warning(asked: str) -> None:
    (finding,) = found("TTN401", COMPARED.format(asked), "0.3.0", ("TTN401",))
    assert finding.severity is Severity.WARNING
    assert '`spmd_backend` is never `"default"`' in finding.message
    assert found("TTN401", COMPARED.format(asked), "2026-06-10", ("TTN401",)) == []


@pytest.mark.parametrize(
    "asked",
    [
        "return config.parallelism.spmd_backend == 'spmd_types'",
        "return config.parallelism.spmd_backend == 'of_a_plugin'",
        "return config.parallelism.spmd_backend in ('default', 'partial_dtensor')",
        "return other.parallelism.spmd_backend == 'default'",
        "return (config if other else other).parallelism.spmd_backend == 'default'",
        "return config.parallelism.spmd_backend < 'default'",
        "old = ['default']; old.append(1); return config.parallelism.spmd_backend in old",
        "return 'default' in config.parallelism.spmd_backend",
        "if False: return config.parallelism.spmd_backend == 'default'",
        "match config.parallelism.spmd_backend:\n        case str('default'): return 1",
    ],
)
def test_a_comparison_that_may_hold_or_that_knows_the_new_name_is_left_alone(asked: str) -> None:
    assert messages("TTN401", COMPARED.format(asked)) == []


@pytest.mark.parametrize(
    "copied",
    [
        "return dataclasses.replace(config.parallelism, spmd_backend='default')",
        "return copy.replace(config.parallelism, spmd_backend='default')",
        "value = 'default'; return dataclasses.replace(config.parallelism, spmd_backend=value)",
        "return swap(config.parallelism, spmd_backend='default')",
        "made = config.parallelism; return swap(made, spmd_backend='default')",
    ],
)
def test_a_copy_takes_what_the_constructor_takes(copied: str) -> None:
    text = "import copy, dataclasses\nfrom dataclasses import replace as swap\n"
    (finding,) = found("TTN401", text + COMPARED.format(copied), "0.3.0", ("TTN401",))
    assert finding.severity is Severity.ERROR
    assert messages("TTN401", text + COMPARED.format(copied), "2026-06-10") == []


@pytest.mark.parametrize(
    "copied",
    [
        "return dataclasses.replace(config.parallelism, spmd_backend='spmd_types')",
        "return dataclasses.replace(other, spmd_backend='default')",
        "return dataclasses.replace(config.parallelism, spmd_backend=other)",
        "return dataclasses.replace(config.parallelism if other else other, spmd_backend='default')",
    ],
)
def test_a_copy_of_another_thing_or_with_another_value_is_left_alone(copied: str) -> None:
    assert messages("TTN401", "import dataclasses\n" + COMPARED.format(copied)) == []


SPREAD = {
    "a dictionary in the call": ("p = ParallelismConfig(**{'spmd_backend': 'default'})\n", True),
    "dict() in the call": ("p = ParallelismConfig(**dict(spmd_backend='default'))\n", True),
    "a name": ("o = {'spmd_backend': 'default'}\np = ParallelismConfig(**o)\n", False),
    "dict() by a name": ("o = dict(spmd_backend='default')\np = ParallelismConfig(**o)\n", False),
}


@pytest.mark.parametrize(("text", "is_fixed"), SPREAD.values(), ids=SPREAD)
def test_a_value_in_a_dictionary_is_rewritten_where_only_the_call_gets_it(
    text: str, is_fixed: bool
) -> None:
    before = CALL.partition("p =")[0] + text
    assert len(messages("TTN401", before)) == 1
    after = fix_text(before, select=["TTN401"]).source.text
    assert after == (before.replace("'default'", "'partial_dtensor'") if is_fixed else before)


@pytest.mark.parametrize(
    "later", ["o['spmd_backend'] = mine", "o = {}", "o.pop('spmd_backend')", "mine(o)"]
)
def test_a_value_in_a_dictionary_that_may_be_another_is_left_alone(later: str) -> None:
    text = f"o = {{'spmd_backend': 'default'}}\n{later}\np = ParallelismConfig(**o)\n"
    assert messages("TTN401", CALL.partition("p =")[0] + text) == []


@pytest.mark.parametrize(
    "text",
    [
        "def f(c: Trainer.Config):\n    c.parallelism.spmd_backend = None\n",
        "Trainer.Config().parallelism.spmd_backend = None\n",
        "p = ParallelismConfig()\np.spmd_backend = None\np.spmd_backend = choose()\n",
    ],
)
def test_a_field_that_is_set_to_nothing_is_filled_later(text: str) -> None:
    head = (
        "from torchtitan.config import ParallelismConfig\nfrom torchtitan.trainer import Trainer\n"
    )
    assert messages("TTN401", head + text, "0.3.0") == []
    assert messages("TTN401", head + text.replace("None", "'default'"), "0.3.0") != []


def test_a_constructor_takes_nothing_where_it_asks_for_one_of_some_values() -> None:
    text = "from torchtitan.config import ParallelismConfig\nParallelismConfig(spmd_backend=None)\n"
    assert len(messages("TTN401", text, "0.3.0")) == 1
