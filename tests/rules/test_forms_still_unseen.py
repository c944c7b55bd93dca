"""The forms that `docs/not-seen.md` and `docs/not-seen-calls.md` say are not seen."""

from __future__ import annotations

import pytest

from tests.rules.cases import found
from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options


@pytest.mark.parametrize(
    "text",
    [
        # The names in a table of pairs of which one is taken, or that a loop tells apart.
        "import importlib\n"
        "TABLE = {'llama3': ('torchtitan.models.llama3', 'llama3_args')}\n"
        "def load(key):\n"
        "    module, name = TABLE[key]\n"
        "    return getattr(importlib.import_module(module), name)\n",
        "import importlib\n"
        "TABLE = [('torchtitan.models.llama3', 'llama3_args')]\n"
        "made = [getattr(importlib.import_module(m), n) for m, n in TABLE if n.endswith('args')]\n",
        # What is in a field of a spec that the file does not make itself, and one that holds `None`.
        "from torchtitan.trainer import Trainer\n"
        "def use(config: Trainer.Config):\n    config.model_spec.parallelize_fn(1, nope=2)\n",
        "from torchtitan.models.llama3 import model_registry\n"
        "model_registry('8B', attn_backend='flex').post_optimizer_build_fn(1, nope=2)\n",
        # The mesh of a backend that a config's class has by its own default.
        "from dataclasses import dataclass, field\nfrom torchtitan.config import ParallelismConfig\n"
        "from torchtitan.trainer import Trainer\n"
        "@dataclass(kw_only=True)\nclass Config(Trainer.Config):\n"
        "    parallelism: ParallelismConfig = field(default_factory=lambda: ParallelismConfig())\n"
        "Trainer(Config()).parallel_dims.get_mesh('fsdp')\n",
        # The attributes of a config as a dictionary that has a name.
        "from torchtitan.config import TrainingConfig\n"
        "def use(config: TrainingConfig):\n    held = vars(config)\n    return held['dataset']\n",
        # A function that reads attributes, called by another one.
        "from operator import attrgetter\nfrom torchtitan.trainer import Trainer\n"
        "def use(trainers: list[Trainer]):\n"
        "    return sorted(trainers, key=attrgetter('job_config'))\n",
        # The default of other dictionaries than the environment.
        "from torchtitan.models.llama3 import model_registry\n"
        "def use(settings):\n"
        "    return model_registry(settings.get('size', '9B'), attn_backend='flex')\n",
        # What a flag guards that tells of more than an import.
        "try:\n    from torchtitan.distributed import ParallelDims\n"
        "    made = [ParallelDims for _ in range(1)]\n    HAS = True\n"
        "except ImportError:\n    HAS = False\n"
        "if HAS:\n    made[0](1, 1, 1, 1, 1, 1, 8, etp=1)\n",
        # What a derived class has.
        "from torchtitan.protocols.model import BaseModel\n"
        "def use(config):\n    assert isinstance(config, BaseModel.Config)\n    return config._enforced\n",
        # Behind a test for what a probe gave.
        "import torchtitan.distributed as titan\nX = getattr(titan, 'ParallelDims', None)\n"
        "def use(x):\n    if isinstance(x, X):\n        return x.etp_enabled\n",
        # What is below an item of `layers`, read or set.
        "from torchtitan.models.deepseek_v3 import model_registry\n"
        "spec = model_registry('debugmodel', attn_backend='flex')\n"
        "for layer in spec.model.layers:\n    layer.attention.mask_type = 'causal'\n"
        "print(spec.model.layers[0].moe.experts)\n",
        # A field that torchtitan's config has lost, declared anew.
        "from dataclasses import dataclass, field\nfrom torchtitan.tools.profiler import Profiler\n"
        "from torchtitan.trainer import Trainer\n"
        "@dataclass(kw_only=True, slots=True)\nclass TrainerConfig(Trainer.Config):\n"
        "    profiling: Profiler.Config = field(default_factory=Profiler.Config)\n",
        # A config of no trainer that its file does not build.
        "from dataclasses import dataclass\nfrom torchtitan.components.optimizer import default_adamw\n"
        "from torchtitan.models.llama3 import model_registry\nfrom torchtitan.trainer import Trainer\n"
        "@dataclass(kw_only=True, slots=True)\nclass TrainerConfig(Trainer.Config):\n    more: int = 0\n"
        "def job():\n    return TrainerConfig(\n"
        "        model_spec=model_registry('debugmodel', attn_backend='flex'), optimizer=default_adamw()\n"
        "    )\n",
        # A function where torchtitan only imports it from, and what makes instances.
        "import torchtitan.distributed.context_parallel as cp\n"
        "cp.prepare_context_parallel_input = lambda inputs, labels: (inputs, labels)\n",
        "from torchtitan.components.checkpoint import CheckpointManager\n"
        "from torchtitan.components.optimizer import LRSchedulersContainer\n"
        "CheckpointManager.__init__ = lambda self: None\n"
        "LRSchedulersContainer.Config.build = lambda self: None\n",
        # What another one of several classes has.
        "from torchtitan.trainer import Trainer\n"
        "def use(config: Trainer.Config):\n    return config.activation_checkpoint.memory_budget\n",
    ],
)
def test_these_forms_are_still_unseen(text: str) -> None:
    for code in rules.names():
        assert found(code, text, "0.3.0", (code,)) == []


@pytest.mark.parametrize(
    "text",
    [
        # A section that is left out.
        "from torchtitan.trainer import Trainer\n"
        "def job(spec, loss):\n    return Trainer.Config(model_spec=spec, loss=loss)\n",
        # What may turn a profiler on.
        "from torchtitan.tools.profiler import Profiler\n"
        "def job(on):\n    return Profiler.Config(enable_profiling=on)\n",
    ],
)
def test_these_defaults_are_still_unseen(text: str) -> None:
    linted = lint(
        Source("case.py", text),
        codes=["TTN304"],
        targets=targets.parse("0.3.0"),
        options=Options(written_for="main@7cec16600"),
    )
    assert linted.findings == []
    assert not linted.failures


def test_the_flavors_of_the_spec_of_an_experiment_are_still_unseen() -> None:
    text = "from torchtitan.{}.llama3 import get_train_spec\nget_train_spec().model_args['8B_varlen']\n"
    assert found("TTN402", text.format("models"), "0.2.0", ("TTN402",))
    assert found("TTN402", text.format("experiments.simple_fsdp"), "0.2.0", ("TTN402",)) == []


def test_the_fields_of_a_class_that_is_a_dataclass_no_more_are_still_unseen() -> None:
    text = (
        "import dataclasses\nfrom torchtitan.hf_datasets.multimodal.mm_collator import MultiModalCollator\n"
        "dataclasses.fields(MultiModalCollator)\n"
    )
    for code in rules.names():
        assert found(code, text, "main@b5bcd76c6", (code,)) == []


def test_what_stands_behind_the_version_that_main_goes_by_is_still_unseen() -> None:
    text = (
        "import importlib.metadata\nfrom packaging.version import Version\n"
        "from torchtitan.distributed import ParallelDims\n"
        "if Version(importlib.metadata.version('torchtitan')) >= Version('0.2.0'):\n"
        "    ParallelDims.etp_enabled\n"
    )
    assert found("TTN203", text, "0.3.0", ("TTN203",))
    assert found("TTN203", text, "main@b5bcd76c6", ("TTN203",)) == []
