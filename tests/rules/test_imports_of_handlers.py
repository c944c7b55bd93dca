"""What only a removed handler used is not imported any more."""

from __future__ import annotations

import pytest

from tests.fixing import fix_text

PROGRAM = """\
{imported}
from torchtitan.models.llama3 import model_registry


def build(cfg):
    spec = model_registry(cfg.flavor)
    try:
        spec.model.layer.attention.attn_backend = cfg.attn_type
    except AttributeError:
        {said}
    return spec
"""

GONE = {
    "warnings": ("import warnings\n", 'warnings.warn("none")'),
    "logging": ("import logging\n", 'logging.warning("none")'),
    "by another name": ("import warnings as w\n", 'w.warn("none")'),
    "a function": ("from warnings import warn\n", 'warn("none")'),
    "torchtitan's logger": (
        "from torchtitan.tools.logging import logger\n",
        'logger.warning("none")',
    ),
}

KEPT = {
    "used elsewhere": (
        "import warnings\n\nwarnings.simplefilter('error')\n",
        'warnings.warn("none")',
    ),
    "exported": ('import warnings\n\n__all__ = ["warnings"]\n', 'warnings.warn("none")'),
    "in an annotation": (
        'import warnings\n\nSHOWN: "warnings.catch_warnings"\n',
        'warnings.warn("none")',
    ),
    "another library's": ("import loguru\n", 'loguru.logger.warning("none")'),
    "with a comment": ("import warnings  # for tests\n", 'warnings.warn("none")'),
    "on a shared line": ("import sys; import warnings\n\nsys.path\n", 'warnings.warn("none")'),
    "in a block": (
        "try:\n    import warnings\nexcept ImportError:\n    pass\n",
        'warnings.warn("none")',
    ),
    "a submodule": ("import logging.handlers\n", 'logging.warning("none")'),
}


def fixed(imported: str, said: str) -> str:
    text = PROGRAM.format(imported=imported, said=said)
    after = fix_text(text, unsafe=True).source.text
    assert "attn_backend=cfg.attn_type" in after
    assert "except AttributeError" not in after
    return after


@pytest.mark.parametrize("way", GONE)
def test_what_only_the_handler_used_is_no_longer_imported(way: str) -> None:
    imported, said = GONE[way]
    assert fixed(imported, said).startswith("from torchtitan.models.llama3 import model_registry\n")


def test_of_several_names_the_one_that_was_used_goes() -> None:
    after = fixed(
        "from warnings import catch_warnings, warn\n\nprint(catch_warnings)\n", 'warn("none")'
    )
    assert after.startswith("from warnings import catch_warnings\n\nprint(catch_warnings)\n")


@pytest.mark.parametrize("way", KEPT)
def test_what_may_be_used_otherwise_is_still_imported(way: str) -> None:
    imported, said = KEPT[way]
    assert fixed(imported, said).startswith(imported)


def test_what_the_moved_choice_needs_is_still_imported() -> None:
    text = PROGRAM.format(imported="import types\n", said="pass")
    text = text.replace("cfg.attn_type", "types.attn_type")
    after = fix_text(text, unsafe=True).source.text
    assert after.startswith("import types\n")
    assert "attn_backend=types.attn_type" in after


def test_what_a_guard_needs_is_still_imported() -> None:
    text = PROGRAM.format(imported="import inspect\n", said="pass")
    text = text.replace("except AttributeError", "except (AttributeError, inspect.EndOfBlock)")
    after = fix_text(text, unsafe=True, legacy_guard=True).source.text
    assert "attn_backend=cfg.attn_type" in after
    assert "import inspect\n" in after
