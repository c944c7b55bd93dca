"""Flavors that had their attention backend in the name, and what stands for them."""

from __future__ import annotations

from titan_lint.api.changes import facts
from titan_lint.uses.attention.registry import PARAMETER, Registry, literals, model
from titan_lint.uses.flavors.dictionaries import indexed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.file import File


def replacement(file: File, entry: Registry, old: str) -> tuple[str, str] | None:
    """Flavor and backend that stand for an old flavor, where all models that it may be agree; else ``None``."""
    models = facts.legacy_flavors().models
    found: set[tuple[str, str]] = set()
    for function in entry.candidates:
        held = indexed(file.target.surface, function.path)
        if held is None or old in held.keys:
            return None
        new = models.get(model(function.path), {}).get(old)
        if new is None:
            continue
        if function.parameter(PARAMETER) is None or new.flavor not in held.keys:
            return None
        found.add((new.flavor, new.attn_backend))
    return found.pop() if len(found) == 1 else None


def is_legacy(file: File, entry: Registry) -> bool:
    """Whether a call names such a flavor, which the target does not have."""
    return any(replacement(file, entry, name) is not None for name in literals(file, entry.flavor))
