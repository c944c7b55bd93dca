"""What ``titan-lint verify --output-format json`` writes; ``scripts/schemas.py`` makes a JSON schema of it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from titan_lint.typeguards import is_list, is_table, is_tuple
from titan_lint.verify.checks import Figure, Outcome  # noqa: TC001 - the schema is made from annotations
from titan_lint.verify.observation import Failure, MaskPicture, Training  # noqa: TC001 - likewise

State = Literal["before", "after"]
"""An engine as it is, and as its rewrite leaves it."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What engines ran on.

    Attributes:
        python: Python's version.
        torch: Torch's version.
        torchtitan: torchtitan's version.
        device: the device's name.
        cuda: whether Torch can use CUDA there.
    """

    python: str
    torch: str
    torchtitan: str
    device: str
    cuda: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """How a check ended in one state.

    Attributes:
        outcome: how it ended.
        reason: what was seen, in a clause.
        figures: what was measured for it, each against its bound.
    """

    outcome: Outcome
    reason: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """One check, before and after the rewrite.

    Attributes:
        name: the check.
        before: how it ended before.
        after: how it ended after.
    """

    name: str
    before: Judged
    after: Judged


@dataclass(frozen=True, slots=True)
class Pictures:
    """The masks, and how documents influence each other.

    Attributes:
        due: the mask that the packed documents call for; null where no batch was made.
        built: the masks that the engine built, as far as they can be written out.
        influence: the change of each document's logits (column) when the tokens of one (row) changed, as
            relative errors.
    """

    due: MaskPicture | None
    built: list[MaskPicture]
    influence: list[list[float]]


@dataclass(frozen=True, slots=True)
class Verified:
    """One engine with one attention type.

    Attributes:
        engine: its name.
        path: its file, as given.
        attn_type: the attention asked for.
        rewritten: whether the rewrite changed anything in the engine's tree.
        checks: every check, in their order.
        pictures: by state, what can be drawn.
        training: by state, what steps on one fixed batch did; null where it was not trained.
        seconds: by state, how many seconds each stage took that was left.
        failure: by state, the first thing that went wrong; null where nothing did.
    """

    engine: str
    path: str
    attn_type: str
    rewritten: bool
    checks: list[Checked]
    pictures: dict[State, Pictures]
    training: dict[State, Training | None]
    seconds: dict[State, dict[str, float]]
    failure: dict[State, Failure | None]


@dataclass(frozen=True, slots=True)
class Document:
    """What engines do before and after their rewrite: `titan-lint verify --output-format json`.

    Attributes:
        version: The number of this form.
        device: What engines were made on, `cpu` or `cuda`.
        command: The command line that asked for it.
        date: When it began, in UTC, to the minute.
        environment: What engines ran on.
        runs: Every engine with every attention type. A figure in them that is no finite number is null.
        diffs: The unified diff of the rewrite, by tree.
    """

    version: Literal[1]
    device: str
    command: str
    date: str
    environment: Environment
    runs: list[Verified]
    diffs: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """The document as JSON values."""
        return _finite(asdict(self))


def _finite(value: object) -> Any:
    """The same values, with null for numbers that JSON has not."""
    if is_table(value):
        return {key: _finite(each) for key, each in value.items()}
    if is_list(value) or is_tuple(value):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
