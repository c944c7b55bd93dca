"""A slice of the programs that are right at every release; ``python -m tests.guarded.run`` runs more."""

from __future__ import annotations

import pytest

from tests.guarded.generate import RELEASES, program
from tests.rules.cases import every_message

SLICE = 60


@pytest.mark.parametrize("release", RELEASES)
def test_correct_programs_that_support_several_torchtitans_are_left_alone(release: str) -> None:
    flagged = {seed: every_message(program(seed), release) for seed in range(SLICE)}
    assert {seed: said for seed, said in flagged.items() if said} == {}


@pytest.mark.parametrize("release", ["0.2.2", "0.3.0"])
def test_the_same_programs_without_their_guards_are_flagged(release: str) -> None:
    """Both ways of a program at once are never right: one of them is of another torchtitan."""
    flagged = 0
    for seed in range(20):
        text = program(seed)
        uses = [line for line in text.splitlines() if line.strip().startswith("import torchtitan.")]
        both = "\n".join([*uses, "print(m0.build_optimizers, m0.default_adamw)"])
        flagged += bool(every_message(both + "\n", release))
    assert flagged == 20
