"""A slice of the fuzzing (``python -m tests.fuzz.run`` does 10,000), and what must hold for mutations."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.check import FIXTURES, check, seeds
from tests.fuzz.mutations import ANY, HARMLESS, mutated, renamed
from tests.rules.cases import ATTENTION, ERRORS
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

SEEDS = seeds()
ENGINES = [p.read_text("utf-8") for p in sorted((FIXTURES / "engines").glob("*.py"))]
CLEAN = [p.read_text("utf-8") for p in sorted((FIXTURES / "clean").glob("*.py"))]


@pytest.mark.parametrize("part", range(8))
def test_mutated_sources_are_linted_and_fixed_without_harm(part: int) -> None:
    for case in range(part * 20, part * 20 + 20):
        random = Random(1_000_000 + case)
        check(mutated(random.choice(SEEDS), random, ANY), random)


def errors(text: str) -> list[str]:
    linted = lint(
        Source("x.py", text), codes=ATTENTION, targets=targets.parse("0.3.0"), options=Options()
    )
    assert not linted.failures
    return sorted(f.code for f in linted.findings if f.code in ERRORS)


@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_harmless_changes_make_no_new_error(text: str, random: Random) -> None:
    changed = mutated(text, random, HARMLESS)
    assert set(errors(changed)) <= set(errors(text))


@given(st.sampled_from(CLEAN), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_clean_code_stays_clean_however_it_is_wrapped(text: str, random: Random) -> None:
    assert errors(mutated(text, random, HARMLESS)) == []


@given(st.sampled_from(ENGINES), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_renaming_a_local_name_changes_no_finding(text: str, random: Random) -> None:
    assert errors(mutated(text, random, [renamed], most=2)) == errors(text)
