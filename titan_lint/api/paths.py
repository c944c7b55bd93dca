"""Paths into a torchtitan: patterns of them, and what they may mean."""

from __future__ import annotations

import fnmatch
import functools

from titan_lint.api.entities import Class
from titan_lint.api.signatures import Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api.surface import Surface

MODEL_CONFIG = "torchtitan.protocols.model.BaseModel.Config"


@functools.cache
def modules_like(surface: Surface, pattern: str) -> tuple[str, ...]:
    """The modules that a dotted path with ``*`` for whole parts may mean."""
    depth = pattern.count(".")
    return tuple(
        sorted(
            name
            for name in surface.modules
            if name.count(".") == depth and fnmatch.fnmatchcase(name, pattern)
        )
    )


@functools.cache
def expand(surface: Surface, path: str) -> tuple[str, ...]:
    """The paths of existing things that ``path`` may mean; more than one where it holds ``*``."""
    if "*" not in path:
        return (path,) if surface.lookup(path) is not None else ()
    parts = path.split(".")
    last = max(index for index, part in enumerate(parts) if part == "*")
    found: list[str] = []
    for module in modules_like(surface, ".".join(parts[: last + 1])):
        rest = parts[last + 1 :]
        full = ".".join([module, *rest])
        if surface.lookup(full) is not None:
            found.append(full)
    return tuple(found)


def signature(surface: Surface, path: str) -> Function | None:
    """The signature of the function or class at a path; ``None`` where there is none."""
    found = surface.lookup(path)
    if isinstance(found, Class):
        return found.constructor()
    return found if isinstance(found, Function) else None


@functools.cache
def model_configs(surface: Surface) -> tuple[Class, ...]:
    """The config classes of the models that a surface has: what stands behind ``ModelSpec.model``."""
    found: dict[str, Class] = {}
    for module in surface.modules_deriving(MODEL_CONFIG):
        if not module.startswith("torchtitan.models."):
            continue
        # From the record, because working out every name of every model costs a hundred times this.
        for name, record in surface.module_record(module).get("members", {}).items():
            if record["k"] != "c" or "Config" not in record.get("m", {}):
                continue
            config = surface.lookup(f"{module}.{name}.Config")
            if isinstance(config, Class) and any(c.path == MODEL_CONFIG for c in config.mro):
                found[config.path] = config
    found.pop(MODEL_CONFIG, None)
    return tuple(found.values())
