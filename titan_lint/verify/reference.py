"""Attention computed densely in float32: slow, plain, and the same for every backend.

Two uses. The reference that every backend's logits are held against; and, on the CPU, a stand-in
for the varlen kernel, which exists only for CUDA.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import pairwise
from types import MethodType
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.attention.flex_attention import BlockMask, create_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class NoReferenceError(Exception):
    """The attention does something that the dense reference does not know."""


def dense_attention(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    allowed: torch.Tensor,
    scale: float | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Softmax attention in float32.

    Args:
        q: [batch, length, heads, width].
        k: [batch, length, key heads, width]; key heads divide heads.
        v: [batch, length, key heads, value width].
        allowed: bool, broadcast to [batch, heads, length, length]; true where a query sees a key.
        scale: factor on the scores; default 1/sqrt(width).

    Returns:
        The output [batch, length, heads, value width] and the log of the softmax's denominator
        [batch, length, heads], both float32.
    """
    repeats = q.shape[2] // k.shape[2]
    k = k.repeat_interleave(repeats, dim=2)
    v = v.repeat_interleave(repeats, dim=2)
    factor = float(q.shape[-1]) ** -0.5 if scale is None else scale
    scores = torch.einsum("blnh,bmnh->bnlm", q.float(), k.float()) * factor
    scores = scores.masked_fill(~allowed, float("-inf"))
    lse = torch.logsumexp(scores, dim=-1)
    weights = torch.exp(scores - lse.unsqueeze(-1))
    return torch.einsum("bnlm,bmnh->blnh", weights, v.float()), lse.transpose(1, 2)


def document_mask(positions: torch.Tensor) -> torch.Tensor:
    """Causal mask within packed documents, bool [batch, 1, length, length]."""
    document = (positions == 0).cumsum(dim=1)
    index = torch.arange(positions.shape[1], device=positions.device)
    same = document[:, :, None] == document[:, None, :]
    return (same & (index[:, None] >= index[None, :])).unsqueeze(1)


def varlen_mask(
    cu_seq: torch.Tensor, window: tuple[int, int], batch: int, length: int
) -> torch.Tensor:
    """The mask that a varlen kernel applies, bool [batch, 1, length, length].

    Args:
        cu_seq: int32 offsets at which documents start in the packed batch, and its end.
        window: how many keys to the left and right of a query are seen; -1 means all.
        batch: number of rows that the batch was packed from.
        length: length of a row.
    """
    token = torch.arange(batch * length, device=cu_seq.device, dtype=cu_seq.dtype)
    document = torch.searchsorted(cu_seq[1:], token, right=True).view(batch, length)
    same = document[:, :, None] == document[:, None, :]
    return (same & _window_mask(window, length, cu_seq.device)).unsqueeze(1)


def _window_mask(window: tuple[int, int], length: int, device: torch.device) -> torch.Tensor:
    """Which keys are within the window of which queries, bool [length, length]."""
    index = torch.arange(length, device=device)
    behind = index[:, None] - index[None, :]
    left, right = window
    allowed = torch.ones_like(behind, dtype=torch.bool)
    if left >= 0:
        allowed &= behind <= left
    if right >= 0:
        allowed &= -behind <= right
    return allowed


def dense_varlen_attn(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    cu_seq_q: torch.Tensor,
    cu_seq_k: torch.Tensor,
    max_q: int,
    max_k: int,
    *,
    scale: float | None = None,
    window_size: tuple[int, int] = (-1, -1),
    return_aux: Any = None,
    **kernel_options: Any,
) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
    """`torch.nn.attention.varlen.varlen_attn` for self-attention, computed densely.

    Args:
        query: packed tokens [tokens, heads, width].
        key: [tokens, key heads, width].
        value: [tokens, key heads, value width].
        cu_seq_q: int32 offsets at which documents start in the packed tokens, and their end.
        cu_seq_k: the same for keys; in self-attention equal.
        max_q: length of the longest document; the dense computation needs none.
        max_k: the same for keys.
        scale: factor on the scores.
        window_size: how many keys to the left and right of a query are seen; -1 means all.
        return_aux: when given, the log-sum-exp [heads, tokens] is returned as well.
        kernel_options: what only tunes the kernel.
    """
    del cu_seq_k, max_q, max_k, kernel_options
    offsets = [int(offset) for offset in cu_seq_q]
    outs: list[torch.Tensor] = []
    lses: list[torch.Tensor] = []
    for start, end in pairwise(offsets):
        q, k, v = (packed[None, start:end] for packed in (query, key, value))
        allowed = _window_mask(window_size, end - start, query.device)
        out, lse = dense_attention(q, k, v, allowed, scale)
        outs.append(out[0])
        lses.append(lse[0])
    packed_out = torch.cat(outs).to(query.dtype)
    return packed_out if return_aux is None else (packed_out, torch.cat(lses).transpose(0, 1))


@contextmanager
def reference_attention(
    modules: dict[str, torch.nn.Module], positions: torch.Tensor
) -> Generator[None]:
    """Within the context, the given attention modules compute the dense reference.

    The reference sees what the layer's own mask allows, and never past a document of
    ``positions``: a mask that lets documents mix shows as a difference.

    Args:
        modules: inner attention modules by name.
        positions: int64 [batch, length] of the batch that is going to be run.

    Raises:
        NoReferenceError: at the first call that asks for something unknown to the reference.
    """
    within_document = document_mask(positions)

    def forward(
        module: Any,
        q: torch.Tensor,
        k: torch.Tensor,
        v: torch.Tensor,
        *,
        attention_masks: Any,
        scale: float | None = None,
        out_transform: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
        enable_gqa: bool = False,
        **other: Any,
    ) -> torch.Tensor:
        del enable_gqa
        unknown = sorted(name for name, value in other.items() if value is not None)
        if unknown:
            raise NoReferenceError(f"attention called with {', '.join(unknown)}")
        batch, length = q.shape[:2]
        if isinstance(attention_masks, BlockMask):
            allowed = create_mask(
                attention_masks.mask_mod, batch, 1, length, length, device=q.device.type
            )
        elif hasattr(attention_masks, "cu_seq_q"):
            allowed = varlen_mask(attention_masks.cu_seq_q, module.window_size, batch, length)
        else:
            raise NoReferenceError(f"mask of type {type(attention_masks).__name__}")
        out, lse = dense_attention(q, k, v, allowed & within_document, scale)
        if out_transform is not None:
            out = out_transform(out, lse)
        return out.to(q.dtype)

    # A parallelised module may already carry a forward of its own in its instance.
    own = {name: vars(module).get("forward") for name, module in modules.items()}
    for module in modules.values():
        module.forward = MethodType(forward, module)
    try:
        yield
    finally:
        for name, module in modules.items():
            del module.forward
            if (forward_of_its_own := own[name]) is not None:
                module.forward = forward_of_its_own
