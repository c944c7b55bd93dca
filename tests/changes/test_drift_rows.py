"""What becomes of each change of torchtitan's API: one small program a row, in its old form.

The rows are those of the catalogue of changes and of docs/not-seen.md and docs/not-seen-calls.md. For
each the table holds what is said (a rule's code, with the applicability of its fix, or ``explained``
for an error without one), in the order of the text, and the program after
``--fix --unsafe-fixes``. A row that says nothing is one that those pages list as not seen, or that
needs nothing.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

import pytest

from titan_lint import rules
from titan_lint.api import changes, targets
from titan_lint.check.fix import fix
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.finding import Finding, Severity
from titan_lint.uses.options import Options


@dataclass(frozen=True)
class Row:
    """A program, and what is made of it.

    Attributes:
        id: The row, with a word on the form where it has several.
        code: The program.
        says: Each finding: its rule, and what is done about it.
        becomes: The program when all fixes are applied; ``None`` where it stays as it is.
        torchtitan: The target.
        written_for: The version that the program was written for, where only ``--from`` tells. Rules
            about defaults run on these rows alone.
    """

    id: str
    code: str
    says: tuple[str, ...] = ()
    becomes: str | None = None
    torchtitan: str = "0.3.0"
    written_for: str | None = None

    @property
    def codes(self) -> list[str]:
        about_defaults = {"TTN107", "TTN304"} if self.written_for is None else set[str]()
        return [c for c in rules.names() if c != "TTN901" and c not in about_defaults]

    def findings(self) -> list[Finding]:
        linted = lint(
            Source("case.py", self.code),
            codes=self.codes,
            targets=targets.parse(self.torchtitan),
            options=Options(written_for=self.written_for),
        )
        assert not linted.failures
        return linted.findings

    def fixed(self, text: str, *, unsafe: bool) -> str:
        result = fix(
            Source("case.py", text),
            codes=self.codes,
            targets=targets.parse(self.torchtitan),
            options=Options(written_for=self.written_for),
            unsafe=unsafe,
        )
        assert result.refused is None
        return result.source.text


# fmt: off
ROWS = (
    Row(
        "M1",
        """\
from torchtitan.config.job_config import ActivationCheckpoint, Comm, Compile, Debug, Parallelism, Training

training = Training(local_batch_size=2, seq_len=2048, steps=10)
parallelism = Parallelism(data_parallel_shard_degree=-1)
compile_config = Compile(enable=True)
comm = Comm(init_timeout_seconds=300)
debug = Debug(seed=1)
ac = ActivationCheckpoint(mode="full")
""",
        says=("TTN201 explained", "TTN202 safe", "TTN202 safe", "TTN202 safe", "TTN202 safe", "TTN202 safe"),
        becomes="""\
from torchtitan.config import CommConfig, CompileConfig, DebugConfig, ParallelismConfig, TrainingConfig
from torchtitan.config.job_config import ActivationCheckpoint

training = TrainingConfig(local_batch_size=2, seq_len=2048, steps=10)
parallelism = ParallelismConfig(data_parallel_shard_degree=-1)
compile_config = CompileConfig(enable=True)
comm = CommConfig(init_timeout_seconds=300)
debug = DebugConfig(seed=1)
ac = ActivationCheckpoint(mode="full")
""",
    ),
    Row(
        "M1 lost fields",
        """\
from torchtitan.config.job_config import Training

training = Training(dataset="c4", seq_len=2048)
""",
        says=("TTN202 unsafe", "TTN301 explained"),
        becomes="""\
from torchtitan.config import TrainingConfig

training = TrainingConfig(dataset="c4", seq_len=2048)
""",
    ),
    Row(
        "M2",
        """\
from torchtitan.config.job_config import Checkpoint, LRScheduler, Metrics, Optimizer, Profiling, Validation

lr = LRScheduler(warmup_steps=2)
checkpoint = Checkpoint(enable=True, interval=10)
metrics = Metrics(log_freq=1)
profiling = Profiling(enable_profiling=True)
optimizer = Optimizer(name="AdamW", lr=3e-4)
validation = Validation(enable=True)
""",
        says=("TTN202 safe", "TTN202 safe", "TTN202 safe", "TTN202 unsafe", "TTN202 safe", "TTN202 unsafe"),
        becomes="""\
from torchtitan.components.checkpointer import CheckpointManager
from torchtitan.components.metrics import MetricsProcessor
from torchtitan.components.optimizer import default_adamw, LRSchedulersContainer
from torchtitan.components.validate import Validator
from torchtitan.tools.profiler import Profiler

lr = LRSchedulersContainer.Config(warmup_steps=2)
checkpoint = CheckpointManager.Config(enable=True, interval=10)
metrics = MetricsProcessor.Config(log_freq=1)
profiling = Profiler.Config(enable_profiling=True)
optimizer = default_adamw(lr=3e-4)
validation = Validator.Config(enable=True)
""",
    ),
    Row(
        "M2 none",
        """\
from torchtitan.config.job_config import Experimental, Job, MemoryEstimation, Model, Quantize

model = Model(name="llama3", flavor="8B")
job = Job(dump_folder="out")
print(Quantize(), MemoryEstimation(), Experimental())
""",
        says=("TTN201 explained", "TTN201 explained", "TTN201 explained", "TTN201 explained", "TTN201 explained"),
    ),
    Row(
        "M3",
        """\
from torchtitan.config import JobConfig

config = JobConfig()
print(config.job.dump_folder)
""",
        says=("TTN201 explained",),
    ),
    Row(
        "M3 b",
        """\
from torchtitan.config.job_config import Job, JobConfig, Model

config = JobConfig(model=Model(name="llama3", flavor="8B"), job=Job(dump_folder="out"))
""",
        says=("TTN201 explained", "TTN201 explained", "TTN201 explained"),
    ),
    Row(
        "M4",
        """\
from torchtitan.protocols.train_spec import get_train_spec

config = get_train_spec("llama3").model_args["8B"]
""",
        says=("TTN201 unsafe",),
        becomes="""\
from torchtitan.models.llama3 import model_registry

config = model_registry("8B").model
""",
    ),
    Row(
        "M4 b",
        """\
from torchtitan.protocols.train_spec import get_train_spec

spec = get_train_spec("llama3")
config = spec.model_args["8B"]
""",
        says=("TTN201 explained",),
    ),
    Row(
        "M4 c",
        """\
from torchtitan.protocols.train_spec import TrainSpec, register_train_spec

register_train_spec("mine", TrainSpec(model_cls=None, model_args={}))
""",
        says=("TTN201 explained", "TTN201 explained"),
    ),
    Row(
        "M4 d",
        """\
import torchtitan.protocols.train_spec as train_spec_module

spec = train_spec_module.get_train_spec("llama3")
""",
        says=("TTN201 explained",),
    ),
    Row(
        "M4 e",
        """\
from torchtitan.models.llama3 import get_train_spec

args = get_train_spec().model_args["8B"]
""",
        says=("TTN201 unsafe",),
        becomes="""\
from torchtitan.models.llama3 import model_registry

args = model_registry("8B").model
""",
    ),
    Row(
        "M5",
        """\
from torchtitan.models.attention import VarlenMetadata, create_attention_mask, get_causal_mask_mod

mask = create_attention_mask(get_causal_mask_mod(), 1, None, 8, 8)
print(VarlenMetadata)
""",
        says=("TTN202 safe", "TTN202 safe", "TTN202 safe"),
        becomes="""\
from torchtitan.models.common.attention import (
    VarlenMetadata,
    create_attention_mask,
    get_causal_mask_mod,
)

mask = create_attention_mask(get_causal_mask_mod(), 1, None, 8, 8)
print(VarlenMetadata)
""",
    ),
    Row(
        "M6",
        """\
from torchtitan.protocols.model import AttentionMasksType, BaseModelArgs, ModelProtocol


class Mine(ModelProtocol):
    def forward(self, masks: AttentionMasksType, args: BaseModelArgs):
        return masks
""",
        says=("TTN202 safe", "TTN202 unsafe", "TTN202 unsafe"),
        becomes="""\
from torchtitan.models.common.attention import AttentionMasksType
from torchtitan.protocols.model import BaseModel


class Mine(BaseModel):
    def forward(self, masks: AttentionMasksType, args: BaseModel.Config):
        return masks
""",
    ),
    Row(
        "M7",
        """\
from torchtitan.models.llama3.infra.parallelize import parallelize_llama
from torchtitan.models.llama3.model.args import TransformerModelArgs
from torchtitan.models.llama3.model.model import Transformer
from torchtitan.models.llama3.model.state_dict_adapter import Llama3StateDictAdapter

print(parallelize_llama, TransformerModelArgs, Transformer, Llama3StateDictAdapter)
""",
        says=("TTN202 safe", "TTN202 unsafe", "TTN202 unsafe", "TTN202 safe"),
        becomes="""\
from torchtitan.models.llama3.model import Llama3Model
from torchtitan.models.llama3.state_dict_adapter import Llama3StateDictAdapter
from torchtitan.models.llama3.parallelize import parallelize_llama

print(parallelize_llama, Llama3Model.Config, Llama3Model, Llama3StateDictAdapter)
""",
    ),
    Row(
        "M8",
        """\
from torchtitan.models.llama3 import llama3_args

dim = llama3_args["8B"].dim
""",
        says=("TTN202 unsafe",),
        becomes="""\
from torchtitan.models.llama3 import model_registry

dim = model_registry("8B").model.dim
""",
    ),
    Row(
        "M9",
        """\
from torchtitan.models.moe import MoE, MoEArgs, build_moe

print(MoE, MoEArgs, build_moe)
""",
        says=("TTN202 safe", "TTN202 explained", "TTN201 explained"),
        becomes="""\
from torchtitan.models.common.moe import MoE
from torchtitan.models.moe import build_moe

print(MoE, MoE.Config, build_moe)
""",
    ),
    Row(
        "M9 b",
        """\
from torchtitan.models.common.moe.moe import MoE

print(MoE)
""",
        says=("TTN202 safe",),
        becomes="""\
from torchtitan.models.common.moe import MoE

print(MoE)
""",
    ),
    Row(
        "M10",
        """\
from torchtitan.components.ft import FTManager

print(FTManager)
""",
        says=("TTN202 safe",),
        becomes="""\
from torchtitan.experiments.torchft.manager import TorchFTManager

print(TorchFTManager)
""",
    ),
    Row(
        "M10 b",
        """\
from torchtitan.components.ft import FTManager

print(FTManager)
""",
        says=("TTN202 safe",),
        becomes="""\
from torchtitan.experiments.ft import FTManager

print(FTManager)
""",
        torchtitan="2026-04-30",
    ),
    Row(
        "M10 c",
        """\
from torchtitan.models.llama3_ft import get_train_spec

print(get_train_spec())
""",
        says=("TTN201 explained",),
    ),
    Row(
        "M11",
        """\
from torchtitan.train import Trainer

print(Trainer)
""",
        says=(),
    ),
    Row(
        "M12",
        """\
from torchtitan.components.lr_scheduler import build_lr_schedulers
from torchtitan.components.metrics import build_metrics_processor
from torchtitan.components.optimizer import build_optimizers, build_optimizers_with_moe_load_balancing
from torchtitan.components.tokenizer import build_hf_tokenizer
from torchtitan.components.validate import build_validator
from torchtitan.hf_datasets.text_datasets import build_text_dataloader, build_text_validation_dataloader
from torchtitan.protocols.model_converter import build_model_converters, register_model_converter

print(build_lr_schedulers, build_metrics_processor, build_optimizers, build_hf_tokenizer)
print(build_optimizers_with_moe_load_balancing, build_validator, build_text_dataloader)
print(build_text_validation_dataloader, build_model_converters, register_model_converter)
""",
        says=("TTN201 explained", "TTN201 explained", "TTN201 explained", "TTN201 explained", "TTN201 explained", "TTN201 explained", "TTN201 explained", "TTN201 explained", "TTN201 explained"),
    ),
    Row(
        "M13",
        """\
from torchtitan.components.loss import build_cross_entropy_loss
from torchtitan.config import ConfigManager
from torchtitan.distributed.pipeline_parallel import build_pipeline_schedule, pipeline_llm
from torchtitan.train import main

loss = build_cross_entropy_loss(job_config)
manager = ConfigManager(Config)
schedule = build_pipeline_schedule(job_config, stages, loss)
parts = pipeline_llm(model, parallel_dims, job_config, device, args, fn, loss)
main(Trainer)
""",
        says=("TTN201 explained", "TTN201 explained", "TTN303 explained", "TTN302 explained", "TTN303 explained", "TTN303 explained"),
    ),
    Row(
        "M13 ensure",
        """\
from torchtitan.components.metrics import ensure_pp_loss_visible
from torchtitan.distributed.tensor_parallel import maybe_enable_async_tp

ensure_pp_loss_visible(parallel_dims, job_config, color)
maybe_enable_async_tp(job_config, mesh)
""",
        says=("TTN201 explained", "TTN302 explained", "TTN303 explained"),
    ),
    Row(
        "M14",
        """\
from torchtitan.distributed import NoParallel

plan = NoParallel(use_local_output=False)
""",
        says=("TTN202 unsafe",),
        becomes="""\
from torchtitan.distributed.tensor_parallel import NoParallel

plan = NoParallel(use_local_output=False)
""",
    ),
    Row(
        "M14 b",
        """\
from torchtitan.distributed import NoParallel

plan = NoParallel(use_local_output=False)
""",
        says=("TTN202 unsafe",),
        becomes="""\
from torchtitan.distributed.tensor_parallel import NoParallel

plan = NoParallel(use_local_output=False)
""",
        torchtitan="2026-04-03",
    ),
    Row(
        "M15",
        """\
from torchtitan.experiments.autoparallel.llama3.parallelize_llama import parallelize_llama
from torchtitan.experiments.simple_fsdp.simple_fsdp import data_parallel
from torchtitan.experiments.vlm.model.model import Llama3Siglip2Transformer

print(data_parallel, parallelize_llama, Llama3Siglip2Transformer)
""",
        says=("TTN201 explained", "TTN202 unsafe", "TTN201 explained"),
        becomes="""\
from torchtitan.experiments.autoparallel.llama3.parallelize_llama import parallelize_llama
from torchtitan.experiments.graph_trainer.simple_fsdp import data_parallel
from torchtitan.experiments.vlm.model.model import Llama3Siglip2Transformer

print(data_parallel, parallelize_llama, Llama3Siglip2Transformer)
""",
    ),
    Row(
        "M16",
        """\
from torchtitan.components.quantization.mx import MXGroupedMMConverter, MXLinearConverter

print(MXLinearConverter, MXGroupedMMConverter)
""",
        says=("TTN201 explained", "TTN201 explained"),
    ),
    Row(
        "M17",
        """\
from torchtitan.distributed.utils import create_context_parallel_ctx

print(create_context_parallel_ctx)
""",
        says=("TTN201 explained",),
    ),
    Row(
        "M18",
        """\
from torchtitan.config import ActivationCheckpointConfig
from torchtitan.distributed.deepep import combine_tokens

ac = ActivationCheckpointConfig(mode="selective", selective_ac_option="op")
print(combine_tokens)
""",
        says=("TTN202 safe", "TTN301 safe"),
        becomes="""\
from torchtitan.config import ActivationCheckpointConfig
from torchtitan.distributed.deepep.deepep import combine_tokens

ac = ActivationCheckpointConfig(mode="selective")
print(combine_tokens)
""",
        torchtitan="2026-05-08",
    ),
    Row(
        "M18 silent",
        """\
from torchtitan.config import ActivationCheckpointConfig

ac = ActivationCheckpointConfig(mode="selective")
""",
        says=("TTN304 warning",),
        torchtitan="2026-05-08",
        written_for="main@9810191bb",
    ),
    Row(
        "M18 apply_ac",
        """\
from torchtitan.distributed.activation_checkpoint import apply_ac

apply_ac(model, config, model_compile_enabled=True, op_sac_save_list=ops)
""",
        says=("TTN301 unsafe",),
        becomes="""\
from torchtitan.distributed.activation_checkpoint import apply_ac

apply_ac(model, config, model_compile_enabled=True)
""",
        torchtitan="2026-05-08",
    ),
    Row(
        "M19",
        """\
from torchtitan.models.common.attention import FlexAttentionWrapper, ScaledDotProductAttentionWrapper, VarlenAttentionWrapper

print(FlexAttentionWrapper, ScaledDotProductAttentionWrapper, VarlenAttentionWrapper)
""",
        says=("TTN201 explained", "TTN201 explained", "TTN201 explained"),
    ),
    Row(
        "M19 from 0.2.2",
        """\
from torchtitan.models.attention import FlexAttentionWrapper

attention = FlexAttentionWrapper()
""",
        says=("TTN201 explained",),
    ),
    Row(
        "M20",
        """\
from torchtitan.components.loss import CrossEntropyLoss
from torchtitan.components.optimizer import default_adamw
from torchtitan.tools.profiling import ProfilingConfig
from torchtitan.trainer import Trainer


def configure(spec):
    return Trainer.Config(
        model_spec=spec,
        profiling=ProfilingConfig(enable_profiling=True, profile_freq=10),
        loss=CrossEntropyLoss.Config(),
        optimizer=default_adamw(),
    )
""",
        says=("TTN202 safe", "TTN301 safe"),
        becomes="""\
from torchtitan.components.loss import CrossEntropyLoss
from torchtitan.components.optimizer import default_adamw
from torchtitan.tools.profiler import Profiler
from torchtitan.trainer import Trainer


def configure(spec):
    return Trainer.Config(
        model_spec=spec,
        profiler=Profiler.Config(enable_profiling=True, profile_freq=10),
        loss=CrossEntropyLoss.Config(),
        optimizer=default_adamw(),
    )
""",
    ),
    Row(
        "M20 b",
        """\
from torchtitan.tools.profiling import maybe_enable_memory_snapshot, maybe_enable_profiling

with maybe_enable_profiling(config, global_step=0) as p:
    pass
""",
        says=("TTN201 explained",),
    ),
    Row(
        "M21",
        """\
from torchtitan.trainer import Trainer


def forward(trainer: Trainer, model, tokens):
    with trainer.maybe_enable_amp:
        return model(tokens)
""",
        says=("TTN203 safe",),
        becomes="""\
from torchtitan.trainer import Trainer


def forward(trainer: Trainer, model, tokens):
    return model(tokens)
""",
    ),
    Row(
        "M21 b",
        """\
from torchtitan.components.validate import Validator
from torchtitan.distributed.utils import maybe_enable_amp
from torchtitan.models.llama3.parallelize import apply_replicate

validator = Validator(config, maybe_enable_amp=maybe_enable_amp(dims, "bfloat16", "cuda"))
""",
        says=("TTN201 explained", "TTN201 safe", "TTN302 explained"),
        becomes="""\
from torchtitan.components.validate import Validator
from torchtitan.distributed.utils import maybe_enable_amp

validator = Validator(config, maybe_enable_amp=maybe_enable_amp(dims, "bfloat16", "cuda"))
""",
    ),
    Row(
        "M21 c",
        """\
from torchtitan.distributed import utils as dist_utils

with dist_utils.maybe_enable_amp(dims, "bfloat16", "cuda"):
    y = model(x)
""",
        says=("TTN201 explained",),
        torchtitan="2026-04-18",
    ),
    Row(
        "M22",
        """\
from torchtitan.distributed import ParallelDims


def mesh(dims: ParallelDims):
    if dims.get_optional_mesh("fsdp") is None:
        return None
    return dims.get_mesh("fsdp")
""",
        says=(),
    ),
    Row(
        "M23",
        """\
from torchtitan.components.loss import build_cross_entropy_loss, build_mse_loss

loss = build_cross_entropy_loss(config)
print(build_mse_loss)
""",
        says=("TTN201 explained", "TTN201 explained"),
    ),
    Row(
        "M23 b",
        """\
from torchtitan.components.optimizer import default_adamw
from torchtitan.trainer import Trainer


def configure(spec):
    return Trainer.Config(model_spec=spec, optimizer=default_adamw())
""",
        says=("TTN302 unsafe",),
        becomes="""\
from torchtitan.components.loss import CrossEntropyLoss
from torchtitan.components.optimizer import default_adamw
from torchtitan.trainer import Trainer


def configure(spec):
    return Trainer.Config(model_spec=spec, optimizer=default_adamw(), loss=CrossEntropyLoss.Config())
""",
    ),
    Row(
        "M24",
        """\
from torchtitan.components.loss import ChunkedCELoss

loss = ChunkedCELoss.Config(num_chunks=8)
""",
        says=("TTN201 explained",),
    ),
    Row(
        "M24 silent",
        """\
from torchtitan.components.loss import CrossEntropyLoss

loss_fn = CrossEntropyLoss.Config().build()
loss = loss_fn(pred, labels)
loss.backward()
""",
        says=(),
        written_for="main@c5d93d109",
    ),
    Row(
        "M25",
        """\
from torchtitan.protocols.model_converter import ModelConvertersContainer
from torchtitan.components.quantization.float8 import Float8LinearConverter
from torchtitan.trainer import Trainer

config = Trainer.Config(
    model_spec=spec,
    model_converters=ModelConvertersContainer.Config(converters=[Float8LinearConverter.Config(enable_fsdp_float8_all_gather=True)]),
)
""",
        says=("TTN201 explained", "TTN301 explained", "TTN301 explained"),
    ),
    Row(
        "M25 recipe",
        """\
from torchtitan.components.quantization.float8 import Float8LinearConverter

converter = Float8LinearConverter.Config(recipe_name="tensorwise")
other = Float8LinearConverter.Config()
""",
        says=("TTN401 warning", "TTN304 warning"),
        written_for="main@9810191bb",
    ),
    Row(
        "M25 quantization",
        """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="flex", quantization=[])
""",
        says=("TTN301 safe",),
        becomes="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="flex", converters=[])
""",
    ),
    Row(
        "M26",
        """\
from torchtitan.protocols.sharding import MeshDimName, NamedPlacement

print(MeshDimName.TP, NamedPlacement)
""",
        says=("TTN202 safe", "TTN201 explained"),
        becomes="""\
from torchtitan.distributed.parallel_dims import MeshAxisName
from torchtitan.protocols.sharding import NamedPlacement

print(MeshAxisName.TP, NamedPlacement)
""",
    ),
    Row(
        "M27",
        """\
from torchtitan.distributed.expert_parallel import ExpertParallel

print(ExpertParallel)
""",
        says=("TTN201 explained",),
    ),
    Row(
        "M28",
        """\
from torchtitan.models.common.embedding import Embedding
from torchtitan.models.common.linear import Linear
from torchtitan.models.common.rmsnorm import RMSNorm

print(Embedding, Linear, RMSNorm)
""",
        says=("TTN202 safe",),
        becomes="""\
from torchtitan.models.common.embedding import Embedding
from torchtitan.models.common.linear import Linear
from torchtitan.models.common.nn_modules import RMSNorm

print(Embedding, Linear, RMSNorm)
""",
    ),
    Row(
        "M28 b",
        """\
from torchtitan.models.common.embedding import Embedding
from torchtitan.models.common.linear import Linear
from torchtitan.models.common.rmsnorm import RMSNorm

print(Embedding, Linear, RMSNorm)
""",
        says=("TTN202 safe", "TTN202 safe"),
        becomes="""\
from torchtitan.models.common.embedding import Embedding
from torchtitan.models.common.nn_modules import Linear, RMSNorm

print(Embedding, Linear, RMSNorm)
""",
        torchtitan="2026-06-15",
    ),
    Row(
        "M29",
        """\
from torchtitan.models.llama3.parallelize import apply_fsdp
from torchtitan.models.llama4 import model_registry

print(apply_fsdp, model_registry("17bx16e"))
""",
        says=("TTN201 explained", "TTN201 explained"),
    ),
    Row(
        "M30",
        """\
from torchtitan.models.qwen3_vl import model_registry

print(model_registry("debugmodel"))
""",
        says=("TTN201 explained",),
    ),
    Row(
        "M31",
        """\
from torchtitan.config import ActivationCheckpointConfig
from torchtitan.distributed.activation_checkpoint import apply_ac

apply_ac(model, ActivationCheckpointConfig(mode="selective"))
""",
        says=("TTN201 explained", "TTN201 explained", "TTN301 unsafe"),
        becomes="""\
from torchtitan.distributed.activation_checkpoint import apply_ac, SelectiveAC

apply_ac(model, SelectiveAC.Config())
""",
    ),
    Row(
        "M32",
        """\
from torchtitan.distributed.utils import TrainContext, get_train_context

context: TrainContext = get_train_context(True)
""",
        says=("TTN202 unsafe", "TTN201 explained"),
        becomes="""\
from torchtitan.distributed.utils import SpmdContext, get_train_context

context: SpmdContext = get_train_context(True)
""",
    ),
    Row(
        "M33",
        """\
from torchtitan.distributed.context_parallel import prepare_context_parallel_input

print(prepare_context_parallel_input)
""",
        says=(),
    ),
    Row(
        "M34",
        """\
from torchtitan.components.lr_scheduler import LRSchedulersContainer

print(LRSchedulersContainer)
""",
        says=("TTN202 safe",),
        becomes="""\
from torchtitan.components.optimizer import LRSchedulersContainer

print(LRSchedulersContainer)
""",
    ),
    Row(
        "M35",
        """\
from torchtitan.components.checkpoint import CheckpointManager

print(CheckpointManager)
""",
        says=("TTN202 safe",),
        becomes="""\
from torchtitan.components.checkpointer import CheckpointManager

print(CheckpointManager)
""",
        torchtitan="2026-08-20",
    ),
    Row(
        "M35 at 0.3.0",
        """\
from torchtitan.components.checkpoint import CheckpointManager

print(CheckpointManager)
""",
        says=(),
    ),
    Row(
        "M36",
        """\
from torchtitan.components.checkpoint_utils import canonical_fqn

print(canonical_fqn)
""",
        says=("TTN202 safe",),
        becomes="""\
from torchtitan.components.checkpointer.utils import canonical_fqn

print(canonical_fqn)
""",
        torchtitan="2026-08-21",
    ),
    Row(
        "M37",
        """\
from torchtitan.components.dataloader import BaseDataLoader, DataloaderExhaustedError, ParallelAwareDataloader

print(BaseDataLoader, DataloaderExhaustedError, ParallelAwareDataloader)
""",
        says=("TTN202 safe", "TTN202 safe", "TTN201 explained"),
        becomes="""\
from torchtitan.components.data.loader import BaseDataLoader, DataloaderExhaustedError
from torchtitan.components.dataloader import ParallelAwareDataloader

print(BaseDataLoader, DataloaderExhaustedError, ParallelAwareDataloader)
""",
        torchtitan="2026-08-20",
    ),
    Row(
        "M37 b",
        """\
from torchtitan.hf_datasets import DatasetConfig
from torchtitan.hf_datasets.text_datasets import ChatDataLoader, HuggingFaceTextDataLoader

loader = HuggingFaceTextDataLoader.Config(dataset="c4")
print(DatasetConfig, ChatDataLoader)
""",
        says=("TTN201 explained", "TTN201 explained", "TTN201 explained"),
        torchtitan="2026-08-20",
    ),
    Row(
        "M38",
        """\
from torchtitan.distributed.full_dtensor import resolve_fsdp_mesh

print(resolve_fsdp_mesh)
""",
        says=("TTN202 safe",),
        becomes="""\
from torchtitan.distributed.fsdp import resolve_fsdp_mesh

print(resolve_fsdp_mesh)
""",
        torchtitan="2026-08-20",
    ),
    Row(
        "F1 positional known",
        """\
from torchtitan.models.gpt_oss import model_registry

spec = model_registry("20b", "flex")
""",
        says=("TTN401 unsafe",),
        becomes="""\
from torchtitan.models.gpt_oss import model_registry

spec = model_registry("20b", attn_backend="flex")
""",
    ),
    Row(
        "F1 positional known llama3",
        """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", "flex", [])
""",
        says=("TTN303 safe",),
        becomes="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", "flex", converters=[])
""",
        written_for="main@74181b1e8",
    ),
    Row(
        "F1 positional deepseek",
        """\
from torchtitan.models.deepseek_v3 import model_registry

spec = model_registry("16B", "flex", "standard", [])
""",
        says=("TTN303 safe",),
        becomes="""\
from torchtitan.models.deepseek_v3 import model_registry

spec = model_registry("16B", "flex", "standard", converters=[])
""",
        written_for="main@c4b409af2",
    ),
    Row(
        "F1 unknown model",
        """\
import importlib

module = importlib.import_module(f"torchtitan.models.{name}")
spec = module.model_registry(flavor, "flex", None, None, None, None, None)
""",
        says=("TTN303 explained",),
    ),
    Row(
        "F1 unknown model 2",
        """\
import importlib

module = importlib.import_module(f"torchtitan.models.{name}")
spec = module.model_registry(flavor, "flex")
""",
        says=(),
    ),
    Row(
        "F2",
        """\
from torchtitan.models.llama3 import Llama3Model


def forward(model: Llama3Model, tokens, masks, positions):
    return model(tokens, masks, positions)
""",
        says=("TTN303 safe",),
        becomes="""\
from torchtitan.models.llama3 import Llama3Model


def forward(model: Llama3Model, tokens, masks, positions):
    return model(tokens, attention_masks=masks, positions=positions)
""",
        written_for="main@74181b1e8",
    ),
    Row(
        "F3",
        """\
from torchtitan.models.common.attention import create_varlen_metadata_for_document, get_document_mask_mod

metadata = create_varlen_metadata_for_document(batch, eos_id)
mod = get_document_mask_mod(batch, eos_id)
""",
        says=("TTN303 explained", "TTN303 explained"),
    ),
    Row(
        "F3 method",
        """\
from torchtitan.models.llama3 import Llama3Model


def masks(model: Llama3Model, batch, tokenizer, extra):
    return model.get_attention_masks(input_batch=batch, tokenizer=tokenizer, extra_inputs=extra)
""",
        says=("TTN302 explained", "TTN301 explained"),
    ),
    Row(
        "F4",
        """\
from torchtitan.models.common.attention import FlexAttention


def run(attention: FlexAttention, q, k, v, mask):
    return attention.forward(xq=q, xk=k, xv=v, attention_masks=mask)
""",
        says=("TTN302 explained",),
    ),
    Row(
        "F4 call",
        """\
from torchtitan.models.common.attention import VarlenAttention


def run(attention: VarlenAttention, q, k, v, mask):
    return attention(q, k, v, mask)
""",
        says=(),
    ),
    Row(
        "F5 caller",
        """\
from torchtitan.models.llama3 import Llama3Model


def update(config: Llama3Model.Config, trainer_config):
    config.update_from_config(trainer_config=trainer_config)
""",
        says=("TTN301 safe",),
        becomes="""\
from torchtitan.models.llama3 import Llama3Model


def update(config: Llama3Model.Config, trainer_config):
    config.update_from_config(config=trainer_config)
""",
    ),
    Row(
        "F5 override",
        """\
from dataclasses import dataclass

from torchtitan.models.llama3 import Llama3Model


class Mine(Llama3Model):
    @dataclass(kw_only=True, slots=True)
    class Config(Llama3Model.Config):
        def update_from_config(self, *, trainer_config, **kwargs):
            super().update_from_config(trainer_config=trainer_config, **kwargs)
            self.seq_len = trainer_config.training.seq_len
""",
        says=("TTN301 safe",),
        becomes="""\
from dataclasses import dataclass

from torchtitan.models.llama3 import Llama3Model


class Mine(Llama3Model):
    @dataclass(kw_only=True, slots=True)
    class Config(Llama3Model.Config):
        def update_from_config(self, *, config, **kwargs):
            super().update_from_config(config=config, **kwargs)
            self.seq_len = config.training.seq_len
""",
    ),
    Row(
        "F6",
        """\
from torchtitan.models.llama3 import Llama3Model


def run(model: Llama3Model, mesh):
    model.parallelize(mesh)
""",
        says=("TTN303 explained",),
        written_for="main@c4b409af2",
    ),
    Row(
        "F7",
        """\
from torchtitan.config import override

@override("mine", target="torchtitan.x")
def mine(config):
    return config
""",
        says=("TTN303 safe",),
        becomes="""\
from torchtitan.config import override

@override(target="torchtitan.x")
def mine(config):
    return config
""",
    ),
    Row(
        "F8",
        """\
from torchtitan.config import CompileConfig, ParallelismConfig
from torchtitan.distributed.compile import apply_compile
from torchtitan.distributed.tensor_parallel import maybe_enable_async_tp

parallelism = ParallelismConfig(enable_async_tensor_parallel=True)
compiled = CompileConfig(enable=True)
apply_compile(model, compiled)
maybe_enable_async_tp(parallelism, compiled, mesh)
""",
        says=("TTN201 explained", "TTN301 safe", "TTN302 explained", "TTN303 unsafe"),
        becomes="""\
from torchtitan.config import CompileConfig, ParallelismConfig
from torchtitan.distributed.compile import apply_compile
from torchtitan.distributed.tensor_parallel import maybe_enable_async_tp

parallelism = ParallelismConfig()
compiled = CompileConfig(enable=True, enable_async_tensor_parallel=True)
apply_compile(model, compile_config=compiled)
maybe_enable_async_tp(parallelism, compiled, mesh)
""",
    ),
    Row(
        "F9",
        """\
from torchtitan.distributed.context_parallel import prepare_context_parallel_input

prepare_context_parallel_input(a, b, c, d, e, f)
""",
        says=(),
    ),
    Row(
        "F10",
        """\
from torchtitan.distributed.context_parallel import cp_shard

shards = cp_shard(mesh, inputs, masks)
""",
        says=("TTN304 safe",),
        becomes="""\
from torchtitan.distributed.context_parallel import cp_shard

shards = cp_shard(mesh, inputs, masks, input_seq_dim=1)
""",
        torchtitan="2026-08-20",
        written_for="0.3.0",
    ),
    Row(
        "F11",
        """\
from torchtitan.components.checkpoint import CheckpointManager

config = CheckpointManager.Config(enable=True, enable_ft_dataloader_checkpoints=True)
other = CheckpointManager.Config(enable=True, enable_ft_dataloader_checkpoints=False)
manager = CheckpointManager(config=config, dataloader=d, model_parts=m, optimizers=o, lr_schedulers=l, states=s, sd_adapter=a, ft_manager=None)
""",
        says=("TTN301 safe", "TTN301 explained", "TTN301 safe"),
        becomes="""\
from torchtitan.components.checkpoint import CheckpointManager

config = CheckpointManager.Config(enable=True)
other = CheckpointManager.Config(enable=True, enable_ft_dataloader_checkpoints=False)
manager = CheckpointManager(config=config, dataloader=d, model_parts=m, optimizers=o, lr_schedulers=l, states=s, sd_adapter=a)
""",
    ),
    Row(
        "F12",
        """\
from torchtitan.models.llama3 import Llama3Model


def init(model: Llama3Model, device):
    model.init_weights(buffer_device=device)
""",
        says=(),
    ),
    Row(
        "F12 override",
        """\
from torchtitan.models.llama3 import Llama3Model


class Mine(Llama3Model):
    def init_weights(self, **kwargs):
        super().init_weights(**kwargs)
""",
        says=(),
    ),
    Row(
        "F13",
        """\
from torchtitan.models.llama3.state_dict_adapter import Llama3StateDictAdapter

adapter = Llama3StateDictAdapter(model_args=config, hf_assets_path="assets")
""",
        says=("TTN301 safe",),
        becomes="""\
from torchtitan.models.llama3.state_dict_adapter import Llama3StateDictAdapter

adapter = Llama3StateDictAdapter(model_config=config, hf_assets_path="assets")
""",
    ),
    Row(
        "F14",
        """\
from torch.distributed.checkpoint.state_dict import get_model_state_dict
from torchtitan.trainer import Trainer


def state(trainer: Trainer):
    return get_model_state_dict(trainer.model_parts[0])
""",
        says=(),
    ),
    Row(
        "F15",
        """\
import torch
from torchtitan.distributed import ParallelDims

torch.distributed.init_process_group("nccl")
""",
        says=(),
    ),
    Row(
        "C1",
        """\
from torchtitan.config import ParallelismConfig
from torchtitan.distributed import ParallelDims

parallelism = ParallelismConfig(expert_parallel_degree=8, expert_tensor_parallel_degree=etp)
one = ParallelismConfig(expert_tensor_parallel_degree=1)
dims = ParallelDims(dp_shard=1, dp_replicate=1, cp=1, tp=1, pp=1, ep=1, etp=1, world_size=8)
if dims.etp_enabled:
    print(dims.get_mesh("etp"))
""",
        says=(
            *("TTN301 unsafe", "TTN301 safe", "TTN301 safe", "TTN203 explained"),
            "TTN405 explained",
        ),
        becomes="""\
from torchtitan.config import ParallelismConfig
from torchtitan.distributed import ParallelDims

parallelism = ParallelismConfig(expert_parallel_degree=8)
one = ParallelismConfig()
dims = ParallelDims(dp_shard=1, dp_replicate=1, cp=1, tp=1, pp=1, ep=1, world_size=8)
if dims.etp_enabled:
    print(dims.get_mesh("etp"))
""",
    ),
    Row(
        "C2",
        """\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(expert_parallel_comm_backend="deepep")
standard = ParallelismConfig(expert_parallel_comm_backend="standard")
""",
        says=("TTN301 explained", "TTN301 safe"),
        becomes="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(expert_parallel_comm_backend="deepep")
standard = ParallelismConfig()
""",
    ),
    Row(
        "C3",
        """\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(hybridep_non_blocking_expert_capacity_factor=1.5)
""",
        says=("TTN301 explained",),
    ),
    Row(
        "C4",
        """\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(pipeline_parallel_expert_parallel_overlap=True)
off = ParallelismConfig(pipeline_parallel_expert_parallel_overlap=False)
""",
        says=("TTN301 safe", "TTN301 unsafe"),
        becomes="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig()
off = ParallelismConfig()
""",
    ),
    Row(
        "C5",
        """\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(context_parallel_rotate_method="allgather")
other = ParallelismConfig(context_parallel_rotate_method="alltoall")
""",
        says=("TTN301 safe", "TTN301 explained"),
        becomes="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig()
other = ParallelismConfig(context_parallel_rotate_method="alltoall")
""",
    ),
    Row(
        "C6",
        """\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(disable_loss_parallel=False)
other = ParallelismConfig(disable_loss_parallel=True)
""",
        says=("TTN301 safe", "TTN301 explained"),
        becomes="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig()
other = ParallelismConfig(disable_loss_parallel=True)
""",
    ),
    Row(
        "C7",
        """\
from torchtitan.config import ParallelismConfig

full = ParallelismConfig(full_dtensor=True)
plain = ParallelismConfig(full_dtensor=False)
open_ = ParallelismConfig(full_dtensor=flag)
""",
        says=("TTN301 safe", "TTN301 safe", "TTN301 explained"),
        becomes="""\
from torchtitan.config import ParallelismConfig

full = ParallelismConfig(spmd_backend="full_dtensor")
plain = ParallelismConfig(spmd_backend="partial_dtensor")
open_ = ParallelismConfig(full_dtensor=flag)
""",
    ),
    Row(
        "C8",
        """\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(spmd_backend="default")
""",
        says=("TTN401 safe",),
        becomes="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(spmd_backend="partial_dtensor")
""",
    ),
    Row(
        "C8 silent",
        """\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(tensor_parallel_degree=2)
""",
        says=("TTN304 safe",),
        becomes="""\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(tensor_parallel_degree=2, spmd_backend="partial_dtensor")
""",
        written_for="main@c5d93d109",
    ),
    Row(
        "C9",
        """\
from torchtitan.config import ParallelismConfig

parallelism = ParallelismConfig(spmd_backend="full_dtensor")
""",
        says=("TTN401 explained",),
        torchtitan="2026-08-20",
    ),
    Row(
        "C10",
        """\
from torchtitan.components.optimizer import OptimizersContainer

optimizer = OptimizersContainer.Config(lr=3e-4, implementation="fused")
""",
        says=("TTN301 safe",),
        becomes="""\
from torchtitan.components.optimizer import OptimizersContainer, ParamGroupConfig

optimizer = OptimizersContainer.Config(
    param_groups=[
        ParamGroupConfig(
            pattern=r".*",
            optimizer_name="AdamW",
            optimizer_kwargs={
                "lr": 3e-4,
                "betas": (0.9, 0.95),
                "eps": 1e-8,
                "weight_decay": 0.1,
            },
        )
    ],
    implementation="fused",
)
""",
    ),
    Row(
        "C10 groups",
        """\
from torchtitan.components.optimizer import OptimizersContainer, ParamGroupConfig

optimizer = OptimizersContainer.Config(
    lr=3e-4,
    param_groups=[ParamGroupConfig(pattern="bias", weight_decay_multiplier=0.0)],
)
""",
        says=("TTN301 explained", "TTN302 explained", "TTN301 explained"),
    ),
    Row(
        "C10 attribute",
        """\
from torchtitan.trainer import Trainer


def faster(config: Trainer.Config):
    config.optimizer.lr = 1e-3
    return config
""",
        says=("TTN203 explained",),
    ),
    Row(
        "C10 in backward",
        """\
from torchtitan.components.optimizer import OptimizersInBackwardContainer

print(OptimizersInBackwardContainer)
""",
        says=("TTN201 explained",),
    ),
    Row(
        "C11",
        """\
from torchtitan.config.job_config import Optimizer

optimizer = Optimizer(lr=3e-4, early_step_in_backward=False)
""",
        says=("TTN202 unsafe",),
        becomes="""\
from torchtitan.components.optimizer import OptimizersContainer, ParamGroupConfig

optimizer = OptimizersContainer.Config(
    param_groups=[
        ParamGroupConfig(
            pattern=r".*",
            optimizer_name="AdamW",
            optimizer_kwargs={
                "lr": 3e-4,
                "betas": (0.9, 0.95),
                "eps": 1e-8,
                "weight_decay": 0.1,
            },
        )
    ],
)
""",
    ),
    Row(
        "C12",
        """\
from torchtitan.config import ActivationCheckpointConfig

selective = ActivationCheckpointConfig(mode="selective", per_op_sac_force_recompute_mm_shapes_by_fqns=["moe.router.gate"])
none = ActivationCheckpointConfig(mode="none")
budget = ActivationCheckpointConfig(mode="memory_budget", memory_budget=0.5)
""",
        says=("TTN201 explained", "TTN301 unsafe", "TTN301 unsafe", "TTN301 unsafe"),
        becomes="""\
from torchtitan.distributed.activation_checkpoint import MemoryBudgetAC, SelectiveAC

selective = SelectiveAC.Config(force_recompute_mm_shapes_by_fqns=["moe.router.gate"])
none = None
budget = MemoryBudgetAC.Config(memory_budget=0.5)
""",
    ),
    Row(
        "C12 variable",
        """\
from torchtitan.config import ActivationCheckpointConfig

ac = ActivationCheckpointConfig(mode=mode)
""",
        says=("TTN201 explained", "TTN301 explained"),
    ),
    Row(
        "C14",
        """\
from torchtitan.config import ParallelismConfig, TrainingConfig

training = TrainingConfig(local_batch_size=2, global_batch_size=16, seq_len=2048)
parallelism = ParallelismConfig(pipeline_parallel_microbatch_size=1)
""",
        says=("TTN301 explained", "TTN301 explained", "TTN301 safe", "TTN301 explained"),
        becomes="""\
from torchtitan.config import ParallelismConfig, TrainingConfig

training = TrainingConfig(local_batch_size=2, global_batch_size=16, max_context_length=2048)
parallelism = ParallelismConfig(pipeline_parallel_microbatch_size=1)
""",
        torchtitan="2026-08-20",
    ),
    Row(
        "C15",
        """\
from torchtitan.protocols.model_spec import ModelSpec

spec = ModelSpec(
    name="mine",
    flavor="1B",
    model=config,
    parallelize_fn=parallelize,
    pipelining_fn=None,
    build_loss_fn=build_loss,
    post_optimizer_build_fn=None,
    state_dict_adapter=None,
)
""",
        says=("TTN301 unsafe",),
        becomes="""\
from torchtitan.protocols.model_spec import ModelSpec

spec = ModelSpec(
    name="mine",
    flavor="1B",
    model=config,
    parallelize_fn=parallelize,
    pipelining_fn=None,
    post_optimizer_build_fn=None,
    state_dict_adapter=None,
)
""",
    ),
    Row(
        "C16",
        """\
from torchtitan.train import Trainer


def names(trainer: Trainer):
    return trainer.job_config.training.steps, trainer.model_args.dim, trainer.train_spec.name
""",
        says=("TTN203 safe", "TTN203 safe", "TTN203 explained"),
        becomes="""\
from torchtitan.train import Trainer


def names(trainer: Trainer):
    return trainer.config.training.steps, trainer.model_config.dim, trainer.train_spec.name
""",
    ),
    Row(
        "A1",
        """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B")
spec.model.layer.attention.attn_backend = "varlen"
""",
        says=("TTN101 safe", "TTN102 safe"),
        becomes="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="varlen")
""",
    ),
    Row(
        "A1 read",
        """\
from torchtitan.trainer import Trainer


def backend(trainer: Trainer):
    return trainer.model_config.layer.attention.attn_backend
""",
        says=("TTN102 explained",),
    ),
    Row(
        "A2",
        """\
from torchtitan.models.llama3 import Llama3Model


def depth(config: Llama3Model.Config):
    return config.n_layers, config.layer
""",
        says=("TTN203 safe", "TTN203 explained"),
        becomes="""\
from torchtitan.models.llama3 import Llama3Model


def depth(config: Llama3Model.Config):
    return len(config.layers), config.layer
""",
    ),
    Row(
        "A3",
        """\
from torchtitan.models.llama3 import llama3_configs

dim = llama3_configs["8B"].dim
""",
        says=("TTN204 safe",),
        becomes="""\
from torchtitan.models.llama3 import model_registry

dim = model_registry("8B").model.dim
""",
    ),
    Row(
        "A3 loop",
        """\
from torchtitan.models.llama3 import llama3_configs

for flavor, config in llama3_configs.items():
    if getattr(config, "dim", None) == 4096:
        print(flavor)
""",
        says=("TTN204 explained",),
    ),
    Row(
        "A4",
        """\
from torchtitan.models.llama3 import Llama3Model

PATTERN = "output.weight"


def head(model: Llama3Model, config: Llama3Model.Config):
    return model.output, config.output
""",
        says=("TTN203 unsafe", "TTN203 unsafe"),
        becomes="""\
from torchtitan.models.llama3 import Llama3Model

PATTERN = "output.weight"


def head(model: Llama3Model, config: Llama3Model.Config):
    return model.lm_head, config.lm_head
""",
    ),
    Row(
        "A4 string",
        """\
from torchtitan.components.optimizer import ParamGroupConfig

group = ParamGroupConfig(pattern=r"output\\.weight", optimizer_name="AdamW", optimizer_kwargs={})
""",
        says=("TTN403 warning",),
    ),
    Row(
        "A5",
        """\
from torchtitan.models.common.attention import GQAttention


def projection(attention: GQAttention):
    return attention.wq, attention.wk, attention.wv
""",
        says=("TTN203 explained", "TTN203 explained", "TTN203 explained"),
    ),
    Row(
        "A5 config",
        """\
from torchtitan.models.common.attention import GQAttention

config = GQAttention.Config(wq=a, wkv=b, q_norm=n, k_norm=n)
""",
        says=("TTN302 explained", "TTN301 explained", "TTN301 explained"),
    ),
    Row(
        "A6",
        """\
from torchtitan.components.optimizer import ParamGroupConfig
from torchtitan.models.common.moe import MoE


def experts(moe: MoE):
    return moe.experts.w1


group = ParamGroupConfig(pattern=r"moe\\.experts\\.w1", optimizer_name="AdamW", optimizer_kwargs={})
""",
        says=("TTN203 unsafe", "TTN403 warning"),
        becomes="""\
from torchtitan.components.optimizer import ParamGroupConfig
from torchtitan.models.common.moe import MoE


def experts(moe: MoE):
    return moe.routed_experts.inner_experts.w1_EFD


group = ParamGroupConfig(pattern=r"moe\\.experts\\.w1", optimizer_name="AdamW", optimizer_kwargs={})
""",
    ),
    Row(
        "A7",
        """\
from torchtitan.models.deepseek_v3 import model_registry

spec = model_registry("16B")
""",
        says=("TTN107 info", "TTN304 unsafe"),
        becomes="""\
from torchtitan.models.deepseek_v3 import model_registry

spec = model_registry("16B", attn_backend="flex")
""",
        torchtitan="2026-04-30",
        written_for="main@4b3347467",
    ),
    Row(
        "A8",
        """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B")
""",
        says=("TTN107 info", "TTN304 warning"),
        written_for="main@74181b1e8",
    ),
    Row(
        "A8 before there was a backend",
        """\
from torchtitan.models.qwen3 import model_registry

spec = model_registry("0.6B")
""",
        says=("TTN107 info", "TTN304 warning"),
        written_for="main@4b3347467",
    ),
    Row(
        "M39",
        """\
from torchtitan.tools.profiler import Profiler
from torchtitan.trainer import Trainer

profiler = Profiler.Config(enable_profiling=True)
snapshots = Profiler.Config(enable_memory_snapshot=True)
config = Trainer.Config(profiler=profiler)
""",
        says=("TTN304 safe", "TTN304 safe"),
        becomes="""\
from torchtitan.tools.profiler import Profiler
from torchtitan.trainer import Trainer

profiler = Profiler.Config(enable_profiling=True, save_traces_folder="profile_traces")
snapshots = Profiler.Config(enable_memory_snapshot=True, save_memory_snapshot_folder="memory_snapshot")
config = Trainer.Config(profiler=profiler)
""",
        written_for="main@7cec16600",
    ),
    Row(
        "A9",
        """\
from torchtitan.models.common.attention import FlexAttention, GQAttention

config = GQAttention.Config(inner_attention=FlexAttention.Config(), mask_type="block_causal")
causal = GQAttention.Config(inner_attention=FlexAttention.Config(), mask_type="causal")
""",
        says=("TTN302 explained", "TTN301 safe", "TTN302 explained", "TTN301 explained"),
        becomes="""\
from torchtitan.models.common.attention import FlexAttention, GQAttention

config = GQAttention.Config(inner_attention=FlexAttention.Config())
causal = GQAttention.Config(inner_attention=FlexAttention.Config(), mask_type="causal")
""",
    ),
    Row(
        "A10",
        """\
from torchtitan.models.llama3 import Llama3Model


def rope(config: Llama3Model.Config):
    return config.rope
""",
        says=("TTN203 explained",),
    ),
    Row(
        "A10 fields",
        """\
from torchtitan.models.common.attention import GQAttention

config = GQAttention.Config(use_rope=True, rope_backend="cos_sin")
""",
        says=("TTN302 explained", "TTN301 explained"),
    ),
    Row(
        "A11",
        """\
from torchtitan.models.llama3.config_registry import llama3_debugmodel_flex_attn, llama3_debugmodel_opt_in_bwd

config = llama3_debugmodel_flex_attn()
other = llama3_debugmodel_opt_in_bwd()
""",
        says=("TTN202 unsafe", "TTN201 explained"),
        becomes="""\
from torchtitan.models.llama3.config_registry import llama3_debugmodel, llama3_debugmodel_opt_in_bwd

config = llama3_debugmodel()
other = llama3_debugmodel_opt_in_bwd()
""",
    ),
    Row(
        "A11 b",
        """\
from torchtitan.models.qwen3.config_registry import qwen3_debugmodel_flex, qwen3_debugmodel_fused_qkv, qwen3_moe_debug_ep
from torchtitan.models.deepseek_v3.config_registry import deepseek_v3_debugmodel_flex_attn

print(qwen3_debugmodel_flex(), qwen3_debugmodel_fused_qkv(), qwen3_moe_debug_ep(), deepseek_v3_debugmodel_flex_attn())
""",
        says=("TTN202 unsafe", "TTN202 unsafe", "TTN201 explained", "TTN202 unsafe"),
        becomes="""\
from torchtitan.models.qwen3.config_registry import qwen3_debugmodel, qwen3_moe_debug_ep
from torchtitan.models.deepseek_v3.config_registry import deepseek_v3_debugmodel

print(qwen3_debugmodel(), qwen3_debugmodel(), qwen3_moe_debug_ep(), deepseek_v3_debugmodel())
""",
    ),
    Row(
        "F13 tokenizer",
        """\
from torchtitan.components.tokenizer import HuggingFaceTokenizer

tokenizer = HuggingFaceTokenizer("assets")
""",
        says=("TTN302 safe",),
        becomes="""\
from torchtitan.components.tokenizer import HuggingFaceTokenizer

tokenizer = HuggingFaceTokenizer(tokenizer_path="assets")
""",
    ),
    Row(
        "M21 with function",
        """\
from torchtitan.distributed import utils as dist_utils

with dist_utils.maybe_enable_amp(dims, "bfloat16", "cuda"):
    y = model(x)
""",
        says=("TTN201 explained",),
    ),
    Row(
        "A12",
        """\
from torchtitan.models.llama4 import model_registry

spec = model_registry("17bx16e_irope", attn_backend="flex")
""",
        says=("TTN402 safe",),
        becomes="""\
from torchtitan.models.llama4 import model_registry

spec = model_registry("17bx16e", attn_backend="flex")
""",
        torchtitan="2026-04-30",
    ),
    Row(
        "F12 module",
        """\
from torchtitan.protocols.module import Module


def init(module: Module):
    module.init_weights()
""",
        says=(),
    ),
    Row(
        "C18",
        """\
from torchtitan.config import ActivationCheckpointConfig


def option(config: ActivationCheckpointConfig):
    return config.selective_ac_option
""",
        says=("TTN203 explained",),
        torchtitan="2026-05-08",
    ),
    Row(
        "C16 others",
        """\
from torchtitan.components.metrics import MetricsProcessor
from torchtitan.components.validate import Validator


def settings(metrics: MetricsProcessor, validator: Validator):
    return metrics.job_config, validator.job_config
""",
        says=("TTN203 unsafe", "TTN203 unsafe"),
        becomes="""\
from torchtitan.components.metrics import MetricsProcessor
from torchtitan.components.validate import Validator


def settings(metrics: MetricsProcessor, validator: Validator):
    return metrics.config, validator.config
""",
    ),
    Row(
        "A1 keyword",
        """\
from torchtitan.models.common.attention import GQAttention

config = GQAttention.Config(attn_backend="flex")
""",
        says=("TTN302 explained", "TTN301 explained"),
    ),
    Row(
        "A2 keyword",
        """\
from torchtitan.models.llama3 import Llama3Model

config = Llama3Model.Config(n_layers=2)
""",
        says=("TTN302 explained", "TTN301 explained"),
    ),
    Row(
        "A3 call",
        """\
from torchtitan.models.llama3 import llama3_configs

config = llama3_configs["8B"]()
""",
        says=("TTN302 explained",),
    ),
    Row(
        "O1 at 0.2.0",
        """\
from torchtitan.config_manager import ConfigManager, JobConfig, Training

training = Training(seq_len=2048)
config: JobConfig = ConfigManager().parse_args()
""",
        says=("TTN202 safe", "TTN202 safe", "TTN202 safe"),
        becomes="""\
from torchtitan.config import ConfigManager, JobConfig, Training

training = Training(seq_len=2048)
config: JobConfig = ConfigManager().parse_args()
""",
        torchtitan="0.2.0",
    ),
    Row(
        "O1 at 0.3.0",
        """\
from torchtitan.config_manager import JobConfig, Training

training = Training(seq_len=2048)
config = JobConfig(training=training)
""",
        says=("TTN201 explained", "TTN201 explained"),
    ),
)
# fmt: on

EACH = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)


def outcome(finding: Finding) -> str:
    if finding.fix is not None:
        return f"{finding.code} {finding.fix.applicability.value}"
    is_error = finding.severity is Severity.ERROR
    return f"{finding.code} {'explained' if is_error else finding.severity.value}"


@EACH
def test_row_is_said(row: Row) -> None:
    assert tuple(map(outcome, row.findings())) == row.says


@EACH
def test_row_becomes_its_new_form_and_stays_so(row: Row) -> None:
    after = row.fixed(row.code, unsafe=True)
    assert after == (row.becomes or row.code)
    compile(after, row.id, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert row.fixed(after, unsafe=True) == after


@EACH
def test_safe_fixes_leave_what_only_unsafe_ones_change(row: Row) -> None:
    safe = row.fixed(row.code, unsafe=False)
    if not any(said.endswith(" safe") for said in row.says):
        assert safe == row.code
    else:
        assert safe != row.code


@EACH
def test_what_is_only_explained_says_why(row: Row) -> None:
    """Behind what is wrong, a message without a fix says what to do, or what took its place."""
    for finding in row.findings():
        if finding.fix is None and finding.severity is Severity.ERROR:
            assert finding.notes or finding.help


def test_every_row_of_the_catalogue_has_a_program() -> None:
    covered = {row.id.partition(" ")[0] for row in ROWS}
    assert {change.id for change in changes.catalogue()} <= covered
