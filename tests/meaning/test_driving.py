"""Programs of other tests, judged by what they mean: fuzzed ones, hostile ones, examples, fixtures."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz.check import seeds
from tests.fuzz.mutations import ANY, mutated
from tests.meaning.driving import driven
from tests.meaning.program import Program
from tests.meaning.properties import (
    Fixing,
    each_part_does_what_was_meant,
    is_accounted_for,
    keeps_the_header,
    parses,
)
from tests.meaning.standin import Age
from tests.robustness import test_bytes as hostile_bytes
from tests.robustness import test_growth as growth
from tests.robustness.command import HIT

SEEDS = seeds()
FUZZED = 160
# Those of tests/robustness, as small as they may be.
HOSTILE = {
    **{name: growth.IMPORT + make(8) for name, make in (growth.SHAPES | growth.SQUARE).items()},
    **{name: HIT + text.decode() for name, text in hostile_bytes.NESTED.items()},
    **{
        case.name: case.data.decode()
        for case in hostile_bytes.CHECKED
        if b"coding" not in case.data and not case.data.startswith(b"\xef")
    },
}


def problems(text: str) -> list[str]:
    """What is wrong with the safe fixes of a text."""
    fixing = Fixing(Program("driven", text))
    if not fixing.changed:
        return []
    holds = (parses, each_part_does_what_was_meant, keeps_the_header, is_accounted_for)
    found = [problem for hold in holds if (problem := hold(fixing))]
    return [f"{problem}\n\n{fixing.after}" for problem in found]


@pytest.mark.parametrize("part", range(4))
def test_fuzzed_programs_keep_their_meaning(part: int) -> None:
    """The programs that ``tests/fuzz`` mutates, with the same seeds."""
    for case in range(part * FUZZED // 4, (part + 1) * FUZZED // 4):
        random = Random(1_000_000 + case)
        text = mutated(random.choice(SEEDS), random, ANY)
        assert not problems(text), case


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_programs_keep_their_meaning(name: str) -> None:
    assert not problems(HOSTILE[name])


@pytest.mark.parametrize("part", range(4))
def test_examples_and_fixtures_keep_their_meaning(part: int) -> None:
    for text in SEEDS[part::4]:
        assert not problems(text)


def test_most_of_what_is_fixed_is_run() -> None:
    """A part that fails at once would say nothing."""
    ran = failed = 0
    for text in SEEDS[::4]:
        fixing = Fixing(Program("driven", text))
        if fixing.changed:
            for part in driven(fixing.after, Age.NEW).values():
                ran += not part.error
                failed += bool(part.error)
    assert ran > 3 * failed


ENGINE = """\
from torchtitan.models.llama3 import model_registry


class Engine:
    def __init__(self, config):
        self.config = config
        spec = model_registry(config.flavor)
        if hasattr(spec.model, "layer"):
            spec.model.layer.attention.attn_backend = self.config.attn_type
        self.model = build(spec)

    def other(self):
        return helper(self.config)
"""
FIXED = ENGINE.replace(
    "(config.flavor)", "(config.flavor, attn_backend=self.config.attn_type)"
).replace(
    """\
        if hasattr(spec.model, "layer"):
            spec.model.layer.attention.attn_backend = self.config.attn_type
""",
    "",
)


@pytest.mark.parametrize(
    ("after", "right"),
    [
        pytest.param(ENGINE, True, id="left"),
        pytest.param(FIXED, True, id="fixed"),
        pytest.param(FIXED.replace("attn_backend=self.config.attn_type", ""), False, id="lost"),
        pytest.param(FIXED.replace("self.config.attn_type", '"flex"'), False, id="another backend"),
        pytest.param(FIXED.replace("helper(", "helper(1, "), False, id="another call"),
        pytest.param(FIXED.replace("build(spec)", "spec"), False, id="a call less"),
        pytest.param(FIXED.replace("other", "renamed"), False, id="a method less"),
    ],
)
def test_a_wrong_fix_of_a_part_is_seen(after: str, right: bool) -> None:
    fixing = Fixing(Program("driven", ENGINE))
    fixing.after = after
    assert (each_part_does_what_was_meant(fixing) == "") is right
