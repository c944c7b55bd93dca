"""What a model's own registry puts into its spec is what a call of a field of the spec is held against."""

from __future__ import annotations

import pytest

from tests.rules.call_cases import messages
from titan_lint.api import bundle
from titan_lint.api.changes import facts

REGISTRY = "from torchtitan.models.llama3 import model_registry\n"
SPEC = f"{REGISTRY}spec = model_registry('8B', attn_backend='flex')\n"
BY_NAME = "from torchtitan.protocols.train_spec import get_train_spec\n"
UNKNOWN = "TTN301 `parallelize_llama` takes no `model_converters` at torchtitan 0.3.0"
PARALLELIZE = "parallelize_fn(**rest, model_converters=None)\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{SPEC}spec.{PARALLELIZE}", UNKNOWN),
        (f"{REGISTRY}model_registry('8B', attn_backend='flex').{PARALLELIZE}", UNKNOWN),
        (
            f"{SPEC}parallelize = spec.parallelize_fn\nparallelize(**a, model_converters=1)\n",
            UNKNOWN,
        ),
        (
            f"{REGISTRY}def made(size):\n    return model_registry(size, attn_backend='flex')\n"
            f"def use(size):\n    made(size).{PARALLELIZE}",
            UNKNOWN,
        ),
        (
            f"{REGISTRY}class Engine:\n    def __init__(self, size):\n"
            "        self.spec = model_registry(size, attn_backend='flex')\n"
            f"    def use(self):\n        self.spec.{PARALLELIZE}",
            UNKNOWN,
        ),
        (
            f"import torchtitan.models.llama3 as m\nm.model_registry('8B', 'flex').{PARALLELIZE}",
            UNKNOWN,
        ),
        (
            f"{SPEC}spec.pipelining_fn(model, **rest, job_config=1)\n",
            "TTN301 `pipeline_llm` takes no `job_config` at torchtitan 0.3.0",
        ),
        (
            f"{SPEC}spec.state_dict_adapter(spec.model, None, fqn_to_index=1)\n",
            "TTN301 `Llama3StateDictAdapter` takes no `fqn_to_index` at torchtitan 0.3.0",
        ),
        (
            "from torchtitan.models.qwen3 import model_registry\n"
            "spec = model_registry('0.6B', attn_backend='flex')\n"
            "spec.post_optimizer_build_fn(optimizers, parts)\n",
            "TTN302 `register_moe_load_balancing_hook` asks for `parallel_dims` at torchtitan 0.3.0",
        ),
        (
            "from importlib import import_module\ndef use(name):\n"
            "    made = import_module(f'torchtitan.models.{name}').model_registry('8B', attn_backend='flex')\n"
            "    made.parallelize_fn(model, **rest, job_config=1)\n",
            "TTN301 `ModelSpec.parallelize_fn` takes no `job_config` at torchtitan 0.3.0",
        ),
    ],
)
def test_a_call_of_a_field_is_held_against_what_the_registry_puts_there(
    text: str, expected: str
) -> None:
    assert any(said.startswith(expected) for said in messages(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"{BY_NAME}get_train_spec('llama3').parallelize_fn(model, mesh, parallel_dims, config)\n",
            "TTN303 `parallelize_llama` takes 3 positional arguments at torchtitan 0.2.2, not 4",
        ),
        (
            f"{BY_NAME}get_train_spec('deepseek_v3').model_cls(args, device='cpu')\n",
            "TTN301 `DeepSeekV3Model` takes no `device` at torchtitan 0.2.2",
        ),
        (
            "from torchtitan.models.qwen3 import get_train_spec\n"
            "get_train_spec().build_validator_fn(config, 1, **rest, world_mesh=2)\n",
            "TTN301 `build_validator` takes no `world_mesh` at torchtitan 0.2.2",
        ),
        (
            "from torchtitan.models.llama4 import get_train_spec\n"
            "get_train_spec().build_lr_schedulers_fn(optimizers, config)\n",
            "TTN302 `build_lr_schedulers` asks for `training_steps` at torchtitan 0.2.2",
        ),
        (
            "from torchtitan.models.flux import get_train_spec\n"
            "get_train_spec().parallelize_fn(model, dims, config, 1)\n",
            "TTN303 `parallelize_flux` takes 3 positional arguments at torchtitan 0.2.2, not 4",
        ),
    ],
)
def test_so_is_one_of_what_a_train_spec_has(text: str, expected: str) -> None:
    assert any(said.startswith(expected) for said in messages(text, "0.2.2"))


@pytest.mark.parametrize(
    "text",
    [
        # Another may stand there: the file sets it, or makes a spec that has its own.
        f"{SPEC}spec.parallelize_fn = own\nspec.{PARALLELIZE}",
        f"import dataclasses\n{SPEC}spec = dataclasses.replace(spec, parallelize_fn=own)\nspec.{PARALLELIZE}",
        f"import dataclasses\n{SPEC}spec = dataclasses.replace(spec, **own)\nspec.{PARALLELIZE}",
        f"{SPEC}setattr(spec, 'parallelize_fn', own)\nspec.{PARALLELIZE}",
        f"{SPEC}vars(spec).update(own)\nspec.{PARALLELIZE}",
        # What it is handed to may set it.
        f"import engine\n{SPEC}engine.patch(spec)\nspec.{PARALLELIZE}",
        f"import engine\n{SPEC}engine.patch(of=spec)\nspec.{PARALLELIZE}",
        # Whose it is does not show.
        f"from torchtitan.protocols.model_spec import ModelSpec\ndef use(spec: ModelSpec):\n    spec.{PARALLELIZE}",
        f"from torchtitan.trainer import Trainer\ndef use(config: Trainer.Config):\n    config.model_spec.{PARALLELIZE}",
        # One of two.
        f"{REGISTRY}from torchtitan.models import qwen3\n"
        f"spec = model_registry('8B') if small else mine()\nspec.{PARALLELIZE}",
        # The registry is another one.
        "import torchtitan.models.llama3 as m\nm.parallelize_llama = own\n"
        f"m.model_registry('8B').{PARALLELIZE}",
        f"import torchtitan.models.llama3 as m\nm.model_registry = own\nm.model_registry('8B').{PARALLELIZE}",
        # It is what the target takes.
        f"{SPEC}spec.parallelize_fn(model, **rest)\n",
        # A field that holds `None` there, and one that holds what a function around it makes.
        f"{SPEC}spec.post_optimizer_build_fn(1, 2, 3, 4, 5)\n",
        # It asks first.
        f"import inspect\n{SPEC}"
        "if 'model_converters' in inspect.signature(spec.parallelize_fn).parameters:\n"
        f"    spec.{PARALLELIZE}",
        f"{SPEC}try:\n    spec.{PARALLELIZE}except TypeError:\n    pass\n",
    ],
)
def test_nothing_is_said_where_another_function_may_be_there(text: str) -> None:
    assert [said for said in messages(text) if "TTN304" not in said and "TTN401" not in said] == []


@pytest.mark.parametrize(
    "text",
    [
        f"from torchtitan.protocols.train_spec import register_train_spec\n{BY_NAME}"
        "register_train_spec('llama3', own)\n"
        "get_train_spec('llama3').parallelize_fn(1, 2, 3, 4)\n",
        f"{BY_NAME}def use(name):\n    get_train_spec(name).parallelize_fn(1, 2, 3, 4)\n",
        f"{BY_NAME}get_train_spec('mine').parallelize_fn(1, 2, 3, 4)\n",
    ],
)
def test_nor_of_a_train_spec_that_may_be_the_projects_own(text: str) -> None:
    assert messages(text, "0.2.2") == []


def test_every_path_of_the_facts_is_there_at_its_torchtitans() -> None:
    for spec in facts.specs().specs:
        for key in spec.of:
            for name in spec.fields.values():
                assert bundle.load(key).lookup(f"{spec.package}.{name}") is not None
