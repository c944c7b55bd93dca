"""Attention computed densely in float32: slow, plain, and the same for every backend.

Two uses. The reference that every backend's logits are held against; and, on the CPU, a stand-in
for the varlen kernel, which exists only for CUDA.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.attention.flex_attention import BlockMask, create_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


def relative_error(value: Any, reference: Any) -> float:
    """The norm of the difference over the norm of the reference, in float64."""
    value, reference = value.double(), reference.double()
    return float((value - reference).norm() / reference.norm())


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


def written_out(
    mask: Any, window: tuple[int, int], batch: int, length: int, device: str
) -> torch.Tensor:
    """What an attention mask allows, bool, broadcast to [batch, heads, length, length].

    Args:
        mask: flex attention's ``BlockMask``, or the offsets of varlen attention.
        window: the layer's own window, which a varlen mask does not hold.
        batch: rows of the batch that it was built for.
        length: length of a row.
        device: kind of device that it was built on.

    Raises:
        NoReferenceError: it is a mask of another kind.
    """
    if isinstance(mask, BlockMask):
        return create_mask(mask.mask_mod, batch, 1, length, length, device=device)
    if hasattr(mask, "cu_seq_q"):
        return varlen_mask(mask.cu_seq_q, window, batch, length)
    raise NoReferenceError(f"mask of type {type(mask).__name__}")


def in_cells(allowed: torch.Tensor, cells: int) -> list[str]:
    """A mask made small: a string for each row of cells, with a digit for each.

    The digit is 0 only where no pair is allowed, and 9 only where all are.

    Args:
        allowed: bool [length, length].
        cells: most cells along one side.
    """
    side = -(-allowed.shape[0] // cells)
    pooled: Any = torch.nn.functional.avg_pool2d(allowed.float()[None], side, ceil_mode=True)
    rows: list[list[float]] = pooled[0].tolist()
    return ["".join(map(_digit, row)) for row in rows]


def _digit(share: float) -> str:
    return "0" if share == 0 else "9" if share == 1 else str(1 + int(share * 8))


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
    """``torch.nn.attention.varlen.varlen_attn`` for self-attention, computed densely.

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


class DenseReference:
    """Attention modules of a model, made to compute densely or to be held against it.

    The dense computation sees what the layer's own mask allows, and never past a document: a mask
    that lets documents mix shows as a difference.

    Attributes:
        errors: largest relative error of each module's output so far, by the module's name.
    """

    def __init__(self, modules: dict[str, torch.nn.Module]) -> None:
        self.modules = modules
        self.errors: dict[str, float] = {}

    def replacing(self, positions: torch.Tensor) -> AbstractContextManager[None]:
        """Within the context, the modules compute the dense attention.

        Args:
            positions: int64 [batch, length] of the batch that is going to be run.

        Raises:
            NoReferenceError: at the first call that asks for something unknown to it.
        """
        within = document_mask(positions)
        return self._patched(lambda call: call.dense(call.own_mask() & within))

    def unmasked(self, length: int) -> AbstractContextManager[None]:
        """Within the context, the modules compute plain causal attention, without documents.

        This is what a swallowed mask amounts to, so it tells how large an effect to look for.

        Args:
            length: length of the batch that is going to be run.

        Raises:
            NoReferenceError: as in :meth:`replacing`.
        """
        causal = torch.ones(length, length, dtype=torch.bool).tril()
        return self._patched(lambda call: call.dense(causal.to(call.q.device)))

    def comparing(self, positions: torch.Tensor) -> AbstractContextManager[None]:
        """Within the context, the modules run as they are and :attr:`errors` is kept.

        Args:
            positions: int64 [batch, length] of the batch that is going to be run.

        Raises:
            NoReferenceError: as in :meth:`replacing`.
        """
        within = document_mask(positions)

        def compare(call: _Call) -> torch.Tensor:
            out = call.run()
            reference = call.dense(call.own_mask() & within)
            error = relative_error(out, reference)
            self.errors[call.name] = max(error, self.errors.get(call.name, 0.0))
            return out

        return self._patched(compare)

    @contextmanager
    def _patched(self, compute: Callable[[_Call], torch.Tensor]) -> Generator[None]:
        def patch(name: str, module: Any) -> None:
            original = module.forward

            def forward(
                q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, **keywords: Any
            ) -> torch.Tensor:
                window = getattr(module, "window_size", (-1, 0))
                return compute(_Call(name, original, q, k, v, keywords, window))

            module.forward = forward

        # A parallelised module may already carry a forward of its own in its instance.
        own = {name: vars(module).get("forward") for name, module in self.modules.items()}
        for name, module in self.modules.items():
            patch(name, module)
        try:
            yield
        finally:
            for name, module in self.modules.items():
                del module.forward
                if (forward_of_its_own := own[name]) is not None:
                    module.forward = forward_of_its_own


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of an inner attention.

    Attributes:
        name: the module's name.
        original: its own forward.
        q, k, v, keywords: what it was called with.
        window: its window, where its mask does not hold one.
    """

    name: str
    original: Callable[..., torch.Tensor]
    q: torch.Tensor
    k: torch.Tensor
    v: torch.Tensor
    keywords: dict[str, Any]
    window: tuple[int, int]

    def run(self) -> torch.Tensor:
        """The call's own result."""
        return self.original(self.q, self.k, self.v, **self.keywords)

    def own_mask(self) -> torch.Tensor:
        """The mask that the call asks for, bool, broadcast to [batch, heads, length, length]."""
        batch, length = self.q.shape[:2]
        masks = self.keywords.get("attention_masks")
        return written_out(masks, self.window, batch, length, self.q.device.type)

    def dense(self, allowed: torch.Tensor) -> torch.Tensor:
        """The call's result, computed densely under a mask, in the type of its inputs."""
        other = self.keywords.keys() - {"attention_masks", "scale", "enable_gqa", "out_transform"}
        unknown = sorted(name for name in other if self.keywords[name] is not None)
        if unknown:
            raise NoReferenceError(f"attention called with {', '.join(unknown)}")
        out, lse = dense_attention(self.q, self.k, self.v, allowed, self.keywords.get("scale"))
        transform = self.keywords.get("out_transform")
        if transform is not None:
            out = transform(out, lse)
        return out.to(self.q.dtype)
