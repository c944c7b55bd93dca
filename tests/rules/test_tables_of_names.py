"""Tables of modules and names in them, from which a loop imports."""

from __future__ import annotations

import pytest

from tests.rules.cases import found

HEAD = "import importlib\nfrom importlib import import_module\n"
PAIRS = (
    "[('torchtitan.models.llama3', 'model_registry'), ('torchtitan.models.llama3', 'llama3_args')]"
)
EACH = "getattr(import_module(module), name)"


def said(text: str) -> list[str]:
    """What is named as gone, by the rules on imports."""
    return [
        finding.said.split("`")[1]
        for code in ("TTN201", "TTN202")
        for finding in found(code, HEAD + text, "0.3.0", (code,))
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"T = {PAIRS}\nmade = [{EACH} for module, name in T]\n",
        f"made = {{name: {EACH} for module, name in {PAIRS}}}\n",
        f"for module, name in {PAIRS}:\n    print({EACH})\n",
        f"def load():\n    for module, name in {PAIRS}:\n        yield_(name, {EACH})\n",
        f"T = {PAIRS}\nfor module, name in T:\n    m = import_module(module)\n    print(getattr(m, name))\n",
        "T = {'torchtitan.models.llama3': 'llama3_args', 'os': 'path'}\n"
        f"made = [{EACH} for module, name in T.items()]\n",
        f"T = ({PAIRS[1:-1]}, ('mine', name_of()))\nmade = {{{EACH} for module, name in T}}\n",
        f"T = {PAIRS}\nmade = [getattr(importlib.import_module(name=m), n) for m, n in T]\n",
    ],
)
def test_a_name_that_its_module_lacks_is_missed(text: str) -> None:
    assert said(text) == ["torchtitan.models.llama3.llama3_args"]


def test_it_is_pointed_at_in_the_table_and_never_rewritten() -> None:
    text = f"{HEAD}T = {PAIRS}\nmade = [{EACH} for module, name in T]\n"
    (finding,) = found("TTN202", text, "0.3.0", ("TTN202",))
    assert (finding.span.start, finding.fix) == (text.index("'llama3_args'"), None)


@pytest.mark.parametrize(
    "text",
    [
        "made = [getattr(import_module(m), n) for m, n in [('torchtitan.models.llama3', 'model_registry')]]\n",
        f"T = {PAIRS}\nT.pop()\nmade = [{EACH} for module, name in T]\n",
        f"T = {PAIRS}\nT = other\nmade = [{EACH} for module, name in T]\n",
        f"made = [getattr(import_module(module), name, None) for module, name in {PAIRS}]\n",
        f"made = [{EACH} for module, name in {PAIRS} if module in names]\n",
        f"for module, name in {PAIRS}:\n    if hasattr(import_module(module), name):\n        print({EACH})\n",
        f"for module, name in {PAIRS}:\n    try:\n        print({EACH})\n    except AttributeError:\n        pass\n",
        f"for module, name in {PAIRS}:\n    print({EACH})\n    break\n",
        f"for name, module in {PAIRS}:\n    print({EACH})\n",
        f"for module, name in {PAIRS}:\n    name = mine(name)\n    print({EACH})\n",
        f"for module, name in {PAIRS}:\n    later.append(lambda: {EACH})\n",
        f"getattr = mine\nmade = [{EACH} for module, name in {PAIRS}]\n",
        f"import_module = mine\nmade = [{EACH} for module, name in {PAIRS}]\n",
        "import torchtitan.models.llama3 as llama3\nllama3.llama3_args = {}\n"
        f"made = [{EACH} for module, name in {PAIRS}]\n",
        "from contextlib import suppress\nwith suppress(AttributeError):\n"
        f"    made = [{EACH} for module, name in {PAIRS}]\n",
    ],
)
def test_a_table_that_is_asked_with_care_or_may_be_another_is_left_alone(text: str) -> None:
    assert said(text) == []
