"""Write down the members that torchtitan's classes inherit from other libraries.

    python scripts/build_external.py

Needs the libraries installed (titan-lint's `test` extra has them).
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from titan_lint.api import external  # noqa: E402
from titan_lint.api.entities import is_dunder  # noqa: E402

CLASSES = (
    "enum.Enum",
    "enum.StrEnum",
    "torch.autograd.Function",
    "torch.distributed.checkpoint.stateful.Stateful",
    "torch.distributed.tensor.parallel.ParallelStyle",
    "torch.nn.Conv1d",
    "torch.nn.Conv2d",
    "torch.nn.Embedding",
    "torch.nn.GELU",
    "torch.nn.GroupNorm",
    "torch.nn.Identity",
    "torch.nn.LayerNorm",
    "torch.nn.Linear",
    "torch.nn.Module",
    "torch.nn.ModuleDict",
    "torch.nn.ModuleList",
    "torch.nn.RMSNorm",
    "torch.nn.Sequential",
    "torch.nn.SiLU",
    "torch.optim.Optimizer",
    "torch.utils.data.IterableDataset",
    "torchdata.stateful_dataloader.StatefulDataLoader",
)

# What only instances have, so that `dir` of the class doesn't list it.
ON_INSTANCES = {
    "enum.Enum": ["name", "value"],
    "enum.StrEnum": ["name", "value"],
    "torch.optim.Optimizer": ["defaults", "param_groups", "state"],
}
# What an instance is made with, of which all attributes count.
MADE_WITH: dict[str, tuple[object, ...]] = {
    **dict.fromkeys(("torch.nn.Conv1d", "torch.nn.Conv2d"), (1, 1, 1)),
    **dict.fromkeys(("torch.nn.Embedding", "torch.nn.GroupNorm", "torch.nn.Linear"), (1, 1)),
    **dict.fromkeys(("torch.nn.LayerNorm", "torch.nn.RMSNorm"), (1,)),
    **dict.fromkeys(("torch.nn.GELU", "torch.nn.Identity", "torch.nn.SiLU"), ()),
    "torch.nn.Module": (),
    **dict.fromkeys(("torch.nn.ModuleDict", "torch.nn.ModuleList", "torch.nn.Sequential"), ()),
    "torchdata.stateful_dataloader.StatefulDataLoader": ([1],),
}
# Whose constructor refuses all arguments, whatever it is that derives from it.
TAKES_NOTHING = frozenset({"torch.nn.Module"})


def main() -> None:
    import torch
    import torchdata

    classes = {path: describe(path) for path in CLASSES}
    source = (
        f"names in dir() of each class, torch {torch.__version__.partition('+')[0]}, "
        f"torchdata {torchdata.__version__.partition('+')[0]}, Python {sys.version_info.major}.{sys.version_info.minor}"
    )
    external.DATA.write_text(
        json.dumps({"source": source, "classes": classes}, indent=1) + "\n", encoding="utf-8"
    )


def describe(path: str) -> dict[str, Any]:
    module, _, name = path.rpartition(".")
    cls = getattr(importlib.import_module(module), name)
    members = [*dir(cls), *(dir(cls(*MADE_WITH[path])) if path in MADE_WITH else ())]
    dynamic = next((m for m in ("__getattr__", "__getattribute__") if defines(cls, m)), None)
    members += ON_INSTANCES.get(path, [])
    members = [name for name in members if not is_dunder(name)]
    found = {"members": sorted(set(members)), "open": f"defines {dynamic}" if dynamic else ""}
    return found | ({"takes_nothing": True} if path in TAKES_NOTHING else {})


def defines(cls: type, name: str) -> bool:
    """Whether a class in Python says how attributes are looked up; every type in C does."""
    return any(isinstance(vars(base).get(name), FunctionType) for base in cls.__mro__)


if __name__ == "__main__":
    main()
