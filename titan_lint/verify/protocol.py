"""What an engine offers so that ``titan-lint verify`` can run it.

An engine need not import titan-lint: these protocols only describe it. A file offers its engine
with the comment ``# titan-lint: engine=make_engine``; a project does so in its configuration
(``[tool.titan-lint.verify]``) or on the command line (``--entry package.module:make_engine``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import torch


class Engine(Protocol):
    """A model with the masks, forward and optimizer step that an engine puts around it."""

    model: torch.nn.Module
    """The torchtitan model, or this rank's part of it."""

    def attention_masks(self, positions: torch.Tensor) -> Any:
        """Build the attention masks of a packed batch, as the engine does for its own.

        Args:
            positions: int64 tensor [batch, length]; it restarts at 0 where a document starts.
        """
        ...

    def forward(self, tokens: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Return the logits [batch, length, vocabulary] of int64 token ids [batch, length]."""
        ...

    def step(self, tokens: torch.Tensor, positions: torch.Tensor, labels: torch.Tensor) -> float:
        """Take one optimizer step on a batch and return its loss.

        Args:
            tokens: int64 token ids [batch, length].
            positions: as in :meth:`attention_masks`.
            labels: int64 token ids [batch, length], the next token at each place.
        """
        ...


class OptimizerSettings(Protocol):
    """What one parameter group was configured to be."""

    name: str
    """Class of the optimizer, such as "AdamW"."""

    lr: float
    betas: tuple[float, float]
    eps: float
    weight_decay: float


@runtime_checkable
class ShowsOptimizer(Protocol):
    """An engine that also shows its optimizer, which is then held against its settings."""

    optimizers: Iterable[torch.optim.Optimizer]
    """torchtitan's container, or any iterable of optimizers."""

    optimizer_settings: OptimizerSettings | Sequence[OptimizerSettings]
    """The settings of every group alike, or of each group in order."""


class MakeEngine(Protocol):
    """The entry: make an engine for an attention type on a device."""

    def __call__(self, attn_type: str, device: str) -> Engine:
        """Build the engine.

        Args:
            attn_type: the attention asked for: "flex", "flex_flash" or "varlen".
            device: "cpu" or "cuda".
        """
        ...


class MakeConfig(Protocol):
    """An optional second entry for engines that need CUDA: only their trainer's config.

    It lets a machine without CUDA check that every config constructs, and with which attention.
    """

    def __call__(self, attn_type: str) -> Any:
        """Return the ``Trainer.Config``; its ``model_spec`` is read."""
        ...
