"""What a probe process is asked to do, as the file that it is started with."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT_LENGTHS = (160, 224)
"""Two documents of unlike length, each longer than the sliding windows of small models."""


TAIL_LINES = 12


@dataclass(slots=True)
class Job:
    """What a probe process is asked to do.

    Attributes:
        root: directory to import the engine from.
        module: dotted name of the engine's module.
        function: the function in it that makes the engine; what its adapter makes it from.
        config: the function that makes only its config, or "".
        adapter: the module of :mod:`titan_lint.verify.adapters` that makes the engine, or "".
        config_only: whether to stop at the config.
        attn_types: the attention types to make the engine for, in turn.
        device: "cpu" or "cuda".
        steps: how many training steps to take.
        seed: seed of every random generator.
        memory_limit: most bytes of memory that the process may allocate, 0 for no limit.
        output: file that takes the observations.
        keep: directory that takes the parameters' digests and the logits for a later comparison.
        compare: such a directory of an earlier run, or "".
    """

    root: str
    module: str
    function: str
    config: str
    adapter: str
    config_only: bool
    attn_types: list[str]
    device: str
    steps: int
    seed: int
    memory_limit: int
    output: str
    keep: str
    compare: str

    def save(self, path: Path) -> None:
        """Write the job for :func:`titan_lint.verify.probe.main` to read."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Job:
        """Read a job that :meth:`save` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))
