"""Stand-ins that let a GPU machine with Torch 2.11 run torchtitan 0.3.0 at all.

With this directory on PYTHONPATH every Python process installs them; what stands in for a missing
thing does so only where that is missing. None touches the choice of attention, masks, weights or
optimizer. `scripts/gpu_report.py` names each of them in its results.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType


SHARE_GPU = "TITAN_LINT_RANKS_SHARE_GPU"
"""Set where several ranks run on one GPU, which NCCL refuses."""


def _mesh_dims(module: Any) -> None:
    if hasattr(module, "DataParallelMeshDims"):
        return

    @dataclass(frozen=True)
    class DataParallelMeshDims:
        shard: str | tuple[str, ...] | None = None
        replicate: str | tuple[str, ...] | None = None

    module.DataParallelMeshDims = DataParallelMeshDims


def _shared_gpu(module: Any) -> None:
    if os.environ.get(SHARE_GPU):
        module.Backend.default_device_backend_map["cuda"] = "gloo"


def _sums_only(module: Any) -> None:
    if not os.environ.get(SHARE_GPU):
        return
    original = module._get_gradient_divide_factors
    signature = inspect.signature(original)

    def get_gradient_divide_factors(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.arguments["force_sum_reduction_for_comms"] = True
        return original(*bound.args, **bound.kwargs)

    module._get_gradient_divide_factors = get_gradient_divide_factors


def _varlen(module: Any) -> None:
    import torch

    original = module.varlen_attn
    known = inspect.signature(original).parameters
    if "num_splits" in known and "enable_gqa" in known:
        return

    def varlen_attn(
        query: Any, key: Any, value: Any, *args: Any, enable_gqa: bool = False, **kwargs: Any
    ) -> Any:
        kwargs.pop("num_splits", None)
        if enable_gqa:
            repeats = query.shape[1] // key.shape[1]
            key = key.repeat_interleave(repeats, dim=1)
            value = value.repeat_interleave(repeats, dim=1)
        width = value.shape[-1]
        if width == query.shape[-1]:
            return original(query, key, value, *args, **kwargs)
        padded = torch.nn.functional.pad(value, (0, query.shape[-1] - width))
        result = original(query, key, padded, *args, **kwargs)
        if isinstance(result, tuple):
            return (result[0][..., :width], *result[1:])
        return result[..., :width]

    module.varlen_attn = varlen_attn


def _flash_attention(module: Any) -> None:
    if importlib.util.find_spec("flash_attn_interface") is None:
        module.get_cuda_flash_attention_impl = lambda: None


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

    def flex_attention(query: Any, *args: Any, kernel_options: Any = None, **kwargs: Any) -> Any:
        if query.shape[-1] > WIDE_HEAD:
            kernel_options = SMALL_BLOCKS | (kernel_options or {})
        return compiled(query, *args, kernel_options=kernel_options, **kwargs)

    module.FlexAttention._compiled_flex_attn = flex_attention


STAND_INS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "torch.distributed": (
        f"only with {SHARE_GPU}: Gloo in the place of NCCL, so that all ranks can use one GPU",
        _shared_gpu,
    ),
    "torch.distributed.fsdp._fully_shard._fsdp_collectives": (
        f"only with {SHARE_GPU}: gradients are summed and divided apart, as Gloo cannot do both",
        _sums_only,
    ),
    "torch.distributed.fsdp": (
        "DataParallelMeshDims: a class of two names, only passed on when more than one GPU is used",
        _mesh_dims,
    ),
    "torch.nn.attention.varlen": (
        "varlen_attn without num_splits (left to the kernel), with key heads repeated for GQA and "
        "values padded with zeros to the width of the keys",
        _varlen,
    ),
    "torchtitan.tools.utils": (
        "get_cuda_flash_attention_impl: the flash attention 2 in Torch, FA3's package being absent",
        _flash_attention,
    ),
    "torchtitan.models.common.attention": (
        "FlexAttention compiled without autotuning (with it four engines took over 400 s), and in "
        "blocks of 32 where heads are wider than 128, since the default blocks do not fit there",
        _no_autotune,
    ),
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
        if name not in STAND_INS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, STAND_INS[name][1])
        return spec


sys.meta_path.insert(0, _Finder())
