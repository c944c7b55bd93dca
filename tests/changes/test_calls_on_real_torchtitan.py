"""What the catalogue writes for torchtitan 0.3.0 constructs on the real package."""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Any

import pytest

from tests.fixing import fix_text

CONFIG = "from torchtitan.config import CompileConfig, ParallelismConfig, TrainingConfig\n"
OPTIMIZER = "from torchtitan.components.optimizer import OptimizersContainer\n"

OLD_FORMS = [
    pytest.param(f"{OPTIMIZER}x = OptimizersContainer.Config(lr=1e-3)\n", id="C10"),
    pytest.param(
        f"{OPTIMIZER}x = OptimizersContainer.Config(\n"
        '    name="Adam",\n    weight_decay=0.0,\n    implementation="foreach",\n)\n',
        id="C10-keeps-the-implementation",
    ),
    pytest.param(
        f"{OPTIMIZER}\n\ndef configure():\n    return OptimizersContainer.Config()\n\n\n"
        "x = configure()\n",
        id="C10-no-groups",
    ),
    pytest.param(f"{CONFIG}x = ParallelismConfig(expert_tensor_parallel_degree=1)\n", id="C1"),
    pytest.param(f'{CONFIG}x = ParallelismConfig(spmd_backend="default")\n', id="C8"),
    pytest.param(f"{CONFIG}x = ParallelismConfig(full_dtensor=True)\n", id="C7-on"),
    pytest.param(f"{CONFIG}x = ParallelismConfig(full_dtensor=False)\n", id="C7-off"),
    pytest.param(f"{CONFIG}x = ParallelismConfig(disable_loss_parallel=False)\n", id="C6"),
    pytest.param(
        f'{CONFIG}x = ParallelismConfig(context_parallel_rotate_method="allgather")\n', id="C5"
    ),
    pytest.param(
        f"{CONFIG}x = ParallelismConfig(pipeline_parallel_expert_parallel_overlap=True)\n", id="C4"
    ),
    pytest.param(
        f"{CONFIG}x = ParallelismConfig(hybridep_non_blocking_expert_capacity_factor=None)\n",
        id="C3",
    ),
    pytest.param(
        f'{CONFIG}x = ParallelismConfig(expert_parallel_comm_backend="standard")\n', id="C2"
    ),
    pytest.param(
        f"{CONFIG}x = ParallelismConfig(enable_async_tensor_parallel=True)\n"
        "y = CompileConfig(enable=True)\n",
        id="F8",
    ),
    pytest.param(
        "from torchtitan.distributed.parallel_dims import ParallelDims\n"
        "x = ParallelDims(\n    dp_replicate=1,\n    dp_shard=1,\n    cp=1,\n    tp=1,\n    pp=1,\n"
        "    ep=1,\n    etp=1,\n    world_size=1,\n)\n",
        id="C1-dims",
    ),
    *(
        pytest.param(
            "from torchtitan.config import ActivationCheckpointConfig\n"
            "from torchtitan.trainer import Trainer\n"
            f"x = Trainer.Config(activation_checkpoint=ActivationCheckpointConfig({given}))\n",
            id=f"C12-{given}",
        )
        for given in (
            "",
            'mode="selective", per_op_sac_force_recompute_mm_shapes_by_fqns=["a"], early_stop=True',
            'mode="full", determinism_check="none", debug=True',
            'mode="none", memory_budget=0.1',
        )
    ),
    pytest.param(
        "from torchtitan.tools.profiler import Profiler\n"
        "from torchtitan.trainer import Trainer\n"
        "x = Trainer.Config(profiling=Profiler.Config())\n",
        id="M20",
    ),
    pytest.param(
        "from torchtitan.components.checkpoint import CheckpointManager\n"
        "x = CheckpointManager.Config(enable_ft_dataloader_checkpoints=True)\n",
        id="F11",
    ),
    pytest.param(
        "from torchtitan.models.llama3 import model_registry\n"
        'x = model_registry("debugmodel", attn_backend="flex", quantization=None)\n',
        id="M25",
    ),
    pytest.param(
        "from torchtitan.models.llama3 import model_registry\n"
        "from torchtitan.trainer import Trainer\n\n\n"
        "def configure():\n"
        '    spec = model_registry("debugmodel", attn_backend="flex")\n'
        "    return Trainer.Config(model_spec=spec)\n\n\n"
        "x = configure()\nx.loss.build()\n",
        id="M23",
    ),
    pytest.param(
        "from torchtitan.models.llama3 import model_registry\n"
        "from torchtitan.trainer import Trainer\n"
        'spec = model_registry("debugmodel", attn_backend="flex")\n'
        "x = spec.model.update_from_config(trainer_config=Trainer.Config(model_spec=spec))\n",
        id="F5",
    ),
    pytest.param(
        "from torchtitan.models.llama3 import Llama3StateDictAdapter, model_registry\n"
        'spec = model_registry("debugmodel", attn_backend="flex")\n'
        "x = Llama3StateDictAdapter(model_args=spec.model, hf_assets_path=None)\n",
        id="F13",
    ),
]


@pytest.fixture(scope="module", autouse=True)
def _torchtitan() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("torchtitan", reason="torchtitan is not installed")
    version = importlib.metadata.version("torchtitan")
    if not version.startswith("0.3."):
        pytest.skip(f"torchtitan {version} is installed, not 0.3")


@pytest.mark.parametrize("code", OLD_FORMS)
def test_old_form_fails_and_what_is_written_for_it_constructs(code: str) -> None:
    fixed = fix_text(code, unsafe=True)
    assert fixed.refused is None
    assert fixed.source.text != code
    errors = [f.said for f in fixed.remaining if f.severity == "error"]
    assert errors == []
    exec(compile(fixed.source.text, "fixed.py", "exec"), {})


@pytest.mark.parametrize(
    "code",
    [
        param
        for param in OLD_FORMS
        if param.id != "C10-no-groups"  # There the optimizer cannot be built: see below.
    ],
)
def test_old_form_is_refused_by_the_real_package(code: str) -> None:
    with pytest.raises((TypeError, ValueError, ImportError)):
        exec(compile(code, "old.py", "exec"), {})


def test_optimizer_without_groups_cannot_be_built() -> None:
    torch: Any = importlib.import_module("torch")
    names: dict[str, Any] = {}
    exec(f"{OPTIMIZER}x = OptimizersContainer.Config()", names)
    with pytest.raises(AssertionError, match="Parameter mismatch"):
        names["x"].build(model_parts=[torch.nn.Linear(2, 2)])


@pytest.mark.parametrize(
    ("given", "kwargs"),
    [
        ("lr=1e-3", {"lr": 1e-3}),
        ("name='AdamW', eps=1e-6, weight_decay=0.0", {"eps": 1e-6, "weight_decay": 0.0}),
        ("beta2=0.99", {"betas": (0.9, 0.99)}),
    ],
)
def test_default_adamw_makes_what_the_old_keywords_meant(
    given: str, kwargs: dict[str, object]
) -> None:
    """What is not passed has the defaults of 0.2.2; the config is that of its class alone."""
    optimizer: Any = importlib.import_module("torchtitan.components.optimizer")
    fixed = fix_text(f"{OPTIMIZER}x = OptimizersContainer.Config({given})\n").source.text
    assert "x = default_adamw(" in fixed
    names: dict[str, Any] = {}
    exec(fixed, names)
    old = {"lr": 8e-4, "betas": (0.9, 0.95), "eps": 1e-8, "weight_decay": 0.1}
    assert names["x"] == optimizer.OptimizersContainer.Config(
        param_groups=[
            optimizer.ParamGroupConfig(
                pattern=r".*", optimizer_name="AdamW", optimizer_kwargs=old | kwargs
            )
        ]
    )
