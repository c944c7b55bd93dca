"""`--legacy-guard`: a rewritten engine stops at start-up on a torchtitan that is too old."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from tests.projects import run_here

from .conftest import ENGINES

if TYPE_CHECKING:
    from pathlib import Path

LITERAL = """\
from torchtitan.models.llama3 import model_registry


def build(attn_type):
    spec = model_registry({flavor!r})
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = attn_type
    return spec
"""


def guarded(source: str, directory: Path) -> ModuleType:
    """The source after `--fix --legacy-guard`, imported."""
    path = directory / "guarded_engine.py"
    path.write_text(source, encoding="utf-8")
    run = run_here(
        *("--fix", "--legacy-guard", "--torchtitan", "0.3.0", "--exit-zero", path.name),
        cwd=directory,
    )
    assert run.status == 0, run.err
    assert "inspect.signature" in path.read_text(encoding="utf-8")
    spec = importlib.util.spec_from_file_location("guarded_engine", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def old_llama3(torch_on_cpu: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A `torchtitan.models.llama3` whose registry has the signature of March 2026."""
    module = ModuleType("torchtitan.models.llama3")

    def model_registry(flavor: str) -> Any:
        raise AssertionError(f"the guard let {flavor!r} through")

    module.model_registry = model_registry
    monkeypatch.setitem(sys.modules, "torchtitan.models.llama3", module)
    return module


@pytest.fixture
def engine_parts_importable(torch_on_cpu: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ENGINES))


@pytest.mark.parametrize("attn_type", ["flex", "varlen", "sdpa"])
@pytest.mark.usefixtures("old_llama3", "engine_parts_importable")
def test_guard_stops_any_backend_on_an_old_torchtitan(tmp_path: Path, attn_type: str) -> None:
    engine = guarded((ENGINES / "founding.py").read_text(encoding="utf-8"), tmp_path)
    with pytest.raises(RuntimeError, match=r"takes no attn_backend.*\b0\.3\.0\b"):
        engine.make_engine(attn_type, "cpu")


@pytest.mark.parametrize(
    ("flavor", "old"), [("8B", "8B_varlen"), ("debugmodel", "debugmodel_flex_attn")]
)
@pytest.mark.usefixtures("old_llama3")
def test_guard_names_the_old_flavor_of_a_literal_one(tmp_path: Path, flavor: str, old: str) -> None:
    module = guarded(LITERAL.format(flavor=flavor), tmp_path)
    with pytest.raises(RuntimeError, match=rf"\b0\.3\.0\b.*'{old}'"):
        module.build("varlen")


@pytest.mark.usefixtures("engine_parts_importable")
@pytest.mark.parametrize("attn_type", ["flex", "varlen"])
def test_guard_lets_the_real_torchtitan_through(tmp_path: Path, attn_type: str) -> None:
    engine = guarded((ENGINES / "founding.py").read_text(encoding="utf-8"), tmp_path)
    built = engine.make_engine(attn_type, "cpu").model.layers["0"].attention.inner_attention
    assert type(built).__name__.lower().startswith(attn_type)
