"""What an adapter is, and the one for an engine that its own file offers."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

ATTENTION_PARAMETERS = ("attn_backend", "attn_type")
"""What a function's parameter is called that chooses the attention: torchtitan's name, and verl's."""

MOST_PARAMETERS = 1_000_000_000
"""A larger model is not made: it would be one to train, not one to check an engine with."""


class CannotMakeError(Exception):
    """An engine cannot be made here, which says nothing about it; the message says why."""


class Adapter:
    """Makes the engine that an entry names. Used in the engine's own process alone.

    Args:
        name: the function, class or variable of the engine's module.
        config: the function that makes only the engine's config, or "".
    """

    takes_attention = True
    """Whether the attention asked for could be handed on, known once something was made."""

    def __init__(self, name: str, config: str) -> None:
        self.name = name
        self.config = config

    def prepare(self) -> None:
        """Do what has to be done before the engine's module is imported.

        Raises:
            CannotMakeError: the engine cannot be made here.
        """

    def find(self, module: Any) -> Any:
        """What ``name`` names in the engine's module.

        Raises:
            AttributeError: there is none; the message says so.
        """
        return found(module, self.name)

    def make_config(self, module: Any, attn_type: str) -> Any:
        """Make the ``Trainer.Config`` alone; ``None`` where there is no way to.

        Args:
            module: the engine's module.
            attn_type: the attention asked for.

        Raises:
            CannotMakeError: as in :meth:`prepare`.
        """
        return found(module, self.config)(attn_type) if self.config else None

    def make_engine(self, module: Any, attn_type: str, device: str) -> Any:
        """Make the engine, see :class:`titan_lint.verify.protocol.Engine`.

        Args:
            module: the engine's module.
            attn_type: the attention asked for.
            device: "cpu" or "cuda".

        Raises:
            CannotMakeError: as in :meth:`prepare`.
        """
        return self.find(module)(attn_type, device)


def found(module: Any, name: str) -> Any:
    """A function, class or variable of a module.

    Raises:
        AttributeError: there is none; the message says so.
    """
    try:
        return getattr(module, name)
    except AttributeError:
        raise AttributeError(f"{module.__name__} has no function {name!r}") from None


def entry(path: str) -> Any:
    """What ``package.module:name`` names, its module imported."""
    module, _, name = path.partition(":")
    return found(importlib.import_module(module), name)


def call(function: Any, attn_type: str, **known: Any) -> tuple[Any, bool]:
    """Call a function with what of ``known`` it takes, and with the attention type if it takes that.

    Args:
        function: what to call.
        attn_type: the attention asked for.
        known: arguments by parameter.

    Returns:
        What it returns, and whether it took the attention type.

    Raises:
        CannotMakeError: it takes something else, and has no default for it.
    """
    parameters = inspect.signature(function).parameters
    attention = next((name for name in ATTENTION_PARAMETERS if name in parameters), "")
    arguments = {name: value for name, value in known.items() if name in parameters}
    if attention:
        arguments[attention] = attn_type
    missing = [
        name
        for name, parameter in parameters.items()
        if name not in arguments
        and parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if missing:
        raise CannotMakeError(
            f"{function.__name__}() takes {', '.join(missing)}, which verify cannot know: "
            "offer the engine with a function of your own"
        )
    return function(**arguments), bool(attention)


def check_model(model_config: Any, what: str) -> None:
    """Let be what is no decoder of tokens, or too large to check an engine with.

    Args:
        model_config: the config of the model.
        what: what it is the model of, for the message.

    Raises:
        CannotMakeError: it is not torchtitan's ``Decoder.Config``, or has more parameters than
            :data:`MOST_PARAMETERS`.
    """
    decoder: Any = importlib.import_module("torchtitan.models.common.decoder")
    if not isinstance(model_config, decoder.Decoder.Config):
        raise CannotMakeError(
            f"{what} is none of torchtitan's decoders: verify gives it tokens alone"
        )
    size = parameters(model_config)
    if size > MOST_PARAMETERS:
        raise CannotMakeError(
            f"{what} has {size / 1e9:.1f} billion parameters: offer a small one, such as debugmodel"
        )


def parameters(model_config: Any) -> int:
    """The number of elements in the parameters of a model."""
    torch: Any = importlib.import_module("torch")
    with torch.device("meta"):
        model = model_config.build()
    return sum(parameter.numel() for parameter in model.parameters())
