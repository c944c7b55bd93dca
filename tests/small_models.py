"""Models that take a fraction of the time: fewer layers, and experts that multiply in float32.

A product in bfloat16 takes thirty times as long on a processor without it.
"""

from __future__ import annotations

import functools
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


def with_few_layers(init: Any, count: int) -> Any:
    """What ``Decoder.__init__`` is, with the last layers of its config alone.

    The last of torchtitan's debug models has experts where any has, and of two one has a window where any has.
    """

    @functools.wraps(init)
    def short(self: Any, config: Any) -> None:
        # The config is a copy that `build` made.
        config.layers = config.layers[-count:]
        init(self, config)

    return short
