"""Which attention the layers of a model have."""

from __future__ import annotations

import importlib
import typing
from collections.abc import Iterable
from typing import Any

from titan_lint.verify.observation import Layers


def attention_modules(model: Any) -> dict[str, Any]:
    """Every inner attention of a model, by the module's name."""
    return {
        f"{name}.inner_attention".lstrip("."): module.inner_attention
        for name, module in model.named_modules()
        if "inner_attention" in getattr(module, "_modules", {})
    }


def layers_of(model: Any, expected: Any) -> Layers:
    """What attention the layers of a model have, held against the config of the one that is expected."""
    modules = attention_modules(model)
    owner = type(expected).__qualname__.rpartition(".")[0]
    expected_class = getattr(importlib.import_module(type(expected).__module__), owner)
    found: dict[str, int] = {}
    wrong: list[str] = []
    for name, module in modules.items():
        kind = type(module).__name__
        found[kind] = found.get(kind, 0) + 1
        right = isinstance(module, expected_class) and _kernel(module) == _kernel(expected)
        if not right:
            wrong.append(name)
    layers = getattr(model, "layers", None)
    without = 0
    if isinstance(layers, Iterable):
        children = typing.cast("Any", layers)
        values = children.values() if hasattr(children, "values") else children
        without = sum(not attention_modules(layer) for layer in values)
    return Layers(
        expected=owner,
        found=found,
        wrong=wrong,
        without_attention=without,
        accepted_masks={type(m).__name__: _accepted_masks(m) for m in modules.values()},
    )


def _kernel(attention: Any) -> Any:
    """The kernel that a flex attention asks for: what tells flex from flex_flash."""
    return getattr(attention, "kernel_options", {}).get("BACKEND")


def _accepted_masks(module: Any) -> list[str]:
    """Class names of the masks that an attention's forward declares; empty for anything."""
    try:
        hint = typing.get_type_hints(module.forward).get("attention_masks")
    except (NameError, TypeError):  # an annotation that only a type checker can evaluate
        return []
    return [hint.__name__] if isinstance(hint, type) else []
