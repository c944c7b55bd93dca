"""What a run of one engine showed: plain data that passes between processes as JSON.

The process that runs the engine fills an :class:`Observation` stage by stage and never judges;
:mod:`titan_lint.verify.checks` judges and never runs anything.
"""

from __future__ import annotations

import types
import typing
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Stage = Literal["import", "make", "layers", "masks", "forward", "documents", "reference", "train"]
"""The stages of a run, in order."""


@dataclass(slots=True)
class Failure:
    """An exception, or the end of the process, at some stage.

    Attributes:
        stage: where it happened.
        kind: class of the exception, or "timeout", "killed", "out of memory".
        message: its first line.
        tail: the last lines of the traceback or of the process's output.
    """

    stage: Stage
    kind: str
    message: str
    tail: str = ""

    def __str__(self) -> str:
        separator = " " if self.kind == "the process" else ": "
        return f"{self.kind}{separator}{self.message}" if self.message else self.kind


@dataclass(slots=True)
class Layers:
    """The attention found in a model.

    Attributes:
        expected: class that torchtitan builds for the attention asked for.
        found: how many layers have each class of attention.
        wrong: names of the attention modules that are not what was asked for.
        without_attention: how many layers have no attention.
        accepted_masks: class names of masks that each attention class takes; empty means any.
    """

    expected: str
    found: dict[str, int]
    wrong: list[str]
    without_attention: int
    accepted_masks: dict[str, list[str]]


CELLS = 48
"""Most cells along one side of a mask's picture."""

MASKS_SHOWN = 4
"""Most masks of one engine that are pictured."""


@dataclass(slots=True)
class MaskPicture:
    """A mask made small: queries down, keys across.

    Attributes:
        name: which of the engine's masks it is, "" where it builds only one.
        kind: class of the mask, "" for the one that is due.
        tokens: tokens along one side.
        cells: a string for each row of cells, at most :data:`CELLS` of as many digits: 0 where no
            pair is allowed, 9 where all are, between them by their share.
        beyond: pairs that it allows and the mask that is due does not: another document, or later.
        short: pairs that the mask that is due allows and it does not, as a window cuts off.
    """

    name: str
    kind: str
    tokens: int
    cells: list[str]
    beyond: int = 0
    short: int = 0


@dataclass(slots=True)
class Documents:
    """How two packed documents influenced each other's logits, as relative errors.

    Attributes:
        leak: largest change of one document's logits when the other's tokens changed.
        effect: smallest change of a document's logits when its own tokens changed; near zero
            would mean that the comparison shows nothing.
        order: largest change of a document's logits when the documents swapped places.
        unmasked: what ``leak`` would be if attention were causal and knew no documents; None where
            that could not be computed.
        influence: the change of each document's logits (column) when the tokens of one (row)
            changed; ``leak`` and ``effect`` are its largest and smallest of their kind.
    """

    leak: float
    effect: float
    order: float
    unmasked: float | None
    influence: list[list[float]] = field(default_factory=list[list[float]])


@dataclass(slots=True)
class Reference:
    """The engine's attention against the dense one, as relative errors.

    Attributes:
        attention: largest error of any layer's attention, given the same inputs.
        layer: the layer that has it.
        logits: error of the logits with all attention computed densely.
    """

    attention: float
    layer: str
    logits: float


@dataclass(slots=True)
class Same:
    """The engine before its rewrite against the one after, from equal seeds.

    Attributes:
        parameters: names of parameters and buffers that differ in any bit.
        attention_changed: whether the classes of attention differ, so that logits may too.
        logits_equal: whether the logits are equal in every bit; None where there are none to
            compare.
        logits_error: relative error of the logits after against before.
    """

    parameters: list[str]
    attention_changed: bool
    logits_equal: bool | None = None
    logits_error: float | None = None


@dataclass(slots=True)
class Group:
    """A parameter group as the optimizer holds it, or as it was configured.

    Attributes:
        name: class of the optimizer.
        lr: learning rate before any schedule.
        betas: running-average coefficients.
        eps: term added to the denominator.
        weight_decay: decoupled weight decay.
        parameters: number of elements in the group; 0 in a configured group.
    """

    name: str
    lr: float
    betas: tuple[float, float]
    eps: float
    weight_decay: float
    parameters: int = 0


@dataclass(slots=True)
class Training:
    """What steps on one fixed batch did.

    Attributes:
        losses: the loss of each step, before its update.
        bad_gradients: parameters whose gradient was not finite in some step.
        no_gradient: trainable parameters that never got a gradient.
        groups: the optimizer's groups, empty where the engine shows none.
        configured: the groups that were configured.
        trainable: number of trainable elements.
        tokens_per_second: throughput, median over the later half of the steps.
        peak_memory: most bytes of device memory allocated; 0 on the CPU.
    """

    losses: list[float]
    bad_gradients: list[str]
    no_gradient: list[str]
    groups: list[Group]
    configured: list[Group]
    trainable: int
    tokens_per_second: float
    peak_memory: int


@dataclass(slots=True)
class Observation:
    """Everything one process saw of one engine for one attention type.

    Attributes:
        attn_type: the attention asked for.
        stage: the stage last entered.
        done: whether the run came to its end.
        refused: why torchtitan does not offer this attention type here, else empty.
        not_made: why the engine cannot be made here, which says nothing about it, else empty.
        other_attention: which attention it has whatever is asked for, where it is not the one asked
            for, else empty.
        config_only: whether only the config was made, the engine needing another device.
        failure: the first thing that went wrong, if any.
        layers: the model's attention.
        masks: class names of the masks that the engine built.
        due: the mask that the packed documents call for; None where no batch was made.
        built: the masks that the engine built, as far as they can be written out; at most
            :data:`MASKS_SHOWN`.
        stand_ins: functions replaced because they cannot run on this device.
        parameters: sha256 of every parameter and buffer, by name.
        dtype: type of the logits.
        documents, same, reference, training: as their classes say.
        not_applicable: reason by stage for what could not be tried here.
        seconds: how long each stage took that was left.
    """

    attn_type: str
    stage: Stage = "import"
    done: bool = False
    refused: str = ""
    not_made: str = ""
    other_attention: str = ""
    config_only: bool = False
    failure: Failure | None = None
    layers: Layers | None = None
    masks: list[str] = field(default_factory=list[str])
    due: MaskPicture | None = None
    built: list[MaskPicture] = field(default_factory=list[MaskPicture])
    stand_ins: list[str] = field(default_factory=list[str])
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    dtype: str = ""
    documents: Documents | None = None
    same: Same | None = None
    reference: Reference | None = None
    training: Training | None = None
    not_applicable: dict[str, str] = field(default_factory=dict[str, str])
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    def to_json(self) -> dict[str, Any]:
        """The observation as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Observation:
        """The inverse of :meth:`to_json`."""
        return _build(cls, data)


def _build(kind: Any, data: Any) -> Any:
    """Rebuild a dataclass, and those inside it, from JSON values."""
    if data is None:
        return None
    if isinstance(kind, types.UnionType):
        (kind,) = [choice for choice in typing.get_args(kind) if choice is not types.NoneType]
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        make = typing.cast("Callable[..., Any]", kind)
        return make(**{f.name: _build(hints[f.name], data[f.name]) for f in fields(kind)})
    if typing.get_origin(kind) is list:
        (item,) = typing.get_args(kind)
        return [_build(item, value) for value in data]
    if typing.get_origin(kind) is tuple:
        return tuple(data)
    return data
