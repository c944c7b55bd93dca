"""The version that code was written for, as its uses of torchtitan tell it."""

from __future__ import annotations

from titan_lint.code.source import Source
from titan_lint.uses.era import Era, of_source


def era(code: str) -> Era:
    return of_source(Source("case.py", code))


def test_version_is_inferred_from_what_resolves() -> None:
    found = era(
        "from torchtitan.components.loss import CrossEntropyLoss\n"
        "from torchtitan.components.optimizer import OptimizersContainer\n"
        "x = OptimizersContainer.Config(lr=1.0)\n"
    )
    assert (found.keys[0], found.keys[-1]) == ("main@786e26f8e", "main@74181b1e8")


def test_repeated_uses_are_asked_about_once() -> None:
    imports = "from torchtitan.config import ParallelismConfig\n"
    calls = [f"x{i} = ParallelismConfig(expert_tensor_parallel_degree={i})\n" for i in range(200)]
    many, one = era(imports + "".join(calls)), era(imports + calls[0])
    assert many.uses == one.uses
    assert many.keys == one.keys != ()
