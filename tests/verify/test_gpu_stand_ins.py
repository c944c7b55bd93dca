"""What stands in on a GPU machine is put in only where the thing itself is missing, and is named."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

# Looked for, not imported: that takes seconds in every process which only collects the tests.
pytestmark = pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="needs torch")

FILE = Path(__file__).parents[2] / "scripts" / "gpu_stand_ins" / "sitecustomize.py"
HEADS, KEY_HEADS, WIDTH, TOKENS = 4, 2, 8, 5


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, loaded as no process's own sitecustomize."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delenv("TITAN_LINT_STAND_INS_LOG", raising=False)
    spec = importlib.util.spec_from_file_location("gpu_stand_ins", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "gpu_stand_ins", module)
    spec.loader.exec_module(module)
    return module


def attend(query: Any, key: Any, value: Any) -> Any:
    """Attention over one document, `(tokens, heads, width)`."""
    import torch

    scores = torch.einsum("qhd,khd->hqk", query, key).softmax(-1)
    return torch.einsum("hqk,khd->qhd", scores, value)


def of_torch_2_11(query: Any, key: Any, value: Any) -> Any:
    assert query.shape == key.shape == value.shape
    return attend(query, key, value)


def of_torch_2_13(
    query: Any, key: Any, value: Any, *, enable_gqa: bool = False, num_splits: int | None = None
) -> Any:
    assert query.shape[-1] == value.shape[-1]
    assert enable_gqa == (query.shape[1] != key.shape[1])
    repeats = query.shape[1] // key.shape[1]
    return attend(query, *(each.repeat_interleave(repeats, dim=1) for each in (key, value)))


def qkv(key_heads: int = HEADS, value_width: int = WIDTH) -> tuple[Any, Any, Any]:
    import torch

    generator = torch.Generator().manual_seed(0)
    shapes = ((HEADS, WIDTH), (key_heads, WIDTH), (key_heads, value_width))
    query, key, value = (torch.randn(TOKENS, *shape, generator=generator) for shape in shapes)
    return query, key, value


def without_flash_attention_3(module: Any, present: bool, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(module, "_has_flash_attention_3", lambda: present)


OLD_CALL = {"num_splits": 1, "enable_gqa": True}
FEW_KEYS, NARROW = {"key_heads": KEY_HEADS}, {"value_width": 4}


@pytest.mark.parametrize(
    ("attention", "flash_3", "shape", "keywords", "expected"),
    [
        (of_torch_2_11, False, {}, {}, set()),
        (of_torch_2_11, False, FEW_KEYS, OLD_CALL, {"num-splits", "key-heads"}),
        (of_torch_2_13, False, {}, {"num_splits": 1}, set()),
        (of_torch_2_13, False, FEW_KEYS, OLD_CALL, set()),
        (of_torch_2_13, False, NARROW, {"num_splits": 1}, {"narrow-values"}),
        (of_torch_2_13, False, FEW_KEYS | NARROW, OLD_CALL, {"narrow-values"}),
        (of_torch_2_13, True, FEW_KEYS, OLD_CALL, set()),
    ],
)
@pytest.mark.parametrize("compiled", [False, True])
def test_varlen_attention_is_completed_only_where_torch_lacks_something(
    stand_ins: Any,
    monkeypatch: pytest.MonkeyPatch,
    attention: Callable[..., Any],
    flash_3: bool,
    shape: dict[str, int],
    keywords: dict[str, Any],
    expected: set[str],
    compiled: bool,
) -> None:
    import torch

    without_flash_attention_3(stand_ins, flash_3, monkeypatch)
    module = SimpleNamespace(varlen_attn=attention)
    stand_ins._varlen(module)
    assert not stand_ins.PUT_IN
    call = module.varlen_attn
    if compiled:
        torch.compiler.reset()
        call = torch.compile(call, backend="eager", fullgraph=True)
    query, key, value = inputs = qkv(**shape)
    repeats = HEADS // key.shape[1]
    right = attend(query, *(each.repeat_interleave(repeats, dim=1) for each in (key, value)))
    torch.testing.assert_close(call(*inputs, **keywords), right)
    assert expected == stand_ins.PUT_IN


def test_nothing_is_done_to_varlen_attention_where_flash_attention_3_is_there(
    stand_ins: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_flash_attention_3(stand_ins, True, monkeypatch)
    module = SimpleNamespace(varlen_attn=of_torch_2_13, get_cuda_flash_attention_impl=lambda: "FA3")
    stand_ins._varlen(module)
    stand_ins._flash_attention(module)
    assert module.varlen_attn is of_torch_2_13
    assert module.get_cuda_flash_attention_impl() == "FA3"
    assert not stand_ins.PUT_IN


@pytest.mark.parametrize(
    ("named", "given", "expected"),
    [("FA3", None, {"flash-attention-2"}), (None, None, set()), ("FA4", "FA4", set())],
)
def test_flash_attention_3_alone_is_replaced(
    stand_ins: Any,
    monkeypatch: pytest.MonkeyPatch,
    named: str | None,
    given: str | None,
    expected: set[str],
) -> None:
    without_flash_attention_3(stand_ins, False, monkeypatch)
    module = SimpleNamespace(get_cuda_flash_attention_impl=lambda: named)
    stand_ins._flash_attention(module)
    assert module.get_cuda_flash_attention_impl() == given
    assert expected == stand_ins.PUT_IN


def test_mesh_dims_that_torch_has_are_kept(stand_ins: Any) -> None:
    has, lacks = SimpleNamespace(DataParallelMeshDims=object), SimpleNamespace()
    stand_ins._mesh_dims(has)
    assert has.DataParallelMeshDims is object
    assert not stand_ins.PUT_IN
    stand_ins._mesh_dims(lacks)
    assert lacks.DataParallelMeshDims(shard="fsdp").shard == "fsdp"
    assert {"mesh-dims"} == stand_ins.PUT_IN


def test_each_one_put_in_is_logged_once_and_described(
    stand_ins: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    monkeypatch.setenv(stand_ins.LOG, str(log))
    for name in ("gloo", "sums", "gloo"):
        stand_ins.put_in(name)
    assert log.read_text(encoding="utf-8").split() == ["gloo", "sums"]
    source = FILE.read_text(encoding="utf-8")
    for name in stand_ins.STAND_INS:
        assert f'put_in("{name}")' in source or f'note("{name}")' in source
