"""Experts that multiply in float32, which takes a thirtieth of the time on a processor without bfloat16."""

from __future__ import annotations

from typing import Any


def grouped_mm(rows: Any, weights: Any, *, offs: Any) -> Any:
    """What ``torch._grouped_mm`` gives, but for the last bit of a product.

    Args:
        rows: [rows, in], sorted by group; those after the last group stay zero.
        weights: [groups, in, out].
        offs: int32, where each group ends.
    """
    import torch

    ends: list[int] = offs.tolist()
    groups = zip([0, *ends], ends, weights.unbind(), strict=False)
    products = [rows[start:end].float() @ one.float() for start, end, one in groups if start < end]
    products.append(rows.new_zeros(rows.shape[0] - ends[-1], weights.shape[-1]).float())
    return torch.cat(products).to(rows.dtype)
