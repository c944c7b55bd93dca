"""Where code must fit several torchtitans, no fix for one of them breaks it at another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.fix import fix
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.finding import Applicability, Obligation
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from tests.projects import TitanLint
    from titan_lint.finding import Finding

FLAVOR = """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B_varlen")
"""

BACKEND = """\
from torchtitan.config import ParallelismConfig

config = ParallelismConfig(spmd_backend="default")
"""

DEGREE = """\
from torchtitan.config import ParallelismConfig

config = ParallelismConfig(expert_tensor_parallel_degree=1)
"""

OPTIMIZER = """\
from torchtitan.components.optimizer import OptimizersContainer

config = OptimizersContainer.Config(name="AdamW", lr=1e-4)
"""

CODES = [code for code in rules.names() if code != "TTN901"]


def found(text: str, *asked: str, legacy_guard: bool = False) -> list[Finding]:
    options = Options(legacy_guard=legacy_guard)
    made = targets.parse_all(asked)
    return lint(Source("engine.py", text), codes=CODES, targets=made, options=options).findings


def of(findings: list[Finding], code: str) -> Finding:
    (finding,) = (finding for finding in findings if finding.code == code)
    return finding


@pytest.mark.parametrize(
    ("text", "old", "code", "breaks"),
    [
        (FLAVOR, "0.2.2", "TTN105", "TTN108 at torchtitan 0.2.2"),
        (BACKEND, "2026-06-26", "TTN401", "TTN401 at torchtitan main of 2026-06-26 (fcbcb6d53)"),
        (OPTIMIZER, "2026-04-18", "TTN301", "TTN301 at torchtitan main of 2026-04-18 (7cec16600)"),
    ],
)
def test_a_fix_that_breaks_another_target_is_withheld_and_the_message_says_why(
    text: str, old: str, code: str, breaks: str
) -> None:
    assert of(found(text, "0.3.0"), code).fix is not None
    for asked in ((old, "0.3.0"), ("0.3.0", old)):
        finding = of(found(text, *asked), code)
        assert finding.fix is None
        assert f"; no fix is offered: the fixed code would have {breaks} (" in finding.said


def test_a_guard_makes_the_fix_right_again() -> None:
    finding = of(found(FLAVOR, "0.2.2", "0.3.0", legacy_guard=True), "TTN105")
    assert finding.fix is not None
    assert "no fix" not in finding.said


def test_a_fix_that_is_right_everywhere_stays() -> None:
    for text, code in ((FLAVOR, "TTN105"), (BACKEND, "TTN401"), (OPTIMIZER, "TTN301")):
        finding = of(found(text, "0.3.0", "2026-08-21"), code)
        assert finding.fix is not None
        assert "no fix" not in finding.said
        assert len(finding.targets) == 2


def test_what_a_fix_brings_out_at_all_targets_is_for_the_next_pass() -> None:
    text = (
        "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
        "config = LRSchedulersContainer.Config(no_such_setting=1)\n"
    )
    made = found(text, "0.3.0", "2026-08-21")
    assert of(made, "TTN202").fix is not None


@pytest.mark.parametrize("text", [FLAVOR, BACKEND, DEGREE, OPTIMIZER])
@pytest.mark.parametrize("old", ["0.2.2", "2026-04-18", "2026-06-26"])
def test_fixing_adds_no_finding_at_any_target(text: str, old: str) -> None:
    asked = (old, "0.3.0")
    fixed = fix(
        Source("engine.py", text),
        codes=CODES,
        targets=targets.parse_all(asked),
        options=Options(),
        unsafe=True,
    )
    for target in asked:
        before = [finding.code for finding in found(text, target)]
        after = [finding.code for finding in found(fixed.source.text, target)]
        assert len(after) <= len(before), (target, fixed.source.text)


def test_a_specifier_is_several_targets(titan_lint: TitanLint) -> None:
    command = ("--isolated", "--fix", "-")
    ran = titan_lint("--torchtitan", ">=0.2.2", *command, stdin=FLAVOR.encode())
    assert ran.out == FLAVOR
    assert "no fix is offered: the fixed code would have TTN108 at torchtitan 0.2.2" in ran.err
    ran = titan_lint("--torchtitan", ">=0.3.0", *command, stdin=FLAVOR.encode())
    assert 'model_registry("8B", attn_backend="varlen")' in ran.out


SDPA = """\
from torchtitan.models.llama3 import model_registry


def load(attn_type="sdpa"):
    spec = model_registry("8B")
    spec.model.layer.attention.attn_backend = attn_type
    return spec
"""


def test_a_default_that_another_target_refuses_takes_the_fix_away() -> None:
    finding = of(found(SDPA, "main@c4b409af2", "0.3.0"), "TTN101")
    assert finding.fix is None
    assert any("TTN106 at torchtitan 0.3.0" in note for note in finding.notes)


@pytest.mark.parametrize("asked", [("0.3.0", "main@c4b409af2"), ("0.3.0",)])
def test_what_is_not_shown_at_one_target_makes_a_fix_unsafe_for_all(asked: tuple[str, ...]) -> None:
    finding = of(found(SDPA, *asked), "TTN101")
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    assert finding.fix.because == (Obligation.VALUE_TAKEN,)


READ = """\
from torchtitan.models.llama3 import model_registry
from torchtitan.trainer import Trainer


class Engine:
    def __init__(self, attn_type):
        self.attn_type = attn_type
        spec = model_registry("8B")
        if hasattr(spec.model, "layer"):
            spec.model.layer.attention.attn_backend = self.attn_type
        self.trainer = Trainer(Trainer.Config(model_spec=spec))

    def backend(self):
        return self.trainer.model_config.layer.attention.attn_backend
"""


@pytest.mark.parametrize(
    ("others", "safe"),
    [((), True), (("main",), True), (("0.2.2",), False), (("2026-03-15",), False)],
)
def test_a_backend_is_read_off_a_choice_only_where_the_call_can_pass_it_everywhere(
    others: tuple[str, ...], safe: bool
) -> None:
    """Else the model has the default, and who read that finds the choice: loud turns into silent."""
    done = fix(
        Source("engine.py", READ),
        codes=("TTN101", "TTN102", "TTN103", "TTN108", "TTN201"),
        targets=targets.parse_all(["0.3.0", *others]),
        options=Options(),
    )
    assert ("return self.attn_type" in done.source.text) == safe
    assert ("attn_backend=self.attn_type" in done.source.text) == safe
