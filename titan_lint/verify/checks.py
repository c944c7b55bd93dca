"""The seven checks: what an observation proves about an engine, each with its reason."""

from __future__ import annotations

import math
import typing
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from titan_lint.verify.observation import Failure, Observation, Stage, Training

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LEAK_BOUND = {"float32": 0.01, "bfloat16": 0.1}
"""Most that one document may move the other's logits.

A fraction of what it moves them by where attention is causal and knows no documents at all.
"""

ORDER_BOUND = {"float32": 0.01, "bfloat16": 0.5}
"""Most that logits may move when documents swap places, a fraction of the same.

Kernels then add in another order; in bfloat16 a router may send a token to another expert.
"""

ATTENTION_BOUND = {"float32": 1e-3, "bfloat16": 2e-2}
"""Most that a layer's attention may differ from the dense one, as relative error."""

LOGITS_BOUND = {"float32": 1e-3, "bfloat16": 5e-2}
"""Most that logits may then differ, as relative error; every layer adds its own."""

SAME_BOUND = {"float32": 1e-5, "bfloat16": 1e-2}
"""Most that the rewrite may move logits on CUDA; on the CPU they must be equal in every bit."""

EFFECT_FLOOR = 1e-3
"""A document whose own tokens change must move its logits by more than this."""

SMALL_MODEL_UNMASKED = 5e-3
"""How much documents moved each other in a model of two layers without a document mask."""

HALF_PRECISION_ATTENTION = {"varlen", "flex_flash"}
"""Attention types that compute in bfloat16 whatever the model's type."""


NOT_REACHED = "not reached"
"""How the reason of a check begins that an earlier failure left untried."""


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure beside its bound.

    Attributes:
        what: what was measured.
        value: the figure.
        bound: what it was held against.
        above: whether the figure has to be above the bound; else it may be at most that.
    """

    what: str
    value: float
    bound: float
    above: bool = False

    @property
    def holds(self) -> bool:
        """Whether the figure keeps its bound; what is no number keeps none."""
        return self.value > self.bound if self.above else self.value <= self.bound


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one engine.

    Attributes:
        name: one of :data:`CHECKS`.
        outcome: how it ended.
        reason: what was seen, in a clause.
        figures: what was measured for it, each against its bound.
    """

    name: str
    outcome: Outcome
    reason: str
    figures: tuple[Figure, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the check failed."""
        return self.outcome is Outcome.FAILED


def judge(seen: Observation, *, device: str) -> list[Check]:
    """Judge an observation: one :class:`Check` for each of :data:`CHECKS`, in that order."""
    checks: dict[str, Check] = {}
    for name, rule in _RULES.items():
        obstacle = _obstacle(seen, rule, checks)
        outcome, reason, figures = obstacle or rule.verdict(seen, device)
        checks[name] = Check(name, outcome, reason, figures)
    return list(checks.values())


def merge_ranks(ranks: Sequence[list[Check]]) -> list[Check]:
    """One check for all ranks: failed where any rank failed, naming the first that did."""
    if len(ranks) == 1:
        return ranks[0]
    merged: list[Check] = []
    for same_check in zip(*ranks, strict=True):
        rank, worst = min(enumerate(same_check), key=lambda item: _SEVERITY[item[1].outcome])
        where = f"rank {rank}: " if worst.failed else f"on {len(ranks)} ranks: "
        merged.append(Check(worst.name, worst.outcome, where + worst.reason, worst.figures))
    return merged


_SEVERITY = {Outcome.FAILED: 0, Outcome.NOT_APPLICABLE: 1, Outcome.PASSED: 2}

_Verdict = tuple[Outcome, str, tuple[Figure, ...]]


def _passed(reason: str, *figures: Figure) -> _Verdict:
    return Outcome.PASSED, reason, figures


def _failed(reason: str, *figures: Figure) -> _Verdict:
    return Outcome.FAILED, reason, figures


def _not_applicable(reason: str, *figures: Figure) -> _Verdict:
    return Outcome.NOT_APPLICABLE, reason, figures


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a check is decided.

    Attributes:
        verdict: decides it from a complete observation.
        owns: the stages whose failure is this check's failure.
        after: the stage that the run must have got through, where the check owns none.
        needs: an earlier check without which this one would only repeat its failure.
    """

    verdict: Callable[[Observation, str], _Verdict]
    owns: tuple[Stage, ...] = ()
    after: Stage = "import"
    needs: str = ""


def _obstacle(seen: Observation, rule: _Rule, earlier: dict[str, Check]) -> _Verdict | None:
    """What decides a check before its own verdict is asked for, if anything does."""
    if seen.refused:
        return _not_applicable(f"torchtitan refuses {seen.attn_type!r} here: {seen.refused}")
    if seen.not_made:
        first = (
            seen.not_made if "make" in rule.owns else f"{NOT_REACHED}: the engine cannot be made"
        )
        return _not_applicable(first)
    if seen.other_attention and "make" not in rule.owns:
        first = "layers" in rule.owns
        return _not_applicable(
            seen.other_attention if first else f"{NOT_REACHED}: the attention is another one"
        )
    if seen.failure is not None:
        stage, message = _blame(seen, seen.failure)
        if stage in rule.owns:
            return _failed(message)
        if _STAGES.index(stage) <= _STAGES.index(rule.owns[0] if rule.owns else rule.after):
            culprit = next(name for name, other in _RULES.items() if stage in other.owns)
            return _not_applicable(f"{NOT_REACHED}: {culprit} failed")
    if rule.needs and earlier[rule.needs].failed:
        return _not_applicable(f"says nothing while {rule.needs} fails")
    for stage in rule.owns:
        if stage in seen.not_applicable:
            return _not_applicable(seen.not_applicable[stage])
    if seen.config_only and not {"import", "layers"} & set(rule.owns):
        return _not_applicable("the engine needs CUDA")
    return None


def _blame(seen: Observation, failure: Failure) -> tuple[Stage, str]:
    """The stage to blame for a failure, and what to say.

    A forward that fails on masks of a kind its layers do not take is the masks' failure.
    """
    wrong = _wrong_masks(seen)
    if failure.stage == "forward" and wrong:
        return "masks", f"{wrong}; the forward raises {failure.kind}"
    return failure.stage, str(failure)


def _wrong_masks(seen: Observation) -> str:
    """Why the masks built are not what the layers take, or ""."""
    if seen.layers is None:
        return ""
    for attention, accepted in seen.layers.accepted_masks.items():
        for mask in seen.masks:
            if accepted and mask not in accepted:
                return f"{attention} takes {' or '.join(accepted)}, the engine builds {mask}"
    return ""


def _check_imports(seen: Observation, device: str) -> _Verdict:
    if seen.config_only:
        made = "its config constructs" if seen.layers else "it imports"
        return _passed(f"{made}; the engine itself needs CUDA")
    return _passed(f"made on {device}")


def _check_backend(seen: Observation, device: str) -> _Verdict:
    layers = seen.layers
    if layers is None:
        return _not_applicable("the engine needs CUDA and shows no config")
    if not layers.found:
        return _not_applicable("the model has no attention that torchtitan's configs build")
    found = ", ".join(f"{count} {name}" for name, count in sorted(layers.found.items()))
    if layers.without_attention:
        found += f", {layers.without_attention} without attention"
    if layers.wrong:
        return _failed(f"asked for {layers.expected}, the model has {found}")
    return _passed(found)


def _check_masks(seen: Observation, device: str) -> _Verdict:
    wrong = _wrong_masks(seen)
    if wrong:
        return _failed(wrong)
    if not seen.masks:
        return _not_applicable("the engine builds no masks")
    return _passed(", ".join(sorted(set(seen.masks))))


def _check_documents(seen: Observation, device: str) -> _Verdict:
    documents = seen.documents
    if documents is None:
        return _not_applicable("the forward was not run")
    precision = _precision(seen)
    effect = Figure("effect of its own tokens", documents.effect, EFFECT_FLOOR, above=True)
    if not effect.holds:
        return _failed(
            f"a document's own tokens move its logits by {documents.effect:.1e} only, "
            "so nothing is shown",
            effect,
        )
    # Without a dense attention to take the measure from, that of small models with random weights.
    unmasked = documents.unmasked if documents.unmasked is not None else SMALL_MODEL_UNMASKED
    if not unmasked > EFFECT_FLOOR:
        return _not_applicable(
            f"even without masks the documents move by {unmasked:.1e} only", effect
        )
    bounds = LEAK_BOUND[precision], ORDER_BOUND[precision]
    leak = Figure("leak", documents.leak, bounds[0] * unmasked)
    order = Figure("order", documents.order, bounds[1] * unmasked)
    for moved, figure, bound in (
        ("one document's tokens move the other's logits", leak, bounds[0]),
        ("swapped documents move their logits", order, bounds[1]),
    ):
        if not figure.holds:
            return _failed(
                f"{moved} by {figure.value:.1e}; without any document mask it is {unmasked:.1e}, "
                f"the bound {bound:g} of that",
                leak,
                order,
                effect,
            )
    stand_in = ""
    if "VarlenAttention" in (seen.layers.found if seen.layers else {}) and seen.stand_ins:
        stand_in = f"; {seen.stand_ins[0]} computed densely, its kernel needs CUDA"
    return _passed(
        f"leak {documents.leak:.1e}, order {documents.order:.1e}, unmasked {unmasked:.1e}{stand_in}",
        leak,
        order,
        effect,
    )


def _check_same_model(seen: Observation, device: str) -> _Verdict:
    same = seen.same
    if same is None:
        return _not_applicable("compared in the state after, where both were made")
    parameters = Figure("parameters that differ", len(same.parameters), 0)
    if same.parameters:
        return _failed(
            f"{len(same.parameters)} parameters or buffers differ, first {same.parameters[0]}",
            parameters,
        )
    if same.attention_changed:
        return _passed("parameters equal; logits not comparable, the attention changed", parameters)
    if same.logits_error is None:
        return _passed("parameters equal; no logits on one side", parameters)
    bound = 0.0 if device == "cpu" else SAME_BOUND[_precision(seen)]
    logits = Figure("logits", same.logits_error, bound)
    if same.logits_equal:
        return _passed("parameters and logits equal in every bit", parameters, logits)
    if device == "cpu" or not logits.holds:
        return _failed(
            f"parameters equal, logits differ by {same.logits_error:.1e}", parameters, logits
        )
    return _passed(
        f"parameters equal, logits within {same.logits_error:.1e} (bound {bound:g})",
        parameters,
        logits,
    )


def _check_reference(seen: Observation, device: str) -> _Verdict:
    reference = seen.reference
    if reference is None:
        return _not_applicable("no attention was compared")
    precision = _precision(seen)
    attention = Figure("attention", reference.attention, ATTENTION_BOUND[precision])
    logits = Figure("logits", reference.logits, LOGITS_BOUND[precision])
    for what, figure in ((f"{reference.layer} differs", attention), ("logits differ", logits)):
        if not figure.holds:
            return _failed(
                f"{what} from dense float32 attention by {figure.value:.1e} "
                f"(bound {figure.bound:g})",
                attention,
                logits,
            )
    return _passed(
        f"attention within {attention.value:.1e} (bound {attention.bound:g}), "
        f"logits within {logits.value:.1e} (bound {logits.bound:g})",
        attention,
        logits,
    )


def _check_trains(seen: Observation, device: str) -> _Verdict:
    training = seen.training
    if training is None:
        return _not_applicable("no step was taken")
    losses = training.losses
    if not all(math.isfinite(loss) for loss in losses):
        return _failed(f"loss not finite at step {_first_not_finite(losses)}")
    if training.bad_gradients:
        return _failed(
            f"gradient not finite in {len(training.bad_gradients)} parameters, "
            f"first {training.bad_gradients[0]}"
        )
    if training.no_gradient:
        return _failed(
            f"no gradient in {len(training.no_gradient)} parameters, "
            f"first {training.no_gradient[0]}"
        )
    quarter = max(1, len(losses) // 4)
    start, end = fmean(losses[:quarter]), fmean(losses[-quarter:])
    curve = f"loss {start:.3f} to {end:.3f} in {len(losses)} steps"
    fall = Figure("fall of the loss", start - end, 0, above=True)
    if not end < start:
        return _failed(f"not falling: {curve}", fall)
    wrong = _wrong_optimizer(training)
    if wrong:
        return _failed(wrong, fall)
    shown = "optimizer as configured" if training.groups else "the engine shows no optimizer"
    return _passed(f"{curve}, gradients finite, {shown}", fall)


def _first_not_finite(losses: Sequence[float]) -> int:
    return next(i for i, loss in enumerate(losses, start=1) if not math.isfinite(loss))


def _wrong_optimizer(training: Training) -> str:
    """How the optimizer's groups differ from what was configured, or ""."""
    groups, configured = training.groups, training.configured
    if not groups or not configured:
        return ""
    if len(configured) == 1:
        configured = configured * len(groups)
    if len(configured) != len(groups):
        return f"{len(groups)} parameter groups, {len(configured)} were configured"
    for index, (group, wanted) in enumerate(zip(groups, configured, strict=True)):
        for field in ("name", "lr", "betas", "eps", "weight_decay"):
            if not _equal(getattr(group, field), getattr(wanted, field)):
                return (
                    f"group {index} has {field} {getattr(group, field)}, "
                    f"configured was {getattr(wanted, field)}"
                )
    covered = sum(group.parameters for group in groups)
    if covered != training.trainable:
        return f"the optimizer holds {covered} of {training.trainable} trainable elements"
    return ""


def _equal(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return one == other


def _precision(seen: Observation) -> str:
    half = seen.attn_type in HALF_PRECISION_ATTENTION or seen.dtype != "float32"
    return "bfloat16" if half else "float32"


_STAGES: tuple[Stage, ...] = typing.get_args(Stage)

_RULES = {
    "imports": _Rule(_check_imports, owns=("import", "make")),
    "backend": _Rule(_check_backend, owns=("layers",)),
    "masks": _Rule(_check_masks, owns=("masks",)),
    "documents": _Rule(_check_documents, owns=("forward", "documents")),
    "same model": _Rule(_check_same_model, after="layers"),
    "reference": _Rule(_check_reference, owns=("reference",), needs="documents"),
    "trains": _Rule(_check_trains, owns=("train",)),
}

CHECKS = tuple(_RULES)
"""The names of the checks, in order."""

MEANING = {
    "imports": "it imports, every config constructs, the engine is made",
    "backend": "each attention layer's class is the one asked for",
    "masks": "the masks it builds are of the kind its layers take",
    "documents": "packed documents do not influence each other, in any order",
    "same model": "equal seeds give equal parameters and logits before and after",
    "reference": "attention and logits agree with dense float32 attention under the same mask",
    "trains": "loss falls, gradients are finite, the optimizer is the one configured",
}
"""What each check shows."""
