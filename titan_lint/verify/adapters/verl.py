"""verl's engine on torchtitan, ``TorchTitanEngineWithLMHead``: a small model for it, its configs, its batches."""

from __future__ import annotations

import importlib
import importlib.util
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from titan_lint.verify.adapters import adapter, verl_stand_ins
from titan_lint.verify.adapters.adapter import CannotMakeError

if TYPE_CHECKING:
    from collections.abc import Mapping

NEEDS = ("omegaconf", "orjson", "tensordict", "transformers")
"""Packages, modules of the same name, that verl's engine uses; without them nothing of it can be run."""

STEPS = 20
"""How many steps the schedule of the learning rate is for."""

VOCABULARY = 2048

# What torchtitan 0.3.0 calls the debugmodel flavor of llama3, in Hugging Face's words.
LLAMA = {
    "vocab_size": VOCABULARY,
    "hidden_size": 256,
    "intermediate_size": 768,
    "num_hidden_layers": 6,
    "num_attention_heads": 16,
    "num_key_value_heads": 16,
    "max_position_embeddings": 131072,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": False,
    "initializer_range": 0.06,
    "rope_parameters": {
        "rope_type": "llama3",
        "rope_theta": 500000.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
}

# The same of the debugmodel_moe flavor of qwen3.
QWEN3_MOE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 256,
    "intermediate_size": 768,
    "moe_intermediate_size": 768,
    "num_hidden_layers": 8,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "num_experts": 64,
    "num_experts_per_tok": 8,
    "norm_topk_prob": True,
    "max_position_embeddings": 4096,
    "rms_norm_eps": 1e-6,
    "tie_word_embeddings": False,
    "initializer_range": 0.06,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0},
}

MODELS = {"llama": ("LlamaForCausalLM", LLAMA), "moe": ("Qwen3MoeForCausalLM", QWEN3_MOE)}


def make_model(path: Path, family: str) -> Any:
    """Write a small model with random weights as Hugging Face keeps it, tokenizer included.

    Args:
        path: the folder that takes it.
        family: one of :data:`MODELS`.

    Returns:
        transformers' own model with those weights, in float32 on the CPU.
    """
    tokenizers: Any = importlib.import_module("tokenizers")
    transformers: Any = importlib.import_module("transformers")

    name, settings = MODELS[family]
    model_class = getattr(transformers, name)
    model = model_class(model_class.config_class(**settings)).eval()
    model.save_pretrained(path)
    words = {"<s>": 0, "</s>": 1, "<unk>": 2}
    words |= {f"word{i}": i for i in range(len(words), VOCABULARY)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="<unk>"))
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="</s>",
    ).save_pretrained(path)
    return model


def make_engine(
    module: Any,
    path: Path,
    *,
    attn_type: str,
    steps: int,
    family: str = "llama",
    compiled: bool = False,
    parallel: Mapping[str, Any] | None = None,
    spmd_backend: str = "",
) -> tuple[Any, Any]:
    """Make verl's engine from verl's configs.

    Args:
        module: ``verl.workers.engine.torchtitan.transformer_impl``.
        path: the folder of the model.
        attn_type: the attention asked for.
        steps: how many steps the schedule is for.
        family: the model; one of :data:`MODELS`.
        compiled: whether with ``torch.compile``.
        parallel: what verl's config is given about several GPUs.
        spmd_backend: set past verl's config; empty where that decides.

    Returns:
        The engine, and the config of its optimizer.
    """
    configs: Any = importlib.import_module("verl.workers.config")
    checkpoint: Any = importlib.import_module("verl.trainer.config")
    if family == "moe":
        # verl tells flavors apart by width, layers and vocabulary alone, and takes the first.
        flavors: Any = importlib.import_module("torchtitan.models.qwen3").qwen3_configs
        for flavor in [name for name in flavors if name.startswith("debug") and "moe" not in name]:
            del flavors[flavor]
    optimizer = configs.TorchtitanOptimizerConfig(
        lr=2e-3, betas=(0.9, 0.95), weight_decay=0.05, eps=1e-7, total_training_steps=steps
    )
    engine_config = configs.TorchtitanEngineConfig(
        attn_type=attn_type,
        max_seq_len=512,
        use_torch_compile=compiled,
        use_dynamic_bsz=True,
        **(parallel or {}),
    )
    if spmd_backend:
        # verl checks the value against the names of its own torchtitan, then leaves it alone.
        object.__setattr__(engine_config, "spmd_backend", spmd_backend)
    engine = module.TorchTitanEngineWithLMHead(
        model_config=configs.HFModelConfig(path=str(path)),
        engine_config=engine_config,
        optimizer_config=optimizer,
        checkpoint_config=checkpoint.CheckpointConfig(),
    )
    return engine, optimizer


def make_batch(documents: list[Any]) -> Any:
    """Pack documents as verl's trainers do: nested tensors, one row a document."""
    torch: Any = importlib.import_module("torch")
    tensordict_utils: Any = importlib.import_module("verl.utils.tensordict_utils")

    def nested(rows: list[Any]) -> Any:
        return torch.nested.as_nested_tensor(rows, layout=torch.jagged)

    return tensordict_utils.get_tensordict(
        {
            "input_ids": nested([document.clone() for document in documents]),
            "position_ids": nested([torch.arange(len(document)) for document in documents]),
            # No document's end is asked for the first token of the next one.
            "loss_mask": nested([(torch.arange(len(d)) > 0).float() for d in documents]),
        },
        {
            "use_dynamic_bsz": True,
            "max_token_len_per_gpu": 512,
            "use_remove_padding": True,
            "temperature": 1.0,
        },
    )


class Logits:
    """Reads the logits and the masks that pass through the engine's own forward.

    Attributes:
        built: the masks that the engine built last.
        latest: the logits that came out last.
    """

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.built: Any = None
        self.latest: Any = None
        forward = engine.model_forward_step

        def recording(*, inputs: Any, extra_inputs: Any, extra_kwargs: Any) -> Any:
            self.built = extra_kwargs["attention_masks"]
            result = forward(inputs=inputs, extra_inputs=extra_inputs, extra_kwargs=extra_kwargs)
            # What comes after may change them in place.
            self.latest = result.detach().clone()
            return result

        engine.model_forward_step = recording

    @property
    def masks(self) -> list[str]:
        """Class names of the masks."""
        by_kind = hasattr(self.built, "values")
        masks = self.built.values() if by_kind else [self.built]
        return sorted({type(mask).__name__ for mask in masks})

    def of(self, documents: list[Any]) -> Any:
        """Logits of packed documents, ``(tokens, vocabulary)``."""
        self.engine.infer_batch(make_batch(documents))
        return self.latest[0]


class Adapter(adapter.Adapter):
    """Makes verl's engine for a small llama with random weights, saved as Hugging Face saves it."""

    def prepare(self) -> None:
        """Stand in for what verl imports beside its engine, see :mod:`verl_stand_ins`."""
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            raise CannotMakeError("verl's engine is made for one process here")
        absent = [name for name in NEEDS if importlib.util.find_spec(name) is None]
        if absent:
            raise CannotMakeError(
                f"verl's engine uses packages that are not installed: pip install {' '.join(absent)}"
            )
        verl_stand_ins.install()

    def make_config(self, module: Any, attn_type: str) -> Any:
        """The config that the engine makes, and hands over to torchtitan's trainer."""

        class Trainer(module.Trainer):
            """Stops where torchtitan's would begin, which needs CUDA."""

            def __init__(self, config: Any) -> None:
                raise _ConfigMade(config)

        kept, module.Trainer = module.Trainer, Trainer
        try:
            make_engine(module, _saved_model(), attn_type=attn_type, steps=STEPS)
        except _ConfigMade as made:
            return made.config
        finally:
            module.Trainer = kept
        return None

    def make_engine(self, module: Any, attn_type: str, device: str) -> Any:
        """See the base class."""
        engine, configured = make_engine(module, _saved_model(), attn_type=attn_type, steps=STEPS)
        engine.initialize()
        return VerlEngine(engine, configured)


class VerlEngine:
    """verl's engine as :class:`titan_lint.verify.protocol.Engine`, used through its own methods.

    Args:
        engine: verl's engine.
        configured: verl's config of its optimizer.
    """

    def __init__(self, engine: Any, configured: Any) -> None:
        self.engine = engine
        self.model = engine.module[0]
        self.optimizers = engine.optimizer
        self.optimizer_settings = configured
        self._logits = Logits(engine)
        losses: Any = importlib.import_module("verl.workers.utils.losses")
        self._loss = partial(losses.sft_loss, None)

    def attention_masks(self, positions: Any) -> Any:
        """The masks of a batch whose tokens say nothing."""
        self.forward(positions, positions)
        return self._logits.built

    def forward(self, tokens: Any, positions: Any) -> Any:
        """The logits of one packed row ``[1, length]``, which verl packs itself."""
        with self.engine.eval_mode():
            return self._logits.of(_documents(tokens, positions))[None]

    def step(self, tokens: Any, positions: Any, labels: Any) -> float:
        """One step; verl makes the labels from the tokens."""
        with self.engine.train_mode():
            result = self.engine.train_batch(
                make_batch(_documents(tokens, positions)), loss_function=self._loss
            )
            self.engine.lr_scheduler_step()
        return float(sum(result["loss"]))


class _ConfigMade(Exception):  # noqa: N818 - what was wanted
    def __init__(self, config: Any) -> None:
        self.config = config


def _documents(tokens: Any, positions: Any) -> list[Any]:
    """The documents of packed rows, each ``(length,)``, on the CPU, where verl's data comes from."""
    starts = (positions.flatten() == 0).nonzero().flatten().tolist()
    flat = tokens.flatten().cpu()
    return [flat[start:end] for start, end in zip(starts, [*starts[1:], len(flat)], strict=True)]


def _saved_model() -> Path:
    path = Path(tempfile.mkdtemp(prefix="titan-lint-verl-"))
    make_model(path, "llama")
    return path
