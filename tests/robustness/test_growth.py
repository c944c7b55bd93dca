"""Twice the code is about twice the work, or for some shapes up to four times the work."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable

CODES = tuple(rules.names())
TARGETS = targets.parse("0.3.0")
IMPORT = "from torchtitan.models.llama3 import model_registry\n"


def repeated(piece: str) -> Callable[[int], str]:
    """Many times the same code; ``{i}`` is its number and ``{p}`` the one before."""
    return lambda n: "".join(piece.format(i=i, p=i - 1) for i in range(1, n + 1))


SHAPES = {
    "several_calls_of_one_function": lambda n: (
        "def f(flavor):\n    return model_registry(flavor)\n" + "f('8B_flex')\n" * n
    ),
    "functions_that_call_the_one_before": lambda n: (
        "def f0(flavor):\n    return model_registry(flavor)\n"
        + repeated("def f{i}(x):\n    return f{p}(x) or f{p}(x)\n")(n)
        + f"f{n}('8B_flex')\n"
    ),
    "classes": repeated("class A{i}(B):\n    def f(self):\n        self.x = self.y.z\n"),
    "methods": lambda n: (
        "class A:\n" + repeated("    def f{i}(self):\n        self.x{i} = self.x{p}.y\n")(n)
    ),
    "one_global": repeated("def f{i}():\n    global a\n    a = f{i}(a)\n"),
    "chained_names": lambda n: (
        "a0 = model_registry\n" + repeated("a{i} = a{p}\n")(n) + f"a{n}('8B')\n"
    ),
    "overrides": lambda n: (
        "spec = model_registry('8B')\n"
        + repeated("spec.model.layers[{i}].attention.attn_backend = 'flex'\n")(n)
    ),
    "a_large_dictionary": lambda n: "D = {\n" + repeated("    'k{i}': f('v', a={i}),\n")(n) + "}\n",
    "appends": lambda n: "xs = []\n" + repeated("xs += [{i}]\nxs.append({i})\n")(n),
}
# Each finding may look through the file, each branch or function at all of its names, and each
# attribute at all of those before it in its path.
SQUARE = {
    "attempts": repeated("try:\n    import m{i}\nexcept ImportError:\n    m{i} = None\n"),
    "chained_attributes": lambda n: (
        "a0 = model_registry('8B')\n" + repeated("a{i} = a{p}.model\n")(n) + f"a{n}.x\n"
    ),
    "globals": repeated("def f{i}():\n    global a{i}\n    a{i} = a{p}()\n"),
    "branches": repeated("if c:\n    a{i} = a{p}\nelse:\n    a{i} = model_registry\n"),
    "imports_that_are_gone": repeated("from torchtitan.gone import b{i}\nb{i}()\n"),
    "registry_calls": repeated("s{i} = model_registry('8B')\n"),
    "registry_calls_with_a_setting": repeated(
        "def f{i}(config):\n    use(config.attn_type)\n    return model_registry('8B')\n"
    ),
    "suppressions": repeated("model_registry('8B')  # noqa: TTN101\n"),
}


def work(text: str) -> int:
    """How many calls of functions it takes to check a piece of code; no clock is so steady."""
    count = 0
    source = Source("x.py", text)
    # What is loaded, or worked out, once for all files does not count.
    lint(source, codes=CODES, targets=TARGETS, options=Options())

    def watch(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(watch)
    try:
        linted = lint(source, codes=CODES, targets=TARGETS, options=Options())
    finally:
        sys.setprofile(None)
    assert not linted.failures
    return count


@pytest.mark.parametrize("name", SHAPES)
def test_work_grows_with_the_code(name: str) -> None:
    small, large = (work(IMPORT + SHAPES[name](n)) for n in (100, 200))
    assert large < 2.5 * small


@pytest.mark.parametrize("name", SQUARE)
def test_nothing_costs_more_than_a_look_at_the_whole_file(name: str) -> None:
    small, large = (work(IMPORT + SQUARE[name](n)) for n in (40, 80))
    assert large < 4.2 * small
