"""Stand-ins that let a GPU machine run torchtitan 0.3.0 where something that it needs is missing.

With this directory on PYTHONPATH every Python process has them ready; each is put in only where the
thing itself is missing, and is then remembered in `PUT_IN` and in the file that `LOG` names. With
Torch 2.13 only flash attention 3 is missing, where its package is. None touches the choice of
attention, masks, weights or optimizer. `scripts/gpu_report.py` names those put in in its results.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType


SHARE_GPU = "TITAN_LINT_RANKS_SHARE_GPU"
"""Set where several ranks run on one GPU, which NCCL refuses."""

LOG = "TITAN_LINT_STAND_INS_LOG"
"""Names the file that takes the name of each stand-in put in, a line each time."""

PUT_IN: set[str] = set()
"""Names of the stand-ins put in by this process."""

# name of a stand-in: what takes the place of what
STAND_INS = {
    "gloo": "Gloo in the place of NCCL, so that all ranks can use one GPU",
    "sums": "gradients are summed and divided apart, as Gloo cannot do both",
    "mesh-dims": (
        "torch's DataParallelMeshDims: a class of two names, only passed on when more than one GPU "
        "is used"
    ),
    "num-splits": "varlen_attn called without num_splits, which is left to the kernel",
    "key-heads": "varlen_attn on key heads repeated for grouped queries",
    "narrow-values": (
        "varlen_attn on values padded with zeros to the width of the keys, which flash attention 2 "
        "needs"
    ),
    "flash-attention-2": (
        "the flash attention 2 in torch for VarlenAttention, flash attention 3's package being absent"
    ),
    "no-autotune": (
        "FlexAttention compiled without autotuning (with it four engines took over 400 s)"
    ),
    "small-blocks": (
        "FlexAttention in blocks of 32 where heads are wider than 128, as its default blocks do not "
        "fit there without autotuning"
    ),
}


def put_in(name: str) -> None:
    """Remember that a stand-in was put in."""
    if name in PUT_IN:
        return
    PUT_IN.add(name)
    if log := os.environ.get(LOG):
        # One short write in append mode: processes side by side do not cut into each other's lines.
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{name}\n")


def _has_flash_attention_3() -> bool:
    return importlib.util.find_spec("flash_attn_interface") is not None


def _mesh_dims(module: Any) -> None:
    if hasattr(module, "DataParallelMeshDims"):
        return
    put_in("mesh-dims")

    @dataclass(frozen=True)
    class DataParallelMeshDims:
        shard: str | tuple[str, ...] | None = None
        replicate: str | tuple[str, ...] | None = None

    module.DataParallelMeshDims = DataParallelMeshDims


def _shared_gpu(module: Any) -> None:
    if os.environ.get(SHARE_GPU):
        put_in("gloo")
        module.Backend.default_device_backend_map["cuda"] = "gloo"


def _sums_only(module: Any) -> None:
    if not os.environ.get(SHARE_GPU):
        return
    put_in("sums")
    original = module._get_gradient_divide_factors
    signature = inspect.signature(original)

    def get_gradient_divide_factors(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.arguments["force_sum_reduction_for_comms"] = True
        return original(*bound.args, **bound.kwargs)

    module._get_gradient_divide_factors = get_gradient_divide_factors


def _traceable() -> Callable[[str], None]:
    """`put_in` for functions that torch.compile traces: it runs while they are traced."""
    import torch

    return torch.compiler.assume_constant_result(put_in)


def _varlen(module: Any) -> None:
    import torch

    original = module.varlen_attn
    known = inspect.signature(original).parameters
    knows_splits, knows_groups = "num_splits" in known, "enable_gqa" in known
    pads = not _has_flash_attention_3()
    if knows_splits and knows_groups and not pads:
        return
    note = _traceable()

    def varlen_attn(
        query: Any, key: Any, value: Any, *args: Any, enable_gqa: bool = False, **kwargs: Any
    ) -> Any:
        if not knows_splits and "num_splits" in kwargs:
            note("num-splits")
            del kwargs["num_splits"]
        if enable_gqa and knows_groups:
            kwargs["enable_gqa"] = True
        elif enable_gqa:
            note("key-heads")
            repeats = query.shape[1] // key.shape[1]
            key = key.repeat_interleave(repeats, dim=1)
            value = value.repeat_interleave(repeats, dim=1)
        width = value.shape[-1]
        if not pads or width >= query.shape[-1]:
            return original(query, key, value, *args, **kwargs)
        note("narrow-values")
        padded = torch.nn.functional.pad(value, (0, query.shape[-1] - width))
        result = original(query, key, padded, *args, **kwargs)
        if isinstance(result, tuple):
            return (result[0][..., :width], *result[1:])
        return result[..., :width]

    module.varlen_attn = varlen_attn


def _flash_attention(module: Any) -> None:
    if _has_flash_attention_3():
        return
    original = module.get_cuda_flash_attention_impl

    def get_cuda_flash_attention_impl() -> str | None:
        named = original()
        if named != "FA3":
            return named
        put_in("flash-attention-2")
        return None

    module.get_cuda_flash_attention_impl = get_cuda_flash_attention_impl


WIDE_HEAD = 128
"""Widest head for which the block sizes that flex attention takes by default fit, in float32."""

SMALL_BLOCKS = {
    "fwd_BLOCK_M": 32,
    "fwd_BLOCK_N": 32,
    "bwd_BLOCK_M1": 32,
    "bwd_BLOCK_N1": 32,
    "bwd_BLOCK_M2": 32,
    "bwd_BLOCK_N2": 32,
    "num_stages": 1,
}


def _no_autotune(module: Any) -> None:
    import torch

    options = {
        **module.FlexAttention.inductor_configs,
        "max_autotune": False,
        "coordinate_descent_tuning": False,
    }
    compiled = torch.compile(module.flex_attention, options=options)
    note = _traceable()

    def flex_attention(query: Any, *args: Any, kernel_options: Any = None, **kwargs: Any) -> Any:
        note("no-autotune")
        if query.shape[-1] > WIDE_HEAD:
            note("small-blocks")
            kernel_options = SMALL_BLOCKS | (kernel_options or {})
        return compiled(query, *args, kernel_options=kernel_options, **kwargs)

    module.FlexAttention._compiled_flex_attn = flex_attention


# module: what is done to it once it is loaded
PATCHES: dict[str, Callable[[Any], None]] = {
    "torch.distributed": _shared_gpu,
    "torch.distributed.fsdp._fully_shard._fsdp_collectives": _sums_only,
    "torch.distributed.fsdp": _mesh_dims,
    "torch.nn.attention.varlen": _varlen,
    "torchtitan.tools.utils": _flash_attention,
    "torchtitan.models.common.attention": _no_autotune,
}


class _Loader(importlib.abc.Loader):
    def __init__(self, original: Any, patch: Callable[[Any], None]) -> None:
        self.original = original
        self.patch = patch

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self.original.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.original.exec_module(module)
        self.patch(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in PATCHES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, PATCHES[name])
        return spec


sys.meta_path.insert(0, _Finder())
