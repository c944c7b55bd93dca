"""torchtitan's trainer, or a class derived from it, on batches of its caller's own.

The trainer is made from the config that its own function makes; of that config only what says where to run
is changed, and how long: one small batch, a schedule of :data:`STEPS` steps, no checkpoint, no data, no
tokenizer, no validation, no spreading over devices that are not there. Masks, forward, loss and the optimizer's step are the trainer's own methods.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import tempfile
from typing import TYPE_CHECKING, Any, cast

from titan_lint.verify.adapters import adapter
from titan_lint.verify.adapters.adapter import CannotMakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

SEQUENCE = 384
"""The tokens of a row: two documents of :data:`titan_lint.verify.job.DOCUMENT_LENGTHS`."""

STEPS, WARMUP_STEPS = 100, 2
"""How long the schedule of the learning rate is; a long warm-up would leave nothing to see."""


class Adapter(adapter.Adapter):
    """Makes a trainer: the class or the config function that ``name`` names.

    ``config`` names the function that makes the class's config, ``package.module:function``.
    """

    def make_config(self, module: Any, attn_type: str) -> Any:
        """See the base class."""
        subject = self.find(module)
        if not isinstance(subject, type):
            function = subject
        elif self.config:
            function = adapter.entry(self.config)
        else:
            return None
        config, self.takes_attention = adapter.call(function, attn_type)
        if getattr(config, "model_spec", None) is None:
            raise CannotMakeError(f"{function.__name__}() makes a config without a model_spec")
        if isinstance(subject, type):
            _check_takes(cast("Any", subject), config)
        return config

    def make_engine(self, module: Any, attn_type: str, device: str) -> Any:
        """See the base class."""
        config = self.make_config(module, attn_type)
        if config is None:
            raise CannotMakeError(
                f"no function of this tree makes a config of {self.name}: add one that returns "
                f"{self.name}.Config(...)"
            )
        adapter.check_model(config.model_spec.model, "the model of its config")
        _shrink(config)
        subject = self.find(module)
        return TrainerEngine(subject(config) if isinstance(subject, type) else config.build())


def _check_takes(trainer: Any, config: Any) -> None:
    """Let a class of trainers that is made in another way than torchtitan's be."""
    name = trainer.__name__
    if not isinstance(config, trainer.Config):
        raise CannotMakeError(f"no function of this tree makes a {name}.Config")
    needed = [
        parameter.name
        for parameter in inspect.signature(trainer).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if len(needed) != 1:
        raise CannotMakeError(f"{name}() takes {', '.join(needed)}, not a config alone")


class TrainerEngine:
    """A trainer as an engine; one row is one packed sequence."""

    def __init__(self, trainer: Any) -> None:
        if len(trainer.model_parts) != 1:
            raise CannotMakeError(
                "its model is in several parts, which verify does not put together"
            )
        self.trainer = trainer
        self.model = trainer.model_parts[0]
        settings = _settings(trainer.config)
        if settings:
            self.optimizers = trainer.optimizers
            self.optimizer_settings = settings
        self._losses: list[Any] = []
        forward_backward = trainer.forward_backward_step

        def recording(**arguments: Any) -> Any:
            loss = forward_backward(**arguments)
            self._losses.append(loss.detach().clone())
            return loss

        trainer.forward_backward_step = recording

    def _inputs(self, tokens: Any, positions: Any) -> tuple[Any, dict[str, Any]]:
        batch = {"input": tokens, "positions": positions}
        inputs, _, further = self.trainer.post_dataloading_process(batch, tokens)
        return inputs, further

    def attention_masks(self, positions: Any) -> Any:
        """See :class:`titan_lint.verify.protocol.Engine`."""
        return self._inputs(positions, positions)[1].get("attention_masks")

    def forward(self, tokens: Any, positions: Any) -> Any:
        """See :class:`titan_lint.verify.protocol.Engine`."""
        # A loss that is computed in chunks takes what comes before the last layer.
        skips = getattr(self.model, "_skip_lm_head", False)
        inputs, further = self._inputs(tokens, positions)
        if skips:
            self.model._skip_lm_head = False
        try:
            with self.trainer.train_context():
                return self.model(inputs, **further)
        finally:
            if skips:
                self.model._skip_lm_head = True

    def step(self, tokens: Any, positions: Any, labels: Any) -> float:
        """See :class:`titan_lint.verify.protocol.Engine`."""
        self._losses.clear()
        self.trainer.step += 1
        # A trainer counts labels on the CPU, where its loader leaves them, and moves each batch itself.
        batch = ({"input": tokens.cpu(), "positions": positions.cpu()}, labels.cpu())
        self.trainer.train_step(self.trainer.batch_generator([batch]))
        return float(sum(loss.item() for loss in self._losses))


def _shrink(config: Any) -> None:
    """Let a config run here, on batches that are handed over: see the module."""
    no_data, no_tokenizer = _nothing_to_read()
    changes: dict[str, dict[str, Any]] = {
        "training": {
            "steps": STEPS,
            "seq_len": SEQUENCE,
            "local_batch_size": _rows(),
            "global_batch_size": -1,
            "disable_cuda_graphs": True,
        },
        "parallelism": {
            "data_parallel_replicate_degree": 1,
            "data_parallel_shard_degree": -1,
            "tensor_parallel_degree": 1,
            "context_parallel_degree": 1,
            "pipeline_parallel_degree": 1,
            "expert_parallel_degree": 1,
        },
        "lr_scheduler": {"warmup_steps": WARMUP_STEPS},
        "checkpoint": {"enable": False},
        "validator": {"enable": False},
        "metrics": {"enable_tensorboard": False, "enable_wandb": False},
    }
    for section, values in changes.items():
        part = getattr(config, section, None)
        for name, value in values.items():
            if hasattr(part, name):
                setattr(part, name, value)
    config.dump_folder = tempfile.mkdtemp(prefix="titan-lint-trainer-")
    config.dataloader, config.tokenizer = no_data, no_tokenizer


def _rows() -> int:
    """Rows of a batch that is trained on; it is four on a GPU."""
    torch: Any = importlib.import_module("torch")
    return 4 if torch.cuda.is_available() else 1


def _nothing_to_read() -> tuple[Any, Any]:
    """Configs of a loader without data and of a tokenizer without words."""
    loaders: Any = importlib.import_module("torchtitan.components.dataloader")
    tokenizers: Any = importlib.import_module("torchtitan.components.tokenizer")
    loader, tokenizer = loaders.BaseDataLoader, tokenizers.BaseTokenizer

    def nothing(self: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        return iter(())

    def no_state(self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {}

    def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("batches hold token ids already")

    def keep_nothing(self: Any, config: Any = None, **kwargs: Any) -> None:
        pass

    def make(base: Any, **members: Any) -> Any:
        config = dataclasses.dataclass(kw_only=True, slots=True)(
            type("Config", (base.Config,), {"__annotations__": {}, "__module__": __name__})
        )
        return type(f"No{base.__name__}", (base,), {"Config": config, **members}).Config()

    return (
        make(
            loader,
            __init__=keep_nothing,
            __iter__=nothing,
            state_dict=no_state,
            load_state_dict=no_state,
        ),
        make(
            tokenizer,
            __init__=keep_nothing,
            encode=refuse,
            decode=refuse,
            get_vocab_size=refuse,
        ),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Settings:
    """See :class:`titan_lint.verify.protocol.OptimizerSettings`."""

    name: str
    lr: float
    betas: tuple[float, float]
    eps: float
    weight_decay: float


def _settings(config: Any) -> list[_Settings]:
    """What the only group of parameters was configured to be; empty where that is not said in full."""
    groups = getattr(config.optimizer, "param_groups", ())
    if len(groups) != 1:
        return []
    given = groups[0].optimizer_kwargs
    names = ("lr", "betas", "eps", "weight_decay")
    if any(name not in given for name in names):
        return []
    return [_Settings(groups[0].optimizer_name, **{name: given[name] for name in names})]
