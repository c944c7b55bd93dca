"""A choice that has its say in another file, which puts the attention into what a registry gives, is not missing here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import found_in

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "from torchtitan.models.llama3 import model_registry\nfrom swapping import swap\n\n\n"
SWAP = """\
from torchtitan.models.common.attention import VarlenAttention


def swap(model, attn_type="varlen"):
    for layer in model.layers:
        layer.attention.inner_attention = VarlenAttention.Config()
    return model
"""
NONE = "def swap(model, attn_type='varlen'):\n    print(model)\n    return model\n"
USED = """\
    return spec, get_attention_masks(cfg.attn_type)
"""
PUT = {
    "beside a setting of old": HEAD + "def build(cfg):\n    spec = model_registry('debugmodel')\n"
    "    if hasattr(spec.model, 'layer'):\n"
    "        spec.model.layer.attention.attn_backend = cfg.attn_type\n"
    "    else:\n        swap(spec.model, cfg.attn_type)\n" + USED,
    "around the call": HEAD
    + "def build(cfg):\n    spec = swap(model_registry('debugmodel').model, cfg.attn_type)\n"
    + USED,
    "behind it": HEAD
    + "def build(cfg):\n    spec = model_registry('debugmodel')\n    swap(spec.model, cfg.attn_type)\n"
    + USED,
    "without the choice": HEAD
    + "def build(cfg):\n    spec = model_registry('debugmodel')\n    model = spec.model\n"
    "    swap(model)\n" + USED,
    "by keyword": HEAD
    + "def build(cfg):\n    spec = model_registry('debugmodel')\n    swap(model=spec.model)\n"
    + USED,
    "by the module": HEAD.replace("from swapping import swap", "import swapping")
    + "def build(cfg):\n    spec = model_registry('debugmodel')\n    swapping.swap(spec.model)\n"
    + USED,
    "by another name": HEAD.replace("import swap", "import swap as adapt")
    + "def build(cfg):\n    spec = model_registry('debugmodel')\n    adapt(spec.model)\n"
    + USED,
    "of what an engine holds": HEAD + "class Engine:\n    def __init__(self, cfg):\n"
    "        self.spec = model_registry('debugmodel')\n        swap(self.spec.model)\n"
    "        self.masks = get_attention_masks(cfg.attn_type)\n",
    "through a function of the file": HEAD + "def adapt(spec):\n    swap(spec.model)\n\n\n"
    "def build(cfg):\n    spec = model_registry('debugmodel')\n    adapt(spec)\n" + USED,
}
MASKED = HEAD + (
    "def build(cfg):\n    spec = model_registry('debugmodel')\n    swap(spec.model)\n"
    "    from torchtitan.models.common.attention import create_varlen_metadata_for_document\n"
    "    return spec, create_varlen_metadata_for_document(cfg.batch, 0)\n"
)


def codes(folder: Path, files: dict[str, str]) -> set[str]:
    return {finding.code for finding in found_in(folder, files)}


@pytest.mark.parametrize("case", PUT)
def test_nothing_is_said_where_another_file_puts_the_attention_there(
    case: str, tmp_path: Path
) -> None:
    assert codes(tmp_path, {"main.py": PUT[case], "swapping.py": SWAP}) == set()


@pytest.mark.parametrize("case", PUT)
def test_a_choice_is_missing_where_the_other_file_puts_nothing_there(
    case: str, tmp_path: Path
) -> None:
    assert "TTN101" in codes(tmp_path, {"main.py": PUT[case], "swapping.py": NONE})


@pytest.mark.parametrize("case", PUT)
def test_nothing_is_said_where_a_third_file_puts_the_attention_there(
    case: str, tmp_path: Path
) -> None:
    handing = (
        "from really import put\n\n\ndef swap(model, attn_type=None):\n    return put(model)\n"
    )
    files = {
        "main.py": PUT[case],
        "swapping.py": handing,
        "really.py": SWAP.replace("def swap", "def put"),
    }
    assert codes(tmp_path, files) == set()


BUILT = HEAD.replace("from swapping import swap\n", "") + (
    "def build(cfg):\n    spec = model_registry('debugmodel')\n" + USED
)
CALLERS = {
    "a caller": SWAP
    + "\n\nfrom main import build\n\n\ndef run(cfg):\n    spec, masks = build(cfg)\n"
    "    swap(spec.model)\n",
    "a caller by the module": SWAP + "\n\nimport main\n\n\ndef run(cfg):\n"
    "    swap(main.build(cfg)[0].model)\n",
}


@pytest.mark.parametrize("case", CALLERS)
def test_nothing_is_said_where_a_caller_puts_the_attention_there(case: str, tmp_path: Path) -> None:
    assert codes(tmp_path, {"main.py": BUILT, "swapping.py": CALLERS[case]}) == set()


def test_nothing_is_said_where_what_the_other_file_makes_puts_it_there(tmp_path: Path) -> None:
    main = HEAD.replace("import swap", "import make_swap") + (
        "def build(cfg):\n    spec = model_registry('debugmodel')\n"
        "    swap = make_swap(cfg.attn_type)\n    swap(spec.model)\n" + USED
    )
    other = (
        SWAP.replace("def swap(model", "def put(model")
        + "\n\ndef make_swap(kind):\n    return {}\n"
    )
    assert codes(tmp_path, {"main.py": main, "swapping.py": other.format("put")}) == set()
    nothing = "def make_swap(kind):\n    return print\n"
    assert "TTN101" in codes(tmp_path, {"main.py": main, "swapping.py": nothing})


def test_masks_fit_what_another_file_puts_there(tmp_path: Path) -> None:
    assert "TTN104" in codes(tmp_path, {"main.py": MASKED, "swapping.py": NONE})
    assert "TTN104" not in codes(tmp_path, {"main.py": MASKED, "swapping.py": SWAP})


def test_a_file_that_has_nothing_to_do_with_it_says_nothing_of_a_choice(tmp_path: Path) -> None:
    other = SWAP.replace("def swap", "def other")
    assert "TTN101" in codes(
        tmp_path, {"main.py": PUT["behind it"], "swapping.py": NONE, "other.py": other}
    )
