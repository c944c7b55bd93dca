"""The dense reference against Torch's own attention."""

from __future__ import annotations

import importlib
import importlib.util
from types import SimpleNamespace
from typing import Any

import pytest

# Looked for, not imported: that takes seconds in every process which only collects the tests.
pytestmark = pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="needs torch")


class Late:
    """A module that is imported when something of it is asked for."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # pytest looks for marks of its own when it collects
            raise AttributeError(name)
        return getattr(importlib.import_module(self.name), name)


torch, reference = Late("torch"), Late("titan_lint.verify.reference")


def qkv(heads: int = 4, key_heads: int = 2, length: int = 24, batch: int = 2):
    generator = torch.Generator().manual_seed(0)

    def draw(n: int):
        return torch.randn(batch, length, n, 8, generator=generator)

    return draw(heads), draw(key_heads), draw(key_heads)


def test_dense_attention_is_torchs_scaled_dot_product() -> None:
    q, k, v = qkv()
    mask = torch.ones(24, 24, dtype=torch.bool).tril()
    out, lse = reference.dense_attention(q, k, v, mask, scale=0.3)
    expected = torch.nn.functional.scaled_dot_product_attention(
        *(t.transpose(1, 2) for t in (q, k, v)), attn_mask=mask, scale=0.3, enable_gqa=True
    ).transpose(1, 2)
    torch.testing.assert_close(out, expected)
    assert lse.shape == (2, 24, 4)


def test_document_mask_restarts_with_positions() -> None:
    positions = torch.tensor([[0, 1, 2, 0, 1]])
    expected = torch.block_diag(torch.ones(3, 3).tril(), torch.ones(2, 2).tril()).bool()
    assert torch.equal(reference.document_mask(positions)[0, 0], expected)


def test_cell_of_a_mask_is_empty_or_full_only_where_it_is() -> None:
    allowed = torch.ones(5, 5, dtype=torch.bool).tril()
    assert reference.in_cells(allowed, 5) == ["90000", "99000", "99900", "99990", "99999"]
    assert reference.in_cells(allowed, 3) == ["700", "970", "999"]
    allowed[4, 0], allowed[0, 3] = False, True
    assert reference.in_cells(allowed, 1) == ["5"]
    all_but_one = torch.ones(480, 480, dtype=torch.bool)
    all_but_one[0, 0] = False
    assert reference.in_cells(all_but_one, 1) == ["8"]
    assert reference.in_cells(~all_but_one, 1) == ["1"]
    assert len(reference.in_cells(torch.ones(500, 500, dtype=torch.bool), 48)) <= 48


def test_masks_of_both_kinds_write_out_to_the_same() -> None:
    from torch.nn.attention.flex_attention import create_block_mask

    document = torch.tensor([0, 0, 0, 1, 1])
    block = create_block_mask(
        lambda b, h, q, k: (document[q] == document[k]) & (q >= k), 1, None, 5, 5, device="cpu"
    )

    class Offsets:
        cu_seq_q = torch.tensor([0, 3, 5], dtype=torch.int32)

    due = reference.document_mask(torch.tensor([[0, 1, 2, 0, 1]]))
    assert torch.equal(reference.written_out(block, (-1, 0), 1, 5, "cpu"), due)
    assert torch.equal(reference.written_out(Offsets(), (-1, 0), 1, 5, "cpu"), due)
    with pytest.raises(reference.NoReferenceError, match="mask of type str"):
        reference.written_out("causal", (-1, 0), 1, 5, "cpu")


@pytest.mark.parametrize("window", [(-1, 0), (3, 0), (-1, -1)])
def test_varlen_stand_in_agrees_with_one_mask_over_the_whole_batch(window) -> None:
    q, k, v = qkv(batch=2)
    cu_seq = torch.tensor([0, 10, 24, 30, 48], dtype=torch.int32)
    flat = [t.reshape(48, -1, 8) for t in (q, k, v)]
    out, lse = reference.dense_varlen_attn(
        *flat, cu_seq, cu_seq, 18, 18, window_size=window, return_aux=object(), num_splits=1
    )
    mask = reference.varlen_mask(cu_seq, window, 2, 24)
    expected, expected_lse = reference.dense_attention(q, k, v, mask)
    torch.testing.assert_close(out.view(2, 24, 4, 8), expected)
    torch.testing.assert_close(lse.transpose(0, 1).reshape(2, 24, 4), expected_lse)


def attention(factor: float = 1.0):
    """An inner attention of the usual signature, right or wrong on purpose."""

    class Attention(torch.nn.Module):
        def forward(self, q, k, v, *, attention_masks, scale=None, **kwargs):
            allowed = reference.varlen_mask(attention_masks.cu_seq_q, (-1, 0), *q.shape[:2])
            return reference.dense_attention(q, k, v, allowed, scale)[0] * factor

    return Attention()


def masks():
    return SimpleNamespace(cu_seq_q=torch.tensor([0, 10, 24], dtype=torch.int32))


def positions():
    return torch.cat([torch.arange(10), torch.arange(14)])[None]


def test_comparing_keeps_the_largest_error_of_each_module() -> None:
    modules = {"right": attention(), "wrong": attention(1.1)}
    dense = reference.DenseReference(modules)
    inputs = qkv(batch=1)
    with dense.comparing(positions()):
        for module in modules.values():
            module(*inputs, attention_masks=masks())
    assert dense.errors["right"] < 1e-6
    assert dense.errors["wrong"] == pytest.approx(0.1, rel=1e-3)


def test_replacing_computes_the_reference_and_unmasked_forgets_documents() -> None:
    module = attention(1.1)
    inputs = qkv(batch=1)
    dense = reference.DenseReference({"it": module})
    with dense.replacing(positions()):
        replaced = module(*inputs, attention_masks=masks())
    with dense.unmasked(24):
        unmasked = module(*inputs, attention_masks=masks())
    own = module(*inputs, attention_masks=masks())
    torch.testing.assert_close(replaced * 1.1, own)
    torch.testing.assert_close(unmasked[:, :10], replaced[:, :10])
    assert not torch.allclose(unmasked[:, 10:], replaced[:, 10:])


def test_what_the_reference_does_not_know_is_refused() -> None:
    module = attention()
    dense = reference.DenseReference({"it": module})
    with (
        dense.replacing(positions()),
        pytest.raises(reference.NoReferenceError, match="score_mod"),
    ):
        module(*qkv(batch=1), attention_masks=masks(), score_mod=lambda *a: 0)
    module(*qkv(batch=1), attention_masks=masks())
