"""The attention bug and its rewrite, shown by running engines on the real torchtitan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.projects import run_here

from .conftest import FORMS, Engines

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

ATTENTION = {"flex": "FlexAttention", "varlen": "VarlenAttention"}
FIRST, SECOND = 40, 88

# What goes wrong before the rewrite: at which attention type the engine still builds, and runs.
NEVER_BUILDS = {"legacy_flavor", "unguarded_override"}
STALE_MASKS = {"base_class", "founding"}
BUILDS_VARLEN = {"gpt_oss"}

# Its experts multiply the tokens of all documents together, in bfloat16: the last bit of one document's
# tokens can depend on how many of the other's go to the same expert.
ROUNDS_DOCUMENTS_TOGETHER = {"gpt_oss"}


def attention_of(engine: Any) -> set[str]:
    """Class names of the attention in every layer."""
    found = [
        type(layer.attention.inner_attention).__name__ for layer in engine.model.layers.values()
    ]
    assert found
    return set(found)


def packed(torch: Any, *lengths: int) -> Any:
    return torch.cat([torch.arange(length) for length in lengths])[None]


def tokens(torch: Any, length: int, seed: int) -> Any:
    return torch.randint(2048, (1, length), generator=torch.Generator().manual_seed(seed))


def logits(torch: Any, engine: Any, *documents: Any) -> Any:
    positions = packed(torch, *(document.shape[1] for document in documents))
    with torch.no_grad():
        return engine.forward(torch.cat(documents, dim=1), positions)


@pytest.mark.parametrize("form", sorted(set(FORMS) - NEVER_BUILDS - BUILDS_VARLEN))
def test_unfixed_engine_builds_flex_when_asked_for_varlen(unfixed: Engines, form: str) -> None:
    assert attention_of(unfixed.make(form, "varlen")) == {"FlexAttention"}


def test_unfixed_gpt_oss_builds_varlen_when_asked_for_flex(unfixed: Engines) -> None:
    assert attention_of(unfixed.make("gpt_oss", "flex")) == {"VarlenAttention"}


@pytest.mark.parametrize("form", sorted(set(FORMS) - NEVER_BUILDS - BUILDS_VARLEN - STALE_MASKS))
def test_unfixed_engine_forward_raises_on_varlen_masks(
    torch_on_cpu: ModuleType, unfixed: Engines, form: str
) -> None:
    engine = unfixed.make(form, "varlen")
    with pytest.raises(AssertionError, match="must be instance of BlockMask"):
        logits(torch_on_cpu, engine, tokens(torch_on_cpu, FIRST, 1))


@pytest.mark.parametrize("form", sorted(STALE_MASKS))
def test_unfixed_engine_reads_a_path_that_is_gone(
    torch_on_cpu: ModuleType, unfixed: Engines, form: str
) -> None:
    engine = unfixed.make(form, "flex")
    with pytest.raises(AttributeError, match="layer"):
        logits(torch_on_cpu, engine, tokens(torch_on_cpu, FIRST, 1))


@pytest.mark.parametrize("form", sorted(NEVER_BUILDS))
def test_unfixed_engine_cannot_be_built(unfixed: Engines, form: str) -> None:
    with pytest.raises((KeyError, AttributeError), match=r"debugmodel_varlen_attn|layer"):
        unfixed.make(form, "varlen")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("attn_type", ["flex", "varlen"])
def test_fixed_engine_builds_the_attention_asked_for(
    fixed: Engines, form: str, attn_type: str
) -> None:
    assert attention_of(fixed.make(form, attn_type)) == {ATTENTION[attn_type]}


@pytest.mark.parametrize("form", FORMS)
def test_fixed_engine_keeps_packed_documents_apart(
    torch_on_cpu: ModuleType, fixed: Engines, form: str
) -> None:
    torch = torch_on_cpu
    engine = fixed.make(form, "flex")
    first, other, second = (tokens(torch, n, i) for i, n in enumerate((FIRST, FIRST, SECOND)))
    base = logits(torch, engine, first, second)
    changed = logits(torch, engine, other, second)
    swapped = logits(torch, engine, second, first)

    assert torch.isfinite(base).all()
    assert not torch.equal(changed[:, :FIRST], base[:, :FIRST])
    if form in ROUNDS_DOCUMENTS_TOGETHER:
        # Without a mask between the documents they differ by more than 5.
        torch.testing.assert_close(changed[:, FIRST:], base[:, FIRST:], rtol=0, atol=0.05)
    else:
        assert torch.equal(changed[:, FIRST:], base[:, FIRST:])
    bfloat16 = base.dtype == torch.bfloat16
    torch.testing.assert_close(
        swapped[:, SECOND:], base[:, :FIRST], **({"rtol": 0.05, "atol": 0.2} if bfloat16 else {})
    )


@pytest.mark.parametrize("form", FORMS)
def test_fixed_engine_builds_masks_of_the_kind_its_layers_take(
    torch_on_cpu: ModuleType, fixed: Engines, form: str
) -> None:
    masks = fixed.make(form, "varlen").attention_masks(packed(torch_on_cpu, FIRST, SECOND))
    assert type(masks).__name__ == "VarlenMetadata"


@pytest.mark.parametrize("form", sorted(set(FORMS) - NEVER_BUILDS))
def test_rewrite_changes_no_weight(
    torch_on_cpu: ModuleType, unfixed: Engines, fixed: Engines, form: str
) -> None:
    before = unfixed.make(form, "varlen").model.state_dict()
    after = fixed.make(form, "varlen").model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch_on_cpu.equal(before[name], after[name]) for name in before)


def test_second_fix_changes_nothing(fixed_directory: Path) -> None:
    before = {path: path.read_bytes() for path in fixed_directory.glob("*.py")}
    run = run_here("--diff", "--torchtitan", "0.3.0", ".", cwd=fixed_directory)
    assert run.out == ""
    assert run.status == 0, run.err
    assert {path: path.read_bytes() for path in fixed_directory.glob("*.py")} == before
