"""A stand-in for torchtitan that runs without torch and writes down what a program does with it.

There are three of them. ``NEW`` is torchtitan 0.3.0. ``OLD`` is what there was before: all that 0.2.2
and the mains of early 2026 had, put together, so that a program written for any of them runs as its
author meant it. ``ABSENT`` is an environment without torchtitan.

What a program does is written down in terms of what it means, not of what it is called: a
``Training`` of 0.2.2 and a ``TrainingConfig`` are the same, and so are an attention backend that is set
on the config afterwards and one that is passed to the registry. Two runs are therefore compared by
comparing what they wrote down. ``test_standin.py`` holds the names, fields and errors of the
stand-in against the real package and titan-lint's surfaces.
"""

from __future__ import annotations

import copy
import functools
import sys
import types
from contextlib import contextmanager, nullcontext
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Age(Enum):
    """Which torchtitan a program meets."""

    OLD = "before 0.3.0"
    NEW = "0.3.0"
    ABSENT = "none"


class Drift:
    """Marks an error that torchtitan raises because a program does not fit it."""


class DriftAttributeError(Drift, AttributeError):
    """A member is not there."""


class DriftTypeError(Drift, TypeError):
    """A keyword or a positional argument is not taken."""


class DriftValueError(Drift, ValueError):
    """A value is not taken."""


class DriftKeyError(Drift, KeyError):
    """A flavor is not there."""


DEFAULT = "(default)"
DEFAULTS = {"llama3": "flex", "qwen3": "flex", "gpt_oss": "varlen", "deepseek_v3": "flex"}
BACKENDS = ("flex", "varlen")

# Model: flavor: width and number of layers.
FLAVORS: dict[str, dict[str, tuple[int, int]]] = {
    "llama3": {"debugmodel": (256, 6), "1B": (2048, 16), "8B": (4096, 32)},
    "qwen3": {"debugmodel": (256, 8), "0.6B": (1024, 28)},
    "gpt_oss": {"debugmodel": (256, 4), "20b": (2880, 24)},
    "deepseek_v3": {"debugmodel": (256, 6), "16B": (2048, 27)},
}
# Flavors of early 2026 with the backend in their name.
LEGACY_FLAVORS: dict[str, dict[str, tuple[str, str]]] = {
    "llama3": {
        "debugmodel_flex_attn": ("debugmodel", "flex"),
        "debugmodel_varlen_attn": ("debugmodel", "varlen"),
        "8B_flex": ("8B", "flex"),
        "8B_varlen": ("8B", "varlen"),
        "debugmodel_fused_qkv": ("debugmodel", DEFAULT),
    },
    "deepseek_v3": {"debugmodel_flex_attn": ("debugmodel", "flex")},
    "qwen3": {"debugmodel_fused_qkv": ("debugmodel", DEFAULT)},
}
CONFIGS = {
    "llama3": "llama3_configs",
    "qwen3": "qwen3_configs",
    "gpt_oss": "gptoss_configs",
    "deepseek_v3": "deepseekv3_configs",
}

PARALLELISM = (
    *("data_parallel_replicate_degree", "data_parallel_shard_degree", "fsdp_reshard_after_forward"),
    *("tensor_parallel_degree", "enable_sequence_parallel", "spmd_backend"),
    *("pipeline_parallel_degree", "module_fqns_per_model_part"),
    *("pipeline_parallel_first_stage_less_layers", "pipeline_parallel_last_stage_less_layers"),
    *("pipeline_parallel_layers_per_stage", "pipeline_parallel_schedule"),
    *("pipeline_parallel_schedule_csv", "pipeline_parallel_microbatch_size"),
    *("context_parallel_degree", "context_parallel_load_balancer", "expert_parallel_degree"),
)
COMPILE = ("enable", "components", "backend")
TRAINING = (
    *("local_batch_size", "global_batch_size", "seq_len", "max_norm", "steps"),
    *("enable_cpu_offload", "dtype", "mixed_precision_param", "mixed_precision_reduce"),
    *("gc_freq", "gc_debug"),
)
COMM = ("init_timeout_seconds", "train_timeout_seconds", "trace_buf_size", "save_traces_folder")
DEBUG = ("seed", "deterministic", "deterministic_warn_only", "moe_force_load_balance")
METRICS = ("log_freq", "enable_tensorboard", "disable_color_printing", "save_tb_folder")
METRICS = (*METRICS, "save_for_all_ranks", "enable_wandb")
CHECKPOINT = ("enable", "folder", "interval", "initial_load_path", "keep_latest_k", "async_mode")
LR_SCHEDULER = ("warmup_steps", "total_steps", "decay_ratio", "decay_type", "min_lr_factor")
PROFILING = ("enable_profiling", "save_traces_folder", "profile_freq", "enable_memory_snapshot")
AC = ("mode", "selective_ac_option", "early_stop", "preserve_rng_state", "determinism_check")
AC = (*AC, "debug")
AC_POLICY = ("preserve_rng_state", "determinism_check", "debug")
OPTIMIZER = ("name", "lr", "beta1", "beta2", "eps", "weight_decay")
TRAINER = (
    *("model_spec", "hf_assets_path", "dump_folder", "profiler", "metrics", "optimizer"),
    *("lr_scheduler", "training", "parallelism", "checkpoint", "activation_checkpoint"),
    *("compile", "comm", "debug", "tokenizer", "dataloader", "validator", "loss"),
)

# What became the only way, so that saying it means nothing any more.
NOW_ALWAYS: dict[str, object] = {
    "expert_tensor_parallel_degree": 1,
    "disable_loss_parallel": False,
    "context_parallel_rotate_method": "allgather",
}


class Record:
    """What a program did."""

    def __init__(self, age: Age, selective: str = "op", models: tuple[str, ...] = ()) -> None:
        self.age = age
        self.selective = selective
        self.models = models or tuple(FLAVORS)
        self.events: list[object] = []
        self.async_tp = False

    def __deepcopy__(self, memo: object) -> Record:
        return self

    def note(self, what: str, *values: object) -> None:
        """Write down an event with what the values mean now."""
        self.async_tp = False
        rendered = tuple(self.render(value) for value in values)
        self.events.append((what, *rendered, *(["async tp"] if self.async_tp else [])))

    def render(self, value: Any) -> object:
        """What a value means, whatever it is called."""
        if isinstance(value, type) and issubclass(value, _Thing):
            own = "" if "_stand_in" in vars(value) else value.__name__
            return ("class", own, value._meaning)
        if isinstance(value, _Thing):
            own = "" if "_stand_in" in vars(type(value)) else type(value).__name__
            if own:
                return (own, value._render(self))
            return value._render(self)
        if isinstance(value, dict):
            return {str(key): self.render(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set):
            return [self.render(item) for item in value]
        if isinstance(value, types.FunctionType) and hasattr(value, "_meaning"):
            return ("function", value._meaning)
        if value is None or isinstance(value, str | int | float | bool | bytes):
            return repr(value)
        return type(value).__name__ if not isinstance(value, type) else ("class", value.__name__)


class _Thing:
    """Something of torchtitan's."""

    __slots__ = ()
    _stand_in = True
    _meaning = ""

    def _render(self, record: Record) -> object:
        return self._meaning


class _Config(_Thing):
    """A config: keywords only, slots, no member that it does not declare."""

    __slots__ = ("_given",)
    _fields: tuple[str, ...] = ()

    def __init__(self, *args: object, **given: object) -> None:
        if args:
            raise DriftTypeError(
                f"{type(self).__qualname__}.__init__() takes 1 positional argument"
            )
        object.__setattr__(self, "_given", {})
        for name, value in given.items():
            if name not in self._fields:
                raise DriftTypeError(
                    f"{type(self).__qualname__}.__init__() got an unexpected keyword argument {name!r}"
                )
            setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name in type(self)._fields:
            return None  # The defaults are not told apart: no rewrite depends on them.
        raise DriftAttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: object) -> None:
        if name in type(self)._fields:
            self._given[name] = value
        elif not hasattr(type(self), name) and "_stand_in" in vars(type(self)):
            raise DriftAttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        object.__setattr__(self, name, value)

    def __copy__(self) -> Any:
        return self._copied(lambda value: value)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self._copied(lambda value: copy.deepcopy(value, memo))

    def _copied(self, copied: Callable[[Any], Any]) -> Any:
        made = type(self).__new__(type(self))
        object.__setattr__(made, "_given", {})
        for name, value in self._given.items():
            setattr(made, name, copied(value))
        return made

    def __delattr__(self, name: str) -> None:
        if name not in type(self)._fields and "_stand_in" in vars(type(self)):
            raise DriftAttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._given.pop(name, None)
        object.__delattr__(self, name)

    def _render(self, record: Record) -> object:
        given = {k: v for k, v in self._given.items() if NOW_ALWAYS.get(k, self) != v}
        if given.pop("enable_async_tensor_parallel", False):
            record.async_tp = True
        if given.get("spmd_backend") == "default":
            given["spmd_backend"] = "partial_dtensor"
        if "full_dtensor" in given:
            full = given.pop("full_dtensor")
            given["spmd_backend"] = "full_dtensor" if full else "partial_dtensor"
        if "profiling" in given:
            given["profiler"] = given.pop("profiling")
        return (self._meaning, {name: record.render(given[name]) for name in sorted(given)})


class _Checkpointing(_Config):
    """Activation checkpointing with a mode."""

    __slots__ = ()

    def _render(self, record: Record) -> object:
        mode = self._given.get("mode", "selective")
        if mode == "none":
            return record.render(None)
        option = self._given.get("selective_ac_option", record.selective)
        rest = {k: v for k, v in self._given.items() if k in AC_POLICY}
        return ("checkpointing", mode, option if mode == "selective" else "", sorted(rest.items()))


class _Policy(_Config):
    """A policy of activation checkpointing."""

    __slots__ = ()

    def _render(self, record: Record) -> object:
        selective = self._meaning == "selective"
        return (
            "checkpointing",
            self._meaning,
            "op" if selective else "",
            sorted(self._given.items()),
        )


class _Optimizer(_Config):
    """An optimizer of one group of parameters, and the one of several."""

    __slots__ = ()

    def _render(self, record: Record) -> object:
        groups: Any = self._given.get("param_groups")
        if record.age is Age.OLD:
            given = self._given
            beta1, beta2 = given.get("beta1", 0.9), given.get("beta2", 0.95)
            values = {"lr": given.get("lr", 8e-4), "betas": [beta1, beta2]}
            values |= {
                "eps": given.get("eps", 1e-8),
                "weight_decay": given.get("weight_decay", 0.1),
            }
            rendered: object = [[".*", given.get("name", "AdamW"), values]]
        elif groups is None:
            values = {"lr": 8e-4, "betas": [0.9, 0.95], "eps": 1e-8, "weight_decay": 0.1}
            rendered = [[".*", "AdamW", values]]
        else:
            rendered = [
                [g.pattern, g.optimizer_name, _listed(g.optimizer_kwargs or {})] for g in groups
            ]
        return ("OptimizersContainer", rendered, self._given.get("implementation", "fused"))


def _listed(values: dict[str, object]) -> dict[str, object]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


class _Attention(_Config):
    __slots__ = ()


class _Layer(_Config):
    __slots__ = ()


class _ModelConfig(_Config):
    """The config of a model."""

    __slots__ = ()

    def _backend(self) -> str:
        given = self._given
        if "layer" in given:
            backend = given["layer"].attention.attn_backend
        else:
            backends = {type(layer.attention.inner_attention)._meaning for layer in given["layers"]}
            backend = backends.pop() if len(backends) == 1 else f"mixed {sorted(backends)}"
        return DEFAULTS[given["_model"]] if backend == DEFAULT else backend

    def _render(self, record: Record) -> object:
        given = self._given
        layers = len(given["layers"])
        return ("model", given["_model"], given["_flavor"], self._backend(), given["dim"], layers)

    def build(self, **_: object) -> Any:
        """The model."""
        model = self._given["_class"](self)
        self._given["_record"].note("built", self)
        return model


class _Free(_Thing):
    """A class of torchtitan's whose instances take any attribute, and lack what was removed."""

    __slots__ = ("__dict__", "__weakref__")

    def __getattr__(self, name: str) -> Any:
        raise DriftAttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _made(base: type, name: str, meaning: str, fields: tuple[str, ...] = ()) -> Any:
    slots = tuple(fields) if issubclass(base, _Config) else ()
    return type(
        name,
        (base,),
        {"__slots__": slots, "_fields": fields, "_stand_in": True, "_meaning": meaning},
    )


def _owner(name: str, config: Any, base: type = _Free) -> Any:
    """A class that is made from its ``Config``."""
    made = type(name, (base,), {"_stand_in": True, "_meaning": name, "Config": config})
    config.__qualname__ = f"{name}.Config"
    return made


def _binder(name: str, order: tuple[str, ...], keyword: tuple[str, ...] = ()) -> Callable[..., Any]:
    """Takes arguments as a function with these parameters does, and gives those that were passed."""

    def bind(*args: object, **given: object) -> dict[str, object]:
        if len(args) > len(order):
            raise DriftTypeError(
                f"{name}() takes {len(order)} positional arguments but {len(args)} given"
            )
        bound = dict(zip(order, args, strict=False))
        for key, value in given.items():
            if key in bound or key not in (*order, *keyword):
                raise DriftTypeError(f"{name}() got an unexpected keyword argument {key!r}")
            bound[key] = value
        return bound

    return bind


def _function(
    record: Record, name: str, order: tuple[str, ...], keyword: tuple[str, ...] = ()
) -> Any:
    """A function that writes down how it is called."""
    bind = _binder(name, order, keyword)

    def function(*args: object, **given: object) -> object:
        record.note(name, bind(*args, **given))
        return f"<{name}>"

    function._meaning = name  # type: ignore[attr-defined]
    return function


def modules(record: Record) -> dict[str, types.ModuleType | None]:
    """Fresh modules of the torchtitan that a record stands for, by name."""
    if record.age is Age.ABSENT:
        return {"torchtitan": None}
    contents = _contents(record)
    made: dict[str, types.ModuleType | None] = {}
    for path in sorted({p for name in contents for p in _parents(name)}):
        module = types.ModuleType(path)
        module.__path__ = []
        vars(module).update(contents.get(path, {}))
        made[path] = module
        above, _, last = path.rpartition(".")
        if above:
            setattr(made[above], last, module)
    return made


def _parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        yield ".".join(parts[:end])


def _contents(record: Record) -> dict[str, dict[str, Any]]:
    """What each module has, by its name."""
    old = record.age is Age.OLD
    config: dict[str, Any] = {}
    more = ("enable_async_tensor_parallel", "expert_tensor_parallel_degree")
    more = (*more, "disable_loss_parallel", "context_parallel_rotate_method", "full_dtensor")
    config["ParallelismConfig"] = _made(
        _Config, "ParallelismConfig", "Parallelism", PARALLELISM + (more if old else ())
    )
    extra = () if old else ("enable_async_tensor_parallel",)
    config["CompileConfig"] = _made(_Config, "CompileConfig", "Compile", COMPILE + extra)
    extra = ("dataset", "dataset_path") if old else ("disable_cuda_graphs",)
    config["TrainingConfig"] = _made(_Config, "TrainingConfig", "Training", TRAINING + extra)
    config["CommConfig"] = _made(_Config, "CommConfig", "Comm", COMM)
    config["DebugConfig"] = _made(_Config, "DebugConfig", "Debug", DEBUG)
    config["override"] = _override(record, old)

    optimizer_config = _made(
        _Optimizer,
        "Config",
        "optimizer",
        ("implementation", *(OPTIMIZER if old else ("param_groups",))),
    )
    optimizers = _owner("OptimizersContainer", optimizer_config)
    schedulers = _owner(
        "LRSchedulersContainer", _made(_Config, "Config", "LRScheduler", LR_SCHEDULER)
    )
    metrics = _owner("MetricsProcessor", _made(_Config, "Config", "Metrics", METRICS))
    checkpoints = _owner("CheckpointManager", _made(_Config, "Config", "Checkpoint", CHECKPOINT))

    attention = _attention(record, old)
    base_model = _owner("BaseModel", _made(_Config, "Config", "BaseModel.Config"))
    trainer = _trainer(record, old)
    meshes = _made(_Free, "MeshAxisName", "MeshAxisName")
    linear = _made(_Free, "Linear", "Linear")
    rms_norm = _made(_Free, "RMSNorm", "RMSNorm")
    moe = _made(_Free, "MoE", "MoE")
    spec = _made(_Spec, "ModelSpec", "ModelSpec", ("name", "flavor", "model"))
    tokenizer = _tokenizer(record, old)

    found: dict[str, dict[str, Any]] = {
        "torchtitan.config": config,
        "torchtitan.components.optimizer": {"OptimizersContainer": optimizers},
        "torchtitan.components.metrics": {"MetricsProcessor": metrics},
        "torchtitan.components.checkpoint": {"CheckpointManager": checkpoints},
        "torchtitan.components.tokenizer": {"HuggingFaceTokenizer": tokenizer},
        "torchtitan.models.common.attention": attention,
        "torchtitan.models.common.moe": {"MoE": moe},
        "torchtitan.protocols.model": {"BaseModel": base_model},
        "torchtitan.protocols.model_spec": {"ModelSpec": spec},
        "torchtitan.trainer": {"Trainer": trainer},
        "torchtitan.train": {"Trainer": trainer},
    }
    for model in record.models:
        found |= _model(record, model, spec, attention)
    if old:
        checkpointing = _made(_Checkpointing, "ActivationCheckpointConfig", "checkpointing", AC)
        config["ActivationCheckpointConfig"] = checkpointing
        profiling = _made(_Config, "ProfilingConfig", "Profiling", PROFILING)
        found["torchtitan.config.job_config"] = {
            "Training": config["TrainingConfig"],
            "Parallelism": config["ParallelismConfig"],
            "Compile": config["CompileConfig"],
            "Comm": config["CommConfig"],
            "Debug": config["DebugConfig"],
            "ActivationCheckpoint": checkpointing,
            "Optimizer": optimizer_config,
            "LRScheduler": schedulers.Config,
            "Metrics": metrics.Config,
            "Checkpoint": checkpoints.Config,
            "Profiling": profiling,
        }
        found["torchtitan.components.lr_scheduler"] = {"LRSchedulersContainer": schedulers}
        found["torchtitan.tools.profiling"] = {"ProfilingConfig": profiling}
        found["torchtitan.models.attention"] = {
            name: value for name, value in attention.items() if name != "AttentionMasksType"
        }
        found["torchtitan.models.moe"] = {"MoE": moe}
        found["torchtitan.protocols.sharding"] = {"MeshDimName": meshes}
        found["torchtitan.models.common.linear"] = {"Linear": linear}
        found["torchtitan.models.common.rmsnorm"] = {"RMSNorm": rms_norm}
        found["torchtitan.protocols.model"]["AttentionMasksType"] = attention["AttentionMasksType"]
        found["torchtitan.protocols.train_spec"] = {
            "BaseModelArgs": base_model.Config,
            "ModelProtocol": base_model,
        }
    else:
        found["torchtitan.components.optimizer"] |= {
            "LRSchedulersContainer": schedulers,
            "ParamGroupConfig": _made(
                _Config,
                "ParamGroupConfig",
                "ParamGroup",
                ("pattern", "optimizer_name", "optimizer_kwargs"),
            ),
        }
        found["torchtitan.components.optimizer"]["default_adamw"] = _default_adamw(
            found["torchtitan.components.optimizer"]
        )
        found["torchtitan.components.checkpointer"] = {"CheckpointManager": checkpoints}
        found["torchtitan.distributed.activation_checkpoint"] = {
            "FullAC": _owner("FullAC", _made(_Policy, "Config", "full", AC_POLICY)),
            "SelectiveAC": _owner("SelectiveAC", _made(_Policy, "Config", "selective", AC_POLICY)),
        }
        profiler = _owner("Profiler", _made(_Config, "Config", "Profiling", PROFILING))
        found["torchtitan.tools.profiler"] = {"Profiler": profiler}
        found["torchtitan.distributed.parallel_dims"] = {"MeshAxisName": meshes}
        found["torchtitan.protocols.sharding"] = {}
        found["torchtitan.models.common.linear"] = {"Linear": linear}
        found["torchtitan.models.common.nn_modules"] = {"RMSNorm": rms_norm}
    return found


class _Spec(_Config):
    """A model with its flavor."""

    __slots__ = ()

    def _render(self, record: Record) -> object:
        return ("spec", *record.render(self._given["model"])[1:])  # type: ignore[index]


def _default_adamw(module: dict[str, Any]) -> Any:
    def default_adamw(lr: float = 8e-4, **given: object) -> Any:
        defaults = {"lr": lr, "betas": (0.9, 0.95), "eps": 1e-8, "weight_decay": 0.1}
        group = module["ParamGroupConfig"](
            pattern=r".*", optimizer_name="AdamW", optimizer_kwargs=defaults | given
        )
        return module["OptimizersContainer"].Config(param_groups=[group])

    default_adamw._meaning = "default_adamw"  # type: ignore[attr-defined]
    return default_adamw


def _override(record: Record, old: bool) -> Any:
    bind = _binder("override", ("name",) if old else (), ("target",))

    def override(*args: object, **given: object) -> Callable[[Any], Any]:
        bound = bind(*args, **given)

        def mark(function: Any) -> Any:
            record.note("override", bound.get("target"))
            return function

        return mark

    override._meaning = "override"  # type: ignore[attr-defined]
    return override


def _attention(record: Record, old: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "create_attention_mask": _function(
            record, "create_attention_mask", ("mask_mod", "B", "H", "Q_LEN", "KV_LEN")
        ),
        "get_causal_mask_mod": _function(record, "get_causal_mask_mod", ()),
        "AttentionMasksType": _made(_Free, "AttentionMasksType", "AttentionMasksType"),
        "VarlenMetadata": _made(_Free, "VarlenMetadata", "VarlenMetadata"),
    }
    if not old:
        for name, meaning in (("FlexAttention", "flex"), ("VarlenAttention", "varlen")):
            found[name] = _owner(name, _made(_Config, "Config", meaning))
    return found


def _tokenizer(record: Record, old: bool) -> Any:
    order = ("tokenizer_path",) if old else ("config",)
    bind = _binder("HuggingFaceTokenizer", order, () if old else ("tokenizer_path",))

    def make(self: Any, *args: object, **given: object) -> None:
        bound = bind(*args, **given)
        if not old and bound.get("config") is not None and not isinstance(bound["config"], _Config):
            raise DriftTypeError("HuggingFaceTokenizer takes a config")
        record.note("HuggingFaceTokenizer", bound)

    return type(
        "HuggingFaceTokenizer",
        (_Free,),
        {"_stand_in": True, "_meaning": "HuggingFaceTokenizer", "__init__": make},
    )


def _trainer(record: Record, old: bool) -> Any:
    fields = (*TRAINER, *(("profiling",) if old else ()))
    made = _owner("Trainer", _made(_Config, "Config", "Trainer.Config", fields))

    def start(self: Any, config: Any = None) -> None:
        record.note("Trainer", config)
        self.config = config
        self.num_pp_microbatches = 4
        spec = getattr(config, "model_spec", None)
        self.model_config = getattr(spec, "model", None)
        if old:
            self.job_config, self.model_args = config, self.model_config
            self.num_pipeline_parallel_microbatches = 4
            self.maybe_enable_amp = nullcontext()

    made.__init__ = start
    made.train_context = lambda self: nullcontext()
    return made


def _model(
    record: Record, model: str, spec_class: Any, attention: dict[str, Any]
) -> dict[str, Any]:
    """The package of a model and its modules."""
    old = record.age is Age.OLD
    flavors = FLAVORS[model]
    hidden = ("_model", "_flavor", "_class", "_record")
    fields = ("dim", "vocab_size", "layers", *(("layer", "n_layers") if old else ()))
    class_name = {"llama3": "Llama3Model", "qwen3": "Qwen3Model"}.get(model, "Model")
    inner = "attn_backend" if old else "inner_attention"
    attention_config = _made(_Attention, "Config", "attention", (inner, "n_heads"))
    layer_config = _made(_Layer, "Config", "layer", ("attention",))
    config_class = _made(_ModelConfig, "Config", f"{model} config", (*fields, *hidden))
    model_class = _owner(class_name, config_class)
    order = ("tokens", "attention_masks", "positions") if old else ("tokens", "positions")
    order = order if old else (*order, "attention_masks")
    bind = _binder("forward", order)

    def start(self: Any, config: Any = None) -> None:
        self.config = config

    def call(self: Any, *args: object, **given: object) -> object:
        return self.forward(*args, **given)

    def forward(self: Any, *args: object, **given: object) -> object:
        record.note("forward", dict(sorted(bind(*args, **given).items())))
        return "<logits>"

    model_class.__init__, model_class.__call__, model_class.forward = start, call, forward
    inner_classes = {
        name: attention[f"{name.capitalize()}Attention"].Config for name in BACKENDS if not old
    }

    def make(flavor: str, backend: str) -> Any:
        width, count = flavors[flavor]
        if not old:
            if not isinstance(backend, str) or backend not in inner_classes:
                known = "sdpa is no longer supported" if backend == "sdpa" else "Unknown backend"
                raise DriftValueError(f"{known}: {backend}")
        layers = [
            layer_config(
                attention=attention_config(**{inner: backend if old else inner_classes[backend]()})
            )
            for _ in range(1 if old else count)
        ]
        config = config_class(dim=width, vocab_size=2048)
        config.layers = layers * count if old else layers
        if old:
            config.layer, config.n_layers = layers[0], count
        config._model, config._flavor = model, flavor
        config._class, config._record = model_class, record
        return config

    registry_order = ("flavor", "attn_backend")
    if model == "gpt_oss":
        registry_order = ("flavor", "moe_comm_backend", "attn_backend")
    bind_registry = _binder(
        "model_registry", registry_order, ("quantization",) if old else ("converters",)
    )

    def model_registry(*args: object, **given: object) -> Any:
        bound = bind_registry(*args, **given)
        asked = flavor = bound["flavor"]
        backend = bound.get("attn_backend", DEFAULT)
        legacy = LEGACY_FLAVORS.get(model, {}) if old else {}
        if flavor in legacy:
            flavor, own = legacy[flavor]
            backend = backend if own == DEFAULT else own
        if flavor not in configs:
            raise DriftKeyError(flavor)
        if not old:
            made = configs[flavor](attn_backend=DEFAULTS[model] if backend == DEFAULT else backend)
        elif isinstance(configs, _Lazy) and configs.is_own(flavor):
            made = configs[flavor]
        else:
            made = make(flavor, backend)
        return spec_class(name=model, flavor=asked, model=made)

    model_registry._meaning = "model_registry"  # type: ignore[attr-defined]
    if old:
        renamed = LEGACY_FLAVORS.get(model, {})
        configs: dict[str, Any] = _Lazy(
            (*flavors, *renamed),
            lambda flavor: make(*renamed.get(flavor, (flavor, DEFAULT))),
        )
    else:
        configs = {flavor: _Factory(functools.partial(make, flavor)) for flavor in flavors}
    found: dict[str, dict[str, Any]] = {
        f"torchtitan.models.{model}": {
            "model_registry": model_registry,
            CONFIGS[model]: configs,
        }
    }
    if class_name != "Model":
        found[f"torchtitan.models.{model}"][class_name] = model_class
        found[f"torchtitan.models.{model}.model"] = {class_name: model_class}
    return found


class _Factory:
    """A function that makes a config."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        vars(self)["_make"] = make

    def __call__(self, attn_backend: str, **_: object) -> Any:
        return vars(self)["_make"](attn_backend)

    def __getattr__(self, name: str) -> Any:
        raise DriftAttributeError(f"'function' object has no attribute {name!r}")


class _Lazy(dict[str, Any]):
    """The configs of a model, each made when it is asked for."""

    def __init__(self, flavors: tuple[str, ...], make: Callable[[str], Any]) -> None:
        super().__init__(dict.fromkeys(flavors))
        self._make = make
        self._made: dict[str, Any] = {}

    def __getitem__(self, flavor: str) -> Any:
        if super().__getitem__(flavor) is None:
            self[flavor] = self._made[flavor] = self._make(flavor)
        return super().__getitem__(flavor)

    def is_own(self, flavor: str) -> bool:
        """Whether the program put an entry there itself."""
        entry = dict.get(self, flavor)
        return entry is not None and entry is not self._made.get(flavor)

    def items(self) -> Any:
        return [(flavor, self[flavor]) for flavor in self]

    def values(self) -> Any:
        return [self[flavor] for flavor in self]


@contextmanager
def installed(record: Record) -> Iterator[None]:
    """With the stand-in that a record stands for in the place of torchtitan."""
    names = [name for name in sys.modules if name.partition(".")[0] == "torchtitan"]
    kept = {name: sys.modules.pop(name) for name in names}
    made: dict[str, Any] = dict(modules(record))
    sys.modules.update(made)
    try:
        yield
    finally:
        for name in [n for n in sys.modules if n.partition(".")[0] == "torchtitan"]:
            del sys.modules[name]
        sys.modules.update(kept)
