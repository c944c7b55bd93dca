"""What titan-lint knows of torchtitan 0.3.0's registries, held against the package itself."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
from typing import TYPE_CHECKING, Any

import pytest

from titan_lint import api

if TYPE_CHECKING:
    from types import ModuleType

MODELS = (
    "deepseek_v3",
    "flux",
    "gpt_oss",
    "kimi_k2_7",
    "llama3",
    "muse_glimmer",
    "qwen3",
    "qwen3_5",
)
ATTENTION_CONFIGS = {"flex": "FlexAttention.Config", "varlen": "VarlenAttention.Config"}


@pytest.fixture(scope="module")
def facts(torch_on_cpu: ModuleType) -> Any:
    version = importlib.metadata.version("torchtitan")
    if version != "0.3.0":
        pytest.skip(f"torchtitan {version} is installed, these facts are of 0.3.0")
    return api.load("0.3.0")


def imported(model: str) -> ModuleType:
    try:
        return importlib.import_module(f"torchtitan.models.{model}")
    except Exception as error:
        pytest.skip(f"torchtitan.models.{model} does not import here: {error}")


def takes_attention(module: ModuleType) -> bool:
    return "attn_backend" in inspect.signature(module.model_registry).parameters


def flavors(module: ModuleType) -> list[str]:
    named = {k: v for k, v in vars(module).items() if k.endswith("_configs")}
    return [flavor for configs in named.values() if isinstance(configs, dict) for flavor in configs]


def inner_attentions(config: Any) -> list[str]:
    """Qualified class names of the attention configs of every layer that has attention."""
    layers = [getattr(layer, "attention", None) for layer in config.layers]
    return [type(a.inner_attention).__qualname__ for a in layers if a is not None]


@pytest.mark.parametrize("model", MODELS)
def test_registry_parameters_are_as_bundled(facts: Any, model: str) -> None:
    real = inspect.signature(imported(model).model_registry).parameters
    known = facts.lookup(f"torchtitan.models.{model}.model_registry").parameters
    assert [parameter.name for parameter in known] == list(real)
    for parameter in known:
        default = real[parameter.name].default
        assert parameter.default == (None if default is inspect.Parameter.empty else repr(default))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("attn_backend", ATTENTION_CONFIGS)
def test_every_layer_gets_the_attention_asked_for(
    facts: Any, model: str, attn_backend: str
) -> None:
    module = imported(model)
    if not takes_attention(module):
        pytest.skip(f"{model} has no attention to choose")
    for flavor in flavors(module):
        built = inner_attentions(module.model_registry(flavor, attn_backend=attn_backend).model)
        assert built, flavor
        assert set(built) == {ATTENTION_CONFIGS[attn_backend]}, flavor


@pytest.mark.parametrize("model", MODELS)
def test_sdpa_is_refused(facts: Any, model: str) -> None:
    module = imported(model)
    if not takes_attention(module):
        pytest.skip(f"{model} has no attention to choose")
    with pytest.raises(ValueError, match="sdpa is no longer supported"):
        module.model_registry(flavors(module)[0], attn_backend="sdpa")


def test_enough_models_import_for_these_tests_to_mean_something(facts: Any) -> None:
    imports = 0
    for model in MODELS:
        try:
            importlib.import_module(f"torchtitan.models.{model}")
        except Exception:
            continue
        imports += 1
    assert imports >= 5
