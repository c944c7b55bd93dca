"""Each obligation is needed: without it, a safe fix changes what some program does.

An obligation is switched off by making a fix safe that only it makes unsafe.
"""

from __future__ import annotations

import functools

import pytest

from tests.meaning import tool
from tests.meaning.generate import KINDS
from tests.meaning.run import judged
from titan_lint import rules
from titan_lint.finding import Applicability, Fix, Obligation
from titan_lint.rewriting import perform
from titan_lint.structs import replace

EACH = 8

# Kinds of programs that show what goes wrong without an obligation.
SHOWN_BY: dict[Obligation, tuple[str, ...]] = {
    Obligation.EVALUATED_THERE: ("object/critic beside the actor", "object/first of a list"),
    Obligation.SAME_VALUE: (
        "override/setattr",
        "override/same line",
        "read/choice changed outside",
    ),
    Obligation.VALUE_TAKEN: ("unfit/sdpa", "unfit/auto"),
    Obligation.MEANT_FOR_IT: ("async/one branch", "async/across functions"),
    Obligation.NO_OTHER_EFFECT: ("block/statement", "block/else"),
    Obligation.WHOLE_RENAME: ("value/compared", "flavor/compared", "legacy flavor/flavor compared"),
    Obligation.COMMENTS_STAY: ("dropped keyword/comments", "amp/plain"),
    Obligation.STATED: ("checkpointing/every second layer",),
}


def without(obligation: Obligation, monkeypatch: pytest.MonkeyPatch) -> None:
    original = perform._performed

    @functools.wraps(original)
    def performed(*arguments: object, **options: object) -> Fix:
        fix = original(*arguments, **options)  # type: ignore[arg-type]
        because = tuple(other for other in fix.because if other is not obligation)
        if fix.because and not because:
            return replace(fix, applicability=Applicability.SAFE, because=())
        return fix

    monkeypatch.setattr(perform, "_performed", performed)


def wrong_kinds(kinds: list[str]) -> set[str]:
    result = judged(kinds, range(EACH * len(kinds)))
    assert not result.broken, result.broken[0]
    return {kind for kind, _ in result.smallest}


@pytest.mark.parametrize("obligation", SHOWN_BY)
def test_a_program_goes_wrong_without_it(
    obligation: Obligation, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = [kind for kind in SHOWN_BY[obligation] if kind in KINDS]
    assert wrong_kinds(kinds) == set()
    without(obligation, monkeypatch)
    assert wrong_kinds(kinds), f"no program needs {obligation.value}"


PATCHING = """\
import torchtitan.models.deepseek_v3.model.model as model


class Mine:
    pass


model.Attention = Mine
"""


def test_what_patches_an_old_module_would_patch_another_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever reads the old path gets what is put there; in the new module nobody may look for it."""
    assert tool.fixed(PATCHING).text == PATCHING
    without(Obligation.IMPORTS_STAY, monkeypatch)
    assert "model.model" not in tool.fixed(PATCHING).text


def test_every_obligation_has_a_program_or_a_test_of_its_own() -> None:
    assert {*SHOWN_BY, Obligation.IMPORTS_STAY} == set(Obligation)


def test_every_rule_that_offers_fixes_says_what_they_rest_on() -> None:
    for code in rules.names():
        rule = rules.rule(code)
        offers = any(example.fixed is not None for example in rule.bad)
        assert bool(rule.rests_on) == offers or code == "TTN901", code
