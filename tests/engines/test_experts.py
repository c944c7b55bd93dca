"""Experts of the engines under test come to what torch's own grouped product comes to."""

from __future__ import annotations

import pytest

from tests.small_models import grouped_mm


def test_the_product_is_that_of_torch() -> None:
    torch = pytest.importorskip("torch")
    draw = torch.Generator().manual_seed(0)
    rows = torch.randn(24, 16, generator=draw).bfloat16()
    weights = torch.randn(4, 16, 32, generator=draw).bfloat16()
    # The second has no rows.
    ends = torch.tensor([8, 8, 16, 24], dtype=torch.int32)
    # `torch_on_cpu` may have put the one in the place of the other.
    real = torch.ops.aten._grouped_mm.default(rows, weights, ends)
    torch.testing.assert_close(grouped_mm(rows, weights, offs=ends), real)
