"""What the checks conclude from an observation, without running anything."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from titan_lint.verify.checks import CHECKS, Check, Outcome, judge, merge_ranks
from titan_lint.verify.observation import (
    Documents,
    Failure,
    Group,
    Layers,
    Observation,
    Reference,
    Same,
    Training,
)

GROUP = Group("AdamW", 1e-3, (0.9, 0.95), 1e-8, 0.1, parameters=100)


def observation(**changes: object) -> Observation:
    """An observation on which every check passes, but for the changes."""
    good = Observation(
        attn_type="flex",
        stage="train",
        done=True,
        layers=Layers(
            "FlexAttention", {"FlexAttention": 2}, [], 0, {"FlexAttention": ["BlockMask"]}
        ),
        masks=["BlockMask"],
        dtype="float32",
        documents=Documents(leak=0.0, effect=1.4, order=1e-7, unmasked=6e-3),
        same=Same([], False, True, 0.0),
        reference=Reference(1e-7, "layers.0", 1e-7),
        training=Training([8.0, 7.0, 6.0, 5.0], [], [], [GROUP], [GROUP], 100, 1e3, 0),
    )
    return replace(good, **changes)


def outcomes(seen: Observation, device: str = "cpu") -> dict[str, Outcome]:
    return {check.name: check.outcome for check in judge(seen, device=device)}


def failed(seen: Observation, device: str = "cpu") -> list[str]:
    return [name for name, outcome in outcomes(seen, device).items() if outcome is Outcome.FAILED]


def training(**changes: object) -> Observation:
    good = observation().training
    assert good is not None
    return observation(training=replace(good, **changes))


def test_good_observation_passes_everything() -> None:
    assert set(outcomes(observation()).values()) == {Outcome.PASSED}


@pytest.mark.parametrize(
    ("seen", "check"),
    [
        (observation(documents=Documents(1e-4, 1.4, 0.0, 6e-3)), "documents"),
        (observation(documents=Documents(0.0, 1.4, 1e-3, 6e-3)), "documents"),
        (observation(documents=Documents(math.nan, 1.4, 0.0, 6e-3)), "documents"),
        (observation(documents=Documents(0.0, 1e-5, 0.0, 6e-3)), "documents"),
        (observation(same=Same(["norm.weight"], False)), "same model"),
        (observation(same=Same([], False, False, 1e-9)), "same model"),
        (observation(reference=Reference(2e-3, "layers.0", 0.0)), "reference"),
        (observation(reference=Reference(0.0, "layers.0", 2e-3)), "reference"),
        (observation(reference=Reference(math.nan, "layers.0", 0.0)), "reference"),
        (training(losses=[8.0, 8.0, 8.0, 8.1]), "trains"),
        (training(losses=[8.0, math.nan, 6.0, 5.0]), "trains"),
        (training(bad_gradients=["norm.weight"]), "trains"),
        (training(no_gradient=["norm.weight"]), "trains"),
        (training(groups=[replace(GROUP, lr=2e-3)]), "trains"),
        (training(groups=[replace(GROUP, name="Adam")]), "trains"),
        (training(groups=[replace(GROUP, betas=(0.9, 0.999))]), "trains"),
        (training(groups=[replace(GROUP, eps=1e-6)]), "trains"),
        (training(groups=[replace(GROUP, parameters=99)]), "trains"),
        (training(groups=[GROUP, GROUP], configured=[GROUP, GROUP, GROUP]), "trains"),
    ],
)
def test_one_wrong_figure_fails_one_check(seen: Observation, check: str) -> None:
    assert failed(seen) == [check]


@pytest.mark.parametrize(
    ("seen", "check", "broken"),
    [
        (observation(documents=Documents(1e-4, 1.4, 0.0, 6e-3)), "documents", ["leak"]),
        (observation(documents=Documents(0.0, 1.4, math.nan, 6e-3)), "documents", ["order"]),
        (
            observation(documents=Documents(0.0, 1e-5, 0.0, 6e-3)),
            "documents",
            ["effect of its own tokens"],
        ),
        (observation(same=Same(["norm"], False)), "same model", ["parameters that differ"]),
        (observation(same=Same([], False, False, 1e-9)), "same model", ["logits"]),
        (observation(reference=Reference(2e-3, "layers.0", 0.0)), "reference", ["attention"]),
        (training(losses=[8.0, 8.0, 8.0, 8.1]), "trains", ["fall of the loss"]),
    ],
)
def test_figure_that_fails_a_check_is_the_one_beyond_its_bound(
    seen: Observation, check: str, broken: list[str]
) -> None:
    judged = next(c for c in judge(seen, device="cpu") if c.name == check)
    assert [figure.what for figure in judged.figures if not figure.holds] == broken


def test_figures_of_a_passing_check_keep_their_bounds() -> None:
    figures = {c.name: c.figures for c in judge(observation(), device="cpu")}
    assert all(figure.holds for its in figures.values() for figure in its)
    leak = figures["documents"][0]
    assert (leak.what, leak.value, leak.bound) == ("leak", 0.0, pytest.approx(6e-5))
    assert {name for name, its in figures.items() if its} == {
        "documents",
        "same model",
        "reference",
        "trains",
    }


def test_bitwise_equality_is_asked_for_on_the_cpu_only() -> None:
    seen = observation(same=Same([], False, False, 1e-7))
    assert failed(seen, "cpu") == ["same model"]
    assert failed(seen, "cuda") == []


@given(st.sampled_from(["import", "make", "layers", "masks", "forward", "documents", "train"]))
def test_failure_of_a_stage_fails_one_check_and_leaves_the_rest_untried(stage: str) -> None:
    seen = Observation(
        attn_type="flex",
        stage=stage,
        done=True,
        failure=Failure(stage, "ValueError", "no"),
        layers=observation().layers,
        masks=["BlockMask"],
    )
    found = outcomes(seen)
    assert list(found.values()).count(Outcome.FAILED) == 1
    position = next(i for i, outcome in enumerate(found.values()) if outcome is Outcome.FAILED)
    assert Outcome.PASSED not in list(found.values())[position + 1 :]


def test_forward_that_fails_on_masks_of_another_kind_is_blamed_on_the_masks() -> None:
    seen = observation(
        masks=["VarlenMetadata"],
        stage="forward",
        failure=Failure("forward", "AssertionError", "must be instance of BlockMask"),
        documents=None,
    )
    assert failed(seen) == ["masks"]


def test_forward_that_fails_on_masks_of_the_right_kind_is_not() -> None:
    seen = observation(stage="forward", failure=Failure("forward", "RuntimeError", "shape"))
    assert failed(seen) == ["documents"]


def test_attention_that_torchtitan_refuses_here_is_not_applicable() -> None:
    seen = Observation(attn_type="flex_flash", refused="only on Hopper", done=True)
    assert set(outcomes(seen).values()) == {Outcome.NOT_APPLICABLE}


def test_engine_that_needs_cuda_is_checked_as_far_as_its_config() -> None:
    seen = observation(config_only=True, masks=[], documents=None, reference=None, training=None)
    found = outcomes(seen)
    assert found["imports"] is Outcome.PASSED
    assert found["backend"] is Outcome.PASSED
    assert found["masks"] is Outcome.NOT_APPLICABLE
    assert found["trains"] is Outcome.NOT_APPLICABLE


def test_half_precision_attention_gets_wider_bounds() -> None:
    seen = observation(reference=Reference(4e-3, "layers.0", 4e-3))
    assert failed(seen) == ["reference"]
    assert failed(replace(seen, attn_type="varlen")) == []


def test_a_check_holds_on_all_ranks_or_not_at_all() -> None:
    good = judge(observation(), device="cuda")
    bad = judge(training(losses=[1.0, 1.0, 1.0, 2.0]), device="cuda")
    merged = merge_ranks([good, bad, good])
    assert [check.name for check in merged if check.failed] == ["trains"]
    assert next(c for c in merged if c.failed).reason.startswith("rank 1: not falling")
    assert [figure.what for c in merged if c.failed for figure in c.figures] == ["fall of the loss"]
    assert merge_ranks([good]) == good


def test_checks_come_in_the_documented_order() -> None:
    assert tuple(check.name for check in judge(observation(), device="cpu")) == CHECKS
    assert all(
        isinstance(check, Check) and check.reason for check in judge(observation(), device="cpu")
    )


losses = st.lists(st.floats(allow_nan=True), min_size=4, max_size=8)


@given(
    st.builds(
        Training,
        losses,
        st.lists(st.text(max_size=5), max_size=2),
        st.lists(st.text(max_size=5), max_size=2),
        st.just([GROUP]),
        st.just([GROUP]),
        st.integers(0, 200),
        st.floats(0, 1e6),
        st.integers(0, 1 << 40),
    )
)
def test_observations_survive_json(its_training: Training) -> None:
    import json

    seen = observation(training=its_training)
    again = Observation.from_json(json.loads(json.dumps(seen.to_json())))
    assert repr(again) == repr(seen)
    assert judge(again, device="cuda") == judge(seen, device="cuda")
