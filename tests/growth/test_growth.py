"""What a file costs grows with its size, and not with the square of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.growth.steps import growing_faster, steps
from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.fix import fix
from titan_lint.check.lint import lint
from titan_lint.check.suppress import suppress
from titan_lint.code.source import Source
from titan_lint.library import lint_paths
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable
    from pathlib import Path

CODES = [code for code in rules.names() if code != "TTN901"]
REGISTRY = "from torchtitan.models.llama3 import model_registry\n"
CLASS = f"{REGISTRY}class E:\n    def __init__(self, c):\n        self.c = c\n"
OVERRIDE = "spec.model.layer.attention.attn_backend = "

SHAPES: dict[str, Callable[[int], str]] = {
    "methods that read a setting": lambda n: (
        CLASS
        + "".join(
            f"    def f{i}(self):\n        return model_registry('8B'), self.c.attn_type\n"
            for i in range(n)
        )
    ),
    "calls of one function that reads settings": lambda n: (
        f"{REGISTRY}def f(c):\n" + "    x = model_registry('8B'), c.attn_type\n" * n
    ),
    "overrides of one config": lambda n: (
        f"{REGISTRY}def f(c):\n    spec = model_registry('8B')\n"
        + f"    {OVERRIDE}c.attn_type\n" * n
        + "    return spec\n"
    ),
    "methods that override": lambda n: (
        CLASS
        + "".join(
            f"    def f{i}(self):\n        spec = model_registry('8B')\n"
            f"        {OVERRIDE}self.c.attn_type\n        return spec\n"
            for i in range(n)
        )
    ),
    "legacy flavors in methods": lambda n: (
        CLASS
        + "".join(
            f"    def f{i}(self):\n        return model_registry('debugmodel_flex_attn')\n"
            for i in range(n)
        )
    ),
    "legacy flavors of a module": lambda n: (
        REGISTRY + "".join(f"s{i} = model_registry('debugmodel_flex_attn')\n" for i in range(n))
    ),
    "rows of a dictionary": lambda n: (
        f"{REGISTRY}T = {{\n"
        + "".join(f"    'k{i}': 'v{i}',\n" for i in range(n))
        + "}\nspec = model_registry(T['k1'])\n"
    ),
    "registry calls in a dictionary": lambda n: (
        f"{REGISTRY}T = {{\n"
        + "".join(f"    'k{i}': model_registry('8B'),\n" for i in range(n))
        + "}\n"
        + "".join(f"y{i} = T['k{i}'].model.layer.attention.attn_backend\n" for i in range(n))
    ),
    "calls with one fix": lambda n: (
        "from torchtitan.config import ParallelismConfig\n"
        + "".join(f"p{i} = ParallelismConfig(expert_tensor_parallel_degree=1)\n" for i in range(n))
    ),
    "guards that leave a block": lambda n: (
        f"import torchtitan\n{REGISTRY}def f(c):\n"
        + "    if c:\n        return None\n    x = model_registry('8B')\n" * n
    ),
}

FOUND: dict[str, Callable[[int], str]] = {
    "imports that move": lambda n: (
        "".join(
            f"from torchtitan.components.lr_scheduler import LRSchedulersContainer as L{i}\n"
            for i in range(n)
        )
        + f"x = [{', '.join(f'L{i}' for i in range(n))}]\n"
    ),
    "imports of moved and other modules": lambda n: (
        "".join(
            f"import a{i}\nfrom torchtitan.components.lr_scheduler import LRSchedulersContainer as L{i}\n"
            for i in range(n)
        )
        + f"x = [{', '.join(f'L{i}' for i in range(n))}]\n"
    ),
    "tests of one class": lambda n: (
        f"import unittest\n{REGISTRY}class TestE(unittest.TestCase):\n    pytestmark = []\n"
        + "".join(
            f"    def test_{i}(self):\n        self.spec = model_registry('8B')\n" for i in range(n)
        )
    ),
    "statements of a module": lambda n: (
        REGISTRY + "".join(f"a{i} = {i}\nx{i} = model_registry('8B')\n" for i in range(n))
    ),
    "names in strings": lambda n: (
        "".join(
            f"from torchtitan.components.lr_scheduler import LRSchedulersContainer as L{i}\n"
            for i in range(n)
        )
        + "".join(f"def f{i}(x: 'L{i}'): return 'some {i} L{i}'\n" for i in range(n))
    ),
    "modules that move": lambda n: "".join(
        f"import torchtitan.components.lr_scheduler as m{i}\n" for i in range(n)
    ),
    "names of modules that are gone": lambda n: (
        "from torchtitan.experiments.nowhere import a, b\n" * n
    ),
}
"""What only a check is held to."""


def check(text: str) -> Callable[[], object]:
    source, at = Source("engine.py", text), targets.parse("0.3.0")

    def work() -> object:
        found = lint(source, codes=CODES, targets=at, options=Options(), edits=False)
        assert not found.failures
        return suppress(source, found.findings, CODES)

    return work


def fix_all(text: str) -> Callable[[], object]:
    source, at = Source("engine.py", text), targets.parse("0.3.0")

    def work() -> object:
        fixed = fix(source, codes=CODES, targets=at, options=Options(), unsafe=True)
        assert fixed.refused is None
        return fixed

    return work


def total(count: Counter[str]) -> int:
    return sum(count.values())


# To fix a file is to check it, and then to check what becomes of it.
@pytest.mark.parametrize("work", [pytest.param(check, marks=pytest.mark.slow), fix_all])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_larger_file_costs_in_proportion(
    shape: str, work: Callable[[str], Callable[[], object]]
) -> None:
    # What is worked out of torchtitan is kept, and no part of what a file costs.
    work(SHAPES[shape](3))()
    # Beyond what is tried at most, such as sixteen forms of a choice.
    small, middle, large = (steps(work(SHAPES[shape](size))) for size in (17, 21, 25))
    # Equal where all of it is linear; 1.2 times as much where all is quadratic.
    assert total(large) - total(middle) <= 1.02 * (total(middle) - total(small)), {
        name: (small[name], middle[name], count)
        for name, count in large.items()
        if count - middle[name] > 1.1 * max(middle[name] - small[name], 0) + 40
    }


@pytest.mark.parametrize("shape", FOUND)
def test_what_is_found_costs_in_proportion(shape: str) -> None:
    check(FOUND[shape](3))()
    small, middle, large = (steps(check(FOUND[shape](30 * size))) for size in (1, 2, 4))
    assert total(large) - total(middle) <= 2.2 * (total(middle) - total(small)), growing_faster(
        small, middle, large
    )


def test_a_chain_of_classes_costs_in_proportion_though_each_has_a_file_of_its_own(
    tmp_path: Path,
) -> None:
    asked = ("config", "parallel_dims", "optimizers", "lr_schedulers", "loss_fn", "step", "device")
    body = "".join(f"        print(self.{name}.shape, self.{name})\n" for name in asked)

    def checked(count: int) -> Counter[str]:
        folder = tmp_path / str(count) / "plugin"
        folder.mkdir(parents=True)
        for i in range(count):
            base = f"plugin.m{i - 1} import C{i - 1}" if i else "torchtitan.trainer import Trainer"
            (folder / f"m{i}.py").write_text(
                f"from {base} as Base\nclass C{i}(Base):\n    def f{i}(self):\n{body}"
            )

        def work() -> object:
            run = lint_paths(folder, torchtitan=["0.3.0"], no_cache=True, jobs=1, isolated=True)
            assert run.checked == count
            return run

        return steps(work)

    checked(3)
    small, middle, large = (checked(10 * size) for size in (1, 2, 4))
    assert total(large) - total(middle) <= 2.2 * (total(middle) - total(small)), growing_faster(
        small, middle, large
    )
