"""A model that registers with torchtitan, with an engine made around it.

The model is built from its ``ModelSpec`` as torchtitan's trainer builds it, without parallelism; its masks
are those of its own ``get_attention_masks``, which the trainer asks for them. Optimizer and loss are the
adapter's, so nothing is said of them.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from typing import Any, cast

from titan_lint.verify.adapters import adapter
from titan_lint.verify.adapters.adapter import CannotMakeError

SMALLEST = "debugmodel"
"""What torchtitan calls the flavor of a model that is there to be tried."""

UNNAMED = ("ModelSpec", "TrainSpec")
"""What entries are called for specs that are handed on where they are made."""


class Adapter(adapter.Adapter):
    """Makes an engine around the model of a ``ModelSpec``, or of what a registry function returns."""

    def find(self, module: Any) -> Any:
        """See the base class."""
        if self.name in UNNAMED:
            raise CannotMakeError(
                f"a {self.name} of {module.__name__} has no name: keep it in a variable, or return it "
                "from a function"
            )
        return super().find(module)

    def make_engine(self, module: Any, attn_type: str, device: str) -> Any:
        """See the base class."""
        spec = self._spec(module, attn_type)
        model_config = getattr(spec, "model", None)
        adapter.check_model(model_config, f"the model of {self.name}")
        return ModelEngine(build(model_config, device))

    def _spec(self, module: Any, attn_type: str) -> Any:
        registry = self.find(module)
        if not callable(registry):
            self.takes_attention = False
            return registry
        if "flavor" not in inspect.signature(registry).parameters:
            spec, self.takes_attention = adapter.call(registry, attn_type)
            return spec
        flavors = _flavors(module)
        if not flavors or SMALLEST in flavors:
            spec, self.takes_attention = adapter.call(registry, attn_type, flavor=SMALLEST)
            return spec
        # Deterministic: of equal sizes the first one as the module lists them.
        specs = [adapter.call(registry, attn_type, flavor=flavor) for flavor in flavors]
        spec, self.takes_attention = min(specs, key=lambda pair: adapter.parameters(pair[0].model))
        return spec


class ModelEngine:
    """Forward and one optimizer step around a model; the masks are the model's own."""

    def __init__(self, model: Any) -> None:
        torch: Any = importlib.import_module("torch")
        self.model = model
        self._torch = torch
        self._optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95))

    def attention_masks(self, positions: Any) -> Any:
        """See :class:`titan_lint.verify.protocol.Engine`."""
        make_masks = getattr(self.model, "get_attention_masks", None)
        return None if make_masks is None else make_masks(positions=positions)

    def forward(self, tokens: Any, positions: Any) -> Any:
        """See :class:`titan_lint.verify.protocol.Engine`."""
        return self.model(
            tokens, positions=positions, attention_masks=self.attention_masks(positions)
        )

    def step(self, tokens: Any, positions: Any, labels: Any) -> float:
        """See :class:`titan_lint.verify.protocol.Engine`."""
        torch = self._torch
        self._optimizer.zero_grad()
        logits = self.forward(tokens, positions)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), labels.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        return loss.item()


def build(model_config: Any, device: str) -> Any:
    """A model from its torchtitan config, with initial weights, on a device."""
    torch: Any = importlib.import_module("torch")
    with torch.device("meta"):
        model = model_config.build()
    model.to_empty(device=device)
    with torch.no_grad():
        model.init_states(buffer_device=torch.device(device))
    return model


def _flavors(module: Any) -> list[str]:
    """The keys of the module's tables of configs: of functions that make one, or of configs."""
    flavors: dict[str, None] = {}
    for table in cast("dict[str, object]", vars(module)).values():
        if not isinstance(table, Mapping) or not table:
            continue
        known = cast("Mapping[object, object]", table)
        if all(
            isinstance(key, str) and (hasattr(value, "build") or inspect.isfunction(value))
            for key, value in known.items()
        ):
            flavors |= dict.fromkeys(map(str, known))
    return list(flavors)
